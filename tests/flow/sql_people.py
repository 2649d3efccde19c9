"""The recount of people: hours by grade and kind, overlaps of a person's minutes, and what is kept of each volunteer.

Part of sql_recount.py: views over the journal's events, and where a figure depends on the order in which things came (who holds a
presence, with which squads somebody serves), one pass over the events.
"""
import itertools

OURS = ("signed", "leader", "entered")
STAR_MINUTES = "6000,18000,36000,60000,90000"
FIGURES = ("signed_in", "leader", "entered", "credit", "honour", "minutes", "attendances", "people")

VIEWS = """
CREATE VIEW correction AS SELECT id, seq, body->>'hours' AS hours, body->>'volunteer' AS volunteer, body->>'minutes' AS minutes,
        body->>'grade' AS grade, body->>'start' AS start FROM seen WHERE type = 'hours.corrected';
CREATE VIEW particulars AS SELECT iif(type = 'volunteer.enrolled', id, body->>'volunteer') AS volunteer, seq,
        body->>'kind' AS kind, body->>'minor' AS minor, body->>'joined' AS joined FROM seen
    WHERE type IN ('volunteer.enrolled', 'volunteer.updated');
CREATE VIEW credited AS SELECT first.id AS hours, first.seq AS seq, first.unit AS unit, first.body->>'activity' AS activity,
        first.body->>'date' AS date, credit.value->>'volunteer' AS volunteer,
        coalesce((SELECT minutes FROM correction WHERE hours = first.id AND volunteer = credit.value->>'volunteer'
            ORDER BY seq DESC LIMIT 1), credit.value->>'minutes') AS minutes,
        coalesce((SELECT grade FROM correction WHERE hours = first.id AND volunteer = credit.value->>'volunteer'
            AND grade IS NOT NULL ORDER BY seq DESC LIMIT 1), credit.value->>'grade') AS grade,
        coalesce((SELECT start FROM correction WHERE hours = first.id AND volunteer = credit.value->>'volunteer'
            AND start IS NOT NULL ORDER BY seq DESC LIMIT 1), credit.value->>'start') AS start,
        coalesce((SELECT kind FROM particulars WHERE volunteer = credit.value->>'volunteer' AND kind IS NOT NULL
            AND seq < first.seq ORDER BY seq DESC LIMIT 1), '') AS kind
    FROM seen first, json_each(first.body->'credits') credit WHERE first.type = 'hours.credited';
CREATE VIEW signed_in AS SELECT unit, body->>'activity' AS activity, body->>'volunteer' AS volunteer,
        (SELECT iif(body->>'voided', NULL, body->>'at') FROM seen WHERE type = 'attendance.corrected'
            AND body->>'attendance' = first.id ORDER BY seq DESC LIMIT 1) AS corrected,
        (SELECT count(*) FROM seen WHERE type = 'attendance.corrected' AND body->>'attendance' = first.id) AS times,
        at FROM seen first WHERE type = 'attendance.in';
CREATE VIEW came AS SELECT unit, activity, volunteer, date((iif(times, corrected, at) + 28800000) / 1000, 'unixepoch') AS date,
        (iif(times, corrected, at) + 28800000) / 60000 % 1440 AS minute FROM signed_in WHERE NOT times OR corrected IS NOT NULL;
CREATE VIEW presence AS
    SELECT unit, activity, volunteer, date FROM credited WHERE minutes > 0 AND grade IN ('signed', 'leader', 'entered') UNION
    SELECT unit, activity, volunteer, date FROM came;
CREATE TABLE held(volunteer TEXT, activity TEXT, date TEXT, unit TEXT, grade TEXT, kind TEXT, since INTEGER, until INTEGER);
CREATE VIEW begun AS SELECT hours, unit, volunteer, date, minutes, coalesce(start,
        (SELECT min(minute) FROM came WHERE came.activity = credited.activity AND came.volunteer = credited.volunteer
            AND came.date = credited.date),
        (SELECT (body->>'starts_at' + 28800000) / 60000 % 1440 FROM agenda_step WHERE agenda_step.activity = credited.activity
            AND body->>'starts_at' IS NOT NULL ORDER BY agenda_step.seq DESC LIMIT 1)) AS start
    FROM credited WHERE minutes > 0 AND grade IN ('signed', 'leader', 'entered');
"""


