"""What the tests of the HTTP door share: one 潮讯 with accounts, requests by http.client, signing in."""
import contextlib
import http.client
import json
import socket
import urllib.parse

import harness

PASSWORD = "潮水-river-2026"
CSV = "编号,中队,活动名称,项目,活动日期,参与人次,服务总时长,成效\n"

chaoxun = harness.Instance(environment={"CHAOXUN_KEEPALIVE_MS": "200", "CHAOXUN_LIVE_STREAMS": "4",
                                        "CHAOXUN_HTTP_REQUEST_MS": "3000"})


def setUpModule():
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
        with contextlib.suppress(OSError):  # closed on us already: what it said comes next
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
