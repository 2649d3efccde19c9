"""One service alone on files that may be damaged: whether it starts, what it says, and everything that it serves.

    home = damaged_service.Home(data)       # keys and doors of a 潮讯 that was stopped
    with home.run("intake", data) as intake:
        print(intake.up, intake.words, intake.verify(), intake.answers())
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import msgpack
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import intake_process

START_SECONDS = 30
PASSWORD = "潮水-river-2026"
ACCOUNT = "xiashi"
MOVING = {"as_of", "at"}  # of answers: when they were given


class Stopped(Exception):
    """The service ended while it was asked."""


def plain(value):
    """An answer without what moves, in a form that can be compared."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in sorted(value.items()) if key not in MOVING}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.hex() if isinstance(value, bytes) else value


class Home:
    """Keys of a stopped 潮讯, and the ways to run a service of it on another folder of data."""

    def __init__(self, data):
        self.data = data
        self.context = zmq.Context()
        self.pairs = {name: tuple((data / f"keys/{name}.{ending}").read_text().strip().encode()
                                  for ending in ("pub", "key")) for name in (*harness.SERVICES, "operator")}

    def close(self):
        self.context.destroy(linger=0)

    def run(self, name, data, run=None, alone=False, **settings):
        """`alone`: without the others, so that it need not become ready to be up."""
        return Service(self, name, data, run or data / "run", alone or name == "portal", settings)

    def repair(self, name, data, *words):
        """(exit status, what was said) of chaoxun-NAME --repair."""
        done = subprocess.run([harness.BIN / f"chaoxun-{name}", "--repair", f"--data={data}", f"--keys={self.data}/keys",
                               *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=60, check=False)
        return done.returncode, done.stdout


class Service:
    """A process that is starting; `up` tells whether it became alive, `words` what it has logged."""

    def __init__(self, home, name, data, run, alone, settings):
        self.home, self.name, self.data, self.run, self.alone = home, name, data, run, alone
        doors = {f"endpoint.{door}": f"ipc://{run}/{door}.ipc" for door in ("submit", "live", "notices")}
        chosen = {"data": data, "keys": home.data / "keys", "run": run, "port": "0", "log-level": "info"} | doors | settings
        chosen = {key: value for key, value in chosen.items() if key != "port" or name == "portal"}
        self.socket = run / f"control.{name}.ipc"
        self.socket.unlink(missing_ok=True)
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([harness.BIN / f"chaoxun-{name}", *(f"--{key}={value}" for key, value in chosen.items())],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        self.doors = []

    def __enter__(self):
        self.up = self.wait()
        return self

    def __exit__(self, *_):
        for door in self.doors:
            door.socket.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        self.log.close()

    @property
    def words(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def wait(self):
        """True when it is ready, False when it ended or stays away from it."""
        deadline = time.monotonic() + START_SECONDS
        # Who connects before it listens would try again only after a pause.
        while not self.socket.exists() and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        door = self.door(f"control.{self.name}")
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            try:
                if door.ask("status", harness.NIL, wait_ms=200)[1]["ready"] or self.alone:
                    return True
            except AssertionError:
                pass
            time.sleep(0.005)
        raise TimeoutError(f"{self.name} is neither ready nor has it ended: {self.words[-1500:]}")

    def door(self, edge, service=None):
        server = self.home.pairs[service or self.name][0]
        made = intake_process.Door(self.home.context, f"ipc://{self.run}/{edge}.ipc", server, self.home.pairs["operator"])
        self.doors.append(made)
        return made

    def ask(self, edge, verb, **query):
        """(verb, answer); Stopped when the process ends instead."""
        door = self.door(edge)
        correlation = door.send(verb, msgpack.packb(query) if query else harness.NIL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            answer = door.receive(50)
            if answer and answer[0] == correlation:
                return answer[1:]
            if not answer and self.process.poll() is not None:
                raise Stopped(f"ended with {self.process.returncode}: {self.words[-1500:]}")
        raise TimeoutError(f"no answer to {verb}: {self.words[-1500:]}")

    def verify(self):
        """What does not fit, or ""."""
        verb, answer = self.ask(f"control.{self.name}", "verify")
        if verb == "error":
            return answer["text"]
        return "" if answer["ok"] else answer["first_fault"]

    # ---- what is served ----

    def answers(self):
        """Everything, in pieces by name."""
        return getattr(self, f"{self.name}_answers")()

    def intake_answers(self):
        """Head, and each block of the stream as a hash of what it holds; the error that ends it."""
        door = self.door("stream")
        verb, answer = door.ask("open", msgpack.packb({"position": "", "credit": 1024, "side": True}))
        if verb == "error":
            return {"error": answer["text"]}
        found = {"head": answer["position"], "blocks": [], "heads": []}
        head = int(answer["position"].split(".")[2])
        seq = 0
        while seq < head:
            message = door.receive(2000)
            if message is None:
                if self.process.poll() is not None:
                    raise Stopped()
                continue
            _, verb, block = message
            if verb == "error":
                found["error"] = block["text"]
                break
            if verb == "block":
                seq = block["first"] + block["count"] - 1
                head_hash = hashlib.sha256(block["head"]).hexdigest()
                found["heads"].append((block["first"], block["count"], head_hash))
                found["blocks"].append((block["first"], head_hash, hashlib.sha256(block.get("side", b"")).hexdigest()))
        return found

    def pages(self, edge, verb, **query):
        verb_of, answer = self.ask(edge, verb, **query)
        if verb_of == "error":
            return {"error": answer["text"]}
        rows = answer["rows"]
        while "cursor" in answer:
            verb_of, answer = self.ask(edge, verb, **query, cursor=answer["cursor"])
            if verb_of == "error":
                return {"error": answer["text"]}
            rows += answer["rows"]
        return {"rows": rows, "total": answer.get("total")}

    def aggregator_answers(self):
        verb, answer = self.ask("totals", "totals", by=["squad", "programme", "month"])
        verb_all, everything = self.ask("totals", "totals")
        return {"totals": plain([verb, answer, verb_all, everything])}

    def archiver_answers(self):
        pages = self.pages("record", "reports", side=True, limit=50)
        found = {"reports": plain(pages)}
        for row in pages.get("rows", [])[:8]:
            found[row["id"].hex()] = plain(self.ask("record", "report", id=row["id"], side=True))
        found["words"] = plain(self.pages("record", "reports", side=True, text="河道"))
        return found

    def notifier_answers(self):
        pages = self.pages("outbox", "notices", side=True, limit=50)
        found = {"notices": plain(pages), "contacts": plain(self.ask("outbox", "preview", units=["haining"], title="高温", text="今日停止户外活动"))}
        for row in pages.get("rows", []):
            found[row["id"].hex()] = plain(self.ask("outbox", "notice", id=row["id"], side=True))
        return found

    def portal_answers(self):
        """Who gets in with what."""
        port = (self.data / "portal/port").read_text().strip()
        token = (self.home.data / "token").read_text().strip()
        found = {}
        for what, arguments in {
                "token": ("GET", "/api/v1/session", None, token), "wrong token": ("GET", "/api/v1/session", None, "x" * len(token)),
                "password": ("POST", "/api/v1/session", {"account": ACCOUNT, "password": PASSWORD}, None),
                "old password": ("POST", "/api/v1/session", {"account": ACCOUNT, "password": PASSWORD + "-old"}, None)}.items():
            status, answer = harness.until(lambda asked=arguments: self.http(port, *asked), START_SECONDS, what)
            code = answer.get("code") if isinstance(answer, dict) else None
            found[what] = {"error": json.dumps(answer, ensure_ascii=False)} if status >= 500 else [status, code]
        return found

    def http(self, port, method, path, document, bearer):
        """(status, document); None while it has not reached intake yet."""
        try:
            status, answer = harness.request(method, f"http://127.0.0.1:{port}{path}", document, token=bearer)
        except OSError as error:
            if self.process.poll() is not None:
                raise Stopped() from error
            raise
        early = status == 503 and answer.get("code") in ("busy", "unavailable")
        return None if early else (status, answer)
