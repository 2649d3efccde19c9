#!/usr/bin/python3
"""Every point of an assessment leads to exactly what was counted: for each row of proto/tables/figures.def the address behind
the figure is asked, and what it gives is added up again. What was published stays so, byte for byte, whatever is reported,
withdrawn, solved or renamed later, and so does what stands behind it.

The house runs under a clock of its own, so that reports come late and months are not whole on their day.
"""
import datetime
import json
import pathlib
import re
import tempfile
import unittest

import day_clock
import harness

FIGURES = re.findall(r'^FIGURE\(\w+, +"([a-z-]+)"', (harness.ROOT / "proto/tables/figures.def").read_text(encoding="utf-8"), re.M)
CHINA = datetime.timezone(datetime.timedelta(hours=8))
BUSY, OTHER, PERIOD = "haining/xucun", "haining/maqiao", "2026-05"
TEAM = BUSY + "/t1"


def distinct(name):
    return lambda rows: len({row[name] for row in rows})


def added(name):
    return lambda rows: sum(row.get(name, 0) for row in rows)


def only(name):
    """The one row says it itself; None: there is none."""
    def read(rows):
        assert len(rows) == 1, rows
        return rows[0].get(name)
    return read


# What the rows behind the address must add up to. A figure without a line here fails.
ADDED_UP = {
    "reports": len, "activities": distinct("activity"), "attendances": added("attendances"), "minutes": added("minutes"),
    "late-reports": len, "returned-reports": len, "warnings": len, "missing-reports": len, "late-month": len,
    "plan-activities-percent": only("activities_percent"), "plan-attendances-percent": only("attendances_percent"),
    "plan-minutes-percent": only("minutes_percent"), "problems-raised": len, "problems-resolved": len,
    "problems-overdue": len, "problems-rework": added("rework"), "recurrences": added("came_back"),
    "stories-submitted": len, "stories-published": len, "volunteers": lambda rows: len({row["volunteer"] for row in rows}),
}


class House:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="cxb-")
        self.clock = day_clock.Clock(pathlib.Path(self.folder.name) / "clock")
        self.day = datetime.date(2026, 4, 20)
        self.clock.set(self.day)
        self.chaoxun = harness.Instance(environment=self.clock.environment)
        self.chaoxun.start()
        self.door = self.chaoxun.socket("submit")
        self.position = None
        self.count = 0

    def close(self):
        self.chaoxun.close()
        self.folder.cleanup()

    def pass_to(self, day):
        """The first event of a day opens it; what comes after that is judged by it."""
        self.day = datetime.date.fromisoformat(day)
        self.clock.set(self.day)
        self.add("menu.set", "haining", {"item": 9000 + self.count, "name": "新的一天"})
        self.chaoxun.ask(self.door, "head")

    def add(self, kind, unit, body, side=None):
        """Stored on the day of the clock; gives its id."""
        self.count += 1
        noon = datetime.datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=CHINA)
        at = int(noon.timestamp() * 1000) + 1000 * self.count
        made = harness.event(kind, unit, body, side, id=harness.new_id(at), at=at)
        (receipt,) = self.chaoxun.submit(made, self.door)
        assert receipt["status"] == "stored", (made, receipt)
        self.position = receipt["position"]
        return made["id"]

    def report(self, unit, date, side=None, **body):
        return self.add("report.submitted", unit, {"programmes": ["clean-home"], "date": date} | body,
                        side or {"title": "河道清理", "narrative": "清理两岸"})

    def get(self, path):
        status, answer = self.chaoxun.http("GET", path)
        assert status == 200, (path, answer)
        return answer

    def assessment(self, **words):
        query = "&".join(f"{name}={value}" for name, value in words.items())
        return self.get(f"/api/v1/assessment?scheme=all&period={PERIOD}&{query}")

    def rows(self, address):
        """All that stands behind an address, page by page."""
        found, cursor = [], None
        while True:
            answer = self.get(address + (f"&cursor={cursor}" if cursor else "") + ("&limit=2" if "/reports?" in address else ""))
            found += answer["items"] if "items" in answer else answer["rows"]
            cursor = answer.get("cursor")
            if not cursor:
                return found


def scheme():
    items = [{"item": f"i{number}", "name": figure, "figure": figure, "points": 1} for number, figure in enumerate(FIGURES)]
    return {"scheme": "all", "version": 1, "name": "全部", "period": "month", "holds_from": PERIOD, "base": 0, "items": items,
            "bands": [{"name": "全部", "from": 0, "to": 1_000_000}]}


