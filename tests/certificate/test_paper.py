"""The paper's program checks a certificate with nothing of ours, and sees what was altered."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from petitions.certificate.document import closing_json
from tests.certificate.conftest import Filed

PAPER = Path(__file__).resolve().parents[2] / "docs" / "certificate.md"


def checked(content: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAPER.read_text(), re.MULTILINE | re.DOTALL)
    (folder / "check.py").write_text(program, encoding="utf-8")
    (folder / "closing.json").write_bytes(content)
    alone = [sys.executable, "-I", "-S", "check.py", "closing.json"]
    return subprocess.run(alone, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize("status", ["closed", "sealed"])
def test_the_program_of_the_paper_accepts_a_certificate(
    filed: Filed, tmp_path: Path, status: str
) -> None:
    told = checked(closing_json(getattr(filed, status)), tmp_path)
    assert told.returncode == 0, told.stderr
    assert told.stdout == f"{filed.ref}: 26 valid signatures, {status}: good\n"


def _number(paper: dict[str, Any]) -> None:
    paper["numbers"]["valid"] += 1


def _text(paper: dict[str, Any]) -> None:
    paper["text"]["request"] += "!"


def _proof(paper: dict[str, Any]) -> None:
    paper["close"]["proof"][0] = "00" * 32


def _entry(paper: dict[str, Any]) -> None:
    paper["count"] = paper["close"]


def _statement(paper: dict[str, Any]) -> None:
    paper["seal"]["statements"][0]["statement"] += "x"


def _petition(paper: dict[str, Any]) -> None:
    paper["petition"]["uuid"] = "0" * 8 + paper["petition"]["uuid"][8:]


@pytest.mark.parametrize("alter", [_number, _text, _proof, _entry, _statement, _petition])
def test_the_program_of_the_paper_sees_what_was_altered(
    filed: Filed, tmp_path: Path, alter: Callable[[dict[str, Any]], None]
) -> None:
    paper = json.loads(closing_json(filed.sealed))
    alter(paper)
    told = checked(json.dumps(paper).encode(), tmp_path)
    assert told.returncode == 1
    assert "AssertionError" in told.stderr


def test_the_paper_names_every_key_of_the_document(filed: Filed) -> None:
    table = PAPER.read_text().partition("## What stands in closing.json")[2].partition("## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {key for row in rows for key in re.findall(r"`(\w+)`", row)} == set(
        json.loads(closing_json(filed.sealed))
    )
