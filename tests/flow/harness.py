"""One 潮讯 of its own for a test: starts `chaoxun up` on free loopback ports and a fresh data directory, stops it by pid.

    import harness

    with harness.Instance() as chaoxun:
        receipt = chaoxun.submit(harness.report("haining/xiashi", attendances=20))[0]
        figures = chaoxun.http("GET", "/api/v1/totals?at_least=" + receipt["position"])[1]
        print(chaoxun.command("totals", "--json").stdout)

Needs Debian's python3, python3-zmq and python3-msgpack. Binaries are looked for in CHAOXUN_BIN (ctest sets it), else in
build/dev/bin. CHAOXUN_KEEP=1 keeps the data directories.
"""
import contextlib
import datetime
import itertools
import json
import os
import pathlib
import queue
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

import msgpack
import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("CHAOXUN_BIN", ROOT / "build/dev/bin"))
COMMAND = BIN / "chaoxun"
ORGANISATION = ROOT / "scripts/data/haining.json"
DEMO = ROOT / "scripts/data/demo-activities.csv"
NIL = msgpack.packb(None)
START_SECONDS = 120
PATIENCE = 60
CHINA = datetime.timezone(datetime.timedelta(hours=8))
os.environ.setdefault("CHAOXUN_QUIET_HOURS", "off")  # it may be night
os.environ.setdefault("CHAOXUN_RECIPIENT_DAY", "0")  # and a test may write a lot to somebody
os.environ.setdefault("CHAOXUN_AT_LEAST_MS", "8000")  # and the machine may be slow: less than the portal waits (call-ms)
SERVICES = ("intake", "aggregator", "archiver", "notifier", "portal")


_claims = {}  # port: the socket whose name claims it


def claim_port(port):
    """Whether a port is this process' alone among all tests that run, as long as it lives, and nobody serves it.

    The claim is a socket's abstract name, which the kernel forgets with the process: between a test's choice of a port
    and its server's start, and while that server is down, no other test, and no second choice here, takes the port.
    """
    claim = socket.socket(socket.AF_UNIX)
    with socket.socket() as served:
        try:
            claim.bind(f"\0chaoxun-test-port-{port}")
            served.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            return False
    _claims[port] = claim
    return True


def free_ports(count):
    """Ports that nobody serves at the moment, claimed for this process; not of those that the kernel gives to clients.

    Those may be taken before the test's program asks for them, by any connection of any process.
    """
    beyond = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    tried = random.sample(range(10_000, beyond), 1000)
    found = list(itertools.islice(filter(claim_port, tried), count))
    if len(found) < count:
        raise OSError(f"fewer than {count} free ports among a thousand")
    return found


def today(room=90):
    """The brigade's day, of which so many seconds are left at least: shortly before midnight this waits for the next one,
    so that what a test reckons from the day holds until its end."""
    now = datetime.datetime.now(CHINA)
    left = datetime.timedelta(days=1) - (now - now.replace(hour=0, minute=0, second=0, microsecond=0))
    if left.total_seconds() < room:
        time.sleep(left.total_seconds() + 0.01)
    return datetime.datetime.now(CHINA).date()


def new_id(at=None):
    """A UUIDv7 as 16 bytes."""
    at = int(time.time() * 1000) if at is None else at
    noise = bytearray(secrets.token_bytes(10))
    noise[0] = 0x70 | noise[0] & 0x0F
    noise[2] = 0x80 | noise[2] & 0x3F
    return at.to_bytes(6, "big") + bytes(noise)


def event(kind, unit, body, side=None, **envelope):
    """An event as a client sends it; `envelope` sets id, at, by, cause."""
    made = {"v": 1, "id": new_id(), "type": kind, "unit": unit, "at": int(time.time() * 1000), "body": body}
    if side is not None:
        made["side"] = side
    return made | envelope


def report(unit="haining/xiashi", side=None, **body):
    """A valid report.submitted; keywords set fields of its body."""
    body = {"programmes": ["clean-home"], "date": "2026-05-06", "attendances": 20, "minutes": 1200} | body
    return event("report.submitted", unit, body, {"title": "河道清理"} if side is None else side)


