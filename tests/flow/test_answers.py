#!/usr/bin/python3
"""Answers from end to end: read, confirmed and answered are facts of their own, by commands, over HTTP and by signed links;
twice harms nothing; a recalled notice is cancelled where it was not sent, and told as sent where it was."""
import json
import re
import time
import unittest
import urllib.request
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

    def test_1b_a_report_answers_the_notice_that_it_names(self):
        notice = self.issue()
        report = harness.report("haining/xucun", answers=notice)
        self.position = self.store(report)["position"]
        status = self.status(notice)
        rows = {row["person"]: row for row in status["rows"]}
        self.assertIn("answered_at", rows["P-1"])
        self.assertNotIn("confirmed_at", rows["P-1"])
        self.assertNotIn("answered_at", rows["P-2"])
        self.assertEqual([(one["unit"], one["source"]) for one in status["readings"]], [("haining/xucun", "report")])
        for wrong, unit, code in ((notice, "haining/maqiao", "not-for-unit"), (harness.new_id(), "haining/xucun", "unknown-reference")):
            fault = self.store(harness.report(unit, answers=wrong), "rejected")["faults"][0]
            self.assertEqual((fault["field"] in ("unit", "body.answers"), fault["code"]), (True, code))

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

    def test_4_by_command(self):
        notice = uuid.UUID(bytes=self.issue())

        def command(*words, code=0):
            result = self.chaoxun.command("notice", *words)
            self.assertEqual(result.returncode, code, result.stdout + result.stderr)
            return result.stdout if code == 0 else result.stderr
        self.assertIn("--unit PATH is needed: the notice is for 2 units", command("read", notice, code=2))
        self.assertIn("not for haining/maqiao", command("read", notice, "--unit", "haining/maqiao", code=1))
        for words in (("read", notice), ("confirm", notice), ("answer", notice, "去五人")):
            said = command(*words, "--unit", "haining/xucun", "--by", "P-1")
            self.assertIn("stored", said)
        position = said.split("position=")[1].strip()
        shown = command("status", notice, "--at-least", position)
        day = r"\S+ [\d:]+"
        self.assertRegex(shown, rf"(?m)^沈佳 +许村志愿中队 +{day} +{day} +{day} *$")
        self.assertRegex(shown, r"(?m)^陆明 +硖石志愿中队 +- +- +- *$")
        self.assertIn("answer of 许村志愿中队 (P-1): 去五人", shown)
        said = command("recall", notice)
        self.assertIn("recalled ", command("status", notice, "--at-least", said.split("position=")[1].strip()))
        self.assertIn("recalled", command("recall", notice, code=1))
        command("read", "nothing", code=2)

    def test_5_a_squad_over_http(self):
        login = urllib.request.Request(self.chaoxun.url + "/api/v1/session", method="POST",
                                       data=json.dumps({"account": "shen", "password": notice_scene.PASSWORD}).encode(),
                                       headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(login) as answer:
            cookie = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        notice = str(uuid.UUID(bytes=self.issue()))

        def post(kind, unit="haining/xucun"):
            event = {"type": f"notice.{kind}", "unit": unit, "body": {"notice": notice}}
            status, answer = self.chaoxun.http("POST", "/api/v1/events", event, cookie, token=None)
            receipt = answer["receipts"][0]
            return status, receipt.get("position") or receipt["faults"][0]["code"]
        self.assertEqual(post("recalled"), (422, "no-right"))
        self.assertEqual(post("read", "haining/xiashi"), (422, "other-unit"))
        self.assertEqual(post("read")[0], 201)
        status, position = post("confirmed")
        self.assertEqual(status, 201)
        rows = self.chaoxun.http("GET", f"/api/v1/notices?at_least={position}", headers=cookie, token=None)[1]["rows"]
        own = next(row for row in rows if row["id"] == notice)
        self.assertIn("read_at", own)
        self.assertIn("confirmed_at", own)
        seen = self.chaoxun.http("GET", f"/api/v1/notices/{notice}?at_least={position}", headers=cookie, token=None)[1]
        self.assertEqual([(one["unit"], one["source"]) for one in seen["readings"]], [("haining/xucun", "account:shen")])
        self.assertTrue(all("confirmed_at" in row for row in seen["rows"]), "an account speaks for its unit's recipients")
        self.assertEqual({row["unit"] for row in seen["rows"]}, {"haining/xucun"}, "others' recipients are not told")

    def link_in(self, text):
        return re.search(r"http://\S+/hooks/confirm/[\w-]{43}(?![\w-])", text).group()

    def page(self, method, link):
        status, page = harness.request(method, link)
        return status, page.decode()

    def test_6_by_link(self):
        self.scene.set_contact("P-4", "haining/maqiao", name="吴军", phone="13800138004", email="wu@haining.test")
        notice = self.issue(units=["haining/maqiao"], confirm_by=int(time.time() * 1000) + 3600_000)
        texts = lambda: [one["text"] for one in self.scene.gateway.asked if one["to"] == "13800138004"]
        link = self.link_in(harness.until(texts, 20, "the SMS")[0])
        mail = harness.until(lambda: self.scene.smtp.messages("wu@haining.test"), 20, "the e-mail")[0]
        self.assertNotEqual(self.link_in(mail.text), link, "each message has a link of its own")
        self.assertEqual(self.status(notice)["parts"], 2, "the link counts")
        status, page = self.page("GET", link)
        self.assertEqual((status, "确认收到" in page), (200, True))
        self.assertNotIn("readings", self.status(notice), "who only looks has not confirmed")
        for _ in range(2):
            status, page = self.page("POST", link)
            self.assertEqual((status, "已确认" in page), (200, True), page)
        confirmed = harness.until(lambda: self.status(notice).get("readings"), 10, "the confirmation")
        self.assertEqual([(one["person"], one["source"], "confirmed_at" in one, "read_at" in one) for one in confirmed],
                         [("P-4", "service:notifier", True, False)])
        self.assertEqual(self.page("POST", link)[0], 200, "later, too")
        self.page("POST", self.link_in(mail.text))  # the same person by the other message
        events = [json.loads(line) for line in self.chaoxun.command("tail", "--no-follow", "--json").stdout.splitlines()]
        told = [one for one in events if one["type"] == "notice.confirmed" and one.get("by") == "P-4"]
        self.assertEqual(len(told), 1, "one event, however often the links are followed")
        self.assertEqual(uuid.UUID(told[0]["cause"]).bytes, notice)

    def test_7_bad_links(self):
        self.scene.set_contact("P-5", "haining/changan", name="卫东", phone="13800138005")
        texts = lambda: [one["text"] for one in self.scene.gateway.asked if one["to"] == "13800138005"]
        sent = self.issue(units=["haining/changan"], confirm_by=int(time.time() * 1000) + 3600_000)
        link = self.link_in(harness.until(texts, 20, "the SMS")[0])
        other = "B" if link[-43] != "B" else "C"
        base = link[:-43]
        for forged in (base + other + link[-42:], link[:-1], link + "A", base + "A" * 43, base + "x" * 101, base + "%20"):
            with self.subTest(forged):
                status, page = self.page("POST", forged)
                self.assertEqual((status, "链接无效" in page), (403, True), page)
        self.assertNotIn("readings", self.status(sent))
        self.assertRegex(self.chaoxun.http("GET", "/metrics")[1].decode(), r"chaoxun_confirm_links_forged_total\S* [45]\b")
        self.say("recalled", sent, unit="haining")
        self.status(sent)
        status, page = self.page("POST", link)
        self.assertEqual((status, "通知已撤回" in page), (409, True), page)
        self.issue(units=["haining/changan"], confirm_by=int(time.time() * 1000) - 60_000)
        late = self.link_in(harness.until(lambda: len(texts()) == 2 and texts(), 20, "the next SMS")[1])
        status, page = self.page("POST", late)
        self.assertEqual((status, "链接已过期" in page), (410, True), page)
        self.issue(units=["haining/changan"])
        self.assertNotIn("/hooks/confirm/", harness.until(lambda: len(texts()) == 3 and texts(), 20, "the third SMS")[2])


if __name__ == "__main__":
    unittest.main(verbosity=2)
