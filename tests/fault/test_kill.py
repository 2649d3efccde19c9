#!/usr/bin/python3
"""kill -9 of each service in turn under a running import: nothing lost, nothing twice.

Every id that got a receipt must be in the journal and in the totals exactly once, by a recount that shares no code with
the aggregator. The negative control runs the same with an aggregator that folds amendments wrong, and must fail.
"""
import csv
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import recount

ROWS = 20000
SQUADS = ["直属志愿中队", "许村志愿中队", "硖石志愿中队", "海昌（开发区）志愿中队"]
PROGRAMMES = ["清洁家园，共创文明", "文明养犬", "垃圾分类", "文明停车", "新时代文明实践"]


def sheet(rows, people):
    """A CSV as a squad's office keeps it, in GB18030."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["编号", "中队", "活动名称", "项目", "活动日期", "参与人次", "活动时长", "成效", "负责人", "联系电话"])
    for row in range(rows):
        writer.writerow([f"K{row:05d}", SQUADS[row % len(SQUADS)], f"第{row}次河西社区清理", PROGRAMMES[row % 5],
                         f"2025-{row % 12 + 1:02d}-{row % 28 + 1:02d}", f"{people + row % 30}{'余' if row % 3 else ''}名",
                         "2小时", f"清理牛皮癣 {row % 50 + 1}处；清运垃圾 近{row % 9 + 1}.5吨", "沈𠮷", "13800000000"])
    return text.getvalue().encode("gb18030")


def run_import(chaoxun, path, *options):
    """Starts an import; its lines of progress tell that it is under way."""
    return subprocess.Popen([harness.COMMAND, "import", str(path), *options], env=chaoxun.environment,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def stored(chaoxun):
    """Reports that the journal holds now."""
    answer = chaoxun.ask(chaoxun.socket("submit"), "head", seconds=30)[1]
    return int(answer["position"].split(".")[2])


def import_under_kills(chaoxun, path, *options):
    """Runs an import and kills each service once while it runs; gives its output."""
    running = run_import(chaoxun, path, *options)
    output = []
    reader = threading.Thread(target=lambda: output.extend(running.stdout), daemon=True)
    reader.start()
    for service in harness.SERVICES:
        before = stored(chaoxun)
        harness.until(lambda: stored(chaoxun) > before + 300 or running.poll() is not None, 60, "progress of the import")
        killed_while_running = running.poll() is None
        old = chaoxun.kill(service)
        chaoxun.wait_restart(service, old)
        print(f"killed {service} at seq > {before}, import {'running' if killed_while_running else 'over'}", flush=True)
    running.wait(120)
    reader.join(10)
    running.stdout.close()
    return running.returncode, "".join(output)


def compare(chaoxun):
    """The live totals beside the recount, by squad, programme and month; gives the pairs that differ."""
    head = chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]
    status, live = chaoxun.http("GET", f"/api/v1/totals?by=squad,programme,month&at_least={head}")
    assert status == 200, live
    counted = recount.Journal(chaoxun.data).totals(by=("squad", "programme", "month"))
    assert len(live["rows"]) == len(counted), (len(live["rows"]), len(counted))
    return [(one, other) for one, other in zip(live["rows"], counted) if one != other]


def scenario(chaoxun, folder):
    first, second = folder / "first.csv", folder / "amended.csv"
    first.write_bytes(sheet(ROWS, 10))
    second.write_bytes(sheet(ROWS // 10, 40))
    status, output = import_under_kills(chaoxun, first)
    print(output[-600:])
    assert status == 0, status
    amended = run_import(chaoxun, second, "--amend")
    print(amended.communicate(timeout=120)[0][-600:])
    assert amended.returncode == 0


def check(chaoxun, folder):
    scenario(chaoxun, folder)
    events = recount.Journal(chaoxun.data).events  # refuses a broken chain and an id that occurs twice
    reports = sum(event["type"] == "report.submitted" for event in events)
    assert reports == ROWS, reports
    different = compare(chaoxun)
    assert not different, different[:5]
    verified = chaoxun.command("verify", seconds=120)
    print(verified.stdout)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def check_planted(chaoxun, folder):
    """The same oracle on a wrong fold: it must see it."""
    rows = folder / "small.csv"
    rows.write_bytes(sheet(60, 10))
    assert chaoxun.command("import", rows).returncode == 0
    rows.write_bytes(sheet(60, 40))
    assert chaoxun.command("import", rows, "--amend").returncode == 0
    different = compare(chaoxun)
    assert different, "the recount did not see the planted wrong fold"
    print("the planted wrong fold was seen:", json.dumps(different[0], ensure_ascii=False, default=str)[:300])


def planted_binaries(folder):
    """A folder of binaries in which the aggregator is the wrong one."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for program in ("chaoxun", "chaoxun-intake", "chaoxun-archiver", "chaoxun-notifier", "chaoxun-portal"):
        shutil.copy(harness.BIN / program, bin_folder)
    shutil.copy(harness.BIN / "chaoxun-aggregator-wrong", bin_folder / "chaoxun-aggregator")
    return bin_folder


def main():
    with tempfile.TemporaryDirectory(prefix="cx-kill-") as name:
        folder = pathlib.Path(name)
        with harness.Instance() as chaoxun:
            check(chaoxun, folder)
        harness.COMMAND = planted_binaries(folder) / "chaoxun"
        with harness.Instance() as chaoxun:
            check_planted(chaoxun, folder)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
