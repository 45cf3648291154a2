"""Competing petitions: one signature among them all, and nothing that tells under which."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from petitions.domain.errors import ConflictError, PassRefusedError
from petitions.domain.lifecycle import Action
from petitions.domain.sealing import SealStep
from petitions.ledger.entries import EntryType
from petitions.services import filing, groups, peppers
from petitions.services.signing import AlreadySigned, Signed
from petitions.storage import tables as t
from tests.house import Precinct, a_draft, a_founder, decide, u_of
from tests.services.crowd import in_threads
from tests.services.test_sealing import order, step_of, work_until_sealed

pytestmark = pytest.mark.both_engines
GROUP = {
    'withdrawal = "close"': 'withdrawal = "close"\nuniqueness = "group"\ngroup = "contested_act"',
    'links = "official" }': 'links = "official", fields = ["name", "contested_act"] }',
}
WithRules = Callable[..., Precinct]


@pytest.fixture
def precinct(precinct_with: WithRules) -> Precinct:
    return precinct_with(GROUP)


def against(precinct: Precinct, act: str) -> UUID:
    """A published petition about this act."""
    house, at = precinct.house, precinct.clock.at
    with precinct.session() as session:
        draft = a_draft(session, house, at)
        session.merge(t.FilingAnswer(petition_id=draft.id, field="contested_act", value=act))
        book = house.library.rulebook("town", at.date())
        filed = filing.submit(session, house, book, draft, at, a_founder(house, draft.id))
        decide(session, house, filed, Action.ACCEPT, at)
        return filed.id


def beside(precinct: Precinct, petition: UUID, person: int) -> bytes:
    """The value that the same login gives for the petition's group."""
    with precinct.session() as session:
        context = groups.context_of(session, petition)
    return b"".join(u_of(person, UUID(bytes=each)) for each, _kid in context)


def sign(precinct: Precinct, petition: UUID, person: int) -> Signed | AlreadySigned:
    return precinct.sign(petition, person, u_group=beside(precinct, petition, person))


def withdraw(precinct: Precinct, petition: UUID, person: int) -> bool:
    return precinct.withdraw(petition, person, u_group=beside(precinct, petition, person))


def test_a_person_signs_one_petition_of_a_group_and_others_are_free(precinct: Precinct) -> None:
    one, other = against(precinct, "Decree 12"), against(precinct, " decree  12 ")
    elsewhere = against(precinct, "Decree 13")
    assert sign(precinct, one, 1) == Signed(0, first_time=True)
    with pytest.raises(ConflictError, match="signed_in_group"):
        sign(precinct, other, 1)
    sign(precinct, other, 2)
    sign(precinct, elsewhere, 1)
    precinct.work()
    assert len(precinct.entries(EntryType.SIGN)) == 3
    assert precinct.count(t.Signature) == 3


def test_signing_the_same_one_again_says_so_and_names_no_group(precinct: Precinct) -> None:
    one = against(precinct, "Decree 12")
    against(precinct, "Decree 12")
    sign(precinct, one, 1)
    assert sign(precinct, one, 1) == AlreadySigned(None)


def test_who_withdraws_may_sign_another_one_and_come_back_after_that(precinct: Precinct) -> None:
    one, other = against(precinct, "Decree 12"), against(precinct, "Decree 12")
    sign(precinct, one, 1)
    assert withdraw(precinct, one, 1)
    sign(precinct, other, 1)
    with pytest.raises(ConflictError, match="signed_in_group"):
        sign(precinct, one, 1)
    assert withdraw(precinct, other, 1)
    assert isinstance(sign(precinct, one, 1), Signed)
    assert precinct.count(t.GroupAct) == 1


def test_a_hundred_at_once_on_two_petitions_leave_one_signature(precinct: Precinct) -> None:
    both = [against(precinct, "Decree 12"), against(precinct, "Decree 12")]
    answers = in_threads(lambda n: sign(precinct, both[n % 2], 1), range(60), 6)
    assert answers["signed"] == 1
    assert answers["signed"] + answers["already"] + answers["signed_in_group"] == 60
    precinct.work()
    assert len(precinct.entries(EntryType.SIGN)) == 1
    assert precinct.count(t.Signature) == 1


def test_a_pass_without_the_groups_value_signs_nothing(precinct: Precinct) -> None:
    one = against(precinct, "Decree 12")
    with pytest.raises(PassRefusedError):
        precinct.sign(one, 1)
    assert precinct.count(t.Signature) == 0


def test_the_codes_of_a_group_lead_to_no_petition_and_to_no_other_code(precinct: Precinct) -> None:
    one, other = against(precinct, "Decree 12"), against(precinct, "Decree 12")
    sign(precinct, one, 1)
    sign(precinct, other, 2)
    with precinct.session() as session:
        acts = session.scalars(select(t.GroupAct)).all()
        tags = session.scalars(select(t.Signature.tag)).all()
        salts = session.scalars(select(t.GroupMember.wrapped_salt)).all()
    assert len(acts) == 2
    assert {each.tag for each in acts}.isdisjoint(tags)
    assert {column.name for column in t.GroupAct.__table__.columns} == {"group_id", "tag"}
    assert len({*salts}) == 2  # the same salt, under two keys


def test_the_last_sealing_takes_the_groups_codes_and_the_way_to_its_salt(
    precinct: Precinct,
) -> None:
    one, other = against(precinct, "Decree 12"), against(precinct, "Decree 12")
    sign(precinct, one, 1)
    sign(precinct, other, 2)
    with precinct.session() as session:
        kid = session.scalars(select(t.SigningGroup.kid)).one()
        closes = session.get_one(t.Petition, one).closes_at
    assert closes is not None
    precinct.clock.at = closes
    precinct.work()
    precinct.clock.forward(days=31)
    precinct.work()
    order(precinct, one)
    work_until_sealed(precinct)
    assert step_of(precinct, one) is SealStep.SEALED
    assert precinct.count(t.GroupAct) == 2  # nobody can tell which one belongs to which petition
    with precinct.session() as session:
        assert kid not in peppers.unused(session, precinct.house)
    order(precinct, other)
    work_until_sealed(precinct)
    assert step_of(precinct, other) is SealStep.SEALED
    assert [precinct.count(each) for each in (t.GroupAct, t.GroupMember, t.SigningGroup)] == [0] * 3
    with precinct.session() as session:
        erased = {each.petition_id: each.erased for each in session.scalars(select(t.Sealing))}
    assert (erased[one]["group_act"], erased[other]["group_act"]) == (0, 2)


def test_petitions_whose_author_named_nothing_compete_with_none(precinct: Precinct) -> None:
    with precinct.session() as session:
        house, at = precinct.house, precinct.clock.at
        both = [a_draft(session, house, at) for _ in range(2)]
        book = house.library.rulebook("town", at.date())
        filed = [
            filing.submit(session, house, book, each, at, a_founder(house, each.id))
            for each in both
        ]
        session.execute(delete(t.FilingAnswer))
        for each in filed:
            decide(session, house, each, Action.ACCEPT, at)
    one, other = (each.id for each in both)
    sign(precinct, one, 1)
    assert isinstance(sign(precinct, other, 1), Signed)
