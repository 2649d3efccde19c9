"""The seeds of a test: one round by default, and rounds with seeds of their own until CHAOXUN_SOAK_SECONDS are up.

    for seed in rounds.seeds():
        run(seed)

The first seed is CHAOXUN_SEED, 1 when that is not set. Each is printed: a run with it does the same again.
"""
import concurrent.futures
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


def side_by_side(checks, seed):
    """Runs checks that have nothing in common at the same time, each with a seed of its own: most of them mostly waits."""
    with concurrent.futures.ThreadPoolExecutor(len(checks)) as lanes:
        running = [lanes.submit(check, f"{seed} {check.__name__}") for check in checks]
    for one in running:
        one.result()
