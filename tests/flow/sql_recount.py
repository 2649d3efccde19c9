"""Counts the office's figures again, slowly, in SQL over the events of the journal: shares nothing with the aggregator.

    recount = sql_recount.Recount(intake.heads())
    recount.totals(at=4711)          # rows as the aggregator answers them, as it stood at event 4711; None: now
    recount.problems(), .plans(), .stories(), .completeness(), .hours(by), .overlaps(), .volunteers()

Every view looks at the events up to the one in `cut`. The journal's bodies lie there as JSON, ids as hexadecimal text; nothing
is kept between two questions. Units are as `unit.set` names them; they do not move.
"""
import datetime
import json
import sqlite3

import sql_people

PROGRAMMES = ["clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"]
APPROX = {"exact": "exact", "at-least": "at_least", "below": "below", "about": "about"}
CHINA_MS = 8 * 3600 * 1000

VIEWS = """
CREATE TABLE event(seq INTEGER PRIMARY KEY, id TEXT, type TEXT, unit TEXT, at INTEGER, body TEXT, warnings INTEGER);
CREATE INDEX by_type ON event(type, seq);
CREATE INDEX by_id ON event(id);
CREATE TABLE cut(at INTEGER);
CREATE TABLE programme(code TEXT, place INTEGER);
CREATE VIEW seen AS SELECT * FROM event WHERE seq <= (SELECT at FROM cut);
CREATE VIEW today AS SELECT max(body->>'day') AS day FROM seen WHERE type = 'clock.day';
CREATE VIEW unit AS SELECT unit AS path, body->>'name' AS name, body->>'kind' AS kind, body->>'order' AS place
    FROM seen WHERE type = 'unit.set' GROUP BY unit HAVING seq = max(seq);
CREATE VIEW above AS SELECT low.path AS path, high.path AS top, high.kind AS kind
    FROM unit low JOIN unit high ON low.path = high.path OR low.path LIKE high.path || '/%';
CREATE VIEW squad AS SELECT path, coalesce(max(CASE WHEN kind = 'squad' THEN top END), path) AS squad
    FROM above GROUP BY path;
CREATE VIEW due_days AS SELECT path, coalesce((SELECT body->>'value' FROM seen JOIN above ON seen.unit = above.top
        WHERE type = 'setting.set' AND body->>'name' = 'report-due-days' AND above.path = unit.path ORDER BY length(top) DESC, seq DESC LIMIT 1), 3) + 0 AS days FROM unit;
"""
ACTIVITIES = """
CREATE VIEW merged AS SELECT body->>'from' AS gone, body->>'into' AS stays FROM seen WHERE type = 'activity.merged';
CREATE VIEW root AS WITH RECURSIVE up(id, top) AS (
        SELECT gone, stays FROM merged UNION ALL SELECT up.id, stays FROM up JOIN merged ON gone = up.top)
    SELECT id, top FROM up WHERE top NOT IN (SELECT gone FROM merged);
CREATE VIEW agenda_step AS
    SELECT id AS activity, seq, unit, type, body FROM seen WHERE type = 'activity.planned' UNION ALL
    SELECT body->>'activity', seq, unit, type, body FROM seen WHERE type IN ('activity.changed', 'activity.cancelled');
CREATE VIEW planned AS SELECT activity,
        (SELECT max(value) FROM json_each((SELECT body->'dates' FROM agenda_step inside WHERE inside.activity = step.activity
            AND json_array_length(body->'dates') > 0 ORDER BY seq DESC LIMIT 1))) AS last_day,
        (SELECT CASE WHEN type = 'activity.planned' AND coalesce(json_array_length(body->'units'), 0) = 0
            THEN json_array(unit) ELSE body->'units' END FROM agenda_step inside WHERE inside.activity = step.activity
            AND (type = 'activity.planned' OR json_array_length(body->'units') > 0) ORDER BY seq DESC LIMIT 1) AS units
    FROM agenda_step step GROUP BY activity HAVING sum(type = 'activity.cancelled') = 0;
"""
REPORTS = """
CREATE VIEW version AS SELECT coalesce(body->>'amends', body->>'report', id) AS report, seq, type, unit, body, warnings FROM seen
    WHERE type IN ('report.submitted', 'report.amended', 'report.withdrawn');
CREATE VIEW review AS SELECT coalesce(body->>'amends', body->>'report', id) AS report, seq, type FROM seen
    WHERE type IN ('report.submitted', 'report.amended', 'report.accepted', 'report.returned');
CREATE VIEW standing AS SELECT report, unit, body, warnings > 0 AS warned, coalesce(body->>'activity', report) AS activity,
        coalesce((SELECT top FROM root WHERE id = coalesce(body->>'activity', report)),
                 coalesce(body->>'activity', report)) AS root,
        (SELECT late FROM lateness WHERE lateness.report = version.report) AS late,
        (SELECT type FROM review WHERE review.report = version.report ORDER BY seq DESC LIMIT 1) AS said
    FROM version GROUP BY report HAVING seq = max(seq) AND type <> 'report.withdrawn';
CREATE TABLE lateness(report TEXT PRIMARY KEY, late INTEGER);
"""
PROBLEMS = """
CREATE VIEW problem_step AS SELECT coalesce(body->>'problem', id) AS problem, seq, type, at, body FROM seen
    WHERE type LIKE 'problem.%';
CREATE VIEW problem AS SELECT problem, first.unit AS unit, first.body->>'kind' AS kind, first.at AS raised_at,
        date((first.at + 28800000) / 1000, 'unixepoch') AS day,
        CASE last.type WHEN 'problem.raised' THEN iif(first.body->>'solved', 'problem.resolved', 'problem.raised')
            ELSE last.type END AS state,
        (SELECT body->>'due' FROM problem_step inside WHERE inside.problem = last.problem
            AND body->>'due' IS NOT NULL ORDER BY seq DESC LIMIT 1) AS due,
        (SELECT count(*) FROM problem_step inside WHERE inside.problem = last.problem
            AND type = 'problem.reopened' AND NOT coalesce(body->>'came_back', 0)) AS rework,
        (SELECT count(*) FROM problem_step inside WHERE inside.problem = last.problem
            AND type = 'problem.reopened' AND body->>'came_back') AS came_back,
        EXISTS (SELECT 1 FROM seen earlier WHERE earlier.type = 'problem.raised' AND earlier.seq < first.seq
            AND earlier.body->>'spot' = first.body->>'spot' AND earlier.body->>'kind' = first.body->>'kind') AS same_spot,
        max(first.at, coalesce((SELECT at FROM problem_step inside WHERE inside.problem = last.problem
            AND type = 'problem.resolved' ORDER BY seq DESC LIMIT 1), first.at)) AS resolved_at
    FROM (SELECT problem, type FROM problem_step GROUP BY problem HAVING seq = max(seq)) last
        JOIN event first ON first.id = last.problem;
CREATE VIEW problem_row AS SELECT *,
        state IN ('problem.raised', 'problem.assigned', 'problem.started', 'problem.reopened') AS open,
        state NOT IN ('problem.duplicated', 'problem.refused') AS counts,
        max(0, julianday(today.day) - julianday(problem.day)) AS age,
        today.day AS now FROM problem, today;
"""


