"""The cases are those of Docker's documentation of .dockerignore."""

import pytest

from provisioning.images.ignore import Ignore, files


@pytest.mark.parametrize(
    ("lines", "path", "out"),
    [
        (["# comment", ""], "# comment", False),
        (["*/temp*"], "somedir/temporary.txt", True),
        (["*/temp*"], "somedir/temp/file", True),
        (["*/temp*"], "temp", False),
        (["*/*/temp*"], "somedir/subdir/temporary.txt", True),
        (["temp?"], "tempa", True),
        (["temp?"], "temp", False),
        (["**/*.go"], "a/b/c.go", True),
        (["**/*.go"], "c.go", True),
        (["/foo/bar/"], "foo/bar/x", True),
        (["foo/bar"], "foo/bar", True),
        (["foo/bar"], "x/foo/bar", False),
        (["*.md", "!README.md"], "README.md", False),
        (["*.md", "!README*.md", "README-secret.md"], "README-secret.md", True),
        (["*.md", "README-secret.md", "!README*.md"], "README-secret.md", False),
        (["docs", "!docs/keep.txt"], "docs/keep.txt", False),
        (["[ab].txt"], "a.txt", True),
        (["[ab].txt"], "c.txt", False),
        ([r"a\*b"], "a*b", True),
        ([r"a\*b"], "aXb", False),
        (["a.b"], "aXb", False),
        (["**/__pycache__"], "a/__pycache__/b.pyc", True),
        (["db.sqlite3*"], "db.sqlite3-journal", True),
    ],
)
def test_a_path_is_left_out_as_docker_leaves_it_out(lines, path, out):
    assert Ignore(lines).leaves_out(path) is out


def test_what_makes_the_image_counts_although_it_does_not_get_in(tree):
    assert list(files(tree, Ignore.of(tree))) == [".dockerignore", "Dockerfile", "manage.py"]
