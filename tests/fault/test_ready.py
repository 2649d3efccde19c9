#!/usr/bin/python3
"""/readyz is green only when each service behind the portal has folded the head of the journal when the portal started.

The journal grows and the portal starts again while the aggregator is stopped (SIGSTOP), and while the archiver and the
notifier live and answer, but cannot write: the portal is alive, but not ready, and says which part is not. Let go,
it becomes ready, and every door holds everything.
"""
import contextlib
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness

REPORTS = 500


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


def grow(chaoxun):
    """The position behind more reports, and a contact, which the notifier has to write down."""
    contact = harness.event("contact.set", "haining/xiashi", {"person": "P-1"}, {"name": "沈佳", "phone": "13800138001"})
    receipts = chaoxun.submit([harness.report(attendances=1) for _ in range(REPORTS)] + [contact])
    assert all(receipt["status"] == "stored" for receipt in receipts), receipts[0]
    return receipts[-1]["position"]


def unready(chaoxun):
    """Why each part is not ready, by its name; the answer must not be green."""
    status, document = ask(chaoxun, "/readyz")
    assert status == 503 and not document["ready"], document
    return {part["name"]: part["reason"] for part in document["parts"] if not part["ready"]}


@contextlib.contextmanager
def locked(path):
    """Nobody else can write to this database; reading goes on."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


def check_stopped(chaoxun):
    """A part that does not answer at all."""
    with harness.stopped(chaoxun.pids()["aggregator"]):
        grow(chaoxun)
        restart_portal(chaoxun)
        for _ in range(3):
            assert "aggregator" in unready(chaoxun)
    harness.until(lambda: ask(chaoxun, "/readyz")[0] == 200, 30, "readiness")


def check_behind(chaoxun):
    """Parts that answer, but have not folded: each is seen so."""
    seen = set()

    def both_seen():
        seen.update(name for name, reason in unready(chaoxun).items() if reason == f"not yet folded to {position}: try again")
        return seen >= {"archiver", "notifier"}
    with locked(chaoxun.data / "archiver/archiver.db"), locked(chaoxun.data / "notifier/notifier.db"):
        position = grow(chaoxun)
        restart_portal(chaoxun)
        harness.until(both_seen, 60, "both parts behind")
    harness.until(lambda: ask(chaoxun, "/readyz")[0] == 200, 30, "readiness")
    return position


def main():
    with harness.Instance() as chaoxun:
        check_stopped(chaoxun)
        position = check_behind(chaoxun)
        row = chaoxun.http("GET", f"/api/v1/totals?at_least={position}")[1]["rows"][0]
        assert row["reports"] == 2 * REPORTS and row["attendances"]["value"] == 2 * REPORTS, row
        assert chaoxun.http("GET", "/api/v1/reports?limit=1")[1]["total"] == 2 * REPORTS
        assert chaoxun.http("GET", "/api/v1/notices")[1]["as_of"] == position
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
