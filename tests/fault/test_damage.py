#!/usr/bin/python3
"""One flipped bit, one cut tail, one missing file in every file of every service: harmless, or detected and named.

A 潮讯 is filled and stopped twice: by SIGTERM, and by kill -9, which leaves the logs of its databases. Of each file that
then lies there, in turn, a copy is damaged in every way of damage.py and the service that keeps it is started alone on it.
It may refuse to start, answer with an error, or find it when it verifies itself; or serve exactly what it served before.
What is derived may be wrong until it is verified, or be made again; what is not derived is never served wrong.

CHAOXUN_SEED repeats a run; CHAOXUN_SOAK_SECONDS goes on for that long with other places.
"""
import collections
import concurrent.futures
import contextlib
import hashlib
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "flow")]
import damage
import damaged_house
import damaged_service
import harness
import notifier_process
import recount
from damaged_service import Stopped

SEED = int(os.environ.get("CHAOXUN_SEED", "20261126"))
SOAK = float(os.environ.get("CHAOXUN_SOAK_SECONDS", "0"))
CONSUMERS = ("aggregator", "archiver", "notifier", "portal")
DERIVED = {"aggregator", "archiver"}  # of what they serve all is folded, and verification folds it again
ENDS = {65, 70}  # damaged data, which a person must look at; a record that is folded again by the next start
MADE_AGAIN = ("folding again", "folding from the beginning", "to be folded again")
# Nothing that is served lies in these: they are made at a start, and hold a number of the process or of the port.
OF_THE_START = {"lock", "up.lock", "port"}
# Nor in SQLite's index of a log, which is made anew, and in what only takes room: one way of damage is enough.
UNREAD = ("-shm", ".reserve")

Verdict = collections.namedtuple("Verdict", "kind words")


# ---- the judgement ----

def judge(name, reference, service):
    """What became of the damage. Raises AssertionError where a wrong answer is served as good."""
    if not service.up:
        return refused(service)
    try:
        answers = service.answers()
        fault = service.verify()
    except Stopped:
        return refused(service)
    return compare(name, reference, answers, fault, service.words)


def refused(service):
    """It ended: by itself, with an error that says what is damaged."""
    code = service.process.wait(20)
    assert code in ENDS, f"ended with {code}: {service.words[-1500:]}"
    errors = [line for line in service.words.splitlines() if " error " in line or " error=" in line or "level=error" in line]
    said = errors[-1] if errors else ""
    assert said, f"it ended with {code} and did not say why: {service.words[-1500:]}"
    return Verdict(f"refused ({code})", said)


def compare(name, reference, answers, fault, words):
    wrong = [key for key in reference if answers.get(key) != reference[key]]
    errors = [key for key in wrong if names_error(answers, key)]
    silent = [key for key in wrong if key not in errors]
    if name == "intake" and "error" in answers:  # the stream ended, after nothing but what is good
        blocks = answers.get("blocks", [])
        silent = [] if blocks == reference["blocks"][:len(blocks)] else silent
        errors = ["stream"]
    if silent and not (name in DERIVED and fault):
        raise AssertionError(f"served as good, and wrong: {silent[0]}: {str(answers.get(silent[0]))[:400]} "
                             f"instead of {str(reference[silent[0]])[:400]}; verify: {fault or 'fits'}; {words[-600:]}")
    if errors and not fault:
        raise AssertionError(f"an error at {errors}, but verify finds nothing")
    if fault:
        return Verdict("found by verify" if not errors else "an error, and found by verify", fault)
    again = next((line for line in words.splitlines() if any(text in line for text in MADE_AGAIN)), None)
    return Verdict("made again", again) if again else Verdict("harmless", "")


def names_error(answers, key):
    text = str(answers.get(key))
    return "damaged" in text or "已损坏" in text or "corrupt" in text or "checksum" in text


# ---- the round ----

