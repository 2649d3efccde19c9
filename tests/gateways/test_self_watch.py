#!/usr/bin/python3
"""The notifier watches itself: the SMS gateway is down, and the office hears of it by e-mail, once; when it is back, that is
over. A report that never comes and a message that can never be sent are told too; nothing loops when all is down."""
import pathlib
import sys
import unittest

import mail
from program import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import intake_process
from notifier_process import Notifier, SendSms, contact, house

OFFICE = [contact("haining", "P-90", "办公室", email="office@haining.test", post="office"),
          contact("haining", "P-91", "书记", email="leader@haining.test", post="leader")]
ALARM = "通知系统报警"


class SelfWatch(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.gateway = self.enterContext(SendSms())
        self.mails = self.enterContext(mail.FaultySmtp())
        self.operator = self.intake.door("operator")

    def notifier(self, **settings):
        chosen = {"smtp_url": f"smtp://127.0.0.1:{self.mails.port}", "smtp_from": "notice@haining.test",
                  "smtp_tls": "never", "watch_standing_minutes": 0}
        return self.enterContext(Notifier(self.intake, self.gateway, **chosen | settings))

    def alarms(self):
        return [one for one in self.mails.messages() if ALARM in one.subject]

    def alerts(self, kind):
        return [head for head in self.intake.heads() if head["type"] == kind]

    def test_the_office_hears_by_mail_that_sms_is_down(self):
        notifier = self.notifier(send_parallel=1)
        people = [contact("haining/xiashi", f"P-{number}", "队员", f"139{number:08d}") for number in range(12)]
        self.operator.store(house(contacts=False) + OFFICE + people)
        self.gateway.close()
        notice = notifier.issue(["haining/xiashi"])
        harness.until(self.alarms, 60, "an alarm")
        self.assertEqual([(one.recipient, "短信的网关连续失败" in one.text) for one in self.alarms()],
                         [("office@haining.test", True)])
        self.assertEqual(notifier.metric("chaoxun_breakers_open"), 1)
        harness.until(lambda: notifier.metric("chaoxun_troubles") == 1, what="the gauge")
        self.assertIn("a channel is in trouble", notifier.log.read_text())
        notifier.kill()
        notifier.start()  # it finds the same trouble, which was told
        harness.until(lambda: notifier.metric("chaoxun_troubles") == 1, 60, "the gauge")
        self.assertEqual(len(self.alerts("alert.raised")), 1)
        self.gateway.open(self.gateway.port)
        notifier.wait_states(notice, {"accepted": 12}, 60)
        harness.until(lambda: self.alerts("alert.cleared"), 60, "the end of it")
        self.assertEqual([one["body"]["reason"] for one in self.alerts("alert.cleared")], ["over"])
        self.assertEqual(len(self.alarms()), 1)

    def test_all_is_down_and_nothing_loops(self):
        notifier = self.notifier(send_parallel=1, watch_oldest_minutes=0)
        people = [contact("haining/xiashi", f"P-{number}", "队员", f"139{number:08d}", f"m{number}@haining.test")
                  for number in range(12)]
        self.operator.store(house(contacts=False) + OFFICE + people)
        self.gateway.close()
        self.mails.stop()
        notifier.issue(["haining/xiashi"])
        harness.until(lambda: notifier.metric("chaoxun_troubles") == 4, 60, "the troubles")
        harness.until(lambda: len(self.alerts("alert.raised")) == 4, 60, "the alarms")
        notifier.kill()
        notifier.start()
        harness.until(lambda: notifier.metric("chaoxun_troubles") == 4, 60, "the troubles")
        subjects = sorted(one["body"]["subject"] for one in self.alerts("alert.raised"))
        self.assertEqual(subjects, ["breaker email", "breaker sms", "oldest email", "oldest sms"])
        self.assertTrue(all(one["body"]["subject"].split()[1] not in one["body"]["channels"]
                            for one in self.alerts("alert.raised")))

    def test_nobody_sets_its_rule(self):
        self.operator.store(house())
        made = harness.event("rule.set", "haining", {"rule": "self-watch", "version": 1, "name": "一", "kind": "event",
                                                     "event": "report.returned", "recipients": [{"of": "own"}],
                                                     "channels": ["sms"]},
                             {"templates": [{"title": "一", "text": "二"}]})
        receipt = self.operator.submit([made])[0]
        self.assertEqual((receipt["status"], receipt["faults"][0]["field"]), ("rejected", "body.rule"))


if __name__ == "__main__":
    unittest.main()
