#!/usr/bin/python3
"""Erasing volunteers while everything runs, one that came as an event and one of an imported roster: number, name, phone and platform number, reasons and objections are in no file
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
# Of a roster: enrolled by its first import, changed by the second, and gone from the squad by the third. 㐂 takes four bytes in GB18030.
LISTED = {"number": "R-48213706", "name": "陶㐂妹", "phone": "13676543210", "new_phone": "13676549876", "platform": "ZYH-330481-9002"}
HEADER = "编号,姓名,手机,中队,类别,平台编号,离开日期\n"
NEEDLES = {needle for word in (NAME, NUMBER, PHONE, PLATFORM, REASON, OBJECTION, ANSWER, *LISTED.values()) for needle in forms(word)}


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
        self.listed = self.import_rosters(plan)
        self.before = self.figures()
        shown = self.shown(self.he["id"])
        for word in (NAME, NUMBER, PHONE, REASON, OBJECTION, ANSWER):
            assert word in shown, (word, shown)
        shown = self.shown(self.listed)
        for word in (LISTED["name"], LISTED["number"], LISTED["new_phone"]):
            assert word in shown, (word, shown)

    def import_rosters(self, plan):
        """The id of the volunteer who came with a roster, with hours of his own."""
        row = "{number},{name},{phone},许村志愿中队,青年学生,{platform},\n".format(**LISTED)
        changed = row.replace(LISTED["phone"], LISTED["new_phone"])
        self.roster(row, "1 enrolled")
        ours = harness.until(self.find_listed, what="the row of the roster")["id"]
        self.store([harness.event("hours.credited", UNIT, {"activity": plan["id"], "date": DAY, "credits": [
            {"volunteer": uuid.UUID(ours).bytes, "minutes": 60, "grade": "entered"}]})])
        self.roster(changed, "1 updated")
        self.roster(changed.replace(",\n", ",2026-09-30\n"), "1 left")
        return uuid.UUID(ours).bytes

    def roster(self, row, told, status=0):
        """Imports a roster, whose file lies outside of the data directory."""
        path = self.chaoxun.folder / "roster.csv"
        path.write_bytes((HEADER + row).encode("gb18030"))
        done = self.chaoxun.command("volunteer", "import", path)
        path.unlink()
        assert done.returncode == status and told in done.stdout, (done.stdout, done.stderr)
        return done.stderr

    def find_listed(self):
        """The row of the record, or None."""
        status, answer = self.chaoxun.http("GET", f"/api/v1/volunteers?left=true&number={LISTED['number']}")
        assert status == 200, answer
        return answer["rows"][0] if answer["rows"] else None

    def store(self, events):
        for event in events:  # one by one: several blocks hold something of the person
            (receipt,) = self.chaoxun.submit([event])
            assert receipt["status"] == "stored", receipt
            self.position = receipt["position"]

    def figures(self):
        status, answer = self.chaoxun.http("GET", f"/api/v1/hours?by=squad,grade,kind&at_least={self.position}")
        assert status == 200, answer
        return answer["rows"], answer["whole"]

    def shown(self, who):
        """What the office's command tells of the person."""
        done = self.chaoxun.command("volunteer", "show", str(uuid.UUID(bytes=who)), "--at-least", self.position)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def erase(self, number):
        done = self.chaoxun.command("volunteer", "erase", number, "--ground", "request")
        assert done.returncode == 0 and done.stdout.startswith("stored"), (done.stdout, done.stderr)
        self.position = done.stdout.split("position=")[1].split()[0]
        # The archiver answers for the position when its files are clean.
        question = msgpack.packb({"at_least": self.position, "number": number, "left": True})
        made = self.chaoxun.socket("record", "archiver")
        verb, answer = harness.until(lambda: (lambda one: one[0] == "volunteers" and one)(self.chaoxun.ask(made, "volunteers", question)))
        assert answer["total"] == 0, (verb, answer)

    def check(self):
        found = files_with_personal_data(self.chaoxun.data)
        assert not found, found
        assert self.figures() == self.before, (self.figures(), self.before)
        for who, hours in ((self.he["id"], "1.5"), (self.listed, "1 ")):
            shown = self.shown(who)
            assert hours in shown and not any(word in shown for word in (NAME, NUMBER, PHONE, REASON, OBJECTION, ANSWER, *LISTED.values())), shown
        assert self.chaoxun.command("volunteer", "list", "--text", "王五", "--json").stdout.count("王五") == 1
        stream = self.chaoxun.command("tail", "--side", "--json", "--no-follow").stdout
        assert "王五" in stream and not any(word in stream for word in (NAME, NUMBER, LISTED["name"], LISTED["number"])), stream

    def check_old_roster(self):
        """The list from before the erasure brings nobody back, and leaves nothing behind."""
        row = "{number},{name},{phone},许村志愿中队,青年学生,{platform},\n".format(**LISTED)
        assert "were removed" in self.roster(row, "1 rejected", status=1)
        assert self.find_listed() is None
        self.check()

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
        erasure.erase(NUMBER)
        erasure.erase(LISTED["number"])
        erasure.check()
        erasure.check_old_roster()
        erasure.check_chain()
        erasure.check_rebuilt()
    print(f"{len(NEEDLES)} forms of number, name and texts searched for; 1 passed, 0 failed")


if __name__ == "__main__":
    main()
