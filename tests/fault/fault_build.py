#!/usr/bin/python3
"""The programs with failpoints (common/failpoint.h) and without sanitizers, so that a shim can be preloaded: preset `fault`.

    import fault_build

    fault_build.use()   # before harness is imported: builds what is missing, and makes it CHAOXUN_BIN

Run by itself it builds what the tests use: ctest does so before them.
"""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/fault"
PLANTED = ("chaoxun-aggregator-wrong",)  # with a fault that a test must notice
PROGRAMS = ("chaoxun", "chaoxun-intake", "chaoxun-aggregator", "chaoxun-archiver", "chaoxun-notifier", "chaoxun-portal")


def build(*targets):
    """Builds the targets; returns the folder of the programs."""
    subprocess.run([ROOT / "scripts/build", "fault", *targets], check=True, stdout=subprocess.DEVNULL)
    return FOLDER / "bin"


def use(*more):
    """The command, the five services and `more` targets; harness takes them from here."""
    os.environ["CHAOXUN_BIN"] = str(build(*PROGRAMS, *more))


if __name__ == "__main__":
    build(*PROGRAMS, *PLANTED)
