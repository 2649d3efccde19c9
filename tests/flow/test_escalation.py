#!/usr/bin/python3
"""Escalation from end to end, with real processes and a clock that the test puts forward: squad leader, deputy, office, duty
phone, each at its minute and once, also when the notifier is killed or folds the journal anew; who is told is settled when a
step comes due; an answer by SMS stops it; without the deed it begins again; the deed ends it for good. And what came by SMS is
forgotten after a day without another one."""
import datetime
import json
import pathlib
import re
import sqlite3
import tempfile
import unittest

import day_clock
import harness
import notice_scene
import incoming_sms

SQUAD = "haining/xucun"
LEADER, DEPUTY, OFFICE, DUTY, NEW_DEPUTY = (f"1380013800{number}" for number in range(1, 6))
BEGIN = datetime.datetime.now(datetime.timezone.utc).replace(hour=1, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
AGAIN = "已答复未办结："
RULE = {"rule": "returned", "version": 1, "name": "退回提醒", "kind": "event", "event": "report.returned",
        "recipients": [{"of": "own", "post": "leader"}], "channels": ["sms"], "deed_within": 120,
        "steps": [{"after": 10, "of": "own", "post": "deputy"}, {"after": 20, "of": "above", "post": "office"},
                  {"after": 30, "of": "brigade", "post": "duty"}]}
TEXTS = {"templates": [{"title": "记录退回", "text": "{单位}有一条记录被退回，请更正。"}]}


class Escalation(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="cx-")))
        self.clock = day_clock.Clock(folder / "clock")
        self.go_to(0)
        self.scene = self.enterContext(notice_scene.Scene(CHAOXUN_SMS_REPLIES="true", **self.clock.environment))
        self.chaoxun = self.scene.chaoxun
        for person, unit, post, phone in (("P-1", SQUAD, "leader", LEADER), ("P-2", SQUAD, "deputy", DEPUTY),
                                          ("P-3", "haining", "office", OFFICE), ("P-4", "haining", "duty", DUTY)):
            self.set_contact(person, unit, post, phone)
        self.store("rule.set", "haining", RULE, TEXTS)
        self.report = self.store("report.submitted", SQUAD, {"programmes": ["dog"], "date": "2026-05-06", "attendances": 20},
                                 {"title": "文明养犬"})

    def store(self, kind, unit, body, side=None):
        """Its id, when the notifier knows of it."""
        event = harness.event(kind, unit, body, side, at=self.now_ms())
        receipt = self.chaoxun.submit(event)[0]
        self.assertEqual(receipt["status"], "stored", receipt)
        status, answer = self.chaoxun.http("GET", f"/api/v1/notices?at_least={receipt['position']}")
        self.assertEqual(status, 200, answer)
        return event["id"]

    def set_contact(self, person, unit, post, phone, **more):
        side = {"name": "沈佳"} | ({"phone": phone} if phone else {})
        self.store("contact.set", unit, {"person": person, "post": post} | more, side)

    def now_ms(self):
        return int(BEGIN.timestamp() * 1000) + self.minute * 60_000

    def go_to(self, minute):
        self.minute = minute
        self.seconds = 0
        self.set_clock()

    def set_clock(self):
        self.clock.at(BEGIN + datetime.timedelta(minutes=self.minute, seconds=self.seconds))

    def sent(self):
        return [(one["to"], one["text"]) for one in self.scene.gateway.asked]

    def expect(self, *numbers):
        """So many messages, to these, in order, and nothing more."""
        harness.until(lambda: len(self.sent()) >= len(numbers), 30, f"a message to {numbers[-1]}")
        self.quiet(*numbers)

    def quiet(self, *numbers):
        """The notifier has looked at this time of the clock, and again when all that it found was over, and that is all."""
        for _ in range(2):
            harness.until(self.has_looked, 20, "a look")
            harness.until(self.is_at_rest, 20, "the end of what is under way")
            self.seconds += 1
            self.set_clock()
        self.assertEqual([to for to, _ in self.sent()], list(numbers))

    def is_at_rest(self):
        under_way = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')"
        return self.count("SELECT count(*) FROM tellings") == 0 and self.count(under_way) == 0

    def has_looked(self):
        """Before each look it tells how old the oldest message without a report is, and that is the first one."""
        status, text = self.chaoxun.http("GET", "/metrics")
        ages = re.findall(rb"^chaoxun_outbox_oldest_seconds\S* (\d+)", text, re.MULTILINE) if status == 200 else []
        return ages and max(map(int, ages)) >= 60 * self.minute + self.seconds

    def count(self, sql):
        with sqlite3.connect(f"file:{self.chaoxun.data}/notifier/notifier.db?mode=ro", uri=True) as file:
            return file.execute(sql).fetchone()[0]

    def code_in(self, index):
        return incoming_sms.code_in(self.sent()[index][1])

    def restart(self, anew=False):
        if not anew:
            old = self.chaoxun.kill("notifier")
            self.chaoxun.wait_restart("notifier", old)
            return
        self.chaoxun.stop()
        for name in ("notifier.db", "notifier.db-wal", "notifier.db-shm", "notifier.witness"):
            (self.chaoxun.data / "notifier" / name).unlink(missing_ok=True)
        self.chaoxun.start()

    def alerts(self):
        lines = self.chaoxun.command("tail", "--no-follow", "--json").stdout.splitlines()
        return [(one["body"].get("step", 0), one["body"].get("round", 0)) for one in map(json.loads, lines)
                if one["type"] == "alert.raised"]

    def test_leader_deputy_office_duty_an_answer_no_deed_and_again(self):
        self.store("report.returned", SQUAD, {"report": self.report}, {"reason": "补照片"})
        told = [LEADER]
        self.expect(*told)
        self.go_to(9)
        self.quiet(*told)
        self.set_contact("P-2", SQUAD, "deputy", None, off=True)
        self.set_contact("P-5", SQUAD, "deputy", NEW_DEPUTY)
        self.go_to(10)
        told.append(NEW_DEPUTY)  # who is deputy now
        self.expect(*told)
        self.restart()
        self.go_to(20)
        told.append(OFFICE)
        self.expect(*told)
        self.restart(anew=True)
        self.quiet(*told)
        self.go_to(30)
        told.append(DUTY)
        self.expect(*told)
        self.go_to(35)
        answer = incoming_sms.Phone(self.chaoxun, DUTY).write(f"{self.code_in(3)} 已通知中队")
        self.assertIn("已登记您的答复：记录退回。", answer)
        self.go_to(154)
        self.quiet(*told)
        self.restart()
        self.go_to(155)  # 120 minutes behind the answer
        told.append(LEADER)
        self.expect(*told)
        self.assertTrue(self.sent()[4][1].startswith(f"【海宁城管志愿】{AGAIN}记录退回："), self.sent()[4])
        self.assertEqual(self.code_in(4), self.code_in(0), "the same matter has the same code")
        self.go_to(165)
        told.append(NEW_DEPUTY)
        self.expect(*told)
        incoming_sms.Phone(self.chaoxun, LEADER).write("1")
        self.go_to(170)
        amended = {"amends": self.report, "programmes": ["dog"], "date": "2026-05-06", "attendances": 21}
        self.store("report.amended", SQUAD, amended, {"title": "文明养犬"})
        self.go_to(60 * 24)
        self.quiet(*told)
        self.restart(anew=True)
        self.go_to(60 * 48)
        self.quiet(*told)
        self.assertEqual(self.alerts(), [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1)])
        self.assertIn("这件事已经办结，不用再回复。", incoming_sms.Phone(self.chaoxun, LEADER).write(self.code_in(4)))

    def test_what_came_by_sms_is_forgotten_by_the_clock(self):
        echo = incoming_sms.Phone(self.chaoxun, LEADER).write("清洁家园 今天上午 河西社区 20人 3小时")
        self.assertIn("回复 1 确认", echo)
        messages = "SELECT count(*) FROM messages"
        self.assertEqual(self.count(messages), 1)
        self.go_to(60 * 24 + 2)
        harness.until(lambda: self.count(messages) == 0, 20, "the draft's end")


if __name__ == "__main__":
    unittest.main(verbosity=2)
