#!/usr/bin/python3
"""Intake's submit door with the real binary: receipts, duplicates, rights, references, and bad input of every kind."""
import struct
import time

import msgpack
import zmq

import harness
import intake_process

MIB = 1024 * 1024
FRAME_MAX = 8 * MIB


def status(receipts):
    return [receipt["status"] for receipt in receipts]


def fault(receipt):
    """(code, field) of the only fault of a rejected event."""
    assert receipt["status"] == "rejected", receipt
    assert len(receipt["faults"]) == 1, receipt
    one = receipt["faults"][0]
    assert one["text"] and one["text_en"] and one["text"] != one["text_en"], one
    return one["code"], one["field"]


def house(intake):
    """The brigade with two squads, and a client for the squad of 硖石."""
    door = intake.door("operator")
    door.store([intake_process.unit("haining", "海宁市城市管理志愿服务大队", kind="brigade"),
                intake_process.unit("haining/xiashi", "硖石志愿中队"),
                intake_process.unit("haining/xucun", "许村志愿中队")])
    return door, intake.door(intake.register("xiashi-pc", "haining/xiashi", "squad"))


def receipts_in_order(intake, door):
    """A frame of good and bad events: each has its own receipt, in the order of the frame."""
    events = [harness.report(), harness.report(attendances=-1), harness.report(), harness.report("haining/nosuch")]
    receipts = door.submit(events)
    assert status(receipts) == ["stored", "rejected", "stored", "rejected"], receipts
    assert [receipt["id"] for receipt in receipts] == [event["id"] for event in events]
    assert receipts[0]["durability"] == "fsynced" and receipts[2]["seq"] == receipts[0]["seq"] + 1
    assert fault(receipts[1]) == ("too-small", "body.attendances")
    assert fault(receipts[3]) == ("unknown-unit", "unit")
    heads = intake.heads()
    assert [head["seq"] for head in heads] == list(range(1, len(heads) + 1))
    assert heads[receipts[2]["seq"] - 1]["id"] == events[2]["id"]
    assert door.submit([]) == []


def duplicates_and_conflicts(intake, door):
    first = harness.report(side={"title": "清理牛皮癣200多处", "contact_name": "王小明"})
    stored = door.store(first)
    (again,) = door.submit(first)
    assert again["status"] == "duplicate" and again["seq"] == stored["seq"], again
    assert again["position"] == stored["position"]
    shuffled = dict(reversed(first.items()))
    assert status(door.submit(shuffled)) == ["duplicate"], "the order of keys is no content"
    for other in (first | {"body": first["body"] | {"attendances": 21}}, first | {"side": {"title": "别的"}},
                  first | {"at": first["at"] - 1}, {key: first[key] for key in first if key != "side"}):
        (receipt,) = door.submit(other)
        assert receipt["status"] == "conflict" and receipt["faults"][0]["code"] == "conflict", receipt
    twin = harness.report()
    assert status(door.submit([twin, twin, twin | {"body": twin["body"] | {"minutes": 1}}])) == [
        "stored", "duplicate", "conflict"]
    old = harness.report() | {"id": harness.new_id(1_500_000_000_000)}
    random = harness.report() | {"id": bytes(range(16))}
    receipts = door.submit([old, random, old, random])
    assert status(receipts) == ["stored", "stored", "duplicate", "duplicate"], receipts
    intake.restart()
    assert status(intake.door("operator").submit([first, twin, old, random])) == ["duplicate"] * 4


def rights(intake, operator, squad):
    assert squad.store(harness.report())["seq"]
    assert fault(squad.submit(harness.report("haining/xucun"))[0]) == ("other-unit", "unit")
    assert fault(squad.submit(harness.report("haining/nosuch"))[0]) == ("unknown-unit", "unit")
    assert fault(squad.submit(intake_process.unit("haining/xiashi", "新名字"))[0]) == ("no-right", "")
    day = harness.event("clock.day", "haining", {"day": "2026-05-06"})
    assert fault(operator.submit(day)[0]) == ("no-right", "")
    account = harness.event("account.set", "haining/xucun", {"account": "xucun", "role": "squad"})
    operator.store(account)
    portal = intake.door("portal")
    speaks = msgpack.packb({"account": "xucun", "session": "s1"})
    receipt = portal.submit(harness.report("haining/xucun"), speaks)[0]
    assert receipt["status"] == "stored", receipt
    assert intake.heads()[receipt["seq"] - 1]["source"] == "account:xucun"
    assert fault(portal.submit(harness.report("haining/xiashi"), speaks)[0]) == ("other-unit", "unit")
    event = msgpack.packb(harness.report("haining/xucun"))
    assert portal.error(event) == "missing"
    assert portal.error(event, delegate=(msgpack.packb({"account": "nobody"}),)) == "account-off"
    assert squad.error(event, delegate=(speaks,)) == "no-right"
    assert squad.error(msgpack.packb({"account": "xucun"}), "account") == "no-right"
    verb, answer = portal.ask("account", msgpack.packb({"account": "xucun"}))
    assert (verb, answer["unit"], answer["role"]) == ("account", "haining/xucun", "squad"), answer
    operator.store(harness.event("account.set", "haining/xucun", {"account": "xucun", "role": "none"}))
    assert portal.error(event, delegate=(speaks,)) == "account-off"


