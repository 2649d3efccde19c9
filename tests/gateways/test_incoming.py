#!/usr/bin/python3
"""Reports by SMS, through a real Kannel with fakesmsc: a contact's message becomes a draft, is echoed, and is journaled once
on "1", also when the notifier or the whole of it is killed between the steps; nobody else gets an answer."""
import pathlib
import sys
import tempfile
import unittest
import urllib.parse

import delivery
import kannel
from program import harness

SQUAD, PHONE, STRANGER = "haining/xucun", "13800138001", "13900139009"
TEXT = "清洁家园 今天上午 河西社区 20余人 3小时 清理牛皮癣200处 天气晴好"
SIGNATURE = "【海宁城管志愿】"


class Scene(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="cx-")))
        self.port = harness.free_ports(1)[0]
        self.chaoxun = harness.Instance(f"--port={self.port}", data=folder / "data", environment={
            "CHAOXUN_HOOK_URL": f"http://127.0.0.1:{self.port}/", "CHAOXUN_CALL_MS": "3000"})
        self.addCleanup(self.chaoxun.close)
        self.chaoxun.start()
        self.set_contact("P001", SQUAD, "+86" + PHONE)
        self.url = (self.chaoxun.data / "notifier" / "incoming-url").read_text().strip()

    def set_contact(self, person, unit, phone):
        """Until the notifier knows of it."""
        event = harness.event("contact.set", unit, {"person": person}, {"name": "沈佳", "phone": phone})
        receipt = self.chaoxun.submit(event)[0]
        self.assertEqual(receipt["status"], "stored", receipt)
        status, answer = self.chaoxun.http("GET", f"/api/v1/notices?at_least={receipt['position']}")
        self.assertEqual(status, 200, answer)

    def restart_intake(self):
        """What is asked in the moment of its death is answered late, by 504: the portal asks it whose account this is."""
        old = self.chaoxun.kill("intake")
        self.chaoxun.wait_restart("intake", old)

    def reports(self):
        status, answer = self.chaoxun.http("GET", "/api/v1/reports")
        self.assertEqual(status, 200, answer)
        return answer["rows"]

    def wait_reports(self, count):
        harness.until(lambda: len(self.reports()) >= count, 20, f"{count} reports")
        self.assertEqual(len(self.reports()), count)
        return self.reports()

    def metric(self, name):
        text = self.chaoxun.http("GET", "/metrics")[1]
        text = text.decode() if isinstance(text, bytes) else text
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))

    def write(self, text, sender=PHONE, message="m-1", mac=None):
        """As Kannel asks its get-url: (status, the SMS that goes back)."""
        url = self.url if mac is None else self.url.replace(self.token(), mac)
        for escape, value in (("%p", sender), ("%I", message), ("%b", text)):
            url = url.replace(escape, urllib.parse.quote(value))
        status, body = delivery.fetch(url, 30)
        return status, body if isinstance(body, str) else body.decode()

    def write_until_taken(self, text, **message):
        """As Kannel, which asks again while the answer is 503."""
        return harness.until(lambda: (lambda answer: answer if answer[0] != 503 else None)(self.write(text, **message)),
                             20, "an answer")

    def token(self):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(self.url).query)["mac"][0]


