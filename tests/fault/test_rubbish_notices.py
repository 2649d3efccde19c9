#!/usr/bin/python3
"""Rubbish about notices and the record, by every door: each kind gets its own clear error, nobody is sent anything, nothing stops.

Before real gateways: a message that slips through arrives at fakesmsc or in the mailbox, and is seen there.
"""
import collections
import json
import pathlib
import re
import urllib.parse

import msgpack
import zmq

import broadcast
from broadcast import harness

GROWTH_MAX = 48 * 1024 * 1024  # bytes that a service may be larger at the end; sanitizers keep freed memory for a while
SQUAD, EMPTY_SQUAD = "haining/xiashi", "haining/dingqiao"
PACKED = {"Content-Type": "application/msgpack"}
INJECTION = "\r\nRCPT TO:<everyone@haining.test>"


def memory(chaoxun):
    """Resident bytes by service."""
    return {name: int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
            for name, pid in chaoxun.pids().items()}


# ---- events that are refused, by every door that takes events ----

def fault_of(answer):
    """The first fault of a refused event; the Chinese text is there too."""
    receipt = answer["receipts"][0]
    assert receipt["status"] == "rejected" and receipt["faults"], receipt
    return receipt["faults"][0]


def refusals(chaoxun, made, event):
    """The fault with which each door refuses an event, by the door."""
    document = {name: event[name] for name in ("type", "unit", "body", "side")}
    verb, answer = chaoxun.ask(made, "submit", msgpack.packb(event))
    assert verb == "receipts", answer
    yield "ZeroMQ", fault_of(answer)
    for name, body, headers in (("JSON", document, {}), ("MessagePack", msgpack.packb(event), PACKED)):
        status, answer = chaoxun.http("POST", "/api/v1/events", body, headers)
        assert status == 422, (name, status, answer)
        answer = msgpack.unpackb(answer) if isinstance(answer, bytes) else answer
        yield name, fault_of(answer)


def check_refused(chaoxun, made, name, event, code, field, words=""):
    for door, fault in refusals(chaoxun, made, event):
        assert (fault["code"], fault["field"]) == (code, field), (name, door, fault)
        assert words in fault["text_en"] and fault["text"], (name, door, fault)
        assert not set("\r\n") & set(fault["text"] + fault["text_en"]), (name, door, fault)
    print(f"{name}: {fault['code']}: {fault['text']}", flush=True)


def contact(**side):
    return harness.event("contact.set", SQUAD, {"person": "P-666"}, {"name": "沈佳"} | side)


def notice(title="高温", text="停止户外活动", units=(SQUAD,)):
    return harness.event("notice.issued", "haining", {"units": list(units)}, {"title": title, "text": text})


def check_contacts(chaoxun, made):
    cases = [("CR and LF in an e-mail address", {"email": f"a@haining.test>{INJECTION}"}, "side.email"),
             ("LF alone", {"email": "a@haining.test\nb@haining.test"}, "side.email"),
             ("two addresses", {"email": "a@haining.test,b@haining.test"}, "side.email"),
             ("an address in brackets", {"email": "<a@haining.test>"}, "side.email"),
             ("CR and LF in a telephone number", {"phone": "13800138\r\n13800139"}, "side.phone"),
             ("two numbers", {"phone": "13800138 13800139"}, "side.phone"),
             ("a number with a parameter", {"phone": "13800138&to=1"}, "side.phone"),
             ("CR and LF in a name", {"name": f"沈佳{INJECTION}"}, "side.name")]
    for name, side, field in cases:
        check_refused(chaoxun, made, name, contact(**side), "bad-format", field)
        done = chaoxun.command("contact", "set", "P-666", "--unit", SQUAD, "--lang", "zh",
                               stdin=json.dumps({"name": "沈佳"} | side))
        assert done.returncode == 1 and "格式不对" in done.stderr, (name, done.returncode, done.stdout + done.stderr)


