#!/usr/bin/python3
"""chaoxun up: first start and later ones, restarts, draining, and what is left when it is killed."""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import tempfile
import unittest

import harness


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def is_alive(pid):
    """Whether the process runs; one that ended and waits for its parent does not."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


class FirstStart(unittest.TestCase):
    def test_first_start_and_second_start(self):
        with harness.Instance() as chaoxun:
            with self.subTest("secrets are files that only the owner reads"):
                self.assertEqual(mode(chaoxun.data), 0o700)
                for name in ("first-password", "token", "chaoxun.log", "up.lock", "keys/operator.key", "keys/side.key"):
                    self.assertEqual(mode(chaoxun.data / name), 0o600, name)
                password = (chaoxun.data / "first-password").read_text().strip()
                self.assertRegex(password, r"^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$")
                self.assertFalse((chaoxun.data / "portal/bootstrap").exists(), "the portal deletes it")

            with self.subTest("they stand in no log, argument, environment or gathered output"):
                secrets = [password, chaoxun.token, chaoxun.key("operator.key").decode()]
                places = [chaoxun.data.joinpath("chaoxun.log").read_text(), "\n".join(chaoxun.output)]
                for pid in [chaoxun.process.pid, *chaoxun.pids().values()]:
                    for name in ("cmdline", "environ"):
                        places.append(pathlib.Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace"))
                for secret in secrets:
                    self.assertFalse(any(secret in place for place in places))

            with self.subTest("password and token open the door"):
                status, answer = chaoxun.http("POST", "/api/v1/session", {"account": "office", "password": password},
                                              token=False)
                self.assertEqual((status, answer["role"]), (200, "admin"))
                self.assertEqual(chaoxun.http("GET", "/api/v1/session")[1]["account"], "office")

            with self.subTest("the organisation is there"):
                units = chaoxun.command("unit", "list").stdout
                self.assertEqual(units.count(" squad "), 14)
                self.assertIn("haining/xucun", units)
                self.assertIn("海昌（开发区）城市管理志愿服务中队", units)
                self.assertIn("office", chaoxun.command("user", "list").stdout)

            before = chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]
            self.assertEqual(chaoxun.stop(), 0)
            chaoxun.start()
            with self.subTest("a second start adds nothing and changes no password"):
                after = chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]
                self.assertEqual(after, before)
                self.assertEqual((chaoxun.data / "first-password").read_text().strip(), password)
                self.assertEqual(chaoxun.http("GET", "/api/v1/session")[0], 200)

    def test_a_new_password_on_demand(self):
        with harness.Instance() as chaoxun:
            old = (chaoxun.data / "first-password").read_text().strip()
            chaoxun.stop()
            chaoxun.options.append("--new-password")
            chaoxun.start()
            new = (chaoxun.data / "first-password").read_text().strip()
            self.assertNotEqual(new, old)
            for password, status in ((old, 401), (new, 200)):
                answer = chaoxun.http("POST", "/api/v1/session", {"account": "office", "password": password},
                                      token=False)
                self.assertEqual(answer[0], status)
            self.assertEqual(chaoxun.http("GET", "/api/v1/session")[0], 200)

    def test_the_demonstration_is_dealt_in_once(self):
        with harness.Instance(demo=True) as chaoxun:
            self.assertTrue(any(line.startswith("Demonstration:") for line in chaoxun.output), chaoxun.output)
            rows = json.loads(chaoxun.command("totals", "--json").stdout)["rows"]
            self.assertEqual((rows[0]["reports"], rows[0]["demo"]), (150, 150))
            chaoxun.stop()
            chaoxun.start()
            rows = json.loads(chaoxun.command("totals", "--json").stdout)["rows"]
            self.assertEqual(rows[0]["reports"], 150)


class Supervision(unittest.TestCase):
    def test_drains_and_leaves_nothing(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(how.name), harness.Instance() as chaoxun:
                pids = chaoxun.pids()
                self.assertEqual(set(pids), set(harness.SERVICES))
                receipt = chaoxun.submit(harness.report())[0]
                self.assertEqual(chaoxun.stop(how), 0)
                self.assertEqual([pid for pid in pids.values() if is_alive(pid)], [])
                log = chaoxun.data.joinpath("chaoxun.log").read_text()
                stopped = re.findall(r'message="service stopped" name=(\w+) status=(\d+) signal=(\d+)', log)
                self.assertEqual([name for name, *_ in stopped[:3]], ["portal", "notifier", "intake"])
                self.assertEqual(sorted(stopped), sorted((name, "0", "0") for name in harness.SERVICES))
                told = "portal, notifier, intake, aggregator + archiver drain in this order."
                self.assertIn(told, "\n".join(chaoxun.output))
                chaoxun.start()
                answer = chaoxun.http("GET", "/api/v1/totals?at_least=" + receipt["position"])[1]
                self.assertEqual(answer["rows"][0]["attendances"]["value"], 20)

    def test_a_killed_service_starts_again(self):
        with harness.Instance() as chaoxun:
            for service in harness.SERVICES:
                with self.subTest(service):
                    old = chaoxun.kill(service)
                    chaoxun.wait_restart(service, old)
                    chaoxun.wait_line(f"{service}: ended by signal 9")
                    receipt = chaoxun.submit(harness.report())[0]
                    self.assertEqual(receipt["status"], "stored")
                    target = "/api/v1/totals?at_least=" + receipt["position"]
                    harness.until(lambda: chaoxun.http("GET", target)[0] == 200, 10, "the totals")

    def test_kill_of_up_leaves_no_child(self):
        with harness.Instance() as chaoxun:
            pids = chaoxun.pids()
            self.assertEqual(len(pids), len(harness.SERVICES))
            self.assertEqual(chaoxun.stop(signal.SIGKILL), -signal.SIGKILL)
            harness.until(lambda: not any(is_alive(pid) for pid in pids.values()), 10, "the end of the children")
            chaoxun.start()
            self.assertEqual(chaoxun.submit(harness.report())[0]["status"], "stored")

    def test_a_second_up_is_refused(self):
        with harness.Instance() as chaoxun:
            second = chaoxun.command("up", "--port", "0")
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"is already in use by chaoxun (process {chaoxun.process.pid})", second.stderr)
            self.assertEqual(chaoxun.command("status").returncode, 0, "the first goes on")

    def test_damage_is_said_and_the_others_go_on(self):
        with harness.Instance() as chaoxun:
            chaoxun.submit([harness.report() for _ in range(50)])
            chaoxun.stop()
            (chaoxun.data / "intake/journal.db").unlink()
            for file in chaoxun.data.joinpath("intake").glob("journal.db-*"):
                file.unlink()
            chaoxun.start(wait=False)
            line = chaoxun.wait_line("intake: ended with status 65")
            self.assertIn("stays down", line)
            others = set(harness.SERVICES) - {"intake"}
            harness.until(lambda: set(chaoxun.pids()) == others, what="the others alone")
            self.assertEqual(chaoxun.stop(), 0)


class Refusals(unittest.TestCase):
    def run_up(self, folder, *options, environment=None):
        command = [harness.COMMAND, "up", "--data", folder, "--organisation", harness.ORGANISATION, *options]
        return subprocess.run(list(map(str, command)), env=os.environ | {"LC_ALL": "C.UTF-8"} | (environment or {}),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)

    def test_what_stands_in_the_way_is_said_with_what_to_do(self):
        with tempfile.TemporaryDirectory(prefix="cx-") as folder, socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen(1)
            port = taken.getsockname()[1]
            data = pathlib.Path(folder, "data")
            free = [f"--endpoint.submit=tcp://127.0.0.1:{harness.free_ports(1)[0]}",
                    f"--endpoint.live=tcp://127.0.0.1:{harness.free_ports(1)[0]}"]
            cases = [
                (["--port", port, *free], 2, [f"port {port} at 127.0.0.1 is in use", "--port N"]),
                (["--port", 0, f"--endpoint.submit=tcp://127.0.0.1:{port}", free[1]], 2,
                 [f"port {port}", "in use", "--endpoint.submit="]),
                (["--port", 70000], 2, ["port", "70000"]),
                (["--prot", 8080], 2, ["--port is near"]),
                (["--port", 0, *free, "--organisation", "no-such-file"], 1, ["no-such-file", "No such file"]),
                (["--port", 0, *free, "--demo", "no-such.csv"], 1, ["no-such.csv", "No such file"]),
                (["--port", 0, *free, "--run", "/" + "x" * 120], 2, ["107 bytes", "shorter run"]),
            ]
            for options, status, words in cases:
                with self.subTest(options=options):
                    result = self.run_up(data, *options)
                    self.assertEqual(result.returncode, status, result.stderr)
                    for word in words:
                        self.assertIn(word, result.stderr)
                    self.assertEqual(result.stderr.count("\n"), 1, "one line")

    def test_an_open_data_directory_is_refused(self):
        with tempfile.TemporaryDirectory(prefix="cx-") as folder:
            data = pathlib.Path(folder, "data")
            data.mkdir(mode=0o755)
            result = self.run_up(data, "--port", 0)
            self.assertEqual(result.returncode, 1)
            self.assertIn("chmod 700", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
