#!/usr/bin/python3
"""A notice on its way through real programs: intake, the notifier, Kannel with fakesmsc or a centre that fails as told,
OpenSMTPD or a mail server that fails as told; reports come back as a portal would hand them in."""
import pathlib
import re
import shutil
import sys
import unittest
import urllib.parse

import delivery
import kannel
import mail
import smpp
from program import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import intake_process
from notifier_process import SQUADS, Notifier, contact, house

TITLE = "高温预警"
TEXT = "㐂𠮷村今日停止户外活动，“四洁四美”改期 & 100%；请各中队立即转告每一位志愿者并回复。" * 3
SMS = f"【海宁城管志愿】{TITLE}：{TEXT}"
REFUSED = {"forged": 403}


class Hooks(delivery.Listener):
    """As the portal's /hooks/kannel: hands reports to the notifier, and answers 200 only when they are noted."""

    def __init__(self):
        super().__init__()
        self.notifier = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, path):
        """The status of the answer to one report."""
        status = super().take(path)
        if status != 200 or not path.startswith("/hooks/kannel?"):
            return status if status != 200 else 404
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query, keep_blank_values=True))
        report = {"ref": query["ref"], "mac": query["mac"], "code": int(query["d"])}
        report |= {"words": query["a"]} if query["a"] else {}
        try:
            verb, answer = self.notifier.report_as_portal(report)
        except AssertionError:
            return 503  # the notifier is away: Kannel tries again
        return 200 if verb == "noted" else REFUSED.get(answer["code"], 503)


