#!/usr/bin/python3
"""The power goes: what was written and not synced is lost, or a part of it, or torn. Nothing acknowledged is lost.

A service runs with a shim that records its writes and kills it at one of them; then what no sync made durable is taken
back by chance (power.py), and it starts again on what is left. Controls: the replay itself on a small program; an intake
that acknowledges before the commit, one that does not sync its commits, and a disk that says that it synced and did
not: with each of them the same rounds must find acknowledged events that are lost, and name them.
"""
import concurrent.futures
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import fault_build

fault_build.use("chaoxun-shim", "chaoxun-intake-early", "chaoxun-intake-unsynced")
import faulty
import followers
import harness
import power
import rounds
import shim_process

CUTS = 16
CUTS_OF_CONTROL = 40  # at most; a few are enough, mostly
CUTS_OF_FOLLOWER = 3
CUTS_OF_MACHINE = 2
CALLS_OF_RUN = 400  # writes within which the power goes, mostly
CALLS_OF_FOLLOWER = 100
CONTROLS = (
    ("a receipt before the commit", "chaoxun-intake-early", {}),
    ("a commit without a sync", "chaoxun-intake-unsynced", {}),
    ("a disk that does not sync", "chaoxun-intake", {"call": "sync", "nth": 1, "error": "LOST", "again": 1}),
)
LOG_HEAD = 4096      # bytes of journal.log before its two segments

# ---- the replay itself ----

PROGRAM = """
import os
def write(name, *parts):
    file = os.open(folder + name, os.O_RDWR | os.O_CREAT)
    for offset, content in parts:
        os.pwrite(file, content, offset)
    return file
def sync(file):
    os.fsync(file)
folder = {folder!r}
"""


def run_program(shim, program, **words):
    script = PROGRAM.format(folder=f"{shim.state}/") + program
    subprocess.run([sys.executable, "-c", script], check=True, env=os.environ | shim.environment(record=True, **words))


def content(shim):
    return {path.name: path.read_bytes() for path in shim.state.iterdir()}


def replay(program, share, before=()):
    """The files after a program and a cut, and how many changes were lost."""
    with tempfile.TemporaryDirectory(prefix="cx-power-") as name:
        shim = shim_process.Shim(pathlib.Path(name) / "state")
        shim.state.mkdir()
        for file, data in dict(before).items():
            (shim.state / file).write_bytes(data)
        run_program(shim, program)
        lost = power.cut(shim, random.Random(1), share)
        return content(shim), lost


def check_replay(_):
    """What was synced stays, what was not goes, and goes back to what stood there before."""
    old = {"a": b"o" * 1500, "b": b"b" * 100, "c": b"c"}
    synced = ("sync(write('a', (0, b'n' * 700), (1400, b'm' * 700))); os.unlink(folder + 'c'); "
              "sync(write('d', (0, b'd'))); sync(os.open(folder, os.O_RDONLY))")
    after = {"a": b"n" * 700 + b"o" * 700 + b"m" * 700, "b": b"b" * 100, "d": b"d"}
    loose = ("file = write('a', (0, b'n' * 700), (600, b'm' * 2000), (650, b'l')); os.ftruncate(file, 800); "
             "os.posix_fallocate(file, 0, 4000); os.unlink(folder + 'c'); os.rename(folder + 'b', folder + 'd'); "
             "write('e', (0, b'e')); os.close(os.open(folder + 'd', os.O_RDWR | os.O_TRUNC))")
    assert replay(synced, 0, old) == (after, 0), "a cut with nothing unsynced must change nothing"
    found, lost = replay(loose, 0, old)
    assert found == old and lost, (found, lost)
    found, lost = replay(loose, 1, old)
    assert found == {"a": b"n" * 600 + b"m" * 50 + b"l" + b"m" * 149 + bytes(3200), "d": b"", "e": b"e"} and not lost, found
    assert replay(f"sync(write('a', (0, b'n'))); {loose}", 0, old)[0] == old | {"a": b"n" + old["a"][1:]}
    check_torn(old)


