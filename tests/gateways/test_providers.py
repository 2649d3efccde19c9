#!/usr/bin/python3
"""Each provider by HTTP against a stub: what it is asked, signatures included, and what each of its answers means. The codes
that are expected here are written down once more, by hand; that none of a provider's table is left out is checked."""
import base64
import hashlib
import hmac
import json
import re
import subprocess
import time
import unittest
import urllib.parse

import http_stub
from http_stub import HANG_UP, SILENCE
from program import harness
from test_channels import PROGRAM, SIGNATURE, Sending, WithSecrets

CHANNELS = harness.ROOT / "services/notifier/channels"
NUMBER = "13800138002"
SECRET = "this is secret"
TITLE, TEXT = "高温", "㐂𠮷 & 100%+\n停"
BODY = f"{TITLE}：{TEXT}"
TAG = "0a1b.1.ffee"

OK = {
    "aliyun": {"Code": "OK", "Message": "OK", "BizId": "9"},
    "tencent": {"Response": {"SendStatusSet": [{"Code": "Ok", "Message": "send success"}], "RequestId": "1"}},
    "mas": {"rspcod": "success", "msgGroup": "0420", "success": True},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "govding": {"success": True, "content": {"success": True, "responseCode": "0", "responseMessage": "OK"}},
}

# The code as the provider says it: a row that ends in '*' is met by some code that begins so.
EXPECTED = {
    "aliyun": {
        "OK": "accepted", "isv.MOBILE_NUMBER_ILLEGAL": "refused", "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": "refused",
        "isv.BUSINESS_LIMIT_CONTROL": "rate", "isv.DAY_LIMIT_CONTROL": "rate", "isv.MONTH_LIMIT_CONTROL": "rate",
        "Throttling.User": "rate", "isv.PARAM_LENGTH_LIMIT": "impossible", "isv.PARAM_NOT_SUPPORT_URL": "impossible",
        "isv.BLACK_KEY_CONTROL_LIMIT": "impossible", "isv.SMS_CONTENT_ILLEGAL": "impossible",
        "isv.INVALID_PARAMETERS": "impossible", "isv.INVALID_JSON_PARAM": "impossible",
        "isp.RAM_PERMISSION_DENY": "misconfigured", "isp.SYSTEM_ERROR": "retry", "isv.AMOUNT_NOT_ENOUGH": "misconfigured",
        "SignatureNonceUsed": "retry", "SignatureDoesNotMatch": "misconfigured", "IncompleteSignature": "misconfigured",
        "InvalidAccessKeyId.NotFound": "misconfigured", "InvalidTimeStamp.Expired": "misconfigured",
        "Forbidden.RAM": "misconfigured", "NoPermission": "misconfigured", "ServiceUnavailable": "retry",
        "InternalError": "unknown", "SomethingNew": "retry"},
    "tencent": {
        "Ok": "accepted", "InvalidParameterValue.IncorrectPhoneNumber": "refused",
        "FailedOperation.PhoneNumberInBlacklist": "refused", "FailedOperation.PhoneNumberParseFail": "refused",
        "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": "refused",
        "LimitExceeded.PhoneNumberCountLimit": "impossible", "LimitExceeded.PhoneNumberDailyLimit": "rate",
        "LimitExceeded.PhoneNumberOneHourLimit": "rate", "LimitExceeded.PhoneNumberSameContentDailyLimit": "rate",
        "LimitExceeded.DeliveryFrequencyLimit": "rate", "RequestLimitExceeded": "rate",
        "FailedOperation.ContainSensitiveWord": "impossible",
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": "impossible",
        "FailedOperation.MarketingSendTimeConstraint": "rate",
        "InvalidParameterValue.TemplateParameterLengthLimit": "impossible",
        "InvalidParameterValue.TemplateParameterFormatError": "impossible",
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": "impossible",
        "InvalidParameterValue.ContentLengthLimit": "impossible", "InternalError.Timeout": "unknown",
        "InternalError.SigVerificationFail": "misconfigured", "InternalError.SigFieldMissing": "misconfigured",
        "InternalError.RestApiInterfaceNotExist": "misconfigured", "InvalidRequest": "misconfigured",
        "ActionOffline": "misconfigured",
        "InternalError.OtherError": "retry", "FailedOperation.InsufficientBalanceInSmsPackage": "misconfigured",
        "AuthFailure.SignatureFailure": "misconfigured", "UnauthorizedOperation.SmsSdkAppIdVerifyFail": "misconfigured",
        "InvalidParameterValue.SdkAppIdNotExist": "misconfigured", "MissingParameter": "misconfigured",
        "InvalidAction": "misconfigured", "NoSuchVersion": "misconfigured", "IpNotInWhitelist": "misconfigured",
        "SomethingNew": "retry"},
    "mas": {
        "success": "accepted", "IllegalMac": "misconfigured", "IllegalSignId": "misconfigured",
        "InvalidUsrOrPwd": "misconfigured", "NoSignId": "misconfigured", "InvalidMessage": "impossible",
        "TooManyMobiles": "impossible", "InvalidMobile": "refused", "NOT_WHITE_IP": "misconfigured",
        "SomethingNew": "retry"},
    "dingtalk": {
        "0": "delivered", "-1": "retry", "130101": "rate", "410100": "rate", "310000": "misconfigured",
        "300005": "misconfigured", "400101": "misconfigured", "400102": "misconfigured", "400106": "misconfigured",
        "400013": "misconfigured", "40035": "impossible", "300001": "impossible", "400105": "impossible",
        "430102": "impossible", "77777": "retry"},
    "wecom": {
        "0": "delivered", "-1": "retry", "45009": "rate", "45033": "rate", "93000": "misconfigured",
        "93004": "misconfigured", "93008": "misconfigured", "40008": "impossible", "40058": "impossible",
        "44004": "impossible", "45002": "impossible", "77777": "retry"},
    "govding": {"0": "delivered", "true": "delivered", "OPF-B001": "retry"},
}

