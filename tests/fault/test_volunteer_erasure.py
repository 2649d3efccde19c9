#!/usr/bin/python3
"""Erasing a volunteer while everything runs: number, name, phone and platform number, reasons and objections are in no file
of any service afterwards, also after a rebuild; hours, figures and the chain stay whole.

Searched in every file of the data directory as bytes: UTF-8, GB18030 and base64 at each of its three alignments.
"""
import contextlib
import pathlib
import shutil
import sys
import uuid

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
from test_erasure import base64_cores, forms

UNIT = "haining/xucun"
NAME, NUMBER, PHONE, PLATFORM = "沈𠮷安", "V-73190042", "13957312345", "ZYH-330481-5567"
REASON, OBJECTION, ANSWER = "沈师傅提前离开会场", "我那天一直服务到十二点", "已向沈师傅本人核实"
DAY = "2026-05-06"
NEEDLES = {needle for word in (NAME, NUMBER, PHONE, PLATFORM, REASON, OBJECTION, ANSWER) for needle in forms(word)}


def files_with_personal_data(folder):
    found = []
    for path in sorted(folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # a copy that the archiver has just put in place
            content = path.read_bytes() if path.is_file() else b""
            found += [f"{path.relative_to(folder)}: {needle!r}" for needle in NEEDLES if needle in content]
    return found


def positive_control(folder):
    """The search sees what is planted in a file, in each of its forms."""
    planted = folder / "planted"
    for needle in (NAME.encode("gb18030"), PHONE.encode(), next(base64_cores(NUMBER.encode()))):
        planted.write_bytes(b"x" * 5000 + needle + b"y")
        assert files_with_personal_data(folder), needle
    planted.unlink()


class Erasure:
    def __init__(self, chaoxun):
        self.chaoxun = chaoxun
        self.he = harness.event("volunteer.enrolled", UNIT, {"kind": "机关"}, {"number": NUMBER, "name": NAME})
        self.other = harness.event("volunteer.enrolled", UNIT, {"kind": "机关"}, {"number": "V-2", "name": "王五"})
        plan = harness.event("activity.planned", UNIT, {"programmes": ["dog"], "dates": [DAY]}, {"title": "文明养犬"})
        credits = [{"volunteer": one["id"], "minutes": 120, "grade": "entered"} for one in (self.he, self.other)]
        hours = harness.event("hours.credited", UNIT, {"activity": plan["id"], "date": DAY, "credits": credits})
        mine = {"volunteer": self.he["id"]}
        objected = harness.event("hours.objected", UNIT, mine | {"hours": hours["id"]}, {"text": OBJECTION})
        self.store([self.he, self.other, plan, hours,
                    harness.event("volunteer.updated", UNIT, mine, {"phone": PHONE, "platform": PLATFORM}),
                    harness.event("hours.corrected", UNIT, mine | {"hours": hours["id"], "minutes": 90}, {"reason": REASON}),
                    objected,
                    harness.event("hours.answered", UNIT, mine | {"objection": objected["id"], "upheld": False}, {"text": ANSWER})])
        self.before = self.figures()
        shown = self.shown()
        for word in (NAME, NUMBER, PHONE, REASON, OBJECTION, ANSWER):
            assert word in shown, (word, shown)

    def store(self, events):
        for event in events:  # one by one: several blocks hold something of the person
            (receipt,) = self.chaoxun.submit([event])
            assert receipt["status"] == "stored", receipt
            self.position = receipt["position"]

    def figures(self):
        status, answer = self.chaoxun.http("GET", f"/api/v1/hours?by=squad,grade,kind&at_least={self.position}")
        assert status == 200, answer
        return answer["rows"], answer["whole"]

    def shown(self):
        """What the office's command tells of the person."""
        done = self.chaoxun.command("volunteer", "show", str(uuid.UUID(bytes=self.he["id"])), "--at-least", self.position)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def erase(self):
        done = self.chaoxun.command("volunteer", "erase", NUMBER, "--ground", "request")
        assert done.returncode == 0 and done.stdout.startswith("stored"), (done.stdout, done.stderr)
        self.position = done.stdout.split("position=")[1].split()[0]
        # The archiver answers for the position when its files are clean.
        question = msgpack.packb({"at_least": self.position, "number": NUMBER})
        made = self.chaoxun.socket("record", "archiver")
        verb, answer = harness.until(lambda: (lambda one: one[0] == "volunteers" and one)(self.chaoxun.ask(made, "volunteers", question)))
        assert answer["total"] == 0, (verb, answer)

    def check(self):
        found = files_with_personal_data(self.chaoxun.data)
        assert not found, found
        assert self.figures() == self.before, (self.figures(), self.before)
        shown = self.shown()
        assert "1.5" in shown and not any(word in shown for word in (NAME, NUMBER, PHONE, REASON, OBJECTION, ANSWER)), shown
        assert self.chaoxun.command("volunteer", "list", "--text", "王五", "--json").stdout.count("王五") == 1
        stream = self.chaoxun.command("tail", "--side", "--json", "--no-follow").stdout
        assert "王五" in stream and NAME not in stream and NUMBER not in stream, stream

    def check_chain(self):
        done = self.chaoxun.command("verify", seconds=120)
        assert done.returncode == 0, (done.stdout, done.stderr)

    def check_rebuilt(self):
        """What is folded anew brings nobody back."""
        self.chaoxun.stop()
        for service in ("archiver", "aggregator"):
            shutil.rmtree(self.chaoxun.data / service)
        self.chaoxun.start()
        self.check()


def main():
    with harness.Instance() as chaoxun:
        positive_control(chaoxun.data)
        erasure = Erasure(chaoxun)
        chaoxun.settle()
        assert {one.split("/")[0] for one in files_with_personal_data(chaoxun.data)} >= {"archiver"}
        erasure.erase()
        erasure.check()
        erasure.check_chain()
        erasure.check_rebuilt()
    print(f"{len(NEEDLES)} forms of number, name and texts searched for; 1 passed, 0 failed")


if __name__ == "__main__":
    main()
