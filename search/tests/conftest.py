import pytest
from wagtail.models import Site


@pytest.fixture
def home(db):
    """The home page that the migration makes."""
    return Site.objects.get(is_default_site=True).root_page.specific
