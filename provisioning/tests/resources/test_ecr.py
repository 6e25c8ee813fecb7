"""A repository keeps what runs, lets Lambda pull, and tells which image is the newest and which one runs."""

import hashlib
import json

import pytest

from provisioning.aws import Aws
from provisioning.engine.clock import Clock
from provisioning.engine.events import Failed, Finished, Unchanged
from provisioning.engine.plan import Action, decide
from provisioning.engine.problem import Problem
from provisioning.engine.resource import Lives, State
from provisioning.engine.run import _Apply
from provisioning.images.build import Build
from provisioning.images.builder import Progress
from provisioning.images.engines import choose
from provisioning.images.source import Source
from provisioning.resources.ecr import Image, MovingTag, Repository
from provisioning.resources.ecr_policies import LAMBDA, LIFECYCLE
from provisioning.tests.images.ecr import REPOSITORY, Ecr
from provisioning.tests.images.stage import Stage


class Building:
    """A Builder that a test moves on."""

    anew, done, output, progress = False, False, "", None

    def __init__(self):
        self.started = []

    def check(self):
        pass

    def look(self, aws):
        return self.progress

    def start(self, aws, repository):
        self.started.append(repository)


@pytest.fixture
def aws(on_local_aws, request):
    return Aws(tags={"scale0:environment": request.node.name})


@pytest.fixture
def repository(aws, request):
    made = Repository(name="ecr-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12])
    yield made
    made.delete(aws, None)


def made(aws, each):
    """Create it as the engine does."""
    step = decide(each, each.find(aws), Lives())
    each.create(aws, step.values)
    return each.find(aws)


def test_a_new_repository_is_as_wanted(aws, repository):
    live = made(aws, repository)
    assert decide(repository, live, Lives()).action is Action.KEEP
    assert live.ours


def test_what_runs_and_what_ran_never_expires():
    rules = {rule["rulePriority"]: rule["selection"] for rule in LIFECYCLE["rules"]}
    *kept, untagged, rest = (rules[priority] for priority in sorted(rules))
    assert [each["tagPatternList"] for each in kept] == [["running"], ["former"], ["released"], ["latest"]]
    assert {(each["countType"], each["countNumber"]) for each in kept} == {("imageCountMoreThan", 1)}
    assert (untagged["tagStatus"], untagged["countUnit"], untagged["countNumber"]) == ("untagged", "days", 14)
    assert (rest["tagStatus"], rest["countNumber"]) == ("any", 20)


def test_lambda_of_this_account_and_region_may_pull_and_nobody_else(aws, repository):
    made(aws, repository)
    policy = json.loads(aws.client("ecr").get_repository_policy(repositoryName=repository.name)["policyText"])
    (statement,) = policy["Statement"]
    assert statement["Action"] == ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    functions = f"arn:aws:lambda:eu-west-3:{aws.account}:function:*"
    assert statement["Condition"] == {"StringLike": {"aws:sourceArn": functions}}


def policy_with(change):
    def by_hand(ecr, name):
        policy = json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])
        change(policy["Statement"])
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(policy))

    return by_hand


def no_lifecycle(ecr, name):
    ecr.delete_lifecycle_policy(repositoryName=name)


def no_policy(ecr, name):
    ecr.delete_repository_policy(repositoryName=name)


def fixed_tags(ecr, name):
    ecr.put_image_tag_mutability(repositoryName=name, imageTagMutability="IMMUTABLE")


anybody_s_functions = policy_with(lambda statements: statements[0].pop("Condition"))
fewer_actions = policy_with(lambda statements: statements[0].update(Action="ecr:BatchGetImage"))


@pytest.mark.parametrize(
    ("by_hand", "value"),
    [
        (no_lifecycle, "lifecycle"),
        (no_policy, "lambda_pulls"),
        (anybody_s_functions, "lambda_pulls"),
        (fewer_actions, "lambda_pulls"),
        (fixed_tags, "tags_move"),
    ],
)
def test_a_change_by_hand_is_put_right(aws, repository, by_hand, value):
    made(aws, repository)
    by_hand(aws.client("ecr"), repository.name)
    live = repository.find(aws)
    step = decide(repository, live, Lives())
    assert set(step.changes) == {value}
    repository.update(aws, live, step.values)
    assert decide(repository, repository.find(aws), Lives()).action is Action.KEEP


