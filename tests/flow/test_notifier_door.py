#!/usr/bin/python3
"""The doors of the notifier: whom a notice would reach and what it would say, the notices page by page, who may ask, and
that clients hear of them."""
import pathlib
import sys
import unittest

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from notifier_process import SQUADS, Case, contact, house


class Door(Case):
    def setUp(self):
        super().setUp()
        self.running = self.notifier()

    def catch_up(self):
        """A preview asks for no position: the notifier must have folded what it rests on."""
        position = self.intake.door("operator").ask("head", harness.NIL)[1]["position"]
        self.running.answer("notices", at_least=position)

    def client(self, name, path, role):
        pair = self.intake.register(name, path, role)
        self.catch_up()
        return self.running.open("outbox", pair)

    def asked(self, door, verb, **query):
        answered, answer = door.ask(verb, msgpack.packb(query))
        return answer["code"] if answered == "error" else answer

    def test_a_squad_without_contacts_is_told_at_once(self):
        self.operator.store(house(contacts=False) + [contact("haining/xucun", "P-1", "王小明", None, "p1@haining.test")])
        made = harness.event("notice.issued", "haining", {"units": ["haining/xucun", "haining/maqiao"]},
                             {"title": "高温", "text": "停止"})
        receipt = self.operator.submit([made])[0]
        self.assertEqual([(fault["field"], fault["code"]) for fault in receipt["faults"]],
                         [("body.units[1]", "no-contact")])
        self.catch_up()
        answer = self.running.answer("preview", units=["haining/maqiao", "haining/xucun", "haining"], title="高温",
                                     text="停" * 70)
        self.assertEqual([(unit["people"], unit["sms"], unit["email"]) for unit in answer["units"]],
                         [(0, 0, 0), (1, 0, 1), (1, 0, 1)])
        self.assertEqual((answer["people"], answer["sms"], answer["email"]), (1, 0, 1))
        self.assertEqual((answer["sms_sends"], answer["email_sends"]), (True, False))
        self.assertEqual((answer["sms_characters"], answer["sms_parts"], answer["sms_parts_max"]), (81, 2, 10))
        self.assertEqual(answer["sms_text"], "【海宁城管志愿】高温：" + "停" * 70)
        self.assertEqual(self.running.question("preview", units=["haining/nowhere"])[1]["code"], "unknown-unit")

    def test_notices_page_by_page(self):
        self.operator.store(house())
        issued = [self.running.issue([unit], f"通知{number}", "内容")
                  for number, unit in enumerate(list(SQUADS) * 2)]
        answer = self.running.answer("notices", limit=4)
        self.assertEqual([row["id"] for row in answer["rows"]], issued[:1:-1])
        rest = self.running.answer("notices", limit=4, cursor=answer["cursor"])
        self.assertEqual([row["id"] for row in rest["rows"]], issued[1::-1])
        self.assertNotIn("cursor", rest)
        self.assertEqual(rest["rows"][-1]["title"], "通知0")
        within = self.running.answer("notices", within="haining/xucun")
        self.assertEqual([row["id"] for row in within["rows"]], [issued[4], issued[1]])
        for cursor in ("x", "-1", "1x", "9" * 40):
            self.assertEqual(self.running.question("notices", cursor=cursor)[1]["code"], "bad-query", cursor)

    def test_clients_ask_about_their_own_unit(self):
        self.operator.store(house())
        both = self.running.issue(["haining/xiashi", "haining/xucun"])
        other = self.running.issue(["haining/maqiao"])
        self.running.wait_states(both, {"accepted": 2})
        squad = self.client("squad-app", "haining/xucun", "squad")
        answer = self.asked(squad, "notice", id=both)
        self.assertEqual([row["person"] for row in answer["rows"]], ["P-11"])
        self.assertEqual({"name", "address", "words"} & set(answer["rows"][0]), set())
        self.assertEqual(sum(one["count"] for one in answer["notice"]["counts"]), 1)
        self.assertEqual(self.asked(squad, "notice", id=other), "not-found")
        self.assertEqual(self.asked(squad, "notice", id=both, side=True), "no-right")
        self.assertEqual(self.asked(squad, "notice", id=both, within="haining"), "other-unit")
        self.assertEqual([row["id"] for row in self.asked(squad, "notices")["rows"]], [both])
        self.assertEqual(self.asked(squad, "preview", units=["haining/xucun"]), "no-right")
        self.assertEqual(self.asked(squad, "delivered", ref="x", mac="x", code=1), "no-right")
        office = self.client("office-app", "haining", "office")
        self.assertEqual(self.asked(office, "notice", id=both, side=True)["rows"][0]["name"], "队长0")
        self.assertEqual(self.asked(office, "preview", units=["haining/xucun"])["people"], 1)
        self.assertEqual(self.asked(self.client("follower", "haining", "head"), "notices"), "no-right")
        self.operator.store([harness.event("client.set", "haining", {
            "client": "office-app", "key": self.intake.pairs["portal"][0].decode(), "role": "none"})])
        harness.until(lambda: self.asked(office, "notices") == "account-off", what="the loss of a right")

    def test_portal_asks_within_a_unit(self):
        self.operator.store(house())
        notice = self.running.issue(["haining"])
        self.running.wait_states(notice, {"accepted": 3})
        rows = self.running.notice(notice, within="haining/xucun")["rows"]
        self.assertEqual([row["unit"] for row in rows], ["haining/xucun"])
        self.assertEqual(self.running.question("preview", within="haining/xucun", units=["haining"])[1]["code"], "other-unit")
        self.assertEqual(self.running.question("notice", id=b"\1" * 16)[1]["code"], "not-found")

    def test_positions(self):
        position = self.operator.store(house())["position"]
        answer = self.running.answer("notices", at_least=position)
        journal, epoch, seq, _ = position.split(".")
        self.assertGreaterEqual(int(answer["as_of"].split(".")[2]), int(seq))
        beyond = f"{journal}.{epoch}.{int(seq) + 50}.{'0' * 16}"
        self.assertEqual(self.running.question("notices", at_least=beyond)[1]["code"], "beyond")
        self.assertEqual(self.running.door.ask("head", harness.NIL)[0], "head")
        self.assertEqual(self.running.door.ask("nonsense", harness.NIL)[1]["code"], "bad-verb")

    def test_clients_hear_of_notices(self):
        self.operator.store(house())
        pair = self.intake.register("screen", "haining/xucun", "squad")
        position = self.intake.door("operator").ask("head", harness.NIL)[1]["position"]
        self.running.answer("notices", at_least=position)
        socket = self.running.listen("haining/xucun", pair)

        def heard():
            self.running.issue(["haining/maqiao", "haining/xucun"])
            return socket.poll(300)
        harness.until(heard, what="a notice")
        topic, version, told = socket.recv_multipart()
        self.assertEqual((topic, version), (b"haining/xucun", b"CX1"))
        self.running.answer("notices", at_least=told.decode())

    def test_what_a_subscriber_missed(self):
        """Who was away asks from the last position that was heard, and hears of each notice once, of its own alone."""
        self.operator.store(house())
        pair = self.intake.register("screen", "haining/xucun", "squad")
        self.catch_up()
        socket = self.running.listen("haining/xucun", pair)
        before = []

        def heard():
            before.append(self.running.issue(["haining/xucun"]))
            return socket.poll(300)
        harness.until(heard, what="a notice")
        last = self.running.notice(before[-1])["notice"]["seq"]
        position = ""
        while not position or int(position.split(".")[2]) < last:
            self.assertTrue(socket.poll(30_000), f"nothing is told of the notice with seq {last}")
            position = socket.recv_multipart()[2].decode()
        socket.close()
        issued = [self.running.issue(units) for units in (["haining/maqiao"], ["haining/xucun"], ["haining"],
                                                          ["haining/xiashi", "haining/xucun"])]
        seqs = [self.running.notice(notice)["notice"]["seq"] for notice in issued]
        office, squad = self.running.door, self.running.open("outbox", pair)

        def missed(door, **query):
            """The rows of all pages, and where they end."""
            pages = [self.asked(door, "missed", **query)]
            while "cursor" in pages[-1]:
                pages.append(self.asked(door, "missed", cursor=pages[-1]["cursor"], **query))
            return [(row["seq"], row["units"]) for page in pages for row in page["rows"]], pages[0]["as_of"]

        everything, as_of = missed(office, since=position)
        self.assertEqual([seq for seq, _ in everything], seqs)
        self.assertEqual(everything[3][1], ["haining/xiashi", "haining/xucun"])
        self.assertEqual([seq for seq, _ in missed(squad, since=position)[0]], seqs[1:])
        for limit in (1, 2, 3):
            self.assertEqual(missed(office, since=position, limit=limit)[0], everything)
        self.assertEqual(missed(office, since=as_of)[0], [])
        self.assertEqual([seq for seq, _ in missed(office)[0]][-4:], seqs)
        rows = self.asked(squad, "missed")["rows"]
        self.assertEqual({key for row in rows for key in row}, {"seq", "units"})
        self.assertEqual(self.asked(squad, "missed", within="haining/maqiao"), "other-unit")
        self.assertEqual(self.asked(self.client("reader", "haining", "head"), "missed"), "no-right")
        journal, epoch, seq, _ = position.split(".")
        self.assertEqual(self.asked(office, "missed", since=f"{journal}.{epoch}.{int(seq) + 500}.{'0' * 16}"), "beyond")
        self.assertEqual(self.asked(office, "missed", since=f"{'1' * 16}.{epoch}.{seq}.{'0' * 16}"), "other-journal")
        for since in ("x", "1.2.3"):
            self.assertEqual(self.asked(office, "missed", since=since), "bad-position")
        self.assertEqual(self.asked(office, "missed", cursor="x"), "bad-query")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
