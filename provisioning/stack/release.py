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
        """Once for each image on each database."""
        foundation = self.foundation
        sign_in = RolePolicy(
            name=foundation.sign_in_policy, role=foundation.operations_role, allows=foundation.sign_in_allows
        )
        ready = (foundation.network.endpoint, foundation.user, sign_in)
        return self._operation("release", ("migrate", "--noinput"), *ready, image=True)

    @cached_property
    def starter_content(self) -> Operation:
        return self._operation("starter-content", ("load_starter_content",), self.migrate)

    @cached_property
    def first_superuser(self) -> Operation:
        return self._operation("first-superuser", ("ensure_superuser",), self.migrate)

    def site_address(self, url: Given, *after: Resource) -> Operation:
        """Wagtail's own record of where its site is."""
        return self._operation("site-address", ("set_site_address", url), self.migrate, *after)

    def _operation(
        self, name: str, command: tuple[str | Given, ...], *after: Resource, image: bool = False
    ) -> Operation:
        foundation = self.foundation
        database = (foundation.cluster, "resource_id")
        return Operation(
            name=f"{foundation.config.name}:{name}",
            function=self.function,
            bucket=foundation.bucket,
            cluster=foundation.cluster,
            writer=foundation.writer,
            command=command,
            occasion=((foundation.image, "id"), database) if image else (database,),
            after=after,
        )
