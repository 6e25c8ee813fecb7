"""An image built and pushed by an engine on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..aws import Aws
from ..engine.problem import Problem
from . import said
from .bench import Bench
from .builder import Builder
from .engines import NOTHING, Engine
from .login import Registry
from .source import Source

PUSHES = 3  # in all, if they break off; layers that arrived are not sent again


class Build(Builder):
    """One image of one source."""

    def __init__(
        self, source: Source, engine: Engine, arguments: Mapping[str, str] = NOTHING, *, anew: bool = False
    ) -> None:
        super().__init__(source, source.tag, anew)
        self.engine, self.arguments = engine, arguments
        self._bench: Bench | None = None
        self._output = ""

    @property
    def words(self) -> str:
        return f"{self.engine.name} builds {self.source.words}"

    @property
    def output(self) -> str:
        return self._bench.output if self._bench else self._output

    def close(self) -> None:
        super().close()
        if self._bench:
            self._output = self._bench.output
            self._bench.close()
            self._bench = None

    def _build(self, aws: Aws) -> None:
        registry = Registry.of(aws)  # now, so that a missing right shows before minutes of building
        self._bench = bench = Bench(self.source.folder, registry)
        bench.run(self.engine.build(self._image(bench), self.arguments))
        self._go("building", partial(self._building, bench))

    def _building(self, bench: Bench, aws: Aws, chroot: bool = False) -> None:
        if bench.code is None:
            return
        if bench.code == 0:
            self._same_or_raise()
            bench.sign_in(bench.registry)
            self._push(bench, "pushing", 1, fresh=False)
        elif said.CANNOT_RUN in bench.said and self.engine.dialect == "podman" and not chroot:
            word = f"{self.engine.name} cannot run containers here: building again with --isolation=chroot"
            bench.run(self.engine.build(self._image(bench), self.arguments, chroot=True), word)
            self._go("building", partial(self._building, bench, chroot=True))
        else:
            raise self._failed("build", bench, said.build_advice(bench.said))

    def _same_or_raise(self) -> None:
        """Files that change under a build would make the tag a lie."""
        if self.source.again().tag != self.tag:
            raise Problem(
                f"Image {self.repository}:{self.tag}: not pushed",
                "The files changed while it was built, so it may hold some of both",
                "Run again: the steps whose files did not change are kept",
            )

    def _push(self, bench: Bench, word: str, count: int, fresh: bool) -> None:
        plain_http = bench.registry.plain_http
        bench.run(self.engine.push(self._image(bench), bench.login, bench.digest_file, plain_http=plain_http))
        self._go(word, partial(self._pushing, bench, count, fresh))

    def _pushing(self, bench: Bench, count: int, fresh: bool, aws: Aws) -> None:
        """`count` pushes have been begun; `fresh` if the login is a second one."""
        if bench.code is None:
            return
        if bench.code == 0:
            self._arrived(self.engine.pushed(bench.said, bench.digest_file))
        elif said.FORBIDDEN.search(bench.said):
            raise self._failed("push", bench, "Allow that action to whom you are signed in as, and run again")
        elif said.MISSING.search(bench.said):
            raise self._failed("push", bench, "Somebody removed the repository: run provision_aws, which makes it")
        elif said.SIGNED_OUT.search(bench.said) and not fresh:
            bench.sign_in(Registry.of(aws))  # a token holds for twelve hours, and a machine may have slept
            self._push(bench, "pushing with a new login", count, fresh=True)
        elif said.BROKEN_OFF.search(bench.said) and count < PUSHES:
            self._push(bench, f"pushing for the {('second', 'third')[count - 1]} time", count + 1, fresh)
        else:
            raise self._failed("push", bench, "Look at the network and run again: what arrived is not sent again")

    def _failed(self, act: str, bench: Bench, do: str) -> Problem:
        doing = f"Image {self.repository}:{self.tag}: {self.engine.name} could not {act} it"
        return Problem(doing, f'It says: "{said.essence(bench.said)}"', do)

    def _image(self, bench: Bench) -> str:
        return f"{bench.registry.host}/{self.repository}:{self.tag}"
