#!/usr/bin/python3
"""5,000 clients at once: they connect, hand in a report each, are killed, and come again with the same reports.

Intake and aggregator stay within a bound, every report is there once, and an ordinary client gets its receipts meanwhile,
within the time it waits for any. The portal takes as many connections as its settings say, and tells the others so.
"""
import collections
import contextlib
import os
import selectors
import socket
import subprocess
import sys
import threading
import unittest

import fault_build

fault_build.use()
import house
import storm
from house import harness
import recount

CLIENTS = 5000
ROUNDS = 1 + house.SOAK_SECONDS // 60
BYTES_PER_CLIENT = 128 * 1024
WAIT_SECONDS = 120
STREAMS = 200  # live-streams
PORTAL_BOUND = 64 * house.MEGABYTE


class Crowd:
    """A process of clients; killed at the end of the with statement."""

    def __init__(self, kind, endpoint, server, pair, seed):
        words = [kind, endpoint, server.decode(), pair[0].decode(), pair[1].decode(), str(CLIENTS), str(seed)]
        self.process = subprocess.Popen([sys.executable, storm.__file__, *words], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True, env=os.environ)
        self.reached = 0
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.reached = int(line.split()[1])

    def wait(self, count):
        harness.until(lambda: self.reached >= count or self.process.poll() is not None, WAIT_SECONDS, f"{count} clients")
        assert self.process.poll() is None, "the clients ended"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()


class Storm(unittest.TestCase):
    def setUp(self):
        self.here = house.House()
        self.here.intake.submit_endpoint = f"tcp://127.0.0.1:{harness.free_ports(1)[0]}"
        self.enterContext(self.here)
        self.pair = self.here.intake.register("crowd", "haining/xiashi", "squad")

    def metric(self, name):
        text = self.here.intake.control().ask("status", harness.NIL)[1]["metrics"]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + "{"))

    def crowd(self, kind, service, endpoint, seed):
        return Crowd(kind, endpoint, self.here.intake.pairs[service][0], self.pair, seed)

    def test_clients_come_go_and_come_again(self):
        intake = self.here.intake
        before = intake.memory()
        with house.Load(self.here.connect) as load:
            for turn in range(ROUNDS):
                seed = f"{house.SEED} {turn}"
                with self.crowd("submit", "intake", intake.submit_endpoint, seed) as crowd:
                    crowd.wait(CLIENTS // 2)
                    load.wait(100)
                    # killed in the middle of it
                with self.crowd("submit", "intake", intake.submit_endpoint, seed) as crowd:
                    load.wait(100)
                    crowd.wait(CLIENTS)
                    grown = intake.memory() - before
                    load.wait(100)
                self.assertLess(grown, CLIENTS * BYTES_PER_CLIENT)
            load.stop()
        print(f"{CLIENTS} clients: intake grew by {grown / house.MEGABYTE:.0f} MiB", flush=True)
        self.assertEqual(load.silences, 0)
        # The control: they did come with the same reports again.
        self.assertGreaterEqual(self.metric("chaoxun_events_duplicate_total"), ROUNDS * CLIENTS // 2)
        ids = [storm.identity(f"{house.SEED} {turn}", number) for turn in range(ROUNDS) for number in range(CLIENTS)]
        self.here.check(load.acknowledged + ids)
        reports = sum(event["type"] == "report.submitted" for event in recount.Journal(intake.folder).events)
        self.assertEqual(reports, len(load.acknowledged) + len(ids))

    def test_listeners_come_go_and_come_again(self):
        aggregator = self.here.aggregator
        before = house.resident(aggregator.process.pid)
        with house.Load(self.here.connect) as load:
            for _ in range(1 + ROUNDS):
                with self.crowd("live", "aggregator", aggregator.live_endpoint, 0) as crowd:
                    load.wait(100)
                    crowd.wait(CLIENTS)
                    grown = house.resident(aggregator.process.pid) - before
                self.assertLess(grown, CLIENTS * BYTES_PER_CLIENT)
            load.stop()
        print(f"{CLIENTS} listeners: the aggregator grew by {grown / house.MEGABYTE:.0f} MiB", flush=True)
        self.assertEqual(load.silences, 0)
        self.here.check(load.acknowledged)


class Portal(unittest.TestCase):
    """As many connections at once as the crowd, each for a live stream."""

    def setUp(self):
        self.chaoxun = self.enterContext(harness.Instance())
        self.sockets = []
        self.addCleanup(lambda: [one.close() for one in self.sockets])

    def connect_all(self):
        """Opens all connections and asks; gives what each was told first, None where it was closed without a word."""
        host, port = "127.0.0.1", int((self.chaoxun.data / "portal/port").read_text())
        asked = (f"GET /api/v1/live HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {self.chaoxun.token}\r\n\r\n").encode()
        poll = selectors.DefaultSelector()
        told = {}
        for _ in range(CLIENTS):
            one = socket.create_connection((host, port), timeout=30)
            self.sockets.append(one)
            with contextlib.suppress(OSError):
                one.sendall(asked)
            one.setblocking(False)
            poll.register(one, selectors.EVENT_READ)
        while len(told) < CLIENTS and (ready := poll.select(10)):
            for key, _ in ready:
                poll.unregister(key.fileobj)
                try:
                    told[key.fileobj] = key.fileobj.recv(2000).decode(errors="replace") or None
                except OSError:
                    told[key.fileobj] = None
        return list(told.values())

    def test_connections_beyond_the_limit(self):
        portal = self.chaoxun.pids()["portal"]
        before = house.resident(portal)
        told = self.connect_all()
        self.assertNotIn(None, told)  # nobody met a closed door without a word
        self.assertEqual(len(told), CLIENTS)
        lines = collections.Counter(one.split("\r\n", 1)[0] for one in told)
        print(dict(lines), f"{(house.resident(portal) - before) / house.MEGABYTE:.0f} MiB", flush=True)
        self.assertEqual(lines, {"HTTP/1.1 200 OK": STREAMS, "HTTP/1.1 503 Service Unavailable": CLIENTS - STREAMS})
        for one in told:
            self.assertTrue(" 200 OK" in one or "Retry-After: 5" in one and '"code":"busy"' in one, one)
        self.assertLess(house.resident(portal) - before, PORTAL_BOUND)
        for one in self.sockets:
            one.close()
        harness.until(lambda: self.chaoxun.http("GET", "/healthz")[0] == 200, 30, "an ordinary request")

    def test_more_streams_where_more_are_allowed(self):
        """The control: it is the setting that refuses."""
        self.chaoxun.stop()
        self.chaoxun.settings.write_text("live-streams = 300\n" + self.chaoxun.settings.read_text())
        self.chaoxun.start()
        self.assertEqual(sum(" 200 OK" in (one or "") for one in self.connect_all()), 300)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
