#!/usr/bin/python3
"""scripts/bench --notices: a notice by e-mail to ten thousand recipients, an urgent one in the middle of it, and a small one.

In turn, round by round, in one run: the disk's own syncs; the sink with mails thrown at it; Python's smtplib over as many
connections as the notifier opens; OpenSMTPD, which makes each mail durable before it passes it on; and 潮讯 whole, from the
submitted notice to the mails in the sink, with every message durable as `sending` before it leaves. Figures are medians.
"""
import argparse
import json
import os
import pathlib
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import servers
from servers import BIN, Chaoxun, Server, busy_seconds, harness, processor_seconds

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "gateways"))
import mail  # noqa: E402

CONNECTIONS = 10  # as the notifier opens: SMTP_CONNECTIONS_MAX
MAIL_BYTES = 1600  # of a mail of such a notice
PEER_MAILS = 3000
RELAYED_MAILS = 500  # OpenSMTPD takes a hundred of a connection
FRAME = 500
WAIT_SECONDS = 120
TITLE, TEXT = "高温预警", "今日停止户外活动，“四洁四美”改期，请各中队立即转告每一位志愿者并回复。" * 3
SQUADS = [f"haining/{squad['code']}" for squad in json.loads(harness.ORGANISATION.read_text())["squads"]]
URGENT_UNIT, SMALL_UNIT = SQUADS[-1], SQUADS[-2]  # the broadcast reaches them last
RATE, FIRST_MS = 1000, 1000  # to reach
SETTINGS = {"smtp-url": None, "smtp-from": "office@haining.test", "quiet-hours": "off", "hook-url": "http://127.0.0.1:1"}


def say(text):
    print(text, file=sys.stderr, flush=True)


class Sink(Server):
    """The mail server that notes each arrival: (seconds since 1970, recipient)."""
    name = "sink"

    def command(self):
        return [BIN / "bench-smtp-sink", self.port, self.folder / "arrivals"]

    def prepare(self):
        os.mkfifo(self.folder / "arrivals")
        self.arrivals = []
        self._came = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with open(self.folder / "arrivals", encoding="utf-8") as lines:
            for line in lines:
                at, _, recipient = line.rstrip("\n").partition(" ")
                with self._came:
                    self.arrivals.append((int(at) / 1e6, recipient))
                    self._came.notify_all()

    def wait(self, count):
        with self._came:
            if not self._came.wait_for(lambda: len(self.arrivals) >= count, WAIT_SECONDS):
                raise TimeoutError(f"{len(self.arrivals)} mails within {WAIT_SECONDS} s, {count} expected")

    def take(self, count):
        """The arrivals, when there are so many; the next measurement begins without any."""
        self.wait(count)
        with self._came:
            taken, self.arrivals = self.arrivals, []
        return taken


# ---- beside it ----

def disk(instance):
    said = instance.command("bench", "disk", "--seconds", "1", "--json").stdout
    return next(row["syncs_per_second"] for row in map(json.loads, said.splitlines()) if row["file"] == "growing")


def throw(port, mails):
    return float(subprocess.run([BIN / "bench-smtp-load", str(port), str(CONNECTIONS), str(mails), str(MAIL_BYTES)],
                                capture_output=True, text=True, check=True, timeout=WAIT_SECONDS).stdout)


def sink_alone(sink):
    rate = throw(sink.port, 10 * PEER_MAILS)
    sink.take(10 * PEER_MAILS)
    return rate


def send_by_python(port, mails):
    with smtplib.SMTP("127.0.0.1", port) as client:
        for number in range(mails):
            client.sendmail("office@haining.test", f"python-{number}@haining.test", b"x" * MAIL_BYTES)


