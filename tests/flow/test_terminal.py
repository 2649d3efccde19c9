#!/usr/bin/python3
"""What a person sees at a terminal, and what must not be seen there."""
import os
import pty
import re
import signal
import subprocess
import termios
import time
import unittest

import harness


class Terminal:
    """A command whose standard streams are a terminal of its own."""

    def __init__(self, words, environment):
        self.leader, follower = pty.openpty()
        self.process = subprocess.Popen([harness.COMMAND, *map(str, words)], env=environment, stdin=follower,
                                        stdout=follower, stderr=follower, start_new_session=True)
        os.close(follower)
        self.seen = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.leader)

    def read_until(self, pattern, seconds=60):
        """Reads until what was seen matches."""
        os.set_blocking(self.leader, False)
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.seen):
            if time.monotonic() > deadline:
                raise AssertionError(f"{pattern!r} was not seen in: {self.seen}")
            self.read_some()
        return re.search(pattern, self.seen)

    def read_some(self):
        try:
            self.seen += os.read(self.leader, 65536).decode(errors="replace")
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:
            raise AssertionError(f"it ended after: {self.seen}") from None

    def type(self, text):
        os.write(self.leader, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.leader)[3] & termios.ECHO)

    def finish(self, seconds=30):
        """Reads what is left; returns the exit status."""
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                self.read_some()
        except AssertionError:
            pass  # the other end is closed
        return self.process.wait(seconds)


class OfUp(unittest.TestCase):
    def test_the_first_password_is_shown_once(self):
        chaoxun = harness.Instance()
        self.addCleanup(chaoxun.close)
        words = ["up", "--port", "0", *chaoxun.options]
        with Terminal(words, chaoxun.environment) as terminal:
            shown = terminal.read_until(r"office with the password (\S+)")[1]
            terminal.read_until("Ctrl-C")
            self.assertEqual((chaoxun.data / "first-password").read_text().strip(), shown)
            terminal.process.send_signal(signal.SIGHUP)
            self.assertEqual(terminal.finish(), 0)
            self.assertIn("Stopped.", terminal.seen)
        with Terminal(words, chaoxun.environment | {"LC_ALL": "zh_CN.UTF-8"}) as terminal:
            terminal.read_until("停止")
            self.assertIn("初始密码在", terminal.seen)
            self.assertNotIn(shown, terminal.seen)
            terminal.process.terminate()
            self.assertEqual(terminal.finish(), 0)


class OfCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance()
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()

    def test_a_typed_password_is_not_echoed(self):
        self.chaoxun.command("user", "add", "xucun", "--unit", "haining/xucun", "--role", "squad", "--no-password")
        with Terminal(["user", "password", "xucun", "--ask"], self.chaoxun.environment) as terminal:
            terminal.read_until("new password: ")
            self.assertFalse(terminal.echoes())
            terminal.type("口令很长 2026\n")
            terminal.read_until("once more: ")
            terminal.type("口令很长 2026\n")
            self.assertEqual(terminal.finish(), 0, terminal.seen)
            self.assertNotIn("2026", terminal.seen)
        sign_in = {"account": "xucun", "password": "口令很长 2026"}
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=False)[0], 200)

    def test_two_different_passwords_change_nothing(self):
        with Terminal(["user", "password", "xucun", "--ask"], self.chaoxun.environment) as terminal:
            terminal.read_until("new password: ")
            terminal.type("一个密码 111\n")
            terminal.read_until("once more: ")
            terminal.type("另一个密码 222\n")
            self.assertEqual(terminal.finish(), 2)
            self.assertIn("different", terminal.seen)

    def test_an_import_shows_a_bar(self):
        path = self.chaoxun.folder / "many.csv"
        rows = "".join(f"T{row},许村志愿中队,某活动,文明养犬,2026-05-08,{row}人\n" for row in range(5000))
        path.write_text("编号,中队,活动名称,项目,活动日期,参与人次\n" + rows)
        with Terminal(["import", path], self.chaoxun.environment) as terminal:
            self.assertEqual(terminal.finish(), 0, terminal.seen)
            self.assertRegex(terminal.seen, r"\rimport \[#+\.*\] \d+/5000")
            self.assertIn("5000 stored", terminal.seen)


if __name__ == "__main__":
    unittest.main(verbosity=2)
