#!/usr/bin/python3
"""The services' threads do not race: tests of other folders once more, with programs that ThreadSanitizer watches.

The short form runs those that together cross every thread: intake's committer, the aggregator's saver and, in a unit test,
the threads that add up figures as they stood, the archiver's cleaner, the portal's password hashing, the command's first
start. With CHAOXUN_SOAK_SECONDS all run that can.
A race counts wherever it happens, also in a service that `chaoxun up` started and that was killed: each process writes
what it sees into a file of its own, and at the end there must be none. A planted race must leave one.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(os.environ.get("CHAOXUN_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
TREE = ROOT / "build/tsan"
SERVICES = ("chaoxun-intake", "chaoxun-aggregator", "chaoxun-archiver", "chaoxun-notifier", "chaoxun-portal")
SHORT = ("fault/test_erasure.py", "flow/test_intake_durable.py", "flow/test_up.py", "flow/test_notice_way.py",
         "flow/test_portal_figures.py", "clients/test_readme.py", "flow/test_demo_sums.py", "flow/test_report_command.py",
         "fault/test_rubbish.py")
LONG = ("fault/test_kill.py", "fault/test_notifier_kill.py", "fault/test_ready.py", "fault/test_rubbish_notices.py")
UNITS = ("test_aggregator_scan",)
PLANTED_SECONDS = 60
# harness looks for the programs when it is imported.
os.environ["CHAOXUN_BIN"] = str(TREE / "bin")
sys.path.insert(0, str(ROOT / "tests/flow"))
import harness


def options(folder, name):
    """TSan's own words: a file per process, none from a library that it does not see into."""
    return f"die_after_fork=0:suppressions={ROOT / 'tests/tsan.supp'}:log_path={folder / name}.race"


def races(folder, name):
    return sorted(folder.glob(f"{name}.race.*"))


def run_watched(path, folder):
    """The name of a test, its seconds, and what is wrong with it, if anything."""
    name = path.replace("/", ".")
    began = time.monotonic()
    environment = os.environ | {"TSAN_OPTIONS": options(folder, name), "CHAOXUN_BIN": str(TREE / "bin"),
                                "CHAOXUN_LIB": str(TREE / "lib"), "CHAOXUN_BUILD": str(TREE)}
    program = TREE / "bin" / path if path in UNITS else ROOT / "tests" / path
    done = subprocess.run(["nice", program], cwd=ROOT, env=environment, capture_output=True, text=True,
                          errors="replace", check=False)
    wrong = [report.read_text(errors="replace") for report in races(folder, name)]
    if done.returncode != 0:
        wrong.append(f"it ended with {done.returncode}:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return path, time.monotonic() - began, wrong


def check_planted(folder):
    """An aggregator that reads its figures while it folds, as a child of `chaoxun up`: the race must be seen."""
    programs = folder / "planted"
    programs.mkdir()
    for program in ("chaoxun", *SERVICES):
        shutil.copy(TREE / "bin" / program, programs)
    shutil.copy(TREE / "bin/chaoxun-aggregator-raced", programs / "chaoxun-aggregator")
    harness.COMMAND = programs / "chaoxun"
    with harness.Instance("--save-ms=10", environment={"TSAN_OPTIONS": options(folder, "planted")}) as chaoxun:
        deadline = time.monotonic() + PLANTED_SECONDS
        while not races(folder, "planted") and time.monotonic() < deadline:
            chaoxun.submit([harness.report() for _ in range(20)])
    said = "".join(report.read_text(errors="replace") for report in races(folder, "planted"))
    assert "WARNING: ThreadSanitizer: data race" in said and "store_snapshot" in said, said or "the race was not seen"
    print("the planted race was seen", flush=True)


def chosen():
    if not os.environ.get("CHAOXUN_SOAK_SECONDS"):
        return (*UNITS, *SHORT)
    flow = [f"{folder}/{path.name}" for folder in ("flow", "clients") for path in sorted((ROOT / "tests" / folder).glob("test_*.py"))]
    return (*UNITS, *flow, *LONG, *(path for path in SHORT if path not in flow))


def main():
    subprocess.run([ROOT / "scripts/build", "tsan", "chaoxun", *SERVICES, "chaoxun-aggregator-raced", *UNITS], check=True)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="cx-tsan-") as name, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(name)
        for path, seconds, wrong in pool.map(lambda path: run_watched(path, folder), chosen()):
            print(f"{path}: {'FAILED' if wrong else 'no race'}, {seconds:.0f} s", *wrong, sep="\n" if wrong else "", flush=True)
            failures += bool(wrong)
        check_planted(folder)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
