#!/usr/bin/python3
"""Drafts: a report written as a message is read by the command and by the HTTP door alike, kept by neither, and is handed
in once."""
import json
import subprocess
import unittest

import harness

TEXT = "许村志愿中队 清洁家园 2026年5月3日 河西社区 20余人 3小时 清理牛皮癣200处 天气晴好"


class Drafts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance()
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()

    def command(self, *words, status=0, **options):
        result = self.chaoxun.command("draft", *words, **options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def ask(self, document):
        return self.chaoxun.http("POST", "/api/v1/drafts", document)

    def reports(self):
        return self.chaoxun.http("GET", "/api/v1/totals?by=squad")[1]["rows"]

    def test_the_command_tells_what_it_understood_and_what_not(self):
        result = self.command(TEXT)
        event = json.loads(result.stdout)
        self.assertEqual((event["type"], event["unit"]), ("report.submitted", "haining/xucun"))
        self.assertEqual((event["body"]["programmes"], event["body"]["date"], event["body"]["attendances"],
                          event["body"]["attendances_approx"], event["body"]["duration"]),
                         (["clean-home"], "2026-05-03", 20, "at-least", 180))
        self.assertEqual(event["body"]["measures"],
                         [{"name": "清理牛皮癣", "quantity": 200_000, "unit": "处", "approx": "exact"}])
        self.assertEqual((event["side"]["place"], event["side"]["narrative"]), ("河西社区", TEXT))
        self.assertRegex(result.stderr, r"(?m)^参与人次 +20余人$")
        self.assertIn("not understood: 天气晴好\n", result.stderr)
        chinese = self.command("--lang", "zh", TEXT).stderr
        self.assertIn("没看懂：天气晴好\n", chinese)
        self.assertIn("提示：没有“服务总时长”", chinese)

    def test_both_doors_give_the_same_event(self):
        by_command = json.loads(self.command("--json", TEXT).stdout)
        status, by_http = self.ask({"text": TEXT})
        self.assertEqual(status, 200, by_http)
        self.assertEqual(by_http["draft"], by_command["draft"])
        self.assertEqual(by_http["draft"]["unknown"], ["天气晴好"])
        self.assertEqual(by_http["event"].pop("by", None), "office")
        self.assertEqual(by_http["event"], by_command["event"])

    def test_what_is_missing_is_told(self):
        result = self.command("今天 河西社区 20人", status=1)
        self.assertRegex(result.stderr, "(?s)to be put right: .*中队.*项目")
        status, answer = self.ask({"text": "清洁家园 20人", "unit": "许村"})
        self.assertEqual((status, answer["event"]["unit"], answer["draft"]["faults"]), (200, "haining/xucun", []))
        for document, code in (({}, 422), ({"text": ""}, 422), ({"text": "x" * 2001}, 422), (b"[", 400),
                               ({"text": "20人", "unit": "桐乡"}, 422), ({"text": "20人", "colour": 1}, 422)):
            status, answer = self.ask(document)
            self.assertEqual(status, code, answer)
            self.assertTrue(answer["detail"])
        self.assertEqual(self.command(stdin="", status=1).stdout, "")

    def test_spreadsheets_of_china_and_pipes(self):
        text = "清洁家园 昨天 𠮷野社区 20人".encode("gb18030")
        done = subprocess.run([harness.BIN / "chaoxun", "draft", "--unit", "xucun", "-"], input=text, capture_output=True,
                              env=self.chaoxun.environment, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["side"]["place"], "𠮷野社区")

    def test_handed_in_once_and_after_a_yes(self):
        text = TEXT.replace("许村", "丁桥")
        before = self.reports()
        refused = self.command("--submit", text, stdin="n\n", status=1)
        self.assertIn("Nothing was handed in.", refused.stderr)
        self.command("--submit", text, stdin="", status=1)
        self.ask({"text": text})
        self.assertEqual(self.reports(), before)
        first = self.command("--submit", text, stdin="y\n").stdout
        self.assertTrue(first.startswith("stored "), first)
        again = self.command("--submit", text, stdin="y\n").stdout
        self.assertTrue(again.startswith("duplicate "), again)
        status, answer = self.chaoxun.http("POST", "/api/v1/events", self.ask({"text": text})[1]["event"])
        self.assertIn(answer["receipts"][0]["status"], ("duplicate", "conflict"), answer)
        position = first.split("position=")[1].strip()
        totals = self.chaoxun.http("GET", f"/api/v1/totals?by=squad&unit=haining/dingqiao&at_least={position}")[1]
        self.assertEqual((totals["rows"][0]["attendances"]["value"], totals["rows"][0]["reports"]), (20, 1))


if __name__ == "__main__":
    unittest.main()