def enter(house):
    """A May of two squads, with an April and a June around it, in which something of every figure happens."""
    house.add("unit.set", TEAM, {"name": "一组", "kind": "team"})
    house.add("scheme.set", "haining", scheme())
    volunteers = [house.add("volunteer.enrolled", BUSY, {"kind": "居民"}, {"number": f"V-{number}", "name": f"志愿者{number}"})
                  for number in range(3)]
    plan = house.add("plan.drafted", BUSY, {"year": 2026, "lines": [
        {"month": month, "programme": "clean-home", "activities": 8, "attendances": 90, "minutes": 6000}
        for month in ("2026-04", "2026-05")]})
    house.add("plan.submitted", BUSY, {"plan": plan})
    house.add("plan.fixed", "haining", {"plan": plan})
    held = [house.add("activity.planned", "haining", {"programmes": ["clean-home"], "dates": [day], "duration": 120, "units": units})
            for day, units in (("2026-05-03", [BUSY, OTHER]), ("2026-05-04", [TEAM]), ("2026-05-06", [BUSY]), ("2026-05-31", [BUSY]))]
    house.pass_to("2026-05-05")
    house.report(BUSY, "2026-05-03", activity=held[0], attendances=30, attendances_approx="at-least", minutes=1800)
    house.report(BUSY, "2026-05-03", activity=held[0], attendances=4)  # its second report of one activity
    house.report(OTHER, "2026-05-03", activity=held[0], attendances=50)
    house.report(BUSY, "2026-04-30", attendances=17, people=99)
    for hours in (volunteers[:2], volunteers[1:]):
        credits = [{"volunteer": one, "minutes": 90, "grade": "entered"} for one in hours]
        house.add("hours.credited", BUSY, {"activity": held[0] if hours is volunteers[:2] else held[1], "date": "2026-05-04",
                                           "credits": credits})
    house.pass_to("2026-05-12")
    house.report(TEAM, "2026-05-04", activity=held[1], attendances=8, minutes=960)  # late
    doubtful = house.report(BUSY, "2026-05-10", {"title": "5月9日清理"}, attendances=5, people=9)
    amended = house.report(BUSY, "2026-05-10", attendances=5, people=9)
    house.add("report.amended", BUSY, {"amends": amended, "programmes": ["clean-home"], "date": "2026-05-10", "attendances": 12,
                                       "people": 9}, {"title": "河道清理", "narrative": "清理两岸", "reason": "更正"})
    house.add("report.returned", "haining", {"report": doubtful}, {"reason": "请核对"})
    house.add("report.accepted", "haining", {"report": amended})
    gone = house.report(BUSY, "2026-05-11", attendances=1000, people=1001)
    house.add("report.withdrawn", BUSY, {"report": gone}, {"reason": "重复"})
    one, other = (house.report(BUSY, "2026-05-11", attendances=3) for _ in range(2))
    house.add("activity.merged", "haining", {"into": one, "from": other}, {"reason": "同一活动"})
    problems(house)
    stories(house)
    house.pass_to("2026-06-10")
    house.report(BUSY, "2026-05-31", activity=held[3], attendances=6)  # late, and behind the month's day
    house.report(BUSY, "2026-06-01", attendances=6, people=7)
    house.add("problem.raised", BUSY, {"kind": "posters"}, {"description": "六月"})


def problems(house):
    def raised(unit=BUSY, **body):
        return house.add("problem.raised", unit, {"kind": "posters"} | body, {"description": "楼道"})

    def step(kind, problem, unit=BUSY, **body):
        house.add(kind, unit, {"problem": problem} | body)
    overdue, again, back, copy, not_ours = raised(TEAM), raised(), raised(solved=True), raised(), raised()
    raised(OTHER)
    step("problem.assigned", overdue, "haining", to=BUSY, due="2026-05-20")
    step("problem.duplicated", copy, "haining", of=overdue)
    step("problem.refused", not_ours, "haining")
    for _ in range(2):
        step("problem.resolved", again)
        step("problem.reopened", again)
    step("problem.resolved", again)
    step("problem.confirmed", back, "haining")
    step("problem.reopened", back, came_back=True)


def stories(house):
    sent = [house.add("story.submitted", unit, {"kind": "case"}, {"title": "典型"}) for unit in (BUSY, TEAM, OTHER)]
    house.add("story.chosen", "haining", {"story": sent[0]})
    house.add("story.published", "haining", {"story": sent[0], "medium": "newspaper", "outlet": "海宁日报", "date": "2026-05-12"})


