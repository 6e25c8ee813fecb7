"""manage.py, where it is started with the wrong Python."""

import ast
import subprocess
import sys

from django.conf import settings

MANAGE = settings.BASE_DIR / "manage.py"


def test_an_old_python_can_read_it():
    ast.parse(MANAGE.read_text(), feature_version=(3, 0))


def test_an_old_python_is_told_what_it_is_and_what_to_do():
    old = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", old, MANAGE], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "manage.py: this site needs Python 3.11 or newer.",
        f"Found: Python 3.9.2 at {sys.executable}.",
        "Run `make install`, which looks for a newer one, then `.venv/bin/python manage.py`.",
    ]


def test_a_python_without_django_is_told_to_install():
    done = subprocess.run([sys.executable, "-I", "-S", MANAGE, "check"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "no Django" in done.stderr
    assert "make install" in done.stderr
