"""A stand-in for the notifier: it speaks its doors by the contract (proto/tables/outbox.h) and says what a test wants said.

States that a real gateway only reaches by accident (unknown, held, expired) are shown to the command by this.
"""
import threading

import msgpack
import zmq

import harness

POSITION = "00000000000000aa.1.{}.00000000000000bb"


class NotifierPeer:
    """Answers OUTBOX by `answers`: verb -> function(query) -> (verb, answer). Use it in a `with` statement."""

    def __init__(self, chaoxun, answers):
        self.answers = answers
        self.asked = []
        self.context = zmq.Context()
        outbox, notices = (f"ipc://{chaoxun.data}/run/peer-{name}.ipc" for name in ("outbox", "notices"))
        self.options = [f"--endpoint.outbox={outbox}", f"--endpoint.notices={notices}"]
        self.door = self._bind(chaoxun, zmq.ROUTER, outbox)
        self.bell = self._bind(chaoxun, zmq.XPUB, notices)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._serve)

    def _bind(self, chaoxun, kind, endpoint):
        made = self.context.socket(kind)
        made.linger = 0
        made.curve_server = True
        made.curve_publickey, made.curve_secretkey = chaoxun.key("notifier.pub"), chaoxun.key("notifier.key")
        made.bind(endpoint)
        return made

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
        self.door.close()
        self.bell.close()
        self.context.term()

    def _serve(self):
        while not self.stopped.is_set():
            if self.door.poll(20):
                peer, _, verb, correlation, payload = self.door.recv_multipart()[:5]
                query = msgpack.unpackb(payload)
                self.asked.append((verb.decode(), query))
                answer, content = self.answers[verb.decode()](query)
                self.door.send_multipart([peer, b"CX1", answer.encode(), correlation, msgpack.packb(content)])

    def ring(self, unit, seq):
        """Tells of a notice, once somebody has subscribed."""
        harness.until(lambda: self.bell.poll(0), 10, "a subscription")
        self.bell.send_multipart([unit.encode(), b"CX1", POSITION.format(seq).encode()])


def refusal(code, text, chinese):
    return "error", {"code": code, "text": text, "text_zh": chinese}


def preview(units, title="高温提醒", text="今明两天高温", parts=1, parts_max=10, sends=True):
    """A preview answer; `units` are (path, name, people, sms, email)."""
    shown = f"【海宁城管志愿】{title}：{text}"
    rows = [dict(zip(("unit", "name", "people", "sms", "email"), row)) for row in units]
    sums = {field: sum(row[field] for row in rows) for field in ("people", "sms", "email")}
    return "preview", {"as_of": POSITION.format(7), "sms_text": shown, "sms_characters": len(shown), "sms_parts": parts,
                       "sms_parts_max": parts_max, "sms_sends": sends, "email_sends": sends, "units": rows} | sums


def notice(identity, seq=7, rows=(), complete=False, **fields):
    """A notice entry whose sums follow from the rows."""
    counts = {}
    for row in rows:
        counts[row["channel"], row["state"]] = counts.get((row["channel"], row["state"]), 0) + 1
    return {"id": identity, "seq": seq, "unit": "haining", "units": ["haining/xucun", "haining/xiashi"],
            "received_at": 1795397400000, "source": "account:office", "title": "高温提醒", "text": "今明两天高温\n请改期",
            "complete": complete,
            "counts": [{"channel": channel, "state": state, "count": count}
                       for (channel, state), count in counts.items()]} | fields


def row(person, channel, state, attempts=1, **fields):
    return {"person": person, "unit": "haining/xucun", "unit_name": "许村志愿中队", "channel": channel, "state": state,
            "since": 1795397405000, "attempts": attempts} | fields


def status(entry, rows, parts=1):
    return "notice", {"as_of": POSITION.format(9), "notice": entry, "parts": parts, "rows": list(rows)}
