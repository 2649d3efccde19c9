"""The journal as a reader with the right sees it, over the stream: heads, sides and the chain, checked here.

    journal = journal_stream.read(chaoxun)     # a running harness.Instance; up to the head of now
    journal.events[0]["side"]                  # absent where it has none, or none any more

The file of a journal that is in use, or that was not closed in order, does not hold all of it.
"""
import msgpack

import recount

CREDIT = 512
WAIT_MS = 60_000


def receive(socket, *verbs):
    if not socket.poll(WAIT_MS):
        raise TimeoutError(f"no {' or '.join(verbs)} within {WAIT_MS} ms")
    _, verb, _, payload = socket.recv_multipart()
    assert verb.decode() in verbs, (verb, payload)
    return msgpack.unpackb(payload)


def blocks(chaoxun):
    """(the journal's number, blocks) up to the head of now."""
    socket = chaoxun.socket("stream")
    socket.send_multipart([b"CX1", b"open", b"1", msgpack.packb({"position": "", "credit": CREDIT, "side": True})])
    journal, _, head, _ = receive(socket, "opened")["position"].split(".")
    found = []
    while not found or found[-1]["first"] + found[-1]["count"] - 1 < int(head):
        found.append(receive(socket, "block"))
        if len(found) % (CREDIT // 2) == 0:
            socket.send_multipart([b"CX1", b"credit", b"", msgpack.packb({"credit": CREDIT // 2})])
    socket.close()
    return int(journal, 16), found


def sides(block):
    """(salt, side) or None of each event of a block."""
    return msgpack.unpackb(block["side"]) if "side" in block else [None] * block["count"]


def add_sides(event, salted):
    """The event with its side, which must be the one that its head commits to."""
    if salted is None:
        return event
    salt, side = salted
    if recount.sha256(salt, msgpack.packb(side)) != event.get("side_hash"):
        raise recount.Damaged(f"the side of {event['seq']} is not what its head commits to")
    return event | {"side": side}


def checked(number, found):
    """A recount.Journal of the blocks, whose events have their sides."""
    rows = [(block["first"], block["count"], block["epoch"], block["head"], block["hash"]) for block in found]
    journal = recount.Journal(blocks=(number, rows))
    salted = [entry for block in found for entry in sides(block)]
    journal.events = [add_sides(event, entry) for event, entry in zip(journal.events, salted, strict=True)]
    return journal


def read(chaoxun):
    return checked(*blocks(chaoxun))
