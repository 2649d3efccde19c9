"""A chaoxun-aggregator of its own for a test, beside an intake_process.Intake, without a supervisor."""
import sqlite3

import msgpack

import service_process


class Aggregator(service_process.Service):
    """A running chaoxun-aggregator that follows `intake`."""

    name = "aggregator"
    edge = "totals"

    def __init__(self, intake, binary=None, **settings):
        self.live_endpoint = f"ipc://{intake.folder}/live.ipc"
        super().__init__(intake, binary, **{"endpoint.live": self.live_endpoint} | settings)

    # ---- doors ----

    def query(self, **query):
        """(verb, answer) of a totals query; since and until stand for from and to."""
        named = {{"since": "from", "until": "to"}.get(name, name): value for name, value in query.items()}
        return self.door.ask("totals", msgpack.packb(named))

    def totals(self, **query):
        """The answer to a query that must succeed."""
        verb, answer = self.query(**query)
        assert verb == "totals", (verb, answer)
        return answer

    # ---- state ----

    def saved_seq(self):
        """The seq up to which the state file holds the figures: what stands behind version, shape, journal and epoch in the head page."""
        path = self.intake.folder / "aggregator/aggregator.db"
        if not path.exists():
            return 0
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
        row = connection.execute("SELECT bytes FROM pages ORDER BY place DESC LIMIT 1").fetchone()
        connection.close()
        return int.from_bytes(row[0][32:40], "little") if row else 0
