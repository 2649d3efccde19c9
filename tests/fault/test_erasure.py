#!/usr/bin/python3
"""Erasing a person while everything runs: no state file, log or WAL holds the name, the numbers or what providers said of
the person; chain and figures stay; what is folded anew brings nobody back and sends nothing again.

The person is in reports, is a contact, and got a notice by SMS and e-mail. Searched in every file of the data directory as
bytes: UTF-8, GB18030 and base64 at each of its three alignments; in the archiver's also what its index makes of the name.
"""
import base64
import contextlib
import pathlib
import shutil
import sqlite3
import sys
import threading

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import notice_scene
import recount
from notice_scene import delivery

NAME, PHONE, MAIL, ACCOUNT = "沈𠮷安", "13957312345", "shen.jian@haining.test", "GE-7319465028"
PERSON, UNIT = "P-0007", "haining/xucun"
COLLEAGUE_PHONE, COLLEAGUE_MAIL = "13800138002", "wang@haining.test"
PROVIDER_WORDS = "id:7319 stat:DELIVRD-at-sea"
REPORTS = 59
CODE_POINTS = {ord(character) for character in NAME}
SEGMENT_DOCUMENTS = 4096  # of the archiver's index (search.h)


# ---- what is searched for ----

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


NEEDLES = {needle for word in (NAME, PHONE, MAIL, ACCOUNT, PROVIDER_WORDS) for needle in forms(word)}
# In the index a character is the end of a row's number: three groups of seven bits behind the segment's.
INDEX_NEEDLES = {bytes([0x80 | segment, 0x80 | point >> 14, 0x80 | point >> 7 & 0x7F, point & 0x7F])
                 for segment in (1, 2) for point in CODE_POINTS if point > 0xFFFF}


