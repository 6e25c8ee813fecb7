"""Print the link by which the first superuser sets a password, again."""

from __future__ import annotations

from typing import Any

from ... import remote
from ...engine.clock import Clock
from ...engine.problem import Problem
from ...invitation import FOUND
from ...stack.foundation import Foundation
from ..environment import EnvironmentCommand


class Command(EnvironmentCommand):
    help = "Prints a link by which the first superuser sets a password, as long as there is none."
    asks = False

    def run(self, options: dict[str, Any]) -> None:
        config, aws = self.environment(options)
        printed = ""
        for told in remote.run(aws, Foundation(config, aws), ["ensure_superuser"], {}, Clock()):
            printed += told.text if isinstance(told, remote.Prints) else ""
            if isinstance(told, remote.Waits):
                self.tell(event="waiting", word=told.word, text=f"{config.name}: {told.word}")
        if not FOUND.search(printed):
            advice = "That person signs in; another one is made by `manage.py remote createsuperuser --noinput …`"
            raise Problem(f"{config.name}: nobody to invite", printed.strip(), advice)
        self.invite(config, aws, printed)
