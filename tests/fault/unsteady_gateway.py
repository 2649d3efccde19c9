"""A stand-in for Kannel's HTTP door that takes most messages, refuses some, and leaves some without an answer; counts what
it took.

    with UnsteadyGateway(dice) as gateway:
        ...
        gateway.arrivals      # by (title, telephone, "sms"): what went out, or may have
"""
import collections
import urllib.parse

from notifier_process import SendSms

REFUSED = 503, "Temporal failure, try again later."
REFUSALS, SILENCES = 0.1, 0.05  # shares of the requests


class UnsteadyGateway(SendSms):
    def __init__(self, dice):
        super().__init__()
        self.dice = dice
        self.arrivals = collections.Counter()

    def take(self, path):
        answer, chance = super().take(path), self.dice.random()
        if chance < REFUSALS:
            return REFUSED
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        with self._changed:
            self.arrivals[title_of(query["text"]), query["to"], "sms"] += 1
        return None if chance < REFUSALS + SILENCES else answer


def title_of(text):
    """【signature】title：text"""
    return text.split("】", 1)[1].split("：", 1)[0]
