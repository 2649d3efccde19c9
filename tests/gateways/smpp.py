"""A short message centre that fails as told: a small SMPP 3.4 server; the number's last digit picks the outcome.

    with smpp.SmppStub() as centre, kannel.Kannel(centre) as gateway:
        gateway.send("13800138005", "今日高温", dlr_mask=31, dlr_url=listener.pattern())     # d=8, then d=2

    0 to 4  delivered
    5       taken, then undelivered (receipt UNDELIV)
    6       refused at once (RINVDSTADR)
    7       system error, always (RSYSERR)
    8       throttled `throttles` times (RTHROTTLED), then delivered
    9       taken, but no receipt comes; send_receipt brings one by hand

Only what stands here of SMPP is there: bind_transceiver, submit_sm, deliver_sm, enquire_link, unbind.

What surprised, with Kannel 1.4.5 and its sms-resend-retry of 3:
  - Of a long message only the first part asks for a receipt. Its reports come out of order: 1 before 8, nearly always.
  - The words of a report 16 are "NACK/0x0000000b/Invalid Destination Address" and "NACK/Retries Exceeded" for one part,
    "NACK/" alone for a long message.
  - 3 retries are 4 tries, and throttled ones count: throttled four times is given up like a system error.
  - A second receipt for the same message is dropped by Kannel; repeated reports come from its retries alone.
  - A number with + arrives without it.
"""
import collections
import itertools
import socket
import socketserver
import struct
import threading
import time

import short_message
from program import harness

HEADER = struct.Struct("!IIII")
RESPONSE = 0x80000000
SUBMIT_SM, DELIVER_SM, UNBIND, BIND_TRANSCEIVER, ENQUIRE_LINK = 0x04, 0x05, 0x06, 0x09, 0x15
OK, INVALID_COMMAND, SYSTEM_ERROR, INVALID_DESTINATION, BIND_FAILED, THROTTLED = 0x00, 0x03, 0x08, 0x0B, 0x0D, 0x58
HAS_HEADER, IS_RECEIPT = 0x40, 0x04
WANTS_RECEIPT = 0x01
UCS2 = 8
MAX_PDU_BYTES = 65536

Outcome = collections.namedtuple("Outcome", "answer receipt", defaults=(OK, "DELIVRD"))
OUTCOMES = dict.fromkeys("01234", Outcome()) | {
    "5": Outcome(receipt="UNDELIV"), "6": Outcome(INVALID_DESTINATION), "7": Outcome(SYSTEM_ERROR),
    "8": Outcome(THROTTLED), "9": Outcome(receipt=None),
}

# One submit_sm: `part` is the message in it, `answer` the status that it was answered, `id` the centre's number for it.
Submission = collections.namedtuple("Submission", "part wants_receipt answer id")


class Body:
    """Reads the fields of a PDU's body one after the other."""

    def __init__(self, octets):
        self.octets = octets
        self.at = 0

    def octet(self):
        self.at += 1
        return self.octets[self.at - 1]

    def text(self):
        start, self.at = self.at, self.octets.index(b"\0", self.at) + 1
        return self.octets[start:self.at - 1].decode("latin-1")

    def address(self):
        self.at += 2  # type of number, numbering plan
        return self.text()

    def take(self, count):
        self.at += count
        return self.octets[self.at - count:self.at]


def submitted(octets):
    """(part, whether a receipt is wanted) of the body of a submit_sm (SMPP 3.4, 4.4.1)."""
    body = Body(octets)
    body.text()  # service type
    sender, recipient = body.address(), body.address()
    esm_class, _, _ = body.octet(), body.octet(), body.octet()
    body.text()  # when to deliver
    body.text()  # until when
    registered, _, coding, _, length = (body.octet() for _ in range(5))
    content = body.take(length)
    header = content[:content[0] + 1] if esm_class & HAS_HEADER else b""
    part = short_message.Part(sender, recipient, header, content[len(header):], coding == UCS2)
    return part, bool(registered & WANTS_RECEIPT)


def receipt(submission, state):
    """The body of the deliver_sm that says what became of a message (SMPP 3.4, appendix B)."""
    now = time.strftime("%y%m%d%H%M", time.gmtime())
    text = (f"id:{submission.id} sub:001 dlvrd:{int(state == 'DELIVRD'):03} submit date:{now} done date:{now} "
            f"stat:{state} err:000 text:").encode()
    addresses = b"".join(b"\1\1" + one.encode() + b"\0" for one in (submission.part.recipient, submission.part.sender))
    return b"\0" + addresses + bytes([IS_RECEIPT, 0, 0, 0, 0, 0, 0, 0, 0, len(text)]) + text


