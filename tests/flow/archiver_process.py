"""A chaoxun-archiver of its own for a test, beside an intake_process.Intake, without a supervisor."""
import msgpack

import service_process


class Archiver(service_process.Service):
    """A running chaoxun-archiver that follows `intake`."""

    name = "archiver"
    edge = "record"

    def query(self, **query):
        """(verb, answer) of a question for reports, with side; since and until stand for from and to."""
        named = {{"since": "from", "until": "to"}.get(name, name): value for name, value in query.items()}
        return self.door.ask("reports", msgpack.packb({"side": True} | named))

    def reports(self, **query):
        """The answer to a question that must succeed: one page."""
        verb, answer = self.query(**query)
        assert verb == "reports", (verb, answer)
        return answer

    def pages(self, **query):
        """All rows of all pages."""
        answer = self.reports(**query)
        rows = answer["rows"]
        while "cursor" in answer:
            answer = self.reports(**query | {"cursor": answer["cursor"]})
            rows += answer["rows"]
        assert len(rows) == answer["total"], (len(rows), answer["total"])
        return rows

    def report(self, identity, **query):
        """(verb, answer) of a question for one report."""
        return self.door.ask("report", msgpack.packb({"id": identity, "side": True} | query))

    def database(self):
        return self.intake.folder / "archiver/archiver.db"
