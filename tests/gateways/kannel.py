"""A real Kannel of its own for a test: bearerbox, smsbox and fakesmsc (or an SMPP stub) on free loopback ports.

    with kannel.Kannel() as gateway:
        status, answer = gateway.send("13800138000", "今日高温")     # 202, "0: Accepted for delivery"
        print(gateway.wait_messages(1)[0].text)

    with smpp.SmppStub() as centre, kannel.Kannel(centre) as gateway: ...

Needs no root. What surprised (Kannel 1.4.5):
  - Two answers mean taken, both 202: "0: Accepted for delivery" and, while the centre is away, "3: Queued for later
    delivery". A request that times out may be delivered all the same (see freeze).
  - `to` is a list: a space, or a plus that is not quoted, makes one number several. An empty text is taken.
  - Without coding=2 and charset=UTF-8 a Chinese text arrives as question marks, also with 202.
  - What it took survives kill -9 with the file store, but comes in another order, and a report may be repeated.
  - The table of awaited reports is not made by Kannel. Without it messages go out and only the report 8 ever comes.
  - Without bearerbox smsbox shuts its door at once; after 10 s it forks, tries once to connect, and ends for good when
    that fails. So start() ends the old one; in production both want a supervisor.
  - smsbox writes numbers and texts into its log at INFO. The port of an smsc of type fake is open on every address.
  - fakesmsc does not quote a 7-bit text in its log: one with a line break is not found by messages().
"""
import pathlib
import re
import signal
import sqlite3
import urllib.parse
import xml.etree.ElementTree

import delivery
import short_message
from program import Gateway, Program, harness

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
RECEIVED = re.compile(rb"Got message \d+: <(\S*) (\S*) (?:udh (\S*) )?(ucs-2|data|text) (.*)>\n")
BOX = "notifier"
CENTRE = "CENTRE"
DLR_COLUMNS = {"smsc": "smsc", "timestamp": "ts", "destination": "destination", "source": "source",
               "service": "service", "url": "url", "mask": "mask", "status": "status", "boxc-id": "boxc"}


def octets(quoted):
    """The octets of fakesmsc's quoted text, in which a space is a plus."""
    return urllib.parse.unquote_to_bytes((quoted or b"").replace(b"+", b"%20"))


def received(log):
    """The parts of short messages that a fakesmsc received, from what it wrote."""
    found = []
    for sender, recipient, header, kind, content in RECEIVED.findall(log):
        # The parts of a long message are called data: here they are UCS-2, as send and the notifier ask.
        text = content if kind == b"text" else octets(content)
        found.append(short_message.Part(sender.decode(), recipient.decode(), octets(header), text, kind != b"text"))
    return found


