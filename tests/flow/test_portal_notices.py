#!/usr/bin/python3
"""Notices at the HTTP door: the preview, what became of each message, and the reports of the SMS gateway."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import unittest
import urllib.parse
import uuid

import harness
import notice_scene
from notice_scene import delivery

SQUAD, PHONE, OTHER_PHONE = "haining/xiashi", "13800138001", "13800138002"


class Notices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scene = notice_scene.Scene(CHAOXUN_CALL_MS="2000", CHAOXUN_RETRY_MS="100")
        cls.addClassCleanup(cls.scene.__exit__, None)
        cls.scene.__enter__()
        cls.chaoxun = cls.scene.chaoxun
        for account, unit, role in (("xiashi", SQUAD, "squad"), ("guide", "haining", "guide"), ("boss", "haining", "office")):
            cls.scene.set_account(account, unit, role)
        cls.scene.set_contact("P001", SQUAD, name="沈佳", phone=PHONE, email="later@haining.test")
        cls.scene.set_contact("P002", "haining/xucun", name="王芳", phone=OTHER_PHONE, email="refused@haining.test")
        cls.cookies = {account: cls.sign_in(account) for account in ("xiashi", "guide", "boss")}

    @classmethod
    def sign_in(cls, account):
        body = json.dumps({"account": account, "password": notice_scene.PASSWORD})
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(cls.chaoxun.url).netloc, timeout=20)
        with contextlib.closing(connection):
            connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
            return connection.getresponse().headers["Set-Cookie"].split(";")[0]

    def ask(self, path, account="boss", document=None):
        return self.chaoxun.http("POST" if document is not None else "GET", path, document,
                                 {"Cookie": self.cookies[account]}, token=False)

    def send(self, *units, title="高温提醒", text="今明两天高温，户外活动请改在早晚。"):
        """The receipt of a notice that was taken."""
        event = {"type": "notice.issued", "unit": "haining", "body": {"units": list(units)},
                 "side": {"title": title, "text": text}}
        status, answer = self.ask("/api/v1/events", document=event)
        self.assertEqual(status, 201, answer)
        return answer["receipts"][0]

    def status(self, receipt, account="boss"):
        status, answer = self.ask(f"/api/v1/notices/{receipt['id']}?at_least={receipt['position']}", account)
        self.assertEqual(status, 200, answer)
        return answer

    def states(self, receipt):
        return {(row["person"], row["channel"]): row["state"] for row in self.status(receipt)["rows"]}

    def wait_states(self, receipt, states):
        harness.until(lambda: self.states(receipt) == states, 20, f"{states} of {self.states(receipt)}")

    # ---- whom it would reach ----

    def test_the_preview_says_whom_it_reaches(self):
        question = {"units": [SQUAD, "haining/xucun", "haining/dingqiao"], "title": "高温提醒", "text": "早晚活动𠮷"}
        status, answer = self.ask("/api/v1/notices/preview", document=question)
        self.assertEqual(status, 200, answer)
        self.assertEqual([(unit["name"], unit["people"], unit["sms"], unit["email"]) for unit in answer["units"]],
                         [("硖石志愿中队", 1, 1, 1), ("许村志愿中队", 1, 1, 1), ("丁桥志愿中队", 0, 0, 0)])
        self.assertEqual((answer["people"], answer["sms"], answer["email"]), (2, 2, 2))
        self.assertEqual(answer["sms_text"], "【海宁城管志愿】高温提醒：早晚活动𠮷")
        self.assertEqual((answer["sms_characters"], answer["sms_parts"]), (len(answer["sms_text"]) + 1, 1))
        self.assertEqual((answer["email_subject"], answer["robot_text"]),
                         ("高温提醒", "【海宁城管志愿】高温提醒\n早晚活动𠮷"))
        self.assertIn("早晚活动𠮷", answer["email_text"])
        long = self.ask("/api/v1/notices/preview", document=question | {"text": "长" * 800})[1]
        self.assertGreater(long["sms_parts"], long["sms_parts_max"])
        self.assertFalse([one for one in self.scene.gateway.asked if "𠮷" in one["text"]], "nothing is sent")
        for document, code in (({}, 422), ({"units": []}, 422), ({"units": ["haining/nowhere"]}, 422), ([], 422),
                               (question | {"text": "x" * 2001}, 422), (question | {"colour": 1}, 422), (b"{", 400)):
            status, answer = self.ask("/api/v1/notices/preview", document=document)
            self.assertEqual(status, code, answer)
            self.assertTrue(answer["detail"])
        for account in ("xiashi", "guide"):
            self.assertEqual(self.ask("/api/v1/notices/preview", account, question)[0], 403)

    # ---- what became of it ----

    def test_each_message_comes_to_its_end(self):
        receipt = self.send(SQUAD, "haining/xucun")
        self.wait_states(receipt, {("P001", "sms"): "accepted", ("P001", "email"): "delivered",
                                   ("P002", "sms"): "accepted", ("P002", "email"): "undelivered"})
        reports = self.scene.reports(PHONE)
        self.assertEqual([status for status, _ in reports.send_all(delivery.DELIVERED, delivery.SMSC_ACCEPTED,
                                                                    delivery.DELIVERED)], [200] * 3)
        self.assertEqual(self.scene.reports(OTHER_PHONE).send(delivery.UNDELIVERED, A="id:1 stat:UNDELIV\x00\xff")[0], 200)
        self.wait_states(receipt, {("P001", "sms"): "delivered", ("P001", "email"): "delivered",
                                   ("P002", "sms"): "undelivered", ("P002", "email"): "undelivered"})
        answer = self.status(receipt)
        self.assertTrue(answer["notice"]["complete"])
        self.assertEqual(answer["parts"], 1)
        rows = {(row["person"], row["channel"]): row for row in answer["rows"]}
        self.assertEqual((rows["P001", "sms"]["name"], rows["P001", "sms"]["address"]), ("沈佳", "138****8001"))
        self.assertEqual(rows["P001", "email"]["attempts"], 2)
        self.assertIn("550", rows["P002", "email"]["words"])
        self.assertNotIn("refused@haining.test", json.dumps(answer))
        listed = self.ask("/api/v1/notices?limit=1")[1]["rows"][0]
        self.assertEqual((listed["id"], listed["title"], sum(one["count"] for one in listed["counts"])),
                         (receipt["id"], "高温提醒", 4))

    def test_squads_see_what_reaches_them_and_nobody_elses_names(self):
        both = self.send(SQUAD, "haining/xucun", title="两队")
        other = self.send("haining/xucun", title="另一队")
        self.status(other)
        titles = [row["title"] for row in self.ask("/api/v1/notices", "xiashi")[1]["rows"]]
        self.assertIn("两队", titles)
        self.assertNotIn("另一队", titles)
        self.assertEqual(self.ask("/api/v1/notices/" + other["id"], "xiashi")[0], 404)
        for account, units in (("xiashi", {SQUAD}), ("guide", {SQUAD, "haining/xucun"})):
            rows = self.status(both, account)["rows"]
            self.assertEqual({row["unit"] for row in rows}, units)
            self.assertFalse(any({"name", "address", "words"} & set(row) for row in rows), rows)
        event = {"type": "notice.issued", "unit": SQUAD, "body": {"units": [SQUAD]}, "side": {"title": "a", "text": "b"}}
        self.assertEqual(self.ask("/api/v1/events", "xiashi", event)[1]["receipts"][0]["status"], "rejected")

    def test_squads_see_their_own_words_again(self):
        """The last ones of its own unit, in its own list; nobody else's."""
        both = self.send(SQUAD, "haining/xucun", title="两队答复")
        for unit, words in ((SQUAD, "五人到岗"), ("haining/xucun", "明天再去"), (SQUAD, "改为六人")):
            event = harness.event("notice.answered", unit, {"notice": uuid.UUID(both["id"]).bytes}, {"text": words})
            receipt = self.chaoxun.submit(event)[0]
            self.assertEqual(receipt["status"], "stored", receipt)
        listed = {account: next(row for row in self.ask(f"/api/v1/notices?at_least={receipt['position']}", account)[1]["rows"]
                                if row["id"] == both["id"]) for account in ("xiashi", "guide", "boss")}
        self.assertEqual(listed["xiashi"]["answer"], "改为六人")
        self.assertNotIn("answer", listed["guide"])
        self.assertNotIn("answer", listed["boss"], "the office reads them in the notice")

    def test_lists_turn_pages_and_name_what_is_wrong(self):
        for number in range(3):
            receipt = self.send(SQUAD, title=f"第{number}条")
        self.status(receipt)
        first = self.ask("/api/v1/notices?limit=2")[1]
        second = self.ask("/api/v1/notices?limit=2&cursor=" + urllib.parse.quote(first["cursor"]))[1]
        self.assertEqual([row["title"] for row in first["rows"] + second["rows"]][:3], ["第2条", "第1条", "第0条"])
        for path in ("/api/v1/notices?limit=0", "/api/v1/notices?side=true", "/api/v1/notices?within=haining", "/api/v1/notices?unit=haining",
                     f"/api/v1/notices/{receipt['id']}?side=1", f"/api/v1/notices/{receipt['id']}?at_least=x"):
            self.assertIn(self.ask(path)[0], (400, 422), path)
        self.assertEqual(self.ask("/api/v1/notices/none")[0], 404)
        self.assertEqual(self.chaoxun.http("GET", "/api/v1/notices", token=False)[0], 401)

    # ---- the gateway ----

    def hook(self, query):
        return self.chaoxun.http("GET", "/hooks/kannel?" + query, token=False)

    def test_forged_and_broken_reports_change_nothing(self):
        receipt = self.send(SQUAD)
        harness.until(lambda: self.states(receipt)["P001", "sms"] == "accepted", 20, "the message at the gateway")
        url = self.scene.reports(PHONE).url(delivery.DELIVERED)
        good = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        forged = [good | {"mac": "0" * 32}, good | {"ref": good["ref"][:-1] + "2"}, good | {"mac": good["mac"].upper()},
                  good | {"ref": "x", "mac": "y"}]
        for query in forged:
            status, answer = self.hook(urllib.parse.urlencode(query))
            self.assertEqual((status, answer["code"]), (403, "forged"), query)
        for query in (good | {"d": "x"}, good | {"to": "1"}, {k: v for k, v in good.items() if k != "mac"}, good | {"d": "1001"}):
            self.assertEqual(self.hook(urllib.parse.urlencode(query))[0], 400, query)
        twice = urllib.parse.urlencode(good) + "&d=2"
        self.assertEqual(self.hook(twice)[0], 400)
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.chaoxun.url).netloc, timeout=20)
        with contextlib.closing(connection):
            connection.request("HEAD", "/hooks/kannel?" + urllib.parse.urlencode(good))
            self.assertEqual(connection.getresponse().status, 405)
        self.assertEqual(self.states(receipt)["P001", "sms"], "accepted")
        self.assertEqual(self.hook(urllib.parse.urlencode(good))[0], 200)
        self.assertEqual(self.states(receipt)["P001", "sms"], "delivered", "answered after the commit")

    def test_while_the_notifier_does_not_answer_the_gateway_repeats(self):
        receipt = self.send(SQUAD)
        harness.until(lambda: self.states(receipt)["P001", "sms"] == "accepted", 20, "the message at the gateway")
        reports = self.scene.reports(PHONE)
        notifier = self.chaoxun.pids()["notifier"]
        os.kill(notifier, signal.SIGSTOP)
        try:
            # More at a time than may wait: those beyond are turned away at once.
            with concurrent.futures.ThreadPoolExecutor(90) as callers:
                answers = list(callers.map(lambda _: reports.send(delivery.DELIVERED), range(90)))
            self.assertEqual({status for status, _ in answers}, {503})
            codes = [json.loads(body)["code"] for _, body in answers]
            self.assertEqual({code: codes.count(code) for code in set(codes)}, {"unavailable": 64, "busy": 26})
            self.assertEqual(self.ask("/api/v1/notices")[0], 504)
        finally:
            os.kill(notifier, signal.SIGCONT)
        harness.until(lambda: reports.send(delivery.DELIVERED)[0] == 200, 20, "a report that is taken")
        self.assertEqual(self.states(receipt)["P001", "sms"], "delivered")

    def test_sending_twice_sends_once(self):
        event = harness.event("notice.issued", "haining", {"units": [SQUAD]}, {"title": "只发一次", "text": "x"})
        document = event | {"id": event["id"].hex()}
        receipts = [self.ask("/api/v1/events", document=document)[1]["receipts"][0] for _ in range(3)]
        self.assertEqual([receipt["status"] for receipt in receipts], ["stored", "duplicate", "duplicate"])
        harness.until(lambda: self.states(receipts[0])["P001", "sms"] == "accepted", 20, "the message at the gateway")
        self.assertEqual(len([one for one in self.scene.gateway.asked if "只发一次" in one["text"]]), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
