#!/usr/bin/python3
"""The network between the services goes, without a word to anybody: heartbeats find it, clients are told in clear words,
and when it is back everything catches up without a restart, each report once.

The services stand in network namespaces of their own, as docker-compose.yml connects them. The control is a reader of the
stream without heartbeats: in the same cut it stays deaf.
"""
import threading
import unittest
import urllib.request

import fault_build

fault_build.use()
import house
import network
from house import harness

CUT_SECONDS = max(9, house.SOAK_SECONDS / 2)  # longer than a heartbeat's time-out (6 s)
CALL_MS = 2500
WORDS = {"unavailable", "timed-out", "busy", "behind"}


class Partition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.net = cls.enterClassContext(network.Network(CHAOXUN_CALL_MS=str(CALL_MS), CHAOXUN_AT_LEAST_MS="2000"))
        cls.acknowledged = []

    def setUp(self):
        self.load = self.enterContext(house.Load(self.net.door, reports=5, patience_ms=3000))
        self.load.wait(50)
        self.began = {name: process.pid for name, process in self.net.processes.items()}

    def told(self, path, document=None):
        """The code of a refusal at the portal, which must come in time and in words."""
        status, answer = self.net.http("POST" if document else "GET", path, document, seconds=3 * CALL_MS / 1000)
        self.assertIn(status, (503, 504), answer)
        self.assertTrue(answer["title"] and answer["detail"], answer)
        self.assertIn(answer["code"], WORDS)
        return answer["code"]

    def finish(self):
        """The network is back: all catches up, and agrees; nobody had to be started again."""
        self.net.mend()
        self.load.wait(50)
        harness.until(self.net.is_ready, 30, "readiness")
        self.load.stop()
        self.acknowledged += self.load.acknowledged
        self.net.settle()
        faults = house.faults(self.net.data, self.acknowledged, self.totals)
        self.assertEqual(faults[:5], [])
        self.assertTrue(self.net.alive())

    def totals(self, position):
        status, answer = self.net.http("GET", f"/api/v1/totals?by={','.join(house.BY)}&at_least={position}")
        self.assertEqual(status, 200, answer)
        self.assertEqual(self.net.http("GET", f"/api/v1/reports?limit=1&at_least={position}")[0], 200)
        return answer["rows"]

    def position(self, service):
        return int(self.net.status(service)["position"].split(".")[2])

    def test_consumers_are_cut_off(self):
        """Both ways, and one way only: half-open."""
        reader = self.net.door("STREAM")
        self.assertEqual(reader.ask("open", house.packed(position="", credit=1024))[0], "opened")
        self.net.cut("intake", "aggregator")
        self.net.cut("intake", "archiver", both=False)
        self.net.cut("notifier", "intake", both=False)
        before = self.position("aggregator")
        self.load.wait(100)  # the clients go on
        house.bounded_wait(CUT_SECONDS)
        self.load.wait(100)
        head = self.net.door().ask("head", harness.NIL)[1]["position"]
        self.assertLess(self.position("aggregator"), before + 100)  # it is cut off indeed
        self.assertEqual(self.told(f"/api/v1/totals?at_least={head}"), "behind")
        self.assertEqual(self.told(f"/api/v1/reports?at_least={head}"), "behind")
        self.finish()
        for name in ("aggregator", "archiver", "notifier"):
            self.assertIn("stream lost", self.net.log(name))

    def test_intake_is_unplugged(self):
        listener = Listener(self.net)
        deaf = self.deaf_reader()
        self.net.unplug("intake")
        self.net.cut("aggregator", "portal", both=False)  # half-open: the live totals hear nothing more
        house.bounded_wait(CUT_SECONDS)
        report = {"type": "report.submitted", "unit": "haining/xucun", "side": {"title": "河道清理"},
                  "body": {"programmes": ["dog"], "date": "2026-11-23", "attendances": 8}}
        self.told("/api/v1/events", report)
        self.told("/api/v1/totals?by=squad")
        self.finish()
        self.assertGreater(self.load.silences, 0)  # the client was cut off too, and sent again
        harness.until(lambda: listener.position >= self.newest(), 30, "the newest position at a live stream")
        self.assertLess(self.last_read(deaf), self.newest(), "a reader without heartbeats heard all: was there a cut?")

    def newest(self):
        return int(self.net.door().ask("head", harness.NIL)[1]["position"].split(".")[2])

    def deaf_reader(self):
        """The control: opens the stream at its head, and looks for no sign of life."""
        reader = self.net.door("STREAM")
        head = self.net.door().ask("head", harness.NIL)[1]["position"]
        self.assertEqual(reader.ask("open", house.packed(position=head, credit=1024))[0], "opened")
        self.load.wait(20)
        self.assertEqual(reader.receive()[1], "block")
        return reader

    def last_read(self, reader):
        """The seq of the last event that came, when nothing comes any more."""
        last = 0
        while answer := reader.receive(wait_ms=500):
            last = answer[2]["first"] + answer[2]["count"] - 1
        return last


class Listener(threading.Thread):
    """A live stream of the portal: `position` is the highest seq that it told."""

    def __init__(self, net):
        super().__init__(daemon=True)
        self.position = 0
        token = (net.data / "token").read_text().strip()
        asked = urllib.request.Request(f"http://{net.addresses['portal']}:8080/api/v1/live",
                                       headers={"Authorization": f"Bearer {token}"})
        self.answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=120)
        self.start()

    def run(self):
        for line in self.answer:
            if line.startswith(b"id: "):
                self.position = int(line.split(b".")[2])


if __name__ == "__main__":
    network.enter()
    unittest.main(warnings="ignore")
