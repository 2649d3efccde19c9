#!/usr/bin/python3
"""Answers from end to end: a notice that is not read is reminded of, and escalates; one that is read is not; reading twice
harms nothing; a recalled one is cancelled where it was not sent, and told as sent where it was."""
import unittest
import uuid

import harness
import notice_scene

UNITS = ["haining/xucun", "haining/xiashi"]


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scene = notice_scene.Scene()
        cls.scene.__enter__()
        cls.addClassCleanup(cls.scene.__exit__, None)
        cls.chaoxun = cls.scene.chaoxun
        cls.scene.set_contact("P-1", "haining/xucun", name="沈佳", phone="13800138001")
        cls.scene.set_contact("P-2", "haining/xiashi", name="陆明", phone="13800138002")
        cls.scene.set_account("shen", "haining/xucun", "squad")

    @classmethod
    def store(cls, event, status="stored"):
        receipt = cls.chaoxun.submit(event)[0]
        assert receipt["status"] == status, receipt
        return receipt

    def issue(self, **body):
        event = harness.event("notice.issued", "haining", {"units": UNITS} | body, {"title": "集中清理", "text": "周六上午九点"})
        self.position = self.store(event)["position"]
        return event["id"]

    def say(self, kind, notice, unit="haining/xucun", status="stored", side=None, **envelope):
        receipt = self.store(harness.event(f"notice.{kind}", unit, {"notice": notice}, side or {}) | envelope, status)
        self.position = receipt.get("position", self.position)
        return receipt

    def status(self, notice):
        code, answer = self.chaoxun.http("GET", f"/api/v1/notices/{uuid.UUID(bytes=notice)}?at_least={self.position}")
        self.assertEqual(code, 200, answer)
        return answer

    def test_1_separate_facts(self):
        notice = self.issue()
        self.assertNotIn("read_at", self.status(notice)["notice"])
        self.say("read", notice, by="P-1")
        self.say("read", notice, by="P-1")
        status = self.status(notice)
        rows = {row["person"]: row for row in status["rows"]}
        self.assertIn("read_at", rows["P-1"])
        self.assertNotIn("confirmed_at", rows["P-1"])
        self.assertNotIn("read_at", rows["P-2"])
        self.assertEqual(len(status["readings"]), 1, "read twice is read once")
        self.say("confirmed", notice, unit="haining/xiashi")
        self.say("answered", notice, side={"text": "去五人"}, by="P-1")
        status = self.status(notice)
        rows = {row["person"]: row for row in status["rows"]}
        self.assertIn("confirmed_at", rows["P-2"])
        self.assertNotIn("read_at", rows["P-2"])
        self.assertIn("answered_at", rows["P-1"])
        self.assertEqual([reading.get("answer") for reading in status["readings"]], [None, "去五人"])

    def test_2_refused(self):
        notice = self.issue()
        code = lambda receipt: receipt["faults"][0]["code"]
        self.assertEqual(code(self.say("read", notice, unit="haining/maqiao", status="rejected")), "not-for-unit")
        self.assertEqual(code(self.say("read", harness.new_id(), status="rejected")), "unknown-reference")
        self.say("recalled", notice, unit="haining")
        self.assertEqual(code(self.say("confirmed", notice, status="rejected")), "already")
        self.assertEqual(code(self.say("recalled", notice, unit="haining", status="rejected")), "already")

    def test_3_recalled(self):
        self.scene.set_contact("P-3", "haining/xucun", name="王芳", email="later@haining.test")
        self.scene.smtp.temporary = 1000
        notice = self.issue()
        states = lambda: {row["person"]: row["state"] for row in self.status(notice)["rows"]}
        harness.until(lambda: states() == {"P-1": "accepted", "P-2": "accepted", "P-3": "retry"}, 20, "the first attempts")
        self.say("recalled", notice, unit="haining")
        status = self.status(notice)
        self.assertIn("recalled_at", status["notice"])
        harness.until(lambda: states() == {"P-1": "accepted", "P-2": "accepted", "P-3": "cancelled"}, 20, "its end")


if __name__ == "__main__":
    unittest.main(verbosity=2)
