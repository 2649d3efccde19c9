#!/usr/bin/python3
"""Messages of alerts that go out together, with real processes: a group that waits, a digest, kill -9 while they wait and a
notifier.db that is lost; what each says of itself, before and after; and quiet hours that the office sets while messages
are held. A whole year of it is in ../unit/test_notifier_year.c."""
import datetime
import json
import pathlib
import sys
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from notifier_process import Case, contact, house
from test_notifier_restraint import CHINA, around_now, rule

LEADER = "13800138001"


def times(*hours):
    """Times of day so many hours from now, in order."""
    now = datetime.datetime.now(CHINA)
    return sorted(f"{now + datetime.timedelta(hours=hour):%H:%M}" for hour in hours)


class Grouping(Case):
    def start(self, *rules, **settings):
        notifier = self.notifier(**settings)
        self.operator.store(house(contacts=False) + [contact("haining/xucun", "P-1", "沈佳", LEADER, post="leader")])
        self.operator.store(list(rules) or house()[:1])
        return notifier

    def give_back(self, unit="haining/xucun"):
        report = harness.report(unit)
        self.operator.store([report])
        self.operator.store([harness.event("report.returned", unit, {"report": report["id"]}, {"reason": "补照片"})])
        return report

    def rows(self, notifier):
        return notifier.rows("SELECT state, words, next_at FROM outbox ORDER BY number")

    def wait(self, notifier, *states):
        try:
            harness.until(lambda: [row[0] for row in self.rows(notifier)] == list(states), 30, "the states")
        except TimeoutError as error:
            raise AssertionError(f"{states} wanted, there are {self.rows(notifier)}") from error
        return self.rows(notifier)

    def start_later(self, notifier, seconds):
        notifier.start(environment={"CHAOXUN_CLOCK_SHIFT_MS": str(int(seconds * 1000))})

    def lose_database(self, notifier):
        for name in ("notifier.db", "notifier.db-wal", "notifier.db-shm", "notifier.witness"):
            notifier.intake.folder.joinpath("notifier", name).unlink(missing_ok=True)

    def alerts(self, notifier):
        return [bytes(row[0]) for row in notifier.rows("SELECT id FROM notices WHERE rule <> '' ORDER BY seq")]

    def test_a_group_waits_and_goes_as_one_whatever_is_killed(self):
        notifier = self.start(rule("returned", "report.returned", group_by=["rule"], group_wait=1, group_interval=60),
                              rule("urgent", "report.returned", urgent=True))
        for _ in range(3):
            self.give_back()
        rows = self.wait(notifier, *["held", "accepted"] * 3)
        self.assertEqual({row[1] for row in rows[::2]}, {"等待与其他提醒合并，到时一并发送"})
        self.assertEqual(self.gateway.sent(), {LEADER: 3}, "the urgent ones")
        notifier.kill()  # while the group is open
        self.start_later(notifier, 61)
        self.wait(notifier, "accepted", "accepted", "superseded", "accepted", "superseded", "accepted")
        text = self.gateway.requests[-1]["text"]
        self.assertIn("returned（共3条）", text)
        self.assertEqual(text.count("许村志愿中队"), 3)
        carrier, _, *others = self.alerts(notifier)
        carried = notifier.notice(others[0])["rows"][0]
        self.assertEqual(carried["carrier"], carrier)
        self.assertIn(str(uuid.UUID(bytes=carrier)), carried["words"])
        self.assertTrue(notifier.notice(others[0])["notice"]["complete"])
        self.assertEqual(notifier.notice(carrier)["rows"][0]["carries"], 2)
        notifier.kill()
        self.lose_database(notifier)
        self.start_later(notifier, 62)  # everything is folded again
        self.wait(notifier, "accepted", "accepted", "superseded", "accepted", "superseded", "accepted")
        self.give_back()  # the group is open: after its interval
        rows = self.wait(notifier, "accepted", "accepted", "superseded", "accepted", "superseded", "accepted", "held",
                         "accepted")
        self.assertGreater(rows[6][2] - notifier.rows("SELECT received_at FROM notices ORDER BY seq DESC")[0][0], 55 * 60_000)
        self.assertEqual(self.gateway.sent(), {LEADER: 5})

    def test_a_digest_takes_all_rules_and_misses_none(self):
        notifier = self.start(rule("returned", "report.returned", digest=times(2, 8)),
                              rule("other", "report.returned", digest=times(2)),
                              rule("later", "report.returned", digest=times(4)))
        first = self.give_back()
        self.give_back()
        rows = self.wait(notifier, *["held"] * 6)
        self.assertEqual({row[1] for row in rows}, {"等待定时汇总，到时一并发送"})
        # What is over before its time is not told.
        self.operator.store([harness.event("report.amended", "haining/xucun", first["body"] | {"amends": first["id"]})])
        self.wait(notifier, *["cancelled"] * 3, *["held"] * 3)
        notifier.kill()
        self.lose_database(notifier)
        self.start_later(notifier, 2 * 3600)
        rows = self.wait(notifier, *["cancelled"] * 3, "held", "accepted", "superseded")
        self.assertEqual(self.gateway.sent(), {LEADER: 1})
        self.assertIn("提醒汇总（共2条）", self.gateway.requests[0]["text"])
        notifier.kill()
        self.start_later(notifier, 2 * 3600 + 60)
        self.wait(notifier, *["cancelled"] * 3, "held", "accepted", "superseded")
        self.assertEqual(self.gateway.sent(), {LEADER: 1})

    def test_a_carrier_that_is_over_lets_the_others_go(self):
        notifier = self.start(rule("returned", "report.returned", group_by=["unit"], group_wait=1))
        first = self.give_back()
        self.give_back()
        self.wait(notifier, "held", "held")
        self.gateway.answers[LEADER] = [(503, "busy")] * 100
        notifier.kill()
        self.start_later(notifier, 61)
        self.wait(notifier, "retry", "superseded")
        self.operator.store([harness.event("report.amended", "haining/xucun", first["body"] | {"amends": first["id"]})])
        harness.until(lambda: self.rows(notifier)[0][0] == "cancelled", 30, "the first is over")
        self.gateway.answers[LEADER].clear()
        notifier.kill()
        self.start_later(notifier, 3600)
        self.wait(notifier, "cancelled", "accepted")

    def test_a_carrier_that_is_over_while_it_is_with_the_gateway_lets_the_others_go(self):
        notifier = self.start(rule("returned", "report.returned", group_by=["unit"], group_wait=1))
        first = self.give_back()
        self.give_back()
        self.wait(notifier, "held", "held")
        self.gateway.answers[LEADER] = [(503, "busy")]
        self.gateway.hold()
        notifier.kill()
        self.start_later(notifier, 61)
        self.gateway.wait(1)
        amended = harness.event("report.amended", "haining/xucun", first["body"] | {"amends": first["id"]})
        notifier.answer("notices", at_least=self.operator.store([amended])["position"])
        self.gateway.release()
        harness.until(lambda: self.rows(notifier)[0][0] == "cancelled", 30, "the first is over")
        notifier.kill()
        self.start_later(notifier, 3600)
        self.wait(notifier, "cancelled", "accepted")

    def test_quiet_hours_are_the_offices(self):
        notifier = self.start()
        quiet, end = around_now()
        self.set_quiet(quiet)
        self.operator.store([contact("haining/xiashi", "P-2", "王建", "13800138002")])
        notice = notifier.issue(["haining"])
        rows = notifier.wait_states(notice, {"held": 2})
        self.assertEqual({(row["next_at"], row["words"]) for row in rows}, {(end, "免打扰时段，到时自动发送")})
        answer = notifier.answer("silences")
        self.assertEqual((answer["quiet_hours"], answer["quiet_by"], answer["quiet_until"], answer["held"]),
                         (quiet, "office", end, 2))
        notifier.kill()
        notifier.start()
        notifier.wait_states(notice, {"held": 2})
        self.set_quiet("default")
        notifier.wait_states(notice, {"accepted": 2})
        answer = notifier.answer("silences")
        self.assertEqual((answer["quiet_hours"], answer["quiet_by"]), ("off", "service"))

    def set_quiet(self, value):
        self.operator.store([harness.event("setting.set", "haining", {"name": "quiet-hours", "value": value})])

    def test_bad_input_is_refused_by_field(self):
        self.operator.store(house())
        returned = {"event": "report.returned"}
        for more, field, code in (({"group_by": ["colour"]}, "body.group_by[0]", "bad-word"),
                                  ({"group_wait": 5}, "body.group_by", "missing"),
                                  ({"group_by": ["rule"], "group_wait": 241}, "body.group_wait", "too-big"),
                                  ({"group_by": ["rule"], "group_interval": 0}, "body.group_interval", "too-small"),
                                  ({"digest": ["8:30"]}, "body.digest[0]", "bad-format"),
                                  ({"digest": ["17:00", "08:30"]}, "body.digest[1]", "contradiction"),
                                  ({"digest": ["24:00"]}, "body.digest[0]", "bad-format"),
                                  ({"digest": ["08:30"], "urgent": True}, "body.urgent", "contradiction"),
                                  ({"recipients": [{"of": "own", "digest": ["noon"]}]}, "body.recipients[0].digest[0]",
                                   "bad-format")):
            with self.subTest(json.dumps(more)):
                receipt = self.operator.submit([rule("bad", returned["event"], **more)])[0]
                fault = (receipt.get("faults") or [{}])[0]
                self.assertEqual((fault.get("field"), fault.get("code")), (field, code), receipt)
        for value in ("22-7", "22:00-22:00", "", "25:00-07:00", "22:00-07:00 "):
            made = harness.event("setting.set", "haining", {"name": "quiet-hours", "value": value})
            fault = self.operator.submit([made])[0]["faults"][0]
            self.assertEqual((fault["field"], fault["code"]), ("body.value", "bad-format"), value)
            self.assertIn("22:00-07:00, off for none, or default", fault["limit"])


if __name__ == "__main__":
    unittest.main()
