"""Prints what is made of docs/beliefs.md, a sentence and its tables: `python -m provisioning.beliefs`."""

from . import ALL, BY_SUBJECT
from .report import markdown, totals

print(totals(ALL), markdown(BY_SUBJECT), sep="\n\n")
