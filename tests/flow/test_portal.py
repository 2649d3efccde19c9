#!/usr/bin/python3
"""The HTTP door itself: routes, pages, hostile input, readiness, its description, restarts."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import time
import unittest
import urllib.parse

import harness
from portal_door import (CSV, PASSWORD, answer_to, ask, bearer, chaoxun, connect, report, setUpModule, sign_in, tearDownModule)

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
        for path in ("/", "/report", "/totals", "/record", "/notices", "/rules", "/sending"):
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
        self.assertEqual([part["name"] for part in answer["parts"]],
                         ["intake", "aggregator", "archiver", "notifier", "portal"])
        self.assertTrue(all(part["ready"] for part in answer["parts"]))

    def test_metrics(self):
        text = ask("GET", "/metrics")[2].decode()
        for service in ("portal", "intake", "aggregator", "archiver", "notifier"):
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

    def check(self, method, path, body=None, headers=None, described=None):
        """`described`: the path as the description has it, where a part of it stands for many."""
        status, answered, answer = ask(method, path, body, bearer() | (headers or {}))
        operation = self.document["paths"][described or path.split("?")[0]][method.lower()]
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
        receipt = chaoxun.http("POST", "/api/v1/events", report(measures=[{"name": "劝导", "quantity": 3000, "unit": "次"}]))[1]["receipts"][0]
        self.check("GET", "/api/v1/reports?limit=2&at_least=" + receipt["position"])
        self.check("GET", "/api/v1/reports?limit=0")
        self.check("GET", "/api/v1/reports/" + receipt["id"], described="/api/v1/reports/{id}")
        self.check("GET", "/api/v1/notices")
        self.check("GET", "/api/v1/notices/" + receipt["id"], described="/api/v1/notices/{id}")
        self.check("POST", "/api/v1/notices/preview", json.dumps({"units": ["haining"]}), json_type)
        self.check("GET", "/api/v1/rules?whole=1")
        self.check("GET", "/api/v1/held?limit=2")
        self.check("GET", "/api/v1/channels")
        self.check("GET", "/hooks/kannel?ref=x&mac=y&d=1")
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

    def test_stopping_ends_streams_and_answers_what_it_holds(self):
        stream = connect()
        stream.request("GET", "/api/v1/live", headers=bearer())
        live = stream.getresponse()
        held = connect()
        held.connect()
        held.sock.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        idle = connect()
        self.assertEqual(ask("GET", "/healthz", connection=idle)[0], 200)
        old = chaoxun.pids()["portal"]
        log = chaoxun.data / "chaoxun.log"
        before = log.read_text().count("drain cut short")
        os.kill(old, signal.SIGTERM)
        self.assertTrue(live.read().endswith(b"\n\n"))
        harness.until(lambda: not pathlib.Path(f"/proc/{old}").exists(), 10)
        chaoxun.wait_restart("portal", old)
        self.assertEqual(log.read_text().count("drain cut short"), before, "it waited for the drain's end")
        harness.until(lambda: healthy() == 200, 20)

    def test_not_ready_while_the_aggregator_is_gone(self):
        with harness.stopped(chaoxun.process.pid):  # who starts it again
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
