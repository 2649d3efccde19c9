"""A small 潮讯 that has done something of everything, stopped by SIGTERM and by kill -9.

    with notifier_process.SendSms() as gateway:
        data = damaged_house.prepare(folder, gateway)     # {"stopped": path, "killed": path}
"""
import contextlib
import os
import pathlib
import shutil
import sqlite3
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "flow")]
import harness
import notifier_process
from damaged_service import ACCOUNT, PASSWORD

SQUADS = ["haining/xiashi", "haining/xucun", "haining/maqiao"]
RESERVE = 65536


def fill(chaoxun):
    """Reports, amended ones, contacts, notices that were sent, an account whose password was changed."""
    reports = [harness.report(SQUADS[number % 3], {"title": f"河道清理第{number}次"}, attendances=number + 5,
                              measures=[{"name": "清运垃圾", "quantity": 1000 + number, "unit": "吨"}]) for number in range(72)]
    for start in range(0, len(reports), 6):
        stored(chaoxun.submit(reports[start:start + 6]))
    stored(chaoxun.submit([harness.event("report.amended", one["unit"], one["body"] | {
        "amends": one["id"], "attendances": 40}, one["side"] | {"reason": "清点后更正"}) for one in reports[:9]]))
    stored(chaoxun.submit([notifier_process.contact(unit, f"P-{number}", f"队长{number}", f"1380013800{number}")
                           for number, unit in enumerate(SQUADS)]))
    stored(chaoxun.submit(harness.event("account.set", "haining/xiashi", {"account": ACCOUNT, "role": "squad"})))
    for password in (PASSWORD + "-old", PASSWORD):
        status, answer = chaoxun.http("PUT", f"/api/v1/users/{ACCOUNT}/password", {"password": password})
        assert status == 204, answer
    for number in range(3):
        stored(chaoxun.submit(harness.event("notice.issued", "haining", {"units": ["haining"]},
                                            {"title": f"高温{number}", "text": "今日停止户外活动"})))


def stored(receipts):
    assert all(receipt["status"] == "stored" for receipt in receipts), receipts


def accepted(data):
    path = data / "notifier/notifier.db"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
    with contextlib.closing(connection):
        rows = connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
        open_tellings = connection.execute("SELECT count(*) FROM tellings").fetchone()[0]
    return dict(rows) == {"accepted": 9} and not open_tellings


def copy(data, to):
    shutil.copytree(data, to, ignore=shutil.ignore_patterns("run", "chaoxun.log*"), symlinks=True)
    return to


def prepare(folder, gateway):
    """Two stopped copies of the same 潮讯: {"stopped": data, "killed": data}."""
    secret = folder / "sms.password"
    secret.touch(mode=0o600)
    secret.write_text("secret\n")
    chaoxun = harness.Instance(f"--reserve-bytes={RESERVE}", environment={
        "CHAOXUN_SMS_URL": gateway.url, "CHAOXUN_SMS_USER": "chaoxun", "CHAOXUN_SMS_PASSWORD_FILE": str(secret)})
    # A port is free for others while it is stopped; these are not.
    chaoxun.settings.write_text("[endpoint]\n" + "".join(f"{door} = ipc://{folder}/{door}.ipc\n"
                                                        for door in ("submit", "live", "notices")))
    try:
        chaoxun.start()
        fill(chaoxun)
        harness.until(lambda: accepted(chaoxun.data), 30, "the end of the messages")
        harness.until(lambda: chaoxun.command("status").returncode == 0, 30, "readiness")
        # A save of the figures under way is let through.
        harness.until(lambda: saved(chaoxun), 30, "the figures in their file")
        for pid in chaoxun.pids().values():
            os.kill(pid, 9)
        chaoxun.stop(9)
        killed = copy(chaoxun.data, folder / "killed")
        chaoxun.start()
        chaoxun.stop()
        return {"stopped": copy(chaoxun.data, folder / "stopped"), "killed": killed}
    finally:
        chaoxun.close()


def saved(chaoxun):
    head = chaoxun.ask(chaoxun.socket("submit"), "head")[1]["position"]
    connection = sqlite3.connect(f"file:{chaoxun.data}/aggregator/aggregator.db?mode=ro", uri=True, timeout=20)
    with contextlib.closing(connection):
        row = connection.execute("SELECT bytes FROM pages ORDER BY place DESC LIMIT 1").fetchone()
    return row and int.from_bytes(row[0][32:40], "little") == int(head.split(".")[2])
