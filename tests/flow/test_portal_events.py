#!/usr/bin/python3
"""Events and files in at the HTTP door, receipts out."""
import json
import os
import signal
import socket
import struct
import time
import unittest
import uuid

import harness
import msgpack
from portal_door import (CSV, ask, bearer, chaoxun, connect, report, setUpModule, sign_in, tearDownModule)

class Events(unittest.TestCase):
    def post(self, body, content_type="application/json", headers=None):
        return ask("POST", "/api/v1/events", body, bearer() | {"Content-Type": content_type} | (headers or {}))

    def test_json_stored_then_duplicate_then_conflict(self):
        event = report() | {"v": 1, "id": "0198f3a2-7a11-7000-8000-00000000a001", "at": 1795000000000}
        status, _, answer = self.post(json.dumps(event))
        self.assertEqual(status, 201)
        first = answer["receipts"][0]
        self.assertEqual((first["status"], first["durability"]), ("stored", "fsynced"))
        status, _, answer = self.post(json.dumps(event))
        self.assertEqual((status, answer["receipts"][0]["status"]), (200, "duplicate"))
        self.assertEqual(answer["receipts"][0]["seq"], first["seq"])
        event["body"]["attendances"] = 8
        status, _, answer = self.post(json.dumps(event))
        self.assertEqual((status, answer["receipts"][0]["status"]), (409, "conflict"))

    def test_messagepack(self):
        event = harness.report("haining/xiashi")
        status, headers, answer = self.post(msgpack.packb(event), "application/msgpack",
                                            {"Accept": "application/msgpack"})
        self.assertEqual((status, headers["Content-Type"]), (201, "application/msgpack"))
        receipt = msgpack.unpackb(answer)["receipts"][0]
        self.assertEqual((receipt["status"], receipt["id"]), ("stored", event["id"]))
        status, _, answer = self.post(msgpack.packb([event, harness.report("haining/xiashi")]), "application/msgpack")
        self.assertEqual([one["status"] for one in answer["receipts"]], ["duplicate", "stored"])
        self.assertEqual(status, 201)

    def test_sent_again_without_a_time_it_is_the_same_event(self):
        event = json.dumps(report() | {"id": "0198f3a2-7a11-7000-8000-00000000a002"})
        self.assertEqual(self.post(event)[2]["receipts"][0]["status"], "stored")
        harness.until(lambda before=int(time.time() * 1000): time.time() * 1000 > before + 2, what="a later millisecond")
        self.assertEqual(self.post(event)[2]["receipts"][0]["status"], "duplicate")

    def test_array_with_mixed_results(self):
        events = [report(), report(attendances=-3), {"type": "no.such.type"}, 7, report(date="2021-02-29"),
                  report() | {"unit": "haining/nowhere"}, report()]
        status, _, answer = self.post(json.dumps(events))
        self.assertEqual(status, 207)
        self.assertEqual([one["status"] for one in answer["receipts"]],
                         ["stored", "rejected", "rejected", "rejected", "rejected", "rejected", "stored"])
        codes = [[fault["code"] for fault in one.get("faults", [])] for one in answer["receipts"]]
        self.assertEqual(codes[1], ["too-small"])
        self.assertIn("unknown-type", codes[2])
        self.assertEqual(codes[5], ["unknown-unit"])
        fault = answer["receipts"][1]["faults"][0]
        self.assertEqual(fault["field"], "body.attendances")
        self.assertIn("不能小于", fault["text"])

    def test_all_rejected_and_each_fault_named(self):
        status, _, answer = self.post(json.dumps(report(attendances=-1, nonsense=1)))
        self.assertEqual(status, 422)
        fields = {fault["field"] for fault in answer["receipts"][0]["faults"]}
        self.assertEqual(fields, {"body.attendances", "body.nonsense"})

    def test_session_fills_unit_and_person(self):
        _, _, cookie, _ = sign_in("xiashi")
        event = report()
        del event["unit"]
        status, _, answer = ask("POST", "/api/v1/events", json.dumps(event),
                                {"Cookie": cookie, "Content-Type": "application/json"})
        self.assertEqual((status, answer["receipts"][0]["status"]), (201, "stored"))

    def test_who_goes_away_before_the_answer_harms_nobody(self):
        events = [json.dumps(report() | {"id": str(uuid.UUID(bytes=harness.new_id())), "at": 1795000000000})
                  for _ in range(40)]
        self.assertEqual(self.post(json.dumps(report()))[0], 201)
        intake = chaoxun.pids()["intake"]
        other = connect()
        os.kill(intake, signal.SIGSTOP)
        try:
            for event in events:
                gone = connect()
                gone.request("POST", "/api/v1/events", event, bearer() | {"Content-Type": "application/json"})
                self.assertEqual(ask("GET", "/healthz", connection=other)[0], 200)  # by now it is on its way
                gone.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                gone.close()  # with a reset
        finally:
            os.kill(intake, signal.SIGCONT)
        became = [self.post(event)[2]["receipts"][0]["status"] for event in events]
        self.assertLessEqual(set(became), {"duplicate", "stored"})
        self.assertIn("duplicate", became)

    def test_rights(self):
        _, _, squad, _ = sign_in("xiashi")
        _, _, guide, _ = sign_in("guide")
        for cookie, event, code in ((squad, report() | {"unit": "haining/xucun"}, "other-unit"),
                                    (squad, {"type": "clock.day", "body": {"day": "2026-05-06"}}, "no-right"),
                                    (guide, report(), "no-right")):
            _, _, answer = ask("POST", "/api/v1/events", json.dumps(event),
                               {"Cookie": cookie, "Content-Type": "application/json"})
            self.assertEqual(answer["receipts"][0]["status"], "rejected", answer)
            self.assertEqual(answer["receipts"][0]["faults"][0]["code"], code)

    def test_bodies_that_cannot_be_read(self):
        deep = "[" * 1000 + "]" * 1000
        cases = (("{", "truncated"), ("", "truncated"), ("{]", "bad-json"), ('{"type":"a","type":"b"}', "duplicate-key"),
                 (b'{"type":"\xff\xfe"}', "bad-utf8"), (deep, "too-deep"), ("[]", "too-many"),
                 (json.dumps([1] * 1001), "too-many"), ("3", "bad-json"))
        for body, code in cases:
            status, headers, answer = self.post(body)
            self.assertEqual((status, answer["code"]), (400, code), body[:40])
            self.assertTrue(headers["Content-Type"].startswith("application/problem+json"))
            self.assertEqual(answer["status"], 400)
            self.assertTrue(answer["detail"] and answer["detail_en"] and answer["title"])
        for body, code in ((b"\xdd\x10\x00\x00\x00", "count-lies"), (b"\x91" * 1000 + b"\xc0", "too-deep"),
                           (b"\x81\xa3ab", "truncated"), (b"\x90", "too-many")):
            status, _, answer = self.post(body, "application/msgpack")
            self.assertEqual((status, answer["code"]), (400, code))
        status, _, answer = self.post("a=b", "application/x-www-form-urlencoded")
        self.assertEqual((status, answer["code"]), (415, "bad-media"))
        status, _, answer = self.post("{}", headers={"Content-Encoding": "gzip"})
        self.assertEqual(status, 415)


    def test_contradictions_are_told_and_kept(self):
        event = report(attendances=5, people=6) | {"id": "0198f3a2-7a11-7000-8000-00000000a003"}
        for expected in ("stored", "duplicate"):
            receipt = self.post(json.dumps(event))[2]["receipts"][0]
            self.assertEqual(receipt["status"], expected)
            (warning,) = receipt["warnings"]
            self.assertEqual((warning["code"], warning["field"]), ("people-beyond", "body.people"))
            self.assertIn("请核对", warning["text"])
        self.assertNotIn("warnings", self.post(json.dumps(report()))[2]["receipts"][0])
        # The record tells them as the receipt did, of the version that had them.
        fixed = {"type": "report.amended", "unit": event["unit"], "side": {"reason": "更正"},
                 "body": event["body"] | {"amends": event["id"], "people": 5}}
        position = self.post(json.dumps(fixed))[2]["receipts"][0]["position"]
        status, found = chaoxun.http("GET", f"/api/v1/reports/{event['id']}?at_least={position}")
        self.assertEqual(status, 200, found)
        self.assertEqual([version.get("warnings") for version in found["versions"]], [receipt["warnings"], None])
        shown = chaoxun.command("report", "show", event["id"], "--lang", "zh").stdout
        self.assertEqual(shown.count("存疑：" + warning["text"]), 1, shown)

    def test_bad_input_names_the_field(self):
        def event(kind, body, side=None):
            return {"type": kind, "unit": "haining/xiashi", "body": body} | ({"side": side} if side else {})

        gone = report() | {"id": "0198f3a2-7a11-7000-8000-00000000a004"}
        never = "0198f3a2-7a11-7000-8000-00000000ffff"
        for good in (gone, event("report.withdrawn", {"report": gone["id"]})):
            self.assertEqual(self.post(json.dumps(good))[0], 201)
        lines = [{"month": month, "programme": "dog"} for month in ("2026-01", "2026-02", "2026-03", "2026-13")]
        bands = [{"name": "合格", "from": 0, "to": 6000}, {"name": "优秀", "from": 6000, "to": 20000}]
        scheme = {"scheme": "month", "version": 1, "name": "月度考核", "period": "month", "base": 10000, "bands": bands,
                  "items": [{"item": "order", "name": "现场秩序", "points": 500}]}
        credit = {"volunteer": never, "minutes": -1, "grade": "entered"}
        rows = [(event("plan.drafted", {"year": 2026, "lines": lines}), "bad-format", "body.lines[3].month"),
                (event("hours.credited", {"activity": gone["id"], "date": "2026-05-06", "credits": [credit]}), "too-small",
                 "body.credits[0].minutes"),
                (event("problem.resolved", {"problem": never}), "unknown-reference", "body.problem"),
                (event("report.accepted", {"report": gone["id"]}), "already", "body.report"),
                (event("scheme.set", scheme), "contradiction", "body.bands[1].from")]
        for bad, code, field in rows:
            with self.subTest(type=bad["type"]):
                status, _, answer = self.post(json.dumps(bad))
                self.assertIn(status, (409, 422))
                (fault,) = answer["receipts"][0]["faults"]
                self.assertEqual((fault["code"], fault["field"]), (code, field))


