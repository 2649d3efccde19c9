#!/usr/bin/python3
"""What did not reach anybody is sent again when a person says so: dead, undelivered, held; one by one or all; a notifier that
folds everything again knows of it. The command beside a real journal."""
import json
import pathlib
import re
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from notifier_process import Case, house

BAD = (403, "3: Rejected")


class Resending(Case):
    def again(self, notice, **which):
        """Hands in a notice.resent; its receipt's position."""
        made = harness.event("notice.resent", "haining", {"notice": notice} | which)
        return self.operator.store([made])["position"]

    def test_one_then_all(self):
        notifier = self.notifier()
        self.operator.store(house())
        for number in range(3):
            self.gateway.answers[f"1380013800{number}"] = [(400, "invalid number")] if number < 2 else []
        first = notifier.issue(["haining"])
        harness.until(lambda: set(notifier.states(first)) == {"accepted", "undelivered"}
                      or set(notifier.states(first)) == {"accepted", "dead"}, what="the refusals")
        over = [item for item in notifier.notice(first)["rows"] if item["state"] != "accepted"]
        self.assertEqual(len(over), 2)
        self.assertEqual(sum(self.gateway.sent().values()), 3)
        self.again(first, person=over[0]["person"], channel="sms")
        harness.until(lambda: notifier.states(first).get("accepted") == 2, what="the first of them")
        self.assertEqual(sum(self.gateway.sent().values()), 4)
        self.again(first)
        notifier.wait_states(first, {"accepted": 3})
        self.assertEqual(self.gateway.sent(), {"13800138000": 2, "13800138001": 2, "13800138002": 1})
        again = {item["person"]: item for item in notifier.notice(first)["rows"]}
        self.assertEqual([again[item["person"]]["attempts"] for item in over], [2, 2])
        self.assertEqual(self.again(first) and sum(self.gateway.sent().values()), 5, "what was taken is left alone")
        self.assertEqual(notifier.stop(), 0)
        shutil.rmtree(notifier.database.parent)
        notifier.start()  # everything is folded again, and nobody gets it once more
        notifier.wait_states(first, {"accepted": 3})
        self.assertEqual(sum(self.gateway.sent().values()), 5)

    def test_what_is_held_for_a_person_goes_although_it_is_old(self):
        notifier = self.notifier(expire_hours=1)
        self.operator.store(house())
        self.gateway.answers["13800138000"] = [(503, "busy")]
        old = notifier.issue(["haining/xiashi"])
        notifier.wait_states(old, {"retry": 1})
        self.assertEqual(notifier.stop(), 0)
        ahead = {"CHAOXUN_CLOCK_SHIFT_MS": str(2 * 3600 * 1000)}
        notifier.start(environment=ahead)
        notifier.wait_states(old, {"held": 1})
        self.assertEqual(self.gateway.sent(), {"13800138000": 1})
        self.again(old)
        harness.until(lambda: notifier.states(old) != {"held": 1}, what="the fold")


class Command(unittest.TestCase):
    """Without a gateway: everything is held for a person, and held again."""

    def test_the_command(self):
        with harness.Instance() as chaoxun:
            def command(*words, code=0, **options):
                result = chaoxun.command("notice", *words, **options)
                self.assertEqual(result.returncode, code, result.stdout + result.stderr)
                return result.stdout + result.stderr

            made = chaoxun.command("contact", "set", "P001", "--unit", "haining/xucun",
                                   stdin='{"name": "沈佳", "phone": "13800138002", "email": "shen@haining.test"}')
            self.assertEqual(made.returncode, 0, made.stderr)
            sent = command("send", "--unit", "xucun", "--title", "高温", "--text", "改期", "--wait", code=1)
            self.assertIn("2 messages: held 2; under way", sent)  # it does not wait for what no time brings
            notice = re.search(r"stored (\S+) seq=", sent)[1]
            self.assertIn("either --all, or --person", command("resend", notice, code=2))
            self.assertIn("either --all, or --person", command("resend", notice, "--all", "--person", "P001", code=2))
            self.assertIn("is not sms, email", command("resend", notice, "--channel", "fax", code=2))
            self.assertIn("nothing to send again", command("resend", notice, "--person", "P002", code=2))
            one = command("resend", notice, "--channel", "sms")
            self.assertIn("1 messages are sent again", one)
            self.assertRegex(one, r"stored \S+ seq=\d+")
            self.assertIn("将再次发送 2 条消息", command("resend", notice, "--all", "--lang", "zh"))
            lines = chaoxun.command("tail", "--no-follow", "--json").stdout.splitlines()
            bodies = [json.loads(line)["body"] for line in lines if '"notice.resent"' in line]
            self.assertEqual([{**body, "notice": ""} for body in bodies], [{"notice": "", "channel": "sms"}, {"notice": ""}])


if __name__ == "__main__":
    unittest.main()
