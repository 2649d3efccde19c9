#!/usr/bin/python3
"""A digest tells what stands when it goes: what is over since the rule looked, or was answered, is left out; when nobody can say
whether it stands, it goes as it is. Real processes and a clock that the test puts forward."""
import datetime
import os
import pathlib
import signal
import tempfile
import unittest
import uuid

import day_clock
import harness
import notice_scene

OFFICE = "13800138001"
BEGIN = datetime.datetime.now(datetime.timezone.utc).replace(hour=1, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
SILENT = {"rule": "silent", "version": 1, "name": "多日未报", "kind": "silence", "days": 3, "time": 600, "channels": ["sms"],
          "recipients": [{"of": "brigade", "post": "office"}], "digest": ["17:00"]}
TEXTS = {"templates": [{"title": "多日未报", "text": "{单位}没有上报"}]}


class Digest(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="cx-")))
        self.clock = day_clock.Clock(folder / "clock")
        self.go_to(9)
        self.scene = self.enterContext(notice_scene.Scene(CHAOXUN_QUIET_HOURS="off", **self.clock.environment))
        self.chaoxun = self.scene.chaoxun
        self.scene.set_contact("P-1", "haining", "office", name="沈佳", phone=OFFICE)
        self.store("rule.set", "haining", SILENT, TEXTS)
        self.go_to(10, 1)
        self.squads = {unit["unit"]: unit["name"] for unit in self.chaoxun.http("GET", "/api/v1/units")[1]["units"]}
        self.alerts = harness.until(self.all_alerts, 30, "an alert of each squad")

    def go_to(self, hour, minute=0):
        """A time of day in China."""
        self.clock.at(BEGIN + datetime.timedelta(hours=hour - 9, minutes=minute))

    def store(self, kind, unit, body, side=None):
        at = int((BEGIN + datetime.timedelta(hours=1)).timestamp() * 1000)
        receipt = self.chaoxun.submit(harness.event(kind, unit, body, side, at=at))[0]
        self.assertEqual(receipt["status"], "stored", receipt)
        self.chaoxun.http("GET", f"/api/v1/notices?at_least={receipt['position']}")

    def all_alerts(self):
        rows = self.chaoxun.http("GET", "/api/v1/notices?limit=500")[1]["rows"]
        alerts = {row["unit"]: row["id"] for row in rows if row.get("rule") == "silent"}
        return alerts if set(alerts) == set(self.squads) else None

    def row_of(self, unit):
        return self.chaoxun.http("GET", f"/api/v1/notices/{self.alerts[unit]}")[1]["rows"][0]

    def digest(self):
        asked = harness.until(lambda: [one["text"] for one in self.scene.gateway.asked if one["to"] == OFFICE], 40, "the digest")
        self.assertEqual(len(asked), 1, asked)
        return asked[0]

    def test_what_is_over_or_answered_is_left_out(self):
        self.go_to(12)
        self.store("report.submitted", "haining/xucun", {"programmes": ["dog"], "date": f"{BEGIN:%Y-%m-%d}", "attendances": 20},
                   {"title": "文明养犬"})
        self.store("notice.confirmed", "haining", {"notice": uuid.UUID(self.alerts["haining/xiashi"]).bytes})
        self.go_to(17, 1)
        text = self.digest()
        self.assertIn(f"共{len(self.squads) - 2}条", text)
        left_out = {self.squads[unit] for unit in ("haining/xucun", "haining/xiashi")}
        self.assertEqual({name for name in self.squads.values() if name not in text}, left_out)
        harness.until(lambda: self.row_of("haining/xucun")["state"] == "cancelled", 20, "the end of what is over")
        harness.until(lambda: "已经有人答复" in self.row_of("haining/xiashi").get("words", ""), 20, "why it is left out")
        self.assertEqual(self.row_of("haining/xiashi")["state"], "superseded")

    def test_who_cannot_be_asked_holds_nothing_back(self):
        aggregator = self.chaoxun.pids()["aggregator"]
        os.kill(aggregator, signal.SIGSTOP)
        self.addCleanup(os.kill, aggregator, signal.SIGCONT)
        self.go_to(17, 1)
        self.assertIn(f"共{len(self.squads)}条", self.digest())


if __name__ == "__main__":
    unittest.main(verbosity=2)
