"""Kills the services of a running instance at every named point and at random moments, under whatever runs there.

    breaker = breaker.Breaker(chaoxun, points, dice, erase)
    breaker.run()         # until every service has died at each of its points
    breaker.reached       # (service, point) of each

All five services die independently of each other. A service that died often is started again later each time; then the
whole of it is killed, supervisor too, and started anew.
"""
import contextlib
import os
import signal
import time

import failpoints
import harness

TIRED = 5             # deaths of a service, after which all end
REACH_SECONDS = 180   # in which a point must have been reached, however busy the machine is
RANDOM_KILLS = 1      # of each service, per round
AMID = {"database-before-checkpoint": 2000, "database-before-commit": 400, "database-before-truncation": 1000}  # µs


class Life:
    """One service: what it has still to die of, and what it waits for."""

    def __init__(self, queue):
        self.queue = queue
        self.point = None      # armed
        self.old = None        # the pid that is to die
        self.deadline = 0
        self.kill_at = None    # of a random moment
        self.deaths = 0        # since all were killed


class Breaker:
    def __init__(self, chaoxun, points, dice, erase):
        self.chaoxun, self.points, self.dice, self.erase = chaoxun, points, dice, erase
        self.reached = set()
        self.kills = 0
        self.lives = {service: Life(self._queue(service)) for service in harness.SERVICES}

    def _queue(self, service):
        """In random order, popped from the end. But behind a death before a checkpoint the log is long enough for the next
        one; and erasures come last, for they begin the archiver's log anew."""
        mine = [point for who, point in failpoints.of("run", "start") if who == service]
        groups = [[point] for point in mine if "-checkpoint" not in point.name] + [[None]] * RANDOM_KILLS
        groups += [group] if (group := [point for point in reversed(mine) if "-checkpoint" in point.name]) else []
        self.dice.shuffle(groups)
        groups.sort(key=lambda group: group[0] is None or group[0].needs != "erasure")
        return [(point, self.dice.randint(1, point.most), self._micros(point)) if point else (None, 0, 0)
                for group in groups for point in group]

    def _micros(self, point):
        """At the point, or amid what follows on it."""
        most = AMID.get(point.name, 0)
        return self.dice.randint(1, most) if most and self.dice.random() < 0.5 else 0

    # ---- one service ----

    def _begin(self, service, life, pid):
        point, passes, micros = life.queue.pop()
        life.point, life.old = point, pid
        now = time.monotonic()
        life.deadline = now + REACH_SECONDS
        life.kill_at = now + self.dice.uniform(0, 0.3) if point is None else None
        if point:
            self.points.arm(service, point.name, passes if point.when == "run" else 1, micros)
        if point and point.when == "start":
            life.kill_at = now

    def _kill(self, life):
        life.kill_at = None
        with contextlib.suppress(OSError):  # it died by itself
            os.kill(life.old, signal.SIGKILL)

    def _died(self, service, life):
        self.kills += 1
        life.deaths += 1
        if life.point:
            self.reached.add((service, life.point))
        life.old = None

    def _is_dead(self, service, life, pids):
        return self.points.fired(service) if life.point else pids.get(service) != life.old

    @staticmethod
    def _passed_start(service, life, pids):
        """It was started again, and what is done at the point was not needed this time: another death makes it so."""
        return life.point and life.point.when == "start" and pids.get(service, life.old) != life.old

    def _step(self, service, life, pids):
        if life.old is None:
            if life.queue and life.deaths < TIRED and service in pids:
                self._begin(service, life, pids[service])
            return
        if life.kill_at is not None and time.monotonic() >= life.kill_at:
            self._kill(life)
        elif life.kill_at is None and self._is_dead(service, life, pids):
            self._died(service, life)
        elif life.kill_at is None and self._passed_start(service, life, pids):
            life.old = pids[service]
            life.kill_at = time.monotonic() + self.dice.uniform(0.3, 1)
        elif time.monotonic() > life.deadline:
            raise AssertionError(f"{service} never came by {life.point.name if life.point else 'its end'}")

    # ---- all ----

    def _pids(self):
        """Only of programs that run as themselves by now."""
        try:
            return self.chaoxun.pids()
        except OSError:
            return {}

    def run(self, check=lambda: None):
        while any(life.queue or life.old for life in self.lives.values()):
            check()
            pids = self._pids()
            for service, life in self.lives.items():
                self._step(service, life, pids)
            self.erase(any(life.old and life.point and life.point.needs == "erasure" for life in self.lives.values()))
            if not any(life.old for life in self.lives.values()) and any(life.queue for life in self.lives.values()) \
                    and all(not life.queue or life.deaths >= TIRED for life in self.lives.values()):
                self.kill_all()
            time.sleep(0.005)
        self.erase(False)

    def kill_all(self):
        """kill -9 of the supervisor, with which all die, or an orderly end; and a new start."""
        pids = self._pids()
        self.chaoxun.stop(self.dice.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
        harness.until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids.values()), what="the end of all")
        self.kills += len(pids)
        for life in self.lives.values():
            life.deaths = 0
        self.chaoxun.start()
