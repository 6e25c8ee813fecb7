"""What the saved pages need of the database: which generation it is, and what no generation counts yet."""

from django.db import models


class Generation(models.Model):
    """One row. See saved/generation.py."""

    number = models.PositiveBigIntegerField()
    barrier = models.PositiveBigIntegerField()


class Change(models.Model):
    """Something that visitors may see was changed in the same transaction."""

    hard = models.BooleanField()
