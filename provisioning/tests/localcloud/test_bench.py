"""What `make bench-provision` measures. Its times are no test: they are of one machine at one hour."""

import dataclasses

from provisioning.localcloud.bench import MOST_CALLS, Measured, measure


def test_a_plan_that_finds_nothing_asks_aws_little_more_than_once_for_each_resource(on_local_aws, tiny):
    found = measure(tiny)
    assert found.calls <= MOST_CALLS
    assert found.resources <= found.calls_absent < found.calls_present
    assert "Service" in {each.kind for each in found.chain}
    assert found.whole >= found.longest > 0


def test_a_run_that_asks_or_takes_too_much_does_not_hold():
    right = Measured(resources=10, calls_absent=12, calls_present=30, whole=11.5, chain=(), longest=10)
    assert right.holds
    assert not dataclasses.replace(right, calls_absent=13).holds
    assert not dataclasses.replace(right, whole=11.6).holds
