#!/usr/bin/python3
"""scripts/bench --peers: 潮讯 beside Redis, beanstalkd, PostgreSQL, the disk and a bare server, in one run.

Everything listens on loopback in a folder of its own, is started and stopped by pid, and is measured in turn, round by
round, so that what else the machine does meets all of them. Before the rounds each server runs once under strace: what
replied before its sync is not in the table.
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types

import measures
import order
import rows
import servers

TRACED = "trace=" + ",".join(order.CALLS)
TRACED_EVENTS = 30
ROUNDS_SECONDS = 280
RUN_SECONDS = 900
LONG_SECONDS = 3600
MANY_REPORTS = 1_000_000
ALL_REPORTS = 10_000_000


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- the order of sync and reply ----

def trace(server, path, load):
    """Attaches strace to all of a server's processes while `load` runs; returns the Order."""
    pids = [word for pid in server.pids() for word in ("-p", str(pid))]
    with open(path.with_suffix(".said"), "w+", encoding="utf-8") as said:
        tracer = subprocess.Popen(["strace", "-f", "-yy", "-s", "16", "-e", TRACED, "-o", path, *pids],
                                  stderr=said, stdin=subprocess.DEVNULL)
        try:
            servers.harness.until(lambda: "attached" in path.with_suffix(".said").read_text(), 10, "strace")
            time.sleep(0.1)
            load()
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(20)
    with open(path, encoding="utf-8", errors="replace") as lines:
        return order.check(lines)


def traced_loads(house):
    """By row-independent name: the server, and a load of one client that waits for each reply."""
    few = {"events": TRACED_EVENTS}
    return [
        ("limit", house.limit, lambda: measures.wire(house.limit, "limit", **few)),
        ("Redis", house.redis, lambda: measures.redis(house.redis, TRACED_EVENTS)),
        ("beanstalkd", house.beanstalkd, lambda: measures.wire(house.beanstalkd, "beanstalkd", **few)),
        ("PostgreSQL", house.postgres, lambda: measures.postgres_insert(house.postgres, transactions=TRACED_EVENTS)),
        ("PostgreSQL COPY", house.postgres, lambda: measures.postgres_copy(house.postgres, 0)),
        ("潮讯", house.plain, lambda: measures.wire(house.plain, "zmtp", **few)),
        ("潮讯, CURVE", house.curve, lambda: measures.library(house.curve, 0, **few)),
        ("潮讯, HTTP", house.curve, lambda: measures.post_some(house.curve, house.body, TRACED_EVENTS)),
    ]


def check_order(house):
    """The names whose replies came before their sync, or of which that could not be seen."""
    early = set()
    for number, (name, server, load) in enumerate(traced_loads(house)):
        found = trace(server, house.folder / f"{number}.trace", load)
        good = found.checked > 0 and not found.early
        print(f"  {name:<18}{found.checked:>4} replies, " + ("each after its sync" if good else
              f"{len(found.early)} BEFORE their sync: its rows are not printed"))
        for sentence in found.early[:1]:
            print("    " + sentence)
        if not good:
            early.add(name)
    return early


def is_early(name, key, early):
    """Whether a contender of a row is one of those whose order was wrong."""
    traced = name.partition(", ")[0]
    if name.startswith(rows.OURS):
        traced = "潮讯, HTTP" if key == "http" else "潮讯, CURVE" if name.endswith("CURVE") else "潮讯"
    return traced in early


# ---- the rounds ----

