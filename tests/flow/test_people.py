#!/usr/bin/python3
"""Volunteers and their hours, from enrolment to the office's table: sign-in, credits, a correction with its reason, minutes that
are credited twice, an objection and its answer, stars, who may see whom, and the same figures at every door."""
import json
import time
import unittest
import urllib.parse
import uuid

import harness
from portal_door import ask, chaoxun, setUpModule, sign_in, tearDownModule  # noqa: F401 (unittest's names)

DAY = "2026-05-06"
NEXT = "2026-05-07"
XIASHI, XUCUN = "haining/xiashi", "haining/xucun"


def at(clock, day=DAY):
    """Milliseconds of a time of the day in China."""
    return int(time.mktime(time.strptime(f"{day} {clock} UTC", "%Y-%m-%d %H:%M %Z")) - time.timezone - 8 * 3600) * 1000


def store(*events):
    receipts = chaoxun.submit(list(events))
    assert all(receipt["status"] == "stored" for receipt in receipts), receipts
    return receipts[-1]["position"]


def text(event):
    return str(uuid.UUID(bytes=event["id"]))


def volunteer(unit, number, name, kind="机关", **body):
    return harness.event("volunteer.enrolled", unit, {"kind": kind} | body,
                         {"number": number, "name": name, "phone": "13900000" + number[-3:]})


def activity(unit, *programmes, start="09:00", minutes=180):
    return harness.event("activity.planned", unit, {"programmes": list(programmes), "dates": [DAY, NEXT], "starts_at": at(start),
                                                    "duration": minutes}, {"title": "文明养犬进社区"})


def credited(unit, of, day, *credits):
    """`credits`: (volunteer, minutes, grade) or with the minute at which it began."""
    rows = [{"volunteer": row[0]["id"], "minutes": row[1], "grade": row[2]} | ({"start": row[3]} if len(row) > 3 else {})
            for row in credits]
    return harness.event("hours.credited", unit, {"activity": of["id"], "date": day, "credits": rows})


class Scene:
    """Two squads, four volunteers, three activities."""

    def __init__(self):
        self.li = volunteer(XIASHI, "V-101", "李四海")
        self.wu = volunteer(XIASHI, "V-102", "吴小燕", "青年学生", units=[XIASHI, XUCUN])
        self.he = volunteer(XUCUN, "V-103", "何大山", "沿街商户")
        self.dog = activity(XIASHI, "dog")
        self.clean = activity(XUCUN, "clean-home", "parking", start="10:00")
        signed = {"activity": self.dog["id"], "volunteer": self.li["id"], "grade": "leader"}
        store(self.li, self.wu, self.he, self.dog, self.clean)
        store(harness.event("attendance.in", XIASHI, signed, at=at("09:00")),
              harness.event("attendance.out", XIASHI, signed, at=at("11:00")))
        self.hours = credited(XIASHI, self.dog, DAY, (self.li, 120, "leader"), (self.wu, 90, "entered", 540))
        self.other = credited(XUCUN, self.clean, DAY, (self.wu, 120, "entered", 600), (self.he, 60, "entered"))
        self.platform = credited(XUCUN, self.clean, NEXT, (self.he, 240, "credit"))
        self.before = store(self.hours, self.other, self.platform)
        self.corrected = harness.event("hours.corrected", XIASHI, {"hours": self.hours["id"], "volunteer": self.wu["id"], "minutes": 60},
                                       {"reason": "提前离开"}, by="P-0008")
        self.objected = harness.event("hours.objected", XIASHI, {"volunteer": self.wu["id"], "hours": self.hours["id"]},
                                      {"text": "当天服务了一个半小时"})
        store(self.corrected, self.objected)
        self.position = store(harness.event("hours.answered", XIASHI, {"objection": self.objected["id"], "volunteer": self.wu["id"], "upheld": False},
                                            {"text": "签退时间为十点"}),
                              harness.event("setting.set", "haining", {"name": "star-minutes", "value": "60,180,18000,36000,60000"}),
                              harness.event("award.granted", "haining", {"volunteer": self.wu["id"], "award": "star-1", "as_of": self.before}))


