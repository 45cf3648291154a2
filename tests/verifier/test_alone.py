"""The program stands alone: one file, the standard library, an empty directory."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verifier import town as place
from tests.verifier.lane import LANE

PROGRAM = Path(__file__).parents[2] / "verifier" / "petition_verify.py"
MODULES = {
    "__future__", "argparse", "array", "base64", "binascii", "collections", "contextlib",
    "dataclasses", "datetime", "enum", "functools", "hashlib", "http", "itertools", "json",
    "operator", "os", "pathlib", "ssl", "sys", "tempfile", "threading", "time", "typing", "urllib",
    "uuid",
}  # fmt: skip
"""Nothing that opens a process, loads code, reads pickles or unpacks archives."""


def alone(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """A copy of the file in a directory of its own, without site-packages and without us."""
    folder.mkdir(exist_ok=True)
    shutil.copy(PROGRAM, folder / "petition_verify.py")
    return subprocess.run(
        [sys.executable, "-I", "-S", "petition_verify.py", *map(str, words)],
        cwd=folder, capture_output=True, text=True, check=False, env={"LC_ALL": "C"},
    )  # fmt: skip


def test_it_imports_a_fixed_list_of_standard_modules_and_no_other() -> None:
    found = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile", "__import__"}
    assert found == MODULES
    assert found <= {*sys.stdlib_module_names}


def test_it_verifies_a_log_from_an_empty_directory(tmp_path: Path) -> None:
    place.the_town().publish(tmp_path / "log")
    found = alone(tmp_path / "empty", "log", tmp_path / "log")
    assert (found.returncode, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert "V-502 good: every published count equals the signatures before it (17 counts)" in lines
    assert lines[-1].startswith("Nothing is wrong. (")
    (tmp_path / "log/tile/0/000").unlink()
    found = alone(tmp_path / "empty", "log", tmp_path / "log")
    assert found.returncode == 1
    assert "V-201 WRONG: tile/0/000 is missing" in found.stdout
    assert "SOMETHING IS WRONG" in found.stdout


def test_its_result_for_machines_is_json_and_nothing_else(tmp_path: Path) -> None:
    place.the_town().publish(tmp_path / "log")
    found = alone(tmp_path / "empty", "log", tmp_path / "log", "--json")
    told = json.loads(found.stdout)
    assert (told["origin"], told["size"], told["exit"]) == (place.ORIGIN, 643, 0)
    assert {one["petition"]: one["valid"] for one in told["petitions"]} == {
        str(place.PARK): 542, str(place.SCHOOL): 5, str(place.NOISE): 1, str(place.SECRET): 3,
        str(LANE): 5,
    }  # fmt: skip
    refused = alone(tmp_path / "empty", "log", tmp_path / "nothing", "--json")
    assert json.loads(refused.stdout)["exit"] == refused.returncode == 2


@pytest.mark.parametrize(
    "words",
    [[], ["log"], ["nonsense", "x"], ["receipt", "no-such-file", "."], ["log", "."],
     ["log", ".", "--mirror", "x"], ["log", ".", "--policy", "no-such-file"]],
)  # fmt: skip
def test_wrong_arguments_end_with_two_and_a_sentence(words: list[str], tmp_path: Path) -> None:
    found = alone(tmp_path / "empty", *words)
    assert found.returncode == 2
    assert found.stderr
    assert "Traceback" not in found.stderr


def test_a_reader_that_stops_reading_is_no_fault(tmp_path: Path) -> None:
    place.the_town().publish(tmp_path / "log")
    shutil.copy(PROGRAM, tmp_path / "verify.py")
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "verify.py", "log", "log"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as program:  # fmt: skip
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        assert b"Traceback" not in program.stderr.read()
