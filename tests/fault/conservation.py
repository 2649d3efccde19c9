"""The oracle: what was acknowledged is everywhere once, as it was sent, and everything that follows from it agrees.

    evidence = conservation.gather(chaoxun)           # when everything has been folded
    assert not conservation.faults(evidence, memory)
    conservation.check_oracle(evidence, memory)       # planted faults: each must be seen
    conservation.check_flow(chaoxun)

Each check gives what does not fit as lines. The chain and the sides are checked as they are read (journal_stream).
"""
import collections
import copy
import dataclasses

import msgpack

import archive_sql
import harness
import journal_stream
import ledger
import memory as told
import recount

CLIENTS_TYPES = ("report.", "activity.", "notice.", "contact.", "person.", "text.")  # what only clients send
GROUPINGS = (("squad", "programme", "month"), ("squad", "month"), ())
OPEN = {"pending", "sending", "retry", "unknown"}


@dataclasses.dataclass
class Evidence:
    journal: recount.Journal
    blocks: tuple       # (number, blocks) of the stream
    archived: list      # events of the archive
    versions: list      # (id, seq) of each version in the archive
    recounted: dict     # totals in SQL over the archive, by grouping
    live: dict          # the aggregator's, by grouping
    outbox: list        # ledger.Row
    arrivals: collections.Counter


# ---- gathering ----

def live_totals(chaoxun, by, head):
    by = f"by={','.join(by)}&" if by else ""
    status, answer = chaoxun.http("GET", f"/api/v1/totals?{by}at_least={head}")
    assert status == 200, answer
    return archive_sql.figures(answer["rows"])


def gather(chaoxun, gateway):
    """Everything of a running instance whose clients have stopped."""
    blocks = journal_stream.blocks(chaoxun)
    journal = journal_stream.checked(*blocks)
    head = journal.position
    assert chaoxun.http("GET", f"/api/v1/reports?limit=1&at_least={head}")[0] == 200
    assert chaoxun.http("GET", f"/api/v1/notices?at_least={head}")[0] == 200
    live = {by: live_totals(chaoxun, by, head) for by in GROUPINGS}
    archive = archive_sql.Archive(chaoxun.data)
    recounted = {by: archive.totals(*by) for by in GROUPINGS}
    archived = archive.events()
    archive.close()
    versions, _ = ledger.record(chaoxun.data)
    return Evidence(journal, blocks, archived, versions, recounted, live, ledger.rows(chaoxun.data), gateway.arrivals)


# ---- what must be kept ----

def people(event):
    return {event["body"][name] for name in ("contact", "person") if name in event["body"]}


def forgotten(events):
    """Ids of the events whose side an erasure or a redaction that came later took away."""
    gone, erased, redacted = set(), set(), set()
    for event in reversed(events):
        if event["type"] == "person.erased":
            erased.add(event["body"]["person"])
        elif event["type"] == "text.redacted":
            redacted.add(event["body"]["event"])
        elif event["id"] in redacted or people(event) & erased:
            gone.add(event["id"])
    return gone


def without_side(event):
    return {name: value for name, value in event.items() if name != "side"}


def kept_faults(found, memory, gone, where, beginning=""):
    """Every acknowledged event once among `found`, at its place, as it was sent; all else that was sent whole or not.

    `beginning`: of the types that are kept there."""
    counts = collections.Counter(event["id"] for event in found)
    wanted = {identity for identity in memory.stored if memory.sent[identity][0]["type"].startswith(beginning)}
    lines = [f"{where}: {identity.hex()}, acknowledged at {memory.stored[identity]}, is not there" for identity in wanted - counts.keys()]
    lines += [f"{where}: {identity.hex()} is there {count} times" for identity, count in counts.items() if count > 1]
    lines += [f"{where}: {identity.hex()} is there, and was refused for {memory.refused[identity]}"
              for identity in counts.keys() & memory.refused.keys()]
    for event in found:
        if event["id"] in memory.sent:
            lines += event_faults(event, memory, gone, where)
        elif event["type"].startswith(CLIENTS_TYPES):
            lines.append(f"{where}: nobody sent {event}")
    return lines


def event_faults(event, memory, gone, where):
    sent, source = memory.sent[event["id"]]
    if event["id"] in gone:
        sent = without_side(sent)
    if memory.stored.get(event["id"], event["seq"]) != event["seq"]:
        return [f"{where}: {event['id'].hex()} is at {event['seq']}, acknowledged at {memory.stored[event['id']]}"]
    if (told.content(event), event["source"]) != (sent, source):
        return [f"{where}: sent was {sent} by {source}, there is {event}"]
    return []