def files_with_personal_data(folder):
    found = []
    for path in sorted(folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # a copy that the archiver has just put in place
            content = path.read_bytes() if path.is_file() else b""
            needles = NEEDLES | INDEX_NEEDLES if path.parent.name == "archiver" else NEEDLES
            found += [f"{path.relative_to(folder)}: {needle!r}" for needle in needles if needle in content]
    return found


def terms(data):
    """The characters of the name that the search index knows."""
    with contextlib.closing(sqlite3.connect(f"file:{data}/archiver/archiver.db?mode=ro", uri=True, timeout=20)) as connection:
        return {character for (character,) in connection.execute("SELECT id & 0x1FFFFF FROM postings")} & CODE_POINTS


def assert_clean(data):
    found = files_with_personal_data(data)
    assert not found, found
    assert not terms(data), terms(data)


def positive_control(data):
    """The search sees what is planted in a file."""
    planted = data / "planted"
    for needle in (NAME.encode("gb18030"), base64.b64encode(("负责人" + NAME).encode()), PHONE.encode()):
        planted.write_bytes(b"x" * 5000 + needle + b"y")
        assert files_with_personal_data(data), needle
    planted.unlink()


def holders(data):
    """It sees what is really there: the folders of those that hold something of the person before the erasure."""
    found = files_with_personal_data(data)
    assert any(repr(needle) in one for one in found for needle in INDEX_NEEDLES), "the search does not see the index"
    assert terms(data) == CODE_POINTS, terms(data)
    return {one.split("/")[0] for one in found}


# ---- what is there ----

def personal_report(number):
    side = {"title": "河西社区清理", "contact_name": NAME, "contact_phone": PHONE}
    return harness.report(UNIT, side, contact=PERSON, attendances=number, number=f"E{number}")


def fill_segment(chaoxun):
    """So many reports of others that what there was before is in the archiver's index."""
    for _ in range(SEGMENT_DOCUMENTS // 256):
        receipts = chaoxun.submit([harness.report("haining/dingqiao") for _ in range(256)])
        assert all(receipt["status"] == "stored" for receipt in receipts), receipts[0]
    return receipts[-1]["position"]


def keep_reporting(chaoxun, stop):
    made = chaoxun.socket("submit")
    while not stop.is_set():
        receipts = chaoxun.submit([harness.report("haining/dingqiao") for _ in range(20)], made)
        assert all(receipt["status"] == "stored" for receipt in receipts), receipts[0]


@contextlib.contextmanager
def reporting(chaoxun):
    stop = threading.Event()
    busy = threading.Thread(target=keep_reporting, args=(chaoxun, stop))
    busy.start()
    try:
        yield
    finally:
        stop.set()
        busy.join()


def sides(chaoxun):
    """Everything that a reader with the right to side sees, as text."""
    return chaoxun.command("tail", "--side", "--json", "--no-follow").stdout


def figures(chaoxun, position):
    status, answer = chaoxun.http("GET", f"/api/v1/totals?by=squad,programme&unit={UNIT}&at_least={position}")
    assert status == 200, answer
    return answer["rows"]


def archived(chaoxun, position, word):
    """How many reports the archive finds; None while it does not stand at the position. That of an erasure counts when
    the archive's files are clean."""
    question = msgpack.packb({"at_least": position, "limit": 1, "side": True, "text": word})
    verb, answer = chaoxun.ask(chaoxun.socket("record", "archiver"), "reports", question)
    return answer["total"] if verb == "reports" else None


# ---- notices ----

def issue(chaoxun, title):
    """A notice to the squad; its receipt."""
    receipt = chaoxun.submit(harness.event("notice.issued", UNIT, {"units": [UNIT]}, {"title": title, "text": "今明两天高温"}))[0]
    assert receipt["status"] == "stored", receipt
    return receipt


def messages(chaoxun, notice, position=None):
    """What became of a notice, by person and channel."""
    at_least = f"?at_least={position}" if position else ""
    identity = notice["id"].hex()
    status, answer = chaoxun.http("GET", f"/api/v1/notices/{identity}{at_least}")
    return {(row["person"], row["channel"]): row for row in answer["rows"]} if status == 200 else {}


def wait_states(chaoxun, notice, wanted):
    harness.until(lambda: {key: row["state"] for key, row in messages(chaoxun, notice).items()} == wanted, 30,
                  f"{wanted} of {messages(chaoxun, notice)}")


def told(scene):
    """A notice that reached the person by SMS and e-mail, with the words of both providers."""
    notice = issue(scene.chaoxun, "高温提醒")
    wait_states(scene.chaoxun, notice, {(PERSON, "sms"): "accepted", (PERSON, "email"): "delivered",
                                        ("P-0008", "sms"): "accepted", ("P-0008", "email"): "delivered",
                                        (PERSON, "govding"): "held"})
    scene.reports(PHONE).send(delivery.SMSC_ACCEPTED, A=f"ACK for {PHONE}")
    scene.reports(PHONE).send(delivery.DELIVERED, A=PROVIDER_WORDS)
    row = messages(scene.chaoxun, notice)[PERSON, "sms"]
    assert (row["state"], row["name"], row["words"]) == ("delivered", NAME, PROVIDER_WORDS), row
    return notice


def sent(scene):
    """How many messages went out: SMS to the person, to others, e-mails."""
    to_person = sum(one["to"] == PHONE for one in scene.gateway.asked)
    return to_person, len(scene.gateway.asked) - to_person, len(scene.smtp.transactions)


# ---- the erasure ----

class Erasure:
    """A person who was there and is erased; what must hold from then on."""

    def __init__(self, scene):
        self.scene, self.chaoxun = scene, scene.chaoxun
        self.contact = harness.event("contact.set", UNIT, {"person": PERSON, "post": "leader"},
                                     {"name": NAME, "phone": PHONE, "email": MAIL, "govding": ACCOUNT})
        scene.set_contact("P-0008", UNIT, name="王芳", phone=COLLEAGUE_PHONE, email=COLLEAGUE_MAIL)
        receipts = self.chaoxun.submit([self.contact, *(personal_report(number) for number in range(1, REPORTS + 1))])
        assert {receipt["status"] for receipt in receipts} == {"stored"}, receipts
        self.report, self.position = receipts[-1]["id"].hex(), receipts[-1]["position"]
        self.before = figures(self.chaoxun, self.position)
        self.notice = told(scene)

    def erase(self):
        shown = sides(self.chaoxun)
        assert NAME in shown and PHONE in shown and PROVIDER_WORDS in shown, "the side is not shown to who may see it"
        harness.until(lambda: archived(self.chaoxun, self.position, NAME) == REPORTS, 30, "the reports in the archive")
        filled = fill_segment(self.chaoxun)
        harness.until(lambda: archived(self.chaoxun, filled, NAME) == REPORTS, 30, "the reports in the archive's index")
        found = holders(self.chaoxun.data)
        assert {"archiver", "notifier"} <= found, found
        erased = self.chaoxun.submit(harness.event("person.erased", "haining", {"person": PERSON, "ground": "request"}))[0]
        assert erased["status"] == "stored", erased
        self.position = erased["position"]
        harness.until(lambda: archived(self.chaoxun, self.position, NAME) == 0, 30, "the end of it in the archive")
        harness.until(lambda: messages(self.chaoxun, self.notice, self.position), 30, "the end of it in the outbox")

    def check_removed(self):
        """Every door says that something was removed, and what; nobody is named."""
        status, answer = self.chaoxun.http("GET", f"/api/v1/reports/{self.report}?at_least={self.position}")
        version = answer["versions"][0]
        assert status == 200 and version["removed"] and version["report"]["attendances"] == REPORTS, answer
        assert not {"contact_name", "contact_phone", "title"} & version["report"].keys(), version
        rows = messages(self.chaoxun, self.notice, self.position)
        assert not {"name", "address", "words"} & rows[PERSON, "sms"].keys(), rows
        assert rows[PERSON, "sms"]["state"] == rows[PERSON, "email"]["state"] == "delivered", rows
        assert rows["P-0008", "sms"]["name"] == "王芳", rows
        shown = sides(self.chaoxun)
        assert not [word for word in (NAME, PHONE, MAIL, ACCOUNT, PROVIDER_WORDS) if word in shown]

    def check_figures(self):
        assert figures(self.chaoxun, self.position) == self.before, "the figures moved"
        self.chaoxun.settle()
        journal = recount.Journal(self.chaoxun.data)  # refuses a broken chain
        assert journal.totals(by=("squad", "programme"), unit=UNIT) == self.before
        verified = self.chaoxun.command("verify", seconds=120)
        assert verified.returncode == 0, verified.stdout + verified.stderr

    def check_repeated(self):
        """A message that is sent again brings nobody back."""
        again = self.chaoxun.submit(self.contact)[0]
        assert again["status"] == "duplicate", again

    def check_rebuilt(self):
        """The record and the outbox, lost and folded anew: nobody comes back, nothing is sent again."""
        before = sent(self.scene)
        self.chaoxun.stop()
        assert_clean(self.chaoxun.data)
        for service in ("archiver", "notifier"):
            shutil.rmtree(self.chaoxun.data / service)
        self.chaoxun.start()
        assert archived(self.chaoxun, self.position, NAME) == 0
        assert archived(self.chaoxun, self.position, "E59") == 1
        self.check_removed()
        notice = issue(self.chaoxun, "雷雨提醒")
        wait_states(self.chaoxun, notice, {("P-0008", "sms"): "accepted", ("P-0008", "email"): "delivered"})
        assert sent(self.scene) == (before[0], before[1] + 1, before[2] + 1), (before, sent(self.scene))
        assert_clean(self.chaoxun.data)
        self.check_figures()


def main():
    with notice_scene.Scene() as scene:
        positive_control(scene.chaoxun.data)
        with reporting(scene.chaoxun):
            erasure = Erasure(scene)
            erasure.erase()
            assert_clean(scene.chaoxun.data)
            erasure.check_removed()
        erasure.check_repeated()
        erasure.check_removed()
        erasure.check_figures()
        erasure.check_rebuilt()
    print(f"{len(NEEDLES | INDEX_NEEDLES)} forms of name, addresses and words searched for; 1 passed, 0 failed")


if __name__ == "__main__":
    main()
