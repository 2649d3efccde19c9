"""The shim (tests/fault/shim/plan.h) around one service of a test: what it is told, and what it counted.

    shim = shim_process.Shim(folder / "intake")
    intake.environment |= shim.environment(call="sync", nth=17, error="EIO")
    intake.start(wait=False)
    ...
    assert shim.fired() == 1
"""
import pathlib
import shutil
import struct

import fault_build

CALLS = ("write", "sync", "folder", "open", "truncate", "allocate", "rename", "unlink", "memory")
LIBRARY = fault_build.FOLDER / "lib/chaoxun-shim.so"


class Shim:
    """Meant are the files of one state directory; what the shim needs itself lies beside it."""

    def __init__(self, state):
        self.state = pathlib.Path(state)
        self.count = self.state.with_name(self.state.name + ".count")
        self.record = self.state.with_name(self.state.name + ".record")
        self.gate = self.state.with_name(self.state.name + ".faulty")

    def environment(self, record=False, gate=False, **words):
        """Environment for a start of the service, which counts from zero; with `gate`, faults happen until open_gate()."""
        self.count.unlink(missing_ok=True)
        words = {"path": f"{self.state}/", "count": self.count} | words
        if record:
            shutil.rmtree(self.record, ignore_errors=True)
            self.record.mkdir()
            words["record"] = self.record
        if gate:
            self.gate.touch()
            words["while"] = self.gate
        said = " ".join(f"{name}={value}" for name, value in words.items())
        return {"LD_PRELOAD": str(LIBRARY), "CHAOXUN_SHIM": said}

    def open_gate(self):
        """The faults are over."""
        self.gate.unlink()

    def counts(self):
        """How often each call was made, by its name; `fired`: how often it failed as told."""
        if not self.count.exists() or self.count.stat().st_size == 0:
            return dict.fromkeys((*CALLS, "fired"), 0)
        return dict(zip((*CALLS, "fired"), struct.unpack(f"<{len(CALLS) + 1}Q", self.count.read_bytes())))

    def fired(self):
        return self.counts()["fired"]
