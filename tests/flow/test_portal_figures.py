#!/usr/bin/python3
"""Totals and the live stream at the HTTP door."""
import json
import threading
import unittest

import harness
from portal_door import (ask, bearer, chaoxun, connect, report, setUpModule, sign_in, tearDownModule)

class Totals(unittest.TestCase):
    def test_receipt_stands_in_totals(self):
        receipt = chaoxun.http("POST", "/api/v1/events", report(date="2005-07-01", attendances=41))[1]["receipts"][0]
        status, _, answer = ask("GET", "/api/v1/totals?from=2005-07-01&to=2005-07-01&by=squad,month&at_least="
                                + receipt["position"], headers=bearer())
        self.assertEqual(status, 200)
        row = next(row for row in answer["rows"] if row["unit"] == "haining/xiashi")
        self.assertEqual((row["attendances"]["value"], row["period"]), (41, "2005-07"))

    def test_position_beyond_and_foreign(self):
        head = chaoxun.http("GET", "/api/v1/totals")[1]["as_of"]
        journal, epoch, seq, mark = head.split(".")
        beyond = ".".join((journal, epoch, str(int(seq) + 1000000), mark))
        for position, code in ((beyond, "beyond"), ("0" * 16 + f".{epoch}.{seq}.{mark}", "other-journal"),
                               ("nonsense", "bad-position")):
            status, _, answer = ask("GET", "/api/v1/totals?at_least=" + position, headers=bearer())
            self.assertEqual((status, answer["code"]), (400, code))

    def test_bad_parameters(self):
        for query in ("from=2026-02-30", "to=yesterday", "by=squad,colour", "by=squad,squad", "form=2026-01-01",
                      "from=2026-02-01&to=2026-01-01", "from=%FF", "from=%0", "from=%00"):
            status, _, answer = ask("GET", "/api/v1/totals?" + query, headers=bearer())
            self.assertEqual(status, 400, query)
            self.assertIn(answer["code"], ("bad-query", "bad-utf8"), query)
        status, _, answer = ask("GET", "/api/v1/totals?unit=" + "x" * 101, headers=bearer())
        self.assertEqual((status, answer["code"]), (422, "too-long"))

    def test_csv(self):
        answer = chaoxun.http("POST", "/api/v1/events", report(attendances_approx="at-least", measures=[
            {"name": "=劝导", "quantity": 1500, "unit": "次", "approx": "about"}]))[1]
        query = "?by=squad&at_least=" + answer["receipts"][0]["position"]
        for path, headers in (("/api/v1/totals.csv" + query, {}), ("/api/v1/totals" + query, {"Accept": "text/csv"})):
            status, answered, content = ask("GET", path, headers=bearer() | headers)
            self.assertEqual(status, 200)
            self.assertTrue(answered["Content-Type"].startswith("text/csv"))
            self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
            lines = content.decode("utf-8-sig").split("\r\n")
            self.assertEqual(len(lines), 14 + 2)
            self.assertIn("硖石志愿中队", lines[2])
            self.assertIn("1.5次", lines[2])
            self.assertNotIn('"=劝导', lines[2])

    def test_units(self):
        units = chaoxun.http("GET", "/api/v1/units")[1]["units"]
        self.assertEqual(len(units), 14)
        self.assertIn({"unit": "haining/xucun", "name": "许村志愿中队"}, units)


class Stream:
    """One live stream, read line by line."""

    def __init__(self, last=None):
        self.connection = connect()
        self.connection.request("GET", "/api/v1/live", headers=bearer() | ({"Last-Event-ID": last} if last else {}))
        self.answer = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()

    def event(self):
        """The next event as a dict; comments are counted in `comments`."""
        self.comments, fields = 0, {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, value = line.split(": ", 1)
                fields[name] = value
            elif "data" in fields:
                return fields | {"data": json.loads(fields["data"])}


class Live(unittest.TestCase):
    def test_change_arrives_and_stream_resumes(self):
        with Stream() as stream:
            self.assertEqual(stream.answer.status, 200)
            self.assertTrue(stream.answer.headers["Content-Type"].startswith("text/event-stream"))
            first = stream.event()
            self.assertEqual((first["event"], len(first["data"]["rows"])), ("totals", 14))
            self.assertEqual(first["id"], first["data"]["as_of"])
            receipt = chaoxun.http("POST", "/api/v1/events", report())[1]["receipts"][0]
            change = stream.event()
            self.assertEqual([row["unit"] for row in change["data"]["rows"]], ["haining/xiashi"])
            self.assertEqual(change["id"], receipt["position"])
        missed = chaoxun.http("POST", "/api/v1/events", report() | {"unit": "haining/xucun"})[1]["receipts"][0]
        with Stream(last=change["id"]) as stream:
            resumed = stream.event()
            self.assertEqual([row["unit"] for row in resumed["data"]["rows"]], ["haining/xucun"])
            self.assertEqual(resumed["id"], missed["position"])
        with Stream(last="no position at all") as stream:
            self.assertEqual(len(stream.event()["data"]["rows"]), 14)

    def test_keep_alive(self):
        with Stream() as stream:
            stream.event()
            self.assertTrue(stream.answer.readline().startswith(b":"))

    def test_bounded_and_disconnects_noticed(self):
        harness.until(lambda: listeners() == 0, 10)
        streams = [Stream() for _ in range(4)]
        with Stream() as fifth:
            self.assertEqual(fifth.answer.status, 503)
            self.assertEqual(json.loads(fifth.answer.read())["code"], "busy")
        for stream in streams:
            stream.__exit__()
        harness.until(lambda: listeners() == 0, 10)

    def test_slow_listener_is_skipped_forward(self):
        with Stream() as stream:
            first = stream.event()
            receipts = [chaoxun.http("POST", "/api/v1/events", report())[1]["receipts"][0] for _ in range(60)]
            position = first["id"]
            count = 0
            while position != receipts[-1]["position"]:
                position = stream.event()["id"]
                count += 1
            self.assertLessEqual(count, 60)

    def test_ended_session_ends_the_stream(self):
        _, _, cookie, _ = sign_in("xiashi")
        connection = connect()
        connection.request("GET", "/api/v1/live", headers={"Cookie": cookie})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        ask("DELETE", "/api/v1/session", headers={"Cookie": cookie})
        ended = threading.Event()
        threading.Thread(target=lambda: (answer.read(), ended.set()), daemon=True).start()
        self.assertTrue(ended.wait(10))
        connection.close()


def listeners():
    text = ask("GET", "/metrics")[2].decode()
    return int(next(line for line in text.splitlines() if line.startswith("chaoxun_live_listeners")).split()[-1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
