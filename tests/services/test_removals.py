"""Declaring signatures invalid: two people, a public reason, a term, one subtraction for each leaf."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.domain.removals import MAX_LEAVES, RemovalReason, parse_leaves
from petitions.ledger.entries import EntryType
from petitions.services import moves, removals, sealing
from petitions.services.removals import Wanted
from petitions.services.signing import AlreadySigned, Signed
from petitions.storage import tables as t
from tests.house import CLERK, OTHER_CLERK, Precinct

WHY = {"fr": "Ces signatures ont été données depuis un poste de démonstration."}


@pytest.fixture
def petition(precinct: Precinct) -> UUID:
    """Five signatures in one public batch."""
    found = precinct.publish()
    precinct.work()
    precinct.sign_many(found, range(5))
    precinct.work()
    return found


def leaves_of(precinct: Precinct, petition: UUID) -> list[int]:
    with precinct.session() as session:
        rows = session.query(t.LogEntry).order_by(t.LogEntry.idx).all()
        wanted = bytes((1, EntryType.SIGN)) + petition.bytes
        return [row.idx for row in rows if bytes(row.entry).startswith(wanted)]


def propose(
    precinct: Precinct,
    petition: UUID,
    *leaves: int,
    reason: RemovalReason = RemovalReason.INCIDENT,
    batch: int | None = None,
) -> UUID:
    with precinct.session() as session:
        locked = moves.lock(session, petition)
        wanted = Wanted(reason, WHY, leaves, batch)
        return removals.propose(
            session, precinct.house, locked, wanted, CLERK, precinct.clock.at
        ).id


def confirm(precinct: Precinct, removal: UUID) -> None:
    with precinct.session() as session:
        removals.confirm(session, precinct.house, removal, OTHER_CLERK, precinct.clock.at)


def after_the_term(precinct: Precinct) -> None:
    precinct.clock.forward(days=15)
    precinct.work()


def shown(precinct: Precinct, petition: UUID) -> tuple[int, int, int]:
    with precinct.session() as session:
        count = session.get_one(t.PublicCount, petition)
        return count.valid, count.withdrawn, count.invalid


def test_two_people_a_term_and_then_the_log_takes_it(precinct: Precinct, petition: UUID) -> None:
    first, second, *_rest = leaves_of(precinct, petition)
    removal = propose(precinct, petition, first, second)
    precinct.work()
    assert shown(precinct, petition) == (5, 0, 0)
    confirm(precinct, removal)
    precinct.clock.forward(days=13)
    precinct.work()
    assert shown(precinct, petition) == (5, 0, 0), "the term for objections is not over"
    after_the_term(precinct)
    assert shown(precinct, petition) == (3, 0, 2)
    entries = precinct.entries(EntryType.INVALIDATE)
    assert [e.fields.index for e in entries] == [first, second]
    assert {e.fields.reason for e in entries} == {6}
    (name,) = {e.fields.decision_hash.hex() for e in entries}
    place = precinct.folder / "log" / "2026" / "decisions" / f"{name}.json"
    assert WHY["fr"] in place.read_text()
    assert "A. Petit" not in place.read_text(), "no clerk is named in public"


def test_nobody_confirms_their_own_proposal(precinct: Precinct, petition: UUID) -> None:
    removal = propose(precinct, petition, leaves_of(precinct, petition)[0])
    with precinct.session() as session, pytest.raises(ForbiddenError, match="second_person"):
        removals.confirm(session, precinct.house, removal, CLERK, precinct.clock.at)


def test_every_leaf_named_must_be_a_standing_signature_of_this_petition(
    precinct: Precinct, petition: UUID
) -> None:
    other = precinct.publish()
    precinct.sign(other, 9)
    precinct.work()
    mine, foreign = leaves_of(precinct, petition)[0], leaves_of(precinct, other)[0]
    for wrong in (foreign, 0, 10**9):
        with pytest.raises(InvalidError) as refused:
            propose(precinct, petition, mine, wrong)
        assert refused.value.fields["leaves"] == ("not_a_signature", {"index": wrong})
    propose(precinct, petition, mine)
    with pytest.raises(InvalidError):
        propose(precinct, petition, mine)
    with pytest.raises(InvalidError) as refused:
        propose(precinct, petition)
    assert refused.value.fields["leaves"] == ("required", {})


def test_a_reason_for_the_public_is_needed(precinct: Precinct, petition: UUID) -> None:
    with precinct.session() as session, pytest.raises(InvalidError) as refused:
        wanted = Wanted(RemovalReason.FRAUD, {"fr": "  "}, leaves_of(precinct, petition)[:1])
        removals.propose(
            session, precinct.house, moves.lock(session, petition), wanted, CLERK, precinct.clock.at
        )
    assert "text_fr" in refused.value.fields


def test_a_whole_batch_can_be_named(precinct: Precinct, petition: UUID) -> None:
    with precinct.session() as session:
        batch = session.get_one(t.LogEntry, (2026, leaves_of(precinct, petition)[0])).batch_no
    confirm(precinct, propose(precinct, petition, batch=batch))
    after_the_term(precinct)
    assert shown(precinct, petition) == (0, 0, 5)


def test_a_decision_can_be_called_off_until_it_takes_effect(
    precinct: Precinct, petition: UUID
) -> None:
    removal = propose(precinct, petition, leaves_of(precinct, petition)[0])
    confirm(precinct, removal)
    with precinct.session() as session, pytest.raises(InvalidError):
        removals.call_off(session, removal, CLERK, " ", precinct.clock.at)
    with precinct.session() as session:
        removals.call_off(session, removal, CLERK, "L’objection est fondée.", precinct.clock.at)
    after_the_term(precinct)
    assert shown(precinct, petition) == (5, 0, 0)
    with precinct.session() as session, pytest.raises(ConflictError):
        removals.confirm(session, precinct.house, removal, OTHER_CLERK, precinct.clock.at)


def test_a_leaf_withdrawn_meanwhile_is_subtracted_once_and_a_task_says_so(
    precinct: Precinct, petition: UUID
) -> None:
    removal = propose(precinct, petition, *leaves_of(precinct, petition))
    confirm(precinct, removal)
    precinct.withdraw(petition, 3)
    precinct.work()
    after_the_term(precinct)
    assert shown(precinct, petition) == (0, 1, 4)
    assert precinct.count(t.Task, t.Task.kind == "removal_not_standing") == 1


@pytest.mark.parametrize(
    ("reason", "again"), [(RemovalReason.INCIDENT, True), (RemovalReason.FRAUD, False)]
)
def test_only_some_reasons_let_a_person_sign_again(
    precinct: Precinct, petition: UUID, reason: RemovalReason, again: bool
) -> None:
    confirm(precinct, propose(precinct, petition, *leaves_of(precinct, petition), reason=reason))
    after_the_term(precinct)
    answer = precinct.sign(petition, 2)
    assert isinstance(answer, Signed if again else AlreadySigned)


def test_a_milestone_once_reached_stays_and_a_task_opens(
    precinct: Precinct, petition: UUID
) -> None:
    precinct.sign_many(petition, range(5, 25))
    precinct.work()
    assert precinct.state(petition) == "threshold_reached"
    confirm(precinct, propose(precinct, petition, *leaves_of(precinct, petition)[:10]))
    after_the_term(precinct)
    assert precinct.state(petition) == "threshold_reached"
    assert precinct.count(t.Task, t.Task.kind == "count_below") == 1


def test_sealing_waits_for_decisions_and_ends_them(precinct: Precinct, petition: UUID) -> None:
    leaf = leaves_of(precinct, petition)[0]
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    precinct.clock.at = closes + timedelta(days=40)
    precinct.work()
    propose(precinct, petition, leaf)
    with precinct.session() as session, pytest.raises(ConflictError, match="decisions_open"):
        sealing.order(session, precinct.house, petition, CLERK, "over", precinct.clock.at)


@pytest.mark.parametrize(
    ("text", "found"),
    [("12", (12,)), ("3, 1 2", (1, 2, 3)), ("5-7;6", (5, 6, 7)), ("8 – 9", (8, 9)), (" ", ())],
)
def test_leaves_are_read_as_people_write_them(text: str, found: tuple[int, ...]) -> None:
    assert parse_leaves(text) == found


@pytest.mark.parametrize(
    "text", ["a", "1-", "-1", "7-5", "1.5", "1-2-3", "٣", f"1-{MAX_LEAVES + 9}"]
)
def test_what_is_no_list_of_leaves_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"form|many"):
        parse_leaves(text)
