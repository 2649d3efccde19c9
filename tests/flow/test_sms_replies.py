#!/usr/bin/python3
"""Answers by SMS from end to end: codes confirm what they stand for and nothing else, "1" where one thing is open, words become
the answer; what is too late, recalled, somebody else's or a machine's is told so or passed over, so often and no more; what
the journal refuses is not told as done."""
import json
import random
import re
import threading
import time
import unittest
import uuid

import harness
import notice_scene
import incoming_sms

SQUAD, PHONE, OTHER, THIRD, STRANGER = "haining/xucun", "13800138001", "13800138002", "13800138003", "13900139009"
SIGNATURE = "【海宁城管志愿】"
DRAFT = "清洁家园 今天上午 河西社区 20余人 3小时"


class Replies(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(notice_scene.Scene(CHAOXUN_SMS_REPLIES="true", CHAOXUN_CALL_MS="1500"))
        self.chaoxun = self.scene.chaoxun
        self.scene.set_contact("P-1", SQUAD, name="沈佳", phone="+86" + PHONE)
        self.scene.set_contact("P-2", "haining/xiashi", name="陆明", phone=OTHER)
        self.phone = incoming_sms.Phone(self.chaoxun, PHONE)
        self.other = incoming_sms.Phone(self.chaoxun, OTHER)

    def store(self, event, status="stored"):
        receipt = self.chaoxun.submit(event)[0]
        self.assertEqual(receipt["status"], status, receipt)
        return receipt

    def texts(self, phone):
        return [one["text"] for one in self.scene.gateway.asked if one["to"].removeprefix("+86") == phone]

    def issue(self, title, units=(SQUAD,), minutes=60, text="周六上午九点", phone=PHONE):
        """Its id and the code in the SMS."""
        before = len(self.texts(phone))
        event = harness.event("notice.issued", "haining", {"units": list(units), "confirm_by": int((time.time() + 60 * minutes) * 1000)},
                              {"title": title, "text": text})
        self.store(event)
        sent = harness.until(lambda: self.texts(phone)[before:], 20, "the SMS")[0]
        found = incoming_sms.CODE.search(sent)
        return event["id"], found and found.group(1)

    def write(self, text, phone=None, **options):
        """What goes back, without the signature."""
        answer = (phone or self.phone).write(text, **options)
        self.assertTrue(answer == "" or answer.startswith(SIGNATURE), answer)
        return answer.removeprefix(SIGNATURE)

    def journal(self, *kinds):
        lines = self.chaoxun.command("tail", "--no-follow", "--side", "--json").stdout.splitlines()
        return [one for one in map(json.loads, lines) if one["type"] in (kinds or ("notice.confirmed", "notice.answered"))]

    def settled(self, count):
        """Until the notifier has folded so many answers."""
        def folded():
            notices = self.chaoxun.http("GET", "/api/v1/notices")[1]["rows"]
            return sum("confirmed_at" in one for one in notices) >= count
        harness.until(folded, 10, "the fold")

    def test_what_goes_out(self):
        notice, code = self.issue("集中清理")
        self.assertRegex(self.texts(PHONE)[0], r"\n回复 \d{4} 确认，或点：http://\S+/hooks/confirm/[\w-]{43}$")
        status = self.chaoxun.http("GET", f"/api/v1/notices/{uuid.UUID(bytes=notice)}")[1]
        self.assertEqual(status["parts"], -(-len(self.texts(PHONE)[0].encode("utf-16-be")) // 2 // 67), "its space counts")
        long, code = self.issue("长文", text="字" * 640)
        self.assertIsNone(code, "nothing is cut: where there is no room there is no code")
        _, code = self.issue("较长", text="字" * 620)
        self.assertIsNotNone(code)
        self.assertNotIn("/hooks/confirm/", self.texts(PHONE)[2], "the code is the shorter way")

    def test_a_preview_is_what_goes_out(self):
        """Its placeholders are as long as what stands there in the end; what has no room stands in neither."""
        question = {"units": [SQUAD], "title": "集中清理", "text": "字" * 30, "confirm_by": int((time.time() + 3600) * 1000)}
        plain = self.chaoxun.http("POST", "/api/v1/notices/preview", {**question, "confirm_by": 0})[1]
        self.assertEqual((plain["sms_parts"], "code_sample" in plain, "link_sample" in plain), (1, False, False))
        for text, way in (("字" * 30, "link_sample"), ("字" * 480, "link_sample"), ("字" * 620, "code_sample"), ("字" * 640, None)):
            with self.subTest(length=len(text)):
                answer = self.chaoxun.http("POST", "/api/v1/notices/preview", {**question, "text": text})[1]
                before = len(self.texts(PHONE))
                notice, _ = self.issue("集中清理", text=text)
                sent = self.texts(PHONE)[before]
                self.assertEqual(answer["sms_parts"], self.chaoxun.http("GET", f"/api/v1/notices/{uuid.UUID(bytes=notice)}")[1]["parts"])
                self.assertEqual(answer["sms_characters"], len(sent), "as long as what went out")
                own = re.sub(r"回复 \d{4} 确认", answer["code_sample"], re.sub(r"http\S+", answer["link_sample"], sent))
                self.assertEqual(answer["sms_text"], own)
                self.assertEqual([name for name in ("code_sample", "link_sample") if answer[name] in own][-1:], [way] if way else [])
                self.assertIn(answer["link_sample"], answer["email_text"])
        token = answer["link_sample"].rsplit("/", 1)[1]
        self.assertEqual(self.chaoxun.http("POST", f"/hooks/confirm/{token}", token=False)[0], 403, "it confirms nothing")
        shown = self.chaoxun.command("notice", "preview", "--unit", SQUAD, "--title", "集中清理", "--text", "字" * 30,
                                     "--confirm-by", "+2h", "--lang", "zh").stdout
        self.assertIn("分 3 条发送", shown)
        self.assertIn("占位：“回复 0000 确认”，实际发送时每人的编号不同，长度一样", shown)
        self.assertIn(f"占位：“{answer['link_sample']}”，实际发送时每人的链接不同，长度一样", shown)
        self.assertIn("放不下确认链接", self.chaoxun.command("notice", "preview", "--unit", SQUAD, "--title", "x", "--text",
                                                      "字" * 620, "--confirm-by", "+2h", "--lang", "zh").stdout)

    def test_codes_and_a_bare_one(self):
        first, one = self.issue("集中清理")
        self.assertEqual(self.write("1"), "已确认：集中清理。")
        self.settled(1)
        self.assertEqual(self.write("1"), "没有等待确认的通知或报告。")
        self.assertEqual(self.write(one), "已经确认过，不用再回复。")
        _, two = self.issue("防汛值守")
        _, three = self.issue("文明养犬")
        self.assertEqual(len({one, two, three}), 3)
        listed = self.write("1")
        self.assertTrue(listed.startswith("有几件事等您确认，请回复编号："), listed)
        self.assertEqual(set(re.findall(r"(\d{4}) (\S+?)[；。]", listed)), {(two, "防汛值守"), (three, "文明养犬")})
        self.assertEqual(self.write(f"{three} 收到"), "已确认：文明养犬。")
        self.assertEqual(self.write(f"{two} 已到场，9:30开始"), "已登记您的答复：防汛值守。")
        told = [(one["type"], one["by"], one["body"]["channel"], one.get("side", {}).get("text")) for one in self.journal()]
        self.assertEqual(told, [("notice.confirmed", "P-1", "sms", None)] * 3 +
                         [("notice.answered", "P-1", "sms", "已到场，9:30开始")])
        self.assertEqual(uuid.UUID(self.journal()[0]["cause"]).bytes, first)
        self.settled(3)
        self.assertEqual(self.write(f"{two} 人已到齐"), "已登记您的答复：防汛值守。")
        self.assertEqual(len(self.journal()), 5, "confirmed once, answered twice")

    def caught_up(self, receipt):
        self.chaoxun.http("GET", f"/api/v1/notices?at_least={receipt['position']}")

    def test_who_answers_later_is_told_who_did(self):
        """By unit and post, never by name; words are one more answer all the same."""
        notice, code = self.issue("集中清理")
        said = harness.event("notice.answered", SQUAD, {"notice": notice}, {"text": "五人到岗"})
        self.caught_up(self.store(said))
        self.assertEqual(self.write(code), "这件事许村志愿中队已经答复，不用再回复。")
        self.assertEqual(self.write("1"), "这件事许村志愿中队已经答复，不用再回复。")
        self.assertEqual(self.write(f"{code} 人已到齐"), "已登记您的答复：集中清理。此前许村志愿中队已经答复。")
        self.assertEqual([one["type"] for one in self.journal()], ["notice.answered"] * 2)
        named, code = self.issue("防汛值守")
        self.caught_up(self.store(harness.report(SQUAD, answers=named)))
        self.assertEqual(self.write(f"回复{code}确认"), "这件事许村志愿中队的上报已经答复，不用再回复。")

    def test_one_answer_to_an_alert_is_enough(self):
        self.scene.set_contact("P-1", SQUAD, "leader", name="沈佳", phone=PHONE)
        self.scene.set_contact("P-3", SQUAD, "deputy", name="王芳", phone=THIRD)
        rule = {"rule": "returned", "version": 1, "name": "退回", "kind": "event", "event": "report.returned", "channels": ["sms"],
                "recipients": [{"of": "own"}], "steps": [{"after": 10, "of": "brigade", "post": "office"}]}
        self.store(harness.event("rule.set", "haining", rule, {"templates": [{"title": "退回", "text": "{单位}"}]}))
        report = harness.report(SQUAD)
        self.store(report)
        self.store(harness.event("report.returned", SQUAD, {"report": report["id"]}, {"reason": "请写明人数"}))
        codes = [incoming_sms.code_in(harness.until(lambda: self.texts(phone), 20, "the alert")[0]) for phone in (PHONE, THIRD)]
        self.assertEqual(self.write(codes[0]), "已确认：退回。")
        self.caught_up(self.store(harness.report("haining/xiashi")))  # and so knows of what was confirmed before
        deputy = incoming_sms.Phone(self.chaoxun, THIRD)
        for words in (codes[1], "1"):
            self.assertEqual(self.write(words, phone=deputy), "这件事许村志愿中队队长已经答复，不用再回复。")
        self.assertEqual(self.write(codes[0]), "已经确认过，不用再回复。")

    def test_a_draft_among_them(self):
        self.issue("集中清理")
        echo = self.write(DRAFT)
        code = re.search(r"回复 (\d{3}) 确认，回复 0 取消。$", echo).group(1)
        listed = self.write("确认")
        self.assertIn(f"{code} 您的上报", listed)
        self.assertIn(" 集中清理", listed)
        self.assertEqual(self.write(code), "已确认，报告已提交。")
        self.assertEqual(self.write("1"), "已确认：集中清理。")
        self.assertEqual(len(self.journal("report.submitted")), 1)

    def test_what_is_refused(self):
        _, code = self.issue("集中清理", units=(SQUAD, "haining/xiashi"))
        foreign = incoming_sms.code_in(harness.until(lambda: self.texts(OTHER), 20, "the other's SMS")[0])
        wrong = foreign if foreign != code else f"{(int(code) - 999) % 9000 + 1000}"
        answer = self.write(f"{wrong} 我去")
        self.assertTrue(answer.startswith(f"编号 {wrong} 不是发给这个手机号的，没有登记。等您确认的有：{code} 集中清理"), answer)
        late, old = self.issue("昨天的事", minutes=-5)
        self.assertRegex(self.write(old), rf"编号 {old} 的确认时间已过（\d\d-\d\d \d\d:\d\d），没有登记。请联系大队办公室。")
        gone, recalled = self.issue("改期")
        receipt = self.store(harness.event("notice.recalled", "haining", {"notice": gone}))
        self.chaoxun.http("GET", f"/api/v1/notices?at_least={receipt['position']}")
        self.assertEqual(self.write(f"回复{recalled}确认"), "这条通知已撤回，不用再回复。")
        self.assertEqual(self.write(code, phone=incoming_sms.Phone(self.chaoxun, STRANGER)), "")
        for machine in (f"[自动回复]您好，我正在开会", "Out of office", "短信已成功送达"):
            self.assertEqual(self.write(machine), "")
        self.assertTrue(self.write("在吗").startswith("没看懂。"))
        self.assertEqual(self.write("好的呀"), "", "help comes once")
        self.write("9876")
        self.write("9875")
        self.assertEqual(self.write("9874"), "", "two machines do not talk for ever")
        self.assertEqual(self.journal(), [], "nothing of all that was taken for an answer")
        self.assertEqual(self.write(code), "已确认：集中清理。", "a right answer is heard all the same")

    def test_once_whenever_something_is_killed(self):
        """A reply is under way when the notifier or intake dies, at a moment that differs each time; the gateway asks again."""
        chance = random.Random(7)
        for number, victim in enumerate(("notifier", "intake", "notifier", "notifier")):
            _, code = self.issue(f"第{number}次")
            back = []
            writer = threading.Thread(target=lambda: back.append(self.write(f"{code} 到{number}人")))
            writer.start()
            time.sleep(chance.uniform(0, 0.02))
            old = self.chaoxun.kill(victim)
            writer.join(60)
            self.assertEqual(back, [f"已登记您的答复：第{number}次。"])
            self.chaoxun.wait_restart(victim, old)
        told = [(one["type"], one.get("side", {}).get("text")) for one in self.journal()]
        self.assertEqual(sorted(told, key=str), sorted([("notice.confirmed", None)] * 4 + [
            ("notice.answered", f"到{number}人") for number in range(4)], key=str))

    def test_rules_on_answers_do_not_feed_themselves(self):
        rule = {"rule": "answered", "version": 1, "name": "有答复", "kind": "event", "event": "notice.answered",
                "recipients": [{"of": "own"}], "channels": ["sms"], "steps": [{"after": 10, "of": "own"}]}
        self.store(harness.event("rule.set", "haining", rule, {"templates": [{"title": "有答复", "text": "{单位}"}]}))
        _, code = self.issue("集中清理")
        self.write(f"{code} 去五人")
        alert = harness.until(lambda: self.texts(PHONE)[1:], 20, "the alert of an answer by SMS")[0]
        self.assertEqual(self.write(f"{incoming_sms.code_in(alert)} 知悉"), "已登记您的答复：有答复。")
        head = self.chaoxun.ask(self.chaoxun.socket("submit"), "head")[1]["position"]
        self.chaoxun.http("GET", f"/api/v1/rules?at_least={head}")
        self.assertEqual(len(self.journal("alert.raised")), 1, self.journal("alert.raised"))
        self.assertEqual(len(self.journal("notice.answered")), 2)

    def test_a_refusal_of_the_journal_is_not_told_as_done(self):
        """The squad was closed meanwhile: intake refuses its report, and the answer says so."""
        notice, code = self.issue("集中清理")
        draft = self.write(DRAFT.replace("20余人", "22人"))
        self.assertIn("确认", draft)
        number = re.search(r"回复 (\d{3}) 确认", draft).group(1)
        receipt = self.store(harness.event("unit.set", SQUAD, {"name": "许村志愿中队", "kind": "squad", "closed": True}))
        self.chaoxun.http("GET", f"/api/v1/notices?at_least={receipt['position']}")
        answer = self.write(number)
        self.assertTrue(answer.startswith("没有登记成功："), answer)
        self.assertTrue(answer.endswith("请打电话告诉大队办公室。"), answer)
        self.assertEqual(self.write(number, message="again"), f"编号 {number} 不是发给这个手机号的，没有登记。等您确认的有：{code} 集中清理。")
        self.assertEqual(self.journal("report.submitted"), [])
        link = re.search(r"http://\S+/hooks/confirm/[\w-]{43}", self.texts(PHONE)[0]).group()
        self.chaoxun.kill("intake")
        status, page = harness.request("POST", link)
        self.assertIn((status, "已确认" in page.decode()), [(200, True), (503, False)])
        if status == 200:
            self.assertEqual([one["by"] for one in self.journal()], ["P-1"], "told when the journal had it")


if __name__ == "__main__":
    unittest.main(verbosity=2)