class Import(unittest.TestCase):
    def post(self, content, content_type="text/csv", query="", headers=None):
        return ask("POST", "/api/v1/import" + query, content, (headers or bearer()) | {"Content-Type": content_type})

    def test_gb18030_and_again(self):
        rows = CSV + "G1,许村,清理河道,垃圾分类,2003-03-03,30余名,,清运垃圾 近1.2吨\n" \
                     "G2,haining/zhouwangmiao,劝导,文明停车,2003-03-04,12人,,\n"
        status, _, answer = self.post(rows.encode("gb18030"))
        self.assertEqual((status, answer["stored"], answer["encoding"]), (201, 2, "GB18030"), answer)
        status, _, answer = self.post(rows.encode("utf-8-sig"))
        self.assertEqual((status, answer["duplicate"], answer["encoding"]), (200, 2, "UTF-8"), answer)
        totals = chaoxun.http("GET", "/api/v1/totals?from=2003-03-03&to=2003-03-03&at_least=" + answer["position"])[1]
        self.assertEqual(totals["rows"][0]["attendances"]["value"], 30)
        self.assertEqual(totals["rows"][0]["attendances"]["mark"], "≥")

    def test_faults_by_row_and_good_rows_go_in(self):
        rows = CSV + "F1,许村,甲,垃圾分类,2003-04-03,30,,\nF2,没有的中队,乙,垃圾分类,2003-04-03,30,,\n" \
                     "F3,许村,丙,没有的项目,2003-04-03,三十二点五个半,,\nF4,许村,丁,垃圾分类,2003-04-05,30,,\n"
        status, _, answer = self.post(rows.encode())
        self.assertEqual((status, answer["stored"], answer["rejected"], answer["rows"]), (207, 2, 2, 4))
        self.assertEqual({fault["row"] for fault in answer["faults"]}, {3, 4})
        self.assertTrue(all(fault["text"] and fault["field"] for fault in answer["faults"]))

    def test_known_number_is_amended_on_request(self):
        first = CSV + "A1,许村,甲,垃圾分类,2003-05-03,30,,\n"
        second = CSV + "A1,许村,甲,垃圾分类,2003-05-03,35,,\n"
        self.assertEqual(self.post(first.encode())[0], 201)
        status, _, answer = self.post(second.encode())
        self.assertEqual((status, answer["conflict"]), (422, 1))
        status, _, answer = self.post(second.encode(), query="?amend=1")
        self.assertEqual((status, answer["amended"]), (201, 1), answer)
        totals = chaoxun.http("GET", "/api/v1/totals?from=2003-05-03&to=2003-05-03&at_least=" + answer["position"])[1]
        self.assertEqual(totals["rows"][0]["attendances"]["value"], 35)

    def test_form_upload(self):
        rows = CSV + "M1,许村,甲,垃圾分类,2003-06-03,30,,\n"
        form = ("--xyz\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"
                "--xyz\r\nContent-Disposition: form-data; name=\"upload\"; filename=\"表.csv\"\r\n"
                "Content-Type: text/csv\r\n\r\n" + rows + "\r\n--xyz--\r\n")
        status, _, answer = self.post(form.encode(), "multipart/form-data; boundary=xyz")
        self.assertEqual((status, answer["stored"]), (201, 1), answer)
        status, _, answer = self.post(b"--xyz\r\n", "multipart/form-data; boundary=xyz")
        self.assertEqual(answer["code"], "missing")

    def test_squad_speaks_for_itself(self):
        _, _, cookie, _ = sign_in("xiashi")
        rows = "编号,活动名称,项目,活动日期,参与人次\nS1,甲,垃圾分类,2003-07-03,30\n"
        self.assertEqual(self.post(rows.encode(), headers={"Cookie": cookie})[0], 201)
        rows = CSV + "S2,许村,甲,垃圾分类,2003-07-03,30,,\n"
        status, _, answer = self.post(rows.encode(), headers={"Cookie": cookie})
        self.assertEqual((status, answer["faults"][0]["code"]), (422, "other-unit"))

    def test_files_that_are_none(self):
        for content in (b"", b"\x00\x01\x02", "没有,这样,的表头\n1,2,3\n".encode(), b"\xff\xfe1\x00"):
            status, _, answer = self.post(content)
            self.assertIn(status, (400, 422), content)
            self.assertTrue(answer["detail"], content)

    def test_many_rows(self):
        rows = CSV + "".join(f"N{i},许村,巡查{i},文明停车,2004-01-02,1,,\n" for i in range(1500))
        status, _, answer = self.post(rows.encode())
        self.assertEqual((status, answer["stored"], answer["busy"]), (201, 1500, 0), answer)


if __name__ == "__main__":
    unittest.main(verbosity=2)
