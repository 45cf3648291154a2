"""Suspending signing: one person for three days, two for as long as needed; the time is given back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, SigningClosedError
from petitions.services import moves, suspended_times, suspensions
from petitions.services.signing import Signed
from petitions.storage.tables import Audit, Petition
from tests.house import CLERK, OTHER_CLERK, Precinct

WHY = {"fr": "Un nombre inhabituel de signatures est en cours de vérification."}


@pytest.fixture
def petition(precinct: Precinct) -> UUID:
    found = precinct.publish()
    precinct.work()
    return found


def suspend(precinct: Precinct, petition: UUID, texts: dict[str, str] = WHY) -> UUID:
    with precinct.session() as session:
        locked = moves.lock(session, petition)
        row = suspensions.suspend(session, precinct.house, locked, texts, CLERK, precinct.clock.at)
        return row.id


def last_day(precinct: Precinct, petition: UUID) -> object:
    with precinct.session() as session:
        return session.get_one(Petition, petition).last_day


def test_nobody_signs_while_it_is_suspended_and_what_was_signed_stays(
    precinct: Precinct, petition: UUID
) -> None:
    assert isinstance(precinct.sign(petition, 1), Signed)
    suspend(precinct, petition)
    precinct.clock.forward(minutes=1)
    with pytest.raises(SigningClosedError):
        precinct.sign(petition, 2)
    precinct.work()
    with precinct.session() as session:
        assert session.get_one(Petition, petition).state == "published"


def test_alone_it_ends_by_itself_after_three_days(precinct: Precinct, petition: UUID) -> None:
    before = last_day(precinct, petition)
    suspend(precinct, petition)
    precinct.clock.forward(hours=71)
    with pytest.raises(SigningClosedError):
        precinct.sign(petition, 2)
    precinct.clock.forward(hours=2)
    assert isinstance(precinct.sign(petition, 2), Signed)
    assert last_day(precinct, petition) == before + timedelta(days=3)  # type: ignore[operator]


def test_a_second_person_makes_it_last_until_somebody_ends_it(
    precinct: Precinct, petition: UUID
) -> None:
    found = suspend(precinct, petition)
    with precinct.session() as session, pytest.raises(ForbiddenError):
        suspensions.confirm(session, precinct.house, found, CLERK, precinct.clock.at)
    with precinct.session() as session:
        suspensions.confirm(session, precinct.house, found, OTHER_CLERK, precinct.clock.at)
    precinct.clock.forward(days=10)
    with pytest.raises(SigningClosedError):
        precinct.sign(petition, 2)
    with precinct.session() as session:
        suspensions.resume(session, precinct.house, found, CLERK, precinct.clock.at)
    precinct.clock.forward(minutes=1)
    assert isinstance(precinct.sign(petition, 2), Signed)
    with precinct.session() as session, pytest.raises(ConflictError):
        suspensions.resume(session, precinct.house, found, CLERK, precinct.clock.at)


def test_the_reason_is_wanted_and_public_from_the_first_moment(
    precinct: Precinct, petition: UUID
) -> None:
    with pytest.raises(InvalidError) as refused:
        suspend(precinct, petition, {"fr": "  "})
    assert "text_fr" in refused.value.fields
    suspend(precinct, petition)
    with precinct.session() as session:
        row = session.scalars(select(Audit).where(Audit.action == suspensions.SUSPENDED)).one()
        assert row.public_texts == WHY
        standing = suspended_times.standing(session, petition, precinct.clock.at)
        assert standing is not None
    with pytest.raises(ConflictError):
        suspend(precinct, petition)


def test_a_petition_that_is_not_open_cannot_be_suspended(precinct: Precinct) -> None:
    with pytest.raises(ConflictError):
        suspend(precinct, precinct.file())
