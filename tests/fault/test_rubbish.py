#!/usr/bin/python3
"""Rubbish at every door: each kind gets its own clear error or its connection closed; nothing grows, nothing stops.

Behind each piece a good report goes in by the same door.
"""
import http.client
import pathlib
import socket
import sys

import msgpack
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness

GROWTH_MAX = 48 * 1024 * 1024  # bytes that a service may be larger at the end; sanitizers keep freed memory for a while


def memory(chaoxun):
    """Resident bytes by service."""
    found = {}
    for name, pid in chaoxun.pids().items():
        pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
        found[name] = pages * 4096
    return found


# ---- ZeroMQ: whole frames that are no events ----

def frames():
    """name, payload, expected code of the error answer"""
    good = msgpack.packb(harness.report())
    yield "a truncated frame", good[:-7], "truncated"
    yield "an array header that claims 2^28 elements", b"\xdd\x10\x00\x00\x00", "count-lies"
    yield "depth 1000", b"\x91" * 1000 + b"\xc0", "too-deep"
    yield "bytes behind the value", good + b"\xc0", "trailing"
    yield "no bytes at all", b"", "truncated"


def check_frames(chaoxun, made):
    for name, payload, code in frames():
        verb, answer = chaoxun.ask(made, "submit", payload)
        if verb == "receipts":
            answer = answer["receipts"][0]["faults"][0]
        assert answer["code"] == code, (name, verb, answer)
        assert answer["text"] and (answer.get("text_zh") or answer.get("text_en")), answer
        print(f"{name}: {answer['code']}: {answer.get('text_zh') or answer['text']}", flush=True)
        assert chaoxun.submit(harness.report(), made)[0]["status"] == "stored"


# ---- ZeroMQ: events that are refused, each with the field named ----

def with_duplicate_key(event):
    """`event` with its key `unit` twice, which no library packs."""
    packed = msgpack.packb(event)
    return bytes([packed[0] + 1]) + packed[1:] + msgpack.packb("unit") + msgpack.packb("haining/xucun")


def events():
    """name, packed event, code, field"""
    pack = msgpack.packb
    yield "a duplicate key", with_duplicate_key(harness.report()), "duplicate-key", "unit"
    broken = pack(harness.report("haining/xiashi", {"title": "河西社区"})).replace("河西".encode(), b"\xff\xfe\xff\xfe\xff\xfe")
    yield "invalid UTF-8", broken, "bad-utf8", "title"
    yield "a field over its limit", pack(harness.report(side={"title": "长" * 101})), "too-long", "title"
    yield "a number over its limit", pack(harness.report(attendances=1_000_001)), "too-big", "attendances"
    yield "an unknown type", pack(harness.report() | {"type": "report.submited"}), "unknown-type", "type"
    yield "a type that is not served", pack(harness.event("bulletin.published", "haining", {"bulletin": bytes(range(1, 17))})), "not-yet", "type"
    yield "an unknown field", pack(harness.report(attendence=3)), "unknown-field", "attendence"
    yield "an unknown unit", pack(harness.report("haining/atlantis")), "unknown-unit", "unit"
    yield "a place for free text in the head", pack(harness.report(title="x")), "wrong-place", "title"


def check_events(chaoxun, made):
    for name, packed, code, field in events():
        verb, answer = chaoxun.ask(made, "submit", packed)
        fault = answer if verb == "error" else answer["receipts"][0]["faults"][0]
        assert fault["code"] == code, (name, answer)
        assert field in str(fault), (name, fault)
        print(f"{name}: {fault['code']}: {fault.get('text_zh') or fault['text']}", flush=True)
        assert chaoxun.submit(harness.report(), made)[0]["status"] == "stored"