class People(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scene = Scene()

    def get(self, path, **headers):
        separator = "&" if "?" in path else "?"
        status, _, answer = ask("GET", urllib.parse.quote(f"{path}{separator}at_least={self.scene.position}", safe="/?&=,-"),
                                headers=headers or {"Authorization": "Bearer " + chaoxun.token})
        return status, answer

    def hours(self, query):
        status, answer = self.get(f"/api/v1/hours?{query}")
        self.assertEqual(status, 200, answer)
        return answer

    def test_hours_by_squad(self):
        answer = self.hours("by=squad")
        rows = {row["unit"]: (row["minutes"], row["attendances"], row["people"], row["credit"]) for row in answer["rows"]}
        self.assertEqual(rows, {XIASHI: (180, 2, 2, 0), XUCUN: (180, 2, 2, 240)})
        whole = answer["whole"]
        self.assertEqual((whole["minutes"], whole["attendances"], whole["people"]), (360, 4, 3), "吴小燕 counts once")
        self.assertEqual((whole["signed_in"], whole["leader"], whole["entered"], whole["credit"]), (0, 120, 240, 240))

    def test_hours_by_programme_and_kind(self):
        rows = {(row["programme"], row["kind"]): row["minutes"] for row in self.hours("by=programme,kind")["rows"]}
        self.assertEqual(rows, {("dog", "机关"): 120, ("dog", "青年学生"): 60, ("clean-home", "青年学生"): 120,
                                ("clean-home", "沿街商户"): 60, ("parking", "青年学生"): 120, ("parking", "沿街商户"): 60})

    def test_another_platform_s_hours_stand_beside(self):
        (row,) = self.hours("by=day&grade=credit")["rows"]
        self.assertEqual((row["period"], row["minutes"], row["credit"], row["people"]), (NEXT, 0, 240, 1))

    def test_as_it_stood(self):
        answer = self.hours(f"by=squad&at={self.scene.before}")
        rows = {row["unit"]: row["minutes"] for row in answer["rows"]}
        self.assertEqual(rows, {XIASHI: 210, XUCUN: 180})
        self.assertGreater(answer["at"], 0)

    def test_bad_questions(self):
        for query, code, field in (("by=town", "bad-query", "by"), ("grade=golden", "bad-query", "grade"), ("unit=haining/nowhere", "unknown-unit", "unit"),
                                   ("from=2026-06-01&to=2026-05-01", "bad-query", "to"), ("at=999999999", "beyond", "999999999")):
            status, answer = self.get(f"/api/v1/hours?{query}")
            self.assertEqual(answer.get("code"), code, (query, status, answer))
            self.assertIn(field, answer["detail_en"], query)

    def test_overlaps(self):
        status, answer = self.get("/api/v1/hours/overlaps?from=2026-05-01&to=2026-05-31")
        self.assertEqual((status, answer["rows"]), (200, []), "09:00 to 10:00 and 10:00 to 12:00 touch")
        store(harness.event("hours.corrected", XUCUN, {"hours": self.scene.other["id"], "volunteer": self.scene.wu["id"], "minutes": 120,
                                                       "start": 570}, {"reason": "九点半开始"}))
        for path in ("/api/v1/hours/overlaps", f"/api/v1/hours/overlaps?volunteer={text(self.scene.wu)}&unit={XIASHI}"):
            answer = harness.until(lambda path=path: self.get(path)[1]["rows"], what="the overlap")
            self.assertEqual([(row["date"], row["minutes"], row["volunteer"]) for row in answer], [(DAY, 30, text(self.scene.wu))])

    def test_a_volunteer_s_view(self):
        status, answer = self.get(f"/api/v1/volunteers/{text(self.scene.wu)}")
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["number"], answer["name"], answer["kind"]), ("V-102", "吴小燕", "青年学生"))
        self.assertEqual({unit["unit"] for unit in answer["units"]}, {XIASHI, XUCUN})
        self.assertEqual((answer["sums"]["minutes"], answer["sums"]["attendances"], answer["months"]), (180, 2, 1))
        self.assertEqual((answer["star"], answer["star_granted"], answer["star_next_minutes"]), (2, 1, 18000))
        (hours,) = [row for row in answer["hours"] if row["hours"] == text(self.scene.hours)]
        self.assertEqual([row["minutes"] for row in hours["versions"]], [90, 60])
        self.assertEqual((hours["versions"][1]["reason"], hours["versions"][1]["by"]), ("提前离开", "P-0008"))
        (objection,) = answer["objections"]
        self.assertEqual((objection["state"], objection["text"], objection["answer_text"]), ("refused", "当天服务了一个半小时", "签退时间为十点"))

    def test_who_may_see_whom(self):
        squad, guide = ({"Cookie": sign_in(account)[2]} for account in ("xiashi", "guide"))
        status, answer = self.get("/api/v1/volunteers", **squad)
        self.assertEqual([row["number"] for row in answer["rows"]], ["V-101", "V-102"], (status, answer))
        self.assertEqual(self.get(f"/api/v1/volunteers/{text(self.scene.he)}", **squad)[0], 404)
        self.assertEqual(self.get(f"/api/v1/volunteers/{text(self.scene.wu)}", **squad)[0], 200)
        self.assertEqual(self.get("/api/v1/hours?by=squad", **guide)[0], 200)
        for path in ("/api/v1/volunteers", f"/api/v1/volunteers/{text(self.scene.wu)}", "/api/v1/hours/overlaps", "/api/v1/hours/entries"):
            status, answer = self.get(path, **guide)
            self.assertEqual((status, answer["code"]), (403, "no-right"), (path, answer))
            self.assertNotIn("吴小燕", json.dumps(answer, ensure_ascii=False))

    def test_what_stands_behind_hours(self):
        squad = {"Cookie": sign_in("xiashi")[2]}
        status, answer = self.get(f"/api/v1/hours/entries?from={DAY}&to={DAY}&unit={XIASHI}")
        found = {(row["event"], row["volunteer"], row["minutes"], row["attendance"]) for row in answer["rows"]}
        self.assertEqual((status, len(found)), (200, 3), answer)
        self.assertIn((text(self.scene.hours), text(self.scene.wu), 60, True), found)
        self.assertIn((text(self.scene.hours), text(self.scene.li), 120, False), found, "the sign-in is the attendance")
        status, answer = self.get(f"/api/v1/hours/entries?unit={XIASHI}&at={self.scene.before}")
        self.assertEqual(sorted(row["minutes"] for row in answer["rows"]), [0, 90, 120], "before the correction")
        self.assertEqual([row["minutes"] for row in self.get("/api/v1/hours/entries?grade=credit")[1]["rows"]], [240])
        self.assertEqual({row["unit"] for row in self.get("/api/v1/hours/entries", **squad)[1]["rows"]}, {XIASHI}, "one's own")
        for query, field in (("by=squad", "by"), ("grade=golden", "grade"), ("from=2026-06-01&to=2026-05-01", "to"), ("limit=many", "limit")):
            status, answer = self.get(f"/api/v1/hours/entries?{query}")
            self.assertEqual((status, answer.get("code")), (400, "bad-query"), (query, answer))
            self.assertIn(field, answer["detail_en"], query)

    def test_the_roster(self):
        _, first = self.get("/api/v1/volunteers?limit=2")
        _, second = self.get(f"/api/v1/volunteers?limit=2&after={first['next']}")
        self.assertEqual([row["number"] for row in first["rows"] + second["rows"]], ["V-101", "V-102", "V-103"])
        self.assertEqual((first["total"], "next" in second), (3, False))
        for query, numbers in (("text=小燕", ["V-102"]), ("number=V-103", ["V-103"]), ("unit=haining/xucun", ["V-102", "V-103"]), ("text=没有", [])):
            self.assertEqual([row["number"] for row in self.get(f"/api/v1/volunteers?{query}")[1]["rows"]], numbers, query)

    def test_the_command(self):
        position = ("--at-least", self.scene.position)
        table = chaoxun.command("hours", "--by", "squad", *position, environment={"CHAOXUN_LANG": "zh"}).stdout
        self.assertIn("参与人数（去重）", table)
        self.assertRegex(table, r"合计 .*4 .*3 .*6 ")
        shown = chaoxun.command("volunteer", "show", "V-102", *position, environment={"CHAOXUN_LANG": "zh"}).stdout
        self.assertIn("吴小燕", shown)
        self.assertRegex(shown, "1.5 → 1 .*P-0008.*提前离开")
        listed = chaoxun.command("volunteer", "list", "--json", *position).stdout.splitlines()
        self.assertEqual([json.loads(line)["name"] for line in listed], ["李四海", "吴小燕", "何大山"])
        added = chaoxun.command("volunteer", "add", "--unit", "haining/dingqiao", stdin='{"number":"V-200","name":"丁一","minor":true}')
        self.assertNotEqual(added.returncode, 0)
        self.assertIn("guardian", added.stderr)
        self.assertEqual(chaoxun.command("volunteer", "show", "V-999").returncode, 1)


