#!/usr/bin/python3
"""The HTTP door against the real services: sign-in, rights, events, totals, the live stream, import, readiness."""
import contextlib
import http.client
import json
import socket
import threading
import time
import unittest
import urllib.parse

import harness
import msgpack

PASSWORD = "潮水-river-2026"
CSV = "编号,中队,活动名称,项目,活动日期,参与人次,服务总时长,成效\n"


def setUpModule():
    global chaoxun
    chaoxun = harness.Instance(environment={"CHAOXUN_KEEPALIVE_MS": "200", "CHAOXUN_LIVE_STREAMS": "4",
                                             "CHAOXUN_HTTP_REQUEST_MS": "3000"})
    chaoxun.start()
    for account, unit, role in (("xiashi", "haining/xiashi", "squad"), ("guide", "haining", "guide"),
                                ("gone", "haining/xucun", "squad")):
        set_account(account, unit, role)
        status, answer = chaoxun.http("PUT", f"/api/v1/users/{account}/password", {"password": PASSWORD})
        assert status == 204, (status, answer)


def tearDownModule():
    chaoxun.close()


def set_account(account, unit, role):
    receipt = chaoxun.submit(harness.event("account.set", unit, {"account": account, "role": role}))[0]
    assert receipt["status"] == "stored", receipt


def answer_to(raw, seconds=10):
    """Everything that the door sends after raw bytes, until it closes or falls silent."""
    address = urllib.parse.urlsplit(chaoxun.url)
    with socket.create_connection((address.hostname, address.port), timeout=seconds) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def connect():
    address = urllib.parse.urlsplit(chaoxun.url)
    return http.client.HTTPConnection(address.hostname, address.port, timeout=20)


def ask(method, path, body=None, headers=None, connection=None):
    """(status, headers, parsed body) by http.client, with no token of its own."""
    made = connection or connect()
    made.request(method, path, body, headers or {})
    answer = made.getresponse()
    content = answer.read()
    if "json" in (answer.headers.get("Content-Type") or ""):
        content = json.loads(content)
    if not connection:
        made.close()
    return answer.status, answer.headers, content


def bearer():
    return {"Authorization": "Bearer " + chaoxun.token}


def sign_in(account, password=PASSWORD):
    status, headers, answer = ask("POST", "/api/v1/session", json.dumps({"account": account, "password": password}),
                                  {"Content-Type": "application/json"})
    cookie = (headers.get("Set-Cookie") or "").split(";")[0]
    return status, answer, cookie, headers


def report(**fields):
    body = {"programmes": ["dog"], "date": "2026-05-06", "attendances": 7, "minutes": 60} | fields
    return {"type": "report.submitted", "unit": "haining/xiashi", "body": body, "side": {"title": "文明养犬劝导"}}