def keys_that_are_replaced(intake, operator):
    pair = intake.register("other-pc", "haining/xucun", "squad")
    before = intake.door(pair)
    before.store(harness.report("haining/xucun"))
    after = intake.door(intake.register("other-pc", "haining/xucun", "squad"))
    after.store(harness.report("haining/xucun"))
    assert before.error(msgpack.packb(harness.report("haining/xucun"))) == "account-off", "an old connection"
    late = intake.door(pair)
    late.send("head", harness.NIL)
    assert late.receive(500) is None, "a new connection with the old key"
    assert operator.ask("head", harness.NIL)[0] == "head"


def references(operator):
    report = harness.report()
    planned = harness.event("activity.planned", "haining", {"programmes": ["dog"]}, {"title": "文明养犬进社区"})
    share = harness.report(activity=planned["id"])
    amended = harness.event("report.amended", "haining/xiashi", report["body"] | {"amends": report["id"], "minutes": 60})
    withdrawn = harness.event("report.withdrawn", "haining/xiashi", {"report": report["id"]})
    again = harness.event("report.withdrawn", "haining/xiashi", {"report": report["id"]})
    merged = harness.event("activity.merged", "haining", {"from": report["id"], "into": planned["id"]})
    back = harness.event("activity.merged", "haining", {"from": planned["id"], "into": report["id"]})
    frame = [report, planned, share, amended, withdrawn, again, merged, back]
    receipts = operator.submit(frame)
    assert status(receipts) == ["stored"] * 5 + ["rejected", "stored", "rejected"], receipts
    assert fault(receipts[5]) == ("already", "body.report")
    assert fault(receipts[7]) == ("already", "body.into")
    late = harness.event("report.amended", "haining/xiashi", report["body"] | {"amends": report["id"]})
    other = harness.event("report.withdrawn", "haining/xucun", {"report": share["id"]})
    chain = harness.event("activity.merged", "haining", {"from": report["id"], "into": share["id"]})
    receipts = operator.submit([late, other, back | {"id": harness.new_id()}, chain, harness.report(activity=late["id"])])
    assert [fault(receipt) for receipt in receipts] == [
        ("already", "body.amends"), ("unknown-reference", "body.report"), ("already", "body.into"),
        ("unknown-reference", "body.into"), ("unknown-reference", "body.activity")], receipts


def raw_map(*pairs):
    """A map whose keys and values are bytes of MessagePack already; keys may repeat."""
    return bytes([0x80 | len(pairs)]) + b"".join(msgpack.packb(key) + value for key, value in pairs)


def pairs_of(event):
    return [(key, msgpack.packb(value)) for key, value in event.items()]


def unreadable_frames(door):
    """Frames as a whole that cannot be read: an error that says why, and the door stays open."""
    event = msgpack.packb(harness.report())
    expected = {
        "truncated": event[:-7],
        "count-lies": b"\xdd" + struct.pack(">I", 1 << 28),
        "too-deep": b"\x91" * 1000 + b"\xc0",
        "trailing": event + b"\xc0",
        "too-many": msgpack.packb([None] * 1001),
    }
    for code, payload in expected.items():
        assert door.error(payload) == code, code
    assert door.error(b"\xdf" + struct.pack(">I", 1 << 28)) == "count-lies"
    assert door.error(event, "nonsense") == "bad-verb"


