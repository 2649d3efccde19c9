"""The totals once more, in SQL over the events that the archive holds: shares nothing with the aggregator.

    archive = archive_sql.Archive(data)
    archive.events()                                  # heads with sides, in order
    archive.totals("squad", "programme", "month")     # {(unit, programme, month): figures}
    archive_sql.figures(rows_of_the_aggregator)       # the same shape, to compare

Only `report.*` is in the archive, so activities that were merged are not known here.
"""
import json
import pathlib
import sqlite3

import msgpack

KEYS = {"squad": "unit", "programme": "programme", "month": "period"}
SUMS = ("value", "exact", "at_least", "below", "about", "mark")

SCHEMA = """
CREATE TABLE said AS
    SELECT seq, head ->> '$.type' AS type, head ->> '$.unit' AS unit, head -> '$.body' AS body,
           CASE head ->> '$.type' WHEN 'report.submitted' THEN head ->> '$.id'
                                  WHEN 'report.amended' THEN head ->> '$.body.amends'
                                  ELSE head ->> '$.body.report' END AS report
    FROM (SELECT seq, decoded(head) AS head FROM archive.events);
CREATE INDEX said_of ON said (report, seq);
CREATE TABLE standing AS
    SELECT report, unit, body, ifnull(substr(body ->> '$.date', 1, 7), '') AS period
    FROM said WHERE type <> 'report.withdrawn'
               AND seq = (SELECT max(later.seq) FROM said AS later WHERE later.report = said.report);
CREATE INDEX standing_of ON standing (report);
CREATE TABLE amount AS
    SELECT report, iif(people, 'attendances', 'measure') AS what, iif(people, '', '参与') AS name,
           iif(people, '', counted) AS unit, number * iif(people, 1, 1000) AS value, approx
    FROM (SELECT report, body ->> '$.attendances' AS number, ifnull(body ->> '$.attendances_approx', 'exact') AS approx,
                 body ->> '$.attendances_unit' AS counted,
                 ifnull(body ->> '$.attendances_unit', '人') IN ('名', '人', '位', '人次') AS people FROM standing)
    WHERE number IS NOT NULL
    UNION ALL SELECT report, 'minutes', '', '', body ->> '$.minutes', ifnull(body ->> '$.minutes_approx', 'exact')
    FROM standing WHERE body ->> '$.minutes' IS NOT NULL
    UNION ALL SELECT report, 'measure', value ->> '$.name', value ->> '$.unit', value ->> '$.quantity',
                     ifnull(value ->> '$.approx', 'exact')
    FROM standing, json_each(body, '$.measures');
CREATE INDEX amount_of ON amount (report);
CREATE VIEW placed AS
    SELECT report, unit, body, period, programme.value AS programme FROM standing, json_each(body, '$.programmes') AS programme;
"""
COUNTS = """
SELECT {keys}, count(DISTINCT ifnull(body ->> '$.activity', report)), count(*), sum(body ->> '$.date' IS NULL),
       sum(ifnull(body ->> '$.demo', 0))
FROM {source} AS source GROUP BY {keys}
"""
AMOUNTS = """
SELECT *, CASE (at_least > 0) + (below > 0) + (about > 0)
          WHEN 0 THEN '' WHEN 1 THEN iif(at_least > 0, '≥', iif(below > 0, '近', '约')) ELSE '约' END
FROM (SELECT {keys}, what, name, amount.unit, sum(amount.value), sum(approx = 'exact'), sum(approx = 'at-least') AS at_least,
             sum(approx = 'below') AS below, sum(approx = 'about') AS about
      FROM {source} AS source JOIN amount USING (report) GROUP BY {keys}, what, name, amount.unit)
"""
NOTHING = (0, 0, 0, 0, 0, "")


def decoded(head):
    """The head of an event as JSON; bytes as hex digits."""
    return json.dumps(msgpack.unpackb(head), default=bytes.hex)


class Archive:
    def __init__(self, data):
        self.connection = sqlite3.connect(":memory:", uri=True)
        self.connection.create_function("decoded", 1, decoded, deterministic=True)
        self.connection.execute("ATTACH ? AS archive", (f"file:{pathlib.Path(data) / 'archiver/archiver.db'}?mode=ro",))
        self.connection.executescript(SCHEMA)

    def close(self):
        self.connection.close()

    def events(self):
        """Every event of the record, with its side where it has one."""
        rows = self.connection.execute("SELECT seq, head, side FROM archive.events ORDER BY seq").fetchall()
        return [msgpack.unpackb(head) | ({"side": msgpack.unpackb(side)} if side else {}) for _, head, side in rows]

    def totals(self, *by):
        """Figures by the words of KEYS; () is the key where there are none."""
        keys = ["''", *(f"source.{KEYS[word]}" for word in by)]
        parts = {"keys": ", ".join(keys), "source": "placed" if "programme" in by else "standing"}
        rows = {}
        for row in self.connection.execute(COUNTS.format(**parts)):
            rows[row[1:len(keys)]] = counted(*row[len(keys):])
        for row in self.connection.execute(AMOUNTS.format(**parts)):
            key, (what, name, unit), total = row[1:len(keys)], row[len(keys):len(keys) + 3], row[len(keys) + 3:]
            if what == "measure":
                rows[key]["measures"][name, unit] = total
            else:
                rows[key][what] = total
        return rows


def counted(activities, reports, undated, demo):
    return {"activities": activities, "reports": reports, "undated": undated, "demo": demo, "attendances": NOTHING,
            "minutes": NOTHING, "measures": {}}


def figures(rows):
    """What the aggregator answers, in the shape of Archive.totals."""
    def total(made):
        return tuple(made[name] for name in SUMS)

    found = {}
    for row in rows:
        key = tuple(row[name] for name in ("unit", "programme", "period") if name in row)
        made = counted(row["activities"], row["reports"], row["undated"], row["demo"])
        made |= {"attendances": total(row["attendances"]), "minutes": total(row["minutes"])}
        made["measures"] = {(measure["name"], measure["unit"]): total(measure["sum"]) for measure in row.get("measures", [])}
        found[key] = made
    return found


def differences(one, other):
    """Where two of them do not agree, as lines."""
    return [f"{key}: {one.get(key)} and {other.get(key)}" for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)]
