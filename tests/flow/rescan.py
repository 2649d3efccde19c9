"""Reads everything again, event by event, and scans it plainly: shares nothing with the archiver.

    record = rescan.Record(intake.heads(), intake.sides())
    record.find(text="高温", since="2026-05-01")    # ids of reports, the newest first
    record.versions(identity)                       # the seqs of its versions
"""
PROGRAMMES = {"clean-home": "清洁家园，共创文明", "dog": "文明养犬", "waste-sorting": "垃圾分类", "parking": "文明停车",
              "civilisation-practice": "新时代文明实践"}
TEXTS = ("number", "attendances_unit", "place_kind", "form", "campaign", "contact", "reason", "title", "place", "date_text",
         "attendances_text", "measures_text", "found_text", "contact_name", "contact_phone", "narrative", "source_url",
         "note")
PEOPLE = {None, "名", "人", "位", "人次"}
FOLDED = {0x3000: " ", 0xA0: " "} | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
SMALL = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}


def fold(text):
    return text.translate(FOLDED).translate(SMALL)


def texts(report):
    """Every text of a report, by itself."""
    yield from (report[name] for name in TEXTS if name in report)
    yield from report.get("partners", [])
    for measure in report.get("measures", []):
        yield from (measure["name"], measure["unit"])
    yield from (PROGRAMMES[code] for code in report["programmes"])


def holds(report, text):
    folded = [fold(one) for one in texts(report)]
    return all(any(word in one for one in folded) for word in fold(text).split(" ") if word)


def within(unit, above):
    return above is None or unit == above or unit.startswith(above + "/")


class Record:
    def __init__(self, heads, sides):
        self.reports = {}  # id -> [event, ...], the first one first
        self.names = {}
        for event in heads:
            event["side"] = sides.get(event["seq"], {})
            if event["type"] == "report.submitted":
                self.reports[event["id"]] = [event]
            elif event["type"] == "report.amended":
                self.reports[event["body"]["amends"]].append(event)
            elif event["type"] == "report.withdrawn":
                self.reports[event["body"]["report"]].append(event)
            elif event["type"] == "unit.set":
                self.names[event["unit"]] = event["body"]["name"]

    def versions(self, identity):
        return [event["seq"] for event in self.reports[identity]]

    def find(self, **query):
        rows = [events for events in self.reports.values() if fits(events, query)]
        return [events[0]["id"] for events in sorted(rows, key=lambda events: -events[0]["seq"])]


def fits(events, query):
    last = events[-1]
    content = [event for event in events if event["type"] != "report.withdrawn"][-1]
    body, report = content["body"], content["body"] | content["side"]
    days = (body["date"], body.get("date_end", body["date"])) if "date" in body else None
    counted = body.get("attendances") if body.get("attendances_unit") in PEOPLE else None
    dated = "since" in query or "until" in query
    return ((last["type"] == "report.withdrawn") == query.get("withdrawn", False)
            and within(content["unit"], query.get("within")) and within(content["unit"], query.get("unit"))
            and query.get("programme", body["programmes"][0]) in body["programmes"]
            and (not dated or days is not None)
            and (days is None or (days[1] >= query.get("since", "") and days[0] <= query.get("until", "9")))
            and query.get("number", body.get("number")) == body.get("number")
            and query.get("activity", body.get("activity")) == body.get("activity")
            and ("attendances_from" not in query or (counted is not None and counted >= query["attendances_from"]))
            and ("attendances_to" not in query or (counted is not None and counted <= query["attendances_to"]))
            and holds(report, query.get("text", "")))