def check_torn(old):
    """The last write is torn between sectors."""
    seen = set()
    for seed in range(30):
        with tempfile.TemporaryDirectory(prefix="cx-power-") as name:
            shim = shim_process.Shim(pathlib.Path(name) / "state")
            shim.state.mkdir()
            (shim.state / "a").write_bytes(b"o" * 2048)
            shim.record.mkdir()
            row = power.ROW.pack(power.WRITE, 0, (shim.state / "a").stat().st_ino, 256, 2048, 1536, 1536)
            (shim.record / "changes").write_bytes(row + b"o" * 1536 + b"n" * 1536)
            power.cut(shim, random.Random(seed), 0.5)
            data = (shim.state / "a").read_bytes()
        parts = data[:256], data[256:512], data[512:1024], data[1024:1536], data[1536:1792], data[1792:]
        assert all(len(set(part)) == 1 for part in parts) and parts[0] == b"o" * 256 and parts[5] == b"o" * 256, data
        seen.add(data)
    assert len(seen) > 3, seen


# ---- intake ----

def check_intake(seed):
    """Power cuts under load, some of them while it starts again after another, some when the log has come round."""
    came_round = 0
    with faulty.Intake(seed) as intake:
        for number in range(CUTS):
            cut = cut_power(intake, number)
            came_round += has_come_round(intake.shim.state / "journal.log")
            refused = refused_start(intake)
            faults = [refused] if refused else intake.clients.faults()
            assert not faults, (cut, faults)
            assert intake.stop() == 0
    assert came_round, "no power cut met a log that had come round"
    print(f"{came_round} of {CUTS} cuts met a log that had come round", flush=True)


def cut_power(intake, number, **words):
    """Runs it, and plays the cut; says when that was."""
    gone = one_run(intake, **words)
    lost = power.cut(intake.shim, intake.random)
    cut = f"{intake.binary} cut {number}: {gone}, {lost} changes lost, {len(intake.clients.acknowledged)} events acknowledged"
    print(cut, flush=True)
    return cut


def has_come_round(log):
    """Whether a segment was begun again: its records do not rise, or the first segment is the younger one."""
    data = log.read_bytes()
    half = LOG_HEAD + (len(data) - LOG_HEAD) // 2
    segments = [[int.from_bytes(data[at + 24:at + 32], "big") for at in range(begin, end, power.SECTOR)
                 if data[at:at + 8] == b"CXRECORD"] for begin, end in ((LOG_HEAD, half), (half, len(data)))]
    rising = all(firsts == sorted(firsts) for firsts in segments)
    return not rising or (all(segments) and segments[0][-1] > segments[1][-1])


