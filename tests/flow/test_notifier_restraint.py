#!/usr/bin/python3
"""What the notifier holds back beside a real intake: quiet hours, the number of a day, a pace, silences; what is held says
why and until when, and a start forgets nothing of it. Whole weeks are in ../unit/test_notifier_restraint.c."""
import datetime
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from notifier_process import Case, contact, house

CHINA = datetime.timezone(datetime.timedelta(hours=8))


def around_now(hours=2):
    """Quiet hours in which this moment lies, and when they end, in ms."""
    now = datetime.datetime.now(CHINA).replace(second=0, microsecond=0)
    begin, end = now - datetime.timedelta(hours=hours), now + datetime.timedelta(hours=hours)
    return f"{begin:%H:%M}-{end:%H:%M}", int(end.timestamp() * 1000)


class Restraint(Case):
    def held(self, notifier, notice, count=1):
        return notifier.wait_states(notice, {"held": count})

    def test_quiet_hours_hold_and_flush(self):
        quiet, end = around_now()
        notifier = self.notifier(quiet_hours=quiet)
        self.operator.store(house())
        notice = notifier.issue(["haining"])
        rows = self.held(notifier, notice, 3)
        self.assertEqual({(row["next_at"], row["words"], row["attempts"]) for row in rows},
                         {(end, "免打扰时段，到时自动发送", 0)})
        self.assertFalse(notifier.notice(notice)["notice"]["complete"])
        harness.until(lambda: notifier.metric("chaoxun_outbox_delayed") == 3, what="the gauge")
        self.assertEqual(notifier.metric("chaoxun_outbox_held"), 0)
        urgent = notifier.issue(["haining/xucun"], "台风", "停止户外活动", urgent=True)
        notifier.wait_states(urgent, {"accepted": 1})
        self.assertEqual(notifier.metric("chaoxun_urgent_overrides_total"), 1)
        self.assertIn("urgent messages go out in spite of", notifier.log.read_text())
        told = len(notifier.told(notice))
        self.assertEqual(told, 3)
        self.assertEqual(notifier.stop(), 0)
        notifier.start()  # a start changes nothing
        self.assertEqual({row["next_at"] for row in self.held(notifier, notice, 3)}, {end})
        self.assertEqual(len(notifier.told(notice)), told)
        self.assertEqual(notifier.stop(), 0)
        notifier.database.unlink()  # nor does it when everything is folded again
        notifier.intake.folder.joinpath("notifier", "notifier.witness").unlink()
        notifier.start()
        self.assertEqual({row["next_at"] for row in self.held(notifier, notice, 3)}, {end})
        self.assertEqual(sum(self.gateway.sent().values()), 1)
        self.assertEqual(notifier.stop(), 0)
        notifier.settings["quiet_hours"] = "off"
        notifier.start()
        notifier.wait_states(notice, {"accepted": 3})
        self.assertEqual(self.gateway.sent(), {"13800138000": 1, "13800138001": 2, "13800138002": 1})

    def test_urgent_ones_are_capped(self):
        harness.today()  # what is capped is the number of a day
        notifier = self.notifier(quiet_hours=around_now()[0], urgent_day=2)
        self.operator.store(house())
        notices = [notifier.issue(["haining/xucun"], f"台风{number}", urgent=True) for number in range(4)]
        for notice, state in zip(notices, ("accepted", "accepted", "held", "held")):
            notifier.wait_states(notice, {state: 1})
        self.assertEqual(self.gateway.sent(), {"13800138001": 2})

    def test_the_number_of_a_day_is_kept_over_a_start(self):
        today = harness.today()
        notifier = self.notifier(recipient_day=2)
        self.operator.store(house())
        for number in range(2):
            notifier.wait_states(notifier.issue(["haining/xucun"], f"一{number}"), {"accepted": 1})
        notifier.kill()
        notifier.start()
        notice = notifier.issue(["haining/xucun"], "三")
        row = self.held(notifier, notice)[0]
        midnight = datetime.datetime.combine(today + datetime.timedelta(days=1), datetime.time(), CHINA)
        self.assertEqual(row["next_at"], int(midnight.timestamp() * 1000))
        self.assertEqual(row["words"], "该收件人当日条数已满，次日发送")
        notifier.wait_states(notifier.issue(["haining/xiashi"], "他人"), {"accepted": 1})
        notifier.wait_states(notifier.issue(["haining/xucun"], "急", urgent=True), {"accepted": 1})

    def test_a_pace_spreads_what_goes_out(self):
        notifier = self.notifier(sms_per_minute=600)
        people = [contact("haining/xiashi", f"P-{number}", "队员", f"139{number:08d}") for number in range(180)]
        self.operator.store(house(contacts=False) + people)
        began = time.monotonic()
        notice = notifier.issue(["haining"])
        self.gateway.wait(150)
        notifier.kill()
        notifier.start()
        harness.until(lambda: len(self.gateway.sent()) == 180, what="all of them")
        # A quarter at once, the others ten in a second (7.5 of them): 180 of them take 4 s at least, whatever the machine does.
        self.assertGreater(time.monotonic() - began, (180 - 150) / 7.5)
        self.assertLessEqual(len(self.gateway.requests), 180 + 16)

    def test_quiet_hours_that_are_none_are_refused(self):
        notifier = self.notifier()
        self.assertEqual(notifier.stop(), 0)
        notifier.settings["quiet_hours"] = "22-7"
        notifier.start(wait=False)
        self.assertNotEqual(notifier.process.wait(20), 0)
        self.assertIn("setting quiet-hours: 22-7 is not two times, like 22:00-07:00, or off", notifier.log.read_text())


