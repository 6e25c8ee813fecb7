"""Django's PostgreSQL, with a fresh IAM token for each connection."""

from django.db.backends.postgresql import base

from .token import token


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["region"]` is where the database is; a password in the settings is not used."""

    def get_connection_params(self):
        parameters = super().get_connection_params()
        region = parameters.pop("region")
        return parameters | {
            "password": token(parameters["host"], int(parameters["port"]), parameters["user"], region)
        }
