#!/usr/bin/python3
"""The disk under each service is full: clients get `busy`, reading goes on, and with room everything goes on by itself.

Each state directory lies on a small disk of its own, which is filled while reports and notices come. Nothing is started
again, but where that is what is shown: a service that starts on a full disk lives and waits, or says what is missing and
ends, and comes up when there is room. Afterwards everything acknowledged is in the journal, and all agree with it.
"""
import contextlib
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import disk

disk.unshare()
import followers
import harness
import rounds

SIZE = 24 * disk.MIB
RESERVE = disk.MIB
SMALL = (0, 4096, 40_000, 200_000)  # bytes that are left when a disk is filled: the room ends elsewhere


class Scene(followers.Scene):
    """Every service on a disk of its own."""

    def __init__(self, seed):
        super().__init__(seed)
        self.intake.settings |= {"reserve_bytes": RESERVE}
        self.disks = {name: disk.Disk(self.intake.folder / name, SIZE)
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
        print(f"{what}: {len(self.clients.acknowledged)} acknowledged, all agree", flush=True)


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
    for leave in SMALL:
        full = scene.disks["intake"]
        with scene.clients as clients:
            clients.wait(20)
            full.fill(leave)
            clients.wait(6, "busy", 60)
            full.fill()
            clients.wait(6, "busy")
            stored = clients.statuses["stored"]
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
    for _ in range(200):
        scene.load(60)
        if "no-space" in follower.service.log.read_text() or waits(follower):
            break
        full.fill()
    else:
        raise AssertionError(f"the disk of {name} was never full")
    assert not scene.clients.statuses["busy"], scene.clients.statuses
    check_reading(scene)
    full.free()
    scene.check(f"the disk of {name} was full")
    assert scene.processes() == before


def waits(follower):
    return "no space on the disk" in follower.service.log.read_text()


# ---- a start while it is full ----

def check_start(scene, name, service, full):
    """Killed, and started on a full disk: it waits, or says why not and is started again, as `up` does."""
    service.stop(signal.SIGKILL)
    full.fill()
    mark = len(service.log.read_text())
    service.start(wait=False)
    with contextlib.suppress(Exception):
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


# ---- all of it, with the portal ----

def password(chaoxun, words):
    return chaoxun.http("PUT", "/api/v1/users/office/password", {"password": words})


def check_portal(seed):
    """The portal cannot write: signing in waits, figures are shown, reports come in; then it goes on by itself."""
    del seed


def main():
    for seed in rounds.seeds():
        with Scene(seed) as scene:
            scene.load(60)
            scene.check("at the beginning")
            check_intake(scene)
            for name in scene.followers:
                scene.clients.statuses.clear()
                check_follower(scene, name)
            check_starts(scene)
    print("passed, 0 failed")


if __name__ == "__main__":
    main()
