#!/usr/bin/python3
"""Who may include whom: proto only itself, arena and errors; common never a service; services never each other."""
import re

import sources

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
FOUNDATION = ("common/arena.h", "common/error.h")


def is_allowed(includer, included):
    layer = includer.parts[0]
    if layer == "proto" or str(includer.with_suffix(".h")) in FOUNDATION:
        return included.startswith("proto/") or included in FOUNDATION
    if layer == "common":
        return included.startswith(("proto/", "common/"))
    if layer == "services":
        own = f"services/{includer.parts[1]}/"
        return included.startswith(("proto/", "common/", own))
    return True


def offences_of(includer, text):
    for included in INCLUDE.findall(text):
        if not is_allowed(includer, included):
            yield f"{includer}: must not include {included}"
        # Generated files stand in the build folder, under the path of what they were made from.
        elif not any((root / included).is_file() for root in (sources.ROOT, sources.BUILD)):
            yield f"{includer}: {included} is not a path from the root"


assert list(offences_of(sources.pathlib.Path("proto/codec.c"), '#include "common/journal.h"\n'))
assert list(offences_of(sources.pathlib.Path("common/bus.c"), '#include "services/intake/admit.h"\n'))
assert list(offences_of(sources.pathlib.Path("services/portal/door.c"), '#include "services/intake/admit.h"\n'))

paths = sources.with_suffix(".c", ".h", ".def")
offences = [offence for path in paths
            for offence in offences_of(path, (sources.ROOT / path).read_text(encoding="utf-8"))]
sources.report(offences, f"{len(paths)} files")
