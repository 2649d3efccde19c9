#!/usr/bin/python3
"""Whether a server acknowledged before it synced, by what strace wrote of it.

    order.py FILE    prints how many replies were checked and names the first that came too early

The trace is of one client that sends one request at a time (`strace -f -yy`). A request is what came in from a TCP
socket since the last reply on it, REQUEST_BYTES or more: handshakes are shorter. Its reply is the next thing sent on
the same socket. It is durable when, after the request was read, something was written to a file, a sync of that file
began after the write had returned, and it returned 0 before the reply was handed to the kernel. A reply counts from the
moment its call began, everything else from the moment it returned.
"""
import collections
import re
import sys

CALLS = {
    "read": "receive", "readv": "receive", "recvfrom": "receive", "recvmsg": "receive",
    "write": "send", "writev": "send", "sendto": "send", "sendmsg": "send",
    "pwrite64": "store", "pwritev": "store", "pwritev2": "store",
    "fsync": "sync", "fdatasync": "sync",
}
REQUEST_BYTES = 400
BEGINS = re.compile(r"^(\d+)\s+(\w+)\(\d+<(.*)$")
RESUMES = re.compile(r"^(\d+)\s+<\.\.\. (\w+) resumed>")
RESULT = re.compile(r"\)\s+= (-?\d+)")
# ZeroMQ's signs of life: by their words, or encrypted and shorter than any receipt.
HEARTBEAT = ("\\4PING", "\\4PONG")
ENCRYPTED = "\\7MESSAGE"
HEARTBEAT_BYTES = 64
SENT_BYTES = re.compile(r'"(?:\.\.\.)?, (\d+)[,)]')

Call = collections.namedtuple("Call", "kind place text")


class Order:
    """Follows a trace line by line; `checked` replies, `early` as sentences."""

    def __init__(self):
        self.line = 0
        self.checked = 0
        self.early = []
        self._unfinished = {}  # by thread: the call that has begun and the line where it did
        self._received = collections.Counter()  # bytes since the last reply, by socket
        self._request = {}  # line at which the request had been read, by socket
        self._written = {}  # lines at which a write had returned, the last by file
        self._synced = collections.Counter()  # line of the last write that is durable, by file

    def feed(self, text):
        """One line of the trace."""
        self.line += 1
        begins = BEGINS.match(text)
        resumes = RESUMES.match(text)
        if begins and begins[2] in CALLS:
            place = begins[3]
            call = Call(CALLS[begins[2]], place[:place.find(">, ") if ">, " in place else place.find(">")], text)
            self._begin(begins[1], call)
            if "<unfinished ...>" not in text:
                self._end(begins[1], text)
        elif resumes:
            self._end(resumes[1], text)

    def _begin(self, thread, call):
        self._unfinished[thread] = (call, self.line, self._written.get(call.place, 0))
        if call.kind == "send" and is_socket(call.place):
            self._reply(call)

    def _end(self, thread, text):
        call, _, written = self._unfinished.pop(thread, (None, 0, 0))
        result = RESULT.search(text[text.rfind(")"):] if ")" in text else text)
        if call is None or not result or int(result[1]) < 0:
            return
        if call.kind == "receive" and is_socket(call.place):
            self._receive(call.place, int(result[1]))
        elif call.kind in ("send", "store") and is_file(call.place):
            self._written[call.place] = self.line
        elif call.kind == "sync":
            self._synced[call.place] = max(self._synced[call.place], written)

    def _receive(self, socket, count):
        self._received[socket] += count
        if self._received[socket] >= REQUEST_BYTES:
            self._request.setdefault(socket, self.line)

    def _reply(self, call):
        if is_heartbeat(call.text):
            return
        self._received[call.place] = 0
        request = self._request.pop(call.place, None)
        if request is None:
            return
        self.checked += 1
        if not any(written > request for written in self._synced.values()):
            self.early.append(f"line {self.line}: the reply to the request of line {request} was sent before it was "
                              f"durable: {call.text.strip()[:120]}")


def is_heartbeat(text):
    length = SENT_BYTES.search(text)
    small = length and int(length[1]) < HEARTBEAT_BYTES
    return any(word in text for word in HEARTBEAT) or (ENCRYPTED in text and small)


def is_socket(place):
    return place.startswith("TCP")


def is_file(place):
    return place.startswith("/") and not place.startswith(("/dev/", "/proc/"))


def check(lines):
    """The Order after the whole trace."""
    order = Order()
    for text in lines:
        order.feed(text)
    return order


def main():
    with open(sys.argv[1], encoding="utf-8", errors="replace") as trace:
        order = check(trace)
    print(f"{order.checked} replies checked, {len(order.early)} too early")
    for sentence in order.early[:1]:
        print(sentence)
    sys.exit(1 if order.early or not order.checked else 0)


if __name__ == "__main__":
    main()
