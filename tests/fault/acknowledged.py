"""Clients that remember what intake acknowledged, and what of it must be found again.

    with acknowledged.Clients(intake, seed) as clients:
        clients.wait(100)
    ...                                     # whatever happened to intake meanwhile
    faults = clients.faults()               # asks intake, which runs again; empty: nothing lost, twice or changed
"""
import collections
import contextlib
import random
import threading

import msgpack

import harness
import memory
from notifier_process import SQUADS

TITLES = ("河道清理", "文明停车劝导", "垃圾分类宣传", "沈𠮷家门口的环境整治")
PATIENCE_MS = 200  # until a client that got no answer looks whether it is to stop, and sends anew
PAUSE_MS = 100     # at most, where a client is told to wait
FRAME_MOST = 6


def differs(sent, stored, side):
    """What of an event is not as it was sent."""
    wrong = [name for name in ("type", "unit", "at", "body") if stored.get(name) != sent[name]]
    return wrong + (["side"] if side != sent.get("side") else [])


class Clients:
    """Some clients, each a thread, that send frames of reports as fast as they are answered."""

    def __init__(self, intake, seed, count=3):
        self.intake = intake
        self.random = random.Random(seed)
        self.acknowledged = {}  # events by id
        self.unanswered = {}    # sent, and no receipt came: they are there or are not
        self.statuses = collections.Counter()
        self.changed = threading.Condition()
        self.stopping = threading.Event()
        self.count = count
        self.pace = 0  # seconds between the frames of a client
        self.threads = []
        self.broken = []        # what went wrong with a client itself

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- load ----

    def start(self):
        self.stopping.clear()
        self.threads = [threading.Thread(target=self._run, args=(self.random.random(),)) for _ in range(self.count)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert not self.broken, self.broken

    def _run(self, seed):
        chance = random.Random(seed)
        door = self.intake.door("operator")
        waiting = None
        try:
            while not self.stopping.is_set():
                frame = [self.report(chance) for _ in range(chance.randint(1, FRAME_MOST))]
                waiting = {event["id"]: event for event in frame}
                while not self.stopping.is_set() and waiting:
                    self._send(door, waiting)
                if self.pace:
                    self.stopping.wait(self.pace)
        except Exception as error:  # the thread's; stop() hands it on
            self.broken.append(repr(error))
        finally:
            with self.changed:
                self.unanswered |= waiting or {}
            door.socket.close()

    @staticmethod
    def report(chance):
        side = {"title": chance.choice(TITLES), "narrative": "清运垃圾" * chance.randint(1, 60)}
        body = {"attendances": chance.randint(1, 90), "number": f"N{chance.getrandbits(60):x}"}
        return harness.report(chance.choice(tuple(SQUADS)), side, **body)

    def _send(self, door, waiting):
        """Sends a frame, again where nobody answered; takes out of `waiting` what came to its end."""
        door.send("submit", msgpack.packb(list(waiting.values())))
        answer = door.receive(PATIENCE_MS)
        with self.changed:
            if not answer:
                self.statuses["none"] += 1
                waits = []
            elif answer[1] == "receipts":
                waits = [self._take(receipt, waiting) for receipt in answer[2]["receipts"]]
            else:
                self.statuses[f"{answer[1]} {answer[2]['code']}"] += 1
                waits = [True]
            self.changed.notify_all()
        if any(waits):
            self.stopping.wait(PAUSE_MS / 1000)

    def _take(self, receipt, waiting):
        """Notes a receipt; whether it asks for a pause."""
        status = receipt["status"]
        assert status in ("stored", "duplicate", "busy"), receipt
        self.statuses[status] += 1
        if status != "busy" and receipt["id"] in waiting:
            self.acknowledged[receipt["id"]] = waiting.pop(receipt["id"])
        return status == "busy"

    def wait(self, more, status="stored", seconds=60):
        """Until so many more receipts of a status came."""
        with self.changed:
            wanted = self.statuses[status] + more
            if not self.changed.wait_for(lambda: self.statuses[status] >= wanted, seconds):
                raise TimeoutError(f"no {more} times {status} within {seconds} s: {dict(self.statuses)}")

    def stopped(self):
        """How many are stored once only busy is answered: receipts of before may still be on their way to some client."""
        for _ in range(5):
            stored = self.statuses["stored"]
            self.wait(5, "busy")
            if self.statuses["stored"] == stored:
                return stored
        raise AssertionError("something is stored without room")

    # ---- what must be found ----

    def repeat(self):
        """Sends again what got no receipt, as clients do: each must be stored, now or before."""
        if not self.unanswered:
            return []
        door = self.intake.door("operator")
        with contextlib.closing(door.socket):
            receipts = door.submit(list(self.unanswered.values()))
        faults = [f"{receipt} for an event that is sent again" for receipt in receipts
                  if receipt["status"] not in ("stored", "duplicate")]
        self.acknowledged |= self.unanswered
        self.unanswered = {}
        return faults

    def faults(self):
        """What does not fit in the journal, as intake gives it; it is asked to verify itself too."""
        control = self.intake.control()
        with contextlib.closing(control.socket):
            verb, verdict = control.ask("verify", harness.NIL)
        if verb != "verify" or not verdict["ok"]:
            return [f"verify: {verdict}"]
        return self.event_faults(events(self.intake)) + self.repeat()

    def event_faults(self, found):
        """The same over (head, side) of all events that were found."""
        by_id = {head["id"]: (head, side) for head, side in found}
        faults = memory.count_faults(self.acknowledged, [head["id"] for head, _ in found])
        for identity in self.acknowledged.keys() & by_id.keys():
            if wrong := differs(self.acknowledged[identity], *by_id[identity]):
                faults.append(f"{identity.hex()} is stored with another {wrong}")
        for identity in self.unanswered.keys() & by_id.keys():
            if wrong := differs(self.unanswered[identity], *by_id[identity]):
                faults.append(f"{identity.hex()}, which got no receipt, is half there: {wrong}")
        return faults


def events(intake):
    """(head, side) of each event of the journal, in order, over the stream."""
    found = []
    for block in intake.stream():
        heads = msgpack.Unpacker(strict_map_key=False)
        heads.feed(block["head"])
        sides = msgpack.unpackb(block["side"]) if "side" in block else [None] * block["count"]
        entries = list(zip(heads, sides, strict=True))
        assert len(entries) == block["count"], block["first"]
        assert [head["seq"] for head, _ in entries] == list(range(block["first"], block["first"] + block["count"]))
        found += [(head, entry[1] if entry else None) for head, entry in entries]
    return found
