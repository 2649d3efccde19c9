#!/usr/bin/python3
"""The notifier's channels against real gateways: what arrives is what was written, and each outcome is the truth."""
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import delivery
import kannel
import mail
from program import harness

PROGRAM = harness.BIN / "part_notifier_channels"
SECONDS = 60
SIGNATURE = "海宁城管志愿"
TITLE = "高温预警：㐂𠮷村今日停止户外活动，“四洁四美”改期到下星期，请各中队立即转告每一位志愿者并回复"
TEXT = "今日高温 & <停止> 100%+\n.\n..两点开头\nFrom 行首\n\t制表\n㐂𠮷" + "很长的一行" * 60
FROM = "office@haining.test"
ISSUED_AT = 1790000000123


def sms(number, **more):
    return {"channel": "sms", "address": number, "title": TITLE, "text": TEXT} | more


def email(address, **more):
    return {"channel": "email", "address": address, "name": "朱㐂𠮷", "title": TITLE, "text": TEXT,
            "issued_at": ISSUED_AT, "message_id": "0a1b2c"} | more


class Sending:
    """The channels with some settings, and messages that they were handed all at once."""

    def __init__(self, settings, messages):
        self.process = subprocess.Popen([PROGRAM, *(f"--{name}={value}" for name, value in settings.items())],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(messages))
        self.process.stdin.close()

    def results(self):
        """(outcome, words) of each message, in the order in which they were handed in."""
        output = self.process.stdout.read()
        self.process.stdout.close()
        assert self.process.wait(SECONDS) == 0
        *lines, how_long = map(json.loads, output.splitlines())
        print("the loop was held at most", how_long, file=sys.stderr)  # told, not judged: the machine may be busy
        ends = {line["index"]: (line["outcome"], line["words"]) for line in lines}
        assert len(ends) == len(lines), "a message ended twice"
        return [ends[index] for index in sorted(ends)]


class WithSecrets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def secret(self, password):
        path = self.folder / "password"
        path.touch(mode=0o600)
        path.write_text(password + "\n")
        return path


