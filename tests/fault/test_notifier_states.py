#!/usr/bin/python3
"""kill -9 of the notifier at every state of the outbox: on each way that a message can take, it dies once amid each change of
its state and once behind each, and at each place of its handing over; it is started again, and the message comes to its
end. Counted is what the gateway took: once where it answered, once more for each answer that was lost and is counted in the
row, never for what was withdrawn or replaced, and none got none."""
import concurrent.futures
import contextlib
import itertools
import pathlib
import shutil
import sys
import threading
import time
import unittest

import fault_build
import failpoints

fault_build.use()
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import intake_process
from notifier_process import Notifier, SendSms, contact

BUSY, BAD = (503, "Temporal failure, try again later."), (400, "Empty text not allowed, rejected")
DELIVERED, UNDELIVERED = 1, 2
STATES = {"pending", "held", "sending", "accepted", "delivered", "undelivered", "retry", "unknown", "dead", "expired",
          "cancelled", "superseded"}
HANDING_OVER = ("notifier-before-telling", "notifier-before-sending", "notifier-after-sending", "notifier-before-result")
CHANGES_MOST = 8  # of one way: more would be one that never ends
LANES = 4         # messages that travel at a time: they mostly wait
LATER = {"CHAOXUN_CLOCK_SHIFT_MS": str(2 * 3600 * 1000)}  # too old; behind the repeat of an alert
SILENT_S = 4 * 3600
NUMBERS = itertools.count(1)  # of squads and telephones


class Way:
    """The way of one message: what the gateway answers, how it begins, what happens to it in a state, where it ends."""

    expire_hours = 1
    alone = False  # it needs another clock, which never goes back: a notifier of its own

    def __init__(self, end, answers=(), reports=None):
        self.end, self.answers, self.reports = end, list(answers), reports or {}

    def begin(self, scene, unit, person):
        """The message is wanted."""
        scene.issue(unit)

    def help(self, scene, row):
        """What happens to it now, as often as it is asked."""
        if row["state"] in self.reports and scene.asked(row["address"]):
            scene.report(row["address"], self.reports[row["state"]])


class Recalled(Way):
    """It waits to be tried again, and the office recalls it."""

    def begin(self, scene, unit, person):
        self.notice = scene.issue(unit)
        self.done = False

    def help(self, scene, row):
        if row["state"] == "retry" and not self.done:
            self.done = True
            scene.store(harness.event("notice.recalled", "haining", {"notice": self.notice}))


class Aged(Way):
    """Its answer is lost, and when its time is up it is too old."""

    alone = True

    def help(self, scene, row):
        if row["state"] == "unknown" and not scene.environment:
            scene.restart(LATER)


class Silenced(Way):
    """An alert that a silence holds, until that is ended."""

    def begin(self, scene, unit, person):
        self.unit, self.ended = unit, False
        scene.silence(unit, SILENT_S)
        scene.happen(unit)

    def help(self, scene, row):
        if row["state"] == "held" and not self.ended:
            self.ended = True
            scene.silence(self.unit, 0)


class Replaced(Silenced):
    """The same, and a later alert about the same is held beside it."""

    expire_hours, alone = 24, True

    def help(self, scene, row):
        if row["state"] == "held" and not scene.environment:
            scene.restart(LATER)  # the time of its repeat has come
        elif scene.count(row["person"]) == 2:
            super().help(scene, row)


# What a message can become, and by what: each change on the way is one that the notifier dies at. Each goes it anew.
WAYS = {
    "delivered": lambda: Way("delivered", reports={"accepted": DELIVERED}),
    "undelivered": lambda: Way("undelivered", reports={"accepted": UNDELIVERED}),
    "tried again": lambda: Way("accepted", [BUSY, BUSY]),
    "lost answer": lambda: Way("accepted", [None]),
    "lost answer, reported": lambda: Way("delivered", [None], reports={"unknown": DELIVERED, "accepted": DELIVERED}),
    "never": lambda: Way("dead", [BAD] * 1000),
    "withdrawn": lambda: Recalled("cancelled", [BUSY] * 1000),
    "too old": lambda: Aged("expired", [None] * 1000),
    "silenced": lambda: Silenced("accepted"),
    "replaced": lambda: Replaced("superseded"),
}


