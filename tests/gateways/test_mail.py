#!/usr/bin/python3
"""The mail servers that the notifier is tested against: a real OpenSMTPD, and one that fails as told."""
import email.message
import email.policy
import os
import smtplib
import ssl
import threading
import unittest

import mail
from program import harness

SENDER = "office@haining.test"
SUBJECT = "高温预警：今日停止户外活动，㐂𠮷村的“四洁四美”改期到下星期，请各中队立即转告每一位志愿者并回复"
TEXT = "今日高温，停止户外活动。\n.\n..两点开头的一行\n㐂𠮷\n" + "很长的一行" * 300 + "\n"


def written(recipient):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["Subject"], message["From"], message["To"] = SUBJECT, SENDER, recipient
    message.set_content(TEXT, cte="base64")
    message.add_alternative(f"<p>{TEXT}</p>", subtype="html", cte="base64")
    return message.as_bytes()


def send(server, *recipients, prepare=lambda client: None):
    """One transaction; returns the recipients that were refused, raises when all of them or the message were."""
    with smtplib.SMTP("localhost", server.port, timeout=20) as client:
        prepare(client)
        return client.sendmail(SENDER, recipients, written(recipients[0]))


class Checks(unittest.TestCase):
    def refusal(self, expected, server, recipient, **options):
        """The (code, text) with which a recipient or a message is refused."""
        with self.assertRaises(expected) as caught:
            send(server, recipient, **options)
        error = caught.exception
        return error.recipients[recipient] if expected is smtplib.SMTPRecipientsRefused else error.args[:2]

    def readable(self, message, recipient, sent_to=None):
        self.assertEqual((message.sender, message.recipient, message.to), (SENDER, recipient, sent_to or recipient))
        self.assertEqual((message.subject, message.text, message.html), (SUBJECT, TEXT, f"<p>{TEXT}</p>\n"))
        self.assertTrue(message.octets.isascii())
        self.assertIn(b"Subject: =?utf-8?", message.octets)


class RealMailbox(Checks):
    def test_chinese_mail_is_readable(self):
        with mail.OpenSmtpd() as mailbox:
            send(mailbox, "xiashi@haining.test", "xucun@haining.test")
            found = {message.recipient: message for message in mailbox.wait_messages(2)}
            self.readable(found["xiashi@haining.test"], "xiashi@haining.test")
            self.readable(found["xucun@haining.test"], "xucun@haining.test", sent_to="xiashi@haining.test")

    def test_other_domain_is_refused(self):
        with mail.OpenSmtpd() as mailbox:
            code, text = self.refusal(smtplib.SMTPRecipientsRefused, mailbox, "someone@elsewhere.test")
            self.assertEqual((code, text), (550, b"Invalid recipient: <someone@elsewhere.test>"))

    def test_unknown_mailbox_is_refused(self):
        with mail.OpenSmtpd(mailboxes=["xiashi"]) as mailbox:
            refused = send(mailbox, "xiashi@haining.test", "nobody@haining.test")
            self.assertEqual(refused, {"nobody@haining.test": (550, b"Invalid recipient: <nobody@haining.test>")})
            self.assertEqual([one.recipient for one in mailbox.wait_messages(1)], ["xiashi@haining.test"])

    def test_two_beside_each_other_and_restart(self):
        with mail.OpenSmtpd() as first, mail.OpenSmtpd() as second:
            send(first, "a@haining.test")
            first.wait_messages(1)
            # Stopped before it has noted the delivery, it would deliver once more.
            first.smtpd.wait(lambda: "stat=Delivered" in first.said(), "it notes the delivery")
            first.stop()
            self.assertRaises(ConnectionRefusedError, send, first, "b@haining.test")
            send(second, "b@haining.test")
            self.assertEqual([one.recipient for one in second.wait_messages(1)], ["b@haining.test"])
            first.start()
            send(first, "c@haining.test")
            self.assertEqual([one.recipient for one in first.wait_messages(2)], ["a@haining.test", "c@haining.test"])

    def test_nothing_is_left(self):
        with mail.OpenSmtpd() as mailbox:
            group, folder = mailbox.smtpd.process.pid, mailbox.folder
            self.assertTrue((mailbox.spool / "smtpd/queue").is_dir())  # and not the machine's own
            self.assertNotIn(str(folder), mounts())
        self.assertFalse(folder.exists())
        self.assertRaises(ProcessLookupError, os.killpg, group, 0)

    def test_failure_says_why(self):
        mailbox = mail.OpenSmtpd()
        mailbox.configuration.write_text("nonsense\n")
        with self.assertRaisesRegex(AssertionError, "smtpd ended before readiness[^~]*syntax error"):
            with mailbox:
                pass


def mounts():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return file.read()


