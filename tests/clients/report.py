#!/usr/bin/python3
"""A squad's report over ZeroMQ with CURVE, without any code of 潮讯.

usage: report.py ENDPOINT INTAKE.pub CLIENT.key      (Debian: python3-zmq, python3-msgpack)
"""
import os
import sys
import time

import msgpack
import zmq

endpoint, server, secret = sys.argv[1], open(sys.argv[2]).read().strip(), open(sys.argv[3]).read().strip()
now = int(time.time() * 1000)
noise = bytearray(os.urandom(10))  # the id is a UUIDv7: the same id twice is one report
noise[0], noise[2] = 0x70 | noise[0] & 0x0F, 0x80 | noise[2] & 0x3F
event = {
    "v": 1, "id": now.to_bytes(6, "big") + bytes(noise), "type": "report.submitted", "unit": "haining/xiashi", "at": now,
    "body": {"programmes": ["clean-home"], "date": "2026-11-23", "attendances": 20, "attendances_approx": "at-least",
             "measures": [{"name": "清理牛皮癣", "quantity": 200000, "unit": "处", "approx": "at-least"}]},
    "side": {"title": "河西社区清理牛皮癣", "place": "河西社区", "attendances_text": "20余名"},
}
socket = zmq.Context.instance().socket(zmq.DEALER)
socket.linger = 0
socket.curve_serverkey = server.encode()
socket.curve_secretkey = secret.encode()
socket.curve_publickey = zmq.curve_public(secret.encode())
socket.connect(endpoint)
socket.send_multipart([b"CX1", b"submit", b"1", msgpack.packb(event)])
if not socket.poll(10_000):
    sys.exit("No answer within 10 s: is the key registered, and does intake run?")
version, verb, correlation, payload = socket.recv_multipart()
print(verb.decode(), msgpack.unpackb(payload))
