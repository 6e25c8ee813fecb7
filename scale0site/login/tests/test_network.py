"""Which address is believed."""

import pytest
from django.test import RequestFactory

from scale0site.login.network import network

ROUTER = "169.254.172.2"


@pytest.fixture
def asked(settings, rf: RequestFactory):
    def of(hops, forwarded=None, address=ROUTER):
        settings.TRUSTED_HOPS = hops
        headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
        return network(rf.get("/", headers=headers, REMOTE_ADDR=address))

    return of


@pytest.mark.parametrize(
    "hops, forwarded, found",
    [
        (0, "203.0.113.9", ROUTER),  # nobody of ours wrote that
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 2.2.2.2, 203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1,,203.0.113.9,", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "203.0.113.9", ROUTER),  # it came past the first of the two
        (1, None, ROUTER),
        (1, "", ROUTER),
        (1, "not an address", ROUTER),
    ],
)
def test_only_what_a_hop_of_ours_wrote_is_believed(asked, hops, forwarded, found):
    assert asked(hops, forwarded) == found


@pytest.mark.parametrize(
    "written, found",
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:50000", "203.0.113.9"),
    ],
)
def test_one_household_is_one_network_however_its_address_is_written(asked, written, found):
    assert asked(1, written) == found


def test_a_request_without_any_address_is_of_a_network_too(asked):
    """Over a Unix socket there is none."""
    assert asked(0, address="") == "unknown"
