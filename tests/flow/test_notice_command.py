#!/usr/bin/python3
"""chaoxun notice and tail --notices: what is said before anything is sent, and what became of each message."""
import concurrent.futures
import json
import re
import signal
import subprocess
import threading
import unittest

import harness
import notifier_peer
from notifier_peer import notice, preview, refusal, row, status
from test_terminal import Terminal

TWO_UNITS = [("haining/xucun", "许村志愿中队", 2, 2, 1), ("haining/xiashi", "硖石志愿中队", 1, 1, 0)]
SEND = ["notice", "send", "--unit", "haining/xucun,haining/xiashi", "--title", "高温提醒", "--text", "今明两天高温"]
STATES = ["pending", "held", "sending", "accepted", "delivered", "undelivered", "retry", "unknown", "dead", "expired",
          "cancelled", "superseded"]


def every_state():
    rows = [row(f"P{number:03}", "sms" if number % 2 else "email", state, name=f"沈{number}", address="138****8002")
            for number, state in enumerate(STATES)]
    rows[6] |= {"words": "4: 451 try again later", "next_at": 1795397465000, "attempts": 3}
    rows[7] |= {"repeats": 1, "attempts": 2}
    return rows


class WithPeer(unittest.TestCase):
    """Against a stand-in that says exactly what is to be shown; intake is the real one."""

    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance()
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()
        for person, unit in (("P001", "haining/xucun"), ("P002", "haining/xiashi")):
            made = cls.chaoxun.command("contact", "set", person, "--unit", unit, stdin='{"name": "沈佳", "phone": "13800138002"}')
            assert made.returncode == 0, made.stderr

    def peer(self, **answers):
        return notifier_peer.NotifierPeer(self.chaoxun, answers)

    def command(self, peer, *words, code=0, **options):
        result = self.chaoxun.command(*words, *peer.options, **options)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def head(self):
        return self.chaoxun.ask(self.chaoxun.socket("submit"), "head")[1]["position"]

    def test_a_preview_is_asked_and_shown_first(self):
        with self.peer(preview=lambda _: preview(TWO_UNITS)) as peer:
            before = self.head()
            shown = self.command(peer, *SEND, "--dry-run").stdout
            self.assertRegex(shown, r"许村志愿中队 +2 +2 +1\n硖石志愿中队 +1 +1 +0\n")
            self.assertIn("in all 3, each once: 3 by SMS, 1 by e-mail", shown)
            self.assertIn("1 of at most 10 parts", shown)
            self.assertIn("SMS: 【海宁城管志愿】高温提醒：今明两天高温", shown)
            self.assertTrue(shown.endswith("nothing was sent\n"))
            self.assertEqual(self.head(), before, "a dry run sends nothing")
            self.assertEqual(peer.asked, [("preview", {"units": ["haining/xucun", "haining/xiashi"], "title": "高温提醒",
                                                       "text": "今明两天高温"})])
            peer.asked.clear()
            self.command(peer, *SEND, "--confirm-by", "2026-11-23 18:00", "--dry-run")
            self.assertEqual(peer.asked[0][1]["confirm_by"], 1795428000000)
            chinese = self.command(peer, *SEND, "--dry-run", "--lang", "zh").stdout
            self.assertIn("共 3 人，每人一次：短信 3 人，邮件 1 人", chinese)
            self.assertIn("未发送", chinese)
            self.assertEqual(json.loads(self.command(peer, "notice", "preview", "--unit", "haining", "--json").stdout)["people"], 3)

    def test_a_sent_notice_is_in_the_journal(self):
        with self.peer(preview=lambda _: preview(TWO_UNITS)) as peer:
            sent = self.command(peer, *SEND, "--urgent", "--confirm-by", "2026-11-23 18:00",
                                "--id", "01a20b02-bfd8-773a-a2ad-f043d9b196ed").stdout
            self.assertRegex(sent, r"(?m)^stored 01a20b02-bfd8-773a-a2ad-f043d9b196ed seq=\d+ position=")
            lines = self.chaoxun.command("tail", "--no-follow", "--side", "--json").stdout.splitlines()
            event = [json.loads(line) for line in lines if "notice.issued" in line][0]
            self.assertEqual(event["unit"], "haining", "the root issues it")
            self.assertEqual(event["body"], {"units": ["haining/xucun", "haining/xiashi"], "urgent": True,
                                             "confirm_by": 1795428000000})
            self.assertEqual(event["side"], {"title": "高温提醒", "text": "今明两天高温"})
            again = self.command(peer, *SEND, "--urgent", "--confirm-by", "2026-11-23 18:00",
                                 "--id", "01a20b02-bfd8-773a-a2ad-f043d9b196ed").stdout
            self.assertIn("duplicate", again, "the same words under the same id go out once")
            other = self.command(peer, *SEND, "--id", "01a20b02-bfd8-773a-a2ad-f043d9b196ed", code=1)
            self.assertIn("conflict", other.stderr)
            nowhere = ["--endpoint.submit", f"ipc://{self.chaoxun.data}/run/nobody.ipc"]
            lost = self.command(peer, *SEND, *nowhere, code=69)
            self.assertRegex(lost.stderr, r"send it again with --id [0-9a-f-]{36}")

    def test_text_from_standard_input_and_units_by_name(self):
        known = {"haining/xucun": TWO_UNITS[0], "haining/xiashi": TWO_UNITS[1]}

        def by_path(query):
            unknown = [unit for unit in query["units"] if unit not in known]
            return (refusal("unknown-unit", f"unit {unknown[0]} does not exist", f"没有“{unknown[0]}”这个单位") if unknown
                    else preview([known[unit] for unit in query["units"]]))
        words = ["notice", "send", "--title", "高温提醒", "--text", "-", "--dry-run"]
        with self.peer(preview=by_path) as peer:
            for units in (["--unit", "许村志愿中队，硖石志愿中队"], ["--unit", "xucun", "--unit=xiashi"],
                          ["--unit", "haining/xucun", "--unit", "许村志愿中队,xiashi"]):
                with self.subTest(units=units):
                    peer.asked.clear()
                    self.command(peer, *words, *units, stdin="第一行\n第二行\n")
                    self.assertEqual(peer.asked[-1][1]["units"], ["haining/xucun", "haining/xiashi"])
                    self.assertEqual(peer.asked[-1][1]["text"], "第一行\n第二行")
            refused = self.command(peer, *words, "--unit", "nowhere", stdin="x", code=1)
            self.assertIn("nowhere does not exist", refused.stderr)
            refused = self.command(peer, *words, "--unit", "没有的中队", "--lang", "zh", stdin="x", code=1)
            self.assertIn("没有“没有的中队”这个单位", refused.stderr)

    def test_refused_before_anything_is_sent(self):
        nobody = [TWO_UNITS[0], ("haining/dingqiao", "丁桥志愿中队", 0, 0, 0)]
        before = self.head()
        with self.peer(preview=lambda _: preview(nobody)) as peer:
            refused = self.command(peer, *SEND, code=1)
            self.assertIn("--unit: 丁桥志愿中队 has no contact", refused.stderr)
            self.assertIn("“丁桥志愿中队”没有可通知的联系人", self.command(peer, *SEND, "--lang", "zh", code=1).stderr)
            self.command(peer, "notice", "preview", "--unit", "haining", code=1)
        with self.peer(preview=lambda _: preview(TWO_UNITS, parts=11)) as peer:
            self.assertIn("nothing is cut", self.command(peer, *SEND, code=1).stderr)
        with self.peer() as peer:  # what is wrong with the words is found without asking anybody
            long = self.command(peer, *SEND[:-1], "长" * 660, "--lang", "zh", code=1)
            self.assertRegex(long.stderr, "标题和正文共 664 字，10 条短信最多容纳 647 字，请缩短；系统不会自动截断")
            self.assertRegex(self.command(peer, *SEND[:-1], " \t", code=1).stderr, "text")
            self.assertRegex(self.command(peer, *SEND[:-3], "题" * 101, "--text", "x", code=1).stderr, "title: 101, at most 100")
            for words, said in ((["--unit", "haining"], "--title and --text"), (["--title", "x", "--text", "y"], "--unit"),
                                (["--title", "x", "--text", "y", "--unit", " ,"], "names no unit"),
                                ([*SEND[2:], "--confirm-by", "soon"], "is not a time"), ([*SEND[2:], "--id", "x"], "is not an id")):
                with self.subTest(words=words):
                    self.assertIn(said, self.command(peer, "notice", "send", *words, code=2).stderr)
            self.assertEqual(peer.asked, [])
        self.assertEqual(self.head(), before, "nothing was handed in")

    def test_channels_that_are_not_configured_are_named(self):
        with self.peer(preview=lambda _: preview(TWO_UNITS, sends=False)) as peer:
            shown = self.command(peer, *SEND, "--dry-run").stdout
            self.assertIn("No SMS gateway is configured (sms-url)", shown)
            self.assertIn("No mail server is configured (smtp-url)", shown)

    def test_waiting_follows_to_the_end(self):
        steps = [["pending", "pending"], ["sending", "delivered"], ["accepted", "delivered"], ["delivered", "delivered"]]
        for last, code in ((["delivered", "delivered"], 0), (["undelivered", "delivered"], 1)):
            with self.subTest(last=last):
                left = [*steps[:-1], last]

                def answer(query):
                    states = left.pop(0) if len(left) > 1 else left[0]
                    rows = [row(f"P{number}", "sms", state) for number, state in enumerate(states)]
                    return status(notice(query["id"], rows=rows, complete=len(left) == 1 and states == last), rows)
                with self.peer(preview=lambda _: preview(TWO_UNITS), notice=answer) as peer:
                    done = self.command(peer, *SEND, "--wait", code=code).stdout
                    self.assertIn("complete", done)
                    self.assertIn(last[0], done)
                    asked = [query for verb, query in peer.asked if verb == "notice"]
                    self.assertGreaterEqual(len(asked), 4)
                    self.assertIn(asked[0]["at_least"], done, "it asks for its own position")
        rows = [row("P1", "sms", "retry")]
        with self.peer(preview=lambda _: preview(TWO_UNITS), notice=lambda query: status(notice(query["id"], rows=rows), rows)) as peer:
            slow = self.command(peer, *SEND, "--wait", "--timeout", "1", code=75)
            self.assertIn("chaoxun notice status", slow.stderr)

    def test_a_terminal_shows_progress(self):
        left = [["pending", "pending"], ["delivered", "sending"], ["delivered", "delivered"]]

        def answer(query):
            states = left.pop(0) if len(left) > 1 else left[0]
            rows = [row(f"P{number}", "sms", state) for number, state in enumerate(states)]
            return status(notice(query["id"], rows=rows, complete=states[1] == "delivered"), rows)
        with self.peer(preview=lambda _: preview(TWO_UNITS), notice=answer) as peer:
            with Terminal([*SEND, "--wait", *peer.options], self.chaoxun.environment) as terminal:
                self.assertEqual(terminal.finish(), 0, terminal.seen)
                self.assertRegex(terminal.seen, r"\rmessages \[#+\.+\] 1/2")
                self.assertIn("complete", terminal.seen)
            left[:] = [["delivered", "sending"], ["delivered", "delivered"]]
            with Terminal(["notice", "status", harness.new_id().hex(), "--watch", *peer.options],
                          self.chaoxun.environment) as terminal:
                self.assertEqual(terminal.finish(), 0, terminal.seen)
                self.assertEqual(terminal.seen.count("\033[H\033[2J"), 2, "drawn in place, once for each change")

    def test_pages_are_put_together(self):
        rows = every_state()
        pages = {"": rows[:5], "m 1": rows[5:10], "m 2": rows[10:]}

        def answer(query):
            cursor = query.get("cursor", "")
            verb, page = status(notice(query["id"], rows=rows), pages[cursor])
            return verb, page | ({} if cursor == "m 2" else {"cursor": f"m {1 if not cursor else 2}"})
        with self.peer(notice=answer) as peer:
            shown = self.command(peer, "notice", "status", harness.new_id().hex(), "--json").stdout
            whole = json.loads(shown)
            self.assertEqual([one["person"] for one in whole["rows"]], [one["person"] for one in rows])
            self.assertNotIn("cursor", whole)
            self.assertEqual([query.get("cursor") for _, query in peer.asked], [None, "m 1", "m 2"])

    def test_every_state_is_shown(self):
        identity = harness.new_id()
        rows = every_state()
        with self.peer(notice=lambda query: status(notice(query["id"], rows=rows, urgent=True), rows, parts=2)) as peer:
            shown = self.command(peer, "notice", "status", identity.hex()).stdout
            self.assertEqual(peer.asked[0], ("notice", {"id": identity, "side": True, "limit": 1000}))
            self.assertIn("高温提醒  2026-11-23 09:30:00  account:office  urgent\nto haining/xucun, haining/xiashi\n", shown)
            for number, state in enumerate(STATES):
                self.assertRegex(shown, rf"(?m)^沈{number} \(P{number:03}\) +许村志愿中队 +(sms|email) +138\*\*\*\*8002 +{state} +"
                                        r"2026-11-23 09:30:05")
            self.assertRegex(shown, r"retry +2026-11-23 09:30:05 +3 +2026-11-23 09:31:05 +4: 451 try again later\n")
            self.assertRegex(shown, r"unknown +2026-11-23 09:30:05 +2, maybe twice")
            self.assertIn("12 messages: pending 1, held 1, sending 1", shown)
            self.assertIn("; under way\nSMS per recipient: 2\n", shown)
            chinese = self.command(peer, "notice", "status", identity.hex(), "--lang", "zh").stdout
            for word in ("待发送", "暂缓发送", "发送中", "网关已接收", "已送达", "未送达", "待重试", "结果未知", "无法发送", "已过期", "已取消", "已被取代",
                         "短信", "邮件", "收件人", "网关答复", "紧急", "可能重复"):
                self.assertIn(word, chinese)
            document = json.loads(self.command(peer, "notice", "status", identity.hex(), "--json").stdout)
            self.assertEqual([one["state"] for one in document["rows"]], STATES)
        with self.peer(notice=lambda query: refusal("not-found", "it does not exist", "没有找到")) as peer:
            self.command(peer, "notice", "status", identity.hex(), code=1)
        self.assertEqual(self.chaoxun.command("notice", "status", "rubbish").returncode, 2)

    def test_watching_shows_each_change(self):
        left = ["sending", "sending", "accepted", "delivered"]

        def answer(query):
            state = left.pop(0) if len(left) > 1 else left[0]
            rows = [row("P1", "sms", state)]
            return status(notice(query["id"], rows=rows, complete=state == "delivered"), rows)
        with self.peer(notice=answer) as peer:
            shown = self.command(peer, "notice", "status", harness.new_id().hex(), "--watch").stdout
            self.assertEqual(re.findall(r"sms +(\w+)", shown), ["sending", "accepted", "delivered"])

    def test_list_turns_pages(self):
        entries = [notice(harness.new_id(), seq=number, rows=every_state() if number == 5 else [], complete=number < 5)
                   for number in range(5, 0, -1)]

        def page(query):
            start = int(query.get("cursor", "0"))
            rows = entries[start:start + 2]
            more = {"cursor": str(start + 2)} if start + 2 < len(entries) else {}
            return "notices", {"as_of": notifier_peer.POSITION.format(9), "rows": rows} | more
        with self.peer(notices=page) as peer:
            table = self.command(peer, "notice", "list").stdout.splitlines()
            self.assertEqual(len(table), 2 + 5)
            self.assertRegex(table[2], r"^2026-11-23 09:30:00  高温提醒 +haining/xucun, haining/xiashi +under way +pending 1, held 1")
            self.assertIn("complete", table[3])
            lines = self.command(peer, "notice", "list", "--json", "--limit", "3", "--unit", "haining/xucun").stdout
            self.assertEqual([json.loads(line)["seq"] for line in lines.splitlines()], [5, 4, 3])
            self.assertEqual(peer.asked[-1][1]["within"], "haining/xucun")

    def test_tail_prints_each_notice_once(self):
        entries = [notice(harness.new_id(), seq=3), notice(harness.new_id(), seq=2, urgent=True)]
        page = lambda _: ("notices", {"as_of": notifier_peer.POSITION.format(9), "rows": entries})
        with self.peer(notices=page) as peer:
            once = self.command(peer, "tail", "--notices", "--no-follow").stdout.splitlines()
            self.assertRegex(once[0], r"^2 +2026-11-23 09:30:00  haining/xucun, haining/xiashi  urgent  高温提醒：今明两天高温 请改期$")
            self.assertEqual([line.split()[0] for line in once], ["2", "3"], "oldest first")
            behind = self.command(peer, "tail", "--notices", "--no-follow", "--json", "--from",
                                  notifier_peer.POSITION.format(2)).stdout
            self.assertEqual([json.loads(line)["seq"] for line in behind.splitlines()], [3])
            tail = subprocess.Popen([harness.COMMAND, "tail", "--notices", "--from", "now", *peer.options], text=True,
                                    env=self.chaoxun.environment, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
            lines = []
            reader = threading.Thread(target=lambda: lines.extend(tail.stdout), daemon=True)
            try:
                reader.start()
                harness.until(lambda: len(peer.asked) >= 4, 10, "its first look")
                entries.insert(0, notice(harness.new_id(), seq=4))
                peer.ring("haining/xucun", 4)
                harness.until(lambda: lines, 10, "the new notice")
                entries.insert(0, notice(harness.new_id(), seq=5))  # nobody rings: the clock looks
                harness.until(lambda: len(lines) > 1, 10, "the notice that was not told")
                self.assertEqual([line.split()[0] for line in lines], ["4", "5"])
            finally:
                tail.send_signal(signal.SIGTERM)
                tail.wait(10)
                reader.join()
                tail.stdout.close()
        self.assertEqual(self.chaoxun.command("tail", "--unit", "haining").returncode, 2)

    def test_nobody_answers(self):
        nowhere = ["--endpoint.outbox", f"ipc://{self.chaoxun.data}/run/nobody.ipc"]
        cases = SEND, ["notice", "list"], ["notice", "status", harness.new_id().hex()]
        with concurrent.futures.ThreadPoolExecutor() as lanes:  # each waits for some seconds
            results = lanes.map(lambda words: self.chaoxun.command(*words, *nowhere), cases)
        for words, result in zip(cases, results):
            with self.subTest(words=words):
                self.assertEqual(result.returncode, 69)
                self.assertIn("notifier does not answer", result.stderr)

    def test_contacts_are_listed(self):
        self.chaoxun.command("contact", "set", "P010", "--unit", "haining/yuanhua", "--post", "duty", "--order", "2",
                             stdin='{"name": "王芳", "email": "wang@haining.example", "robot": "group-1", "govding": "5823401"}')
        self.chaoxun.command("contact", "set", "P011", "--unit", "haining/yuanhua", "--order", "1", stdin='{"phone": "13900001111"}')
        listed = self.chaoxun.command("contact", "list", "--unit", "袁花志愿中队").stdout.splitlines()
        self.assertRegex(listed[2], r"^袁花志愿中队 +P011 +1 +13900001111")
        self.assertRegex(listed[3], r"^袁花志愿中队 +P010 +duty +2 +王芳 +wang@haining.example +group-1 +5823401$")
        self.chaoxun.command("contact", "set", "P011", "--unit", "haining/yuanhua", "--off")
        self.chaoxun.command("person", "erase", "P010")
        self.assertEqual(len(self.chaoxun.command("contact", "list", "--unit", "haining/yuanhua").stdout.splitlines()), 2)
        everyone = self.chaoxun.command("contact", "list", "--lang", "zh").stdout
        self.assertRegex(everyone, r"许村志愿中队 +P001 .*沈佳 +13800138002")
        self.assertEqual(self.chaoxun.command("contact", "list", "--unit", "nowhere").returncode, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