def check_notices(chaoxun, made):
    cases = [("an empty text", {"text": ""}, "too-short", "side.text", "at least 1"),
             ("a blank text", {"text": " \t\n"}, "missing", "side.text", "required"),
             ("an empty title", {"title": ""}, "too-short", "side.title", "at least 1"),
             ("a text that is too long", {"text": "长" * 2001}, "too-long", "side.text", "at most 2000"),
             ("a title that is too long", {"title": "题" * 101}, "too-long", "side.title", "at most 100"),
             ("a notice of 11 SMS", {"text": "长" * 660}, "too-many-parts", "side.text", "647 fit into 10 SMS"),
             ("a line break in a title", {"title": f"高温{INJECTION}"}, "bad-format", "side.title", ""),
             ("a squad without contacts", {"units": (SQUAD, EMPTY_SQUAD)}, "no-contact", "body.units[1]", EMPTY_SQUAD),
             ("a unit that does not exist", {"units": ("haining/atlantis",)}, "unknown-unit", "body.units[0]", "atlantis")]
    for name, changes, code, field, words in cases:
        check_refused(chaoxun, made, name, notice(**changes), code, field, words)
        refused_by_command(chaoxun, name, changes)
    check_refused(chaoxun, made, "a unit twice", notice(units=(SQUAD, SQUAD)), "repeated", "body.units", SQUAD)


def refused_by_command(chaoxun, name, changes):
    units = ",".join(changes.get("units", (SQUAD,)))
    done = chaoxun.command("notice", "send", "--unit", units, "--title", changes.get("title", "高温"), "--text", "-",
                           stdin=changes.get("text", "停止户外活动"))
    assert done.returncode in (1, 2) and done.stderr, (name, done.returncode, done.stdout, done.stderr)
    assert "stored" not in done.stdout, (name, done.stdout)


# ---- frames that are no questions, at the doors of the record and of the outbox ----

def frames(good, field):
    """name, verb or None for the good one, payload, code; `field` is one of text."""
    packed = msgpack.packb(good)
    key = msgpack.packb(field)
    yield "a truncated frame", None, packed[:-1], "truncated"
    yield "no bytes at all", None, b"", "truncated"
    yield "a map header that claims 2^32-1 pairs", None, b"\xdf\xff\xff\xff\xff", "count-lies"
    yield "an array header that claims 2^28 elements", None, b"\xdd\x10\x00\x00\x00", "count-lies"
    yield "a text that claims 4 GiB", None, b"\x81" + key + b"\xdb\xff\xff\xff\xff", "truncated"
    yield "a list 1000 deep for a text", None, b"\x81" + key + b"\x91" * 1000 + b"\xc0", "wrong-type"
    yield "bytes behind the value", None, packed + b"\xc0", "trailing"
    yield "an unknown field", None, msgpack.packb(good | {"colour": 1}), "unknown-field"
    yield "a key twice", None, b"\x82" + 2 * (key + b"\xa1x"), "duplicate-key"
    yield "invalid UTF-8", None, b"\x81" + key + b"\xa2\xff\xfe", "bad-utf8"
    yield "no map", None, b"\x01", "wrong-type"
    yield "a wrong verb", "submit", packed, "bad-verb"
    yield "a verb of rubbish", "\r\n\x00" * 100, packed, "bad-verb"


NOBODY = bytes(15) + b"\1"
QUESTIONS = [("record", "archiver", "reports", "text", {"limit": 1}), ("record", "archiver", "report", "at_least", {"id": NOBODY}),
             ("outbox", "notifier", "notices", "at_least", {"limit": 1}), ("outbox", "notifier", "notice", "at_least", {"id": NOBODY}),
             ("outbox", "notifier", "preview", "text", {"text": "x", "units": [SQUAD]}),
             ("outbox", "notifier", "delivered", "words", {"ref": "0" * 32 + ".1", "mac": "0" * 32, "code": 1})]
REFUSED = {"report": "not-found", "notice": "not-found", "delivered": "forged"}  # what there is not, and what is forged


def check_questions(chaoxun):
    for edge, server, verb, field, good in QUESTIONS:
        made = chaoxun.socket(edge, server)
        for name, other, payload, code in frames(good, field):
            _, answer = chaoxun.ask(made, other or verb, payload)
            assert answer.get("code") == code and answer["text"] and answer["text_zh"], (verb, name, answer)
            answered, answer = chaoxun.ask(made, verb, msgpack.packb(good))
            assert answered == verb or answer["code"] == REFUSED[verb], (verb, name, answer)
        check_envelopes(made)
        print(f"{edge}, {verb}: every frame has its own answer", flush=True)


def check_envelopes(made):
    """Requests whose frames are wrong: too few, too many, another version."""
    for frames_sent, code in (([b"CX1", b"head", b"1"], "bad-frame"), ([b"CX1", b"head", b"1", b"\xc0", b"x", b"y"], "bad-frame"),
                              ([b"CX9", b"head", b"1", b"\xc0"], "bad-version")):
        made.send_multipart(frames_sent)
        assert made.poll(10_000), "no answer"
        *_, payload = made.recv_multipart()
        assert msgpack.unpackb(payload)["code"] == code, (frames_sent, payload)


