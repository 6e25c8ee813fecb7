"""A bakery's site, for tests of saved pages: a page of every kind that a Wagtail project has."""