class SignIn(unittest.TestCase):
    def test_cookie_and_who_am_i(self):
        status, answer, cookie, headers = sign_in("xiashi")
        self.assertEqual(status, 200)
        self.assertEqual((answer["account"], answer["unit"], answer["role"]), ("xiashi", "haining/xiashi", "squad"))
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, headers["Set-Cookie"])
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": cookie})[2]["account"], "xiashi")
        self.assertEqual(ask("DELETE", "/api/v1/session", headers={"Cookie": cookie})[0], 204)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": cookie})[0], 401)

    def test_wrong_password_and_unknown_account_look_the_same(self):
        started = time.monotonic()
        wrong = sign_in("guide", "not the password")
        between = time.monotonic()
        unknown = sign_in("nobody-here", "not the password")
        ended = time.monotonic()
        self.assertEqual(wrong[0], 401)
        self.assertEqual(wrong[1], unknown[1])
        self.assertEqual(wrong[1]["code"], "bad-password")
        # Both cost one argon2id, which takes longer than everything else together.
        self.assertGreater(ended - between, (between - started) / 4)

    def test_account_that_is_switched_off(self):
        _, _, cookie, _ = sign_in("gone")
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": cookie})[0], 200)
        set_account("gone", "haining/xucun", "none")
        # Roles are kept for five seconds at most.
        harness.until(lambda: ask("GET", "/api/v1/session", headers={"Cookie": cookie})[0] == 403, 8)
        status, answer, _, _ = sign_in("gone")
        self.assertEqual((status, answer["code"]), (403, "account-off"))

    def test_token_for_scripts(self):
        _, _, cookie, _ = sign_in("xiashi")
        status, _, answer = ask("POST", "/api/v1/tokens", headers={"Cookie": cookie})
        self.assertEqual(status, 201)
        token = {"Authorization": "Bearer " + answer["token"]}
        self.assertEqual(ask("GET", "/api/v1/session", headers=token)[2]["account"], "xiashi")
        stored = b"".join(path.read_bytes() for path in (chaoxun.data / "portal").glob("accounts.db*"))
        self.assertNotIn(answer["token"].encode(), stored)
        self.assertNotIn(PASSWORD.encode(), stored)
        self.assertIn(b"$argon2id$", stored)
        self.assertEqual(ask("DELETE", "/api/v1/tokens", headers=token)[0], 204)
        self.assertEqual(ask("GET", "/api/v1/session", headers=token)[0], 401)

    def test_other_sites_are_refused(self):
        _, _, cookie, _ = sign_in("xiashi")
        headers = {"Cookie": cookie, "Content-Type": "application/json"}
        body = json.dumps(report())
        for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                       {"Sec-Fetch-Site": "same-site"}):
            status, _, answer = ask("POST", "/api/v1/events", body, headers | origin)
            self.assertEqual((status, answer["code"]), (403, "cross-site"), origin)
        for origin in ({"Origin": chaoxun.url}, {"Sec-Fetch-Site": "same-origin"}, {}):
            self.assertEqual(ask("POST", "/api/v1/events", body, headers | origin)[0], 201, origin)

    def test_passwords(self):
        set_account("changes", "haining/xiashi", "squad")
        put = lambda document, headers: ask("PUT", "/api/v1/users/changes/password", json.dumps(document), headers)
        self.assertEqual(put({"password": PASSWORD}, bearer())[0], 204)
        _, _, first, _ = sign_in("changes")
        _, _, second, _ = sign_in("changes")
        self.assertEqual(put({"password": "another-one-1", "old_password": "wrong"}, {"Cookie": first})[0], 401)
        self.assertEqual(put({"password": "short", "old_password": PASSWORD}, {"Cookie": first})[0], 422)
        self.assertEqual(put({"password": "another-one-1", "old_password": PASSWORD}, {"Cookie": first})[0], 204)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": first})[0], 200)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": second})[0], 401)
        self.assertEqual(sign_in("changes", "another-one-1")[0], 200)
        _, _, other, _ = sign_in("xiashi")
        self.assertEqual(put({"password": "another-one-2"}, {"Cookie": other})[0], 403)
        status, _, answer = ask("PUT", "/api/v1/users/nobody/password", json.dumps({"password": PASSWORD}), bearer())
        self.assertEqual((status, answer["code"]), (403, "account-off"))

    def test_without_sign_in(self):
        for path in ("/api/v1/totals", "/api/v1/live", "/api/v1/units", "/api/v1/session"):
            status, headers, answer = ask("GET", path)
            self.assertEqual((status, answer["code"]), (401, "not-signed-in"))
            self.assertEqual(headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Authorization": "Bearer cx_" + "A" * 43})[0], 401)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": "cx_session=" + "x" * 300})[0], 401)


class Throttle(unittest.TestCase):
    """Uses up the tries of this address: last by name of its module run, see load_tests."""

    def test_many_failures(self):
        seen = [sign_in("throttled", "wrong-password")[0] for _ in range(8)]
        self.assertEqual(seen[-1], 429)
        status, answer, _, headers = sign_in("throttled", "wrong-password")
        self.assertEqual((status, answer["code"]), (429, "too-many-tries"))
        self.assertGreater(int(headers["Retry-After"]), 0)
        self.assertIn("秒", answer["detail"])
        # Neither does the right password help now, nor another account from this address.
        self.assertEqual(sign_in("xiashi")[0], 429)


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
                      "from=2026-02-01&to=2026-01-01", "from=%FF", "from=%0", "from=%00", "unit=" + "x" * 101):
            status, _, answer = ask("GET", "/api/v1/totals?" + query, headers=bearer())
            self.assertEqual(status, 400, query)
            self.assertIn(answer["code"], ("bad-query", "bad-utf8"), query)

    def test_csv(self):
        chaoxun.http("POST", "/api/v1/events", report(attendances_approx="at-least", measures=[
            {"name": "=劝导", "quantity": 1500, "unit": "次", "approx": "about"}]))
        for path, headers in (("/api/v1/totals.csv?by=squad", {}), ("/api/v1/totals?by=squad", {"Accept": "text/csv"})):
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