class Scene:
    """An intake, a gateway and a notifier that is started again whenever it has died."""

    def __init__(self, intake, gateway, expire_hours):
        self.intake, self.gateway = intake, gateway
        self.operator = intake.door("operator")
        self.points = failpoints.Points(intake.folder / "points")
        self.notifier = Notifier(intake, gateway, unknown_ms=400, retry_ms=60, retry_max_ms=120,
                                 expire_hours=expire_hours)
        self.environment = {}
        self.then = None  # where it dies when it has another clock
        self.store(intake_process.unit("haining", "海宁大队", kind="brigade"), harness.event(
            "rule.set", "haining", {"rule": "returned", "version": 1, "name": "退回", "kind": "event",
                                    "event": "report.returned", "channels": ["sms"], "repeat_after": 30, "repeats": 1,
                                    "recipients": [{"of": "own", "post": "leader"}]},
            {"templates": [{"title": "退回", "text": "{单位}"}]}))
        self.notifier.start(environment=self.points.environment)

    def store(self, *events):
        self.operator.store(list(events))

    # ---- the notifier ----

    def restart(self, environment=None):
        """With another clock; it dies once more for that."""
        if self.notifier.process and self.notifier.process.poll() is None:
            self.notifier.kill()
        self.environment = environment or {}
        if environment and self.then:
            self.points.arm("notifier", *self.then)
        self.start()

    def start(self):
        self.notifier.start(wait=False, environment=self.points.environment | self.environment)

    def is_dead(self):
        return self.notifier.process.poll() is not None

    # ---- what happens ----

    def place(self):
        """A squad of its own, with its leader: (unit, person, phone)."""
        number = next(NUMBERS)
        unit, person, phone = f"haining/w{number}", f"W-{number}", f"139{number:08d}"
        self.store(intake_process.unit(unit, f"中队{number}", order=number),
                   contact(unit, person, "沈佳", phone, post="leader"))
        return unit, person, phone

    def issue(self, unit):
        made = harness.event("notice.issued", "haining", {"units": [unit]}, {"title": "高温", "text": "停止户外活动"})
        self.store(made)
        return made["id"]

    def happen(self, unit):
        report = harness.report(unit)
        self.store(report)
        self.store(harness.event("report.returned", unit, {"report": report["id"]}, {"reason": "补照片"}))

    def silence(self, unit, seconds):
        now = int(time.time() * 1000)
        self.store(harness.event("silence.set", "haining", {
            "silence": unit.replace("/", "-"), "from": now - 60_000, "until": now + seconds * 1000, "units": [unit]},
            {"reason": "防汛"}))

    def asked(self, phone):
        return [request for request in list(self.gateway.requests) if request["to"] == phone]

    def report(self, phone, code):
        """As a gateway: again, until it is taken."""
        try:
            self.notifier.report(self.asked(phone)[-1], code, wait_ms=300)
        except AssertionError:
            pass  # it is away

    # ---- what is seen ----

    def rows(self, person):
        if not self.notifier.database.exists():
            return []
        names = ("state", "attempts", "repeats", "address", "person", "number")
        return [dict(zip(names, row)) for row in self.notifier.rows(
            f"SELECT {', '.join(names)} FROM outbox WHERE person = ? ORDER BY number", person)]

    def count(self, person):
        return len(self.rows(person))


def is_quiet(scene):
    """Everything is told, and nothing goes on by itself."""
    return (scene.notifier.rows("SELECT count(*) FROM tellings") == [(0,)]
            and scene.notifier.rows("SELECT count(*) FROM outbox WHERE state IN"
                                    " ('pending', 'sending', 'unknown', 'retry')") == [(0,)])


