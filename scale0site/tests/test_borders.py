"""What may import what: both apps can be taken into a Wagtail project that already exists."""

import ast

import pytest
from django.conf import settings


@pytest.mark.parametrize("app, forbidden", [("sleeping", {"scale0site", "provisioning", "boto3", "home", "search"})])
def test_an_app_that_travels_leaves_the_rest_at_home(app, forbidden):
    for path in (settings.BASE_DIR / app).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & forbidden, path
