"""Delivery reports: sends them as Kannel would, repeated, out of order or forged; and listens for Kannel's own.

    reports = delivery.Reports("http://127.0.0.1:8080/hooks/kannel?oid=1&d=%d&r=%A&id=%I&to=%p&ts=%t", p="13800138000")
    reports.send(1)                     # (status, body) of the answer
    reports.send(8, A="ACK/")           # late

    with delivery.Listener() as listener:
        kannel.send("13800138000", "高温", dlr_mask=31, dlr_url=listener.pattern("oid=1"))
        listener.wait(2)                # [{"oid": "1", "d": "8", ...}, {"d": "1", ...}]

What surprised (Kannel 1.4.5):
  - Only 200 and 202 tell Kannel that a report was taken. After 204, 301, 4xx and 5xx it comes again.
  - A report that is to come again lives in smsbox's memory: when smsbox or bearerbox is restarted, or the retries are
    used up, it is gone for good. The last word on a message may never come.
  - %p is the recipient and %P the sender. %I differs between the reports of one message; %F is empty with 8.
"""
import http.server
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid



DELIVERED, UNDELIVERED, QUEUED, SMSC_ACCEPTED, SMSC_REFUSED = 1, 2, 4, 8, 16
WANTED = DELIVERED | UNDELIVERED | QUEUED | SMSC_ACCEPTED | SMSC_REFUSED
ESCAPE = re.compile(r"%([A-Za-z%])")
WAIT_SECONDS = 60


def fetch(url, seconds=30):
    """(status, body as text) of a GET, whatever the status."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=seconds) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode(errors="replace")


class Reports:
    """The reports that may come for one message; keywords are values of Kannel's escapes, by their letter."""

    def __init__(self, pattern, **values):
        self.pattern = pattern
        self.values = {"p": "13800138000", "P": "10690001", "n": "chaoxun", "i": "SMSC", "F": "", "c": "-1"} | values

    def url(self, status, **values):
        """The address that Kannel would ask for: every escape replaced, and quoted."""
        now = time.time()
        chosen = {
            "d": str(status), "A": "ACK/" if status == SMSC_ACCEPTED else "", "I": str(uuid.uuid4()),
            "t": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now)), "T": str(int(now)), "%": "%",
        } | self.values | values
        return ESCAPE.sub(lambda found: urllib.parse.quote_plus(chosen.get(found[1], "")), self.pattern)

    def send(self, status, **values):
        """(HTTP status, body) of one report's answer."""
        return fetch(self.url(status, **values))

    def send_all(self, *statuses):
        """The answers to several reports, in the order given; a status may be given more than once."""
        return [self.send(status) for status in statuses]


class Listener:
    """An HTTP listener that keeps the query of every request; answers 200, or `refusals` times `refusal` first."""

    def __init__(self, refusals=0, refusal=503):
        self.refusals = refusals
        self.refusal = refusal
        self.reports = []
        self.refused = []
        self._changed = threading.Condition()
        self._server = None
        self._thread = None

    def __enter__(self):
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status = listener.take(self.path)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, path):
        """Notes one request; returns the status of its answer."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query, keep_blank_values=True))
        with self._changed:
            refuse = len(self.refused) < self.refusals
            (self.refused if refuse else self.reports).append(query)
            self._changed.notify_all()
        return self.refusal if refuse else 200

    def pattern(self, query=""):
        """A dlr-url with the escapes of the design, and a query of one's own before them."""
        prefix = query + "&" if query else ""
        port = self._server.server_address[1]
        return f"http://127.0.0.1:{port}/dlr?{prefix}d=%d&r=%A&id=%I&to=%p&ts=%t"

    def wait(self, count, seconds=WAIT_SECONDS):
        """The reports, once there are at least `count`."""
        return self._wait(lambda: len(self.reports) >= count, f"{count} delivery reports", seconds)

    def wait_status(self, status, count=1, seconds=WAIT_SECONDS):
        """The reports, once `status` was reported of at least `count` recipients."""
        return self._wait(lambda: len({one["to"] for one in self.reports if one["d"] == str(status)}) >= count,
                          f"{count} delivery reports of {status}", seconds)

    def _wait(self, test, what, seconds):
        with self._changed:
            came = self._changed.wait_for(test, seconds)
            assert came, f"no {what} within {seconds} s; taken: {self.reports}; refused: {self.refused}"
            return list(self.reports)
