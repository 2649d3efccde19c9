#!/usr/bin/python3
"""The nth write, sync, open, ... of a service that follows intake fails: effect and position are one transaction.

The aggregator, the archiver and the notifier each end and say why, or go on; started again, they agree with the journal:
no report is missing or counted twice, every recipient of a notice is in the outbox once.
"""
import collections
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import followers
import harness
import rounds

Case = collections.namedtuple("Case", "call error outcome words")
LOAD_SECONDS = 2
EITHER = {0, 1, 70, 74}
CASES = [
    Case("write", "EIO", EITHER, {}),
    Case("sync", "EIO", EITHER, {}),
    Case("write", "ENOSPC", EITHER, {}),
    Case("memory", "ENOMEM", EITHER, {"from": "libsqlite3"}),
    Case("memory", "ENOMEM", EITHER, {"from": "chaoxun-"}),
]


def number(counted, call, chance):
    """Some n that comes after the start; where hardly any comes, as of memory that is kept, of the start, or the first:
    that of syncs comes when the log is written back, at the latest at the stop."""
    first, last = counted[0][call], counted[1][call]
    assert last, f"no {call} was counted"
    return chance.randint(first + 1, first + (last - first) // 2) if last > first + 10 else chance.randint(1, max(1, first))


def count(scene, follower, **words):
    follower.start_with(**words)
    first = follower.shim.counts()
    scene.load(60)
    last = follower.shim.counts()  # without what questions need
    assert not follower.faults()
    assert follower.service.stop() == 0
    return first, last


def run_case(scene, follower, case, n):
    follower.start_with(wait=False, call=case.call, error=case.error, nth=n, **case.words)
    scene.load_for(LOAD_SECONDS, lambda: follower.shim.fired() or follower.ended())
    harness.until(lambda: follower.ended() or goes_on(scene, follower), 30, f"an end of {follower.name} after {case}")
    if not follower.ended():
        follower.service.process.send_signal(signal.SIGTERM)
    status = follower.service.process.wait(20)
    print(f"{follower.name} {case.call} {n} {case.error} {case.words}: ended with {status}", flush=True)
    assert follower.shim.fired(), f"the fault did not happen: {case} {n}, {follower.shim.counts()}"
    assert status in case.outcome, f"{case}: ended with {status}"


def goes_on(scene, follower):
    try:
        return not follower.faults()
    except AssertionError:
        if follower.ended():
            return True
        raise


def check_follower(scene, follower):
    check_plain(follower)  # folds what is there already
    counted = {}
    for case in CASES:
        origin = case.words.get("from")
        if origin not in counted:
            counted[origin] = count(scene, follower, **case.words)
        run_case(scene, follower, case, number(counted[origin], case.call, scene.random))
        check_plain(follower)


def check_plain(follower):
    """Started without faults it agrees."""
    follower.service.start()
    faults = follower.faults()
    assert not faults, faults[:5]
    assert follower.service.stop() == 0


def main():
    for seed in rounds.seeds():
        with followers.Scene(seed) as scene:
            for follower in scene.followers.values():
                check_follower(scene, follower)
            scene.check_that_it_can_fail()
    print("4 passed, 0 failed")


if __name__ == "__main__":
    main()
