from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, post_save, pre_migrate, pre_save


class SleepingConfig(AppConfig):
    name = "sleeping"
    verbose_name = "Sleeping"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        if apps.is_installed("wagtail"):
            self._watch()

    def _watch(self) -> None:
        """What visitors see being changed, and which page is asked for: see saved/."""
        from wagtail import hooks

        from .saved import changes, drafts, judging

        connection_created.connect(changes.watch)
        pre_migrate.connect(changes.migrating.begin)
        post_migrate.connect(changes.migrating.end, sender=self)
        pre_save.connect(drafts.before_save)
        post_save.connect(drafts.after_save)
        hooks.register("before_serve_page", judging.before_page, order=-1000)
        hooks.register("before_serve_page", judging.behind_restrictions, order=1000)
