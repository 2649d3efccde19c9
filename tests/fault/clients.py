"""Random clients at every door: each is a thread that decides by a seed what it sends, and remembers what it was told.

    crowd = clients.Crowd(chaoxun, seed)     # registers its keys, sets contacts
    crowd.start()
    ...                                      # services die
    crowd.stop()                             # waits until everything that was not given up has its receipt
    crowd.memory

A step's decisions hang on the seed, the client's name and the step's number alone, so the same seed does the same again,
up to what the moments of receipts change. Frames that get no answer are sent again, with the same ids, or given up.
"""
import collections
import http.client
import json
import random
import threading
import time
import urllib.error
import uuid

import msgpack
import zmq

import events
import harness
import intake_process
import memory as told

WINDOW = 4             # frames of a client under way
ANSWER_SECONDS = 1.5   # then a frame is sent again, or given up
END_SECONDS = 90       # in which all that was not given up must have its receipt
PAUSE = 0.25           # between steps, at most
SIZES = (1, 1, 1, 1, 2, 5, 10, 40)
ACTIONS = {"report": 50, "amend": 12, "withdraw": 4, "again": 12, "conflict": 5, "wrong": 9, "plan": 3}
CONTACTS = 12          # three of each unit; the last of the three changes

Item = collections.namedtuple("Item", "event meant")


class Frame:
    """Events that are sent together; `given_up` is decided before anything goes wrong."""

    def __init__(self, items, give_up):
        self.items = items
        self.give_up = give_up
        self.sent_at = time.monotonic()


class Client(threading.Thread):
    """What a client decides; how it sends is its subclass's."""

    def __init__(self, name, source, seed, memory, units, office=False):
        super().__init__(name=name, daemon=True)
        self.source, self.seed, self.memory, self.units, self.office = source, seed, memory, units, office
        self.stopping = threading.Event()
        self.erasing = threading.Event()  # for who may: now and then a person is erased, or a text
        self.reports = []     # that stand
        self.stored = []      # reports and amendments with a receipt
        self.activities = []
        self.ended = False
        self.error = None

    # ---- life ----

    def run(self):
        try:
            self.open()
            step = 0
            while not self.stopping.is_set():
                dice = random.Random(f"{self.seed}/{self.name}/{step}")
                self.deliver(Frame(self.compose(dice), dice.random() < 0.3))
                self.stopping.wait(dice.uniform(0, PAUSE))
                step += 1
            self.finish()
            self.ended = True
        except Exception as error:  # told by Crowd.stop
            self.error = error
        finally:
            self.close()

    # ---- what to send ----

    def compose(self, dice):
        items = [item for _ in range(dice.choice(SIZES)) for item in self.choose(dice)]
        if self.office and dice.random() < 0.08:
            items.append(Item(events.notice(dice), "good"))
        if self.office and dice.random() < 0.02:
            items.append(Item(events.contact(dice, *contact_of(dice.randrange(CONTACTS - len(events.UNITS), CONTACTS))), "good"))
        if self.erasing.is_set() and dice.random() < 0.2:
            named = [one for one in self.stored if "contact" in one["body"]]
            items.append(Item(events.redaction(dice, dice.choice(named)) if named and dice.random() < 0.5
                              else events.erasure(dice), "good"))
        for item in items:
            self.memory.send(item.event, self.source, item.meant)
        return items

    def choose(self, dice):
        action = dice.choices(list(ACTIONS), list(ACTIONS.values()))[0]
        unit = dice.choice(self.units)
        if action in ("amend", "withdraw") and self.reports:
            of = self.reports[dice.randrange(len(self.reports))]
            if action == "withdraw":
                self.reports.remove(of)
            return [Item((events.amendment if action == "amend" else events.withdrawal)(dice, of), "good")]
        if action in ("again", "conflict") and self.stored:
            of = dice.choice(self.stored)
            return [Item(of, "good") if action == "again" else Item(events.conflicting(dice, of), "conflict")]
        if action == "wrong":
            return [Item(events.wrong(dice, unit), "wrong")]
        if action == "plan":
            return [Item(events.activity(dice, unit), "good")]
        return [Item(events.report(dice, unit, self.activities), "good")]

    # ---- what came back ----

    def take(self, frame, receipts):
        """Remembers the receipts; gives what must be sent again, None when that is nothing."""
        assert len(receipts) == len(frame.items), (len(receipts), len(frame.items))
        busy = [item for item, receipt in zip(frame.items, receipts) if self.take_one(item, receipt) == "busy"]
        return Frame(busy, frame.give_up) if busy else None

    def take_one(self, item, receipt):
        status = self.memory.receive(item.event, receipt, item.meant)
        if status == "stored" and item.event["type"] == "report.submitted":
            self.reports.append(item.event)
        if status == "stored" and item.event["type"] in ("report.submitted", "report.amended"):
            self.stored.append(item.event)
        if status == "stored" and item.event["type"] == "activity.planned":
            self.activities.append(item.event["id"])
        return status


