"""What the commands have in common: an environment, its AWS, and a way to show what happens in it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from .. import stack
from ..aws import Aws
from ..config import Config
from ..console import event_json, line, plan_summary, plan_text, step_json, tell
from ..engine.events import TROUBLES, Blocked, Event, Failed
from ..engine.graph import Graph
from ..engine.plan import Plan
from ..engine.problem import Problem, said
from ..invitation import link
from ..livetree import LiveTree
from ..pricing import estimate
from ..stack.foundation import Foundation

INTERRUPTED = 130  # the shell's code for a program that Ctrl-C ended


class EnvironmentCommand(BaseCommand):
    """A command about one environment. `run` does it; what it raises as Problem is shown as it stands."""

    requires_system_checks: list[str] = []  # they would want the site's database
    asks = True
    """Whether it asks before it does what it does."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--env", metavar="NAME", help="the environment (default: dev)")
        parser.add_argument("--region", metavar="R", help="the AWS region (default: boto3's own)")
        if self.asks:
            parser.add_argument("--yes", action="store_true", help="do it without asking")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = options["json"]
        if isinstance(self.stdout._out, io.TextIOWrapper):  # a terminal without arrows gets question marks
            self.stdout._out.reconfigure(errors="replace")
        try:
            self.run(options)
        except Problem as problem:
            self.fail(problem)
        except (ClientError, BotoCoreError) as error:
            self.fail(Problem("AWS was asked for more, and refused", said(error), "Mend that and run again"))
        except BrokenPipeError:  # whoever read this has seen enough
            sys.stdout = None  # type: ignore[assignment]
            sys.exit(1)
        except KeyboardInterrupt:
            if self.as_json:
                self.object(event="interrupted")
            self.say("Stopped. What was begun goes on in AWS; run the same again to go on from there.")
            sys.exit(INTERRUPTED)

    def fail(self, problem: Problem) -> NoReturn:
        if self.as_json:
            self.object(event="problem", problem=str(problem))
            sys.exit(1)
        raise CommandError(str(problem)) from problem

    def run(self, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def environment(self, options: dict[str, Any], **more: Any) -> tuple[Config, Aws]:
        """The configuration and the way to AWS that the settings and the options ask for."""
        given = {key: options.get(key) for key in ("env", "region", "target", "builder")}
        config = Config.load(getattr(settings, "PROVISIONING", {}), **given, **more)
        aws = Aws(config.region, config.tags)
        aws.check_region([])  # before AWS is asked for anything in it
        where = f"A local AWS at {aws.endpoint}: an emulation, where nothing costs" if aws.is_local else "AWS"
        self.say(f"{config.name} in {aws.region}, account {aws.account}. {where}.\n")
        return config, aws

    def show(self, plan: Plan) -> None:
        if self.as_json:
            for step in plan.steps:
                self.object(**step_json(step))
            price = estimate(plan.graph)
            cost = {"asleep_month": round(price.asleep, 2), "awake_hour": round(price.awake, 2)}
            self.object(event="plan", summary=plan_summary(plan), usual=plan.usual, dollars=cost)
        else:
            self.stdout.write(plan_text(plan))

    def follow(self, graph: Graph, events: Iterable[Event]) -> None:
        """Show what happens until it is over; raise Problem if not all of it came to a good end."""
        console = Console(file=self.stdout._out)
        drawn = console.is_terminal and not console.is_dumb_terminal and not self.as_json
        if drawn:
            self.stdout.write("")
            events = LiveTree(graph, console).follow(events)
        troubles, told_last = [], {}
        for event in events:
            if self.as_json:
                self.object(**event_json(event))
            elif not drawn and tell(event) != told_last.get(event.resource):  # AWS's word may be our own
                self.stdout.write(line(event))
            told_last[event.resource] = tell(event)
            if isinstance(event, TROUBLES):
                troubles.append(event)
        if drawn:
            self.stdout.write("")
        if troubles:
            told = [line(event) for event in troubles if drawn and isinstance(event, (Failed, Blocked))]
            raise Problem(
                "\n".join([*told, f"{len(troubles)} of {len(graph)} did not come to a good end"]),
                "The rest is as it was wanted",
                "Mend what is said above and run the same again: it goes on from there",
            )

    def agreed(self, question: str, answer: str, options: dict[str, Any]) -> bool:
        """Ask, unless told not to. Raises Problem where there is nobody to ask."""
        if options["yes"]:
            return True
        if self.as_json or not sys.stdin.isatty():
            why = "With --json nothing is asked" if self.as_json else "The input is not a terminal"
            raise Problem("Nobody to ask", why, "Look at the plan, then add --yes")
        try:
            typed = input(f"\n{question} ")
            if typed == answer or (answer == "y" and typed.strip().lower() == "y"):
                return True
        except EOFError:  # Ctrl-D
            self.say("")
        self.say("Nothing was changed.")
        return False

    def invite(self, config: Config, aws: Aws, told: str) -> None:
        """Print the link by which the first superuser sets a password, if that is who was told of."""
        where, key = stack.address(config, aws), Foundation(config, aws).secret_key
        secret = aws.client("ssm").get_parameter(Name=key.name, WithDecryption=True)["Parameter"]["Value"]
        if where and (url := link(where, told, secret)):
            text = "The first superuser sets a password here. The link works once, for three days; `manage.py invite` "
            self.tell(event="invitation", url=url, text=f"\n{text}prints another:\n{url}\n")

    def tell_what_is_left(self, arns: list[str]) -> None:
        if self.as_json:
            self.object(event="left", arns=arns)
        elif arns:
            self.stdout.write("\n".join(["", "What AWS still has of it:", *(f"  {arn}" for arn in arns)]))
        else:
            self.stdout.write("\nAWS has nothing of it left.")

    def tell(self, text: str, **data: Any) -> None:
        """One thing that happened: a line for a person, an object for a program."""
        if self.as_json:
            self.object(**data)
        else:
            self.stdout.write(text)

    def say(self, text: str) -> None:
        if not self.as_json:
            self.stdout.write(text)

    def object(self, **data: Any) -> None:
        self.stdout.write(json.dumps(data))
