"""A chaoxun-notifier of its own for a test, beside an intake_process.Intake, without a supervisor; and a plain HTTP server
that stands for Kannel's sendsms door.

    with intake_process.Intake() as intake, SendSms() as gateway, Notifier(intake, gateway) as notifier:
        position = intake.door("operator").store(house())["position"]
        notice = notifier.issue(["haining/xiashi"], "高温", "停止户外活动")
        print(notifier.wait_states(notice, {"accepted": 2}))
"""
import collections
import contextlib
import hashlib
import http.server
import pathlib
import signal
import sqlite3
import struct
import sys
import threading
import unittest
import urllib.parse

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
import intake_process
import service_process

HOOK_URL = "http://127.0.0.1:1"
SQUADS = {"haining/xiashi": "硖石志愿中队", "haining/xucun": "许村志愿中队", "haining/maqiao": "马桥志愿中队"}


def contact(unit, person, name, phone=None, email=None, **body):
    side = {"name": name} | ({"phone": phone} if phone else {}) | ({"email": email} if email else {})
    return harness.event("contact.set", unit, {"person": person} | body, side)


def house(contacts=True):
    """The brigade, three squads, and in each a contact with a telephone and one with a mailbox too."""
    events = [intake_process.unit("haining", "海宁大队", kind="brigade")]
    events += [intake_process.unit(path, name, order=place) for place, (path, name) in enumerate(SQUADS.items())]
    for number, path in enumerate(SQUADS if contacts else ()):
        events.append(contact(path, f"P-{number}1", f"队长{number}", f"1380013800{number}"))
    return events


def row_checksum(*values):
    """As the notifier makes it for a row of what is folded."""
    parts = [struct.pack(">q", value) if isinstance(value, int) else value.encode() if isinstance(value, str) else value
             for value in values]
    return hashlib.blake2b(b"".join(struct.pack(">I", len(part)) + part for part in parts), digest_size=16).digest()


class SendSms:
    """Answers as Kannel's sendsms does: 202, or what `answers` says for a number, in turn; (status, body) or None to close
    the connection without an answer. With `hold` set, requests wait for release()."""

    def __init__(self):
        self.requests = []
        self.answers = collections.defaultdict(list)
        self._changed = threading.Condition()
        self._held = threading.Event()
        self._held.set()
        self._server = None
        self._thread = None

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *_):
        self._held.set()
        self.close()

    def open(self, port=0):
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answer = gateway.take(self.path)
                if answer is None:
                    self.close_connection = True
                    return
                status, body = answer
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "text/plain")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self):
        """Listens no more; open(self.port) brings it back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    def hold(self):
        self._held.clear()

    def release(self):
        self._held.set()

    def take(self, path):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query, keep_blank_values=True))
        with self._changed:
            self.requests.append(query)
            answers = self.answers[query["to"]]
            answer = answers.pop(0) if answers else (202, "0: Accepted for delivery")
            self._changed.notify_all()
        self._held.wait(60)
        return answer

    def wait(self, count, seconds=harness.PATIENCE):
        """The requests, once there are at least `count`."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.requests) >= count, seconds):
                raise TimeoutError(f"{len(self.requests)} requests within {seconds} s, {count} expected")
            return list(self.requests)

    def sent(self):
        """How often a message was handed over, by number."""
        with self._changed:
            return collections.Counter(request["to"] for request in self.requests)