class Behind(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.addClassCleanup(cls.house.close)
        enter(cls.house)

    def check(self, assessment):
        """Each figure of each squad against what stands behind it; gives the values of the busy squad."""
        values = {}
        for row in assessment["rows"]:
            self.assertEqual([item["figure"] for item in row["items"]], FIGURES)
            for item in row["items"]:
                found = ADDED_UP[item["figure"]](self.house.rows(item["behind"])) if "value" in item or row["unit"] == BUSY else None
                if row["unit"] != BUSY and found is None:
                    continue
                self.assertEqual(found, item.get("value"), (row["unit"], item))
                if row["unit"] == BUSY:
                    values[item["figure"]] = item["value"]
        return values

    def test_each_figure_leads_to_what_it_counted(self):
        house = self.house
        preview = house.assessment(at_least=house.position)
        values = self.check(preview)
        self.assertEqual(values, {
            "reports": 8, "activities": 6, "attendances": 30 + 4 + 8 + 5 + 12 + 3 + 3 + 6, "minutes": 1800 + 960,
            "late-reports": 2, "missing-reports": 1, "late-month": 1, "plan-activities-percent": 7500,
            "plan-attendances-percent": 71 * 10000 // 90, "plan-minutes-percent": 4600, "problems-raised": 3,
            "problems-resolved": 1, "problems-overdue": 1, "problems-rework": 2, "recurrences": 1, "stories-submitted": 2,
            "stories-published": 1, "volunteers": 3, "returned-reports": 1, "warnings": 1})
        # Published it is the same for ever, and so is what stands behind it.
        words = {"scheme": "all", "version": 1, "period": PERIOD, "as_of": house.position}
        house.add("assessment.published", "haining", words)
        house.add("assessment.frozen", "haining", words)
        frozen = house.assessment(at_least=house.position)
        behind = {item["behind"]: house.rows(item["behind"]) for row in frozen["rows"] for item in row["items"] if row["unit"] == BUSY}
        self.assertEqual(frozen["state"], "frozen")
        asked = self.questions()
        self.turn_everything_over()
        again = house.assessment(at_least=house.position)
        self.assertEqual(json.dumps(again), json.dumps(frozen))
        self.check(again)
        self.assertEqual({address: house.rows(address) for address in behind}, behind)
        for address, before in asked.items():
            after = house.get(address)
            self.assertEqual(json.dumps(after | {"as_of": ""}), json.dumps(before | {"as_of": ""}), address)

    def questions(self):
        """Tables by squad as they stand at this moment."""
        at = self.house.position.split(".")[2]
        paths = ("totals", "figures/problems", "figures/plans", "figures/stories", "hours")
        asked = [f"/api/v1/{path}?by=squad&at={at}" for path in paths]
        asked += [f"/api/v1/{path}?at={at}" for path in ("completeness", "missing", "problems", "plans", "stories")]
        return {address: self.house.get(address) for address in asked}

    def turn_everything_over(self):
        """The squad becomes something else under another name, its team a squad; another one comes first; what was reported is
        withdrawn, what was open is solved."""
        house = self.house
        house.add("unit.set", BUSY, {"name": "改名", "kind": "body", "order": 40})
        house.add("unit.set", TEAM, {"name": "升格", "kind": "squad", "order": 1})
        house.add("unit.set", OTHER, {"name": "马桥改名", "kind": "squad", "order": 2})
        listed = house.rows(f"/api/v1/totals/reports?unit={BUSY}&from=2026-05-01&to=2026-05-31")
        for row in listed[:3]:
            house.add("report.withdrawn", row["unit"], {"report": bytes.fromhex(row["report"].replace("-", ""))}, {"reason": "重报"})
        for row in house.get(f"/api/v1/problems?unit={BUSY}&state=open&limit=500")["rows"]:
            house.add("problem.resolved", row["unit"], {"problem": bytes.fromhex(row["id"].replace("-", ""))})
        house.report(BUSY, "2026-05-06", attendances=500, people=501)

    def test_a_mark_is_named_when_it_is_wrong(self):
        for path in ("totals/reports?mark=lost", "totals?mark=late", "completeness?month_late=perhaps", "problems?state=lost"):
            status, answer = self.house.chaoxun.http("GET", "/api/v1/" + path)
            self.assertEqual((status, answer["code"]), (400, "bad-query"), answer)
            self.assertIn(path.split("?")[1].split("=")[0], answer["detail"])


if __name__ == "__main__":
    unittest.main()
