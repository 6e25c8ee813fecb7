"""Moments of a load that nobody played."""

from collections import Counter

from provisioning.load.run import Moment


def moment(p95=0.5, **answers):
    """`_200=7` for seven of 200; an underline within is a space."""
    counted = Counter({word.removeprefix("_").replace("_", " "): many for word, many in answers.items() if many})
    return Moment(10.0, counted.total() / 10, p95 / 2, p95, p95 * 2, p95 * 3, counted)
