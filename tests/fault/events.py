"""Random events as squads and the office send them, and ones that must be refused; a dice (random.Random) decides all.

    made = events.report(dice, "haining/xiashi")
    events.wrong(dice, "haining/xiashi")        # an event that no client may get stored
    events.conflicting(dice, made)              # the same id, other content
"""
import copy
import time
import uuid

UNITS = ["haining/xiashi", "haining/xucun", "haining/maqiao", "haining/dingqiao"]
PROGRAMMES = ["clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"]
MARKS = ["exact", "at-least", "below", "about", None]
MEASURES = [("清理牛皮癣", "处"), ("清运垃圾", "吨"), ("发放宣传资料", "份"), ("劝导", "人次"), ("清运垃圾", "车")]
TITLES = ["河西社区清理牛皮癣", "文明养犬进社区", "沈𠮷带队巡查高温", "大手牵小手", "便民集市"]
DAY_MS = 86_400_000


def new_id(dice, at):
    """A UUIDv7 of the dice."""
    noise = bytearray(dice.randbytes(10))
    noise[0] = 0x70 | noise[0] & 0x0F
    noise[2] = 0x80 | noise[2] & 0x3F
    return at.to_bytes(6, "big") + bytes(noise)


def event(dice, kind, unit, body, side=None):
    """Of now; one in ten of some day of the last year, as of a squad that was long without reception."""
    at = int(time.time() * 1000) - (dice.randrange(365 * DAY_MS) if dice.random() < 0.1 else 0)
    made = {"v": 1, "id": new_id(dice, at), "type": kind, "unit": unit, "at": at, "by": f"P{dice.randrange(100):03}", "body": body}
    if side:
        made["side"] = side
    return made


def given(**fields):
    return {name: value for name, value in fields.items() if value is not None}


def maybe(dice, chance, value):
    """The value with that chance, else None."""
    return value if dice.random() < chance else None


def report_body(dice):
    measures = [given(name=name, quantity=dice.randrange(1_000_000), unit=unit, approx=dice.choice(MARKS))
                for name, unit in dice.sample(MEASURES, dice.randrange(4))]
    return given(programmes=dice.sample(PROGRAMMES, dice.choice((1, 1, 1, 2))),
                 date=maybe(dice, 0.9, f"2026-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"),
                 attendances=dice.randrange(60), attendances_approx=dice.choice(MARKS),
                 attendances_unit=dice.choice((None, None, "名", "人次", "户", "组")),
                 minutes=maybe(dice, 0.8, dice.randrange(5000)), minutes_approx=maybe(dice, 0.3, "about"),
                 measures=measures or None, number=maybe(dice, 0.5, f"K{dice.randrange(10_000):04}"),
                 contact=maybe(dice, 0.3, f"E-{dice.randrange(20):02}"))


def report_side(dice):
    return given(title=f"{dice.choice(TITLES)}第{dice.randrange(1000)}次", attendances_text=maybe(dice, 0.5, "20余名"),
                 narrative=maybe(dice, 0.7, "志愿者在街道清理小广告，居民点赞。\n" * dice.randrange(1, 12)),
                 partners=maybe(dice, 0.3, ["团市委", "市志愿者协会"]), contact_name=maybe(dice, 0.3, "欧阳晓潮"))


def report(dice, unit, activities=()):
    body = report_body(dice)
    if activities and dice.random() < 0.2:
        body["activity"] = dice.choice(activities)
    return event(dice, "report.submitted", unit, body, report_side(dice))


def amendment(dice, of):
    body = report_body(dice) | {"amends": of["id"]} | given(activity=of["body"].get("activity"))
    return event(dice, "report.amended", of["unit"], body, report_side(dice) | {"reason": "数字有误"})


def withdrawal(dice, of):
    return event(dice, "report.withdrawn", of["unit"], {"report": of["id"]}, maybe(dice, 0.5, {"reason": "重复"}))


def activity(dice, unit):
    return event(dice, "activity.planned", unit, {"programmes": [dice.choice(PROGRAMMES)]}, {"title": dice.choice(TITLES)})


def notice(dice):
    """Its title occurs once."""
    made = event(dice, "notice.issued", "haining", {"units": dice.choice(([dice.choice(UNITS)], dice.sample(UNITS, 2), ["haining"]))})
    return made | {"side": {"title": f"高温{made['id'].hex()[-12:]}", "text": "今明两天高温，户外活动请改在早晚。"}}


def contact(dice, person, unit):
    """The person gets another telephone, or is no contact any more."""
    if dice.random() < 0.2:
        return event(dice, "contact.set", unit, {"person": person, "off": True})
    return event(dice, "contact.set", unit, {"person": person}, {"name": "沈佳", "phone": f"137{dice.randrange(10**8):08}"})


def erasure(dice):
    return event(dice, "person.erased", "haining", {"person": f"E-{dice.randrange(20):02}", "ground": "request"})


def redaction(dice, of):
    return event(dice, "text.redacted", "haining", {"event": of["id"], "ground": "mistake"})


def conflicting(dice, of):
    """Another head, or, where nobody can have been erased from it, another side."""
    made = copy.deepcopy(of)
    if "side" in made and "contact" not in made["body"] and dice.random() < 0.5:
        made["side"] = {"title": "另一件事"}
    else:
        made["at"] += 1
    return made


def wrong(dice, unit):
    made = report(dice, unit)
    faults = [lambda: made["body"].update(attendances=-1), lambda: made["body"].update(nonsense=1),
              lambda: made["body"].update(programmes=[]), lambda: made["body"].update(date="2026-02-30"),
              lambda: made.update(unit="haining/nowhere"), lambda: made.update(type="report.submited"),
              lambda: made.update(at=made["at"] + 3 * 365 * DAY_MS), lambda: made["side"].update(contact_phone="call me"),
              lambda: made["body"].update(amends=new_id(dice, made["at"])), lambda: made["body"].update(activity=bytes(15) + b"1"),
              lambda: made.update(type="report.withdrawn", body={"report": new_id(dice, made["at"])}, side={"reason": "重复"}),
              lambda: made.update(type="delivery.updated"), lambda: made["side"].update(title="x" * 101)]
    dice.choice(faults)()
    return made


def as_json(value):
    """The event as JSON has it: ids as UUIDs."""
    if isinstance(value, bytes):
        return str(uuid.UUID(bytes=value))
    if isinstance(value, dict):
        return {name: as_json(one) for name, one in value.items()}
    return [as_json(one) for one in value] if isinstance(value, list) else value
