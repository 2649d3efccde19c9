#!/usr/bin/python3
"""What intake's receipts promise: kill -9 under load loses nothing and doubles nothing; too much gets `busy`; days are
opened once; what is erased is gone and does not come back."""
import base64
import collections
import os
import random
import time

import msgpack

import harness
import intake_process

CLIENTS = 4
FRAME_EVENTS = 40
UNDER_WAY = 8
SQUADS = ("xiashi", "xucun", "changan", "yuanhua")
NAME, PHONE = "欧阳晓潮汐", "13957312345"
MIB = 1024 * 1024


def house(intake):
    door = intake.door("operator")
    door.store([intake_process.unit("haining", "海宁市城市管理志愿服务大队")]
               + [intake_process.unit(f"haining/{squad}", f"{squad}志愿中队") for squad in SQUADS])
    return door


def event_of(number):
    side = {"title": f"清理牛皮癣第{number}次", "narrative": "志愿者在街道清理小广告，居民点赞。" * 3}
    return harness.report(f"haining/{SQUADS[number % len(SQUADS)]}", side, attendances=number % 50)


class Load:
    """Clients that keep frames under way; what is acknowledged is remembered."""

    def __init__(self, doors):
        self.doors = doors
        self.waiting = [{} for _ in doors]
        self.sent = {}
        self.stored = {}

    def fill(self):
        for door, waiting in zip(self.doors, self.waiting):
            while len(waiting) < UNDER_WAY:
                frame = [event_of(len(self.sent) + i) for i in range(FRAME_EVENTS)]
                self.sent |= {event["id"]: event for event in frame}
                waiting[door.send("submit", msgpack.packb(frame))] = frame

    def take(self, wait_ms):
        """Takes what receipts are there; how many frames were answered."""
        answered = 0
        for door, waiting in zip(self.doors, self.waiting):
            while answer := door.receive(wait_ms):
                correlation, verb, payload = answer
                frame = waiting.pop(correlation)
                assert verb == "receipts" and len(payload["receipts"]) == len(frame), (verb, payload)
                for receipt in payload["receipts"]:
                    if receipt["status"] != "busy":
                        assert receipt["status"] == "stored", receipt
                        self.stored[receipt["id"]] = receipt["seq"]
                answered += 1
                if wait_ms:
                    break
        return answered


def exactly_once(intake, load):
    """Every acknowledged id stands in the journal at its number, and no id twice."""
    heads = intake.heads()
    assert [head["seq"] for head in heads] == list(range(1, len(heads) + 1))
    assert max(collections.Counter(head["id"] for head in heads).values()) == 1
    for identity, seq in load.stored.items():
        assert heads[seq - 1]["id"] == identity, seq
    times = [head["received_at"] for head in heads]
    assert times == sorted(times), "received_at goes back"
    return heads


def kill_under_load(intake):
    chance = random.Random(20261123)
    load = Load([])
    for _ in range(3):
        load.doors = [intake.door("operator") for _ in range(CLIENTS)]
        load.waiting = [{} for _ in load.doors]
        enough = time.monotonic() + chance.uniform(0.3, 0.6)
        while time.monotonic() < enough:
            load.fill()
            assert load.take(2000) > 0
        intake.process.kill()
        intake.process.wait()
        load.take(0)
        for door in load.doors:
            door.socket.close()
        intake.start()
        exactly_once(intake, load)
    again = list(load.sent.values())
    door = intake.door("operator")
    results = collections.Counter()
    for first in range(0, len(again), 1000):
        for receipt in door.submit(again[first:first + 1000]):
            results[receipt["status"]] += 1
            assert receipt["status"] in ("stored", "duplicate") and receipt["position"], receipt
            assert load.stored.get(receipt["id"], receipt["seq"]) == receipt["seq"], receipt
            load.stored[receipt["id"]] = receipt["seq"]
    assert results["duplicate"] >= len(load.stored) // 2, results
    exactly_once(intake, load)
    assert len(load.stored) == len(load.sent)
    verified = intake.control().ask("verify", harness.NIL)[1]
    assert verified["ok"], verified
    print(f"{len(load.sent)} events, {dict(results)} when all were sent again")


def too_much_at_once():
    with intake_process.Intake(pending_events=10, batch_events=4) as intake:
        door = intake.door("operator")
        door.store([intake_process.unit("haining", "海宁大队")])
        frame = [harness.report("haining") for _ in range(200)]
        receipts = door.submit(frame)
        kinds = collections.Counter(receipt["status"] for receipt in receipts)
        assert kinds["stored"] >= 9 and kinds["busy"] > 100 and len(kinds) == 2, kinds
        for event, receipt in zip(frame, receipts):
            assert receipt["id"] == event["id"]
            assert receipt["status"] == "stored" or receipt["retry_after"] > 0, receipt
        waiting = [event for event, receipt in zip(frame, receipts) if receipt["status"] == "busy"]
        while waiting:
            receipts = door.submit(waiting[:10])
            stored = {receipt["id"] for receipt in receipts if receipt["status"] == "stored"}
            assert stored, receipts
            waiting = [event for event in waiting if event["id"] not in stored]
        ids = [head["id"] for head in intake.heads() if head["type"] == "report.submitted"]
        assert sorted(ids) == sorted(event["id"] for event in frame)