class Round:
    """All files of a home once, in every way."""

    def __init__(self, folder, home, how, dice):
        self.folder, self.home, self.how, self.dice = folder, home, how, dice
        self.counts = collections.Counter()
        self.repairs = collections.Counter()

    def run(self, name, intake_run, reference):
        """Every file of a service's folder."""
        for path in sorted((self.home.data / name).iterdir()):
            if path.name in OF_THE_START or not path.is_file():
                continue
            ways = list(damage.kinds(path, self.dice))
            for way in [self.dice.choice(ways)] if path.name.endswith(UNREAD) else ways:
                self.case(name, path, way, intake_run, reference)

    def case(self, name, path, done, intake_run, reference):
        what, apply = done
        data = self.folder / "case"
        data.mkdir(mode=0o700)
        shutil.copytree(self.home.data / name, data / name)
        try:
            apply(data / name / path.name)
            with self.home.run(name, data, intake_run) as service:
                verdict = judge(name, reference, service)
            self.note(f"{self.how}: {name}/{path.name}: {what}", verdict)
            if name == "intake":
                self.repair(data, verdict, reference)
        except BaseException:
            print(f"FAILED, {self.how}: {name}/{path.name}: {what}", flush=True)
            raise
        finally:
            shutil.rmtree(data)

    def note(self, where, verdict):
        self.counts[verdict.kind] += 1
        if os.environ.get("CHAOXUN_VERBOSE"):
            print(f"{where}: {verdict.kind} {verdict.words[:300]}", flush=True)

    def repair(self, data, verdict, reference):
        """Looking changes nothing; dropping keeps a beginning of what there was, unless there is nothing to be kept."""
        before = contents(data / "intake")
        status, said = self.home.repair("intake", data)
        assert contents(data / "intake") == before, f"--repair without --drop changed something: {said}"
        assert status in (0, 1, 65), (status, said)
        if verdict.kind in ("harmless", "made again"):
            assert status == 0, f"nothing is wrong, and {said}"
        if status == 0:
            self.repairs["nothing to do"] += 1
            return
        dropped, said_then = self.home.repair("intake", data, "--drop")
        assert (dropped == 0) == (status == 65), (status, said, dropped, said_then)
        if dropped != 0:
            assert "backup" in said_then or "key" in said_then, said_then
            self.repairs["nothing can be kept"] += 1
            return
        with self.home.run("intake", data) as service:
            assert service.up, f"after {said_then}: {service.words[-1500:]}"
            kept = service.answers()
            assert "error" not in kept, kept["error"]
            fault = service.verify()
        assert not fault, f"after {said_then}: {fault}"
        assert kept["heads"] == reference["heads"][:len(kept["heads"])], said_then
        self.repairs["all heads kept" if kept["heads"] == reference["heads"] else "cut"] += 1


def contents(folder):
    """The bytes of every file, but for the lock and for SQLite's index of a log, which any reading makes."""
    return {path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*")
            if path.is_file() and path.name != "lock" and not path.name.endswith("-shm") and path.stat().st_size}


# ---- keys ----

def check_keys(folder, home, dice):
    """Whose key is damaged does not start, and says which file it is."""
    counts = collections.Counter()
    for path in sorted((home.data / "keys").iterdir()):
        for what, apply in damage.kinds(path, dice):
            name = "intake" if path.stem in ("side", "operator") else path.stem
            data = folder / "case"
            shutil.copytree(home.data, data, ignore=shutil.ignore_patterns("damaged-*"))
            try:
                apply(data / "keys" / path.name)
                counts[key_verdict(home, data, name, path, what)] += 1
            except BaseException:
                print(f"FAILED: keys/{path.name}: {what}", flush=True)
                raise
            finally:
                shutil.rmtree(data)
    print("keys:", dict(counts), flush=True)


