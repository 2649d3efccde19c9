#!/usr/bin/python3
"""An assessment from its scheme to the end, by the doors: previewed on last month, published, appealed, answered, frozen; each
point leads to what stands behind it. What does not fit is refused by its field."""
import datetime
import json
import unittest
import urllib.parse
import uuid

import harness

TODAY = harness.today()
LAST = TODAY.replace(day=1) - datetime.timedelta(days=1)
PERIOD = LAST.strftime("%Y-%m")
BUSY, OTHER = "haining/xucun", "haining/dingqiao"
BANDS = [{"name": "不合格", "from": 0, "to": 5999}, {"name": "合格", "from": 6000, "to": 8999},
         {"name": "优秀", "from": 9000, "to": 20000}]
ITEMS = [{"item": "activity", "name": "活动开展", "figure": "activities", "points": 200, "cap": 500},
         {"item": "problem", "name": "问题发现", "figure": "problems-raised", "points": 50},
         {"item": "late", "name": "迟报", "figure": "late-reports", "points": -100},
         {"item": "order", "name": "现场秩序", "points": 500}]


def scheme(name, version=1, **body):
    return harness.event("scheme.set", "haining", {"scheme": name, "version": version, "name": "月度考核", "period": "month",
                                                   "holds_from": PERIOD, "base": 8500, "items": ITEMS, "bands": BANDS} | body)


