"""What is done in the network before traffic comes: the function that does it, and what it is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..engine.resource import Given, Resource
from ..resources.awslambda import Function
from ..resources.iam import RolePolicy
from ..resources.logs import LogGroup
from .foundation import Foundation
from .operation import Operation

Occasion = tuple[Resource, str]
"""A resource and one of its values: an operation is done once for each."""

MEMORY = 1024  # MB; a migration of Wagtail's takes about 200
TIMEOUT = 900  # seconds; Lambda's most


@dataclass(frozen=True)
class Release:
    """The operations of one environment. `hosts` is where the site will answer, as its settings want it."""

    foundation: Foundation
    hosts: str

    @cached_property
    def function(self) -> Function:
        foundation = self.foundation
        # Lambda itself gives the region, and keeps its name from others.
        common = {key: each for key, each in foundation.environment.items() if key != "AWS_REGION"}
        return Function(
            name=f"{foundation.config.name}-operations",
            image=foundation.image,
            repository=foundation.repository,
            entry_point=("/venv/bin/python", "-m", "awslambdaric"),  # Lambda has a PATH of its own
            command=("provisioning.operations.handler",),
            role=foundation.operations_role,
            subnets=foundation.network.subnets,
            security_groups=(foundation.network.compute_group,),
            log_group=LogGroup(name=foundation.operations_logs),
            environment={**common, "OPERATIONS_BUCKET": foundation.bucket.name, "SITE_HOSTS": self.hosts},
            memory=MEMORY,
            timeout=TIMEOUT,
        )

    @cached_property
    def migrate(self) -> Operation:
        foundation = self.foundation
        sign_in = RolePolicy(
            name=foundation.sign_in_policy, role=foundation.operations_role, allows=foundation.sign_in_allows
        )
        ready = (foundation.network.endpoint, foundation.user, sign_in)
        return self._operation("release", ("migrate", "--noinput"), *ready, once_for=(self.image, self.database))

    @cached_property
    def static(self) -> Operation:
        """The image's static files, for pages that outlive it.

        They lie in the bucket beside the record, so an image is all that it is done once for. Not before the
        migration: the files of an image that never serves would count among those of the last few that did.
        """
        foundation = self.foundation
        return Operation(
            name=f"{foundation.config.name}:static",
            function=self.function,
            bucket=foundation.bucket,
            command=("copy_static",),
            occasion=(self.image,),
            after=(foundation.network.endpoint, self.migrate),
        )

    @cached_property
    def starter_content(self) -> Operation:
        return self._operation("starter-content", ("load_starter_content",), self.migrate, once_for=(self.database,))

    @cached_property
    def first_superuser(self) -> Operation:
        return self._operation("first-superuser", ("ensure_superuser",), self.migrate, once_for=(self.database,))

    def saved_pages(self, *after: Resource) -> Operation:
        """Every public page, so that the image's first visitors find them while the database sleeps."""
        once_for = (self.image, self.database)
        return self._operation("saved-pages", ("save_pages",), self.migrate, *after, once_for=once_for)

    def first_saved_pages(self, address: Occasion, *after: Resource) -> Operation:
        """The same at an address that is new: a page is saved for the host that visitors ask."""
        once_for = (self.database, address)
        return self._operation("first-saved-pages", ("save_pages",), *after, once_for=once_for)

    def site_address(self, url: Given) -> Operation:
        """Wagtail's own record of where its site is."""
        command = ("set_site_address", url)
        return self._operation("site-address", command, self.migrate, once_for=(self.database,))

    @property
    def image(self) -> Occasion:
        return self.foundation.image, "id"

    @property
    def database(self) -> Occasion:
        return self.foundation.cluster, "resource_id"

    def _operation(
        self, name: str, command: tuple[str | Given, ...], *after: Resource, once_for: tuple[Occasion, ...]
    ) -> Operation:
        foundation = self.foundation
        return Operation(
            name=f"{foundation.config.name}:{name}",
            function=self.function,
            bucket=foundation.bucket,
            cluster=foundation.cluster,
            writer=foundation.writer,
            command=command,
            occasion=once_for,
            after=after,
        )
