"""A power cut, played after a process was killed: what the shim recorded (tests/fault/shim/record.h) and no sync made
durable is taken back, and a part of it, chosen by chance, done again: some writes, and of some only sectors.

    intake.environment |= shim.environment(record=True, call="sync", nth=40, error="KILL")
    ...                                   # it runs, and dies
    lost = power.cut(shim, random.Random(7))
"""
import collections
import os
import pathlib
import shutil
import struct

SECTOR = 512
ROW = struct.Struct("<IIQQQQQ")
WRITE, SIZE, MADE, REMOVED, RENAMED, SYNC_BEGIN, SYNCED = range(1, 8)
NAMES = MADE, REMOVED, RENAMED

Change = collections.namedtuple("Change", "number kind file offset old_size old new")


def changes(record):
    """All rows; a last one that is cut off was not done."""
    data = (pathlib.Path(record) / "changes").read_bytes()
    at = number = 0
    while at + ROW.size <= len(data):
        kind, _, file, offset, old_size, old, new = ROW.unpack_from(data, at)
        at += ROW.size
        if at + old + new > len(data):
            break
        yield Change(number, kind, file, offset, old_size, data[at:at + old], data[at + old:at + old + new])
        at += old + new
        number += 1


def unsynced(record):
    """What is not known to be durable, in order; of each file it is what came last."""
    pending = []
    for change in changes(record):
        if change.kind == SYNCED:
            pending = [one for one in pending if one.file != change.file or one.number > change.offset]
        elif change.kind != SYNC_BEGIN:
            pending.append(change)
    return pending


class Disk:
    """The files of a state directory after the kill, by inode: also those that lost their name."""

    def __init__(self, shim):
        self.record = shim.record
        self.stash = shim.record / "made"
        self.stash.mkdir()
        self.paths = {}
        for folder in (shim.record, shim.state):
            for path in folder.rglob("*"):
                self.paths[path.stat().st_ino] = path

    def open(self, change):
        return os.open(self.paths[change.file], os.O_RDWR)

    def moved(self, path, to):
        """A name goes elsewhere, with all below it."""
        os.rename(path, to)
        for inode, known in self.paths.items():
            if known == path or path in known.parents:
                self.paths[inode] = to / known.relative_to(path)

    # ---- back ----

    def undo(self, change):
        if change.kind in NAMES:
            self.undo_name(change)
            return
        file = self.open(change)
        if change.kind == WRITE:
            os.pwrite(file, change.old, change.offset)
            os.ftruncate(file, change.old_size)
        else:
            os.ftruncate(file, change.old_size)
            os.pwrite(file, change.old, change.offset)
        os.close(file)

    def undo_name(self, change):
        names = [pathlib.Path(os.fsdecode(name)) for name in change.new.split(b"\0")]
        if change.kind == MADE:
            if names[0].exists():  # else it died before it was made
                self.moved(names[0], self.stash / str(change.number))
            return
        if change.kind == RENAMED and not names[0].exists():
            self.moved(names[1], names[0])
        if change.old and not names[-1].exists():
            os.link(self.record / os.fsdecode(change.old), names[-1])

    # ---- and again ----

    def redo(self, change, sectors=None):
        """Does it again; of a write only those sectors for which `sectors` says so."""
        if change.kind in NAMES:
            self.redo_name(change)
            return
        file = self.open(change)
        if change.kind == SIZE:
            os.ftruncate(file, change.offset)
        for begin, part in split(change) if change.kind == WRITE else ():
            if sectors is None or sectors(begin):
                os.pwrite(file, part, begin)
        os.close(file)

    def redo_name(self, change):
        names = [pathlib.Path(os.fsdecode(name)) for name in change.new.split(b"\0")]
        if change.kind == MADE:
            stashed = self.stash / str(change.number)
            if stashed.exists():
                self.moved(stashed, names[0])
        elif change.kind == REMOVED:
            names[0].unlink(missing_ok=True)
        elif names[0].exists():
            self.moved(*names)


def split(change):
    """The parts of a write that lie in one sector each: (offset, bytes)."""
    end = change.offset + len(change.new)
    begin = change.offset
    while begin < end:
        until = min(end, (begin // SECTOR + 1) * SECTOR)
        yield begin, change.new[begin - change.offset:until - change.offset]
        begin = until


def tear(change, chance):
    """Which sectors of a write got onto the disk: those before a place, those behind it, or some."""
    place = change.offset + chance.randrange(len(change.new) + 1)
    how = chance.randrange(3)
    chosen = {begin for begin, _ in split(change) if chance.random() < 0.5}
    return (lambda begin: begin < place, lambda begin: begin >= place, lambda begin: begin in chosen)[how]


def survivors(pending, chance, share):
    """(change, sectors or None) of what got onto the disk all the same: of names the first ones, since file systems keep
    them in order; of contents any, and of the last of them a part."""
    names = [change for change in pending if change.kind in NAMES]
    contents = [change for change in pending if change.kind not in NAMES]
    stay = set(change.number for change in names[:chance.randint(0, len(names)) if share < 1 else len(names)])
    if share == 0:
        stay.clear()
    stay |= {change.number for change in contents if chance.random() < share}
    torn = None
    writes = [change for change in contents if change.kind == WRITE and change.new]
    if writes and 0 < share < 1:
        torn = writes[-1]
        stay.add(torn.number)
    return [(change, tear(change, chance) if change is torn else None)
            for change in pending if change.number in stay]


def cut(shim, chance, share=None):
    """Plays the cut: nothing unsynced survives, or all of it, or a share. Returns how many changes were lost."""
    if share is None:
        share = chance.choice((0, 0, 0.2, 0.5, 0.5, 0.8, 1))
    pending = unsynced(shim.record)
    disk = Disk(shim)
    for change in reversed(pending):
        disk.undo(change)
    stay = survivors(pending, chance, share)
    for change, sectors in stay:
        disk.redo(change, sectors)
    for path in shim.state.glob("*-shm"):  # derived: whatever is in it, and also when it is gone
        if chance.random() < 0.5:
            path.unlink()
    shutil.rmtree(shim.record)
    return len(pending) - len(stay)
