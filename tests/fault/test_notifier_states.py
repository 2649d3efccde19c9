#!/usr/bin/python3
"""kill -9 of the notifier at every state of the outbox: on each way that a message can take, it dies once amid each change of
its state and once behind each, and at each place of its handing over; it is started again, and the message comes to its
end. Counted is what the gateway took: once where it answered, once more for each answer that was lost and is counted in the
row, never for what was withdrawn or replaced, and none got none."""
import pathlib
import shutil
import sys
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
LATER = {"CHAOXUN_CLOCK_SHIFT_MS": str(2 * 3600 * 1000)}
SILENT_S = 3600


class Way:
    """The way of one message: what the gateway answers, how it begins, what happens to it in a state, where it ends."""

    def __init__(self, end, answers=(), reports=None, again=False):
        self.end, self.answers, self.reports, self.again = end, list(answers), reports or {}, again

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

    def help(self, scene, row):
        if row["state"] == "held" and not scene.environment:
            scene.restart(LATER)  # the time of its repeat has come
        elif scene.count(row["person"]) == 2:
            super().help(scene, row)


# What a message can become, and by what: each change on the way is one that the notifier dies at.
WAYS = {
    "delivered": Way("delivered", reports={"accepted": DELIVERED}),
    "undelivered": Way("undelivered", reports={"accepted": UNDELIVERED}),
    "tried again": Way("accepted", [BUSY, BUSY]),
    "lost answer": Way("accepted", [None]),
    "lost answer, reported": Way("delivered", [None], reports={"unknown": DELIVERED}),
    "never": Way("dead", [BAD]),
    "withdrawn": Recalled("cancelled", [BUSY] * 1000),
    "too old": Aged("expired", [None] * 1000),
    "silenced": Silenced("accepted"),
    "replaced": Replaced("superseded"),
}