STATUSES = {
    "webhook": {200: "delivered", 204: "delivered", 302: "misconfigured", 400: "impossible", 401: "misconfigured",
                404: "misconfigured", 410: "misconfigured", 408: "retry", 429: "rate", 500: "retry", 503: "retry"},
    # Without a code of its own, as from a proxy in between.
    "others": {200: "unknown", 302: "misconfigured", 403: "misconfigured", 407: "misconfigured", 408: "retry",
               410: "misconfigured", 422: "impossible", 429: "rate", 503: "retry", 502: "unknown"},
}


def with_code(provider, code):
    """What the provider says when its answer holds this code."""
    if provider == "aliyun":
        return {"Code": code, "Message": "words", "RequestId": "1"}
    if provider == "mas":
        return {"rspcod": code, "success": code == "success"}
    if provider == "govding":
        return {"success": True} if code == "true" else {"success": code == "0", "content": {"responseCode": code}}
    if provider == "tencent":
        # Codes of the whole request stand elsewhere than those of a number.
        whole = re.match("AuthFailure|Internal|Missing|InvalidAction|InvalidRequest|Action|NoSuch|Ip|RequestLimit|Unauth", code)
        return {"Response": {"Error": {"Code": code, "Message": "words"}} if whole else
                            {"SendStatusSet": [{"Code": code, "Message": "words"}]}}
    return {"errcode": int(code), "errmsg": "words"}


