#!/usr/bin/python3
"""A broadcast of some hundreds of e-mails to a mail server that takes them slowly: an urgent notice overtakes it, a small one
does not wait for its end, and everybody gets each notice once. Nothing is timed: the server takes as many as the test says."""
import pathlib
import sys
import unittest

import mail
from program import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import intake_process
from notifier_process import Notifier, contact, house

RECIPIENTS = 300  # of the broadcast
URGENT = 20
SMALL = 3
PARALLEL = 16  # e-mails under way: four times the setting
CONNECTIONS = 10  # SMTP_CONNECTIONS_MAX: mails that one of these has may arrive before one that was handed over earlier
SLACK = PARALLEL + CONNECTIONS
UNITS = {"haining/maqiao": RECIPIENTS, "haining/xiashi": URGENT, "haining/xucun": SMALL}


class Overtaking(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.server = self.enterContext(mail.FaultySmtp(paced=True))
        self.notifier = self.enterContext(Notifier(self.intake, send_parallel=PARALLEL // 4, send_ms=60_000,
                                                   smtp_url=f"smtp://127.0.0.1:{self.server.port}",
                                                   smtp_from="office@haining.test"))
        people = [(unit, f"P-{unit[8:]}-{number}") for unit, count in UNITS.items() for number in range(count)]
        events = house(contacts=False) + [contact(unit, person, person, None, f"{person.lower()}@haining.test")
                                          for unit, person in people]
        for first in range(0, len(events), 200):
            self.intake.door("operator").store(events[first:first + 200])

    def arrivals(self):
        """The unit's word of each recipient, in the order of arrival, and the subject."""
        return [(one.mail.recipient.split("-")[1], one.mail.subject) for one in self.server.transactions]

    def let(self, count):
        """Lets so many more arrive; how many have arrived then."""
        wanted = len(self.server.transactions) + count
        self.server.let(count)
        harness.until(lambda: len(self.server.transactions) >= wanted, what=f"{wanted} mails")
        return wanted

    def test_urgent_ones_first_small_ones_soon_all_once(self):
        self.notifier.issue(["haining/maqiao"], "广播")
        before_urgent = self.let(50)
        self.notifier.issue(["haining/xiashi"], "紧急", urgent=True)
        before_small = self.let(PARALLEL + URGENT + CONNECTIONS)
        self.notifier.issue(["haining/xucun"], "小通知")
        self.let(RECIPIENTS + URGENT + SMALL - before_small)
        order = [subject for _, subject in self.arrivals()]
        urgent = [place for place, subject in enumerate(order) if subject == "紧急"]
        small = [place for place, subject in enumerate(order) if subject == "小通知"]
        self.assertGreaterEqual(urgent[0], before_urgent)
        self.assertLess(urgent[-1], before_urgent + URGENT + SLACK)
        self.assertLess(small[-1], before_small + SMALL + SLACK)
        self.assertGreater(order[small[-1]:].count("广播"), RECIPIENTS // 2)
        self.assertEqual({address: count for address, count in self.server.attempts.items() if count != 1}, {})
        self.assertEqual(len(self.server.attempts), RECIPIENTS + URGENT + SMALL)
        self.assertEqual(len(self.arrivals()), RECIPIENTS + URGENT + SMALL)
        harness.until(lambda: dict(self.notifier.rows("SELECT state, count(*) FROM outbox GROUP BY state"))
                      == {"delivered": RECIPIENTS + URGENT + SMALL}, what="the end of all messages")
        self.assertEqual(self.notifier.rows("SELECT sum(attempts), sum(repeats) FROM outbox"),
                         [(RECIPIENTS + URGENT + SMALL, 0)])


if __name__ == "__main__":
    unittest.main(warnings="ignore")
