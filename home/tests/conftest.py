import pytest
from wagtail.models import Site


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    """Pictures go where nobody misses them."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def home(db):
    """The home page that the migration makes."""
    return Site.objects.get(is_default_site=True).root_page.specific
