from django.apps import AppConfig


class LoginConfig(AppConfig):
    name = "scale0site.login"
    default = True

    def ready(self) -> None:
        from . import backend  # noqa: F401  which hears who came in and who did not
