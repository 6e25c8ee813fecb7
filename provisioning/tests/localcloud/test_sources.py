"""Each test of what the local AWS does or refuses names whose word that is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
OURS = {  # of our own machinery, of which AWS says nothing
    *(
        "demo/test_command.py",
        "demo/test_demo.py",
        "demo/test_people.py",
        "test_options.py",
        "state/test_bench.py",
        "state/test_records.py",
        "state/test_restart.py",
    ),
    *("state/test_snapshot.py", "test_bench.py", "test_bench_front.py", "test_command.py", "test_containers.py"),
    *("test_folder.py", "test_ground.py", "test_models.py", "test_moto.py", "test_processes.py", "test_sources.py"),
}
AWS = (
    "AWS documents",
    "AWS announced",
    "AWS's common errors",
    "guide",
    "error list",
    "AWS's knowledge center",
    "Service Authorization Reference",
)
OTHERS = (
    "botocore",
    r"PostgreSQL('s| documents| 15 documents)",
    "Docker's",
    "OCI's",
    r"RFC \d+",
    r"common wording",
    "Terraform",
)
REPORTS = ("[Rr]eport", r"[\w-]+#\d+", "[Ss]een in")
NOBODY = ("[Bb]elieved", r"\b[Oo]urs\b")
SOURCE = re.compile("|".join((*AWS, *OTHERS, *REPORTS, *NOBODY)))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for each in ast.walk(ast.parse(path.read_text())):
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
            yield each


def test_every_test_of_the_twin_names_its_source() -> None:
    modules = {str(path.relative_to(HERE)): path for path in HERE.rglob("test_*.py")}
    assert set(modules) >= OURS
    silent = [
        f"{name}: {test.name}"
        for name, path in sorted(modules.items())
        if name not in OURS
        for test in functions(path)
        if not SOURCE.search(ast.get_docstring(test) or "")
    ]
    assert silent == []
