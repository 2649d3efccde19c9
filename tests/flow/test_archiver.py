#!/usr/bin/python3
"""The archiver with the real binaries: answers against a plain scan that shares no code, erasure, rebuilds, kills."""
import random
import signal
import sqlite3
import threading

import msgpack

import archiver_process
import harness
import intake_process
import rescan

SQUADS = {"haining/xiashi": "硖石志愿中队", "haining/xucun": "许村志愿中队", "haining/yanguan": "盐官（度假区）志愿中队"}
UNITS = [*SQUADS, "haining/xiashi/team"]
PEOPLE = ["P-1", "P-2", "P-3", "P-4"]
WORDS = ["高温", "慰问", "河西社区", "犬", "文明", "劝导", "㐂", "𠮷祥苑", "🐕", "Ａ栋", "a栋", "１２", "12", "“四洁”", "\"引号\"",
         "*", "(OR)", "NEAR", "长安镇"]
NAME, PHONE = "欧阳𪛖", "13957312345"


def house(intake):
    door = intake.door("operator")
    events = [intake_process.unit("haining", "海宁市城市管理志愿服务大队", kind="brigade")]
    events += [intake_process.unit(path, name) for path, name in SQUADS.items()]
    events.append(intake_process.unit("haining/xiashi/team", "硖石一队", kind="team"))
    door.store(events)
    return door


def phrase(dice, most):
    return "".join(dice.choice(WORDS) for _ in range(dice.randint(1, most)))


def random_report(dice):
    """Body and side of a report."""
    body = {"programmes": dice.sample(list(rescan.PROGRAMMES), dice.choice([1, 1, 2]))}
    if dice.random() < 0.9:
        month, day = dice.randint(1, 3), dice.randint(1, 20)
        body["date"] = f"2026-{month:02}-{day:02}"
        if dice.random() < 0.2:
            body["date_end"] = f"2026-{month:02}-{day + dice.randint(0, 7):02}"
    if dice.random() < 0.8:
        body |= {"attendances": dice.randint(0, 60), "attendances_unit": dice.choice(["名", "人次", "户"])}
    if dice.random() < 0.5:
        body["measures"] = [{"name": phrase(dice, 2), "unit": dice.choice(["车", "份"]), "quantity": 1000}]
    if dice.random() < 0.3:
        body |= {"number": f"N-{dice.randint(1, 40)}", "form": "进社区"}
    if dice.random() < 0.5:
        body["contact"] = dice.choice(PEOPLE)
    side = {"title": phrase(dice, 3), "narrative": phrase(dice, 9)}
    if dice.random() < 0.5:
        side |= {"place": phrase(dice, 2), "note": phrase(dice, 4), "partners": [phrase(dice, 2), phrase(dice, 1)]}
    if "contact" in body:
        side |= {"contact_name": dice.choice(["王小明", "李四"]), "contact_phone": "1390000000" + str(dice.randint(0, 9))}
    return body, side


