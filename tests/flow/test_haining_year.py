#!/usr/bin/python3
"""A year of Haining through the real door: tables of the command, equal to those in haining_year/.

    test_haining_year.py            a tenth of a busy year, as committed
    test_haining_year.py --write    writes the tables anew, after the figures were meant to change
    test_haining_year.py --full     20,000 reports and 5,000 volunteers; prints the tables, compares nothing

Intake runs under a clock of its own (libfaketime), which goes through the year day by day: so reports come in time or late
as they would, and each day is opened by intake itself.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

import msgpack

import aggregator_process
import archiver_process
import day_clock
import haining_year
import harness
import intake_process

FOLDER = pathlib.Path(__file__).with_name("haining_year")
FRAME = 1000
# NAME.txt: the command that prints it.
TABLES = {
    "months": "totals --by month --from 2025-01-01 --to 2025-12-31",
    "squads-and-months": "totals --by squad,month --from 2025-01-01 --to 2025-12-31",
    "known-on-30-june": "totals --by squad --from 2025-01-01 --to 2025-12-31 --at 2025-06-30",
    "plan": "plan figures --by squad --from 2025-01-01 --to 2025-12-31",
    "plan-by-month": "plan figures --unit haining/haizhou --by squad,month --from 2025-01-01 --to 2025-12-31",
    "completeness": "completeness --from 2025-01 --to 2025-12",
    "missing": "missing --from 2025-12 --to 2025-12",
    "problems": "problem figures --by squad --from 2025-01-01 --to 2025-12-31",
    "problems-by-kind": "problem figures --by kind --from 2025-01-01 --to 2025-12-31",
    "stories": "story figures --by outlet --from 2025-01-01 --to 2025-12-31",
    "ranking": "totals --by squad --order minutes --from 2025-01-01 --to 2025-12-31",
    "drill": "totals --reports --unit haining/xucun --programme dog --from 2025-05-01 --to 2025-05-31",
}


def store(door, events):
    receipts = door.submit(events)
    refused = [(event, receipt) for event, receipt in zip(events, receipts) if receipt["status"] != "stored"]
    assert not refused, refused[:2]


def enter(intake, clock, year):
    """Hands in the year, day by day; gives (events, the position behind them). The first frame of a day has one event only:
    with its commit intake opens the day, so that what follows is judged by it."""
    door, count = intake.door("operator"), 0
    for day, events in year.days():
        clock.set(day)
        for at in range(0, len(events), FRAME):
            frame = events[at:at + FRAME]
            for part in ([frame[:1], frame[1:]] if at == 0 else [frame]):
                if part:
                    store(door, part)
        door.ask("head", harness.NIL)  # the day is opened before the clock goes on
        count += len(events)
    intake.settle()
    return count, door.ask("head", harness.NIL)[1]["position"]


def ask(intake, command):
    """What the command prints, without the position, which is another one each time."""
    done = subprocess.run([harness.COMMAND, *command.split(), "--lang", "zh", "--data", str(intake.folder)],
                          env=os.environ | {"LC_ALL": "C.UTF-8"}, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    lines = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith("截至 ")]
    return "\n".join([f"$ chaoxun {command}", *lines]) + "\n"


def hours(aggregator, position):
    """The squads by the hours that are kept of their volunteers, the most first; and every volunteer once."""
    query = {"by": ["squad"], "from": "2025-01-01", "to": "2025-12-31", "at_least": position}
    verb, answer = aggregator.door.ask("hours", msgpack.packb(query))
    assert verb == "hours", (verb, answer)
    rows = sorted(answer["rows"], key=lambda row: -row["minutes"]) + [answer["whole"] | {"name": "全大队"}]
    lines = ["question hours by squad, 2025: 中队 分钟 签到 代签 补录 人次 人数（去重）"]
    for row in rows:
        figures = (row[name] for name in ("minutes", "signed_in", "leader", "entered", "attendances", "people"))
        lines.append(" ".join([row["name"], *map(str, figures)]))
    return "\n".join(lines) + "\n"


def tables(intake, aggregator, position):
    found = {name: ask(intake, command) for name, command in TABLES.items()}
    return found | {"hours": hours(aggregator, position)}


def compare(found):
    kept = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt")}
    assert kept.keys() == found.keys(), kept.keys() ^ found.keys()
    for name, text in found.items():
        wrong = [pair for pair in zip(text.splitlines(), kept[name].splitlines()) if pair[0] != pair[1]]
        assert text == kept[name], f"{name}.txt: this run and the file differ, first in {wrong[:1]}"


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the tables anew")
    parser.add_argument("--full", action="store_true", help="20,000 reports and 5,000 volunteers; compare nothing")
    return parser.parse_args()


def main():
    chosen = options()
    size = {"reports": 20_000, "volunteers": 5_000} if chosen.full else {"reports": 2_000, "volunteers": 500}
    intake = intake_process.Intake()
    clock = day_clock.Clock(intake.folder / "clock")
    intake.environment |= clock.environment
    clock.set(haining_year.FIRST)
    with intake:
        started = time.monotonic()
        count, position = enter(intake, clock, haining_year.Year(**size))
        print(f"{count} events in {time.monotonic() - started:.1f} s", file=sys.stderr)
        with aggregator_process.Aggregator(intake) as aggregator, archiver_process.Archiver(intake) as archiver:
            aggregator.totals(at_least=position)
            archiver.reports(limit=1, at_least=position)
            found = tables(intake, aggregator, position)
            assert aggregator.verify()["ok"]
            assert (aggregator.stop(), archiver.stop()) == (0, 0)
        assert intake.stop() == 0
    if chosen.write:
        FOLDER.mkdir(exist_ok=True)
        for name, text in found.items():
            (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
    elif chosen.full:
        print(*found.values(), sep="\n")
    else:
        compare(found)


main()
