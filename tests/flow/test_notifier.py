#!/usr/bin/python3
"""The notifier beside a real intake, with a plain HTTP server that stands for the gateway: whom a notice reaches, what
becomes of each message, and what the journal hears. Crashes are in ../fault/test_notifier_kill.py."""
import pathlib
import shutil
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from notifier_process import Case, contact, house

BUSY = (503, "Temporal failure, try again later.")


def states(told, person):
    """What the journal heard of a person's message, in order."""
    return [(event["body"]["state"], event["body"].get("attempt", 0)) for event in told
            if event["body"]["person"] == person]


class Sending(Case):
    def test_each_recipient_once(self):
        notifier = self.notifier()
        self.operator.store(house() + [contact("haining/xucun", "P-01", "队长0", "13800138000")])
        notice = notifier.issue(["haining/xiashi", "haining/xucun"], "高温", "停止户外活动")
        rows = notifier.wait_states(notice, {"accepted": 2})
        self.assertEqual([(row["person"], row["unit"], row["unit_name"], row["name"], row["address"]) for row in rows],
                         [("P-01", "haining/xiashi", "硖石志愿中队", "队长0", "138****8000"),
                          ("P-11", "haining/xucun", "许村志愿中队", "队长1", "138****8001")])
        self.assertEqual(self.gateway.sent(), {"13800138000": 1, "13800138001": 1})
        self.assertEqual(self.request_to("13800138000")["text"], "【海宁城管志愿】高温：停止户外活动")
        told = harness.until(lambda: len(notifier.told(notice)) == 4 and notifier.told(notice), what="the tellings")
        self.assertEqual(states(told, "P-01"), [("sending", 1), ("accepted", 1)])
        self.assertEqual({event["cause"] for event in told}, {notice})
        self.assertEqual({event["source"] for event in told}, {"service:notifier"})
        self.assertEqual(told[0]["unit"], "haining/xiashi")

    def test_reports_in_any_order(self):
        notifier = self.notifier()
        self.operator.store(house())
        notice = notifier.issue(["haining"])
        notifier.wait_states(notice, {"accepted": 3})
        self.assertFalse(notifier.notice(notice)["notice"]["complete"])
        for number, codes in (("13800138000", (1, 8, 1)), ("13800138001", (8, 4, 1, 2)), ("13800138002", (8, 2, 8, 2))):
            for code in codes:
                self.assertEqual(notifier.report(self.request_to(number), code, "words"), ("noted", None))
        notifier.wait_states(notice, {"delivered": 2, "undelivered": 1})
        self.assertTrue(notifier.notice(notice)["notice"]["complete"])
        self.assertEqual(sum(self.gateway.sent().values()), 3)
        harness.until(lambda: len(notifier.told(notice)) == 9, what="the tellings")
        self.assertEqual(notifier.metric("chaoxun_deliveries_total"), 2)
        self.assertEqual(notifier.metric("chaoxun_undelivered_total"), 1)

    def test_forged_reports_change_nothing(self):
        notifier = self.notifier()
        self.operator.store(house())
        notice = notifier.issue(["haining/xiashi"])
        notifier.wait_states(notice, {"accepted": 1})
        request = self.request_to("13800138000")
        ref = dict(pair.split("=") for pair in request["dlr-url"].split("?")[1].split("&"))["ref"]
        for changes in ({"mac": "0" * 32}, {"mac": "short"}, {"ref": ref[:-1] + "2"}, {"ref": "x" * 34},
                        {"ref": "0" * 32 + ".1"}):
            verb, answer = notifier.report(request, 2, **changes)
            self.assertEqual((verb, answer["code"]), ("error", "forged"), changes)
        self.assertEqual(notifier.states(notice), {"accepted": 1})
        self.assertEqual(notifier.metric("chaoxun_delivery_reports_forged_total"), 5)
        self.assertEqual(notifier.question("delivered", ref=ref)[1]["code"], "missing")

    def test_a_passing_fault_is_tried_again(self):
        notifier = self.notifier()
        self.operator.store(house())
        self.gateway.answers["13800138000"] = [BUSY, BUSY]
        notice = notifier.issue(["haining/xiashi"])
        row = notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row.get("repeats", 0)), (3, 0))
        harness.until(lambda: len(notifier.told(notice)) == 6, what="the tellings")
        self.assertEqual(states(notifier.told(notice), "P-01"),
                         [("sending", 1), ("retry", 1), ("sending", 2), ("retry", 2), ("sending", 3), ("accepted", 3)])

    def test_without_an_answer_it_is_unknown_then_sent_again(self):
        notifier = self.notifier(unknown_ms=400)
        self.operator.store(house())
        self.gateway.answers["13800138000"] = [None]
        notice = notifier.issue(["haining/xiashi"])
        row = notifier.wait_states(notice, {"accepted": 1})[0]
        self.assertEqual((row["attempts"], row["repeats"]), (2, 1))
        self.assertEqual(self.gateway.sent(), {"13800138000": 2})
        self.assertEqual(notifier.metric("chaoxun_possible_duplicates_total"), 1)
        self.assertIn(("unknown", 1), states(notifier.told(notice), "P-01"))

    def test_a_report_ends_what_is_unknown(self):
        notifier = self.notifier(unknown_ms=600_000)
        self.operator.store(house())
        self.gateway.answers["13800138000"] = [None]
        notice = notifier.issue(["haining/xiashi"])
        row = notifier.wait_states(notice, {"unknown": 1})[0]
        self.assertGreater(row["next_at"], row["since"])
        notifier.report(self.request_to("13800138000"), 1)
        notifier.wait_states(notice, {"delivered": 1})
        self.assertEqual(self.gateway.sent(), {"13800138000": 1})

    def test_the_gateway_is_away_for_a_while(self):
        notifier = self.notifier()
        self.operator.store(house())
        self.gateway.close()
        notice = notifier.issue(["haining"])
        harness.until(lambda: all(row["attempts"] > 1 for row in notifier.notice(notice)["rows"]), what="attempts")
        harness.until(lambda: notifier.metric("chaoxun_outbox_open") == 3, what="the gauge")
        self.gateway.open(self.gateway.port)
        notifier.wait_states(notice, {"accepted": 3})
        self.assertEqual(set(self.gateway.sent().values()), {1})

    def test_a_gateway_that_is_away_is_not_asked_for_everyone(self):
        notifier = self.notifier(send_parallel=2, retry_ms=1000, retry_max_ms=60_000)
        people = [contact("haining/xiashi", f"P-{number}", "队员", f"139{number:08d}") for number in range(200)]
        self.operator.store(house(contacts=False) + people)
        self.gateway.close()
        notice = notifier.issue(["haining"])
        harness.until(lambda: notifier.metric("chaoxun_send_attempts_total") >= 4, what="attempts")
        time.sleep(0.5)  # with a pause for each message alone, all would have been tried by now
        self.assertLess(notifier.metric("chaoxun_send_attempts_total"), 20)
        self.gateway.open(self.gateway.port)
        notifier.wait_states(notice, {"accepted": 200})
        self.assertEqual(set(self.gateway.sent().values()), {1})

    def test_urgent_ones_overtake(self):
        notifier = self.notifier(send_parallel=1)
        self.operator.store(house())
        self.gateway.hold()
        first = notifier.issue(["haining"], "一", "慢")
        self.gateway.wait(1)
        urgent = notifier.issue(["haining"], "二", "急", urgent=True)
        self.gateway.release()
        notifier.wait_states(urgent, {"accepted": 3})
        notifier.wait_states(first, {"accepted": 3})
        texts = [request["text"][-1] for request in self.gateway.requests]
        self.assertEqual(texts, list("慢急急急慢慢"))

    def test_without_a_gateway_it_is_held_until_there_is_one(self):
        notifier = self.notifier(gateway=False)
        self.operator.store(house())
        notice = notifier.issue(["haining"])
        rows = notifier.wait_states(notice, {"held": 3})
        self.assertIn("no gateway is configured", rows[0]["words"])
        harness.until(lambda: notifier.metric("chaoxun_outbox_held") == 3, what="the gauge")
        self.assertEqual(notifier.stop(), 0)
        notifier = self.notifier()
        notifier.wait_states(notice, {"accepted": 3})
        self.assertEqual(set(self.gateway.sent().values()), {1})


