#!/usr/bin/python3
"""The record at the HTTP door: search, versions, rights, and the export that can be imported again."""
import contextlib
import csv
import http.client
import io
import os
import pathlib
import signal
import socket
import unittest
import urllib.parse

import harness
from portal_door import CSV, ask, bearer, chaoxun, report, setUpModule, sign_in, tearDownModule

NARRATIVE = "清理楼道、劝导、宣传。" * 450  # 4950 characters: a page of the export is some megabytes


def post(event):
    status, answer = chaoxun.http("POST", "/api/v1/events", event)
    assert status == 201, answer
    return answer["receipts"][0]


def reports(query, headers=None):
    status, _, answer = ask("GET", "/api/v1/reports?" + urllib.parse.urlencode(query), headers=headers or bearer())
    return status, answer


def export(query, where=None, headers=None):
    """(headers, text) of an export."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit((where or chaoxun).url).netloc, timeout=60)
    with contextlib.closing(connection):
        authorization = headers or {"Authorization": "Bearer " + (where or chaoxun).token}
        connection.request("GET", "/api/v1/export.csv?" + urllib.parse.urlencode(query), headers=authorization)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return answer.headers, content


def rows_of(content):
    """The rows of an exported file as dicts by header."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def submit_csv(content, where=None, amend=False):
    status, answer = (where or chaoxun).http("POST", f"/api/v1/import?amend={int(amend)}", content,
                                             {"Content-Type": "text/csv"})
    assert status in (200, 201, 207, 422), answer
    return answer


class Record(unittest.TestCase):
    def test_words_days_and_numbers_find_a_report(self):
        place = "河西社区东二弄"
        event = report(date="2004-03-05", attendances=23, number="REC-1") | {"side": {"title": "高温慰问", "place": place}}
        receipt = post(event)
        for query in ({"q": "高"}, {"q": "温慰"}, {"text": "河西社区"}, {"q": "高温 东二弄"}, {"number": "REC-1"},
                      {"attendances_from": 23, "attendances_to": 23}, {"unit": "haining/xiashi", "programme": "dog"}):
            query = {"from": "2004-03-01", "to": "2004-03-31", "at_least": receipt["position"]} | query
            with self.subTest(query=query):
                status, answer = reports(query)
                self.assertEqual((status, answer["total"]), (200, 1))
                self.assertEqual(answer["rows"][0]["id"], receipt["id"])
                self.assertEqual(answer["rows"][0]["report"]["place"], place)
        for query in ({"q": "高温 西三弄"}, {"programme": "parking"}, {"attendances_from": 24}, {"unit": "haining/xucun"},
                      {"withdrawn": "1"}, {"number": "REC-2"}):
            self.assertEqual(reports({"from": "2004-03-01", "to": "2004-03-31"} | query)[1]["total"], 0, query)

    def test_pages_follow_each_other(self):
        receipts = [post(report(date="2004-05-01", attendances=number)) for number in range(5)]
        query = {"from": "2004-05-01", "to": "2004-05-01", "at_least": receipts[-1]["position"], "limit": 2}
        found = []
        while True:
            answer = reports(query)[1]
            found += [row["id"] for row in answer["rows"]]
            self.assertEqual(answer["total"], 5)
            if "cursor" not in answer:
                break
            query |= {"cursor": answer["cursor"]}
        self.assertEqual(found, [receipt["id"] for receipt in reversed(receipts)])

    def test_every_version_is_told(self):
        first = post(report(date="2004-06-01", attendances=20))
        amendment = report(date="2004-06-01", attendances=22, amends=first["id"])
        post(amendment | {"type": "report.amended", "side": {"title": "养犬劝导", "reason": "漏了两人"}})
        last = post({"type": "report.withdrawn", "unit": "haining/xiashi", "body": {"report": first["id"]},
                     "side": {"reason": "重复"}})
        status, _, answer = ask("GET", f"/api/v1/reports/{first['id']}?at_least={last['position']}", headers=bearer())
        self.assertEqual(status, 200)
        self.assertTrue(answer["withdrawn"])
        self.assertEqual([(version["type"], version.get("reason")) for version in answer["versions"]],
                         [("report.submitted", None), ("report.amended", "漏了两人"), ("report.withdrawn", "重复")])
        self.assertEqual([version["report"]["attendances"] for version in answer["versions"][:2]], [20, 22])
        self.assertEqual(answer["versions"][0]["source"], "account:office")
        gone = reports({"from": "2004-06-01", "to": "2004-06-01", "withdrawn": "true"})[1]
        self.assertEqual((gone["total"], gone["rows"][0]["versions"]), (1, 3))
        for path, code in (("/api/v1/reports/" + "f" * 32, 404), ("/api/v1/reports/none", 404),
                           (f"/api/v1/reports/{first['id']}?side=1", 400), (f"/api/v1/reports/{first['id']}?x=1", 400)):
            self.assertEqual(ask("GET", path, headers=bearer())[0], code, path)

    def test_each_role_reads_what_is_its_own(self):
        own = post(report(date="2004-07-01", number="OWN"))
        other = post(report(date="2004-07-01", number="OTHER") | {"unit": "haining/xucun"})
        query = {"from": "2004-07-01", "to": "2004-07-01", "at_least": other["position"]}
        squad = {"Cookie": sign_in("xiashi")[2]}
        guide = {"Cookie": sign_in("guide")[2]}
        self.assertEqual([row["id"] for row in reports(query, squad)[1]["rows"]], [own["id"]])
        self.assertIn("title", reports(query, squad)[1]["rows"][0]["report"])
        self.assertEqual(reports(query | {"unit": "haining/xucun"}, squad)[1]["total"], 0)
        self.assertEqual(ask("GET", "/api/v1/reports/" + other["id"], headers=squad)[0], 404)
        self.assertEqual([row["编号"] for row in rows_of(export({"from": "2004-07-01", "to": "2004-07-01"}, headers=squad)[1])],
                         ["OWN"])
        answer = reports(query, guide)[1]
        self.assertEqual(answer["total"], 2)
        self.assertFalse(any("title" in row["report"] for row in answer["rows"]))
        self.assertNotIn("title", ask("GET", "/api/v1/reports/" + own["id"], headers=guide)[2]["versions"][0]["report"])
        status, answer = reports(query | {"q": "犬"}, guide)
        self.assertEqual((status, answer["code"]), (403, "no-right"))
        self.assertIn("请去掉查找的文字", answer["detail"])
        self.assertEqual({row["活动名称"] for row in rows_of(export({"from": "2004-07-01"}, headers=guide)[1])}, {""})
        for query in ({"within": "haining"}, {"side": "true"}):
            self.assertEqual(reports(query, squad)[1]["code"], "bad-query")
        self.assertEqual(ask("GET", "/api/v1/reports")[0], 401)
        self.assertEqual(ask("GET", "/api/v1/export.csv")[0], 401)

    def test_bad_parameters(self):
        for query in ("form=2004-01-01", "from=2004-02-30", "limit=0", "limit=501", "attendances_from=x", "activity=x",
                      "from=2004-02-01&to=2004-01-01", "q=a&text=b", "cursor=rubbish", "q=" + "x" * 201, "at_least=x"):
            status, _, answer = ask("GET", "/api/v1/reports?" + query, headers=bearer())
            self.assertIn(status, (400, 422), query)
            self.assertTrue(answer["detail"], query)
        for query in ("encoding=utf-16", "cursor=x", "limit=5", "side=1"):
            self.assertEqual(ask("GET", "/api/v1/export.csv?" + query, headers=bearer())[2]["code"], "bad-query", query)


