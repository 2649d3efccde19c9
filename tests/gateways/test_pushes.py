#!/usr/bin/python3
"""Delivery reports that providers push: through the portal to the notifier, several at a time, out of order, repeated, of
messages that are not here, forged, and while the notifier is away. Then a message whose answer was lost: its provider is
asked before it is sent again."""
import json
import pathlib
import re
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid

import http_stub
from http_stub import HANG_UP, SILENCE
from program import harness
from test_failover import ALIYUN_OK, DOWN, TENCENT_OK, Case

json_answer = http_stub.HttpStub.json
PHONES = {"xucun": "13800138000", "xiashi": "13800138001", "maqiao": "13800138002"}
TOO_LARGE = 524288


def aliyun_report(tag, good=True, **more):
    return {"phone_number": PHONES["xucun"], "send_time": "2026-11-27 10:00:00", "report_time": "2026-11-27 10:00:03",
            "success": good, "err_code": "DELIVERED" if good else "MK:0001", "err_msg": "用户接收成功" if good else "空号",
            "sms_size": "1", "biz_id": "12345^0", "out_id": tag} | more


def tencent_report(sid, status="SUCCESS", **more):
    return {"user_receive_time": "2026-11-27 10:00:03", "nationcode": "86", "mobile": PHONES["xucun"],
            "report_status": status, "errmsg": "DELIVRD" if status == "SUCCESS" else "UNDELIV",
            "description": "用户短信送达成功", "sid": sid} | more


def mas_report(group, status, code):
    return {"reportStatus": status, "mobile": PHONES["xucun"], "submitDate": "20261127100000",
            "receiveDate": "20261127100003", "errorCode": code, "msgGroup": group}


def tag_of(asked):
    """What a provider was given to hand back."""
    if asked.path.startswith("/?"):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(asked.path).query)["OutId"][0]
    return json.loads(asked.body)["SessionContext"]


def action_of(asked):
    headers = {name.lower(): value for name, value in asked.headers.items()}
    return headers.get("x-acs-action") or headers["x-tc-action"]


