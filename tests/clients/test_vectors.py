#!/usr/bin/python3
"""Another implementation of MessagePack reads the test vectors as the JSON beside them says."""
import base64
import json
import os
import pathlib
import sys
import uuid

import msgpack

VECTORS = pathlib.Path(os.environ.get("CHAOXUN_SOURCE", ".")) / "proto" / "vectors"


def as_json(value):
    """A decoded value as the JSON mapping writes it: 16 bytes are an id."""
    if isinstance(value, bytes):
        assert len(value) == 16, f"{len(value)} bytes are no id"
        return str(uuid.UUID(bytes=value))
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    assert isinstance(value, (str, int, bool)), f"{type(value)} is no value of the protocol"
    return value


def no_repeats(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key occurs twice: {keys}"
    return dict(pairs)


def unpack(data):
    return msgpack.unpackb(data, raw=False, strict_map_key=True, object_pairs_hook=no_repeats)


def check_event(vector):
    data = bytes.fromhex(vector["msgpack"])
    event = unpack(data)
    assert as_json(event) == vector["json"], f"{as_json(event)}\nis not\n{vector['json']}"
    assert list(event)[:5] == ["v", "id", "type", "unit", "at"], "the fields stand in another order"
    assert msgpack.packb(event, use_bin_type=True) == data, "the bytes are not the shortest form"


def same(value, expected):
    """Bytes are written as an id, as hex or as base64: the shape says which, here any will do."""
    if isinstance(value, bytes):
        written = [value.hex(), base64.b64encode(value).decode()]
        return expected in written or (len(value) == 16 and expected == str(uuid.UUID(bytes=value)))
    if isinstance(value, list):
        return len(value) == len(expected) and all(map(same, value, expected))
    if isinstance(value, dict):
        return list(value) == list(expected) and all(same(value[key], expected[key]) for key in value)
    return value == expected


def check_message(vector):
    data = bytes.fromhex(vector["msgpack"])
    message = unpack(data)
    assert same(message, vector["json"]), f"{vector['shape']}: {message}\nis not\n{vector['json']}"
    assert msgpack.packb(message, use_bin_type=True) == data, "the bytes are not the shortest form"


# Errors of the encoding, which every decoder must find; the others are the protocol's own.
ENCODING = {"truncated", "count-lies", "trailing", "bad-format", "bad-utf8", "duplicate-key"}


def check_hostile(vector):
    try:
        unpack(bytes.fromhex(vector["hex"]))
        readable = True
    except (ValueError, AssertionError, msgpack.exceptions.UnpackException):
        readable = False
    if vector["error"] in ENCODING and not (vector["error"] == "bad-format" and vector["door"] == "event"):
        assert not readable, f"{vector['what']}: this decoder reads it"


def main():
    events = json.loads((VECTORS / "events.json").read_text(encoding="utf-8"))
    messages = json.loads((VECTORS / "messages.json").read_text(encoding="utf-8"))
    hostile = json.loads((VECTORS / "hostile.json").read_text(encoding="utf-8"))
    for vector in events:
        check_event(vector)
    for vector in messages:
        check_message(vector)
    for vector in hostile:
        check_hostile(vector)
    types = sorted({vector["type"] for vector in events})
    print(f"{len(events)} events of {len(types)} types, {len(messages)} messages and {len(hostile)} hostile inputs agree: {', '.join(types)}")
    return 0 if len(types) >= 12 and len(hostile) > 25 else 1


sys.exit(main())
