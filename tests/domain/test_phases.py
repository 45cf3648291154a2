"""The phases of every shipped procedure, from its rulebook alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import petitions
from petitions.domain.lifecycle import State
from petitions.domain.phases import Part, Phase, lies_in, phases
from petitions.domain.procedure import Kind
from petitions.domain.rulebook_files import Library, load_directory

TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def library() -> Library:
    return load_directory(Path(petitions.__file__).parent / "rulebooks")


def kind(library: Library, book: str, name: str) -> Kind:
    return library.rulebook(book, TODAY).kinds[name]


def parts(library: Library, book: str, name: str) -> list[tuple[str, str]]:
    return [(str(each.part), each.body) for each in phases(kind(library, book, name))]


def test_a_town_checks_collects_and_answers(library: Library) -> None:
    assert phases(kind(library, "town", "petition")) == (
        Phase(Part.CHECK, "town_clerk"),
        Phase(Part.SIGNING),
        Phase(Part.BODY, "town_council", ("council",)),
    )


def test_supporters_come_before_the_check_and_two_bodies_after_signing(library: Library) -> None:
    assert parts(library, "uk-parliament", "petition") == [
        ("sponsors", ""),
        ("check", "petitions_team"),
        ("signing", ""),
        ("body", "government"),
        ("body", "petitions_committee"),
    ]


def test_a_check_office_that_features_a_petition_is_no_phase_of_its_own(library: Library) -> None:
    assert parts(library, "fr-assemblee-nationale", "petition")[2:] == [
        ("body", "standing_committee"),
        ("body", "conference_of_presidents"),
    ]


def test_sheets_are_verified_and_handed_over_where_the_rules_say_so(library: Library) -> None:
    found = [part for part, _body in parts(library, "eu-eci", "petition")]
    assert found == ["sponsors", "check", "signing", "verification", "handover", "body", "body"]


def test_what_is_never_signed_has_no_phase_of_signing(library: Library) -> None:
    found = [part for part, _body in parts(library, "de-bundestag", "private")]
    assert found == ["check", "body"]


def test_every_procedure_has_a_check_and_ends_with_a_body(library: Library) -> None:
    for book in library.in_force(TODAY):
        for each in book.kinds.values():
            found = phases(each)
            assert found[-1].part is Part.BODY, (book.id, each.id)
            assert any(phase.part is Part.CHECK for phase in found), (book.id, each.id)
            assert len(set(found)) == len(found), (book.id, each.id)


def test_a_state_in_which_a_petition_ended_lies_in_no_phase_by_itself() -> None:
    assert lies_in(State.WITHDRAWN) is None
    assert lies_in(State.IN_ADMISSIBILITY) is Part.CHECK
