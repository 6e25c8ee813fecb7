"""The smallest site that passes a health check: what a service runs in tests that are not about the site."""

import os
from wsgiref.simple_server import make_server


def answer(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


if __name__ == "__main__":
    make_server("127.0.0.1", int(os.environ["PORT"]), answer).serve_forever()
