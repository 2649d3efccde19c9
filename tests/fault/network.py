"""The five services apart, each in a network namespace of its own, CURVE over TCP as docker-compose.yml has it.

    if __name__ == "__main__":
        network.enter()             # this process gets a network of its own, which routes between the others
        unittest.main()

    with network.Network() as net:
        net.cut("intake", "archiver")       # nothing passes any more, in both directions, and nobody is told
        net.cut("intake", "portal", both=False)
        net.mend()

Needs root. Nothing of this machine's own network is touched.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import intake_process

ENTERED = "CHAOXUN_TEST_NETWORK"
COMPOSE = harness.ROOT / "docker-compose.yml"


def enter():
    """Comes back in a process whose network is its own and empty."""
    if os.environ.get(ENTERED) != str(os.getpid()):
        os.environ[ENTERED] = str(os.getpid())
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])


def run(*words):
    result = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert result.returncode == 0, (words, result.stderr)
    return result.stdout


def compose_edges():
    """(variable, service, port) of every edge, from docker-compose.yml."""
    found = re.findall(r"^  (CHAOXUN_ENDPOINT_\w+): tcp://(\w+):(\d+)$", COMPOSE.read_text(), re.MULTILINE)
    assert len(found) == 12, found
    return found


class Network:
    """The services and the wires between them; this process is the router, at which the clients sit too."""

    def __init__(self, **environment):
        """`environment`: more variables of the services."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cxn-"))
        self.data = self.folder / "data"
        self.environment = os.environ | {"CHAOXUN_DATA": str(self.data), "LC_ALL": "C.UTF-8"} | environment
        self.addresses = {name: f"10.99.{number}.2" for number, name in enumerate(harness.SERVICES, 1)}
        self.spaces = {name: f"cx{os.getpid()}-{name}" for name in harness.SERVICES}
        self.edges = compose_edges()
        self.processes = {}
        self.context = harness.zmq.Context()

    def __enter__(self):
        try:
            self.lay()
            self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        self.context.destroy(linger=0)
        for name, process in self.processes.items():
            process.kill()
            process.wait()
            if kind:
                print(f"--- {name} ---", self.log(name)[-1500:], sep="\n", flush=True)
        for space in self.spaces.values():
            with contextlib.suppress(AssertionError):
                run("ip", "netns", "delete", space)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- wires ----

    def lay(self):
        """A namespace a service, each with a wire to this process, which routes."""
        run("ip", "link", "set", "lo", "up")
        pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        for number, (name, space) in enumerate(self.spaces.items(), 1):
            run("ip", "netns", "add", space)
            run("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "wire", "netns", space)
            run("ip", "address", "add", f"10.99.{number}.1/24", "dev", f"to-{name}")
            run("ip", "link", "set", f"to-{name}", "up")
            inside = ["ip", "-netns", space]
            run(*inside, "address", "add", f"{self.addresses[name]}/24", "dev", "wire")
            run(*inside, "link", "set", "lo", "up")
            run(*inside, "link", "set", "wire", "up")
            run(*inside, "route", "add", "default", "via", f"10.99.{number}.1")

    def _drop(self, source, target):
        run("iptables", "-I", "FORWARD", "-s", self.addresses[source], "-d", self.addresses[target], "-j", "DROP")

    def cut(self, one, other, both=True):
        """Packets between two services are lost; with both=False only those from `one` to `other`."""
        self._drop(one, other)
        if both:
            self._drop(other, one)

    def unplug(self, name):
        """Takes a service's wire away: it reaches nobody, and nobody reaches it."""
        run("ip", "link", "set", f"to-{name}", "down")

    def mend(self):
        run("iptables", "-F", "FORWARD")
        for name in self.spaces:
            run("ip", "link", "set", f"to-{name}", "up")

    # ---- life ----

    def endpoints(self, binder=None):
        """The endpoints of all edges as the environment of a service, or of a client."""
        return {variable: f"tcp://{'0.0.0.0' if service == binder else self.addresses[service]}:{port}"
                for variable, service, port in self.edges}

    def start(self):
        self.command("keys", "init")
        for name in harness.SERVICES:
            more = {"CHAOXUN_LISTEN": "0.0.0.0"} if name == "portal" else {}
            with open(self.folder / f"{name}.log", "wb") as log:
                self.processes[name] = subprocess.Popen(
                    ["ip", "netns", "exec", self.spaces[name], harness.BIN / f"chaoxun-{name}"],
                    env=self.environment | self.endpoints(name) | more, stdin=subprocess.DEVNULL, stderr=log)
            if name == "intake":
                self.command("setup", "--organisation", harness.ORGANISATION)
        harness.until(self.is_ready, 60, "readiness")

    def is_ready(self):
        """What the portal says of all."""
        with contextlib.suppress(OSError):  # it does not listen yet
            return self.http("GET", "/readyz", token=False)[0] == 200

    def alive(self):
        return all(process.poll() is None for process in self.processes.values())

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def command(self, *words):
        result = subprocess.run([harness.COMMAND, *map(str, words)], env=self.environment | self.endpoints(),
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
        assert result.returncode == 0, (words, result.stdout, result.stderr)
        return result.stdout

    # ---- doors ----

    def http(self, method, path, document=None, token=True, seconds=30):
        secret = (self.data / "token").read_text().strip() if token else None
        return harness.request(method, f"http://{self.addresses['portal']}:8080{path}", document, token=secret,
                               seconds=seconds)

    def door(self, edge="SUBMIT"):
        """A connection of the operator's to an edge."""
        service, port = next((service, port) for variable, service, port in self.edges if variable.endswith("_" + edge))
        keys = self.data / "keys"
        pair = [(keys / f"operator.{suffix}").read_text().strip().encode() for suffix in ("pub", "key")]
        server = (keys / f"{service}.pub").read_text().strip().encode()
        return intake_process.Door(self.context, f"tcp://{self.addresses[service]}:{port}", server, pair)

    def _ask(self, service, verb):
        door = self.door(f"CONTROL_{service.upper()}")
        try:
            return door.ask(verb, harness.NIL)[1]
        finally:
            door.socket.close()

    def status(self, service):
        return self._ask(service, "status")

    def settle(self):
        """As of harness.Instance."""
        assert self._ask("intake", "verify")["ok"]

    def stop(self):
        """Ends all in order; their exit statuses."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(20) for name, process in self.processes.items()}
