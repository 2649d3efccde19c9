#!/usr/bin/python3
"""Figures with real services, at the HTTP door and by the command: completeness and who is missing, figures as they stood,
dimensions, comparison, the reports behind a figure, and bad questions, whose error names the field."""
import datetime
import unittest
import urllib.parse

import harness

SQUADS = ("xiashi", "xucun", "maqiao")
chaoxun = harness.Instance()


def setUpModule():
    chaoxun.start()


def tearDownModule():
    chaoxun.close()


def get(path, **query):
    status, answer = chaoxun.http("GET", path + "?" + urllib.parse.urlencode({key.rstrip("_"): value for key, value
                                                                              in query.items()}))
    return status, answer


def figures(path="/api/v1/totals", **query):
    status, answer = get(path, **query)
    assert status == 200, (status, answer)
    return answer


def stored(*events):
    """The position that holds the events."""
    receipts = chaoxun.submit(list(events))
    assert all(receipt["status"] == "stored" for receipt in receipts), receipts
    return receipts[-1]["position"]


def today():
    return datetime.date.fromisoformat(figures("/api/v1/completeness")["today"])


def ago(days):
    return str(today() - datetime.timedelta(days))


def report(squad, **body):
    return harness.event("report.submitted", f"haining/{squad}", {"programmes": ["dog"]} | body)


def planned(dates, *squads):
    return harness.event("activity.planned", "haining", {
        "programmes": ["dog"], "dates": dates, "units": [f"haining/{squad}" for squad in squads]})