def measure_rounds(table, house, rounds, seconds, early):
    """Medians by row and contender."""
    seen = {row.key: {one.name: [] for one in row.contenders if not is_early(one.name, row.key, early)} for row in table}
    disks = []
    began = time.monotonic()
    for number in range(rounds):
        # What would end too late is not begun: a slow machine gets fewer rounds.
        if number and (time.monotonic() - began) * (number + 1) / number > ROUNDS_SECONDS:
            break
        say(f"Round {number + 1} of {rounds}")
        disks.append(measures.disk(house.plain, seconds))
        for row in table:
            for one in row.contenders:
                if one.name in seen[row.key]:
                    seen[row.key][one.name].append(one.measure())
        house.redis.forget()
        house.postgres.forget()
    figures = {key: {name: rows.medians(given) for name, given in found.items()} for key, found in seen.items()}
    figures["disk"] = {"512-byte append, fdatasync": rows.medians([pair[0] for pair in disks]),
                       "the same on a recycled file": rows.medians([pair[1] for pair in disks])}
    return figures, len(disks)


def share_of_others(before):
    """What other processes took of the processors since `before`, a pair (own, all) of seconds."""
    own, busy = processor_use()
    return max(0.0, 1 - (own - before[0]) / max(busy - before[1], 0.01))


def processor_use():
    return servers.processor_seconds(servers.tree(os.getpid())), servers.busy_seconds()


# ---- what is measured once ----

def events_of(chaoxun):
    return int(chaoxun.positions()["intake"].split(".")[2])


def load_up_to(chaoxun, wanted):
    missing = wanted - events_of(chaoxun)
    if missing > 0:
        measures.wire(chaoxun, "zmtp", events=missing, clients=1, in_flight=8, frame=rows.FRAME)


def rebuild(chaoxun):
    """Starts it, and starts it again without the aggregator's state: everything is folded anew."""
    chaoxun.level()
    events, start, folded = events_of(chaoxun), chaoxun.restart(), chaoxun.restart(forget=["aggregator"])
    rate = events / max(folded - chaoxun.empty_start, 0.001)
    print(f"rebuild of the totals: {events:,} events, {rate:,.0f} a second (start {start:.2f} s, with the totals made again "
          f"{folded:.2f} s, of which an empty start takes {chaoxun.empty_start:.2f}); to reach: at least 1,000,000: "
          f"{'reached' if rate >= 1e6 else 'NOT reached'}")
    return {"events": events, "rate": rate, "start": start, "start_and_fold": folded, "start_empty": chaoxun.empty_start}


def print_memory(chaoxun, what, most=None):
    pids = chaoxun.instance.pids()
    resident, proportional = servers.memory_bytes(pids.values())
    verdict = f"; to reach: at most {most} MB: {'reached' if resident <= most * 1e6 else 'NOT reached'}" if most else ""
    print(f"memory of {len(pids)} services ({', '.join(sorted(pids))}), {what}: {resident / 1e6:.0f} MB resident, "
          f"{proportional / 1e6:.0f} MB with shared pages counted once{verdict}")
    return {"resident": resident, "proportional": proportional}


def measure_long(folder):
    """A million reports in memory, ten million at start, in an instance that holds nothing else."""
    with servers.Chaoxun(folder, True, "long") as chaoxun:
        return fill(chaoxun)


def fill(chaoxun):
    load_up_to(chaoxun, MANY_REPORTS)
    found = {"memory": print_memory(chaoxun, f"{events_of(chaoxun):,} events", 400)}
    load_up_to(chaoxun, ALL_REPORTS)
    found["memory_all"] = print_memory(chaoxun, f"{events_of(chaoxun):,} events")
    found["rebuild"] = rebuild(chaoxun)
    start = found["rebuild"]["start"]
    print(f"start with {found['rebuild']['events']:,} events: ready in {start:.2f} s; to reach: at most 3: "
          f"{'reached' if start <= 3 else 'NOT reached'}")
    return found


# ---- the table ----

def cell(value, form):
    return format(value, form) if value is not None else ""


def print_figures(found, peer=None):
    for name, seen in found.items():
        ratio = seen["rate"] / peer["rate"] if peer and "rate" in peer and "rate" in seen else None
        width = 40 - sum(ord(letter) > 0x2E80 for letter in name)
        print(f"  {name:<{width}}{cell(seen.get('rate'), '>12,.0f')}{cell(seen.get('p50'), '>10,.0f'):>10}"
              f"{cell(seen.get('p99'), '>10,.0f'):>10}{cell(seen.get('processor'), '>10.1f'):>10}"
              f"{cell(ratio, '>8.2f'):>8}")


