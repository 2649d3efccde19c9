"""The peers, the limit and 潮讯 as processes: each is started on a free loopback port and stopped by its pid.

    with Redis(folder) as redis:
        redis.port

Each makes what it acknowledges durable first; order.py holds that it does. Nothing else is tuned: what a user gets
from Debian's package with durability switched on.
"""
import contextlib
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
os.environ["CHAOXUN_BIN"] = str(BIN)
sys.path.insert(0, str(ROOT / "tests/flow"))
import harness  # noqa: E402

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
START_SECONDS = 30
STOP_SECONDS = 20
FOLD_SECONDS = 1200  # within which an instance folds its journal again
SETTLE_SECONDS = 60  # the archiver may lie behind what was measured
FOLDING = 4  # services that stand somewhere in the journal
SETTLE_STEP = 0.08
TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """A process and all that descend from it."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    return found


def processor_seconds(pids):
    """Time on a processor, with that of descendants that have ended."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def settle(server):
    """Waits until the server has nothing more to do, so that it does not run beside what is measured next."""
    deadline = time.monotonic() + SETTLE_SECONDS
    spent = processor_seconds(server.pids())
    while time.monotonic() < deadline:
        time.sleep(SETTLE_STEP)
        before, spent = spent, processor_seconds(server.pids())
        if spent - before < SETTLE_STEP / 4:
            return


def busy_seconds():
    """Time that all processors of the machine have worked since it started."""
    user, nice, system, _, _, interrupt, soft, steal = map(int, pathlib.Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + interrupt + soft + steal) / TICKS


def memory_bytes(pids):
    """(resident, proportional): the second counts pages that processes share once."""
    sums = {"Rss": 0, "Pss": 0}
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in sums:
                    sums[name] += int(value.split()[0]) * 1024
    return sums["Rss"], sums["Pss"]


