"""Mail servers of its own for a test: a real OpenSMTPD as a mailbox, and one that fails as told.

    with mail.OpenSmtpd() as mailbox:            # root only
        ... send to xiashi@haining.test at 127.0.0.1, mailbox.port
        print(mailbox.wait_messages(1)[0].text)

    with mail.FaultySmtp() as server:
        ... send to refused@haining.test at 127.0.0.1, server.port
        print(server.attempts["refused@haining.test"], server.messages())

What surprised (OpenSMTPD 6.8, aiosmtpd 1.4.3):
  - smtpd's queue and control socket have fixed places, /var/spool/smtpd and /run/smtpd.sock: two instances need a mount
    namespace each. It starts only as root; the Maildir belongs to the user that `virtual` names, and that user must be
    able to reach it (the folder has mode 0711).
  - An address that `virtual` does not know is refused with 524 5.2.4 "Mailing list expansion problem"; one that no
    match rule takes with 550 and no enhanced status code.
  - A mail to two recipients is two files; the added headers Return-Path and Delivered-To hold the envelope.
  - Both take lines that end with LF alone, but aiosmtpd then leaves the doubled dots in: send CRLF.
  - aiosmtpd needs AuthResult(success=False, handled=False) after a wrong password, or the client waits for ever.
"""
import asyncio
import collections
import email
import email.policy
import logging
import os
import shutil
import smtplib
import ssl
import subprocess

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from program import Gateway, Program, harness

# Without a handler every refused handshake would be a traceback on the terminal.
logging.getLogger("mail.log").addHandler(logging.NullHandler())

DOMAIN = "haining.test"
OWNER = "nobody"

# `sender` and `recipient` are the envelope's, `to` the header's; `text` and `html` are decoded, None where there is no
# such part; `parsed` is the email.message.EmailMessage, `octets` what came over the wire.
Mail = collections.namedtuple("Mail", "sender recipient subject to text html parsed octets")

# A message that came whole: `outcome` is accepted, full (452) or dropped (no answer).
Transaction = collections.namedtuple("Transaction", "recipients outcome mail")


def read(octets, sender, recipient):
    """A Mail out of the octets of a message; the lines of its text end with LF, however they came."""
    parsed = email.message_from_bytes(octets, policy=email.policy.default)
    parts = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    text, html = (part.get_content().replace("\r\n", "\n") if part else None for part in parts)
    return Mail(sender, recipient, parsed["Subject"], parsed["To"], text, html, parsed, octets)


