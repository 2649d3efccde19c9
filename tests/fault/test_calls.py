#!/usr/bin/python3
"""The nth write, sync, open, ... of intake fails, once or from then on: nothing that was acknowledged is lost.

No space: nothing is stored, clients get `busy`, and it goes on by itself when there is room. Any error of a sync and any
EIO of a write: the process ends and says why, and with the next start everything acknowledged is there once. Memory that
is not given: a clear error, or the end. The n are chosen by the seed among those that a dry run counted.
"""
import collections
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import faulty
import harness
import rounds

NOT_STARTED, EX_IOERR = 1, 74
SAYS_WHY = ('message="cannot start"', 'message="failed, stopping at once"')

# What comes of a fault, by the exit statuses that are allowed. Fault stands for: at its start, or later.
ENDS = {NOT_STARTED, EX_IOERR}
GOES_ON = {0}
EITHER = ENDS | GOES_ON
# Libraries that end the process themselves when they get no memory: libzmq and libstdc++ abort, libuv does at its start.
ABORTS = EITHER | {-signal.SIGABRT}

Case = collections.namedtuple("Case", "call error outcome load few words")
WITHOUT_WITNESS = {"except": "journal.witness"}  # whose room is taken when it is made: no disk says ENOSPC there
LOAD = 150
MOVED = 300  # events, with which the log comes round some times

CASES = [
    Case("write", "EIO", ENDS, LOAD, 2, {}),
    Case("write", "EIO", ENDS, LOAD, 1, {"again": 1}),
    Case("write", "SHORT", EITHER, LOAD, 1, {}),
    Case("write", "SHORT", EITHER, LOAD, 1, {"again": 1}),
    Case("sync", "EIO", ENDS, LOAD, 3, {}),
    Case("sync", "EIO", ENDS, LOAD, 1, {"again": 1}),
    Case("sync", "ENOSPC", ENDS, LOAD, 1, {}),
    Case("folder", "EIO", EITHER, 0, 2, {}),  # of SQLite's own nothing hangs: the folder was synced when it was opened
    Case("open", "EMFILE", EITHER, 0, 2, {"again": 1}),
    Case("open", "EIO", EITHER, 0, 1, {}),
    Case("truncate", "EIO", EITHER, 0, 2, {}),
    Case("unlink", "EIO", EITHER, 0, 1, {}),
    Case("sync", "EIO", EITHER, 0, 1, {}),  # when it stops: what was acknowledged is in the log, which stays
    Case("memory", "ENOMEM", EITHER, LOAD, 2, {"from": "chaoxun-intake"}),
    Case("memory", "ENOMEM", EITHER, LOAD, 1, {"from": "chaoxun-intake", "again": 1}),
    Case("memory", "ENOMEM", EITHER, LOAD, 2, {"from": "libsqlite3"}),
    Case("memory", "ENOMEM", EITHER, LOAD, 1, {"from": "libc.so"}),
    Case("memory", "ENOMEM", ABORTS, LOAD, 2, {"from": "libzmq"}),
]


def check_said(intake, mark):
    said = intake.log.read_text()[mark:]
    assert any(words in said for words in SAYS_WHY), f"it ended and did not say why: {said}"


def is_libc_assertion(status, said):
    """glibc ends the process itself (nss_database.c) when libpgm, which libzmq makes ready with its context, asks for a protocol
    by name and there is no memory. That is amid the start: a service that was ready never ends so."""
    return status == -signal.SIGABRT and "nss_database.c" in said and "message=ready" not in said


def run_case(intake, case, counted):
    for n in intake.numbers(counted, case.call, case.few):
        mark = len(intake.log.read_text())
        status = intake.run(case.load > 0, call=case.call, error=case.error, nth=n, **case.words)
        print(f"{case.call} {n} {case.error} {case.words}: ended with {status}", flush=True)
        ended_itself = status in case.outcome or is_libc_assertion(status, intake.log.read_text()[mark:])
        assert ended_itself, f"{case} {n}: ended with {status}"
        if status > 0:
            check_said(intake, mark)
        intake.check()


WRITTEN_BACK = 5000  # events, with which the WAL becomes longer than 4 MB


def key(case):
    """Cases whose calls are counted alike: one dry run."""
    counted_alike = {name: value for name, value in case.words.items() if name in ("from", "except", "path")}
    return case.load, tuple(sorted(counted_alike.items()))


def check_some(cases, seed):
    with faulty.Intake(seed) as intake:
        counted = {}
        for case in cases:
            load, words = key(case)
            counted[load, words] = counted.get((load, words)) or intake.count(load, **dict(words))
            run_case(intake, case, counted[load, words])


def check_cases_under_load(seed):
    check_some([case for case in CASES if case.load and case.call != "memory"], seed)


def check_cases_of_a_start(seed):
    check_some([case for case in CASES if not case.load], seed)