def check_stranger(chaoxun, edge, server):
    """A key that nobody registered never gets through the handshake; a huge message costs the connection."""
    for pair, payload, awaited in ((zmq.curve_keypair(), b"\xc0", zmq.EVENT_HANDSHAKE_FAILED_AUTH),
                                   (None, bytes(100 * 1024 * 1024), zmq.EVENT_DISCONNECTED)):
        made = chaoxun.socket(edge, server, pair=pair)
        monitor = made.get_monitor_socket(awaited)
        made.send_multipart([b"CX1", b"head", b"1", payload])
        assert monitor.poll(20_000), (edge, "the connection stayed open")
        made.disable_monitor()


# ---- delivery reports ----

def hook(chaoxun, query, method="GET"):
    """(status, code) of a report at the hook, whose query is given in pairs or as it is."""
    text = query if isinstance(query, str) else urllib.parse.urlencode(query)
    status, answer = chaoxun.http(method, "/hooks/kannel?" + text, token=False)
    return status, answer["code"] if isinstance(answer, dict) and "code" in answer else None


def check_reports(running, identity):
    """Forged and malformed reports on a message that was delivered; a real one, from Kannel, came before."""
    chaoxun = running.chaoxun
    ref = running.rows("SELECT lower(hex(ref)) FROM outbox WHERE notice = ? AND channel = 'sms'", identity)[0][0] + ".1"
    forged = {"ref": ref, "mac": "0" * 32, "d": "2", "a": "NACK", "ts": "1"}
    for query in (forged, forged | {"mac": "f" * 32}, forged | {"ref": ref + "0"}, forged | {"ref": "x", "mac": "y"},
                  forged | {"ref": ref + "\r\n"}):
        assert hook(chaoxun, query) == (403, "forged"), query
    wrong = [{name: value for name, value in forged.items() if name != left} for left in ("ref", "mac", "d")]
    wrong += [forged | {"d": value} for value in ("", "x", "-1", "1001", "9" * 30)]
    wrong += [forged | {"ref": ref + INJECTION}, forged | {"to": "13800138001"}, urllib.parse.urlencode(forged) + "&d=1", "", "%", "ref=%zz"]
    for query in wrong:
        status, code = hook(chaoxun, query)
        assert status == 400 and code, (query, status, code)
    assert hook(chaoxun, urllib.parse.urlencode(forged) + "&a=" + "x" * 200_000)[0] in (400, 414, 431)
    assert hook(chaoxun, forged, "POST") == (405, "bad-method")
    states = running.rows("SELECT state, attempts FROM outbox WHERE notice = ?", identity)
    assert states == [("delivered", 1)] * 2, states
    print("delivery reports: forged, malformed and huge ones change nothing", flush=True)


# ---- all of it ----

def check_everything(running):
    chaoxun = running.chaoxun
    made = chaoxun.socket("submit")
    running.set_contacts(3)  # one of them in the squad, none in the empty one
    assert {one.unit for one in running.contacts.values()} & {SQUAD, EMPTY_SQUAD} == {SQUAD}
    before, pids = memory(chaoxun), chaoxun.pids()
    check_contacts(chaoxun, made)
    check_notices(chaoxun, made)
    check_questions(chaoxun)
    for edge, server in (("record", "archiver"), ("outbox", "notifier")):
        check_stranger(chaoxun, edge, server)
    assert not running.rows("SELECT 1 FROM outbox"), "something was to be sent"
    assert not running.gateway.parts() and not running.mailbox.messages()
    identity = running.issue("高温", "停止户外活动", [SQUAD])
    running.wait_end()
    check_reports(running, identity)
    check_only_arrivals(running, identity)
    assert chaoxun.pids() == pids, "a service stopped"
    after = memory(chaoxun)
    grown = {name: after[name] - before[name] for name in before}
    assert max(grown.values()) < GROWTH_MAX, grown
    print("grown by, bytes:", grown)


def check_only_arrivals(running, identity):
    """What was right arrived, once each way, and nothing else did, whatever was sent before it."""
    person = next(one.person for one in running.contacts.values() if one.unit == SQUAD)
    wanted = collections.Counter([(identity, person, "sms"), (identity, person, "email")])
    assert running.arrivals() == wanted, running.arrivals()
    said = (running.chaoxun.data / "chaoxun.log").read_text(errors="replace")
    assert not re.search(r"everyone@|13800138002|停止户外", said), "a log holds an address or a text"


def main():
    with broadcast.Broadcast() as running:
        check_everything(running)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
