#!/usr/bin/python3
"""chaoxun verify --repair: says what would be dropped, and drops it only when told; afterwards everything goes on.

A 潮讯 with reports and notices that were sent loses the end of its journal (a log cut behind an earlier commit, after kill -9),
or has a block, a side, its accounts or its outbox damaged. What is said is compared with what was put in; what stood before
the cut is the same afterwards, nothing is sent twice, and a fresh report flows.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "flow")]
import damage
import harness
import notifier_process
import recount

PASSWORD = "潮水-river-2026"
OPTIONS = ["--reserve-bytes=65536"]
SQUADS = ["haining/xiashi", "haining/xucun", "haining/maqiao"]


def stored(receipts):
    assert all(receipt["status"] == "stored" for receipt in receipts), receipts
    return receipts[-1]


def use(chaoxun, gateway):
    """Settings of a 潮讯 that is not started yet."""
    secret = chaoxun.data.parent / "sms.password"
    secret.touch(mode=0o600)
    secret.write_text("secret\n")
    chaoxun.environment |= {"CHAOXUN_SMS_URL": gateway.url, "CHAOXUN_SMS_USER": "chaoxun",
                            "CHAOXUN_SMS_PASSWORD_FILE": str(secret)}
    # A port is free for others while it is stopped; these are not.
    chaoxun.settings.write_text("[endpoint]\n" + "".join(f"{door} = ipc://{chaoxun.data.parent}/{door}.ipc\n"
                                                         for door in ("submit", "live", "notices")))


def outbox(chaoxun):
    """How many messages there are in each state, when everything is told."""
    path = chaoxun.data / "notifier/notifier.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
    with contextlib.closing(connection):
        if connection.execute("SELECT count(*) FROM tellings").fetchone()[0]:
            return None
        return dict(connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())


def fill(chaoxun, gateway):
    """Contacts, an account, a notice that was sent, and twelve commits of reports."""
    contacts = [notifier_process.contact(unit, f"P-{number}", f"队长{number}", f"1380013800{number}")
                for number, unit in enumerate(SQUADS)]
    stored(chaoxun.submit(contacts))
    stored(chaoxun.submit(harness.event("account.set", "haining/xiashi", {"account": "xiashi", "role": "squad"})))
    status, answer = chaoxun.http("PUT", "/api/v1/users/xiashi/password", {"password": PASSWORD})
    assert status == 204, answer
    stored(chaoxun.submit(harness.event("notice.issued", "haining", {"units": ["haining"]},
                                        {"title": "高温", "text": "今日停止户外活动"})))
    gateway.wait(3)
    harness.until(lambda: outbox(chaoxun) == {"accepted": 3}, 30, "the messages")
    for number in range(12):
        stored(chaoxun.submit([harness.report(attendances=number + one) for one in range(5)]))
        chaoxun.settle()  # a commit of its own in the database
    harness.until(lambda: chaoxun.command("status").returncode == 0, 30, "readiness")


def kill_all(chaoxun):
    for pid in chaoxun.pids().values():
        os.kill(pid, signal.SIGKILL)
    chaoxun.stop(signal.SIGKILL)


class Repair(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Two that are filled alike, once: one was stopped, one was killed. Each test takes a copy."""
        cls.kept = {}
        for how in ("stopped", "killed"):
            with notifier_process.SendSms() as gateway, contextlib.closing(harness.Instance(*OPTIONS)) as chaoxun:
                use(chaoxun, gateway)
                chaoxun.start()
                fill(chaoxun, gateway)
                if how == "killed":
                    kill_all(chaoxun)
                elif chaoxun.stop() != 0:
                    raise AssertionError("it does not stop as it should")
                cls.kept[how] = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="cx-"))) / "data"
                shutil.copytree(chaoxun.data, cls.kept[how], ignore=shutil.ignore_patterns("*.ipc"))

    def setUp(self):
        self.gateway = self.enterContext(notifier_process.SendSms())
        self.chaoxun = self.enterContext(contextlib.closing(harness.Instance(*OPTIONS)))
        use(self.chaoxun, self.gateway)

    def tearDown(self):
        if self._outcome.result.failures or self._outcome.result.errors:
            print(*self.chaoxun.output[-30:], sep="\n")

    # ---- helpers ----

    def stopped(self):
        shutil.copytree(self.kept["stopped"], self.chaoxun.data)

    def killed(self):
        shutil.copytree(self.kept["killed"], self.chaoxun.data)

    def lose_log(self):
        """What the database lost, journal.log would still have."""
        (self.chaoxun.data / "intake/journal.log").unlink()

    def repair(self, *words, status):
        done = self.chaoxun.command("verify", "--repair", *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def change(self, service, sql, *values):
        path = next((self.chaoxun.data / service).glob("*.db"))
        connection = sqlite3.connect(path)
        with contextlib.closing(connection), connection:
            self.assertEqual(connection.execute(sql, values).rowcount, 1, sql)

    def blocks(self):
        path = self.chaoxun.data / "intake/journal.db"
        connection = sqlite3.connect(path)
        with contextlib.closing(connection):
            return connection.execute("SELECT first, count, bytes FROM head ORDER BY first").fetchall()

    def starts_again(self):
        """Everything fits, a fresh report flows to the totals, and nobody is sent a second message."""
        self.chaoxun.start()
        receipt = stored(self.chaoxun.submit(harness.report(attendances=1)))
        status, answer = self.chaoxun.http("GET", f"/api/v1/totals?at_least={receipt['position']}")
        self.assertEqual(status, 200, answer)
        verified = self.chaoxun.command("verify")
        self.assertEqual(verified.returncode, 0, verified.stdout)
        harness.until(lambda: outbox(self.chaoxun) == {"accepted": 3}, 30, "the outbox as it was")
        self.assertEqual(sum(self.gateway.sent().values()), 0, "nothing is sent twice")
        journal = recount.Journal(self.chaoxun.data)
        self.assertEqual(answer["rows"], journal.totals(by=()))
        return receipt

    # ---- the journal ----

    def test_an_end_that_is_cut_off(self):
        """SQLite believes the rest; the witness, and each consumer, does not."""
        self.killed()
        before = recount.Journal(self.chaoxun.data).events
        log = self.chaoxun.data / "intake/journal.db-wal"
        ends = damage.commits(log.read_bytes())
        damage.cut(ends[-4])(log)
        self.lose_log()
        self.chaoxun.start(wait=False)
        self.chaoxun.wait_line("intake: ended with status 65")
        self.chaoxun.stop()
        self.assertTrue(log.exists(), "what is damaged stays as it is")
        size = log.stat().st_size
        said = self.repair(status=1)
        lost = re.search(r"(\d+) events, seq (\d+) to (\d+), would be dropped", said)
        self.assertEqual([int(number) for number in lost.groups()], [15, len(before) - 14, len(before)], said)
        self.assertEqual(log.stat().st_size, size, "nothing was changed")
        self.assertGreaterEqual(said.count("it is ahead of the journal"), 1, said)
        said = self.repair("--drop", status=0)
        self.assertIn("goes on in epoch 2", said)
        kept = list((self.chaoxun.data / "intake").glob("damaged-*/journal.db-wal"))
        self.assertEqual([path.stat().st_size for path in kept], [size], "nothing is deleted")
        self.repair(status=0)
        receipt = self.starts_again()
        self.assertEqual(receipt["position"].split(".")[1], "2", "a new epoch")
        after = recount.Journal(self.chaoxun.data).events
        self.assertEqual(after[:len(before) - 15], before[:-15], "what stood before the cut")

    def test_a_consumer_that_was_not_repaired_stops(self):
        self.killed()
        log = self.chaoxun.data / "intake/journal.db-wal"
        damage.cut(damage.commits(log.read_bytes())[-4])(log)
        self.lose_log()
        shutil.copytree(self.chaoxun.data / "archiver", self.chaoxun.data / "archiver.kept")
        self.repair("--drop", status=0)
        shutil.rmtree(self.chaoxun.data / "archiver")
        (self.chaoxun.data / "archiver.kept").rename(self.chaoxun.data / "archiver")
        self.chaoxun.start(wait=False)
        self.chaoxun.wait_line("archiver: ended with status 65")
        self.assertTrue(any("ahead of the journal" in line for line in self.chaoxun.output), self.chaoxun.output)
        self.chaoxun.stop()
        self.assertIn("it is ahead of the journal", self.repair("--drop", status=0))
        self.starts_again()

    def test_a_block_that_is_damaged(self):
        self.stopped()
        self.lose_log()
        rows = self.blocks()
        first, count, head = rows[-3]
        self.change("intake", "UPDATE head SET bytes = ? WHERE first = ?", head[:-1] + bytes([head[-1] ^ 1]), first)
        said = self.repair(status=1)
        last = rows[-1][0] + rows[-1][1] - 1
        self.assertIn(f"journal head row {first} is damaged: its hash does not fit", said)
        self.assertIn(f"{last - first + 1} events, seq {first} to {last}, would be dropped", said)
        self.assertRegex(said, r"received from 20\d\d-\d\d-\d\d .* to ")
        self.assertRegex(said, rf" ({last - first + 1}|{last - first - count + 1}) report.submitted\n")
        self.repair("--drop", status=0)
        self.starts_again()

    def test_a_block_that_the_log_still_has(self):
        """It and what follows come from there, and nothing is lost."""
        self.stopped()
        before = recount.Journal(self.chaoxun.data).events
        first, _, head = self.blocks()[-3]
        self.change("intake", "UPDATE head SET bytes = ? WHERE first = ?", head[:-1] + bytes([head[-1] ^ 1]), first)
        said = self.repair(status=1)
        self.assertIn(f"journal head row {first} is damaged: its hash does not fit", said)
        self.assertNotIn("would be dropped", said)
        self.repair("--drop", status=0)
        self.starts_again()
        self.assertEqual(recount.Journal(self.chaoxun.data).events[:len(before)], before)

    def test_an_end_that_the_log_still_has(self):
        """No repair is needed: the start takes it from there."""
        self.killed()
        before = recount.Journal(self.chaoxun.data).events
        log = self.chaoxun.data / "intake/journal.db-wal"
        damage.cut(damage.commits(log.read_bytes())[-4])(log)
        self.repair(status=0)
        self.starts_again()
        self.assertEqual(recount.Journal(self.chaoxun.data).events[:len(before)], before)

    def test_names_and_texts_that_are_damaged(self):
        """They alone are lost: the block stays, and counts."""
        self.stopped()
        before = recount.Journal(self.chaoxun.data).events
        first, count, _ = self.blocks()[-2]
        self.change("intake", "UPDATE side SET bytes = zeroblob(length(bytes)) WHERE first = ?", first)
        said = self.repair(status=1)
        self.assertIn(f"names and texts of {count} events in 1 blocks between seq {first} and {first + count - 1}", said)
        self.repair("--drop", "--again", "archiver", status=0)
        self.starts_again()
        self.assertEqual(recount.Journal(self.chaoxun.data).events[:len(before)], before, "every head is kept")
        rows = self.chaoxun.http("GET", "/api/v1/reports?limit=100")[1]["rows"]
        removed = [row for row in rows if "title" not in row["report"]]
        self.assertEqual(len(removed), count)

    def test_another_key_is_not_damage(self):
        self.stopped()
        key = self.chaoxun.data / "keys/side.key"
        right = key.read_text()
        key.write_text("0" * 64 + "\n")
        said = self.repair("--drop", status=1)
        self.assertIn("it is another key", said)
        self.assertIn("Nothing else was touched", said)
        key.unlink()
        self.assertIn("side.key", self.chaoxun.command("up", "--port", "0").stderr)
        key.write_text(right)
        key.chmod(0o600)
        self.repair(status=0)
        self.starts_again()

    def test_a_repair_that_is_interrupted(self):
        """Between the moves nothing opens; the next repair goes on."""
        self.stopped()
        intake = self.chaoxun.data / "intake"
        shutil.copy(intake / "journal.db", intake / "journal.mended")
        (intake / "journal.db").unlink()
        self.chaoxun.start(wait=False)
        self.chaoxun.wait_line("intake: ended with status 65")
        self.chaoxun.stop()
        self.assertIn("a repair was interrupted", self.repair(status=1))
        self.repair("--drop", status=0)
        self.starts_again()

    # ---- the others ----

    def test_rows_of_the_outbox(self):
        self.stopped()
        self.change("notifier", "UPDATE outbox SET address = '13999999999' WHERE number = 2")
        said = self.repair(status=1)
        self.assertIn("outbox row 2 does not fit its checksum", said)
        self.repair("--drop", status=0)
        self.starts_again()

    def test_accounts(self):
        self.stopped()
        self.change("portal", "UPDATE verifiers SET verifier = verifier || 'x' WHERE account = 'xiashi'")
        said = self.repair(status=1)
        self.assertIn("a row of verifiers (account xiashi) does not fit its checksum", said)
        self.repair("--drop", status=0)
        self.starts_again()
        sign_in = {"account": "xiashi", "password": PASSWORD}
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=None)[0], 401)
        self.assertEqual(self.chaoxun.http("PUT", "/api/v1/users/xiashi/password", {"password": PASSWORD})[0], 204)
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=None)[0], 200)

    def test_all_accounts_are_gone(self):
        """As long as the witness stands, nobody begins anew; the first account gets a new password."""
        self.stopped()
        for path in (self.chaoxun.data / "portal").glob("accounts.db*"):
            path.unlink()
        self.assertIn("accounts.db is damaged: it is missing", self.repair(status=1))
        self.repair("--drop", status=0)
        self.chaoxun.options.append("--new-password")
        self.starts_again()

    def test_it_needs_everything_stopped(self):
        self.stopped()
        self.chaoxun.start()
        self.assertIn("in use by chaoxun (process", self.repair("--drop", status=1))
        self.assertEqual(self.chaoxun.command("verify", "--drop").returncode, 2)
        self.assertEqual(self.chaoxun.command("status").returncode, 0)

    def test_the_first_start_is_not_made_again(self):
        self.stopped()
        token = self.chaoxun.token
        (self.chaoxun.data / "first-start").unlink()
        refused = self.chaoxun.command("up", "--port", "0")
        self.assertIn("first-start is damaged: it is missing", refused.stderr)
        self.assertEqual(self.chaoxun.token, token)
        self.chaoxun.process = None


if __name__ == "__main__":
    unittest.main(warnings="ignore")
