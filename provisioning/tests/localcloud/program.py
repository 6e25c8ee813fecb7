"""A service's program for the tests: an HTTP server that is as well or as ill as its environment says."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ThreadingHTTPServer.request_queue_size = 128


WHO = {"PID": os.getpid(), "UID": os.getuid(), "PYTHON": sys.executable}


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.3)
        status = int(self.path[1:] if self.path in ("/404", "/500") else os.environ.get("STATUS", "200"))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({**os.environ, **WHO}).encode())
        if self.path == "/print":
            print("printed")
        if self.path == "/die":
            os._exit(1)

    def log_message(self, *_: object) -> None: ...


if __name__ == "__main__":
    print(f"version {os.environ.get('VERSION', 'none')}")
    if "DIE" in os.environ:
        sys.exit(1)
    if "RAISE" in os.environ:
        raise RuntimeError(os.environ["RAISE"])
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
