"""A screen in the office: follows the live totals by the portal's stream, comes back with its Last-Event-ID whenever the
stream ends, and keeps the newest row of every squad.

    watcher = watcher.Watcher(chaoxun)
    watcher.start()
    ...
    watcher.wait(rows)     # until the screen shows these
    watcher.stop()
"""
import contextlib
import http.client
import json
import socket
import threading
import urllib.parse

import harness

SILENCE_SECONDS = 20  # of a stream that says it lives at least every 15 s


class Watcher(threading.Thread):
    def __init__(self, chaoxun):
        super().__init__(daemon=True)
        self.chaoxun = chaoxun
        self.stopping = threading.Event()
        self.socket = None
        self.rows = {}     # by unit
        self.last = None
        self.streams = 0   # how often it came back

    def run(self):
        while not self.stopping.is_set():
            try:
                self.follow()
            except (OSError, http.client.HTTPException):
                pass
            self.stopping.wait(0.1)

    def follow(self):
        address = urllib.parse.urlsplit(self.chaoxun.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=SILENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self.chaoxun.token}"} | ({"Last-Event-ID": self.last} if self.last else {})
        try:
            connection.connect()
            self.socket = connection.sock
            connection.request("GET", "/api/v1/live", headers=headers)
            answer = connection.getresponse()
            if answer.status == 200:
                self.streams += 1
                self.read(answer)
        finally:
            connection.close()

    def read(self, answer):
        fields = {}
        while line := answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            else:
                self.take(fields)
                fields = {}

    def take(self, fields):
        if fields.get("event") == "totals":
            self.rows |= {row["unit"]: row for row in json.loads(fields["data"])["rows"]}
            self.last = fields["id"]

    def wait(self, rows, seconds=60):
        """Until the screen shows these rows of the totals by squad; gives the units that never did."""
        wanted = {row["unit"]: row for row in rows}
        if not harness.within(lambda: self.rows == wanted, seconds):
            return sorted(unit for unit in wanted.keys() | self.rows.keys() if self.rows.get(unit) != wanted.get(unit))
        return []

    def stop(self):
        self.stopping.set()
        with contextlib.suppress(OSError):  # it may just have ended
            self.socket.shutdown(socket.SHUT_RDWR)
        self.join(SILENCE_SECONDS + 5)
