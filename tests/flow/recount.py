#!/usr/bin/python3
"""Counts everything again, straight from the journal's file, by code of its own: shares nothing with the aggregator.

    recount.py DATA [--by squad,programme,month] [--from D] [--to D] [--unit PATH] [--programme CODE]

prints the figures as JSON, rows as the aggregator answers them. As a module:

    import recount
    journal = recount.Journal(data)          # of a stopped intake, or settled (harness.py); checks the chain and ids
    journal.totals(by=("squad", "month"))    # rows
"""
import argparse
import collections
import datetime
import hashlib
import json
import pathlib
import sqlite3
import struct

import msgpack

PEOPLE = {None, "名", "人", "位", "人次"}
PROGRAMMES = ["clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"]
KINDS = {"exact": "exact", "at-least": "at_least", "below": "below", "about": "about"}
PERIODS = {"year": 4, "month": 7, "day": 10}
STATES = ["late", "accepted", "returned", "warned"]
LAST = 2**31 - 1  # the place of a unit that was given none


class Damaged(Exception):
    """The journal does not hold what it promises."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Sum:
    """A sum and how many numbers of each kind of approximation are in it."""

    def __init__(self):
        self.value = 0
        self.counts = dict.fromkeys(KINDS.values(), 0)

    def add(self, value, approx):
        self.value += value
        self.counts[KINDS[approx or "exact"]] += 1

    @property
    def numbers(self):
        return sum(self.counts.values())

    def mark(self):
        unsure = {kind for kind, count in self.counts.items() if count} - {"exact"}
        return {(): "", ("at_least",): "≥", ("below",): "近"}.get(tuple(unsure), "约")

    def row(self):
        return {"value": self.value, **self.counts, "mark": self.mark()}


class Row:
    def __init__(self):
        self.activities = set()
        self.reports = self.undated = self.demo = 0
        self.states = dict.fromkeys(STATES, 0)
        self.attendances = Sum()
        self.minutes = Sum()
        self.measures = collections.defaultdict(Sum)

    def add(self, activity, body, states):
        self.activities.add(activity)
        for state in states:
            self.states[state] += 1
        self.reports += 1
        self.undated += "date" not in body
        self.demo += body.get("demo", False)
        if "attendances" in body:
            unit = body.get("attendances_unit")
            people = self.attendances if unit in PEOPLE else self.measures["参与", unit]
            people.add(body["attendances"] * (1 if unit in PEOPLE else 1000), body.get("attendances_approx"))
        if "minutes" in body:
            self.minutes.add(body["minutes"], body.get("minutes_approx"))
        for measure in body.get("measures", []):
            self.measures[measure["name"], measure["unit"]].add(measure["quantity"], measure.get("approx"))

    def row(self):
        ranked = sorted(self.measures.items(), key=lambda item: (-item[1].numbers, item[0][0].encode(),
                                                                 item[0][1].encode()))
        return {"activities": len(self.activities), "reports": self.reports, "undated": self.undated,
                "demo": self.demo, **self.states, "attendances": self.attendances.row(), "minutes": self.minutes.row(),
                "measures": [{"name": name, "unit": unit, "sum": total.row()} for (name, unit), total in ranked]}


def stored(data):
    """(the journal's number, rows of its blocks) of <data>/intake/journal.db."""
    path = pathlib.Path(data) / "intake" / "journal.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
    try:
        (journal,) = connection.execute("SELECT value FROM meta WHERE name = 'journal'").fetchone()
        return journal, connection.execute("SELECT first, count, epoch, bytes, hash FROM head ORDER BY first").fetchall()
    finally:
        connection.close()


class Journal:
    """The events of a journal, checked, and what follows from them."""

    def __init__(self, data=None, blocks=None):
        """Of the file in the data folder, or of `blocks` as `stored` gives them."""
        self.events = []
        self.seqs = {}       # id to seq
        self.reports = {}    # id to (unit, body), of those that count
        self.units = {}      # path to the body of its last unit.set
        self.above = {}      # activity to the one that it became part of
        self.states = {}     # report to those of STATES that it is in
        self.today = None    # the last day that was opened
        self.due_days = {}   # unit to the setting report-due-days
        self.last_days = {}  # planned activity to its last day
        self._read(*(blocks or stored(data)))
        for event in self.events:
            self._apply(event)

    # ---- reading ----

    def _read(self, journal, rows):
        chain = sha256(b"chaoxun journal", struct.pack(">Q", journal % 2**64))
        epoch = 0
        for first, count, epoch, head, expected in rows:
            if first != len(self.events) + 1:
                raise Damaged(f"the block at {first} does not follow on {len(self.events)}")
            chain = sha256(chain, struct.pack(">QQI", epoch, first, count), head)
            if chain != expected:
                raise Damaged(f"the block at {first} does not fit its chain hash")
            self._unpack(first, count, head)
        self.position = f"{journal % 2**64:016x}.{epoch}.{len(self.events)}.{chain[:8].hex()}"

    def _unpack(self, first, count, head):
        unpacker = msgpack.Unpacker(strict_map_key=False)
        unpacker.feed(head)
        events = list(unpacker)
        if [event["seq"] for event in events] != list(range(first, first + count)):
            raise Damaged(f"the block at {first} holds other seqs than it says")
        for event in events:
            if event["id"] in self.seqs:
                raise Damaged(f"the id of {event['seq']} occurs twice, at first as {self.seqs[event['id']]}")
            self.seqs[event["id"]] = event["seq"]
        self.events += events

    # ---- what follows ----

    def _is_late(self, unit, body):
        dates = [body.get("date"), body.get("date_end"), *body.get("dates", [])]
        last = self.last_days.get(body.get("activity")) or max((date for date in dates if date), default=None)
        parts = unit.split("/")
        above = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
        days = next((self.due_days[path] for path in above if path in self.due_days), 3)
        day = datetime.date.fromisoformat
        return bool(self.today and last and day(self.today) > day(last) + datetime.timedelta(days))

    def _look_around(self, event, body):
        """What decides whether a report is late, and what the office said of it."""
        warned = {"warned"} if event.get("warnings") else set()
        if event["type"] == "clock.day":
            self.today = max(self.today or "", body["day"])
        elif event["type"] == "setting.set" and body["name"] == "report-due-days":
            self.due_days[event["unit"]] = int(body["value"])
        elif event["type"] == "activity.planned":
            self.last_days[event["id"]] = max(body.get("dates", []), default=None)
        elif event["type"] == "report.submitted":
            self.states[event["id"]] = ({"late"} if self._is_late(event["unit"], body) else set()) | warned
        elif event["type"] == "report.amended" and body["amends"] in self.states:
            self.states[body["amends"]] = self.states[body["amends"]] & {"late"} | warned
        elif event["type"] in ("report.accepted", "report.returned") and body["report"] in self.states:
            self.states[body["report"]] = self.states[body["report"]] & {"late", "warned"} | {event["type"][7:]}

    def _apply(self, event):
        body = event["body"]
        self._look_around(event, body)
        if event["type"] == "report.submitted":
            self.reports[event["id"]] = event["unit"], body
        elif event["type"] == "report.amended" and body["amends"] in self.reports:
            self.reports[body["amends"]] = event["unit"], body
        elif event["type"] == "report.withdrawn":
            self.reports.pop(body["report"], None)
        elif event["type"] == "activity.merged" and self.activity(body["from"]) != self.activity(body["into"]):
            self.above[self.activity(body["from"])] = self.activity(body["into"])
        elif event["type"] == "unit.set":
            self.units[event["unit"]] = body

    def activity(self, identity):
        while identity in self.above:
            identity = self.above[identity]
        return identity

    def squad(self, path, asked=None):
        """The nearest unit of kind squad, not above what is asked for; else the unit itself."""
        parts = path.split("/")
        for length in range(len(parts), 0, -1):
            above = "/".join(parts[:length])
            if self.units.get(above, {}).get("kind") == "squad":
                return above
            if above == asked:
                break
        return path

    # ---- figures ----

    def _selected(self, since, until, unit):
        for identity, (path, body) in self.reports.items():
            date = body.get("date")
            in_time = (since or "") <= date <= (until or "9") if date else not (since or until)
            if in_time and (unit is None or (path + "/").startswith(unit + "/")):
                yield identity, path, body

    def _keys(self, by, path, body, unit, programme):
        """The rows in which a report stands: (squad, programme, period) with None for what is not asked."""
        squad = self.squad(path, unit) if "squad" in by else None
        period = None
        for word, length in PERIODS.items():
            if word in by:
                period = body.get("date", "")[:length]
        known = [code for code in body["programmes"] if programme in (None, code)]
        if "programme" in by:
            return [(squad, code, period) for code in known]
        return [(squad, None, period)] if known else []

    def totals(self, by=(), since=None, until=None, unit=None, programme=None):
        """The rows of an answer, in its order. `since` and `until` are dates as text."""
        rows = collections.defaultdict(Row)
        for identity, path, body in self._selected(since, until, unit):
            activity = self.activity(body.get("activity", identity))
            for key in self._keys(by, path, body, unit, programme):
                rows[key].add(activity, body, self.states[identity])
        if not by:
            rows[None, None, None]  # pylint: disable=pointless-statement
        if set(by) == {"squad"}:
            for path, body in self.units.items():
                asked = unit is None or (path + "/").startswith(unit + "/")
                if body["kind"] == "squad" and not body.get("closed") and asked:
                    rows[path, None, None]  # pylint: disable=pointless-statement
        return [self._named(key, rows[key]) for key in sorted(rows, key=self._place)]

    def _place(self, key):
        squad, programme, period = key
        place = self.units.get(squad, {}).get("order", LAST) if squad else 0
        return (place, (squad or "").encode(), PROGRAMMES.index(programme) if programme else -1,
                period == "", period or "")

    def _named(self, key, row):
        squad, programme, period = key
        named = {}
        if squad is not None:
            named["unit"] = squad
            if squad in self.units:
                named["name"] = self.units[squad]["name"]
        if programme is not None:
            named["programme"] = programme
        if period is not None:
            named["period"] = period
        return named | row.row()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("--by", default="")
    parser.add_argument("--from", dest="since")
    parser.add_argument("--to", dest="until")
    parser.add_argument("--unit")
    parser.add_argument("--programme")
    options = parser.parse_args()
    journal = Journal(options.data)
    by = tuple(filter(None, options.by.split(",")))
    rows = journal.totals(by, options.since, options.until, options.unit, options.programme)
    print(json.dumps({"as_of": journal.position, "rows": rows}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