class Keeping(Case):
    def test_erasure_leaves_no_trace(self):
        notifier = self.notifier(retry_ms=600_000)
        self.operator.store(house() + [contact("haining/xiashi", "P-9", "沈𠮷安", "13957312345", "shen@haining.test")])
        first = notifier.issue(["haining/xiashi"], "一", "内容")
        notifier.wait_states(first, {"accepted": 2, "held": 1})
        self.gateway.answers["13957312345"] = [BUSY]
        second = notifier.issue(["haining/xiashi"], "二", "内容")
        notifier.wait_states(second, {"accepted": 1, "retry": 1, "held": 1})
        needles = ["沈𠮷安".encode(), b"13957312345", b"shen@haining.test"]
        folder = self.intake.folder / "notifier"
        holders = [path.name for path in folder.iterdir() if any(needle in path.read_bytes() for needle in needles)]
        self.assertTrue(holders)
        position = self.operator.store([harness.event("person.erased", "haining", {"person": "P-9"})])["position"]
        notifier.answer("notices", at_least=position)
        rows = notifier.wait_states(second, {"accepted": 1, "cancelled": 2})
        self.assertEqual({"name", "address", "words"} & set(rows[-1]), set())
        self.assertEqual(notifier.states(first), {"accepted": 2, "cancelled": 1})
        for path in folder.iterdir():
            for needle in needles:
                self.assertNotIn(needle, path.read_bytes(), path.name)
        third = notifier.issue(["haining/xiashi"], "三", "内容")
        notifier.wait_states(third, {"accepted": 1})
        self.assertEqual(notifier.stop(), 0)
        self.assertEqual(self.intake.stop(), 0)
        self.assertEqual(self.intake.files_with(*needles), [])

    def test_a_removed_text_is_not_sent(self):
        notifier = self.notifier(retry_ms=600_000)
        self.operator.store(house())
        self.gateway.answers["13800138000"] = [BUSY]
        notice = notifier.issue(["haining/xiashi", "haining/xucun"], "机密", "不该发出")
        notifier.wait_states(notice, {"retry": 1, "accepted": 1})
        self.operator.store([harness.event("text.redacted", "haining", {"event": notice})])
        notifier.wait_states(notice, {"cancelled": 1, "accepted": 1})
        answer = notifier.notice(notice)["notice"]
        self.assertTrue(answer["removed"])
        self.assertEqual({"title", "text"} & set(answer), set())
        for path in (self.intake.folder / "notifier").iterdir():
            self.assertNotIn("不该发出".encode(), path.read_bytes())

    def test_old_ones_are_held_for_a_person(self):
        notifier = self.notifier(expire_hours=1, retry_ms=600_000)
        self.operator.store(house())
        self.gateway.answers["13800138000"] = [BUSY]
        notice = notifier.issue(["haining/xiashi"])
        notifier.wait_states(notice, {"retry": 1})
        self.assertEqual(notifier.stop(), 0)
        notifier.start(environment={"CHAOXUN_CLOCK_SHIFT_MS": str(2 * 3600 * 1000)})
        notifier.wait_states(notice, {"held": 1})
        self.assertFalse(notifier.notice(notice)["notice"]["complete"])
        self.assertEqual(self.gateway.sent(), {"13800138000": 1})

    def test_a_damaged_row_is_named_and_not_sent(self):
        notifier = self.notifier(gateway=False)
        self.operator.store(house())
        notice = notifier.issue(["haining"])
        notifier.wait_states(notice, {"held": 3})
        verified = notifier.verify()
        self.assertTrue(verified["ok"], verified)
        self.assertGreaterEqual(verified["checked"], 4)
        notifier.stop()
        self.assertEqual(notifier.change("UPDATE outbox SET address = '13999999999' WHERE person = 'P-11'"), 1)
        notifier = self.notifier()
        notifier.wait_states(notice, {"accepted": 2})
        self.assertEqual(set(self.gateway.sent()), {"13800138000", "13800138002"})
        verified = notifier.verify()
        self.assertFalse(verified["ok"])
        self.assertRegex(verified["first_fault"], r"^outbox row \d+ does not fit")

    def test_a_file_from_before_rules(self):
        """What is folded is folded again, with the new columns; a contact that was damaged is right again, and nothing goes out twice."""
        notifier = self.notifier()
        self.operator.store(house())
        notifier.wait_states(notifier.issue(["haining"]), {"accepted": 3})
        self.assertEqual(notifier.stop(), 0)
        for column in ("robot", "govding", "post"):
            notifier.change(f"ALTER TABLE contacts DROP COLUMN {column}")
        notifier.change("UPDATE contacts SET phone = '13900139000' WHERE unit = 'haining/xucun'")
        sent = len(self.gateway.requests)
        notifier.start()
        self.assertEqual(notifier.question("preview", units=["haining"])[0], "preview")
        self.assertTrue(notifier.verify()["ok"])
        self.assertEqual(notifier.rows("SELECT count(*) FROM contacts WHERE phone = '13900139000'"), [(0,)])
        notifier.wait_states(notifier.issue(["haining/xucun"]), {"accepted": 1})
        self.assertEqual(len(self.gateway.requests), sent + 1)

    def test_a_damaged_text_is_not_sent(self):
        notifier = self.notifier(gateway=False)
        self.operator.store(house())
        notice = notifier.issue(["haining/xiashi"])
        notifier.wait_states(notice, {"held": 1})
        notifier.stop()
        self.assertEqual(notifier.change("UPDATE notices SET text = '点此链接'"), 1)
        notifier = self.notifier()
        harness.until(lambda: notifier.rows("SELECT 1 FROM outbox WHERE state = 'retry'"), what="an attempt")
        self.assertEqual(self.gateway.requests, [])
        self.assertEqual(notifier.question("notice", id=notice)[1]["code"], "not-found")
        self.assertRegex(notifier.verify()["first_fault"], r"^notice \d+ does not fit")

    def test_stopping_waits_for_what_is_under_way(self):
        notifier = self.notifier()
        self.operator.store(house())
        self.gateway.hold()
        notice = notifier.issue(["haining"])
        self.gateway.wait(3)
        notifier.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)  # it must not end; nothing tells when it would have
        self.assertIsNone(notifier.process.poll())
        self.gateway.release()
        self.assertEqual(notifier.process.wait(20), 0)
        self.assertEqual({event["body"]["state"] for event in notifier.told(notice)}, {"sending", "accepted"})
        self.assertEqual(notifier.rows("SELECT count(*) FROM tellings"), [(0,)])

    def test_a_stop_that_does_not_wait_knows_what_it_left(self):
        notifier = self.notifier(drain_ms=100, unknown_ms=600_000)
        self.operator.store(house())
        self.gateway.hold()
        notice = notifier.issue(["haining"])
        self.gateway.wait(3)
        self.assertEqual(notifier.stop(), 0)
        self.gateway.release()
        notifier.start()
        notifier.wait_states(notice, {"unknown": 3})
        for request in list(self.gateway.requests):
            self.assertEqual(notifier.report(request, 1), ("noted", None))
        notifier.wait_states(notice, {"delivered": 3})
        self.assertEqual(set(self.gateway.sent().values()), {1})

    def test_intake_away_for_a_while(self):
        notifier = self.notifier()
        self.operator.store(house())
        self.gateway.answers["13800138000"] = [BUSY] * 3
        notice = notifier.issue(["haining"])
        self.intake.stop(signal.SIGKILL)
        sent = self.gateway.sent()
        self.intake.start()
        notifier.wait_states(notice, {"accepted": 3})
        self.assertLessEqual(sum(sent.values()), 3 + 3)
        self.assertEqual(self.gateway.sent()["13800138001"], 1)
        harness.until(lambda: notifier.rows("SELECT count(*) FROM tellings") == [(0,)], what="the tellings")

    def test_a_rebuilt_outbox_sends_nothing_twice(self):
        notifier = self.notifier()
        self.operator.store(house() + [contact("haining/maqiao", "P-9", "沈安", "13957312345")])
        self.gateway.hold()
        notice = notifier.issue(["haining"])
        self.gateway.wait(4)
        for _ in range(400):  # between the notice and what became of it: blocks that are folded one after the other
            self.operator.store([harness.report("haining/xucun")])
        self.gateway.release()
        for row in notifier.wait_states(notice, {"accepted": 4}):
            if row["person"] != "P-21":
                notifier.report(self.request_to("13957312345" if row["person"] == "P-9" else
                                                f"1380013800{row['person'][2]}"), 1)
        before = notifier.wait_states(notice, {"accepted": 1, "delivered": 3})
        self.operator.store([harness.event("person.erased", "haining", {"person": "P-9"})])
        harness.until(lambda: "name" not in notifier.notice(notice)["rows"][-1], what="the erasure")
        self.assertEqual(notifier.stop(), 0)
        sent = self.gateway.sent()
        shutil.rmtree(self.intake.folder / "notifier")
        notifier.start()
        after = notifier.notice(notice)["rows"]
        shown = ("person", "state", "since", "attempts", "unit")
        self.assertEqual([[row[key] for key in shown] for row in after], [[row[key] for key in shown] for row in before])
        report = self.request_to("13800138002")
        self.assertEqual(notifier.report(report, 1), ("noted", None))  # signed by the outbox that is gone
        notifier.wait_states(notice, {"delivered": 4})
        second = notifier.issue(["haining"])  # it works, and has nothing else to do
        notifier.wait_states(second, {"accepted": 3})
        self.assertEqual(self.gateway.sent() - sent, {f"1380013800{squad}": 1 for squad in range(3)})

    def test_an_outbox_that_was_put_back_sends_nothing_twice(self):
        notifier = self.notifier(gateway=False)
        self.operator.store(house())
        notice = notifier.issue(["haining"])
        notifier.wait_states(notice, {"held": 3})
        self.assertEqual(notifier.stop(), 0)
        shutil.copytree(self.intake.folder / "notifier", self.intake.folder / "older")
        notifier = self.notifier()
        notifier.wait_states(notice, {"accepted": 3})
        self.assertEqual(notifier.stop(), 0)
        shutil.rmtree(self.intake.folder / "notifier")
        (self.intake.folder / "older").rename(self.intake.folder / "notifier")
        notifier.start()
        notifier.wait_states(notice, {"accepted": 3})
        self.assertEqual(set(self.gateway.sent().values()), {1})


if __name__ == "__main__":
    unittest.main(warnings="ignore")
