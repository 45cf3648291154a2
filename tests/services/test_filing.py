"""From the first line of a draft to the clerk's desk, and back for correction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from petitions.domain.errors import InvalidError, NotFoundError, TransitionRefusedError
from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.services import filing, moves, retention
from petitions.storage.tables import Audit, Outbox, Petition, PetitionText, Review, RulebookVersion
from tests.house import REASONS, REQUEST, TITLE, Precinct, a_draft, a_filed_petition, decide

POINTS = {"fr": "Précisez la place dont il s’agit."}
NUL, BIDI = "avec\x00rien", "titre \u202etourné"


def test_a_draft_becomes_a_numbered_petition_with_a_day_for_its_decision(
    precinct: Precinct,
) -> None:
    found = precinct.file()
    with precinct.session() as session:
        petition = session.get_one(Petition, found)
        review = session.scalars(select(Review)).one()
        assert (petition.state, petition.reference) == ("in_admissibility", "2026-0001")
        assert petition.submitted_at == precinct.clock.at
        # Monday 2 March + 10 working days
        assert (review.stage, review.due_on, review.due_provisional) == (
            "check", date(2026, 3, 16), False,
        )  # fmt: skip


def test_references_count_on_within_the_local_year(precinct: Precinct) -> None:
    precinct.clock.at = datetime(2025, 12, 31, 22, 59, tzinfo=UTC)
    first = precinct.file()
    precinct.clock.at = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)  # midnight in Paris
    second, third = precinct.file(), precinct.file()
    with precinct.session() as session:
        references = [session.get_one(Petition, id_).reference for id_ in (first, second, third)]
    assert references == ["2025-0001", "2026-0001", "2026-0002"]


def test_the_version_of_the_rules_in_force_is_kept_with_the_petition(precinct: Precinct) -> None:
    precinct.file()
    book = precinct.house.library.rulebook("town", precinct.clock.at.date())
    with precinct.session() as session:
        stored = session.scalars(select(RulebookVersion)).one()
        assert (stored.id, stored.version, stored.digest) == ("town", 1, book.digest)
        assert stored.canonical == book.canonical


def test_the_author_is_told_by_one_letter_that_the_petition_arrived(precinct: Precinct) -> None:
    found = precinct.file()
    with precinct.session() as session:
        letter = session.scalars(select(Outbox)).one()
        assert (letter.kind, letter.payload["code"]) == ("letter", "submitted")
        assert letter.payload["petition"] == str(found)


BROKEN = [
    (Words.of("x" * 121, REQUEST, REASONS), {"title": "too_long"}),
    (Words.of(TITLE, "y" * 5001, REASONS), {"request": "too_long", "reasons": "too_long"}),
    (Words.of(TITLE, "y" * 4000, "z" * 1001), {"reasons": "too_long"}),
    (Words.of("", "", ""), {"title": "required", "request": "required", "reasons": "required"}),
    (Words.of(NUL, REQUEST, REASONS), {"title": "character_refused"}),
    (Words.of(TITLE, NUL, REASONS), {"request": "character_refused"}),
    (Words.of(BIDI, REQUEST, BIDI), {"title": "character_refused", "reasons": "character_refused"}),
]


def test_every_field_that_breaks_the_form_is_named(precinct: Precinct) -> None:
    with precinct.sessions() as session:
        petition = a_draft(session, precinct.house, precinct.clock.at)
        for words, expected in BROKEN:
            with pytest.raises(InvalidError) as refused:
                filing.write_text(session, precinct.house, petition, words)
            assert {name: code for name, (code, _) in refused.value.fields.items()} == expected
        assert filing.text_of(session, petition).request == REQUEST


def test_what_breaks_the_form_is_not_sent_either(precinct: Precinct) -> None:
    """The limits are looked at again: a draft may have been written under other rules."""
    book = precinct.house.library.rulebook("town", precinct.clock.at.date())
    with precinct.sessions() as session:
        petition = a_draft(session, precinct.house, precinct.clock.at)
        filing.text_of(session, petition).request = NUL
        with pytest.raises(InvalidError) as refused:
            filing.submit(session, precinct.house, book, petition, precinct.clock.at)
    assert set(refused.value.fields) == {"request"}


def test_a_text_of_exactly_the_allowed_length_is_taken(precinct: Precinct) -> None:
    with precinct.session() as session:
        petition = a_draft(session, precinct.house, precinct.clock.at)
        words = Words.of("x" * 120, "y" * 4000, "z" * 1000)
        filing.write_text(session, precinct.house, petition, words)
        assert filing.text_of(session, petition).reasons == "z" * 1000


def test_a_draft_does_not_begin_with_a_title_that_is_refused(precinct: Precinct) -> None:
    book = precinct.house.library.rulebook("town", precinct.clock.at.date())
    for title in ("", "x" * 121, NUL, BIDI):
        with precinct.sessions() as session, pytest.raises(InvalidError) as refused:
            filing.start_draft(
                session, book, assembly="valmont", kind="petition", tag=bytes(32),
                language="fr", title=title, at=precinct.clock.at,
            )  # fmt: skip
        assert set(refused.value.fields) == {"title"}


def test_a_language_the_assembly_does_not_take_is_refused(precinct: Precinct) -> None:
    book = precinct.house.library.rulebook("town", precinct.clock.at.date())
    with precinct.sessions() as session, pytest.raises(InvalidError) as refused:
        filing.start_draft(
            session, book, assembly="valmont", kind="petition", tag=bytes(32),
            language="de", title=TITLE, at=precinct.clock.at,
        )  # fmt: skip
    assert set(refused.value.fields) == {"language"}


NO_AUTHORS = [
    ("", "claire@example.org", {"name"}),
    ("C" * 121, "claire@example.org", {"name"}),
    (NUL, BIDI, {"name", "email"}),
    ("Claire", "", {"email"}),
    ("Claire", "claire at example", {"email"}),
    ("Claire", "a@b.c\nBcc: x@example.org", {"email"}),
]


def test_a_name_or_address_that_is_none_is_refused(precinct: Precinct) -> None:
    with precinct.sessions() as session:
        petition = a_draft(session, precinct.house, precinct.clock.at)
        for name, email, fields in NO_AUTHORS:
            with pytest.raises(InvalidError) as refused:
                filing.write_author(petition, name, email)
            assert set(refused.value.fields) == fields
        assert petition.author_email == "claire@example.org"


def test_nothing_is_sent_before_similar_petitions_were_shown(precinct: Precinct) -> None:
    with precinct.sessions() as session:
        petition = a_draft(session, precinct.house, precinct.clock.at)
        petition.similar_shown = False
        book = precinct.house.library.rulebook("town", precinct.clock.at.date())
        with pytest.raises(TransitionRefusedError, match="guard_similar_shown"):
            filing.submit(session, precinct.house, book, petition, precinct.clock.at)


def test_a_petition_is_sent_once(precinct: Precinct) -> None:
    found = precinct.file()
    with precinct.sessions() as session:
        petition = moves.lock(session, found)
        book = precinct.house.library.rulebook("town", precinct.clock.at.date())
        with pytest.raises(TransitionRefusedError):
            filing.submit(session, precinct.house, book, petition, precinct.clock.at)
    assert precinct.count(Review) == 1


def test_an_author_has_at_most_two_petitions_running(precinct: Precinct) -> None:
    tag = secrets.token_bytes(32)
    first = precinct.file(tag=tag)
    precinct.file(tag=tag)
    with pytest.raises(InvalidError, match="open_per_author"):
        precinct.file(tag=tag)
    precinct.file()  # somebody else may
    with precinct.session() as session:
        filing.withdraw_petition(
            session, precinct.house, moves.lock(session, first), precinct.clock.at
        )
    precinct.file(tag=tag)


def test_a_limit_per_period_counts_local_days_to_the_last(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with({"open_per_author = 2": 'per_author = { n = 1, within = "P7D" }'})
    tag = secrets.token_bytes(32)
    precinct.clock.at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 2 March in Paris
    precinct.file(tag=tag)
    precinct.clock.at = datetime(2026, 3, 9, 22, 59, tzinfo=UTC)  # still 9 March there
    with pytest.raises(InvalidError, match="per_author"):
        precinct.file(tag=tag)
    precinct.clock.at = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)
    precinct.file(tag=tag)


def test_somebody_elses_petition_does_not_exist_for_an_author(precinct: Precinct) -> None:
    found = precinct.file()
    with precinct.sessions() as session, pytest.raises(NotFoundError):
        filing.own(session, found, bytes(32))


def test_a_text_cannot_be_written_while_the_clerk_reads_it(precinct: Precinct) -> None:
    found = precinct.file()
    with precinct.sessions() as session, pytest.raises(InvalidError, match="text_frozen"):
        filing.write_text(
            session, precinct.house, moves.lock(session, found), Words.of(TITLE, REQUEST, REASONS)
        )


def test_the_days_with_the_author_are_not_the_clerks(precinct: Precinct) -> None:
    found = precinct.file()  # Monday 2 March, to be decided by Monday 16 March
    precinct.clock.forward(days=2)  # Wednesday
    precinct.decide(found, Action.RETURN, texts=POINTS)
    with precinct.session() as session:
        assert session.get_one(Petition, found).correction_due == date(2026, 3, 18)
    precinct.clock.forward(days=5)  # Monday: Thursday, Friday and Monday were the author's
    resubmit(precinct, found)
    assert due_day(precinct) == date(2026, 3, 19)
    precinct.decide(found, Action.RETURN, texts=POINTS)
    precinct.clock.forward(days=1)  # Tuesday 10 March
    resubmit(precinct, found)
    assert due_day(precinct) == date(2026, 3, 20)


def resubmit(precinct: Precinct, found: object) -> None:
    with precinct.session() as session:
        petition = moves.lock(session, found)
        filing.write_text(
            session, precinct.house, petition, Words.of(TITLE, REQUEST, REASONS + "!")
        )
        filing.resubmit(session, precinct.house, petition, precinct.clock.at)
        assert petition.state == "in_admissibility"
        assert petition.correction_due is None


def due_day(precinct: Precinct) -> date | None:
    with precinct.session() as session:
        return session.scalars(select(Review)).one().due_on


def test_a_petition_returned_and_sent_again_on_one_day_loses_no_day(precinct: Precinct) -> None:
    found = precinct.file()
    before = due_day(precinct)
    precinct.decide(found, Action.RETURN, texts=POINTS)
    precinct.clock.forward(hours=2)
    resubmit(precinct, found)
    assert due_day(precinct) == before


def test_the_last_day_for_correction_counts_to_its_end_in_paris(precinct: Precinct) -> None:
    found = precinct.file()
    precinct.decide(found, Action.RETURN, texts=POINTS)  # due 16 March
    precinct.clock.at = datetime(2026, 3, 16, 23, 0, tzinfo=UTC)
    with precinct.sessions() as session:
        petition = moves.lock(session, found)
        with pytest.raises(TransitionRefusedError, match="guard_correction_over"):
            filing.resubmit(session, precinct.house, petition, precinct.clock.at)
    precinct.clock.at -= timedelta(seconds=1)
    resubmit(precinct, found)


def test_an_author_takes_a_petition_back_and_its_check_ends(precinct: Precinct) -> None:
    found = precinct.file()
    with precinct.session() as session:
        petition = moves.lock(session, found)
        filing.withdraw_petition(session, precinct.house, petition, precinct.clock.at)
    with precinct.session() as session:
        review = session.scalars(select(Review)).one()
        assert (review.outcome, review.closed_at) == ("withdrawn", precinct.clock.at)
    assert precinct.state(found) == "withdrawn"


def test_a_petition_past_its_milestone_belongs_to_its_signers(precinct: Precinct) -> None:
    found = precinct.publish()
    precinct.sign_many(found, range(25))
    precinct.work()
    with precinct.sessions() as session:
        petition = moves.lock(session, found)
        with pytest.raises(TransitionRefusedError):
            filing.withdraw_petition(session, precinct.house, petition, precinct.clock.at)


def test_the_decisive_milestone_is_enough_to_bar_withdrawal_before_its_state_moved(
    precinct: Precinct,
) -> None:
    """Between the batch and its job the state still says `published`."""
    found = precinct.publish()
    precinct.sign_many(found, range(25))
    stopped = precinct.worker(stop_before_jobs)
    with pytest.raises(StopHere):
        stopped.turn()
    assert precinct.state(found) == "published"
    with precinct.sessions() as session:
        petition = moves.lock(session, found)
        with pytest.raises(TransitionRefusedError, match="guard_before_decisive"):
            filing.withdraw_petition(session, precinct.house, petition, precinct.clock.at)


class StopHere(BaseException):
    pass


def stop_before_jobs(step: str) -> None:
    if step == "after_settling":
        raise StopHere


def test_a_draft_nobody_sent_is_erased_after_thirty_days(precinct: Precinct) -> None:
    with precinct.session() as session:
        old = a_draft(session, precinct.house, precinct.clock.at).id
        sent = a_filed_petition(session, precinct.house, precinct.clock.at).id
    precinct.clock.forward(days=30, seconds=-1)
    with precinct.session() as session:
        retention.purge(session, precinct.clock.at)
        young = a_draft(session, precinct.house, precinct.clock.at).id
    assert precinct.count(Petition) == 3
    precinct.clock.forward(seconds=1)
    with precinct.session() as session:
        retention.purge(session, precinct.clock.at)
        assert session.get(Petition, old) is None
        assert set(session.scalars(select(Petition.id))) == {sent, young}
        assert set(session.scalars(select(PetitionText.petition_id))) == {sent, young}


def test_the_trail_names_a_pseudonym_and_never_the_author(precinct: Precinct) -> None:
    with precinct.session() as session:
        petition = a_filed_petition(session, precinct.house, precinct.clock.at)
        decide(session, precinct.house, petition, Action.RETURN, precinct.clock.at, texts=POINTS)
        for row in session.scalars(select(Audit)):
            written = f"{row.actor} {row.detail} {row.public_texts} {row.reason}"
            assert "Claire" not in written
            assert "example.org" not in written
