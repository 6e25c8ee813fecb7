"""A browser for the tests that ask for one, which are skipped where there is none, and a connection."""

import socket

import pytest

from . import browser


@pytest.fixture(scope="module")
def chromium():
    """Playwright's, with a real Chromium behind it.

    While it is there, Django refuses the database in this thread, where Playwright has a loop: so it ends with the
    module.
    """
    path = browser.find()
    if path is None:
        pytest.skip("There is no Chromium on this machine: `make browser` installs one.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Its sandbox needs a user who is not root. Only pages of ours are opened.
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


@pytest.fixture
def visit(chromium):
    """`visit(address, java_script_enabled=False)`: a new visitor there, in a window of their own."""
    contexts = []

    def go(address, **choices):
        contexts.append(chromium.new_context(**choices))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def pair():
    """A client's socket and the server's, over TCP as in life."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), 10)
        server, _ = listener.accept()
    with client, server:
        yield client, server
