"""The services that follow an intake, each with the shim around it, and what of them must agree with the journal.

    with followers.Scene(seed) as scene:
        aggregator = scene.followers["aggregator"]
        aggregator.start_with(call="sync", nth=3, error="EIO")
        scene.load(60)                        # reports of clients, and notices
        ...
        faults = aggregator.faults()          # it runs again; empty: its figures are the journal's
"""
import collections
import contextlib
import random
import time

import faulty  # first: it says which programs are meant
import acknowledged
import harness
import shim_process
from aggregator_process import Aggregator
from archiver_process import Archiver
from notifier_process import Notifier, SendSms, SQUADS

PATIENT = {"at_least_ms": 60_000}
SENT = {"sending", "accepted", "unknown"}


class Follower:
    """One of them; `service` is the process, `compare` says what of its answers is not the journal's."""

    def __init__(self, scene, service, compare):
        self.scene = scene
        self.service = service
        self.name = service.name
        self.shim = shim_process.Shim(scene.intake.folder / service.name)
        self.compare = compare

    def start_with(self, wait=True, **words):
        self.service.start(wait, self.shim.environment(**words))

    def ended(self):
        return self.service.process.poll() is not None

    def faults(self):
        """Asked when it runs: it folds up to the head, agrees with the journal, and fits in itself."""
        door = self.scene.intake.door("operator")
        with contextlib.closing(door.socket):
            position = door.ask("head", harness.NIL)[1]["position"]
        found = self.compare(self.service, position)
        verdict = self.service.verify()
        return [f"{self.name}: {fault}" for fault in found] + ([] if verdict["ok"] else [f"verify: {verdict}"])


class Scene:
    """An intake without faults, what clients sent to it, and the three services that follow it, not yet started."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.intake = faulty.Intake(seed)
        self.clients = self.intake.clients
        self.clients.pace = 0.02
        self.gateway = SendSms()
        self.notices = set()
        self.hidden = 0  # reports that the check does not get to see: a planted difference

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.intake)
            self.intake.environment = self.intake.plain
            self.intake.start()
            stack.enter_context(self.gateway)
            services = (Aggregator(self.intake, save_ms=20, **PATIENT), Archiver(self.intake, **PATIENT),
                        Notifier(self.intake, self.gateway, **PATIENT))
            compares = self.compare_totals, self.compare_record, self.compare_outbox
            self.followers = {service.name: Follower(self, service, compare)
                              for service, compare in zip(services, compares)}
            # Started by the test; what it left running is ended here.
            for service in services:
                service.log.touch()
                stack.push(service.__exit__)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    # ---- load ----

    def issue(self, units=("haining",)):
        """A notice, to everyone."""
        made = harness.event("notice.issued", "haining", {"units": list(units)}, {"title": "高温", "text": "停止户外活动"})
        door = self.intake.door("operator")
        with contextlib.closing(door.socket):
            door.store([made])
        self.notices.add(made["id"])

    def load(self, receipts, notices=2):
        with self.clients as clients:
            for _ in range(notices):
                self.issue()
                clients.wait(receipts // notices)

    def load_for(self, seconds, condition):
        """Reports and notices for so long, or until something has happened."""
        end = time.monotonic() + seconds
        with self.clients:
            while not condition() and time.monotonic() < end:
                self.issue()
                self.clients.wait(15)

    # ---- what must agree ----

    def check_that_it_can_fail(self):
        """One report fewer in the journal, one recipient too few: each service is found to differ."""
        self.issue(["haining/xiashi"])
        self.hidden = 1
        for follower in self.followers.values():
            follower.service.start()
            assert follower.faults(), f"{follower.name}: a planted difference was not seen"
            assert follower.service.stop() == 0

    def reports(self):
        found = [head for head, _ in acknowledged.events(self.intake) if head["type"] == "report.submitted"]
        return found[self.hidden:]

    def compare_totals(self, aggregator, position):
        reports = self.reports()
        row = aggregator.totals(at_least=position)["rows"][0]
        found = row["reports"], row["attendances"]["value"]
        wanted = len(reports), sum(head["body"]["attendances"] for head in reports)
        return [] if found == wanted else [f"{found} reports and attendances, the journal has {wanted}"]

    def compare_record(self, archiver, position):
        found = collections.Counter(row["id"] for row in archiver.pages(limit=500, at_least=position))
        wanted = collections.Counter(head["id"] for head in self.reports())
        return [] if found == wanted else [f"{(found - wanted) or (wanted - found)} differs from the journal"]

    def compare_outbox(self, notifier, position):
        faults = []
        for notice in self.notices:
            rows = notifier.notice(notice, at_least=position)["rows"]
            people = sorted(row["person"] for row in rows)
            if people != sorted(f"P-{number}1" for number in range(len(SQUADS))):
                faults.append(f"messages of {notice.hex()} to {people}")
            faults += [f"a message is {row['state']}" for row in rows if row["state"] not in SENT | {"pending", "retry"}]
        return faults