class Faults(Checks):
    def test_accepted(self):
        with mail.FaultySmtp() as server:
            send(server, "xiashi@haining.test")
            self.readable(server.wait_messages(1)[0], "xiashi@haining.test")

    def test_refused(self):
        with mail.FaultySmtp() as server:
            code, text = self.refusal(smtplib.SMTPRecipientsRefused, server, "refused@haining.test")
            self.assertEqual((code, text[:6]), (550, b"5.1.1 "))
            self.assertEqual((server.attempts["refused@haining.test"], server.transactions), (1, []))

    def test_later(self):
        with mail.FaultySmtp(temporary=2) as server:
            for _ in range(2):
                code, text = self.refusal(smtplib.SMTPRecipientsRefused, server, "later-1@haining.test")
                self.assertEqual((code, text[:6]), (451, b"4.2.0 "))
            self.assertEqual(server.messages(), [])
            send(server, "later-1@haining.test")
            self.assertEqual(server.attempts["later-1@haining.test"], 3)
            self.readable(server.messages()[0], "later-1@haining.test")
            self.refusal(smtplib.SMTPRecipientsRefused, server, "later-2@haining.test")

    def test_full(self):
        with mail.FaultySmtp() as server:
            code, text = self.refusal(smtplib.SMTPDataError, server, "full@haining.test")
            self.assertEqual((code, text[:6]), (452, b"4.3.1 "))
            send(server, "full@haining.test")
            self.assertEqual(server.outcomes("full@haining.test"), ["full", "accepted"])

    def test_slow(self):
        with mail.FaultySmtp() as server:
            sending = threading.Thread(target=send, args=(server, "slow@haining.test"))
            sending.start()
            server.wait_waiting()
            send(server, "quick@haining.test")
            self.assertTrue(sending.is_alive())
            server.release()
            sending.join(20)
            self.assertFalse(sending.is_alive())
            self.assertEqual([one.recipient for one in server.messages()], ["slow@haining.test", "quick@haining.test"])

    def test_slow_and_given_up(self):
        """A client that goes away before the answer: the message was accepted, and it cannot know."""
        with mail.FaultySmtp() as server:
            with smtplib.SMTP("localhost", server.port) as client:
                client.sock.settimeout(0.2)
                with self.assertRaises((TimeoutError, smtplib.SMTPServerDisconnected)):
                    client.sendmail(SENDER, "slow@haining.test", written("slow@haining.test"))
            harness.until(lambda: server.waiting == 0, what="end of the session")
            self.assertEqual(server.outcomes("slow@haining.test"), ["accepted"])

    def test_dropped(self):
        with mail.FaultySmtp() as server:
            self.assertRaises(smtplib.SMTPServerDisconnected, send, server, "drop@haining.test")
            self.assertEqual((server.outcomes("drop@haining.test"), server.messages()), (["dropped"], []))
            self.readable(server.transactions[0].mail, "drop@haining.test")
            send(server, "drop@haining.test")
            self.assertEqual(server.outcomes("drop@haining.test"), ["dropped", "accepted"])

    def test_away_for_a_while(self):
        with mail.FaultySmtp() as server:
            send(server, "a@haining.test")
            with smtplib.SMTP("localhost", server.port, timeout=20) as client:
                server.stop()
                self.assertRaises(smtplib.SMTPServerDisconnected, client.noop)
            self.assertRaises(ConnectionRefusedError, send, server, "b@haining.test")
            server.start()
            send(server, "c@haining.test")
            self.assertEqual([one.recipient for one in server.messages()], ["a@haining.test", "c@haining.test"])


class Secured(Checks):
    def secured(self, server, password=None):
        """What a client does first: STARTTLS with the server's own certificate, and then signing in."""
        def prepare(client):
            client.starttls(context=ssl.create_default_context(cafile=server.certificate))
            if password:
                client.login("notifier", password)
        return prepare

    def test_tls_is_required(self):
        with mail.FaultySmtp(tls=True) as server:
            self.assertEqual(self.refusal(smtplib.SMTPSenderRefused, server, "a@haining.test")[0], 530)
            untrusting = lambda client: client.starttls(context=ssl.create_default_context())
            self.assertRaises(ssl.SSLCertVerificationError, send, server, "a@haining.test", prepare=untrusting)
            send(server, "a@haining.test", prepare=self.secured(server))
            self.readable(server.messages()[0], "a@haining.test")

    def test_login_is_required(self):
        with mail.FaultySmtp(user="notifier", password="right") as server:
            refusal = self.refusal(smtplib.SMTPSenderRefused, server, "a@haining.test", prepare=self.secured(server))
            self.assertEqual(refusal, (530, b"5.7.0 Authentication required"))
            refusal = self.refusal(smtplib.SMTPAuthenticationError, server, "a@haining.test",
                                   prepare=self.secured(server, "wrong"))
            self.assertEqual(refusal, (535, b"5.7.8 Authentication credentials invalid"))
            # smtplib tries every mechanism that is offered.
            self.assertEqual((set(server.logins), server.transactions), ({False}, []))
            send(server, "a@haining.test", prepare=self.secured(server, "right"))
            self.assertEqual((server.logins[-1], len(server.messages())), (True, 1))

    def test_dropped_under_tls(self):
        with mail.FaultySmtp(tls=True) as server:
            prepare = self.secured(server)
            self.assertRaises((smtplib.SMTPServerDisconnected, ssl.SSLError), send, server, "drop@haining.test",
                              prepare=prepare)
            send(server, "drop@haining.test", prepare=prepare)
            self.assertEqual(server.outcomes("drop@haining.test"), ["dropped", "accepted"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