def greets(port):
    """Whether an SMTP server answers there."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5):
            return True
    except OSError:
        return False


def make_certificate(folder):
    """A self-signed certificate for localhost and 127.0.0.1, beside its key.pem."""
    certificate = folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", certificate], check=True, capture_output=True)
    return certificate


class OpenSmtpd(Gateway):
    """OpenSMTPD that takes mail for one domain into a Maildir; any other domain is refused with 550.

    Needs root: smtpd gives its processes other users, and its queue and control socket have fixed places, which are
    laid over with this test's own in a mount namespace, so that several can run and the machine's own is left alone.
    """

    def __init__(self, mailboxes=None, domain=DOMAIN, relay=None):
        """`mailboxes` are the local parts that exist, the others are refused with 550; None: all exist. `relay` is (domain,
        port): mail for that domain is taken and handed on there; what is refused there comes back to its return path."""
        assert os.geteuid() == 0, "OpenSMTPD can only be started by root"
        super().__init__()
        self.folder.chmod(0o711)
        self.maildir, self.spool, self.run = (self.folder / name for name in ("mail", "spool", "run"))
        for folder in (self.maildir, self.spool, self.run, *(self.maildir / name for name in ("new", "cur", "tmp"))):
            folder.mkdir(mode=0o755)
        for folder in (self.maildir, *self.maildir.iterdir()):
            shutil.chown(folder, OWNER)
        self.relay = relay
        self.port = harness.free_ports(1)[0]
        self.configuration = self.folder / "smtpd.conf"
        self._write_configuration(mailboxes, domain)
        lay_over = f"mount --bind {self.spool} /var/spool && mount --bind {self.run} /run"
        self.smtpd = Program("smtpd", ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                                       f"{lay_over} && exec smtpd -d -f {self.configuration}"], self.folder / "log")

    def _write_configuration(self, mailboxes, domain):
        table, match = "", f'domain "{domain}"'
        if mailboxes is not None:
            addresses = ", ".join(f'"{name}@{domain}"' for name in mailboxes)
            table, match = f"table mailboxes {{ {addresses} }}\n", "rcpt-to <mailboxes>"
        self.configuration.touch(mode=0o600)
        self.configuration.write_text(
            f"listen on 127.0.0.1 port {self.port} hostname mail.{domain}\n{table}"
            f'table owner {{ "@" = "{OWNER}" }}\n'
            f'action "deliver" maildir "{self.maildir}" virtual <owner>\n'
            f'match from any for {match} action "deliver"\n'
            + (f'action "relay" relay host smtp://127.0.0.1:{self.relay[1]}\n'
               f'match from any for domain "{self.relay[0]}" action "relay"\n' if self.relay else ""))

    def start(self):
        """Starts it, on the same port and with the same mail each time; waits for its greeting."""
        self.smtpd.start(lambda: greets(self.port))

    def stop(self):
        """Stops it; the mail stays."""
        self.smtpd.stop()

    def said(self):
        return self.smtpd.tail()

    def messages(self):
        """The mail in the Maildir, a copy for each recipient, in the order of arrival."""
        found = []
        for path in sorted(self.maildir.glob("[nc]*/*"), key=lambda path: path.stat().st_mtime_ns):
            octets = path.read_bytes()
            added = email.message_from_bytes(octets)
            found.append(read(octets, added["Return-Path"].strip("<>"), added["Delivered-To"]))
        return found


class Faults:
    """What aiosmtpd asks during a session; notes everything in its FaultySmtp."""

    def __init__(self, server):
        self.server = server

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.server.answer_recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        await self.server.turn()
        outcome = self.server.take(envelope)
        if envelope.rcpt_tos[0].startswith("slow"):
            await self.server.until_released()
        if outcome == "dropped":
            server.transport.abort()
            await asyncio.Event().wait()  # until the session is cancelled
        return "452 4.3.1 Insufficient system storage" if outcome == "full" else "250 2.0.0 OK"

    def authenticate(self, server, session, envelope, mechanism, login):
        right = isinstance(login, LoginPassword) and self.server.knows(login.login, login.password)
        return AuthResult(success=True) if right else AuthResult(success=False, handled=False)


class FaultySmtp(Gateway):
    """An SMTP server whose answers the local part of the recipient chooses.

        refused*  550 at RCPT
        later*    451 at RCPT, `temporary` times, then accepted
        full*     452 after the message, `temporary` times, then accepted
        slow*     accepted, but the answer after the message waits for release()
        drop*     closed after the message without an answer, once, then accepted
        others    accepted

    A message to several goes the way of its first accepted recipient. `attempts` counts RCPT by recipient, `logins`
    holds a bool for each try to sign in, `transactions` every message that came whole, whatever became of it.
    """

    def __init__(self, temporary=1, tls=False, user=None, password=None, paced=False):
        """`tls` requires STARTTLS; `user` and `password` require AUTH, and so STARTTLS too; `paced`: it takes no message before
        let()."""
        super().__init__()
        self.paced = paced
        self._turns = None
        self.temporary = temporary
        self.user, self.password = user, password
        self.certificate = make_certificate(self.folder) if tls or user else None
        self.port = harness.free_ports(1)[0]
        self.attempts = collections.Counter()
        self.transactions = []
        self.logins = []
        self.waiting = 0
        self._released = None
        self._controller = None

    # ---- life ----

    def start(self):
        """Listens, on the same port each time."""
        faults = Faults(self)
        options = {}
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.folder / "key.pem")
            options |= {"tls_context": context, "require_starttls": True}
        if self.user:
            options |= {"auth_required": True, "authenticator": faults.authenticate}
        self._released = asyncio.Event()
        self._turns = asyncio.Semaphore(0)
        self._controller = Controller(faults, hostname="127.0.0.1", port=self.port, server_hostname="faulty.test",
                                      **options)
        self._controller.start()

    def stop(self):
        """Hangs up and no longer listens; what it got stays."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    def release(self):
        """Lets the messages to slow* through, those that wait and those to come."""
        self._controller.loop.call_soon_threadsafe(self._released.set)

    def let(self, count):
        """Takes so many messages more, if it is paced."""
        for _ in range(count):
            self._controller.loop.call_soon_threadsafe(self._turns.release)

    # ---- what came ----

    def messages(self, recipient=None):
        """The accepted messages, to everyone or to one recipient."""
        return [one.mail for one in self.transactions if one.outcome == "accepted"
                and recipient in (None, *one.recipients)]

    def outcomes(self, recipient):
        """What became of each message that came whole for a recipient, in order: accepted, full, dropped."""
        return [one.outcome for one in self.transactions if recipient in one.recipients]

    def wait_waiting(self, count=1):
        """Waits until `count` messages to slow* have come whole and their clients wait for release()."""
        harness.until(lambda: self.waiting >= count, what=f"coming of {count} messages to slow*")

    def said(self):
        return "\n".join(map(str, [dict(self.attempts), *self.transactions]))

    # ---- for Faults ----

    def answer_recipient(self, address):
        """The answer to one RCPT."""
        self.attempts[address] += 1
        if address.startswith("refused"):
            return f"550 5.1.1 <{address}>: no such mailbox"
        if address.startswith("later") and self.attempts[address] <= self.temporary:
            return "451 4.2.0 Try again later"
        return "250 2.1.5 OK"

    def take(self, envelope):
        """Notes a message that came whole; returns what becomes of it."""
        recipients = tuple(envelope.rcpt_tos)
        before = self.outcomes(recipients[0])
        if recipients[0].startswith("drop") and not before:
            outcome = "dropped"
        elif recipients[0].startswith("full") and len(before) < self.temporary:
            outcome = "full"
        else:
            outcome = "accepted"
        mail = read(envelope.original_content, envelope.mail_from, recipients[0])
        self.transactions.append(Transaction(recipients, outcome, mail))
        return outcome

    async def turn(self):
        if self.paced:
            await self._turns.acquire()

    async def until_released(self):
        self.waiting += 1
        try:
            await self._released.wait()
        finally:
            self.waiting -= 1

    def knows(self, user, password):
        """Whether a login is right; notes it."""
        right = (user.decode(), password.decode()) == (self.user, self.password)
        self.logins.append(right)
        return right