class Pushes(unittest.TestCase):
    """A whole 潮讯 with three providers."""

    @classmethod
    def setUpClass(cls):
        cls.aliyun, cls.tencent, cls.mas = (cls.enterClassContext(http_stub.HttpStub()) for _ in range(3))
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="cx-")))
        secret = folder / "provider.secret"
        secret.touch(0o600)
        secret.write_text("hush\n")
        port = harness.free_ports(1)[0]
        cls.chaoxun = cls.enterClassContext(harness.Instance(f"--port={port}", environment={
            "CHAOXUN_ALIYUN_URL": cls.aliyun.url, "CHAOXUN_ALIYUN_KEY": "LTAI", "CHAOXUN_ALIYUN_TEMPLATE": "SMS_1",
            "CHAOXUN_TENCENT_URL": cls.tencent.url, "CHAOXUN_TENCENT_KEY": "AKID", "CHAOXUN_TENCENT_APP": "1400",
            "CHAOXUN_TENCENT_TEMPLATE": "77", "CHAOXUN_MAS_URL": f"{cls.mas.url}/sms/norsubmit",
            "CHAOXUN_MAS_COMPANY": "海宁", "CHAOXUN_MAS_USER": "chaoxun", "CHAOXUN_MAS_SIGN": "abc",
            "CHAOXUN_HOOK_URL": f"http://127.0.0.1:{port}/", "CHAOXUN_CALL_MS": "5000", "CHAOXUN_RETRY_MS": "100",
            "CHAOXUN_UNKNOWN_MS": "600000",
        } | {f"CHAOXUN_{name}_SECRET_FILE": str(secret) for name in ("ALIYUN", "TENCENT", "MAS")}))
        for squad, phone in PHONES.items():
            receipt = cls.chaoxun.submit(harness.event("contact.set", f"haining/{squad}", {"person": f"P-{squad}"},
                                                       {"name": "沈佳", "phone": phone}))[0]
            assert receipt["status"] == "stored", receipt

    def setUp(self):
        self.aliyun.says(ALIYUN_OK)
        self.tencent.says(DOWN)
        self.mas.says(DOWN)

    # ---- doing ----

    def issue(self, *squads):
        made = harness.event("notice.issued", "haining", {"units": [f"haining/{squad}" for squad in squads]},
                             {"title": "高温", "text": "停止户外活动"})
        receipt = self.chaoxun.submit(made)[0]
        self.assertEqual(receipt["status"], "stored", receipt)
        return str(uuid.UUID(bytes=made["id"]))

    def rows(self, notice):
        return self.chaoxun.http("GET", f"/api/v1/notices/{notice}")[1].get("rows", [])

    def wait(self, notice, *states):
        """The rows by squad, once they are in these states."""
        def reached():
            rows = self.rows(notice)
            return rows if sorted(row["state"] for row in rows) == sorted(states) else None
        rows = harness.until(reached, 30, f"the states {states}")
        return {row["unit"].split("/")[1]: row for row in rows}

    def address(self, provider):
        return (self.chaoxun.data / "notifier" / f"{provider}-url").read_text().strip()

    def push(self, provider, reports, url=None):
        """(status, body) of the answer to a push."""
        body = reports if isinstance(reports, bytes) else json.dumps(reports).encode()
        request = urllib.request.Request(url or self.address(provider), body, {"Content-Type": "application/json"})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read()

    def forged(self):
        status, text = self.chaoxun.http("GET", "/metrics")
        self.assertEqual(status, 200)
        text = text if isinstance(text, str) else text.decode()
        return int(float(re.search(r"^chaoxun_delivery_reports_forged_total\{.*\} (\S+)$", text, re.M)[1]))

    def tags(self, stub, count):
        asked = harness.until(lambda: len(stub.asked) >= count and stub.asked[-count:], 20, "the requests")
        return {urllib.parse.parse_qs(urllib.parse.urlsplit(one.path).query)["PhoneNumbers"][0]: tag_of(one)
                for one in asked}

    # ---- what it shows ----

    def test_aliyun(self):
        notice = self.issue("xucun", "xiashi", "maqiao")
        self.wait(notice, "accepted", "accepted", "accepted")
        tags = self.tags(self.aliyun, 3)
        first, second, third = (tags[PHONES[squad]] for squad in ("xucun", "xiashi", "maqiao"))
        # Several at a time; a failure and a success of the same one in either order; another system's and nobody's.
        answer = self.push("aliyun", [aliyun_report(first), aliyun_report(second, False), aliyun_report(third, False),
                                      aliyun_report("", biz_id="another"), aliyun_report(third)])
        self.assertEqual((answer[0], json.loads(answer[1])["code"]), (200, 0))
        rows = self.wait(notice, "delivered", "undelivered", "delivered")
        self.assertEqual(rows["xiashi"]["words"], "MK:0001: 空号")
        before = self.rows(notice)
        for report in (aliyun_report(first), aliyun_report(first, False), aliyun_report(second, False)):
            self.assertEqual(self.push("aliyun", [report])[0], 200)  # repeated, and late
        self.assertEqual(self.rows(notice), before)
        self.assertEqual(self.push("aliyun", [aliyun_report(second)])[0], 200)  # it came after all
        self.wait(notice, "delivered", "delivered", "delivered")

    def test_tencent(self):
        self.aliyun.says(DOWN)
        taken = {"Response": {"SendStatusSet": [{"Code": "Ok", "Message": "send success", "SerialNo": "5000:1045"}]}}
        self.tencent.says(json_answer(taken))
        notice = self.issue("xucun")
        self.wait(notice, "accepted")
        answer = self.push("tencent", [tencent_report("5000:1044"), tencent_report("5000:1045", "FAIL")])
        self.assertEqual((answer[0], json.loads(answer[1])), (200, {"result": 0, "errmsg": "OK"}))
        self.wait(notice, "undelivered")
        # By the session that it hands back, where the account has that.
        tag = tag_of(self.tencent.asked[-1])
        self.assertEqual(self.push("tencent", [tencent_report("5000:9", ext=tag)])[0], 200)
        self.wait(notice, "delivered")

    def test_mas(self):
        self.aliyun.says(DOWN)
        for number, (status, code, state) in enumerate((("CM:0000", "DELIVRD", "delivered"),
                                                        ("CM:2007", "CM:2007", "undelivered"),
                                                        ("CM:0000", "", "accepted"))):
            group = f"042016341500000033{number}"
            self.mas.says(json_answer({"rspcod": "success", "msgGroup": group, "success": True}))
            notice = self.issue("xucun")
            self.wait(notice, "accepted")
            report = mas_report(group, status, code)
            self.assertEqual(self.push("mas", [report] if number else report)[0], 200)
            self.wait(notice, state)

    def test_forged(self):
        notice = self.issue("xucun")
        before = self.wait(notice, "accepted")
        tag = self.tags(self.aliyun, 1)[PHONES["xucun"]]
        real = self.address("aliyun")
        forged = self.forged()
        for url in (real[:-1] + ("0" if real[-1] != "0" else "1"), real.rsplit("/", 1)[0] + "/" + "a" * 90,
                    real.rsplit("/", 1)[0] + "/x", real.replace("/aliyun/", "/tencent/"), self.address("mas").replace("/mas/", "/aliyun/")):
            reports = [aliyun_report(tag), tencent_report("1", ext=tag)]
            self.assertEqual(self.push("aliyun", reports, url)[0], 403, url)
        self.assertEqual(self.forged(), forged + 5)
        # The address is right, and the signature of the message is not: the others of the push are taken.
        other = tag[:-1] + ("0" if tag[-1] != "0" else "1")
        self.assertEqual(self.push("aliyun", [aliyun_report(other), aliyun_report("x" * 300)])[0], 200)
        self.assertEqual(self.wait(notice, "accepted"), before)
        self.assertEqual(self.forged(), forged + 7)
        log = "\n".join(self.chaoxun.output)
        self.assertIn("handed in at an address that is not ours", self.log())
        self.assertNotIn(tag, log)

    def log(self):
        while not self.chaoxun._lines.empty():
            self.chaoxun.output.append(self.chaoxun._lines.get())
        return "\n".join(self.chaoxun.output)

    def test_bad_bodies(self):
        for body, status in ((b"", 400), (b"[", 400), (b'"x"', 400), (b"[" * 50, 400), (b"{}", 200), (b"[[], 1, {}]", 200),
                             (b"[]", 200), (json.dumps([aliyun_report("x")] * 1001).encode(), 400),
                             (b" " * (TOO_LARGE + 1), 413), (b'[{"success": "yes", "out_id": 1}]', 200)):
            self.assertEqual(self.push("aliyun", body)[0], status, body[:40])
        # What cannot be read does not keep the rest away.
        notice = self.issue("xucun")
        self.wait(notice, "accepted")
        tag = self.tags(self.aliyun, 1)[PHONES["xucun"]]
        odd = aliyun_report(tag, err_code=f"MK\r\nX: y\u0001 {PHONES['xucun']}", err_msg="长" * 500)
        self.assertEqual(self.push("aliyun", [None, {"success": 1}, odd])[0], 200)
        words = self.wait(notice, "delivered")["xucun"]["words"]
        self.assertRegex(words, r"^MK.*X: y.*<address>.*长+$")
        self.assertLess(len(words), 200)

    def test_while_the_notifier_is_away(self):
        """No 200 before the commit: what is not answered so comes again."""
        notice = self.issue("xucun")
        self.wait(notice, "accepted")
        tag = self.tags(self.aliyun, 1)[PHONES["xucun"]]
        with harness.stopped(self.chaoxun.process.pid):  # who starts it again
            old = self.chaoxun.kill("notifier")
            self.assertEqual(self.push("aliyun", [aliyun_report(tag)])[0], 503)
        self.chaoxun.wait_restart("notifier", old)
        harness.until(lambda: self.push("aliyun", [aliyun_report(tag)])[0] == 200, 30, "the notifier")
        self.wait(notice, "delivered")


