#!/usr/bin/python3
"""The clock of the services is set back an hour, across midnight, and forward an hour, while they run and before they start.

received_at never goes back; ids, marks and the window of duplicates hold; no day is opened twice; sign-ins last; a notice's
retries go on and nothing is sent twice. The clock is that of these processes alone (libfaketime); that it did go back shows
in the times that the portal fills in, which is the control.
"""
import collections
import datetime
import glob
import http.client
import json
import time
import unittest
import urllib.parse

import fault_build

fault_build.use()
import house
import ledger
from house import harness
from notifier_process import SendSms
import recount

HOUR = 3600
BUSY = (503, "Temporal failure, try again later.")
BEIJING = datetime.timezone(datetime.timedelta(hours=8))
PHONES = ["13800138001", "13800138002"]
# The services' own pauses, long enough to be under way when the clock is set, short beside an hour.
SETTINGS = {"retry-ms": 2000, "retry-max-ms": 2000, "unknown-ms": 600_000}


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    assert found, "libfaketime is missing: scripts/packages/test.txt lists it"
    return found[0]


def after_midnight():
    """Seconds from now until 20 minutes after the next midnight of the brigade."""
    now = datetime.datetime.now(BEIJING)
    next_day = (now + datetime.timedelta(days=1)).replace(hour=0, minute=20, second=0, microsecond=0)
    return int((next_day - now).total_seconds())


