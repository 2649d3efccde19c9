#!/usr/bin/python3
"""The aggregator with the real binaries: figures against a recount that shares no code, positions, live, restarts."""
import itertools
import random
import signal
import time

import msgpack

import aggregator_process
import harness
import intake_process
import recount

DIMENSIONS = ("squad", "programme", "day", "month", "year")
SQUADS = {"haining/xiashi": "硖石志愿中队", "haining/xucun": "许村志愿中队", "haining/yanguan": "盐官（度假区）志愿中队"}
MEASURES = [("清理垃圾", "吨"), ("清理垃圾", "车"), ("发放宣传资料", "份"), ("劝导", "人次")]


def house(intake):
    """The brigade with three squads, in an order that is not that of their paths, and a team."""
    door = intake.door("operator")
    events = [intake_process.unit("haining", "海宁市城市管理志愿服务大队", kind="brigade")]
    events += [intake_process.unit(path, name, order=9 - i) for i, (path, name) in enumerate(SQUADS.items())]
    events.append(intake_process.unit("haining/xiashi/team", "硖石一队", kind="team"))
    door.store(events)
    return door


def random_body(dice, activities):
    body = {"programmes": dice.sample(recount.PROGRAMMES, dice.choice([1, 1, 1, 2]))}
    if dice.random() < 0.9:
        body["date"] = f"2026-{dice.randint(1, 3):02}-{dice.randint(1, 28):02}"
    if dice.random() < 0.8:
        body |= {"attendances": dice.randint(0, 200), "attendances_unit": dice.choice(["名", "人次", "户", "组"])}
        body["attendances_approx"] = dice.choice(["exact", "exact", "at-least", "below", "about"])
    if dice.random() < 0.7:
        body |= {"minutes": dice.randint(0, 9000), "minutes_approx": dice.choice(["exact", "about"])}
    if activities and dice.random() < 0.5:
        body["activity"] = dice.choice(activities)
    body["measures"] = [{"name": name, "unit": unit, "quantity": dice.randint(0, 9000),
                         "approx": dice.choice(["exact", "at-least", "below"])}
                        for name, unit in dice.sample(MEASURES, dice.randint(0, 3))]
    body["demo"] = dice.random() < 0.3
    return body


def random_events(dice, count):
    """Valid events: reports, amendments, withdrawals, activities and merges of them."""
    standing, activities, merged, events = [], [], set(), []
    paths = [*SQUADS, "haining/xiashi/team", "haining"]
    for _ in range(count):
        kind = dice.random()
        if kind < 0.1:
            event = harness.event("activity.planned", "haining", {"programmes": ["dog"]})
            activities.append(event["id"])
        elif kind < 0.25 and standing:
            unit, identity = dice.choice(standing)
            body = random_body(dice, activities) | {"amends": identity}
            event = harness.event("report.amended", unit, body)
        elif kind < 0.32 and standing:
            unit, identity = standing.pop(dice.randrange(len(standing)))
            event = harness.event("report.withdrawn", unit, {"report": identity})
        elif kind < 0.36 and len(activities) - len(merged) > 2:
            into, gone = dice.sample([one for one in activities if one not in merged], 2)
            merged.add(gone)
            event = harness.event("activity.merged", "haining", {"into": into, "from": gone})
        else:
            event = harness.event("report.submitted", dice.choice(paths), random_body(dice, activities),
                                  {"title": "清洁家园", "contact_name": "王小明"})
            standing.append((event["unit"], event["id"]))
        events.append(event)
    return events


def wire(rows):
    """Rows as they are compared: an empty list of measures may be left out."""
    return [{"measures": []} | row for row in rows]


def equals_a_recount(intake, aggregator, position):
    intake.settle()
    journal = recount.Journal(intake.folder)
    spans = [{}, {"since": "2026-01-15", "until": "2026-02-20"}, {"since": "2026-02-01"}, {"until": "2026-01-31"}]
    filters = [{}, {"unit": "haining/xiashi"}, {"programme": "dog"}]
    asked = 0
    for count in range(len(DIMENSIONS) - 1):
        for by in itertools.combinations(DIMENSIONS, count):
            for span, chosen in itertools.product(spans, filters):
                answer = aggregator.totals(by=list(by), at_least=position, **span, **chosen)
                assert answer["as_of"] == journal.position, (answer["as_of"], journal.position)
                expected = journal.totals(by, **span, **chosen)
                assert wire(answer["rows"]) == wire(expected), (by, span, chosen, answer["rows"], expected)
                asked += 1
    return asked


