"""The named points at which services are killed (common/failpoint.h), and giving one of them to a service.

    points = failpoints.Points(folder)
    points.environment                          # for harness.Instance
    points.arm("intake", "intake-before-commit", passes=3)
    points.fired("intake")
"""
import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSUMERS = ("aggregator", "archiver", "notifier")
STORES = ("intake", *CONSUMERS)

# `when`: run (under the clients), start (while it starts after a death), first (at the very first start), anew (while what
# is derived is made again). `needs`: what makes it come by.
Point = collections.namedtuple("Point", "name services when most needs", defaults=("run", 1, None))

POINTS = (
    Point("intake-before-commit", ("intake",), most=20),
    Point("intake-after-commit", ("intake",), most=20),
    Point("intake-before-receipt", ("intake",), most=20),
    Point("intake-before-publication", ("intake",), most=20),
    Point("intake-before-sync", ("intake",), most=20),
    Point("intake-before-witness", ("intake",), most=20),
    Point("intake-before-move", ("intake",), most=5),
    Point("intake-after-move", ("intake",), most=5),
    Point("intake-before-recycle", ("intake",), most=3),
    Point("intake-during-recovery", ("intake",), "start", most=3),
    Point("intake-inside-opening", ("intake",), "start"),
    Point("intake-before-doors", ("intake",), "start"),
    Point("intake-inside-restoration", ("intake",), "anew"),
    Point("database-inside-schema", (*STORES, "portal"), "first"),
    Point("database-before-commit", STORES, most=10),
    Point("database-after-commit", STORES, most=10),
    Point("database-before-checkpoint", STORES),
    Point("database-after-checkpoint", STORES),
    Point("database-before-truncation", ("intake", "notifier"), needs="erasure"),
    Point("database-after-truncation", ("intake", "notifier"), needs="erasure"),
    Point("consumer-inside-opening", CONSUMERS, "start"),
    Point("consumer-before-fold", CONSUMERS, most=20),
    Point("consumer-after-fold", CONSUMERS, most=20),
    Point("aggregator-before-publication", ("aggregator",), most=20),
    Point("archiver-before-swap", ("archiver",), needs="erasure"),
    Point("archiver-inside-swap", ("archiver",), needs="erasure"),
    Point("notifier-inside-gate", ("notifier",), "start"),
    Point("notifier-inside-change", ("notifier",), most=5),
    Point("notifier-after-change", ("notifier",), most=5),
    Point("notifier-before-telling", ("notifier",), most=3),
    Point("notifier-before-sending", ("notifier",), most=3),
    Point("notifier-after-sending", ("notifier",), most=3),
    Point("notifier-before-result", ("notifier",), most=3),
    Point("portal-before-submission", ("portal",), most=5),
    Point("portal-before-answer", ("portal",), most=5),
)

def in_sources():
    """Every name that a source passes by."""
    found = set()
    for folder in ("common", "proto", "services"):
        for path in (ROOT / folder).rglob("*.[ch]"):
            found.update(re.findall(r'\bFAILPOINT\("([^"]+)"\)', path.read_text()))
    return found


def of(*when):
    """(service, point) of all that come by at such a time."""
    return [(service, point) for point in POINTS if point.when in when for service in point.services]


class Points:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.environment = {"CHAOXUN_FAILPOINTS": str(self.folder)}

    def _file(self, service):
        return self.folder / f"chaoxun-{service}"

    def arm(self, service, name, passes=1, micros=0):
        """It dies at the point, the `passes`th time, or `micros` µs later; whole for who reads it meanwhile."""
        new = self.folder / "new"
        new.write_text(f"{name}:{passes}" + (f"+{micros}" if micros else ""))
        new.rename(self._file(service))

    def fired(self, service):
        return not self._file(service).exists()
