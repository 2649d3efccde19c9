#!/usr/bin/python3
"""Runs every command of README.md that stands in a block marked sh, one after the other, against a running system.

Ports and folders are those of the instance; everything else is as a stranger would type it. The two commands of the
README run in scripts/clean-room. That the answers quoted in the README have the shape of real ones is checked too.
"""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def stranger_folder(chaoxun):
    """A folder that looks like the clone after scripts/up."""
    folder = chaoxun.folder / "clone"
    (folder / "build/release").mkdir(parents=True)
    (folder / "build/release/bin").symlink_to(harness.BIN)
    (folder / "tests").symlink_to(harness.ROOT / "tests")
    (folder / "data").symlink_to(chaoxun.data)
    return folder


def run_all(chaoxun, text):
    """All blocks in one shell, each followed by a line that tells where it ends."""
    script = "set -eu\n" + "\necho '--- end of block'\n".join(blocks(text, "sh")) + "\n"
    script = script.replace("http://127.0.0.1:8080", chaoxun.url).replace("tcp://127.0.0.1:5501", chaoxun.endpoint("submit"))
    environment = {key: value for key, value in os.environ.items() if key != "CHAOXUN_DATA"}
    environment |= {"CHAOXUN_CONFIG": str(chaoxun.settings), "LC_ALL": "C.UTF-8", "no_proxy": "*"}
    done = subprocess.run(["bash", "-c", script], cwd=stranger_folder(chaoxun), env=environment, capture_output=True,
                          text=True, timeout=100, check=False)
    print(done.stdout, done.stderr)
    assert done.returncode == 0, done.returncode
    return done.stdout.split("--- end of block\n")


def main():
    text = (harness.ROOT / "README.md").read_text(encoding="utf-8")
    with harness.Instance() as chaoxun:
        outputs = run_all(chaoxun, text)
        for output, expected in zip(outputs, ['"stored"', '"attendances"', "≥20", "stored", "GB18030", "stored", "intake"]):
            assert expected in output, (expected, output)
    print(f"{len(outputs)} passed, 0 failed")


if __name__ == "__main__":
    main()
