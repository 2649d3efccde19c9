#!/usr/bin/python3
"""The seeds of the fuzz targets are those that the tables and vectors give now: stale ones reach less, and nothing says so."""
import pathlib
import subprocess
import tempfile

import sources

FUZZ = sources.ROOT / "tests" / "fuzz"
MAKERS = ("make-corpus", "make-corpus-parts")


def differences(made, kept, name):
    """What a folder of seeds lacks, has too much, or has otherwise."""
    ours, theirs = ({path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {} for folder in (made, kept))
    for seed in sorted(ours | theirs):
        if ours.get(seed) != theirs.get(seed):
            yield f"{name}/{seed}: {'is missing' if seed not in theirs else 'is of no use any more' if seed not in ours else 'is another one now'}"


def check(made):
    """Offences, of corpora and of dictionaries."""
    for target in sorted((made / "corpus").iterdir()):
        yield from differences(target, FUZZ / "corpus" / target.name, f"corpus/{target.name}")
    for words in sorted(made.glob("*.dict")):
        if words.read_bytes() != (FUZZ / words.name).read_bytes():
            yield f"{words.name}: other words now"


with tempfile.TemporaryDirectory(prefix="cx-") as folder:
    for maker in MAKERS:
        subprocess.run([FUZZ / maker, folder], check=True)
    count = sum(1 for path in (pathlib.Path(folder) / "corpus").rglob("*") if path.is_file())
    found = list(check(pathlib.Path(folder)))
sources.report([f"tests/fuzz/{line}" for line in found] + (["tests/fuzz/make-corpus && tests/fuzz/make-corpus-parts"] if found else []),
               f"{count} seeds")
