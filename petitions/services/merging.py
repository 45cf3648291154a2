"""Merging one petition into another with its author's consent (transition 22).

A clerk proposes, the author accepts or refuses in the own space. Signatures are bound to their
petition: none is moved, none is added. What stays is a pointer, on both pages and for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    TransitionRefusedError,
)
from petitions.domain.lifecycle import Action, Facts, Role, State, rows
from petitions.domain.motions import MergeStatus
from petitions.domain.text import Limits, normalised, problem
from petitions.services import moves, outbox
from petitions.services.audit import record
from petitions.services.closing import OUTCOME, close_signing
from petitions.services.decisions import missing_texts
from petitions.services.ports import Actor, House
from petitions.services.reviews import open_reviews
from petitions.services.tracks import release_tracks
from petitions.storage.tables import MergeRequest, Petition

TEXT_MAX = 5000
ANSWER_MAX = 1000


def ask(
    session: Session,
    house: House,
    petition: Petition,
    target_reference: str,
    texts: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> MergeRequest:
    """Propose it to the author, by letter and in the own space. InvalidError names the fields."""
    if not list(rows(State(petition.state), Action.MERGE)):
        raise TransitionRefusedError("wrong_state", state=petition.state, action=Action.MERGE)
    if open_request(session, petition.id) is not None:
        raise ConflictError("merge_open")
    bad: dict[str, tuple[str, dict[str, object]]] = {
        f"text_{language}": ("required", {})
        for language in missing_texts(house, session, petition, texts)
    }
    for language, text in texts.items():
        wrong = problem(normalised(text), Limits(TEXT_MAX, required=False))
        if wrong:
            bad[f"text_{language}"] = wrong
    target = _target(session, target_reference)
    objection = target_objection(petition, target)
    if objection:
        bad["target"] = (objection, {})
    if bad or target is None:
        raise InvalidError(fields=bad)
    row = MergeRequest(
        id=uuid4(), petition_id=petition.id, target_id=target.id,
        texts={lang: normalised(text) for lang, text in texts.items() if text.strip()},
        status=str(MergeStatus.ASKED), asked_at=at, asked_by=actor.code,
        asked_role=str(actor.role), asked_name=actor.name, answer="",
    )  # fmt: skip
    session.add(row)
    petition.version += 1
    audit = record(
        session, actor, "merge_asked", at=at, petition=petition,
        detail={"target": target.reference, "request": str(row.id)},
    )  # fmt: skip
    session.flush()
    if petition.author_email:
        payload = {"petition": str(petition.id), "code": "merge_asked", "audit": audit.seq}
        outbox.enqueue(session, "letter", f"letter:{petition.id}:{audit.seq}", payload, at=at)
    return row


def target_objection(petition: Petition, target: Petition | None) -> str:
    """Why one cannot be merged into the other; "" where it can."""
    if target is None:
        return "no_such_petition"
    if target.id == petition.id:
        return "same_petition"
    if target.state != State.PUBLISHED:
        return "target_not_open"
    same = (target.rulebook_id, target.kind, target.assembly)
    return (
        "" if same == (petition.rulebook_id, petition.kind, petition.assembly) else "another_kind"
    )


def accept(session: Session, petition: Petition, author: Actor, at: datetime) -> MergeRequest:
    """The author agrees: the clerk's act is carried out. ConflictError where it no longer can be."""
    row = _asked(session, petition)
    target = moves.lock(session, row.target_id)
    if target_objection(petition, target):
        raise ConflictError("target_not_open")
    clerk = Actor(row.asked_by, Role(row.asked_role), row.asked_name)
    row.status, row.answered_at = str(MergeStatus.ACCEPTED), at
    was_public = petition.published_at is not None
    detail = {"target": target.reference, "request": str(row.id)}
    record(session, author, "merge_accepted", at=at, petition=petition, detail=detail)
    moves.move(
        session, petition, Action.MERGE, clerk, Facts(target_open=True), at=at,
        reason=target.reference or "", public_texts=row.texts, detail=detail,
    )  # fmt: skip
    for review in open_reviews(session, petition):
        review.closed_at, review.outcome = at, "merged"
        review.version += 1
    if was_public:
        close_signing(session, petition, at=at, reason=OUTCOME)
    release_tracks(session, petition, "merged", at=at)
    record(
        session, clerk, "merge_received", at=at, petition=target, reason=petition.reference or "",
        detail={"merged": petition.reference, "request": str(row.id)},
    )  # fmt: skip
    return row


def refuse(
    session: Session, petition: Petition, author: Actor, answer: str, at: datetime
) -> MergeRequest:
    """The author does not agree: two petitions stay, and the office reads why."""
    wrong = problem(normalised(answer), Limits(ANSWER_MAX, required=False))
    if wrong:
        raise InvalidError(fields={"answer": wrong})
    row = _asked(session, petition)
    row.status, row.answered_at = str(MergeStatus.REFUSED), at
    row.answer = normalised(answer)
    petition.version += 1
    record(
        session, author, "merge_refused", at=at, petition=petition,
        detail={"request": str(row.id)},
    )  # fmt: skip
    return row


def call_off(session: Session, petition: Petition, actor: Actor, at: datetime) -> MergeRequest:
    """The office takes its proposal back before the author answered."""
    row = _asked(session, petition)
    row.status, row.answered_at = str(MergeStatus.CALLED_OFF), at
    petition.version += 1
    record(
        session, actor, "merge_called_off", at=at, petition=petition,
        detail={"request": str(row.id)},
    )  # fmt: skip
    return row


def open_request(session: Session, petition_id: UUID) -> MergeRequest | None:
    return session.scalars(
        select(MergeRequest).where(
            MergeRequest.petition_id == petition_id, MergeRequest.status == MergeStatus.ASKED
        )
    ).first()


def requests_of(session: Session, petition_id: UUID) -> list[MergeRequest]:
    return list(
        session.scalars(
            select(MergeRequest)
            .where(MergeRequest.petition_id == petition_id)
            .order_by(MergeRequest.asked_at.desc())
        )
    )


def merged_into(session: Session, petition_id: UUID) -> Petition | None:
    """Where readers and followers of a merged petition go on."""
    return session.scalars(
        select(Petition)
        .join(MergeRequest, MergeRequest.target_id == Petition.id)
        .where(MergeRequest.petition_id == petition_id, MergeRequest.status == MergeStatus.ACCEPTED)
    ).first()


def merged_from(session: Session, petition_id: UUID) -> list[Petition]:
    """The petitions that were merged into this one, oldest first."""
    return list(
        session.scalars(
            select(Petition)
            .join(MergeRequest, MergeRequest.petition_id == Petition.id)
            .where(
                MergeRequest.target_id == petition_id, MergeRequest.status == MergeStatus.ACCEPTED
            )
            .order_by(MergeRequest.answered_at)
        )
    )


def _asked(session: Session, petition: Petition) -> MergeRequest:
    row = open_request(session, petition.id)
    if row is None:
        raise NotFoundError("merge_request")
    return row


def _target(session: Session, reference: str) -> Petition | None:
    return session.scalars(
        select(Petition).where(Petition.reference == reference.strip())
    ).one_or_none()