class Export(unittest.TestCase):
    FILE = (CSV + 'EX-1,许村志愿中队,"=1+1 ""清洁日""",清洁家园，共创文明、文明养犬,2004-08-01,20余名,约41小时,清理牛皮癣 200多处；清运垃圾 近1.2吨\n'
            + "EX-2,硖石志愿中队,犬证上门𠮷,文明养犬,2004-08-02,近30人,,\n"
            + ",斜桥志愿中队,没有编号的一场,垃圾分类,2004-08-03,35,2小时,\n").encode()

    @classmethod
    def setUpClass(cls):
        answer = submit_csv(cls.FILE)
        assert answer["stored"] == 3, answer
        cls.position = answer["position"]
        cls.query = {"from": "2004-08-01", "to": "2004-08-31", "at_least": cls.position}

    def test_what_was_exported_can_be_imported(self):
        headers, content = export(self.query)
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        self.assertTrue(headers["Content-Type"].startswith("text/csv; charset=utf-8"))
        self.assertRegex(headers["X-Chaoxun-As-Of"], r"^[0-9a-f]{16}\.1\.[0-9]+\.[0-9a-f]{16}$")
        self.assertIn("filename*=UTF-8''", headers["Content-Disposition"])
        rows = {row["编号"]: row for row in rows_of(content)}
        self.assertEqual(len(rows), 3)
        self.assertEqual(rows["EX-1"]["活动名称"], "'=1+1 \"清洁日\"", "no formula")
        self.assertEqual((rows["EX-1"]["参与人次"], rows["EX-2"]["参与人次"]), ("20余名", "近30人"))
        # Into the same one: nothing is added.
        again = submit_csv(content)
        self.assertEqual((again["rows"], again["stored"], again["rejected"]), (3, 0, 0), again)
        # Into another one: the same reports, to the last cell.
        with harness.Instance() as other:
            answer = submit_csv(content, other)
            self.assertEqual((answer["stored"], answer["rejected"]), (3, 0), answer)
            _, copied = export({"at_least": answer["position"]}, other)
            self.assertEqual(sorted(copied.splitlines()), sorted(content.splitlines()))

    def test_gb18030_holds_the_same(self):
        headers, old = export(self.query | {"encoding": "GB18030"})
        self.assertTrue(headers["Content-Type"].startswith("text/csv; charset=GB18030"))
        self.assertEqual(old.decode("gb18030"), export(self.query)[1].decode("utf-8-sig"))
        self.assertIn("𠮷", old.decode("gb18030"))

    def test_head_asks_for_nothing(self):
        self.assertEqual(ask("HEAD", "/api/v1/export.csv", headers=bearer())[0], 200)


