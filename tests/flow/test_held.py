#!/usr/bin/python3
"""What is asked while a service behind the portal starts, or starts again, is answered as soon as it is there.

The services are stopped (SIGSTOP) before the portal starts, or killed while the supervisor is stopped, so that what is
asked meanwhile is asked in vain for sure; then they are let go. Nobody sees a 503; an event is stored once; what its client
no longer waits for is dropped. Beyond the bound the answer is `busy`, with the time to ask again.
"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import threading
import unittest
import urllib.parse

import harness

CALL_MS = 120_000  # half of it is how long the portal holds what it cannot send
SECONDS = CALL_MS / 1000
# What each service is asked through the portal. Of whom asks, intake must know, so that it is asked each time.
QUESTIONS = {"intake": "/api/v1/session", "aggregator": "/api/v1/totals?by=squad", "archiver": "/api/v1/reports?limit=1",
             "notifier": "/api/v1/notices"}


class Scene(unittest.TestCase):
    call_ms = CALL_MS

    @classmethod
    def setUpClass(cls):
        cls.chaoxun = cls.enterClassContext(harness.Instance(environment={"CHAOXUN_CALL_MS": str(cls.call_ms)}))

    def readyz(self):
        """(status, why by part that is not ready); None while nobody listens."""
        try:
            status, answer = self.chaoxun.http("GET", "/readyz", token=False)
        except OSError:
            return None, {}
        return status, {part["name"]: part["reason"] for part in answer["parts"] if not part["ready"]}

    def wait_green(self):
        harness.until(lambda: self.readyz()[0] == 200, 60, "readiness")

    def wait_cut(self, service):
        """Until the portal has noticed that the service is not connected."""
        harness.until(lambda: "try again in" in self.readyz()[1].get(service, ""), 60, f"the portal to miss {service}")

    @contextlib.contextmanager
    def unconnected(self, service):
        """The portal starts while the service lives, but does nothing: no connection comes about."""
        with harness.stopped(self.chaoxun.pids()[service]):
            old = self.chaoxun.kill("portal")
            harness.until(lambda: self.chaoxun.pids().get("portal", old) != old, 60, "another portal")
            self.wait_cut(service)
            yield

    @contextlib.contextmanager
    def away(self, service):
        """The service is dead, and nobody starts it again."""
        with harness.stopped(self.chaoxun.process.pid):
            self.chaoxun.kill(service)
            self.wait_cut(service)
            yield

    def ask(self, path):
        return self.chaoxun.http("GET", path, seconds=SECONDS)

    def submit(self, event):
        return self.chaoxun.http("POST", "/api/v1/events", document=event | {"id": event["id"].hex()}, seconds=SECONDS)

    def begin(self, method, path, document=None):
        """A request that is on its way; its answer is not waited for."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.chaoxun.url).netloc, timeout=SECONDS)
        self.addCleanup(connection.close)
        body = json.dumps(document).encode() if document else None
        connection.request(method, path, body, {"Authorization": "Bearer " + self.chaoxun.token,
                                                "Content-Type": "application/json"})
        return connection


class Ready(unittest.TestCase):
    def setUp(self):
        self.chaoxun = harness.Instance()
        self.addCleanup(self.chaoxun.close)

    def wait_status(self, service):
        door = self.chaoxun.socket(f"control.{service}", server=service)
        harness.until(lambda: self.chaoxun.ask(door, "status", seconds=60)[1]["ready"], 60, f"readiness of {service}")

    def test_it_is_said_when_the_portal_has_reached_everything(self):
        """The notifier is ready, and then does nothing; the portal is ready after that, as it says, but cannot ask it."""
        self.chaoxun.start(wait=False)
        with harness.stopped(harness.until(lambda: self.chaoxun.pids().get("portal"), 60, "the portal")):
            self.wait_status("notifier")
            self.chaoxun.command("status")  # asks all, as `up` does; now `up` waits for the portal alone
            notifier = self.chaoxun.pids()["notifier"]
            os.kill(notifier, signal.SIGSTOP)
        self.addCleanup(os.kill, notifier, signal.SIGCONT)
        self.wait_status("portal")
        with self.assertRaises(AssertionError):
            self.chaoxun.wait_line("Ready", 1)
        os.kill(notifier, signal.SIGCONT)
        self.chaoxun.wait_line("Ready")
        self.assertEqual(self.chaoxun.http("GET", "/readyz", token=False)[0], 200)


class Held(Scene):
    def test_a_portal_that_starts_before_the_others(self):
        for service, path in QUESTIONS.items():
            with self.subTest(service):
                with self.unconnected(service):
                    asked = [self.begin("GET", path) for _ in range(5)]
                    self.assertEqual(self.readyz()[0], 503)
                self.assertEqual([one.getresponse().status for one in asked], [200] * 5)
                self.wait_green()

    def test_services_that_start_again_under_a_stream_of_requests(self):
        for service, path in QUESTIONS.items():
            with self.subTest(service):
                before = self.stored()
                with concurrent.futures.ThreadPoolExecutor(8) as clients:
                    over = threading.Event()
                    with self.away(service):
                        streams = [clients.submit(self.stream, path, over) for _ in range(8)]
                        self.wait_cut(service)
                    harness.until(lambda: self.readyz()[0] == 200, 60, "readiness")
                    self.assertEqual(self.ask(path)[0], 200)
                    over.set()
                    told = [stream.result() for stream in streams]
                self.assertEqual({status for statuses, _ in told for status in statuses}, {200, 201})
                self.assertEqual(self.stored(), before + sum(count for _, count in told) + 1)

    def stream(self, path, over):
        """Asks and reports, one behind the other: the statuses, and how many reports."""
        statuses = []
        count = 0
        while not over.is_set():
            statuses.append(self.ask(path)[0])
            statuses.append(self.submit(harness.report())[0])
            count += 1
        return statuses, count

    def stored(self):
        """How many reports the record holds, with one more that this sends."""
        receipt = self.chaoxun.submit(harness.report())[0]
        return self.ask(f"/api/v1/reports?limit=1&at_least={receipt['position']}")[1]["total"]

    def test_who_has_gone_is_dropped(self):
        self.assertEqual(self.ask("/api/v1/session")[0], 200)
        before = self.stored()
        events = [harness.report() for _ in range(6)]
        with self.away("intake"):
            for event in events[:5]:
                self.begin("POST", "/api/v1/events", event | {"id": event["id"].hex()}).close()
            last = self.begin("POST", "/api/v1/events", events[5] | {"id": events[5]["id"].hex()})
        self.assertEqual(last.getresponse().status, 201)
        self.assertEqual(self.stored(), before + 1 + 1)


class Beyond(Scene):
    call_ms = 1000

    def test_beyond_the_bound_it_is_busy(self):
        with self.away("archiver"):
            answer = self.begin("GET", QUESTIONS["archiver"]).getresponse()
            self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, "1"))
            problem = json.loads(answer.read())
            self.assertEqual(problem["code"], "busy", problem)
            self.assertTrue(problem["detail"], problem)
        self.wait_green()
        self.assertEqual(self.ask(QUESTIONS["archiver"])[0], 200)


if __name__ == "__main__":
    unittest.main()
