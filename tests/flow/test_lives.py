#!/usr/bin/python3
"""The lives of reports, problems, plans, people and assessments at intake's door, and through HTTP: who may do what, which
step may follow which, and bad input, whose error names the field and changes nothing."""
import json
import time

import msgpack

import harness
import intake_process

DAY = "2026-05-06"
MINUTE = 60_000
NAME = "王小明"
NUMBER = "V-000815"
PHONE = "13900001234"


def fault(receipt):
    """(code, field) of the only fault of a rejected event."""
    assert receipt["status"] == "rejected", receipt
    assert len(receipt["faults"]) == 1, receipt
    assert receipt["faults"][0]["text"] and receipt["faults"][0]["text_en"], receipt
    return receipt["faults"][0]["code"], receipt["faults"][0]["field"]


def at(clock, day=DAY):
    """Milliseconds of a time of the day in China."""
    return int(time.mktime(time.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M")))


class House:
    """The brigade's office, two squads, and how each of them speaks."""

    def __init__(self, intake):
        self.intake = intake
        self.office = intake.door("operator")
        self.office.store([intake_process.unit("haining", "海宁市城市管理志愿服务大队", kind="brigade"),
                           intake_process.unit("haining/xiashi", "硖石志愿中队"),
                           intake_process.unit("haining/xucun", "许村志愿中队")])
        self.pairs = {squad: intake.register(f"{squad}-pc", f"haining/{squad}", "squad") for squad in ("xiashi", "xucun")}
        self.connect()

    def connect(self):
        self.office = self.intake.door("operator")
        self.xiashi = self.intake.door(self.pairs["xiashi"])
        self.xucun = self.intake.door(self.pairs["xucun"])

    def volunteer(self, number=NUMBER, **side):
        event = harness.event("volunteer.enrolled", "haining/xiashi", {"kind": "青年学生"}, {"number": number} | side)
        self.xiashi.store([event])
        return event

    def activity(self, **body):
        event = harness.event("activity.planned", "haining/xiashi", {"programmes": ["dog"]} | body, {"title": "文明养犬进社区"})
        self.xiashi.store([event])
        return event


def step(kind, field, subject, unit="haining", side=None, **body):
    return harness.event(kind, unit, {field: subject["id"]} | body, side)


def reports_are_reviewed(house):
    report = harness.report()
    accepted = step("report.accepted", "report", report)
    returned = step("report.returned", "report", report)
    house.xiashi.store([report])
    (refused,) = house.xiashi.submit([step("report.accepted", "report", report, "haining/xiashi")])
    assert refused["faults"][0]["code"] == "no-right", refused
    assert fault(house.office.submit([returned])[0]) == ("missing", "side.reason")
    house.office.store([accepted])
    assert fault(house.office.submit([step("report.accepted", "report", report)])[0]) == ("already", "body.report")
    house.office.store([step("report.returned", "report", report, side={"reason": "请补充照片"})])
    amended = harness.event("report.amended", "haining/xiashi", {"amends": report["id"], "programmes": ["dog"]}, {"title": "改"})
    withdrawn = step("report.withdrawn", "report", report, "haining/xiashi")
    late = step("report.accepted", "report", report)
    house.xiashi.store([amended, withdrawn])
    for _ in range(2):
        (receipt,) = house.office.submit([late])
        assert fault(receipt) == ("already", "body.report")
        assert "撤回" in receipt["faults"][0]["text"], receipt
        house.intake.restart()
        house.connect()


def one_frame_lives_a_whole_life(house):
    """Steps that wait for the same commit see each other."""
    problem = harness.event("problem.raised", "haining/xucun", {"kind": "piling", "spot": "河西社区3号楼北侧"})
    assigned = step("problem.assigned", "problem", problem, to="haining/xiashi")
    started = step("problem.started", "problem", problem, "haining/xiashi")
    frame = [problem, assigned, started, step("problem.resolved", "problem", problem),
             step("problem.resolved", "problem", problem), step("problem.confirmed", "problem", problem),
             step("problem.reopened", "problem", problem, came_back=True)]
    receipts = house.office.submit(frame)
    assert [receipt["status"] for receipt in receipts] == ["stored"] * 4 + ["rejected"] + ["stored"] * 2, receipts
    assert "已处置" in receipts[4]["faults"][0]["text"], receipts[4]
    house.xiashi.store([step("problem.resolved", "problem", problem, "haining/xiashi")])
    spot = harness.event("problem.raised", "haining/xucun", {"kind": "piling", "solved": True})
    house.xucun.store([spot])
    assert fault(house.office.submit([step("problem.assigned", "problem", spot, to="haining/xucun")])[0]) == ("already", "body.problem")
    house.office.store([step("problem.confirmed", "problem", spot)])
    never = {"id": harness.new_id()}
    assert fault(house.xiashi.submit([step("problem.resolved", "problem", never, "haining/xiashi")])[0]) == (
        "unknown-reference", "body.problem")
    other = harness.event("problem.raised", "haining/xucun", {"kind": "posters"})
    house.xucun.store([other])
    assert fault(house.xiashi.submit([step("problem.resolved", "problem", other, "haining/xiashi")])[0]) == (
        "other-unit", "body.problem")


def plans_are_fixed(house):
    def draft(*months, **body):
        lines = [{"month": month, "programme": "dog", "activities": 2} for month in months]
        return harness.event("plan.drafted", "haining/xiashi", {"year": 2026, "lines": lines} | body)
    for month, code in (("2026-13", "bad-format"), ("2027-01", "contradiction")):
        receipt = house.xiashi.submit([draft("2026-01", "2026-02", "2026-03", month)])[0]
        assert fault(receipt) == (code, "body.lines[3].month"), receipt
    first = draft("2026-01", "2026-02")
    next_version = draft("2026-01", replaces=first["id"])
    house.xiashi.store([first])
    assert fault(house.xiashi.submit([next_version])[0]) == ("already", "body.replaces")
    house.office.store([step("plan.submitted", "plan", first), step("plan.fixed", "plan", first)])
    house.xiashi.store([next_version])


def hours_have_a_cap(house):
    volunteer = house.volunteer()
    activity = house.activity(dates=[DAY], duration=120)

    def hours(minutes, volunteer=volunteer, day=DAY):
        credit = {"volunteer": volunteer["id"], "minutes": minutes, "grade": "entered"}
        return harness.event("hours.credited", "haining/xiashi", {"activity": activity["id"], "date": day, "credits": [credit]})
    good = hours(120)
    (beyond,) = house.xiashi.submit([hours(121)])
    assert fault(beyond) == ("too-big", "body.credits[0].minutes")
    assert "121" in beyond["faults"][0]["text"] and "120" in beyond["faults"][0]["text"], beyond
    assert fault(house.xiashi.submit([hours(-1)])[0]) == ("too-small", "body.credits[0].minutes")
    assert fault(house.xiashi.submit([hours(60, day="2026-05-07")])[0]) == ("contradiction", "body.date")
    assert fault(house.xiashi.submit([hours(60, volunteer=activity)])[0]) == ("unknown-reference", "body.credits[0].volunteer")
    house.xiashi.store([good])
    corrected = {"hours": good["id"], "volunteer": volunteer["id"], "minutes": 130}
    assert fault(house.xiashi.submit([harness.event("hours.corrected", "haining/xiashi", corrected, {"reason": "漏记"})])[0]) == (
        "too-big", "body.minutes")


def signing_in(house):
    """The QR code's token is asked for at the door, fits, and is in no file afterwards."""
    volunteer = house.volunteer("V-000816")
    activity = house.activity()
    verb, answer = house.xiashi.ask("token", msgpack.packb({"activity": bytes(activity["id"])}))
    assert verb == "token" and answer["valid_until"] > time.time() * 1000, (verb, answer)
    assert house.office.ask("token", msgpack.packb({"activity": bytes(activity["id"])}))[1]["token"] == answer["token"]
    verb, refused = house.xucun.ask("token", msgpack.packb({"activity": bytes(activity["id"])}))
    assert verb == "error" and refused["code"] == "other-unit", refused
    body = {"activity": activity["id"], "volunteer": volunteer["id"], "grade": "signed"}
    signed = harness.event("attendance.in", "haining/xiashi", body, {"token": answer["token"]})
    wrong = harness.event("attendance.in", "haining/xiashi", body, {"token": "AAAAAAAAAAAA"})
    (receipt,) = house.xiashi.submit([wrong])
    assert fault(receipt) == ("bad-token", "side.token")
    assert "重新扫码" in receipt["faults"][0]["text"], receipt
    old = signed | {"id": harness.new_id(), "at": signed["at"] - 20 * MINUTE}
    assert fault(house.xiashi.submit([old])[0]) == ("bad-token", "side.token")
    stored = house.xiashi.store([signed])
    for again in (signed, signed | {"side": {"token": "AAAAAAAAAAAA"}}):
        (receipt,) = house.xiashi.submit([again])
        assert receipt["status"] == "duplicate", receipt
    other = signed | {"body": body | {"grade": "leader"}, "side": {}}
    assert house.xiashi.submit([other])[0]["status"] == "conflict"
    assert house.intake.heads()[-1].get("side_hash") is None and stored
    assert house.intake.files_with(answer["token"].encode()) == []


def assessments_end(house):
    item = {"item": "order", "name": "现场秩序", "points": 500}
    scheme = {"scheme": "month", "version": 1, "name": "月度考核", "period": "month", "holds_from": "2026-01", "base": 10000,
              "items": [item]}

    def bands(*limits):
        names = ("不合格", "合格", "优秀")
        return scheme | {"bands": [{"name": name, "from": low, "to": high} for name, (low, high) in zip(names, limits)]}
    for body in (bands((0, 5999), (5999, 8999), (9000, 20000)), bands((0, 5999), (6001, 8999), (9000, 20000))):
        (receipt,) = house.office.submit([harness.event("scheme.set", "haining", body)])
        assert fault(receipt) == ("contradiction", "body.bands[1].from")
    house.office.store([harness.event("scheme.set", "haining", bands((0, 5999), (6000, 8999), (9000, 20000)))])
    assert fault(house.office.submit([harness.event("scheme.set", "haining", scheme)])[0]) == ("contradiction", "body.version")
    score = {"scheme": "month", "item": "order", "period": "2026-05", "stage": "self", "points": 400}
    house.xiashi.store([harness.event("score.set", "haining/xiashi", score)])
    results = {"scheme": "month", "version": 1, "period": "2026-05", "as_of": "00000000000000a1.1.42.00000000000000b2"}
    published = harness.event("assessment.published", "haining", results)
    frozen = harness.event("assessment.frozen", "haining", results)
    assert fault(house.office.submit([frozen])[0]) == ("unknown-reference", "body.period")
    house.office.store([published])
    appeal = harness.event("assessment.appealed", "haining/xiashi", {"assessment": published["id"]}, {"text": "少算了一场"})
    house.xiashi.store([appeal])
    answer = harness.event("assessment.answered", "haining", {"appeal": appeal["id"], "upheld": True, "points": 50}, {"text": "属实"})
    house.office.store([answer, frozen | {"id": harness.new_id()}])
    assert fault(house.office.submit([answer | {"id": harness.new_id()}])[0]) == ("already", "body.appeal")
    assert fault(house.xiashi.submit([harness.event("score.set", "haining/xiashi", score)])[0]) == ("already", "body.period")


def settings_are_known(house):
    def setting(name, value):
        return harness.event("setting.set", "haining", {"name": name, "value": value})
    house.office.store([setting("report-due-days", "5")])
    assert fault(house.office.submit([setting("report-due-days", "soon")])[0]) == ("bad-format", "body.value")
    assert fault(house.office.submit([setting("report-due-day", "5")])[0]) == ("bad-word", "body.name")


def a_volunteer_is_erased(house):
    """Name, number and what was said of the volunteer leave the journal; the credits stay."""
    volunteer = house.volunteer("V-000999", name=NAME, phone=PHONE)
    activity = house.activity(dates=[DAY])
    credit = {"volunteer": volunteer["id"], "minutes": 60, "grade": "entered"}
    hours = harness.event("hours.credited", "haining/xiashi", {"activity": activity["id"], "date": DAY, "credits": [credit]})
    updated = harness.event("volunteer.updated", "haining/xiashi", {"volunteer": volunteer["id"]}, {"phone": PHONE})
    objection = harness.event("hours.objected", "haining/xiashi", {"volunteer": volunteer["id"], "hours": hours["id"]},
                              {"text": f"{NAME}说少记了半小时"})
    answer = harness.event("hours.answered", "haining/xiashi",
                           {"objection": objection["id"], "volunteer": volunteer["id"], "upheld": False}, {"text": f"{NAME}早退"})
    corrected = harness.event("hours.corrected", "haining/xiashi",
                              {"hours": hours["id"], "volunteer": volunteer["id"], "minutes": 50}, {"reason": f"{NAME}早退"})
    story = harness.event("story.submitted", "haining/xiashi", {"kind": "individual", "volunteers": [volunteer["id"]]},
                          {"title": f"好人{NAME}"})
    other = house.volunteer("V-001000", name="李雷")
    house.xiashi.store([hours, updated, objection, answer, corrected, story])
    erased = harness.event("person.erased", "haining", {"volunteer": volunteer["id"], "ground": "request"})
    house.office.store([erased])
    words = [word.encode(charset) for word in (NAME, "V-000999", PHONE) for charset in ("utf-8", "gb18030")]
    assert house.intake.files_with(*words) == []
    seqs = {head["id"]: head["seq"] for head in house.intake.heads()}
    sides = house.intake.sides()
    assert not {seqs[event["id"]] for event in (volunteer, updated, objection, answer, corrected, story)} & set(sides), sides
    assert sides[seqs[other["id"]]]["name"] == "李雷"
    assert seqs[hours["id"]], "the credits stay"
    late = updated | {"id": harness.new_id()}
    assert fault(house.xiashi.submit([late])[0]) == ("already", "body.volunteer")
    assert house.xiashi.submit([volunteer])[0]["status"] == "duplicate", "who sends it again brings nobody back"
    both = harness.event("person.erased", "haining", {"volunteer": other["id"], "person": "P-1"})
    assert fault(house.office.submit([both])[0]) == ("contradiction", "body.person")


def bad_people(house):
    def enrolled(body=None, **side):
        return harness.event("volunteer.enrolled", "haining/xiashi", body or {}, {"number": "V-1"} | side)
    (card,) = house.xiashi.submit([enrolled(number="33048119900101001X")])
    assert fault(card) == ("card-number", "side.number") and "33048119900101001X" not in json.dumps(card["faults"]), card
    assert fault(house.xiashi.submit([enrolled({"minor": True})])[0]) == ("contradiction", "body.guardian")
    assert fault(house.xiashi.submit([enrolled({"units": ["haining/nowhere"]})])[0]) == ("unknown-unit", "body.units[0]")


def main():
    started = time.monotonic()
    with intake_process.Intake() as intake:
        house = House(intake)
        for part in (reports_are_reviewed, one_frame_lives_a_whole_life, plans_are_fixed, hours_have_a_cap, signing_in,
                     assessments_end, settings_are_known, a_volunteer_is_erased, bad_people):
            before = len(intake.heads())
            part(house)
            assert len(intake.heads()) > before or part is bad_people, part.__name__
        assert intake.control().ask("verify", harness.NIL)[1]["ok"]
        assert intake.stop() == 0
    print(f"all of it in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
