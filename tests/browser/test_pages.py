#!/usr/bin/python3
"""The pages in Debian's Chromium: installs what drives the browser, runs pages.mjs and office.mjs side by side, each with a
潮讯, a gateway and a mail server of its own.

The packages of package-lock.json go into the build folder, by npm without scripts; screenshots into browser/screenshots
there.
"""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "flow"))
import harness
import notice_scene
from notice_scene import delivery

BUILD = pathlib.Path(os.environ.get("CHAOXUN_BUILD", harness.ROOT / "build/asan")).resolve()
FOLDER = BUILD / "browser"
FILES = ("package.json", "package-lock.json")
RULES = harness.ROOT / "scripts/data/rules/haining.json"
# To somebody by a way that is not configured: its messages are held for a person.
DESK = {"rule": "desk", "name": "退回记录抄送办公室", "kind": "event", "event": "report.returned", "channels": ["govding"],
        "recipients": [{"of": "brigade", "post": "office"}],
        "templates": [{"title": "退回记录", "text": "{单位}：{日期}有一条活动记录被退回。"}]}


def install():
    """node_modules of the lock file, unless they are there."""
    if all((FOLDER / name).exists() and (FOLDER / name).read_bytes() == (HERE / name).read_bytes() for name in FILES):
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "package.json", FOLDER)
    (FOLDER / "package-lock.json").write_bytes((HERE / "package-lock.json").read_bytes() + b"\n")  # whole when npm is done
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, check=True)
    shutil.copy(HERE / "package-lock.json", FOLDER)


class Reporter(threading.Thread):
    """Reports each SMS as delivered, as a gateway does a moment later; to the last number as not delivered."""

    def __init__(self, gateway, undelivered):
        super().__init__(daemon=True)
        self.gateway, self.undelivered = gateway, undelivered
        self.ended = threading.Event()

    def run(self):
        done = 0
        while not self.ended.wait(0.1):
            for one in self.gateway.asked[done:]:
                reports = delivery.Reports(one["dlr-url"], p=one["to"])
                reports.send(delivery.UNDELIVERED if one["to"] == self.undelivered else delivery.DELIVERED)
                done += 1


def fill(scene):
    """Accounts, a contact in each squad but two, reports that show their history; gives the last telephone number."""
    chaoxun = scene.chaoxun
    for account, unit, role in (("xiashi", "haining/xiashi", "squad"), ("guide", "haining", "guide"), ("boss", "haining", "office")):
        scene.set_account(account, unit, role)
    units = [unit["unit"] for unit in chaoxun.http("GET", "/api/v1/units")[1]["units"]]
    names = "沈𠮷安 王㐂平 陈芳 张明 许晴 周立 吴军 郑洁 冯云 褚文 卫东 蒋丽".split()
    empty = ("haining/xucun", "haining/huanwei")
    phones = [f"138001380{number:02}" for number in range(12)]
    for number, unit in enumerate(unit for unit in units if unit not in empty):
        side = {"name": names[number], "phone": phones[number]}
        if number % 3 == 0:
            side["email"] = ("refused" if number == 3 else f"contact{number}") + "@haining.test"
        if number == 6:
            side["email"] = "later@haining.test"
        if number == 7:
            side["email"] = "office7@haining.test"
        scene.set_contact(f"P{number:03}", unit, post="leader", **side)
    scene.set_contact("P100", "haining", post="office", name="褚𫚖", phone="13800138100", govding="office1")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(json.dumps([*json.loads(RULES.read_text(encoding="utf-8")), DESK], ensure_ascii=False))
        file.flush()
        result = chaoxun.command("rule", "set", file.name, "--unit", "haining")
        assert result.returncode == 0, result.stderr
    text = {"title": "更正给人看的活动", "place": "河西社区", "attendances_text": "20余名"}
    first = chaoxun.submit(harness.report(date="2026-11-20", attendances=20, attendances_approx="at-least", side=text))[0]
    for attendances, reason in ((25, "签到表漏了人"), (26, "又补了一人")):
        body = {"programmes": ["clean-home", "dog"], "date": "2026-11-20", "attendances": attendances, "amends": first["id"]}
        chaoxun.submit(harness.event("report.amended", "haining/xiashi", body,
                                     text | {"attendances_text": f"{attendances}名", "reason": reason}))
    gone = chaoxun.submit(harness.report(date="2026-11-21", side={"title": "撤回给人看的活动"}))[0]
    last = chaoxun.submit(harness.event("report.withdrawn", "haining/xiashi", {"report": gone["id"]}, {"reason": "重复填报"}))[0]
    assert last["status"] == "stored", last
    chaoxun.http("GET", "/api/v1/reports?limit=1&at_least=" + last["position"])
    return phones[-1]


def drive(script):
    """(exit status, what was said, what the gateway was asked) of a script, with a 潮讯 of its own."""
    with notice_scene.Scene(demo=True, CHAOXUN_RETRY_MS="500") as scene:
        reporter = Reporter(scene.gateway, fill(scene))
        reporter.start()
        environment = os.environ | {"CHAOXUN_BUILD": str(BUILD), "CHAOXUN_TEST_URL": scene.chaoxun.url,
                                    "CHAOXUN_TEST_PASSWORD": notice_scene.PASSWORD}
        try:
            done = subprocess.run(["node", *sys.argv[1:], HERE / script], env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False)
        finally:
            reporter.ended.set()
            reporter.join()
        return done.returncode, done.stdout, scene.gateway.asked


class Pages(unittest.TestCase):
    def test_pages(self):
        install()
        shutil.rmtree(FOLDER / "screenshots", ignore_errors=True)
        with concurrent.futures.ThreadPoolExecutor() as lanes:  # each waits a lot for its browser
            pages, office = lanes.map(drive, ("pages.mjs", "office.mjs"))
        print(pages[1], office[1], sep="\n", flush=True)
        self.assertEqual((pages[0], office[0]), (0, 0))
        for width in (390, 1280):
            sent = [one["to"] for one in pages[2] if f"只发一次{width}" in one["text"]]
            self.assertEqual((len(sent), len(set(sent))), (12, 12), "each once, though the answer was lost")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
