#!/usr/bin/python3
"""kill -9 of each of the five services in turn, under a running import and a running broadcast: nothing lost, nothing twice.

Every report is afterwards in the journal, the record and the totals once, by recounts that share no code with the services.
Every recipient is in the outbox once, got each message, and got it more than once only where the outbox counts a
possible repetition. Both oracles are shown faults that they must see: planted ones, and an aggregator that folds
amendments wrong.
"""
import collections
import contextlib
import csv
import io
import json
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

import msgpack

import broadcast
import ledger
from broadcast import harness
import recount

ROWS = 4000  # of the sheet that is imported while one service is killed
CONTACTS = 300
UNDER_WAY = 100  # messages of a channel that wait for their turn before a service is killed
LEAKS_OF_LIBZMQ = pathlib.Path(__file__).with_name("libzmq.supp")
SQUADS = ["直属志愿中队", "许村志愿中队", "硖石志愿中队", "海昌（开发区）志愿中队"]
PROGRAMMES = ["清洁家园，共创文明", "文明养犬", "垃圾分类", "文明停车", "新时代文明实践"]


def sheet(rows, people):
    """A CSV as a squad's office keeps it, in GB18030; `rows` are the numbers of its rows."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["编号", "中队", "活动名称", "项目", "活动日期", "参与人次", "活动时长", "成效", "负责人", "联系电话"])
    for row in rows:
        writer.writerow([f"K{row:05d}", SQUADS[row % len(SQUADS)], f"第{row}次河西社区清理", PROGRAMMES[row % 5],
                         f"2025-{row % 12 + 1:02d}-{row % 28 + 1:02d}", f"{people + row % 30}{'余' if row % 3 else ''}名",
                         "2小时", f"清理牛皮癣 {row % 50 + 1}处；清运垃圾 近{row % 9 + 1}.5吨", "沈𠮷", "13800000000"])
    return text.getvalue().encode("gb18030")


class Import:
    """A running import; used in a `with` statement, which waits for its end.

    It reads the stream up to the head and hangs up while more comes; of a message of which only some parts have come by
    then libzmq (4.3.4) forgets the memory, so what libzmq itself took is not looked for here.
    """

    def __init__(self, chaoxun, path, *options):
        of_libzmq = {"LSAN_OPTIONS": f"suppressions={LEAKS_OF_LIBZMQ}:print_suppressions=0"}
        self.process = subprocess.Popen([harness.COMMAND, "import", str(path), *options],
                                        env=chaoxun.environment | of_libzmq, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.output = []
        self.reader = threading.Thread(target=lambda: self.output.extend(self.process.stdout), daemon=True)

    def __enter__(self):
        self.reader.start()
        return self

    def __exit__(self, kind, *_):
        with contextlib.closing(self.process.stdout):
            if kind:
                self.process.kill()
            self.process.wait(120)
            self.reader.join(10)
        assert kind or self.process.returncode == 0, "".join(self.output[-20:])

    def runs(self):
        return self.process.poll() is None


# ---- what is done ----

def reports(chaoxun, door):
    """Reports that the totals hold now."""
    return chaoxun.ask(door, "totals", msgpack.packb({}))[1]["rows"][0]["reports"]


def ended(running):
    """Messages that their providers took, by channel."""
    return collections.Counter(dict(running.rows("SELECT channel, count(*) FROM outbox"
                                                 " WHERE state IN ('accepted', 'delivered') GROUP BY channel")))


def top_up(running):
    """Issues one more notice unless many messages of each way still wait for their turn."""
    waiting = dict(running.rows("SELECT channel, count(*) FROM outbox WHERE state = 'pending' GROUP BY channel"))
    taken = running.rows("SELECT count(*) FROM notices")[0][0]
    if taken == len(running.notices) and min(waiting.get("sms", 0), waiting.get("email", 0)) < UNDER_WAY:
        running.issue(f"高温提醒第{taken + 1}号", "今明两天高温，户外活动请改在早晚。")


def keep_sending(running):
    """Waits until messages of both ways go out, as also some time after a restart."""
    top_up(running)
    before = ended(running)
    harness.until(lambda: len(ended(running) - before) == 2, 30, "progress of the messages")


def being_sent(running):
    """Messages that are being sent, by channel, when there are some of both."""
    top_up(running)
    found = dict(running.rows("SELECT channel, count(*) FROM outbox WHERE state = 'sending' GROUP BY channel"))
    return found if len(found) == 2 else None


def kill_each(running, folder):
    """Kills each service once while a sheet is imported and messages go out."""
    chaoxun = running.chaoxun
    totals = chaoxun.socket("totals", "aggregator")
    for number, service in enumerate(harness.SERVICES):
        path = folder / f"{service}.csv"
        path.write_bytes(sheet(range(number * ROWS, (number + 1) * ROWS), 10))
        keep_sending(running)
        with Import(chaoxun, path) as importing:
            harness.until(lambda: reports(chaoxun, totals) > number * ROWS + 300, 60, "progress of the import")
            sent = harness.until(lambda: being_sent(running), 30, "messages under way")
            assert importing.runs(), f"the import was over before {service} was killed"
            old = chaoxun.kill(service)
            print(f"killed {service} while these were sent: {sent}; all: {running.states()}", flush=True)
            chaoxun.wait_restart(service, old)


def amend(chaoxun, folder):
    path = folder / "amended.csv"
    path.write_bytes(sheet(range(ROWS // 2), 40))
    with Import(chaoxun, path, "--amend") as importing:
        pass
    print("".join(importing.output[-2:]))


# ---- the figures ----

def compare(chaoxun):
    """The live totals beside the recount, by squad, programme and month; gives the pairs that differ."""
    head = chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]
    status, live = chaoxun.http("GET", f"/api/v1/totals?by=squad,programme,month&at_least={head}")
    assert status == 200, live
    chaoxun.settle()
    counted = recount.Journal(chaoxun.data).totals(by=("squad", "programme", "month"))
    assert len(live["rows"]) == len(counted), (len(live["rows"]), len(counted))
    return [(one, other) for one, other in zip(live["rows"], counted) if one != other]


# ---- the record ----

def pages(chaoxun, position):
    """Every row of every page of the record."""
    answer = {"cursor": None}
    rows = []
    while "cursor" in answer:
        cursor = f"&cursor={answer['cursor']}" if answer["cursor"] else f"&at_least={position}"
        status, answer = chaoxun.http("GET", f"/api/v1/reports?limit=500{cursor}")
        assert status == 200, answer
        rows += answer["rows"]
    assert len(rows) == answer["total"], (len(rows), answer["total"])
    return rows


def check_record(chaoxun, journal):
    events = journal.events
    submitted = sum(event["type"] == "report.submitted" for event in events)
    assert submitted == len(harness.SERVICES) * ROWS, submitted
    told = pages(chaoxun, journal.position)
    versions, heads = ledger.record(chaoxun.data)
    for faults in (ledger.record_faults(versions, heads, events), ledger.page_faults(told, events)):
        assert not faults, faults[:5]
    check_planted_record(versions, heads, told, events)


def check_planted_record(versions, heads, told, events):
    """The oracle of the record sees what is missing, what is there twice, and what is another's."""
    first, second = heads[:2]
    for planted in ((versions[1:], heads), ([*versions, versions[0]], heads), (versions, heads[1:]),
                    (versions, [*heads, first]), (versions, [(first[0], second[1]), *heads[1:]])):
        assert len(ledger.record_faults(*planted, events)) == 1
    for planted in (told[1:], [*told, told[0]], [told[1], told[0], *told[2:]]):
        assert len(ledger.page_faults(planted, events)) == 1


