"""What instances tell each other about attempts to log in."""

from django.db import models


class Attempt(models.Model):
    """One that failed; or the last that came in, by one name from one network. Neither can be read from it."""

    name = models.CharField(max_length=64)
    network = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    came_in = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["name", "at"], name="login_attempt_name"),
            models.Index(fields=["network", "at"], name="login_attempt_network"),
        ]
