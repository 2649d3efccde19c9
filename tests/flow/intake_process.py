"""A chaoxun-intake of its own for a test, alone: keys made here, ipc endpoints, no supervisor.

    with intake_process.Intake() as intake:
        door = intake.door("operator")
        print(door.submit([intake_process.unit("haining", "海宁大队")]))

The journal is read here by other code than intake's: heads straight from SQLite, sides over the stream.
"""
import itertools
import os
import pathlib
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile

import msgpack
import zmq

import harness

SERVICES = ("intake", "aggregator", "archiver", "notifier", "portal", "operator")
WAIT_MS = 60_000


def unit(path, name, **body):
    return harness.event("unit.set", path, {"name": name, "kind": "squad"} | body)


def make_pair(folder, name):
    """A key pair as files; returns (public, secret) in Z85."""
    public, secret = zmq.curve_keypair()
    for suffix, key, mode in (("pub", public, 0o644), ("key", secret, 0o600)):
        path = folder / f"{name}.{suffix}"
        path.write_bytes(key + b"\n")
        path.chmod(mode)
    return public, secret


class Door:
    """A DEALER at one of intake's doors."""

    def __init__(self, context, endpoint, server, pair):
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.reconnect_ivl = 10  # ms; a service that is started is there after some more
        self.socket.sndhwm = self.socket.rcvhwm = 100_000
        self.socket.curve_serverkey = server
        self.socket.curve_publickey, self.socket.curve_secretkey = pair
        self.socket.connect(str(endpoint))
        self.numbers = itertools.count()

    def send(self, verb, payload, *delegate):
        """Sends one request; returns its correlation."""
        correlation = str(next(self.numbers)).encode()
        self.socket.send_multipart([b"CX1", verb.encode(), correlation, payload, *delegate])
        return correlation

    def receive(self, wait_ms=WAIT_MS):
        """(correlation, verb, payload) of the next answer; None when there is none."""
        if not self.socket.poll(wait_ms):
            return None
        version, verb, correlation, payload = self.socket.recv_multipart()
        assert version == b"CX1", version
        return correlation, verb.decode(), msgpack.unpackb(payload, strict_map_key=False)

    def ask(self, verb, payload, *delegate, wait_ms=WAIT_MS):
        """(verb, payload) of the answer to one request."""
        correlation = self.send(verb, payload, *delegate)
        while True:
            answer = self.receive(wait_ms)
            assert answer is not None, f"no answer to {verb}"
            if answer[0] == correlation:
                return answer[1:]

    def submit(self, events, *delegate):
        """The receipts of a frame."""
        verb, answer = self.ask("submit", msgpack.packb(events), *delegate)
        assert verb == "receipts", (verb, answer)
        return answer["receipts"]

    def store(self, events):
        """Submits and insists that all of it is stored; returns the last receipt."""
        receipts = self.submit(events)
        assert all(receipt["status"] == "stored" for receipt in receipts), receipts
        return receipts[-1]

    def error(self, payload, verb="submit", delegate=()):
        """The code of the error that a request gets."""
        verb, answer = self.ask(verb, payload, *delegate)
        assert verb == "error", (verb, answer)
        assert answer["text"] and answer["text_zh"], answer
        return answer["code"]