class Talk(Scene):
    def test_a_report_is_echoed_and_journaled_on_one(self):
        self.assertEqual((self.chaoxun.data / "notifier" / "incoming-url").stat().st_mode & 0o777, 0o600)
        status, echo = self.write(TEXT)
        self.assertEqual(status, 200)
        self.assertTrue(echo.startswith(SIGNATURE + "收到：许村志愿中队，清洁家园，今天上午＝"), echo)
        self.assertIn("没看懂：天气晴好（不会记入）。", echo)
        self.assertTrue(echo.endswith("回复 1 确认，回复 0 取消。"), echo)
        self.assertEqual(self.write(TEXT), (200, echo), "repeated by the gateway")
        self.assertEqual(self.reports(), [])
        done = self.write("1", message="m-2")
        self.assertEqual(done, (200, SIGNATURE + "已确认，报告已提交。"))
        self.assertEqual(self.write("1", message="m-2"), done)
        self.chaoxun.kill("notifier")  # the gateway heard no answer, and asks again
        self.assertEqual(self.write_until_taken("1", message="m-2"), done)
        self.assertEqual(self.write("１。", message="m-3")[1], SIGNATURE + "上一份报告已经提交过，不用再确认。")
        row = self.wait_reports(1)[0]
        report = self.chaoxun.http("GET", f"/api/v1/reports/{row['id']}")[1]["versions"][0]
        self.assertEqual((report["by"], report["source"]), ("P001", "service:notifier"), report)
        self.restart_intake()
        self.assertEqual(self.write_until_taken("1", message="m-2"), done)
        self.assertEqual(len(self.reports()), 1)

    def test_the_same_words_twice_are_two_reports_and_zero_cancels(self):
        for number in (1, 3):
            self.write(TEXT, message=f"m-{number}")
            self.write("1", message=f"m-{number + 1}")
        self.wait_reports(2)
        self.write(TEXT, message="m-5")
        self.assertEqual(self.write("0", message="m-6")[1], SIGNATURE + "已取消，没有提交。")
        self.assertEqual(self.write("1", message="m-7")[1], SIGNATURE + "上一份报告已经提交过，不用再确认。")
        self.write(TEXT.replace("20余人", "21人"), message="m-8")
        self.write(TEXT.replace("20余人", "22人"), message="m-9")
        self.write("确认", message="m-10")
        self.assertEqual(self.write("确认", message="m-11")[1], SIGNATURE + "上一份报告已经提交过，不用再确认。")
        self.wait_reports(3)
        attendances = self.chaoxun.http("GET", "/api/v1/totals?by=squad")[1]["rows"]
        told = {row["unit"]: row["attendances"]["value"] for row in attendances}
        self.assertEqual(told[SQUAD], 20 + 20 + 22)

    def test_who_gets_no_answer(self):
        self.assertEqual(self.write(TEXT, sender=STRANGER), (200, ""))
        self.assertEqual(self.write("您好，我正在开会，稍后回复您。【自动回复】", message="m-2"), (200, ""))
        self.assertEqual(self.metric("chaoxun_sms_strangers_total"), 2)
        self.assertEqual(self.write("1", message="m-3", mac="0" * 32)[0], 403)
        self.assertEqual(self.metric("chaoxun_delivery_reports_forged_total"), 1)

    def test_confirmed_reports_are_counted(self):
        self.write(TEXT)
        self.write("1", message="m-2")
        self.wait_reports(1)
        self.assertEqual(self.metric("chaoxun_sms_reports_total"), 1)

    def test_who_is_erased_is_forgotten(self):
        self.write(TEXT)
        receipt = self.chaoxun.submit(harness.event("person.erased", "haining", {"person": "P001", "ground": "request"}))
        self.assertEqual(receipt[0]["status"], "stored", receipt)
        self.chaoxun.http("GET", f"/api/v1/notices?at_least={receipt[0]['position']}")
        self.assertEqual(self.write("1", message="m-2"), (200, ""))
        self.assertEqual(self.reports(), [])

    def test_help_comes_once_a_day(self):
        self.assertTrue(self.write("你好")[1].startswith(SIGNATURE + "没看懂。请这样写："))
        self.assertEqual(self.write("在吗", message="m-2"), (200, ""))
        self.assertEqual(self.write("1", message="m-3")[1], SIGNATURE + "没有等待确认的通知或报告。")

    def test_what_is_missing_or_too_long_is_said(self):
        self.set_contact("P009", "haining", STRANGER)
        _, echo = self.write(TEXT, sender=STRANGER)
        self.assertIn("还不能提交，请补正后重新发送：", echo)
        self.assertIn("中队", echo)
        self.assertEqual(self.write("1", sender=STRANGER, message="m-2")[1], SIGNATURE + "没有等待确认的通知或报告。")
        _, echo = self.write("硖石志愿中队 清洁家园 今天", message="m-3")
        self.assertIn("没看懂：硖石志愿中队", echo, "not this contact's squad")
        self.assertIn("内容太多", self.write("清洁家园 " + "𠮷村 " * 120, message="m-5")[1])
        _, echo = self.write("清洁家园 " + "𠮷村的老人孩子都说这样真的好 " * 50, message="m-4")
        self.assertIn("短信列不下", echo)
        self.assertLessEqual(len(echo.encode("utf-16-be")) // 2, 670)


class ThroughKannel(Scene):
    def setUp(self):
        super().setUp()
        self.gateway = self.enterContext(kannel.Kannel(incoming=self.url))

    def answered(self, count):
        return self.gateway.wait_messages(count)[count - 1].text

    def test_a_report_with_the_notifier_killed_between_the_steps(self):
        self.gateway.receive(PHONE, TEXT)
        echo = self.answered(1)
        self.assertTrue(echo.startswith(SIGNATURE + "收到：许村志愿中队，清洁家园"), echo)
        self.chaoxun.kill("notifier")
        self.gateway.receive(PHONE, "1")
        self.assertEqual(self.answered(2), SIGNATURE + "已确认，报告已提交。")
        self.chaoxun.kill("notifier")
        self.wait_reports(1)
        self.gateway.receive(PHONE, "1")
        self.assertEqual(self.answered(3), SIGNATURE + "上一份报告已经提交过，不用再确认。")
        self.restart_intake()
        self.wait_reports(1)

    def test_no_character_is_cut_in_two(self):
        self.gateway.receive(PHONE, "清洁家园 " + "𠮷" * 70)
        self.assertIn("𠮷" * 20, self.answered(1))
        parts = self.gateway.parts()
        self.assertGreater(len(parts), 2)
        for part in parts:
            part.octets.decode("utf-16-be")  # raises where half a character stands

    def test_nobody_there_when_it_comes(self):
        self.chaoxun.stop()
        self.gateway.receive(PHONE, TEXT + "𠮷")
        self.chaoxun.start()
        self.assertIn("天气晴好𠮷", self.answered(1))
        self.gateway.receive(STRANGER, TEXT)
        harness.until(lambda: self.metric("chaoxun_sms_strangers_total") == 1, 20, "a message of nobody")
        self.gateway.receive(PHONE, "1")
        self.assertEqual(self.answered(2), SIGNATURE + "已确认，报告已提交。")
        self.wait_reports(1)
        self.assertEqual({one.recipient for one in self.gateway.messages()}, {PHONE})


if __name__ == "__main__":
    unittest.main()
