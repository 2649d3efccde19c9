#!/usr/bin/python3
"""The 150 real activities through the CSV door: the live totals are the sums that were added up by hand.

The figures below were added up from scripts/data/real-activities.csv. The minutes hold the seven sums that the file
states (9.5+9+7+82+13+37+9.5 hours) and, as 约, headcount times length of the nineteen rows that give both.
"""
import harness

ATTENDANCES = {"value": 8459, "exact": 40, "at_least": 17, "below": 3, "about": 0, "mark": "约"}
MINUTES = {"value": 41520, "exact": 7, "at_least": 0, "below": 0, "about": 19, "mark": "约"}
MEASURES = {
    ("发放宣传资料", "份"): {"value": 4090000, "exact": 1, "at_least": 3, "below": 0, "about": 0, "mark": "≥"},
    ("清理卫生死角", "处"): {"value": 25000, "exact": 1, "at_least": 1, "below": 0, "about": 0, "mark": "≥"},
    ("发放宣传材料", "份"): {"value": 2200000, "exact": 0, "at_least": 2, "below": 0, "about": 0, "mark": "≥"},
    ("清除垃圾重量", "吨"): {"value": 2000, "exact": 0, "at_least": 0, "below": 0, "about": 1, "mark": "约"},
    ("覆盖居民", "户"): {"value": 12000000, "exact": 1, "at_least": 0, "below": 0, "about": 0, "mark": ""},
    ("清理垃圾", "袋"): {"value": 10000, "exact": 0, "at_least": 1, "below": 0, "about": 0, "mark": "≥"},
    ("清理垃圾", "车"): {"value": 10000, "exact": 0, "at_least": 1, "below": 0, "about": 0, "mark": "≥"},
}


def check_whole(chaoxun):
    status, answer = chaoxun.http("GET", "/api/v1/totals")
    assert status == 200, answer
    row = answer["rows"][0]
    assert (row["activities"], row["reports"], row["undated"], row["demo"]) == (150, 150, 61, 150), row
    assert row["attendances"] == ATTENDANCES, row["attendances"]
    assert row["minutes"] == MINUTES, row["minutes"]
    measures = {(measure["name"], measure["unit"]): measure["sum"] for measure in row["measures"]}
    for name, expected in MEASURES.items():
        assert measures[name] == expected, (name, measures.get(name))


def check_parts(chaoxun):
    """Squads and programmes each add up to the whole."""
    for by in ("squad", "programme", "month", "squad,programme"):
        rows = chaoxun.http("GET", f"/api/v1/totals?by={by}")[1]["rows"]
        if by == "squad":
            rows = [row for row in rows if row["unit"].count("/") == 1]
            assert len(rows) == 14, [row["unit"] for row in rows]
        elif "squad" in by:
            rows = [row for row in rows if row["unit"].count("/") == 1]
        for figure in ("attendances", "minutes"):
            total = sum(row[figure]["value"] for row in rows)
            assert total == (ATTENDANCES if figure == "attendances" else MINUTES)["value"], (by, figure, total)


def main():
    with harness.Instance(demo=True) as chaoxun:
        check_whole(chaoxun)
        check_parts(chaoxun)
        again = chaoxun.command("import", harness.DEMO)
        assert again.returncode == 0, again.stdout + again.stderr
        check_whole(chaoxun)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
