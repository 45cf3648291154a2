"""One case as the desk reads it: petition, open check, grounds in words, findings so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from admissibility.criteria import Checklist, Finding, Ground, Verdict
from admissibility.review import Proposal, Situation
from petitions.domain.errors import NotFoundError
from petitions.domain.filing import Stage
from petitions.domain.lifecycle import Action, Role, State
from petitions.domain.procedure import Kind
from petitions.domain.rulebook_files import Library
from petitions.services.ports import House
from petitions.services.reviews import stage_of
from petitions.storage.tables import Finding as FindingRow
from petitions.storage.tables import Petition, PetitionText, Review

HOLD = timedelta(minutes=30)
"""A case nobody touched for this long is free again: people go home."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a case open for deciding, since when (UTC)."""

    actor: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A petition at the desk. `review` is the open check, or the last one that was closed."""

    petition: Petition
    text: PetitionText
    kind: Kind
    review: Review | None
    stage: Stage | None

    @property
    def open(self) -> bool:
        return self.review is not None and self.review.closed_at is None

    def holder(self, at: datetime) -> Holder | None:
        """Who holds the case at an instant; a hold runs out by itself."""
        review = self.review
        if review is None or review.lock_actor is None or review.locked_at is None:
            return None
        if at - review.locked_at > HOLD:
            return None
        return Holder(review.lock_actor, review.lock_name or "", review.locked_at)

    @property
    def proposal(self) -> Proposal | None:
        proposed = self.review.proposed if self.review else None
        if not proposed:
            return None
        return Proposal(Action(proposed["decision"]), str(proposed["by"]))

    def situation(self, actor: str, roles: frozenset[Role], at: datetime) -> Situation:
        """All that bears on what one person may decide now."""
        holder = self.holder(at)
        return Situation(
            state=State(self.petition.state),
            stage=self.stage if self.open else None,
            actor=actor,
            roles=roles,
            returns_used=self.review.returns_used if self.review else 0,
            holder=holder.actor if holder else None,
            proposal=self.proposal,
        )


def by_reference(session: Session, reference: str) -> Petition:
    """Raises NotFoundError."""
    found = session.scalars(select(Petition).where(Petition.reference == reference)).one_or_none()
    if found is None:
        raise NotFoundError("petition", reference=reference)
    return found


def case_of(session: Session, house: House, petition: Petition) -> Case:
    """The open check of a petition, else the one closed last, else none."""
    reviews = session.scalars(
        select(Review)
        .where(Review.petition_id == petition.id)
        .order_by(Review.closed_at.is_not(None), Review.opened_at.desc())
        .limit(1)
    ).all()
    review = reviews[0] if reviews else None
    return Case(
        petition=petition,
        text=session.get_one(PetitionText, (petition.id, petition.language)),
        kind=house.kind(session, petition),
        review=review,
        stage=stage_of(session, house, petition, review) if review else None,
    )


def grounds(
    library: Library, kind: Kind, rulebook: str, language: str, stage: Stage | None = None
) -> tuple[Ground, ...]:
    """The grounds in a language, public ones first: those of a stage's checklist, or all."""
    listed = kind.admissibility.grounds
    found = []
    for code in kind.admissibility.checklist(stage):
        try:
            words = library.told(code, language, noun="grounds", rulebook=rulebook)
        except KeyError:  # the rulebook has no words for it at all
            found.append(Ground(code, code, hidden=code in listed.hidden))
            continue
        found.append(
            Ground(
                code=code,
                title=words.title,
                article=words.reference,
                guidance=words.text,
                appeal=words.appeal,
                hidden=code in listed.hidden,
            )
        )
    return tuple(found)


def checklist(session: Session, case: Case, worded: tuple[Ground, ...]) -> Checklist:
    """The grounds with the findings recorded so far."""
    if case.review is None:
        return Checklist.of(worded, ())
    rows = session.scalars(select(FindingRow).where(FindingRow.review_id == case.review.id))
    return Checklist.of(
        worded,
        (Finding(row.ground, Verdict.APPLIES if row.met else Verdict.CLEAR) for row in rows),
    )


def proposed_texts(case: Case) -> Mapping[str, str]:
    """The texts of the decision that waits for a second reader."""
    proposed = (case.review.proposed or {}) if case.review else {}
    return {str(code): str(text) for code, text in dict(proposed.get("texts", {})).items()}
