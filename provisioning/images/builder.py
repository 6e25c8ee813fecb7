"""An image on its way, in steps that a loop looks at: made, looked at in ECR, and named the latest.

None of it waits. What takes long is done by a child process or by CodeBuild; what is asked of AWS is answered at once.
A step that AWS or the network put off is taken again at the next look, so a passing error costs nothing that was done.
An image whose tag is in ECR already is not built again: a run that was killed goes on from what it pushed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..aws import Aws
from ..engine.problem import Problem
from .arrival import LATEST, Arrived, arrived, check, point
from .source import Source

Step = Callable[[Aws], None]


@dataclass(frozen=True)
class Progress:
    """How far it is."""

    word: str
    output: str
    """All that it has printed so far."""


class Builder:
    """Makes one image, of one tag, once in a run. Subclasses say how it is built."""

    usual = 180  # seconds

    def __init__(self, source: Source, tag: str, anew: bool) -> None:
        self.source, self.tag = source, tag
        self.anew = anew
        """Build even if there is an image of this tag: its base may have got newer."""
        self.done = False
        """It has ended well in this run."""
        self.repository = ""
        self._word = ""
        self._step: Step | None = None

    @property
    def words(self) -> str:
        """What builds what, for a person."""
        raise NotImplementedError

    @property
    def output(self) -> str:
        """All that was printed so far."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise Problem if it cannot even begin."""
        self.source.check()

    def start(self, aws: Aws, repository: str) -> None:
        """Begin, unless it is under way. The image goes into this repository."""
        if self._step is None:
            self.repository = repository
            self._go("looking for it in ECR", self._seek)

    def look(self, aws: Aws) -> Progress | None:
        """Go on as far as it goes without waiting; None if nothing is under way. Raises Problem for what failed."""
        if self._step is None:
            return None
        step = None
        try:
            while self._step is not None and self._step is not step:  # one that stays waits for something
                step = self._step
                step(aws)
        except Problem:
            self.close()
            raise
        if self._step is None:
            self.close()
            return None
        return Progress(self._word, self.output)

    def close(self) -> None:
        """End it, leaving nothing of it on this machine."""
        self._step = None

    def _build(self, aws: Aws) -> None:
        """The first step of building; the last one goes on with `_arrived`."""
        raise NotImplementedError

    def _go(self, word: str, step: Step) -> None:
        self._word, self._step = word, step

    def _seek(self, aws: Aws) -> None:
        there = None if self.anew else arrived(aws, self.repository, tag=self.tag)
        if there and self._fits(aws, there):
            self._go(f"making it {LATEST}", partial(self._name, there))
        else:
            self._go("preparing", self._build)

    def _fits(self, aws: Aws, there: Arrived) -> bool:
        try:
            check(aws, self.repository, self.tag, there)
        except Problem:  # somebody pushed it by hand: what we build takes its place
            return False
        return True

    def _arrived(self, pushed: str = "") -> None:
        """Go on with what was pushed: its digest, if that is known."""
        self._go("checking what arrived", partial(self._check, pushed))

    def _check(self, pushed: str, aws: Aws) -> None:
        there = arrived(aws, self.repository, tag=self.tag)
        if there is None:
            self._word = "waiting until ECR shows it"
            return
        check(aws, self.repository, self.tag, there, pushed)
        self._go(f"making it {LATEST}", partial(self._name, there))

    def _name(self, image: Arrived, aws: Aws) -> None:
        point(aws, self.repository, LATEST, image)
        self._step, self.done = None, True
