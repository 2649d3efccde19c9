#!/usr/bin/python3
"""The office's figures with real services, over random sequences of all events: each answer equals a slow recount in SQL, also
as it stood at earlier events, when it equals what was answered then; the hours behind a figure add up to it; a rebuild answers
with the same bytes; and a wrong fold is noticed.

    test_figures_sql.py [--seed N] [--subjects N]
"""
import argparse
import collections
import datetime
import random
import time

import msgpack

import aggregator_process
import harness
import intake_process
import random_office
import sql_recount
from sql_recount import as_json

STOPS = 4  # how often the answers are looked at on the way
# What is asked: (verb, query, how it is recounted).
QUESTIONS = {
    "totals": ("totals", {}, sql_recount.Recount.totals),
    "totals by squad": ("totals", {"by": ["squad"]}, lambda recount, at=None: recount.totals(("squad",), at)),
    "totals by all": ("totals", {"by": ["squad", "programme", "month"]},
                      lambda recount, at=None: recount.totals(("squad", "programme", "month"), at)),
    "completeness": ("completeness", {}, sql_recount.Recount.completeness),
    "problems": ("problems", {"by": ["squad", "kind"]}, sql_recount.Recount.problems),
    "plans": ("plans", {"by": ["squad", "programme", "month"]}, sql_recount.Recount.plans),
    "stories": ("stories", {"by": ["squad", "story", "outlet"]}, sql_recount.Recount.stories),
    "hours": ("hours", {"by": ["squad", "month"]}, sql_recount.Recount.hours),
    "hours by grade and kind": ("hours", {"by": ["grade", "kind"]}, lambda recount, at=None: recount.hours(("grade", "kind"), at)),
    "hours by all": ("hours", {"by": ["squad", "month", "grade", "kind"]},
                     lambda recount, at=None: recount.hours(("squad", "period", "grade", "kind"), at)),
    "overlaps": ("overlaps", {"limit": 5000}, sql_recount.Recount.overlaps),
    "volunteers": ("volunteer", None, sql_recount.Recount.volunteers),  # what is kept of each of them
}
NOW = ("overlaps", "volunteers")  # are asked as of now only
DERIVED = ("name", "demo", "due", "state", "forecast", "forecast_activities")  # follow from the other figures


def queries(name, office):
    """Those that make up the question."""
    verb, query, _ = QUESTIONS[name]
    return verb, [{"id": one} for one in office.volunteers] if verb == "volunteer" else [query]


def ask(aggregator, office, name, **more):
    """The answer without where it stands; of several queries, all answers as rows."""
    verb, asked = queries(name, office)
    answers = []
    for query in asked:
        answered, answer = aggregator.door.ask(verb, msgpack.packb(query | more))
        assert answered == verb, (name, answer)
        answers.append({key: value for key, value in answer.items() if key not in ("as_of", "at")})
    return {"rows": answers} if verb == "volunteer" else answers[0]


def plain(row):
    """A row as both sides have it: without what is derived or not there."""
    row = {key: value for key, value in row.items() if key not in DERIVED and value is not None and "percent" not in key}
    if "measures" in row or "reports" in row:
        measures = [(one["name"], one["unit"], one["sum"]["value"]) if isinstance(one, dict) else one
                    for one in row.get("measures", [])]
        row["measures"] = sorted(measures)
    return row


def overlap(row):
    """Its two hours in an order that both sides have; of a whole day without the one that stands for it."""
    if row.get("whole_day"):
        return {key: row[key] for key in ("date", "minutes", "whole_day")}
    parts = [{key: row[f"{which}_{key}"] for key in ("unit", "start", "minutes")} | {"hours": row[which]} for which in ("first", "second")]
    return {"date": row["date"], "minutes": row["minutes"], "parts": sorted(parts, key=repr_of)}


def overlap_row(row):
    return overlap(row) | {"volunteer": row["volunteer"]}


def hours_entry(row):
    return {key: row.get(key) for key in ("hours", "activity", "unit", "date", "minutes", "grade", "start")} | {
        "programmes": sorted(row["programmes"]), "versions": [version(one) for one in row.get("versions", [])]}


