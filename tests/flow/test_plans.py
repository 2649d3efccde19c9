#!/usr/bin/python3
"""Plans against what is reported, live: versions, the brigade's own plan, a forecast for the running month; the menu; stories
and where they appeared. What does not fit is refused by its field."""
import datetime
import json
import unittest
import urllib.parse

import harness

UNIT = "haining/xucun"
TODAY = harness.today()
YEAR, MONTH = TODAY.year, TODAY.strftime("%Y-%m")


def line(month=MONTH, programme="clean-home", **numbers):
    return {"month": month, "programme": programme, **numbers}


class Plans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance()
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()
        cls.door = cls.chaoxun.socket("submit")

    def submit(self, event, status="stored"):
        receipt = self.chaoxun.submit(event, self.door)[0]
        self.assertEqual(receipt["status"], status, receipt)
        return receipt

    def fix(self, lines, unit=UNIT, **body):
        """A plan drafted, submitted and fixed; the position at which it holds."""
        draft = harness.event("plan.drafted", unit, {"year": YEAR, "lines": lines, **body})
        self.submit(draft)
        self.submit(harness.event("plan.submitted", unit, {"plan": draft["id"]}))
        return draft["id"], self.submit(harness.event("plan.fixed", unit, {"plan": draft["id"]}))["position"]

    def get(self, path, status=200, **words):
        found, answer = self.chaoxun.http("GET", f"{path}?{urllib.parse.urlencode(words)}")
        self.assertEqual(found, status, answer)
        return answer

    def test_plan_and_done(self):
        unit = "haining/dingqiao"
        first, position = self.fix([line(activities=4, attendances=100, minutes=6000), line(f"{YEAR}-01", activities=2)], unit)
        report = harness.report(unit, date=f"{MONTH}-01", programmes=["clean-home"], attendances=30,
                                attendances_approx="at-least", attendances_unit="名", minutes=1500)
        done = self.submit(report)["position"]
        words = {"unit": unit, "by": "squad,programme,month", "from": f"{MONTH}-01"}
        row = self.get("/api/v1/figures/plans", at_least=done, **words)["rows"][0]
        self.assertEqual((row["planned_activities"], row["activities"], row["activities_percent"]), (4, 1, 2500))
        self.assertEqual((row["attendances"]["mark"], row["attendances"]["value"], row["attendances_percent"]), ("≥", 30, 3000))
        self.assertEqual(row["minutes_percent"], 2500)
        days = (datetime.date(YEAR + (TODAY.month == 12), TODAY.month % 12 + 1, 1) - TODAY.replace(day=1)).days
        self.assertEqual(row["forecast_activities"], (days + TODAY.day // 2) // TODAY.day)
        self.assertIn(f"截至本月第{TODAY.day}日完成1次", row["forecast"])
        # A new version holds from its fixing on; before, the old one did.
        second, later = self.fix([line(activities=8)], unit, replaces=first)
        self.assertEqual(self.get("/api/v1/figures/plans", at_least=later, **words)["rows"][0]["planned_activities"], 8)
        old = self.get("/api/v1/figures/plans", at_least=later, at=position, **words)["rows"][0]
        self.assertEqual(old["planned_activities"], 4)
        listed = self.get("/api/v1/plans", unit=unit)["rows"]
        self.assertEqual([(row["version"], row["state"], row["holds"]) for row in listed],
                         [(1, "fixed", False), (2, "fixed", True)])
        raw = second.hex()
        lines = self.get("/api/v1/plans/" + "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:])))["lines"]
        self.assertEqual(lines[0]["activities"], 8)
        table = self.chaoxun.command("plan", "figures", "--unit", unit, "--by", "squad,month", "--lang", "zh")
        self.assertRegex(table.stdout, rf"丁桥志愿中队 +{MONTH} +8 +1 +12\.5")

    def test_what_does_not_fit_is_refused(self):
        def plan(lines, **body):
            return harness.event("plan.drafted", UNIT, {"year": YEAR, "lines": lines, **body})
        draft = plan([line(activities=1)])
        self.submit(draft)
        cases = [
            (plan([line(activities=1), line("1999-05", activities=1)]), "body.lines[1].month"),
            (plan([line(f"{YEAR + 1}-05", activities=1)]), "body.lines[0].month"),
            (plan([line(programme="fishing", activities=1)]), "body.lines[0].programme"),
            (plan([line(activities=1), line(activities=2)]), "body.lines[1]"),
            (harness.event("plan.fixed", UNIT, {"plan": draft["id"]}), "body.plan"),
            (plan([line(activities=1)], replaces=draft["id"]), "body.replaces"),
        ]
        for event, field in cases:
            fault = self.submit(event, "rejected")["faults"][0]
            self.assertTrue(fault["field"].startswith(field), fault)
        self.assertEqual(self.get("/api/v1/figures/plans", 400, by="day")["code"], "bad-query")

    def test_menu_and_stories(self):
        position = self.submit(harness.event("menu.set", "haining", {"item": 57, "name": "𠮷祥社区普法讲座"}))["position"]
        self.assertEqual(self.get("/api/v1/menu", at_least=position)["rows"], [{"item": 57, "name": "𠮷祥社区普法讲座", "off": False}])
        story = harness.event("story.submitted", UNIT, {"kind": "case"}, {"title": "楼道牛皮癣一周清零"})
        self.submit(story)
        chosen = self.submit(harness.event("story.chosen", "haining", {"story": story["id"]}))["position"]
        for outlet in ("海宁日报", "大潮网"):
            last = self.submit(harness.event("story.published", "haining", {
                "story": story["id"], "medium": "newspaper", "outlet": outlet, "date": str(TODAY)}))["position"]
        rows = self.get("/api/v1/figures/stories", at_least=last, by="squad,outlet")["rows"]
        self.assertEqual({row["outlet"]: row["publications"] for row in rows}, {"": 0, "海宁日报": 1, "大潮网": 1})
        whole = self.get("/api/v1/figures/stories", at=chosen)["rows"][0]
        self.assertEqual((whole["stories"], whole["chosen"], whole["publications"]), (1, 1, 0))
        listed = json.loads(self.chaoxun.command("story", "list", "--state", "published", "--json").stdout)["rows"]
        self.assertEqual([(row["state_name"], row["publications"]) for row in listed], [("已刊发", 2)])


if __name__ == "__main__":
    unittest.main()
