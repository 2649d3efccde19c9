"""A chaoxun-aggregator of its own for a test, beside an intake_process.Intake, without a supervisor."""
import signal
import sqlite3
import subprocess

import msgpack
import zmq

import harness
import intake_process

READY_SECONDS = 30


class Aggregator:
    """A running chaoxun-aggregator that follows `intake`."""

    def __init__(self, intake, binary="chaoxun-aggregator", **settings):
        self.intake = intake
        self.binary = harness.BIN / binary
        self.live_endpoint = f"ipc://{intake.folder}/live.ipc"
        self.settings = settings
        self.process = None
        self.totals_door = None
        self.log = intake.folder / "aggregator.log"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        if kind:
            print(self.log.read_text(errors="replace")[-3000:], flush=True)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # ---- life ----

    def start(self, wait=True):
        options = {"data": self.intake.folder, "endpoint.live": self.live_endpoint} | self.settings
        command = [self.binary, *(f"--{name.replace('_', '-')}={value}" for name, value in options.items())]
        if self.totals_door:
            self.totals_door.socket.close()
        self.totals_door = self._open("totals")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        if wait:
            harness.until(lambda: self.status()["ready"], READY_SECONDS, "readiness of the aggregator")

    def stop(self, how=signal.SIGTERM):
        """Its exit status."""
        self.process.send_signal(how)
        return self.process.wait(20)

    # ---- doors ----

    def _open(self, edge):
        endpoint = f"ipc://{self.intake.folder}/run/{edge}.ipc"
        pairs = self.intake.pairs
        return intake_process.Door(self.intake.context, endpoint, pairs["aggregator"][0], pairs["operator"])

    def ask(self, edge, verb, payload=harness.NIL, wait_ms=intake_process.WAIT_MS):
        """(verb, payload) of one answer, over a connection of its own."""
        door = self._open(edge)
        try:
            return door.ask(verb, payload, wait_ms=wait_ms)
        finally:
            door.socket.close()

    def status(self):
        verb, answer = self.ask("control.aggregator", "status")
        assert verb == "status", (verb, answer)
        return answer

    def verify(self):
        verb, answer = self.ask("control.aggregator", "verify")
        assert verb == "verify", (verb, answer)
        return answer

    def query(self, **query):
        """(verb, answer) of a totals query; since and until stand for from and to."""
        named = {{"since": "from", "until": "to"}.get(name, name): value for name, value in query.items()}
        return self.totals_door.ask("totals", msgpack.packb(named))

    def totals(self, **query):
        """The answer to a query that must succeed."""
        verb, answer = self.query(**query)
        assert verb == "totals", (verb, answer)
        return answer

    def listen(self, topic="", pair="operator"):
        """A SUB socket at the live door, subscribed."""
        public, secret = self.intake.pairs[pair] if isinstance(pair, str) else pair
        socket = self.intake.context.socket(zmq.SUB)
        socket.linger = 0
        socket.curve_serverkey = self.intake.pairs["aggregator"][0]
        socket.curve_publickey, socket.curve_secretkey = public, secret
        socket.subscribe(topic)
        socket.connect(self.live_endpoint)
        return socket

    # ---- state ----

    def saved_seq(self):
        """The seq up to which the state file holds the figures: the head page's third number."""
        path = self.intake.folder / "aggregator/aggregator.db"
        if not path.exists():
            return 0
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
        row = connection.execute("SELECT bytes FROM pages ORDER BY place DESC LIMIT 1").fetchone()
        connection.close()
        return int.from_bytes(row[0][24:32], "little") if row else 0
