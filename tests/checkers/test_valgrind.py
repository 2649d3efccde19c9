#!/usr/bin/python3
"""The unit tests touch no memory that they should not, use no value that nobody set, and leave nothing behind: every
binary once more under valgrind's memcheck, built without sanitizers.

The short form leaves out those that take minutes there; with CHAOXUN_SOAK_SECONDS none is left out. An invalid access
counts in every process, also in the ones that a test forks; a leak in the test's own process (a forked one ends by
_exit, with all that it had). Under valgrind a test may lose its patience with itself: one that fails without an error
of memory is tried once more. Planted faults must be found.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(os.environ.get("CHAOXUN_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
PROGRAMS = ROOT / "build/fault/bin"
MEMCHECK = ("valgrind", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible", "--errors-for-leak-kinds=none",
            "--num-callers=30", "--error-exitcode=0")
# They take from ten seconds to minutes.
LONG = ("aggregator_fold", "aggregator_store", "archiver_fault", "archiver_record", "archiver_search", "common_service",
        "intake_space", "journal_append", "journal_damage", "journal_fault", "journal_mover", "notifier_codes",
        "notifier_fold", "notifier_year", "stream_flow")
PLANTED = {
    "leak": ("char *kept = malloc(100); kept[0] = 'x'; kept = NULL;", "are definitely lost"),
    "unset": ("int *set = malloc(8); if (set[1]) puts(\"set\"); free(set);", "depends on uninitialised value"),
    "freed": ("char *gone = malloc(8); free(gone); putchar(gone[3]);", "Invalid read"),
    "beyond": ("char *short_one = malloc(8); short_one[8] = 'x'; free(short_one);", "Invalid write"),
    "forked": ("if (fork() == 0) { char *gone = malloc(8); free(gone); putchar(gone[3]); _exit(0); } wait(NULL);", "Invalid read"),
}


def complaints(log, leaks):
    """What memcheck found in one process."""
    said = log.read_text(errors="replace")
    errors = re.search(r"ERROR SUMMARY: (\d+) errors", said)
    lost = [int(bytes_lost.replace(",", "")) for bytes_lost in
            re.findall(r"(?:definitely|indirectly|possibly) lost: ([\d,]+) bytes", said)]
    bad = (errors and int(errors.group(1)) > 0) or (leaks and any(lost))
    return [said] if bad else []


def run(program, folder):
    """(its status, what memcheck found, its own words)"""
    name = pathlib.Path(program).name
    command = ["nice", *MEMCHECK, f"--log-file={folder}/{name}.%p", program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        words = process.communicate()[0]
    own = folder / f"{name}.{process.pid}"
    assert own.exists(), f"memcheck wrote nothing about {name}: {words[-2000:]}"
    found = [complaint for log in folder.glob(f"{name}.*") for complaint in complaints(log, leaks=log == own)]
    for log in folder.glob(f"{name}.*"):
        log.unlink()
    return process.returncode, found, words


def check_unit(program, folder):
    began = time.monotonic()
    status, found, words = run(program, folder)
    if status != 0 and not any("Invalid" in complaint or "uninitialised" in complaint for complaint in found):
        status, found, words = run(program, folder)  # what it leaves behind when it gives up is no finding
    wrong = found + ([f"it ended with {status}:\n{words[-4000:]}"] if status != 0 else [])
    return program.name, time.monotonic() - began, wrong


def check_planted(folder):
    for name, (statement, expected) in PLANTED.items():
        source = folder / f"planted_{name}.c"
        source.write_text("#include <stdio.h>\n#include <stdlib.h>\n#include <sys/wait.h>\n#include <unistd.h>\n"
                          f"int main(void) {{ {statement} return 0; }}\n")
        program = folder / f"planted-{name}"
        subprocess.run(["gcc", "-g", "-O0", "-w", "-o", program, source], check=True)
        found = run(program, folder)[1]
        assert found and expected in "".join(found), (name, found)
    print(f"{len(PLANTED)} planted faults, each found: {', '.join(PLANTED)}", flush=True)


def main():
    every = bool(os.environ.get("CHAOXUN_SOAK_SECONDS"))
    names = sorted(path.stem for path in (ROOT / "tests/unit").glob("test_*.c"))
    chosen = [name for name in names if every or name.removeprefix("test_") not in LONG]
    assert all(f"test_{name}" in names for name in LONG)
    subprocess.run([ROOT / "scripts/build", "fault", *chosen], check=True)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="cx-valgrind-") as place, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(place)
        check_planted(folder)
        slowest = (0, "")
        for name, seconds, wrong in pool.map(lambda name: check_unit(PROGRAMS / name, folder), chosen):
            failures += bool(wrong)
            slowest = max(slowest, (seconds, name))
            if wrong:
                print(f"{name}: FAILED", *wrong, sep="\n", flush=True)
    print(f"{len(chosen)} of {len(names)} binaries, {failures} with faults; the slowest {slowest[1]}, {slowest[0]:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