class PlatformLists(unittest.TestCase):
    """Lists of a platform in and out, by column profiles."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = chaoxun.data
        cls.unit = "haining/yuanhua"
        cls.chen = volunteer(cls.unit, "V-301", "陈小满", units=[cls.unit])
        cls.chen["side"]["platform"] = "ZYH-9301"
        cls.lu = volunteer(cls.unit, "V-302", "陆平")
        cls.lu["side"]["platform"] = "ZYH-9302"
        cls.plan = activity(cls.unit, "dog")
        cls.report = harness.report(cls.unit, number="YH-7", date=DAY)
        cls.own = credited(cls.unit, cls.plan, DAY, (cls.chen, 90, "leader"), (cls.lu, 60, "leader"))
        cls.position = store(cls.chen, cls.lu, cls.plan, cls.report, cls.own)

    def run_command(self, *words):
        done = chaoxun.command(*words, environment={"CHAOXUN_LANG": "zh"})
        return done.returncode, done.stdout, done.stderr

    def profile(self, name):
        return harness.ROOT / "scripts/data/profiles" / f"{name}.conf"

    def write(self, name, text, coding="utf-8"):
        path = self.folder / name
        path.write_bytes(text.encode(coding))
        return path

    def figures(self, grade):
        _, _, answer = ask("GET", f"/api/v1/hours?unit={self.unit}&grade={grade}&by=squad", headers={"Authorization": "Bearer " + chaoxun.token})
        return [(row[grade], row["people"]) for row in answer["rows"]]

    def test_a_platform_s_list_comes_in_once(self):
        rows = f"ZYH-9301,陈小满,YH-7,{DAY},1.5,信用时数\nZYH-9302,陆平,YH-7,{DAY},2,荣誉时数\n"
        bad = f"ZYH-0000,无此人,YH-7,{DAY},1,信用时数\nZYH-9301,陈小满,YH-7,2026-02-30,1,信用时数\nZYH-9301,陈小满,YH-7,{DAY},0.001,信用时数\n"
        header = "志愿者编号,姓名,活动编号,服务日期,服务时长（小时）,时数类型\n"
        path = self.write("platform.csv", header + rows + bad, "gb18030")
        words = ("hours", "import", "--profile", self.profile("zhiyuanhui"), "--unit", self.unit, path)
        status, output, errors = self.run_command(*words)
        self.assertEqual((status, output), (1, "5 行，3 行有误；活动日 1 个：收到 1，已有 0，未接收 0\n"), errors)
        for line in ("第 4 行，列 志愿者编号：没有此编号的志愿者", "第 5 行，列 服务日期：不是日期", "第 6 行，列 服务时长（小时）：不是整分钟的时长"):
            self.assertIn(line, errors)
        self.assertIn("收到 0，已有 1", self.run_command(*words)[1])
        harness.until(lambda: self.figures("credit") == [(90, 1)], what="the figures")
        self.assertEqual(self.figures("honour"), [(120, 1)])

    def test_ours_go_out_once_and_what_differs_is_shown(self):
        path = self.folder / "ours.csv"
        export = ("hours", "export", "--profile", self.profile("zhiyuanhui"), "--unit", self.unit, "--mark")
        status, output, errors = self.run_command(*export, "--at-least", self.position, path)
        self.assertEqual(status, 0, errors)
        self.assertIn("2 行", output)
        lines = path.read_bytes().decode("gb18030").splitlines()
        self.assertEqual(lines[1:], [f'"ZYH-9301","陈小满","{text(self.plan)}","{DAY}",1.5,"代签"', f'"ZYH-9302","陆平","{text(self.plan)}","{DAY}",1,"代签"'])
        position = output.split("position=")[1].split()[0]
        self.assertIn("0 行", self.run_command(*export, "--at-least", position, self.folder / "again.csv")[1])
        answer = chaoxun.http("GET", f"/api/v1/volunteers/{text(self.chen)}?at_least={position}")[1]
        self.assertIn(["zhiyuanhui"], [row.get("transferred") for row in answer["hours"]])
        theirs = self.write("theirs.csv", "志愿者编号,姓名,服务日期,服务时长（小时）\n" f"ZYH-9301,陈小满,{DAY},2\nZYH-9302,陆平,{NEXT},1\n")
        status, output, errors = self.run_command("hours", "differences", "--profile", self.profile("zhiyuanhui"), "--unit", self.unit, theirs)
        self.assertEqual(status, 1, errors)
        for pattern in (r"陈小满 +2026-05-06 +1.5 +2 +时长不一致", r"陆平 +2026-05-06 +1 +0 +平台缺少", r"陆平 +2026-05-07 +0 +1 +我方缺少"):
            self.assertRegex(output, pattern)

    def test_bad_profiles(self):
        for content, words in (("[columns]\nnumber = 编号\n", "columns.date"), ("[columns]\nwhat = 编号\n", "what"), ("[grades]\n补录 = golden\n", "golden")):
            path = self.write("broken.conf", content)
            status, _, errors = self.run_command("hours", "import", "--profile", path, "--unit", self.unit, "nothing.csv")
            self.assertEqual(status, 2, errors)
            self.assertIn(words, errors)


if __name__ == "__main__":
    unittest.main()
