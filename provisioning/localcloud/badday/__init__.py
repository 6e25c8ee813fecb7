"""AWS on a bad day: the ways in which the real one misbehaves, each of them selectable and seeded.

A kind of bad day is a small class: what it refuses, what it answers instead, what it lets take effect without a
word, and what it makes slower. `days.py` lists them all.
"""

from .days import NAMES, Days

__all__ = ["NAMES", "Days"]