def figures_equal_a_recount(intake, aggregator, door):
    dice = random.Random(20260506)
    for _ in range(3):
        receipt = door.store(random_events(dice, 250))
        asked = equals_a_recount(intake, aggregator, receipt["position"])
    print(f"{asked} questions, each as the recount")
    rows = aggregator.totals(by=["squad"])["rows"]
    assert [row["unit"] for row in rows] == ["haining/yanguan", "haining/xucun", "haining/xiashi", "haining"], rows
    assert [row["name"] for row in rows][:3] == list(reversed(SQUADS.values())), rows


def a_receipt_is_in_the_totals_at_once(aggregator, door):
    before = aggregator.totals(unit="haining/xucun")["rows"][0]["reports"]
    for i in range(20):
        receipt = door.store([harness.report("haining/xucun")])
        answer = aggregator.totals(unit="haining/xucun", at_least=receipt["position"])
        assert answer["rows"][0]["reports"] == before + i + 1, answer


def positions(intake, aggregator, door):
    receipt = door.store([harness.report()])
    journal, epoch, seq, tail = receipt["position"].split(".")
    refused = {
        f"{journal}.{epoch}.{int(seq) + 1000}.{tail}": "beyond",
        f"{'0' * 15}1.{epoch}.{seq}.{tail}": "other-journal",
        f"{journal}.{int(epoch) + 1}.{seq}.{tail}": "other-journal",
        f"{journal}.{epoch}.{seq}.{'0' * 16}": "other-journal",
        "yesterday": "bad-position",
    }
    aggregator.totals(at_least=receipt["position"])
    for position, code in refused.items():
        started = time.monotonic()
        verb, answer = aggregator.query(at_least=position)
        assert (verb, answer["code"]) == ("error", code), (position, answer)
        assert answer["as_of"] == receipt["position"], answer
        assert time.monotonic() - started < 1.5, "a position that is not there is not waited for"
    verb, answer = aggregator.ask("totals", "head")
    assert (verb, answer["position"]) == ("head", receipt["position"])


def behind_while_it_stands_still(intake, aggregator, door):
    """The aggregator is stopped, the report comes, it goes on: a question in between waits for the report."""
    aggregator.process.send_signal(signal.SIGSTOP)
    try:
        receipt = door.store([harness.report()])
    finally:
        aggregator.process.send_signal(signal.SIGCONT)
    assert aggregator.totals(at_least=receipt["position"])["as_of"] == receipt["position"]
    # With intake standing still the position cannot come.
    journal, epoch, seq, tail = receipt["position"].split(".")
    intake.process.send_signal(signal.SIGSTOP)
    try:
        verb, answer = aggregator.query(at_least=f"{journal}.{epoch}.{int(seq) + 1}.{tail}")
        assert (verb, answer["code"]) == ("error", "behind"), answer
        assert answer["as_of"] == receipt["position"], answer
    finally:
        intake.process.send_signal(signal.SIGCONT)
    receipt = door.store([harness.report()])
    aggregator.totals(at_least=receipt["position"])


def bad_questions(aggregator):
    expected = [
        ({"unit": "haining/nosuch"}, "unknown-unit"), ({"programme": "fishing"}, "unknown-programme"),
        ({"by": ["colour"]}, "bad-query"), ({"since": "2026-05-02", "until": "2026-05-01"}, "bad-query"),
        ({"since": "2026-13-01"}, "bad-format"), ({"colour": 1}, "unknown-field"),
        ({"changed_since": "nowhere", "by": ["squad"]}, "bad-position"), ({"changed_since": "x"}, "bad-query"),
    ]
    for query, code in expected:
        verb, answer = aggregator.query(**query)
        assert (verb, answer["code"]) == ("error", code), (query, answer)
        assert answer["text"] and answer["text_zh"], answer
    for payload in (b"", b"\xdd\xff\xff\xff\xff", b"\x81" * 1000, msgpack.packb([1])):
        verb, answer = aggregator.ask("totals", "totals", payload)
        assert verb == "error", (payload, answer)
    assert aggregator.ask("totals", "shout")[1]["code"] == "bad-verb"


def changed_since(aggregator, door):
    first = door.store([harness.report("haining/xiashi")])["position"]
    second = door.store([harness.report("haining/xucun")])["position"]
    answer = aggregator.totals(by=["squad"], changed_since=first, at_least=second)
    assert [row["unit"] for row in answer["rows"]] == ["haining/xucun", "haining"], answer
    assert aggregator.totals(by=["squad"], changed_since=second)["rows"] == []


