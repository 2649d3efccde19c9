#!/usr/bin/python3
"""Runs every command of README.md and README.zh-CN.md in a block marked sh, one after the other, against a running system.

Ports and folders are those of the instance; everything else is as a stranger would type it. The two commands of the
README run in scripts/clean-room. That the answers quoted in the README have the shape of real ones is checked too.
"""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "flow"))
import harness


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def stranger_folder(chaoxun):
    """A folder that looks like the clone after scripts/up."""
    folder = chaoxun.folder / "clone"
    (folder / "build/release").mkdir(parents=True)
    (folder / "build/release/bin").symlink_to(harness.BIN)
    (folder / "tests").symlink_to(harness.ROOT / "tests")
    (folder / "scripts").symlink_to(harness.ROOT / "scripts")
    (folder / "data").symlink_to(chaoxun.data)
    return folder


def run_shell(chaoxun, folder, script):
    """One shell as a stranger has it; returns what it said."""
    script = script.replace("http://127.0.0.1:8080", chaoxun.url).replace("tcp://127.0.0.1:5501", chaoxun.endpoint("submit"))
    environment = {key: value for key, value in os.environ.items() if key != "CHAOXUN_DATA"}
    environment |= {"CHAOXUN_CONFIG": str(chaoxun.settings), "LC_ALL": "C.UTF-8", "no_proxy": "*"}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
                          check=False)
    print(done.stdout, done.stderr)
    assert done.returncode == 0, done.returncode
    return done.stdout


def run_all(chaoxun, folder, text):
    """All blocks in one shell, each followed by a line that tells where it ends."""
    script = "set -eu\n" + "\necho '--- end of block'\n".join(blocks(text, "sh")) + "\n"
    return run_shell(chaoxun, folder, script).split("--- end of block\n")


def run_stopped(chaoxun, folder, text):
    """Blocks marked "sh stopped" are for a system that does not run."""
    chaoxun.stop()
    stopped = blocks(text, "sh stopped")
    assert stopped
    for block in stopped:
        run_shell(chaoxun, folder, "set -eu\nPATH=$PWD/build/release/bin:$PATH\n" + block)
    return len(stopped)


def expect(outputs, expected):
    """Each block says its word."""
    assert len(outputs) == len(expected), (len(outputs), len(expected))
    for output, word in zip(outputs, expected):
        assert word in output, (word, output)


def read(name):
    return (harness.ROOT / name).read_text(encoding="utf-8")


def test_english():
    text = read("README.md")
    with harness.Instance() as chaoxun:
        folder = stranger_folder(chaoxun)
        outputs = run_all(chaoxun, folder, text)
        expect(outputs, ['"stored"', '"attendances"', "≥20", "stored", "stored", "GB18030", "stored", "近1.2吨", "today is",
                         "河西社区清理牛皮癣", '"total":', "李四海", "名次", "stored", "held   held 2", '"state":"held"',
                         "21:30-06:30  set by the office", "report-overdue 2: stored", "nothing was sent",
                         "month-incomplete 2: stored", "notifier"])
        exported = (folder / "november.csv").read_bytes()
        assert exported.decode("utf-8-sig") == (folder / "november-gb18030.csv").read_bytes().decode("gb18030")
        return len(outputs) + run_stopped(chaoxun, folder, text)


def test_chinese():
    """The office's page."""
    text = read("README.zh-CN.md")
    with harness.Instance(demo=True) as chaoxun:
        folder = stranger_folder(chaoxun)
        outputs = run_all(chaoxun, folder, text)
        expect(outputs, ["haining/xucun", "13800138002", "已收到", "份报告", "参与人次", "暂缓发送 1", "存疑", "2025-04", "2026-06-05",
                         "已处置", "海宁日报", "查证地址", "没有变化 3", "收到 2", "重叠", "star-1", "已收到", "report-overdue", "未发送",
                         "办公室设定", "防汛",
                         "账号 xucun 的密码", "账号 xucun 的密码", "相符"])
        assert outputs[-1].count("就绪") == len(harness.SERVICES), outputs[-1]
        assert "清理牛皮癣" in (folder / "牛皮癣.csv").read_bytes().decode("gb18030")
        stopped = run_stopped(chaoxun, folder, text)
        kept = next(folder.glob("backup-*"))
        with harness.Instance(data=kept) as restored:
            found = restored.command("report", "list", "--limit", "1").stdout
            assert "of 150 reports" in found, found
    return len(outputs) + stopped


def main():
    count = test_english() + test_chinese()
    print(f"{count} passed, 0 failed")


if __name__ == "__main__":
    main()
