"""The contact page: what a visitor meets, and where it goes that they send."""

import re
import time

import psycopg2
import pytest
import requests
from django.core import mail
from django.core.management import call_command
from django.test import Client
from wagtail.contrib.forms.models import FormSubmission

from home.forms import LONGEST, TRAP
from home.models import ContactField, ContactPage
from scale0site.bench.site import migrate
from sleeping.tests.forms import Form

WORDS = {"name": "Änne Œuvre", "e_mail": "anne@example.org", "message": "One\r\n\r\n  two & <three> “four” 🌙"}


@pytest.fixture
def page(home):
    call_command("load_starter_content", verbosity=0)
    return ContactPage.objects.get()


@pytest.fixture
def sent(client, page):
    return lambda **changes: client.post(page.url, {TRAP: "", **WORDS, **changes}).content.decode()


def about(html, name):
    """The input's own attributes."""
    (tag,) = re.findall(rf'<(?:input|textarea)[^>]*\bname="{name}"[^>]*>', html)
    return dict(re.findall(r'([\w-]+)="([^"]*)"', tag))


def test_every_field_has_a_label_and_says_what_a_browser_may_fill_in(client, page):
    html = client.get(page.url).content.decode()
    assert [about(html, name).get("autocomplete") for name in ("name", "e_mail", "message")] == ["name", "email", None]
    for name, label in (("name", "Name"), ("e_mail", "E-mail"), ("message", "Message")):
        assert f'<label for="{about(html, name)["id"]}">{label}</label>' in html
    assert about(html, "e_mail")["type"] == "email"
    assert about(html, "e_mail")["aria-describedby"] == "id_e_mail_helptext"
    assert '<p class="hint" id="id_e_mail_helptext">Only to answer you.</p>' in html


def test_what_is_sent_is_kept_word_by_word_and_no_mail_is_sent(sent, page):
    html = sent()
    assert "Thank you. Your message has arrived." in html
    assert "<title>Sent · Contact" in html
    (submission,) = FormSubmission.objects.all()
    assert (submission.page_id, submission.form_data) == (page.pk, WORDS)
    assert mail.outbox == []


def test_what_is_wrong_is_said_beside_its_field_and_nothing_written_is_lost(sent):
    html = sent(e_mail="nobody", name="")
    assert not FormSubmission.objects.exists()
    assert 'role="alert"' in html
    assert "<title>Not sent yet · Contact" in html
    assert '<ul class="errorlist" id="id_e_mail_error"><li>Enter a valid email address.</li></ul>' in html
    assert about(html, "e_mail")["aria-describedby"] == "id_e_mail_helptext id_e_mail_error"
    assert (about(html, "e_mail")["aria-invalid"], about(html, "e_mail")["value"]) == ("true", "nobody")
    assert "aria-invalid" not in about(html, "message")
    assert "two &amp; &lt;three&gt; “four” 🌙" in html


def test_who_fills_in_what_nobody_sees_is_not_heard_and_a_person_loses_nothing(sent):
    html = sent(**{TRAP: "https://example.org/"})
    assert not FormSubmission.objects.exists()
    assert "A field that people do not see was filled in" in html
    assert "value" not in about(html, TRAP)
    assert (about(html, "name")["value"], "“four” 🌙" in html) == (WORDS["name"], True)


def test_a_form_without_its_token_is_refused(settings, page):
    strict = Client(enforce_csrf_checks=True)
    form = Form(strict.get(page.url).content.decode().partition("<main")[2])
    assert strict.post(page.url, WORDS).status_code == 403
    assert strict.post(page.url, WORDS | dict(form.fields)).status_code == 200
    assert FormSubmission.objects.count() == 1


def test_a_message_has_an_end(sent):
    assert f"at most {LONGEST} characters" in sent(message="x" * (LONGEST + 1))


def test_editors_choose_other_fields(client, page):
    kinds = [kind for kind, _ in ContactField._meta.get_field("field_type").choices]
    page.form_fields = [
        ContactField(label=f"A {kind} one", field_type=kind, choices="red\nblue", required=False) for kind in kinds
    ]
    page.thanks = "We have it."
    page.save_revision().publish()
    html = client.get(page.url).content.decode()
    for kind in kinds:
        assert f'name="a_{kind}_one"' in html
    assert html.count('<span class="optional">optional</span>') == len(kinds) - 1  # a hidden one has no label
    assert "<legend>A radio one" in html
    assert "We have it." in client.post(page.url, {"a_radio_one": "blue"}).content.decode()
    assert FormSubmission.objects.get().form_data["a_radio_one"] == "blue"


def test_editors_read_what_was_sent_in_the_forms_of_the_admin(sent, page, admin_client):
    sent()
    assert "Contact" in admin_client.get("/admin/forms/").content.decode()
    html = admin_client.get(f"/admin/forms/submissions/{page.pk}/").content.decode()
    assert WORDS["name"] in html
    assert WORDS["e_mail"] in html


def test_editors_are_told_that_no_mail_is_sent_and_may_preview_both_pages(page, admin_client, rf, admin_user):
    assert "No e-mail is sent" in admin_client.get(f"/admin/pages/{page.pk}/edit/").content.decode()
    for mode, shown in (("form", "Send</button>"), ("landing", page.thanks)):
        assert shown in page.make_preview_request(preview_mode=mode).rendered_content


# --- while the database sleeps ---


def test_what_is_sent_to_a_sleeping_site_comes_back_whole_and_arrives_when_it_is_awake(
    database, sleeping_front, served
):
    migrate(database, "load_starter_content")
    front = sleeping_front(resume=1.5, manner="close")
    site = served(front.url(database), "--workers=1", SLEEPING_RESTART_SECONDS="1")
    visitor = requests.Session()
    page = visitor.get(f"{site.address}/contact/", timeout=30)
    form = Form(page.text.partition("<main")[2])
    front.sleep()

    # The kept form is in the waking page. Sent too early it comes back; sent again it arrives.
    def send(fields):
        return visitor.post(f"{site.address}/contact/", data=fields, timeout=30)

    answer = send(dict(form.fields) | {TRAP: ""} | WORDS)
    assert answer.status_code == 503
    end = time.monotonic() + 30
    while answer.status_code == 503 and time.monotonic() < end:
        assert answer.headers["X-Sleeping"] == "waking"
        kept = Form(answer.text)
        assert (kept.method, kept.action, kept.enctype) == ("post", None, "application/x-www-form-urlencoded")
        assert dict(kept.fields).items() >= WORDS.items()
        time.sleep(0.1)
        answer = send(kept.fields)
    assert "Thank you. Your message has arrived." in answer.text
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT form_data FROM wagtailforms_formsubmission")
        assert cursor.fetchall() == [(WORDS,)]
    connection.close()
