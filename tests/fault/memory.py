"""What clients were told: every event that was sent, by its id, and what its receipts said; any thread may write here.

What got no receipt may be in the journal or not. What it may never be is half, another content under the same id, or
twice; and a receipt may never say something else than an earlier one.
"""
import collections
import threading

OF_INTAKE = ("seq", "received_at", "source", "side_hash", "warnings")  # what intake adds to the head of an event


def count_faults(acknowledged, found, where="the journal"):
    """What is not there once: ids that were acknowledged, and the ids of all that was found."""
    counts = collections.Counter(found)
    return ([f"{where}: {identity.hex()} was acknowledged and is lost" for identity in acknowledged if identity not in counts] +
            [f"{where}: {identity.hex()} is there {count} times" for identity, count in counts.items() if count > 1])


def content(event):
    """The event as its client meant it."""
    return {name: value for name, value in event.items() if name not in OF_INTAKE}


class Memory:
    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}          # id to (content, source) of what may be stored
        self.stored = {}        # id to seq
        self.refused = {}       # id to the codes of what must not be stored
        self.counts = collections.Counter()
        self.faults = []

    def send(self, event, source, meant):
        """Before an event is sent; `meant`: good, conflict (its id is taken by other content) or wrong."""
        with self.lock:
            if meant == "good":
                first = self.sent.setdefault(event["id"], (content(event), source))
                assert first == (content(event), source), "a client sent other content as if it were the same"

    def receive(self, event, receipt, meant):
        """A receipt for it; gives its status."""
        status = receipt["status"]
        with self.lock:
            self.counts[status] += 1
            if receipt.get("id", event.get("id")) != event.get("id"):
                self.faults.append(f"a receipt for {receipt['id'].hex()} instead of {event['id'].hex()}")
            elif status in ("stored", "duplicate"):
                self._take_stored(event, receipt, meant)
            elif status in ("rejected", "conflict"):
                self._take_refused(event, receipt, meant)
        return status

    def _take_stored(self, event, receipt, meant):
        identity, seq = event["id"], receipt["seq"]
        if meant != "good":
            self.faults.append(f"{meant}, and yet {receipt['status']} at {seq}: {event}")
        elif self.stored.setdefault(identity, seq) != seq:
            self.faults.append(f"{identity.hex()} is {receipt['status']} at {seq}, and was stored at {self.stored[identity]}")
        elif int(receipt["position"].split(".")[2]) < seq:
            self.faults.append(f"{identity.hex()} stands at {seq}, behind the position {receipt['position']} that holds it")

    def _take_refused(self, event, receipt, meant):
        codes = [fault["code"] for fault in receipt.get("faults", [])]
        if receipt["status"] == "conflict":
            if meant != "conflict":
                self.faults.append(f"a conflict, and nothing else was sent with this id: {event}")
        elif meant == "wrong" or (meant == "good" and codes == ["already"]):  # withdrawn by what overtook it
            self.refused[event["id"]] = codes
        else:
            self.faults.append(f"{meant}, and yet rejected for {codes}: {event}")
