"""The demo's visitor and editor over HTTP, as `make demo` has them, on a real site with a PostgreSQL that sleeps."""

import time

import pytest

from provisioning.invitation import link
from provisioning.localcloud.demo.browser import Unexpected
from provisioning.localcloud.demo.people import OVER_HTTP
from scale0site.bench.site import MADE_UP, manage

RESUME = 3.0  # seconds


def test_they_get_in_write_and_meet_the_waking_page(database, served, sleeping_front):
    front = sleeping_front(resume=RESUME)
    site = served(front.url(database), SLEEPING_PAUSE_SECONDS="1")
    told = manage("ensure_superuser", DJANGO_SETTINGS_MODULE="scale0site.settings.dev", DATABASE_URL=database)
    visitor, editor = OVER_HTTP.visitor(site.address), OVER_HTTP.editor(site.address)
    editor.set_password(link(site.address, told, MADE_UP["SECRET_KEY"]), "long-enough-and-nobody's")
    editor.log_in("admin", "long-enough-and-nobody's")
    editor.publish_page("A first title", "a-page")
    editor.edit_page("a-page", "A better title")
    assert visitor.open("/a-page/", shows="A better title").seconds < RESUME
    with pytest.raises(Unexpected, match="a-page/: 200, and not"):
        visitor.open("/a-page/", shows="A first title")
    with pytest.raises(Unexpected, match="waking"):
        editor.get_in("/admin/", shows="Log out")
    front.sleep()
    time.sleep(1.1)  # else the site takes it for awake, and waits for it to come back
    waited = editor.get_in("/admin/", shows="Log out")
    assert waited.waking_page < RESUME < waited.arrival
