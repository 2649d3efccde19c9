#!/usr/bin/python3
"""The aggregator tells intake whether it is in a hurry: intake is played here, what the aggregator says to it is read."""
import msgpack
import zmq

import aggregator_process
import intake_process

WAIT_MS = 20_000
JOURNAL = "00000000000000a1"
HEAD = JOURNAL + ".1.0.0000000000000000"


class PlayedIntake:
    """The stream's door of an intake that is not there."""

    def __init__(self, intake):
        self.socket = intake.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.curve_server = True
        self.socket.curve_secretkey = intake.pairs["intake"][1]
        (intake.folder / "run").mkdir(mode=0o700, exist_ok=True)
        self.socket.bind(f"ipc://{intake.folder}/run/stream.ipc")

    def hear(self):
        """(verb, payload) of what the aggregator says next; its questions are answered."""
        assert self.socket.poll(WAIT_MS), "the aggregator says nothing"
        peer, version, verb, correlation, payload = self.socket.recv_multipart()
        assert version == b"CX1", version
        answer = {b"open": b"opened", b"head": b"head"}.get(verb)
        if answer:
            content = {"position": HEAD} | ({"journal": JOURNAL} if verb == b"open" else {})
            self.socket.send_multipart([peer, version, answer, correlation, msgpack.packb(content)])
        return verb.decode(), msgpack.unpackb(payload)

    def paces(self, count):
        """What it says of its patience, `count` times and whatever comes behind that until it asks for a sign of life."""
        heard = []
        while True:
            verb, said = self.hear()
            if verb == "pace":
                heard.append(said["patient"])
            elif verb == "head" and len(heard) >= count:
                return heard


def main():
    intake = intake_process.Intake()
    played = PlayedIntake(intake)
    aggregator = aggregator_process.Aggregator(intake)
    try:
        aggregator.start(wait=False)
        verb, opened = played.hear()
        assert verb == "open" and opened["patient"] and opened["together"] and "side" not in opened, (verb, opened)
        listener = aggregator.listen("haining/xiashi")
        assert played.paces(1) == [False], "somebody listens: no patience"
        listener.subscribe("haining/xucun")
        listener.unsubscribe("haining/xiashi")
        listener.subscribe("haining/yanguan")
        listener.unsubscribe("haining/xucun")
        listener.unsubscribe("haining/yanguan")
        assert played.paces(1) == [True], "it is patient when the last topic has no listener, and not before"
        listener.subscribe("haining")
        assert played.paces(1) == [False]
        listener.close()
        assert played.paces(1) == [True], "a listener that went"
        assert aggregator.stop() == 0
    finally:
        aggregator.__exit__(None)
        played.socket.close()
        intake.__exit__(None)


if __name__ == "__main__":
    main()
