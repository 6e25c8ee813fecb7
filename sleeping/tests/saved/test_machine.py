"""No one is shown a page that they may not see, and none older than allowed, whatever happens in whatever order.

Hypothesis makes up what happens; `HYPOTHESIS_EXAMPLES=2000 pytest sleeping/tests/saved/test_machine.py` looks for
longer, and each time for something else, than the few seconds of every run of the tests.
"""

import copy
import os
from dataclasses import dataclass, field

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from sleeping.saved import person
from sleeping.saved.making import make

from .two_instances import LOCALE, MIDDLEWARE, SECONDS, TEMPLATES, Edits, Instance, Tree, World, few_pages, names_in
from .two_instances import said as words

SOUGHT = os.environ.get("HYPOTHESIS_EXAMPLES", "")
EXAMPLES = int(SOUGHT or 16)
POINTS = ("before a page is made", "in the page", "at its end", "before it is saved", "while the index is made")

numbers = st.integers(0, 11)
instances = st.integers(0, 1)
edits = st.tuples(st.sampled_from(Edits.KINDS), numbers, numbers)
in_between = st.none() | st.tuples(st.sampled_from(POINTS), instances, edits)
places = st.tuples(numbers, st.sampled_from(["", "", "", "x/", "c/"]))
visitors = st.sampled_from(["nobody", "nobody", "nobody", "made-up", "half", "ada", "bo", "ada, formerly", "guest"])


@dataclass
class State:
    """The site as it was from one change to the next."""

    tree: Tree
    at: float
    by: Instance | None = None
    """The instance that knows of it from the beginning."""
    hard: bool = False
    told: float | None = 0.0
    """When the shared storage said so."""
    between: set[tuple[str, str]] = field(default_factory=set)
    """Path and answer of what was made while this was about to become the former state."""


