#!/usr/bin/python3
"""No path of one machine and no host of a package mirror stands in a file; each folder says what it is for."""
import re

import sources

MACHINE_PATH = re.compile(r"(?<![\w.\-/:}$*])/(?:work|root|home|Users)/\w")
MIRROR = re.compile(r"\b(?:deb|ftp|security|snapshot|archive)\.debian\.org|\bregistry\.npmjs\.org|\bpypi\.org"
                    r"|\bmirrors?\.[a-z0-9-]+\.(?:com|cn|org|edu|net)")
FOLDERS = ("proto", "common", "services", "scripts", "tests")

assert MACHINE_PATH.search("see /home" + "/someone/file")
assert MIRROR.search("http://deb.debian" + ".org/debian")


def offences_of(path):
    # Data copied from the web holds addresses of its own.
    if path.suffix == ".csv" or path == sources.pathlib.Path("tests/lint/test_places.py"):
        return
    text = (sources.ROOT / path).read_bytes().decode("utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        for pattern in (MACHINE_PATH, MIRROR):
            match = pattern.search(line)
            if match:
                yield f"{path}:{number}: {match[0]}"


paths = sources.tracked()
offences = [offence for path in paths for offence in offences_of(path)]
offences += [f"{folder}/README.md is missing" for folder in FOLDERS
             if not (sources.ROOT / folder / "README.md").is_file()]
sources.report(offences, f"{len(paths)} files")
