#!/usr/bin/python3
"""The table of the comparison: what acknowledged too early is neither measured nor printed, and targets can be missed."""
import contextlib
import io
import pathlib
import sys
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import measures  # noqa: E402
import peers  # noqa: E402
import rows  # noqa: E402


def figures(rate):
    return {"stored": rate, "rate": rate, "p50": 100.0, "p99": 200.0}


def printed(work):
    """What `work` printed."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        work()
    return output.getvalue()


def check_verdicts():
    least, most = rows.Target("rate", 2), rows.Target("p50", most=1.3)
    assert rows.verdict(least, {"rate": 200}, {"rate": 100}) == (2, "to reach: at least 2: reached")
    assert rows.verdict(least, {"rate": 199}, {"rate": 100}) == (1.99, "to reach: at least 2: NOT reached")
    assert rows.verdict(most, {"p50": 130}, {"p50": 100}) == (1.3, "to reach: at most 1.3: reached")
    assert rows.verdict(most, {"p50": 131}, {"p50": 100})[1].endswith("NOT reached")
    assert rows.verdict(least, None, {"rate": 100})[0] is None


def check_medians():
    assert rows.medians([{"rate": 1, "p50": 3}, {"rate": 9, "p50": 1}, {"rate": 2}]) == {"rate": 2}


def check_early(early, shown, hidden):
    """Runs a row of four contenders of which those of `early` answered before their sync."""
    calls = []

    def contender(name, rate):
        return rows.Contender(name, lambda: calls.append(name) or figures(rate))

    row = rows.Row("one", "a row", [contender("Redis", 1000), contender(rows.OURS, 2000),
                                    contender(rows.OURS + ", libzmq clients, CURVE", 3000),
                                    contender("Redis, twice", 4000)], "Redis",
                   [rows.Target("rate", 1.5)])
    quiet = types.SimpleNamespace(forget=lambda: None)
    house = types.SimpleNamespace(plain=None, redis=quiet, postgres=quiet)
    found, rounds = peers.measure_rounds([row], house, 2, 0, early)
    text = printed(lambda: peers.print_row(row, found["one"]))
    assert rounds == 2
    for rate in shown:
        assert f"{rate:,}" in text, text
    for rate in hidden:
        assert f"{rate:,}" not in text, text
    assert len(calls) == 2 * len(shown), calls
    return text


measures.disk = lambda *_: (figures(1), figures(1))
check_verdicts()
check_medians()
assert "2.00; to reach: at least 1.5: reached" in check_early(set(), [1000, 2000, 3000, 4000], [])
assert "reached" not in check_early({"潮讯"}, [1000, 3000, 4000], [2000])
assert "reached" not in check_early({"Redis"}, [2000, 3000], [1000, 4000])
check_early({"潮讯, CURVE"}, [1000, 2000, 4000], [3000])
print("6 passed, 0 failed")