class Assessment(unittest.TestCase):
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

    def get(self, path="/api/v1/assessment", status=200, **words):
        found, answer = self.chaoxun.http("GET", f"{path}?{urllib.parse.urlencode(words)}")
        self.assertEqual(found, status, answer)
        return answer

    def report(self):
        return self.submit(harness.report(BUSY, date=str(LAST), programmes=["clean-home"], attendances=12))["position"]

    def row(self, answer, unit=BUSY):
        (row,) = [row for row in answer["rows"] if row["unit"] == unit]
        return row

    def test_a_month_from_scheme_to_freezing(self):
        self.submit(scheme("monthly"))
        for _ in range(3):
            done = self.report()
        words = {"scheme": "monthly", "period": PERIOD}
        preview = self.get(at_least=done, **words)
        row = self.row(preview)
        items = {item["item"]: item for item in row["items"]}
        late = items["late"]["value"]  # they are of last month: whether they are late depends on the day
        self.assertEqual((preview["state"], items["activity"]["value"], items["activity"]["points"], items["activity"]["capped"]),
                         ("preview", 3, 500, True))
        self.assertEqual(row["points"], 8500 + 500 - 100 * late)
        behind = self.chaoxun.http("GET", items["activity"]["behind"])[1]
        self.assertEqual(len(behind["items"]), 3)
        self.assertEqual({other["points"] for other in preview["rows"] if other["unit"] != BUSY}, {8500})
        places = {other["rank"] for other in preview["rows"] if other["unit"] != BUSY}
        self.assertEqual((row["rank"], places), (1, {2}))

        # A draft is previewed beside it; by hand only the office's word counts.
        self.submit(self.draft())
        evidence = harness.report(BUSY, date=str(LAST), programmes=["dog"])["id"]
        score = {"scheme": "monthly", "item": "order", "period": PERIOD, "stage": "self", "points": 450, "evidence": [evidence]}
        self.submit(harness.event("score.set", BUSY, score))
        position = self.submit(harness.event("score.set", BUSY, score | {"stage": "final", "points": 300}))["position"]
        again = self.row(self.get(at_least=position, version=2, **words))
        self.assertEqual((again["base"], again["points"]), (7000, 7000 + 500 - 100 * late + 300))
        order = again["items"][3]
        self.assertEqual((order["self"], order["final"], order["points"], order["evidence_count"]), (450, 300, 300, 1))

        # Published it stands, whatever comes; appeals add what their answers say.
        results = {"scheme": "monthly", "version": 1, "period": PERIOD, "as_of": position}
        published = harness.event("assessment.published", "haining", results)
        self.submit(published)
        sum_published = 8500 + 500 - 100 * late + 300
        later = self.report()
        answer = self.get(at_least=later, **words)
        self.assertEqual((answer["state_name"], self.row(answer)["points"]), ("公示", sum_published))
        self.assertEqual(answer["assessment"].replace("-", ""), published["id"].hex())
        appeal = harness.event("assessment.appealed", OTHER, {"assessment": published["id"]}, {"text": "少算了一场"})
        waits = self.submit(appeal)["position"]
        self.assertEqual(self.row(self.get(at_least=waits, **words), OTHER)["appeals"][0]["state_name"], "待答复")
        self.submit(harness.event("assessment.answered", "haining", {"appeal": appeal["id"], "upheld": True, "points": 150},
                                  {"text": "属实"}))
        frozen = self.submit(harness.event("assessment.frozen", "haining", results))["position"]
        final = self.get(at_least=frozen, **words)
        other = self.row(final, OTHER)
        self.assertEqual((final["state"], other["points"], other["adjusted"], other["band"]), ("frozen", 8650, 150, "合格"))
        # Frozen, it is the same for ever.
        end = self.report()
        self.assertEqual(self.get(at_least=end, **words), final)
        table = self.chaoxun.command("assessment", "--scheme", "monthly", "--period", PERIOD, "--lang", "zh").stdout
        self.assertIn("名次", table)
        self.assertRegex(table, r"丁桥志愿中队 +86\.5 +合格")
        listed = json.loads(self.chaoxun.command("scheme", "list", "--scheme", "monthly", "--json").stdout)["rows"]
        self.assertEqual([(row["version"], "holds_from" in row, len(row["items"])) for row in listed], [(1, True, 4), (2, False, 4)])
        items = self.chaoxun.command("assessment", "--scheme", "monthly", "--period", PERIOD, "--items", "--lang", "zh").stdout
        self.assertIn(f"/api/v1/totals/reports?unit={OTHER}&from={LAST.replace(day=1)}&to={LAST}&at=", items)
        faults = self.submit(harness.event("assessment.published", "haining", results), "rejected")["faults"]
        self.assertEqual(faults[0]["field"], "body.period")

    def draft(self):
        event = scheme("monthly", 2, base=7000)
        del event["body"]["holds_from"]
        return event

    def test_volunteers_lead_to_their_hours(self):
        people = [harness.event("volunteer.enrolled", OTHER, {"kind": "机关"}, {"number": f"A-{n}"}) for n in range(3)]
        plan = harness.event("activity.planned", OTHER, {"programmes": ["dog"], "dates": [str(LAST)]}, {"title": "文明养犬"})
        credits = [{"volunteer": one["id"], "minutes": minutes, "grade": grade}
                   for one, minutes, grade in zip(people, (90, 60, 30), ("leader", "entered", "credit"))]
        hours = harness.event("hours.credited", OTHER, {"activity": plan["id"], "date": str(LAST), "credits": credits})
        rule = scheme("people", items=[{"item": "people", "name": "参与面", "figure": "volunteers", "points": 10}])
        for event in (*people, plan, hours, rule):
            stored = self.submit(event)
        answer = self.get(scheme="people", period=PERIOD, at_least=stored["position"])
        (item,) = self.row(answer, OTHER)["items"]
        behind = self.chaoxun.http("GET", item["behind"])[1]
        self.assertEqual((item["value"], item["points"]), (2, 20), "another platform's hours are nobody's here")
        self.assertEqual(sorted(row["minutes"] for row in behind["rows"]), [60, 90])
        self.assertEqual(len({row["volunteer"] for row in behind["rows"]}), item["value"])
        self.assertEqual({uuid.UUID(row["event"]).bytes for row in behind["rows"]}, {hours["id"]})

    def test_what_does_not_fit_is_refused(self):
        self.submit(scheme("strict"))
        cases = [
            (scheme("bad", bands=[BANDS[0], BANDS[1] | {"from": 5999}]), "body.bands[1].from"),
            (scheme("bad", items=[ITEMS[0] | {"figure": "smiles"}]), "body.items[0].figure"),
            (harness.event("score.set", BUSY, {"scheme": "none", "item": "order", "period": PERIOD, "stage": "self",
                                               "points": 1}), "body.scheme"),
            (harness.event("score.set", BUSY, {"scheme": "strict", "item": "order", "period": str(LAST.year), "stage": "self",
                                               "points": 1}), "body.period"),
        ]
        for event, field in cases:
            self.assertEqual(self.submit(event, "rejected")["faults"][0]["field"], field)
        position = self.chaoxun.command("scheme", "list", "--json").stdout
        self.assertIn("strict", position)
        for status, code, text, words in ((422, "unknown-reference", "scheme", {"scheme": "none", "period": PERIOD}),
                                          (400, "bad-query", "period", {"scheme": "strict", "period": "2026-Q2"}),
                                          (422, "unknown-reference", "version", {"scheme": "strict", "period": PERIOD, "version": 9}),
                                          (400, "bad-query", "version", {"scheme": "strict", "period": "2001-01"}),
                                          (422, "unknown-unit", "nowhere", {"scheme": "strict", "period": PERIOD, "unit": "haining/nowhere"})):
            answer = self.get(status=status, **words)
            self.assertEqual(answer["code"], code, answer)
            self.assertIn(text, json.dumps(answer, ensure_ascii=False))


if __name__ == "__main__":
    unittest.main()
