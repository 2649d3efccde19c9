#!/usr/bin/python3
"""What became of a notice, page by page: the pages together are the whole, whatever their size; the sums are of all; who read
it stands in the rows of those for whom it holds."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from notifier_process import SQUADS, Case, contact, house

PEOPLE = 5  # of each squad


class Pages(Case):
    def setUp(self):
        super().setUp()
        self.running = self.notifier()
        squads = list(SQUADS)
        self.operator.store(house(contacts=False) + [
            contact(unit, f"P-{place}{number}", f"队员{number}", f"1380013{place}{number:03}", order=number + 1)
            for place, unit in enumerate(squads) for number in range(PEOPLE)])
        self.gateway.answers["13800130000"] = [(403, "Authorization failed for sendsms")] * 9
        self.notice = self.running.issue(["haining"])
        harness.until(lambda: self.states().get("accepted", 0) >= 3 * PEOPLE - 1, what="the messages")

    def states(self):
        counts = self.running.notice(self.notice, limit=1)["notice"]["counts"]
        return {one["state"]: one["count"] for one in counts}

    def say(self, kind, unit, person=None):
        envelope = {"by": person} if person else {}
        made = harness.event(f"notice.{kind}", unit, {"notice": self.notice}, **envelope)
        self.position = self.operator.store([made])["position"]

    def walk(self, limit, **query):
        """All pages of this size: rows and readings."""
        rows, readings, cursor, pages = [], [], {}, 0
        while True:
            page = self.running.notice(self.notice, limit=limit, **cursor, **query)
            self.assertLessEqual(len(page["rows"]) + len(page.get("readings", [])), limit)
            self.assertEqual("recipients" in page, not cursor)
            rows += page["rows"]
            readings += page.get("readings", [])
            pages += 1
            if "cursor" not in page:
                return rows, readings, pages
            cursor = {"cursor": page["cursor"]}

    def test_pages_of_any_size_are_the_whole(self):
        for number in range(3):
            self.say("read", "haining/xucun", f"P-1{number}")
        self.say("confirmed", "haining/xucun", "P-10")
        self.say("read", "haining/maqiao")  # for the unit, as an account of the portal does
        whole = self.running.notice(self.notice, at_least=self.position)
        self.assertNotIn("cursor", whole)  # two hundred are a page
        self.assertEqual((len(whole["rows"]), len(whole["readings"])), (15, 4))
        for limit in (1, 2, 4, 5, 15, 16, 18, 19, 20):
            rows, readings, pages = self.walk(limit)
            self.assertEqual((rows, readings), (whole["rows"], whole["readings"]), limit)
            self.assertLessEqual(pages, 19 // limit + 2)
        within = self.walk(2, within="haining/xucun")
        self.assertEqual({row["unit"] for row in within[0]}, {"haining/xucun"})
        self.assertEqual((len(within[0]), len(within[1])), (5, 3))

    def test_sums_are_of_all_and_facts_of_whom_they_are(self):
        self.say("read", "haining/xucun", "P-10")
        self.say("confirmed", "haining/xucun", "P-11")
        self.say("read", "haining/maqiao")
        page = self.running.notice(self.notice, at_least=self.position, limit=1)
        self.assertEqual({name: page[name] for name in ("recipients", "seen", "confirmed", "unseen")},
                         {"recipients": 15, "seen": 2 + PEOPLE, "confirmed": 1,
                          "unseen": ["haining/xiashi", "haining/xucun"]})
        rows, _, _ = self.walk(4)
        self.assertEqual({row["person"] for row in rows if "read_at" in row}, {"P-10"} | {f"P-2{number}" for number in range(PEOPLE)})
        self.assertEqual({row["person"] for row in rows if "confirmed_at" in row}, {"P-11"})
        within = self.running.notice(self.notice, within="haining/xucun")
        self.assertEqual((within["recipients"], within["seen"], within["unseen"]), (PEOPLE, 2, ["haining/xucun"]))

    def test_what_did_not_arrive_by_itself(self):
        for request in self.gateway.requests:
            if request["to"] != "13800131000":
                self.running.report(request, 1)
        self.running.report(self.request_to("13800131000"), 2, "NACK")
        harness.until(lambda: self.states().get("delivered", 0) >= 13, what="the reports")
        rows, _, _ = self.walk(2, unreached=True)
        self.assertEqual(sorted(row["person"] for row in rows), sorted({"P-10"} | {
            row["person"] for row in self.running.notice(self.notice)["rows"] if row["state"] != "delivered"}))
        self.assertNotIn("delivered", {row["state"] for row in rows})
        self.assertGreaterEqual(self.running.notice(self.notice)["again"], 1)

    def test_cursors_that_are_none(self):
        for cursor in ("x", "m", "m 1", "m 1 pigeon 1", "m x sms 1", "m 1 sms x", "m 1 sms 1x", "r" * 200, "q a b c"):
            self.assertEqual(self.running.question("notice", id=self.notice, cursor=cursor)[1]["code"], "bad-query", cursor)
        for limit in (0, 1001):
            self.assertEqual(self.running.question("notice", id=self.notice, limit=limit)[0], "error", limit)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
