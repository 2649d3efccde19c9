#!/usr/bin/python3
"""The four doors: curl, `chaoxun submit`, a Python client of 30 lines over ZeroMQ, and a CSV file in GB18030.

Each report gets a receipt with a position; the totals that are asked for with at_least=<position> hold it; a listener on
the live stream is told.
"""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness

HERE = pathlib.Path(__file__).parent


def by_curl(chaoxun):
    report = {"type": "report.submitted", "unit": "haining/xucun",
              "body": {"programmes": ["dog"], "date": "2026-11-23", "attendances": 7},
              "side": {"title": "文明养犬进社区"}}
    answer = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", chaoxun.url + "/api/v1/events",
         "--header", "@-", "--header", "Content-Type: application/json", "--data", json.dumps(report)],
        input=f"Authorization: Bearer {chaoxun.token}", capture_output=True, text=True, check=True).stdout
    receipts = json.loads(answer)["receipts"]
    assert receipts[0]["status"] == "stored", answer
    return "haining/xucun", 7, receipts[0]["position"]


def by_command(chaoxun):
    report = harness.report("haining/dingqiao", attendances=11)
    del report["id"]
    done = chaoxun.command("submit", "--json", stdin=json.dumps(report, ensure_ascii=False))
    assert done.returncode == 0, done.stdout + done.stderr
    position = re.search(r'"position": ?"([^"]+)"', done.stdout)[1]
    return "haining/dingqiao", 11, position


def by_python(chaoxun, folder):
    made = chaoxun.command("client", "add", "phone", "--unit", "haining/xiashi", "--role", "squad", "--out", folder)
    assert made.returncode == 0, made.stdout + made.stderr
    done = subprocess.run(
        [sys.executable, HERE / "report.py", chaoxun.endpoint("submit"), chaoxun.data / "keys/intake.pub",
         folder / "phone.key"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "stored" in done.stdout, done.stdout + done.stderr
    return "haining/xiashi", 20, re.search(r"'position': '([^']+)'", done.stdout)[1]


def by_csv(chaoxun, folder):
    sheet = folder / "reports.csv"
    sheet.write_bytes("编号,中队,活动名称,项目,活动日期,参与人次\nZ1,斜桥志愿中队,𠮷家桥清理,垃圾分类,2026/11/23,近30人\n"
                      .encode("gb18030"))
    done = chaoxun.command("import", sheet)
    assert done.returncode == 0 and "GB18030" in done.stdout + done.stderr, done.stdout + done.stderr
    position = chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]
    return "haining/xieqiao", 30, position


def row_of(chaoxun, unit, position):
    status, answer = chaoxun.http("GET", f"/api/v1/totals?by=squad&at_least={position}")
    assert status == 200, answer
    return next(row for row in answer["rows"] if row["unit"] == unit)


def check(chaoxun, live, door, unit, attendances, position):
    row = row_of(chaoxun, unit, position)
    assert row["reports"] == 1 and row["attendances"]["value"] == attendances, row
    told = live.wait(unit)
    assert told["attendances"]["value"] == attendances, told
    print(f"{door}: {unit} {row['attendances']['mark']}{attendances} at {position}", flush=True)


class Live:
    """A listener on the live stream, by curl."""

    def __init__(self, chaoxun):
        self.process = subprocess.Popen(
            ["curl", "--silent", "--no-buffer", "--noproxy", "*", "--max-time", "60", "--header", "@-",
             chaoxun.url + "/api/v1/live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"Authorization: Bearer {chaoxun.token}")
        self.process.stdin.close()

    def wait(self, unit):
        """The next row of the unit that has a report."""
        for line in self.process.stdout:
            if line.startswith("data: "):
                for row in json.loads(line[6:]).get("rows", []):
                    if row.get("unit") == unit and row["reports"] > 0:
                        return row
        raise AssertionError(f"the live stream ended before it told of {unit}")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def main():
    with harness.Instance() as chaoxun:
        folder = chaoxun.folder
        live = Live(chaoxun)
        try:
            check(chaoxun, live, "curl", *by_curl(chaoxun))
            check(chaoxun, live, "chaoxun submit", *by_command(chaoxun))
            check(chaoxun, live, "Python over ZeroMQ", *by_python(chaoxun, folder))
            check(chaoxun, live, "CSV in GB18030", *by_csv(chaoxun, folder))
        finally:
            live.close()
    print("4 passed, 0 failed")


if __name__ == "__main__":
    main()