def check_rights(chaoxun):
    done = chaoxun.command("client", "add", "xiashi-app", "--unit", "haining/xiashi", "--role", "squad", "--out", chaoxun.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    pair = tuple((chaoxun.folder / f"xiashi-app.{end}").read_text().strip().encode() for end in ("pub", "key"))
    made = chaoxun.socket("submit", pair=pair)
    receipt = chaoxun.submit(harness.report("haining/xucun"), made)[0]
    assert receipt["faults"][0]["code"] == "other-unit", receipt
    print("another squad's report:", receipt["faults"][0]["text"], flush=True)
    assert chaoxun.submit(harness.report("haining/xiashi"), made)[0]["status"] == "stored"


def check_stranger(chaoxun):
    """A key that nobody registered never gets through the handshake."""
    made = chaoxun.socket("submit", pair=zmq.curve_keypair())
    monitor = made.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    made.send_multipart([b"CX1", b"submit", b"1", msgpack.packb(harness.report())])
    assert monitor.poll(10_000), "neither let in nor turned away"
    event = int.from_bytes(monitor.recv_multipart()[0][:2], "little")
    assert event == zmq.EVENT_HANDSHAKE_FAILED_AUTH, event
    made.disable_monitor()
    print("a key that is not registered: turned away in the handshake", flush=True)


def check_huge_message(chaoxun):
    made = chaoxun.socket("submit")
    monitor = made.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    made.send_multipart([b"CX1", b"submit", b"1", bytes(100 * 1024 * 1024)])
    assert monitor.poll(20_000), "the connection stayed open"
    made.disable_monitor()
    print("a message of 100 MB: connection closed", flush=True)


# ---- HTTP ----

def check_huge_body(chaoxun):
    """Refused by its announced length, before it is sent."""
    host = chaoxun.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.putrequest("POST", "/api/v1/events")
    connection.putheader("Authorization", "Bearer " + chaoxun.token)
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(100 * 1024 * 1024))
    connection.endheaders()
    try:
        connection.send(b"[" + b" " * 65536)
    except OSError:
        pass  # closed already: fine
    answer = connection.getresponse()
    body = answer.read().decode()
    assert answer.status == 413 and "too-large" in body, (answer.status, body)
    connection.close()
    print("an HTTP body of 100 MB:", body[:160], flush=True)


def check_http(chaoxun):
    cases = [
        ("no JSON", b"nonsense", "bad-json"), ("half of a JSON document", b"{", "truncated"), ("a repeated key", b'{"type":"report.submitted","type":"x"}', None),
        ("deep JSON", b"[" * 1000 + b"]" * 1000, None), ("invalid UTF-8", b'{"type":"\xff"}', None),
    ]
    for name, body, code in cases:
        status, answer = chaoxun.http("POST", "/api/v1/events", body, {"Content-Type": "application/json"})
        assert 400 <= status < 500 and isinstance(answer, dict), (name, status, answer)
        assert code is None or answer["code"] == code, (name, answer)
        print(f"{name}: {status} {answer.get('code')}: {answer.get('title')} {answer.get('detail')}", flush=True)
    status, answer = chaoxun.http("POST", "/api/v1/events", {"type": "report.submitted", "unit": "haining/xiashi",
                                  "body": {"programmes": ["dog"], "attendances": "二十"}, "side": {"titel": "x"}})
    faults = {fault["field"]: fault["code"] for fault in answer["receipts"][0]["faults"]}
    assert status == 422 and faults["body.attendances"] == "wrong-type" and faults["side.titel"] == "unknown-field", answer


def check_half_request(chaoxun):
    """A connection that says half a line and goes."""
    host, port = chaoxun.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as made:
        made.sendall(b"POST /api/v1/ev")
    assert chaoxun.http("GET", "/healthz")[0] == 200


# ---- CSV ----

def check_csv(chaoxun):
    sheet = chaoxun.folder / "broken.csv"
    sheet.write_bytes("编号,中队,项目,活动日期,参与人次\nB1,许村志愿中队,文明养犬,2026-05-01,20余名\nB2,许村志愿中队,文明养犬\n"
                      "B3,许村志愿中队,养猫,2026-02-30,好多人\nB4,\"许村志愿中队,文明养犬,2026-05-01,5人\nB5,许村志愿中队,文明停车,2026-05-02,近30人\n"
                      .encode("gb18030"))
    done = chaoxun.command("import", sheet, "--lang", "zh")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    for word in ("3", "4", "5", "项目", "活动日期", "参与人次", "养猫", "引号"):
        assert word in said, (word, said)
    tail = chaoxun.command("tail", "--json", "--no-follow").stdout
    assert '"B1"' in tail and '"B5"' in tail and '"B2"' not in tail, "the good rows are not there"
    print(said, flush=True)


def main():
    with harness.Instance() as chaoxun:
        made = chaoxun.socket("submit")
        assert chaoxun.submit(harness.report(), made)[0]["status"] == "stored"
        before, pids = memory(chaoxun), chaoxun.pids()
        check_frames(chaoxun, made)
        check_events(chaoxun, made)
        check_rights(chaoxun)
        check_stranger(chaoxun)
        check_huge_message(chaoxun)
        check_http(chaoxun)
        check_huge_body(chaoxun)
        check_half_request(chaoxun)
        check_csv(chaoxun)
        assert chaoxun.pids() == pids, "a service stopped"
        after = memory(chaoxun)
        grown = {name: after[name] - before[name] for name in before}
        assert max(grown.values()) < GROWTH_MAX, grown
        print("grown by, bytes:", grown)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