def test_what_lambda_adds_by_itself_is_left_alone(aws, repository):
    """Lambda widens the statement of that name, for whom may set a repository's policy (its developer guide)."""

    def widen(statements):
        statements[0]["Action"] += ["ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy", "ecr:GetRepositoryPolicy"]
        condition = statements[0]["Condition"]["StringLike"]
        condition["aws:sourceARN"] = [condition.pop("aws:sourceArn")]

    made(aws, repository)
    policy_with(widen)(aws.client("ecr"), repository.name)
    assert decide(repository, repository.find(aws), Lives()).action is Action.KEEP


def test_somebody_s_own_statement_stays(aws, repository):
    mine = {"Sid": "Mine", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    live = made(aws, repository)
    ecr = aws.client("ecr")
    ecr.set_repository_policy(
        repositoryName=repository.name, policyText=json.dumps({"Version": "2012-10-17", "Statement": [mine]})
    )
    repository.update(aws, live, {"lambda_pulls": True})
    policy = json.loads(ecr.get_repository_policy(repositoryName=repository.name)["policyText"])
    assert [each["Sid"] for each in policy["Statement"]] == ["Mine", LAMBDA]


class InMemory(Aws):
    """An AWS that is one ECR in memory."""

    def __init__(self, ecr):
        self.ecr, self.region, self.tags = ecr, "eu-west-3", {"scale0:environment": "mine"}
        ecr.repository_tags = self.tag_list()

    def client(self, service):
        return self.ecr


@pytest.fixture
def ecr():
    ecr = Ecr()
    yield ecr
    ecr.close()


@pytest.fixture
def memory(ecr):
    return InMemory(ecr)


THE = Repository(name=REPOSITORY)
IMAGE = Image(name="i", repository=THE)
RUNS = MovingTag(name="r", repository=THE, image=IMAGE, tag="running", before="former")


@pytest.mark.parametrize("each", [IMAGE, RUNS])
def test_where_there_is_no_repository_or_no_image_one_question_is_enough(memory, ecr, each):
    assert each.find(memory) is None
    ecr.repository_tags = None
    assert each.find(memory) is None
    assert ecr.calls == ["describe_images"] * 2
    each.delete(memory, None)


def test_the_newest_image_tells_what_it_was_built_from(memory, ecr):
    image = Image(name="i", repository=THE, wanted_tag="0123456789ab")
    digest = ecr.put("0123456789ab")
    ecr.put("latest")
    live = image.find(memory)
    assert (live.id, live.ours, live.values["source"]) == (digest, True, "0123456789ab")
    assert live.values["tags"] == ("0123456789ab", "latest")
    assert decide(image, live, Lives()).action is Action.KEEP

    other = Image(name="i", repository=THE, wanted_tag="ba9876543210")
    assert decide(other, other.find(memory), Lives()).values == {"source": "ba9876543210"}
    assert decide(IMAGE, IMAGE.find(memory), Lives()).action is Action.KEEP


def test_two_commits_that_make_one_image_are_both_its_source(memory, ecr):
    for tag in ("aaaaaaaaaaaa", "bbbbbbbbbbbb", "latest", "running"):
        ecr.put(tag)
    for tag in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        image = Image(name="i", repository=THE, wanted_tag=tag)
        assert decide(image, image.find(memory), Lives()).action is Action.KEEP


@pytest.mark.parametrize("each", [IMAGE, RUNS])
def test_an_image_in_somebody_else_s_repository_is_not_ours(memory, ecr, each):
    ecr.put("latest")
    ecr.put("running")
    ecr.repository_tags = [{"Key": "team", "Value": "another"}]
    assert decide(each, each.find(memory), Lives()).action is Action.BLOCKED


def test_while_it_is_built_the_image_changes_whatever_is_in_ecr(memory):
    build = Building()
    image = Image(name="i", repository=THE, build=build)
    build.progress = Progress("building", "STEP 1/2\n")
    live = image.find(memory)
    assert (live.state, live.word, live.output) == (State.CHANGING, "building", "STEP 1/2\n")
    assert decide(image, live, Lives()).action is Action.WAIT


def test_creation_and_change_start_the_build(memory):
    build = Building()
    image = Image(name="i", repository=THE, build=build, wanted_tag="a")
    image.create(memory, {})
    image.update(memory, None, {"source": "a"})
    assert build.started == [REPOSITORY] * 2


def test_a_build_anew_is_wanted_until_it_is_done(memory, ecr):
    ecr.put("latest")
    build = Building()
    build.anew = True
    image = Image(name="i", repository=THE, build=build)
    assert decide(image, image.find(memory), Lives()).action is Action.UPDATE
    build.done = True
    assert decide(image, image.find(memory), Lives()).action is Action.KEEP


def test_an_image_that_nothing_can_build_is_told_before_anything_is_made(memory):
    with pytest.raises(Problem, match="Nothing was chosen that could build it"):
        IMAGE.check(memory)


def test_the_running_tag_moves_and_the_former_one_follows(memory, ecr):
    lives = Lives()
    first = ecr.put("latest", author="first")
    lives[IMAGE] = IMAGE.find(memory)
    step = decide(RUNS, None, lives)
    RUNS.create(memory, step.values)
    RUNS.create(memory, step.values)
    assert ecr.tags == {"latest": first, "running": first}
    assert decide(RUNS, RUNS.find(memory), lives).action is Action.KEEP

    second = ecr.put("latest", author="second")
    lives[IMAGE] = IMAGE.find(memory)
    live = RUNS.find(memory)
    step = decide(RUNS, live, lives)
    assert step.values == {"digest": second}
    RUNS.update(memory, live, step.values)
    RUNS.update(memory, live, step.values)
    assert ecr.tags == {"latest": second, "running": second, "former": first}

    RUNS.delete(memory, RUNS.find(memory))
    assert RUNS.find(memory) is None
    assert ecr.tags == {"latest": second, "former": first}


def test_an_image_that_is_gone_cannot_be_the_running_one(memory):
    with pytest.raises(Problem, match="no longer in the repository"):
        RUNS.create(memory, {"digest": "sha256:gone"})


@pytest.fixture
def engine(tmp_path, monkeypatch):
    return Stage(tmp_path / "bin", monkeypatch)


def test_the_loop_builds_what_is_not_there_and_then_finds_nothing_to_do(memory, ecr, engine, tmp_path):
    tree = tmp_path / "project"
    tree.mkdir()
    (tree / "Dockerfile").write_text("FROM scratch\n")
    engine.install("podman")
    build = Build(Source(tree), choose("podman").engine)
    image = Image(name="i", repository=THE, build=build, wanted_tag=build.tag)

    (done,) = [event for event in events(image, memory) if isinstance(event, Finished)]
    assert (done.resource, done.action) == (image, Action.CREATE)
    assert ecr.tags["latest"] == ecr.tags[build.tag]
    assert {type(event) for event in events(image, memory)} == {Unchanged}

    (tree / "manage.py").write_text("")
    engine.says("build", (1, "RUN false: exit status 1"))
    build = Build(Source(tree), choose("podman").engine)
    image = Image(name="i", repository=THE, build=build, wanted_tag=build.tag)
    (failed,) = [event for event in events(image, memory) if isinstance(event, Failed)]
    assert "podman could not build it" in failed.problem


def events(image, aws):
    """What the loop tells of the image alone: its repository is there already."""
    return list(_Apply(aws, Quick()).run([image], before=lambda each: ()))


class Quick(Clock):
    def sleep(self, seconds):
        super().sleep(seconds / 50)
