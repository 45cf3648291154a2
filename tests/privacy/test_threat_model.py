"""The threat model names files and tests: each must be there, each attacker must have its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
_FILE = re.compile(
    r"`((?:petitions|identity|tests|deploy|docs|verifier|pyproject)[\w./-]*)(?:#[\w-]+)?`"
)
ATTACKERS = (
    "public", "receipt", "copy of the database,", "database and the keys", "running server",
    "identity provider", "court order", "turned back", "staff", "hosting provider", "another process",
)  # fmt: skip


def cells(heading: str) -> list[list[str]]:
    part = PAPER.partition(f"## {heading}")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return rows[2:]


@pytest.mark.parametrize("named", sorted(set(_FILE.findall(PAPER))))
def test_each_file_that_the_threat_model_names_is_there(named: str) -> None:
    assert (ROOT / named).exists()


def test_each_mitigation_names_what_holds_it() -> None:
    rows = cells("Mitigations, and what holds them")
    assert len(rows) > 15
    assert [row for row in rows if not re.search(r"`tests/[\w/]+\.py`", row[2])] == []


def test_each_attacker_has_a_line_before_and_after_sealing() -> None:
    rows = cells("What each attacker learns")
    assert all(len(row) == 3 and all(row) for row in rows)
    listed = [row[0] for row in rows]
    for attacker in ATTACKERS:
        assert len([each for each in listed if attacker in each]) == 1, attacker


def test_what_is_unsolved_is_said_and_the_page_for_citizens_says_the_worst_of_it() -> None:
    unsolved = PAPER.partition("## Unsolved")[2]
    for word in ("live server", "Ghost signatures", "pretend to be anybody", "Time outlives sealing",
                 "list of copies", "paper"):  # fmt: skip
        assert word in unsolved
    page = (ROOT / "templates" / "content" / "privacy.html").read_text(encoding="utf-8")
    for word in ("controls our server", "Sealing does not end this", "no copy of the key"):
        assert word in page
