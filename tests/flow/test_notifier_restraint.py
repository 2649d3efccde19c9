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
        notifier = self.notifier(quiet_hours=around_now()[0], urgent_day=2)
        self.operator.store(house())
        notices = [notifier.issue(["haining/xucun"], f"台风{number}", urgent=True) for number in range(4)]
        for notice, state in zip(notices, ("accepted", "accepted", "held", "held")):
            notifier.wait_states(notice, {state: 1})
        self.assertEqual(self.gateway.sent(), {"13800138001": 2})

    def test_the_number_of_a_day_is_kept_over_a_start(self):
        notifier = self.notifier(recipient_day=2)
        self.operator.store(house())
        for number in range(2):
            notifier.wait_states(notifier.issue(["haining/xucun"], f"一{number}"), {"accepted": 1})
        notifier.kill()
        notifier.start()
        notice = notifier.issue(["haining/xucun"], "三")
        row = self.held(notifier, notice)[0]
        midnight = datetime.datetime.now(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        self.assertEqual(row["next_at"], int((midnight + datetime.timedelta(days=1)).timestamp() * 1000))
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


if __name__ == "__main__":
    unittest.main()
