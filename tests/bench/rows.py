"""The rows of the comparison: who is measured in each, against whom, and what is to be reached.

A row holds contenders in the order of the table; the one named OURS is compared with `peer`. Figures of a contender are
medians over the rounds; ratios are ratios of medians.
"""
import collections
import statistics

import measures

OURS = "潮讯"
FLIGHT = 64
FRAME = 100

Target = collections.namedtuple("Target", "figure least most stretch", defaults=(None, None, None))
Row = collections.namedtuple("Row", "key title contenders peer targets")
Contender = collections.namedtuple("Contender", "name measure")


class Redis:
    """redis-benchmark counts requests: how many make up the wanted time follows from the last rate."""

    def __init__(self, server):
        self.server = server
        self.rates = {}

    def measure(self, seconds, clients, pipeline):
        key = (clients, pipeline)
        if key not in self.rates:
            self.rates[key] = measures.redis(self.server, 200 * clients * max(1, pipeline // 8), clients, pipeline)["rate"]
        least = clients * pipeline * 4
        seen = measures.redis(self.server, max(least, int(self.rates[key] * seconds)), clients, pipeline)
        self.rates[key] = seen["rate"]
        return seen


def submit_rows(house, seconds):
    """Receipts over the submit door, by clients and by what each has in flight."""
    redis = Redis(house.redis)

    def wire(server, name, **load):
        return lambda: measures.wire(server, name, seconds, **load)

    def row(key, title, targets, clients, in_flight, others):
        return Row(key, title, [
            Contender("limit", wire(house.limit, "limit", clients=clients, in_flight=in_flight)),
            Contender("Redis", lambda: redis.measure(seconds, clients, in_flight)),
            *others], "Redis", targets)

    # 64 times 64 would only be a long wait: what is in flight makes no difference to it.
    def put(clients, in_flight=1):
        return Contender("beanstalkd", wire(house.beanstalkd, "beanstalkd", clients=clients, in_flight=in_flight))

    def ours(clients, in_flight, frame=1, name=OURS):
        load = {"clients": clients, "in_flight": in_flight, "frame": frame}
        return [Contender(name, wire(house.plain, "zmtp", **load)),
                Contender(name + ", libzmq clients", lambda: measures.library(house.plain, seconds, **load)),
                Contender(name + ", libzmq clients, CURVE", lambda: measures.library(house.curve, seconds, **load))]

    def insert(clients):
        return Contender("PostgreSQL", lambda: measures.postgres_insert(house.postgres, seconds, clients=clients))

    return [
        row("one", "one client, one at a time", [Target("rate", 0.9, stretch=1.1)], 1, 1, [put(1), insert(1), *ours(1, 1)]),
        row("many", "64 clients, one at a time", [Target("rate", 1.3)], 64, 1,
            [put(64), insert(64), *ours(64, 1)]),
        row("flight", "one client, 64 in flight", [Target("rate", 2)], 1, FLIGHT,
            [put(1, FLIGHT), *ours(1, FLIGHT)]),
        row("flood", "64 clients, 64 in flight", [Target("rate", 1.5, stretch=3)], 64, FLIGHT,
            [*ours(64, FLIGHT, name=OURS + ", frames of one"), *ours(64, 1, FLIGHT)]),
    ]


def other_rows(house, seconds):
    """Frames against COPY, the live total, HTTP. The portal needs CURVE at the submit door: it is known by its key."""
    url = house.curve.instance.url + "/api/v1/events"
    token = house.curve.instance.data / "token"
    nginx = f"http://127.0.0.1:{house.nginx.port}/api/v1/events"
    curve = OURS + ", libzmq clients, CURVE"
    return [
        Row("frames", f"one client, frames of {FRAME} events, one in flight", [
            Contender("PostgreSQL COPY", lambda: measures.postgres_copy(house.postgres, seconds)),
            Contender("PostgreSQL COPY, unique ids",
                      lambda: measures.postgres_copy(house.postgres, seconds, "events_once")),
            Contender(OURS, lambda: measures.wire(house.plain, "zmtp", seconds, frame=FRAME)),
            Contender(curve, lambda: measures.library(house.curve, seconds, frame=FRAME)),
        ], "PostgreSQL COPY", [Target("rate", 1.5, stretch=3)]),
        Row("live", "submit to the published live total, one client (Redis: XADD to a blocked XREAD)", [
            Contender("Redis", lambda: measures.redis_live(house.redis, seconds)),
            Contender(OURS, lambda: measures.library(house.plain, seconds, live=True)),
            Contender(curve, lambda: measures.library(house.curve, seconds, live=True)),
        ], "Redis", [Target("p50", most=1.3), Target("p99", most=1.3)]),
        Row("http", "HTTP POST of one report, 64 connections (PostgreSQL: INSERT of one row)", [
            Contender("PostgreSQL", lambda: measures.postgres_insert(house.postgres, seconds, clients=64)),
            Contender("PostgreSQL, unique ids",
                      lambda: measures.postgres_insert(house.postgres, seconds, clients=64, table="events_once")),
            Contender("nginx", lambda: measures.http(house.nginx, nginx, house.body, token, seconds)),
            Contender(OURS, lambda: measures.http(house.curve, url, house.body, token, seconds)),
        ], "PostgreSQL", [Target("rate", 2)]),
    ]


# ---- what the rounds gave ----

def medians(rounds):
    """One figure a key; keys that not every round gave are left out."""
    keys = set.intersection(*(set(seen) for seen in rounds))
    return {key: statistics.median(seen[key] for seen in rounds) for key in keys}


def others(found, row):
    """Ratios to contenders that are no target's peer but do more of what is promised: (name, ratio)."""
    return [(name, found[OURS]["rate"] / seen["rate"]) for name, seen in found.items()
            if name.startswith(row.peer + ", ") and OURS in found]


def verdict(target, ours, peer):
    """(ratio, sentence) of one target; (None, sentence) when a side was not measured."""
    wanted = f"to reach: at least {target.least}" if target.least else f"to reach: at most {target.most}"
    if target.stretch:
        wanted += f", stretch {target.stretch}"
    if not ours or not peer:
        return None, wanted
    ratio = ours[target.figure] / peer[target.figure]
    reached = ratio >= target.least if target.least else ratio <= target.most
    return ratio, f"{wanted}: {'reached' if reached else 'NOT reached'}"
