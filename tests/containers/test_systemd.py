#!/usr/bin/python3
"""The units of scripts/systemd under a real systemd, in a container: what verify says, the sandbox, restarts, damage."""
import json
import re
import unittest

import engine
import harness

SERVICES = engine.SERVICES
UNITS = [f"chaoxun-{name}.service" for name in SERVICES]
BUILD = "chaoxun-test-build"
IMAGE = "chaoxun-test-systemd"
NAME = "chaoxun-test-systemd"
# What systemd needs to give each service its own mounts and users. Not --privileged: an engine may lack some of it.
RIGHTS = [f"--cap-add={name}" for name in ("SYS_ADMIN", "NET_ADMIN", "DAC_READ_SEARCH", "SYS_PTRACE")]
PLACES = ["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined", "--cgroupns=host",
          "--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"]
EXPOSURE_MOST = 2.0  # of 10, as systemd-analyze security counts


def setUpModule():
    engine.run(engine.DOCKER / "base-image")
    remove()
    unittest.addModuleCleanup(remove)
    engine.build(BUILD, engine.ROOT, engine.DOCKER / "Dockerfile", "--target", "build")
    engine.build(IMAGE, folder := engine.ROOT / "tests/containers/systemd", folder / "Dockerfile")
    engine.docker("run", "--detach", "--name", NAME, *RIGHTS, *PLACES, IMAGE)
    harness.until(lambda: machine("systemctl", "is-system-running", status=None).stdout.strip() == "running", 30,
                  "a running systemd")


def remove():
    engine.docker("rm", "--force", "--volumes", NAME, status=None)
    engine.docker("image", "rm", IMAGE, BUILD, status=None)


def machine(*words, stdin=None, status=0):
    """Runs words on the machine that the container is."""
    settings = ["--env", "CHAOXUN_CONFIG=/etc/chaoxun/chaoxun.conf"]
    return engine.docker("exec", "--interactive", *settings, NAME, *words, stdin=stdin or "", status=status)


def show(unit, name):
    return machine("systemctl", "show", "--value", "--property", name, unit).stdout.strip()


def pid(service):
    return int(show(f"chaoxun-{service}.service", "MainPID"))


def green():
    return machine("chaoxun", "status", "--wait", "30").stdout


def submit():
    line = json.dumps({"type": "report.submitted", "unit": "haining/xucun",
                       "body": {"programmes": ["dog"], "date": "2026-05-06", "attendances": 8},
                       "side": {"title": "文明养犬"}})
    return machine("chaoxun", "submit", stdin=line).stdout


def reports():
    answer = machine("chaoxun", "totals", "--json", "--unit", "haining/xucun")
    return json.loads(answer.stdout)["rows"][0]["reports"]