def as_json(value):
    """A body as JSON has it: ids as hexadecimal text, days as they are."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.hex() if isinstance(value, bytes) else value


def mark(counts):
    unsure = {kind for kind, count in counts.items() if count} - {"exact"}
    return {(): "", ("at_least",): "≥", ("below",): "近"}.get(tuple(unsure), "约")


class Recount(sql_people.People):
    def __init__(self, heads):
        self.base = sqlite3.connect(":memory:")
        self.base.row_factory = sqlite3.Row
        self.base.executescript(VIEWS + ACTIVITIES + REPORTS + PROBLEMS + sql_people.VIEWS)
        self.base.executemany("INSERT INTO programme VALUES (?, ?)", [(code, at) for at, code in enumerate(PROGRAMMES)])
        self.base.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", [
            (event["seq"], event["id"].hex(), event["type"], event["unit"], event["at"],
             json.dumps(as_json(event["body"]), ensure_ascii=False), event.get("warnings", 0)) for event in heads])
        self.head = heads[-1]["seq"]
        self.find_late()
        self.find_holders([event | {"id": event["id"].hex(), "body": as_json(event["body"])} for event in heads], day_of)

    def find_late(self):
        """Whether a report was overdue is decided when it comes, by what was known then."""
        reports = self.base.execute("SELECT seq, id, unit, body FROM event WHERE type = 'report.submitted'").fetchall()
        for report in reports:
            body = json.loads(report["body"])
            self.cut(report["seq"])
            last = self.one("SELECT last_day FROM planned WHERE activity = ?", body.get("activity"))
            last = last or max([body.get("date"), body.get("date_end"), *body.get("dates", [])], key=lambda day: day or "")
            late = self.one("SELECT day > date(?, days || ' days') FROM today, due_days WHERE path = ?", last, report["unit"])
            self.base.execute("INSERT INTO lateness VALUES (?, ?)", (report["id"], late or 0))

    def cut(self, at=None):
        self.base.execute("DELETE FROM cut")
        self.base.execute("INSERT INTO cut VALUES (?)", (at or self.head,))

    @staticmethod
    def body(row):
        return json.loads(row["body"])

    def one(self, sql, *values):
        row = self.base.execute(sql, values).fetchone()
        return row[0] if row else None

    def rows(self, sql, *values):
        return [dict(row) for row in self.base.execute(sql, values)]

    # ---- reports ----

    def sums(self, chosen, field, factor=1):
        """A figure of the chosen reports with its kinds of approximation."""
        kinds = {name: 0 for name in APPROX.values()}
        found = self.rows(f"SELECT coalesce(body->>'{field}_approx', 'exact') AS kind, sum(body->>'{field}') AS value,"
                          f" count(*) AS count FROM ({chosen}) WHERE body->>'{field}' IS NOT NULL"
                          f" AND ('{field}' <> 'attendances' OR coalesce(body->>'attendances_unit', '名')"
                          " IN ('名', '人', '位', '人次')) GROUP BY kind")
        kinds |= {APPROX[row["kind"]]: row["count"] for row in found}
        return {"value": sum(row["value"] for row in found) * factor, **kinds, "mark": mark(kinds)}

    def totals(self, by=(), at=None):
        """Rows by any of squad, programme, month."""
        self.cut(at)
        columns = {"squad": "squad", "programme": "programme.code", "month": "coalesce(substr(body->>'date', 1, 7), '')"}
        self.base.execute("DROP TABLE IF EXISTS temp.chosen")
        self.base.execute("CREATE TEMP TABLE chosen AS SELECT standing.*, squad.squad, " +
                          ", ".join(f"{columns[name] if name in by else 'NULL'} AS by_{name}" for name in columns) +
                          " FROM standing JOIN squad ON squad.path = standing.unit" + (
                              " JOIN json_each(body->'programmes') ON true JOIN programme ON code = value" if "programme" in by
                              else ""))
        keys = self.rows("SELECT DISTINCT by_squad, by_programme, by_month FROM chosen")
        return [self.total(key) for key in keys]

    def total(self, key):
        chosen = "SELECT * FROM chosen WHERE " + " AND ".join(
            f"{name} IS " + ("NULL" if value is None else f"'{value}'") for name, value in key.items())
        row = self.rows(f"SELECT count(DISTINCT root) AS activities, count(*) AS reports, sum(body->>'date' IS NULL) AS undated,"
                        f" sum(late) AS late, sum(said = 'report.accepted') AS accepted,"
                        f" sum(said = 'report.returned') AS returned, sum(warned) AS warned FROM ({chosen})")[0]
        measures = self.rows("SELECT value->>'name' AS name, value->>'unit' AS unit, sum(value->>'quantity') AS value"
                             f" FROM ({chosen}) chosen, json_each(chosen.body->'measures') GROUP BY 1, 2")
        measures += self.rows("SELECT '参与' AS name, body->>'attendances_unit' AS unit, sum(body->>'attendances') * 1000 AS value"
                              f" FROM ({chosen}) WHERE body->>'attendances_unit' IN ('户', '组') GROUP BY 2")
        named = {"unit": key["by_squad"], "programme": key["by_programme"], "period": key["by_month"]}
        return {**named, **row, "attendances": self.sums(chosen, "attendances"), "minutes": self.sums(chosen, "minutes"),
                "measures": sorted((one["name"], one["unit"], one["value"]) for one in measures)}

    def completeness(self, at=None):
        """By squad and month of the activities' last days."""
        self.cut(at)
        return self.rows("""
            WITH share AS (SELECT coalesce((SELECT top FROM root WHERE root.id = activity), activity) AS root, squad,
                        max(last_day) AS last_day
                    FROM planned, json_each(planned.units) holder JOIN squad ON squad.path = holder.value GROUP BY 1, 2),
                owed AS (SELECT share.*, (SELECT min(late) FROM standing JOIN squad ON squad.path = unit
                    WHERE standing.root = share.root AND squad.squad = share.squad) AS late, days
                    FROM share JOIN due_days ON path = squad WHERE last_day IS NOT NULL)
            SELECT squad AS unit, substr(last_day, 1, 7) AS month, count(*) AS expected, sum(late IS 0) AS in_time,
                sum(late IS 1) AS late, sum(late IS NULL AND today.day > date(last_day, days || ' days')) AS missing,
                sum(late IS NULL AND today.day <= date(last_day, days || ' days')) AS open
            FROM owed, today GROUP BY squad, month""")

    # ---- problems, plans, stories ----

    def problems(self, at=None):
        self.cut(at)
        return self.rows("""
            SELECT squad AS unit, kind, sum(counts) AS raised, sum(counts AND open) AS open, sum(counts AND NOT open) AS resolved,
                sum(state = 'problem.confirmed') AS confirmed, sum(open AND coalesce(due < now, 0)) AS overdue,
                sum(counts * rework) AS rework, sum(counts * came_back) AS came_back, sum(counts AND same_spot) AS same_spot,
                sum(state = 'problem.duplicated') AS duplicated, sum(state = 'problem.refused') AS refused,
                sum(iif(counts AND NOT open, (resolved_at - raised_at) / 60000, 0)) / sum(counts AND NOT open) AS minutes_mean,
                max(iif(counts AND NOT open, (resolved_at - raised_at) / 60000, NULL)) AS minutes_most,
                sum(open AND age <= 1) AS open_day, sum(open AND age BETWEEN 2 AND 7) AS open_week,
                sum(open AND age BETWEEN 8 AND 30) AS open_month, sum(open AND age > 30) AS open_longer
            FROM problem_row JOIN squad ON squad.path = problem_row.unit GROUP BY squad, kind""")

    def plans(self, at=None):
        """Planned against done by squad, programme and month; plans are of squads and of units above them."""
        done = {(row["unit"], row["programme"], row["period"]): row for row in self.totals(("squad", "programme", "month"), at)
                if row["period"]}
        planned = {(row["unit"], row["programme"], row["period"]): row for row in self.rows("""
            WITH fixed AS (SELECT draft.unit AS unit, draft.body AS body, max(step.seq) FROM seen step
                    JOIN seen draft ON draft.id = step.body->>'plan' WHERE step.type = 'plan.fixed'
                    GROUP BY draft.unit, draft.body->>'year')
            SELECT unit, line.value->>'programme' AS programme, line.value->>'month' AS period,
                sum(coalesce(line.value->>'activities', 0)) AS activities, sum(coalesce(line.value->>'attendances', 0))
                AS attendances, sum(coalesce(line.value->>'minutes', 0)) AS minutes FROM fixed, json_each(fixed.body->'lines') line GROUP BY 1, 2, 3""")}
        nothing = {"activities": 0, "attendances": 0, "minutes": 0}
        none = {"value": 0}
        rows = []
        for key in done.keys() | planned.keys():
            plan, did = planned.get(key, nothing), done.get(key, {"activities": 0, "attendances": none, "minutes": none})
            rows.append({"unit": key[0], "programme": key[1], "period": key[2],
                         **{"planned_" + name: plan[name] for name in nothing}, "activities": did["activities"],
                         "attendances": did["attendances"]["value"], "minutes": did["minutes"]["value"]})
        return rows

    def stories(self, at=None):
        self.cut(at)
        return self.rows("""
            WITH story AS (SELECT id, squad, body->>'kind' AS kind, EXISTS (SELECT 1 FROM seen step
                    WHERE step.type IN ('story.chosen', 'story.published') AND step.body->>'story' = seen.id) AS chosen
                    FROM seen JOIN squad ON path = unit WHERE type = 'story.submitted'),
                line AS (SELECT squad, kind, '' AS outlet, 1 AS story, chosen, 0 AS publication FROM story UNION ALL
                    SELECT squad, kind, body->>'outlet', 0, 0, 1 FROM seen JOIN story ON story.id = body->>'story'
                    WHERE type = 'story.published')
            SELECT squad AS unit, kind AS story, outlet, sum(story) AS stories, sum(chosen) AS chosen,
                sum(publication) AS publications FROM line GROUP BY squad, kind, outlet""")


def day_of(moment):
    """The day in China of milliseconds since 1970."""
    return str(datetime.datetime.fromtimestamp((moment + CHINA_MS) / 1000, datetime.timezone.utc).date())