class Session(socketserver.StreamRequestHandler):
    """One bound connection."""

    def setup(self):
        super().setup()
        self.stub = self.server.stub
        self.bound = False
        self.sequences = itertools.count(1)
        self.sending = threading.Lock()
        self.stub.sessions.append(self)

    def finish(self):
        self.stub.sessions.remove(self)
        super().finish()

    def handle(self):
        try:
            while len(header := self.rfile.read(HEADER.size)) == HEADER.size:
                length, command, _, sequence = HEADER.unpack(header)
                if not HEADER.size <= length <= MAX_PDU_BYTES:
                    return
                self.serve(command, sequence, self.rfile.read(length - HEADER.size))
        except OSError:  # hung up on
            return

    def serve(self, command, sequence, body):
        if command == BIND_TRANSCEIVER:
            self.bind(sequence, Body(body))
        elif command == SUBMIT_SM and self.bound:
            self.submit(sequence, *submitted(body))
        elif command in (ENQUIRE_LINK, UNBIND):
            self.send(command | RESPONSE, OK, sequence)
        elif not command & RESPONSE:
            self.send(command | RESPONSE, INVALID_COMMAND, sequence)

    def bind(self, sequence, body):
        self.bound = (body.text(), body.text()) == (self.stub.user, self.stub.password)
        self.send(BIND_TRANSCEIVER | RESPONSE, OK if self.bound else BIND_FAILED, sequence, b"stub\0")

    def submit(self, sequence, part, wants_receipt):
        submission, state = self.stub.take(part, wants_receipt)
        taken = submission.answer == OK
        self.send(SUBMIT_SM | RESPONSE, submission.answer, sequence, (submission.id.encode() if taken else b"") + b"\0")
        if taken and wants_receipt and state:
            self.deliver(submission, state)

    def deliver(self, submission, state):
        self.send(DELIVER_SM, OK, next(self.sequences), receipt(submission, state))

    def send(self, command, status, sequence, body=b""):
        with self.sending:
            self.wfile.write(HEADER.pack(HEADER.size + len(body), command, status, sequence) + body)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


class SmppStub:
    user = "centre"
    password = "secret"  # SMPP has room for eight characters

    def __init__(self, outcomes=None, throttles=2):
        """`outcomes` replaces outcomes, by last digit or by whole number."""
        self.outcomes = OUTCOMES | (outcomes or {})
        self.throttles = throttles
        self.port = harness.free_ports(1)[0]
        self.sessions = []
        self._submissions = []
        self._ids = itertools.count(1_000_000_001)
        self._changed = threading.Condition()
        self._server = None
        self._thread = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- life ----

    def start(self):
        """Listens, on the same port each time."""
        self._server = Server(("127.0.0.1", self.port), Session)
        self._server.stub = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def running(self):
        return self._server is not None

    def stop(self):
        """Hangs up and no longer listens; what it got stays."""
        if not self.running():
            return
        self._server.shutdown()
        self._thread.join()
        for session in list(self.sessions):
            session.connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._server = None

    # ---- what came ----

    def take(self, part, wants_receipt):
        """Notes a submission; returns it and the state that its receipt will tell (None: no receipt)."""
        outcome = self.outcomes.get(part.recipient, self.outcomes[part.recipient[-1]])
        with self._changed:
            tried = sum(one.part.recipient == part.recipient for one in self._submissions)
            passed = outcome.answer == THROTTLED and tried >= self.throttles
            submission = Submission(part, wants_receipt, OK if passed else outcome.answer, str(next(self._ids)))
            self._submissions.append(submission)
            self._changed.notify_all()
        return submission, outcome.receipt

    def submissions(self, recipient=None):
        """Every submit_sm, refused ones too, to everyone or to one number."""
        with self._changed:
            return [one for one in self._submissions if recipient in (None, one.part.recipient)]

    def messages(self):
        """The messages that were taken, long ones joined: sender, recipient, text, parts."""
        return short_message.joined([one.part for one in self.submissions() if one.answer == OK])

    def wait_submissions(self, count, recipient=None, seconds=60):
        """The submissions, once there are at least `count`."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.submissions(recipient)) >= count, seconds):
                raise TimeoutError(f"{count} submissions expected within {seconds} s: {self.submissions(recipient)}")
        return self.submissions(recipient)

    def send_receipt(self, submission, state="DELIVRD"):
        """A receipt by hand: late, or another than the number would get."""
        self.sessions[-1].deliver(submission, state)
