#!/usr/bin/python3
"""Whatever is changed behind the notifier's back, in any column of any table of notifier.db, its verification names it."""
import pathlib
import sqlite3
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from notifier_process import Case, house, row_checksum

# A row for each table that the house below does not fill, in the order of its columns, without the checksum.
ROWS = {
    "notice_texts": (1, "sms", "高温", "停止"),
    "clients": ("app", "k" * 40, "haining", "squad"),
    "rules": ("returned", b"\1" * 16, b"head", b"side"),
    "silences": ("s-1", b"\2" * 16, "haining", "", "", 1, 2, 0, "office", "检修"),
    "incidents": (b"\3" * 16, "returned", 1, "haining", "x", "y", 1, 0, 0, 0, 2, 1),
    "alerts": (b"\4" * 16, b"\3" * 16),
    "readings": (b"\5" * 16, "haining", "P-1", "user:x", 1, 0, 0, 0, b"\0" * 16, ""),
    "messages": (b"\6" * 16, "13800138000", "P-1", 2**41, 0, b"", "收到"),
    "looked": ("returned", 1, 2**41),
    "rule_versions": ("returned", 1, b"\2" * 16, b"head", b"side"),
    "groups": (1, "P-1", "sms", 2**41, "returned", 2**41, 60000, b"\0" * 16),
    "flushes": ("P-1", "sms", "returned", 2**41),
    "office_settings": ("quiet-hours", "22:00-07:00"),
    "codes": ("P-1", b"\5" * 16, 4821, b"\5" * 16, b"\6" * 16, "haining", 2**41, 0),
    "handles": ("aliyun 1", b"\6" * 16, 1, 2**41),
}
TELLING = (1, 0, "sms", 1, 0, b"\7" * 16, b"\x80")  # of a number that was told long ago


def changed(value):
    """Another value of the same kind."""
    if value is None:
        return 5
    if isinstance(value, int):
        return value + 1000 if value else 1
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 0xFF]) if value else b"z"
    return value[:-1] + ("y" if value.endswith("z") else "z")


class Verification(Case):
    def setUp(self):
        super().setUp()
        self.running = self.notifier(recipient_day=50)
        self.operator.store(house())
        notice = self.running.issue(["haining"])
        self.running.wait_states(notice, {"accepted": 3})
        self.settle()
        self.database = sqlite3.connect(self.running.database, timeout=20, isolation_level=None)
        self.addCleanup(self.database.close)
        self.database.create_function("row_checksum", -1, row_checksum, deterministic=True)

    def settle(self):
        """Until all is told and what was told has come back: then the notifier changes no row by itself."""
        def settled():
            untold, = self.running.rows("SELECT count(*) FROM tellings")[0]
            place, = self.running.rows("SELECT seq FROM place")[0]
            return untold == 0 and place == self.intake.heads()[-1]["seq"]
        harness.until(settled, harness.PATIENCE, "the notifier's last event")

    def fault(self):
        return self.running.verify().get("first_fault", "")

    def columns(self, table):
        return [name for _, name, *_ in self.database.execute(f"PRAGMA table_info({table})")]

    def fill(self):
        for table, row in ROWS.items():
            names = [name for name in self.columns(table) if name != "checksum"]
            marks = ", ".join("?" * len(row))
            self.database.execute(f"INSERT INTO {table} ({', '.join(names)}, checksum) VALUES ({marks}, ?)",
                                  (*row, row_checksum(*row)))
        self.database.execute("INSERT INTO tellings (number, row, channel, attempt, sending, id, event, checksum)"
                              " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*TELLING, row_checksum(*TELLING)))

    def test_every_column_of_every_table(self):
        self.fill()
        self.assertEqual(self.fault(), "")
        tables = [name for name, in self.database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"
                                                          " AND name NOT LIKE 'sqlite_%'")]
        missed = []
        for table in tables:
            names = self.columns(table)
            row = self.database.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
            self.assertIsNotNone(row, f"no row of {table} to change")
            for name, value in zip(names, row):
                if table in ("place", "generation") and name == "one":
                    continue  # a constraint holds it
                missed += self.change(table, names, row, name, value)
        self.assertEqual(missed, [])
        self.assertEqual(self.fault(), "")

    def change(self, table, names, row, name, value):
        """[table.column] when nobody noticed."""
        self.database.execute("BEGIN IMMEDIATE")
        self.database.execute(f"DELETE FROM {table} WHERE " + " AND ".join(f"{one} IS ?" for one in names), row)
        other = tuple(changed(value) if one == name else own for one, own in zip(names, row))
        marks = ", ".join("?" * len(names))
        self.database.execute(f"INSERT INTO {table} VALUES ({marks})", other)
        self.database.execute("COMMIT")
        noticed = self.fault()
        self.database.execute("BEGIN IMMEDIATE")
        self.database.execute(f"DELETE FROM {table} WHERE " + " AND ".join(f"{one} IS ?" for one in names), other)
        self.database.execute(f"INSERT INTO {table} VALUES ({marks})", row)
        self.database.execute("COMMIT")
        return [] if noticed else [f"{table}.{name}"]


if __name__ == "__main__":
    unittest.main(warnings="ignore")
