"""A clock of its own for the programs of a test (libfaketime): it stands still between two settings.

    clock = day_clock.Clock(folder / "clock")
    chaoxun = harness.Instance(environment=clock.environment)
    clock.set(datetime.date(2026, 5, 1))
    clock.at(datetime.datetime(2026, 5, 1, 9, 30))
"""
import datetime
import glob
import subprocess

import harness


def preloads():
    """libfaketime, behind the sanitizer's own library where the programs were built with it: that wants to be the first."""
    linked = subprocess.run(["ldd", harness.BIN / "chaoxun-intake"], capture_output=True, text=True, check=True).stdout
    sanitizer = [line.split()[2] for line in linked.splitlines() if "libasan" in line]
    return ":".join(sanitizer + glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")[:1])


class Clock:
    def __init__(self, file):
        self.file = file
        self.environment = {"LD_PRELOAD": preloads(), "FAKETIME_TIMESTAMP_FILE": str(file), "TZ": "UTC",
                            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def at(self, moment):
        """It stands at this time (datetime, UTC)."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{moment:%Y-%m-%d %H:%M:%S}\n")
        new.rename(self.file)

    def set(self, day):
        """20:00 of that day in China, behind everything that happens on it."""
        self.at(datetime.datetime(day.year, day.month, day.day, 12))
