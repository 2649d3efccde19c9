#!/usr/bin/python3
"""clang-tidy finds nothing in what the build compiles; a file that did not change is not looked at twice."""
import concurrent.futures
import hashlib
import json
import shlex
import subprocess
import time

import sources

WORKERS = 2
MEMORY = sources.BUILD / "lint" / "tidy"


def commands():
    entries = json.loads((sources.BUILD / "compile_commands.json").read_text())
    return {entry["file"]: shlex.split(entry["command"]) for entry in entries}


def compiler_of(command):
    """The command without ccache in front and without what says where the object goes."""
    words = command[1:] if command[0].endswith("ccache") else command
    output = words.index("-o")
    return words[:output] + words[output + 2:]


def fingerprint(command, version):
    """Of the checks, the command, and the text of the file after the preprocessor, comments left in."""
    text = subprocess.run([*compiler_of(command), "-E", "-C", "-o", "-"], cwd=sources.BUILD, check=True,
                          capture_output=True).stdout
    checks = (sources.ROOT / ".clang-tidy").read_bytes()
    return hashlib.sha256(b"\0".join([version, checks, " ".join(command).encode(), text])).hexdigest()


def tidy(file, command, version):
    """What clang-tidy has to say, or None."""
    clean = MEMORY / fingerprint(command, version)
    if clean.exists():
        return None
    result = subprocess.run(["clang-tidy", "--quiet", f"-p={sources.BUILD}", file], cwd=sources.ROOT, check=False,
                            capture_output=True, text=True)
    if result.returncode == 0 and "warning:" not in result.stdout:
        clean.touch()
        return None
    return result.stdout + result.stderr


def main():
    MEMORY.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout
    start = time.monotonic()
    offences = []
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
        jobs = [workers.submit(tidy, file, command, version) for file, command in sorted(commands().items())]
        for job in jobs:
            said = job.result()
            if said:
                offences.append(said)
    sources.report(offences, f"{len(jobs)} files in {time.monotonic() - start:.0f} s")


main()
