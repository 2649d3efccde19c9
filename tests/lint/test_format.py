#!/usr/bin/python3
"""clang-format has nothing to change in any C file; tables keep one row a line and are left out."""
import subprocess

import sources

files = [path for path in sources.with_suffix(".c", ".h") if "tables" not in path.parts]
result = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], cwd=sources.ROOT, check=False,
                        capture_output=True, text=True)
named = {line.split(":")[0] for line in result.stderr.splitlines() if "-Wclang-format-violations" in line}
offences = [f"clang-format -i {name}" for name in sorted(named)]
if result.returncode != 0 and not offences:
    offences = [result.stderr]
sources.report(offences, f"{len(files)} files")
