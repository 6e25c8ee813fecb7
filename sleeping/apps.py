from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_migrate, pre_save


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
        for about_to, done in ((pre_save, post_save), (pre_delete, post_delete)):
            about_to.connect(drafts.before)
            done.connect(drafts.after)
        hooks.register("before_serve_page", judging.before_page, order=-1000)
        hooks.register("on_serve_page", judging.behind_restrictions, order=1000)
