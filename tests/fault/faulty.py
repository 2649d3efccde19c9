"""An intake whose nth call fails: dry runs that count the calls, runs with a fault, and the check after each.

    with faulty.Intake(seed) as intake:
        counted = intake.count(load=150)
        for n in intake.numbers(counted, "sync", few=2):
            status = intake.run(load=True, call="sync", nth=n, error="EIO")
            intake.check()
"""
import random
import signal
import time

import fault_build

fault_build.use("chaoxun-shim")
import acknowledged
import harness
import intake_process
import notifier_process
import shim_process

FIRE_SECONDS = 30
LOG_BYTES = 65536  # the least: with some 100 events it comes round
GOES_ON = 12  # receipts after a fault that show that it goes on


class Intake(intake_process.Intake):
    """Its journal grows from run to run; what was acknowledged in any of them must be found after each."""

    def __init__(self, seed, fresh=False, **settings):
        super().__init__(**{"log_bytes": LOG_BYTES} | settings)
        self.fresh = fresh  # not even started once
        self.random = random.Random(seed)
        self.shim = shim_process.Shim(self.folder / "intake")
        self.plain = self.environment
        self.clients = acknowledged.Clients(self, self.random.random())

    def __enter__(self):
        if not self.fresh:
            self.start()
            self.set_up()
            self.stop()
        return self

    def set_up(self):
        door = self.door("operator")
        door.store(notifier_process.house())
        door.socket.close()

    # ---- dry runs ----

    def count(self, load, **words):
        """The calls of a start, and of the whole run: with so many receipts, or without any but with the stop."""
        self.start_with(**words)
        first = last = self.shim.counts()
        if load:
            with self.clients:
                self.clients.wait(load)
            last = self.shim.counts()
        assert self.stop() == 0
        return first, last if load else self.shim.counts()

    def numbers(self, counted, call, few):
        """Some of the n at which the call was made: at the start, and after it."""
        first, last = counted[0][call], counted[1][call]
        assert last, f"no {call} was counted"
        ranges = range(1, first + 1), range(first + 1, last + 1)
        return [n for some in ranges for n in self.random.sample(some, min(few, len(some)))]

    # ---- runs ----

    def start_with(self, wait=True, **words):
        self.environment = self.plain | self.shim.environment(**words)
        self.start(wait)

    def run(self, load, **words):
        """Its exit status (negative: a signal). With load it goes on until the fault happened and shows what comes of
        it; without it is started, and stopped when it is ready."""
        self.start_with(wait=False, **words)
        if load:
            with self.clients:
                harness.until(lambda: self.shim.fired() or self.ended(), FIRE_SECONDS, f"the fault {words}")
                self.after_fault(words)
        else:
            self.wait_ready()
        if not self.ended():
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        assert self.shim.fired(), f"the fault did not happen: {words}, {self.shim.counts()}"
        return status

    def ended(self):
        return self.process.poll() is not None

    def after_fault(self, words):
        """Until it has ended, or gives receipts again, or says that it cannot."""
        statuses = self.clients.statuses
        before = statuses["stored"]
        refused = self.refused()
        end = time.monotonic() + FIRE_SECONDS
        while not self.ended() and statuses["stored"] < before + GOES_ON and self.refused() < refused + 20:
            assert time.monotonic() < end, f"neither ends nor goes on after {words}: {statuses}"
            time.sleep(0.005)

    def refused(self):
        """How often clients were told that there is no memory for what they ask."""
        return self.clients.statuses["error busy"] + self.clients.statuses["error no-memory"]

    def wait_ready(self):
        """Until it answers or has ended."""
        door = self.door("operator")
        door.send("head", harness.NIL)
        while not self.ended() and not door.receive(50):
            pass
        door.socket.close()

    def check(self):
        """Starts it without faults: everything acknowledged is there once, the chain holds. Stops it."""
        self.environment = self.plain
        self.start()
        faults = self.clients.faults()
        assert not faults, faults[:5]
        assert self.stop() == 0
