#!/usr/bin/python3
"""chaoxun volunteer import: rosters as offices keep them. What is new is enrolled, what differs is updated, who left leaves; the
same file twice adds nothing; a bad row is named and the others go in; nothing is lost, also when the command is cut off."""
import json
import subprocess
import unittest

import harness

HEADER = "编号,姓名,手机,中队,类别,加入日期,离开日期\n"
# 𠮷 and 㐀 take four bytes in GB18030.
ROWS = ("H-001,沈𠮷安,139 5731 2345,许村志愿中队,机关,2021年3月5日,\n"
        "H-002,㐀小满,13957312346,许村志愿中队,沿街商户,2022/4/1,\n"
        "H-003,王芳,,许村志愿中队、斜桥志愿中队,青年学生,,\n")
PEOPLE_EVENTS = ("volunteer.enrolled", "volunteer.updated", "volunteer.left")

chaoxun = harness.Instance()


def setUpModule():
    chaoxun.start()


def tearDownModule():
    chaoxun.close()


def write(text, name="roster.csv", coding="utf-8"):
    path = chaoxun.data.parent / name
    path.write_bytes(text.encode(coding))
    return path


def run(path, *words):
    done = chaoxun.command("volunteer", "import", *words, path, environment={"CHAOXUN_LANG": "zh"})
    return done.returncode, done.stdout.strip(), done.stderr


def told(rows, coding="UTF-8", notes=0, **counts):
    """The line that ends an import."""
    words = {"enrolled": "新登记", "updated": "更新", "left": "离开", "unchanged": "没有变化", "rejected": "未接收"}
    return f"{rows} 行（{coding}）：" + "，".join(f"{word} {counts.get(name, 0)}" for name, word in words.items()) + f"，提示 {notes}"


def roster(**filters):
    """Volunteers by number, as the record stands at the journal's head."""
    query = "&".join(f"{key}={value}" for key, value in ({"limit": 500, "left": "true", "at_least": head()} | filters).items())
    status, answer = chaoxun.http("GET", f"/api/v1/volunteers?{query}")
    assert status == 200, answer
    return {row["number"]: row for row in answer["rows"] if "number" in row}


def head():
    return chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]


def events(**body):
    """Events about people, as the stream tells them."""
    lines = chaoxun.command("tail", "--json", "--no-follow", "--side").stdout.splitlines()
    return [event for event in map(json.loads, lines) if event["type"] in PEOPLE_EVENTS]


