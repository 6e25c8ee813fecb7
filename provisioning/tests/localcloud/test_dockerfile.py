"""What is read of a Dockerfile and of a .dockerignore. The forms are those of Docker's reference."""

import pytest

from provisioning.localcloud.cloud import PROJECT
from provisioning.localcloud.codebuild.dockerfile import NotUnderstood, ignored, patterns_of, read


def test_the_last_stage_counts_and_the_line_that_collects_of_any() -> None:
    """Docker's reference: the last stage is the image. Whose collectstatic counts is ours."""
    found = read((PROJECT / "Dockerfile").read_text())
    assert found.collects_with == "scale0site.settings.build"
    assert (found.working_folder, found.user, found.command) == ("/app", "10001", ["gunicorn", "scale0site.wsgi"])
    assert found.environment["DJANGO_SETTINGS_MODULE"] == "scale0site.settings.production"
    assert found.environment["PATH"] == "/venv/bin:$PATH"


def test_the_forms_of_env_cmd_and_workdir() -> None:
    """Docker's reference."""
    text = """
FROM scratch
ENV A b c
ENV B=1 C='d e' D=$B
ENV E=$B-$A
workdir /srv
WORKDIR site
CMD run it
ENTRYPOINT ["a"]
"""
    found = read(text)
    assert found.environment == {"A": "b c", "B": "1", "C": "d e", "D": "", "E": "1-b c"}
    assert found.working_folder == "/srv/site"
    assert (found.entry_point, found.command) == (["a"], ["/bin/sh", "-c", "run it"])
    assert found.collects_with is None


def test_collectstatic_without_a_settings_module_takes_that_of_its_stage() -> None:
    """Ours."""
    assert read("FROM a\nENV DJANGO_SETTINGS_MODULE=x\nRUN ./manage.py collectstatic").collects_with == "x"
    assert read("FROM a\nRUN ./manage.py collectstatic").collects_with == ""


@pytest.mark.parametrize("text", ["", "# nothing", "RUN true"])
def test_what_docker_would_refuse(text: str) -> None:
    """Docker's reference: it begins with FROM."""
    with pytest.raises(NotUnderstood):
        read(text)


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("manage.py", False),
        ("Dockerfile", True),
        ("a/tests/test_x.py", True),
        ("tests", True),
        ("contests/a.py", False),
        ("a/__pycache__/b.pyc", True),
        ("provisioning/localcloud/ecr/models.py", True),
        ("provisioning/resources/ecr.py", False),
        (".env.production", True),
        ("docs/a.md", True),
        ("sleeping/docs/a.md", False),
    ],
)
def test_what_this_projects_dockerignore_leaves_out(name: str, gone: bool) -> None:
    """Docker's reference: patterns of a .dockerignore."""
    assert ignored(name, patterns_of(PROJECT)) is gone