def print_row(row, found):
    print(f"\n{row.title}")
    peer = found.get(row.peer)
    print_figures(found, peer)
    for target in row.targets:
        ratio, sentence = rows.verdict(target, found.get(rows.OURS), peer)
        print(f"  => {target.figure} of {rows.OURS} / {row.peer}: {cell(ratio, '.2f')}; {sentence}")
    for name, ratio in rows.others(found, row):
        print(f"  => rate of {rows.OURS} / {name}: {ratio:.2f}")
    if "nginx" in found and rows.OURS in found:
        print(f"  => share of nginx's bare answers: {found[rows.OURS]['rate'] / found['nginx']['rate']:.1%}")


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii"))[1]
    memory = int(pathlib.Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) / 2**20
    return (f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%MZ}, {model}, {os.cpu_count()} cores, "
            f"{memory:.0f} GiB, Linux {os.uname().release}, load before the run {os.getloadavg()[0]:.2f}")


# ---- the run ----

def house_of(stack, folder):
    """All servers, started; stopped when the stack ends."""
    house = types.SimpleNamespace(folder=folder, body=measures.report_file(folder))
    for name, make in (("limit", servers.Limit), ("redis", servers.Redis), ("beanstalkd", servers.Beanstalkd),
                       ("postgres", servers.Postgres), ("nginx", servers.Nginx)):
        setattr(house, name, stack.enter_context(make(folder)))
    house.plain = stack.enter_context(servers.Chaoxun(folder, True, "plain"))
    house.curve = stack.enter_context(servers.Chaoxun(folder, False, "curve"))
    return house


def compare(house, options):
    began = time.monotonic()
    print(machine())
    figures = {"memory_idle": print_memory(house.plain, "idle", 60)}
    print("\nWhether a reply comes after its sync, seen by strace, one client:")
    early = check_order(house)
    table = rows.submit_rows(house, options.seconds) + rows.other_rows(house, options.seconds)
    before = processor_use()
    measured, rounds = measure_rounds(table, house, options.rounds, options.seconds, early)
    figures |= measured
    print(f"\nMedians of {rounds} rounds of {options.seconds:g} s each; bodies of about 512 bytes; the ratio is to the peer "
          f"of the row.\nOf the processors' work meanwhile {share_of_others(before):.0%} was other processes'.\n")
    print(f"{'':42}{'per second':>12}{'p50, us':>10}{'p99, us':>10}{'cpu us':>10}{'ratio':>8}")
    print("the disk")
    print_figures(figures["disk"])
    for row in table:
        print_row(row, figures[row.key])
    print()
    figures["rebuild"] = rebuild(house.plain)
    if options.long:
        figures["long"] = measure_long(house.folder)
    print(f"(cpu us: time of the server's processes for one report; the run took {time.monotonic() - began:.0f} s)")
    return figures


def read_options():
    parser = argparse.ArgumentParser(prog="bench --peers", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round: within a minute, for a look only")
    parser.add_argument("--long", action="store_true", help="also 1,000,000 reports in memory, 10,000,000 at start")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement (default: 1)")
    parser.add_argument("--dir", default=servers.ROOT / "build/bench", help="where the servers keep their data")
    parser.add_argument("--json", help="file for all figures")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 0.3
    return options


def give_up(number, _):
    """Ends the run as an exception does: everything that was started is stopped."""
    raise SystemExit(f"bench: ended by {signal.Signals(number).name}")


def main():
    options = read_options()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, give_up)
    signal.alarm(LONG_SECONDS if options.long else RUN_SECONDS)
    pathlib.Path(options.dir).mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(dir=options.dir))
    folder.chmod(0o755)
    try:
        with contextlib.ExitStack() as stack:
            figures = compare(house_of(stack, folder), options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
