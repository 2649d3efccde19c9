#!/usr/bin/python3
"""Many clients in one process, which a test starts and kills: each connects, all at once, and wants one thing.

    storm.py submit ENDPOINT SERVER PUBLIC SECRET COUNT SEED    # hands in a report, the same ones for the same seed
    storm.py live ENDPOINT SERVER PUBLIC SECRET COUNT SEED      # waits for a change

Prints "stored COUNT" or "heard COUNT" as it goes on; then it stays connected until it is killed.
"""
import pathlib
import random
import resource
import signal
import sys
import time

import msgpack
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness

AT = 1_790_000_000_000
POLL_MS = 200
PATIENCE_SECONDS = 10  # of silence, then a client sends again: its connection may have gone with the receipt


def report(seed, number):
    """The report of one client; with its time, so that it is the same when it is sent again."""
    return harness.report("haining/xiashi") | {"id": identity(seed, number), "at": AT}


def identity(seed, number):
    noise = bytearray(random.Random(f"{seed} {number}").randbytes(16))
    noise[0:6] = AT.to_bytes(6, "big")
    noise[6] = 0x70 | noise[6] & 0x0F
    noise[8] = 0x80 | noise[8] & 0x3F
    return bytes(noise)


def say(*words):
    print(*words, flush=True)


class Storm:
    def __init__(self, kind, endpoint, server, public, secret, count, seed):
        self.submits = kind == "submit"
        self.seed = seed
        self.context = zmq.Context()
        self.context.max_sockets = int(count) + 10
        self.poller = zmq.Poller()
        self.numbers = {}
        self.sent = {}
        for number in range(int(count)):
            made = self.context.socket(zmq.DEALER if self.submits else zmq.SUB)
            made.linger = 0
            made.curve_serverkey, made.curve_publickey, made.curve_secretkey = (word.encode() for word in
                                                                                (server, public, secret))
            if not self.submits:
                made.subscribe("")
            made.connect(endpoint)
            self.numbers[made] = number
            self.poller.register(made, zmq.POLLIN)
            if self.submits:
                self.send(made)

    def send(self, made):
        self.sent[made] = time.monotonic()
        made.send_multipart([b"CX1", b"submit", b"x", msgpack.packb([report(self.seed, self.numbers[made])])])

    def run(self):
        reached = 0
        while self.numbers:
            for made, _ in self.poller.poll(POLL_MS):
                if self.is_over(made, made.recv_multipart()):
                    self.poller.unregister(made)
                    del self.numbers[made]
                    reached += 1
            self.send_again()
            say("stored" if self.submits else "heard", reached)
        signal.pause()

    def send_again(self):
        late = time.monotonic() - PATIENCE_SECONDS
        for made in [made for made in self.numbers if self.sent.get(made, late + 1) < late]:
            self.send(made)

    def is_over(self, made, frames):
        if not self.submits:
            return True
        answer = msgpack.unpackb(frames[3])
        status = answer["receipts"][0]["status"] if frames[1] == b"receipts" else answer["code"]
        if status == "busy":
            self.send(made)
            return False
        assert status in ("stored", "duplicate"), answer
        return True


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Storm(*sys.argv[1:]).run()