def long_file(first, count):
    lines = [f"L-{number},许村志愿中队,第{number}场,文明养犬,2003-01-01,{number % 50 + 1},,,{NARRATIVE}\n"
             for number in range(first, first + count)]
    return (CSV.replace("成效\n", "成效,活动详情\n") + "".join(lines)).encode()


class SlowReader:
    """An export that is read as slowly as a test wants: little fits between the door and it."""

    def __init__(self, instance, query):
        address = urllib.parse.urlsplit(instance.url)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.socket.settimeout(30)
        self.socket.connect((address.hostname, address.port))
        self.socket.sendall(f"GET /api/v1/export.csv?{query} HTTP/1.1\r\nHost: x\r\n"
                            f"Authorization: Bearer {instance.token}\r\n\r\n".encode())
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.socket.close()


class Large(unittest.TestCase):
    """Files of many pages, in an instance of their own."""

    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance(environment={"CHAOXUN_CALL_MS": "3000"})
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()
        for first in (0, 300):
            answer = submit_csv(long_file(first, 300), cls.chaoxun)
            assert answer["stored"] == 300, answer
        cls.position = answer["position"]

    def setUp(self):
        # The archiver has folded everything, and no export of the test before is still open.
        harness.until(lambda: self.chaoxun.http("GET", "/api/v1/export.csv?from=2026-01-01&at_least=" + self.position)[0] == 200)

    def memory(self):
        status = pathlib.Path(f"/proc/{self.chaoxun.pids()['portal']}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def test_a_file_stands_at_one_position(self):
        with SlowReader(self.chaoxun, "from=2003-01-01&to=2003-01-01") as slow:
            as_of = slow.answer.headers["X-Chaoxun-As-Of"]
            before = self.memory()
            receipt = self.chaoxun.submit(harness.report(date="2003-01-01", number="LATE"))[0]
            found = self.chaoxun.http("GET", f"/api/v1/reports?number=LATE&at_least={receipt['position']}")[1]
            self.assertEqual(found["total"], 1, "it is in the record while the file is being read")
            content = slow.answer.read()
            self.assertLess(self.memory() - before, 64 * 1024 * 1024)
        numbers = [row["编号"] for row in rows_of(content)]
        self.assertEqual(sorted(numbers), sorted(f"L-{number}" for number in range(600)))
        self.assertGreater(len(content), 8_000_000)
        self.assertNotEqual(as_of, receipt["position"])

    def test_a_cut_file_is_no_whole_one(self):
        archiver = self.chaoxun.pids()["archiver"]
        with SlowReader(self.chaoxun, "to=2003-01-01") as slow:
            os.kill(archiver, signal.SIGSTOP)
            try:
                with self.assertRaises(http.client.IncompleteRead):
                    slow.answer.read()
                status, answer = self.chaoxun.http("GET", "/api/v1/reports")
                self.assertEqual(status, 504, answer)
                status, answer = self.chaoxun.http("GET", "/readyz", token=False)
                parts = {part["name"]: part["ready"] for part in answer["parts"]}
                self.assertEqual((status, parts["archiver"], parts["notifier"]), (503, False, True))
                self.assertIn("archiver", next(p for p in answer["parts"] if p["name"] == "archiver")["reason"])
            finally:
                os.kill(archiver, signal.SIGCONT)
        harness.until(lambda: self.chaoxun.http("GET", "/readyz", token=False)[0] == 200, 20, "readiness")

    def test_exports_at_a_time_are_bounded(self):
        with contextlib.ExitStack() as stack:
            slow = [stack.enter_context(SlowReader(self.chaoxun, "to=2003-01-01")) for _ in range(4)]
            self.assertEqual([one.answer.status for one in slow], [200] * 4)
            status, answer = self.chaoxun.http("GET", "/api/v1/export.csv")
            self.assertEqual((status, answer["code"]), (503, "busy"))
        # Those that went away make room.
        harness.until(lambda: self.chaoxun.http("GET", "/api/v1/export.csv?from=2026-01-01")[0] == 200, 30, "room")

    def test_the_portal_stops_while_files_are_read(self):
        with harness.Instance(data=self.chaoxun.data.parent / "second", environment={"CHAOXUN_DRAIN_MS": "500"}) as second:
            for first in (0, 300):
                answer = submit_csv(long_file(first, 300), second)
            harness.until(lambda: second.http("GET", "/api/v1/reports?limit=1&at_least=" + answer["position"])[0] == 200)
            with SlowReader(second, "to=2003-01-01"):
                self.assertEqual(second.stop(), 0)
            said = [line for line in second.output if line.startswith("portal:")]
            # Whether it was just asking for the next page is a matter of chance.
            if said[-1] == "portal: an export was broken off code=unavailable":
                said.pop()
            self.assertEqual(said, ["portal: drain cut short after_ms=500"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
