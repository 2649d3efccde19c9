#!/usr/bin/python3
"""kill -9 of every service at every named point and at random moments, under random clients at all doors: what was
acknowledged is in the journal, the archive, the totals and the outbox once, as it was sent; and the oracle that says so
sees planted faults, and an aggregator that folds amendments wrong."""
import collections
import contextlib
import os
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import fault_build

OTHER_BUILD = pathlib.Path(os.environ.get("CHAOXUN_BIN", fault_build.ROOT / "build/dev/bin"))  # before it is replaced
fault_build.use(*fault_build.PLANTED)
import breaker
import clients
import conservation
import failpoints
import harness
import planted
import rounds
import watcher
from unsteady_gateway import UnsteadyGateway

# What would else be waited for; a log that comes round again and again.
PACE = {"unknown-ms": 1000, "retry-ms": 200, "save-ms": 50, "call-ms": 2000, "log-bytes": 131072}
WRONG_FOLD_SECONDS = 2


def settings(chaoxun, gateway):
    secret = chaoxun.folder / "password"
    secret.touch(mode=0o600)
    secret.write_text("secret\n")
    chosen = PACE | {"sms-url": gateway.url, "sms-user": "chaoxun", "sms-password-file": secret}
    chaoxun.settings.write_text("".join(f"{name} = {value}\n" for name, value in chosen.items()) + chaoxun.settings.read_text())


def log_lines(chaoxun):
    log = chaoxun.data / "chaoxun.log"
    return log.read_text(errors="replace").splitlines() if log.exists() else []


@contextlib.contextmanager
def instance(seed):
    """(a 潮讯 that is not started, points, gateway)."""
    with tempfile.TemporaryDirectory(prefix="cx-points-") as folder, UnsteadyGateway(random.Random(f"{seed}/gateway")) as gateway:
        points = failpoints.Points(pathlib.Path(folder) / "points")
        chaoxun = harness.Instance(environment=points.environment)
        settings(chaoxun, gateway)
        try:
            yield chaoxun, points, gateway
        except BaseException:
            print("--- what chaoxun up said ---", *chaoxun.output[-60:], sep="\n", flush=True)
            print("--- the end of its log ---", *log_lines(chaoxun)[-60:], sep="\n", flush=True)
            raise
        finally:
            chaoxun.close()


# ---- what is killed ----

def start_dying(chaoxun, points, when):
    """Starts while the services die at these points; gives what was reached."""
    those = failpoints.of(when)
    for service, point in those:
        points.arm(service, point.name)
    chaoxun.start()
    for service, point in those:
        assert points.fired(service), f"{service} never came by {point.name}"
    return set(those)


def make_anew(chaoxun):
    """At its next start intake makes ids and marks again, as where an older program left other ones."""
    assert chaoxun.stop() == 0
    connection = sqlite3.connect(chaoxun.data / "intake/journal.db")
    with connection:
        connection.execute("DELETE FROM meta WHERE name = 'marks'")
    connection.close()


# ---- the end ----

def wait_ready(chaoxun):
    harness.until(lambda: chaoxun.command("status").returncode == 0, 60, "readiness")


def wait_messages(chaoxun):
    """Every message is at its end, and the journal knows it."""
    def over():
        rows = conservation.ledger.query(chaoxun.data / "notifier/notifier.db", "SELECT DISTINCT state FROM outbox")
        waiting = conservation.ledger.query(chaoxun.data / "notifier/notifier.db", "SELECT count(*) FROM tellings")
        return not {state for state, in rows} & conservation.OPEN and waiting == [(0,)]
    head = chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]
    assert chaoxun.http("GET", f"/api/v1/notices?at_least={head}")[0] == 200
    harness.until(over, 60, "the end of every message")


def check_screen(chaoxun, screen):
    """A screen that was there all the time shows what one shows that is opened now, and would be seen if it did not."""
    status, answer = chaoxun.http("GET", "/api/v1/totals?by=squad")
    assert status == 200, answer
    behind = screen.wait(answer["rows"])
    assert not behind, f"a screen never heard of the last change of {behind}"
    changed = [row | {"reports": row["reports"] + (place == 0)} for place, row in enumerate(answer["rows"])]
    assert screen.wait(changed, seconds=0) == [answer["rows"][0]["unit"]], "a stale screen was not seen"
    print(f"a screen came back {screen.streams - 1} times", flush=True)


