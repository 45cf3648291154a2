"""What a clerk decides, and that nothing of it is half done."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    TransitionRefusedError,
)
from petitions.domain.lifecycle import Action, Role
from petitions.ledger.commitments import salt_aad
from petitions.ledger.entries import EntryType
from petitions.services import decisions, filing, moves
from petitions.services.decisions import Verdict
from petitions.services.ports import Actor
from petitions.services.reviews import open_reviews
from petitions.services.texts import text_file
from petitions.storage.tables import (
    Audit,
    Decision,
    Outbox,
    PendingEntry,
    Petition,
    PetitionSigning,
    PetitionText,
    PublicCount,
    Review,
)
from tests.house import CLERK, OTHER_CLERK, SECOND_READER, Precinct

POINTS = {"fr": "Précisez la place dont il s’agit."}
REASONS = {"fr": "La commune n’est pas compétente."}
TWO_READERS = {'within = "10 working"': 'within = "10 working"\nfour_eyes = true'}
TWO_CHECKS = {
    '[[admissibility.stages]]\nid = "check"': '[[admissibility.stages]]\nid = "form"\n'
    'body = "town_clerk"\nwithin = "P5D"\nfour_eyes = true\n\n[[admissibility.stages]]\nid = "check"'
}


def test_admission_lays_out_the_window_and_opens_signing(precinct: Precinct) -> None:
    precinct.clock.at = datetime(2026, 1, 14, 23, 30, tzinfo=UTC)  # 15 January in Paris
    found = precinct.publish()
    with precinct.session() as session:
        petition = session.get_one(Petition, found)
        signing = session.get_one(PetitionSigning, found)
        assert petition.state == "published"
        assert (petition.published_at, petition.opens_at) == (precinct.clock.at, precinct.clock.at)
        assert petition.last_day == date(2026, 3, 15)
        assert petition.closes_at == datetime(2026, 3, 15, 23, 0, tzinfo=UTC)
        assert (signing.signing, signing.closes_at) == ("open", petition.closes_at)
        assert (signing.realm, signing.kid) == ("town", "p1")
        assert petition.targets["council"]["threshold"] == 25
        assert session.get_one(PublicCount, found).valid == 0


def test_admission_makes_a_key_and_a_salt_that_only_this_petition_unwraps(
    precinct: Precinct,
) -> None:
    one, other = precinct.publish(), precinct.publish()
    keys = precinct.house.keys
    with precinct.session() as session:
        blobs = {p: session.get_one(PetitionSigning, p).wrapped_salt for p in (one, other)}
    for petition, blob in blobs.items():
        assert blob is not None
        aad = salt_aad("petitions.example.org", petition, "p1")
        assert len(keys.unwrap(f"kek/{petition}", blob, aad)) == 32
    with pytest.raises(Exception, match="wrapped_blob_does_not_open"):
        keys.unwrap(f"kek/{one}", blobs[other] or b"", salt_aad("petitions.example.org", one, "p1"))


def test_admission_queues_the_opening_with_the_hash_of_the_exact_text(precinct: Precinct) -> None:
    found = precinct.publish()
    with precinct.session() as session:
        words = session.get_one(PetitionText, (found, "fr"))
        digest = hashlib.sha256(text_file(words)).digest()
        assert (words.text_hash, words.frozen) == (digest, True)
        opening = session.scalars(
            select(PendingEntry).where(
                PendingEntry.petition_id == found, PendingEntry.type == EntryType.OPEN
            )
        ).one()
        closes = session.get_one(Petition, found).closes_at
        assert closes is not None
        assert opening.body[:32] == digest
        assert opening.body[32:64] == session.get_one(PetitionSigning, found).rules_hash
        assert opening.body[64:] == int(closes.timestamp()).to_bytes(8, "big")


TEXT_CHANGES = (
    "UPDATE petition_text SET title = 'x'",
    "UPDATE petition_text SET request = request || 'x'",
    "UPDATE petition_text SET frozen = (1 = 0)",
    "DELETE FROM petition_text",
)


def test_the_database_refuses_to_change_a_published_text(precinct: Precinct) -> None:
    precinct.publish()
    for statement in TEXT_CHANGES:
        with precinct.engine.connect() as connection, pytest.raises(DatabaseError):
            connection.execute(text(statement))


def test_the_database_lets_a_draft_be_written(precinct: Precinct) -> None:
    precinct.file()
    with precinct.engine.begin() as connection:
        done = connection.execute(text("UPDATE petition_text SET title = 'x'"))
        assert done.rowcount == 1


def test_a_return_names_its_points_and_the_check_goes_on_afterwards(precinct: Precinct) -> None:
    found = precinct.file()
    precinct.decide(found, Action.RETURN, texts=POINTS)
    with precinct.session() as session:
        petition = session.get_one(Petition, found)
        review = session.scalars(select(Review)).one()
        assert (petition.state, petition.previous_state) == ("returned", "in_admissibility")
        assert (review.returns_used, review.stopped_since) == (1, date(2026, 3, 2))
        assert review.closed_at is None


def test_a_return_without_points_is_refused(precinct: Precinct) -> None:
    found = precinct.file()
    with pytest.raises(TransitionRefusedError, match="guard_points_named"):
        precinct.decide(found, Action.RETURN, texts={"fr": "  "})
    assert precinct.count(Decision) == 0


def test_a_third_return_is_one_too_many(precinct: Precinct) -> None:
    found = precinct.file()
    for _ in range(2):
        precinct.decide(found, Action.RETURN, texts=POINTS)
        with precinct.session() as session:
            filing.resubmit(session, precinct.house, moves.lock(session, found), precinct.clock.at)
    with pytest.raises(TransitionRefusedError, match="guard_returns_left"):
        precinct.decide(found, Action.RETURN, texts=POINTS)


def test_nothing_is_decided_while_the_author_corrects(precinct: Precinct) -> None:
    found = precinct.file()
    precinct.decide(found, Action.RETURN, texts=POINTS)
    for outcome in (Action.ACCEPT, Action.REFUSE, Action.RETURN):
        with pytest.raises(TransitionRefusedError, match="wrong_state"):
            precinct.decide(found, outcome, texts=POINTS, grounds=["duplicate"])
    with precinct.session() as session:
        assert session.scalars(select(Review)).one().closed_at is None
    assert precinct.state(found) == "returned"


def test_a_refusal_keeps_its_grounds_and_reasons(precinct: Precinct) -> None:
    found = precinct.file()
    precinct.decide(found, Action.REFUSE, grounds=["outside-competence"], texts=REASONS)
    with precinct.session() as session:
        made = session.scalars(select(Decision)).one()
        review = session.scalars(select(Review)).one()
        assert (made.number, made.outcome, made.grounds) == (1, "refuse", ["outside-competence"])
        assert (made.texts, made.actor, made.actor_name) == (REASONS, "petit", "A. Petit")
        assert (review.outcome, review.closed_at) == ("refuse", precinct.clock.at)
    assert precinct.state(found) == "refused"
    assert precinct.count(PetitionSigning) == 0


NO_REFUSALS: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"texts": REASONS}, InvalidError),
    ({"grounds": ["no-such-ground"], "texts": REASONS}, InvalidError),
    ({"grounds": ["duplicate"]}, TransitionRefusedError),
    ({"grounds": ["duplicate"], "texts": {"en": "Only in English."}}, TransitionRefusedError),
]


def test_a_refusal_without_ground_or_reasons_is_no_decision(precinct: Precinct) -> None:
    found = precinct.file()
    for words, error in NO_REFUSALS:
        with pytest.raises(error):
            precinct.decide(found, Action.REFUSE, **words)
    assert precinct.state(found) == "in_admissibility"
    assert precinct.count(Decision) == 0


def test_a_hidden_ground_takes_title_and_text_out_of_sight(precinct: Precinct) -> None:
    found = precinct.file()
    precinct.decide(found, Action.REFUSE, grounds=["defamatory", "duplicate"], texts=REASONS)
    assert precinct.state(found) == "hidden"
    with precinct.session() as session:
        letters = [job.payload["code"] for job in session.scalars(select(Outbox))]
    assert sorted(letters) == ["hidden", "submitted"]


def test_an_outcome_the_stage_does_not_know_is_refused(precinct: Precinct) -> None:
    found = precinct.file()
    with pytest.raises(InvalidError, match="outcome_unknown"):
        precinct.decide(found, Action.ACCEPT_IN_PART, texts=REASONS)


def test_only_a_clerk_decides_on_admission(precinct: Precinct) -> None:
    found = precinct.file()
    for role in (Role.AUTHOR, Role.SYSTEM, Role.AUDITOR, Role.COMMITTEE):
        with pytest.raises(ForbiddenError):
            precinct.decide(found, Action.ACCEPT, actor=Actor("somebody", role))
    assert precinct.state(found) == "in_admissibility"


@pytest.mark.parametrize("outcome", [Action.ACCEPT, Action.REFUSE])
def test_where_two_must_read_one_alone_decides_nothing(
    precinct_with: Callable[..., Precinct], outcome: Action
) -> None:
    precinct = precinct_with(TWO_READERS)
    found = precinct.file()
    words: dict[str, Any] = {"grounds": ["duplicate"], "texts": REASONS}
    for second in (None, CLERK):  # reading twice oneself is not a second reading
        with pytest.raises(TransitionRefusedError, match="guard_second_person"):
            precinct.decide(found, outcome, second=second, **words)
    precinct.decide(found, outcome, second=SECOND_READER, **words)
    assert precinct.state(found) == ("published" if outcome is Action.ACCEPT else "refused")
    with precinct.session() as session:
        assert session.scalars(select(Decision)).one().second_actor == SECOND_READER.code


def test_the_first_of_two_checks_asks_for_its_second_reader_too(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with(TWO_CHECKS)
    found = precinct.file()
    precinct.decide(found, Action.RETURN, texts=POINTS)
    with pytest.raises(TransitionRefusedError, match="wrong_state"):
        precinct.decide(found, Action.ACCEPT, second=SECOND_READER)
    with precinct.session() as session:
        filing.resubmit(session, precinct.house, moves.lock(session, found), precinct.clock.at)
    with pytest.raises(TransitionRefusedError, match="guard_second_person"):
        precinct.decide(found, Action.ACCEPT)
    with pytest.raises(ForbiddenError):
        auditor = Actor("somebody", Role.AUDITOR)
        precinct.decide(found, Action.ACCEPT, actor=auditor, second=SECOND_READER)
    precinct.decide(found, Action.ACCEPT, second=SECOND_READER)
    assert precinct.state(found) == "in_admissibility"
    with precinct.session() as session:
        opened = session.scalars(select(Review).where(Review.closed_at.is_(None))).one()
        assert opened.stage == "check"
    precinct.decide(found, Action.ACCEPT)
    assert precinct.state(found) == "published"


def decide_in_thread(
    precinct: Precinct,
    found: UUID,
    seen: int,
    together: threading.Barrier,
    actor: Actor,
    outcome: Action,
    ended: dict[str, object],
) -> None:
    """As the desk does: form read earlier (`seen`), lock, decide, commit."""
    together.wait()
    try:
        with precinct.session() as session:
            petition = moves.lock(session, found, version=seen)
            review = open_reviews(session, petition)[0]
            verdict = Verdict(outcome, ("duplicate",), REASONS)
            decisions.decide(
                session, precinct.house, petition, review, verdict, actor, at=precinct.clock.at
            )
        ended[actor.code] = "decided"
    except ConflictError as error:
        ended[actor.code] = error.code


@pytest.mark.parametrize(
    "outcomes", [(Action.ACCEPT, Action.ACCEPT), (Action.ACCEPT, Action.REFUSE)]
)
def test_of_two_clerks_deciding_at_once_the_second_is_told(
    precinct: Precinct, outcomes: tuple[Action, Action]
) -> None:
    found = precinct.file()
    with precinct.session() as session:
        seen = session.get_one(Petition, found).version
    together, ended = threading.Barrier(2), dict[str, object]()
    threads = [
        threading.Thread(
            target=decide_in_thread, args=(precinct, found, seen, together, actor, outcome, ended)
        )
        for actor, outcome in zip((CLERK, OTHER_CLERK), outcomes, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended.values(), key=str) == ["changed_meanwhile", "decided"]
    assert precinct.count(Decision) == 1
    assert precinct.count(Audit, Audit.from_state == "in_admissibility") == 1
    published = precinct.state(found) == "published"
    assert precinct.count(PetitionSigning) == (1 if published else 0)
    assert precinct.count(PendingEntry, PendingEntry.petition_id == found) == (
        2 if published else 0  # OPEN, and the notice that says how it is judged
    )


def test_a_clerk_who_read_the_case_before_the_lock_decides_nothing_twice(
    precinct: Precinct,
) -> None:
    """Without a version on the form the table itself is the last word."""
    found = precinct.file()
    with precinct.sessions() as late:
        stale = late.scalars(select(Review)).one()
        late.expunge(stale)
        late.rollback()
        precinct.decide(found, Action.ACCEPT)
        petition = moves.lock(late, found)
        with pytest.raises(ConflictError):
            decisions.decide(
                late, precinct.house, petition, stale, Verdict(Action.ACCEPT), OTHER_CLERK,
                at=precinct.clock.at,
            )  # fmt: skip
    assert precinct.count(Decision) == 1
