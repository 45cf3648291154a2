"""The closing certificate of a petition that was also signed on paper, and of a certified one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from petitions.certificate.document import closing_json
from petitions.certificate.sheet import _numbers
from petitions.domain.counting import Paper
from petitions.services.closing_facts import ClosingFacts, closing_facts
from petitions.services.witnessing import NOBODY
from petitions.storage import tables as t
from tests.certificate.test_paper import checked
from tests.counting.parliaments import certify, close_window
from tests.counting.test_certificates import LOW, barcelona, checks
from tests.counting.test_scenarios_paper import eci
from tests.house import Precinct

Parliament = Callable[..., Precinct]


def facts_of(precinct: Precinct, petition: Any) -> ClosingFacts:
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        return closing_facts(session, precinct.house, found, NOBODY.enough)


@pytest.fixture
def on_paper(parliament: Parliament) -> tuple[Precinct, ClosingFacts]:
    precinct, petition = barcelona(parliament, LOW)
    precinct.sign_many(petition, range(12))
    precinct.work()
    certify(precinct, petition, raw=25, valid=20, duplicate=2)
    certify(precinct, petition, raw=5, valid=5)
    close_window(precinct, petition)
    return precinct, facts_of(precinct, petition)


def test_what_was_certified_on_paper_stands_beside_the_count_and_is_proven(
    on_paper: tuple[Precinct, ClosingFacts], tmp_path: Path, capsys: Any
) -> None:
    precinct, facts = on_paper
    content = json.loads(closing_json(facts))
    numbers = content["numbers"]
    assert (numbers["valid"], numbers["on_paper"], numbers["certified_online"]) == (12, 25, None)
    assert [(each["about"], each["counted"]) for each in content["papers"]] == [
        ("paper", 20), ("paper", 5),
    ]  # fmt: skip
    told = checked(closing_json(facts), tmp_path)
    assert told.returncode == 0, told.stderr
    assert checks(precinct, capsys)["V-406"] == "good", "the log itself says the same"


@pytest.mark.parametrize("name", ["counted", "sha256", "proof", "left out"])
def test_an_altered_paper_number_is_seen(
    on_paper: tuple[Precinct, ClosingFacts], tmp_path: Path, name: str
) -> None:
    paper = json.loads(closing_json(on_paper[1]))
    first = paper["papers"][0]
    if name == "counted":
        first["counted"] += 1
        paper["numbers"]["on_paper"] += 1
    elif name == "left out":
        del paper["papers"][0]
    else:
        first[name] = "00" * 32 if name == "sha256" else ["00" * 32]
    told = checked(json.dumps(paper).encode(), tmp_path)
    assert told.returncode == 1
    assert "AssertionError" in told.stderr


def test_the_printed_certificate_names_paper_only_where_there_is_any(
    on_paper: tuple[Precinct, ClosingFacts], parliament: Parliament
) -> None:
    rows = {row.label: row.value for row in _numbers(on_paper[1])}
    assert rows["Certified on paper"] == "25"
    assert "of these certified by the authorities: only they count" not in rows


def test_where_only_certificates_count_the_authorities_numbers_are_told(
    parliament: Parliament, tmp_path: Path
) -> None:
    precinct, petition = eci(parliament)
    for person in range(9):
        precinct.sign(petition, person, area="FR")
    precinct.work()
    close_window(precinct, petition)
    certify(precinct, petition, Paper.ONLINE, raw=9, valid=7, area="FR")
    facts = facts_of(precinct, petition)
    assert (facts.valid, facts.certified_online, facts.on_paper) == (9, 7, 0)
    told = checked(closing_json(facts), tmp_path)
    assert told.returncode == 0, told.stderr
    labels = [row.label for row in _numbers(facts)]
    assert "of these certified by the authorities: only they count" in labels