@contextlib.contextmanager
def stopped(pid):
    """The process stands still meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def within(test, seconds):
    """What `test` gives as soon as that is true, or what it gives last: for what need not come true."""
    deadline = time.monotonic() + seconds
    while not (value := test()) and time.monotonic() <= deadline:
        time.sleep(0.02)
    return value


def until(test, seconds=30, what="the condition"):
    """Asks `test` again until it gives something true, which is returned. How long that takes is not what is tested: on a
    slow machine it may take long, so that it gets `PATIENCE` seconds at least."""
    value = within(test, max(seconds, PATIENCE))
    if not value:
        raise TimeoutError(f"{what} did not come true within {max(seconds, PATIENCE)} s")
    return value


def request(method, url, document=None, headers=None, token=None, seconds=PATIENCE):
    """(status, parsed JSON or bytes) of one HTTP request; a document that is not bytes goes as JSON."""
    headers = dict(headers or {})
    if token:
        headers.setdefault("Authorization", "Bearer " + token)
    if document is not None and not isinstance(document, bytes):
        document = json.dumps(document).encode()
        headers.setdefault("Content-Type", "application/json")
    asked = urllib.request.Request(url, document, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=seconds) as answer:
            return answer.status, parsed(answer)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, parsed(answer)


class Instance:
    """A running `chaoxun up` with its services. Use it in a `with` statement, or call start and stop."""

    def __init__(self, *options, demo=False, data=None, environment=None):
        self.folder = None if data else pathlib.Path(tempfile.mkdtemp(prefix="cx-"))
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.settings = self.data.parent / (self.data.name + ".settings")
        if not self.settings.exists():
            doors = zip(("submit", "live", "notices"), free_ports(3))
            self.settings.write_text("[endpoint]\n" + "".join(f"{door} = tcp://127.0.0.1:{port}\n"
                                                              for door, port in doors))
        self.environment = os.environ | {
            "CHAOXUN_DATA": str(self.data), "CHAOXUN_CONFIG": str(self.settings), "LC_ALL": "C.UTF-8",
        } | (environment or {})
        self.options = ["--organisation", ORGANISATION, *(["--demo", DEMO] if demo else ["--no-demo"]), *options]
        self.process = None
        self.output = []
        self._lines = queue.Queue()
        self._contexts = []
        self._sockets = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.close()
        if kind:
            print("--- what chaoxun up said ---", *self.output, sep="\n", flush=True)

    # ---- life ----

    def start(self, wait=True):
        """Starts it and waits until it says that it is ready."""
        self.process = subprocess.Popen([COMMAND, "up", "--port", "0", *self.options], env=self.environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, encoding="utf-8")
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        if wait:
            self.wait_line("Ready", START_SECONDS)

    def _read(self, stream):
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def wait_line(self, beginning, seconds=START_SECONDS):
        """The next line of its output that begins so."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
                if line is None:
                    self._lines.put(None)  # the end, which stop() waits for too
            except queue.Empty:
                line = None
            if line is None:
                said = "\n".join(self.output)
                raise AssertionError(f"chaoxun up never said {beginning!r}; it said:\n{said}")
            self.output.append(line)
            if line.startswith(beginning):
                return line

    def stop(self, how=signal.SIGTERM, seconds=PATIENCE):
        """Ends it; returns its exit status (negative: the signal)."""
        for made in self._sockets:
            made.close()
        for context in self._contexts:
            context.term()
        self._sockets = []
        self._contexts = []
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            while (line := self._lines.get()) is not None:
                self.output.append(line)
        self.process = None
        return status

    def close(self):
        """Stops it and removes its data."""
        self.stop()
        if self.folder and "CHAOXUN_KEEP" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self):
        """Process id by service, of the services that run now."""
        found = {}
        pid = self.process.pid
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                program = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0].decode()
                found[pathlib.Path(program).name.removeprefix("chaoxun-")] = int(child)
        return {name: pid for name, pid in found.items() if name != "chaoxun"}

    def kill(self, service):
        """kill -9 of one service; returns the pid that it had."""
        pid = self.pids()[service]
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restart(self, service, old, seconds=PATIENCE):
        """Waits until a service that had the pid `old` runs again and everything is ready."""
        until(lambda: self.pids().get(service, old) != old, seconds, f"restart of {service}")
        until(lambda: self.command("status").returncode == 0, seconds, "readiness")

    # ---- doors ----

    @property
    def url(self):
        port = (self.data / "portal/port").read_text().strip()
        return f"http://127.0.0.1:{port}"

    @property
    def token(self):
        return (self.data / "token").read_text().strip()

    def http(self, method, path, document=None, headers=None, token=True, seconds=PATIENCE):
        """(status, parsed JSON or bytes) of one request."""
        return request(method, self.url + path, document, headers, self.token if token is True else token, seconds)

    def endpoint(self, edge):
        for line in self.settings.read_text().splitlines():
            if line.startswith(f"{edge} = "):
                return line.split(" = ")[1]
        return f"ipc://{self.data}/run/{edge}.ipc"

    def key(self, name):
        return (self.data / "keys" / name).read_text().strip().encode()

    def socket(self, edge, server="intake", key="operator", kind=zmq.DEALER, pair=None):
        """A connected CURVE socket; `pair` (public, secret) instead of a key of the key directory."""
        context = zmq.Context()
        self._contexts.append(context)
        made = context.socket(kind)
        self._sockets.append(made)
        made.linger = 0
        made.curve_serverkey = self.key(server + ".pub")
        made.curve_publickey, made.curve_secretkey = pair or (self.key(key + ".pub"), self.key(key + ".key"))
        made.connect(self.endpoint(edge))
        return made

    def ask(self, made, verb, payload=NIL, seconds=PATIENCE):
        """One request on a socket of `socket`: (verb, decoded payload) of its answer."""
        correlation = secrets.token_bytes(8)
        made.send_multipart([b"CX1", verb.encode(), correlation, payload])
        deadline = time.monotonic() + seconds
        while made.poll(max(0, 1000 * (deadline - time.monotonic()))):
            _, answer, echoed, content = made.recv_multipart()
            if echoed == correlation:
                return answer.decode(), msgpack.unpackb(content)
        raise TimeoutError(f"no answer to {verb} within {seconds} s")

    def submit(self, events, made=None):
        """Receipts for one event or a list of them, as the operator or over a socket of one's own."""
        verb, answer = self.ask(made or self.socket("submit"), "submit", msgpack.packb(events))
        assert verb == "receipts", (verb, answer)
        return answer["receipts"]

    def settle(self):
        """Has everything in journal.db that so far only journal.log may hold: intake moves it before it verifies."""
        verb, answer = self.ask(self.socket("control.intake"), "verify", seconds=120)
        assert verb == "verify", (verb, answer)

    def command(self, *words, stdin=None, seconds=2 * PATIENCE, environment=None):
        """Runs the command `chaoxun` against this instance; gives its status and output."""
        return subprocess.run([COMMAND, *map(str, words)], env=self.environment | (environment or {}), input=stdin,
                              stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True,
                              timeout=seconds, text=True, encoding="utf-8", check=False)


def parsed(answer):
    content = answer.read()
    return json.loads(content) if "json" in answer.headers.get("Content-Type", "") else content
