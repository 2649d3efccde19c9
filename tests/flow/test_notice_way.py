#!/usr/bin/python3
"""A notice the whole way: the command, intake, the notifier, a gateway, and a client that hears of it."""
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

import harness
import sms_gateway


class Notices(unittest.TestCase):
    """The whole way: the command, intake, the notifier, a gateway."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = sms_gateway.Gateway()
        cls.addClassCleanup(cls.gateway.close)
        cls.folder = tempfile.TemporaryDirectory(prefix="cx-")
        cls.addClassCleanup(cls.folder.cleanup)
        password = pathlib.Path(cls.folder.name) / "sms-password"
        password.touch(0o600)
        password.write_text("secret")
        cls.chaoxun = harness.Instance(f"--sms-url={cls.gateway.url}", "--sms-user=tester", f"--sms-password-file={password}")
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()
        for number, unit in enumerate(("haining/xucun", "haining/xiashi")):
            contact = json.dumps({"name": f"沈{number}", "phone": f"1380013800{number}"})
            made = cls.chaoxun.command("contact", "set", f"P00{number}", "--unit", unit, stdin=contact)
            assert made.returncode == 0, made.stderr

    def command(self, *words, code=0, **options):
        result = self.chaoxun.command(*words, **options)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def test_a_notice_reaches_the_gateway(self):
        sent = self.command("notice", "send", "--unit", "许村志愿中队,xiashi", "--title", "高温提醒", "--text", "-", "--wait",
                            "--timeout", "30", stdin="今明两天高温，户外活动请改在早晚。").stdout
        identity = re.search(r"stored ([0-9a-f-]{36})", sent)[1]
        self.assertIn("2 messages: accepted 2; complete", sent)
        texts = {one["to"]: one["text"] for one in self.gateway.asked}
        self.assertEqual(texts, dict.fromkeys(("13800138000", "13800138001"),
                                              "【海宁城管志愿】高温提醒：今明两天高温，户外活动请改在早晚。"))
        shown = self.command("notice", "status", identity, "--lang", "zh").stdout
        self.assertRegex(shown, r"沈0 \(P000\) +许村志愿中队 +短信 +138\*\*\*\*8000 +网关已接收 .* 1 .*0: Accepted for delivery")
        self.assertRegex(self.command("notice", "list").stdout, rf"高温提醒 .* complete +accepted 2 +{identity}")

    def test_what_was_sent_is_there_at_once(self):
        for number in range(5):
            sent = self.command("notice", "send", "--unit", "xucun", "--title", f"第 {number} 条", "--text", "x").stdout
            self.assertRegex(sent, r"1 messages: (pending|sending|accepted) 1; (under way|complete)\n$")
            self.assertIn(f"第 {number} 条", self.command("notice", "list", "--limit", "1").stdout)

    def test_nobody_there(self):
        before = len(self.gateway.asked)
        refused = self.command("notice", "send", "--unit", "xucun,丁桥志愿中队", "--title", "x", "--text", "y", "--lang", "zh", code=1)
        self.assertIn("“丁桥志愿中队”没有可通知的联系人", refused.stderr)
        self.assertIn("does not exist", self.command("notice", "preview", "--unit", "haining/nowhere", code=1).stderr)
        self.assertEqual(len(self.gateway.asked), before)
        self.assertIn("does not exist", self.command("notice", "status", harness.new_id().hex(), code=1).stderr)

    def test_a_client_hears_what_its_unit_is_told(self):
        folder = pathlib.Path(self.folder.name) / "square"
        made = self.command("client", "add", "square", "--unit", "haining/xiashi", "--role", "squad", "--out", folder).stdout
        self.assertIn(self.chaoxun.endpoint("notices"), made)
        keys = ["--key", folder / "square.key", "--server-key", folder / "notifier.pub"]
        tail = subprocess.Popen([harness.COMMAND, "tail", "--notices", "--from", "now", *keys], text=True,
                                env=self.chaoxun.environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(tail.stdout), daemon=True)
        try:
            reader.start()
            number = 0
            while not lines:  # until it has subscribed and looked, what is issued may be before its "now"
                number += 1
                for unit in ("xucun", "xiashi"):
                    self.command("notice", "send", "--unit", unit, "--title", f"{unit} {number}", "--text", "x")
                harness.within(lambda: lines, 3)
            self.assertTrue(all("xiashi" in line and "xucun" not in line for line in lines), lines)
            old = self.chaoxun.kill("notifier")
            self.chaoxun.wait_restart("notifier", old)
            self.command("notice", "send", "--unit", "xiashi", "--title", "after", "--text", "x")
            harness.until(lambda: any("after" in line for line in lines), 20, "the notice after the restart")
            self.assertEqual(len(lines), len(set(lines)), "each once")
        finally:
            tail.terminate()
            tail.wait(10)
            reader.join()
            tail.stdout.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