def key_verdict(home, data, name, path, what):
    if path.stem == "operator":
        done = harness.subprocess.run([harness.COMMAND, "status", f"--data={data}"], capture_output=True, text=True, check=False)
        code, words = done.returncode, done.stderr + done.stdout
        if "bad-keyfile" not in words and "key file" not in words and code == 69:
            return "harmless"  # a line's end more or less; nothing runs that could be asked
    else:
        with home.run(name, data, alone=True, keys=data / "keys") as service:
            if service.up:
                verify = service.verify() if name == "intake" else ""
                assert not verify, f"{path.name}, {what}: it starts, and {verify}"
                return "harmless"
            code, words = service.process.returncode, service.words
    assert code in (1, 2, 65), (path.name, what, code, words[-800:])
    assert path.name in words or path.stem in words, f"{path.name}, {what}: not named in {words[-800:]}"
    return "refused"


# ---- that the checks can fail ----

def rewrite_last_block(data, with_witness):
    """The last report's attendances become one more, with a chain that fits: only the witness, or nothing, can know."""
    database = data / "intake/journal.db"
    connection = sqlite3.connect(database)
    with contextlib.closing(connection), connection:
        (journal,) = connection.execute("SELECT value FROM meta WHERE name = 'journal'").fetchone()
        rows = connection.execute("SELECT first, count, epoch, bytes, hash FROM head ORDER BY first").fetchall()
        first, count, epoch, head, _ = rows[-1]
        at = head.index(b"received_at") + len(b"received_at") + 8
        changed = head[:at] + bytes([head[at] ^ 1]) + head[at + 1:]
        chain = recount.sha256(rows[-2][4], struct.pack(">QQI", epoch, first, count), changed)
        connection.execute("UPDATE head SET bytes = ?, hash = ? WHERE first = ?", (changed, chain, first))
    if with_witness:
        path = data / "intake/journal.witness"
        body = b"CXWITNES" + struct.pack(">QQQ", journal % 2**64, epoch, first + count - 1) + chain
        path.write_bytes((body + hashlib.blake2b(body, digest_size=32).digest()).ljust(path.stat().st_size, b"\0"))


def check_rewritten_chain(folder, home, reference):
    """A chain that was forged is seen by the witness; with that forged too the comparison of this test must see it."""
    for with_witness in (False, True):
        data = folder / "case"
        data.mkdir(mode=0o700)
        shutil.copytree(home.data / "intake", data / "intake")
        rewrite_last_block(data, with_witness)
        with home.run("intake", data) as service:
            if not with_witness:
                verdict = judge("intake", reference, service)
                assert verdict.kind == "refused (65)" and "its hash there is another" in verdict.words, verdict
            else:
                must_fail(lambda running=service: judge("intake", reference, running), "a forged chain")
        shutil.rmtree(data)


def must_fail(check, what):
    try:
        verdict = check()
    except AssertionError as error:
        assert "served as good" in str(error) or "verify finds nothing" in str(error), error
        print(f"the check can fail: {what}: {str(error)[:160]}", flush=True)
        return
    raise SystemExit(f"{what} was not noticed: {verdict}")


def change(path, sql):
    connection = sqlite3.connect(path)
    connection.create_function("row_checksum", -1, notifier_process.row_checksum)
    with contextlib.closing(connection), connection:
        assert connection.execute(sql).rowcount > 0, sql


def check_planted_change(folder, home, name, sql, run, reference, detected):
    """A change that no page and no checksum of SQLite tells: verification finds it, and without that the comparison does."""
    data = folder / "case"
    data.mkdir(mode=0o700)
    shutil.copytree(home.data / name, data / name)
    change(next((data / name).glob("*.db")), sql)
    with home.run(name, data, run) as service:
        assert service.up, service.words[-800:]
        answers, fault = service.answers(), service.verify()
    shutil.rmtree(data)
    assert bool(fault) == detected, (sql, fault)
    must_fail(lambda: compare(name, reference, answers, "", ""), sql)