class Case(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.hooks = self.enterContext(Hooks())
        self.operator = self.intake.door("operator")

    def notifier(self, gateway=None, mailbox=None, **settings):
        chosen = {"hook_url": self.hooks.url, "sms_user": kannel.Kannel.user}
        if gateway:
            secret = self.intake.folder / "sms.password"
            secret.touch(mode=0o600)
            secret.write_text(kannel.Kannel.password + "\n")
            chosen |= {"sms_url": gateway.sendsms_url, "sms_password_file": secret}
        if mailbox:
            chosen |= {"smtp_url": f"smtp://127.0.0.1:{mailbox.port}", "smtp_from": "office@haining.test"}
        made = self.enterContext(Notifier(self.intake, **chosen | settings))
        self.hooks.notifier = made
        return made

    def people(self, phones=(), mails=()):
        """A house with contacts of these numbers and addresses, in the squads in turn."""
        squads = list(SQUADS)
        events = [contact(squads[number % 3], f"P-{number}", f"队员{number}", phone)
                  for number, phone in enumerate(phones)]
        events += [contact(squads[number % 3], f"M-{number}", f"邮箱{number}", None, address)
                   for number, address in enumerate(mails)]
        self.operator.store(house(contacts=False) + events)

    def rows(self, notifier, notice):
        """The rows by person."""
        return {row["person"]: row for row in notifier.notice(notice)["rows"]}


class ToThreeSquads(Case):
    def test_readable_once_each_and_delivered(self):
        self.hooks.refusals = 2
        with kannel.Kannel() as gateway, mail.OpenSmtpd() as mailbox:
            # A busy machine must not count as a provider that does not answer.
            notifier = self.notifier(gateway, mailbox, send_ms=30_000)
            self.operator.store(house(contacts=False) + [
                contact(unit, f"P-{number}", f"队长{number}", f"1380013800{number}", f"{unit[8:]}@haining.test")
                for number, unit in enumerate(SQUADS)])
            notice = notifier.issue(list(SQUADS), TITLE, TEXT)
            notifier.wait_states(notice, {"delivered": 6}, 60)
            status = notifier.notice(notice)
            self.assertTrue(status["notice"]["complete"])
            short = gateway.messages()
            self.assertEqual(sorted((one.recipient, one.text, one.parts) for one in short),
                             [(f"1380013800{number}", SMS, status["parts"]) for number in range(3)])
            letters = mailbox.messages()
            self.assertEqual(sorted((one.recipient, one.sender, one.subject) for one in letters),
                             sorted((f"{unit[8:]}@haining.test", "office@haining.test", TITLE) for unit in SQUADS))
            for letter in letters:
                self.assertIn(TEXT, letter.text)
                self.assertIn("海宁城管志愿", letter.text)
            self.assertEqual({(row["attempts"], row.get("repeats", 0)) for row in status["rows"]}, {(1, 0)})

    def test_after_the_loss_of_its_file_nothing_goes_out_again(self):
        with kannel.Kannel() as gateway, mail.OpenSmtpd() as mailbox:
            notifier = self.notifier(gateway, mailbox)
            self.people(["13800138000", "13800138001"], ["xiashi@haining.test"])
            notice = notifier.issue(["haining"], TITLE, TEXT)
            notifier.wait_states(notice, {"delivered": 3}, 60)
            self.operator.store([harness.event("person.erased", "haining", {"person": "P-1"})])
            harness.until(lambda: "name" not in self.rows(notifier, notice)["P-1"], what="the erasure")
            self.assertEqual(notifier.stop(), 0)
            shutil.rmtree(self.intake.folder / "notifier")
            notifier.start()
            notifier.wait_states(notice, {"delivered": 3})
            second = notifier.issue(["haining"], TITLE, "第二个通知")
            notifier.wait_states(second, {"delivered": 2}, 60)
            self.assertEqual(len(gateway.messages()), 3)
            self.assertEqual(len(mailbox.messages()), 2)
            for path in (self.intake.folder / "notifier").iterdir():
                self.assertNotIn(b"13800138001", path.read_bytes())


class Faults(Case):
    def test_kannel_away_for_a_while(self):
        with kannel.Kannel() as gateway:
            notifier = self.notifier(gateway)
            self.people([f"1380013800{number}" for number in range(4)])
            gateway.stop()
            notice = notifier.issue(["haining"], TITLE, TEXT)
            # More than one for each message and its first probe: its breaker is open, and only probes go.
            harness.until(lambda: sum(row["attempts"] for row in notifier.notice(notice)["rows"]) > 5, what="attempts")
            harness.until(lambda: notifier.metric("chaoxun_breakers_open") == 1, what="the open breaker")
            gateway.start()
            notifier.wait_states(notice, {"delivered": 4}, 60)
            self.assertEqual(sorted(one.recipient for one in gateway.messages()),
                             [f"1380013800{number}" for number in range(4)])
            self.assertEqual(sum(row.get("repeats", 0) for row in notifier.notice(notice)["rows"]), 0)

    def test_mailboxes(self):
        with mail.FaultySmtp() as server:
            notifier = self.notifier(mailbox=server, unknown_ms=500)
            addresses = [f"{name}@haining.test" for name in ("refused", "later", "full", "drop", "xiashi")]
            self.people(mails=addresses)
            notice = notifier.issue(["haining"], TITLE, TEXT)
            notifier.wait_states(notice, {"undelivered": 1, "delivered": 4}, 60)
            rows = self.rows(notifier, notice)
            self.assertIn("550", rows["M-0"]["words"])
            self.assertNotIn("refused@", rows["M-0"]["words"])
            shown = [(rows[f"M-{number}"]["attempts"], rows[f"M-{number}"].get("repeats", 0)) for number in range(5)]
            self.assertEqual(shown, [(1, 0), (2, 0), (2, 0), (2, 1), (1, 0)])
            self.assertEqual([server.outcomes(address) for address in addresses],
                             [[], ["accepted"], ["full", "accepted"], ["dropped", "accepted"], ["accepted"]])

    def test_a_centre_that_fails(self):
        others = {"2": smpp.Outcome(receipt="EXPIRED"), "3": smpp.Outcome(receipt="REJECTD")}
        with smpp.SmppStub(others) as centre, kannel.Kannel(centre) as gateway:
            notifier = self.notifier(gateway)
            self.people([f"1380013800{digit}" for digit in "1567823"])
            notice = notifier.issue(["haining"], TITLE, "停止")
            notifier.wait_states(notice, {"delivered": 2, "undelivered": 5}, 90)
            rows = self.rows(notifier, notice)
            self.assertEqual([rows[f"P-{number}"]["state"] for number in range(5)],
                             ["delivered", "undelivered", "undelivered", "undelivered", "delivered"])
            self.assertIn("NACK", rows["P-2"]["words"])
            self.assertEqual({row["attempts"] for row in rows.values()}, {1})  # Kannel tried again, not the notifier

    def test_reports_late_repeated_out_of_order_and_forged(self):
        with smpp.SmppStub() as centre, kannel.Kannel(centre) as gateway:
            notifier = self.notifier(gateway)
            self.people(["13800138009"])  # no receipt comes
            notice = notifier.issue(["haining"], TITLE, "停止")
            harness.until(lambda: self.hooks.reports, what="the report of the centre")
            self.assertEqual(notifier.states(notice), {"accepted": 1})
            reports = delivery.Reports(harness.until(lambda: gateway.awaited_reports().get("13800138009"),
                                                     what="the awaited report"))
            forged = delivery.Reports(re.sub(r"mac=\w{4}", "mac=0000", reports.pattern))
            self.assertEqual([status for status, _ in forged.send_all(1, 2)], [403, 403])
            self.assertEqual(notifier.states(notice), {"accepted": 1})
            self.assertEqual([status for status, _ in reports.send_all(1, 8, 1, 4, 2, 16, 1)], [200] * 7)
            self.assertEqual(notifier.states(notice), {"delivered": 1})
            states = [event["body"]["state"] for event in notifier.told(notice)]
            self.assertEqual(states, ["sending", "accepted", "delivered"])


class Killed(Case):
    """kill -9 of the notifier while Kannel has the request and has not answered."""

    def with_kannel(self, gateway, notifier):
        self.people(["13800138000"])
        gateway.freeze()
        notice = notifier.issue(["haining"], TITLE, TEXT)
        harness.until(lambda: notifier.metric("chaoxun_send_attempts_total") == 1, what="the request")
        gateway.smsbox.wait(lambda: "/cgi-bin/sendsms" in gateway.smsbox.log.read_text(errors="replace"), "the request")
        notifier.kill()
        return notice

    def test_its_report_comes(self):
        with kannel.Kannel() as gateway:
            notifier = self.notifier(gateway, unknown_ms=600_000)
            notice = self.with_kannel(gateway, notifier)
            notifier.start()
            notifier.wait_states(notice, {"unknown": 1})
            gateway.thaw()
            row = notifier.wait_states(notice, {"delivered": 1}, 60)[0]
            self.assertEqual((row["attempts"], row.get("repeats", 0)), (1, 0))
            self.assertEqual(len(gateway.messages()), 1)

    def test_its_time_is_up(self):
        with kannel.Kannel() as gateway:
            notifier = self.notifier(gateway, unknown_ms=500)
            notice = self.with_kannel(gateway, notifier)
            notifier.start()
            harness.until(lambda: notifier.notice(notice)["rows"][0]["attempts"] == 2, what="the second attempt")
            gateway.thaw()
            row = notifier.wait_states(notice, {"delivered": 1}, 60)[0]
            self.assertEqual(row["repeats"], 1)
            self.assertEqual([one.text for one in gateway.wait_messages(2)], [SMS] * 2)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
