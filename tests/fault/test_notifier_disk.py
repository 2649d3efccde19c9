#!/usr/bin/python3
"""The disk under the notifier: when it is full nothing is handed out, reports are refused so that they come again, and
with room everything goes on by itself; when a sync fails the process ends."""
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import intake_process
from notifier_process import Notifier, SendSms, house

EX_IOERR = 74


class Disk(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.gateway = self.enterContext(SendSms())
        self.notifier = self.enterContext(Notifier(self.intake, self.gateway, binary="part_notifier_disk", at_least_ms=3000))
        position = self.intake.door("operator").store(house())["position"]
        self.notifier.answer("notices", at_least=position)

    def signal(self, how):
        self.notifier.process.send_signal(how)

    def log_has(self, words):
        return words in self.notifier.log.read_text()

    def issue(self):
        """A notice that the notifier has not yet folded."""
        made = harness.event("notice.issued", "haining", {"units": ["haining"]}, {"title": "高温", "text": "停止"})
        return made["id"], self.intake.door("operator").store([made])["position"]

    def test_full_before_the_notice_comes(self):
        self.signal(signal.SIGUSR1)
        notice, position = self.issue()
        harness.until(lambda: self.log_has("no space on the disk"), what="the full disk")
        self.assertEqual(self.notifier.question("notice", id=notice, at_least=position)[1]["code"], "behind")
        self.assertEqual(self.gateway.requests, [])
        self.signal(signal.SIGUSR2)
        harness.until(lambda: self.notifier.question("notice", id=notice)[0] == "notice", what="the notice")
        self.notifier.wait_states(notice, {"accepted": 3})
        self.assertEqual(set(self.gateway.sent().values()), {1})

    def test_full_while_messages_are_with_the_provider(self):
        self.gateway.hold()
        notice = self.notifier.issue(["haining"])
        self.gateway.wait(3)
        self.signal(signal.SIGUSR1)
        self.gateway.release()
        harness.until(lambda: self.log_has("nothing is sent, trying again"), what="the full disk")
        verb, answer = self.notifier.report(self.gateway.requests[0], 1)
        self.assertEqual((verb, answer["code"]), ("error", "no-space"))
        self.assertGreater(answer["retry_after"], 0)
        time.sleep(0.2)  # nothing must happen; nothing tells when it would have
        self.assertEqual(self.notifier.states(notice), {"sending": 3})
        self.signal(signal.SIGUSR2)
        self.notifier.wait_states(notice, {"accepted": 3})
        self.assertEqual(self.notifier.report(self.gateway.requests[0], 1), ("noted", None))
        self.notifier.wait_states(notice, {"accepted": 2, "delivered": 1})
        self.assertEqual(set(self.gateway.sent().values()), {1})

    def test_a_failed_sync_ends_the_process(self):
        self.gateway.hold()
        notice = self.notifier.issue(["haining"])
        self.gateway.wait(3)
        self.signal(signal.SIGHUP)
        self.gateway.release()
        self.assertEqual(self.notifier.process.wait(20), EX_IOERR)
        self.notifier.start()
        states = self.notifier.states(notice)
        # The failed commit is there or is not; what was sent is never sent again as if it had not been.
        self.assertEqual(sum(states.values()), 3)
        self.assertLessEqual(set(states), {"accepted", "unknown"})
        self.assertEqual(set(self.gateway.sent().values()), {1})


if __name__ == "__main__":
    unittest.main(warnings="ignore")
