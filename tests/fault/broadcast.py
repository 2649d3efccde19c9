"""A 潮讯 whose notices go out through a real Kannel with fakesmsc and a real OpenSMTPD; it is told by its settings file.

    with broadcast.Broadcast() as running:
        running.set_contacts(300)
        running.issue("高温", "今日停止户外活动")
        running.wait_end()
        print(running.arrivals())

OpenSMTPD needs root.
"""
import collections
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("flow", "gateways")]
import harness
import kannel
import ledger
import mail

CONTACTS_PER_FRAME = 500
OPEN = ("pending", "sending", "accepted", "retry", "unknown")  # states in which something more is to come
SIGNATURE = "海宁城管志愿"
SQUADS = [squad["code"] for squad in json.loads(harness.ORGANISATION.read_text())["squads"]]
# A report that Kannel cannot hand in comes again each second, for as long as a restart may take.
REPORTS_AGAIN = {"http-request-retry": 120, "http-queue-delay": 1}

Contact = collections.namedtuple("Contact", "person unit name phone email")


class Broadcast:
    """`chaoxun` is the harness.Instance, `gateway` the Kannel, `mailbox` the OpenSmtpd."""

    def __init__(self, **settings):
        """Settings of the services by their names, '_' for '-'."""
        self.gateway = kannel.Kannel(smsbox=REPORTS_AGAIN)
        self.mailbox = mail.OpenSmtpd()
        port = harness.free_ports(1)[0]
        self.chaoxun = harness.Instance(f"--port={port}")
        self.contacts = {}
        self.notices = {}  # id to (title, text)
        self._set(port, settings)

    def _set(self, port, settings):
        secret = self.gateway.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.gateway.password)
        chosen = {"sms_url": self.gateway.sendsms_url, "sms_user": self.gateway.user, "sms_password_file": secret,
                  "smtp_url": f"smtp://127.0.0.1:{self.mailbox.port}", "smtp_from": f"office@{mail.DOMAIN}",
                  "hook_url": f"http://127.0.0.1:{port}"} | settings
        lines = [f"{name.replace('_', '-')} = {value}\n" for name, value in chosen.items()]
        self.chaoxun.settings.write_text("".join(lines) + self.chaoxun.settings.read_text())

    def __enter__(self):
        try:
            self.gateway.start()
            self.mailbox.start()
            self.chaoxun.start()
        except BaseException:
            self.__exit__(None)
            raise
        return self

    def __exit__(self, kind, *_):
        self.chaoxun.__exit__(kind, *_)
        self.mailbox.__exit__(kind, *_)
        self.gateway.__exit__(kind, *_)

    # ---- what is sent ----

    def set_contacts(self, count):
        """Contacts with a telephone and a mailbox, dealt out over all squads."""
        for number in range(count):
            made = Contact(f"P-{number:04}", f"haining/{SQUADS[number % len(SQUADS)]}", f"沈𠮷{number}",
                           f"139{number:08}", f"p{number:04}@{mail.DOMAIN}")
            self.contacts[made.person] = made
        events = [harness.event("contact.set", made.unit, {"person": made.person},
                                {"name": made.name, "phone": made.phone, "email": made.email})
                  for made in self.contacts.values()]
        for first in range(0, len(events), CONTACTS_PER_FRAME):
            receipts = self.chaoxun.submit(events[first:first + CONTACTS_PER_FRAME])
            assert all(receipt["status"] == "stored" for receipt in receipts), receipts

    def issue(self, title, text, units=tuple(f"haining/{code}" for code in SQUADS)):
        """Issues a notice; returns its id."""
        made = harness.event("notice.issued", "haining", {"units": list(units)}, {"title": title, "text": text})
        receipt = self.chaoxun.submit(made)[0]
        assert receipt["status"] == "stored", receipt
        self.notices[made["id"]] = title, text
        return made["id"]

    # ---- the outbox, by its file ----

    def rows(self, sql, *values):
        return ledger.query(self.chaoxun.data / "notifier/notifier.db", sql, *values)

    def states(self):
        """How many messages there are, by state."""
        return dict(self.rows("SELECT state, count(*) FROM outbox GROUP BY state"))

    def is_over(self):
        """Every message of every notice is at its end, and the journal knows it."""
        made = self.rows("SELECT count(*) FROM notices")[0][0]
        return made == len(self.notices) and not set(self.states()) & set(OPEN) and not self.rows("SELECT 1 FROM tellings")

    def wait_end(self, seconds=60):
        try:
            harness.until(self.is_over, seconds, "the end of every message")
        except TimeoutError as error:
            raise AssertionError(f"{error}: {self.states()}") from error

    # ---- what arrived ----

    def arrivals(self):
        """How often each message arrived, by (notice, person, channel); one that nobody sent by its own words."""
        by_phone = {made.phone: made.person for made in self.contacts.values()}
        by_email = {made.email: made.person for made in self.contacts.values()}
        by_text = {f"【{SIGNATURE}】{title}：{text}": notice for notice, (title, text) in self.notices.items()}
        by_mail = {(title, f"{title}\n\n{text}\n\n{SIGNATURE}\n"): notice for notice, (title, text) in self.notices.items()}
        found = collections.Counter()
        for one in self.gateway.messages():
            found[by_text.get(one.text, one.text), by_phone.get(one.recipient, one.recipient), "sms"] += 1
        for one in self.mailbox.messages():
            words = one.subject, one.text
            found[by_mail.get(words, words), by_email.get(one.recipient, one.recipient), "email"] += 1
        return found