class Intake:
    """A running chaoxun-intake in a directory of its own."""

    binary = "chaoxun-intake"

    def __init__(self, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cxi-"))
        self.keys = self.folder / "keys"
        self.keys.mkdir(mode=0o700)
        self.pairs = {name: make_pair(self.keys, name) for name in SERVICES}
        side = self.keys / "side.key"
        side.write_text(secrets.token_hex(32) + "\n")
        side.chmod(0o600)
        self.submit_endpoint = f"ipc://{self.folder}/submit.ipc"
        self.settings = settings
        # What the sanitizer keeps of freed memory is not the service's.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"
        self.environment = os.environ | {"ASAN_OPTIONS": sanitizer}
        self.context = zmq.Context()
        self.process = None
        self.log = self.folder / "log"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        if kind:
            print(self.log.read_text(errors="replace")[-3000:], flush=True)
        self.context.destroy(linger=0)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- life ----

    def start(self, wait=True):
        options = {"data": self.folder, "endpoint.submit": self.submit_endpoint} | self.settings
        command = [harness.BIN / self.binary, *(f"--{name.replace('_', '-')}={value}"
                                                     for name, value in options.items())]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stderr=log)
        if wait:
            door = self.door("operator")
            assert door.ask("head", harness.NIL)[0] == "head"
            door.socket.close()

    def stop(self, how=signal.SIGTERM):
        """Its exit status."""
        self.process.send_signal(how)
        return self.process.wait(20)

    def restart(self, how=signal.SIGTERM):
        status = self.stop(how)
        self.start()
        return status

    def memory(self):
        """Resident memory in bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    # ---- doors ----

    def _open(self, endpoint, who):
        pair = self.pairs[who] if isinstance(who, str) else who
        return Door(self.context, endpoint, self.pairs["intake"][0], pair)

    def door(self, who):
        """The submit door for a service's name or a pair of keys."""
        return self._open(self.submit_endpoint, who)

    def control(self):
        return self._open(f"ipc://{self.folder}/run/control.intake.ipc", "operator")

    def register(self, name, path, role, pair=None):
        """Registers a client; returns its pair."""
        pair = pair or zmq.curve_keypair()
        body = {"client": name, "key": pair[0].decode(), "role": role}
        self.door("operator").store([harness.event("client.set", path, body)])
        return pair

    def follower(self, who):
        """A door at which a stream of heads was opened."""
        door = self._open(f"ipc://{self.folder}/run/stream.ipc", who)
        verb, _ = door.ask("open", msgpack.packb({"position": "", "credit": 1024}))
        assert verb == "opened", verb
        return door

    def stream(self, who="operator", side=True, position=""):
        """All blocks from a position up to the head, or the code of the error."""
        door = self._open(f"ipc://{self.folder}/run/stream.ipc", who)
        opening = {"position": position, "credit": 1024, "side": side}
        verb, answer = door.ask("open", msgpack.packb(opening))
        if verb == "error":
            return answer["code"]
        head = int(answer["position"].split(".")[2])
        reached = int(position.split(".")[2]) if position else 0
        blocks = []
        while reached < head:
            _, verb, block = door.receive()
            assert verb == "block", (verb, block)
            blocks.append(block)
            reached = block["first"] + block["count"] - 1
            door.send("credit", msgpack.packb({"credit": 1}))
        door.socket.close()
        return blocks

    def sides(self):
        """Side by seq, of events that have one, as a reader with the right sees them."""
        found = {}
        for block in self.stream():
            entries = msgpack.unpackb(block["side"]) if "side" in block else []
            found |= {block["first"] + i: entry[1] for i, entry in enumerate(entries) if entry}
        return found

    # ---- the journal, read from its file ----

    def settle(self):
        """Has everything in journal.db that so far only journal.log may hold: intake moves it before it verifies."""
        if self.process and self.process.poll() is None:
            door = self.control()
            verb, answer = door.ask("verify", harness.NIL)
            assert verb == "verify", (verb, answer)
            door.socket.close()

    def heads(self):
        """All event heads, in order."""
        self.settle()
        connection = sqlite3.connect(f"file:{self.folder}/intake/journal.db?mode=ro", uri=True)
        found = []
        for (head,) in connection.execute("SELECT bytes FROM head ORDER BY first"):
            unpacker = msgpack.Unpacker(strict_map_key=False)
            unpacker.feed(head)
            found.extend(unpacker)
        connection.close()
        return found

    def files_with(self, *needles):
        """Files of data, state and log that hold one of the byte strings."""
        return [path for path in sorted(self.folder.rglob("*")) if path.is_file()
                and any(needle in path.read_bytes() for needle in needles)]
