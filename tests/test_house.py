"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
"""Lines of a Python file: past that, a second purpose inside wants a room of its own."""

GENERATED = ("migrations/versions/", "verifier/")
"""Alembic writes one line per column. Verifier and witness are one file each, to be downloaded alone."""

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "manager", "handler", "common", "misc"}
ELSEWHERE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+)/|(?<![\w/.-])" + r"shared" + r"/\w")
"""Paths of one person's machine: they mean nothing to anybody else."""

TEXT = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".po", ".sh", ".yml", ".yaml"}
TEXT |= {".json", ".conf", ".service", ".mako", ".in", ""}


def listed_files() -> list[str]:
    """What is or would be committed: git knows, else (an unpacked archive) whatever is no dot folder."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0 and listing.stdout:
        return [name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]
    found = []
    for folder, inside, names in os.walk(ROOT):
        inside[:] = [name for name in inside if not name.startswith((".", "__pycache__"))]
        found += [str((Path(folder) / name).relative_to(ROOT)) for name in names]
    return found


FILES = listed_files()
PYTHON = [name for name in FILES if name.endswith(".py")]
TEST_MODULES = [name for name in PYTHON if Path(name).name.startswith("test_")]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def words_of(test: str) -> list[str]:
    return [word for word in test.split("_")[1:] if word]


def names_of_tests(tree: ast.Module) -> list[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, kinds) and node.name.startswith("test")
    ]


def test_the_listing_sees_the_packages_and_the_tests() -> None:
    assert {"petitions/domain/errors.py", "tests/test_house.py", "Makefile"} <= set(FILES)
    assert len(TEST_MODULES) > 3


def test_no_python_file_is_longer_than_the_hard_stop() -> None:
    lines = {
        name: len(read(name).splitlines()) for name in PYTHON if not name.startswith(GENERATED)
    }
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_no_file_or_folder_bears_an_empty_word() -> None:
    named = [
        name
        for name in FILES
        if EMPTY_WORDS & {word for part in Path(name).parts for word in re.split(r"[._-]", part)}
    ]
    assert named == []


@pytest.mark.parametrize("name", TEST_MODULES)
def test_every_test_of_a_module_is_named_by_a_sentence(name: str) -> None:
    names = names_of_tests(ast.parse(read(name)))
    assert names or ".TestCase" in read(name), f"{name} holds no test"
    assert [test for test in names if len(words_of(test)) < 4] == []


def test_no_file_names_a_path_of_one_persons_machine() -> None:
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name in FILES
        if Path(name).suffix in TEXT and name != "tests/test_house.py"
        for number, line in enumerate(read(name).splitlines(), 1)
        if ELSEWHERE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("see /wo" + "rk/main/tests", True),
        ("see /home/anna/petitions", True),
        ("as in sh" + "ared/design", True),
        ("GET /petitions/5/workspace/", False),
        ("https://example.org/work/", False),
        ("/usr/share/doc", False),
        ("templates/sh" + "ared/x.html", False),
    ],
)
def test_the_search_for_such_paths_knows_them_when_it_sees_them(line: str, caught: bool) -> None:
    assert bool(ELSEWHERE.search(line)) is caught


@pytest.mark.parametrize(
    "lock", [f"requirements/{kind}.txt" for kind in ("core", "hsm", "pdf", "test", "outside")]
)
def test_a_lock_pins_and_hashes_every_package_and_names_no_registry(lock: str) -> None:
    requirements = read(lock).replace("\\\n", " ").splitlines()
    assert len(requirements) > 20
    for requirement in requirements:
        assert re.match(r"[a-z0-9-]+==\S+ ", requirement), requirement[:60]
        assert "--hash=sha256:" in requirement, requirement[:60]
        assert "://" not in requirement, requirement[:60]


def test_the_test_lock_holds_the_core_lock_in_the_same_versions() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9-]+==[^ ;\\]+", read(lock), re.MULTILINE))

    core, hsm = pins("requirements/core.txt"), pins("requirements/hsm.txt")
    assert core < hsm < pins("requirements/test.txt")
    assert {each.split("==")[0] for each in hsm - core} >= {"python-pkcs11"}
    pdf = pins("requirements/pdf.txt")
    assert core < pdf < pins("requirements/test.txt")
    assert {each.split("==")[0] for each in pdf - core} >= {"weasyprint", "pyhanko"}


def test_every_direct_dependency_is_in_the_core_lock() -> None:
    declared = re.search(
        r"^dependencies = \[(.*?)^\]", read("pyproject.toml"), re.MULTILINE | re.DOTALL
    )
    assert declared is not None
    names = {name.lower() for name in re.findall(r'"([A-Za-z0-9-]+)', declared[1])}
    locked = set(re.findall(r"^([a-z0-9-]+)==", read("requirements/core.txt"), re.MULTILINE))
    assert names - locked == set()
