#!/usr/bin/python3
"""The command's words: help, exit statuses, and what goes in comes out again, in Chinese too."""
import concurrent.futures
import json
import os
import re
import subprocess
import tempfile
import threading
import unittest

import zmq

import harness

NOT_COMMANDS = {"help", "--version"}
CSV = ("编号,中队,活动名称,项目,活动日期,参与人次,成效\n"
       "X1,许村志愿中队,河道清理,清洁家园，共创文明,2026-05-06,20余名,清理牛皮癣 200多处\n"
       "X2,xucun,养犬宣传,文明养犬,2026-05-07,近30人,发放宣传单 100份\n").replace("清洁家园，共创文明", '"清洁家园，共创文明"')


def run(*words, **options):
    """The command without a running system."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAOXUN_")}
    return subprocess.run([harness.COMMAND, *map(str, words)], env=environment | {"LC_ALL": "C.UTF-8"}, text=True,
                          capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL, **options)


class Words(unittest.TestCase):
    def test_every_command_explains_itself(self):
        overview = run("help")
        self.assertEqual(overview.returncode, 0)
        names = re.findall(r"^  ((?:[a-z-]+ ?)+?)  +\S", overview.stdout, re.MULTILINE)
        names = [name.strip() for name in names if name.strip() not in NOT_COMMANDS]
        self.assertGreater(len(names), 20)
        for name in names:
            with self.subTest(name):
                help_text = run(*name.split(), "--help")
                self.assertEqual((help_text.returncode, help_text.stderr), (0, ""))
                self.assertTrue(help_text.stdout.startswith(f"usage: chaoxun {name}"))
                self.assertIn("--data DIR", help_text.stdout)
                self.assertEqual(run("help", *name.split()).stdout, help_text.stdout)
                self.assertEqual(run(*name.split(), "--no-such-option").returncode, 2)

    def test_words_that_are_wrong(self):
        cases = [
            ([], 2, "usage:", ""),
            (["sumbit"], 2, "", "did you mean submit"),
            (["xyzzy"], 2, "", "chaoxun help lists them"),
            (["unit"], 2, "", "chaoxun unit set"),
            (["unit", "--help"], 0, "chaoxun unit set", ""),
            (["unit", "list", "more"], 2, "", "too many"),
            (["user", "add"], 2, "", "too few"),
            (["user", "add", "x", "--unit", "haining", "--role", "king"], 2, "", "squad, guide, office or admin"),
            (["totals", "--from", "2026-02-30"], 2, "", "2026-02-30 is not a day"),
            (["totals", "--by", "squad,colour"], 2, "", "week"),
            (["totals", "--form", "2026-01-01"], 2, "", "--from is near"),
            (["tail", "--follow", "--no-follow"], 2, "", "one or the other"),
            (["import"], 2, "", "FILE.csv"),
            (["bench", "--live", "--in-flight", "2"], 2, "", "one frame"),
            (["--version"], 0, "chaoxun 0.", ""),
            (["help", "settings"], 0, "--session-hours=12", ""),
        ]
        for words, status, out, err in cases:
            with self.subTest(words=words):
                result = run(*words)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertIn(out, result.stdout)
                self.assertIn(err, result.stderr)

    def test_without_services(self):
        with tempfile.TemporaryDirectory(prefix="cx-") as folder:
            nothing = run("totals", "--data", f"{folder}/none")
            self.assertEqual(nothing.returncode, 1)
            self.assertIn("chaoxun up makes a new one", nothing.stderr)
            data = f"{folder}/data"
            self.assertEqual(run("keys", "init", "--data", data).returncode, 0)
            self.assertEqual(run("keys", "init", "--data", data).returncode, 0, "never overwrites, never fails")
            self.assertIn("operator", run("keys", "list", "--data", data).stdout)
            self.assertEqual(run("keys", "make", "square", "--data", data).returncode, 0)
            self.assertEqual(run("keys", "make", "square", "--data", data).returncode, 1)
            with concurrent.futures.ThreadPoolExecutor() as lanes:  # they wait for some seconds
                totals, status, disk = lanes.map(lambda words: run(*words, "--data", data), (
                    ["totals"], ["status"], ["bench", "disk", "--seconds", "1", "--json"]))
            self.assertEqual((totals.returncode, status.returncode), (69, 69), totals.stderr + status.stderr)
            self.assertIn("is chaoxun up running", totals.stderr)
            kinds = [json.loads(line)["file"] for line in disk.stdout.splitlines()]
            self.assertEqual((disk.returncode, kinds), (0, ["growing", "recycled"]))

    def test_streams_that_are_closed(self):
        closed = subprocess.run(f"{harness.COMMAND} help >&-", shell=True, capture_output=True, check=False)
        self.assertEqual(closed.returncode, 0, closed.stderr)
        full = subprocess.run(f"{harness.COMMAND} help >/dev/full", shell=True, capture_output=True, check=False)
        self.assertEqual(full.returncode, 1)
        self.assertIn(b"No space left", full.stderr)
        cut = subprocess.run(["bash", "-c", f"set -o pipefail; {harness.COMMAND} help settings | head -n 1"],
                             capture_output=True, check=False)
        self.assertEqual((cut.stdout.count(b"\n"), cut.stderr), (1, b""))


class WithServices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.chaoxun = harness.Instance()
        cls.addClassCleanup(cls.chaoxun.close)
        cls.chaoxun.start()

    def command(self, *words, status=0, **options):
        result = self.chaoxun.command(*words, **options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def file(self, content):
        made = tempfile.NamedTemporaryFile(prefix="cx-", suffix=".csv")
        self.addCleanup(made.close)
        made.write(content)
        made.flush()
        return made.name

    def figures(self, unit, *words):
        answer = json.loads(self.command("totals", "--unit", unit, "--json", *words).stdout)
        return answer["rows"][0]

    def settled(self, unit):
        """The figures with everything that was received so far."""
        head = self.chaoxun.ask(self.chaoxun.socket("submit"), "head")[1]["position"]
        return self.figures(unit, "--at-least", head)

    def test_submit_and_totals(self):
        unit = "haining/dingqiao"
        event = {"type": "report.submitted", "unit": unit,
                 "body": {"programmes": ["clean-home"], "date": "2026-05-06", "attendances": 20, "minutes": 1230,
                          "attendances_approx": "at-least",
                          "measures": [{"name": "清理垃圾", "quantity": 1200, "unit": "吨", "approx": "below"}]},
                 "side": {"title": "河道清理"}}
        receipt = json.loads(self.command("submit", "--json", stdin=json.dumps(event)).stdout)
        self.assertEqual(receipt["status"], "stored")
        row = self.figures(unit, "--at-least", receipt["position"])
        self.assertEqual((row["attendances"]["value"], row["attendances"]["mark"]), (20, "≥"))

        again = event | {"id": receipt["id"], "at": 1}
        self.assertIn("conflict", self.command("submit", stdin=json.dumps(again), status=1).stdout)

        table = self.command("totals", "--unit", unit, "--by", "squad,month").stdout
        self.assertIn("丁桥志愿中队", table)
        self.assertIn("≥20", table)
        self.assertIn("20.5", table)
        self.assertIn("清理垃圾 近1.2吨", table)
        self.assertIn("as of " + receipt["position"].split(".")[0], table)
        chinese = self.command("totals", "--unit", unit, "--lang", "zh").stdout
        self.assertIn("参与人次", chinese)
        self.assertIn("截至", chinese)
        csv = self.command("totals", "--unit", unit, "--by", "squad", "--csv").stdout
        self.assertIn('"丁桥志愿中队"', csv)
        self.assertIn('"清理垃圾",1200,"近","吨"', csv)
        self.command("totals", "--at-least", "rubbish", status=1)
        beyond = re.sub(r"\.\d+\.(\w+)$", r".99999.\1", receipt["position"])
        self.assertIn("beyond", self.command("totals", "--at-least", beyond, status=1).stderr)

    def test_submit_says_every_fault(self):
        bad = {"type": "report.submitted", "unit": "haining/nowhere",
               "body": {"programmes": ["clean-home"], "attendances": -1, "atendances": 3}}
        good = {"type": "report.submitted", "unit": "haining/xiashi", "body": {"programmes": ["dog"]}}
        lines = json.dumps(bad) + "\n\n" + json.dumps(good) + "\n"
        english = self.command("submit", stdin=lines, status=1).stdout
        self.assertIn("atendances: no such field", english)
        self.assertIn("-1 is below 0", english)
        self.assertIn("stored", english)
        chinese = self.command("submit", stdin=json.dumps([bad]), status=1, environment={"LC_ALL": "zh_CN.UTF-8"})
        self.assertIn("未接收", chinese.stdout)
        self.assertIn("没有“body.atendances”这个字段", chinese.stdout)
        elsewhere = good | {"unit": "haining/nowhere"}
        self.assertIn("haining/nowhere does not exist", self.command("submit", stdin=json.dumps(elsewhere), status=1).stdout)
        later = {"type": "bulletin.frozen", "unit": "haining/xiashi", "body": {}}
        self.command("submit", stdin=json.dumps(later), status=1)
        for rubbish in ("", "not json", '{"a":1', '{"a":1,"a":2}', "[" * 1000):
            with self.subTest(rubbish=rubbish[:20]):
                self.assertRegex(self.command("submit", stdin=rubbish, status=1).stderr, "^chaoxun: ")

    def test_import(self):
        path = self.file(CSV.encode("gb18030"))
        unit = "haining/xucun"
        check = self.command("import", path, "--check").stdout
        self.assertIn("2 rows (GB18030): 2 good, 0 with faults", check)
        self.assertEqual(self.figures(unit)["reports"], 0, "nothing was sent")
        self.assertIn("2 stored", self.command("import", path).stdout)
        self.assertIn("0 stored, 2 already there", self.command("import", self.file(CSV.encode())).stdout)
        row = self.settled(unit)
        self.assertEqual((row["reports"], row["attendances"]["value"], row["attendances"]["mark"]), (2, 50, "约"))

        changed = CSV.replace("20余名", "25名")
        conflict = self.command("import", self.file(changed.encode()), status=1)
        self.assertIn("1 conflicts", conflict.stdout)
        self.assertIn("row 2: conflict", conflict.stderr)
        self.assertIn("--amend", conflict.stderr)
        self.assertIn("1 amended", self.command("import", self.file(changed.encode()), "--amend").stdout)
        self.assertIn("2 already there", self.command("import", self.file(changed.encode()), "--amend").stdout)
        self.assertEqual(self.settled(unit)["attendances"]["value"], 55)

        broken = CSV + 'X3,不存在的中队,某活动,文明养犬,2026-05-08,很多人,\nX4,许村志愿中队,某活动\nX5,xucun,好的,文明养犬,,7人,\n'
        result = self.command("import", self.file(broken.encode()), "--lang", "zh", status=1)
        self.assertRegex(result.stderr, "第 4 行，列 中队：.*不存在的中队")
        self.assertRegex(result.stderr, "第 4 行，列 参与人次：")
        self.assertRegex(result.stderr, "第 5 行：.*3 列")
        self.assertIn("收到 1，已有 2，更正 0，未接收 2，编号冲突 0", result.stdout)
        future = CSV.replace("X1", "X8").replace("2026-05-06", "2099-05-06")
        refused = self.command("import", self.file(future.encode()), status=1)
        self.assertIn("row 2, column 活动日期: 活动日期: 2099-05-06 lies in the future", refused.stderr)
        self.assertIn("参与人次", self.command("import", "--headers").stdout)
        self.assertIn("UTF-16", self.command("import", self.file(CSV.encode("utf-16")), status=1).stderr + "UTF-16")
        self.command("import", "no-such-file.csv", status=1)

    def test_tail(self):
        event = harness.report("haining/maqiao", side={"title": "马桥夜巡", "contact_name": "沈𠮷"})
        receipt = self.chaoxun.submit(event)[0]
        lines = self.command("tail", "--no-follow").stdout.splitlines()
        self.assertTrue(lines[0].split()[0] == "1" and "haining" in lines[0])
        seqs = [int(line.split()[0]) for line in lines]
        self.assertEqual(seqs, list(range(1, len(lines) + 1)))
        mine = [line for line in lines if line.startswith(str(receipt["seq"]) + " ")]
        self.assertIn("report.submitted", mine[0])
        self.assertNotIn("马桥夜巡", mine[0], "no side unless asked for")
        whole = [json.loads(line) for line in self.command("tail", "--no-follow", "--side", "--json").stdout.splitlines()]
        self.assertEqual(whole[receipt["seq"] - 1]["side"]["contact_name"], "沈𠮷")
        later = self.chaoxun.submit(harness.report("haining/maqiao"))[0]
        rest = self.command("tail", "--no-follow", "--from", receipt["position"]).stdout.splitlines()
        self.assertIn(str(later["seq"]), [line.split()[0] for line in rest])
        self.assertGreater(int(rest[0].split()[0]), receipt["seq"])
        other = receipt["position"].split(".")
        self.command("tail", "--no-follow", "--from", ".".join(["0123456789abcdef", *other[1:]]), status=1)

    def test_tail_follows_through_a_restart(self):
        tail = subprocess.Popen([harness.COMMAND, "tail", "--from", "now"], env=self.chaoxun.environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8")
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(tail.stdout), daemon=True)
        try:
            reader.start()
            harness.until(lambda: self.followed(lines), 10, "the first event")
            old = self.chaoxun.kill("intake")
            self.chaoxun.wait_restart("intake", old)
            seen = len(lines)
            harness.until(lambda: self.followed(lines) and len(lines) > seen, 20, "an event after the restart")
            seqs = [int(line.split()[0]) for line in lines]
            self.assertEqual(seqs, list(range(seqs[0], seqs[0] + len(seqs))))
        finally:
            tail.kill()
            reader.join()
            tail.stdout.close()
            tail.wait()

    def followed(self, lines):
        """Hands in one more report; true when the last one was followed."""
        before = len(lines)
        seq = self.chaoxun.submit(harness.report("haining/jianshan"))[0]["seq"]
        harness.within(lambda: len(lines) > before, 2)
        return any(line.startswith(f"{seq} ") for line in lines)

    def test_units(self):
        path = "haining/xucun/dongmen"
        self.assertIn("--name and --kind", self.command("unit", "set", path, status=2).stderr)
        self.command("unit", "set", path, "--name", "东门小队", "--kind", "team", "--order", 99)
        listed = self.command("unit", "list").stdout
        self.assertRegex(listed, r"haining/xucun/dongmen +东门小队 +team +99")
        self.command("unit", "set", path, "--closed")
        self.assertRegex(self.command("unit", "list").stdout, r"东门小队 .* closed")
        refused = self.chaoxun.submit(harness.report(path))[0]
        self.assertEqual(refused["faults"][0]["code"], "unit-closed")
        self.command("unit", "set", path, "--open", "--name", "东门分队")
        self.assertEqual(self.chaoxun.submit(harness.report(path))[0]["status"], "stored")
        self.assertIn("东门分队", self.command("unit", "list", "--lang", "zh").stdout)
        self.command("unit", "set", "haining/Bad Path", "--name", "x", "--kind", "team", status=1)

    def test_users(self):
        made = self.command("user", "add", "yuanhua", "--unit", "haining/yuanhua", "--role", "squad").stdout
        password = re.search(r"password of yuanhua: (\S+)", made)[1]
        sign_in = {"account": "yuanhua", "password": password}
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=False)[0], 200)
        self.assertRegex(self.command("user", "list").stdout, r"yuanhua +haining/yuanhua +squad")
        self.command("user", "password", "yuanhua", "--ask", stdin="另一个密码 12345\n")
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=False)[0], 401)
        sign_in["password"] = "另一个密码 12345"
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=False)[0], 200)
        self.assertIn("at least 8", self.command("user", "password", "yuanhua", "--ask", stdin="short\n", status=1).stderr)
        self.command("user", "off", "yuanhua")
        self.assertRegex(self.command("user", "list").stdout, r"yuanhua +haining/yuanhua +none")
        self.command("user", "off", "nobody", status=1)
        self.command("user", "password", "nobody", status=1)

    def test_the_office_changes_its_own_password(self):
        changed = self.command("user", "password", "office").stdout
        password = re.search(r"password of office: (\S+)", changed)[1]
        self.assertFalse((self.chaoxun.data / "first-password").exists(), "it no longer holds")
        sign_in = {"account": "office", "password": password}
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=False)[0], 200)
        self.command("user", "password", "office", "--ask", stdin=f"第三个 密码 777\n{password}\n")
        sign_in["password"] = "第三个 密码 777"
        self.assertEqual(self.chaoxun.http("POST", "/api/v1/session", sign_in, token=False)[0], 200)
        self.command("user", "password", "office", "--ask", stdin="第四个密码 888\nwrong old one\n", status=1)

    def test_clients(self):
        with tempfile.TemporaryDirectory(prefix="cx-") as folder:
            os.chmod(folder, 0o700)
            made = self.command("client", "add", "square", "--unit", "haining/xieqiao", "--role", "squad", "--out", folder)
            self.assertIn(self.chaoxun.endpoint("submit"), made.stdout)
            keys = ["--key", f"{folder}/square.key", "--server-key", f"{folder}/intake.pub"]
            event = {"type": "report.submitted", "unit": "haining/xieqiao", "body": {"programmes": ["dog"]}}
            self.assertIn("stored", self.command("submit", *keys, stdin=json.dumps(event)).stdout)
            other = event | {"unit": "haining/xucun"}
            self.assertIn("outside haining/xieqiao", self.command("submit", *keys, stdin=json.dumps(other), status=1).stdout)
            self.assertRegex(self.command("client", "list").stdout, r"square +haining/xieqiao +squad")
            public, _ = zmq.curve_keypair()
            self.command("client", "add", "far", "--unit", "haining/xieqiao", "--role", "head", "--key", public.decode())
            self.assertIn(public.decode(), self.command("client", "list").stdout)
            self.command("client", "off", "square")
            refused = self.chaoxun.command("submit", *keys, stdin=json.dumps(event))
            self.assertIn(refused.returncode, (1, 69), refused.stdout + refused.stderr)
            self.assertNotIn("stored", refused.stdout)
            self.command("client", "off", "nothing", status=1)

    def test_people(self):
        person = {"name": "沈𠮷", "phone": "13800001234", "email": "shen@example.cn"}
        self.command("contact", "set", "P001", "--unit", "haining/xiashi", "--post", "leader", stdin=json.dumps(person))
        seen = self.command("tail", "--no-follow", "--side", "--json").stdout
        self.assertIn("沈𠮷", seen)
        self.command("person", "erase", "P001", "--ground", "request")
        self.assertNotIn("沈𠮷", self.command("tail", "--no-follow", "--side", "--json").stdout)
        refused = self.command("contact", "set", "P001", "--unit", "haining/xiashi", stdin='{"name": "x"}', status=1)
        self.assertRegex(refused.stderr + refused.stdout, "phone|email")
        self.command("contact", "set", "P001", "--unit", "haining/xiashi", stdin='["x"]', status=1)

        receipt = self.chaoxun.submit(harness.report(side={"narrative": "这段文字要删去"}))[0]
        identity = receipt["id"].hex()
        self.assertIn("这段文字要删去", self.command("tail", "--no-follow", "--side", "--json").stdout)
        self.command("text", "redact", identity)
        self.assertNotIn("这段文字要删去", self.command("tail", "--no-follow", "--side", "--json").stdout)
        self.command("text", "redact", "not-an-id", status=2)
        self.command("verify")

    def test_status_and_verify(self):
        status = json.loads(self.command("status", "--wait", 20, "--json").stdout)
        self.assertEqual([one["service"] for one in status], list(harness.SERVICES))
        self.assertTrue(all(one["ready"] and one["memory"] > 1_000_000 for one in status))
        self.assertRegex(self.command("status").stdout, r"portal +ready")
        lines = self.command("verify").stdout.splitlines()
        self.assertEqual([line.split()[:2] for line in lines], [[name, "fits"] for name in harness.SERVICES])


class Bench(unittest.TestCase):
    def test_load_and_live_totals(self):
        with harness.Instance() as chaoxun:
            load = ["--clients", 4, "--in-flight", 4, "--events-per-frame", 10, "--events", 400, "--json"]
            result = json.loads(chaoxun.command("bench", *load).stdout)
            self.assertEqual((result["stored"], result["failed"], result["busy"]), (400, 0, 0))
            self.assertTrue(0 < result["receipt_p50_us"] <= result["receipt_p99_us"] <= result["receipt_max_us"])
            live = json.loads(chaoxun.command("bench", "--live", "--events", 20, "--json").stdout)
            self.assertEqual(live["stored"], 20)
            self.assertTrue(0 < live["receipt_p50_us"] < live["live_p50_us"])
            self.assertIn("receipts/s", chaoxun.command("bench", "--seconds", 1).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