class Scene:
    """An intake, a gateway and a notifier that is started again whenever it has died."""

    def __init__(self, intake, gateway):
        self.intake, self.gateway = intake, gateway
        self.operator = intake.door("operator")
        self.points = failpoints.Points(intake.folder / "points")
        self.notifier = Notifier(intake, gateway, unknown_ms=400, retry_ms=60, retry_max_ms=120, expire_hours=1)
        self.environment = {}
        self.journeys = 0
        self.deaths = []  # the states in which messages were found behind a death
        self.store(intake_process.unit("haining", "海宁大队", kind="brigade"), harness.event(
            "rule.set", "haining", {"rule": "returned", "version": 1, "name": "退回", "kind": "event",
                                    "event": "report.returned", "channels": ["sms"], "repeat_after": 30, "repeats": 1,
                                    "recipients": [{"of": "own", "post": "leader"}]},
            {"templates": [{"title": "退回", "text": "{单位}"}]}))

    def store(self, *events):
        self.operator.store(list(events))

    # ---- the notifier ----

    def restart(self, environment=None):
        """With another clock; it dies once more for that."""
        if self.notifier.process and self.notifier.process.poll() is None:
            self.notifier.kill()
        self.environment = environment or {}
        self.start()

    def start(self):
        self.notifier.start(wait=False, environment=self.points.environment | self.environment)

    def is_dead(self):
        return self.notifier.process.poll() is not None

    # ---- what happens ----

    def place(self):
        """A squad of its own, with its leader: (unit, person, phone)."""
        self.journeys += 1
        unit, person, phone = f"haining/w{self.journeys}", f"W-{self.journeys}", f"139{self.journeys:08d}"
        self.store(intake_process.unit(unit, f"中队{self.journeys}", order=self.journeys),
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


class States(unittest.TestCase):
    def setUp(self):
        self.intake = self.enterContext(intake_process.Intake())
        self.gateway = self.enterContext(SendSms())
        self.scene = Scene(self.intake, self.gateway)
        self.addCleanup(lambda: self.scene.is_dead() or self.scene.notifier.kill())

    def travel(self, name, point=None, passes=1):
        """One message goes this way, and the notifier dies there. Whether it did."""
        scene, way = self.scene, WAYS[name]
        scene.restart()
        unit, person, phone = scene.place()
        self.gateway.answers[phone] = list(way.answers)
        if point:
            scene.points.arm("notifier", point, passes)
        way.begin(scene, unit, person)
        died = False

        def arrived():
            nonlocal died
            if scene.is_dead():
                died = True
                scene.deaths += [row["state"] for row in scene.rows(person)]
                scene.start()
            rows = scene.rows(person)
            if rows and rows[0]["state"] == way.end:
                return rows
            if rows:
                way.help(scene, rows[0])
            return None
        rows = harness.until(arrived, 30, f"the end of: {name}, {point} {passes}: {scene.rows(person)}")
        harness.until(lambda: scene.is_dead() or not point or self.is_quiet(), 30, "the end of what follows")
        if scene.is_dead():
            died = True
            scene.deaths += [row["state"] for row in scene.rows(person)]
            scene.start()
            harness.until(self.is_quiet, 30, "the end of what follows")
        self.judge(name, way, scene.rows(person), phone, (point, passes))
        if point and not scene.points.fired("notifier"):
            (scene.points.folder / "chaoxun-notifier").unlink()
            self.assertFalse(died)
            return False
        return died

    def is_quiet(self):
        """Everything is told, and nothing goes on by itself."""
        return (self.scene.notifier.rows("SELECT count(*) FROM tellings") == [(0,)]
                and self.scene.notifier.rows("SELECT count(*) FROM outbox WHERE state IN"
                                             " ('pending', 'sending', 'unknown', 'retry')") == [(0,)])

    def judge(self, name, way, rows, phone, where):
        """What the gateway took against what the rows say."""
        refused = sum(answer in (BUSY, BAD) for answer in way.answers) - sum(
            answer in (BUSY, BAD) for answer in self.gateway.answers[phone])
        taken = len(self.scene.asked(phone)) - refused
        lost = sum(row["repeats"] for row in rows)
        said = f"{name} {where}: taken {taken}, refused {refused}, {rows}"
        self.assertEqual(rows[0]["state"], way.end, said)
        messages = sum(row["state"] not in ("dead", "cancelled", "superseded") for row in rows)
        self.assertLessEqual(taken, messages + lost, said)
        self.assertGreaterEqual(taken, messages, said)
        if way.end in ("dead", "cancelled", "superseded"):
            self.assertEqual(rows[0]["repeats"], 0, said)
        asked_for = sum(row["attempts"] for row in rows)
        self.assertLessEqual(len(self.scene.asked(phone)), asked_for, said)
        # An answer was lost by the gateway, or by who died while it had the message: no other is sent again.
        possible = way.answers.count(None) > 0 or where[0] is not None
        self.assertTrue(lost == 0 or possible, said)

    def test_every_way_undisturbed(self):
        """The control: what is counted when nobody dies."""
        for name, way in WAYS.items():
            self.travel(name)
        harness.until(self.is_quiet, 30, "the end")

    def test_at_every_change(self):
        journeys = 0
        for name in WAYS:
            for point in ("notifier-inside-change", "notifier-after-change"):
                for passes in range(1, CHANGES_MOST):
                    died = self.travel(name, point, passes)
                    journeys += died
                    if not died:
                        break
                else:
                    self.fail(f"{name}: no end of changes")
                self.assertGreater(passes, 1, (name, point))
        self.assertEqual(set(self.scene.deaths), STATES)
        print(f"{journeys} deaths, behind which messages were " + ", ".join(
            f"{state} {self.scene.deaths.count(state)}" for state in sorted(STATES)))

    def test_at_every_place_of_handing_over(self):
        for name in ("delivered", "tried again", "lost answer"):
            for point in HANDING_OVER:
                self.assertTrue(self.travel(name, point), (name, point))

    def test_with_the_outbox_gone(self):
        """Every way again from the journal alone: what came to its end goes to nobody once more."""
        for name in WAYS:
            self.travel(name)
        before = [(row[0], row[1]) for row in self.states()]
        asked = len(self.gateway.requests)
        self.scene.notifier.kill()
        shutil.rmtree(self.intake.folder / "notifier")
        self.scene.start()
        harness.until(lambda: self.scene.notifier.status()["ready"], what="readiness")
        harness.until(lambda: [(row[0], row[1]) for row in self.states()] == before, 30, "the same states")
        self.assertEqual(len(self.gateway.requests), asked)

    def states(self):
        return self.scene.notifier.rows("SELECT person, state FROM outbox ORDER BY person, number")


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