class Clock(unittest.TestCase):
    def setUp(self):
        self.gateway = self.enterContext(SendSms())
        self.chaoxun = harness.Instance()
        self.base = after_midnight()
        self.file = self.chaoxun.folder / "clock"
        self.set_clock(0)
        password = self.chaoxun.folder / "sms-password"
        password.touch(mode=0o600)
        password.write_text("secret\n")
        chosen = SETTINGS | {"sms-url": self.gateway.url, "sms-user": "chaoxun", "sms-password-file": password,
                             "hook-url": "http://127.0.0.1:1"}
        self.chaoxun.settings.write_text("".join(f"{name} = {value}\n" for name, value in chosen.items())
                                         + self.chaoxun.settings.read_text())
        self.chaoxun.environment |= {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(self.file),
                                     "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.enterContext(self.chaoxun)
        self.acknowledged = []
        self.resent = []
        self.door = self.chaoxun.socket("submit")

    def set_clock(self, seconds):
        """Sets the services' clock so far from where it was at first."""
        shift = self.base + seconds
        self.file.with_suffix(".new").write_text(f"{shift:+d}\n")
        self.file.with_suffix(".new").rename(self.file)

    # ---- what clients do ----

    def report(self):
        """One report over ZeroMQ, sent twice; its time is this machine's, days before."""
        made = harness.report()
        first, = self.chaoxun.submit([made], self.door)
        again, = self.chaoxun.submit([made], self.door)
        self.assertEqual((first["status"], again["status"], again["seq"]), ("stored", "duplicate", first["seq"]))
        self.acknowledged.append(made["id"])
        self.resent.append((made, first["seq"]))

    def send_all_again(self):
        for made, seq in self.resent:
            again, = self.chaoxun.submit([made], self.door)
            self.assertEqual((again["status"], again["seq"]), ("duplicate", seq))

    def report_by_portal(self):
        """One without a time of its own; gives the seq of its event."""
        status, answer = self.chaoxun.http("POST", "/api/v1/events", {
            "type": "report.submitted", "unit": "haining/xucun", "side": {"title": "河道清理"},
            "body": {"programmes": ["dog"], "date": "2026-11-23", "attendances": 8}})
        self.assertEqual(status, 201, answer)
        receipt = answer["receipts"][0]
        self.acknowledged.append(bytes.fromhex(receipt["id"].replace("-", "")))
        return receipt["seq"]

    def sign_in(self):
        address = urllib.parse.urlsplit(self.chaoxun.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        self.addCleanup(connection.close)
        password = (self.chaoxun.data / "first-password").read_text().strip()
        connection.request("POST", "/api/v1/session", json.dumps({"account": "office", "password": password}),
                           {"Content-Type": "application/json", "Origin": self.chaoxun.url})
        answer = connection.getresponse()
        answer.read()
        self.assertEqual(answer.status, 200)
        self.connection, self.cookie = connection, answer.headers["Set-Cookie"].split(";")[0]

    def is_signed_in(self):
        self.connection.request("GET", "/api/v1/totals", headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        answer.read()
        return answer.status == 200

    def issue(self):
        """A notice to two: the gateway takes one at once, and the other at its second attempt, which has yet to come."""
        before = len(self.gateway.requests)
        for number, phone in enumerate(PHONES):
            self.gateway.answers[phone] = [BUSY] if number else []
        contacts = [harness.event("contact.set", "haining/xiashi", {"person": f"P-{phone}"}, {"name": "队长", "phone": phone})
                    for phone in PHONES]
        notice = harness.event("notice.issued", "haining", {"units": ["haining/xiashi"]}, {"title": "高温", "text": "请休息"})
        for receipt in self.chaoxun.submit(contacts, self.door) + self.chaoxun.submit([notice], self.door):
            self.assertIn(receipt["status"], ("stored", "duplicate"))
        self.assertEqual(len(self.gateway.wait(before + 2)), before + 2)
        harness.until(lambda: self.states()["retry"] == 1, 30, "a message that waits for its second attempt")

    def states(self):
        rows = ledger.query(self.chaoxun.data / "notifier/notifier.db", "SELECT state FROM outbox")
        return collections.Counter(state for state, in rows)

    def wait_retry(self, before):
        """The second attempt comes after its pause, whatever the clock says."""
        self.gateway.wait(before + 1)

    def restart(self, *services):
        for service in services:
            old = self.chaoxun.kill(service)
            self.chaoxun.wait_restart(service, old)

    # ---- what must hold ----

    def check(self, sent):
        self.chaoxun.settle()
        events = recount.Journal(self.chaoxun.data).events
        received = [event["received_at"] for event in events]
        self.assertEqual(received, sorted(received))
        days = collections.Counter((event["unit"], event["body"]["day"]) for event in events if event["type"] == "clock.day")
        self.assertEqual(set(days.values()), {1}, days)
        told = collections.defaultdict(list)
        for event in events:
            if event["type"] == "delivery.updated":
                told[event["body"]["notice"], event["body"]["person"]].append(event["at"])
        for key, times in told.items():
            self.assertEqual(times, sorted(times), key)
        self.assertEqual(house.faults(self.chaoxun.data, self.acknowledged, self.totals), [])
        self.assertEqual(dict(self.gateway.sent()), sent)
        return {event["seq"]: event for event in events}

    def totals(self, position):
        """The totals at a position, when the archiver is there, too."""
        status, answer = self.chaoxun.http("GET", f"/api/v1/totals?by={','.join(house.BY)}&at_least={position}")
        self.assertEqual(status, 200, answer)
        self.assertEqual(self.chaoxun.http("GET", f"/api/v1/reports?limit=1&at_least={position}")[0], 200)
        return answer["rows"]

    def shift(self, seconds):
        """The clock is set while all runs and a retry is due; then services start under it."""
        self.report()
        before = self.report_by_portal()
        self.sign_in()
        self.issue()
        sent = len(self.gateway.requests)
        self.set_clock(seconds)
        self.wait_retry(sent)
        self.report()
        after = self.report_by_portal()
        self.assertTrue(self.is_signed_in())
        self.issue()
        sent = len(self.gateway.requests)
        self.restart("intake", "notifier")  # the retry is due under a clock that is an hour off
        self.wait_retry(sent)
        self.report()
        self.send_all_again()
        self.assertTrue(self.is_signed_in())
        events = self.check({PHONES[0]: 2, PHONES[1]: 4})
        return (events[after]["at"] - events[before]["at"]) / 1000

    def test_back_across_midnight(self):
        self.assertLess(self.shift(-HOUR), -HOUR / 2)
        self.set_clock(0)  # and the day begins a second time
        self.restart("intake")
        self.report()
        self.check({PHONES[0]: 2, PHONES[1]: 4})

    def test_forward(self):
        self.assertGreater(self.shift(HOUR), HOUR / 2)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