class Inquiries(Case):
    """The answer was lost: whether it went out is asked for before it goes again."""

    def setUp(self):
        super().setUp()
        self.known = {}  # what the providers know, by tag: how it stands
        self.questions = []

    def knows(self, action, asked):
        self.questions.append(action)
        if action == "QuerySendDetails":
            query = {name: value[0] for name, value in
                     urllib.parse.parse_qs(urllib.parse.urlsplit(asked.path).query).items()}
            self.assertEqual((query["PhoneNumber"], query["CurrentPage"], query["PageSize"]), ("13800138000", "1", "50"))
            self.assertRegex(query["SendDate"], r"^\d{8}$")
            items = [{"PhoneNum": query["PhoneNumber"], "SendStatus": state, "ErrCode": "DELIVERED", "OutId": tag,
                      "Content": "x", "SendDate": "2026-11-27 10:00:00"} for tag, state in self.known.items()]
            return json_answer({"Code": "OK", "Message": "OK", "TotalCount": len(items),
                                "SmsSendDetailDTOs": {"SmsSendDetailDTO": items}})
        fields = json.loads(asked.body)
        self.assertEqual((fields["PhoneNumber"], fields["Offset"], fields["SmsSdkAppId"]), ("+8613800138000", 0, "1400"))
        self.assertLess(fields["BeginTime"], fields["EndTime"] + 1)
        items = [{"PhoneNumber": "+8613800138000", "ReportStatus": state, "Description": "DELIVRD", "SerialNo": "1",
                  "SessionContext": tag} for tag, state in self.known.items()]
        return json_answer({"Response": {"PullSmsSendStatusSet": items, "RequestId": "1"}})

    def lose(self, stub, answer, states, fails=()):
        """The first message's answer is lost at this provider, which takes it if it knows states for it."""
        lost = []

        def says(asked):
            action = action_of(asked)
            if action != "SendSms":
                return fails[0] if fails else self.knows(action, asked)
            if lost:
                return answer
            lost.append(tag_of(asked))
            for state in states:
                self.known[lost[0]] = state
            self.known["another" + lost[0]] = "FAIL"
            return HANG_UP
        stub.says(says)
        return lost

    def test_it_went_out(self):
        self.lose(self.aliyun, ALIYUN_OK, [3])
        self.people(1)
        notifier = self.notifier(unknown_ms=700)
        row = notifier.wait_states(notifier.issue(["haining"]), {"delivered": 1})[0]
        self.assertEqual((row["attempts"], row.get("repeats", 0), row["words"]), (1, 0, "DELIVERED"))
        self.assertEqual([one for one in self.questions if one == "QuerySendDetails"], ["QuerySendDetails"])
        self.assertEqual(notifier.metric("chaoxun_possible_duplicates_total"), 0)

    def test_it_waits_for_its_receipt(self):
        self.lose(self.aliyun, ALIYUN_OK, [1])
        self.people(1)
        notifier = self.notifier(unknown_ms=700)
        row = notifier.wait_states(notifier.issue(["haining"]), {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row.get("repeats", 0)), (1, 0))

    def test_the_second_provider_has_it(self):
        self.aliyun.says(lambda asked: DOWN if "SignName" in asked.path else self.knows("QuerySendDetails", asked))
        self.lose(self.tencent, TENCENT_OK, ["SUCCESS"])
        self.people(1)
        notifier = self.notifier(unknown_ms=700)
        row = notifier.wait_states(notifier.issue(["haining"]), {"delivered": 1})[0]
        self.assertEqual((row["attempts"], row.get("repeats", 0)), (1, 0))
        self.assertEqual(set(self.questions), {"QuerySendDetails", "PullSmsSendStatusByPhoneNumber"})

    def test_stopped_and_killed_while_it_asks(self):
        """It is asked for once more, and is not sent again."""
        self.people(1)
        for end in (lambda: self.assertEqual(notifier.stop(), 0), lambda: notifier.kill()):
            silent = [SILENCE]
            self.known.clear()
            self.lose(self.aliyun, ALIYUN_OK, [3], silent)
            notifier = self.notifier(unknown_ms=500, tencent_url="")
            notice = notifier.issue(["haining"])
            harness.until(lambda: [action_of(one) for one in self.aliyun.asked[-2:]] == ["SendSms", "QuerySendDetails"],
                          what="the question")
            end()
            silent.clear()
            notifier.start()
            row = notifier.wait_states(notice, {"delivered": 1})[0]
            self.assertEqual((row["attempts"], row.get("repeats", 0)), (1, 0))
            notifier.kill()

    def sent_again(self, notifier, count):
        row = notifier.wait_states(notifier.issue(["haining"]), {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row["repeats"]), (2, 1))
        self.assertEqual(notifier.metric("chaoxun_possible_duplicates_total"), count)

    def test_nobody_knows_it(self):
        self.lose(self.aliyun, ALIYUN_OK, [])
        self.tencent.says(lambda asked: self.knows(action_of(asked), asked))
        self.people(1)
        self.sent_again(self.notifier(unknown_ms=700), 1)
        self.assertEqual(len(self.questions), 2)

    def test_who_does_not_answer_is_not_waited_for_for_ever(self):
        self.people(1)
        notifier = self.notifier(unknown_ms=700, tencent_url="")
        answers = (DOWN, HANG_UP, json_answer({"Code": "isv.X", "SmsSendDetailDTOs": {"SmsSendDetailDTO": []}}))
        for count, answer in enumerate(answers, 1):
            self.lose(self.aliyun, ALIYUN_OK, [3], [answer])
            self.sent_again(notifier, count)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