def rule(name, event, **more):
    """A rule.set: tells the leader of the unit."""
    body = {"rule": name, "version": 1, "name": name, "kind": "event", "event": event, "channels": ["sms"],
            "recipients": [{"of": "own", "post": "leader"}]}
    return harness.event("rule.set", "haining", body | more, {"templates": [{"title": name, "text": "{单位}"}]})


class Rules(Case):
    """Messages of alerts: silenced, held back by another rule, superseded by a repeat."""

    def start_rules(self, *rules, **settings):
        notifier = self.notifier(**settings)
        self.operator.store(house(contacts=False) + [contact("haining/xucun", "P-1", "沈佳", "13800138001", post="leader")])
        self.operator.store(list(rules))
        return notifier

    def happen(self, kind, reason=None):
        """A report, and what the office makes of it; the report's event."""
        report = harness.report("haining/xucun")
        side = {"reason": reason} if reason else None
        self.operator.store([report])
        self.operator.store([harness.event(kind, "haining/xucun", {"report": report["id"]}, side)])
        return report

    def rows(self, notifier):
        return notifier.rows("SELECT state, words, next_at FROM outbox ORDER BY number")

    def wait(self, notifier, *states):
        try:
            harness.until(lambda: [row[0] for row in self.rows(notifier)] == list(states), 30, "the states")
        except TimeoutError as error:
            raise AssertionError(f"{states} wanted, there are {self.rows(notifier)}") from error
        return self.rows(notifier)

    def silence(self, seconds):
        now = int(time.time() * 1000)
        self.operator.store([harness.event("silence.set", "haining", {
            "silence": "flood", "from": now - 60_000, "until": now + seconds * 1000, "rule": "returned"},
            {"reason": "防汛"})])

    def test_a_silence_holds_and_its_end_lets_go(self):
        notifier = self.start_rules(rule("returned", "report.returned"), rule("urgent", "report.returned", urgent=True))
        self.silence(3600)
        self.happen("report.returned", "补照片")
        row = self.wait(notifier, "held", "accepted")[0]
        self.assertEqual(row[1], "静默期内，到时再发")
        self.assertGreater(row[2], int(time.time() * 1000) + 3000_000)
        self.silence(0)  # ended early
        self.wait(notifier, "accepted", "accepted")

    def test_another_rule_holds_it_back_until_that_is_over(self):
        notifier = self.start_rules(rule("returned", "report.returned"),
                                    rule("accepted", "report.accepted", held_by=["returned"]))
        self.happen("report.accepted")
        self.wait(notifier, "accepted")
        report = self.happen("report.returned", "补照片")
        self.wait(notifier, "accepted", "accepted")
        self.happen("report.accepted")
        self.assertEqual(self.wait(notifier, "accepted", "accepted", "held")[2][1], "该单位已有更重要的提醒，那件事结束后再发")
        self.assertEqual(notifier.stop(), 0)
        notifier.start()
        self.wait(notifier, "accepted", "accepted", "held")
        self.operator.store([harness.event("report.amended", "haining/xucun", report["body"] | {"amends": report["id"]})])
        self.wait(notifier, "accepted", "accepted", "accepted")
        self.assertEqual(sum(self.gateway.sent().values()), 3)

    def test_none_holds_itself_back(self):
        self.operator.store(house())
        receipt = self.operator.submit([rule("returned", "report.returned", held_by=["accepted", "returned"])])[0]
        self.assertEqual((receipt["status"], receipt["faults"][0]["field"]), ("rejected", "body.held_by[1]"))

    def test_no_two_hold_each_other_back(self):
        self.operator.store(house() + [rule("returned", "report.returned")])
        self.operator.store([rule("accepted", "report.accepted", held_by=["returned"])])
        for held_by, code in (("accepted", "contradiction"), ("nothing", "unknown-reference")):
            made = rule("returned", "report.returned", version=2, held_by=[held_by])
            fault = self.operator.submit([made])[0]["faults"][0]
            self.assertEqual((fault["field"], fault["code"]), ("body.held_by", code))

    def test_of_an_alert_and_its_repeat_the_last_goes(self):
        notifier = self.start_rules(rule("returned", "report.returned", repeat_after=10, repeats=1),
                                    quiet_hours=around_now()[0])
        self.happen("report.returned", "补照片")
        self.wait(notifier, "held")
        self.assertEqual(notifier.stop(), 0)
        later = {"CHAOXUN_CLOCK_SHIFT_MS": str(11 * 60_000)}
        notifier.start(environment=later)
        self.wait(notifier, "held", "held")
        self.assertEqual(notifier.stop(), 0)
        notifier.settings["quiet_hours"] = "off"
        notifier.start(environment=later)
        self.assertEqual(self.wait(notifier, "superseded", "accepted")[0][1], "同一件事已有更新的提醒，本条不再发送")
        self.assertEqual(self.gateway.sent(), {"13800138001": 1})


if __name__ == "__main__":
    unittest.main()
