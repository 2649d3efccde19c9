#!/usr/bin/python3
"""An alert whose first channel refuses its recipient for good goes on by the next one, once; what passes is tried again by the
first. Through a mail server that answers 550 and 451, and Kannel with fakesmsc or a centre that says UNDELIV."""
import unittest

import kannel
import mail
import smpp
from program import harness
from notifier_process import contact, house
from test_notice import Case

PHONE = "13800138001"


class NextChannel(Case):
    def alert(self, mailbox, channels):
        """One alert to the leader of a squad, by these channels in turn."""
        self.operator.store(house(contacts=False) + [
            contact("haining/xucun", "P-1", "沈佳", PHONE, mailbox, post="leader")])
        self.operator.store([harness.event(
            "rule.set", "haining", {"rule": "returned", "version": 1, "name": "退回", "kind": "event",
                                    "event": "report.returned", "channels": channels,
                                    "recipients": [{"of": "own", "post": "leader"}]},
            {"templates": [{"title": "报告被退回", "text": "{单位}"}]})])
        report = harness.report("haining/xucun")
        self.operator.store([report])
        self.operator.store([harness.event("report.returned", "haining/xucun", {"report": report["id"]},
                                           {"reason": "补照片"})])

    def wait(self, notifier, *wanted):
        """(channel, state, attempts) of every message, once they are these."""
        def states():
            return notifier.rows("SELECT channel, state, attempts FROM outbox ORDER BY number")
        try:
            harness.until(lambda: states() == list(wanted), 60, "the states")
        except TimeoutError as error:
            raise AssertionError(f"{error}: {wanted} wanted, there are {states()}") from error

    def test_550_then_an_sms(self):
        with kannel.Kannel() as gateway, mail.FaultySmtp() as server:
            notifier = self.notifier(gateway, server)
            self.alert("refused@haining.test", ["email", "sms"])
            self.wait(notifier, ("email", "undelivered", 1), ("sms", "delivered", 1))
            self.assertEqual(server.outcomes("refused@haining.test"), [])
            self.assertEqual([one.recipient for one in gateway.messages()], [PHONE])
            notifier.kill()
            notifier.start()  # and not once more
            self.wait(notifier, ("email", "undelivered", 1), ("sms", "delivered", 1))
            self.assertEqual(len(gateway.messages()), 1)

    def test_451_is_tried_again_and_no_sms_goes(self):
        with kannel.Kannel() as gateway, mail.FaultySmtp() as server:
            notifier = self.notifier(gateway, server)
            self.alert("later@haining.test", ["email", "sms"])
            self.wait(notifier, ("email", "delivered", 2))
            self.assertEqual(server.outcomes("later@haining.test"), ["accepted"])
            self.assertEqual(gateway.messages(), [])

    def test_an_sms_that_is_not_delivered_then_an_email(self):
        with smpp.SmppStub({"1": smpp.Outcome(receipt="UNDELIV")}) as centre, kannel.Kannel(centre) as gateway, \
                mail.FaultySmtp() as server:
            notifier = self.notifier(gateway, server)
            self.alert("leader@haining.test", ["sms", "email"])
            self.wait(notifier, ("sms", "undelivered", 1), ("email", "delivered", 1))
            self.assertEqual(server.outcomes("leader@haining.test"), ["accepted"])


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
