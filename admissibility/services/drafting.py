"""What a clerk has written about a case and not sent: kept in the database, apart for each clerk.

A draft is nobody's decision. It survives an error page, a colleague who was faster, a login that ended
and a process that died; it ends when its writer decides, or a month after the check is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from admissibility.cases import Case
from admissibility.criteria import Verdict
from admissibility.services.deciding import TEXT_MAX, Seen
from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.services.ports import Actor
from petitions.storage.insertion import insert_once
from petitions.storage.tables import CaseDraft, Review

PROPOSED_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Writing:
    """What was filled in. `proposed`: wording for the author, by language."""

    findings: Mapping[str, Verdict] = field(default_factory=dict)
    decision: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, Words] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        looked = any(verdict is not Verdict.OPEN for verdict in self.findings.values())
        written = any(text.strip() for text in self.texts.values())
        return not (looked or self.decision or written or self.proposed)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with the versions it was written against."""

    writing: Writing
    seen: Seen
    actor: str
    name: str
    at: datetime

    def stale(self, case: Case) -> bool:
        """The case moved on since: what changed has to be looked at first."""
        review = case.review
        return review is None or self.seen != Seen(review.version, case.petition.version)


def keep(
    session: Session, case: Case, writing: Writing, seen: Seen, actor: Actor, at: datetime
) -> None:
    """Keep it, in the place of what this clerk wrote before. A check that has ended keeps it too."""
    if case.review is None:
        return
    key = (case.review.id, actor.code)
    row = session.get(CaseDraft, key)
    if row is None:
        if writing.empty:
            return
        # two tabs of one person may begin at once: the database decides which of them is first
        insert_once(
            session, CaseDraft, review_id=key[0], actor=key[1], actor_name=actor.name, at=at,
            content={}, review_version=seen.review, petition_version=seen.petition,
        )  # fmt: skip
        row = session.get_one(CaseDraft, key)
    row.actor_name, row.at = actor.name, at
    row.review_version, row.petition_version = seen.review, seen.petition
    row.content = _stored(writing)
    session.flush()


def own(session: Session, case: Case, actor: str) -> Draft | None:
    if case.review is None:
        return None
    row = session.get(CaseDraft, (case.review.id, actor))
    return _draft(row) if row is not None else None


def others(session: Session, case: Case, actor: str) -> list[Draft]:
    """What colleagues have begun, newest first."""
    if case.review is None:
        return []
    rows = session.scalars(
        select(CaseDraft)
        .where(CaseDraft.review_id == case.review.id, CaseDraft.actor != actor)
        .order_by(CaseDraft.at.desc())
    )
    return [_draft(row) for row in rows]


def drop(session: Session, review: Review, actor: str) -> None:
    """It was sent, or is not wanted any more."""
    session.execute(
        delete(CaseDraft).where(CaseDraft.review_id == review.id, CaseDraft.actor == actor)
    )


def _stored(writing: Writing) -> dict[str, Any]:
    return {
        "findings": {code: str(verdict) for code, verdict in writing.findings.items()},
        "decision": writing.decision,
        "texts": {language: text[: TEXT_MAX * 2] for language, text in writing.texts.items()},
        "proposed": {
            language: {part: text[:PROPOSED_MAX] for part, text in asdict(words).items()}
            for language, words in writing.proposed.items()
        },
    }


def _draft(row: CaseDraft) -> Draft:
    stored = row.content
    decision = str(stored.get("decision", ""))
    writing = Writing(
        findings={code: Verdict(verdict) for code, verdict in stored.get("findings", {}).items()},
        decision=decision if decision in set(Action) else "",
        texts=dict(stored.get("texts", {})),
        proposed={x: Words(**parts) for x, parts in stored.get("proposed", {}).items()},
    )
    seen = Seen(row.review_version, row.petition_version)
    return Draft(writing, seen, row.actor, row.actor_name, row.at)
