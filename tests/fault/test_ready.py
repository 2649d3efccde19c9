#!/usr/bin/python3
"""/readyz is green only when the totals answer at_least=<head of the journal when the portal started>.

The aggregator is stopped (SIGSTOP) while the journal grows and the portal starts again: alive, but not ready, and it
says why. Let go, it becomes ready, and the totals hold everything.
"""
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness


def ask(chaoxun, path):
    """(status, document), or (None, None) while nobody listens."""
    try:
        return chaoxun.http("GET", path, token=False)
    except OSError:
        return None, None


def restart_portal(chaoxun):
    old = chaoxun.kill("portal")
    harness.until(lambda: chaoxun.pids().get("portal", old) != old, 30, "restart of the portal")
    harness.until(lambda: ask(chaoxun, "/healthz")[0] == 200, 30, "life of the portal")


def main():
    with harness.Instance() as chaoxun:
        aggregator = chaoxun.pids()["aggregator"]
        os.kill(aggregator, signal.SIGSTOP)
        try:
            receipts = chaoxun.submit([harness.report(attendances=1) for _ in range(500)])
            assert all(receipt["status"] == "stored" for receipt in receipts)
            restart_portal(chaoxun)
            for _ in range(3):
                status, document = ask(chaoxun, "/readyz")
                assert status == 503 and not document["ready"], document
            unready = [part["name"] for part in document["parts"] if not part["ready"]]
            assert "aggregator" in unready, document
        finally:
            os.kill(aggregator, signal.SIGCONT)
        harness.until(lambda: ask(chaoxun, "/readyz")[0] == 200, 30, "readiness")
        row = chaoxun.http("GET", f"/api/v1/totals?at_least={receipts[-1]['position']}")[1]["rows"][0]
        assert row["reports"] == 500 and row["attendances"]["value"] == 500, row
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
