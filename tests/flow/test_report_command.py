#!/usr/bin/python3
"""chaoxun report: what was reported is found again, with every version, and leaves as a spreadsheet that can come back."""
import csv
import io
import json
import re
import subprocess
import unittest

import harness

TITLES = {"haining/xucun": "河西社区清理牛皮癣", "haining/xiashi": "高温慰问环卫工", "haining/dingqiao": "=文明养犬进社区"}


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance()
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()
        door = cls.chaoxun.socket("submit")
        measures = [{"name": "清理牛皮癣", "quantity": 200_000, "unit": "处", "approx": "at-least"}]
        events = [harness.report(unit, {"title": title, "attendances_text": "20余名", "narrative": "第一行\n第二行，“引号”\""},
                                 date=f"2026-05-0{number}", attendances_approx="at-least", measures=measures,
                                 attendances_unit="名") for number, (unit, title) in enumerate(TITLES.items(), 1)]
        cls.ids = dict(zip(TITLES, (receipt["id"].hex() for receipt in cls.chaoxun.submit(events, door))))
        amended = harness.report("haining/xucun", {"title": TITLES["haining/xucun"], "reason": "数错了"},
                                 date="2026-05-01", attendances=25, attendances_unit="名")
        amended["type"] = "report.amended"
        amended["body"]["amends"] = bytes.fromhex(cls.ids["haining/xucun"])
        amended["by"] = "P007"
        cls.position = cls.chaoxun.submit(amended, door)[0]["position"]

    def command(self, *words, status=0, **options):
        result = self.chaoxun.command(*words, **options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def lines(self, *words):
        """The reports that are found, as JSON."""
        found = self.command("report", "list", "--at-least", self.position, "--json", *words).stdout
        return [json.loads(line) for line in found.splitlines()]

    def test_list(self):
        table = self.command("report", "list", "--at-least", self.position).stdout
        self.assertRegex(table, r"2026-05-02 +硖石志愿中队 +高温慰问环卫工 +clean-home +≥20名 +20 +1 ")
        self.assertRegex(table, r"2026-05-01 +许村志愿中队 +河西社区清理牛皮癣 +clean-home +25名 +20 +2 ")
        self.assertIn(self.id_text("haining/xucun"), table)
        self.assertRegex(table, rf"3 of 3 reports; as of {self.position.split('.')[0]}")
        chinese = self.command("report", "list", "--lang", "zh", "--limit", 2).stdout
        self.assertIn("清洁家园，共创文明", chinese)
        self.assertIn("2 / 3 份报告（--limit N 显示更多）", chinese)

    def id_text(self, unit):
        raw = self.ids[unit]
        return "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))

    def test_filters(self):
        cases = [
            (["--text", "高温"], ["haining/xiashi"]),
            (["--text", "犬"], ["haining/dingqiao"]),
            (["--text", "河西社区 牛皮癣"], ["haining/xucun"]),
            (["--text", "河西社区 高温"], []),
            (["--unit", "haining/xucun"], ["haining/xucun"]),
            (["--programme", "dog"], []),
            (["--from", "2026-05-02"], ["haining/dingqiao", "haining/xiashi"]),
            (["--from", "2026-05-02", "--to", "2026-05-02"], ["haining/xiashi"]),
            (["--limit", "1", "--unit", "haining"], 1),
            (["--withdrawn"], []),
        ]
        for words, expected in cases:
            with self.subTest(words=words):
                units = sorted(found["unit"] for found in self.lines(*words))
                self.assertEqual(len(units) if isinstance(expected, int) else units, expected)

    def test_show(self):
        shown = self.command("report", "show", self.ids["haining/xucun"], "--at-least", self.position).stdout
        self.assertRegex(shown, r"(?m)^1\. submitted  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  ")
        self.assertRegex(shown, r"(?m)^2\. amended .* by P007  because: 数错了$")
        self.assertIn("     attendances: 20余名 → 25名\n", shown)
        self.assertIn("     measures: 清理牛皮癣 200余处 → (nothing)\n", shown)
        self.assertIn("     narrative: 第一行 第二行，“引号”\" → (nothing)\n", shown)
        self.assertNotIn("title: ", shown, "the title did not change")
        chinese = self.command("report", "show", self.id_text("haining/xucun"), "--lang", "zh").stdout
        self.assertIn("     参与人次: 20余名 → 25名\n", chinese)
        self.assertRegex(chinese, r"(?m)^活动名称 +河西社区清理牛皮癣$")
        document = json.loads(self.command("report", "show", self.ids["haining/xucun"], "--json").stdout)
        self.assertEqual([version["type"] for version in document["versions"]], ["report.submitted", "report.amended"])

    def test_csv_for_a_spreadsheet(self):
        def run(*words):
            made = subprocess.run([harness.COMMAND, "report", "list", *words], env=self.chaoxun.environment,
                                  capture_output=True, check=True)
            return made.stdout
        utf8 = run("--csv", "--at-least", self.position)
        self.assertTrue(utf8.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8 by its mark")
        rows = list(csv.DictReader(io.StringIO(utf8.decode("utf-8-sig"), newline="")))
        headers = [line.split("\t")[0] for line in self.command("import", "--headers").stdout.splitlines()]
        self.assertEqual(list(rows[0]), headers)
        by_unit = {row["中队"]: row for row in rows}
        self.assertEqual(by_unit["许村志愿中队"]["参与人次"], "25名")
        self.assertEqual(by_unit["硖石志愿中队"]["成效"], "清理牛皮癣 200余处")
        self.assertEqual(by_unit["硖石志愿中队"]["活动详情"], "第一行\n第二行，“引号”\"")
        self.assertEqual(by_unit["丁桥志愿中队"]["活动名称"], "'=文明养犬进社区", "no formula")
        old = run("--gb18030", "--at-least", self.position)
        self.assertEqual(old.decode("gb18030"), utf8.decode("utf-8-sig"))

    def test_an_export_comes_back(self):
        exported = subprocess.run([harness.COMMAND, "report", "list", "--gb18030", "--at-least", self.position],
                                  env=self.chaoxun.environment, capture_output=True, check=True).stdout
        with harness.Instance() as other:
            path = other.folder / "export.csv"
            path.write_bytes(exported)
            self.assertIn("3 rows (GB18030): 3 stored", other.command("import", path).stdout)
            self.assertIn("0 stored, 3 already there", other.command("import", path).stdout)
            head = other.ask(other.socket("submit"), "head")[1]["position"]
            again = other.command("report", "list", "--json", "--at-least", head).stdout.splitlines()
        before = {found["id"]: found["report"] for found in self.lines()}
        for line in again:
            found = json.loads(line)
            for field in ("date", "attendances", "attendances_unit", "minutes", "measures", "title", "narrative", "programmes"):
                self.assertEqual(found["report"].get(field), before[found["id"]].get(field), field)
        self.assertEqual(len(again), 3)

    def test_what_is_wrong(self):
        cases = [
            (["list", "--from", "2026-02-30"], 2, "2026-02-30 is not a day"),
            (["list", "--json", "--csv"], 2, "one or the other"),
            (["list", "--limit", "0"], 2, "whole number"),
            (["list", "--unit", "Not A Path"], 1, "unit"),
            (["show", "rubbish"], 2, "not the id"),
            (["show"], 2, "too few"),
            (["show", "00000000000070008000000000000001"], 1, "does not exist"),
            (["list", "--at-least", "rubbish"], 1, "is not a position"),
        ]
        for words, status, said in cases:
            with self.subTest(words=words):
                self.assertIn(said, self.command("report", *words, status=status).stderr)
        missing = self.command("report", "show", "00000000000070008000000000000001", "--lang", "zh", status=1)
        self.assertRegex(missing.stderr, "没有找到")

    def test_withdrawn_and_redacted(self):
        receipt = self.chaoxun.submit(harness.report("haining/yuanhua", {"title": "要撤回的", "narrative": "要删去的文字"}))[0]
        identity = receipt["id"].hex()
        self.command("text", "redact", identity)
        withdrawal = harness.event("report.withdrawn", "haining/yuanhua", {"report": receipt["id"]}, {"reason": "重复上报"})
        position = self.chaoxun.submit(withdrawal)[0]["position"]
        shown = self.command("report", "show", identity, "--at-least", position, "--lang", "zh").stdout
        self.assertIn("已撤回", shown)
        self.assertRegex(shown, r"1\. 首次填报 .*（个人信息和文字已删除）")
        self.assertRegex(shown, r"2\. 撤回 .*原因：重复上报")
        self.assertNotIn("要删去的文字", shown)
        found = self.command("report", "list", "--withdrawn", "--json", "--at-least", position).stdout
        self.assertEqual([json.loads(line)["unit"] for line in found.splitlines()], ["haining/yuanhua"])
        self.assertFalse(re.search("yuanhua", self.command("report", "list", "--json").stdout))


if __name__ == "__main__":
    unittest.main(verbosity=2)
