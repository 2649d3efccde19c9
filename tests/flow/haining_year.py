"""A year of Haining, made from the real activities with a fixed seed: the same events, byte for byte, each time.

    year = haining_year.Year(reports=2000, volunteers=500)
    for day, events in year.days():   # in order; `at` lies on the day
        ...

Squads, plans, activities (joint, in weekly series, changed, cancelled), sign-ins, reports (late, missing, amended, withdrawn,
accepted, returned, merged), problems with their lives, volunteers, hours with corrections and objections, stories, settings.
What was done is taken from real-activities.csv (programme, headcount, length, measures); who, when and what became of it is
made up, and everything is marked as a demonstration where the tables know the mark.
"""
import collections
import csv
import datetime
import json
import random
import re

import harness

DATA = harness.ROOT / "scripts/data"
FIRST, LAST = datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)
END = datetime.date(2026, 1, 31)  # what belongs to the year still comes in until then
CHINA = datetime.timezone(datetime.timedelta(hours=8))
PEOPLE = ("名", "人", "位", "人次")
WEIGHED = ("吨", "公斤", "平方米", "米")
WEIGHTS = [6, 12, 12, 9, 5, 6, 7, 6, 7, 8, 5, 9, 10, 4]  # how busy each squad is
TOWNS = ["硖石街道", "海洲街道", "海昌街道", "马桥街道", "许村镇", "长安镇", "盐官镇", "斜桥镇", "丁桥镇", "袁花镇", "黄湾镇",
         "周王庙镇"]
PLACES = ["农贸市场东门", "社区3号楼北侧", "公交总站", "河滨公园", "小学门口", "商业街南口", "老街菜场", "文化礼堂"]
KINDS = ["机关", "沿街商户", "青年学生", "市民", "媒体"]
GRADES = ["signed", "signed", "signed", "leader", "entered"]
OUTLETS = [("newspaper", "海宁日报"), ("wechat", "海宁城管"), ("tv", "海宁电视台"), ("web", "大潮网")]
BEGINNINGS = ("activity.planned", "volunteer.enrolled", "problem.raised", "story.submitted")
APPROX = [("at-least", "余多超上"), ("below", "近"), ("about", "约右")]


def approx(raw):
    """The kind of approximation that the words of a number say."""
    return next((kind for kind, words in APPROX if any(word in raw for word in words)), "exact")


def days(count):
    return datetime.timedelta(days=count)