def days_of(intake):
    return [head["body"]["day"] for head in intake.heads() if head["type"] == "clock.day"]


def days_open_once(intake, shift_days):
    """A day a start, and those between when it was down."""
    intake.stop()
    intake.environment["CHAOXUN_CLOCK_SHIFT_MS"] = str(shift_days * 86_400_000)
    intake.start()


def days():
    with intake_process.Intake() as intake:
        assert days_of(intake) == []
        intake.door("operator").store([intake_process.unit("haining", "海宁大队")])
        harness.until(lambda: len(days_of(intake)) == 1, what="the first day")
        for shift, expected in ((0, 1), (3, 4), (3, 4), (1, 4), (1000, 404)):
            days_open_once(intake, shift)
            harness.until(lambda: len(days_of(intake)) == expected, what=f"{expected} days")
        opened = days_of(intake)
        assert len(set(opened)) == len(opened) and opened == sorted(opened)
        day = next(head for head in intake.heads() if head["type"] == "clock.day")
        assert day["unit"] == "haining" and day["source"] == "service:intake"
        assert (day["at"] + 8 * 3_600_000) % 86_400_000 == 0


def forms(*words):
    """A word as it could stand in a file."""
    encoded = [word.encode(charset) for word in words for charset in ("utf-8", "gb18030")]
    return encoded + [base64.b64encode(content)[:-4] for content in encoded]


def erasure(intake):
    door = intake.door("operator")
    contact = harness.event("contact.set", "haining/xiashi", {"person": "P0017"}, {"name": NAME, "phone": PHONE})
    other = harness.event("contact.set", "haining/xiashi", {"person": "P0018"}, {"name": "王小明", "phone": "13900001111"})
    named = harness.report(side={"title": "义务巡河", "contact_name": NAME, "contact_phone": PHONE}, contact="P0017")
    text = harness.report(side={"title": "误写了身份证号"})
    receipts = door.submit([contact, other, named, text])
    seqs = [receipt["seq"] for receipt in receipts]
    before = intake.sides()
    assert before[seqs[0]]["name"] == NAME and before[seqs[2]]["contact_phone"] == PHONE

    erased = harness.event("person.erased", "haining", {"person": "P0017", "ground": "request"})
    redacted = harness.event("text.redacted", "haining", {"event": text["id"]})
    after = harness.report(side={"title": "之后"})
    receipts = door.submit([harness.report(side={"title": "之前"}), erased, redacted, after])
    assert [receipt["status"] for receipt in receipts] == ["stored"] * 4, receipts
    sides = intake.sides()
    assert not {seqs[0], seqs[2], seqs[3]} & set(sides), sides
    assert sides[seqs[1]]["name"] == "王小明" and sides[receipts[3]["seq"]]["title"] == "之后"
    assert {receipts[1]["position"], receipts[2]["position"]} & {receipts[0]["position"], receipts[3]["position"]} == set()

    for _ in range(2):
        receipts = door.submit([contact, named, text])
        assert [receipt["status"] for receipt in receipts] == ["duplicate"] * 3, receipts
        changed = contact | {"body": {"person": "P0017", "post": "leader"}}
        assert door.submit(changed)[0]["status"] == "conflict"
        assert not {seqs[0], seqs[2], seqs[3]} & set(intake.sides())
        assert intake.files_with(*forms(NAME, PHONE, "误写了身份证号")) == []
        intake.restart()
        door = intake.door("operator")
    assert intake.control().ask("verify", harness.NIL)[1]["ok"]


def a_lost_tail():
    """A journal that is shorter than its witness: 65, which no supervisor starts again, and it says what does not fit."""
    with intake_process.Intake() as intake:
        door = intake.door("operator")
        door.store([intake_process.unit("haining", "海宁大队")])
        harness.until(lambda: len(days_of(intake)) == 1, what="the first day")
        intake.stop()
        database = intake.folder / "intake/journal.db"
        older = database.read_bytes()
        intake.start()
        intake.door("operator").store([harness.report("haining")])
        intake.stop()
        database.write_bytes(older)
        intake.start(wait=False)
        assert intake.process.wait(20) == 65
        assert "journal" in intake.log.read_text().splitlines()[-1], intake.log.read_text()


def main():
    started = time.monotonic()
    with intake_process.Intake() as intake:
        house(intake)
        erasure(intake)
        kill_under_load(intake)
        # ThreadSanitizer keeps memory of its own for all that was touched: with it, this says nothing of intake.
        assert "TSAN_OPTIONS" in os.environ or intake.memory() < 200 * MIB, intake.memory()
        assert intake.stop() == 0
    too_much_at_once()
    days()
    a_lost_tail()
    print(f"all of it in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
