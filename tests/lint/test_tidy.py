#!/usr/bin/python3
"""clang-tidy finds nothing in what the build compiles; a file that did not change is not looked at twice."""
import concurrent.futures
import functools
import hashlib
import json
import pathlib
import shlex
import subprocess
import time

import sources

WORKERS = 2
MEMORY = sources.BUILD / "lint" / "tidy"


def output_of(command):
    return command[command.index("-o") + 1]


def commands(files):
    """How each file is compiled; targets that are built on demand only compile the same ones otherwise."""
    entries = json.loads((sources.BUILD / "compile_commands.json").read_text())
    every = [(entry["file"], shlex.split(entry["command"])) for entry in entries]
    built = {file: command for file, command in every if output_of(command) in files}
    assert built.keys() == {file for file, _ in every}, {file for file, _ in every} - built.keys()
    return built


def dependencies():
    """What each object was made from, as ninja noted it: our own files only."""
    output = subprocess.run(["ninja", "-C", sources.BUILD, "-t", "deps"], check=True, capture_output=True, text=True)
    found, files = {}, []
    for line in output.stdout.splitlines():
        if line.startswith("    "):
            files.append(line.strip())
        elif ": #deps" in line:
            files = found.setdefault(line.split(": #deps")[0], [])
    own = (str(sources.ROOT), str(sources.BUILD))
    return {name: [file for file in files if file.startswith(own)] for name, files in found.items()}


@functools.cache
def content(file):
    return pathlib.Path(file).read_bytes()


def fingerprint(command, files, setup):
    """Of the checks, the command, and the text of the file and of all our own that it includes."""
    return hashlib.sha256(b"\0".join([*setup, " ".join(command).encode(), *map(content, files)])).hexdigest()


def tidy(file, clean):
    """What clang-tidy has to say, or None."""
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
    setup = [subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout]
    setup += [(sources.ROOT / path).read_bytes() for path in sources.tracked() if path.name == ".clang-tidy"]
    files = dependencies()
    start = time.monotonic()
    offences = []
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
        jobs = []
        for file, command in sorted(commands(files).items()):
            known = fingerprint(command, files[output_of(command)], setup)
            jobs.append(workers.submit(tidy, file, MEMORY / known))
        for job in jobs:
            said = job.result()
            if said:
                offences.append(said)
    sources.report(offences, f"{len(jobs)} files in {time.monotonic() - start:.0f} s")


main()