def live_tells_each_change(intake, aggregator, door):
    public = intake.register("screen", "haining", "squad")
    receipt = door.store([harness.report()])
    aggregator.totals(at_least=receipt["position"])  # its key is folded
    socket = aggregator.listen("haining", public)
    stranger = aggregator.listen("haining", (intake_process.zmq.curve_keypair()))

    def heard():
        aggregator.totals(at_least=door.store([harness.report("haining/xucun")])["position"])
        return socket.poll(200)

    harness.until(heard, 10, "a message at the live door")
    receipt = door.store([harness.report("haining/xiashi/team")])
    topics = []
    while len(topics) < 3 and socket.poll(30_000):
        topic, version, position = socket.recv_multipart()
        assert version == b"CX1"
        if position.decode() == receipt["position"]:  # those before may come late
            topics.append(topic.decode())
    assert sorted(topics) == ["haining", "haining/xiashi", "haining/xiashi/team"], topics
    assert stranger.poll(0) == 0, "a key that is not registered hears nothing"
    socket.close()
    stranger.close()


def figures_survive_kills(intake, aggregator, door):
    dice = random.Random(7)
    for saved in (True, False, True):
        receipt = door.store(random_events(dice, 120))
        if saved:
            seq = int(receipt["position"].split(".")[2])
            harness.until(lambda seq=seq: aggregator.saved_seq() == seq, 10, "the save")
        aggregator.stop(signal.SIGKILL)
        aggregator.start()
        equals_a_recount(intake, aggregator, receipt["position"])
    assert aggregator.stop() == 0
    assert aggregator.saved_seq() == seq
    aggregator.start()
    equals_a_recount(intake, aggregator, receipt["position"])


def a_damaged_state_is_folded_again(intake, aggregator, door):
    receipt = door.store([harness.report()])
    assert aggregator.stop() == 0
    path = intake.folder / "aggregator/aggregator.db"
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 2, len(content), 997):
        content[at] ^= 0x55
    path.write_bytes(content)
    aggregator.start()
    assert "folding again" in aggregator.log.read_text()
    equals_a_recount(intake, aggregator, receipt["position"])


def verification_agrees(intake, aggregator):
    answer = aggregator.verify()
    intake.settle()
    assert answer["ok"] and answer["checked"] == len(recount.Journal(intake.folder).events), answer
    assert "first_fault" not in answer


def it_stops_when_the_journal_is_another(aggregator):
    """Another journal under the same state: the aggregator says so and ends with 65."""
    with intake_process.Intake() as other:
        door = house(other)
        door.store([harness.report()])
        state = other.folder / "aggregator"
        state.mkdir(mode=0o700)
        assert aggregator.stop() == 0
        (state / "aggregator.db").write_bytes((aggregator.intake.folder / "aggregator/aggregator.db").read_bytes())
        moved = aggregator_process.Aggregator(other)
        moved.start(wait=False)
        try:
            assert moved.process.wait(20) == 65
        finally:
            moved.process.kill()
    aggregator.start()


def a_wrong_fold_is_noticed(intake, door):
    """A fold with a planted fault: the recount must differ, or it proves nothing."""
    report = harness.report("haining/xiashi", attendances=100)
    amended = harness.event("report.amended", "haining/xiashi", report["body"] | {"amends": report["id"]})
    receipt = door.store([report, amended])
    intake.settle()
    expected = recount.Journal(intake.folder).totals()
    for binary, same in (("chaoxun-aggregator", True), ("chaoxun-aggregator-wrong", False)):
        for path in (intake.folder / "aggregator").glob("aggregator.db*"):
            path.unlink()
        with aggregator_process.Aggregator(intake, binary) as aggregator:
            rows = aggregator.totals(at_least=receipt["position"])["rows"]
            assert (wire(rows) == wire(expected)) is same, (binary, rows, expected)
            assert aggregator.stop() == 0
    # The state that the wrong one left is taken over: a right verification folds again and names what differs.
    with aggregator_process.Aggregator(intake) as aggregator:
        answer = aggregator.verify()
        assert not answer["ok"] and "report or activity" in answer["first_fault"], answer


def main():
    with intake_process.Intake() as intake:
        door = house(intake)
        with aggregator_process.Aggregator(intake, save_ms=50, at_least_ms=800) as aggregator:
            figures_equal_a_recount(intake, aggregator, door)
            a_receipt_is_in_the_totals_at_once(aggregator, door)
            positions(intake, aggregator, door)
            behind_while_it_stands_still(intake, aggregator, door)
            bad_questions(aggregator)
            changed_since(aggregator, door)
            live_tells_each_change(intake, aggregator, door)
            verification_agrees(intake, aggregator)
            figures_survive_kills(intake, aggregator, door)
            verification_agrees(intake, aggregator)
            a_damaged_state_is_folded_again(intake, aggregator, door)
            it_stops_when_the_journal_is_another(aggregator)
            assert not intake.files_with("王小明".encode()), "a name in a file"
        a_wrong_fold_is_noticed(intake, door)


main()
