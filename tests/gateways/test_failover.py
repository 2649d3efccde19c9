#!/usr/bin/python3
"""Two providers of SMS, group robots and 浙政钉 behind a whole notifier: one fails, the other takes over; breakers open,
probe and close; each recipient gets each notice once, or as often as is counted."""
import collections
import json
import pathlib
import sys
import unittest
import urllib.parse

import http_stub
from http_stub import HANG_UP
from program import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import intake_process
from day_clock import preloads
from notifier_process import SQUADS, Notifier, contact, house

ALIYUN_OK = http_stub.HttpStub.json({"Code": "OK", "Message": "OK"})
TENCENT_OK = http_stub.HttpStub.json({"Response": {"SendStatusSet": [{"Code": "Ok", "Message": "send success"}]}})
DOWN = (503, b"")
SECRET = "hush-hush-hush"
BREAKER_FAULTS = 5


class Case(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.aliyun, self.tencent = (self.enterContext(http_stub.HttpStub()) for _ in range(2))
        self.aliyun.says(ALIYUN_OK)
        self.tencent.says(TENCENT_OK)
        self.operator = self.intake.door("operator")
        self.secret = self.file(self.intake.folder / "provider.secret", SECRET)

    @staticmethod
    def file(path, line):
        path.touch(mode=0o600)
        path.write_text(line + "\n")
        return path

    def chosen(self):
        return {"aliyun_url": self.aliyun.url, "aliyun_key": "LTAI", "aliyun_secret_file": self.secret,
                "aliyun_template": "SMS_1", "tencent_url": self.tencent.url, "tencent_key": "AKID",
                "tencent_secret_file": self.secret, "tencent_app": "1400", "tencent_template": "77"}

    def notifier(self, **settings):
        return self.enterContext(Notifier(self.intake, **self.chosen() | settings))

    @staticmethod
    def said(notifier):
        return notifier.log.read_text(errors="replace")

    def people(self, count):
        squads = list(SQUADS)
        self.operator.store(house(contacts=False) + [
            contact(squads[number % 3], f"P-{number}", f"队员{number}", f"138001380{number:02}")
            for number in range(count)])

    def numbers(self):
        """How often each provider was asked to send to each number; asking what became of a message is none of it."""
        queries = [urllib.parse.parse_qs(urllib.parse.urlsplit(one.path).query) for one in self.aliyun.asked]
        aliyun = [query["PhoneNumbers"][0] for query in queries if "PhoneNumbers" in query]
        bodies = [json.loads(one.body) for one in self.tencent.asked]
        tencent = [body["PhoneNumberSet"][0].removeprefix("+86") for body in bodies if "PhoneNumberSet" in body]
        return collections.Counter(aliyun), collections.Counter(tencent)


class Failover(Case):
    def test_down_and_back(self):
        notifier = self.notifier(send_parallel=1)
        self.people(30)
        self.aliyun.says(DOWN)
        first = notifier.issue(["haining"])
        rows = notifier.wait_states(first, {"accepted": 30})
        aliyun, tencent = self.numbers()
        self.assertEqual(set(tencent.values()), {1})
        self.assertEqual(len(tencent), 30)
        self.assertEqual({row["attempts"] for row in rows}, {1})
        self.assertEqual({row["words"] for row in rows}, {"tencent: Ok: send success"})
        # The first ones, and then probes: not each of the thirty.
        self.assertLess(sum(aliyun.values()), 30)
        self.assertGreaterEqual(sum(aliyun.values()), BREAKER_FAULTS)
        harness.until(lambda: notifier.metric("chaoxun_breakers_open") == 1, what="the open breaker")
        harness.until(lambda: notifier.metric("chaoxun_failovers_total") == sum(aliyun.values()), what="the failovers")
        self.assertIn('"a provider failed again and again: its breaker is open" channel=sms provider=aliyun',
                      self.said(notifier))
        self.aliyun.says(ALIYUN_OK)

        def closed():
            notice = notifier.issue(["haining/xucun"])
            notifier.wait_states(notice, {"accepted": 10})
            return notifier.metric("chaoxun_breakers_open") == 0
        harness.until(closed, what="the closed breaker")
        self.assertIn("its breaker is closed", self.said(notifier))
        asked = len(self.tencent.asked)
        notice = notifier.issue(["haining"])
        notifier.wait_states(notice, {"accepted": 30})
        self.assertEqual(len(self.tencent.asked), asked)

    def test_both_down(self):
        notifier = self.notifier(send_parallel=2, retry_ms=300, retry_max_ms=600)
        self.people(20)
        self.aliyun.says(DOWN)
        self.tencent.says(DOWN)
        notice = notifier.issue(["haining"])
        harness.until(lambda: notifier.metric("chaoxun_breakers_open") == 2, what="two open breakers")
        before = len(self.aliyun.asked) + len(self.tencent.asked)
        # Only probes go: so many that each of twenty would have been tried are far away.
        self.assertLess(before, 2 * 20)
        self.aliyun.says(ALIYUN_OK)
        notifier.wait_states(notice, {"accepted": 20}, 60)
        taken = collections.Counter(row["words"] for row in notifier.notice(notice)["rows"])
        self.assertEqual(taken, {"aliyun: OK: OK": 20})

    def test_a_lost_answer_is_not_taken_over(self):
        notifier = self.notifier(unknown_ms=5000)  # long enough to be seen on a slow machine, too
        self.people(1)
        self.aliyun.says(HANG_UP, ALIYUN_OK)
        notice = notifier.issue(["haining"])
        notifier.wait_states(notice, {"unknown": 1})
        self.assertEqual(len(self.tencent.asked), 0)
        row = notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row["repeats"]), (2, 1))
        self.assertEqual(notifier.metric("chaoxun_possible_duplicates_total"), 1)
        self.assertEqual([sum(asked.values()) for asked in self.numbers()], [2, 0])

    def test_a_bad_recipient_is_not_taken_over(self):
        notifier = self.notifier()
        self.people(1)
        self.aliyun.says(http_stub.HttpStub.json({"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "13800138000?"}))
        notice = notifier.issue(["haining"])
        row = notifier.wait_states(notice, {"undelivered": 1})[0]
        self.assertEqual(row["words"], "aliyun: isv.MOBILE_NUMBER_ILLEGAL: <address>?")
        self.assertEqual(len(self.tencent.asked), 0)

    def test_too_many_for_one_number(self):
        """The next one has it at once; where there is none, it waits as long as the provider wants, and nobody is blamed."""
        notifier = self.notifier()
        self.people(3)
        self.aliyun.says(http_stub.HttpStub.json({"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发分钟级流控"}))
        rows = notifier.wait_states(notifier.issue(["haining"]), {"accepted": 3})
        self.assertEqual({row["words"] for row in rows}, {"tencent: Ok: send success"})
        self.tencent.says(http_stub.HttpStub.json({"Response": {"SendStatusSet": [
            {"Code": "LimitExceeded.PhoneNumberOneHourLimit", "Message": "limit"}]}}))
        rows = notifier.wait_states(notifier.issue(["haining"]), {"retry": 3})
        self.assertTrue(all(row["next_at"] - row["since"] >= 3600_000 for row in rows), rows)
        self.assertEqual([set(asked.values()) for asked in self.numbers()], [{2}, {2}])
        self.assertEqual(notifier.metric("chaoxun_breakers_open"), 0)

    def test_order_of_rank(self):
        notifier = self.notifier(sms_providers="tencent aliyun")
        self.people(1)
        notifier.wait_states(notifier.issue(["haining"]), {"accepted": 1})
        self.assertEqual([sum(asked.values()) for asked in self.numbers()], [0, 1])

    def test_refused_by_one_provider_for_its_settings(self):
        """Told in the log each time, with no secret in it; nobody waits for it."""
        notifier = self.notifier()
        self.people(3)
        self.aliyun.says(http_stub.HttpStub.json({"Code": "SignatureDoesNotMatch", "Message": "?"}, 400))
        notifier.wait_states(notifier.issue(["haining"]), {"accepted": 3})
        self.assertIn('"the provider refuses us: check its settings" channel=sms provider=aliyun', self.said(notifier))
        self.assertNotIn(SECRET, self.said(notifier))
        for path in pathlib.Path("/proc").glob(f"{notifier.process.pid}/cmdline"):
            self.assertNotIn(SECRET.encode(), path.read_bytes())


class AnHour(Case):
    """The first provider is away for an hour of the notifier's own clock: at each step of it a notice for everybody."""

    STEP_S, STEPS, PEOPLE = 120, 30, 6

    def setUp(self):
        super().setUp()
        self.clock = self.intake.folder / "clock"
        self.hold(0)

    def hold(self, seconds):
        """The notifier's clock is so far ahead from now on."""
        self.clock.with_suffix(".new").write_text(f"{seconds:+d}\n")
        self.clock.with_suffix(".new").rename(self.clock)

    def notifier(self, **settings):
        # The breaker goes by the monotonic clock, which is left alone: its pauses are as short as the steps are.
        made = Notifier(self.intake, **self.chosen() | {"retry_ms": 200, "retry_max_ms": 400, "send_parallel": 1} | settings)
        self.addCleanup(lambda: made.__exit__(None))
        made.start(environment={"LD_PRELOAD": preloads(), "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        return made

    def test_down_for_an_hour(self):
        notifier = self.notifier()
        self.people(self.PEOPLE)
        self.aliyun.says(DOWN)
        notices = []
        for step in range(self.STEPS):
            self.hold(step * self.STEP_S)
            notices.append(notifier.issue(["haining"], f"第{step}条"))
            rows = notifier.wait_states(notices[-1], {"accepted": self.PEOPLE})
            self.assertEqual({(row["attempts"], row["words"]) for row in rows}, {(1, "tencent: Ok: send success")})
        aliyun, tencent = self.numbers()
        self.assertEqual(set(tencent.values()), {self.STEPS})
        self.assertEqual(len(tencent), self.PEOPLE)
        # So many until it is left alone, then probes: again and again, and few beside what went. There is one a pause: the
        # pauses are so long that also on a slow machine many messages go in each.
        probes = sum(aliyun.values())
        self.assertGreater(probes, BREAKER_FAULTS)
        self.assertLess(probes, self.PEOPLE * self.STEPS / 2)
        self.assertEqual(notifier.metric("chaoxun_breakers_open"), 1)
        self.aliyun.says(ALIYUN_OK)
        self.hold(self.STEPS * self.STEP_S)
        returned = []
        while notifier.metric("chaoxun_breakers_open") > 0:  # until a probe's time has come
            returned.append(notifier.issue(["haining"], "恢复"))
            notifier.wait_states(returned[-1], {"accepted": self.PEOPLE})
        before = len(self.tencent.asked)
        last = notifier.issue(["haining"], "之后")
        notifier.wait_states(last, {"accepted": self.PEOPLE})
        self.assertEqual(len(self.tencent.asked), before)
        # Everybody has each notice once, by the one or the other.
        for notice in notices + returned + [last]:
            self.assertEqual({row.get("repeats", 0) for row in notifier.notice(notice)["rows"]}, {0})
        taken = sum(one["words"].startswith("aliyun") for notice in returned + [last] for one in notifier.notice(notice)["rows"])
        self.assertEqual(len(self.tencent.asked) + taken, self.PEOPLE * (self.STEPS + len(returned) + 1))
        self.assertEqual(sum(self.numbers()[0].values()), probes + taken)
        self.assertEqual(notifier.metric("chaoxun_possible_duplicates_total"), 0)
        first, end = (notifier.notice(notice)["rows"][0]["since"] for notice in (notices[0], last))
        self.assertGreaterEqual(end - first, self.STEPS * self.STEP_S * 1000)


class Platforms(Case):
    """Contacts that are a robot or have an account."""

    def test_a_robot_and_an_account(self):
        robots = self.intake.folder / "robots"
        robots.mkdir()
        self.file(robots / "xiashi-group", f"dingtalk {self.aliyun.url}/robot/send?access_token=token-of-robot {SECRET}")
        notifier = self.notifier(aliyun_url="", tencent_url="", robots=robots, govding_url=self.tencent.url,
                                 govding_key="app", govding_secret_file=self.secret, govding_tenant="196")
        robot = harness.event("contact.set", "haining/xiashi", {"person": "R-1"}, {"robot": "xiashi-group"})
        official = harness.event("contact.set", "haining/xiashi", {"person": "P-1"}, {"name": "沈佳", "govding": "5823401"})
        self.operator.store(house(contacts=False) + [robot, official])
        preview = harness.until(lambda: (found := notifier.question("preview", units=["haining"])[1]).get("people") == 2 and found,
                                what="the contacts")
        self.assertEqual([preview[name] for name in ("sms", "email", "robot", "govding", "sms_sends", "robot_sends",
                                                     "govding_sends")], [0, 0, 1, 1, False, True, True])
        self.aliyun.says(http_stub.HttpStub.json({"errcode": 0, "errmsg": "ok"}))
        self.tencent.says(HANG_UP, http_stub.HttpStub.json({"success": True, "content": {"responseCode": "0"}}))
        notice = notifier.issue(["haining/xiashi"])
        rows = {row["channel"]: row for row in notifier.wait_states(notice, {"delivered": 2})}
        self.assertEqual((rows["robot"]["address"], rows["govding"]["address"]), ("xiashi-group", "****01"))
        # The answer was lost, it was sent again: with the same key, by which the platform knows it.
        keys = [urllib.parse.parse_qs(one.body.decode())["bizMsgId"] for one in self.tencent.asked]
        self.assertEqual((len(keys), keys[0]), (2, keys[1]))
        for secret in (SECRET, "token-of-robot"):
            self.assertNotIn(secret, self.said(notifier))
            for path in (self.intake.folder / "notifier").iterdir():
                self.assertNotIn(secret.encode(), path.read_bytes())

    def test_too_fast_for_a_robot(self):
        robots = self.intake.folder / "robots"
        robots.mkdir()
        self.file(robots / "group", f"dingtalk {self.aliyun.url}/robot/send?access_token=t {SECRET}")
        notifier = self.notifier(aliyun_url="", tencent_url="", robots=robots)
        robot = harness.event("contact.set", "haining/xiashi", {"person": "R-1"}, {"robot": "group"})
        self.operator.store(house(contacts=False) + [robot])
        self.aliyun.says(http_stub.HttpStub.json({"errcode": 130101, "errmsg": "send too fast"}))
        row = notifier.wait_states(notifier.issue(["haining/xiashi"]), {"retry": 1})[0]
        self.assertGreaterEqual(row["next_at"] - row["since"], 600_000)
        self.assertEqual(notifier.metric("chaoxun_breakers_open"), 0)

    def test_a_contact_needs_some_address(self):
        for side, field in (({"name": "沈佳"}, "side.phone"), ({"robot": "Group 1"}, "side.robot"),
                            ({"robot": "http://x"}, "side.robot"), ({"govding": "58 23"}, "side.govding"),
                            ({"govding": "5\r\n8"}, "side.govding")):
            receipt, = self.operator.submit([harness.event("contact.set", "haining", {"person": "P-1"}, side)])
            self.assertEqual((receipt["status"], [fault["field"] for fault in receipt["faults"]]),
                             ("rejected", [field]), side)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
