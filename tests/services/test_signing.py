"""One person, one signature; what is answered the second time; taking it back."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from petitions.domain.errors import (
    ConflictError,
    NotFoundError,
    PassRefusedError,
    SigningClosedError,
)
from petitions.ledger.entries import EntryType, Sign, leaf_hash, write
from petitions.services import signing
from petitions.services.salts import unwrap
from petitions.services.signing import AlreadySigned, Signed
from petitions.storage.signing_rows import due_time
from petitions.storage.tables import LogEntry, PendingEntry, Signature, SpentPass
from tests.house import Precinct, an_act, u_of

C = secrets.token_bytes(32)


def signs(precinct: Precinct) -> list[bytes]:
    return [entry.body for entry in precinct.entries(EntryType.SIGN)]


def test_a_signature_is_one_row_and_one_pending_entry(precinct: Precinct) -> None:
    petition = precinct.publish()
    found = precinct.sign(petition, 1, commitment=C)
    assert found == Signed(log_size=0, first_time=True)
    with precinct.session() as session:
        row = session.scalars(select(Signature)).one()
        pending = session.scalars(
            select(PendingEntry).where(PendingEntry.type == EntryType.SIGN)
        ).one()
    assert (row.petition_id, row.standing, row.cycles, row.settled) == (
        petition,
        "signed",
        0,
        False,
    )
    assert (pending.body, pending.secret, pending.petition_id) == (C, None, petition)


def test_what_is_kept_tells_neither_person_nor_commitment(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1, commitment=C, jti=b"pass of person 1")
    with precinct.session() as session:
        row = session.scalars(select(Signature)).one()
        spent = session.scalars(select(SpentPass)).one()
    assert u_of(1, petition) not in (row.tag, row.link)
    assert C not in (row.link or b"")
    assert spent.jti_hash == hashlib.sha256(b"pass of person 1").digest()


def test_the_tags_of_one_person_in_two_petitions_differ(precinct: Precinct) -> None:
    one, other = precinct.publish(), precinct.publish()
    with precinct.session() as session:
        keys = [unwrap(session, precinct.house, petition) for petition in (one, other)]
        for petition, key in zip((one, other), keys, strict=True):
            act = an_act(precinct.house, petition, 1, precinct.clock.at)
            same_u = signing.Act(petition, bytes(32), act.jti, act.jti_expires, act.commitment)
            signing.sign(session, precinct.house, key, same_u, precinct.clock.at)
        tags = session.scalars(select(Signature.tag)).all()
    assert len(set(tags)) == 2


def test_who_signed_already_is_told_since_which_batch(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1)
    assert precinct.sign(petition, 1) == AlreadySigned(on=None)  # no batch yet
    precinct.clock.forward(days=1)
    precinct.work()
    batch = precinct.clock.at
    precinct.clock.forward(days=3)
    assert precinct.sign(petition, 1) == AlreadySigned(on=batch)
    assert len(signs(precinct)) == 1


def test_the_same_commitment_again_gets_the_first_answer(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1, commitment=C, jti=b"first pass")
    again = precinct.sign(petition, 1, commitment=C, jti=b"first pass")
    fresh_pass = precinct.sign(petition, 1, commitment=C)
    assert again == fresh_pass == Signed(log_size=0, first_time=False)
    assert precinct.count(Signature) == 1


def test_a_repeated_promise_never_begins_behind_the_leaf(precinct: Precinct) -> None:
    """An answer repeated after the batch must stay true: the leaf stands at `from` or after it."""
    petition = precinct.publish()
    precinct.sign(petition, 1, commitment=C)
    precinct.sign_many(petition, range(2, 9))
    precinct.work()
    again = precinct.sign(petition, 1, commitment=C)
    assert isinstance(again, Signed)
    with precinct.session() as session:
        leaf = write(petition, Sign(C))
        index = session.scalars(select(LogEntry.idx).where(LogEntry.entry == leaf)).one()
    assert len(leaf_hash(leaf)) == 32
    assert again.log_size <= index
    assert not again.first_time


def test_a_pass_used_by_another_act_is_refused(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1, jti=b"one pass")
    with pytest.raises(PassRefusedError, match="pass_used"):
        precinct.sign(petition, 2, jti=b"one pass")
    assert precinct.sign(petition, 1, jti=b"one pass") == AlreadySigned(None)
    assert precinct.count(Signature) == 1


def test_a_copied_commitment_is_refused_while_it_waits_and_after(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1, commitment=C)
    with pytest.raises(ConflictError, match="commitment_not_fresh"):
        precinct.sign(petition, 2, commitment=C, jti=b"kept")
    precinct.work()
    with pytest.raises(ConflictError, match="commitment_not_fresh"):
        precinct.sign(petition, 2, commitment=C, jti=b"kept")
    assert precinct.count(Signature) == 1
    # nothing was spent: the same pass signs with a commitment of one's own
    found = precinct.sign(petition, 2, jti=b"kept")
    assert isinstance(found, Signed)
    assert found.first_time


def test_one_commitment_may_stand_in_two_petitions(precinct: Precinct) -> None:
    one, other = precinct.publish(), precinct.publish()
    precinct.sign(one, 1, commitment=C)
    precinct.sign(other, 1, commitment=C)
    precinct.work()
    assert signs(precinct) == [C, C]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1)])
def test_a_signature_counts_before_the_closing_instant_and_not_at_it(
    precinct: Precinct, late: timedelta
) -> None:
    petition = precinct.publish()
    closes = datetime(2026, 5, 2, 22, 0, tzinfo=UTC)  # the end of 2 May in Paris
    precinct.sign(petition, 1, at=closes - timedelta(microseconds=1))
    with pytest.raises(SigningClosedError):
        precinct.sign(petition, 2, at=closes + late, jti=b"too late")
    precinct.clock.at = closes
    with pytest.raises(SigningClosedError):
        precinct.withdraw(petition, 1)
    assert precinct.count(Signature) == 1
    assert precinct.count(SpentPass) == 1


def test_a_petition_that_was_never_opened_cannot_be_signed(precinct: Precinct) -> None:
    with pytest.raises(NotFoundError):
        precinct.sign(precinct.file(), 1)
    with pytest.raises(NotFoundError):
        precinct.sign(UUID(int=7), 1)


@pytest.mark.parametrize("wrong", [{"commitment": b"short"}, {"commitment": bytes(33)}])
def test_a_commitment_of_another_length_is_refused(
    precinct: Precinct, wrong: dict[str, Any]
) -> None:
    petition = precinct.publish()
    with pytest.raises(PassRefusedError, match="malformed"):
        precinct.sign(petition, 1, **wrong)
    assert precinct.count(SpentPass) == 0


def test_no_kept_time_tells_the_instant_of_signing(precinct: Precinct) -> None:
    """Both databases round alike: up, to a minute and to ten."""
    petition = precinct.publish()
    instants = [
        datetime(2026, 3, 3, 10, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 3, 10, 0, 59, 999_999, tzinfo=UTC),
        datetime(2026, 3, 3, 10, 1, 0, 1, tzinfo=UTC),
    ]
    for person, at in enumerate(instants):
        precinct.sign(petition, person, at=at)
    with precinct.session() as session:
        due = session.scalars(
            select(PendingEntry.due_at).where(PendingEntry.type == EntryType.SIGN)
        ).all()
        spent = session.scalars(select(SpentPass.expires_at)).all()
    assert sorted(due) == [due_time(at, 3600) for at in instants]
    assert {(at.second, at.microsecond) for at in due} == {(0, 0)}
    assert {(at.minute % 10, at.second, at.microsecond) for at in spent} == {(0, 0, 0)}


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 43_200),
)
def test_a_due_time_is_later_and_rounded_and_never_past_the_wait_by_much(
    now: datetime, max_wait: int
) -> None:
    due = due_time(now, max_wait)
    step = min(60, max_wait)
    assert timedelta(seconds=max_wait) < due - now <= timedelta(seconds=max_wait + step)
    assert due.timestamp() % step == 0


def test_a_batch_lays_commitments_in_the_order_of_their_bytes(precinct: Precinct) -> None:
    petition = precinct.publish()
    given_order = [bytes([first]) * 32 for first in (9, 200, 3, 77, 0, 255)]
    for person, commitment in enumerate(given_order):
        precinct.sign(petition, person, commitment=commitment)
    precinct.work()
    assert signs(precinct) == sorted(given_order)


def standing(precinct: Precinct) -> tuple[str, bool, int]:
    with precinct.session() as session:
        row = session.scalars(select(Signature)).one()
        return row.standing, row.link is not None, row.cycles


def test_a_signature_is_taken_back_and_given_again_once(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1)
    precinct.work()
    assert precinct.withdraw(petition, 1)
    assert standing(precinct) == ("withdrawn", False, 0)
    precinct.work()
    again = precinct.sign(petition, 1)
    assert isinstance(again, Signed)
    assert again.first_time
    assert standing(precinct) == ("signed", True, 1)
    assert precinct.withdraw(petition, 1)
    precinct.work()
    with pytest.raises(ConflictError, match="signed_and_withdrawn_too_often"):
        precinct.sign(petition, 1)
    numbers = [(e.fields.collected, e.fields.withdrawn, e.fields.valid) for e in counts(precinct)]
    assert numbers == [(1, 0, 1), (1, 1, 0), (2, 2, 0)]


def counts(precinct: Precinct) -> list[Any]:
    return list(precinct.entries(EntryType.COUNT))


def test_a_signature_taken_back_before_its_batch_stays_in_the_log(precinct: Precinct) -> None:
    """Its promise is out: SIGN and WITHDRAW share the batch."""
    petition = precinct.publish()
    precinct.sign(petition, 1, commitment=C)
    assert precinct.withdraw(petition, 1)
    precinct.work()
    assert [e.type for e in precinct.entries(EntryType.SIGN, EntryType.WITHDRAW)] == [
        EntryType.SIGN, EntryType.WITHDRAW,
    ]  # fmt: skip
    (count,) = counts(precinct)
    assert (count.fields.collected, count.fields.withdrawn, count.fields.valid) == (1, 1, 0)


def test_the_log_does_not_show_which_signature_was_taken_back(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1, commitment=C)
    precinct.withdraw(petition, 1)
    precinct.work()
    (taken,) = precinct.entries(EntryType.WITHDRAW)
    assert C not in taken.body


def test_who_never_signed_has_nothing_to_take_back(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1)
    assert not precinct.withdraw(petition, 2)
    assert precinct.withdraw(petition, 1, jti=b"once")
    assert precinct.withdraw(petition, 1, jti=b"once")  # the same act, answered again
    assert not precinct.withdraw(petition, 1)
    assert precinct.count(PendingEntry, PendingEntry.type == EntryType.WITHDRAW) == 1


def test_the_pass_that_signed_takes_nothing_back(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1, jti=b"to sign")
    with pytest.raises(PassRefusedError, match="pass_used"):
        precinct.withdraw(petition, 1, jti=b"to sign")
    assert standing(precinct)[0] == "signed"


def test_after_withdrawing_the_old_commitment_is_not_fresh(precinct: Precinct) -> None:
    petition = precinct.publish()
    precinct.sign(petition, 1, commitment=C)
    precinct.withdraw(petition, 1)
    with pytest.raises(ConflictError, match="commitment_not_fresh"):
        precinct.sign(petition, 1, commitment=C)
    precinct.work()
    with pytest.raises(ConflictError, match="commitment_not_fresh"):
        precinct.sign(petition, 1, commitment=C)
    assert standing(precinct)[0] == "withdrawn"