class Sms(WithSecrets):
    def settings(self, gateway, **more):
        return {"sms-url": gateway.sendsms_url, "sms-user": gateway.user,
                "sms-password-file": self.secret(gateway.password), "sms-signature": SIGNATURE} | more

    def test_arrives_whole_and_once(self):
        with delivery.Listener() as listener, kannel.Kannel() as gateway:
            numbers = [f"1380013{i:04}" for i in range(120)]
            messages = [sms(number, title="高温", text="㐂𠮷 & 100%+\n停") for number in numbers]
            messages.append(sms("13900139000", report_url=listener.pattern("oid=a%26b")))
            results = Sending(self.settings(gateway), messages).results()
            self.assertEqual(results, [("accepted", "0: Accepted for delivery")] * 121)
            came = {one.recipient: one for one in gateway.wait_messages(121)}
            self.assertEqual(len(gateway.messages()), 121)
            self.assertEqual({came[number].text for number in numbers}, {f"【{SIGNATURE}】高温：㐂𠮷 & 100%+\n停"})
            long = came["13900139000"]
            self.assertEqual(long.text, f"【{SIGNATURE}】{TITLE}：{TEXT}")
            self.assertEqual(long.parts, len(long.text.encode("utf-16-be")) // 2 // 67 + 1)
            self.assertEqual({report["oid"] for report in listener.wait(2)}, {"a&b"})

    def test_wrong_password(self):
        with kannel.Kannel() as gateway:
            settings = self.settings(gateway) | {"sms-password-file": self.secret("wrong")}
            self.assertEqual(Sending(settings, [sms("13800138001")]).results(),
                             [("misconfigured", "Authorization failed for sendsms")])
            self.assertEqual(gateway.parts(), [])

    def test_without_a_centre_it_is_queued(self):
        with kannel.Kannel() as gateway:
            gateway.disconnect_centre()
            self.assertEqual(Sending(self.settings(gateway), [sms("13800138001", text="一", title="")]).results()[0][0],
                             "accepted")
            self.assertEqual(gateway.messages(), [])
            gateway.connect_centre()
            self.assertEqual(len(gateway.wait_messages(1)), 1)

    def test_away(self):
        with kannel.Kannel() as gateway:
            settings = self.settings(gateway)
            gateway.stop()
            self.assertEqual(Sending(settings, [sms("13800138001")]).results()[0][0], "retry")

    def test_unknown_may_have_gone_out(self):
        """Bearerbox stands still: smsbox took the request and does not answer. And then it goes out."""
        with kannel.Kannel() as gateway:
            gateway.freeze()
            messages = [sms(f"1380013800{i}", title="", text="一") for i in range(3)]
            results = Sending(self.settings(gateway, **{"send-ms": 500}), messages).results()
            self.assertEqual([outcome for outcome, _ in results], ["unknown"] * 3)
            gateway.thaw()
            self.assertEqual(len(gateway.wait_messages(3)), 3)

    def test_killed_under_way(self):
        with kannel.Kannel() as gateway:
            gateway.freeze()
            sending = Sending(self.settings(gateway), [sms("13800138001", title="", text="一"), {"close_after_ms": 500}])
            self.assertEqual(sending.results(), [("unknown", "the notifier stopped")])


class Email(WithSecrets):
    def settings(self, server, **more):
        return {"smtp-url": f"smtp://localhost:{server.port}", "smtp-from": FROM, "sms-signature": SIGNATURE} | more

    def check(self, one, recipient):
        """Everything that a reader sees, as Python's email package reads it."""
        parsed = one.parsed
        self.assertEqual((one.sender, one.recipient), (FROM, recipient))
        self.assertEqual((parsed["Subject"], parsed["Auto-Submitted"]), (TITLE, "auto-generated"))
        self.assertEqual(parsed["Message-ID"], "<0a1b2c@haining.test>")
        self.assertEqual(parsed["Date"].datetime,
                         datetime.datetime.fromtimestamp(ISSUED_AT // 1000, datetime.timezone(datetime.timedelta(hours=8))))
        for header, name, address in (("From", SIGNATURE, FROM), ("To", "朱㐂𠮷", recipient)):
            self.assertEqual([(a.display_name, a.addr_spec) for a in parsed[header].addresses], [(name, address)])
            self.assertEqual(parsed[header].defects, ())
        self.assertEqual(parsed.get_content_type(), "multipart/alternative")
        self.assertEqual(one.text, f"{TITLE}\n\n{TEXT}\n\n{SIGNATURE}\n")
        self.assertIn("今日高温 &amp; &lt;停止&gt; 100%+<br>\n.<br>\n..两点开头<br>\n", one.html)
        self.assertEqual([part.defects for part in parsed.walk()], [[]] * 3)
        for line in one.octets.split(b"\n"):
            self.assertLessEqual(len(line.rstrip(b"\r")), 76)

    def test_arrives_whole_and_once(self):
        with mail.OpenSmtpd(mailboxes=[f"squad{i}" for i in range(120)]) as mailbox:
            addresses = [f"squad{i}@{mail.DOMAIN}" for i in range(120)] + [f"nobody@{mail.DOMAIN}", "li@elsewhere.test"]
            results = Sending(self.settings(mailbox), [email(address) for address in addresses]).results()
            self.assertEqual({outcome for outcome, _ in results[:120]}, {"delivered"})
            self.assertEqual(results[120:], [("refused", "550 Invalid recipient: <address>")] * 2)
            came = mailbox.wait_messages(120)
            self.assertEqual(sorted(one.recipient for one in came), sorted(addresses[:120]))
            for one in came:
                # OpenSMTPD adds headers of its own, whose lines may be longer.
                own = one._replace(octets=one.octets[one.octets.index(b"Date: "):])
                self.check(own, one.recipient)

    def test_each_outcome(self):
        with mail.FaultySmtp() as server:
            addresses = [f"{name}@{mail.DOMAIN}" for name in ("refused1", "later1", "full1", "drop1", "slow1", "good1")]
            results = Sending(self.settings(server, **{"send-ms": 700}), [email(one) for one in addresses]).results()
            self.assertEqual(results, [
                ("refused", "550 5.1.1 <address>: no such mailbox"), ("retry", "451 4.2.0 Try again later"),
                ("retry", "452 4.3.1 Insufficient system storage"),
                ("unknown", "the mail server closed the connection"), ("unknown", "no answer within 700 ms"),
                ("delivered", "250 2.0.0 OK")])
            self.check(server.messages(addresses[-1])[0], addresses[-1])

    def test_one_slow_answer_holds_up_nobody(self):
        """libcurl's own SMTP would wait for it, and for nothing else, until it comes."""
        with mail.FaultySmtp() as server:
            slow, *others = (f"{name}@{mail.DOMAIN}" for name in ("slow1", *(f"good{i}" for i in range(60))))
            sending = Sending(self.settings(server), [email(slow), *map(email, others)])
            harness.until(lambda: len(server.messages()) >= 61, what="all the others")
            server.release()
            self.assertEqual({outcome for outcome, _ in sending.results()}, {"delivered"})

    def test_away(self):
        with mail.FaultySmtp() as server:
            server.stop()
            self.assertEqual(Sending(self.settings(server), [email(f"a@{mail.DOMAIN}")]).results()[0][0], "retry")

    def test_tls_and_passwords(self):
        user, password = "chaoxun", "pass word"
        with mail.FaultySmtp(user=user, password=password) as server:
            def outcome(secret=password, **more):
                settings = {"smtp-user": user, "smtp-password-file": self.secret(secret)} | {
                    name.replace("_", "-"): value for name, value in more.items()}
                return Sending(self.settings(server, **settings), [email(f"good@{mail.DOMAIN}")]).results()[0]

            trusted = {"smtp_tls": "require", "smtp_ca_file": server.certificate}
            self.assertEqual(outcome(**trusted)[0], "delivered")
            self.assertEqual(outcome(smtp_tls="try")[0], "delivered")
            self.assertEqual(server.logins, [True, True])
            came = len(server.transactions)
            self.assertEqual(outcome(secret="wrong", **trusted),
                             ("misconfigured", "535 5.7.8 Authentication credentials invalid"))
            self.assertEqual(outcome(smtp_tls="require"),
                             ("misconfigured", "SSL certificate problem: self-signed certificate"))
            self.assertEqual(outcome(smtp_tls="never")[0], "misconfigured")
            self.assertEqual(len(server.transactions), came)

    def test_tls_that_is_not_offered(self):
        with mail.FaultySmtp() as server:
            settings = self.settings(server, **{"smtp-tls": "require"})
            self.assertEqual(Sending(settings, [email(f"good@{mail.DOMAIN}")]).results()[0][0], "misconfigured")
            self.assertEqual(server.transactions, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
