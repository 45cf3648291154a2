"""The institution answers: what an outcome needs, and what it sets in motion."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    SigningClosedError,
    TransitionRefusedError,
)
from petitions.domain.lifecycle import Action, Role
from petitions.ledger.entries import EntryType
from petitions.services import examination, moves
from petitions.services.answers import answer_file
from petitions.services.closing import OUTCOME
from petitions.services.examination import Examination, can_examine
from petitions.services.ports import Actor
from petitions.storage import tables as t
from tests.house import CLERK, COMMITTEE, START, Precinct, a_filed_petition

LOW_MARK = {"threshold = 25": "threshold = 5"}
GIVEN = Examination(
    code="adopted",
    decided_on=date(2026, 3, 2),
    summaries={"fr": "Les bancs seront installés."},
    texts={"fr": "Le conseil municipal a décidé d’installer douze bancs avant l’été."},
    links=("https://valmont.example/deliberations/12",),
)


def examine(
    precinct: Precinct, petition: UUID, found: Examination = GIVEN, actor: Actor = COMMITTEE
) -> None:
    with precinct.session() as session:
        locked = moves.lock(session, petition)
        examination.examine(session, precinct.house, locked, found, actor, at=precinct.clock.at)


def a_reached_petition(precinct: Precinct) -> UUID:
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()
    return petition


@pytest.fixture
def town(precinct_with: Callable[..., Precinct]) -> Precinct:
    return precinct_with(LOW_MARK)


def test_an_outcome_settles_the_duty_and_ends_the_signing(town: Precinct) -> None:
    petition = a_reached_petition(town)
    town.clock.forward(days=10)
    examine(town, petition)
    with pytest.raises(SigningClosedError):
        town.sign(petition, 6)
    town.work()
    with town.session() as session:
        found = session.get_one(t.Petition, petition)
        duty = session.scalars(select(t.Track)).one()
        outcome = session.scalars(select(t.Outcome)).one()
        assert (found.state, found.signing_ended_at) == ("examined", town.clock.at)
        assert (duty.status, duty.decided_at, duty.late) == ("decided", town.clock.at, False)
        assert (outcome.code, outcome.body, outcome.decided_on) == (
            "adopted", "town_council", date(2026, 3, 2),
        )  # fmt: skip
        (row,) = session.scalars(select(t.Audit).where(t.Audit.action == "examine"))
        assert (row.reason, row.public_texts) == ("adopted", GIVEN.summaries)
    (closing,) = town.entries(EntryType.CLOSE)
    assert closing.fields.reason == OUTCOME
    assert len(town.mailbox()) == 4  # arrived, admitted, reached, examined


def test_the_log_holds_the_hash_of_the_exact_answer(town: Precinct) -> None:
    petition = a_reached_petition(town)
    examine(town, petition)
    town.work()
    with town.session() as session:
        outcome = session.scalars(select(t.Outcome)).one()
        published = answer_file(session.get_one(t.Petition, petition), outcome)
    (answer,) = town.entries(EntryType.ANSWER)
    assert (answer.petition, answer.fields.hash) == (petition, hashlib.sha256(published).digest())
    assert b"douze bancs" in published
    file = town.published_shelf().of(START.year) / "answers" / f"{answer.fields.hash.hex()}.json"
    assert file.read_bytes() == published


INCOMPLETE = [
    (replace(GIVEN, code="adopted_twice"), {"outcome"}),
    (replace(GIVEN, code=""), {"outcome"}),
    (replace(GIVEN, texts={}), {"text_fr"}),
    (replace(GIVEN, texts={"fr": " \n "}), {"text_fr"}),
    (replace(GIVEN, texts={"en": "Benches."}), {"text_fr"}),
    (replace(GIVEN, summaries={}), {"summary_fr"}),
    (replace(GIVEN, summaries={"fr": "x" * 301}), {"summary_fr"}),
    (replace(GIVEN, texts={"fr": "x" * 20_001}), {"text_fr"}),
    (replace(GIVEN, decided_on=date(2026, 3, 3)), {"decided_on"}),
    (replace(GIVEN, links=("javascript:alert(1)",)), {"links"}),
    (replace(GIVEN, code="", texts={}, summaries={}), {"outcome", "text_fr", "summary_fr"}),
]


def test_an_outcome_without_its_texts_is_none(town: Precinct) -> None:
    petition = a_reached_petition(town)
    for found, fields in INCOMPLETE:
        with pytest.raises(InvalidError) as refused:
            examine(town, petition, found)
        assert set(refused.value.fields) == fields
    assert town.state(petition) == "threshold_reached"
    assert town.count(t.Outcome) == 0


def test_every_required_language_must_have_its_text(
    precinct_with: Callable[..., Precinct],
) -> None:
    both = 'accepted = ["fr", "en"], required = []'
    precinct = precinct_with(LOW_MARK | {both: both.replace("[]", '["fr", "en"]')})
    with precinct.session() as session:
        filed = a_filed_petition(session, precinct.house, precinct.clock.at)
        petition = filed.id
    precinct.decide(petition, Action.ACCEPT)
    precinct.sign_many(petition, range(5))
    precinct.work()
    with pytest.raises(InvalidError) as refused:
        examine(precinct, petition)
    assert set(refused.value.fields) == {"text_en", "summary_en"}
    english = {"en": "Twelve benches."}
    both_texts = replace(
        GIVEN, texts=dict(GIVEN.texts) | english, summaries=dict(GIVEN.summaries) | english
    )
    examine(precinct, petition, both_texts)
    assert precinct.state(petition) == "examined"


def test_an_answer_is_given_once(town: Precinct) -> None:
    petition = a_reached_petition(town)
    examine(town, petition)
    with pytest.raises(TransitionRefusedError, match="wrong_state"):
        examine(town, petition)
    assert town.count(t.Outcome) == 1


def test_nobody_but_the_body_and_its_clerks_records_an_outcome(town: Precinct) -> None:
    petition = a_reached_petition(town)
    for role in (Role.AUTHOR, Role.AUDITOR, Role.ADMINISTRATOR, Role.SYSTEM):
        with pytest.raises(ForbiddenError):
            examine(town, petition, actor=Actor("somebody", role))
    examine(town, petition, actor=CLERK)


def test_an_open_check_keeps_the_outcome_waiting(
    precinct_with: Callable[..., Precinct],
) -> None:
    check = '[[admissibility.stages]]\nid = "substance"\nbody = "town_council"\n'
    after = check + 'at = "milestone:council"\n\n[admissibility.grounds]'
    precinct = precinct_with(LOW_MARK | {"[admissibility.grounds]": after})
    petition = a_reached_petition(precinct)
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        told = can_examine(session, precinct.house, found, precinct.clock.at)
        assert (told.allowed, told.missing) == (False, ("stage_open",))
    with pytest.raises(TransitionRefusedError, match="guard_stage_open"):
        examine(precinct, petition)


def test_a_duty_is_done_without_ending_the_petition(town: Precinct) -> None:
    petition = a_reached_petition(town)
    town.clock.forward(days=3)
    for texts, error in (
        ({}, InvalidError),
        ({"fr": "Inscrit."}, None),
        ({"fr": "x"}, InvalidError),
    ):
        if error:
            with pytest.raises(error):
                settle(town, petition, "council_answer", texts)
        else:
            settle(town, petition, "council_answer", texts)
    with pytest.raises(NotFoundError):
        settle(town, petition, "no_such_duty", {"fr": "x"})
    assert town.state(petition) == "threshold_reached"
    with town.session() as session:
        duty = session.scalars(select(t.Track)).one()
        assert (duty.status, duty.texts, duty.late) == ("decided", {"fr": "Inscrit."}, False)
    town.sign(petition, 6)


def settle(town: Precinct, petition: UUID, code: str, texts: dict[str, str]) -> None:
    with town.session() as session:
        found = moves.lock(session, petition)
        examination.decide_track(
            session, town.house, found, code, texts, COMMITTEE, at=town.clock.at
        )


EARLY = replace(GIVEN, code="no_action", reason="Le texte est devenu sans objet.")


def test_the_senate_answers_early_only_with_a_reason(precinct: Precinct) -> None:
    petition = precinct.publish("fr-senat")
    precinct.sign(petition, 1)
    with pytest.raises(TransitionRefusedError, match="guard_entry_allows"):
        examine(precinct, petition, replace(EARLY, reason="  "))
    examine(precinct, petition, EARLY)
    precinct.work()
    assert precinct.state(petition) == "examined"
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, petition).valid == 1


def test_nobody_signs_what_is_examined_whatever_the_outcome(
    precinct_with: Callable[..., Precinct],
) -> None:
    """An early answer need not be one of those that end the signing of a petition still open."""
    ends = 'ends_signing = ["adopted", "adopted_in_part", "declined"]'
    precinct = precinct_with({ends: 'ends_signing = ["adopted"]\nearly = true'})
    petition = precinct.publish()
    precinct.sign(petition, 1)
    precinct.clock.forward(days=1)
    examine(precinct, petition, replace(EARLY, code="declined"))
    with pytest.raises(SigningClosedError):
        precinct.sign(petition, 2)
    precinct.work()
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        assert (found.state, found.signing_ended_at) == ("examined", precinct.clock.at)


def test_where_no_early_answer_is_allowed_the_council_waits(town: Precinct) -> None:
    petition = town.publish()
    town.sign(petition, 1)
    town.work()
    with pytest.raises(TransitionRefusedError, match="guard_entry_allows"):
        examine(town, petition, replace(GIVEN, reason="Maintenant."))
    town.clock.forward(days=90)
    town.work()
    assert town.state(petition) == "closed_below"
    with pytest.raises(TransitionRefusedError):
        examine(town, petition, replace(GIVEN, reason="Maintenant."))


def test_an_answer_after_the_last_day_leaves_the_window_as_it_was(town: Precinct) -> None:
    petition = a_reached_petition(town)
    with town.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    town.clock.at = closes + timedelta(days=1)  # the worker has not come yet
    examine(town, petition)
    town.work()
    with town.session() as session:
        found = session.get_one(t.Petition, petition)
        assert (found.state, found.signing_ended_at) == ("examined", closes)
    (closing,) = town.entries(EntryType.CLOSE)
    assert closing.fields.reason == 0
