"""One measurement each: a load of a second or so on one server. Every function gives what it saw as a dict of
`stored`, `rate` (per second), `p50`, `p99` (microseconds) and `processor` (microseconds of the server's processor per
report); what a tool does not tell is left out.
"""
import json
import pathlib
import re
import statistics
import subprocess

import servers

UNITS = ["haining/" + squad["code"] for squad in
         json.loads(servers.harness.ORGANISATION.read_text(encoding="utf-8"))["squads"]]
HERE = pathlib.Path(__file__).resolve().parent
COPY_ROWS = 1000
TOOL_SECONDS = 120  # a tool that takes so long hangs
TEXT = "上午八点半，队员和社区居民一起清理楼道堆物、清除墙面小广告，劝导乱停放的非机动车入位，并把破损护栏转交街道处理。"
# For the tools that take one body for all requests: 512 bytes, whole characters.
SAMPLE = (TEXT * 4).encode()[:510] + b".."


def run(words, **options):
    """The output of a tool that did its work."""
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, timeout=TOOL_SECONDS, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} failed: {done.stderr.decode(errors='replace')[-500:]}"
                           f"{done.stdout.decode(errors='replace')[-500:]}")
    return done.stdout.decode("utf-8", errors="replace")


def with_processor(server, measure):
    """A measurement with the time that the server's processes spent on it, also on what they still had to do after."""
    before = servers.processor_seconds(server.pids())
    seen = measure()
    servers.settle(server)
    if seen.get("stored"):
        seen["processor"] = (servers.processor_seconds(server.pids()) - before) * 1e6 / seen["stored"]
    return seen


def of_json(line):
    """A line as `chaoxun bench` prints it."""
    said = json.loads(line)
    if said.get("failed") or said.get("busy"):
        raise RuntimeError(f"not everything was stored: {line}")
    seen = {"stored": said["stored"], "p50": said.get("live_p50_us", said["receipt_p50_us"]),
            "p99": said.get("live_p99_us", said["receipt_p99_us"])}
    if "receipts_per_second" in said:
        seen["rate"] = said["receipts_per_second"]
    elif "seconds" in said:
        seen["rate"] = said["stored"] / said["seconds"]
    return seen


# ---- our own load ----

def wire(server, name, seconds=None, events=None, clients=1, in_flight=1, frame=1):
    """bench-load over the server's own wire: `seconds` long, or `events` many."""
    length = ["--seconds", seconds] if seconds else ["--events", events]
    return with_processor(server, lambda: of_json(run([
        servers.BIN / "bench-load", "--wire", name, "--port", server.port, "--clients", clients, "--in-flight", in_flight,
        "--events-per-frame", frame, "--units", ",".join(UNITS), *length])))


def library(chaoxun, seconds, clients=1, in_flight=1, frame=1, live=False, events=None):
    """`chaoxun bench`: clients with libzmq, a thread each; with CURVE where the instance has it."""
    length = ["--events", events] if events else ["--seconds", max(1, round(seconds))]
    return with_processor(chaoxun, lambda: of_json(run([
        servers.harness.COMMAND, "bench", "--json", "--clients", clients, "--in-flight", in_flight, "--events-per-frame",
        frame, "--units", ",".join(UNITS), *length, *(["--live"] if live else [])],
        env=chaoxun.instance.environment)))


def disk(chaoxun, seconds):
    """(growing, recycled): 512 bytes and an fdatasync, again and again."""
    lines = run([servers.harness.COMMAND, "bench", "disk", "--json", "--seconds", max(1, round(seconds))],
                env=chaoxun.instance.environment).splitlines()
    found = {said["file"]: {"rate": said["syncs_per_second"], "p50": said["p50_us"], "p99": said["p99_us"]}
             for said in map(json.loads, lines)}
    return found["growing"], found["recycled"]


# ---- the peers' own tools ----

CSV_END = re.compile(r'"([\d.]+)","[\d.]+","[\d.]+","([\d.]+)","[\d.]+","([\d.]+)","[\d.]+"\s*$')


