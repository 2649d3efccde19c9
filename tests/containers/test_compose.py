#!/usr/bin/python3
"""docker-compose.yml from outside, with a real engine: a report's whole way, kills and restarts that lose nothing."""
import itertools
import json
import os
import signal
import threading
import unittest
import urllib.parse
import uuid

import engine
import harness

SERVICES = engine.SERVICES
GATEWAYS = ("bearerbox", "smsbox", "fakesmsc", "mail")
PUBLIC = {f"{name}.pub" for name in ("intake", "aggregator", "archiver", "notifier", "portal", "operator")}
FINAL = ("stored", "duplicate")

compose = engine.Compose("--env-file", engine.GATEWAYS)


def setUpModule():
    compose.__enter__()
    unittest.addModuleCleanup(compose.close)
    compose.wait_healthy(*SERVICES)
    Office.password = compose.operator("cat", "first-password").stdout.strip()
    Office.token = compose.operator("cat", "token").stdout.strip()


class Office:
    """What a person of the office has: the first password, and the token for scripts."""
    password = None
    token = None


def report(number=0):
    """A report as JSON takes it; with `at`, so that it is the same when it is sent again."""
    made = harness.report("haining/xucun", {"title": f"河西社区清理牛皮癣 {number}"}, attendances_approx="at-least")
    return made | {"id": str(uuid.UUID(bytes=made["id"]))}


def submit(event):
    """The receipt, or None while a part of the way is down."""
    try:
        status, answer = compose.http("POST", "/api/v1/events", event, Office.token)
    except OSError:  # refused or broken off: the portal is starting again
        return None
    if status >= 500:
        return None
    receipt = answer["receipts"][0]
    assert receipt["status"] in (*FINAL, "busy"), receipt
    return receipt if receipt["status"] in FINAL else None


def hand_in(event):
    """The final receipt, however often the event has to be sent."""
    return harness.until(lambda: submit(event), 60, "a receipt")


def totals(at_least=None):
    query = f"?by=squad&unit=haining/xucun{'&at_least=' + at_least if at_least else ''}"

    def ask():
        try:
            status, answer = compose.http("GET", "/api/v1/totals" + query, token=Office.token)
        except OSError:
            return None
        return answer["rows"][0] if status == 200 and answer["rows"] else None
    return harness.until(ask, 30, "the totals")


class Confined(unittest.TestCase):
    def test_least_rights(self):
        for service in (*SERVICES, *GATEWAYS):
            with self.subTest(service):
                host = engine.inspect(compose.name(service), ".HostConfig")
                self.assertTrue(host["ReadonlyRootfs"])
                self.assertEqual(host["CapDrop"], ["ALL"])
                self.assertIn("no-new-privileges:true", host["SecurityOpt"])
                self.assertEqual(host["PortBindings"] or {},
                                 {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(compose.port)}]}
                                 if service == "portal" else {})
                if service != "mail":
                    process = compose.exec(service, "cat", "/proc/1/status").stdout
                    self.assertRegex(process, r"Uid:\t10001\t10001\t10001\t10001")
                    self.assertRegex(process, r"CapEff:\t0000000000000000")
                self.assertNotEqual(compose.exec(service, "touch", "/etc/here", status=None).returncode, 0)

    def test_each_holds_its_own_key_alone(self):
        for service in SERVICES:
            with self.subTest(service):
                keys = set(compose.exec(service, "ls", "/keys").stdout.split())
                self.assertEqual(keys - PUBLIC, {f"{service}.key"} | ({"side.key"} if service == "intake" else set()))
                self.assertNotEqual(compose.exec(service, "touch", "/keys/here", status=None).returncode, 0)

    def test_secrets_stand_in_no_log(self):
        secrets = [Office.password, Office.token, compose.exec("smsbox", "cat", "/gateway/sms-password").stdout.strip()]
        for service in (*SERVICES, *GATEWAYS, "keys", "setup"):
            with self.subTest(service):
                log = compose.log(service)
                self.assertFalse(any(secret in log for secret in secrets))


class FromOutside(unittest.TestCase):
    def test_the_office_signs_in(self):
        self.assertIn(b"<html", compose.http("GET", "/")[1])
        status, session = compose.http("POST", "/api/v1/session", {"account": "office", "password": Office.password})
        self.assertEqual((status, session["role"]), (200, "admin"))
        self.assertTrue(compose.http("GET", "/readyz")[1]["ready"])

    def test_a_report_stands_in_the_totals(self):
        before = totals(hand_in(report())["position"])["reports"]
        receipt = hand_in(report())
        row = totals(receipt["position"])
        self.assertEqual((receipt["status"], receipt["durability"]), ("stored", "fsynced"))
        self.assertEqual(row["reports"], before + 1)
        self.assertEqual(row["attendances"]["mark"], "≥")

    def test_a_report_is_found_in_the_record(self):
        receipt = hand_in(report("养犬登记"))
        text = urllib.parse.quote("犬登")
        status, answer = compose.http("GET", f"/api/v1/reports?text={text}&at_least={receipt['position']}",
                                      token=Office.token)
        self.assertEqual((status, [row["id"] for row in answer["rows"]]), (200, [receipt["id"]]))

    def test_the_operator_asks_from_inside(self):
        status = compose.operator("chaoxun", "status").stdout
        for service in SERVICES:
            self.assertRegex(status, rf"{service} +ready")
        self.assertEqual(compose.operator("chaoxun", "verify").stdout.count(" fits "), len(SERVICES))
        again = compose("run", "--rm", "-T", "setup").stdout
        self.assertNotIn("stored", again)
        self.assertEqual(compose.operator("cat", "first-password").stdout.strip(), Office.password)