class Providers(WithSecrets):
    def setUp(self):
        super().setUp()
        self.stub = http_stub.HttpStub()
        self.stub.__enter__()
        self.addCleanup(self.stub.stop)
        self.robots = self.folder / "robots"
        self.robots.mkdir()

    def robot(self, name, line):
        path = self.robots / name
        path.touch(mode=0o600)
        path.write_text(line + "\n")

    def settings(self, provider, **more):
        url, secret = self.stub.url, self.secret(SECRET)
        of = {
            "aliyun": {"aliyun-url": url, "aliyun-key": "LTAI", "aliyun-secret-file": secret, "aliyun-template": "SMS_1"},
            "tencent": {"tencent-url": url, "tencent-key": "AKID", "tencent-secret-file": secret, "tencent-app": "1400",
                        "tencent-template": "77"},
            "mas": {"mas-url": f"{url}/sms/norsubmit", "mas-company": "海宁", "mas-user": "chaoxun", "mas-sign": "abc",
                    "mas-secret-file": secret, "mas-serial": "01"},
            "govding": {"govding-url": url, "govding-key": "app", "govding-secret-file": secret, "govding-tenant": "196",
                        "govding-machine": "10.0.0.8 02:42:ac:11:00:02"},
        }
        if provider not in of:
            path = {"dingtalk": "/robot/send?access_token=t", "wecom": "/cgi-bin/webhook/send?key=k"}.get(provider, "/in")
            self.robot("xucun", f"{provider} {url}{path}" + (f" {SECRET}" if provider != "wecom" else ""))
        return of.get(provider, {"robots": self.robots}) | {"sms-signature": SIGNATURE} | more

    @staticmethod
    def message(provider, **more):
        channel, address = {"aliyun": ("sms", NUMBER), "tencent": ("sms", NUMBER), "mas": ("sms", NUMBER),
                            "govding": ("govding", "5823401")}.get(provider, ("robot", "xucun"))
        return {"channel": channel, "address": address, "name": "朱", "title": TITLE, "text": TEXT, "message_id": "0a1b",
                "report_tag": TAG, "issued_at": 1790000000123} | more

    def send(self, provider, **more):
        return Sending(self.settings(provider), [self.message(provider, **more)]).results()[0]

    def outcomes(self, provider, answers):
        """What becomes of a message for each answer; by a process for each few, so that no breaker opens."""
        ends = []
        for at in range(0, len(answers), 4):
            self.stub.says(*answers[at:at + 4])
            # One after the other, so that each gets its own answer.
            for _ in answers[at:at + 4]:
                ends.append(self.send(provider))
        return ends

    def last(self):
        return self.stub.asked[-1]