class Holders:
    """Who holds a presence (人次): the first sign-in or credit that says so; when it goes, the first sign-in that is left, else
    the first credit. What changes goes behind the others, but a credit that still says so keeps what it held."""

    def __init__(self):
        self.items, self.intervals, self.order = {}, [], itertools.count()

    @staticmethod
    def may_hold(item):
        return item["grade"] in OURS and item["minutes"] != 0

    def others(self, item):
        place = (item["volunteer"], item["activity"], item["date"])
        return [other for other in self.items.values() if other is not item and
                (other["volunteer"], other["activity"], other["date"]) == place and self.may_hold(other)]

    def begin(self, item, seq):
        item["held"] = {key: item[key] for key in ("volunteer", "activity", "date", "unit", "grade", "kind")} | {"since": seq, "until": None}
        self.intervals.append(item["held"])

    def end(self, item, seq):
        if item["held"]:
            item["held"]["until"] = seq
            item["held"] = None

    def hold(self, item, seq):
        item["order"] = next(self.order)
        if self.may_hold(item) and not any(other["held"] for other in self.others(item)):
            self.begin(item, seq)

    def add(self, key, item, seq):
        self.items[key] = item | {"held": None}
        self.hold(self.items[key], seq)

    def change(self, key, seq, **changed):
        item = self.items.get(key)
        if not item:
            return
        held = item["held"]
        self.end(item, seq)
        keeps = item["credit"] and self.may_hold(item | changed)
        left = self.others(item)
        if held and not keeps and left and not any(other["held"] for other in left):
            first = min(left, key=lambda other: (other["credit"], other["order"]))
            first["order"] = next(self.order)
            self.begin(first, seq)
        item.update(changed)
        if changed.get("voided"):
            del self.items[key]
        else:
            self.hold(item, seq)


