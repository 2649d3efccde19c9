"""A 潮讯 whose notices go out: to a stand-in for Kannel, and to a mail server that fails as told.

    with notice_scene.Scene() as scene:
        scene.set_contact("P001", "haining/xucun", name="沈佳", phone="13800138001", email="refused@haining.test")
        scene.chaoxun.http("POST", "/api/v1/events", ...)
        scene.reports("13800138001").send(delivery.DELIVERED)
"""
import json
import pathlib
import sys
import tempfile

import harness
import sms_gateway

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "gateways"))
import delivery
import mail

PASSWORD = "潮水-river-2026"


class Scene:
    """`gateway` keeps what it was asked, `smtp` is a FaultySmtp; `environment` sets further settings."""

    def __init__(self, demo=False, **environment):
        self.gateway = sms_gateway.Gateway()
        self.smtp = mail.FaultySmtp()
        self.folder = tempfile.TemporaryDirectory(prefix="cx-")
        password = pathlib.Path(self.folder.name) / "sms-password"
        password.touch(0o600)
        password.write_text("secret")
        port = harness.free_ports(1)[0]
        self.chaoxun = harness.Instance(f"--port={port}", demo=demo, environment=environment | {
            "CHAOXUN_SMS_URL": self.gateway.url, "CHAOXUN_SMS_USER": "tester", "CHAOXUN_SMS_PASSWORD_FILE": str(password),
            "CHAOXUN_SMTP_URL": f"smtp://127.0.0.1:{self.smtp.port}", "CHAOXUN_SMTP_FROM": "office@haining.test",
            "CHAOXUN_HOOK_URL": f"http://127.0.0.1:{port}", "CHAOXUN_LOOK_MS": "100"})

    def __enter__(self):
        self.smtp.start()
        self.chaoxun.start()
        return self

    def __exit__(self, kind, *_):
        self.chaoxun.__exit__(kind, *_)
        self.smtp.__exit__(kind, *_)
        self.gateway.close()
        self.folder.cleanup()

    def set_account(self, account, unit, role):
        """An account that signs in with PASSWORD."""
        receipt = self.chaoxun.submit(harness.event("account.set", unit, {"account": account, "role": role}))[0]
        assert receipt["status"] == "stored", receipt
        status, answer = self.chaoxun.http("PUT", f"/api/v1/users/{account}/password", {"password": PASSWORD})
        assert status == 204, answer

    def set_contact(self, person, unit, post=None, **side):
        body = {"person": person} | ({"post": post} if post else {})
        receipt = self.chaoxun.submit(harness.event("contact.set", unit, body, side))[0]
        assert receipt["status"] == "stored", receipt
        return receipt

    def reports(self, phone):
        """The delivery reports that may come for the last message to a number, as Kannel would send them."""
        def asked():
            return [one["dlr-url"] for one in self.gateway.asked if one["to"] == phone]
        return delivery.Reports(harness.until(asked, 20, f"a message to {phone}")[-1], p=phone)
