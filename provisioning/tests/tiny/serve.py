"""Answers every address, and so a health check."""

import os
from wsgiref.simple_server import make_server


def answer(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


if __name__ == "__main__":
    make_server("127.0.0.1", int(os.environ["PORT"]), answer).serve_forever()
