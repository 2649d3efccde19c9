#!/usr/bin/python3
"""Functions and files stay small; the check first proves that it can fail."""
import json
import pathlib
import statistics
import subprocess
import tempfile

import sources

FUNCTION_LINES = 70
MEDIAN_LINES = 12
PERCENTILE_95_LINES = 50
FILE_LINES = 400
FUNCTION_KINDS = {"function", "method", "member", "generator", "getter", "setter"}


def functions(root, paths):
    """(lines, "file:line name") of each function, by Universal Ctags."""
    if not paths:
        return []
    command = ["ctags", "--output-format=json", "--fields=+neK", "--kinds-C=f", "--kinds-Python=+fm", "-f", "-",
               *map(str, paths)]
    output = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    found = []
    for line in output.splitlines():
        tag = json.loads(line)
        if tag.get("kind") in FUNCTION_KINDS and "end" in tag:
            found.append((tag["end"] - tag["line"] + 1, f"{tag['path']}:{tag['line']} {tag['name']}"))
    return found


def too_long(found):
    return [f"{name}: {lines} lines, {FUNCTION_LINES} allowed" for lines, name in found if lines > FUNCTION_LINES]


def lines_of(path):
    return len((sources.ROOT / path).read_bytes().splitlines())


def prove_that_it_can_fail():
    for lines, offenders in ((FUNCTION_LINES, 0), (FUNCTION_LINES + 1, 1)):
        with tempfile.TemporaryDirectory() as folder:
            body = "    value++;\n" * (lines - 2)
            pathlib.Path(folder, "planted.c").write_text(f"void planted(int value) {{\n{body}}}\n")
            found = functions(folder, ["planted.c"])
            assert [length for length, _ in found] == [lines], found
            assert len(too_long(found)) == offenders, found


def main():
    prove_that_it_can_fail()
    c_functions = functions(sources.ROOT, sources.with_suffix(".c", ".h"))
    others = functions(sources.ROOT, sources.with_suffix(".ts", ".js", ".py"))
    offences = too_long(c_functions + others)

    files = [path for path in sources.tracked()
             if path.suffix in (".c", ".h", ".ts", ".js", ".py", ".sh") or sources.is_script(path)]
    sizes = {path: lines_of(path) for path in files}
    offences += [f"{path}: {lines} lines, {FILE_LINES} allowed" for path, lines in sizes.items() if lines > FILE_LINES]

    lengths = sorted(length for length, _ in c_functions)
    median = statistics.median(lengths)
    percentile = lengths[(len(lengths) * 95 + 99) // 100 - 1]
    if median > MEDIAN_LINES:
        offences.append(f"median of the functions: {median} lines, {MEDIAN_LINES} allowed")
    if percentile > PERCENTILE_95_LINES:
        offences.append(f"95th percentile of the functions: {percentile} lines, {PERCENTILE_95_LINES} allowed")
    longest = max(c_functions)
    sources.report(offences, f"{len(lengths)} C functions: median {median}, 95th percentile {percentile}, longest "
                   f"{longest[0]} ({longest[1]}); {len(files)} files, {sum(sizes.values())} lines, "
                   f"longest {max(sizes.values())}")


main()
