"""What verify_aws does, step by step: an environment that is made, asked and removed again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from ..beliefs.belief import Belief, When
from ..beliefs.report import blocks, counted, listing, object_of
from ..beliefs.scene import Scene
from ..beliefs.throwaway import REMOVING, dollars
from ..beliefs.trial import Tried, each_tried
from ..console import duration
from ..engine.events import Event
from ..engine.graph import Graph
from ..engine.plan import Plan
from ..engine.problem import Problem, said
from ..stack.leftovers import leftovers
from .deployment import DeploymentCommand

STOPPED = "Run the same again: it goes on from there, and removes all of it at the end. To remove it now:"
REMOVE = "manage.py teardown --env {} --data --no-snapshot"


class VerificationCommand(DeploymentCommand):
    def list_beliefs(self, beliefs: Iterable[Belief]) -> None:
        if not self.as_json:
            self.stdout.write(listing(beliefs))
            return
        for each in beliefs:
            self.object(**object_of(each), tried=each.attempt is not None, not_tried=each.not_tried)

    def explain(self, plan: Plan, scene: Scene, beliefs: Iterable[Belief]) -> None:
        """What it does, how long that takes and what it costs. Raises Problem for what it must not touch."""
        self.show(plan)
        if plan.blocked:
            names = ", ".join(str(step.resource) for step in plan.blocked)
            why = f"{names}: there, and not made by verify_aws, which removes nothing else"
            raise Problem(f"{scene.config.name} is no throw-away environment", why, "Name another with --env verify-…")
        trying = [each for each in beliefs if each.attempt]
        seconds = plan.usual + sum(each.seconds for each in trying) + REMOVING
        cost = round(dollars(scene.config, list(scene.site)), 2)
        text = f"\nThen {len(trying)} beliefs are tried, and all of it is removed again, with its data. It takes "
        text += f"about {duration(seconds)} and, if it is over within 3 hours, less than ${cost + 0.01:.2f} on AWS."
        self.tell(event="trial", beliefs=[each.id for each in trying], seconds=seconds, dollars=cost, text=text)

    @contextmanager
    def standing(self, scene: Scene, *, keep: bool) -> Iterator[None]:
        """Made before, and removed after, whatever happens in between; on Ctrl-C it stays, and it says so."""
        stays = keep
        try:
            self._live_through(scene.site, scene.make())
            yield
        except KeyboardInterrupt:
            stays = True
            self.say(f"{STOPPED} {REMOVE.format(scene.config.env)}")
            raise
        finally:
            if not stays:
                self._remove(scene)

    def try_each(self, beliefs: Iterable[Belief], scene: Scene, when: When) -> Iterator[Tried]:
        waiting = [each for each in beliefs if each.attempt and each.when is when]
        self.say(f"\nTrying {len(waiting)}, {when.value}:")
        for each in each_tried(waiting, scene, when):
            verdict = each.verdict
            data = {**object_of(each.belief), "verdict": verdict.word, "seen": verdict.seen}
            self.tell(**data, text=f"  {verdict.word:8} {each.belief.id}")
            yield each

    def conclude(self, scene: Scene, tried: list[Tried], *, keep: bool) -> None:
        """The table, and what is left. Raises Problem if a belief broke, or not all was removed."""
        counts = counted(tried)
        summary = ", ".join(f"{count} {word}" for word, count in counts.items())
        self.tell(event="verdict", **counts, text=f"\n{blocks(tried)}\n\n{summary}.")
        if keep:
            self.tell_what_exists(scene.config, scene.aws)
        elif not scene.removed:
            self.tell_what_exists(scene.config, scene.aws)
            do = f"Mend what is said above, and run `{REMOVE.format(scene.config.env)}`"
            raise Problem(f"{scene.config.name}: not all of it was removed", "", do)
        else:
            self.tell_what_is_left(leftovers(scene.config, scene.aws))
        if counts["broke"]:
            broke = [each.belief for each in tried if each.verdict.word == "broke"]
            files = sorted({file for each in broke for file in each.relied_on_by})
            ids = ", ".join(each.id for each in broke)
            raise Problem(f"{len(broke)} of {len(tried)} broke: {ids}", "", f"Look at {', '.join(files)}")

    def _remove(self, scene: Scene) -> None:
        events = scene.remove()
        try:
            self._live_through(scene.everything, events)
        except BrokenPipeError:  # nobody reads any more: what is made here costs all the same
            deque(events, maxlen=0)
            raise

    def _live_through(self, graph: Graph, events: Iterable[Event]) -> None:
        """What fails on the way is itself something to learn of."""
        try:
            self.follow(graph, events)
        except Problem as problem:
            self.say(f"{problem}")
        except (ClientError, BotoCoreError) as error:
            self.say(said(error))
