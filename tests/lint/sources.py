"""The files of the repository that lint looks at, and how a check ends."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("CHAOXUN_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
BUILD = pathlib.Path(os.environ.get("CHAOXUN_BUILD", ROOT / "build" / "asan")).resolve()


def tracked():
    """Every file that git holds or would hold, as paths relative to the root."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = sorted({pathlib.Path(name) for name in names.split("\0") if name})
    return [path for path in paths if (ROOT / path).is_file()]


def with_suffix(*suffixes):
    return [path for path in tracked() if path.suffix in suffixes]


def is_script(path):
    """A file without suffix that starts with #!."""
    if path.suffix:
        return False
    with open(ROOT / path, "rb") as file:
        return file.read(2) == b"#!"


def report(offences, summary):
    """Names each offence and ends the check."""
    for offence in offences:
        print(offence)
    print(f"{summary}; {len(offences)} offences")
    sys.exit(1 if offences else 0)
