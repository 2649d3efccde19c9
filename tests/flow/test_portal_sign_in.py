#!/usr/bin/python3
"""Signing in at the HTTP door: cookies, tokens, passwords, roles, other sites, throttling."""
import json
import pathlib
import unittest

import harness
from portal_door import (PASSWORD, ask, bearer, chaoxun, report, set_account, setUpModule, sign_in, tearDownModule)


def spent():
    """The processor's time that the portal has had, in ticks: how busy the machine is does not show in it."""
    numbers = pathlib.Path(f"/proc/{chaoxun.pids()['portal']}/stat").read_text().rpartition(")")[2].split()
    return int(numbers[11]) + int(numbers[12])  # utime, stime: proc(5)


class SignIn(unittest.TestCase):
    def test_cookie_and_who_am_i(self):
        status, answer, cookie, headers = sign_in("xiashi")
        self.assertEqual(status, 200)
        self.assertEqual((answer["account"], answer["unit"], answer["role"]), ("xiashi", "haining/xiashi", "squad"))
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, headers["Set-Cookie"])
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": cookie})[2]["account"], "xiashi")
        self.assertEqual(ask("DELETE", "/api/v1/session", headers={"Cookie": cookie})[0], 204)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": cookie})[0], 401)

    def test_wrong_password_and_unknown_account_look_the_same(self):
        started = spent()
        wrong = sign_in("guide", "not the password")
        between = spent()
        unknown = sign_in("nobody-here", "not the password")
        ended = spent()
        self.assertEqual(wrong[0], 401)
        self.assertEqual(wrong[1], unknown[1])
        self.assertEqual(wrong[1]["code"], "bad-password")
        # Both cost one argon2id, which takes longer than everything else together.
        self.assertGreater(ended - between, (between - started) / 4)

    def test_account_that_is_switched_off(self):
        _, _, cookie, _ = sign_in("gone")
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": cookie})[0], 200)
        set_account("gone", "haining/xucun", "none")
        # Roles are kept for five seconds at most.
        self.assertTrue(harness.within(lambda: ask("GET", "/api/v1/session", headers={"Cookie": cookie})[0] == 403, 8))
        status, answer, _, _ = sign_in("gone")
        self.assertEqual((status, answer["code"]), (403, "account-off"))

    def test_token_for_scripts(self):
        _, _, cookie, _ = sign_in("xiashi")
        status, _, answer = ask("POST", "/api/v1/tokens", headers={"Cookie": cookie})
        self.assertEqual(status, 201)
        token = {"Authorization": "Bearer " + answer["token"]}
        self.assertEqual(ask("GET", "/api/v1/session", headers=token)[2]["account"], "xiashi")
        stored = b"".join(path.read_bytes() for path in (chaoxun.data / "portal").glob("accounts.db*"))
        self.assertNotIn(answer["token"].encode(), stored)
        self.assertNotIn(PASSWORD.encode(), stored)
        self.assertIn(b"$argon2id$", stored)
        self.assertEqual(ask("DELETE", "/api/v1/tokens", headers=token)[0], 204)
        self.assertEqual(ask("GET", "/api/v1/session", headers=token)[0], 401)

    def test_other_sites_are_refused(self):
        _, _, cookie, _ = sign_in("xiashi")
        headers = {"Cookie": cookie, "Content-Type": "application/json"}
        body = json.dumps(report())
        for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                       {"Sec-Fetch-Site": "same-site"}):
            status, _, answer = ask("POST", "/api/v1/events", body, headers | origin)
            self.assertEqual((status, answer["code"]), (403, "cross-site"), origin)
        for origin in ({"Origin": chaoxun.url}, {"Sec-Fetch-Site": "same-origin"}, {}):
            self.assertEqual(ask("POST", "/api/v1/events", body, headers | origin)[0], 201, origin)

    def test_passwords(self):
        set_account("changes", "haining/xiashi", "squad")
        put = lambda document, headers: ask("PUT", "/api/v1/users/changes/password", json.dumps(document), headers)
        self.assertEqual(put({"password": PASSWORD}, bearer())[0], 204)
        _, _, first, _ = sign_in("changes")
        _, _, second, _ = sign_in("changes")
        self.assertEqual(put({"password": "another-one-1", "old_password": "wrong"}, {"Cookie": first})[0], 401)
        self.assertEqual(put({"password": "short", "old_password": PASSWORD}, {"Cookie": first})[0], 422)
        self.assertEqual(put({"password": "another-one-1", "old_password": PASSWORD}, {"Cookie": first})[0], 204)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": first})[0], 200)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": second})[0], 401)
        self.assertEqual(sign_in("changes", "another-one-1")[0], 200)
        _, _, other, _ = sign_in("xiashi")
        self.assertEqual(put({"password": "another-one-2"}, {"Cookie": other})[0], 403)
        status, _, answer = ask("PUT", "/api/v1/users/nobody/password", json.dumps({"password": PASSWORD}), bearer())
        self.assertEqual((status, answer["code"]), (403, "account-off"))

    def test_without_sign_in(self):
        for path in ("/api/v1/totals", "/api/v1/live", "/api/v1/units", "/api/v1/session"):
            status, headers, answer = ask("GET", path)
            self.assertEqual((status, answer["code"]), (401, "not-signed-in"))
            self.assertEqual(headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Authorization": "Bearer cx_" + "A" * 43})[0], 401)
        self.assertEqual(ask("GET", "/api/v1/session", headers={"Cookie": "cx_session=" + "x" * 300})[0], 401)


class Throttle(unittest.TestCase):
    """Uses up the tries of this address: runs last, being the last by name."""

    def test_many_failures(self):
        seen = [sign_in("throttled", "wrong-password")[0] for _ in range(8)]
        self.assertEqual(seen[-1], 429)
        status, answer, _, headers = sign_in("throttled", "wrong-password")
        self.assertEqual((status, answer["code"]), (429, "too-many-tries"))
        self.assertGreater(int(headers["Retry-After"]), 0)
        self.assertIn("秒", answer["detail"])
        # Neither does the right password help now, nor another account from this address.
        self.assertEqual(sign_in("xiashi")[0], 429)


if __name__ == "__main__":
    unittest.main(verbosity=2)