def check_cases_of_memory(seed):
    check_some([case for case in CASES if case.call == "memory"], seed)


# ---- no memory ----

def check_no_memory(seed):
    """No memory from the first request on, before any answer was made: each client is told so, or intake ends."""
    words = {"from": "chaoxun-intake"}
    with faulty.Intake(seed) as intake:
        first = intake.count(LOAD, **words)[0]["memory"]
        for n in range(first + 1, first + 8):
            before = intake.refused()
            status = intake.run(True, call="memory", error="ENOMEM", nth=n, again=1, **words)
            print(f"no memory from {n} on: ended with {status}, {intake.refused() - before} answers", flush=True)
            assert status in EITHER, (n, status)
            intake.check()
        assert intake.refused(), "nobody was told"


# ---- no space ----

def check_no_space(seed):
    """Writes find no space, from the nth on: busy, reading goes on, and with room everything by itself."""
    with faulty.Intake(seed) as intake:
        counted = intake.count(LOAD, **WITHOUT_WITNESS)
        first, last = counted[0]["write"], counted[1]["write"]
        for n in intake.random.sample(range(first + 1, last), 2):
            run_without_space(intake, n)
        # The database cannot be opened; the last write notes in it that there is a log, which may wait.
        for n, outcome in ((2, NOT_STARTED), (first, 0)):
            mark = len(intake.log.read_text())
            assert intake.run(False, call="write", error="ENOSPC", nth=n, again=1, **WITHOUT_WITNESS) == outcome
            assert ("code=no-space" in intake.log.read_text()[mark:]) == (outcome == NOT_STARTED)
            intake.check()


def check_database_full(seed):
    """There is no room for the database alone, from the nth write on: the log takes what it can hold, then it is busy."""
    with faulty.Intake(seed) as intake:
        alone = {"path": intake.shim.state / "journal.db"}
        first, last = intake.count(MOVED, **alone)
        assert last["write"] > first["write"], f"nothing was moved: {last}"
        for n in (first["write"] + 1, intake.random.randint(first["write"] + 1, last["write"])):
            run_without_space(intake, n, **alone)


def run_without_space(intake, n, **words):
    intake.start_with(call="write", error="ENOSPC", nth=n, again=1, gate=True, **words or WITHOUT_WITNESS)
    clients = intake.clients
    with clients:
        clients.wait(5, "busy")
        stored = clients.stopped()
        assert intake.stream(), "reading does not go on"
        clients.wait(5, "busy")
        assert clients.statuses["stored"] == stored, "something is stored without room"
        intake.shim.open_gate()
        clients.wait(20)
    assert not clients.faults()
    print(f"write {n} ENOSPC until there is room, {words}: {dict(clients.statuses)}", flush=True)
    assert intake.stop() == 0
    intake.check()


# ---- the log is written back ----

def check_checkpoint(seed):
    """Faults while the log is written back: no space there takes nothing away, an error of it ends the process."""
    database = {"except": "-wal"}  # -shm is not synced, and grows at the start
    with faulty.Intake(seed) as intake:
        database["path"] = intake.shim.state / "journal.db"
        first, last = intake.count(WRITTEN_BACK, **database)
        for call, error, outcome in (("write", "ENOSPC", GOES_ON), ("write", "EIO", ENDS), ("sync", "EIO", ENDS)):
            assert last[call] > first[call], f"nothing was written back: {last}"
            n = intake.random.randint(first[call] + 1, last[call])
            status = intake.run(True, call=call, error=error, nth=n, **database)
            print(f"{call} {n} {error} of the database: ended with {status}", flush=True)
            assert status in outcome, (call, error, status)
            intake.check()


# ---- the check itself ----

def check_that_it_can_fail(seed):
    """What is lost, there twice, changed or half there is seen."""
    with faulty.Intake(seed) as intake:
        intake.start()
        clients = intake.clients
        with clients:
            clients.wait(30)
        found = [(head, side) for head, side in faulty.acknowledged.events(intake) if head["id"] in clients.acknowledged]
        assert not clients.event_faults(found)
        head, side = found[0]
        other = found[1][0] | {"id": head["id"]}
        for planted in (found[1:], [*found, found[0]], [(other, side), *found[1:]], [(head, None), *found[1:]]):
            assert len(clients.event_faults(planted)) == 1, planted
        clients.unanswered = {head["id"]: clients.acknowledged.pop(head["id"])}
        assert not clients.event_faults(found[1:])
        assert len(clients.event_faults([(head, None), *found[1:]])) == 1


CHECKS = (check_that_it_can_fail, check_no_memory, check_no_space, check_database_full, check_checkpoint,
          check_cases_under_load, check_cases_of_a_start, check_cases_of_memory)


def main():
    for seed in rounds.seeds():
        rounds.side_by_side(CHECKS, seed)
    print(f"{len(CHECKS)} passed, 0 failed")


if __name__ == "__main__":
    main()
