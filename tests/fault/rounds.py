"""The seeds of a test: one round by default, and rounds with seeds of their own until CHAOXUN_SOAK_SECONDS are up.

    for seed in rounds.seeds():
        run(seed)

The first seed is CHAOXUN_SEED, 1 when that is not set. Each is printed: a run with it does the same again.
"""
import os
import time


def seeds():
    seconds = float(os.environ.get("CHAOXUN_SOAK_SECONDS", 0))
    seed = int(os.environ.get("CHAOXUN_SEED", 1))
    end = time.monotonic() + seconds
    while True:
        print(f"CHAOXUN_SEED={seed}", flush=True)
        yield seed
        if time.monotonic() >= end:
            return
        seed += 1