# ---- the outbox ----

def check_outbox(running, journal):
    rows, arrivals = ledger.rows(running.chaoxun.data), running.arrivals()
    for faults in (ledger.outbox_faults(rows, running.notices, running.contacts), ledger.arrival_faults(rows, arrivals),
                   ledger.told_faults(rows, journal.events)):
        assert not faults, faults[:5]
    check_planted_outbox(running, rows, arrivals, journal.events)
    tell_outbox(rows, arrivals, journal.events)


def tell_outbox(rows, arrivals, events):
    """The figures of the broadcast; that something was being sent when the notifier died, or nothing was shown."""
    unknown = sum(event["type"] == "delivery.updated" and event["body"]["state"] == "unknown" for event in events)
    arrived, repeats = collections.Counter(), collections.Counter()
    for (*_, channel), count in arrivals.items():
        arrived[channel] += count
    for row in rows:
        repeats[row.key[-1]] += row.repeats
    print(f"{len(rows)} messages, unknown for a while: {unknown}; arrived: {dict(arrived)}; "
          f"possible repetitions: {dict(repeats)}", flush=True)
    assert unknown, "no message was with its provider when the notifier was killed"


def check_planted_outbox(running, rows, arrivals, events):
    """The oracle of the outbox sees a row too many or too few, an arrival too many or too few, a telling that is missing."""
    last, once = rows[-1], next(row for row in rows if not row.repeats)
    for planted in ([*rows, last], rows[:-1], [*rows[:-1], last._replace(state="unknown")]):
        assert len(ledger.outbox_faults(planted, running.notices, running.contacts)) == 1
    arrived = once.key[0], *once.key[3:]
    for planted in (arrivals + collections.Counter([arrived]), arrivals - collections.Counter([arrived]),
                    arrivals + collections.Counter([("nobody's words", *arrived[1:])])):
        assert len(ledger.arrival_faults(rows, planted)) == 1
    assert ledger.arrival_faults(rows[:-1], arrivals)
    heard = [event for event in events if event["type"] == "delivery.updated"]
    for planted in (heard[1:], heard[:-1], [*heard, heard[-1]], [event for event in heard if event["body"]["person"] != last.key[3]]):
        assert ledger.told_faults(rows, planted)
    assert ledger.told_faults([*rows[:-1], last._replace(repeats=last.repeats + 1)], heard)