class States(unittest.TestCase):
    def setUp(self):
        self.deaths = []  # the states in which messages were found behind a death
        self.gateway = self.enterContext(SendSms())
        self.scene = self.enterContext(self.new_scene(Way))

    @contextlib.contextmanager
    def new_scene(self, way):
        with intake_process.Intake() as intake:
            scene = Scene(intake, self.gateway, way.expire_hours)
            try:
                yield scene
            finally:
                if not scene.is_dead():
                    scene.notifier.kill()

    def in_lanes(self, work, jobs):
        """What `work` gives for each job, LANES at a time; each lane has a scene of its own."""
        own = threading.local()

        def begin():
            own.scene = self.enterContext(self.new_scene(Way))
        with concurrent.futures.ThreadPoolExecutor(LANES, initializer=begin) as lanes:
            return list(lanes.map(lambda job: work(own.scene, *job), jobs))

    def travel(self, scene, name, point=None, passes=1, later=False):
        """One message goes this way, and the notifier dies there, or there when its clock was set. Whether it did."""
        way = WAYS[name]()
        with self.new_scene(way) if way.alone else contextlib.nullcontext(scene) as mine:
            return self.travel_in(mine, way, name, (point, passes), later)

    def travel_in(self, scene, way, name, where, later):
        point, passes = where
        unit, person, phone = scene.place()
        self.gateway.answers[phone] = list(way.answers)
        if later:
            scene.then = point, passes
        elif point:
            scene.points.arm("notifier", point, passes)
        way.begin(scene, unit, person)

        def arrived():
            if scene.is_dead():
                self.deaths += [row["state"] for row in scene.rows(person)]
                scene.start()
            rows = scene.rows(person)
            if rows and rows[0]["state"] == way.end:
                return is_quiet(scene)
            if rows:
                way.help(scene, rows[0])
            return False
        try:
            harness.until(arrived, 30, f"the end of: {name}, {point} {passes}")
        except TimeoutError as error:
            raise AssertionError(f"{error}: {scene.rows(person)}") from error
        # Behind the last change, too, it may have died.
        harness.until(lambda: not scene.is_dead() or arrived(), 30, "the end of what follows")
        self.judge(name, way, scene.rows(person), scene.asked(phone), where)
        return point is not None and self.has_died(scene)

    @staticmethod
    def has_died(scene):
        died = scene.points.fired("notifier")
        if not died:
            (scene.points.folder / "chaoxun-notifier").unlink()
            scene.restart()  # it counts how often it came by
        return died

    def judge(self, name, way, rows, asked, where):
        """What the gateway took against what the rows say."""
        left = self.gateway.answers[asked[0]["to"]] if asked else way.answers
        refused = sum(answer in (BUSY, BAD) for answer in way.answers) - sum(answer in (BUSY, BAD) for answer in left)
        taken = len(asked) - refused
        lost = sum(row["repeats"] for row in rows)
        said = f"{name} {where}: taken {taken}, refused {refused}, {rows}"
        self.assertEqual(rows[0]["state"], way.end, said)
        messages = sum(row["state"] not in ("dead", "cancelled", "superseded") for row in rows)
        self.assertLessEqual(taken, messages + lost, said)
        self.assertGreaterEqual(taken, messages, said)
        if messages == 0:
            self.assertEqual(taken, 0, said)
        asked_for = sum(row["attempts"] for row in rows)
        self.assertLessEqual(len(asked), asked_for, said)
        # An answer was lost by the gateway, or by who died while it had the message: no other is sent again.
        possible = way.answers.count(None) > 0 or where[0] is not None
        self.assertTrue(lost == 0 or possible, said)

    def test_every_way_undisturbed(self):
        """The control: what is counted when nobody dies."""
        for name in WAYS:
            self.travel(self.scene, name)
        harness.until(lambda: is_quiet(self.scene), 30, "the end")

    def deaths_of(self, scene, name, point, later):
        """One more for each change on the way."""
        for passes in range(1, CHANGES_MOST):
            if not self.travel(scene, name, point, passes, later):
                self.assertGreater(passes, 1, (name, point))
                return passes - 1
        raise AssertionError(f"{name}: no end of changes")

    def test_at_every_change(self):
        deaths = sum(self.in_lanes(self.deaths_of, [
            (name, point, later) for name, way in WAYS.items()
            for point in ("notifier-inside-change", "notifier-after-change")
            for later in ((False, True) if way().alone else (False,))]))
        self.assertEqual(set(self.deaths), STATES)
        print(f"{deaths} deaths, behind which messages were " + ", ".join(
            f"{state} {self.deaths.count(state)}" for state in sorted(STATES)))

    def test_at_every_place_of_handing_over(self):
        jobs = list(itertools.product(("delivered", "tried again", "lost answer"), HANDING_OVER))
        self.assertEqual([job for job, died in zip(jobs, self.in_lanes(self.travel, jobs)) if not died], [])

    def test_with_the_outbox_gone(self):
        """Every way again from the journal alone: what came to its end goes to nobody once more."""
        for name, way in WAYS.items():
            if not way().alone:
                self.travel(self.scene, name)
        before = [(row[0], row[1]) for row in self.states()]
        asked = len(self.gateway.requests)
        self.scene.notifier.kill()
        shutil.rmtree(self.scene.intake.folder / "notifier")
        self.scene.start()
        harness.until(lambda: self.scene.notifier.status()["ready"], what="readiness")
        harness.until(lambda: [(row[0], row[1]) for row in self.states()] == before, 30, "the same states")
        self.assertEqual(len(self.gateway.requests), asked)

    def states(self):
        return self.scene.notifier.rows("SELECT person, state FROM outbox ORDER BY person, number")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