def archive_faults(evidence):
    """The archive holds the reports that the journal holds, with the same heads and sides, and a version of each."""
    reports = [event for event in evidence.journal.events if event["type"].startswith("report.")]
    found = ledger.differences(collections.Counter(evidence.versions), collections.Counter(ledger.versions(reports)), "version")
    if evidence.archived != reports:
        there, wanted = ({event["seq"]: event for event in events} for events in (evidence.archived, reports))
        found += [f"archive: {seq} is {there.get(seq)}, in the journal {wanted.get(seq)}"
                  for seq in there.keys() | wanted.keys() if there.get(seq) != wanted.get(seq)]
        found = found or ["archive: its events are not in order, or twice"]
    return found


def totals_faults(evidence, _memory=None):
    return [f"totals by {by}: {line}" for by in GROUPINGS
            for line in archive_sql.differences(evidence.live[by], evidence.recounted[by])]


# ---- the outbox ----

def recipients(events):
    """The rows that the notices of the journal ask for, with what arrives there: key to (title, telephone)."""
    contacts, wanted = {}, {}
    for event in events:
        body, side = event["body"], event.get("side", {})
        if event["type"] == "contact.set":
            contacts[event["unit"], body["person"]] = {} if body.get("off") else side
        elif event["type"] == "notice.issued":
            for (unit, person), one in contacts.items():
                if any((unit + "/").startswith(path + "/") for path in body["units"]):
                    for channel, field in (("sms", "phone"), ("email", "email")):
                        if field in one:
                            wanted[event["id"], 0, 0, person, channel] = side["title"], one[field]
    return wanted


def outbox_faults(evidence, _memory=None):
    wanted = recipients(evidence.journal.events)
    found = ledger.differences(collections.Counter(row.key for row in evidence.outbox), collections.Counter(wanted.keys()), "outbox row")
    found += [f"outbox: {row} is not at its end" for row in evidence.outbox if row.state in OPEN]
    sent = [row._replace(key=(wanted[row.key][0], 0, 0, wanted[row.key][1], "sms"))
            for row in evidence.outbox if row.key[-1] == "sms" and row.key in wanted]
    return found + ledger.arrival_faults(sent, evidence.arrivals) + ledger.told_faults(
        [row for row in evidence.outbox if row.attempts], [event for event in evidence.journal.events if attempted(event)])


def attempted(event):
    """Of a message that was put by without an attempt the journal hears only that."""
    return event["type"] == "delivery.updated" and event["body"]["channel"] == "sms"


# ---- all of it ----

def journal_faults(evidence, memory):
    return memory.faults + kept_faults(evidence.journal.events, memory, forgotten(evidence.journal.events), "journal")


def record_faults(evidence, memory):
    gone = forgotten(evidence.journal.events)
    return kept_faults(evidence.archived, memory, gone, "archive", "report.") + archive_faults(evidence)


CHECKS = {"journal": journal_faults, "archive": record_faults, "totals": totals_faults, "outbox": outbox_faults}


def faults(evidence, memory):
    return [line for check in CHECKS.values() for line in check(evidence, memory)]


def check_flow(chaoxun):
    """A fresh event comes through: totals, archive, notices, and every service verifies itself."""
    before = chaoxun.http("GET", "/api/v1/totals")[1]["rows"][0]["reports"]
    receipt = chaoxun.submit(harness.report("haining/xiashi"))[0]
    assert receipt["status"] == "stored", receipt
    at_least = f"at_least={receipt['position']}"
    assert chaoxun.http("GET", f"/api/v1/totals?{at_least}")[1]["rows"][0]["reports"] == before + 1
    found = chaoxun.http("GET", f"/api/v1/reports?limit=1&{at_least}")[1]["rows"][0]
    assert found["id"].replace("-", "") == receipt["id"].hex(), (found, receipt)
    assert chaoxun.http("GET", f"/api/v1/notices?{at_least}")[0] == 200
    verified = chaoxun.command("verify", seconds=120)
    assert verified.returncode == 0 and verified.stdout.count(" fits ") == len(harness.SERVICES), verified.stdout + verified.stderr


# ---- the oracle must be able to fail ----