class People:
    """Mixed into the recount, which has `rows`, `cut`, `base` and the events."""

    def find_holders(self, events, day_of):
        """Fills `held`. Events are in their order."""
        holders, kinds = Holders(), {}
        for event in events:
            body, seq, kind = event["body"], event["seq"], event["type"]
            if kind in ("volunteer.enrolled", "volunteer.updated"):
                who = event["id"] if kind == "volunteer.enrolled" else body["volunteer"]
                kinds[who] = body.get("kind", kinds.get(who, ""))
            elif kind == "hours.credited":
                for credit in body["credits"]:
                    holders.add((event["id"], credit["volunteer"]), credit | {
                        "credit": True, "activity": body["activity"], "date": body["date"], "unit": event["unit"],
                        "kind": kinds[credit["volunteer"]]}, seq)
            elif kind == "hours.corrected":
                changed = {key: body[key] for key in ("minutes", "grade") if key in body}
                holders.change((body["hours"], body["volunteer"]), seq, **changed)
            elif kind == "attendance.in":
                holders.add(event["id"], body | {"credit": False, "minutes": None, "date": day_of(event["at"]), "unit": event["unit"],
                                                 "kind": kinds[body["volunteer"]]}, seq)
            elif kind == "attendance.corrected":
                changed = {"voided": True} if body.get("voided") else {"date": day_of(body["at"])}
                holders.change(body["attendance"], seq, **changed)
        self.base.executemany("INSERT INTO held VALUES (:volunteer, :activity, :date, :unit, :grade, :kind, :since, :until)",
                              holders.intervals)

    # ---- hours ----

    def hours(self, by=("squad", "period"), at=None):
        """By any of squad, period (month), grade and kind, and the whole, which has none of them."""
        self.cut(at)
        columns = {"squad": "squad AS unit", "period": "substr(date, 1, 7) AS period", "grade": "grade", "kind": "kind"}
        everyone = "1" if "grade" in by else "grade IN ('signed', 'leader', 'entered')"
        figures = """SELECT {0} total(minutes * (grade = 'signed')) AS signed_in, total(minutes * (grade = 'leader')) AS leader,
                total(minutes * (grade = 'entered')) AS entered, total(minutes * (grade = 'credit')) AS credit,
                total(minutes * (grade = 'honour')) AS honour, total(minutes * (grade IN ('signed', 'leader', 'entered'))) AS minutes,
                total(presence) AS attendances, count(DISTINCT iif({1}, volunteer, NULL)) AS people
            FROM (SELECT unit, date, volunteer, grade, kind, minutes, {1} AND grade IN ('credit', 'honour') AS presence
                    FROM credited WHERE minutes > 0 UNION ALL
                SELECT unit, date, volunteer, grade, kind, 0, 1 FROM held, cut
                    WHERE since <= cut.at AND coalesce(until > cut.at, 1)) line
            JOIN squad ON squad.path = line.unit {2}"""
        group = "GROUP BY " + ", ".join(str(number + 1) for number in range(len(by)))
        rows = self.rows(figures.format(", ".join(columns[name] for name in by) + ",", everyone, group))
        rows += self.rows(figures.format("", "grade IN ('signed', 'leader', 'entered')", ""))
        return [{key: int(value) if isinstance(value, float) else value for key, value in row.items()} for row in rows]

    def attendances(self, at=None):
        """人次 and 人数 by squad and month, without a word about who holds a presence."""
        self.cut(at)
        return self.rows("""SELECT squad AS unit, substr(date, 1, 7) AS period, count(*) AS attendances,
            count(DISTINCT volunteer) AS people FROM presence JOIN squad ON path = unit GROUP BY 1, 2""")

    # ---- overlaps ----

    def overlaps(self, at=None):
        """Each pair of credits that share minutes, and each day with more than 24 hours."""
        self.cut(at)
        self.base.execute("DROP TABLE IF EXISTS temp.service")
        self.base.execute("CREATE TEMP TABLE service AS SELECT * FROM begun")
        pairs = self.rows("""SELECT one.volunteer, one.date, min(one.start + one.minutes, other.start + other.minutes)
                - max(one.start, other.start) AS minutes, one.hours AS first, one.unit AS first_unit, one.start AS first_start,
                one.minutes AS first_minutes, other.hours AS second, other.unit AS second_unit, other.start AS second_start,
                other.minutes AS second_minutes
            FROM service one JOIN service other USING (volunteer, date) WHERE one.hours < other.hours
                AND min(one.start + one.minutes, other.start + other.minutes) > max(one.start, other.start)""")
        days = self.rows("""SELECT volunteer, date, sum(minutes) - 1440 AS minutes, 1 AS whole_day FROM service
            GROUP BY volunteer, date HAVING sum(minutes) > 1440""")
        return pairs + [row | {"whole_day": True} for row in days]

    # ---- one volunteer ----

    def volunteers(self, at=None):
        """What is kept of each, in the order of enrolment."""
        overlaps = self.overlaps(at)
        self.cut(at)
        self.base.execute("DROP TABLE IF EXISTS temp.entry")
        self.base.execute("CREATE TEMP TABLE entry AS SELECT credited.*, coalesce(credited.start, begun.start, ("
                          "SELECT min(minute) FROM came WHERE came.activity = credited.activity AND came.volunteer ="
                          " credited.volunteer AND came.date = credited.date), (SELECT (body->>'starts_at' + 28800000) / 60000 % 1440"
                          " FROM agenda_step WHERE agenda_step.activity = credited.activity AND body->>'starts_at' IS NOT NULL"
                          " ORDER BY agenda_step.seq DESC LIMIT 1)) AS begins FROM credited LEFT JOIN begun USING (hours, volunteer)")
        squads = self.find_squads()
        return [self.volunteer(row["id"], squads[row["id"]]) |
                {"overlaps": [{key: value for key, value in one.items() if key != "volunteer"} for one in overlaps
                              if one["volunteer"] == row["id"]]}
                for row in self.rows("SELECT id FROM seen WHERE type = 'volunteer.enrolled' ORDER BY seq")]

    def find_squads(self):
        """(unit, day of leaving) pairs of each volunteer."""
        found = {}
        for event in self.rows("SELECT id, type, unit, body FROM seen WHERE type LIKE 'volunteer.%' ORDER BY seq"):
            body = self.body(event)
            if event["type"] == "volunteer.enrolled":
                found[event["id"]] = [(unit, None) for unit in body.get("units") or [event["unit"]]]
                continue
            own = found[body["volunteer"]]
            if event["type"] == "volunteer.left":
                under = event["unit"] + "/"
                own[:] = [(unit, body["left"] if left is None and (unit + "/").startswith(under) else left) for unit, left in own]
            elif body.get("units"):
                own[:] = [(unit, left) for unit, left in own if left or unit in body["units"]]
                own += [(unit, None) for unit in body["units"] if (unit, None) not in own]
        return found

    def latest(self, field, volunteer):
        return self.one(f"SELECT {field} FROM particulars WHERE volunteer = ? AND {field} IS NOT NULL ORDER BY seq DESC", volunteer)

    def setting(self, name, otherwise):
        return self.one("SELECT body->>'value' FROM seen WHERE type = 'setting.set' AND unit = 'haining' AND body->>'name' = ?"
                        " ORDER BY seq DESC", name) or otherwise

    def volunteer(self, who, squads):
        sums = self.rows("""SELECT grade, sum(minutes) AS minutes FROM entry WHERE volunteer = ? GROUP BY grade""", who)
        by_grade = {row["grade"]: row["minutes"] for row in sums}
        minutes = sum(by_grade.get(grade, 0) for grade in OURS)
        attendances = self.one("SELECT count(*) FROM held, cut WHERE volunteer = ? AND since <= cut.at AND coalesce(until > cut.at, 1)", who)
        months = self.one("SELECT count(DISTINCT substr(date, 1, 7)) FROM entry WHERE volunteer = ? AND minutes > 0"
                          " AND grade IN ('signed', 'leader', 'entered')", who)
        steps = [int(step) for step in self.setting("star-minutes", STAR_MINUTES).split(",")]
        reached = sum(minutes >= step for step in steps)
        awards = self.rows("SELECT body->>'award' AS award FROM seen WHERE type = 'award.granted' AND body->>'volunteer' = ?"
                           " ORDER BY seq DESC", who)
        return {"id": who, "kind": self.latest("kind", who), "minor": bool(self.latest("minor", who)), "joined": self.latest("joined", who),
                "units": sorted(squads, key=str),
                "sums": {"signed_in": by_grade.get("signed", 0), **{grade: by_grade.get(grade, 0) for grade in ("leader", "entered", "credit", "honour")},
                         "minutes": minutes, "attendances": attendances, "people": int(attendances > 0 or minutes > 0)},
                "months": months, "star": reached if months >= int(self.setting("star-months", "0")) else 0,
                "star_next_minutes": steps[reached] if reached < len(steps) else None,
                "star_granted": max([int(row["award"][5:]) for row in awards if row["award"].startswith("star-")], default=0),
                "awards": [row["award"] for row in awards], "hours": self.entries(who), "objections": self.objections(who)}

    def entries(self, who):
        rows = self.rows("SELECT hours, activity, unit, date, minutes, grade, begins AS start, seq FROM entry WHERE volunteer = ?"
                         " ORDER BY date DESC, seq DESC", who)
        for row in rows:
            first = self.one("SELECT credit.value FROM seen, json_each(seen.body->'credits') credit WHERE seen.id = ?"
                             " AND credit.value->>'volunteer' = ?", row["hours"], who)
            row["versions"] = self.versions(row, self.body({"body": first}), who)
            row["programmes"] = self.body({"body": self.one("SELECT body->'programmes' FROM seen WHERE id = ?", row["activity"])})
            del row["seq"]
        return rows

    def versions(self, row, credit, who):
        """(seq, minutes, grade, start, correction), where there are corrections."""
        grade, start = credit["grade"], credit.get("start")
        found = [(row["seq"], credit["minutes"], grade, start, None)]
        for one in self.rows("SELECT * FROM correction WHERE hours = ? AND volunteer = ? ORDER BY seq", row["hours"], who):
            grade = one["grade"] or grade
            start = start if one["start"] is None else one["start"]
            found.append((one["seq"], one["minutes"], grade, start, one["id"]))
        return found if len(found) > 1 else []

    def objections(self, who):
        return self.rows("""SELECT id, body->>'hours' AS hours, answer, iif(answer IS NULL, 'raised', iif(upheld, 'upheld', 'refused')) AS state
            FROM (SELECT id, seq, body, (SELECT id FROM seen answer WHERE type = 'hours.answered' AND answer.body->>'objection'
                    = seen.id ORDER BY seq LIMIT 1) AS answer, (SELECT body->>'upheld' FROM seen answer WHERE type = 'hours.answered'
                    AND answer.body->>'objection' = seen.id ORDER BY seq LIMIT 1) AS upheld
                FROM seen WHERE type = 'hours.objected' AND body->>'volunteer' = ?) ORDER BY seq DESC""", who)
