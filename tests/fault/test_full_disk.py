#!/usr/bin/python3
"""The disk under each service is full: clients get `busy`, reading goes on, and with room everything goes on by itself.

Each state directory lies on a small disk of its own, which is filled while reports and notices come. Nothing is started
again, but where that is what is shown: a service that starts on a full disk lives and waits, or says what is missing and
ends, and comes up when there is room. Afterwards everything acknowledged is in the journal, and all agree with it.
"""
import contextlib
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import disk

disk.unshare()
import faulty
import followers
import harness
import rounds

SIZE = 24 * disk.MIB
SIZE_OF_RECORD = 128 * disk.MIB  # its WAL may grow to 64 MB
RESERVE = disk.MIB
PACE = 0.02  # seconds between frames: what is stored until the disk is seen to be full must not fill it by itself
SMALL = (0, 4096, 40_000, 200_000)  # bytes that are left when a disk is filled: the room ends elsewhere


class Scene(followers.Scene):
    """Every service on a disk of its own."""

    def __init__(self, seed):
        super().__init__(seed)
        self.intake.settings |= {"reserve_bytes": RESERVE}
        self.disks = {name: disk.Disk(self.intake.folder / name, SIZE_OF_RECORD if name == "archiver" else SIZE)
                      for name in ("intake", "aggregator", "archiver", "notifier")}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for made in self.disks.values():
                stack.enter_context(made)
            super().__enter__()
            for follower in self.followers.values():
                follower.service.start()
            self.mounts = stack.pop_all()
        return self

    def __exit__(self, *error):
        self.stop()
        self.mounts.close()
        return super().__exit__(*error)

    def stop(self):
        """What stands on the disks."""
        for process in (self.intake.process, *(follower.service.process for follower in self.followers.values())):
            if process and process.poll() is None:
                process.kill()
                process.wait()

    def processes(self):
        return [self.intake.process.pid, *(follower.service.process.pid for follower in self.followers.values())]

    def check(self, what):
        assert not (faults := self.clients.faults()), (what, faults[:5])
        for follower in self.followers.values():
            assert not follower.ended(), f"{follower.name} ended: {what}"
            assert not (faults := follower.faults()), (what, faults[:5])
        left = {name: made.left() // disk.MIB for name, made in self.disks.items()}
        print(f"{what}: {len(self.clients.acknowledged)} acknowledged, all agree; MiB free: {left}", flush=True)


def check_reading(scene):
    """Figures, record and outbox still answer, and the journal is read."""
    assert scene.intake.stream()
    assert scene.followers["aggregator"].service.totals()["rows"]
    assert scene.followers["archiver"].service.reports(limit=1)["rows"]
    assert scene.followers["notifier"].service.answer("notices")["rows"]


# ---- while it runs ----

def check_intake(scene):
    """Full, and again full at another place: busy and nothing is stored; with room by itself."""
    before = scene.processes()
    scene.clients.pace = PACE
    for leave in scene.random.sample(SMALL, len(SMALL)):
        full = scene.disks["intake"]
        with scene.clients as clients:
            clients.wait(20)
            full.fill(leave)
            clients.wait(6, "busy", 60)
            full.fill()
            clients.wait(6, "busy")
            stored = clients.stopped()
            check_reading(scene)
            clients.wait(6, "busy")
            assert clients.statuses["stored"] == stored, "something was stored without room"
            full.free()
            clients.wait(30)
        scene.check(f"intake's disk was full but for {leave}")
    assert scene.processes() == before
    said = scene.intake.log.read_text()
    assert 'bytes are free' in said and f"{2 * RESERVE} are needed, 2 times reserve-bytes" in said


def check_follower(scene, name):
    """A service that cannot write: clients do not notice, it answers, and later holds everything."""
    before = scene.processes()
    follower, full = scene.followers[name], scene.disks[name]
    full.fill(scene.random.choice(SMALL))
    for _ in range(30):
        scene.load(60)
        if any(words in follower.service.log.read_text() for words in ("why=no-space", "no space on the disk")):
            break
        full.fill()
    else:
        raise AssertionError(f"the disk of {name} was never full")
    assert not scene.clients.statuses["busy"], scene.clients.statuses
    check_reading(scene)
    full.free()
    scene.check(f"the disk of {name} was full")
    assert scene.processes() == before


# ---- a start while it is full ----

def check_start(scene, name, service, full):
    """Killed, and started on a full disk: it waits, or says why not and is started again, as `up` does."""
    service.stop(signal.SIGKILL)
    full.fill()
    mark = len(service.log.read_text())
    service.start(wait=False)
    with contextlib.suppress(subprocess.TimeoutExpired):
        service.process.wait(1.5)
    if service.process.poll() is None:
        full.free()
        print(f"{name} lives on a full disk", flush=True)
    else:
        said = service.log.read_text()[mark:]
        assert service.process.returncode == 1 and "no space on the disk" in said and str(full.folder) in said, said
        print(f"{name} does not start on a full disk: {said.splitlines()[-1]}", flush=True)
        full.free()
        service.start()


def check_starts(scene):
    check_start(scene, "intake", scene.intake, scene.disks["intake"])
    for name, follower in scene.followers.items():
        check_start(scene, name, follower.service, scene.disks[name])
    with scene.clients as clients:
        scene.issue()
        clients.wait(30)
    scene.check("started on full disks")


# ---- `chaoxun up`, with the portal ----

def new_token(chaoxun):
    """(status, code of the error) of what the portal must write down."""
    status, answer = chaoxun.http("POST", "/api/v1/tokens")
    return status, None if status == 201 else answer["code"]


def report_in(chaoxun):
    return chaoxun.http("POST", "/api/v1/events", {"type": "report.submitted", "unit": "haining/xiashi", "body": {
        "programmes": ["clean-home"], "date": "2026-05-06", "attendances": 20}})


def figures(chaoxun):
    return chaoxun.http("GET", "/api/v1/totals")[0]


def check_portal(chaoxun, full):
    """What the portal itself keeps is refused while there is no room; reports come in and figures are shown."""
    old = chaoxun.pids()
    assert new_token(chaoxun) == (201, None)
    full.fill()
    harness.until(lambda: new_token(chaoxun) == (503, "no-space"), what="a full disk of the portal")
    assert report_in(chaoxun)[0] == 201 and figures(chaoxun) == 200
    full.free()
    assert new_token(chaoxun) == (201, None)
    assert chaoxun.pids() == old
    print("the portal's disk was full", flush=True)


def check_restart(chaoxun, service, full):
    """Killed while its disk is full: it lives, or `up` starts it again and again; with room it is ready by itself."""
    full.fill()
    old = chaoxun.kill(service)
    harness.until(lambda: chaoxun.pids().get(service, old) != old, what=f"restart of {service}")
    assert chaoxun.process.poll() is None
    full.free()
    harness.until(lambda: chaoxun.command("status").returncode == 0, what="readiness")
    harness.until(lambda: report_in(chaoxun)[0] == 201, what="a report that is taken")
    assert new_token(chaoxun) == (201, None) and figures(chaoxun) == 200
    print(f"{service} was started again on a full disk", flush=True)


def check_up():
    with tempfile.TemporaryDirectory(prefix="cx-disk-") as name, contextlib.ExitStack() as stack:
        data = pathlib.Path(name) / "data"
        data.mkdir(mode=0o700)
        disks = {service: stack.enter_context(disk.Disk(data / service, SIZE)) for service in ("portal", "intake")}
        with harness.Instance(f"--reserve-bytes={RESERVE}", f"--log-bytes={faulty.LOG_BYTES}", data=data) as chaoxun:
            check_portal(chaoxun, disks["portal"])
            for service, full in disks.items():
                check_restart(chaoxun, service, full)
            verified = chaoxun.command("verify")
            assert verified.returncode == 0, verified.stdout


def main():
    for seed in rounds.seeds():
        with Scene(seed) as scene:
            scene.load(60)
            scene.check("at the beginning")
            for name in scene.followers:  # before their logs are long, which then need no more room
                scene.clients.statuses.clear()
                check_follower(scene, name)
            check_intake(scene)
            check_starts(scene)
        check_up()
    print("4 passed, 0 failed")


if __name__ == "__main__":
    main()