class Server:
    """A process that listens on `port`. What differs stands in `command` and `prepare`."""
    name = ""
    user = None
    end = signal.SIGTERM

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / type(self).__name__.lower()
        self.folder.mkdir()
        self.port = harness.free_ports(1)[0]
        self.process = None

    def __enter__(self):
        self.prepare()
        with open(self.folder.with_suffix(".log"), "wb") as log:
            self.process = subprocess.Popen([*map(str, self.command())], cwd=self.folder, user=self.user, group=self.user,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        harness.until(self._listens, START_SECONDS, f"{self.name} listening")
        self.prepared()
        return self

    def __exit__(self, *_):
        self.process.send_signal(self.end)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _listens(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: " + self.folder.with_suffix(".log").read_text(errors="replace"))
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def command(self):
        raise NotImplementedError

    def prepare(self):
        """Before the start."""

    def prepared(self):
        """After the start."""

    def pids(self):
        return tree(self.process.pid)


class Limit(Server):
    name = "limit: bare group commit"

    def command(self):
        return [BIN / "bench-limit-server", self.port, self.folder / "records"]


class Redis(Server):
    name = "Redis Streams, appendfsync always"

    def command(self):
        return ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
                "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", 0]

    def forget(self):
        """Empties memory and log, so that they do not grow from round to round."""
        for words in (("FLUSHALL",), ("BGREWRITEAOF",)):
            subprocess.run(["redis-cli", "-p", str(self.port), *words], check=True, capture_output=True, timeout=60)


class Beanstalkd(Server):
    name = "beanstalkd -f0"

    def command(self):
        return ["beanstalkd", "-l", "127.0.0.1", "-p", self.port, "-b", self.folder, "-f0"]


class Nginx(Server):
    name = "nginx, a bare answer"
    end = signal.SIGQUIT
    CONFIGURATION = """daemon off; worker_processes 1; pid {folder}/pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}/body;
proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; scgi_temp_path {folder}/s; uwsgi_temp_path {folder}/u;
server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{{"receipts": []}}'; }} }} }}
"""

    def prepare(self):
        (self.folder / "nginx.conf").write_text(self.CONFIGURATION.format(folder=self.folder, port=self.port))

    def command(self):
        return ["/usr/sbin/nginx", "-p", self.folder, "-e", "stderr", "-c", self.folder / "nginx.conf"]


class Postgres(Server):
    name = "PostgreSQL 15, synchronous_commit on"
    end = signal.SIGINT
    # The bare table, and one that can tell a duplicate as 潮讯 does.
    TABLES = ("CREATE TABLE events (seq bigserial PRIMARY KEY, body text NOT NULL)",
              "CREATE TABLE events_once (seq bigserial PRIMARY KEY, id uuid UNIQUE DEFAULT gen_random_uuid(), "
              "body text NOT NULL)")

    def __init__(self, folder):
        super().__init__(folder)
        if os.geteuid() == 0:
            # It refuses to run as root; its package made an account for it.
            self.user = "postgres"
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)

    def prepare(self):
        subprocess.run([POSTGRES / "initdb", "--pgdata", self.folder / "data", "--username", "bench", "--auth", "trust",
                        "--encoding", "UTF8", "--no-locale", "--no-sync"], check=True, cwd=self.folder, user=self.user,
                       group=self.user, capture_output=True, timeout=60)

    def command(self):
        return [POSTGRES / "postgres", "-D", self.folder / "data", "-p", self.port, "-k", self.folder,
                "-c", "listen_addresses=127.0.0.1", "-c", "fsync=on", "-c", "synchronous_commit=on",
                # It would clean up after one row while another is measured.
                "-c", "autovacuum=off"]

    def prepared(self):
        harness.until(lambda: self.sql("SELECT 1").returncode == 0, START_SECONDS, "PostgreSQL ready")
        made = self.sql(*self.TABLES)
        assert made.returncode == 0, made.stderr

    def address(self):
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", "bench"]

    def forget(self):
        """Empties the tables, so that they do not grow from round to round."""
        self.sql("TRUNCATE events, events_once")

    def sql(self, *statements, file=None):
        words = [word for statement in statements for word in ("-c", statement)]
        words += ["-f", str(file)] if file else []
        return subprocess.run(["psql", *self.address(), "-X", "-q", "-v", "ON_ERROR_STOP=1", *words, "postgres"],
                              capture_output=True, text=True, timeout=120, check=False)


class Chaoxun:
    """An instance of the test harness with the face of a Server; `port` is that of the submit door."""

    def __init__(self, folder, plain, name):
        data = pathlib.Path(folder) / name
        self.instance = harness.Instance(data=data, environment={"CHAOXUN_SUBMIT_PLAIN": "true" if plain else "false"})

    empty_start = 0.0  # seconds, with nothing but the organisation in the journal

    def __enter__(self):
        self.instance.start()
        self.empty_start = self.restart()
        self.port = self.instance.endpoint("submit").rpartition(":")[2]
        return self

    def __exit__(self, *_):
        self.instance.stop()

    def pids(self):
        return list(self.instance.pids().values())

    def positions(self):
        status = json.loads(self.instance.command("status", "--json").stdout)
        return {row["service"]: row["position"] for row in status if row.get("position")}

    def level(self):
        """Waits until every service has folded what is in the journal: what it has yet to do is no part of its start."""
        harness.until(lambda: len(self.positions()) == FOLDING and len(set(self.positions().values())) == 1, FOLD_SECONDS,
                      "an end of the folding")

    def restart(self, forget=()):
        """Stops it, removes the state of the services named, starts it: seconds from start to ready."""
        self.instance.stop()
        for service in forget:
            subprocess.run(["rm", "-rf", self.instance.data / service], check=True)
        began = time.monotonic()
        self.instance.start(wait=False)
        self.instance.wait_line("Ready", FOLD_SECONDS)
        return time.monotonic() - began