class Requests(Providers):
    """What goes over the wire."""

    def test_aliyun(self):
        self.stub.says(self.stub.json(OK["aliyun"]))
        self.assertEqual(self.send("aliyun"), ("accepted", "OK: OK"))
        asked = self.last()
        path, _, query = asked.path.partition("?")
        parameters = urllib.parse.parse_qs(query)
        self.assertEqual((asked.method, path, asked.body), ("POST", "/", b""))
        self.assertEqual(json.loads(parameters.pop("TemplateParam")[0]), {"content": BODY})
        self.assertEqual(parameters, {"PhoneNumbers": [NUMBER], "SignName": [SIGNATURE], "TemplateCode": ["SMS_1"],
                                      "OutId": [TAG]})
        headers = {name.lower(): value for name, value in asked.headers.items()}
        names = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"]
        self.assertEqual((headers["x-acs-action"], headers["x-acs-version"]), ("SendSms", "2017-05-25"))
        canonical = "\n".join(["POST", "/", query, *(f"{name}:{headers[name]}" for name in names), "", ";".join(names),
                               hashlib.sha256(b"").hexdigest()])
        signed = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.new(SECRET.encode(), signed.encode(), "sha256").hexdigest()
        self.assertEqual(headers["authorization"],
                         f"ACS3-HMAC-SHA256 Credential=LTAI,SignedHeaders={';'.join(names)},Signature={signature}")

    def test_tencent(self):
        self.stub.says(self.stub.json(OK["tencent"]))
        self.assertEqual(self.send("tencent"), ("accepted", "Ok: send success"))
        asked = self.last()
        headers = {name.lower(): value for name, value in asked.headers.items()}
        self.assertEqual(json.loads(asked.body), {
            "PhoneNumberSet": [f"+86{NUMBER}"], "SmsSdkAppId": "1400", "SignName": SIGNATURE, "TemplateId": "77",
            "TemplateParamSet": [BODY], "SessionContext": TAG})
        self.assertEqual((headers["x-tc-action"], headers["x-tc-version"], headers["x-tc-region"]),
                         ("SendSms", "2021-01-11", "ap-guangzhou"))
        stamp = headers["x-tc-timestamp"]
        self.assertLess(abs(int(stamp) - time.time()), 60)
        day = time.strftime("%Y-%m-%d", time.gmtime(int(stamp)))
        canonical = (f"POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:127.0.0.1:{self.stub.port}\n\n"
                     f"content-type;host\n{hashlib.sha256(asked.body).hexdigest()}")
        key = f"TC3{SECRET}".encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        signed = (f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n"
                  f"{hashlib.sha256(canonical.encode()).hexdigest()}")
        self.assertEqual(headers["authorization"],
                         f"TC3-HMAC-SHA256 Credential=AKID/{day}/sms/tc3_request, SignedHeaders=content-type;host, "
                         f"Signature={hmac.new(key, signed.encode(), 'sha256').hexdigest()}")

    def test_mas(self):
        self.stub.says(self.stub.json(OK["mas"]))
        self.assertEqual(self.send("mas"), ("accepted", "success: 0420"))
        self.assertEqual(self.last().path, "/sms/norsubmit")
        fields = json.loads(base64.b64decode(self.last().body, validate=True))
        mac = hashlib.md5(f"海宁chaoxun{SECRET}{NUMBER}{BODY}abc01".encode()).hexdigest()
        self.assertEqual(fields, {"ecName": "海宁", "apId": "chaoxun", "mobiles": NUMBER, "content": BODY, "sign": "abc",
                                  "addSerial": "01", "mac": mac})

    def test_numbers_with_and_without_their_country(self):
        for number, own, full in ((NUMBER, NUMBER, f"+86{NUMBER}"), (f"+86{NUMBER}", NUMBER, f"+86{NUMBER}"),
                                  ("+85251234567", "+85251234567", "+85251234567")):
            for provider in ("aliyun", "tencent", "mas"):
                self.stub.says(self.stub.json(OK[provider]))
                self.send(provider, address=number)
            aliyun, tencent, mas = self.stub.asked[-3:]
            self.assertEqual(urllib.parse.parse_qs(aliyun.path.partition("?")[2])["PhoneNumbers"], [own])
            self.assertEqual(json.loads(tencent.body)["PhoneNumberSet"], [full])
            self.assertEqual(json.loads(base64.b64decode(mas.body))["mobiles"], own)

    def test_dingtalk(self):
        self.stub.says(self.stub.json(OK["dingtalk"]))
        self.assertEqual(self.send("dingtalk"), ("delivered", "0: ok"))
        address = urllib.parse.urlsplit(self.last().path)
        parameters = urllib.parse.parse_qs(address.query)
        stamp = parameters["timestamp"][0]
        self.assertLess(abs(int(stamp) / 1000 - time.time()), 60)
        sign = base64.b64encode(hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), "sha256").digest()).decode()
        self.assertEqual(parameters, {"access_token": ["t"], "timestamp": [stamp], "sign": [sign]})
        self.assertEqual(json.loads(self.last().body),
                         {"msgtype": "text", "text": {"content": f"【{SIGNATURE}】{TITLE}\n{TEXT}"}})

    def test_wecom(self):
        self.stub.says(self.stub.json(OK["wecom"]))
        self.assertEqual(self.send("wecom"), ("delivered", "0: ok"))
        self.assertEqual(self.last().path, "/cgi-bin/webhook/send?key=k")
        self.assertEqual(json.loads(self.last().body),
                         {"msgtype": "text", "text": {"content": f"【{SIGNATURE}】{TITLE}\n{TEXT}"}})

    def test_webhook(self):
        self.stub.says((204, b""))
        self.assertEqual(self.send("webhook", urgent=True), ("delivered", "HTTP 204"))
        body, headers = self.last().body, self.last().headers
        self.assertEqual(json.loads(body), {"id": "0a1b", "title": TITLE, "text": TEXT, "urgent": True,
                                            "issued_at": 1790000000123})
        signed = headers["X-Chaoxun-Timestamp"].encode() + b"." + body
        self.assertEqual(headers["X-Chaoxun-Signature"],
                         "sha256=" + hmac.new(SECRET.encode(), signed, "sha256").hexdigest())
        self.assertLess(abs(int(headers["X-Chaoxun-Timestamp"]) / 1000 - time.time()), 60)

    def test_govding(self):
        self.stub.says(self.stub.json(OK["govding"]))
        self.assertEqual(self.send("govding"), ("delivered", "0: OK"))
        asked = self.last()
        parameters = dict(urllib.parse.parse_qsl(asked.body.decode()))
        content = parameters.pop("msg")
        self.assertEqual(json.loads(content),
                         {"msgtype": "text", "text": {"content": f"【{SIGNATURE}】{TITLE}\n{TEXT}"}})
        self.assertEqual(parameters, {"bizMsgId": "0a1b", "receiverIds": "5823401", "tenantId": "196"})
        stamp, nonce = (asked.headers[f"X-Hmac-Auth-{name}"] for name in ("Timestamp", "Nonce"))
        self.assertRegex(stamp, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$")
        signed = (f"POST\n{stamp}\n{nonce}\n/message/workNotification\nbizMsgId=0a1b&msg={content}&receiverIds=5823401"
                  "&tenantId=196")
        self.assertEqual(asked.headers["X-Hmac-Auth-Signature"],
                         base64.b64encode(hmac.new(SECRET.encode(), signed.encode(), "sha256").digest()).decode())
        self.assertEqual([asked.headers[name] for name in ("apiKey", "X-Hmac-Auth-Version", "X-Hmac-Auth-IP",
                                                           "X-Hmac-Auth-MAC")],
                         ["app", "1.0", "10.0.0.8", "02:42:ac:11:00:02"])


class Answers(Providers):
    """What comes back: each row of each table, each status, and no answer at all."""

    def test_every_code(self):
        for provider, expected in EXPECTED.items():
            source = (CHANNELS / f"{provider}.c").read_text()
            rows = re.findall(r'\{"([^"]+)", OUTCOME_', source)
            self.assertTrue(rows, provider)
            unmet = [row for row in rows if not any(
                code.startswith(row[:-1]) if row.endswith("*") else code == row for code in expected)]
            self.assertEqual(unmet, [], provider)
            answers = [self.stub.json(with_code(provider, code)) for code in expected]
            ends = [outcome for outcome, _ in self.outcomes(provider, answers)]
            self.assertEqual(dict(zip(expected, ends)), expected, provider)

    def test_every_status(self):
        for provider in (*OK, "webhook"):
            expected = STATUSES.get(provider, STATUSES["others"])
            ends = self.outcomes(provider, [(status, b"") for status in expected])
            self.assertEqual({status: end for status, end in zip(expected, ends)},
                             {status: (outcome, f"HTTP {status}") for status, outcome in expected.items()}, provider)

    def test_no_answer(self):
        for provider in (*OK, "webhook"):
            self.stub.says(HANG_UP)
            self.assertEqual(self.send(provider)[0], "unknown", provider)
            self.stub.says(SILENCE)
            settings = self.settings(provider, **{"send-ms": 300})
            self.assertEqual(Sending(settings, [self.message(provider)]).results()[0][0], "unknown", provider)
            self.stub.says((200, b"<html>"), )
            self.assertEqual(self.send(provider)[0], "delivered" if provider == "webhook" else "unknown", provider)

    def test_nobody_listens(self):
        settings = {provider: self.settings(provider) for provider in OK}
        self.stub.stop()
        for provider in OK:
            self.settings(provider)  # the robot's file
            self.assertEqual(Sending(settings[provider], [self.message(provider)]).results()[0][0], "retry", provider)


class Limits(Providers):
    """What a provider would cut is refused before it is sent."""

    def test_bytes(self):
        self.stub.says(self.stub.json({"errcode": 0, "Code": "OK", "success": True}))
        head = len(f"【{SIGNATURE}】{TITLE}\n".encode())
        frame = len('{"msgtype":"text","text":{"content":""}}')
        for provider, most, extra in (("dingtalk", 20000, head + frame + 1), ("wecom", 4096, head),
                                      ("govding", 2048, head + frame + 1)):
            fits = "x" * (most - extra)
            self.assertEqual(self.send(provider, text=fits)[0], "delivered", provider)
            said = self.send(provider, text=fits + "x")
            self.assertEqual(said[0], "impossible", provider)
            self.assertIn(f"takes {most + 1} bytes", said[1])
        sent = [json.loads(one.body)["msgtype"] for one in self.stub.asked if "webhook" in one.path]
        self.assertEqual(sent, ["markdown"])

    def test_wecom_text_or_markdown(self):
        self.stub.says(self.stub.json(OK["wecom"]))
        head = len(f"【{SIGNATURE}】{TITLE}\n".encode())
        for more, kind in ((0, "text"), (1, "markdown")):
            self.send("wecom", text="x" * (2048 - head + more))
            self.assertEqual(json.loads(self.last().body)["msgtype"], kind)

    def test_aliyun_characters(self):
        self.assertEqual(self.send("aliyun", text="河" * 600)[0], "impossible")
        self.assertEqual(self.stub.asked, [])

    def test_bad_input(self):
        for provider, more in (("aliyun", {"address": "138 0013"}), ("tencent", {"address": "13800138002\r\nX: y"}),
                               ("mas", {"title": "高\n温"}), ("dingtalk", {"title": "", "text": ""}),
                               ("wecom", {"text": "\x01"}), ("govding", {"address": "58&tenantId=1"}),
                               ("webhook", {"name": "a\r\nb"})):
            self.assertEqual(self.send(provider, **more)[0], "impossible", provider)
        self.assertEqual(self.stub.asked, [])


class Robots(Providers):
    """A directory with a file for each robot."""

    def test_by_name(self):
        self.stub.says(self.stub.json(OK["wecom"]))
        settings = self.settings("wecom")
        self.robot("xieqiao", f"wecom {self.stub.url}/other")
        ends = Sending(settings, [self.message("wecom", address=name) for name in ("xieqiao", "nobody")]).results()
        self.assertEqual([outcome for outcome, _ in ends], ["delivered", "misconfigured"])
        self.assertEqual([one.path for one in self.stub.asked], ["/other"])

    def test_bad_files(self):
        def refused(name, line, mode=0o600):
            self.robot(name, line)
            (self.robots / name).chmod(mode)
            asked = subprocess.run([PROGRAM, f"--robots={self.robots}"], input="[]", capture_output=True, text=True,
                                   check=False)
            self.assertEqual(asked.returncode, 1, (name, line))
            self.assertIn(f"(file {name}: ", asked.stderr)
            self.assertNotIn(self.stub.url, asked.stderr)
            (self.robots / name).unlink()

        refused("xucun", f"slack {self.stub.url}")
        refused("xucun", "wecom")
        refused("xucun", "wecom ftp://127.0.0.1/")
        refused("xucun", f"wecom {self.stub.url}", 0o644)
        refused("Xu cun", f"wecom {self.stub.url}")
        refused("xucun", f"wecom {self.stub.url}\nwecom {self.stub.url}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
