#!/usr/bin/python3
"""A long reader beside heavy writing: what lies beside each database stays within its bound, and writing goes on.

The services' own readers: questions to the record that overlap without end. Then a reader that nobody can end, because it
is another process's: it holds its view while reports come. The journal's log then grows up to its setting, clients are told
to come again, and all goes on when the reader has gone. The control gives the log more room: the same measure sees it.
"""
import sqlite3
import threading
import unittest

import fault_build

fault_build.use()
import house
from house import harness

SIDE_BYTES = 4000
VOLUME = max(4000, 1000 * house.SOAK_SECONDS)  # reports: 16 MB and more
LIMIT = 6 * house.MEGABYTE                      # wal-bytes
SLACK = 3 * house.MEGABYTE                      # the last transaction, and the index of the log
RECORD_BOUND = 100 * house.MEGABYTE             # its log is written back from 32 MB on, and begun anew from 64 MB on
DATABASE_BOUND = 272 * house.MEGABYTE           # a database's own limit beside a view that is held, and a transaction


class LongReader(unittest.TestCase):
    def begin(self, **settings):
        self.here = self.enterContext(house.House(settings))
        self.load = self.enterContext(house.Load(self.here.connect, side_bytes=SIDE_BYTES))
        self.load.wait(100)
        self.here.wait_folded()
        self.before = {name: self.beside(name) for name in ("intake", *self.here.consumers)}

    def beside(self, service):
        """Bytes of a state directory beside its databases."""
        return sum(path.stat().st_size for path in (self.here.intake.folder / service).iterdir() if path.suffix != ".db")

    def grown(self, service):
        return self.beside(service) - self.before[service]

    def hold(self, service, name):
        """A view of a database that is not given up until close()."""
        path = self.here.intake.folder / service / f"{name}.db"
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return reader

    def finish(self):
        self.load.stop()
        self.here.check(self.load.acknowledged)

    def test_the_journal(self):
        self.begin(wal_bytes=LIMIT)
        reader = self.hold("intake", "journal")
        harness.until(lambda: self.load.busy or self.press(), 60, "busy")
        self.assertLess(self.grown("intake"), LIMIT + SLACK)
        reader.close()
        self.load.wait(VOLUME)
        self.assertLess(self.grown("intake"), LIMIT + SLACK)
        self.finish()

    def press(self):
        """As fast as the client can from now on; no waiting for receipts, which may not come."""
        self.load.wanted = len(self.load.acknowledged) + VOLUME

    def test_the_measure_sees_a_long_log(self):
        """The control: the same with more room."""
        self.begin()
        self.hold("intake", "journal")
        self.load.wait(VOLUME)
        self.assertGreater(self.grown("intake"), LIMIT + SLACK)
        self.assertEqual(self.load.busy, 0)
        self.finish()

    def ask_without_end(self, over):
        door = self.here.archiver.open("record")
        while not over.is_set():
            verb, answer = door.ask("reports", house.packed(side=True, text="河道", limit=200))
            assert verb == "reports" or answer["code"] == "busy", answer
        door.socket.close()

    def test_the_record(self):
        """Questions that overlap, and a view that is held, of the record and of the outbox."""
        self.begin()
        self.hold("notifier", "notifier")
        over = threading.Event()
        askers = [threading.Thread(target=self.ask_without_end, args=(over,)) for _ in range(3)]
        for asker in askers:
            asker.start()
        try:
            self.load.wait(VOLUME)
            self.here.wait_folded()
            self.assertLess(self.grown("archiver"), RECORD_BOUND)
            self.hold("archiver", "archiver")
            self.load.wait(VOLUME // 2)
            self.here.wait_folded()
        finally:
            over.set()
            for asker in askers:
                asker.join()
        print({name: f"{self.grown(name) / house.MEGABYTE:.1f} MiB" for name in self.before}, flush=True)
        for name in self.before:
            self.assertLess(self.grown(name), DATABASE_BOUND, name)
        self.finish()


if __name__ == "__main__":
    unittest.main(warnings="ignore")