class Events:
    """Events that intake takes: reports, and corrections of those that stand."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.standing = []

    def one(self):
        dice = self.dice
        body, side = random_report(dice)
        if not self.standing or dice.random() < 0.6:
            event = harness.event("report.submitted", dice.choice(UNITS), body, side)
            self.standing.append(event)
            return event
        before = dice.choice(self.standing)
        if dice.random() < 0.75:
            return harness.event("report.amended", before["unit"], body | {"amends": before["id"]}, side | {"reason": "更正"})
        self.standing.remove(before)
        return harness.event("report.withdrawn", before["unit"], {"report": before["id"]}, {"reason": "重复填报"})

    def some(self, count):
        return [self.one() for _ in range(count)]

    def question(self):
        dice = self.dice
        chances = {"text": lambda: " ".join(piece(dice) for _ in range(dice.choice([1, 1, 2, 3]))),
                   "unit": lambda: dice.choice(UNITS), "within": lambda: dice.choice([*UNITS, "haining"]),
                   "programme": lambda: dice.choice(list(rescan.PROGRAMMES)), "number": lambda: f"N-{dice.randint(1, 40)}",
                   "since": lambda: f"2026-01-{dice.randint(1, 28):02}", "until": lambda: f"2026-03-{dice.randint(1, 28):02}",
                   "attendances_from": lambda: dice.randint(0, 40), "attendances_to": lambda: dice.randint(40, 70)}
        query = {name: make() for name, make in chances.items() if dice.random() < (0.7 if name == "text" else 0.2)}
        return query | ({"withdrawn": True} if dice.random() < 0.15 else {})


def piece(dice):
    """A piece of some words, of one character or of several."""
    text = phrase(dice, 2).replace(" ", "")
    begin = dice.randrange(len(text))
    return text[begin:begin + dice.randint(1, 4)]


def plain(intake):
    return rescan.Record(intake.heads(), intake.sides())


def ids(rows):
    return [row["id"] for row in rows]


# ---- what is found ----

def answers_equal_a_plain_scan(intake, archiver, door, events):
    asked = found = 0
    for _ in range(6):
        receipt = door.store(events.some(80))
        record = plain(intake)
        for _ in range(40):
            query = events.question()
            rows = archiver.pages(**query, limit=events.dice.randint(3, 200), at_least=receipt["position"])
            expected = record.find(**query)
            assert ids(rows) == expected, (query, len(rows), len(expected))
            for row in rows[:3]:
                assert row["name"] == record.names[row["unit"]]
                assert (row["seq"], row["versions"]) == (record.versions(row["id"])[-1], len(record.versions(row["id"])))
            asked, found = asked + 1, found + len(rows)
    assert found > 1000, found
    return asked, found


def what_people_search_for(intake, archiver, door):
    titles = ["高温慰问环卫工人", "河西社区清理牛皮癣", "流浪犬劝导", "长安镇便民集市"]
    reports = [harness.report(unit, {"title": title}, date=day) for title, unit, day in
               zip(titles, ["haining/xucun", "haining/xiashi", "haining/xucun", "haining/yanguan"],
                   ["2027-07-01", "2027-07-05", "2027-07-09", "2027-08-01"])]
    position = door.store(reports)["position"]
    record = plain(intake)
    for query in ({"text": "高温"}, {"text": "犬"}, {"text": "河西社区"}, {"text": "河西 牛皮癣"}, {"unit": "haining/xucun"},
                  {"since": "2027-07-01", "until": "2027-07-31"}, {"since": "2027-07-02", "unit": "haining/xucun", "text": "犬"}):
        rows = archiver.pages(**query, at_least=position)
        assert ids(rows) == record.find(**query) and rows, query
    july = archiver.pages(since="2027-07-01", until="2027-07-31")
    assert [row["report"]["title"] for row in july] == titles[2::-1], july


def pages_stand_still_under_writes(intake, archiver, door, events):
    """An export goes on page by page while reports come, change and go: it shows what the first page was part of."""
    door.store(events.some(60))
    position = door.store(events.some(1))["position"]
    before = plain(intake)
    answer = archiver.reports(limit=9, at_least=position)
    rows, total = answer["rows"], answer["total"]
    while "cursor" in answer:
        later = door.store(events.some(3))["position"]
        archiver.reports(limit=1, at_least=later)
        answer = archiver.reports(limit=9, cursor=answer["cursor"])
        assert (answer["as_of"], answer["total"]) == (position, total)
        rows += answer["rows"]
    assert ids(rows) == before.find()
    assert [row["seq"] for row in rows] == [before.versions(row["id"])[-1] for row in rows]


def positions(archiver, door):
    receipt = door.store([harness.report(number="AT-LEAST")])
    assert archiver.reports(number="AT-LEAST", at_least=receipt["position"])["total"] == 1
    assert archiver.ask("record", "head")[1]["position"] == receipt["position"]
    journal, epoch, seq, _ = receipt["position"].split(".")
    beyond = f"{journal}.{epoch}.{int(seq) + 1000}.0123456789abcdef"
    for query, code in (({"at_least": beyond}, "beyond"), ({"at_least": "nowhere"}, "bad-position"),
                        ({"at_least": f"{'1' * 16}.1.5.{'2' * 16}"}, "other-journal"), ({"cursor": "abc"}, "bad-query"),
                        ({"side": False, "text": "犬"}, "no-right"), ({"programme": "cats"}, "unknown-programme")):
        verb, answer = archiver.query(**query)
        assert (verb, answer["code"]) == ("error", code), (query, answer)
        assert answer["text"] and answer["text_zh"], answer
    for payload in (b"", b"\xdd\xff\xff\xff\xff", b"\x81" * 1000, msgpack.packb([1])):
        assert archiver.ask("record", "reports", payload)[0] == "error", payload
    assert archiver.ask("record", "shout")[1]["code"] == "bad-verb"
    assert archiver.report(harness.new_id())[1]["code"] == "not-found"


def a_reader_sees_its_own_unit_only(archiver, door):
    report = harness.report("haining/xucun", {"title": "内部", "contact_name": "王小明"}, contact="P-1")
    position = door.store([report])["position"]
    verb, answer = archiver.report(report["id"], within="haining/xiashi", at_least=position)
    assert (verb, answer["code"]) == ("error", "not-found")
    verb, answer = archiver.report(report["id"], within="haining/xucun", side=False)
    assert verb == "report" and "title" not in answer["versions"][0]["report"], answer
    rows = archiver.pages(within="haining/xiashi", side=False)
    assert rows and all(row["unit"].startswith("haining/xiashi") for row in rows)
    assert not any("王小明" in str(row) or "title" in row["report"] for row in rows)


# ---- what is forgotten ----

def spelled(word):
    """The forms in which a word must not be found again."""
    tokens = " ".join(f"{ord(character):x}" for character in word)
    return [word.encode(), word.encode("gb18030"), tokens.encode(), f"{ord(word[-1]):x}"[1:].encode()]


def nothing_is_left_of_a_person(intake, archiver, door):
    side = {"title": "上门走访", "contact_name": NAME, "contact_phone": PHONE, "narrative": f"由{NAME}带队"}
    reports = [harness.report("haining/xucun", side, contact="P-77") for _ in range(30)]
    door.store(reports)
    amended = [harness.event("report.amended", "haining/xucun", report["body"] | {"amends": report["id"]}, side)
               for report in reports[:5]]
    position = door.store(amended)["position"]
    folder = archiver.database().parent

    def left():
        return [path for path in intake.files_with(*spelled(NAME), PHONE.encode()) if folder in path.parents]

    assert archiver.reports(text=NAME, at_least=position)["total"] == 30
    assert left(), "the search for bytes finds nothing at all"
    erased = door.store([harness.event("person.erased", "haining", {"person": "P-77"})])["position"]
    harness.until(lambda: archiver.query(at_least=erased)[0] == "reports", 20, "the end of the erasure")
    assert archiver.reports(text=NAME)["total"] == archiver.reports(text=PHONE)["total"] == 0
    assert not left(), left()
    versions = archiver.report(reports[0]["id"])[1]["versions"]
    assert [version["removed"] for version in versions] == [True, True], versions
    assert versions[0]["report"]["contact"] == "P-77" and "title" not in versions[0]["report"]
    assert archiver.verify()["ok"]


def an_erasure_is_finished_before_the_end(intake, archiver, door):
    """Stopped as soon as the text is not found any more, whatever is still to be cleaned then."""
    report = harness.report("haining/xucun", {"title": f"{NAME}的留言"})
    position = door.store([report])["position"]
    assert archiver.reports(text=NAME, at_least=position)["total"] == 1
    door.store([harness.event("text.redacted", "haining", {"event": report["id"]})])
    harness.until(lambda: archiver.reports(text=NAME)["total"] == 0, 20, "the redaction")
    assert archiver.stop() == 0
    folder = archiver.database().parent
    assert not [path for path in intake.files_with(*spelled(NAME)) if folder in path.parents]
    archiver.start()


def verification_holds_beside_erasures(archiver, door):
    """Sides go from the journal while it is folded again: that is no fault."""
    reports = [harness.report("haining/yanguan", {"title": f"待删第{i}次"}) for i in range(60)]
    position = door.store(reports)["position"]
    archiver.reports(limit=1, at_least=position)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(archiver.verify()))
    thread.start()
    for report in reports:
        door.store([harness.event("text.redacted", "haining", {"event": report["id"]}), harness.report("haining/xucun")])
    thread.join()
    assert answers[0]["ok"], answers
    assert archiver.verify()["ok"]


# ---- rebuilds, damage, kills ----

def all_answers(archiver, record, questions):
    return [archiver.pages(**query) for query in questions] + [archiver.report(identity) for identity in record.reports]


def a_rebuild_answers_the_same(intake, archiver, events):
    record = plain(intake)
    questions = [events.question() for _ in range(60)]
    before = all_answers(archiver, record, questions)
    assert archiver.stop() == 0
    for path in archiver.database().parent.glob("archiver.db*"):
        path.unlink()
    archiver.start()
    for query, one, other in zip([*questions, *record.reports], before, all_answers(archiver, record, questions)):
        assert one == other, query


def damage_is_folded_away(intake, archiver):
    expected = plain(intake).find()
    assert archiver.stop() == 0
    content = bytearray(archiver.database().read_bytes())
    for at in range(len(content) // 3, len(content), 997):
        content[at] ^= 0x55
    archiver.database().write_bytes(content)
    archiver.start()
    assert "folding again" in archiver.log.read_text()
    assert ids(archiver.pages()) == expected


FORMER = """
CREATE TABLE place (journal INTEGER, epoch INTEGER, seq INTEGER, hash INTEGER, chain BLOB, covers BLOB, unclean INTEGER,
                    reports INTEGER, versions INTEGER);
