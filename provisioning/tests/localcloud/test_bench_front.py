"""What `make bench-front` says. Its times are no test: they are of one machine at one hour."""

from provisioning.localcloud.front.bench import MOST, Compared, Measured
from provisioning.localcloud.management.commands.bench_front import told


def measured(page: float) -> Measured:
    return Measured(Compared(page, 0.02), Compared(0.0002, 0.0001), Compared(0.013, 0.01), 12)


def test_a_page_that_takes_little_longer_by_the_endpoint_holds() -> None:
    assert measured(0.02 * MOST).holds
    assert not measured(0.02 * MOST + 0.001).holds


def test_each_is_told_beside_what_it_takes_without() -> None:
    page, query, connection = told(measured(0.0204))
    assert page == "A page of 12 queries: 20.40 ms by the endpoint, 20.00 ms without, 1.02 times (at most 1.05)."
    assert query.endswith("0.20 ms by the endpoint, 0.10 ms without, 2.00 times.")
    assert connection.startswith("A new connection: 13.00 ms")
