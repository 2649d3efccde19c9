#!/usr/bin/python3
"""Rules from end to end: the starter set is loaded and changed, an event fires one and the message goes out, a restart and a
rebuild tell nobody twice, a rule is tried on a month that is past without anything being sent, and bad rules are refused by
field. The worst rule set, one on every type, ends by itself."""
import datetime
import json
import pathlib
import re
import tempfile
import threading
import unittest

import harness
import notice_scene

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTER = ROOT / "scripts" / "data" / "rules" / "haining.json"
OWN = ("delivery.updated", "alert.raised", "alert.cleared")
CHINA = datetime.timezone(datetime.timedelta(hours=8))
BEFORE_THE_LOOK = 2  # seconds, in which everything starts


def rule(name, more, text="{单位}：{规则}"):
    return {"rule": name, "name": "提醒", "channels": ["sms", "email"], "recipients": [{"of": "own", "post": "leader"}],
            "templates": [{"title": "提醒", "text": text}]} | more


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scene = notice_scene.Scene()
        cls.scene.__enter__()
        cls.addClassCleanup(cls.scene.__exit__, None)
        cls.chaoxun = cls.scene.chaoxun
        cls.folder = tempfile.TemporaryDirectory(prefix="cx-")
        cls.addClassCleanup(cls.folder.cleanup)
        for person, unit, post, phone in (("P-1", "haining/xucun", "leader", "13800138001"),
                                          ("P-2", "haining/xucun", "deputy", "13800138002"),
                                          ("P-3", "haining", "office", "13800138003")):
            cls.store(harness.event("contact.set", unit, {"person": person, "post": post}, {"name": "沈佳", "phone": phone}))

    @classmethod
    def store(cls, event):
        receipt = cls.chaoxun.submit(event)[0]
        assert receipt["status"] == "stored", receipt
        return receipt

    def command(self, *words, code=0, **options):
        result = self.chaoxun.command(*words, **options)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout if code == 0 else result.stderr

    def set_rule(self, made, code=0):
        path = pathlib.Path(self.folder.name) / "rule.json"
        path.write_text(json.dumps(made, ensure_ascii=False))
        return self.command("rule", "set", str(path), "--unit", "haining", code=code)

    def listed(self, name):
        answer = json.loads(self.command("rule", "list", "--json"))
        return next((row for row in answer["rows"] if row["rule"] == name), None)

    def give_back(self):
        report = harness.report("haining/xucun")
        self.store(report)
        return self.store(harness.event("report.returned", "haining/xucun", {"report": report["id"]}, {"reason": "补照片"}))

    def texts_to(self, phone):
        return [one["text"] for one in self.scene.gateway.asked if one["to"] == phone]

    def alerts(self):
        answer = self.chaoxun.http("GET", "/api/v1/notices?limit=500")[1]
        return [row for row in answer["rows"] if "rule" in row]

    def test_1_the_starter_set(self):
        said = self.command("rule", "set", str(STARTER), "--unit", "haining")
        self.assertEqual(said.count("stored"), len(json.loads(STARTER.read_text())))
        harness.until(lambda: len(json.loads(self.command("rule", "list", "--json"))["rows"]) == 8, 10, "the rules")
        again = self.command("rule", "set", str(STARTER), "--unit", "haining")
        self.assertEqual(again.count("says the same already"), 8)
        shown = json.loads(self.command("rule", "show", "report-returned"))
        self.assertEqual(shown["event"], "report.returned")
        self.set_rule(shown | {"name": "退回提醒"})
        harness.until(lambda: self.listed("report-returned")["version"] == 2, 10, "the next version")
        self.assertIn("does not exist", self.command("rule", "show", "nothing", code=1))
        versions = self.chaoxun.http("GET", "/api/v1/rules?rule=report-returned")[1]["versions"]
        self.assertEqual([(one["version"], one["definition"]["name"]) for one in versions], [(2, "退回提醒"), (1, "上报记录退回")])
        digest = self.chaoxun.http("GET", "/api/v1/rules?rule=silent-squad")[1]["versions"][0]["definition"]["recipients"][1]["digest"]
        self.assertEqual(digest, ["08:30", "17:00"], "as deep as it goes")
        whole = self.chaoxun.http("GET", "/api/v1/rules?whole=1")[1]
        self.assertTrue(all(row["definition"]["templates"] for row in whole["rows"]))
        self.assertNotIn("versions", whole)
        self.assertNotIn("definition", self.chaoxun.http("GET", "/api/v1/rules")[1]["rows"][0])

    def test_2_an_event_fires_and_is_sent_once(self):
        before = len(self.texts_to("13800138001"))
        self.give_back()
        harness.until(lambda: len(self.texts_to("13800138001")) > before, 20, "the alert's SMS")
        self.assertIn("许村志愿中队", self.texts_to("13800138001")[-1])
        self.assertIn("退回", self.texts_to("13800138001")[-1])
        self.assertEqual(self.listed("report-returned")["raised"], 1)
        self.assertEqual(self.listed("report-returned")["open"], 1)
        alert = self.alerts()[0]
        self.assertEqual((alert["rule"], alert["unit"]), ("report-returned", "haining/xucun"))
        self.assertEqual(self.texts_to("13800138002"), [])

    def test_3_what_moves_on_is_cleared(self):
        report = harness.report("haining/xucun")
        self.store(report)
        self.store(harness.event("report.returned", "haining/xucun", {"report": report["id"]}, {"reason": "补照片"}))
        harness.until(lambda: self.listed("report-returned")["open"] == 2, 20, "the second alert")
        amended = harness.event("report.amended", "haining/xucun", report["body"] | {"amends": report["id"]}, report["side"])
        self.store(amended)
        harness.until(lambda: self.listed("report-returned")["open"] == 1, 20, "its end")

    def test_4_a_restart_tells_nobody_twice(self):
        sent = len(self.texts_to("13800138001"))
        self.chaoxun.stop()
        for name in ("notifier.db", "notifier.db-wal", "notifier.db-shm", "notifier.witness"):
            (self.chaoxun.data / "notifier" / name).unlink(missing_ok=True)
        self.chaoxun.start()
        harness.until(lambda: self.listed("report-returned")["raised"] == 2, 20, "the journal folded anew")
        self.give_back()
        harness.until(lambda: len(self.texts_to("13800138001")) > sent, 20, "the next alert")
        self.assertEqual(len(self.texts_to("13800138001")), sent + 1)
        self.assertEqual(self.listed("report-returned")["raised"], 3)

    def test_5_trials_send_nothing(self):
        sent = len(self.scene.gateway.asked)
        month = datetime.datetime.now(CHINA).strftime("%Y-%m")
        answer = json.loads(self.command("rule", "try", "report-returned", "--month", month, "--json"))
        self.assertGreaterEqual(len([row for row in answer["rows"] if row["repeat"] == 0]), 3)
        self.assertEqual(answer["rows"][0]["recipients"], ["P-1 (sms)"])
        table = self.command("rule", "try", "report-returned", "--month", month)
        self.assertIn("许村志愿中队", table)
        self.assertIn("nothing was sent", table)
        status, over = self.chaoxun.http("GET", f"/api/v1/rules/report-returned/try?month={month}")
        self.assertEqual((status, len(over["rows"])), (200, len(answer["rows"])))
        self.assertEqual(self.chaoxun.http("GET", "/api/v1/rules/nothing/try?month=2026-01")[0], 404)
        self.assertEqual(self.chaoxun.http("GET", "/api/v1/rules/report-returned/try")[0], 422)
        self.assertEqual(len(self.scene.gateway.asked), sent)

    def test_5_silences_have_an_owner_an_end_and_a_reason(self):
        sent = len(self.texts_to("13800138001"))
        self.command("silence", "set", "flood", "--unit", "haining", "--until", "+12h", "--reason", "防汛", "--rule",
                     "report-returned", "--units", "haining/xucun")
        harness.until(lambda: "flood" in self.command("silence", "list"), 10, "the silence")
        row = json.loads(self.command("silence", "list", "--json"))["rows"][0]
        self.assertEqual((row["silence"], row["rule"], row["units"], row["reason"], row["state"]),
                         ("flood", "report-returned", ["haining/xucun"], "防汛", "holds"))
        self.assertTrue(row["owner"])
        self.give_back()
        harness.until(lambda: any(count["state"] == "held" for count in (self.alerts() or [{}])[0].get("counts", [])), 20,
                      "held")
        self.assertIn("messages held until a time: 1", self.command("quiet", "show"))
        self.assertIn("stored", self.command("silence", "end", "flood"))
        harness.until(lambda: len(self.texts_to("13800138001")) == sent + 1, 20, "what it held")
        harness.until(lambda: "flood" not in self.command("silence", "list"), 10, "its end")
        over = json.loads(self.command("silence", "list", "--all", "--json"))["rows"][0]
        self.assertEqual((over["silence"], over["state_name"], over["reason"]), ("flood", "已结束", "防汛"))
        self.assertEqual(self.chaoxun.http("GET", "/api/v1/silences?all=true")[1]["rows"], [over])
        self.assertIn("is over already", self.command("silence", "end", "flood", code=2))
        self.assertIn("does not exist", self.command("silence", "end", "drought", code=1))
        self.assertIn("--reason is needed", self.command("silence", "set", "x", "--unit", "haining", "--until", "+1h", code=2))
        self.assertIn("is not a time", self.command("silence", "set", "x", "--unit", "haining", "--until", "soon",
                                                    "--reason", "x", code=2))
        self.assertIn("400 days", self.command("silence", "set", "x", "--unit", "haining", "--until", "+500d",
                                               "--reason", "x", code=1))

    def test_5_quiet_hours_are_set_by_the_office(self):
        self.assertIn("off  the service's setting", self.command("quiet", "show"))
        self.assertIn("stored", self.command("quiet", "set", "22:30-06:30", "--unit", "haining"))
        self.assertIn("22:30-06:30  set by the office", self.command("quiet", "show"))
        self.assertIn("22:30-06:30  办公室设定", self.command("quiet", "show", "--lang", "zh"))
        answer = self.chaoxun.http("GET", "/api/v1/silences")[1]
        self.assertEqual((answer["quiet_hours"], answer["quiet_by"]), ("22:30-06:30", "office"))
        self.assertIn("22:00-07:00", self.command("quiet", "set", "22", "--unit", "haining", code=1))
        self.assertIn("--unit PATH is needed", self.command("quiet", "set", "off", code=2))
        self.command("quiet", "set", "default", "--unit", "haining")
        self.assertIn("off  the service's setting", self.command("quiet", "show"))

    def test_5_a_trial_shows_what_goes_together(self):
        month = datetime.datetime.now(CHINA).strftime("%Y-%m")
        path = pathlib.Path(self.folder.name) / "grouped.json"
        made = rule("grouped", {"kind": "event", "event": "report.returned", "group_by": ["rule"], "group_wait": 7})
        path.write_text(json.dumps(made, ensure_ascii=False))
        rows = json.loads(self.command("rule", "try", "--file", str(path), "--month", month, "--json"))["rows"]
        self.assertGreater(len(rows), 2)
        self.assertEqual(rows[0]["goes_at"], rows[0]["at"] + 7 * 60_000)
        self.assertEqual(len({row["goes_at"] for row in rows}), 1, "all within seven minutes: one message")
        self.assertIn("goes", self.command("rule", "try", "--file", str(path), "--month", month))
        made["recipients"][0]["digest"] = ["00:00"]
        path.write_text(json.dumps(made, ensure_ascii=False))
        rows = json.loads(self.command("rule", "try", "--file", str(path), "--month", month, "--json"))["rows"]
        self.assertEqual({(row["goes_at"] + 8 * 3600_000) % 86400_000 for row in rows}, {0})

    def test_6_a_trial_asks_for_figures_as_they_stood(self):
        """Squads that report nothing are found silent once, on the first day; by a rule that is not set, from a file."""
        now = datetime.datetime.now(CHINA)
        path = pathlib.Path(self.folder.name) / "silent.json"
        path.write_text(json.dumps(rule("quiet", {"kind": "silence", "days": 3, "time": 60}, "{单位}{天数}"), ensure_ascii=False))
        month = now.strftime("%Y-%m")
        answer = json.loads(self.command("rule", "try", "--file", str(path), "--month", month, "--json"))
        squads = [row["unit"] for row in answer["rows"]]
        self.assertEqual(len(squads), len(set(squads)))
        self.assertEqual(len(squads), 0 if now.day == 1 and now.hour == 0 else 14)
        self.assertTrue(all(row["text"].endswith("3") and row["period"].endswith("-01") for row in answer["rows"]))
        before = json.loads(self.command("rule", "try", "--file", str(path), "--month", "2026-01", "--json"))
        self.assertEqual(before["rows"], [], "there were no squads yet")
        status, bad = self.chaoxun.http("POST", "/api/v1/rules/try", {"month": month, "definition": rule("x", {"version": 1, "kind": "event"})})
        self.assertEqual(status, 422, bad)

    def test_6_b_a_trial_outlives_its_request(self):
        """Other requests come by the same connection while a rule that is not set is tried, again and again."""
        month = (datetime.datetime.now(CHINA).replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
        definition = rule("long-" + "x" * 50, {"version": 1, "kind": "silence", "days": 3}, "{单位}" + "很长的文字" * 100)
        ended = threading.Event()

        def ask():
            while not ended.is_set():
                self.chaoxun.http("GET", "/api/v1/notices?limit=1")
        others = [threading.Thread(target=ask) for _ in range(4)]
        for thread in others:
            thread.start()
        try:
            for _ in range(5):
                status, answer = self.chaoxun.http("POST", "/api/v1/rules/try", {"month": month, "definition": definition})
                self.assertEqual(status, 200, answer)
        finally:
            ended.set()
            for thread in others:
                thread.join()

    def test_7_bad_rules_are_refused_by_field(self):
        for more, field in (({"kind": "event", "event": "delivery.updated"}, "body.event"),
                            ({"kind": "event", "event": "report.returned", "repeat_after": 60}, "body.repeats"),
                            ({"kind": "event", "event": "report.returned", "channels": ["fax"]}, "body.channels[0]"),
                            ({"kind": "event", "event": "report.returned",
                              "recipients": [{"of": "unit", "unit": "haining/nosuch"}]}, "body.recipients[0].unit")):
            with self.subTest(field):
                made = rule("bad", {"version": 1} | more)
                side = {"templates": made.pop("templates")}
                receipt = self.chaoxun.submit(harness.event("rule.set", "haining", made, side))[0]
                self.assertEqual((receipt["status"], receipt["faults"][0]["field"]), ("rejected", field), receipt)

    def test_8_the_worst_rules_end_by_themselves(self):
        """A rule on every type: what one round of events raises is raised once, and no alert or delivery raises another."""
        types = [line.split('"')[1] for line in (ROOT / "proto" / "tables" / "event_types.def").read_text().splitlines()
                 if line.startswith("EVENT(") and " SERVED" in line]
        types = [kind for kind in types if kind not in OWN and kind != "clock.day"]
        self.set_rule([rule(f"worst-{number}", {"kind": "event", "event": kind}) for number, kind in enumerate(types)])
        returned = f"worst-{types.index('report.returned')}"
        harness.until(lambda: self.listed(f"worst-{len(types) - 1}"), 20, "the rules")
        sent = len(self.texts_to("13800138001"))
        raised = self.listed(returned)["raised"]
        self.give_back()
        harness.until(lambda: self.listed(returned)["raised"] == raised + 1, 20, "the alert")
        # report.submitted and report.returned, each by its rule, and the office's own rule on the second
        harness.until(lambda: len(self.texts_to("13800138001")) == sent + 3, 20, "three messages")
        self.scene.reports("13800138001").send(notice_scene.delivery.DELIVERED)
        harness.until(lambda: all(row["complete"] or row["counts"] for row in self.alerts()), 10, "the deliveries")
        head = self.chaoxun.ask(self.chaoxun.socket("submit"), "head")[1]["position"]
        self.chaoxun.http("GET", f"/api/v1/rules?at_least={head}")
        self.assertEqual(len(self.texts_to("13800138001")), sent + 3)
        self.assertEqual(self.listed(returned)["raised"], raised + 1)

    def test_9_a_rule_looks_at_its_time(self):
        """The live notifier asks the aggregator: every squad was silent, each is found once, and tells nobody twice."""
        # In the minute after the next, to which the clock is then set at a restart; nobody has the post.
        minute = datetime.datetime.now(CHINA).replace(second=0, microsecond=0) + datetime.timedelta(minutes=2)
        self.set_rule(rule("quiet-now", {"kind": "silence", "days": 3, "time": minute.hour * 60 + minute.minute,
                                         "recipients": [{"of": "own", "post": "duty"}]}))
        harness.until(lambda: self.listed("quiet-now"), 10, "the rule")
        self.assertEqual(self.listed("quiet-now")["raised"], 0)
        self.chaoxun.stop()
        ahead = minute - datetime.datetime.now(CHINA) - datetime.timedelta(seconds=BEFORE_THE_LOOK)
        self.chaoxun.environment["CHAOXUN_CLOCK_SHIFT_MS"] = str(int(ahead.total_seconds() * 1000))
        self.chaoxun.start()
        harness.until(lambda: self.listed("quiet-now")["raised"] == 14, 60, "the look")
        alerts = [row for row in self.alerts() if row["rule"] == "quiet-now"]
        self.assertEqual(len({row["unit"] for row in alerts}), 14)
        self.assertTrue(all(not row.get("counts") for row in alerts), "no message: nobody has the post")
        metrics = self.chaoxun.http("GET", "/metrics")[1].decode()
        counted = re.search(r"^chaoxun_alerts_unreached_total\S* (\d+)", metrics, re.MULTILINE)
        self.assertGreaterEqual(int(counted.group(1)), 14)

    def test_9_b_what_is_held_and_how_the_channels_are(self):
        """By a way that is not configured: its messages wait for a person, listed page by page; SMS and e-mail are well."""
        self.store(harness.event("contact.set", "haining", {"person": "P-4", "post": "duty"}, {"name": "沈𠮷安", "govding": "duty1"}))
        made = rule("by-govding", {"version": 1, "kind": "event", "event": "report.returned", "channels": ["govding"],
                                   "recipients": [{"of": "brigade", "post": "duty"}]})
        templates = made.pop("templates")
        self.store(harness.event("rule.set", "haining", made, {"templates": templates}))
        for _ in range(2):
            self.give_back()

        def held(query=""):
            return self.chaoxun.http("GET", "/api/v1/held" + query)[1]
        answer = harness.until(lambda: held() if held()["waiting"] == 2 else None, 20, "two messages that are held")
        self.assertGreaterEqual(answer["count"], 2)
        self.assertEqual([row["person"] for row in answer["rows"][:2]], ["P-4", "P-4"])
        row = answer["rows"][0]
        self.assertEqual((row["name"], row["rule"], row["channel"], row["title"]), ("沈𠮷安", "by-govding", "govding", "提醒"))
        self.assertIn("no gateway is configured", row["words"])
        self.assertNotIn("next_at", row)
        first = held("?limit=1")
        second = held("?limit=1&cursor=" + first["cursor"])
        self.assertEqual([page["rows"][0]["notice"] for page in (first, second)], [row["notice"] for row in answer["rows"][:2]])
        self.assertTrue(all("next_at" in row for row in held("?limit=2&cursor=" + second["cursor"])["rows"]))
        self.assertEqual(self.chaoxun.http("GET", "/api/v1/held?cursor=2")[0], 400)
        states = {row["channel"]: row for row in self.chaoxun.http("GET", "/api/v1/channels")[1]["rows"]}
        self.assertEqual([one["name"] for one in states["sms"]["providers"]], ["kannel"])
        self.assertEqual([(one["name"], one["open"], one["faults"]) for one in states["email"]["providers"]], [("smtp", False, 0)])
        self.assertEqual((states["govding"]["providers"], states["govding"]["waiting"], states["govding"]["troubles"]), ([], 2, []))


if __name__ == "__main__":
    unittest.main(verbosity=2)
