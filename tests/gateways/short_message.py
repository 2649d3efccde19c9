"""Short messages as a centre receives them: text out of octets, and long ones joined from their parts.

A long text travels in parts, each with a user data header (3GPP TS 23.040, 9.2.3.24.1) of reference, count and number.
Kannel cuts at octet 134 without looking: a character outside the BMP (𠮷, 㐂 is inside) may have one half of its
surrogate pair in each part, so parts are joined before they are decoded.
"""
import collections

CONCATENATION_8 = 0x00
CONCATENATION_16 = 0x08

# sender and recipient as the centre got them; text is str; parts is how many short messages it was.
Message = collections.namedtuple("Message", "sender recipient text parts")

# One short message. `header` is the user data header, empty when there is none; `ucs2` says how to read the octets.
Part = collections.namedtuple("Part", "sender recipient header octets ucs2")


def concatenation(header):
    """(reference, count, number) of a part, (None, 1, 1) of a message that is whole."""
    at = 1
    while at + 1 < len(header):
        kind, length = header[at], header[at + 1]
        content = header[at + 2:at + 2 + length]
        if kind == CONCATENATION_8 and length == 3:
            return content[0], content[1], content[2]
        if kind == CONCATENATION_16 and length == 4:
            return int.from_bytes(content[:2], "big"), content[2], content[3]
        at += 2 + length
    return None, 1, 1


def decoded(octets, ucs2):
    """Readable text; what cannot be read becomes U+FFFD, so that a comparison fails and shows it."""
    return octets.decode("utf-16-be" if ucs2 else "utf-8", errors="replace")


def joined(parts):
    """The complete messages among `parts`, in the order in which they became complete.

    The same part again begins a second message: what was sent twice is seen twice.
    """
    messages = []
    unfinished = collections.defaultdict(list)
    for part in parts:
        reference, count, number = concatenation(part.header)
        heaps = unfinished[part.sender, part.recipient, reference, count]
        heap = next((heap for heap in heaps if number not in heap), None)
        if heap is None:
            heap = {}
            heaps.append(heap)
        heap[number] = part
        if len(heap) == count:
            heaps.remove(heap)
            octets = b"".join(heap[one].octets for one in sorted(heap))
            messages.append(Message(part.sender, part.recipient, decoded(octets, part.ucs2), count))
    return messages
