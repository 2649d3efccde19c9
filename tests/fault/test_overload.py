#!/usr/bin/python3
"""Many times what the machine can take: memory stays within a setting, clients are told to come again and when, and a
moment after it is over an ordinary client is served as before.

The load is `chaoxun bench` with so much in flight that most of it waits. The control is the same load on an intake whose
settings bound nothing: the same measure sees it. (60 s and more by CHAOXUN_SOAK_SECONDS.)
"""
import statistics
import subprocess
import threading
import time
import unittest
import urllib.error

import msgpack

import fault_build

fault_build.use()
import house
import memory
from house import harness
import recount

CLIENTS, IN_FLIGHT, EVENTS = 16, 500, 100
FRAME_BYTES = EVENTS * 540
SECONDS = max(3, house.SOAK_SECONDS)
QUEUE = 16                           # receive-queue
PENDING_BYTES = 16 * house.MEGABYTE  # pending-bytes
JOURNAL_LOG = 16 * house.MEGABYTE    # JOURNAL_LOG_BYTES: records in memory, with their index, and the pages into which they are moved
# What waits of each client, what is pending with its receipts, the log, and what intake takes without them.
BOUND = CLIENTS * QUEUE * FRAME_BYTES + 2 * PENDING_BYTES + 64 * house.MEGABYTE + 3 * JOURNAL_LOG
BOUND_OF_OTHERS = 200 * house.MEGABYTE
TO_SLOW = 20  # times the latency before, or this:
AT_LEAST_SECONDS = 0.1
RECOVERY_SECONDS = 2
CONTROL_TRIES = 5


class Watch(threading.Thread):
    """The most memory that each service had while this ran."""

    def __init__(self, pids):
        super().__init__()
        self.pids = pids
        self.most = dict.fromkeys(pids, 0)
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.05):
            for name, pid in self.pids.items():
                self.most[name] = max(self.most[name], house.resident(pid))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


class Overload(unittest.TestCase):
    def begin(self, **settings):
        self.chaoxun = harness.Instance()
        lines = [f"{name.replace('_', '-')} = {value}\n" for name, value in settings.items()]
        self.chaoxun.settings.write_text("".join(lines) + self.chaoxun.settings.read_text())
        self.enterContext(self.chaoxun)
        self.single = self.chaoxun.socket("submit")
        self.mine = []

    def one(self):
        """One report of an ordinary client, until its receipt; gives the seconds."""
        began = time.monotonic()
        verb, answer = self.chaoxun.ask(self.single, "submit", msgpack.packb(harness.report()))
        if verb == "receipts" and answer["receipts"][0]["status"] == "stored":
            self.mine.append(answer["receipts"][0]["id"])
        else:
            told = answer["receipts"][0] if verb == "receipts" else answer
            self.assertGreater(told["retry_after"], 0, told)
        return time.monotonic() - began

    def bench(self, seconds):
        """Starts the load; what it says at its end is JSON."""
        return subprocess.Popen([harness.COMMAND, "bench", "--json", "--clients", str(CLIENTS), "--in-flight", str(IN_FLIGHT),
                                 "--events-per-frame", str(EVENTS), "--seconds", str(seconds)], env=self.chaoxun.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def portal_refuses(self):
        """True when the portal tells an HTTP client to come again, as it must."""
        report = {"type": "report.submitted", "unit": "haining/xucun", "side": {"title": "河道清理"},
                  "body": {"programmes": ["dog"], "date": "2026-11-23", "attendances": 8}}
        asked = harness.urllib.request.Request(self.chaoxun.url + "/api/v1/events", harness.json.dumps(report).encode(),
                                               {"Content-Type": "application/json",
                                                "Authorization": "Bearer " + self.chaoxun.token})
        try:
            with harness.urllib.request.build_opener(harness.urllib.request.ProxyHandler({})).open(asked, timeout=30):
                return False
        except urllib.error.HTTPError as answer:
            with answer:
                self.assertIn(answer.code, (503, 504))
                if answer.code == 503:
                    self.assertGreater(int(answer.headers["Retry-After"]), 0)
                return answer.code == 503

    def overload(self, seconds=SECONDS):
        """(what the load says, the most memory, whether the portal refused)."""
        refused = False
        with Watch(self.chaoxun.pids()) as watch:
            load = self.bench(seconds)
            while load.poll() is None:
                self.one()
                refused = refused or self.portal_refuses()
            said, fault = load.communicate()
        self.assertEqual(load.returncode, 0, fault)  # nobody met silence or a closed connection
        print({name: f"{most / house.MEGABYTE:.0f} MiB" for name, most in watch.most.items()}, said, flush=True)
        return harness.json.loads(said), watch.most, refused

    def check_journal(self, load):
        """What was acknowledged is there once, and nothing but it and what warmed the load up."""
        self.chaoxun.settle()
        reports = house.reports_of(recount.Journal(self.chaoxun.data))
        self.assertEqual(memory.count_faults(self.mine, reports), [])
        self.assertGreaterEqual(len(reports), load["stored"] + len(self.mine))

    def test_overload(self):
        self.begin(receive_queue=QUEUE, pending_bytes=PENDING_BYTES, stream_queue=4)
        before = statistics.median(self.one() for _ in range(50))
        load, most, _ = self.overload()
        slow = max(TO_SLOW * before, AT_LEAST_SECONDS)
        harness.until(lambda: self.one() <= slow, RECOVERY_SECONDS, f"an answer within {slow:.3f} s")
        self.assertGreater(load["busy"], 0)
        self.assertEqual(load["failed"], 0)
        self.assertLess(most["intake"], BOUND)
        for name in set(most) - {"intake"}:
            self.assertLess(most[name], BOUND_OF_OTHERS, name)
        self.check_journal(load)

    def test_portal_says_when_to_come_again(self):
        self.begin(pending_events=1)
        load, _, refused = self.overload(1)
        self.assertTrue(refused)
        self.assertGreater(load["busy"], 0)

    def test_the_measure_sees_a_queue_without_a_bound(self):
        """The control. How much waits depends on who gets the cores: the load comes again until enough of it has waited."""
        self.begin(receive_queue=1_000_000, pending_bytes=PENDING_BYTES, stream_queue=4)
        seen = 0
        for _ in range(CONTROL_TRIES):
            seen = max(seen, self.overload()[1]["intake"])
            if seen > BOUND:
                return
        self.assertGreater(seen, BOUND)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
