from django.apps import AppConfig


class BakeryConfig(AppConfig):
    name = "sleeping.tests.bakery"
    label = "bakery"
    default_auto_field = "django.db.models.BigAutoField"