class Notifier(service_process.Service):
    """A running chaoxun-notifier that follows `intake`."""

    name = "notifier"
    edge = "outbox"

    def __init__(self, intake, gateway=None, binary=None, **settings):
        self.live_endpoint = f"ipc://{intake.folder}/notices.ipc"
        chosen = {"endpoint.notices": self.live_endpoint, "endpoint.submit": intake.submit_endpoint,
                  "hook_url": HOOK_URL, "retry_ms": 100, "retry_max_ms": 1000, "unknown_ms": 1500, "send_ms": 30_000,
                  "look_ms": 100}
        if gateway:
            secret = intake.folder / "sms.password"
            secret.touch(mode=0o600)
            secret.write_text("secret\n")
            chosen |= {"sms_url": gateway.url, "sms_user": "chaoxun", "sms_password_file": secret}
        super().__init__(intake, binary, **chosen | settings)

    def kill(self):
        assert self.stop(signal.SIGKILL) == -signal.SIGKILL

    # ---- doors ----

    def metric(self, name):
        for line in self.status()["metrics"].splitlines():
            if line.startswith(name + "{"):
                return int(float(line.rsplit(" ", 1)[1]))
        raise AssertionError(f"no metric {name}")

    def question(self, verb, **query):
        """(verb, answer) of a question at the outbox door."""
        return self.door.ask(verb, msgpack.packb(query))

    def answer(self, verb, **query):
        """The answer to a question that must be answered."""
        answered, answer = self.question(verb, **query)
        assert answered == verb, (answered, answer)
        return answer

    def notice(self, notice, **query):
        """A notice with its messages: notice_status; of all pages, unless a `limit` is given."""
        whole = page = self.answer("notice", id=notice, side=True, **query)
        while "cursor" in page and "limit" not in query:
            page = self.answer("notice", id=notice, side=True, **query | {"cursor": page["cursor"]})
            whole["rows"] += page["rows"]
            whole.setdefault("readings", []).extend(page.get("readings", []))
        return whole

    # ---- notices ----

    def issue(self, units, title="高温", text="今天下午停止户外活动", at=None, **body):
        """Issues a notice; returns its id when the notifier has folded it."""
        made = harness.event("notice.issued", "haining", {"units": units} | body, {"title": title, "text": text})
        door = self.intake.door("operator")
        receipt = door.store([made])
        door.socket.close()
        self.answer("notice", id=made["id"], at_least=receipt["position"])
        return made["id"]

    def states(self, notice):
        """How many messages there are, by state."""
        return dict(collections.Counter(row["state"] for row in self.notice(notice)["rows"]))

    def wait_states(self, notice, wanted, seconds=30):
        """Waits until the messages are in these states; returns the rows."""
        def reached():
            answer = self.notice(notice)
            found = collections.Counter(row["state"] for row in answer["rows"])
            return answer["rows"] if found == collections.Counter(wanted) else None
        try:
            return harness.until(reached, seconds, "the states")
        except TimeoutError as error:
            raise AssertionError(f"{error}: {wanted} wanted, there are {self.states(notice)}") from error

    def report(self, request, code, words="", wait_ms=intake_process.WAIT_MS, **changes):
        """(verb, answer) to a delivery report on what a gateway was asked to send; `changes` forge it."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request["dlr-url"]).query))
        report = {"ref": query["ref"], "mac": query["mac"], "code": code} | ({"words": words} if words else {})
        return self.report_as_portal(report | changes, wait_ms)

    def report_as_portal(self, report, wait_ms=2000):
        """(verb, answer) to a delivery report, over a connection of its own with the portal's key."""
        door = self.open("outbox", "portal")
        try:
            return door.ask("delivered", msgpack.packb(report), wait_ms=wait_ms)
        finally:
            door.socket.close()

    # ---- state, read by other code ----

    @property
    def database(self):
        return self.intake.folder / "notifier" / "notifier.db"

    def rows(self, sql, *values):
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def change(self, sql, *values):
        """Changes the database behind the notifier's back."""
        connection = sqlite3.connect(self.database, timeout=20)
        connection.create_function("row_checksum", -1, row_checksum, deterministic=True)
        with connection:
            changed = connection.execute(sql, values).rowcount
        connection.close()
        return changed

    def told(self, notice):
        """The delivery.updated events of a notice in the journal, in order."""
        return [head for head in self.intake.heads()
                if head["type"] == "delivery.updated" and head["body"]["notice"] == notice]


class Case(unittest.TestCase):
    """An intake, a gateway, and a notifier when it is asked for."""

    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.gateway = self.enterContext(SendSms())
        self.operator = self.intake.door("operator")

    def notifier(self, gateway=True, **settings):
        return self.enterContext(Notifier(self.intake, self.gateway if gateway else None, **settings))

    def request_to(self, number, attempt=0):
        return [one for one in self.gateway.requests if one["to"] == number][attempt]
