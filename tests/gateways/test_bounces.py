#!/usr/bin/python3
"""E-mail that a mail server took and then could not deliver: OpenSMTPD's own notification comes back to the return path, and
the notifier tells the journal whose message it was."""
import pathlib
import sys
import unittest

import mail
from program import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import intake_process
from notifier_process import Notifier, contact, house

ELSEWHERE = "elsewhere.test"
BOUNCE = f"bounce@{mail.DOMAIN}"

AUTOMATIC = """Return-Path: <>
To: {to}
Auto-Submitted: auto-replied
Subject: 自动回复

我不在。
"""
REPORT = """Return-Path: <>
To: {to}
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.test

Final-Recipient: rfc822; li@elsewhere.test
Action: {action}
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 <li@elsewhere.test> mailbox full

--x--
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.operator = self.intake.door("operator")

    def notifier(self, mailbox, maildir, **settings):
        return self.enterContext(Notifier(self.intake, smtp_url=f"smtp://127.0.0.1:{mailbox.port}",
                                          smtp_from=f"office@{mail.DOMAIN}", smtp_bounce=BOUNCE,
                                          smtp_bounce_maildir=maildir, **settings))

    def people(self, *addresses):
        self.operator.store(house(contacts=False) + [
            contact("haining/xiashi", f"M-{number}", f"队员{number}", None, address)
            for number, address in enumerate(addresses)])


class Real(Case):
    def test_what_opensmtpd_sends_back(self):
        with mail.FaultySmtp() as far, mail.OpenSmtpd(relay=(ELSEWHERE, far.port)) as near:
            notifier = self.notifier(near, near.maildir)
            self.people(f"refused@{ELSEWHERE}", f"good@{ELSEWHERE}")
            notice = notifier.issue(["haining"], "高温", "停止户外活动")
            rows = {row["person"]: row for row in notifier.wait_states(notice, {"undelivered": 1, "delivered": 1}, 60)}
            self.assertEqual((rows["M-0"]["state"], rows["M-1"]["state"]), ("undelivered", "delivered"))
            self.assertEqual(rows["M-0"]["words"], "5.0.0")  # all that it says in its part for programs
            self.assertEqual([event["body"]["state"] for event in notifier.told(notice)
                              if event["body"]["person"] == "M-0"], ["sending", "delivered", "undelivered"])
            self.assertEqual(notifier.metric("chaoxun_bounces_total"), 1)
            self.assertEqual(list((near.maildir / "new").iterdir()), [])
            # Each letter has a return path of its own, in the envelope alone.
            letter, = far.messages(f"good@{ELSEWHERE}")
            self.assertRegex(letter.sender, rf"^bounce\+[a-z2-7]{{45}}@{mail.DOMAIN}$")
            self.assertEqual(letter.parsed["From"].addresses[0].addr_spec, f"office@{mail.DOMAIN}")


class Written(Case):
    """Returned mails as they are written here, in a Maildir of a folder."""

    def setUp(self):
        super().setUp()
        self.maildir = self.intake.folder / "returned"
        for name in ("new", "cur", "tmp"):
            (self.maildir / name).mkdir(parents=True)
        self.server = self.enterContext(mail.FaultySmtp())
        self.count = 0

    def put(self, text):
        self.count += 1
        (self.maildir / "tmp" / "x").write_text(text)
        (self.maildir / "tmp" / "x").rename(self.maildir / "new" / f"{self.count}.test")

    def wait_taken(self):
        harness.until(lambda: len(list((self.maildir / "cur").iterdir())) == self.count, what="the taking")

    def sent(self):
        notifier = self.notifier(self.server, self.maildir)
        self.people(f"li@{ELSEWHERE}")
        notice = notifier.issue(["haining"])
        notifier.wait_states(notice, {"delivered": 1})
        return notifier, notice, self.server.messages()[0].sender

    def test_what_says_nothing(self):
        notifier, notice, path = self.sent()
        forged = path[:10] + ("a" if path[10] != "a" else "b") + path[11:]  # within its mark
        for text in (AUTOMATIC.format(to=path), REPORT.format(to=path, action="delayed"), "", "\0" * 1000,
                     REPORT.format(to=BOUNCE, action="failed"), REPORT.format(to=forged, action="failed")):
            self.put(text)
        self.wait_taken()
        self.assertEqual(notifier.states(notice), {"delivered": 1})
        self.assertEqual(notifier.metric("chaoxun_delivery_reports_forged_total"), 1)
        self.assertEqual(notifier.metric("chaoxun_bounces_total"), 0)

    def test_while_it_was_down_and_twice(self):
        notifier, notice, path = self.sent()
        notifier.kill()
        self.put(REPORT.format(to=path.upper(), action="failed"))
        self.put(REPORT.format(to=path, action="failed"))
        notifier.start()
        row = notifier.wait_states(notice, {"undelivered": 1})[0]
        self.wait_taken()
        self.assertEqual(row["words"], "5.2.2 smtp; 552 5.2.2 <address> mailbox full")
        self.assertEqual([event["body"]["state"] for event in notifier.told(notice)],
                         ["sending", "delivered", "undelivered"])

    def test_settings(self):
        for settings, words in (({"smtp_bounce": "bounce+x@haining.test"}, "smtp-bounce"),
                                ({"smtp_bounce": ""}, "smtp-bounce"),
                                ({"smtp_bounce_maildir": self.intake.folder}, "smtp-bounce-maildir")):
            chosen = {"smtp_url": f"smtp://127.0.0.1:{self.server.port}", "smtp_from": BOUNCE, "smtp_bounce": BOUNCE,
                      "smtp_bounce_maildir": self.maildir}
            notifier = Notifier(self.intake, **chosen | settings)
            notifier.start(wait=False)
            self.assertNotEqual(notifier.process.wait(20), 0)
            self.assertIn(words, notifier.log.read_text(errors="replace").splitlines()[-1])


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
