"""An intake with its three consumers, each a process of its own, and a client that hands in reports beside a test.

    import fault_build
    fault_build.use()
    import house

    with house.House() as here, house.Load(here.connect) as load:
        load.wait(1000)             # reports acknowledged from now on
        ...
        load.stop()
        here.check(load.acknowledged)

Memory is measured, so the programs are those without sanitizers.
"""
import contextlib
import os
import pathlib
import sys
import threading
import time

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import intake_process
import ledger
import memory
import recount
from aggregator_process import Aggregator
from archiver_process import Archiver
from notifier_process import SQUADS, Notifier, house

MEGABYTE = 1 << 20
BY = ("squad", "month")
WALK_SECONDS = 0.05
SOAK_SECONDS = int(os.environ.get("CHAOXUN_SOAK_SECONDS", "0"))  # 0: the short form
SEED = int(os.environ.get("CHAOXUN_SEED", "20261126"))          # repeats a run


def resident(pid):
    """Resident memory of a process in bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no VmRSS of {pid}")


def reports_of(journal):
    return [event["id"] for event in journal.events if event["type"] == "report.submitted"]


def faults(data, acknowledged, ask_totals):
    """What does not agree in the journal, the record and the totals; ask_totals(position) gives rows by BY."""
    journal = recount.Journal(data)
    live = ask_totals(journal.position)
    counted = journal.totals(by=BY)
    versions, heads = ledger.record(data)
    return [*memory.count_faults(acknowledged, reports_of(journal)), *ledger.record_faults(versions, heads, journal.events),
            *(f"{one} is live, {other} is counted" for one, other in zip(live, counted) if one != other),
            *([] if len(live) == len(counted) else ["the totals have other rows than the recount"])]


class House(contextlib.ExitStack):
    """`intake`, `aggregator`, `archiver` and `notifier`, running; the squads are set."""

    def __init__(self, settings=None, consumers=None):
        super().__init__()
        self.intake = intake_process.Intake(**settings or {})
        self.options = consumers or {}

    def __enter__(self):
        super().__enter__()
        with contextlib.ExitStack() as undo:
            undo.push(self)
            self.enter_context(self.intake)
            self.operator = self.intake.door("operator")
            self.operator.store(house())
            self.aggregator = self.enter_context(Aggregator(self.intake, **self.options))
            self.archiver = self.enter_context(Archiver(self.intake, **self.options))
            self.notifier = self.enter_context(Notifier(self.intake, **self.options))
            undo.pop_all()
        return self

    def connect(self):
        return self.intake.door("operator")

    @property
    def consumers(self):
        return {one.name: one for one in (self.aggregator, self.archiver, self.notifier)}

    def head(self):
        return self.operator.ask("head", harness.NIL)[1]["position"]

    def wait_folded(self, names=("aggregator", "archiver", "notifier"), seconds=60):
        """Waits until these have folded what the journal holds now; gives the position."""
        head = self.head()
        wanted = int(head.split(".")[2])
        for name in names:
            harness.until(lambda: int(self.consumers[name].status()["position"].split(".")[2]) >= wanted, seconds,
                          f"the {name} at {head}")
        return head

    def faults(self, acknowledged):
        """What does not agree, when everything is folded."""
        self.wait_folded()
        self.intake.settle()
        return faults(self.intake.folder, acknowledged,
                      lambda position: self.aggregator.totals(by=list(BY), at_least=position)["rows"])

    def check(self, acknowledged):
        """Everything acknowledged is everywhere once; and the check sees one that is missing."""
        faults = self.faults(acknowledged)
        assert not faults, faults[:5]
        assert memory.count_faults([b"never was sent.."], reports_of(recount.Journal(self.intake.folder)))


class Load:
    """A client in a thread: frames of reports, one after the other, until it is stopped; as fast as it can while a test
    waits for receipts, else at a walk. What gets no receipt is sent again with the same ids: at once when it was told to
    (busy), over a new connection when there was silence."""

    def __init__(self, connect, reports=20, side_bytes=0, patience_ms=20_000):
        self.acknowledged = []
        self.busy = 0
        self.silences = 0
        self.wanted = 0
        self.reports = reports
        self.side = {"title": "河道清理", **({"narrative": "x" * side_bytes} if side_bytes else {})}
        self.connect = connect
        self.patience_ms = patience_ms
        self.door = connect()
        self._stop = threading.Event()
        self._error = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(60)
        self.door.socket.close()

    def _run(self):
        try:
            squads = list(SQUADS)
            while not self._stop.is_set():
                events = [harness.report(squads[number % len(squads)], self.side) for number in range(self.reports)]
                while events and not self._stop.is_set():
                    events = self._hand_in(events)
                if len(self.acknowledged) >= self.wanted:
                    self._stop.wait(WALK_SECONDS)
        except BaseException as error:  # pylint: disable=broad-except
            self._error = error

    def _hand_in(self, events):
        """Sends a frame once; the events that have no final receipt yet."""
        correlation = self.door.send("submit", msgpack.packb(events))
        answer = self.door.receive(self.patience_ms)
        if answer is None or answer[0] != correlation:
            self.silences += 1
            self.door.socket.close()
            self.door = self.connect()
            return events
        _, verb, content = answer
        receipts = content["receipts"] if verb == "receipts" else [content | {"status": content["code"]}] * len(events)
        assert {receipt["status"] for receipt in receipts} <= {"stored", "duplicate", "busy"}, receipts[:2]
        again = [event for event, receipt in zip(events, receipts) if receipt["status"] == "busy"]
        self.acknowledged += [event["id"] for event in events if event not in again]
        self.busy += len(again)
        if again:
            self._stop.wait(max(receipt["retry_after"] for receipt in receipts if receipt["status"] == "busy") / 1000)
        return again

    def wait(self, more, seconds=60):
        """Waits until so many more reports were acknowledged."""
        self.wanted = len(self.acknowledged) + more
        harness.until(lambda: self._error or len(self.acknowledged) >= self.wanted, seconds, f"{more} more receipts")
        if self._error:
            raise self._error

    def stop(self):
        self.__exit__()
        if self._error:
            raise self._error


def bounded_wait(seconds):
    """A span that is part of what is tested (how long something stands still), not a wait for an event."""
    time.sleep(seconds)


def packed(**fields):
    return msgpack.packb(fields)
