#!/usr/bin/python3
"""Consumers that stand still, give no credit, or do not fit the journal: nobody else notices, and each is told why.

A consumer that is stopped (SIGSTOP) under load costs intake no memory and holds up nobody; it catches up when it goes on,
and answers meanwhile. The control is a client that gives all the credit there is and reads nothing: the same measure sees
what that costs. A consumer that stands beyond the journal, or in another one, is told so and ends, and what it holds is
left as it is.
"""
import contextlib
import hashlib
import pathlib
import shutil
import signal
import sqlite3
import unittest

import fault_build

fault_build.use()
import house
from house import harness

SIDE_BYTES = 4000
VOLUME = 12000               # reports: 48 MB, which come while a consumer stands
BOUND = 32 * house.MEGABYTE  # by which intake may grow meanwhile: half of it is the journal's log, whoever follows
EX_DATAERR = 65


def dump(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
        return "\n".join(connection.iterdump()).encode()


class Stopped(unittest.TestCase):
    def setUp(self):
        self.here = self.enterContext(house.House())
        self.load = self.enterContext(house.Load(self.here.connect, side_bytes=SIDE_BYTES))
        self.load.wait(VOLUME)  # what intake needs for this load at all
        self.here.wait_folded()

    def growth(self, meanwhile=lambda: None):
        """By how much intake grows while much is handed in."""
        before = self.here.intake.memory()
        self.load.wait(VOLUME)
        meanwhile()
        grown = self.here.intake.memory() - before
        print(f"{self.id().rsplit('.', 1)[1]}: intake grew by {grown / house.MEGABYTE:.1f} MiB", flush=True)
        return grown

    def answers_while_behind(self, consumer):
        """How often it answers before it has caught up."""
        wanted = int(self.here.head().split(".")[2])
        answers = 0
        while int(consumer.status()["position"].split(".")[2]) < wanted:
            answers += 1
        return answers

    def stand_still(self, name, seconds=0):
        consumer = self.here.consumers[name]
        others = [other for other in self.here.consumers if other != name]

        def meanwhile():
            house.bounded_wait(seconds)
            self.load.wait(100)
            self.here.wait_folded(others)
        consumer.process.send_signal(signal.SIGSTOP)
        try:
            self.assertLess(self.growth(meanwhile), BOUND)
        finally:
            consumer.process.send_signal(signal.SIGCONT)
        answers = self.answers_while_behind(consumer)
        self.here.wait_folded()
        self.load.stop()
        self.here.check(self.load.acknowledged)
        return answers

    def test_aggregator(self):
        self.stand_still("aggregator", house.SOAK_SECONDS / 3)

    def test_archiver(self):
        self.assertGreater(self.stand_still("archiver", house.SOAK_SECONDS / 3), 3)  # folding takes it some time

    def test_notifier_until_heartbeats_miss_it(self):
        # Longer than a heartbeat's time-out (6 s); in the long form until intake drops its row (60 s).
        self.stand_still("notifier", max(8, house.SOAK_SECONDS / 3))


class Reader(unittest.TestCase):
    """A client of the stream that does not do as it should."""

    growth = Stopped.growth

    def begin(self, **settings):
        self.here = self.enterContext(house.House(settings))
        self.load = self.enterContext(house.Load(self.here.connect, side_bytes=SIDE_BYTES))
        self.load.wait(VOLUME)

    def open(self, pair, **opening):
        """(door, (verb, answer))."""
        intake = self.here.intake
        door = house.intake_process.Door(intake.context, f"ipc://{intake.folder}/run/stream.ipc", intake.pairs["intake"][0],
                                         pair)
        self.addCleanup(door.socket.close)
        door.socket.rcvhwm = 1
        return door, door.ask("open", house.packed(**{"position": "", "credit": 1} | opening))

    def test_one_that_gives_no_credit_gets_nothing_more(self):
        self.begin()
        door, (verb, _) = self.open(self.here.intake.register("reader", "haining", "office"))
        self.assertEqual(verb, "opened")
        self.assertEqual(door.receive()[1], "block")
        self.assertLess(self.growth(), BOUND)
        self.assertIsNone(door.receive(wait_ms=0))

    def unread(self, **settings):
        """What a client costs that gives all the credit there is, and reads nothing."""
        self.begin(**settings)
        self.open(self.here.intake.pairs["operator"], credit=1024, side=True)
        return self.growth()

    def test_one_that_does_not_read(self):
        self.assertLess(self.unread(), BOUND)

    def test_the_measure_sees_what_waits(self):
        """The control: the same with room for a thousand blocks."""
        self.assertGreater(self.unread(stream_queue=1024), BOUND)

    def test_positions_that_do_not_fit(self):
        self.here = self.enterContext(house.House())
        journal, epoch, seq, digest = self.here.head().split(".")
        beyond = f"{journal}.{epoch}.{int(seq) + 1}.{digest}"
        cases = {beyond: "ahead", f"{journal}.{epoch}.{seq}.{int(digest, 16) ^ 1:016x}": "hash-differs",
                 f"{journal}.{int(epoch) + 1}.{seq}.{digest}": "other-journal",
                 f"{int(journal, 16) ^ 1:016x}.{epoch}.{seq}.{digest}": "other-journal", "nonsense": "bad-position"}
        for position, code in cases.items():
            with self.subTest(position):
                _, (verb, answer) = self.open(self.here.intake.pairs["archiver"], position=position, side=True)
                self.assertEqual((verb, answer["code"]), ("error", code))
                self.assertTrue(answer["text"] and answer["text_zh"])
        self.assertEqual(self.open(self.here.intake.pairs["archiver"], position=self.here.head())[1][0], "opened")


class Replaced(unittest.TestCase):
    """The journal under the consumers becomes another one."""

    def setUp(self):
        self.here = self.enterContext(house.House())
        self.journal = self.here.intake.folder / "intake"
        self.backup = self.here.intake.folder / "backup"
        self.whole = self.here.intake.folder / "whole"
        self.reports = self.store(3)
        self.here.intake.stop()
        shutil.copytree(self.journal, self.backup)
        self.here.intake.start()
        self.reports += self.store(5)
        head = int(self.here.wait_folded().split(".")[2])
        # What it has not saved it does not remember: it would rightly go on with a journal that ends there.
        harness.until(lambda: self.here.aggregator.saved_seq() == head, what="the aggregator's state on the disk")

    def store(self, count):
        """Reports, each a block of its own."""
        reports = [harness.report(attendances=number) for number in range(count)]
        for report in reports:
            self.here.operator.store([report])
        return [report["id"] for report in reports]

    def replace(self, by=None):
        """Another journal, or none, in the place of the one that is there; the running consumers meet it."""
        self.here.intake.stop()
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.whole)
        self.journal.rename(self.whole)
        if by:
            shutil.copytree(by, self.journal)
        self.here.intake.start()

    def states(self):
        """A digest of what each consumer holds; of the outbox its rows, for it is written back when it is opened."""
        paths = {name: self.here.intake.folder / name / f"{name}.db" for name in self.here.consumers}
        return {name: hashlib.sha256(dump(path) if name == "notifier" else path.read_bytes()).hexdigest()
                for name, path in paths.items()}

    def assert_end(self, words):
        """Each consumer ends, says why, and ends again when it is started."""
        for name, consumer in self.here.consumers.items():
            self.assertEqual(consumer.process.wait(30), EX_DATAERR, name)
            self.assertIn(words, consumer.log.read_text())
        before = self.states()
        for name, consumer in self.here.consumers.items():
            told = len(consumer.log.read_text())
            consumer.start(wait=False)
            self.assertEqual(consumer.process.wait(30), EX_DATAERR, name)
            self.assertIn(words, consumer.log.read_text()[told:])
        self.assertEqual(self.states(), before)

    def put_back(self):
        """The journal that they followed: everything goes on, and agrees."""
        self.here.intake.stop()
        shutil.rmtree(self.journal)
        self.whole.rename(self.journal)
        self.here.intake.start()
        for consumer in self.here.consumers.values():
            consumer.start()
        self.reports += self.store(2)
        self.here.check(self.reports)

    def test_a_shorter_one(self):
        self.replace(self.backup)
        self.assert_end("is ahead of the journal")
        self.put_back()

    def test_another_one(self):
        self.replace()
        self.store_house()
        self.assert_end("of another journal")
        self.put_back()

    def store_house(self):
        self.here.operator.store(house.house())

    def test_one_that_went_on_differently(self):
        for consumer in self.here.consumers.values():
            self.assertEqual(consumer.stop(), 0)
        self.replace(self.backup)
        self.store(8)
        for consumer in self.here.consumers.values():
            consumer.start(wait=False)
        self.assert_end("hash")
        self.put_back()


if __name__ == "__main__":
    unittest.main(warnings="ignore")
