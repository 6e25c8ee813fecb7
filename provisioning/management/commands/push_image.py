"""Build the image, push it, release it and let it serve."""

from __future__ import annotations

from typing import Any

from ... import stack
from ...engine.plan import plan
from ...engine.problem import Problem
from ..deployment import DeploymentCommand


class Command(DeploymentCommand):
    help = "Builds the site's image, pushes it, migrates the database and lets the new image serve."

    def run(self, options: dict[str, Any]) -> None:
        config, aws = self.environment(options)
        with self.making(config, aws, push=True) as making:
            graph = stack.site(config, aws, making)
            plan_ = plan(graph, aws)
            self.must_exist(config, plan_)
            self.show(plan_)
            if plan_.blocked:
                raise Problem("Nothing was changed", "", "Decide on what is marked with ! above and run again")
            if not plan_.empty:
                if not self.agreed("Push and release it? [y/N]", "y", options):
                    return
                self.deploy(config, aws, plan_)
        self.tell_address(stack.address(config, aws))
