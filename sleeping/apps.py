from django.apps import AppConfig


class SleepingConfig(AppConfig):
    name = "sleeping"
    verbose_name = "Sleeping"