class Rosters(unittest.TestCase):
    maxDiff = None

    def expect(self, path, line, status=0, words=()):
        result = run(path, *words)
        self.assertEqual((result[0], result[1]), (status, line), result)
        return result[2]

    def test_1_comes_in_once_in_every_encoding(self):
        self.expect(write(HEADER + ROWS, coding="gb18030"), told(3, "GB18030", enrolled=3))
        known = roster()
        self.assertEqual([(row["name"], row.get("phone"), row["kind"], row.get("joined"), row["units"]) for row in known.values()], [
            ("沈𠮷安", "13957312345", "机关", "2021-03-05", ["haining/xucun"]),
            ("㐀小满", "13957312346", "沿街商户", "2022-04-01", ["haining/xucun"]),
            ("王芳", None, "青年学生", None, ["haining/xieqiao", "haining/xucun"])])
        before = head()
        for text, coding, name in ((HEADER + ROWS, "gb18030", "GB18030"), (HEADER + ROWS, "utf-8", "UTF-8"),
                                   (HEADER + ROWS, "utf-8-sig", "UTF-8")):
            self.expect(write(text, coding=coding), told(3, name, unchanged=3))
        self.assertEqual(head(), before, "nothing was added")

    def test_2_a_changed_row_is_an_update_of_what_changed(self):
        changed = "姓名,电话,编号,中队\n沈𠮷安,13700001111,H-001,许村志愿中队\n㐀小满,,H-002,许村志愿中队\n"
        self.expect(write(changed), told(2, updated=1, unchanged=1))
        last = events()[-1]
        self.assertEqual((last["type"], last["side"], set(last["body"])), ("volunteer.updated", {"phone": "13700001111"}, {"volunteer"}))
        row = roster()["H-001"]
        self.assertEqual((row["phone"], row["kind"], row["joined"]), ("13700001111", "机关", "2021-03-05"), "the rest stays")
        self.expect(write(changed), told(2, unchanged=2))

    def test_3_a_day_of_leaving_leaves_the_squad(self):
        leaving = write(HEADER + "H-003,王芳,,斜桥志愿中队,,,2026-09-30\nH-009,老周,,许村志愿中队,,2020-01-01,2024-12-31\n")
        self.expect(leaving, told(2, left=2, enrolled=1))
        known = roster()
        self.assertEqual(known["H-003"]["left"], [{"unit": "haining/xieqiao", "left": "2026-09-30"}])
        self.assertEqual((known["H-009"]["name"], known["H-009"]["left"]), ("老周", [{"unit": "haining/xucun", "left": "2024-12-31"}]))
        self.assertNotIn("H-009", roster(left="false"))
        self.assertIn("H-003", roster(left="false", unit="haining/xucun"))
        self.expect(leaving, told(2, unchanged=2))
        errors = self.expect(write(HEADER + "H-003,王芳,,斜桥志愿中队,,,2026-10-01\n"), told(1, unchanged=1, notes=1))
        self.assertIn("第 2 行，提示：离开日期已记为 2026-09-30", errors)
        errors = self.expect(write(HEADER + "H-009,老周,,许村志愿中队,,,\n"), told(1, updated=1, notes=1))
        self.assertIn("第 2 行，提示：已于 2024-12-31 离开此中队", errors)
        self.assertNotIn("left", roster()["H-009"])

    def test_4_bad_rows_are_named_and_the_others_go_in(self):
        rows = ("H-101,陈一,,许村志愿中队,,,\n"
                ",无编号,,许村志愿中队,,,\n"
                "H-102,陈二,一三九,许村志愿中队,,,\n"
                "H-103,陈三,,没有的中队,,,\n"
                "H-104,陈四,,许村志愿中队,,2026-02-30,\n"
                "H-105,陈五,,许村志愿中队,,2026-05-06,2026-05-01\n"
                "H-106,陈六,,许村志愿中队,,,2999-01-01\n"
                "330481199001011234,陈七,,许村志愿中队,,,\n"
                "H-101,陈壹,,许村志愿中队,,,\n"
                "H-107,陈八\n"
                "H-108,陈九,,许村志愿中队,,,\n"
                "H-108,陈九,,许村志愿中队,,,\n")
        errors = self.expect(write(HEADER + rows), told(12, enrolled=2, unchanged=1, rejected=9), status=1)
        for line in ("第 3 行，列 编号：请填写“编号”", "第 4 行，列 手机：", "一三九", "第 5 行，列 中队：没有“没有的中队”这个单位",
                     "第 6 行，列 加入日期：", "日期，例如 2026-11-23", "第 7 行，列 离开日期：“离开日期”为 2026-05-01，与 加入日期 2026-05-06 矛盾",
                     "第 8 行，列 离开日期：“离开日期”为 2999-01-01，不能大于 ", "第 9 行，列 编号：“编号”像是身份证号码",
                     "第 10 行，列 编号：“编号”中“H-101（2）”重复", "第 11 行：第 11 行有 2 列，表头有 7 列"):
            self.assertIn(line, errors)
        self.assertNotIn("330481199001011234", errors)
        self.assertEqual({"H-101", "H-108"}, {number for number in roster() if number.startswith("H-10")})

    def test_5_check_sends_nothing(self):
        text = HEADER + "H-201,周一,,许村志愿中队,,,\nH-201,周一,,斜桥志愿中队,,,\nH-001,沈𠮷安,13799990000,许村志愿中队,,,\nH-202,周二,,许村志愿中队,,,2026-01-01\n"
        before = head()
        self.expect(write(text), told(4, enrolled=2, updated=2, left=1) + "；未提交", words=("--check",))
        self.assertEqual(head(), before)
        self.assertNotIn("H-201", roster())
        errors = self.expect(write(text), told(4, enrolled=2, updated=2, left=1, notes=1))
        self.assertIn("编号和姓名与其他中队的一名志愿者相同", errors)

    def test_6_one_person_in_rows_of_several_squads(self):
        rows = "".join(f"H-301,吴小燕,,{squad},,,\n" for squad in ("许村志愿中队", "斜桥志愿中队", "丁桥志愿中队", "袁花志愿中队"))
        other = "H-301,李四海,,马桥志愿中队,,,\n"  # another squad's own number
        self.expect(write(HEADER + rows + other), told(5, enrolled=2, updated=3, notes=3))
        query = f"/api/v1/volunteers?number=H-301&at_least={head()}"
        found = {row["name"]: row["units"] for row in chaoxun.http("GET", query)[1]["rows"]}
        self.assertEqual(found, {"吴小燕": ["haining/dingqiao", "haining/xieqiao", "haining/xucun", "haining/yuanhua"],
                                 "李四海": ["haining/maqiao"]})
        self.expect(write(HEADER + rows + other), told(5, unchanged=5))

    def test_7_unit_of_the_call_and_columns_that_are_not_kept(self):
        path = write("序号,编号,姓 名,性别,身份证号\n1,H-401,赵六,男,330481199001011234\n")
        errors = self.expect(path, told(1, enrolled=1), words=("--unit", "丁桥志愿中队"))
        self.assertIn("未导入：序号、性别、身份证号", errors)
        self.assertEqual(roster()["H-401"]["units"], ["haining/dingqiao"])
        self.assertNotIn("330481199001011234", json.dumps(events()))
        status, _, errors = run(path)
        self.assertEqual(status, 1)
        self.assertIn("请填写“中队”", errors)
        self.assertIn("身份证号\t", chaoxun.command("volunteer", "import", "--headers").stdout)

    def test_8_who_was_erased_does_not_come_back_by_an_old_list(self):
        path = write(HEADER + "H-501,被忘记者,,许村志愿中队,,,\n")
        self.expect(path, told(1, enrolled=1))
        chaoxun.command("volunteer", "erase", "H-501", "--ground", "request")
        errors = self.expect(path, told(1, rejected=1), status=1)
        self.assertIn("第 2 行，列 编号：", errors)
        self.assertIn("已按要求删除", errors)
        self.assertNotIn("H-501", roster())

    def test_8_a_number_that_was_another_volunteer_s_is_not_lost(self):
        self.expect(write(HEADER + "H-601,旧编号者,,许村志愿中队,,,\n"), told(1, enrolled=1))
        known = roster()["H-601"]["id"]
        renumbered = write(f"系统编号,编号,姓名,中队\n{known},H-602,旧编号者,许村志愿中队\n")
        self.expect(renumbered, told(1, updated=1))
        errors = self.expect(write(HEADER + "H-601,新来者,,许村志愿中队,,,\n"), told(1, rejected=1), status=1)
        self.assertIn("第 2 行，列 编号：该编号已被另一条内容占用，请换一个编号", errors)
        self.assertEqual(roster()["H-602"]["id"], known)

    def test_9_a_long_file_that_is_cut_off_is_imported_again(self):
        count = 3000
        path = write(HEADER + "".join(f"L-{n:05},长名单{n},,许村志愿中队,,,\n" for n in range(count)), "long.csv")
        cut = subprocess.Popen([harness.COMMAND, "volunteer", "import", path], env=chaoxun.environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
        harness.until(lambda: len(roster(text="L-0")) > 100, what="some of the rows")
        cut.kill()
        cut.wait()
        cut.stderr.close()
        status, output, errors = run(path)
        self.assertEqual(status, 0, errors)
        _, answer = chaoxun.http("GET", f"/api/v1/volunteers?text=L-&at_least={head()}")
        self.assertEqual(answer["total"], count, output)
        self.assertRegex(output, rf"^{count} 行（UTF-8）：新登记 \d+，更新 0，离开 0，没有变化 \d+，未接收 0")
        self.expect(path, told(count, unchanged=count))


if __name__ == "__main__":
    unittest.main()
