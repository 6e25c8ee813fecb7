"""Prints the tables of docs/beliefs.md: `python -m provisioning.beliefs`."""

from . import BY_SUBJECT
from .report import markdown

print(markdown(BY_SUBJECT))
