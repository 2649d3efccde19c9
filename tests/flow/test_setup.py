#!/usr/bin/python3
"""The services apart, as containers run them: a data and a key directory each, TCP between them, `chaoxun setup`."""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

import harness

EDGES = {"submit": "intake", "stream": "intake", "control.intake": "intake", "live": "aggregator",
         "totals": "aggregator", "control.aggregator": "aggregator", "record": "archiver",
         "control.archiver": "archiver", "notices": "notifier", "outbox": "notifier",
         "control.notifier": "notifier", "control.portal": "portal"}


class Apart:
    """Each service with directories of its own; `office` is where the commands run."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cx-"))
        *ports, self.port = harness.free_ports(len(EDGES) + 1)
        plain = {name: value for name, value in os.environ.items() if not name.startswith("CHAOXUN_")}
        self.environment = plain | {"LC_ALL": "C.UTF-8", "CHAOXUN_PORT": str(self.port)} | {
            "CHAOXUN_ENDPOINT_" + edge.upper().replace(".", "_"): f"tcp://127.0.0.1:{port}"
            for edge, port in zip(EDGES, ports)}
        self.processes = {}

    def places(self, name):
        return {"CHAOXUN_DATA": str(self.folder / name), "CHAOXUN_KEYS": str(self.folder / f"{name}-keys")}

    def command(self, *words, place="office", keys=None):
        environment = self.environment | self.places(place) | ({"CHAOXUN_KEYS": str(self.folder / keys)} if keys else {})
        return subprocess.run([harness.COMMAND, *map(str, words)], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)

    def share(self):
        assert self.command("keys", "init", keys="keys").returncode == 0
        for name, place in [(service, service) for service in harness.SERVICES] + [("operator", "office")]:
            shared = self.command("keys", "share", name, "--out", self.folder / f"{place}-keys", keys="keys")
            assert shared.returncode == 0, shared.stderr
        for place in ("office", "portal", "portal/portal"):
            (self.folder / place).mkdir(mode=0o700)
        # The one place that setup and the portal share: there the portal finds its bootstrap.
        (self.folder / "office/portal").symlink_to(self.folder / "portal/portal")

    def start(self, service):
        environment = self.environment | self.places(service)
        with open(self.folder / f"{service}.log", "ab") as log:
            self.processes[service] = subprocess.Popen([harness.BIN / f"chaoxun-{service}"], env=environment,
                                                       stdin=subprocess.DEVNULL, stderr=log)

    def stop(self, service):
        process = self.processes.pop(service)
        process.terminate()
        return process.wait(30)

    def close(self):
        for service in list(self.processes):
            self.stop(service)
        shutil.rmtree(self.folder, ignore_errors=True)

    def http(self, method, path, document=None, token=None):
        return harness.request(method, f"http://127.0.0.1:{self.port}{path}", document, token=token)


class Setup(unittest.TestCase):
    def setUp(self):
        self.apart = Apart()
        self.addCleanup(self.apart.close)

    def command(self, *words, status=0, **options):
        result = self.apart.command(*words, **options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def own_status(self, service, key=None, status=0):
        keys = self.apart.folder / f"{key or service}-keys"
        return self.command("status", "--service", service, "--key", keys / f"{key or service}.key", "--wait",
                            20 if status == 0 else 0, place=key or service, status=status)

    def test_services_apart(self):
        apart = self.apart
        apart.share()
        setup = ["setup", "--organisation", harness.ORGANISATION, "--demo", harness.DEMO]
        late = self.command(*setup, "--wait", 1, status=69)
        self.assertIn("intake is not ready: no answer", late.stderr)

        apart.start("intake")
        self.own_status("intake")
        first = self.command(*setup)
        self.assertIn("Organisation: haining, 16 events stored.", first.stdout)
        self.assertIn("150 stored, 0 refused", first.stdout)
        password = (apart.folder / "office/first-password").read_text().strip()
        token = (apart.folder / "office/token").read_text().strip()
        for name in ("first-password", "token"):
            self.assertEqual(stat.S_IMODE((apart.folder / "office" / name).stat().st_mode), 0o600)
        self.assertNotIn(password, first.stdout + first.stderr)

        for service in harness.SERVICES:
            if service != "intake":
                apart.start(service)
        for service in harness.SERVICES:
            with self.subTest(service):
                self.own_status(service)
        green = json.loads(self.command("status", "--json").stdout)
        self.assertEqual({one["service"]: one["ready"] for one in green}, dict.fromkeys(harness.SERVICES, True))
        status, session = apart.http("POST", "/api/v1/session", {"account": "office", "password": password})
        self.assertEqual((status, session["role"]), (200, "admin"))
        status, totals = apart.http("GET", "/api/v1/totals?by=squad", token=token)
        self.assertEqual((status, sum(row["reports"] for row in totals["rows"])), (200, 150))

        with self.subTest("again it adds nothing and changes no password"):
            again = self.command(*setup)
            self.assertNotIn("stored.", again.stdout)
            self.assertEqual((apart.folder / "office/first-password").read_text().strip(), password)
            self.assertEqual(apart.stop("portal"), 0)
            apart.start("portal")
            self.own_status("portal")
            self.assertEqual(apart.http("GET", "/api/v1/totals", token=token)[0], 200)

        with self.subTest("a service's key opens its own control door only"):
            self.own_status("aggregator", key="portal")
            self.own_status("intake", key="aggregator", status=69)
            self.assertEqual(self.command("status", "--service", "nobody", status=2).stdout, "")

    def test_each_gets_what_it_needs_and_no_more(self):
        apart = self.apart
        apart.share()
        public = {f"{name}.pub" for name in ("intake", "aggregator", "archiver", "notifier", "portal", "operator")}
        for place, secrets in (("intake", {"intake.key", "side.key"}), ("portal", {"portal.key"}),
                               ("office", {"operator.key"})):
            names = {path.name for path in (apart.folder / f"{place}-keys").iterdir()}
            self.assertEqual(names, public | secrets)
            for name in names:
                self.assertEqual(stat.S_IMODE((apart.folder / f"{place}-keys" / name).stat().st_mode),
                                 0o644 if name.endswith(".pub") else 0o600)
        share = ["keys", "share", "portal", "--out", apart.folder / "portal-keys"]
        self.command(*share, keys="keys")
        other = apart.folder / "portal-keys/portal.key"
        other.write_text((apart.folder / "keys/intake.key").read_text())
        refused = self.command(*share, keys="keys", status=1)
        self.assertIn("another key than the one to be shared", refused.stderr)
        self.assertNotIn(other.read_text().strip(), refused.stderr)
        self.command("keys", "share", "side", "--out", apart.folder / "more", keys="keys", status=1)
        self.command("keys", "share", "portal", status=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