def version(one):
    fields = ("seq", "minutes", "grade", "start", "correction")
    return tuple(one.get(field) for field in fields) if isinstance(one, dict) else one


def volunteer_row(row):
    """The view of a volunteer as both sides have it."""
    units = [(one["unit"], one.get("left")) if isinstance(one, dict) else one for one in row["units"]]
    awards = [one["award"] if isinstance(one, dict) else one for one in row["awards"]]
    return {key: row.get(key) for key in ("id", "kind", "minor", "joined", "months", "star", "star_granted", "star_next_minutes")} | {
        "sums": plain(row["sums"]), "units": sorted(units, key=str), "awards": awards,
        "hours": [hours_entry(one) for one in row["hours"]],
        "overlaps": sorted([overlap(one) for one in row["overlaps"]], key=repr_of),
        "objections": [{key: one.get(key) for key in ("id", "hours", "answer", "state")} for one in row["objections"]]}


def comparable(name, answer):
    if name in NOW:
        return sorted([NOW_ROWS[name](row) for row in as_json(answer["rows"])], key=repr_of)
    rows = [plain(row) for row in answer["rows"]] + ([plain(answer["whole"])] if "whole" in answer and name.startswith("hours") else [])
    if name == "plans":
        rows = [row | {key: row[key]["value"] for key in ("attendances", "minutes")} for row in rows]
    # Squads that did nothing have a row too, where only squads are asked for.
    rows = [row for row in rows if name != "totals by squad" or row["reports"]]
    return sorted(rows, key=repr_of)


def repr_of(row):
    return repr(sorted(row.items(), key=lambda item: item[0]))


NOW_ROWS = {"overlaps": overlap_row, "volunteers": volunteer_row}


def differences(recount, name, answer, at=None):
    """Rows of only one side."""
    expected = sorted((NOW_ROWS.get(name, plain)(row) for row in QUESTIONS[name][2](recount, at=at)), key=repr_of)
    found = comparable(name, answer)
    return [row for row in found if row not in expected], [row for row in expected if row not in found]


def seq_of(position):
    return int(position.split(".")[2])


def drive(intake, aggregator, office, subjects):
    """Hands in everything; gives {seq: {question: answer}} of a few moments on the way, and how many events were what."""
    door, statuses, moments = intake.door("operator"), collections.Counter(), {}
    frames = list(office.frames(subjects, 100))
    for number, frame in enumerate(frames):
        statuses.update(receipt["status"] for receipt in door.submit(frame))
        if number % (len(frames) // STOPS + 1) == 0 or number == len(frames) - 1:
            position = door.ask("head", harness.NIL)[1]["position"]
            aggregator.totals(at_least=position)
            moments[seq_of(position)] = {name: ask(aggregator, office, name) for name in QUESTIONS}
    return moments, statuses


def equals_a_recount(recount, moments):
    for seq, answers in moments.items():
        for name, answer in answers.items():
            extra, lacking = differences(recount, name, answer, seq)
            assert not extra and not lacking, (name, seq, "answered", extra[:2], "recounted", lacking[:2])


def presences_are_counted_without_their_holders(recount, moments):
    """人次 and 人数 once more, by a way that does not ask who holds a presence."""
    for seq, answers in moments.items():
        expected = {(row["unit"], row["period"]): (row["attendances"], row["people"]) for row in recount.attendances(seq)}
        found = {(row["unit"], row["period"]): (row["attendances"], row["people"]) for row in answers["hours"]["rows"] if row["attendances"]}
        assert found == expected, (seq, found, expected)


def stood_as_it_was_answered(aggregator, office, moments):
    for seq, answers in moments.items():
        for name in answers.keys() - set(NOW):
            again = ask(aggregator, office, name, at=str(seq))
            assert again == answers[name], (name, seq, again, answers[name])


def behind(aggregator, query):
    """All rows of the hours and sign-ins that fit, page by page."""
    rows, after = [], 0
    while after is not None:
        verb, answer = aggregator.door.ask("hours-list", msgpack.packb(query | {"limit": 7, "after": after}))
        assert verb == "hours-list" and len(answer["rows"]) <= 7, answer
        rows += answer["rows"]
        after = answer.get("next")
    return rows


def every_figure_leads_to_its_hours(aggregator, moments):
    """The rows behind each figure add up to it, as it stood at the moment of the figure."""
    for seq in (min(moments), max(moments)):
        for row in moments[seq]["hours by all"]["rows"]:
            if not row["kind"]:
                continue  # cannot be asked for
            year, month = map(int, row["period"].split("-"))
            last = datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)
            rows = behind(aggregator, {"unit": row["unit"], "grade": row["grade"], "kind": row["kind"], "at": str(seq),
                                       "from": row["period"] + "-01", "to": str(last)})
            grade = {"signed": "signed_in"}.get(row["grade"], row["grade"])
            found = (sum(one["minutes"] for one in rows), sum(one["attendance"] for one in rows), len({one["volunteer"] for one in rows}))
            assert found == (row[grade], row["attendances"], row["people"]), (row, rows)