def faulty_events(door):
    """Events that are well-formed frames but no events: each fault by field and code; good ones beside them go in."""
    event = harness.report()
    whole = pairs_of(event)
    long_title = event | {"id": harness.new_id(), "side": {"title": "长" * 101}}
    invalid = [pair for pair in whole if pair[0] != "side"] + [("side", b"\x81\xa5title\xa2\xff\xfe")]
    cases = [
        (raw_map(*whole, ("at", msgpack.packb(1))), "duplicate-key", "at"),
        (raw_map(*invalid), "bad-utf8", "side.title"),
        (msgpack.packb(long_title), "too-long", "side.title"),
        (msgpack.packb(event | {"type": "report.submited"}), "unknown-type", "type"),
        (msgpack.packb(event | {"type": "bulletin.frozen"}), "not-yet", "type"),
        (msgpack.packb(event | {"body": event["body"] | {"minuts": 3}}), "unknown-field", "body.minuts"),
        (msgpack.packb(event | {"body": event["body"] | {"title": "放错了"}}), "wrong-place", "body.title"),
        (msgpack.packb(event | {"at": event["at"] + 2 * 86_400_000}), "time-ahead", "at"),
        (msgpack.packb(event | {"v": 2}), "bad-version", "v"),
        (msgpack.packb({key: event[key] for key in event if key != "unit"}), "missing", "unit"),
        (msgpack.packb(event | {"seq": 5}), "wrong-place", "seq"),
        (msgpack.packb(event | {"side": {"title": "好", "note": "一" * 30_000}}), "too-large", ""),
    ]
    good = [harness.report(), harness.report()]
    payload = msgpack.packb(good[0]) + b"".join(case[0] for case in cases) + msgpack.packb(good[1])
    verb, answer = door.ask("submit", b"\xdc" + struct.pack(">H", len(cases) + 2) + payload)
    assert verb == "receipts", answer
    receipts = answer["receipts"]
    assert status(receipts) == ["stored"] + ["rejected"] * len(cases) + ["stored"], receipts
    for receipt, (_, code, field) in zip(receipts[1:-1], cases):
        assert fault(receipt) == (code, field), (receipt, code)


def messages_that_are_too_big(intake, operator):
    """100 MB in one frame: the connection ends, memory does not grow, others are served."""
    before = intake.memory()
    door = intake.door("operator")
    door.send("submit", bytes(100 * MIB))
    assert door.receive(1000) is None
    assert operator.error(bytes([0xC0]) * (FRAME_MAX + 1)) == "too-large"
    assert intake.memory() < before + 40 * MIB, (before, intake.memory())
    operator.store(harness.report())


def strangers(intake, operator):
    """A key that nobody registered never gets an answer."""
    stranger = intake.door(zmq.curve_keypair())
    stranger.send("head", harness.NIL)
    assert stranger.receive(500) is None
    metrics = intake.control().ask("status", harness.NIL)[1]["metrics"]
    assert 'chaoxun_peers_refused_total{service="intake"} 0' not in metrics, metrics
    assert operator.ask("head", harness.NIL)[0] == "head"


def the_stream_has_rights(intake):
    reader = intake.door(intake.register("reader", "haining", "head"))
    assert fault(reader.submit(harness.report())[0]) == ("no-right", "")
    for name, role, sees in (("reader-head", "head", {False}), ("reader-side", "side", {False, True}),
                             ("reader-squad", "squad", set()), ("reader-admin", "admin", {False, True})):
        pair = intake.register(name, "haining", role)
        for side in (False, True):
            answer = intake.stream(pair, side)
            assert (answer == "no-right") == (side not in sees), (name, side, answer)
    assert intake.stream("aggregator", True) == "no-right"
    follower = intake.follower(pair)
    intake.register("reader-admin", "haining", "none", pair)
    while (answer := follower.receive())[1] == "block":
        pass
    assert answer[1] == "error" and answer[2]["code"] == "account-off", answer
    assert all("side" not in block for block in intake.stream("aggregator", False))


def main():
    started = time.monotonic()
    with intake_process.Intake(message_max=FRAME_MAX + 65536) as intake:
        operator, squad = house(intake)
        receipts_in_order(intake, operator)
        rights(intake, operator, squad)
        references(operator)
        unreadable_frames(squad)
        faulty_events(squad)
        keys_that_are_replaced(intake, operator)
        strangers(intake, operator)
        the_stream_has_rights(intake)
        messages_that_are_too_big(intake, operator)
        duplicates_and_conflicts(intake, operator)
        verified = intake.control().ask("verify", harness.NIL)[1]
        assert verified["ok"] and verified["checked"] > 0, verified
        assert intake.stop() == 0
    print(f"all of it in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