class Door(unittest.TestCase):
    def test_unknown_routes_and_methods(self):
        for path in ("/nothing", "/api/v1/", "/api/v1/totals/", "/assets/../portal.c", "/assets/none.js", "//", "/%2e%2e/"):
            status, _, answer = ask("GET", path)
            self.assertEqual((status, answer["code"]), (404, "not-found"), path)
        status, headers, answer = ask("PATCH", "/api/v1/totals")
        self.assertEqual((status, answer["code"]), (405, "bad-method"))
        self.assertEqual(headers["Allow"], "GET, HEAD, OPTIONS")
        status, headers, _ = ask("OPTIONS", "/api/v1/session")
        self.assertEqual((status, headers["Allow"]), (204, "GET, HEAD, POST, DELETE, OPTIONS"))

    def test_head(self):
        status, headers, content = ask("HEAD", "/")
        self.assertEqual((status, content), (200, b""))
        self.assertGreater(int(headers["Content-Length"]), 100)
        self.assertEqual(ask("HEAD", "/api/v1/live", headers=bearer())[0], 200)

    def test_pages(self):
        for path in ("/", "/report", "/totals"):
            status, headers, content = ask("GET", path)
            self.assertEqual(status, 200)
            self.assertIn("<html lang=\"zh-CN\">", content.decode())
            self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
            self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(ask("GET", path, headers={"If-None-Match": headers["ETag"]})[0], 304)

    def test_bad_text_in_path(self):
        for raw in (b"/%ff", b"/%zz", b"/%00", b"/\xff"):
            answer = answer_to(b"GET " + raw + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(answer.startswith(b"HTTP/1.1 400"), (raw, answer[:80]))

    def test_broken_requests_are_answered_or_closed(self):
        for raw in (b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"G" * 100000, b"GET /" + b"a" * 100000,
                    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20000 + b"\r\n", b"GET / HTTP/1.1\r\n\r\n",
                    b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                    b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
                    b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with contextlib.suppress(ConnectionError, BrokenPipeError):
                answer_to(raw)
        self.assertEqual(ask("GET", "/healthz")[0], 200)

    def test_one_byte_at_a_time_is_cut_off(self):
        address = urllib.parse.urlsplit(chaoxun.url)
        with socket.create_connection((address.hostname, address.port), timeout=10) as slow:
            started = time.monotonic()
            with self.assertRaises(OSError):
                for byte in b"GET / HTTP/1.1\r\nHost: " + b"x" * 1000:
                    slow.sendall(bytes([byte]))
                    time.sleep(0.05)
            self.assertLess(time.monotonic() - started, 8)

    def test_large_body_by_length(self):
        self.large(b"Content-Length: 104857600\r\n", lambda sock: sock.sendall(b"x" * 65536))

    def test_large_body_in_chunks(self):
        self.large(b"Transfer-Encoding: chunked\r\n", lambda sock: sock.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n"))

    def large(self, header, send):
        before = memory()
        address = urllib.parse.urlsplit(chaoxun.url)
        with socket.create_connection((address.hostname, address.port), timeout=10) as sock:
            sock.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + chaoxun.token.encode()
                         + b"\r\nContent-Type: application/json\r\n" + header + b"\r\n")
            try:
                for _ in range(1600):
                    send(sock)
            except ConnectionError:
                pass
            answer = b""
            try:
                while chunk := sock.recv(65536):
                    answer += chunk
            except ConnectionError:
                pass
        self.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer[:100])
        self.assertEqual(json.loads(answer.split(b"\r\n\r\n", 1)[1])["code"], "too-large")
        self.assertLess(memory() - before, 32 * 1024 * 1024)

    def test_without_sign_in_no_body_is_kept(self):
        status, _, answer = ask("POST", "/api/v1/events", b"x" * 50000, {"Content-Type": "application/json"})
        self.assertEqual((status, answer["code"]), (401, "not-signed-in"))

    def test_keep_alive_serves_many(self):
        connection = connect()
        for _ in range(50):
            self.assertEqual(ask("GET", "/healthz", connection=connection)[0], 200)
            self.assertEqual(ask("GET", "/nothing", connection=connection)[0], 404)
        connection.close()

    def test_ready(self):
        status, _, answer = ask("GET", "/readyz")
        self.assertEqual((status, answer["ready"], answer["durability"]), (200, True, "fsynced"))
        self.assertEqual([part["name"] for part in answer["parts"]], ["intake", "aggregator", "portal"])

    def test_metrics(self):
        text = ask("GET", "/metrics")[2].decode()
        for service in ("portal", "intake", "aggregator"):
            self.assertIn(f'chaoxun_memory_bytes{{service="{service}"}}', text)
        self.assertEqual(text.count("# TYPE chaoxun_ready gauge"), 1)


class Description(unittest.TestCase):
    """Answers are what the OpenAPI description says."""

    def setUp(self):
        self.document = chaoxun.http("GET", "/api/v1/openapi.json", token=False)[1]

    def fits(self, answer, schema, where):
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
        if "type" in schema:
            self.assertIsInstance(answer, kinds[schema["type"]], where)
        if isinstance(answer, dict) and "properties" in schema:
            self.assertLessEqual(set(schema.get("required", [])), set(answer), where)
            for name, value in answer.items():
                self.assertIn(name, schema["properties"], where)
                self.fits(value, schema["properties"][name], where + "." + name)
        for value in answer if isinstance(answer, list) else []:
            self.fits(value, schema.get("items", {}), where + "[]")

    def check(self, method, path, body=None, headers=None):
        status, answered, answer = ask(method, path, body, bearer() | (headers or {}))
        operation = self.document["paths"][path.split("?")[0]][method.lower()]
        responses = operation["responses"]
        response = responses.get(str(status), responses.get("default"))
        content = response["content"][answered["Content-Type"].split(";")[0]]
        self.fits(answer, content["schema"], f"{method} {path} {status}")

    def test_answers_fit(self):
        json_type = {"Content-Type": "application/json"}
        csv_type = {"Content-Type": "text/csv"}
        self.check("GET", "/api/v1/session")
        self.check("POST", "/api/v1/tokens")
        self.check("GET", "/api/v1/units")
        self.check("GET", "/api/v1/totals?by=squad,month")
        self.check("GET", "/api/v1/totals?by=nothing")
        self.check("GET", "/readyz")
        self.check("GET", "/healthz")
        self.check("POST", "/api/v1/events", json.dumps([report(), report(attendances=-1)]), json_type)
        self.check("POST", "/api/v1/events", "{", json_type)
        self.check("POST", "/api/v1/session", json.dumps({"account": "guide", "password": PASSWORD}), json_type)
        self.check("POST", "/api/v1/session", json.dumps({"account": 3}), json_type)
        self.check("POST", "/api/v1/import", (CSV + "D1,许村,甲,垃圾分类,2003-09-03,30,,\nD2,,,,,,,\n").encode(), csv_type)

    def test_pages_know_the_programmes(self):
        words = ask("GET", "/assets/words.js")[2].decode()
        for line in (harness.ROOT / "proto/tables/programmes.def").read_text().splitlines():
            if line.startswith("PROGRAMME("):
                _, code, chinese = (word.strip(' ")') for word in line.split("(", 1)[1].split(",", 2))
                self.assertIn(f'["{code}", "{chinese.rstrip(")").strip(chr(34))}"', words)


def memory():
    pid = chaoxun.pids()["portal"]
    with open(f"/proc/{pid}/statm", encoding="ascii") as facts:
        return int(facts.read().split()[1]) * 4096


class Restart(unittest.TestCase):
    def test_portal_comes_back_with_its_sessions(self):
        _, _, cookie, _ = sign_in("guide")
        old = chaoxun.kill("portal")
        chaoxun.wait_restart("portal", old)
        harness.until(lambda: healthy() == 200, 20)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": cookie})[0], 200)

    def test_not_ready_while_the_aggregator_is_gone(self):
        old = chaoxun.kill("aggregator")
        seen = harness.until(lambda: unready_part(), 10)
        self.assertEqual(seen, "aggregator")
        chaoxun.wait_restart("aggregator", old)
        harness.until(lambda: ask("GET", "/readyz")[0] == 200, 20)


def healthy():
    try:
        return ask("GET", "/healthz")[0]
    except OSError:
        return None


def unready_part():
    status, _, answer = ask("GET", "/readyz")
    return status == 503 and next(part["name"] for part in answer["parts"] if not part["ready"])


def load_tests(loader, _tests, _pattern):
    order = (SignIn, Events, Totals, Live, Import, Door, Description, Restart, Throttle)
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in order)


if __name__ == "__main__":
    unittest.main(verbosity=2)