CREATE TABLE events (seq INTEGER PRIMARY KEY, head BLOB NOT NULL, side BLOB);
CREATE VIRTUAL TABLE search USING fts5 (words, content='', columnsize=0, tokenize='ascii');
INSERT INTO events VALUES (1, x'80', NULL);
PRAGMA user_version=2;
"""


def a_record_of_the_former_version_is_folded_again(intake, archiver):
    expected = plain(intake).find()
    assert archiver.stop() == 0
    for path in archiver.database().parent.glob("archiver.db*"):
        path.unlink()
    connection = sqlite3.connect(archiver.database())
    connection.executescript(FORMER)
    connection.close()
    archiver.start()
    assert "its format is version 2" in archiver.log.read_text()
    assert ids(archiver.pages()) == expected


def verification_names_what_differs(archiver):
    answer = archiver.verify()
    assert answer["ok"] and answer["checked"] > 1000, answer
    assert archiver.stop() == 0
    connection = sqlite3.connect(archiver.database())
    connection.execute("UPDATE versions SET attendances = 999 WHERE seq = 20")
    connection.commit()
    connection.close()
    archiver.start()
    answer = archiver.verify()
    assert not answer["ok"] and "version at seq 20" in answer["first_fault"], answer
    assert not list(archiver.database().parent.glob("verify.db*"))


def folded(archiver):
    """How far it has folded."""
    return int(archiver.ask("record", "head")[1]["position"].split(".")[2])


def every_report_once_whatever_is_killed(intake, archiver, door):
    """kill -9 again and again while 5,000 reports flow: the second half of each part flows over the kill."""
    reports = [harness.report("haining/yanguan", {"title": f"第{i}次"}, number=f"K-{i}") for i in range(5000)]
    last = {}
    kills = 0
    for begin in range(0, len(reports), 500):
        seen = threading.Event()

        def flow(part=reports[begin:begin + 500], seen=seen):
            for i in range(0, len(part), 10):
                assert i != 250 or seen.wait(30)
                last.update(door.store(part[i:i + 10]))

        before = folded(archiver)
        thread = threading.Thread(target=flow)
        thread.start()
        harness.until(lambda before=before: folded(archiver) > before, 20, "progress")
        seen.set()
        kills += thread.is_alive()
        archiver.stop(signal.SIGKILL)
        archiver.start(wait=False)
        thread.join()
    harness.until(lambda: archiver.query(limit=1, at_least=last["position"])[0] == "reports", 60, "the last report")
    numbers = [row["report"]["number"] for row in archiver.pages(unit="haining/yanguan", text="第", limit=500)
               if row["report"].get("number", "").startswith("K-")]
    assert numbers == [report["body"]["number"] for report in reversed(reports)]
    assert ids(archiver.pages(limit=500)) == plain(intake).find()
    assert kills >= 3, kills
    return kills


def main():
    events = Events(11)
    with intake_process.Intake() as intake:
        door = house(intake)
        with archiver_process.Archiver(intake, at_least_ms=1500) as archiver:
            asked, found = answers_equal_a_plain_scan(intake, archiver, door, events)
            what_people_search_for(intake, archiver, door)
            pages_stand_still_under_writes(intake, archiver, door, events)
            positions(archiver, door)
            a_reader_sees_its_own_unit_only(archiver, door)
            nothing_is_left_of_a_person(intake, archiver, door)
            an_erasure_is_finished_before_the_end(intake, archiver, door)
            a_rebuild_answers_the_same(intake, archiver, events)
            damage_is_folded_away(intake, archiver)
            a_record_of_the_former_version_is_folded_again(intake, archiver)
            verification_names_what_differs(archiver)
            for path in archiver.database().parent.glob("archiver.db*"):
                path.unlink()
            kills = every_report_once_whatever_is_killed(intake, archiver, door)
            verification_holds_beside_erasures(archiver, door)
            assert archiver.stop() == 0
        assert "13900000" not in archiver.log.read_text(errors="replace"), "a number in the log"
    print(f"{asked} questions, {found} rows, each as the plain scan; {kills} kills")


main()