def judge(chaoxun, gateway, memory, oracle):
    """The oracle's word; the first time it must show that it sees what is planted."""
    wait_ready(chaoxun)
    wait_messages(chaoxun)
    evidence = conservation.gather(chaoxun, gateway)
    found = conservation.faults(evidence, memory)
    assert not found, "\n".join([f"{len(found)} faults", *(line[:1000] for line in found[:10])])
    if oracle:
        planted.check(evidence, memory)
    conservation.check_flow(chaoxun)
    return evidence


def check_ends(chaoxun):
    """Stops it; nobody had died of anything but what killed it. Else tells what the log said before."""
    assert chaoxun.stop() == 0
    log = log_lines(chaoxun)
    ends = [place for place, line in enumerate(log) if '"service ended"' in line]
    strange = [place for place in ends if "signal=9 " not in log[place]]
    assert ends and not strange, "\n".join(line for place in strange for line in log[max(0, place - 8):place + 1])


def tell(evidence, memory, reached, kills, started):
    unknown = memory.sent.keys() - memory.stored.keys() - memory.refused.keys()
    kept = unknown & evidence.journal.seqs.keys()
    print(f"{kills} deaths at {len(reached)} points and at random, {time.monotonic() - started:.1f} s: "
          f"{len(evidence.journal.events)} events in the journal, {len(evidence.archived)} in the archive, {len(evidence.outbox)} messages, "
          f"{sum(evidence.arrivals.values())} SMS; receipts {dict(memory.counts)}; {len(unknown)} without one, of which {len(kept)} are there", flush=True)


def one_round(seed, oracle):
    started = time.monotonic()
    with instance(seed) as (chaoxun, points, gateway):
        reached = start_dying(chaoxun, points, "first")
        crowd = clients.Crowd(chaoxun, seed)
        crowd.start()
        screen = watcher.Watcher(chaoxun)
        screen.start()
        killer = breaker.Breaker(chaoxun, points, random.Random(f"{seed}/kills"), crowd.erase)
        killer.run(crowd.check)
        wait_ready(chaoxun)
        crowd.stop()
        make_anew(chaoxun)
        reached |= killer.reached | start_dying(chaoxun, points, "anew")
        missed = set(failpoints.of("run", "start", "first", "anew")) - reached
        assert not missed, f"never reached: {missed}"
        evidence = judge(chaoxun, gateway, crowd.memory, oracle)
        check_screen(chaoxun, screen)
        screen.stop()
        check_ends(chaoxun)
        tell(evidence, crowd.memory, reached, killer.kills + len(reached - killer.reached), started)
        assert min(crowd.memory.counts[status] for status in ("stored", "duplicate", "conflict", "rejected")) > 0


# ---- what must be so before, and what must fail ----

def check_points():
    """Every point of the sources is in the table, and no other build has one."""
    named = {point.name for point in failpoints.POINTS}
    assert failpoints.in_sources() == named, failpoints.in_sources() ^ named
    word = b"CHAOXUN_FAILPOINT"
    for service in harness.SERVICES:
        assert word in (harness.BIN / f"chaoxun-{service}").read_bytes(), f"the preset fault has no failpoints in {service}"
        assert word not in (OTHER_BUILD / f"chaoxun-{service}").read_bytes(), f"{OTHER_BUILD}/chaoxun-{service} has failpoints"


def check_wrong_fold(seed):
    """The oracle on an aggregator that folds amendments wrong: its totals, and nothing else, must be refused."""
    with tempfile.TemporaryDirectory(prefix="cx-wrong-") as folder, instance(seed) as (chaoxun, _, gateway):
        programs = pathlib.Path(folder)
        for program in fault_build.PROGRAMS:
            shutil.copy(harness.BIN / program, programs)
        shutil.copy(harness.BIN / "chaoxun-aggregator-wrong", programs / "chaoxun-aggregator")
        right, harness.COMMAND = harness.COMMAND, programs / "chaoxun"
        try:
            chaoxun.start()
            crowd = clients.Crowd(chaoxun, seed)
            crowd.start()
            time.sleep(WRONG_FOLD_SECONDS)  # as long as the clients shall go on
            crowd.stop()
            wait_messages(chaoxun)
            found = conservation.faults(conservation.gather(chaoxun, gateway), crowd.memory)
        finally:
            harness.COMMAND = right
    kinds = collections.Counter(line.split(" ")[0] for line in found)
    assert set(kinds) == {"totals"}, (kinds, [line[:400] for line in found if not line.startswith("totals")][:5])
    print(f"the planted wrong fold was seen {len(found)} times: {found[0][:200]}", flush=True)


def main():
    check_points()
    for number, seed in enumerate(rounds.seeds()):
        if number == 0:
            check_wrong_fold(seed)
        one_round(seed, oracle=number == 0)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