def real_rows():
    """What each real activity gives: the body of a report without date, and its length."""
    found = []
    with open(DATA / "real-activities.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            body = {"programmes": re.split("[;,、]", row["programme"])}
            if row["participants"]:
                body |= {"attendances": int(row["participants"]), "attendances_approx": approx(row["participants_raw"]),
                         "attendances_unit": row["participants_unit"]}
            measures = []
            for name, count in json.loads(row["counts"] or "{}").items():
                if count["unit"]:
                    measures.append({"name": name[:40], "quantity": round(count["n"] * 1000), "unit": count["unit"],
                                     "approx": approx(count["raw"])})
            if measures:
                body["measures"] = measures
            length = round(float(row["duration_h"]) * 60) if row["duration_h"] else None
            found.append((body, length, row["title"]))
    return found


class Year:
    def __init__(self, reports=2000, volunteers=500, seed=2025):
        self.dice = random.Random(seed)
        self.rows = real_rows()
        place = json.loads((DATA / "haining.json").read_text(encoding="utf-8"))
        self.kinds = [kind["code"] for kind in place["problem_kinds"]]
        self.squads = [f"haining/{squad['code']}" for squad in place["squads"]]
        self.place = place
        self.calendar = collections.defaultdict(list)
        self.volunteers = collections.defaultdict(list)  # by squad: (day of joining, id)
        self.standing = []  # (day, unit, id) of reports that nobody touched
        self.wanted = reports
        self.count = 0
        self.begin()
        self.enrol(volunteers)
        self.plan(reports)
        while self.count < reports * 7 // 10:
            self.activity()
        while self.count < reports:
            self.report(self.day(), self.squad(), self.dice.choice(self.rows))
        self.merge(reports // 100)
        for _ in range(reports // 15):
            self.problem()
        for _ in range(reports // 100):
            self.story()

    def days(self):
        """(day, its events) of every day that has some, in order. The first event is one that no date decides about, where
        there is one: intake opens a day when its first event is durable, or shortly before."""
        for day in sorted(self.calendar):
            events = self.calendar[day]
            first = next((event for event in events if event["type"] in BEGINNINGS and day > FIRST), events[0])
            yield day, [first] + [event for event in events if event is not first]

    # ---- one event ----

    def add(self, day, kind, unit, body, side=None):
        """One more event of the day; after what was added to it before. Gives its id."""
        day = min(day, END)
        events = self.calendar[day]
        noon = datetime.datetime(day.year, day.month, day.day, 8, tzinfo=CHINA)
        at = int(noon.timestamp() * 1000) + 1000 * len(events)
        noise = bytearray(self.dice.randbytes(10))
        noise[0], noise[2] = 0x70 | noise[0] & 0x0F, 0x80 | noise[2] & 0x3F
        event = harness.event(kind, unit, body, side, id=at.to_bytes(6, "big") + bytes(noise), at=at)
        events.append(event)
        return event["id"]

    def chance(self, percent):
        return self.dice.random() * 100 < percent

    def day(self):
        return FIRST + days(self.dice.randrange((LAST - FIRST).days + 1))

    def squad(self):
        return self.dice.choices(self.squads, WEIGHTS)[0]

    # ---- the office, the squads, the volunteers ----

    def begin(self):
        self.add(FIRST, "unit.set", "haining", {"name": self.place["brigade"]["name"], "kind": "brigade"})
        for order, squad in enumerate(self.place["squads"]):
            body = {"name": squad["short"], "full_name": squad["name"], "kind": "squad", "order": order + 1}
            self.add(FIRST, "unit.set", f"haining/{squad['code']}", body)
        self.add(FIRST, "setting.set", "haining", {"name": "report-due-days", "value": "3"})
        self.add(datetime.date(2025, 7, 1), "setting.set", "haining", {"name": "report-due-days", "value": "5"})
        for item, name in ((12, "社区普法讲座"), (57, "空巢老人走访"), (101, "小小城管员")):
            self.add(FIRST, "menu.set", "haining", {"item": item, "name": name})

    def enrol(self, count):
        for number in range(1, count + 1):
            unit, day = self.squad(), FIRST + days(self.dice.randrange(1, 180) if self.chance(40) else 1)
            body = {"kind": self.dice.choice(KINDS), "joined": str(day)}
            if body["kind"] == "青年学生" and self.chance(30):
                body |= {"minor": True, "guardian": True}
            side = {"number": f"V-{number:05}", "name": f"演示志愿者{number}"}
            self.volunteers[unit].append((day, self.add(day, "volunteer.enrolled", unit, body, side)))

    def plan(self, reports):
        for squad, weight in zip(self.squads, WEIGHTS):
            each = max(1, round(reports * weight / sum(WEIGHTS) / 60))
            first = self.fix_plan(squad, datetime.date(2025, 1, 2), each)
            if squad == self.squads[2]:
                self.fix_plan(squad, datetime.date(2025, 7, 1), each + each // 4 + 1, replaces=first)
        self.fix_plan("haining", datetime.date(2025, 1, 3), max(1, reports // 60))

    def fix_plan(self, unit, day, each, **more):
        lines = [{"month": f"2025-{month:02}", "programme": programme, "activities": each, "attendances": each * 25,
                  "minutes": each * 250} for month in range(1, 13)
                 for programme in ("clean-home", "dog", "waste-sorting", "parking", "civilisation-practice")]
        plan = self.add(day, "plan.drafted", unit, {"year": 2025, "lines": lines} | more)
        self.add(day + days(4), "plan.submitted", unit, {"plan": plan})
        self.add(day + days(8), "plan.fixed", "haining", {"plan": plan})
        return plan

    # ---- activities and reports ----

    def activity(self):
        """One planned activity, or a weekly series of them, up to the reports on it."""
        row, first = self.dice.choice(self.rows), self.day()
        units = [self.squad()]
        if self.chance(10):
            units = sorted({*units, *(self.squad() for _ in range(self.dice.randint(1, 4)))})
        series = None
        for week in range(6 if self.chance(3) else 1):
            day = first + days(7 * week)
            if day <= LAST:
                series = self.planned(day, units, row, series) if week else self.planned(day, units, row)

    def planned(self, day, units, row, series=None):
        length = row[1] or self.dice.choice([60, 90, 120, 120, 150, 180])
        announced = max(FIRST + days(12), day - days(self.dice.randint(3, 14)))
        day = max(day, announced)
        body = {"programmes": row[0]["programmes"], "units": units, "dates": [str(day)], "duration": length, "demo": True}
        if series:
            body["series"] = series
        activity = self.add(announced, "activity.planned", units[0] if len(units) == 1 else "haining", body,
                            {"title": row[2]})
        if self.chance(5):
            self.add(day, "activity.cancelled", "haining", {"activity": activity}, {"reason": "大风大雨"})
            return series or activity
        if self.chance(5):
            moved = min(LAST, day + days(self.dice.randint(1, 3)))
            self.add(day, "activity.changed", "haining", {"activity": activity, "dates": [str(moved)]}, {"reason": "改期"})
            day = moved
        for unit in units:
            self.share(day, unit, activity, row, length)
        return series or activity

    def share(self, day, unit, activity, row, length):
        """What one squad does about an activity: signs in, reports, credits."""
        here = [one for joined, one in self.volunteers[unit] if joined < day]
        present = self.dice.sample(here, min(len(here), self.dice.randint(2, 9)))
        if self.chance(15):
            for one in present[:4]:
                body = {"activity": activity, "volunteer": one, "grade": "leader"}
                first = self.add(day, "attendance.in", unit, body)
                self.add(day, "attendance.out", unit, body)
                if self.chance(5):
                    self.add(day, "attendance.corrected", unit, {"attendance": first, "volunteer": one, "voided": True},
                             {"reason": "代签有误"})
        if self.chance(94):
            delay = self.dice.randint(0, 2) if self.chance(90) else self.dice.randint(4, 25)
            self.report(day, unit, row, delay, activity=activity)
        if present and self.chance(60):
            self.credit(day + days(1), day, unit, activity, present, length)

    def report(self, day, unit, row, delay=1, **more):
        dice = self.dice
        body = row[0] | {"date": str(day), "demo": True, "town": dice.choice(TOWNS)} | more
        if "attendances" in body:
            body["attendances"] = max(1, min(400, body["attendances"] * dice.randint(60, 130) // 100))
            if row[1] and body["attendances_unit"] in PEOPLE:
                body |= {"minutes": body["attendances"] * row[1], "minutes_approx": "about", "minutes_basis": "computed"}
        if "measures" in body:
            body["measures"] = [one | {"quantity": self.about(one["quantity"], one["unit"])} for one in body["measures"]]
        came = day + days(delay)
        self.count += 1
        report = self.add(came, "report.submitted", unit, body, {"title": row[2]})
        returned = self.chance(5)
        if returned:
            came += days(2)
            self.add(came, "report.returned", "haining", {"report": report}, {"reason": "请核对参与人次"})
        if self.chance(80 if returned else 4):
            came += days(2)
            changed = body | {"amends": report}
            if "attendances" in body:
                changed["attendances"] += 1
            self.add(came, "report.amended", unit, changed, {"title": row[2], "reason": "更正人次"})
        elif self.chance(2):
            self.add(came + days(1), "report.withdrawn", unit, {"report": report}, {"reason": "重复上报"})
        elif not returned:
            self.standing.append((came, unit, report, "activity" in more))

    def about(self, quantity, unit):
        """A half to one and a half of it; whole things stay whole."""
        more = quantity * self.dice.randint(50, 150) // 100
        return more if unit in WEIGHED else max(1000, more // 1000 * 1000)

    def credit(self, when, day, unit, activity, present, length):
        grade = self.dice.choice(GRADES)
        credits = [{"volunteer": one, "minutes": max(30, length - 30 * self.dice.randint(0, 1)) if length > 30 else length,
                    "grade": grade} for one in present]
        hours = self.add(when, "hours.credited", unit, {"activity": activity, "date": str(day), "credits": credits})
        one = credits[0]
        body = {"hours": hours, "volunteer": one["volunteer"]}
        if self.chance(3):
            self.add(when + days(3), "hours.corrected", unit, body | {"minutes": one["minutes"] // 2}, {"reason": "中途离开"})
        if self.chance(2):
            objection = self.add(when + days(4), "hours.objected", unit, body, {"text": "少记半小时"})
            answer = {"objection": objection, "volunteer": one["volunteer"], "upheld": self.chance(50)}
            self.add(when + days(9), "hours.answered", unit, answer, {"text": "已核对"})

    def merge(self, count):
        """Two squads reported the same activity as if it were one of each."""
        alone = [report for report in self.standing if not report[3]]
        for _ in range(count):
            into, gone = (alone.pop(self.dice.randrange(len(alone))) for _ in range(2))
            self.add(max(into[0], gone[0]) + days(1), "activity.merged", "haining", {"into": into[2], "from": gone[2]},
                     {"reason": "同一活动"})
        for came, _, report, _ in self.standing:
            if self.chance(75):
                self.add(came + days(1), "report.accepted", "haining", {"report": report})

    # ---- problems and stories ----

    def problem(self):
        unit, day, dice = self.squad(), self.day(), self.dice
        town = dice.choice(TOWNS)
        body = {"kind": dice.choice(self.kinds[:12]), "town": town, "spot": town + dice.choice(PLACES)}
        if self.chance(30):
            self.add(day, "problem.raised", unit, body | {"solved": True})
            return
        problem = self.add(day, "problem.raised", unit, body, {"description": "巡查发现"})

        def step(kind, wait, by=unit, **more):
            nonlocal day
            day += days(wait)
            self.add(day, kind, by, {"problem": problem} | more)
        if self.chance(5):
            return step("problem.refused", 1, "haining")
        if self.chance(5):
            first = self.add(max(FIRST, day), "problem.raised", unit, body, {"description": "又有人上报"})
            return step("problem.duplicated", 1, "haining", of=first)
        step("problem.assigned", 1, "haining", to=unit, due=str(day + days(8)))
        for _ in range(3):
            step("problem.started", dice.randint(0, 2))
            if self.chance(12):
                return None
            step("problem.resolved", dice.randint(1, 12))
            if not self.chance(8):
                break
            step("problem.reopened", 2)
        else:
            return None
        if self.chance(80):
            step("problem.confirmed", dice.randint(1, 4), "haining")
            if self.chance(10):
                step("problem.reopened", dice.randint(10, 60), came_back=True)
        return None

    def story(self):
        unit, day = self.squad(), self.day()
        body = {"kind": self.dice.choice(["case", "case", "group", "individual"]), "programme": "clean-home"}
        story = self.add(day, "story.submitted", unit, body, {"title": "楼道牛皮癣一周清零"})
        if self.chance(60):
            self.add(day + days(2), "story.chosen", "haining", {"story": story})
            for medium, outlet in self.dice.sample(OUTLETS, self.dice.randint(0, 3)):
                body = {"story": story, "medium": medium, "outlet": outlet, "date": str(min(END, day + days(5)))}
                self.add(day + days(5), "story.published", "haining", body)
