#!/usr/bin/python3
"""The gateways that the notifier is tested against: Kannel with fakesmsc, and with a centre that fails as told."""
import os
import pathlib
import tempfile
import unittest
import urllib.error

import delivery
import kannel
import short_message
import smpp
from program import Program, harness

RARE = "高温预警：㐂𠮷村今日停止户外活动，“四洁四美”改期 & 100%"  # 㐂 is in CJK extension A, 𠮷 in B: two units in UTF-16
REPORTED = {"dlr_mask": delivery.WANTED}
ACCEPTED = (202, "0: Accepted for delivery")
QUEUED = (202, "3: Queued for later delivery")


def states(reports, number):
    """The states that were reported of one number, in order."""
    return [int(report["d"]) for report in reports if report["to"] == number]


def command_of(pid):
    """The command line of a process; empty when it has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").replace("\0", " ")
    except FileNotFoundError:
        return ""


class WithFakesmsc(unittest.TestCase):
    def test_rare_characters_arrive_and_are_reported(self):
        with delivery.Listener() as listener, kannel.Kannel() as gateway:
            answer = gateway.send("13800138001", RARE, **REPORTED, dlr_url=listener.pattern("oid=a%26b"))
            self.assertEqual(answer, ACCEPTED)
            self.assertEqual(gateway.wait_messages(1), [(gateway.sender, "13800138001", RARE, 1)])
            reports = listener.wait(2)
            self.assertEqual(sorted(states(reports, "13800138001")), [1, 8])
            self.assertEqual([report["oid"] for report in reports], ["a&b", "a&b"])
            self.assertEqual(gateway.awaited_reports(), {})

    def test_without_coding_the_text_is_lost(self):
        """Why send() asks for UCS-2; and that this harness would show it."""
        with kannel.Kannel() as gateway:
            self.assertEqual(gateway.send("13800138001", "高温", coding=0), ACCEPTED)
            self.assertEqual(gateway.wait_messages(1)[0].text, "??")

    def test_long_text_is_joined(self):
        with kannel.Kannel() as gateway:
            text = "市" * 66 + "𠮷" + "河" * 132  # the first part ends between the halves of 𠮷
            for count, long_text in enumerate((text, text[::-1]), 1):
                self.assertEqual(gateway.send("13800138001", long_text), ACCEPTED)
                self.assertEqual(gateway.wait_messages(count)[-1], (gateway.sender, "13800138001", long_text, 3))
            self.assertEqual([len(part.octets) for part in gateway.parts()], [134, 134, 132] * 2)

    def test_reports_are_repeated_until_taken(self):
        with delivery.Listener(refusals=2) as listener, kannel.Kannel() as gateway:
            gateway.send("13800138001", "高温", **REPORTED, dlr_url=listener.pattern())
            self.assertEqual(sorted(states(listener.wait(2), "13800138001")), [1, 8])
            self.assertEqual(len(listener.refused), 2)

    def test_wrong_password(self):
        with kannel.Kannel() as gateway:
            status, _ = gateway.send("13800138001", "高温", password="wrong")
            self.assertEqual(status, 403)
            self.assertEqual(gateway.send("13800138002", "高温"), ACCEPTED)
            self.assertEqual([message.recipient for message in gateway.wait_messages(1)], ["13800138002"])

    def test_away_for_a_while(self):
        with delivery.Listener() as listener, kannel.Kannel() as gateway:
            gateway.stop()
            with self.assertRaises(urllib.error.URLError):
                gateway.send("13800138001", "高温")
            gateway.start()
            gateway.send("13800138002", "高温", **REPORTED, dlr_url=listener.pattern())
            self.assertEqual([message.recipient for message in gateway.wait_messages(1)], ["13800138002"])
            listener.wait(2)

    def test_unknown_outcome(self):
        """A request without an answer may have been taken all the same."""
        with kannel.Kannel() as gateway:
            gateway.freeze()
            with self.assertRaises(TimeoutError):
                gateway.send("13800138001", "高温", seconds=0.5)
            gateway.thaw()
            self.assertEqual(gateway.wait_messages(1)[0].text, "高温")


class KillNine(unittest.TestCase):
    """kill -9 of bearerbox between its acceptance of messages and their delivery."""

    def accept_and_kill(self, gateway, listener):
        gateway.disconnect_centre()
        for i in range(20):
            answer = gateway.send(f"138001380{i:02}", f"第{i}条", **REPORTED, dlr_url=listener.pattern(f"oid={i}"))
            self.assertEqual(answer, QUEUED)
        gateway.kill_bearerbox()
        gateway.start()

    def test_nothing_is_lost(self):
        with delivery.Listener() as listener, kannel.Kannel() as gateway:
            self.accept_and_kill(gateway, listener)
            # Not in the order in which they were accepted.
            self.assertEqual(sorted(one.text for one in gateway.wait_messages(20)), sorted(f"第{i}条" for i in range(20)))
            listener.wait_status(1, 20)
            self.assertEqual(len(gateway.messages()), 20)

    def test_control_without_a_store(self):
        core = {"store-type": None, "store-location": None}
        with delivery.Listener() as listener, kannel.Kannel(core=core) as gateway:
            self.accept_and_kill(gateway, listener)
            gateway.send("13800138099", "后来")
            self.assertEqual([one.text for one in gateway.wait_messages(1)], ["后来"])
            self.assertEqual(gateway.queued(), 0)

    def test_reports_asked_for_before(self):
        with delivery.Listener() as listener, smpp.SmppStub() as centre, kannel.Kannel(centre) as gateway:
            gateway.send("13800138009", "高温", **REPORTED, dlr_url=listener.pattern())
            listener.wait(1)
            gateway.kill_bearerbox()
            gateway.start()
            centre.send_receipt(centre.submissions()[0])
            # 8 may come twice: its acknowledgement is not in the store yet.
            self.assertEqual(set(states(listener.wait_status(1), "13800138009")), {8, 1})

    def test_control_with_reports_in_memory(self):
        with delivery.Listener() as listener, smpp.SmppStub() as centre, \
                kannel.Kannel(centre, core={"dlr-storage": "internal"}) as gateway:
            gateway.send("13800138009", "高温", **REPORTED, dlr_url=listener.pattern())
            listener.wait(1)
            gateway.kill_bearerbox()
            gateway.start()
            centre.send_receipt(centre.submissions()[0])
            gateway.bearerbox.wait(lambda: "could not find message" in gateway.said(), "refusal of the receipt")
            self.assertEqual(set(states(listener.reports, "13800138009")), {8})


class WithSmpp(unittest.TestCase):
    def test_outcomes(self):
        with delivery.Listener() as listener, smpp.SmppStub() as centre, kannel.Kannel(centre) as gateway:
            numbers = [f"1380013800{digit}" for digit in range(10)]
            for number in numbers:
                self.assertEqual(gateway.send(number, RARE, **REPORTED, dlr_url=listener.pattern()), ACCEPTED)
            reports = listener.wait(17)
            told = [set(states(reports, number)) for number in numbers]
            self.assertEqual(told, [{8, 1}] * 5 + [{8, 2}, {16}, {16}, {8, 1}, {8}])
            words = {report["to"]: report["r"] for report in reports if report["d"] == "16"}
            self.assertEqual(words, {"13800138006": "NACK/0x0000000b/Invalid Destination Address",
                                     "13800138007": "NACK/Retries Exceeded"})
            tried = [[one.answer for one in centre.submissions(number)] for number in numbers]
            self.assertEqual(tried[6:9], [[0x0B], [0x08] * 4, [0x58, 0x58, 0x00]])
            self.assertEqual(list(gateway.awaited_reports()), ["13800138009"])
            taken = {message.recipient: message.text for message in gateway.messages()}
            self.assertEqual(taken, {number: RARE for number in numbers if number[-1] not in "67"})

    def test_long_text_is_reported_once(self):
        with delivery.Listener() as listener, smpp.SmppStub() as centre, kannel.Kannel(centre) as gateway:
            gateway.send("13800138001", "高温𠮷" * 50, **REPORTED, dlr_url=listener.pattern())
            self.assertEqual(gateway.wait_messages(1)[0], (gateway.sender, "13800138001", "高温𠮷" * 50, 3))
            # Kannel asks for the first part's receipt alone, and tells it out of order: 1 before 8.
            self.assertEqual([one.wants_receipt for one in centre.wait_submissions(3)], [True, False, False])
            self.assertEqual(sorted(states(listener.wait(2), "13800138001")), [1, 8])

    def test_centre_away_and_late_receipt(self):
        with delivery.Listener() as listener, smpp.SmppStub() as centre, kannel.Kannel(centre) as gateway:
            gateway.disconnect_centre()
            self.assertEqual(gateway.send("13800138009", "高温", **REPORTED, dlr_url=listener.pattern()), QUEUED)
            self.assertEqual(centre.submissions(), [])
            gateway.connect_centre()
            submission = centre.wait_submissions(1)[0]
            listener.wait(1)
            centre.send_receipt(submission, "EXPIRED")
            self.assertEqual(states(listener.wait(2), "13800138009"), [8, 2])


class Reports(unittest.TestCase):
    def test_repeated_out_of_order_and_forged(self):
        with delivery.Listener() as listener:
            reports = delivery.Reports(listener.pattern("oid=7"), p="+86 138&d=1")
            self.assertEqual([answer[0] for answer in reports.send_all(1, 8, 1)], [200] * 3)
            reports.send(2, A="id:1 stat:REJECTD 拒")
            self.assertEqual([(one["oid"], one["d"], one["to"]) for one in listener.reports],
                             [("7", d, "+86 138&d=1") for d in ("1", "8", "1", "2")])
            self.assertEqual([one["r"] for one in listener.reports], ["", "ACK/", "", "id:1 stat:REJECTD 拒"])

    def test_refusals_are_told(self):
        with delivery.Listener(refusals=1, refusal=503) as listener:
            self.assertEqual([status for status, _ in delivery.Reports(listener.pattern()).send_all(8, 8)], [503, 200])


class Joining(unittest.TestCase):
    @staticmethod
    def part(number, text, header=b"\5\0\3\7\2"):
        return short_message.Part("1", "2", header + bytes([number]), text.encode("utf-16-be"), True)

    def test_out_of_order_and_twice(self):
        parts = [self.part(2, "温"), self.part(2, "温"), self.part(1, "高"), self.part(1, "高")]
        self.assertEqual(short_message.joined(parts), [("1", "2", "高温", 2)] * 2)
        self.assertEqual(short_message.joined(parts[:2]), [])

    def test_wide_reference(self):
        wide = b"\6\x08\4\1\7\2"
        self.assertEqual(short_message.joined([self.part(1, "高", wide), self.part(2, "温", wide)])[0].text, "高温")


class Harness(unittest.TestCase):
    def test_failure_says_why(self):
        with self.assertRaisesRegex(AssertionError, "bearerbox ended before readiness[^~]*storage type 'nowhere'"):
            with kannel.Kannel(core={"dlr-storage": "nowhere"}):
                pass

    def test_nothing_is_left(self):
        with kannel.Kannel() as gateway:
            groups = [one.process.pid for one in (gateway.bearerbox, gateway.smsbox, gateway.fakesmsc)]
            folder = gateway.folder
            gateway.freeze()
        self.assertFalse(folder.exists())
        for group in groups:
            self.assertRaises(ProcessLookupError, os.killpg, group, 0)

    def test_children_end_too(self):
        """As smsbox, which forks and ends when bearerbox is gone."""
        with tempfile.NamedTemporaryFile("r") as log:
            program = Program("sh", ["sh", "-c", "sleep 60 & echo $!"], log.name)
            program.start()
            child = int(harness.until(log.read, what="the child's number"))
            harness.until(lambda: not program.running(), what="end of the parent")
            harness.until(lambda: command_of(child) == "sleep 60", what="start of the child")
            program.stop()
            harness.until(lambda: not command_of(child), what="end of the child")

    def test_silence_is_noticed(self):
        program = Program("sleep", ["sleep", "60"], os.devnull)
        self.addCleanup(program.stop)
        program.start()
        with self.assertRaisesRegex(AssertionError, "the sea did not come true within 0.1 s; sleep said"):
            program.wait(lambda: False, "the sea", seconds=0.1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
