"""Faults that the oracle must see: each is put into what was gathered from a sound run.

    planted.check(evidence, memory)     # asserts that every one is seen, by the check that is meant for it
"""
import collections
import copy
import dataclasses

import msgpack

import conservation
import journal_stream
import recount


def faults(evidence, memory):
    """(the check that must see it, what, evidence with that one fault in it)."""
    def seen(**changed):
        return dataclasses.replace(evidence, **changed)

    yield from in_journal(evidence, memory, seen)
    yield from in_archive(evidence, memory, seen)
    for by in conservation.GROUPINGS:
        wrong = copy.deepcopy(evidence.live)
        wrong[by][next(iter(wrong[by]))]["reports"] += 1
        yield "totals", f"a wrong figure by {by}", seen(live=wrong)
    for place, (count, found) in enumerate(evidence.answers):
        wrong = {"one too many": (count + 1, [*found[:conservation.PAGE - 1], "00"])}
        if len(found) > 1:
            wrong["another order"] = count, found[::-1]
        for what, answer in wrong.items():
            answers = [*evidence.answers[:place], answer, *evidence.answers[place + 1:]]
            yield "search", f"{what} for {conservation.QUESTIONS[place]}", seen(answers=answers)
    yield from in_outbox(evidence, seen)


def victim(events, memory):
    """Place of a report that was acknowledged and has its side."""
    return next(place for place, event in enumerate(events)
                if event["id"] in memory.stored and "side" in event and event["type"] == "report.submitted")


def changed(event):
    return event | {"body": event["body"] | {"attendances": event["body"]["attendances"] + 1}}


def erasure_of(event):
    return {"id": bytes(16), "type": "text.redacted", "body": {"event": event["id"]}, "seq": event["seq"] + 1}


def in_journal(evidence, memory, seen):
    events = evidence.journal.events
    place = victim(events, memory)
    one, before, after = events[place], events[:place], events[place + 1:]
    for what, wrong in (("changed content", [changed(one)]), ("a lost side", [conservation.without_side(one)]),
                        ("a changed side", [one | {"side": {"title": "x"}}]), ("another source", [one | {"source": "client:nobody"}]), ("an event of nobody", [one | {"id": bytes(15) + b"1"}]),
                        ("another place", [one | {"seq": one["seq"] + 1}]), ("a lost event", []), ("an event twice", [one, one]),
                        ("an erased side", [one, erasure_of(one)])):
        made = copy.copy(evidence.journal)
        made.events = [*before, *wrong, *after]
        yield "journal", f"{what} in the journal", seen(journal=made)


def in_archive(evidence, memory, seen):
    events, versions = evidence.archived, evidence.versions
    place = victim(events, memory)
    one, before, after = events[place], events[:place], events[place + 1:]
    for what, wrong in (("a lost row", []), ("a row twice", [one, one]), ("changed content", [changed(one)]),
                        ("a lost side", [conservation.without_side(one)])):
        yield "archive", f"{what} in the archive", seen(archived=[*before, *wrong, *after])
    yield "archive", "a version twice in the archive", seen(versions=[*versions, versions[0]])
    yield "archive", "a lost version in the archive", seen(versions=versions[1:])


def in_outbox(evidence, seen):
    rows = evidence.outbox
    row = next(row for row in rows if row.key[-1] == "sms" and not row.repeats)
    place = rows.index(row)
    before, after = rows[:place], rows[place + 1:]
    yield "outbox", "an outbox row twice", seen(outbox=[*rows, row])
    yield "outbox", "a lost outbox row", seen(outbox=[*before, *after])
    yield "outbox", "a message that is not at its end", seen(outbox=[*before, row._replace(state="unknown"), *after])
    arrived = collections.Counter({(*conservation.recipients(evidence.journal.events)[row.key], "sms"): 1})
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


def check(evidence, memory):
    """Every planted fault is seen, each by the check that is meant for it."""
    count = 0
    for name, what, wrong in faults(evidence, memory):
        assert conservation.CHECKS[name](wrong, memory), f"the oracle did not see {what}"
        count += 1
    chain_is_seen(evidence)
    made = copy.copy(memory)
    made.sent = memory.sent | {bytes(16): next(iter(memory.sent.values()))}
    made.stored = memory.stored | {bytes(16): 1}
    assert conservation.journal_faults(evidence, made), "the oracle did not see an acknowledgement of what nobody kept"
    print(f"the oracle saw {count + 3} planted faults", flush=True)
