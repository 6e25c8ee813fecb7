"""The name of a release."""

import pytest

from sleeping.saved.release import FILE, digest, release


@pytest.fixture
def project(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    for name, content in {"app/views.py": "1", "app/static/app/a.css": "2", "requirements.txt": "3"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    release.cache_clear()
    yield tmp_path
    release.cache_clear()


@pytest.mark.parametrize("name", ["app/views.py", "app/static/app/a.css", "requirements.txt", "app/new.html"])
def test_other_code_is_another_release(project, name):
    before = digest(project)
    (project / name).write_text("changed")
    assert digest(project) != before


@pytest.mark.parametrize("name", [".git/HEAD", "media/a.jpg", "static/a.css", "app/__pycache__/a.pyc", "db.sqlite3"])
def test_what_the_site_itself_puts_there_is_none(project, name):
    before = digest(project)
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("changed")
    assert digest(project) == before


def test_what_was_written_down_as_the_image_was_built_counts(project):
    (project / FILE).write_text("built\n")
    assert release() == "built"


def test_it_is_worked_out_where_nothing_was_written_down(project):
    assert release() == digest(project)


def test_a_project_may_name_it(project, settings):
    settings.SLEEPING = {"RELEASE": "mine"}
    assert release() == "mine"
