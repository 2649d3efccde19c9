#!/usr/bin/python3
"""Intake dies (kill -9) at each point on a block's way through the log: every receipt that was given holds afterwards, with
its number; what was not acknowledged is there once when it is sent again; the journal verifies.

A point that no run comes by is a failure of this test.
"""
import os
import pathlib
import random
import sys

import msgpack

import fault_build

fault_build.use()
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import intake_process

UNIT = "haining/xiashi"
FRAME = 500
FRAMES_MAX = 120
LOG_BYTES = 2 << 20  # two frames and more in each segment: some fill it several times
# The name, and how often it is passed before it kills.
POINTS = [("before-commit", 5), ("before-sync", 5), ("after-commit", 5), ("before-witness", 5), ("before-receipt", 5),
          ("before-publication", 5), ("before-move", 1), ("after-move", 1), ("before-move", 3), ("after-move", 3),
          ("before-recycle", 1), ("before-recycle", 2)]


class Sender:
    """Sends frames until intake dies; remembers what was acknowledged."""

    def __init__(self, intake):
        self.intake, self.sent, self.stored = intake, [], {}

    def frame(self, size):
        events = [harness.report(UNIT, {"title": "清理", "narrative": "居民点赞。" * 20}) for _ in range(size)]
        self.sent += events
        return events

    def take(self, receipts):
        for receipt in receipts:
            assert receipt["status"] in ("stored", "duplicate"), receipt
            assert self.stored.setdefault(receipt["id"], receipt["seq"]) == receipt["seq"], receipt

    def submit(self, events):
        """False when intake died before it answered."""
        door = self.intake.door("operator")
        door.send("submit", msgpack.packb(events))
        try:
            while self.intake.process.poll() is None:
                answer = door.receive(100)
                if answer:
                    self.take(answer[2]["receipts"])
                    return True
            answer = door.receive(100)  # what was sent before it died
            if answer:
                self.take(answer[2]["receipts"])
            return False
        finally:
            door.socket.close()

    def submit_until_it_dies(self, dice):
        for _ in range(FRAMES_MAX):
            if not self.submit(self.frame(FRAME if dice.random() < 0.8 else 1)):
                return
        raise AssertionError(f"nothing came by {self.intake.environment['CHAOXUN_FAILPOINT']}")


def start_with(intake, point, wait=True):
    intake.environment.pop("CHAOXUN_FAILPOINT", None)
    if point:
        intake.environment["CHAOXUN_FAILPOINT"] = point
    intake.start(wait)


def check(intake, sender):
    """Everything is sent again: what was acknowledged is a duplicate with its number, all else is stored once."""
    known = dict(sender.stored)
    for first in range(0, len(sender.sent), FRAME):
        assert sender.submit(sender.sent[first:first + FRAME])
    assert known.items() <= sender.stored.items() and len(sender.stored) == len(sender.sent)
    heads = intake.heads()
    assert [head["seq"] for head in heads] == list(range(1, len(heads) + 1))
    reports = [head for head in heads if head["type"] == "report.submitted"]
    assert {head["id"]: head["seq"] for head in reports} == sender.stored and len(reports) == len(sender.stored)
    assert intake.control().ask("verify", harness.NIL)[1]["ok"]


def house(intake):
    intake.door("operator").store([intake_process.unit("haining", "海宁大队"), intake_process.unit(UNIT, "硖石中队")])


def dies_at(name, times, dice):
    with intake_process.Intake(log_bytes=LOG_BYTES) as intake:
        house(intake)
        intake.stop()
        start_with(intake, f"intake-{name}:{times}")
        sender = Sender(intake)
        sender.submit_until_it_dies(dice)
        assert intake.process.wait(20) == -9
        start_with(intake, None)
        check(intake, sender)
        print(f"{name}:{times}: {len(sender.sent)} events, all there", flush=True)


def dies_while_it_recovers(dice):
    """Killed with blocks in the log, then again and again in the middle of taking them over and moving them."""
    with intake_process.Intake(log_bytes=LOG_BYTES) as intake:
        house(intake)
        intake.stop()
        start_with(intake, "intake-before-receipt:20")
        sender = Sender(intake)
        sender.submit_until_it_dies(dice)
        # The last block is in the log in any case; on a slow machine those before it may have been moved.
        for point in ("during-recovery:1", "during-recovery:1", "before-move:1", "after-move:1"):
            intake.process.wait(20)
            start_with(intake, f"intake-{point}", wait=False)
            assert intake.process.wait(20) == -9, f"nothing came by {point}"
        start_with(intake, None)
        check(intake, sender)
        print("during recovery: all there", flush=True)


def main():
    seed = int(os.environ.get("CHAOXUN_SEED", "20261126"))
    dice = random.Random(seed)
    for name, times in POINTS:
        dies_at(name, times, dice)
    dies_while_it_recovers(dice)
    print(f"seed {seed}; {len(POINTS) + 1} passed, 0 failed")


if __name__ == "__main__":
    main()
