#!/usr/bin/python3
"""The stream protocol, searched through all its runs: what it promises holds, and each planted fault is found.

CHAOXUN_SOAK_SECONDS=N goes on with larger bounds for about N seconds. A run that is found lies in build/model/NAME/ as
a trail, which `MODEL_MUTATION=NAME ./pan -r stream.pml.trail` tells step by step.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import time

ROOT = pathlib.Path(os.environ.get("CHAOXUN_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
FOLDER = ROOT / "build/model"
CODE = ("tests/model/rules.c", "common/stream/act.c", "common/stream/rows.c", "common/stream/place.c",
        "common/journal/chain.c", "common/error.c", "proto/position.c", "proto/text.c")
EXACT = ["-DNOREDUCE", "-DVECTORSZ=1024", "-DMEMLIM=6000"]
SAFETY = [*EXACT, "-DSAFETY", "-DNOCLAIM"]
PROGRESS = [*EXACT, "-DNFAIR=4"]

ONCE = "effects==place", "before[event]"
LET_IN = "content[seq]==effect"
ALARM = "damaged||restored"

# Each planted fault, and which of the promises the search must find broken by it.
UNSAFE = {
    "credit-unchecked": ("unfolded<=",), "position-apart": ONCE, "hash-uncompared": (LET_IN,), "ahead-accepted": (LET_IN,),
    "chain-unchecked": ONCE, "first-unchecked": ONCE, "sent-from-start": (ALARM,), "sent-from-head": (ALARM,),
    "any-answer-opens": (ALARM,), "old-connection": (ALARM,), "sent-before-sync": (ALARM,), "recovery-unsynced": (ALARM,),
}
STUCK = {"no-ping": ("acceptance cycle",), "credit-kept": ("acceptance cycle",)}

# Rows of the table of acts that no run may leave out: (state, verb, whether it answers the open request under way).
REACHED = {("opening", "opened", True), ("opening", "opened", False), ("opening", "error", True),
           ("opening", "error", False), ("opening", "block", False), ("opening", "head", False),
           ("opening", "reopen", False), ("open", "block", False), ("open", "head", False), ("open", "reopen", False)}


def compile_search(name, options, **bounds):
    """The search as a program: Spin writes it, the project's own functions decide in it."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    given = [f"-D{key.upper()}={value}" for key, value in bounds.items()]
    subprocess.run(["spin", "-a", *given, ROOT / "tests/model/stream.pml"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["gcc", "-O2", "-w", "-std=gnu17", f"-I{ROOT}", *options, "-o", "pan", "pan.c",
                    *(ROOT / path for path in CODE), "-lsodium", "-lcrypto"], cwd=folder, check=True)
    return folder


def search(folder, *options, mutation="none"):
    done = subprocess.run(["nice", "./pan", "-m1000000", "-w22", *options], cwd=folder, capture_output=True, text=True,
                          env=os.environ | {"MODEL_MUTATION": mutation}, check=False)
    return done.stdout + done.stderr


def must_hold(title, folder, *options):
    """No run breaks a promise, none was left out, and no statement of the model was left out either."""
    began = time.monotonic()
    said = search(folder, *options)
    assert "errors: 0" in said and "State-vector" in said, said
    assert "max search depth too small" not in said and "out of memory" not in said, said
    statements = re.findall(r'^\t\S*stream\.pml:(\d+), state \d+, "(.*)"$', said, re.MULTILINE)
    planted = {number for number, line in enumerate((ROOT / "tests/model/stream.pml").read_text().splitlines(), 1)
               if "is(" in line and "!is(" not in line}
    left_out = [found for found in statements if found[1] != "-end-" and int(found[0]) not in planted]
    assert not left_out, left_out
    states = int(re.search(r"(\d+) states, stored", said).group(1))
    depth = re.search(r"depth reached (\d+)", said).group(1)
    print(f"{title}: {states:,} states, at most {depth} steps deep, {time.monotonic() - began:.1f} s", flush=True)
    return said


def must_reach(said):
    """The search means something only if the code was asked what it can be asked."""
    rows = re.findall(r"reached (\w+) (\w+): (\d+) the answer to its open request, (\d+) not", said)
    found = {(state, verb, answers) for state, verb, *counts in rows
             for answers, count in zip((True, False), counts) if int(count) > 0}
    assert REACHED <= found, REACHED - found
    print(f"every row of the table of acts was decided by the code: {len(found)}", flush=True)


def must_find(folder, mutation, promises, *options):
    said = search(folder, *options, mutation=mutation)
    reason = re.search(r"^pan:1: (.*)$", said, re.MULTILINE)
    assert reason and any(promise in reason.group(1) for promise in promises), (mutation, said)
    print(f"{mutation}: {reason.group(1)}", flush=True)


def check_short():
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        safety = pool.submit(compile_search, "safety", SAFETY, blocks=4, faults=4, credit=2)
        progress = pool.submit(compile_search, "progress", PROGRESS, blocks=3, faults=3, credit=2)
        credit = pool.submit(compile_search, "credit", SAFETY, blocks=9, faults=1, credit=8)
        whole = pool.submit(must_hold, "4 blocks, 4 faults, credit 2", safety.result())
        fair = pool.submit(must_hold, "the head is reached: 3 blocks, 3 faults, credit 2", progress.result(), "-a", "-f")
        must_reach(whole.result())
        fair.result()
        pool.submit(must_hold, "9 blocks, 1 fault, credit 8", credit.result()).result()
        found = [pool.submit(must_find, FOLDER / "safety", mutation, promises) for mutation, promises in UNSAFE.items()]
        found += [pool.submit(must_find, FOLDER / "progress", mutation, promises, "-a", "-f")
                  for mutation, promises in STUCK.items()]
        for each in found:
            each.result()
    print(f"{len(UNSAFE) + len(STUCK)} planted faults, each found", flush=True)


def check_long(seconds):
    """Wider and wider, until the time is over."""
    deadline = time.monotonic() + seconds
    larger = [("-a -f", 4, 4, 2), ("", 4, 5, 2), ("", 5, 4, 3), ("", 4, 6, 1), ("", 9, 2, 8), ("-a -f", 5, 4, 2), ("", 5, 5, 2)]
    for how, blocks, faults, credit in larger:
        if time.monotonic() > deadline:
            return
        folder = compile_search("larger", PROGRESS if how else SAFETY, blocks=blocks, faults=faults, credit=credit)
        must_hold(f"{'the head is reached: ' if how else ''}{blocks} blocks, {faults} faults, credit {credit}", folder,
                  *how.split())


check_short()
check_long(float(os.environ.get("CHAOXUN_SOAK_SECONDS", 0)))
