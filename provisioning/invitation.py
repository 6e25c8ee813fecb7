"""A link by which the first superuser sets a password: it works once, and for as long as Django lets it.

The superuser is made in the network, where the site's secret key is not known; the link is signed with that
key on the laptop, which cannot see the database. What they agree on is the user's number, and the password that
stands for none: nobody can sign in with it, and once another one is set the link is void.
"""

from __future__ import annotations

import re

from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

INVITED = "!invited"  # Django signs nobody in whose stored password begins so
SENTENCE = "Superuser {} is number {}, and has no password yet."
FOUND = re.compile(re.escape(SENTENCE).replace(r"\{\}", "(.+?)"))


def invitation(username: str, number: object) -> str:
    """What the network says of a superuser who waits for a link."""
    return SENTENCE.format(username, number)


def link(address: str, told: str, secret_key: str) -> str:
    """The link for whom that sentence is about; empty if there is none in what was told."""
    found = FOUND.search(told)
    if not found:
        return ""
    users = get_user_model()
    user = users(pk=users._meta.pk.to_python(found[2]), password=INVITED)
    generator = PasswordResetTokenGenerator()
    generator.secret = secret_key
    path = reverse(
        "wagtailadmin_password_reset_confirm",
        args=[urlsafe_base64_encode(force_bytes(user.pk)), generator.make_token(user)],
    )
    return address.rstrip("/") + path