class Notices(unittest.TestCase):
    def issue(self, title, text):
        event = {"type": "notice.issued", "unit": "haining", "body": {"units": ["haining/xiashi", "haining/xucun"]},
                 "side": {"title": title, "text": text}}
        status, answer = compose.http("POST", "/api/v1/events", event, Office.token)
        self.assertEqual((status, answer["receipts"][0]["status"]), (201, "stored"))
        return answer["receipts"][0]["id"]

    def states(self, notice):
        answer = compose.http("GET", f"/api/v1/notices/{notice}", token=Office.token)[1]
        return {(row["person"], row["channel"]): (row["state"], row["attempts"]) for row in answer.get("rows", ())}

    def test_a_notice_reaches_telephones_and_mailboxes(self):
        for person, unit, phone in (("P01", "haining/xiashi", "13800138001"), ("P02", "haining/xucun", "13800138002")):
            contact = {"name": "队长", "phone": phone, "email": f"{person.lower()}@haining.test"}
            compose.operator("chaoxun", "contact", "set", person, "--unit", unit, stdin=json.dumps(contact))
        text = "今明两天高温，户外活动请改在早晚，注意补水。" * 4
        notice = self.issue("高温提醒", text)
        wanted = {(person, channel): ("delivered", 1) for person in ("P01", "P02") for channel in ("sms", "email")}
        harness.until(lambda: self.states(notice) == wanted, 60, f"delivery of {notice}")
        came = compose.short_messages()
        self.assertEqual({one.recipient: one.text for one in came},
                         dict.fromkeys(("13800138001", "13800138002"), f"【海宁城管志愿】高温提醒：{text}"))
        self.assertEqual(len(came), 2, "once each")
        mails = compose.mails()
        self.assertEqual(sorted(one.to for one in mails), ["队长 <p01@haining.test>", "队长 <p02@haining.test>"])
        for one in mails:
            self.assertEqual(one.subject, "高温提醒")
            self.assertIn(text, one.text.replace("\n", ""))
        with self.subTest("after a stop of all it is not sent again"):
            compose("restart")
            compose.wait_healthy(*SERVICES)
            again = self.issue("第二条", "收到请回复")
            harness.until(lambda: self.states(again) == wanted, 60, f"delivery of {again}")
            self.assertEqual(self.states(notice), wanted)
            self.assertEqual((len(compose.short_messages()), len(compose.mails())), (4, 4))


class Restarts(unittest.TestCase):
    """A program goes on handing in reports while containers go; each counts once in the end."""

    def setUp(self):
        self.before = totals(hand_in(report())["position"])["reports"]
        self.over = threading.Event()
        self.receipts = []
        self.sender = threading.Thread(target=self.send)
        self.sender.start()
        self.addCleanup(self.end)

    def send(self):
        for number in itertools.count():
            if self.over.is_set():
                return
            self.receipts.append(hand_in(report(number)))
            self.over.wait(0.02)

    def end(self):
        self.over.set()
        self.sender.join(90)

    def wait_receipts(self, more):
        wanted = len(self.receipts) + more
        harness.until(lambda: len(self.receipts) >= wanted, 60, f"{more} more receipts")

    def check(self):
        self.wait_receipts(3)
        self.end()
        self.assertFalse(self.sender.is_alive())
        newest = max(self.receipts, key=lambda receipt: receipt["seq"])
        self.assertEqual(totals(newest["position"])["reports"], self.before + len(self.receipts))

    def test_kill_of_each_is_mended_by_the_engine(self):
        for service in SERVICES:
            with self.subTest(service):
                self.wait_receipts(2)
                old = compose.pid(service)
                os.kill(old, signal.SIGKILL)
                harness.until(lambda: compose.pid(service) not in (0, old), 30, f"restart of {service}")
                compose.wait_healthy(service)
        self.check()

    def test_docker_kill_and_start(self):
        self.wait_receipts(2)
        engine.docker("kill", "--signal", "KILL", *map(compose.name, SERVICES))
        compose("up", "--detach")
        compose.wait_healthy(*SERVICES)
        self.check()

    def test_down_and_up_keeps_what_the_volumes_hold(self):
        self.wait_receipts(2)
        compose("down", "--timeout", "10")
        compose("up", "--detach")
        compose.wait_healthy(*SERVICES)
        self.check()


if __name__ == "__main__":
    engine.enter()
    unittest.main(verbosity=2)
