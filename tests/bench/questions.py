#!/usr/bin/python3
"""scripts/bench --questions: the office's questions over ten million reports and ten million attendances, beside PostgreSQL.

bench-questions, bench-owed and bench-people fold their own rows into the aggregator's state and time each answer, from the query to the
bytes; PostgreSQL holds as many rows of the same dimensions and answers the same kind of question by GROUP BY, warm, from a psql
on the same machine. One after the other, so that neither meets the other's work. DuckDB is in no release of Debian that this
is made for, so it is not measured.
"""
import argparse
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import servers

LOAD_SECONDS = 1800
ANSWER_SECONDS = 600
NOW = {"p50": 0.3, "p99": 2.0}  # milliseconds, to reach
PAST = {"p99": 200.0}
QUESTIONS = re.compile(r"(?P<name>.+?) +(?P<first>[\d.]+) +(?P<p50>[\d.]+) +(?P<p99>[\d.]+)(?: +(?P<processors>[\d.]+))?")
PEOPLE = re.compile(r"(?P<name>.+?) +\d+ rows +p50 +(?P<p50>[\d.]+) ms +p99 +(?P<p99>[\d.]+) ms")

REPORTS = """CREATE UNLOGGED TABLE reports AS SELECT (random() * 55)::smallint AS team, (random() * 55)::smallint % 14 AS squad,
    (random() * 4)::smallint AS programme, (random() * 11)::smallint AS town, date '2015-01-01' + (random() * 3649)::int AS day,
    (random() * 60)::int AS attendances, (random() * 900)::int AS minutes, (random() * {count})::bigint AS activity
    FROM generate_series(1, {count})"""
CREDITS = """CREATE UNLOGGED TABLE credits AS SELECT (random() * 13)::smallint AS squad, (random() * 4)::smallint AS programme,
    date '2021-01-01' + (random() * 1825)::int AS day, (random() * {volunteers})::int AS volunteer,
    (30 * (1 + (random() * 7)::int))::smallint AS minutes FROM generate_series(1, {count})"""
VIEW = """CREATE MATERIALIZED VIEW months AS SELECT squad, date_trunc('month', day) AS month, count(*) AS reports,
    sum(attendances) AS attendances, sum(minutes) AS minutes FROM reports GROUP BY 1, 2"""
SUMS = "count(*), sum(attendances), sum(minutes)"
YEAR = "day BETWEEN '2023-01-01' AND '2023-12-31'"
SQL = {
    "reports by squad and month, all years": f"SELECT squad, date_trunc('month', day), {SUMS} FROM reports GROUP BY 1, 2",
    "reports by squad, a year": f"SELECT squad, {SUMS} FROM reports WHERE {YEAR} GROUP BY 1",
    "reports by programme and town, a year": f"SELECT programme, town, {SUMS} FROM reports WHERE {YEAR} GROUP BY 1, 2",
    "the same, with distinct activities": f"SELECT squad, count(DISTINCT activity), {SUMS} FROM reports WHERE {YEAR} GROUP BY 1",
    "hours by squad and month, a year": f"SELECT squad, date_trunc('month', day), sum(minutes) FROM credits WHERE {YEAR} GROUP BY 1, 2",
    "distinct volunteers, a year": f"SELECT count(DISTINCT volunteer) FROM credits WHERE {YEAR}",
    "distinct volunteers by squad, a year": f"SELECT squad, count(DISTINCT volunteer) FROM credits WHERE {YEAR} GROUP BY 1",
    "distinct volunteers, all years": "SELECT count(DISTINCT volunteer) FROM credits",
    "materialised view, refresh": "REFRESH MATERIALIZED VIEW months",
    "materialised view, read": "SELECT * FROM months",
}


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---- 潮讯 ----

def run(program, *words):
    say(f"{program} {' '.join(words)}")
    return subprocess.run([servers.BIN / program, *words], capture_output=True, text=True, check=True,
                          timeout=LOAD_SECONDS).stdout.splitlines()


def of_reports(lines):
    """(name, p50, p99, targets) in milliseconds."""
    target = None
    for line in lines:
        if line.startswith("as it "):
            target = NOW if "stands" in line else PAST
        elif target and (found := QUESTIONS.fullmatch(line.strip())):
            when = "" if target is NOW else ", as it stood"
            spent = f" (processors {float(found['processors']) / 1000:.0f} ms)" if found["processors"] else ""
            yield found["name"] + when + spent, float(found["p50"]) / 1000, float(found["p99"]) / 1000, target


