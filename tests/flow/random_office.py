"""Random events of the whole domain, valid and not, as independent subjects that are interleaved at random.

    office = random_office.Office(random.Random(7))
    for frame in office.frames(count=40):
        door.submit(frame)     # what is refused is refused; some events come twice

A subject is a generator of events in their order: an activity with all that hangs on it, a problem, a plan, a story, a report.
"""
import datetime

import harness
import sql_recount

UNITS = ["haining/xiashi", "haining/xucun", "haining/yanguan", "haining/xiashi/team"]
KINDS = ["posters", "piling", "dog-mess"]
GRADES = ["signed", "leader", "entered", "credit", "honour"]
VOLUNTEER_KINDS = ["机关", "青年学生", "沿街商户"]
NOWHERE = "0000000000000001.1.1.0000000000000001"  # a position
DAY_MS = 86_400_000


class Office:
    def __init__(self, dice, now):
        self.dice = dice
        self.now = now  # ms since 1970
        self.volunteers = []
        self.made = []

    def event(self, kind, unit, body, side=None, days=0):
        at = self.now + days * DAY_MS - self.dice.randrange(DAY_MS // 4)
        identity = at.to_bytes(6, "big") + bytes([0x70 | self.dice.randrange(16), self.dice.randrange(256),
                                                  0x80 | self.dice.randrange(64)]) + self.dice.randbytes(7)
        return harness.event(kind, unit, body, side, id=identity, at=at)

    def day(self, low=-9, high=6):
        moment = self.now + self.dice.randint(low, high) * DAY_MS
        return sql_recount.day_of(moment)

    def moment(self, day):
        """Some minute of a day in China, in milliseconds since 1970."""
        begin = datetime.datetime.fromisoformat(f"{day}T00:00:00+08:00").timestamp()
        return int(begin) * 1000 + self.dice.randrange(6 * 60, 22 * 60) * 60_000

    def enrol(self, count):
        events = [self.event("volunteer.enrolled", self.dice.choice(UNITS), self.particulars(), {"number": f"V-{n}"})
                  for n in range(count)]
        self.volunteers = [event["id"] for event in events]
        return events

    def particulars(self):
        """Some of them; each that is said holds from then on."""
        dice, body = self.dice, {}
        if dice.random() < 0.6:
            body["kind"] = dice.choice(VOLUNTEER_KINDS)
        if dice.random() < 0.3:
            body |= dice.choice([{"minor": True, "guardian": True}, {"minor": False}])
        if dice.random() < 0.3:
            body["joined"] = self.day(-900, 0)
        if dice.random() < 0.3:
            body["units"] = dice.sample(UNITS, dice.randint(1, 3))
        return body

    # ---- subjects ----

    def report_body(self, **more):
        dice = self.dice
        body = {"programmes": dice.sample(sql_recount.PROGRAMMES, dice.choice([1, 1, 2]))} | more
        if dice.random() < 0.9:
            body["date"] = self.day()
        if dice.random() < 0.8:
            body |= {"attendances": dice.randint(0, 90), "attendances_unit": dice.choice(["名", "人次", "户", "组"]),
                     "attendances_approx": dice.choice(list(sql_recount.APPROX))}
        if dice.random() < 0.2:
            body["people"] = dice.randint(1, 90)  # often more than the attendances: a warning
        if dice.random() < 0.7:
            body |= {"minutes": dice.randint(0, 900), "minutes_approx": dice.choice(["exact", "about"])}
        body["measures"] = [{"name": name, "unit": "处", "quantity": dice.randint(0, 9000)}
                            for name in dice.sample(["清理", "劝导", "发放"], dice.randint(0, 2))]
        return body

    def report(self, unit=None, **more):
        unit = unit or self.dice.choice(UNITS)
        first = self.event("report.submitted", unit, self.report_body(**more), {"title": "清洁家园"})
        yield first
        for _ in range(self.dice.randint(0, 4)):
            kind = self.dice.choice(["amended", "accepted", "returned", "returned", "withdrawn"])
            if kind == "amended":
                yield self.event("report.amended", unit, self.report_body(**more) | {"amends": first["id"]}, {"title": "更正"})
            else:
                yield self.event(f"report.{kind}", unit, {"report": first["id"]}, {"reason": "请核对"})

    def activity(self):
        dice, unit = self.dice, self.dice.choice(UNITS[:3])
        units = sorted({unit, *dice.sample(UNITS[:3], dice.randint(0, 2))})
        day = self.day()
        plan = {"programmes": dice.sample(sql_recount.PROGRAMMES, dice.choice([1, 2])), "units": units, "dates": [day],
                "duration": dice.choice([180, 900])}
        if dice.random() < 0.6:
            plan["starts_at"] = self.moment(day)
        first = self.event("activity.planned", unit, plan, {"title": "文明养犬"})
        yield first
        own = {"activity": first["id"]}
        parts = [self.report(one, **own) for one in units if dice.random() < 0.8] + [self.people(unit, own, day, plan["duration"])]
        if dice.random() < 0.3:
            moved = {"dates": [self.day()]} if dice.random() < 0.5 else {"starts_at": self.moment(day)}
            parts.append(iter([self.event("activity.changed", unit, own | moved, {"reason": "改期"})]))
        if dice.random() < 0.1:
            parts.append(iter([self.event("activity.cancelled", unit, own, {"reason": "大雨"})]))
        yield from self.interleave(parts)

    def people(self, unit, own, day, length):
        """Sign-ins and hours of the squad that holds the activity."""
        dice = self.dice
        for one in dice.sample(self.volunteers, dice.randint(0, 3)):
            signed = self.event("attendance.in", unit, own | {"volunteer": one, "grade": dice.choice(["leader", "entered"])},
                                days=dice.randint(-2, 0))
            yield signed
            if dice.random() < 0.3:
                fixed = {"voided": True} if dice.random() < 0.5 else {"at": signed["at"] - dice.randint(0, 2) * DAY_MS}
                yield self.event("attendance.corrected", unit, {"attendance": signed["id"], "volunteer": one} | fixed,
                                 {"reason": "代签有误"})
        for _ in range(dice.randint(0, 3)):
            credits = [{"volunteer": one, "minutes": dice.choice([dice.randint(0, length + 1), length]), "grade": dice.choice(GRADES)}
                       for one in dice.sample(self.volunteers, dice.randint(1, 5))]
            for one in credits:
                if dice.random() < 0.3:
                    one["start"] = dice.randrange(8 * 60, 13 * 60)
            hours = self.event("hours.credited", unit, own | {"date": day, "credits": credits})
            yield hours
            yield from self.corrections(unit, hours, credits)

    def corrections(self, unit, hours, credits):
        dice = self.dice
        for _ in range(dice.randint(0, 2)):
            body = {"hours": hours["id"], "volunteer": dice.choice(credits)["volunteer"], "minutes": dice.choice([0, 30, 90])}
            if dice.random() < 0.3:
                body["grade"] = dice.choice(GRADES)
            if dice.random() < 0.3:
                body["start"] = dice.randrange(8 * 60, 13 * 60)
            yield self.event("hours.corrected", unit, body, {"reason": "核对签到表"})
        if dice.random() < 0.2:
            body = {"volunteer": credits[0]["volunteer"]}
            objected = self.event("hours.objected", unit, body | {"hours": hours["id"]}, {"text": "少记"})
            yield objected
            for _ in range(dice.randint(0, 2)):
                yield self.event("hours.answered", unit, body | {"objection": objected["id"], "upheld": dice.random() < 0.5},
                                 {"text": "已核对"})

    def person(self):
        """Somebody's particulars and squads change, and a star is given."""
        dice = self.dice
        for _ in range(dice.randint(1, 3)):
            body, unit = {"volunteer": dice.choice(self.volunteers)}, dice.choice(["haining", *UNITS])
            yield dice.choice([
                self.event("volunteer.updated", unit, body | self.particulars()),
                self.event("volunteer.left", unit, body | {"left": self.day(-300, 0)}),
                self.event("award.granted", "haining", body | {"award": dice.choice(["star-1", "star-2", "model"]), "as_of": NOWHERE})])

    def merge(self):
        """Two activities, or reports without one, become one."""
        pair = [self.dice.choice([self.activity, self.report])() for _ in range(2)]
        first = [next(one) for one in pair]
        yield from first
        merged = iter([self.event("activity.merged", "haining", {"into": first[0]["id"], "from": first[1]["id"]})])
        yield from self.interleave([*pair, merged])

    def problem(self):
        """Any steps, most of which follow one another."""
        dice, unit = self.dice, self.dice.choice(UNITS)
        body = {"kind": dice.choice(KINDS), "spot": dice.choice(["河西社区", "中心菜场", "公交站"])}
        if dice.random() < 0.2:
            body["solved"] = True
        first = self.event("problem.raised", unit, body, days=-dice.choice([0, 1, 5, 20, 50]))
        yield first
        course = ["assigned", "started", "resolved", "confirmed", "reopened"]
        for at in range(dice.randint(0, 8)):
            word = course[at % 5] if dice.random() < 0.7 else dice.choice([*course, "refused"])
            more = {"assigned": {"to": unit, "due": self.day()}, "reopened": {"came_back": dice.random() < 0.5}}.get(word, {})
            yield self.event(f"problem.{word}", unit, {"problem": first["id"]} | more)
        if dice.random() < 0.1:
            other = self.event("problem.raised", unit, body)
            yield other
            yield self.event("problem.duplicated", unit, {"problem": other["id"], "of": first["id"]})

    def plan(self):
        dice, unit, last = self.dice, self.dice.choice(["haining", *UNITS[:3]]), None
        year = datetime.date.fromisoformat(self.day(0, 0)).year - dice.randrange(2)
        for _ in range(dice.randint(1, 3)):
            lines = [{"month": f"{year}-{month:02}", "programme": programme, "activities": dice.randint(0, 9),
                      "attendances": dice.randint(0, 99), "minutes": dice.randint(0, 999)}
                     for month in dice.sample(range(1, 13), 3) for programme in dice.sample(sql_recount.PROGRAMMES, 2)]
            draft = self.event("plan.drafted", unit, {"year": year, "lines": lines} | ({"replaces": last} if last else {}))
            last = draft["id"]
            yield draft
            for word in ("submitted", "fixed"):
                if dice.random() < 0.9:
                    yield self.event(f"plan.{word}", unit, {"plan": draft["id"]})

    def story(self):
        unit = self.dice.choice(UNITS)
        first = self.event("story.submitted", unit, {"kind": self.dice.choice(["case", "group"])}, {"title": "楼道清零"})
        yield first
        for word in self.dice.sample(["chosen", "published", "published"], self.dice.randint(0, 3)):
            more = {"medium": "newspaper", "outlet": self.dice.choice(["海宁日报", "大潮网"]), "date": self.day(-3, 0)}
            yield self.event(f"story.{word}", unit, {"story": first["id"]} | (more if word == "published" else {}))

    def setting(self):
        for _ in range(2):
            body = {"name": "report-due-days", "value": str(self.dice.randint(0, 6))}
            yield self.event("setting.set", self.dice.choice(["haining", *UNITS[:2]]), body)
        for name, value in (("star-minutes", "60,600,1200,2400,9000"), ("star-months", "1")):
            yield self.event("setting.set", "haining", {"name": name, "value": value})

    def kinds(self):
        """Units that become squads or are none any more: from then on other rows take up what they did."""
        squad, team = "haining/xiashi", "haining/xiashi/team"
        for path, kind in ((squad, "team"), (team, "squad"), (squad, "squad"), (team, "team")):
            yield self.event("unit.set", path, {"name": path[8:], "kind": kind})

    # ---- all of it ----

    def interleave(self, parts):
        """The events of all parts, each part's in its order."""
        parts = list(parts)
        while parts:
            at = self.dice.randrange(len(parts))
            event = next(parts[at], None)
            if event is None:
                parts.pop(at)
            else:
                yield event

    def frames(self, subjects, size):
        """Frames of up to `size` events; a tenth of the events comes a second time, later."""
        counts = {self.activity: 5, self.report: 4, self.problem: 5, self.plan: 1, self.story: 2, self.merge: 1, self.person: 4}
        chosen = self.dice.choices(list(counts), list(counts.values()), k=subjects)
        frame = []
        for event in self.interleave([subject() for subject in chosen] + [self.setting(), self.kinds()]):
            frame.append(event)
            self.made.append(event)
            if self.dice.random() < 0.1:
                frame.append(self.dice.choice(self.made))
            if len(frame) >= size:
                yield frame
                frame = []
        yield frame
