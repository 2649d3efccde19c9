#!/usr/bin/python3
"""Problems from finding to closing, through the doors: the office sees what is open, overdue, came back, now and as it stood;
steps that do not fit are refused by name and change nothing."""
import json
import unittest
import urllib.parse

import harness

SPOT = "河西社区3号楼北侧"


def step(kind, problem, unit="haining/xucun", **body):
    return harness.event(kind, unit, {"problem": problem, **body})


class Problems(unittest.TestCase):
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

    def raise_problem(self, unit="haining/xucun", **body):
        event = harness.event("problem.raised", unit, {"kind": "posters", "spot": SPOT, **body}, {"description": "楼道牛皮癣"})
        self.submit(event)
        return event["id"]

    def get(self, path, status=200):
        found, answer = self.chaoxun.http("GET", path)
        self.assertEqual(found, status, answer)
        return answer

    def figures(self, position, **words):
        query = urllib.parse.urlencode({"at_least": position, **words})
        return self.get(f"/api/v1/figures/problems?{query}")["rows"]

    def test_a_life(self):
        problem = self.raise_problem(town="许村镇")
        self.submit(step("problem.assigned", problem, to="haining/xucun", due="2026-01-31"))
        before = self.submit(step("problem.started", problem))
        row = self.figures(before["position"], town="许村镇")[0]
        self.assertEqual((row["raised"], row["open"], row["overdue"]), (1, 1, 1))
        self.submit(step("problem.resolved", problem, case_number="HN-2026-0001"))
        self.submit(step("problem.reopened", problem))
        self.submit(step("problem.resolved", problem))
        self.submit(step("problem.confirmed", problem))
        last = self.submit(step("problem.reopened", problem, came_back=True))
        row = self.figures(last["position"], town="许村镇")[0]
        self.assertEqual((row["open"], row["rework"], row["came_back"]), (1, 1, 1))
        # As it stood.
        earlier = self.figures(last["position"], town="许村镇", at=before["position"])[0]
        self.assertEqual((earlier["open"], earlier["rework"], earlier["overdue"]), (1, 0, 1))
        one = self.get(f"/api/v1/problems/{self.text(problem)}")
        states = [row["state"] for row in one["steps"]]
        self.assertEqual(states, ["raised", "assigned", "started", "resolved", "reopened", "resolved", "confirmed",
                                  "reopened"])
        self.assertEqual(one["steps"][-1]["case_number"], "HN-2026-0001")
        self.assertEqual(one["steps"][-1]["state_name"], "重新打开")

    @staticmethod
    def text(raw):
        digits = raw.hex()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def test_what_does_not_fit_is_refused(self):
        problem = self.raise_problem(kind="piling")
        position = self.submit(step("problem.started", problem))["position"]
        before = self.figures(position, kind="piling")
        cases = [
            (step("problem.confirmed", problem), "already", "body.problem", "处置中"),
            (step("problem.resolved", harness.new_id()), "unknown-reference", "body.problem", ""),
            (step("problem.duplicated", problem, of=problem), "contradiction", "body.of", ""),
        ]
        for event, code, field, words in cases:
            fault = self.submit(event, "rejected")["faults"][0]
            self.assertEqual((fault["code"], fault["field"]), (code, field), fault)
            self.assertIn(words, fault["text"])
        self.assertEqual(self.figures(position, kind="piling"), before)
        self.assertEqual(self.get("/api/v1/figures/problems?by=colour", 400)["code"], "bad-query")
        self.assertEqual(self.get("/api/v1/figures/problems?from=2026-02-01&to=2026-01-01", 400)["code"], "bad-query")
        self.assertEqual(self.get("/api/v1/problems/00000000-0000-7000-8000-000000000001", 404)["code"], "not-found")

    def test_tables(self):
        for _ in range(3):
            problem = self.raise_problem(unit="haining/dingqiao", kind="dog-mess", town="丁桥镇")
        position = self.submit(step("problem.refused", problem, unit="haining/dingqiao"))["position"]
        table = self.chaoxun.command("problem", "figures", "--by", "squad,kind", "--unit", "haining/dingqiao",
                                     "--at-least", position, "--lang", "zh")
        self.assertEqual(table.returncode, 0, table.stderr)
        self.assertRegex(table.stdout, r"丁桥志愿中队 +犬粪未即时清除 +2 +2 +\d")
        self.assertIn("非本部门", table.stdout)
        listed = self.chaoxun.command("problem", "list", "--state", "open", "--town", "丁桥镇", "--json")
        self.assertEqual(json.loads(listed.stdout)["total"], 2)
        shown = self.chaoxun.command("problem", "show", self.text(problem), "--lang", "zh")
        self.assertIn("非本部门职责", shown.stdout)
        wrong = self.chaoxun.command("problem", "figures", "--from", "gestern")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("--from: gestern is not a day like 2026-05-06", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