class Completeness(unittest.TestCase):
    def test_owed_in_time_late_and_missing(self):
        held, joint, over, to_come = (planned([ago(1)], "xiashi"), planned([ago(9), ago(8)], "xiashi", "xucun"),
                                      planned([ago(20)], "maqiao"), planned([ago(-5)], "maqiao"))
        stored(held, joint, over, to_come)
        late = report("xucun", activity=joint["id"], date=ago(9))
        before = stored(report("xiashi", activity=held["id"], date=ago(1)), late)
        seen = stored(harness.event("report.amended", "haining/xucun",
                                    {"programmes": ["dog"], "amends": late["id"], "activity": joint["id"], "date": ago(8)}))
        rows = figures("/api/v1/completeness", at_least=seen)["rows"]
        sums = {squad: [sum(row[key] for row in rows if row["unit"] == f"haining/{squad}")
                        for key in ("expected", "in_time", "late", "missing", "open")] for squad in SQUADS}
        self.assertEqual(sums, {"xiashi": [2, 1, 0, 1, 0], "xucun": [1, 0, 1, 0, 0], "maqiao": [2, 0, 0, 1, 1]})
        missing = figures("/api/v1/missing")["rows"]
        self.assertEqual({(row["unit"], row["due"], row["days"]) for row in missing},
                         {("haining/xiashi", ago(5), 5), ("haining/maqiao", ago(17), 17)})
        shown = chaoxun.command("missing", "--lang", "zh").stdout
        self.assertIn("硖石志愿中队", shown)
        self.assertIn("逾期天数", shown)
        self.assertIn("应报", chaoxun.command("completeness", "--lang", "zh").stdout)

        # A deadline that changes, a cancelled activity, a report that comes at last: and how it stood before.
        shown = next(row for row in missing if row["unit"] == "haining/maqiao")["activity"]
        self.assertEqual(shown.replace("-", ""), over["id"].hex())
        after = stored(harness.event("activity.cancelled", "haining", {"activity": over["id"]}),
                       harness.event("setting.set", "haining/xiashi", {"name": "report-due-days", "value": "30"}))
        self.assertEqual(figures("/api/v1/missing", at_least=after)["rows"], [])
        self.assertEqual(figures("/api/v1/missing", at=seen)["rows"], missing)
        self.assertEqual(figures("/api/v1/missing", at=before)["rows"], missing)

    def test_bad_questions(self):
        for path, field, query in (("/api/v1/completeness", "from", {"from_": "2026-13"}),
                                   ("/api/v1/completeness", "from", {"from_": "2026-05", "to": "2026-04"}),
                                   ("/api/v1/missing", "unit", {"unit": "haining/nowhere"}),
                                   ("/api/v1/missing", "limit", {"limit": "0"}),
                                   ("/api/v1/missing", "at", {"at": "soon"})):
            status, answer = get(path, **query)
            self.assertIn(status, (400, 422), (path, query))
            self.assertIn("nowhere" if field == "unit" else field, answer["detail_en"], answer)


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.first = report("xucun", date="2024-02-29", town="许村镇", attendances=20, attendances_approx="at-least",
                           measures=[{"name": "清理垃圾", "unit": "吨", "quantity": 1200, "approx": "below"}],
                           found=[{"kind": "piling", "count": 3, "solved": 2}, {"kind": "posters"}])
        cls.second = report("xucun", date="2024-03-04", town="长安镇", attendances=10, programmes=["dog", "parking"],
                            measures=[{"name": "清理垃圾", "unit": "吨", "quantity": 300}])
        cls.then = stored(cls.first, cls.second)
        cls.now = stored(harness.event("report.amended", "haining/xucun", {
            "programmes": ["dog"], "amends": cls.first["id"], "date": "2024-02-29", "attendances": 25}))

    def ask(self, **query):
        return figures(from_="2024-01-01", to="2024-12-31", at_least=self.now, **query)

    def test_as_it_stood(self):
        self.assertEqual(self.ask()["rows"][0]["attendances"]["value"], 35)
        for at in (self.then, self.then.split(".")[2]):
            answer = self.ask(at=at)
            self.assertEqual(answer["rows"][0]["attendances"], {"value": 30, "exact": 1, "at_least": 1, "below": 0,
                                                                "about": 0, "mark": "≥"})
            self.assertEqual(answer["at"], int(self.then.split(".")[2]))
            self.assertEqual(answer["as_of"].split(".")[0], self.now.split(".")[0])
        self.assertEqual(self.ask(at="2020-01-01")["rows"][0]["reports"], 0)

    def test_dimensions(self):
        at = self.then
        self.assertEqual([(row["period"], row["reports"]) for row in self.ask(by="week", at=at)["rows"]],
                         [("2024-W09", 1), ("2024-W10", 1)])
        self.assertEqual([row["period"] for row in self.ask(by="quarter", fill="1", at=at)["rows"]],
                         ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"])
        towns = {row["town"]: row["attendances"]["value"] for row in self.ask(by="town", at=at)["rows"]}
        self.assertEqual(towns, {"许村镇": 20, "长安镇": 10})
        kinds = {row["kind"]: (row["quantity"]["value"], row["quantity"]["mark"], row["solved"]["value"])
                 for row in self.ask(by="kind", at=at)["rows"]}
        self.assertEqual(kinds, {"piling": (3, "", 2), "posters": (1, "≥", 0)})
        [measure] = self.ask(by="squad,measure", at=at)["rows"]
        self.assertEqual((measure["measure"], measure["quantity"]["value"], measure["quantity"]["mark"],
                          measure["reports"]), ("清理垃圾", 1500, "近", 2))
        self.assertEqual(self.ask(programmes="parking,clean-home", at=at)["rows"][0]["reports"], 1)
        self.assertEqual(self.ask(towns="许村镇,长安镇", units="haining/xucun,haining/xiashi", at=at)["rows"][0]["reports"], 2)

    def test_comparison_and_order(self):
        [row] = figures(from_="2024-03-01", to="2024-03-31", compare="before", at=self.then, at_least=self.now)["rows"]
        self.assertEqual((row["before"]["attendances"]["value"], row["before"]["attendances_change"],
                          row["before"]["from"], row["before"]["to"]), (20, -10, "2024-02-01", "2024-02-29"))
        answer = self.ask(by="month", order="attendances", top="1", at=self.then)
        self.assertEqual([row["period"] for row in answer["rows"]], ["2024-02"])
        self.assertEqual(answer["left_out"], 1)

    def test_the_reports_behind_a_figure(self):
        answer = figures("/api/v1/totals/reports", from_="2024-01-01", to="2024-12-31", limit=1, at_least=self.now)
        ids = [answer["items"][0]["report"]]
        answer = figures("/api/v1/totals/reports", from_="2024-01-01", to="2024-12-31", limit=1, cursor=answer["cursor"])
        ids += [answer["items"][0]["report"]]
        self.assertNotIn("cursor", answer)
        self.assertEqual([identity.replace("-", "") for identity in ids],
                         [self.second["id"].hex(), self.first["id"].hex()])
        status, found = chaoxun.http("GET", f"/api/v1/reports/{ids[0]}")
        self.assertEqual((status, found["versions"][0]["report"]["date"]), (200, "2024-03-04"))
        shown = chaoxun.command("totals", "--reports", "--kind", "piling", "--at", self.then).stdout
        self.assertIn(ids[1], shown)
        self.assertNotIn(ids[0], shown)

    def test_the_command(self):
        shown = chaoxun.command("totals", "--from", "2024-01-01", "--to", "2024-12-31", "--by", "squad,measure", "--at",
                                self.then, "--order", "measure", "--top", "1", "--lang", "zh")
        self.assertIn("近1.5吨", shown.stdout, shown.stderr)
        shown = chaoxun.command("totals", "--from", "2024-03-01", "--to", "2024-03-31", "--compare", "before").stdout
        self.assertIn("2024-02-01..2024-02-29", shown)

    def test_bad_questions(self):
        journal, epoch, seq, mark = self.now.split(".")
        for named, query in (("by", {"by": "colour"}), ("top", {"top": 0}), ("order", {"order": "beauty"}),
                             ("order", {"order": "measure"}), ("compare", {"compare": "before"}), ("fill", {"fill": "1"}),
                             ("at", {"at": "yesterday"}), (str(int(seq) + 1000000), {"at": int(seq) + 1000000}),
                             ("beyond", {"at": f"{journal}.{epoch}.{int(seq) + 1000000}.{mark}"}),
                             ("towns", {"towns": "杭州"}), ("level", {"level": 3}), ("tree", {"tree": "oak"}),
                             ("undated", {"undated": "1", "from_": "2024-01-01"}), ("nowhere", {"units": "haining/nowhere"}),
                             ("fishing", {"programmes": "fishing"}), ("measures_max", {"measures_max": 5001})):
            status, answer = get("/api/v1/totals", **query)
            self.assertIn(status, (400, 422), query)
            self.assertIn(named, answer["detail_en"] + answer["code"], query)
        status, answer = get("/api/v1/totals/reports", cursor="x")
        self.assertEqual((status, "cursor" in answer["detail_en"]), (400, True))


class Tree(unittest.TestCase):
    def test_the_new_tree_and_levels(self):
        unit = {"name": "新志愿中队", "kind": "squad"}
        stored(harness.event("unit.set", "haining/old", unit | {"name": "旧志愿中队"}), harness.event("unit.set", "haining/new", unit))
        then = stored(harness.event("report.submitted", "haining/old", {"programmes": ["dog"], "date": "2023-05-06"}),
                      harness.event("report.submitted", "haining/new", {"programmes": ["dog"], "date": "2023-05-06"}))
        now = stored(harness.event("unit.set", "haining/old", unit | {"name": "旧志愿中队", "closed": True,
                                                                        "continued_by": "haining/new"}))
        def rows(**query):
            answer = figures(by="squad", from_="2023-01-01", to="2023-12-31", at_least=now, **query)
            return {row["unit"]: row["reports"] for row in answer["rows"] if row["reports"]}
        self.assertEqual(rows(), {"haining/old": 1, "haining/new": 1})
        self.assertEqual(rows(tree="new"), {"haining/new": 2})
        self.assertEqual(rows(tree="new", unit="haining/new"), {"haining/new": 2})
        self.assertEqual(rows(tree="new", at=then), {"haining/old": 1, "haining/new": 1})
        answer = figures(by="unit", level=1, from_="2023-01-01", to="2023-12-31")
        self.assertEqual([(row["unit"], row["reports"]) for row in answer["rows"]], [("haining", 2)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