class Kannel(Gateway):
    user = "chaoxun"
    password = "sendsms-password"
    admin_password = "admin-password"
    sender = "10690001"

    def __init__(self, centre=None, core=None, smsbox=None, smsc=None, incoming=None):
        """`centre` is a smpp.SmppStub instead of fakesmsc; `incoming` is the get-url for messages that come in.

        The other arguments are settings to be added to a group of the configuration, or replaced, or left out (None).
        """
        super().__init__()
        self.centre = centre
        self.incoming = incoming
        self.admin_port, self.box_port, self.sendsms_port, self.smsc_port = harness.free_ports(4)
        self.configuration = self.folder / "kannel.conf"
        self.dlr_database = self.folder / "dlr.db"
        self._write_configuration(core or {}, smsbox or {}, smsc or {})
        self._create_dlr_table()
        self.bearerbox = self._program("bearerbox", "bearerbox", "-v", "1", self.configuration)
        self.smsbox = self._program("smsbox", "smsbox", "-v", "1", self.configuration)
        self.fakesmsc = self._program("fakesmsc", FAKESMSC, "-H", "127.0.0.1", "-r", self.smsc_port, "-i", "1",
                                      "-m", "0", "1 2 text x")

    def _program(self, name, *command):
        return Program(name, command, self.folder / f"{name}.log")

    def _write_configuration(self, core, smsbox, smsc):
        groups = [
            {"group": "core", "admin-port": self.admin_port, "admin-interface": "127.0.0.1",
             "admin-password": self.admin_password, "smsbox-port": self.box_port, "smsbox-interface": "127.0.0.1",
             "box-allow-ip": "127.0.0.1", "store-type": "file", "store-location": self.folder / "store",
             "dlr-storage": "sqlite3", "sms-resend-freq": 1, "sms-resend-retry": 3} | core,
            {"group": "sqlite3-connection", "id": "dlr", "database": self.dlr_database},
            {"group": "dlr-db", "id": "dlr", "table": "dlr"} | {f"field-{k}": v for k, v in DLR_COLUMNS.items()},
            self._smsc() | smsc,
            {"group": "smsbox", "smsbox-id": BOX, "bearerbox-host": "127.0.0.1", "bearerbox-port": self.box_port,
             "sendsms-port": self.sendsms_port, "sendsms-interface": "127.0.0.1", "global-sender": self.sender,
             "http-request-retry": 10, "http-queue-delay": 1, "mo-recode": "true"} | smsbox,
            {"group": "sendsms-user", "username": self.user, "password": self.password, "max-messages": 10,
             "concatenation": "true"},
            *self._incoming(),
        ]
        self.configuration.touch(mode=0o600)
        self.configuration.write_text("\n".join(
            "".join(f"{name} = {value}\n" for name, value in group.items() if value is not None) for group in groups))

    def _incoming(self):
        if not self.incoming:
            return [{"group": "sms-service", "keyword": "default", "max-messages": 0, "text": "none"}]
        return [{"group": "sms-service", "keyword": "default", "catch-all": "true", "max-messages": 10,
                 "concatenation": "true", "omit-empty": "true", "accept-x-kannel-headers": "true",
                 "get-url": f'"{self.incoming}"'},
                {"group": "smsbox-route", "smsbox-id": BOX, "smsc-id": CENTRE}]

    def _smsc(self):
        if not self.centre:
            return {"group": "smsc", "smsc": "fake", "smsc-id": CENTRE, "port": self.smsc_port,
                    "connect-allow-ip": "127.0.0.1"}
        return {"group": "smsc", "smsc": "smpp", "smsc-id": CENTRE, "host": "127.0.0.1", "port": self.centre.port,
                "transceiver-mode": "true", "smsc-username": self.centre.user, "smsc-password": self.centre.password,
                "system-type": "default", "reconnect-delay": 1}

    def _create_dlr_table(self):
        with sqlite3.connect(self.dlr_database) as connection:
            connection.execute(f"CREATE TABLE dlr ({', '.join(DLR_COLUMNS.values())})")
        connection.close()

    # ---- life ----

    def start(self, centre=True):
        """Starts what does not run, with the same ports and store; `centre=False` leaves the centre away."""
        if not self.bearerbox.running():
            self.smsbox.stop(signal.SIGKILL)  # of the last bearerbox; it would come back by itself, after 10 s
            self.bearerbox.start(lambda: self.status() is not None)
        if not self.smsbox.running():
            self.smsbox.start(self._box_is_ready)
        if centre:
            self.connect_centre()

    def stop(self):
        """Stops all of it in good order; the store stays."""
        self.thaw()
        self.fakesmsc.stop()
        self.smsbox.stop()
        self.bearerbox.stop()

    def kill_bearerbox(self):
        """kill -9, as a crash; start() makes it whole again."""
        self.bearerbox.stop(signal.SIGKILL)
        self.fakesmsc.stop()

    def freeze(self):
        """Bearerbox stands still: requests at the HTTP door wait, until thaw() takes all of them."""
        self.bearerbox.send_signal(signal.SIGSTOP)
        tasks = pathlib.Path(f"/proc/{self.bearerbox.process.pid}/task")
        harness.until(lambda: all("State:\tT" in path.read_text() for path in tasks.glob("*/status")),
                      what="standstill of bearerbox")

    def thaw(self):
        if self.bearerbox.running():
            self.bearerbox.send_signal(signal.SIGCONT)

    def connect_centre(self):
        """Starts fakesmsc or the stub when it is away; waits until Kannel says that the centre is online."""
        one = self.centre or self.fakesmsc
        if not one.running():
            one.start()
        self.bearerbox.wait(self.centre_is_online, "a short message centre")

    def disconnect_centre(self):
        """Ends fakesmsc or the stub; waits until Kannel has noticed, which then keeps the messages that it accepts."""
        (self.centre or self.fakesmsc).stop()
        self.bearerbox.wait(lambda: not self.centre_is_online(), "notice of the hang-up")

    def said(self):
        """The last lines of its programs."""
        return "\n".join(f"[{one.name}]\n{one.tail()}" for one in (self.bearerbox, self.smsbox, self.fakesmsc)
                         if one.log.exists())

    # ---- doors ----

    @property
    def sendsms_url(self):
        return f"http://127.0.0.1:{self.sendsms_port}/cgi-bin/sendsms"

    def send(self, recipient, text, seconds=30, **parameters):
        """(status, body) of a UCS-2 message asked for at the HTTP door; dlr_url stands for dlr-url, and so on."""
        query = {"username": self.user, "password": self.password, "to": recipient, "text": text, "coding": 2,
                 "charset": "UTF-8"} | {name.replace("_", "-"): value for name, value in parameters.items()}
        return delivery.fetch(self.sendsms_url + "?" + urllib.parse.urlencode(query), seconds)

    def receive(self, sender, text):
        """A UCS-2 message that comes in by the centre: fakesmsc sends it, and stays for what goes back."""
        content = urllib.parse.quote(text.encode("utf-16-be"))
        self.fakesmsc.stop()
        self.bearerbox.wait(lambda: not self.centre_is_online(), "notice of the hang-up")
        self.fakesmsc.command = [FAKESMSC, "-H", "127.0.0.1", "-r", str(self.smsc_port), "-i", "0.01", "-m", "1",
                                 f"{sender} {self.sender} ucs2 {content}"]
        self.fakesmsc.start()

    def status(self):
        """Bearerbox's own account of itself as an XML element; None while it does not answer, or with other text."""
        try:
            _, body = delivery.fetch(f"http://127.0.0.1:{self.admin_port}/status.xml?password={self.admin_password}")
            return xml.etree.ElementTree.fromstring(body)
        except (OSError, xml.etree.ElementTree.ParseError):
            return None

    def _box_is_ready(self):
        status = self.status()
        return status is not None and any(box.text == BOX for box in status.iter("id")) and self._door_answers()

    def _door_answers(self):
        try:
            return delivery.fetch(f"http://127.0.0.1:{self.sendsms_port}/")
        except OSError:
            return None

    def centre_is_online(self):
        status = self.status()
        return status is not None and status.findtext(".//smsc/status", "").startswith("online")

    def queued(self):
        """How many messages wait for the centre."""
        return sum(int(one.text) for one in self.status().findall(".//smsc/queued"))

    # ---- what came through ----

    def parts(self):
        """Every short message that fakesmsc received, as long as this Kannel has been."""
        return received(self.fakesmsc.log.read_bytes() if self.fakesmsc.log.exists() else b"")

    def messages(self):
        """The messages that reached the centre, long ones joined: sender, recipient, text, parts."""
        return self.centre.messages() if self.centre else short_message.joined(self.parts())

    def awaited_reports(self):
        """dlr-url by recipient, of messages whose last delivery report has not come yet."""
        connection = sqlite3.connect(f"file:{self.dlr_database}?mode=ro", uri=True, timeout=20)
        rows = connection.execute("SELECT destination, url FROM dlr").fetchall()
        connection.close()
        return dict(rows)
