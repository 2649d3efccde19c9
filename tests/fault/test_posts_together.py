#!/usr/bin/python3
"""Events that many HTTP connections send at a time go to intake in common frames: each gets its own answer, none twice.

Writers of two sessions post reports that are in order, wrong, sent twice and changed, while intake is killed (kill -9)
again and again. Who got no receipt asks again with the same id. Afterwards every report is in the journal once, with
the content that was acknowledged, by a recount that shares no code with the services; the oracle is shown a lost, a
doubled and a changed report that it must see.
"""
import collections
import http.client
import json
import os
import pathlib
import random
import sys
import threading
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness
import recount

WRITERS = 24
REPORTS = 60  # of each writer between two kills
KILLS = 3
PASSWORD = "潮水-river-2026"
UNREADABLE = (OSError, http.client.HTTPException)


def identity(noise):
    made = bytearray(harness.new_id())
    made[8:] = noise.randbytes(8)
    made[8] = 0x80 | made[8] & 0x3F
    return bytes(made)


class Writer:
    """One connection that stays open; remembers what it was told."""

    def __init__(self, chaoxun, number, credentials, seed):
        self.address = urllib.parse.urlsplit(chaoxun.url).netloc
        self.headers = credentials | {"Content-Type": "application/json"}
        self.noise = random.Random(f"{seed} {number}")
        self.connection = None
        self.kept = {}  # attendances by id, of what has a receipt
        self.again = 0  # requests that ended without a receipt
        self.fault = None

    def post(self, identifier, attendances):
        """(status, receipt) of a report; (status, None) when it came to none."""
        event = {"id": str(uuid.UUID(bytes=identifier)), "type": "report.submitted", "unit": "haining/xiashi",
                 "at": 1795000000000, "side": {"title": "清理河道"},
                 "body": {"programmes": ["dog"], "date": "2026-05-06", "attendances": attendances}}
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            self.connection.request("POST", "/api/v1/events", json.dumps(event), self.headers)
            answer = self.connection.getresponse()
            document = json.loads(answer.read())
        except UNREADABLE:
            self.connection.close()
            self.connection = None
            return None, None
        receipt = document.get("receipts", [None])[0]
        assert receipt is None or receipt["id"] == event["id"], (event, receipt)
        return answer.status, receipt

    def submit(self, identifier, attendances, wanted):
        """Asks until there is a receipt, which must be one of `wanted`."""
        for _ in range(600):
            status, receipt = self.post(identifier, attendances)
            if receipt and receipt["status"] != "busy":
                assert receipt["status"] in wanted, (status, receipt, wanted)
                return receipt
            assert status in (None, 503, 504), (status, receipt)
            self.again += 1
            WAIT.wait(0.1)
        raise TimeoutError("no receipt in a minute")

    def write(self, count):
        for _ in range(count):
            identifier, attendances = identity(self.noise), self.noise.randrange(1, 1000)
            before = self.again
            receipt = self.submit(identifier, attendances, ("stored", "duplicate"))
            # Only who had to ask again may be told that it was there already.
            assert receipt["status"] == "stored" or self.again > before, receipt
            self.kept[identifier] = attendances
            turn = self.noise.random()
            if turn < 0.1:
                again = self.submit(identifier, attendances, ("duplicate",))
                assert again["seq"] == receipt["seq"], (again, receipt)
            elif turn < 0.2:
                self.submit(identifier, attendances + 1, ("conflict",))
            elif turn < 0.3:
                fault = self.submit(identity(self.noise), -attendances, ("rejected",))["faults"][0]
                assert fault["field"] == "body.attendances", fault

    def run(self, count):
        try:
            self.write(count)
        except BaseException as fault:  # told by the main thread
            self.fault = fault


WAIT = threading.Event()  # never set: a pause that asks nobody


def write_all(writers, count):
    threads = [threading.Thread(target=writer.run, args=(count,)) for writer in writers]
    for thread in threads:
        thread.start()
    return threads


def join(threads, writers):
    for thread in threads:
        thread.join()
    for writer in writers:
        if writer.fault:
            raise writer.fault


def kept(writers):
    return sum(len(writer.kept) for writer in writers)


def sign_in(chaoxun):
    """A squad's session beside the operator's token: frames of one never hold events of the other."""
    receipt = chaoxun.submit(harness.event("account.set", "haining/xiashi", {"account": "xiashi", "role": "squad"}))[0]
    assert receipt["status"] == "stored", receipt
    assert chaoxun.http("PUT", "/api/v1/users/xiashi/password", {"password": PASSWORD})[0] == 204
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(chaoxun.url).netloc, timeout=30)
    connection.request("POST", "/api/v1/session", json.dumps({"account": "xiashi", "password": PASSWORD}),
                       {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status in (200, 201, 204), answer.status
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


def faults(found, wanted, sources):
    """Where the journal's reports are not those that were acknowledged."""
    counts = collections.Counter(event["id"] for event in found)
    by_id = {event["id"]: event for event in found}
    return ([f"{one.hex()} is there {counts[one]} times" for one in counts.keys() | wanted.keys() if counts[one] != 1] +
            [f"{one.hex()} has other content" for one, event in by_id.items()
             if one in wanted and event["body"]["attendances"] != wanted[one]] +
            [f"{one.hex()} came from {event['source']}" for one, event in by_id.items()
             if one in sources and event["source"] != sources[one]])


def check(chaoxun, writers, accounts):
    wanted, sources = {}, {}
    for number, writer in enumerate(writers):
        wanted |= writer.kept
        sources |= dict.fromkeys(writer.kept, accounts[number % 2])
    chaoxun.settle()
    found = [event for event in recount.Journal(chaoxun.data).events if event["type"] == "report.submitted"]
    assert not faults(found, wanted, sources), faults(found, wanted, sources)[:5]
    changed = found[0] | {"body": found[0]["body"] | {"attendances": 0}}
    stolen = found[0] | {"source": "account:nobody"}
    for planted in (found[1:], [*found, found[0]], [changed, *found[1:]], [stolen, *found[1:]]):
        assert len(faults(planted, wanted, sources)) == 1
    print(f"{len(found)} reports, each once; {sum(writer.again for writer in writers)} requests were asked again")


def main():
    seed = os.environ.get("CHAOXUN_SEED", "1")
    print(f"CHAOXUN_SEED={seed}", flush=True)
    # A question that nobody answers ends soon, so that who asked can ask again.
    with harness.Instance(environment={"CHAOXUN_CALL_MS": "1000"}) as chaoxun:
        credentials = [{"Authorization": "Bearer " + chaoxun.token}, sign_in(chaoxun)]
        writers = [Writer(chaoxun, number, credentials[number % 2], seed) for number in range(WRITERS)]
        for _ in range(KILLS):
            before = kept(writers)
            threads = write_all(writers, REPORTS)
            harness.until(lambda: kept(writers) > before + WRITERS * REPORTS // 4, 60, "progress of the writers")
            chaoxun.wait_restart("intake", chaoxun.kill("intake"), 60)
            join(threads, writers)
        assert sum(writer.again for writer in writers) > 0, "nothing was under way when intake was killed"
        check(chaoxun, writers, ["account:" + account for account in (operator(chaoxun), "xiashi")])
    print("1 passed, 0 failed")


def operator(chaoxun):
    return chaoxun.http("GET", "/api/v1/session")[1]["account"]


if __name__ == "__main__":
    main()
