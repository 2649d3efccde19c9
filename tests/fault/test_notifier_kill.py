#!/usr/bin/python3
"""kill -9 of the notifier at every stage of a message, and again and again under a running broadcast: every recipient
once in the outbox, nobody is sent a second message that is not counted as a possible duplicate, and what was being sent
is unknown until its delivery report comes or its time is up."""
import pathlib
import random
import shutil
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import intake_process
from notifier_process import SQUADS, Notifier, SendSms, contact, house

BUSY = (503, "Temporal failure, try again later.")
ONE = "13800138000"
BROADCAST = 240
KILLS = 8


class Stages(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.gateway = self.enterContext(SendSms())
        self.notifier = self.enterContext(Notifier(self.intake, self.gateway, unknown_ms=1000, retry_ms=700))
        self.intake.door("operator").store(house())

    def row(self, notice):
        return self.notifier.notice(notice)["rows"][0]

    def stored_state(self):
        return self.notifier.rows("SELECT state, attempts FROM outbox")[0]

    def told(self, notice):
        """The states that the journal has: "unknown" may be over before anybody has looked."""
        return [event["body"]["state"] for event in self.notifier.told(notice)]

    def with_the_provider(self):
        """A message whose request the gateway has, without an answer; the notifier is dead."""
        self.gateway.hold()
        notice = self.notifier.issue(["haining/xiashi"])
        self.gateway.wait(1)
        self.notifier.kill()
        self.gateway.release()
        return notice

    def test_with_the_provider_and_reported(self):
        notice = self.with_the_provider()
        self.notifier.settings["unknown_ms"] = 600_000
        self.notifier.start()
        row = self.notifier.wait_states(notice, {"unknown": 1})[0]
        self.assertEqual((row["attempts"], row.get("repeats", 0)), (1, 0))
        self.assertGreater(row["next_at"], row["since"])
        self.assertEqual(self.notifier.report(self.gateway.requests[0], 8), ("noted", None))
        self.notifier.wait_states(notice, {"accepted": 1})
        self.notifier.report(self.gateway.requests[0], 1)
        self.notifier.wait_states(notice, {"delivered": 1})
        self.assertEqual(self.gateway.sent(), {ONE: 1})

    def test_with_the_provider_and_its_time_is_up(self):
        notice = self.with_the_provider()
        self.notifier.start()
        row = self.notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertEqual(self.told(notice), ["sending", "unknown", "sending", "accepted"])
        self.assertEqual((row["attempts"], row["repeats"]), (2, 1))
        self.assertEqual(self.gateway.sent(), {ONE: 2})
        self.assertEqual(self.notifier.metric("chaoxun_possible_duplicates_total"), 1)

    def test_with_the_provider_and_the_outbox_is_lost(self):
        notice = self.with_the_provider()
        shutil.rmtree(self.intake.folder / "notifier")
        self.notifier.start()
        row = self.notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertIn("unknown", self.told(notice))
        self.assertEqual((row["attempts"], row["repeats"]), (2, 1))

    def before_it_is_told(self, how):
        """A message that is sending, of which intake, ended or stopped, could not give a receipt; the notifier is dead."""
        self.gateway.answers[ONE] = [BUSY]
        notice = self.notifier.issue(["haining/xiashi"])
        self.notifier.wait_states(notice, {"retry": 1})
        harness.until(lambda: not self.notifier.rows("SELECT 1 FROM tellings"), what="the tellings")
        self.intake.process.send_signal(how)
        harness.until(lambda: self.stored_state() == ("sending", 2), what="the second attempt")
        time.sleep(0.2)  # it must not be handed over; nothing tells when it would have been
        self.notifier.kill()
        self.assertEqual(self.gateway.sent(), {ONE: 1})
        return notice

    def test_before_the_journal_was_told(self):
        notice = self.before_it_is_told(signal.SIGKILL)
        self.intake.process.wait()
        self.intake.start()
        self.notifier.start()
        row = self.notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row.get("repeats", 0)), (2, 0))  # it was not with the provider, and that is known
        self.assertEqual(self.gateway.sent(), {ONE: 2})

    def test_told_but_the_receipt_was_lost(self):
        notice = self.before_it_is_told(signal.SIGSTOP)
        self.intake.process.send_signal(signal.SIGCONT)
        harness.until(lambda: [event["body"]["state"] for event in self.notifier.told(notice)][-1] == "sending",
                      what="the telling in the journal")
        self.notifier.start()
        row = self.notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row["repeats"]), (3, 1))  # another process might have handed it over
        self.assertEqual(self.gateway.sent(), {ONE: 2})

    def test_while_it_waits(self):
        self.gateway.answers[ONE] = [BUSY]
        notice = self.notifier.issue(["haining/xiashi"])
        self.notifier.wait_states(notice, {"retry": 1})
        self.notifier.kill()
        self.notifier.start()
        row = self.notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row.get("repeats", 0)), (2, 0))