def of_people(lines):
    for line in lines:
        if found := PEOPLE.fullmatch(line.strip()):
            by, span, *filters = re.split(" {2,}", found["name"].replace(" ,", ","))
            name = f"hours{'' if by == '-' else ' by ' + by}, {span}{''.join(filters)}"
            yield name, float(found["p50"]), float(found["p99"]), PAST if "as it stood" in name else NOW


def judge(p50, p99, target):
    missed = [name for name, value in (("p50", p50), ("p99", p99)) if name in target and value > target[name]]
    return "missed: " + ", ".join(missed) if missed else "reached"


# ---- PostgreSQL ----

class Questioned(servers.Postgres):
    TABLES = ()
    count = volunteers = 0

    def prepared(self):
        servers.harness.until(lambda: self.sql("SELECT 1").returncode == 0, servers.START_SECONDS, "PostgreSQL ready")
        for statement in (REPORTS, CREDITS, VIEW, "VACUUM ANALYZE reports", "VACUUM ANALYZE credits"):
            say(f"PostgreSQL: {statement.split('(')[0].split(' AS ')[0]}")
            self.psql(statement.format(count=self.count, volunteers=self.volunteers), 1, LOAD_SECONDS)

    def psql(self, statement, rounds, seconds=ANSWER_SECONDS):
        """Milliseconds of each run of the statement, in one session."""
        script = "\\timing on\n" + f"{statement};\n" * rounds
        done = subprocess.run(["psql", *self.address(), "-X", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "postgres"],
                              input=script, capture_output=True, text=True, timeout=seconds, check=False,
                              env=os.environ | {"LC_ALL": "C"})
        assert done.returncode == 0, done.stderr
        return [float(time) for time in re.findall(r"^Time: ([\d.]+) ms", done.stdout, re.MULTILINE)]

    def questions(self, rounds):
        """(name, median, longest), the first run of each left out: it warms up."""
        for name, statement in SQL.items():
            say(f"PostgreSQL: {name}")
            times = sorted(self.psql(statement, rounds + 1)[1:])
            yield name, times[len(times) // 2], times[-1]


def machine():
    model = re.search("model name\\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal: +(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) / 2**20
    return f"{model[1] if model else 'unknown processor'}, {os.cpu_count()} cores, {memory:.0f} GiB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="reports, and as many attendances")
    parser.add_argument("--volunteers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5, help="of PostgreSQL's questions")
    parser.add_argument("--dir", type=pathlib.Path, default=servers.ROOT / "build/bench")
    chosen = parser.parse_args()
    chosen.dir.mkdir(parents=True, exist_ok=True)
    busy, began = servers.busy_seconds(), datetime.datetime.now(datetime.timezone.utc)
    rows = list(of_reports(run("bench-questions", str(chosen.rows))))
    rows += list(of_reports(run("bench-owed", str(chosen.rows))))
    rows += list(of_people(run("bench-people", str(chosen.rows), str(chosen.volunteers))))
    Questioned.count, Questioned.volunteers = chosen.rows, chosen.volunteers
    with tempfile.TemporaryDirectory(dir=chosen.dir) as folder:
        os.chmod(folder, 0o755)
        with Questioned(folder) as postgres:
            peers = list(postgres.questions(chosen.rounds))
    spent = (datetime.datetime.now(datetime.timezone.utc) - began).total_seconds() * os.cpu_count()
    print(f"{began:%Y-%m-%d %H:%M}Z, {machine()}; processors busy {100 * (servers.busy_seconds() - busy) / spent:.0f} %")
    print(f"{chosen.rows:,} reports, {chosen.rows:,} attendances of {chosen.volunteers:,} volunteers\n")
    print("| 潮讯 | p50, ms | p99, ms | p50 <= 0.3, p99 <= 2; as it stood p99 <= 200 |\n|---|---|---|---|")
    for name, p50, p99, target in rows:
        print(f"| {name} | {p50:.3f} | {p99:.3f} | {judge(p50, p99, target)} |")
    print(f"\n| {Questioned.name.split(',')[0]} | p50, ms | longest of {chosen.rounds}, ms |\n|---|---|---|")
    for name, middle, longest in peers:
        print(f"| {name} | {middle:.1f} | {longest:.1f} |")


if __name__ == "__main__":
    main()