def redis(server, requests, clients=1, pipeline=1):
    """redis-benchmark: XADD of one report. It counts requests, not seconds."""
    def measure():
        said = run(["redis-benchmark", "-p", server.port, "-c", clients, "-n", requests, "-P", pipeline, "--csv",
                    "--precision", 3, "-x", "XADD", "events", "*", "d"], input=SAMPLE)
        rate, p50, p99 = CSV_END.search(said).groups()
        return {"stored": requests, "rate": float(rate), "p50": float(p50) * 1000, "p99": float(p99) * 1000}
    return with_processor(server, measure)


def redis_live(server, seconds):
    """XADD to a blocked XREAD."""
    return with_processor(server, lambda: of_json(run([
        servers.BIN / "bench-live-redis", server.port, seconds, ",".join(UNITS)])))


def postgres_insert(server, seconds=None, clients=1, transactions=None, table="events"):
    """pgbench: one row of 512 bytes by a prepared INSERT that commits."""
    script = server.folder / "insert.sql"
    script.write_text(f"INSERT INTO {table} (body) VALUES (:body);\n")
    log = server.folder / "transactions"
    length = ["-t", transactions] if transactions else ["-T", max(1, round(seconds))]

    def measure():
        said = run(["pgbench", *server.address(), "-n", "-M", "prepared", "-c", clients, "-j", 1, *length, "-D",
                    f"body={SAMPLE.decode()}", "-f", script, "-l", f"--log-prefix={log}", "postgres"])
        stored = int(re.search(r"actually processed: (\d+)", said)[1])
        return {"stored": stored, "rate": float(re.search(r"tps = ([\d.]+)", said)[1]), **latencies(log)}
    return with_processor(server, measure)


def latencies(log):
    """p50 and p99 of pgbench's transaction logs, which are removed."""
    taken = []
    for path in log.parent.glob(log.name + ".*"):
        taken += [int(line.split()[2]) for line in path.read_text().splitlines()]
        path.unlink()
    cuts = statistics.quantiles(taken, n=100)
    return {"p50": cuts[49], "p99": cuts[98]}


def postgres_copy(server, seconds, table="events"):
    """psql: COPY of 1,000 rows, one after the other, each a transaction."""
    rows, script = server.folder / "rows.txt", server.folder / "copy.sql"
    rows.write_bytes((SAMPLE + b"\n") * COPY_ROWS)
    script.write_text("\\timing on\n" + f"\\copy {table} (body) from '{rows}'\n" * max(10, round(seconds * 60)))

    def measure():
        done = server.sql(file=script)
        taken = [float(found) for found in re.findall(r"^Time: ([\d.]+) ms", done.stdout, re.MULTILINE)]
        if done.returncode != 0 or not taken:
            raise RuntimeError(f"COPY failed: {done.stderr}")
        cuts = statistics.quantiles(taken, n=100)
        return {"stored": COPY_ROWS * len(taken), "rate": COPY_ROWS * len(taken) / sum(taken) * 1000,
                "p50": cuts[49] * 1000, "p99": cuts[98] * 1000}
    return with_processor(server, measure)


# ---- HTTP ----

def report_file(folder):
    """One report of about 512 bytes as JSON, without an id: the portal gives it one."""
    document = {"type": "report.submitted", "unit": UNITS[0],
                "body": {"programmes": ["clean-home"], "date": "2026-11-23", "attendances": 20, "minutes": 1200,
                         "measures": [{"name": "清理牛皮癣", "quantity": 300000, "unit": "处", "approx": "at-least"}]},
                "side": {"title": "河西社区清理牛皮癣", "place": "梅园社区中心广场", "narrative": TEXT}}
    path = pathlib.Path(folder) / "report.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def http(server, url, body, token, seconds, clients=64):
    """wrk: POST of one report over connections that stay open."""
    def measure():
        said = run(["wrk", "-t", 1, "-c", clients, "-d", max(1, round(seconds)), "-s", HERE / "post.lua", url, "--",
                    body, token])
        return of_json(said.splitlines()[-1])
    return with_processor(server, measure)


def post_some(chaoxun, body, count):
    """A few POSTs one after the other."""
    document = body.read_bytes()
    for _ in range(count):
        status, answer = chaoxun.instance.http("POST", "/api/v1/events", document,
                                               {"Content-Type": "application/json"})
        if status not in (200, 201) or answer["receipts"][0]["status"] != "stored":
            raise RuntimeError(f"POST: {status} {answer}")