class Machine(RuleBasedStateMachine):
    languages: tuple[str, ...] = ()
    world: World
    tree: Tree

    def __init__(self) -> None:
        super().__init__()
        self.world.begin()
        self.world.kept = self._note_what_was_between
        self.edits = Edits(copy.deepcopy(self.tree))
        self.states = [State(copy.deepcopy(self.tree), self.world.now)]
        self.jars: dict[str, dict[str, str]] = {name: {} for name in ("ada", "bo", "ada, formerly", "guest")}
        self.jars["ada, formerly"] = {"sessionid": "left", "sessionid-is": "behind"}
        self.signed_in: set[str] = set()
        self.passed: set[int] = set()
        self.speaks = ""

    # --- what happens ---

    @precondition(lambda self: not self.world.asleep)
    @rule(which=instances, edit=edits, killed=st.sampled_from([False] * 7 + [True]))
    def change(self, which: int, edit: tuple[str, int, int], killed: bool) -> None:
        instance = self.world.instances[which]
        number = len(self.states)
        self.world.killed = killed
        self._edit(instance, edit)
        self.world.killed = False
        if killed:
            self._restart(instance)
        elif len(self.states) > number and self._is_able(instance):
            assert self.world.is_told() or not instance.site._is_sure  # as SQLite sometimes has it
        self._look_whether_it_is_told()

    @rule(
        which=instances,
        place=places,
        who=visitors,
        method=st.sampled_from(["GET", "GET", "HEAD"]),
        tail=st.sampled_from(["", "", "?utm_source=us", "?unheard=of"]),
        speaks=st.sampled_from(["", "de", "en-gb"]),
        between=in_between,
        to_the_end=st.booleans(),
    )
    def visit(self, which, place, who, method, tail, speaks, between, to_the_end) -> None:
        world, instance = self.world, self.world.instances[which]
        self.speaks = speaks if self.languages else ""
        path = self._path(place)
        passed = frozenset(self.passed)
        if between and not world.asleep:
            world.meanwhile(between[0], lambda: self._edit(world.instances[between[1]], between[2]))
        number = len(self.states)
        response = world.ask(
            instance, path + tail, self._cookies(who), method, accept_language=speaks or "fr", accept_encoding="br"
        )
        self._note_a_look(instance)
        self._follow(who, response)
        changed = len(self.states) > number
        answer = words(response.status_code, response.headers, response.content)
        self._check(instance, path, who, passed, response, answer, method, changed)
        if to_the_end:
            world.close(instance, response)
        world.nothing_waits()
        self._look_whether_it_is_told()

    @precondition(lambda self: not self.world.asleep)
    @rule(which=instances, between=in_between)
    def save_pages(self, which: int, between) -> None:
        world, instance = self.world, self.world.instances[which]
        if between:
            world.meanwhile(between[0], lambda: self._edit(world.instances[between[1]], between[2]))
        with world.on(instance):
            for _ in make(instance.site, 3600):
                pass
        instance.looked = world.now
        world.nothing_waits()
        self._look_whether_it_is_told()

    @rule(name=st.sampled_from(["ada", "bo"]), which=instances, out=st.booleans())
    def sign_in_or_out(self, name: str, which: int, out: bool) -> None:
        before = dict(self.jars[name])
        response = self.world.ask(
            self.world.instances[which], "/out/" if out else f"/in/{name}/", self._cookies(name), "POST"
        )
        if self.world.asleep:
            assert response.status_code == 503
            return
        if out and name == "ada" and before:
            self.jars["ada, formerly"] = before
        self._note_a_look(self.world.instances[which])
        self._follow(name, response)
        assert response.content == (b"out" if out else b"in")
        (self.signed_in.discard if out else self.signed_in.add)(name)
        self._look_whether_it_is_told()

    @precondition(lambda self: not self.world.asleep)
    @rule(which=instances, first=numbers)
    def give_the_password(self, which: int, first: int) -> None:
        tree = self.edits.tree
        closed = [(pk, key) for key, leaf in tree.pages.items() for pk, kind in leaf.restrictions.items()]
        closed = [(pk, key) for pk, key in closed if tree.pages[key].restrictions[pk] == "password"]
        if not closed:
            return
        pk, key = closed[first % len(closed)]
        address = f"{self._prefix()}_util/authenticate_with_password/{pk}/{key}/"
        instance = self.world.instances[which]
        sent = {"password": "word", "return_url": "/"}
        response = self.world.ask(instance, address, self._cookies("guest"), "POST", sent)
        assert response.status_code == 302
        self.passed.add(pk)
        self._note_a_look(instance)
        self._follow("guest", response)
        self._look_whether_it_is_told()

    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 3.0, 10.0, 21.0, 500.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.world.now += seconds

    @rule(seems_awake=st.booleans())
    def the_database_falls_asleep_or_wakes(self, seems_awake: bool) -> None:
        """As it seems is as it is, unless the marks are wrong."""
        self.world.asleep = not self.world.asleep
        self.world.seems_awake = seems_awake

    @rule(which=instances, what=st.sampled_from(["fails", "fails", "is slow", "restarts"]))
    def trouble(self, which: int, what: str) -> None:
        """Or the end of it."""
        instance = self.world.instances[which]
        if what == "fails":
            instance.storage.failing = not instance.storage.failing
        elif what == "restarts":
            self._restart(instance)
        elif instance.storage.slow:
            instance.storage.slow = False
            instance.storage.land()
        else:
            instance.storage.slow = True

    # --- what may be shown ---

    def _check(self, instance, path, who, passed, response, answer, method, changed) -> None:
        name = who if who in self.signed_in else ""
        told = f"{who} at {path} of {instance.name}: {response.headers.get('Cache-Status')}; {response.headers}"
        if response.status_code == 503:
            assert self.world.asleep, told
            return
        if not name:
            assert not names_in(answer) - self.edits.published, f"{told}: {answer!r}"
        if method == "HEAD" and response.status_code == 200:
            return
        is_someone = name or (who == "guest" and passed)
        if is_someone:
            assert "Age" not in response.headers, told
            wanted = {self._answer(self.edits.tree, path, name, passed if who == "guest" else frozenset())}
        elif "Age" in response.headers:
            assert self.world.asleep or not self.world.seems_awake, told
            wanted = self._answers(path, self._shown_asleep(instance))
        else:
            wanted = self._answers(path, self._shown(instance))
        if not changed:
            assert answer in wanted, f"{told}: {answer!r} instead of {wanted}"

    def _answers(self, path: str, states: list[State]) -> set[str]:
        said = {self._answer(state.tree, path) for state in states}
        return said | {answer for state in states for where, answer in state.between if where == path}

    def _answer(self, tree: Tree, path: str, name: str = "", passed: frozenset[int] = frozenset()) -> str:
        return tree.answer(path, name, passed, self.speaks)

    def _shown(self, instance: Instance) -> list[State]:
        """The present one, and those of whose end the instance need not have heard yet."""
        found = [self.states[-1]]
        for former, state in zip(self.states[-2::-1], self.states[:0:-1], strict=True):
            if self._knows(instance, state):
                break
            found.append(former)
        return found

    def _shown_asleep(self, instance: Instance) -> list[State]:
        """And those that were ended by a soft change."""
        found, knows = [self.states[-1]], False
        for former, state in zip(self.states[-2::-1], self.states[:0:-1], strict=True):
            knows = knows or self._knows(instance, state)
            if knows and state.hard:
                break
            found.append(former)
        return found

    def _knows(self, instance: Instance, state: State) -> bool:
        return state.by is instance or (state.told is not None and self.world.now - state.told >= SECONDS)

    # --- what the model learns ---

    def _edit(self, instance: Instance, edit: tuple[str, int, int]) -> None:
        world = self.world
        asleep, reached = world.asleep, world.reached
        world.asleep = False  # an editor's request has woken it
        before = self._seen(self.edits.tree)
        former = copy.deepcopy(self.edits.tree)
        with world.on(instance):
            self.edits.do(*edit, together=world.killed or edit[1] % 2 == 0)
        world.asleep, world.reached = asleep, reached
        if self._seen(self.edits.tree, former) != before | self._seen(former, self.edits.tree):
            self.states.append(
                State(
                    copy.deepcopy(self.edits.tree),
                    world.now,
                    None if world.killed else instance,
                    edit[0] in Edits.HARD,
                    None,
                )
            )
        else:
            self.states[-1].tree = copy.deepcopy(self.edits.tree)
        self._look_whether_it_is_told()

    def _seen(self, tree: Tree, other: Tree | None = None) -> dict[str, str]:
        """What an anonymous visitor sees at each path of either tree."""
        paths = {each.path(key) for each in (tree, other or tree) for key in each.pages}
        paths |= {path for each in (tree, other or tree) for path in each.redirects}
        return {path: tree.answer(path) for path in paths}

    def _note_what_was_between(self, path: str, answer: str) -> None:
        if len(self.states) > 1:
            self.states[-2].between.add((path, answer))

    def _look_whether_it_is_told(self) -> None:
        if any(state.told is None for state in self.states) and self.world.is_told():
            for state in self.states:
                state.told = self.world.now if state.told is None else state.told

    def _note_a_look(self, instance: Instance) -> None:
        """Whoever reaches the database hears of what nobody was told, if they have not just asked."""
        world = self.world
        if not world.reached:
            return
        if self._is_able(instance) and world.now - instance.looked >= SECONDS:
            assert world.is_told() or world.happened
        if world.now - instance.looked >= SECONDS:
            instance.looked = world.now

    def _is_able(self, instance: Instance) -> bool:
        """Whether it can tell the shared storage something."""
        return not (instance.storage.failing or instance.site.store.is_away)

    def _restart(self, instance: Instance) -> None:
        instance.start(self.world)
        for state in self.states:
            if state.by is instance and state.told is None:
                state.by = None

    # --- visitors ---

    def _path(self, place: tuple[int, str]) -> str:
        if self.languages and place == (0, ""):
            return "/"
        tree = self.states[max(0, len(self.states) - 1 - place[0] % 3)].tree
        keys = list(tree.pages)
        return tree.path(keys[place[0] % len(keys)]) + place[1]

    def _prefix(self) -> str:
        return f"/{self.tree.language}/" if self.languages else "/"

    def _cookies(self, who: str) -> dict[str, str]:
        if who == "made-up":
            return {"sessionid": "0123456789abcdef0123456789abcdef", person.cookie(): "0123:abc:def"}
        if who == "half":
            return {"sessionid": self.jars["ada"].get("sessionid", "some")} if "ada" not in self.signed_in else {}
        return self.jars.get(who, {})

    def _follow(self, who: str, response: HttpResponse) -> None:
        if who not in self.jars or who == "ada, formerly":
            return
        for name, morsel in response.cookies.items():
            if morsel.value and morsel["max-age"] != 0:
                self.jars[who][name] = morsel.value
            else:
                self.jars[who].pop(name, None)


