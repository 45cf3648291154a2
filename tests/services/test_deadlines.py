"""What the calendar does by itself, with the instant that holds in law."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.errors import SigningClosedError, TransitionRefusedError
from petitions.domain.lifecycle import Action, Role
from petitions.ledger.entries import EntryType
from petitions.services import deadlines, examination, moves, retention
from petitions.services.closing import LAPSED, OUTCOME
from petitions.services.reviews import open_reviews
from petitions.storage import tables as t
from tests.house import COMMITTEE, Precinct

LOW_MARK = {"threshold = 25": "threshold = 5"}
CHECK_AFTER_MARK = LOW_MARK | {
    "[admissibility.grounds]": '[[admissibility.stages]]\nid = "substance"\nbody = "town_council"\n'
    'at = "milestone:council"\nwithin = "P30D"\ncorrection = "P14D"\n\n[admissibility.grounds]'
}
POINTS = {"fr": "Précisez la place dont il s’agit."}
WINDOWS = [
    # filed and published (UTC), last day, first instant after it (UTC)
    (datetime(2025, 12, 31, 9, tzinfo=UTC), date(2026, 2, 28), datetime(2026, 2, 28, 23, tzinfo=UTC)),
    # clocks go forward on 29 March 2026: the day after begins an hour earlier
    (datetime(2026, 1, 28, 9, tzinfo=UTC), date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC)),
    (datetime(2026, 1, 29, 9, tzinfo=UTC), date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),
    # 23:30 in UTC is the next day in Paris
    (datetime(2026, 5, 9, 23, 30, tzinfo=UTC), date(2026, 7, 10), datetime(2026, 7, 10, 22, tzinfo=UTC)),
    # and back on 25 October
    (datetime(2026, 8, 24, 9, tzinfo=UTC), date(2026, 10, 24), datetime(2026, 10, 24, 22, tzinfo=UTC)),
    (datetime(2026, 8, 25, 9, tzinfo=UTC), date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),
]  # fmt: skip


def trail(precinct: Precinct, petition: UUID, action: str) -> list[t.Audit]:
    with precinct.session() as session:
        return list(
            session.scalars(
                select(t.Audit).where(t.Audit.petition_id == petition, t.Audit.action == action)
            )
        )


def test_a_petition_below_its_milestone_closes_at_the_end_of_its_last_day(
    precinct: Precinct,
) -> None:
    for published, last_day, closes in WINDOWS:
        precinct.clock.at = published
        petition = precinct.publish()
        precinct.sign(petition, 1, at=closes - timedelta(microseconds=1))
        with pytest.raises(SigningClosedError):
            precinct.sign(petition, 2, at=closes)
        precinct.clock.at = closes - timedelta(seconds=1)
        precinct.work()
        assert precinct.state(petition) == "published"
        precinct.clock.at = late = closes + timedelta(days=1)  # the worker was down for a day
        precinct.work()
        with precinct.session() as session:
            found = session.get_one(t.Petition, petition)
            assert (found.state, found.last_day) == ("closed_below", last_day)
            assert found.closes_at == found.signing_ended_at == found.state_since == closes
            assert session.get_one(t.PublicCount, petition).valid == 1
        (closed,) = trail(precinct, petition, "close")
        assert (closed.legal_instant, closed.at) == (closes, late)
        (ended,) = trail(precinct, petition, "window_ended")
        assert ended.legal_instant == closes


def test_the_last_signatures_and_the_end_share_a_batch_in_that_order(precinct: Precinct) -> None:
    petition = precinct.publish()
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    precinct.sign_many(petition, range(3))
    precinct.clock.at = closes
    precinct.work()
    kinds = [e.type.name for e in precinct.entries() if e.petition == petition]
    assert kinds.pop() == "NOTICE", "the procedure, which nothing here depends on"
    assert kinds == ["OPEN", "SIGN", "SIGN", "SIGN", "CLOSE", "COUNT"]
    assert precinct.entries(EntryType.CLOSE)[0].fields.reason == 0
    letters = precinct.mailbox()
    assert len(letters) == 3  # arrived, admitted, closed


def test_a_milestone_met_by_the_last_signature_is_met_though_its_batch_comes_later(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    for person in range(5):
        precinct.sign(petition, person, at=closes - timedelta(seconds=1))
    precinct.clock.at = closes + timedelta(hours=3)
    precinct.work()
    assert precinct.state(petition) == "threshold_reached"
    assert trail(precinct, petition, "close") == []


def test_the_same_deadline_twice_changes_nothing(precinct: Precinct) -> None:
    petition = precinct.publish()
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    for _ in range(2):
        with precinct.session() as session:
            deadlines.end_window(session, precinct.house, petition, closes)
    assert len(trail(precinct, petition, "window_ended")) == 1
    assert precinct.count(t.PendingEntry, t.PendingEntry.type == EntryType.CLOSE) == 1


def test_a_milestone_moves_the_state_once_and_starts_the_clock_of_its_duty(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.clock.at = batch = datetime(2026, 3, 30, 22, 30, 5, tzinfo=UTC)  # 31 March in Paris
    precinct.work()
    precinct.clock.forward(hours=1)
    precinct.sign_many(petition, range(5, 9))
    precinct.work()
    (reached,) = trail(precinct, petition, "reach")
    assert (reached.legal_instant, reached.reason) == (batch, "council")
    assert reached.detail == {"milestone": "council", "threshold": 5, "valid": 5}
    with precinct.session() as session:
        assert session.get_one(t.Petition, petition).state_since == batch
        duty = session.scalars(select(t.Track)).one()
        assert (duty.code, duty.milestone, duty.status) == ("council_answer", "council", "due")
        assert (duty.effect, duty.force, duty.body) == ("agenda_item", "must", "town_council")
        assert (duty.opened_at, duty.due_on) == (batch, date(2026, 6, 30))
        assert duty.overdue_at == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_a_duty_is_overdue_from_the_first_instant_after_its_last_day(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(LOW_MARK)
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()  # 2 March: due on 2 June
    limit = datetime(2026, 6, 2, 22, tzinfo=UTC)
    precinct.clock.at = limit - timedelta(seconds=1)
    precinct.work()
    assert duty(precinct).status == "due"
    precinct.clock.at = limit + timedelta(days=2)
    precinct.work()
    precinct.work()
    assert duty(precinct).status == "overdue"
    (marked,) = trail(precinct, petition, "overdue")
    assert (marked.legal_instant, marked.at) == (limit, limit + timedelta(days=2))
    with precinct.session() as session:
        found = moves.lock(session, petition)
        examination.decide_track(
            session, precinct.house, found, "council_answer", {"fr": "Inscrit."}, COMMITTEE,
            at=precinct.clock.at,
        )  # fmt: skip
    assert (duty(precinct).status, duty(precinct).late) == ("decided", True)


def duty(precinct: Precinct) -> t.Track:
    with precinct.session() as session:
        return session.scalars(select(t.Track)).one()


def test_a_correction_that_never_came_lapses_at_the_end_of_its_day(precinct: Precinct) -> None:
    petition = precinct.file()
    precinct.decide(petition, Action.RETURN, texts=POINTS)  # until 16 March
    limit = datetime(2026, 3, 16, 23, tzinfo=UTC)
    precinct.clock.at = limit - timedelta(seconds=1)
    precinct.work()
    assert precinct.state(petition) == "returned"
    precinct.clock.at = limit + timedelta(days=4)
    precinct.work()
    precinct.work()
    assert precinct.state(petition) == "lapsed"
    (lapsed,) = trail(precinct, petition, "correction_missed")
    assert (lapsed.legal_instant, lapsed.role) == (limit, Role.SYSTEM)
    with precinct.session() as session:
        review = session.scalars(select(t.Review)).one()
        assert (review.outcome, review.closed_at) == ("lapsed", limit)
    assert len(precinct.mailbox()) == 4  # arrived, returned, a reminder, lapsed


def a_petition_checked_after_its_milestone(make: Callable[..., Precinct]) -> tuple[Precinct, UUID]:
    precinct = make(CHECK_AFTER_MARK)
    petition = precinct.publish()
    precinct.sign_many(petition, range(5))
    precinct.work()
    assert precinct.state(petition) == "threshold_reached"
    with precinct.session() as session:
        (review,) = open_reviews(session, session.get_one(t.Petition, petition))
        assert (review.stage, review.due_on) == ("substance", date(2026, 4, 1))
    return precinct, petition


def nobody_signs_any_more(precinct: Precinct, petition: UUID, reason: int) -> None:
    with pytest.raises(SigningClosedError):
        precinct.sign(petition, 77)
    precinct.work()
    (closing,) = precinct.entries(EntryType.CLOSE)
    assert (closing.petition, closing.fields.reason) == (petition, reason)


def test_what_lapses_after_its_milestone_is_signed_no_more(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct, petition = a_petition_checked_after_its_milestone(precinct_with)
    precinct.decide(petition, Action.RETURN, texts=POINTS)
    with pytest.raises(TransitionRefusedError, match="wrong_state"):
        precinct.decide(petition, Action.ACCEPT)
    precinct.clock.forward(days=20)
    precinct.work()
    assert precinct.state(petition) == "lapsed"
    nobody_signs_any_more(precinct, petition, LAPSED)


def test_what_is_refused_after_its_milestone_is_signed_no_more(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct, petition = a_petition_checked_after_its_milestone(precinct_with)
    precinct.decide(petition, Action.REFUSE, grounds=["duplicate"], texts=POINTS)
    assert precinct.state(petition) == "refused"
    nobody_signs_any_more(precinct, petition, OUTCOME)


def test_what_is_admitted_after_its_milestone_goes_on(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct, petition = a_petition_checked_after_its_milestone(precinct_with)
    precinct.decide(petition, Action.ACCEPT, actor=COMMITTEE)
    assert precinct.state(petition) == "threshold_reached"
    with precinct.session() as session:
        assert open_reviews(session, session.get_one(t.Petition, petition)) == []
    precinct.sign(petition, 77)


def test_the_window_of_a_returned_petition_ends_on_its_own_day(
    precinct_with: Callable[..., Precinct],
) -> None:
    """Signing stands still in law, but the instant written down is that of the window."""
    precinct, petition = a_petition_checked_after_its_milestone(precinct_with)
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    precinct.clock.at = closes - timedelta(days=2)
    precinct.decide(petition, Action.RETURN, texts=POINTS)
    precinct.clock.at = closes + timedelta(days=3)
    precinct.work()
    with precinct.session() as session:
        found: Any = session.get_one(t.Petition, petition)
        assert (found.state, found.signing_ended_at) == ("returned", closes)


def test_spent_passes_are_forgotten_ten_minutes_after_their_end(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1)
    precinct.work()
    precinct.clock.forward(minutes=20)
    with precinct.session() as session:
        retention.purge(session, precinct.clock.at)
    assert precinct.count(t.SpentPass) == 1
    precinct.clock.forward(seconds=1)
    with precinct.session() as session:
        retention.purge(session, precinct.clock.at)
    assert precinct.count(t.SpentPass) == 0
