#!/usr/bin/python3
"""Answers by SMS through a real Kannel, both ways: a notice goes out with a code, the reply comes back and is confirmed or
answered once in the journal, and told only then, whatever is killed in between."""
import json
import pathlib
import tempfile
import time
import unittest
import uuid

import incoming_sms
import kannel
from program import harness

SQUAD, PHONE, OTHER = "haining/xucun", "13800138001", "13800138002"
SIGNATURE = "【海宁城管志愿】"


class Replies(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="cx-")))
        port = harness.free_ports(1)[0]
        password = folder / "sms-password"
        password.touch(0o600)
        password.write_text(kannel.Kannel.password)
        self.chaoxun = harness.Instance(f"--port={port}", data=folder / "data", environment={
            "CHAOXUN_HOOK_URL": f"http://127.0.0.1:{port}", "CHAOXUN_SMS_REPLIES": "true",
            "CHAOXUN_SMS_USER": kannel.Kannel.user, "CHAOXUN_SMS_PASSWORD_FILE": str(password)})
        self.addCleanup(self.chaoxun.close)
        self.chaoxun.start()  # once, for the address that the gateway is to call
        address = (self.chaoxun.data / "notifier" / "incoming-url").read_text().strip()
        self.gateway = self.enterContext(kannel.Kannel(incoming=address))
        self.chaoxun.stop()
        self.chaoxun.environment["CHAOXUN_SMS_URL"] = self.gateway.sendsms_url
        self.chaoxun.start()
        for person, phone in (("P-1", PHONE), ("P-2", OTHER)):
            self.store(harness.event("contact.set", SQUAD, {"person": person}, {"name": "沈佳", "phone": phone}))

    def store(self, event):
        receipt = self.chaoxun.submit(event)[0]
        self.assertEqual(receipt["status"], "stored", receipt)
        return receipt

    def issue(self, title):
        """Its id, and the codes by number."""
        before = len(self.gateway.messages())
        event = harness.event("notice.issued", "haining", {"units": [SQUAD], "confirm_by": int(time.time() * 1000) + 3600_000},
                              {"title": title, "text": "𠮷村周六上午九点集合，带好工具。" * 3})
        self.store(event)
        sent = self.gateway.wait_messages(before + 2)[before:]
        return event["id"], {one.recipient: incoming_sms.code_in(one.text) for one in sent}

    def answered(self, count):
        return self.gateway.wait_messages(count)[count - 1]

    def journal(self):
        """(type, by, cause, channel, text) of the answers in the journal."""
        lines = self.chaoxun.command("tail", "--no-follow", "--side", "--json").stdout.splitlines()
        events = [json.loads(line) for line in lines]
        return [(one["type"], one.get("by"), uuid.UUID(one["cause"]).bytes, one["body"].get("channel"),
                 one.get("side", {}).get("text")) for one in events if one["type"] in ("notice.confirmed", "notice.answered")]

    def test_a_code_confirms_once_whatever_is_killed(self):
        notice, codes = self.issue("集中清理")
        for part in self.gateway.parts():
            part.octets.decode("utf-16-be")  # raises where half a character stands
        self.chaoxun.kill("notifier")
        self.gateway.receive(PHONE, codes[PHONE])
        back = self.answered(3)
        self.assertEqual((back.recipient, back.text), (PHONE, SIGNATURE + "已确认：集中清理。"))
        self.assertEqual(self.journal(), [("notice.confirmed", "P-1", notice, "sms", None)])
        self.chaoxun.kill("intake")
        self.gateway.receive(OTHER, f"{codes[OTHER]} 已到场，𠮷村三人")
        self.chaoxun.kill("notifier")
        back = self.answered(4)
        self.assertEqual((back.recipient, back.text), (OTHER, SIGNATURE + "已登记您的答复：集中清理。"))
        self.gateway.receive(PHONE, "1")
        self.assertEqual(self.answered(5).text, SIGNATURE + "没有等待确认的通知或报告。")
        self.assertEqual(self.journal(), [("notice.confirmed", "P-1", notice, "sms", None),
                                          ("notice.confirmed", "P-2", notice, "sms", None),
                                          ("notice.answered", "P-2", notice, "sms", "已到场，𠮷村三人")])
        shown = self.chaoxun.command("notice", "status", str(uuid.UUID(bytes=notice))).stdout
        self.assertIn("已到场，𠮷村三人", shown)

    def test_nobody_is_told_that_it_is_done_while_the_journal_is_away(self):
        _, codes = self.issue("防汛值守")
        self.chaoxun.stop()
        self.gateway.receive(PHONE, f"回复{codes[PHONE]}")
        self.chaoxun.start()
        self.assertEqual(self.answered(3).text, SIGNATURE + "已确认：防汛值守。")
        self.assertEqual([row[:2] for row in self.journal()], [("notice.confirmed", "P-1")])


if __name__ == "__main__":
    unittest.main()
