"""A provider by HTTP that answers as it is told, and keeps what it was asked.

    with http_stub.HttpStub() as stub:
        stub.answers.append(stub.json({"errcode": 0}))      # the next request gets it; the last one stays
        ... ask http://127.0.0.1:stub.port/...
        print(stub.asked[0].path, stub.asked[0].body)

An answer is (status, body), HANG_UP (the request is read, and the connection closed: the answer is lost), SILENCE (the
connection stays open, and nothing comes until the stub stops), or a function that makes one of what was asked.
"""
import collections
import http.server
import json
import threading

HANG_UP, SILENCE = "hang up", "silence"

Asked = collections.namedtuple("Asked", "method path headers body")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        stub = self.server.stub
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = stub.take(Asked(self.command, self.path, dict(self.headers), body))
        if answer == SILENCE:
            stub.stopping.wait()
        if answer in (SILENCE, HANG_UP):
            self.close_connection = True
            return
        status, content = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = handle_one

    def log_message(self, *_):
        """Says nothing."""


class HttpStub:
    def __init__(self):
        self.answers = [(200, b"{}")]
        self.asked = []
        self.stopping = threading.Event()
        self._taking = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.stub = self
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """No longer listens; what was asked stays."""
        if not self.stopping.is_set():
            self.stopping.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    @staticmethod
    def json(value, status=200):
        return status, json.dumps(value).encode()

    def says(self, *answers):
        """From now on these, one after the other, and the last one again and again."""
        with self._taking:
            self.answers[:] = answers

    def take(self, asked):
        with self._taking:
            self.asked.append(asked)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(asked) if callable(answer) else answer