def raw(aggregator, office):
    """The bytes of every answer at the head."""
    found = {}
    for name in QUESTIONS:
        verb, asked = queries(name, office)
        for number, query in enumerate(asked):
            aggregator.door.socket.send_multipart([b"CX1", verb.encode(), name.encode(), msgpack.packb(query)])
            assert aggregator.door.socket.poll(intake_process.WAIT_MS), name
            found[name, number] = aggregator.door.socket.recv_multipart()
    return found


def a_rebuild_answers_the_same(intake, aggregator, office, position):
    before = raw(aggregator, office)
    assert aggregator.stop() == 0
    forget(intake)
    aggregator.start()
    aggregator.totals(at_least=position)
    after = raw(aggregator, office)
    assert after == before, [name for name in before if before[name] != after[name]]


def forget(intake):
    for path in (intake.folder / "aggregator").glob("aggregator.db*"):
        path.unlink()


def a_wrong_fold_is_noticed(intake, recount, office, position):
    forget(intake)
    with aggregator_process.Aggregator(intake, "chaoxun-aggregator-wrong") as aggregator:
        aggregator.totals(at_least=position)
        wrong = [name for name in QUESTIONS if any(differences(recount, name, ask(aggregator, office, name)))]
        assert {"totals", "plans", "hours by grade and kind", "overlaps", "volunteers"} <= set(wrong), wrong
        assert aggregator.stop() == 0


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20250630)
    parser.add_argument("--subjects", type=int, default=500)
    return parser.parse_args()


def main():
    chosen = options()
    with intake_process.Intake() as intake:
        door = intake.door("operator")
        door.store([intake_process.unit("haining", "海宁市城市管理志愿服务大队", kind="brigade"),
                    *(intake_process.unit(path, path[8:]) for path in random_office.UNITS[:3]),
                    intake_process.unit("haining/xiashi/team", "硖石一队", kind="team")])
        office = random_office.Office(random.Random(chosen.seed), int(time.time() * 1000))
        door.store(office.enrol(12))
        with aggregator_process.Aggregator(intake) as aggregator:
            moments, statuses = drive(intake, aggregator, office, chosen.subjects)
            assert min(statuses[word] for word in ("stored", "duplicate", "rejected")) > 50, statuses
            heads = intake.heads()
            recount = sql_recount.Recount(heads)
            equals_a_recount(recount, moments)
            presences_are_counted_without_their_holders(recount, moments)
            overlaps = moments[max(moments)]["overlaps"]["rows"]
            assert len(overlaps) >= 10 and any("whole_day" in row for row in overlaps), overlaps
            stood_as_it_was_answered(aggregator, office, moments)
            every_figure_leads_to_its_hours(aggregator, moments)
            position = door.ask("head", harness.NIL)[1]["position"]
            a_rebuild_answers_the_same(intake, aggregator, office, position)
            assert aggregator.stop() == 0
        a_wrong_fold_is_noticed(intake, recount, office, position)
    print(f"seed {chosen.seed}: {dict(statuses)}, {len(moments)} moments, {len(QUESTIONS)} questions each, {len(overlaps)} overlaps")


main()