@pytest.fixture
def site_of_two(settings, tmp_path):
    """Its settings."""
    settings.STORAGES = {
        **settings.STORAGES,
        "saved": {"BACKEND": "sleeping.saved.folder.Folder", "OPTIONS": {"location": tmp_path}},
    }
    settings.MIDDLEWARE = MIDDLEWARE
    settings.ROOT_URLCONF = "sleeping.tests.saved.two_instances"
    settings.SLEEPING = {"FOLDER": str(tmp_path / "marks"), "MEMORY_SECONDS": SECONDS}
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.DEBUG = False
    settings.WAGTAILREDIRECTS_AUTO_CREATE = False
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "sleeping.tests.saved.two_instances.meanwhile",
                    "sleeping.saved.rendering.csrf",
                ],
            },
        }
    ]
    return settings


def run(world: World, languages: tuple[str, ...] = (), examples: int = EXAMPLES) -> None:
    with world:
        tree = few_pages(languages)
        world.remember()
        kind = type("Machine", (Machine,), {"world": world, "tree": tree, "languages": languages})
        run_state_machine_as_test(
            kind,
            settings=settings(
                max_examples=examples,
                derandomize=not SOUGHT,
                phases=[Phase.generate],
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=bool(SOUGHT),
            ),
        )


def test_no_one_is_shown_what_they_may_not_see_or_what_is_too_old(site_of_two, db, monkeypatch, tmp_path):
    run(World(monkeypatch, tmp_path / "saved"))


def test_nor_on_a_site_of_two_languages(site_of_two, db, monkeypatch, tmp_path):
    site_of_two.MIDDLEWARE = [*MIDDLEWARE[:6], LOCALE, *MIDDLEWARE[6:]]
    site_of_two.ROOT_URLCONF = "sleeping.tests.saved.two_languages"
    site_of_two.LANGUAGES = site_of_two.WAGTAIL_CONTENT_LANGUAGES = [("en-gb", "English"), ("de", "German")]
    site_of_two.WAGTAIL_I18N_ENABLED = True
    assert django_settings.LANGUAGE_CODE == "en-gb"
    run(World(monkeypatch, tmp_path / "saved"), ("en-gb", "de"), EXAMPLES // 2)
