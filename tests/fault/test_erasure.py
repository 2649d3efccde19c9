#!/usr/bin/python3
"""Erasing a person while everything runs: no state file, log or WAL holds the name or the number; chain and figures stay.

Searched in every file of the data directory as bytes: UTF-8, GB18030 and base64 at each of its three alignments.
"""
import base64
import pathlib
import sys
import threading

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness

NAME, PHONE, MAIL = "沈𠮷安", "13957312345", "shen.jian@haining.test"
PERSON = "P-0007"


def base64_cores(content):
    """What of `content` stands in base64 at each alignment, whatever stands around it."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + content)
        first = -(-shift * 8 // 6)
        last = len(encoded.rstrip(b"=")) - (0 if (shift + len(content)) % 3 == 0 else 1)
        yield encoded[first:last]


def forms(word):
    for coding in ("utf-8", "gb18030"):
        content = word.encode(coding)
        yield content
        yield from base64_cores(content)


NEEDLES = {needle for word in (NAME, PHONE, MAIL) for needle in forms(word)}


def files_with_personal_data(folder):
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found += [f"{path.relative_to(folder)}: {needle!r}" for needle in NEEDLES if needle in content]
    return found


def positive_control(folder):
    """The search sees what is planted in a file."""
    planted = folder / "planted"
    for needle in (NAME.encode("gb18030"), base64.b64encode(("负责人" + NAME).encode()), PHONE.encode()):
        planted.write_bytes(b"x" * 5000 + needle + b"y")
        assert files_with_personal_data(folder), needle
    planted.unlink()


def contact(chaoxun):
    return harness.event("contact.set", "haining/xucun", {"person": PERSON, "post": "leader"},
                         {"name": NAME, "phone": PHONE, "email": MAIL})


def personal_report(number):
    side = {"title": "河西社区清理", "contact_name": NAME, "contact_phone": PHONE}
    return harness.report("haining/xucun", side, contact=PERSON, attendances=number, number=f"E{number}")


def keep_reporting(chaoxun, stop):
    made = chaoxun.socket("submit")
    while not stop.is_set():
        receipts = chaoxun.submit([harness.report("haining/dingqiao") for _ in range(20)], made)
        assert all(receipt["status"] == "stored" for receipt in receipts), receipts[0]


def sides(chaoxun):
    """Everything that a reader with the right to side sees, as text."""
    return chaoxun.command("tail", "--side", "--json", "--no-follow").stdout


def figures(chaoxun, position):
    status, answer = chaoxun.http("GET", f"/api/v1/totals?by=squad,programme&unit=haining/xucun&at_least={position}")
    assert status == 200, answer
    return answer["rows"]


def archived(chaoxun, position, word):
    """How many reports the archive finds; None while it does not stand at the position. That of an erasure counts when
    the archive's files are clean."""
    question = msgpack.packb({"at_least": position, "limit": 1, "side": True, "text": word})
    verb, answer = chaoxun.ask(chaoxun.socket("record", "archiver"), "reports", question)
    return answer["total"] if verb == "reports" else None


def erase(chaoxun):
    original = contact(chaoxun)
    receipts = chaoxun.submit([original, *(personal_report(number) for number in range(1, 60))])
    assert {receipt["status"] for receipt in receipts} == {"stored"}, receipts
    before = figures(chaoxun, receipts[-1]["position"])
    shown = sides(chaoxun)
    assert NAME in shown and PHONE in shown, "the side is not shown to who may see it"
    harness.until(lambda: archived(chaoxun, receipts[-1]["position"], NAME) == 59, 30, "the reports in the archive")
    erased = chaoxun.submit(harness.event("person.erased", "haining", {"person": PERSON, "ground": "request"}))[0]
    assert erased["status"] == "stored", erased
    harness.until(lambda: archived(chaoxun, erased["position"], NAME) == 0, 30, "the end of it in the archive")
    return original, before, erased["position"]


def main():
    stop = threading.Event()
    with harness.Instance() as chaoxun:
        positive_control(chaoxun.data)
        busy = threading.Thread(target=keep_reporting, args=(chaoxun, stop))
        busy.start()
        try:
            original, before, position = erase(chaoxun)
            found = files_with_personal_data(chaoxun.data)
            assert not found, found
        finally:
            stop.set()
            busy.join()
        shown = sides(chaoxun)
        assert NAME not in shown and PHONE not in shown and MAIL not in shown
        assert figures(chaoxun, position) == before, "the figures moved"
        again = chaoxun.submit(original)[0]
        assert again["status"] == "duplicate", again
        assert NAME not in sides(chaoxun), "a repeated message brought the person back"
        verified = chaoxun.command("verify", seconds=120)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        data = chaoxun.data
        chaoxun.stop()
        found = files_with_personal_data(data)
        assert not found, found
        chaoxun.start()
        assert NAME not in sides(chaoxun)
    print(f"{len(NEEDLES)} forms of name, number and address searched for; 1 passed, 0 failed")


if __name__ == "__main__":
    main()
