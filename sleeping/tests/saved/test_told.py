"""What processes tell each other."""

import pytest

from sleeping.marks import Marks
from sleeping.saved.folder import Folder
from sleeping.saved.generation import Generation
from sleeping.saved.site import Site


@pytest.fixture
def sites(tmp_path):
    """Two processes of one machine, and one of another."""
    storage = Folder(location=tmp_path / "saved")
    here = [Site(storage, "release", mark=Marks(str(tmp_path / "marks"), "database").told) for _ in range(2)]
    there = Site(storage, "release", mark=Marks(str(tmp_path / "other"), "database").told)
    return *here, there


def test_an_edit_is_known_at_once_on_the_machine_where_it_was_made(sites):
    one, neighbour, elsewhere = sites
    one.tell(Generation(1, 0))
    assert [site.generation() for site in sites] == [Generation(1, 0)] * 3
    one.tell(Generation(2, 0))
    assert neighbour.generation() == Generation(2, 0)
    assert elsewhere.generation() == Generation(1, 0)
    neighbour.tell(Generation(3, 0))
    assert one.generation() == Generation(3, 0)