def python(sink):
    senders = [threading.Thread(target=send_by_python, args=(sink.port, PEER_MAILS // CONNECTIONS))
               for _ in range(CONNECTIONS)]
    began = time.monotonic()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    spent = time.monotonic() - began
    return len(sink.take(PEER_MAILS // CONNECTIONS * CONNECTIONS)) / spent


def opensmtpd(sink):
    """From the first mail handed to it to the last one that it passed on."""
    with mail.OpenSmtpd(domain="elsewhere.test", relay=("haining.test", sink.port)) as relay:
        began = time.time()
        throw(relay.port, RELAYED_MAILS)
        return RELAYED_MAILS / (max(at for at, _ in sink.take(RELAYED_MAILS)) - began)


# ---- 潮讯 ----

class House(Chaoxun):
    """An instance with that many contacts, dealt out over the squads; the small notice's recipient beside them."""

    def __init__(self, folder, sink, recipients):
        super().__init__(folder, plain=False, name="notices")
        chosen = SETTINGS | {"smtp-url": f"smtp://127.0.0.1:{sink.port}"}
        lines = [f"{name} = {value}\n" for name, value in chosen.items()]
        self.instance.settings.write_text("".join(lines) + self.instance.settings.read_text())
        self.recipients = recipients

    def set_contacts(self):
        units = [SQUADS[number % len(SQUADS)] for number in range(self.recipients)]
        events = [harness.event("contact.set", unit, {"person": f"P-{number:05}"},
                                {"name": f"沈{number}", "email": f"{unit[8:]}-{number}@haining.test"})
                  for number, unit in enumerate(units)]
        for first in range(0, len(events), FRAME):
            receipts = self.instance.submit(events[first:first + FRAME])
            assert all(receipt["status"] == "stored" for receipt in receipts), receipts[0]
        self.count = {unit: units.count(unit) for unit in SQUADS}

    def issue(self, units, **body):
        """Hands a notice in; when that began, seconds since 1970."""
        door = self.instance.socket("submit")
        made = harness.event("notice.issued", "haining", {"units": units} | body, {"title": TITLE, "text": TEXT})
        began = time.time()
        receipt = self.instance.submit(made, door)[0]
        assert receipt["status"] == "stored", receipt
        return began

    def processor(self):
        return {name: processor_seconds([pid]) for name, pid in self.instance.pids().items()}


def broadcast(house, sink):
    """Figures of one notice to all, with an urgent one and a small one in the middle of it."""
    urgent_count, small_count = house.count[URGENT_UNIT], house.count[SMALL_UNIT]
    before, spent = house.processor(), busy_seconds()
    began = house.issue(SQUADS)
    sink.wait(house.recipients // 4)
    urgent_began = house.issue([URGENT_UNIT], urgent=True)
    sink.wait(house.recipients // 2 + urgent_count)
    small_began = house.issue([SMALL_UNIT])
    arrivals = sink.take(house.recipients + urgent_count + small_count)
    busy = busy_seconds() - spent
    times = [at for at, _ in arrivals]
    of_urgent = doubled(arrivals, URGENT_UNIT, urgent_began)
    of_small = doubled(arrivals, SMALL_UNIT, small_began)
    servers.settle(house)
    after = house.processor()
    return {"rate": len(times) / (max(times) - began), "first_ms": (min(times) - began) * 1000,
            "last_s": max(times) - began, "urgent_first_ms": (of_urgent[0] - urgent_began) * 1000,
            "urgent_last_ms": (of_urgent[-1] - urgent_began) * 1000,
            "after_urgent": sum(at > of_urgent[-1] for at in times), "urgent": urgent_count,
            "small_first_ms": (of_small[0] - small_began) * 1000, "after_small_first": sum(at > of_small[0] for at in times),
            "us": {name: (after[name] - before[name]) * 1e6 / len(times) for name in after},
            "others": 1 - sum(after[name] - before[name] for name in after) / busy if busy else 0}


def doubled(arrivals, unit, since):
    """When mails to a unit's recipients came after a moment, the first one to each: the broadcast reaches them later."""
    local = unit[8:] + "-"
    seen, times = set(), []
    for at, recipient in arrivals:
        if at > since and recipient.startswith(local) and recipient not in seen:
            seen.add(recipient)
            times.append(at)
    return times


# ---- the run ----

def measure(folder, arguments):
    rows = {"disk": [], "sink": [], "python": [], "opensmtpd": [], "chaoxun": []}
    with Sink(folder) as sink, House(folder, sink, arguments.recipients) as house:
        house.set_contacts()
        for number in range(arguments.rounds):
            say(f"Round {number + 1} of {arguments.rounds}")
            rows["disk"].append(disk(house.instance))
            rows["sink"].append(sink_alone(sink))
            rows["python"].append(python(sink))
            if os.geteuid() == 0:
                rows["opensmtpd"].append(opensmtpd(sink))
            rows["chaoxun"].append(broadcast(house, sink))
    return rows


def judged(value, limit, most):
    reached = value <= limit if most else value >= limit
    return f"{'<=' if most else '>='} {limit}: {'reached' if reached else 'not reached'}"


def table(rows):
    found = {key: statistics.median(one[key] for one in rows["chaoxun"])
             for key in rows["chaoxun"][0] if key not in ("us",)}
    spent = {name: statistics.median(one["us"][name] for one in rows["chaoxun"]) for name in rows["chaoxun"][0]["us"]}
    yield "raw disk: 512-byte append + fdatasync, per s", f"{statistics.median(rows['disk']):,.0f}", ""
    yield "sink alone, mails per s", f"{statistics.median(rows['sink']):,.0f}", ""
    yield f"Python smtplib, {CONNECTIONS} connections, nothing kept", f"{statistics.median(rows['python']):,.0f}", ""
    if rows["opensmtpd"]:
        yield "OpenSMTPD, queued and passed on", f"{statistics.median(rows['opensmtpd']):,.0f}", ""
    yield "潮讯, messages per s, from the submission", f"{found['rate']:,.0f}", judged(found["rate"], RATE, False)
    yield "  its first message, ms", f"{found['first_ms']:,.0f}", judged(found["first_ms"], FIRST_MS, True)
    yield "  first of an urgent notice meanwhile, ms", f"{found['urgent_first_ms']:,.0f}", judged(
        found["urgent_first_ms"], FIRST_MS, True)
    yield f"  all {found['urgent']:.0f} of the urgent one, ms", f"{found['urgent_last_ms']:,.0f}", \
        f"{found['after_urgent']:,.0f} others came later"
    yield "  first of an ordinary notice meanwhile, ms", f"{found['small_first_ms']:,.0f}", judged(
        found["small_first_ms"], FIRST_MS, True)
    yield "  processor time of a message, us", f"{sum(spent.values()):,.0f}", ", ".join(
        f"{name} {value:.0f}" for name, value in sorted(spent.items(), key=lambda one: -one[1]))
    yield "  of the processors' work, that of others", f"{found['others'] * 100:.0f} %", "the sink's is among it"


def main():
    reader = argparse.ArgumentParser(prog="bench --notices")
    reader.add_argument("--recipients", type=int, default=10_000)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--dir", default=str(servers.ROOT / "build/bench"))
    reader.add_argument("--json")
    arguments = reader.parse_args()
    pathlib.Path(arguments.dir).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.dir) as folder:
        rows = measure(folder, arguments)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(rows, indent=1))
    print(f"{time.strftime('%Y-%m-%dT%H:%MZ', time.gmtime())}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
          f"{arguments.recipients} recipients, medians of {arguments.rounds} rounds")
    for name, value, remark in table(rows):
        print(f"{name:<52}{value:>10}  {remark}")


if __name__ == "__main__":
    main()
