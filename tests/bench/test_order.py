#!/usr/bin/python3
"""The check of sync before reply can fail: on traces written by hand, and on a real server that answers too early."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness  # noqa: E402
import order  # noqa: E402

SOCKET = "8<TCP:[127.0.0.1:7000->127.0.0.1:50000]>"
LOG = "5</data/log>"
READ = f'100 recvfrom({SOCKET}, "XADD"..., 16384, 0, NULL, NULL) = 560'
WRITE = f'100 write({LOG}, "XADD"..., 560) = 560'
SYNC = f"100 fdatasync({LOG}) = 0"
REPLY = f'100 sendto({SOCKET}, "$15\\r\\n"..., 22, 0, NULL, 0) = 22'

TRACES = [
    # what happens, lines, replies checked, replies too early
    ("in order", [READ, WRITE, SYNC, REPLY], 1, 0),
    ("reply before the sync", [READ, WRITE, REPLY, SYNC], 1, 1),
    ("no sync", [READ, WRITE, REPLY], 1, 1),
    ("sync before the write", [READ, SYNC, WRITE, REPLY], 1, 1),
    ("only an earlier write is synced", [WRITE, READ, SYNC, REPLY], 1, 1),
    ("a sync that failed", [READ, WRITE, f"100 fdatasync({LOG}) = -1 EIO (Input/output error)", REPLY], 1, 1),
    ("another file is synced", [READ, WRITE, "100 fdatasync(6</data/other>) = 0", REPLY], 1, 1),
    ("a second request without sync", [READ, WRITE, SYNC, REPLY, READ, WRITE, REPLY], 2, 1),
    ("the sync of another thread ends in time", [
        READ, f'101 pwrite64({LOG}, "x"..., 560, 0) = 560', f"101 fdatasync({LOG} <unfinished ...>",
        "100 write(3</data/other>, \"x\", 1) = 1", "101 <... fdatasync resumed>) = 0", REPLY], 1, 0),
    ("the sync of another thread ends too late", [
        READ, f'101 pwrite64({LOG}, "x"..., 560, 0) = 560', f"101 fdatasync({LOG} <unfinished ...>",
        REPLY.replace(") = 22", " <unfinished ...>"), "101 <... fdatasync resumed>) = 0",
        "100 <... sendto resumed>) = 22"], 1, 1),
    ("the write of another thread ends after the sync began", [
        READ, f'101 pwrite64({LOG}, "x"..., 560, 0 <unfinished ...>', f"102 fdatasync({LOG} <unfinished ...>",
        "101 <... pwrite64 resumed>) = 560", "102 <... fdatasync resumed>) = 0", REPLY], 1, 1),
    ("a handshake is no request", [f'100 read({SOCKET}, "hello", 8192) = 64', REPLY], 0, 0),
    ("a heartbeat is no reply", [
        READ, f'100 sendto({SOCKET}, "\\4\\7\\4PING\\0\\24", 9, 0, NULL, 0) = 9', WRITE, SYNC, REPLY], 1, 0),
    ("an encrypted heartbeat neither", [
        READ, f'100 sendto({SOCKET}, "\\0&\\7MESSAGE\\0\\0"..., 40, 0, NULL, 0) = 40', WRITE, SYNC, REPLY], 1, 0),
]


def check_traces():
    for what, lines, checked, early in TRACES:
        found = order.check(lines)
        assert (found.checked, len(found.early)) == (checked, early), (what, found.checked, found.early)


def trace_limit(folder, *words):
    """The Order of the bare server, started with these words and asked a few times."""
    port, path = harness.free_ports(1)[0], folder / "trace"
    tracer = subprocess.Popen(["strace", "-f", "-yy", "-o", path, "-e", "trace=" + ",".join(order.CALLS),
                               harness.BIN / "bench-limit-server", str(port), folder / "records", *words],
                              stdin=subprocess.DEVNULL)
    try:
        load = [harness.BIN / "bench-load", "--wire", "limit", "--port", str(port), "--events", "20",
                "--units", "haining/xiashi"]
        harness.until(lambda: subprocess.run(load, capture_output=True, check=False).returncode == 0, 60, "the load")
    finally:
        children = pathlib.Path(f"/proc/{tracer.pid}/task/{tracer.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), 15)
        tracer.wait(20)
    return order.check(path.read_text(errors="replace").splitlines())


def check_servers():
    """20 records: an honest server passes, one that answers first is caught each time."""
    with tempfile.TemporaryDirectory() as folder:
        honest = trace_limit(pathlib.Path(folder))
        assert (honest.checked, honest.early) == (20, []), (honest.checked, honest.early[:1])
        early = trace_limit(pathlib.Path(folder), "early")
        assert (early.checked, len(early.early)) == (20, 20), (early.checked, early.early[:1])


assert shutil.which("strace"), "strace is needed: scripts/install-packages bench"
check_traces()
check_servers()
print(f"{len(TRACES) + 2} passed, 0 failed")