class Units(unittest.TestCase):
    def test_a_nothing_is_wrong_with_them(self):
        result = machine("systemd-analyze", "verify", "chaoxun.target", *UNITS)
        self.assertEqual((result.stdout, result.stderr), ("", ""))

    def test_b_they_are_closed(self):
        for unit in UNITS:
            with self.subTest(unit):
                most = str(int(10 * EXPOSURE_MOST))
                result = machine("systemd-analyze", "security", "--offline=true", f"--threshold={most}", "--no-pager",
                                 unit, status=None)
                self.assertEqual(result.returncode, 0, result.stdout)

    def test_c_installed_and_started(self):
        said = machine("/usr/lib/chaoxun/install", "--no-build", "--start").stdout
        for service in SERVICES:
            self.assertRegex(said, rf"{service} +ready")
        for unit in ("chaoxun.target", *UNITS):
            self.assertEqual((show(unit, "ActiveState"), show(unit, "UnitFileState")), ("active", "enabled"))
        self.assertIn("stored", submit())
        self.assertEqual(reports(), 1)
        password = machine("cat", "/var/lib/chaoxun/first-password").stdout.strip()
        self.assertNotIn(password, said + machine("journalctl", "--no-pager").stdout)
        again = machine("/usr/lib/chaoxun/install", "--no-build", "--start").stdout
        self.assertNotIn("stored", again)
        self.assertEqual(machine("cat", "/var/lib/chaoxun/first-password").stdout.strip(), password)

    def test_d_each_is_a_user_of_its_own_without_rights(self):
        users = set()
        for service in SERVICES:
            with self.subTest(service):
                process = machine("cat", f"/proc/{pid(service)}/status").stdout
                users.add(re.search(r"Uid:\t(\d+)", process)[1])
                self.assertRegex(process, r"CapBnd:\t0000000000000000")
                self.assertRegex(process, r"NoNewPrivs:\t1")
                self.assertRegex(process, r"Seccomp:\t2")
                keys = machine("ls", f"/run/credentials/chaoxun-{service}.service").stdout.split()
                secrets = {name for name in keys if name.endswith(".key")}
                self.assertEqual(secrets, {f"{service}.key"} | ({"side.key"} if service == "intake" else set()))
        self.assertEqual(len(users - {"0"}), len(SERVICES))

    def test_e_what_is_killed_starts_again(self):
        for service in SERVICES:
            with self.subTest(service):
                before = reports()
                old = pid(service)
                machine("systemctl", "kill", "--signal=KILL", f"chaoxun-{service}.service")
                harness.until(lambda name=service, gone=old: pid(name) not in (0, gone), 20, f"restart of {service}")
                green()
                self.assertIn("stored", submit())
                harness.until(lambda count=before: reports() == count + 1, 10, "the report in the totals")

    def drop_in(self, unit, text):
        """A person's own lines for a unit, as of systemctl edit; gone after the test."""
        folder = f"/run/systemd/system/{unit}.d"
        self.addCleanup(machine, "sh", "-c", f"rm -r {folder} && systemctl daemon-reload && systemctl restart {unit}")
        machine("sh", "-c", f"mkdir {folder} && cat >{folder}/60-test.conf && systemctl daemon-reload", stdin=text)
        machine("systemctl", "restart", unit)

    def test_f_what_hangs_is_ended_by_the_watchdog(self):
        unit = "chaoxun-aggregator.service"
        self.drop_in(unit, "[Service]\nWatchdogSec=1\n")
        old = pid("aggregator")
        machine("systemctl", "kill", "--signal=STOP", unit)
        harness.until(lambda: pid("aggregator") not in (0, old), 20, "the end of what hung")
        self.assertIn("watchdog timeout", machine("journalctl", "--no-pager", "--unit", unit).stdout.lower())

    def test_f_a_password_comes_as_a_credential(self):
        machine("sh", "-c", "umask 077; echo secret >/etc/chaoxun/sms-password")
        self.drop_in("chaoxun-notifier.service", "[Service]\nLoadCredential=sms-password:/etc/chaoxun/sms-password\n"
                     "Environment=CHAOXUN_SMS_URL=http://127.0.0.1:13013/ CHAOXUN_SMS_USER=chaoxun\n"
                     "Environment=CHAOXUN_SMS_PASSWORD_FILE=%d/sms-password\n")
        self.assertRegex(green(), "notifier +ready")

    def test_g_damage_is_not_tried_again(self):
        unit = "chaoxun-intake.service"
        machine("systemctl", "stop", unit)
        machine("sh", "-c", "rm /var/lib/chaoxun/intake/journal.db*")
        machine("systemctl", "start", unit, status=1)
        self.assertEqual((show(unit, "ActiveState"), show(unit, "ExecMainStatus")), ("failed", "65"))
        self.assertEqual(show(unit, "NRestarts"), "0")

    def test_h_stop_ends_all(self):
        machine("systemctl", "stop", "chaoxun.target")
        for service in SERVICES:
            self.assertEqual(pid(service), 0)
        portal = machine("journalctl", "--no-pager", "--unit", "chaoxun-portal.service").stdout
        self.assertIn("message=stopped", portal.splitlines()[-2] + portal.splitlines()[-3])


if __name__ == "__main__":
    engine.enter()
    unittest.main(verbosity=2)