PLANTED = [
    ("archiver", "UPDATE events SET side = replace(CAST(side AS BLOB), CAST('河道' AS BLOB), CAST('河岸' AS BLOB))"
                 " WHERE seq = (SELECT max(seq) FROM versions)", True),
    ("notifier", "UPDATE contacts SET phone = '' WHERE person = 'P-1'", True),
    ("notifier", "UPDATE contacts SET phone = '', checksum ="
                 " row_checksum(unit, person, event, place, name, '', email, robot, govding, post) WHERE person = 'P-1'", False),
]


# ---- all of it ----

def references(homes, folder):
    """What each service serves of undamaged files, in both homes the same; the shared intake stays."""
    found = {}
    for how, home in homes.items():
        for name in harness.SERVICES:
            data = folder / f"reference-{how}"
            data.mkdir(mode=0o700, exist_ok=True)
            shutil.copytree(home.data / name, data / name)
        with home.run("intake", data) as intake:
            assert intake.up, intake.words
            found[how, "intake"] = intake.answers()
            for name in CONSUMERS:
                with home.run(name, data) as service:
                    assert service.up, service.words
                    found[how, name] = service.answers()
                    assert not service.verify()
    for name in harness.SERVICES:
        assert found["stopped", name] == found["killed", name], name
    assert len(found["stopped", "intake"]["heads"]) > 30
    return {name: found["stopped", name] for name in harness.SERVICES}


def run_home(folder, how, home, served, seed):
    """One of the homes, beside the other."""
    own = folder / f"round-{how}"
    shared = own / "shared"
    shared.mkdir(mode=0o700, parents=True)
    part = Round(own, home, how, random.Random(f"{seed} {how}"))
    part.run("intake", None, served["intake"])
    shutil.copytree(home.data / "intake", shared / "intake")
    with home.run("intake", shared) as intake:
        assert intake.up, intake.words
        for name in CONSUMERS:
            part.run(name, shared / "run", served[name])
    shutil.rmtree(own)
    return part


def run_round(folder, homes, served, seed):
    with concurrent.futures.ThreadPoolExecutor(len(homes)) as pool:
        parts = list(pool.map(lambda how: run_home(folder, how, homes[how], served, seed), homes))
    counts, repairs = (sum((getattr(part, of) for part in parts), collections.Counter()) for of in ("counts", "repairs"))
    print(f"seed {seed}: {sum(counts.values())} cases: {dict(counts)}; repairs of the journal: {dict(repairs)}", flush=True)
    assert counts["harmless"] < 0.6 * sum(counts.values()), "most of the damage was in places that nobody reads"


def check(folder):
    print(f"CHAOXUN_SEED={SEED}", flush=True)
    started = time.monotonic()
    with notifier_process.SendSms() as gateway:
        data = damaged_house.prepare(folder, gateway)
    homes = {how: damaged_service.Home(path) for how, path in data.items()}
    served = references(homes, folder)
    print(f"prepared after {time.monotonic() - started:.1f} s", flush=True)
    check_rewritten_chain(folder, homes["stopped"], served["intake"])
    shared = folder / "shared"
    shared.mkdir(mode=0o700)
    shutil.copytree(homes["stopped"].data / "intake", shared / "intake")
    with homes["stopped"].run("intake", shared):
        for name, sql, detected in PLANTED:
            check_planted_change(folder, homes["stopped"], name, sql, shared / "run", served[name], detected)
    check_keys(folder, homes["stopped"], random.Random(SEED))
    print(f"keys and planted changes after {time.monotonic() - started:.1f} s", flush=True)
    seed = SEED
    run_round(folder, homes, served, seed)
    while time.monotonic() - started < SOAK:
        seed += 1
        run_round(folder, homes, served, seed)
    print(f"done after {time.monotonic() - started:.1f} s", flush=True)
    for home in homes.values():
        home.close()


def main():
    with tempfile.TemporaryDirectory(prefix="cx-damage-") as name:
        check(pathlib.Path(name))
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
