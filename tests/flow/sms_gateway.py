"""A stand-in for Kannel's HTTP door: it takes every message and says nothing of it unless a test does.

The real one stands in tests/gateways; this one is for tests of what lies before it.
"""
import http.server
import threading
import urllib.parse


class Gateway:
    """A Kannel that takes every message; what it was asked stands in `asked`."""

    def __init__(self):
        self.asked = []
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                gateway.asked.append(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)))
                self.send_response(202)
                self.end_headers()
                self.wfile.write(b"0: Accepted for delivery")

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/cgi-bin/sendsms"

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
