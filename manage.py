#!/usr/bin/env python
"""The one door: every task on this site, from the development server to its infrastructure."""

import os
import sys

# An old Python must be able to read this file to say that it is too old: so no f-strings here.
if sys.version_info < (3, 11):  # noqa: UP036
    found = ".".join(str(part) for part in sys.version_info[:3])
    sys.stderr.write("manage.py: this site needs Python 3.11 or newer.\n")
    sys.stderr.write("Found: Python " + found + " at " + sys.executable + ".\n")
    sys.stderr.write("Run `make install`, which looks for a newer one, then `.venv/bin/python manage.py`.\n")
    sys.exit(1)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scale0site.settings.dev")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        if getattr(error, "name", "django") != "django":
            raise
        sys.stderr.write("manage.py: cannot start.\n")
        sys.stderr.write("Found: no Django for the Python at " + sys.executable + ".\n")
        sys.stderr.write("Run `make install`, then `.venv/bin/python manage.py`.\n")
        sys.exit(1)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
