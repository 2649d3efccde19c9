#!/usr/bin/python3
"""Bad input at the office's doors: by HTTP and by the command each gets an error that names the field, and nothing is changed:
the journal ends where it ended, and every figure is what it was."""
import json
import unittest
import uuid

import harness

UNIT = "haining/xucun"
BANDS = [{"name": "合格", "from": 0, "to": 8999}, {"name": "优秀", "from": 9000, "to": 20000}]
QUESTIONS = ("totals?by=squad", "completeness", "missing", "figures/problems?by=squad", "problems", "plans", "figures/plans?by=squad",
             "figures/stories?by=squad", "hours?by=squad", "hours/overlaps", "schemes", "volunteers", "reports",
             "assessment?scheme=held&period=2026-05")


def text(identity):
    return str(uuid.UUID(bytes=identity))


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance()
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()
        cls.door = cls.chaoxun.socket("submit")
        cls.cases = cls.enter()

    @classmethod
    def store(cls, kind, unit, body, side=None):
        made = harness.event(kind, unit, body, side)
        (receipt,) = cls.chaoxun.submit(made, cls.door)
        assert receipt["status"] == "stored", receipt
        return made["id"]

    @classmethod
    def enter(cls):
        """What there is; gives what is wrong, the event, the field that must be named."""
        activity = cls.store("activity.planned", UNIT, {"programmes": ["dog"], "dates": ["2026-05-06"], "duration": 120})
        volunteer = cls.store("volunteer.enrolled", UNIT, {}, {"number": "V-1", "name": "李四海"})
        hours = cls.store("hours.credited", UNIT, {"activity": activity, "date": "2026-05-06", "credits": [
            {"volunteer": volunteer, "minutes": 60, "grade": "entered"}]})
        gone = cls.store("report.submitted", UNIT, {"programmes": ["dog"], "date": "2026-05-06", "attendances": 4}, {"title": "撤回的"})
        cls.store("report.withdrawn", UNIT, {"report": gone}, {"reason": "重复"})
        cls.store("report.submitted", UNIT, {"programmes": ["dog"], "date": "2026-05-06", "attendances": 9}, {"title": "留下的"})
        cls.store("scheme.set", "haining", cls.scheme("held", BANDS))
        credit = {"volunteer": text(volunteer), "grade": "entered"}
        credited = {"activity": text(activity), "date": "2026-05-06"}
        line = {"month": "2026-05", "programme": "dog", "activities": 1}
        return [
            ("a plan for an unknown month", "plan.drafted", UNIT, {"year": 2026, "lines": [line, line | {"month": "2026-13"}]},
             "body.lines[1].month"),
            ("a plan for another year's month", "plan.drafted", UNIT, {"year": 2026, "lines": [line | {"month": "2027-01"}]},
             "body.lines[0].month"),
            ("minutes below zero", "hours.credited", UNIT, credited | {"credits": [credit | {"minutes": -30}]},
             "body.credits[0].minutes"),
            ("minutes beyond the activity", "hours.credited", UNIT, credited | {"credits": [credit | {"minutes": 121}]},
             "body.credits[0].minutes"),
            ("a correction below zero", "hours.corrected", UNIT,
             {"hours": text(hours), "volunteer": text(volunteer), "minutes": -1}, "body.minutes"),
            ("a correction beyond the activity", "hours.corrected", UNIT,
             {"hours": text(hours), "volunteer": text(volunteer), "minutes": 121}, "body.minutes"),
            ("service time below zero", "report.submitted", UNIT, {"programmes": ["dog"], "minutes": -5}, "body.minutes"),
            ("a problem that was never raised", "problem.resolved", UNIT, {"problem": text(harness.new_id())}, "body.problem"),
            ("a report that was withdrawn", "report.accepted", "haining", {"report": text(gone)}, "body.report"),
            ("bands that overlap", "scheme.set", "haining",
             cls.scheme("overlaps", [BANDS[0], BANDS[1] | {"from": 8999}]), "body.bands[1].from"),
        ]

    @staticmethod
    def scheme(name, bands):
        return {"scheme": name, "version": 1, "name": "月度考核", "period": "month", "holds_from": "2026-05", "base": 8000,
                "items": [{"item": "held", "name": "活动开展", "figure": "activities", "points": 100}], "bands": bands}

    def everything(self):
        """Where the journal ends, and every figure of the office as it is told."""
        verb, head = self.chaoxun.ask(self.door, "head")
        self.assertEqual(verb, "head")
        found = {"head": head}
        for path in QUESTIONS:
            glue = "&" if "?" in path else "?"
            status, answer = self.chaoxun.http("GET", f"/api/v1/{path}{glue}at_least={head['position']}")
            self.assertEqual(status, 200, answer)
            found[path] = answer
        return found

    def by_http(self, event):
        status, answer = self.chaoxun.http("POST", "/api/v1/events", event)
        self.assertEqual(status, 422, answer)
        (receipt,) = answer["receipts"]
        self.assertEqual(receipt["status"], "rejected", receipt)
        return receipt["faults"]

    def test_each_is_refused_by_its_field_and_changes_nothing(self):
        before = self.everything()
        for what, kind, unit, body, field in self.cases:
            event = {"type": kind, "unit": unit, "body": body}
            side = {"title": "标题"} if kind == "report.submitted" else {"reason": "核对"} if kind == "hours.corrected" else None
            event |= {"side": side} if side else {}
            with self.subTest(what, door="http"):
                (fault,) = self.by_http(event)
                self.assertEqual(fault["field"], field, fault)
                self.assertTrue(fault["text"] and fault["text_en"], fault)
            with self.subTest(what, door="command"):
                done = self.chaoxun.command("submit", stdin=json.dumps(event), environment={"CHAOXUN_LANG": "en"})
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("rejected", done.stdout + done.stderr)
                self.assertIn(field, done.stdout + done.stderr)
        self.assertEqual(self.everything(), before)
        # The same with what fits is taken: the door is open, only these are refused.
        good = {"type": "problem.raised", "unit": UNIT, "body": {"kind": "posters"}, "side": {"description": "楼道"}}
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/events", good)[0], 201)
        self.assertNotEqual(self.everything()["problems"], before["problems"])


if __name__ == "__main__":
    unittest.main()