class Wire(Client):
    """Over ZeroMQ, with a key of its own and several frames under way."""

    def __init__(self, chaoxun, pair, *words, **options):
        super().__init__(*words, **options)
        self.chaoxun, self.pair = chaoxun, pair
        self.under_way = {}   # by correlation
        self.given_up = {}    # the answer may still come

    def open(self):
        self.context = zmq.Context()
        self.door = intake_process.Door(self.context, self.chaoxun.endpoint("submit"), self.chaoxun.key("intake.pub"), self.pair)

    def close(self):
        self.context.destroy(linger=0)

    def deliver(self, frame):
        self.send(frame)
        while len(self.under_way) >= WINDOW and not self.stopping.is_set():
            self.receive(100)
        while self.receive(0):
            pass

    def send(self, frame):
        frame.sent_at = time.monotonic()
        self.under_way[self.door.send("submit", msgpack.packb([item.event for item in frame.items]))] = frame

    def receive(self, wait_ms):
        """Takes an answer, if one comes; sends again what waits for too long."""
        answer = self.door.receive(wait_ms)
        if answer:
            self.take_answer(*answer)
        now = time.monotonic()
        for correlation, frame in list(self.under_way.items()):
            if now - frame.sent_at > ANSWER_SECONDS:
                del self.under_way[correlation]
                self.given_up[correlation] = frame
                if not frame.give_up:
                    self.send(frame)
        return answer

    def take_answer(self, correlation, verb, payload):
        frame = self.under_way.pop(correlation, None) or self.given_up.pop(correlation)
        if verb == "error":
            assert payload["code"] in ("busy", "unavailable"), payload
            again = frame
        else:
            again = self.take(frame, payload["receipts"])
        if again:
            self.stopping.wait(0.05)
            self.send(again)

    def finish(self):
        deadline = time.monotonic() + END_SECONDS
        while self.under_way:
            assert time.monotonic() < deadline, f"{len(self.under_way)} frames without a receipt"
            self.receive(100)


class Http(Client):
    """Over the portal, one request after the other, as JSON or MessagePack."""

    def __init__(self, chaoxun, media, *words, **options):
        super().__init__(*words, **options)
        self.chaoxun, self.media = chaoxun, media

    def open(self):
        self.token = self.chaoxun.token

    def close(self):
        pass

    def post(self, frame):
        """Its receipts; None when there is no answer, or one that asks to wait."""
        content = [item.event for item in frame.items]
        body = msgpack.packb(content) if self.media == "msgpack" else json.dumps(events.as_json(content)).encode()
        headers = {"Content-Type": f"application/{self.media}", "Accept": f"application/{self.media}"}
        try:
            url = self.chaoxun.url + "/api/v1/events"
            status, answer = harness.request("POST", url, body, headers, self.token, 10)
        except (OSError, urllib.error.URLError, http.client.HTTPException):
            return None
        if status >= 500:
            return None
        answer = msgpack.unpackb(answer) if isinstance(answer, bytes) else answer
        assert "receipts" in answer, (status, answer)
        return [receipt | ({"id": as_bytes(receipt["id"])} if "id" in receipt else {}) for receipt in answer["receipts"]]

    def deliver(self, frame):
        deadline = time.monotonic() + END_SECONDS
        while frame:
            receipts = self.post(frame)
            if receipts is None and frame.give_up:
                return
            assert time.monotonic() < deadline, "a frame without a receipt"
            if receipts is not None:
                frame = self.take(frame, receipts)
            if frame:
                time.sleep(0.05)  # as a client that was told to come again, or found nobody

    def finish(self):
        pass


def contact_of(number):
    """(person, unit)"""
    return f"C-{number:02}", events.UNITS[number % len(events.UNITS)]


def as_bytes(identity):
    return identity if isinstance(identity, bytes) else uuid.UUID(identity).bytes


class Crowd:
    def __init__(self, chaoxun, seed):
        self.memory = told.Memory()
        self.chaoxun = chaoxun
        pairs = {name: zmq.curve_keypair() for name in ("xiashi", "xucun", "office")}
        registered = [harness.event("client.set", path, {"client": name, "key": pairs[name][0].decode(), "role": role})
                      for name, path, role in (("xiashi", "haining/xiashi", "squad"), ("xucun", "haining/xucun", "squad"),
                                               ("office", "haining", "office"))]
        self.store(registered + self.contacts())
        operator = chaoxun.key("operator.pub"), chaoxun.key("operator.key")
        common = {"seed": seed, "memory": self.memory}
        everywhere = {"units": events.UNITS} | common
        self.admin = Wire(chaoxun, operator, "operator", "service:operator", **everywhere)
        self.clients = [
            self.admin,
            Wire(chaoxun, pairs["office"], "office", "client:office", office=True, **everywhere),
            *(Wire(chaoxun, pairs[name], name, f"client:{name}", units=[f"haining/{name}"], **common) for name in ("xiashi", "xucun")),
            *(Http(chaoxun, media, media, "account:office", office=True, **everywhere) for media in ("json", "msgpack"))]

    def store(self, made):
        """What is there before the clients come, and is remembered like all else."""
        for event in made:
            self.memory.send(event, "service:operator", "good")
        for event, receipt in zip(made, self.chaoxun.submit(made)):
            assert self.memory.receive(event, receipt, "good") == "stored", receipt

    def contacts(self):
        """Everybody can be reached by SMS, one in four by e-mail too, for which no server is configured."""
        made = []
        for number in range(CONTACTS):
            person, unit = contact_of(number)
            side = {"name": f"队长{number}", "phone": f"139{number:08}"}
            made.append(harness.event("contact.set", unit, {"person": person},
                                      side | ({"email": f"c{number}@haining.example"} if number % 4 == 0 else {})))
        return made

    def erase(self, on):
        """Whether the operator erases people and texts now."""
        (self.admin.erasing.set if on else self.admin.erasing.clear)()

    def start(self):
        for client in self.clients:
            client.start()

    def check(self):
        """Nobody gave up before its time."""
        for client in self.clients:
            if client.error:
                raise AssertionError(f"client {client.name}: {client.error!r}") from client.error

    def stop(self):
        for client in self.clients:
            client.stopping.set()
        for client in self.clients:
            client.join(END_SECONDS + 10)
        self.check()
        assert all(client.ended for client in self.clients), "a client never came to its end"
