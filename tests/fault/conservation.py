"""The oracle: what was acknowledged is everywhere once, as it was sent, and everything that follows from it agrees.

    evidence = conservation.gather(chaoxun, gateway)   # when everything has been folded
    assert not conservation.faults(evidence, memory)
    conservation.check_flow(chaoxun)

Each check gives what does not fit as lines. The chain and the sides are checked as they are read (journal_stream).
That each check can fail is shown by planted.py.
"""
import collections
import dataclasses
import urllib.parse

import archive_sql
import harness
import journal_stream
import ledger
import memory as told
import recount
import rescan

CLIENTS_TYPES = ("report.", "activity.", "notice.", "contact.", "person.", "text.")  # what only clients send
GROUPINGS = (("squad", "programme", "month"), ("squad", "month"), ())
OPEN = {"pending", "sending", "retry", "unknown"}
# Questions to the record, as rescan.Record.find takes them, and the words of the HTTP door for them.
QUESTIONS = ({"text": "第77次"}, {"text": "沈𠮷 高温"}, {"text": "欧阳晓潮", "unit": "haining/xucun"}, {"programme": "dog", "text": "集市"},
             {"number": "K0042"}, {"since": "2026-02-01", "until": "2026-02-03"}, {"text": "广告", "programme": "parking", "unit": "haining/xiashi"})
WORDS = {"text": "q", "unit": "unit", "programme": "programme", "number": "number", "since": "from", "until": "to"}
PAGE = 500


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
    answers: list       # of the record to QUESTIONS: (how many, the first of them)
    scanned: list       # the same by a plain look at every event of the journal


# ---- gathering ----

def live_totals(chaoxun, by, head):
    by = f"by={','.join(by)}&" if by else ""
    status, answer = chaoxun.http("GET", f"/api/v1/totals?{by}at_least={head}")
    assert status == 200, answer
    return archive_sql.figures(answer["rows"])


def answer(chaoxun, question, head):
    """(how many reports there are, ids of the first page)"""
    query = urllib.parse.urlencode({WORDS[name]: value for name, value in question.items()} | {"limit": PAGE, "at_least": head})
    status, page = chaoxun.http("GET", f"/api/v1/reports?{query}")
    assert status == 200, page
    return page["total"], [row["id"].replace("-", "") for row in page["rows"]]


def scan(journal):
    """What there is to find for each of QUESTIONS."""
    record = rescan.Record([without_side(event) for event in journal.events],
                           {event["seq"]: event["side"] for event in journal.events if "side" in event})
    found = [[identity.hex() for identity in record.find(**question)] for question in QUESTIONS]
    return [(len(one), one[:PAGE]) for one in found]


def gather(chaoxun, gateway):
    """Everything of a running instance whose clients have stopped."""
    blocks = journal_stream.blocks(chaoxun)
    journal = journal_stream.checked(*blocks)
    head = journal.position
    answers = [answer(chaoxun, question, head) for question in QUESTIONS]
    assert chaoxun.http("GET", f"/api/v1/notices?at_least={head}")[0] == 200
    live = {by: live_totals(chaoxun, by, head) for by in GROUPINGS}
    archive = archive_sql.Archive(chaoxun.data)
    recounted = {by: archive.totals(*by) for by in GROUPINGS}
    archived = archive.events()
    archive.close()
    versions, _ = ledger.record(chaoxun.data)
    return Evidence(journal, blocks, archived, versions, recounted, live, ledger.rows(chaoxun.data), gateway.arrivals, answers,
                    scan(journal))


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
    there = [event["id"] for event in found]
    wanted = [identity for identity in memory.stored if memory.sent[identity][0]["type"].startswith(beginning)]
    lines = told.count_faults(wanted, there, where)
    lines += [f"{where}: {identity.hex()} is there, and was refused for {memory.refused[identity]}"
              for identity in memory.refused.keys() & set(there)]
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


def search_faults(evidence, _memory=None):
    return [f"search {question}: {told_now[0]} found, {there[0]} are there; {set(told_now[1]) ^ set(there[1])}"
            for question, told_now, there in zip(QUESTIONS, evidence.answers, evidence.scanned) if told_now != there]


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


CHECKS = {"journal": journal_faults, "archive": record_faults, "totals": totals_faults, "search": search_faults,
          "outbox": outbox_faults}


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
