"""Makes `manage.py localcloud` available; installed by the development settings only."""

from django.apps import AppConfig


class LocalCloudConfig(AppConfig):
    name = "provisioning.localcloud"
    label = "localcloud"
    verbose_name = "local AWS"