def check(running, folder):
    running.set_contacts(CONTACTS)
    started = time.monotonic()
    kill_each(running, folder)
    amend(running.chaoxun, folder)
    running.wait_end()
    print(f"at the end of it after {time.monotonic() - started:.1f} s", flush=True)
    running.chaoxun.settle()
    journal = recount.Journal(running.chaoxun.data)  # refuses a broken chain and an id that occurs twice
    check_outbox(running, journal)
    check_record(running.chaoxun, journal)
    different = compare(running.chaoxun)
    assert not different, different[:5]
    verified = running.chaoxun.command("verify", seconds=120)
    print(verified.stdout)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.count(" fits ") == len(harness.SERVICES)


# ---- a wrong fold ----

def check_planted_fold(chaoxun, folder):
    """The oracle of the figures on a wrong fold: it must see it."""
    rows = folder / "small.csv"
    rows.write_bytes(sheet(range(60), 10))
    assert chaoxun.command("import", rows).returncode == 0
    rows.write_bytes(sheet(range(60), 40))
    assert chaoxun.command("import", rows, "--amend").returncode == 0
    different = compare(chaoxun)
    assert different, "the recount did not see the planted wrong fold"
    print("the planted wrong fold was seen:", json.dumps(different[0], ensure_ascii=False, default=str)[:300])


def planted_binaries(folder):
    """A folder of binaries in which the aggregator is the wrong one."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for program in ("chaoxun", "chaoxun-intake", "chaoxun-archiver", "chaoxun-notifier", "chaoxun-portal"):
        shutil.copy(harness.BIN / program, bin_folder)
    shutil.copy(harness.BIN / "chaoxun-aggregator-wrong", bin_folder / "chaoxun-aggregator")
    return bin_folder


def main():
    with tempfile.TemporaryDirectory(prefix="cx-kill-") as name:
        folder = pathlib.Path(name)
        with broadcast.Broadcast(unknown_ms=3000, retry_ms=200) as running:
            check(running, folder)
        harness.COMMAND = planted_binaries(folder) / "chaoxun"
        with harness.Instance() as chaoxun:
            check_planted_fold(chaoxun, folder)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
