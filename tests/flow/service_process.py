"""A service of its own for a test, beside an intake_process.Intake, without a supervisor."""
import signal
import subprocess
import sys

import zmq

import harness
import intake_process

READY_SECONDS = 30


class Service:
    """A running service that follows `intake`: binary chaoxun-NAME, door at the edge EDGE."""

    name = ""
    edge = ""
    live_endpoint = ""

    def __init__(self, intake, binary=None, **settings):
        self.intake = intake
        self.binary = harness.BIN / (binary or f"chaoxun-{self.name}")
        self.settings = settings
        self.process = None
        self.door = None
        self.log = intake.folder / f"{self.name}.log"

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        if kind:
            print(self.log.read_text(errors="replace")[-3000:], flush=True)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    # ---- life ----

    def start(self, wait=True, environment=None):
        options = {"data": self.intake.folder} | self.settings
        command = [self.binary, *(f"--{name.replace('_', '-')}={value}" for name, value in options.items())]
        if self.door:
            self.door.socket.close()
        self.door = self.open(self.edge)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log,
                                            env=self.intake.environment | (environment or {}))
        if wait:
            harness.until(lambda: self.status()["ready"], READY_SECONDS, f"readiness of the {self.name}")

    def stop(self, how=signal.SIGTERM):
        """Its exit status."""
        self.process.send_signal(how)
        return self.process.wait(20)

    # ---- doors ----

    def open(self, edge, pair="operator"):
        """A connection to one of its doors, with a service's keys or a pair of keys."""
        endpoint = f"ipc://{self.intake.folder}/run/{edge}.ipc"
        pairs = self.intake.pairs
        own = pairs[pair] if isinstance(pair, str) else pair
        return intake_process.Door(self.intake.context, endpoint, pairs[self.name][0], own)

    def listen(self, topic="", pair="operator"):
        """A SUB socket at its live door, which `live_endpoint` names, subscribed."""
        public, secret = self.intake.pairs[pair] if isinstance(pair, str) else pair
        socket = self.intake.context.socket(zmq.SUB)
        socket.linger = 0
        socket.curve_serverkey = self.intake.pairs[self.name][0]
        socket.curve_publickey, socket.curve_secretkey = public, secret
        socket.subscribe(topic)
        socket.connect(self.live_endpoint)
        return socket

    def ask(self, edge, verb, payload=harness.NIL, wait_ms=intake_process.WAIT_MS):
        """(verb, payload) of one answer, over a connection of its own."""
        door = self.open(edge)
        try:
            return door.ask(verb, payload, wait_ms=wait_ms)
        finally:
            door.socket.close()

    def status(self):
        verb, answer = self.ask(f"control.{self.name}", "status")
        assert verb == "status", (verb, answer)
        return answer

    def verify(self):
        verb, answer = self.ask(f"control.{self.name}", "verify", wait_ms=4 * intake_process.WAIT_MS)  # folds all anew
        assert verb == "verify", (verb, answer)
        return answer
