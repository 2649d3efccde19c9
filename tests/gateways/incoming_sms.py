"""SMS that come in, as Kannel hands them to the portal: a GET of the address that the notifier wrote down.

    phone = incoming_sms.Phone(chaoxun, "13800138001")
    status, answer = phone.write("4821 已到场")
"""
import itertools
import re
import urllib.parse

import delivery
from program import harness

NUMBERS = itertools.count(1)
CODE = re.compile(r"回复 (\d{4}) 确认")


def code_in(text):
    return CODE.search(text).group(1)


class Phone:
    def __init__(self, chaoxun, number):
        self.chaoxun = chaoxun
        self.number = number

    def ask(self, text, message):
        """(status, the SMS that goes back), once."""
        url = (self.chaoxun.data / "notifier" / "incoming-url").read_text().strip()
        for escape, value in (("%p", self.number), ("%I", message), ("%b", text)):
            url = url.replace(escape, urllib.parse.quote(value))
        status, body = delivery.fetch(url, 30)
        return status, body if isinstance(body, str) else body.decode()

    def write(self, text, message=None):
        """The SMS that goes back; asks again while the answer is 503, as Kannel does."""
        message = message or f"m-{next(NUMBERS)}"

        def taken():
            try:
                answer = self.ask(text, message)
            except OSError:
                return None  # the portal is away
            return answer if answer[0] != 503 else None
        status, answer = harness.until(taken, 30, "an answer")
        assert status == 200, (status, answer)
        return answer
