"""What must agree when every message is at its end, read from the files by code that shares nothing with the services.

    rows = ledger.rows(data)
    assert not ledger.outbox_faults(rows, wanted)

Each check gives what does not fit as lines, an empty list where everything does.
"""
import collections
import pathlib
import sqlite3

import msgpack

TOLD = "service:notifier"  # the source of the notifier's own events

# A message of the outbox; `key` is (notice, revision, step, person, channel).
Row = collections.namedtuple("Row", "key state attempts repeats since")


def query(path, sql, *values):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def differences(found, wanted, what):
    """Where one Counter is not the other."""
    return [f"{what} {key}: {found[key]} times, {wanted[key]} wanted"
            for key in found.keys() | wanted.keys() if found[key] != wanted[key]]


# ---- the outbox ----

def rows(data):
    found = query(pathlib.Path(data) / "notifier/notifier.db",
                  "SELECT notice, revision, step, person, channel, state, attempts, repeats, since FROM outbox")
    return [Row(tuple(row[:5]), *row[5:]) for row in found]


def outbox_faults(found, notices, contacts):
    """Every recipient of every notice once, by SMS and by e-mail, and delivered: both providers take everything."""
    wanted = collections.Counter((notice, 0, 0, person, channel)
                                 for notice in notices for person in contacts for channel in ("sms", "email"))
    faults = differences(collections.Counter(row.key for row in found), wanted, "row")
    return faults + [f"{row} did not end as delivered" for row in found if row.state != "delivered"]


def arrival_faults(found, arrivals):
    """Each message arrived, and more than once only where the outbox counts a possible repetition."""
    allowed = {(row.key[0], *row.key[3:]): 1 + row.repeats for row in found}
    strangers = [f"{key} arrived, and nobody sent it" for key in arrivals.keys() - allowed.keys()]
    return strangers + [f"{key} arrived {arrivals[key]} times, at least 1 and at most {most} allowed"
                        for key, most in allowed.items() if not 1 <= arrivals[key] <= most]


# ---- the journal's account of the outbox ----

def told(events):
    """The delivery.updated events by the key of their message, in order."""
    found = collections.defaultdict(list)
    for event in events:
        if event["type"] == "delivery.updated":
            body = event["body"]
            key = body["notice"], body.get("revision", 0), body.get("step", 0), body["person"], body["channel"]
            found[key].append(event)
    return found


def course_faults(row, events):
    """What the journal heard of one message beside its row."""
    if not events:
        return [f"{row}: the journal never heard of it"]
    states = [event["body"]["state"] for event in events]
    last = events[-1]["body"]
    attempts = [event["body"].get("attempt", 0) for event in events if event["body"]["state"] == "sending"]
    repeated = sum(pair == ("unknown", "sending") for pair in zip(states, states[1:]))
    checks = {
        "its last state": (last["state"], last.get("attempt", 0), last.get("repeats", 0), events[-1]["at"]) == row[1:],
        "its attempts": attempts == list(range(1, row.attempts + 1)),
        "its repetitions": repeated == row.repeats,
        "their cause": {event["cause"] for event in events} == {row.key[0]},
        "their source": {event["source"] for event in events} == {TOLD},
        "their time": [event["at"] for event in events] == sorted({event["at"] for event in events}),
    }
    return [f"{row}: {what} differs: {states} {attempts}" for what, fits in checks.items() if not fits]


def told_faults(found, events):
    by_key = told(events)
    strangers = [f"{key} is told of, and has no row" for key in by_key.keys() - {row.key for row in found}]
    return strangers + [fault for row in found for fault in course_faults(row, by_key[row.key])]


# ---- the record ----

def versions(events):
    """(id, seq) of every version of a report."""
    kinds = "report.submitted", "report.amended", "report.withdrawn"
    return [(event["id"], event["seq"]) for event in events if event["type"] in kinds]


def record(data):
    """archiver.db: (id, seq) of each version, and (seq, head) of each event."""
    path = pathlib.Path(data) / "archiver/archiver.db"
    heads = query(path, "SELECT seq, head FROM events ORDER BY seq")
    return query(path, "SELECT id, seq FROM versions"), [(seq, msgpack.unpackb(head)) for seq, head in heads]


def record_faults(found, heads, events):
    """Every version of every report once in the record, with the head that the journal has."""
    by_seq = {event["seq"]: event for event in events}
    wanted = versions(events)
    return [*differences(collections.Counter(found), collections.Counter(wanted), "version"),
            *differences(collections.Counter(seq for seq, _ in heads), collections.Counter(seq for _, seq in wanted), "event"),
            *(f"event {seq} of the record is not the journal's" for seq, head in heads if head != by_seq.get(seq))]


def page_faults(pages, events):
    """Every report that stands once in the answers of the HTTP door, the newest first, as it was last amended."""
    standing = {}
    for event in events:
        if event["type"] == "report.submitted":
            standing[event["id"]] = event["body"]
        elif event["type"] == "report.amended":
            standing[event["body"]["amends"]] = event["body"]
    wanted = [(identity.hex(), body["number"], body["attendances"]) for identity, body in reversed(standing.items())]
    found = [(row["id"].replace("-", ""), row["report"]["number"], row["report"]["attendances"]) for row in pages]
    faults = differences(collections.Counter(found), collections.Counter(wanted), "report")
    return faults or ([] if found == wanted else ["the pages are not in order"])
