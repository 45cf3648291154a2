"""Taking down, restoring, reopening, merging: two people, reasons, and everything given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    SigningClosedError,
    TransitionRefusedError,
)
from petitions.domain.lifecycle import Action, State
from petitions.domain.motions import AskedBy, Motion
from petitions.ledger.entries import EntryType
from petitions.services import merging, motions
from petitions.services.hiding import text_out_of_sight
from petitions.storage import tables as t
from tests.house import CLERK, COMMITTEE, OTHER_CLERK, Precinct
from tests.services.after_publication import File, a_precinct_with, published, reached, under

LOW = {"threshold = 25": "threshold = 5"}


@pytest.fixture
def lowered_town(tmp_path: Path, engine: Engine) -> Callable[..., Precinct]:
    """The town, with a few numbers of its rulebook changed."""
    return lambda changes: a_precinct_with(tmp_path, engine, "town", changes)


def test_a_removal_takes_two_people_a_ground_and_a_basis_in_law(precinct: Precinct) -> None:
    file = published(precinct)
    wrong = [
        ({"grounds": ()}, "grounds"),
        ({"grounds": ("duplicate",)}, "grounds"),  # refuses, but hides nothing
        ({"legal_basis": " "}, "legal_basis"),
        ({"texts": {}}, "text_fr"),
    ]
    for what, field in wrong:
        with pytest.raises(InvalidError) as refused:
            file.propose(Motion.TAKE_DOWN, **what)
        assert set(refused.value.fields) == {field}
    motion = file.propose(Motion.TAKE_DOWN)
    assert file.state == "published", "one person alone changes nothing"
    with pytest.raises(ConflictError, match="motion_open"):
        file.propose(Motion.TAKE_DOWN, OTHER_CLERK)
    with pytest.raises(ForbiddenError, match="second_person_needed"):
        file.carry_out(motion, CLERK)
    with pytest.raises(ForbiddenError):
        file.carry_out(motion, COMMITTEE)
    file.carry_out(motion)
    assert file.state == "hidden"
    with pytest.raises(ConflictError, match="changed_meanwhile"):
        file.carry_out(motion)
    precinct.work()
    (letter,) = [mail for mail in precinct.mailbox() if "retir" in mail]
    assert "Article 9 du code civil" in letter


def test_a_court_needs_no_ground_of_the_rulebook(precinct: Precinct) -> None:
    file = published(precinct)
    file.do(Motion.TAKE_DOWN, grounds=(), asked_by=AskedBy.COURT, legal_basis="TJ Lyon, 26/01234")
    assert file.state == "hidden"


def test_a_proposal_that_was_called_off_changes_nothing(precinct: Precinct) -> None:
    file = published(precinct)
    motion = file.propose(Motion.TAKE_DOWN)
    with precinct.session() as session, pytest.raises(InvalidError):
        motions.call_off(session, motion, OTHER_CLERK, "", file.at)
    with precinct.session() as session:
        motions.call_off(session, motion, OTHER_CLERK, "Le texte est licite.", file.at)
    with pytest.raises(ConflictError):
        file.carry_out(motion)
    assert file.state == "published"
    file.propose(Motion.TAKE_DOWN)  # and it can be proposed anew


def test_the_days_out_of_sight_are_given_back_and_signing_goes_on(precinct: Precinct) -> None:
    file = published(precinct)
    precinct.sign(file.id, 1)
    precinct.work()
    before, told = file.row().last_day, len(precinct.entries(EntryType.NOTICE))
    precinct.clock.forward(days=10)
    file.do(Motion.TAKE_DOWN)
    precinct.work()
    with pytest.raises(SigningClosedError):
        precinct.sign(file.id, 2)
    precinct.clock.forward(days=120)  # longer than the window: it does not run out meanwhile
    precinct.work()
    assert file.state == "hidden"
    file.do(Motion.RESTORE)
    precinct.work()
    after = file.row().last_day
    assert file.state == "published"
    assert before is not None
    assert after == before + timedelta(days=121), "a day counts as lost if a minute of it is"
    precinct.sign(file.id, 2)
    precinct.work()
    with precinct.session() as session:
        assert session.get_one(t.PublicCount, file.id).valid == 2
    assert len(precinct.entries(EntryType.NOTICE)) == told + 2, "withheld, then shown again"
    assert precinct.entries(EntryType.CLOSE) == []
    assert "rendus" in "".join(precinct.mailbox())


def test_the_text_beside_the_log_goes_and_comes_back(precinct: Precinct) -> None:
    file = published(precinct)
    precinct.work()
    with precinct.session() as session:
        text = session.get_one(t.PetitionText, (file.id, "fr"))
        name = f"texts/{text.text_hash.hex()}.txt" if text.text_hash else ""
    place = precinct.published_shelf().of(file.at.year) / name
    assert place.exists()
    file.do(Motion.TAKE_DOWN)
    with precinct.session() as session:
        assert text_out_of_sight(session, bytes.fromhex(name[6:70])), "at once, before any batch"
    precinct.work()
    assert not place.exists()
    file.do(Motion.RESTORE)
    precinct.work()
    assert place.exists()


def test_a_threshold_completed_out_of_sight_counts_when_it_returns(
    lowered_town: Callable[..., Precinct],
) -> None:
    precinct = lowered_town(LOW)
    file = published(precinct)
    precinct.sign_many(file.id, range(5))  # in no batch yet
    file.do(Motion.TAKE_DOWN)
    precinct.work()
    assert file.state == "hidden"
    file.do(Motion.RESTORE)
    assert file.state == "threshold_reached"
    assert file.tracks() == {"council_answer": "due"}


def test_what_ended_is_restored_to_where_it_was(lowered_town: Callable[..., Precinct]) -> None:
    file = reached(lowered_town(LOW))
    file.examine("adopted")
    file.do(Motion.TAKE_DOWN)
    file.do(Motion.RESTORE)
    assert file.state == "examined"
    with pytest.raises(TransitionRefusedError):
        file.propose(Motion.RESTORE)
    with pytest.raises(TransitionRefusedError, match=r"guard_published_before|wrong_state"):
        file.propose(Motion.REOPEN)


@pytest.mark.parametrize("ground", ["duplicate", "privacy"])
def test_a_refusal_that_does_not_stand_is_checked_anew(precinct: Precinct, ground: str) -> None:
    file = File(precinct, precinct.file())
    second = {"second": OTHER_CLERK} if ground == "privacy" else {}
    precinct.decide(file.id, Action.REFUSE, grounds=(ground,), texts={"fr": "Non."}, **second)
    assert file.state in {"refused", "hidden"}
    with pytest.raises(TransitionRefusedError):
        file.propose(Motion.RESTORE)  # it was never taken down
    precinct.clock.forward(days=3)
    file.do(Motion.REOPEN, asked_by=AskedBy.AUTHOR)
    assert file.state == "in_admissibility"
    precinct.decide(file.id, Action.ACCEPT)
    assert file.state == "published"
    with precinct.session() as session:
        numbers = session.scalars(select(t.Decision.outcome).order_by(t.Decision.number)).all()
        assert numbers == ["refuse", "accept"], "the old decision stays on record"
    precinct.work()
    assert any("de nouveau" in mail for mail in precinct.mailbox())


def test_a_petition_joins_another_only_if_its_author_agrees(precinct: Precinct) -> None:
    target, file = published(precinct), published(precinct, title="Encore des bancs")
    precinct.sign(file.id, 1)
    precinct.sign(target.id, 1)
    file.ask_to_merge(target)
    with pytest.raises(ConflictError, match="merge_open"):
        file.ask_to_merge(target)
    file.answer_merging(accept=False, why="La mienne vise l’école.")
    assert (file.state, target.state) == ("published", "published")
    file.ask_to_merge(target)
    precinct.work()
    assert sum("vous appartient" in mail for mail in precinct.mailbox()) == 2
    file.answer_merging(accept=True)
    precinct.work()
    assert file.state == "merged"
    with pytest.raises(SigningClosedError):
        precinct.sign(file.id, 2)
    with precinct.session() as session:
        into = merging.merged_into(session, file.id)
        assert into is not None
        assert into.id == target.id
        assert [each.id for each in merging.merged_from(session, target.id)] == [file.id]
        counts = {p: session.get_one(t.PublicCount, p).valid for p in (file.id, target.id)}
        assert counts == {file.id: 1, target.id: 1}, "neither moved nor added"


def test_only_what_is_open_and_alike_can_take_another_in(precinct: Precinct) -> None:
    file, other = published(precinct), under(precinct, "fr-senat", "text")
    with pytest.raises(InvalidError) as refused:
        file.ask_to_merge(file)
    assert refused.value.fields["target"][0] == "same_petition"
    with pytest.raises(InvalidError) as refused:
        file.ask_to_merge(other)
    assert refused.value.fields["target"][0] == "target_not_open"
    precinct.decide(other.id, Action.ACCEPT)
    with pytest.raises(InvalidError) as refused:
        file.ask_to_merge(other)
    assert refused.value.fields["target"][0] == "another_kind"
    target = published(precinct)
    file.ask_to_merge(target)
    target.do(Motion.TAKE_DOWN)
    with pytest.raises(ConflictError, match="target_not_open"):
        file.answer_merging(accept=True)
    assert file.state == State.PUBLISHED