def planted(evidence, memory):
    """(the check that must see it, what, evidence with that one fault in it)."""
    def seen(**changed):
        return dataclasses.replace(evidence, **changed)

    yield from planted_journal(evidence, memory, seen)
    yield from planted_archive(evidence, memory, seen)
    for by in GROUPINGS:
        wrong = copy.deepcopy(evidence.live)
        wrong[by][next(iter(wrong[by]))]["reports"] += 1
        yield "totals", f"a wrong figure by {by}", seen(live=wrong)
    yield from planted_outbox(evidence, seen)


def victim(events, memory):
    """Place of a report that was acknowledged and has its side."""
    gone = forgotten(events)
    return next(place for place, event in enumerate(events)
                if event["id"] in memory.stored and event["id"] not in gone and event["type"] == "report.submitted")


def changed(event):
    return event | {"body": event["body"] | {"attendances": event["body"]["attendances"] + 1}}


def erasure_of(event):
    return {"id": bytes(16), "type": "text.redacted", "body": {"event": event["id"]}, "seq": event["seq"] + 1}


def planted_journal(evidence, memory, seen):
    events = evidence.journal.events
    place = victim(events, memory)
    one, before, after = events[place], events[:place], events[place + 1:]
    for what, wrong in (("changed content", [changed(one)]), ("a lost side", [without_side(one)]), ("a changed side", [one | {"side": {"title": "x"}}]),
                        ("another source", [one | {"source": "client:nobody"}]), ("an event of nobody", [one | {"id": bytes(15) + b"1"}]),
                        ("another place", [one | {"seq": one["seq"] + 1}]), ("a lost event", []), ("an event twice", [one, one]),
                        ("an erased side", [one, erasure_of(one)])):
        made = copy.copy(evidence.journal)
        made.events = [*before, *wrong, *after]
        yield "journal", f"{what} in the journal", seen(journal=made)


def planted_archive(evidence, memory, seen):
    events, versions = evidence.archived, evidence.versions
    place = victim(events, memory)
    one, before, after = events[place], events[:place], events[place + 1:]
    for what, wrong in (("a lost row", []), ("a row twice", [one, one]), ("changed content", [changed(one)]), ("a lost side", [without_side(one)])):
        yield "archive", f"{what} in the archive", seen(archived=[*before, *wrong, *after])
    yield "archive", "a version twice in the archive", seen(versions=[*versions, versions[0]])
    yield "archive", "a lost version in the archive", seen(versions=versions[1:])


def planted_outbox(evidence, seen):
    rows = evidence.outbox
    row = next(row for row in rows if row.key[-1] == "sms" and not row.repeats)
    place = rows.index(row)
    before, after = rows[:place], rows[place + 1:]
    yield "outbox", "an outbox row twice", seen(outbox=[*rows, row])
    yield "outbox", "a lost outbox row", seen(outbox=[*before, *after])
    yield "outbox", "a message that is not at its end", seen(outbox=[*before, row._replace(state="unknown"), *after])
    arrived = collections.Counter({(*recipients(evidence.journal.events)[row.key], "sms"): 1})
    yield "outbox", "an SMS that never arrived", seen(arrivals=evidence.arrivals - arrived)
    yield "outbox", "an SMS twice without a word", seen(arrivals=evidence.arrivals + arrived)


def chain_is_seen(evidence):
    """A block that is not what it was, and one that is missing, break the chain."""
    number, blocks = evidence.blocks
    place = len(blocks) // 2
    head = bytearray(blocks[place]["head"])
    head[-1] ^= 1
    for wrong in ([*blocks[:place], blocks[place] | {"head": bytes(head)}, *blocks[place + 1:]],
                  [*blocks[:place], *blocks[place + 1:]]):
        try:
            journal_stream.checked(number, wrong)
        except (recount.Damaged, ValueError, msgpack.UnpackException):
            continue
        raise AssertionError(f"a broken chain was not seen at block {place}")


def check_oracle(evidence, memory):
    """Every planted fault is seen, each by the check that is meant for it."""
    count = 0
    for name, what, wrong in planted(evidence, memory):
        assert CHECKS[name](wrong, memory), f"the oracle did not see {what}"
        count += 1
    chain_is_seen(evidence)
    made = copy.copy(memory)
    made.sent = memory.sent | {bytes(16): next(iter(memory.sent.values()))}
    made.stored = memory.stored | {bytes(16): 1}
    assert journal_faults(evidence, made), "the oracle did not see an acknowledgement of what nobody kept"
    print(f"the oracle saw {count + 3} planted faults", flush=True)