def some_call(chance, most):
    """At which call the power goes: soon after the start, anywhere, or, of writes, where the log is written back."""
    call = chance.choice(("write", "write", "sync"))
    nth = chance.choice((12, most, 8 * most)) if call == "write" else chance.choice((12, most // 10))
    return {"call": call, "nth": chance.randint(1, nth), "error": "KILL"}


def one_run(intake, **words):
    """Runs it until the power goes; says when that was."""
    words = words or intake.random.choice((some_call(intake.random, CALLS_OF_RUN),) * 5 + ({},))
    intake.clients.statuses.clear()
    intake.start_with(wait=False, record=True, **words)
    with intake.clients as clients:
        if words.get("error") == "KILL":
            intake.process.wait(60)
        else:
            clients.wait(100)
    if not words and intake.random.random() < 0.5:  # when it has just stopped
        intake.stop()
    elif not intake.ended():
        intake.stop(signal.SIGKILL)
    return f"{words}, {dict(clients.statuses)}"


def refused_start(intake):
    """The power is back: it starts, or this is the last that it said."""
    intake.environment = intake.plain
    intake.start(wait=False)
    intake.wait_ready()
    return intake.log.read_text().splitlines()[-1] if intake.ended() else None


def check_first_start(seed):
    """The power goes in the first run, and nothing survives that was not synced: neither does a folder's name."""
    with faulty.Intake(seed, fresh=True) as intake:
        intake.start_with(record=True)
        intake.set_up()
        with intake.clients as clients:
            clients.wait(50)
        intake.stop(signal.SIGKILL)
        power.cut(intake.shim, intake.random, 0)
        assert not (refused := refused_start(intake)), refused
        assert not (faults := intake.clients.faults()), faults


# ---- the services that follow ----

def check_followers(seed):
    """Each of them resumes from a position of its own, and agrees with the journal; also when all lose power at once."""
    with followers.Scene(seed) as scene:
        for follower in scene.followers.values():
            follower.service.start()
            scene.load(30)
            follower.service.stop()
            for _ in range(CUTS_OF_FOLLOWER):
                cut_follower(scene, follower)
        scene.intake.stop()
        for _ in range(CUTS_OF_MACHINE):
            cut_machine(scene)


def cut_follower(scene, follower):
    words = some_call(scene.random, CALLS_OF_FOLLOWER)
    follower.start_with(wait=False, record=True, **words)
    scene.load_for(1, follower.ended)
    if not follower.ended():
        follower.service.stop(signal.SIGKILL)
    lost = power.cut(follower.shim, scene.random)
    follower.service.start()
    faults = follower.faults()
    print(f"{follower.name} cut: {words}, {lost} changes lost, faults: {faults[:2]}", flush=True)
    assert not faults, faults
    assert follower.service.stop() == 0


def cut_machine(scene):
    """All of them run and stop in the same moment."""
    running = list(scene.followers.values())
    scene.intake.start_with(record=True)
    for follower in running:
        follower.start_with(record=True)
    with scene.clients as clients:
        scene.issue()
        clients.wait(scene.random.randint(10, 100))
        processes = [scene.intake.process, *(follower.service.process for follower in running)]
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
    lost = [power.cut(shim, scene.random) for shim in (scene.intake.shim, *(follower.shim for follower in running))]
    scene.intake.environment = scene.intake.plain
    scene.intake.start()
    faults = scene.clients.faults()
    for follower in running:
        follower.service.start()
        faults += follower.faults()
        assert follower.service.stop() == 0
    assert scene.intake.stop() == 0
    print(f"all cut: {lost} changes lost, {len(scene.clients.acknowledged)} acknowledged, faults: {faults[:2]}", flush=True)
    assert not faults, faults


# ---- controls ----

def check_controls(seed):
    """Each of them must be found out: by acknowledged events that are lost, each of them named."""
    with concurrent.futures.ThreadPoolExecutor() as lanes:
        found = [lanes.submit(find_loss, seed, what, binary, CUTS_OF_CONTROL, words) for what, binary, words in CONTROLS]
        nothing = lanes.submit(find_loss, seed, "nothing wrong", "chaoxun-intake", 2, {})
    for (what, *_), lost in zip(CONTROLS, found):
        assert lost.result(), f"{what} was not found out"
    assert not nothing.result(), "lost events of an intake that loses none"


def find_loss(seed, what, binary, cuts, words):
    """Cuts until acknowledged events are lost; gives these. A journal that refuses to start is repaired, by which the rest of it can be read."""
    refused = number = 0
    while number < cuts:
        with faulty.Intake(f"{seed}/{number}") as intake:
            intake.binary = binary
            usable = True
            while usable and number < cuts:
                cut_power(intake, number, **words)
                number += 1
                refusal = refused_start(intake)
                refused += bool(refusal)
                usable = not refusal or repaired(intake, refusal)
                lost = lost_events(intake) if usable else []
                if lost:
                    how = "behind a repair of the journal that refused to start" if refusal else "as it started"
                    print(f"control, {what}: {len(lost)} acknowledged events lost in cut {number}, seen {how}; {refused} "
                          f"starts were refused: {' '.join(lost[:5])} ...", flush=True)
                    return lost
    print(f"control, {what}: no acknowledged event was lost in {cuts} cuts, {refused} starts were refused", flush=True)
    return []


def repaired(intake, refusal):
    """Whether what is left of it can be had; says what that took, and starts it."""
    command = [harness.BIN / intake.binary, "--repair", "--drop", f"--data={intake.folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(f"refused to start: {refusal}", *done.stdout.splitlines()[:8], done.stderr, sep="\n  ", flush=True)
    assert done.returncode in (0, 1), done
    return done.returncode == 0 and not refused_start(intake)


def lost_events(intake):
    """Ids of what was acknowledged and is not there."""
    there = {head["id"] for head, _ in faulty.acknowledged.events(intake)}
    assert intake.stop() == 0
    return [identity.hex() for identity in intake.clients.acknowledged if identity not in there]


def main():
    for seed in rounds.seeds():
        rounds.side_by_side((check_replay, check_first_start, check_intake, check_followers, check_controls), seed)
    print("5 passed, 0 failed")


if __name__ == "__main__":
    main()