class Broadcast(unittest.TestCase):
    """Many messages, a gateway that fails now and then, reports that come late and twice, and a process that dies."""

    def setUp(self):
        self.dice = random.Random(20261126)
        self.intake = self.enterContext(intake_process.Intake())
        self.gateway = self.enterContext(SendSms())
        self.notifier = self.enterContext(Notifier(self.intake, self.gateway, unknown_ms=1000, retry_ms=50))
        self.stop = threading.Event()
        self.taken = []
        squads = list(SQUADS)
        self.people = {f"P-{number}": f"139{number:08d}" for number in range(BROADCAST)}
        people = [contact(squads[number % 3], person, f"队员{number}", phone)
                  for number, (person, phone) in enumerate(self.people.items())]
        self.intake.door("operator").store(house(contacts=False) + people)
        for phone in self.people.values():
            self.gateway.answers[phone] = self.dice.choices(([], [BUSY], [None], [BUSY, None, BUSY]), (6, 2, 1, 1))[0]

    def hand_in_reports(self):
        """As a portal that is asked again and again by a gateway, until each report is taken."""
        open_reports = []
        seen = 0
        while not self.stop.is_set():
            for request in self.gateway.requests[seen:]:
                open_reports += [(request, code) for code in self.dice.sample((8, 1, 8), 3)] if self.dice.random() < 0.4 else []
                seen += 1
            self.dice.shuffle(open_reports)
            open_reports = [(request, code) for request, code in open_reports if not self.noted(request, code)]
            self.stop.wait(0.02)

    def noted(self, request, code):
        try:
            answer = self.notifier.report(request, code, wait_ms=300)
        except AssertionError:
            return False  # no answer: the gateway tries again
        if answer[0] == "noted" and code == 1:
            self.taken.append(request["to"])
        return answer[0] == "noted"

    def check(self, notice):
        rows = self.notifier.notice(notice)["rows"]
        self.assertEqual(sorted(row["person"] for row in rows), sorted(self.people))
        sent = self.gateway.sent()
        # A request that got 503 did not go out: the gateway said so.
        refused = {phone: 0 for phone in self.people.values()}
        for phone, answers in self.answered.items():
            refused[phone] = answers.count(BUSY) - self.gateway.answers[phone].count(BUSY)
        for row in rows:
            phone = self.people[row["person"]]
            self.assertLessEqual(sent[phone] - refused[phone], 1 + row.get("repeats", 0), row)
            self.assertGreaterEqual(sent[phone], 1, row)
            self.assertLessEqual(sent[phone], row["attempts"], row)
            if phone in self.taken:
                self.assertEqual(row["state"], "delivered", row)
        return rows

    def test_killed_again_and_again(self):
        self.answered = {phone: list(answers) for phone, answers in self.gateway.answers.items()}
        portal = threading.Thread(target=self.hand_in_reports)
        portal.start()
        try:
            notice = self.notifier.issue(["haining"])
            for _ in range(KILLS):
                time.sleep(self.dice.uniform(0.02, 0.4))  # the moment of death is a matter of chance
                self.notifier.kill()
                self.notifier.start(wait=self.dice.random() < 0.5)
            harness.until(lambda: self.notifier.status()["ready"], what="readiness")
            harness.until(lambda: set(self.notifier.states(notice)) <= {"accepted", "delivered"}, 60, "the end")
        finally:
            self.stop.set()
            portal.join()
        self.check(notice)
        self.assertGreater(len(self.taken), BROADCAST // 10)
        harness.until(lambda: self.notifier.rows("SELECT count(*) FROM tellings") == [(0,)], what="the tellings")
        sent = self.gateway.sent()
        before = [{key: row[key] for key in ("person", "state", "attempts", "since")}
                  for row in self.notifier.notice(notice)["rows"]]
        self.assertEqual(self.notifier.stop(), 0)
        shutil.rmtree(self.intake.folder / "notifier")
        self.notifier.start()
        after = [{key: row[key] for key in ("person", "state", "attempts", "since")}
                 for row in self.notifier.notice(notice)["rows"]]
        self.assertEqual(after, before)
        self.assertEqual(self.gateway.sent(), sent)
        repeats = sum(row.get("repeats", 0) for row in self.notifier.notice(notice)["rows"])
        print(f"{BROADCAST} recipients, {KILLS} kills, {sum(sent.values())} requests, {repeats} possible duplicates")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
