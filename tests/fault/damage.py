"""Damage to files: one flipped bit in every kind of page, a cut tail, a log cut at the end of an earlier commit.

    for what, apply in damage.kinds(path, random.Random(7)):
        apply(path)

Each `what` says in words what is done; `apply` does it to a file of the same content.
"""
import os
import struct

PAGE_KINDS = {2: "index node", 5: "table node", 10: "index leaf", 13: "table leaf"}  # sqlite.org/fileformat.html, 1.6
WAL_HEADER, FRAME_HEADER = 32, 24
WITNESS_SLOT = 96  # common/journal/witness.h


def flip(offset, bit):
    def apply(path):
        with open(path, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 1 << bit]))
    return apply


def cut(size):
    return lambda path: os.truncate(path, size)


def remove(path):
    path.unlink()


def flips(dice, places):
    """A flip somewhere in each of the places (name, begin, end)."""
    for name, begin, end in places:
        offset, bit = dice.randrange(begin, end), dice.randrange(8)
        yield f"bit {bit} of byte {offset} ({name}) flipped", flip(offset, bit)


# ---- where ----

def database_places(content, dice):
    """The header, and for each kind of page one page's header and one place in its middle."""
    size = struct.unpack(">H", content[16:18])[0]
    size = 65536 if size == 1 else size
    by_kind = {}
    for number in range(len(content) // size):
        at = number * size
        kind = PAGE_KINDS.get(content[at + (100 if number == 0 else 0)], "other page")
        by_kind.setdefault("first page" if number == 0 else kind, []).append(at)
    places = [("file header", 0, 100)]
    for kind, pages in sorted(by_kind.items()):
        at = dice.choice(pages)
        begin = at + (100 if at == 0 else 0)
        used = at + (struct.unpack(">H", content[begin + 5:begin + 7])[0] or size) if kind != "other page" else begin
        places += [(f"{kind} {at // size + 1}, its header", begin, begin + 8),
                   (f"{kind} {at // size + 1}, its rows", min(used, at + size - 1), at + size)]
    return places


def log_places(content, dice):
    """The log's header, a frame's header and its page: of one at random and of the last."""
    if len(content) <= WAL_HEADER:
        return []
    size = struct.unpack(">I", content[8:12])[0]
    frames = (len(content) - WAL_HEADER) // (FRAME_HEADER + size)
    places = [("log header", 0, WAL_HEADER)]
    for number in {dice.randrange(frames), frames - 1}:
        at = WAL_HEADER + number * (FRAME_HEADER + size)
        places += [(f"frame {number + 1} of {frames}, its header", at, at + FRAME_HEADER),
                   (f"frame {number + 1} of {frames}", at + FRAME_HEADER, at + FRAME_HEADER + size)]
    return places


def commits(content):
    """The sizes at which the log ends behind a whole commit, rising: what is left is a valid log."""
    size = struct.unpack(">I", content[8:12])[0] if len(content) > WAL_HEADER else 0
    found = []
    for end in range(WAL_HEADER + FRAME_HEADER + size, len(content) + 1, FRAME_HEADER + size) if size else ():
        header = end - FRAME_HEADER - size
        same = content[header + 8:header + 16] == content[16:24]  # of this turn of the log
        if same and struct.unpack(">I", content[header + 4:header + 8])[0]:
            found.append(end)
    return found


# ---- all of it ----

def kinds(path, dice):
    """(words, function) of everything that is done to this file."""
    content = path.read_bytes()
    if path.suffix == ".db":
        yield from flips(dice, database_places(content, dice))
    elif path.name.endswith("-wal"):
        yield from flips(dice, log_places(content, dice))
        ends = commits(content)
        if len(ends) > 1:
            end = dice.choice(ends[:-1])
            yield f"cut to {end} of {len(content)} bytes, behind an earlier commit", cut(end)
            yield f"cut to {ends[-2]} of {len(content)} bytes, without the last commit", cut(ends[-2])
    elif path.suffix == ".witness":
        yield from flips(dice, [("first slot", 0, WITNESS_SLOT), ("second slot", 4096, 4096 + WITNESS_SLOT)])
    elif content:
        yield from flips(dice, [("somewhere", 0, len(content))])
    if content:
        size = dice.randrange(len(content))
        yield f"cut to {size} of {len(content)} bytes", cut(size)
    yield "removed", remove
