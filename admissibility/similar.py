"""Similar petitions: candidates from the database, likeness computed here, equal on both engines.

Candidates share the stem of a long word of title or request; the database orders them by how much
they share and hands over two hundred. On PostgreSQL a trigram index (pg_trgm) on the folded text
serves the same statement; without it the short folded texts are scanned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from admissibility.checks.likeness import Neighbour, score, terms
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.storage.tables import Decision, Outcome, Petition, PetitionText

LEAST = 0.3
"""Below this likeness two texts share a word and nothing more."""
_CANDIDATES = 60
_STEMS = 10
_STEM = 6
PUBLIC_STATES = (
    State.PUBLISHED,
    State.THRESHOLD_REACHED,
    State.EXAMINED,
    State.CLOSED_BELOW,
    State.REFUSED,
)
# Clerks also compare what is not public yet: two drafts of one campaign often arrive together.
DESK_STATES = (*PUBLIC_STATES, State.IN_ADMISSIBILITY, State.RETURNED, State.GATHERING_SPONSORS)


@dataclass(frozen=True, slots=True)
class SimilarPetition:
    """A petition that asks nearly the same; `score` from 0 to 1."""

    ref: str
    title: str
    request: str
    reasons: str
    state: State
    score: float
    grounds: tuple[str, ...] = ()
    """Codes of the grounds, where it was refused."""
    summary: str = ""
    """The answer in its language, where it was examined."""

    @property
    def open(self) -> bool:
        return self.state in SIGNING_STATES


def neighbours(found: Iterable[SimilarPetition]) -> tuple[Neighbour, ...]:
    """What the signals need of similar petitions."""
    return tuple(Neighbour(each.ref, each.open, each.score) for each in found)


def stems(title: str, request: str) -> tuple[str, ...]:
    """Beginnings of the words that tell most: those of the title first, long ones first."""
    ordered = [
        word[:_STEM]
        for text in (title, request)
        for word in sorted(terms(text), key=len, reverse=True)
        if len(word) > 2
    ]
    return tuple(dict.fromkeys(ordered))[:_STEMS]


def similar(
    session: Session,
    title: str,
    request: str,
    language: str,
    limit: int = 5,
    exclude: Collection[UUID] = (),
    *,
    states: Collection[State] = PUBLIC_STATES,
    private_kinds: Collection[tuple[str, str]] = (),
) -> list[SimilarPetition]:
    """The petitions most like a text, best first; never fails on a text without words.

    `language`: the text's; petitions are compared in that language only. `private_kinds`: pairs
    (rulebook, kind) whose petitions have no page and must not show up for the public.
    """
    wanted = stems(title, request)
    if not wanted:
        return []
    hits = [(PetitionText.folded.contains(stem, autoescape=True), len(stem)) for stem in wanted]
    shared = sum(
        (case((hit, weight), else_=0) for hit, weight in hits[1:]),
        case((hits[0][0], hits[0][1]), else_=0),
    )
    candidates = (
        select(Petition, PetitionText)
        .join(PetitionText, PetitionText.petition_id == Petition.id)
        .where(
            Petition.state.in_([str(state) for state in states]),
            Petition.reference.is_not(None),
            PetitionText.language == language,
            or_(*(hit for hit, _ in hits)),
        )
        .order_by(shared.desc(), Petition.id)
        .limit(_CANDIDATES)
    )
    if exclude:
        candidates = candidates.where(Petition.id.not_in(list(exclude)))
    for rulebook, kind in private_kinds:
        candidates = candidates.where(
            ~and_(Petition.rulebook_id == rulebook, Petition.kind == kind)
        )
    scored = [
        (score(title, request, text.title, text.request), petition, text)
        for petition, text in session.execute(candidates)
    ]
    scored = [each for each in scored if each[0] >= LEAST]
    scored.sort(key=lambda each: (-each[0], each[1].reference or ""))
    best = scored[:limit]
    why = _outcomes(session, [petition for _, petition, _ in best], language)
    return [
        SimilarPetition(
            ref=petition.reference or "",
            title=text.title,
            request=text.request,
            reasons=text.reasons,
            state=State(petition.state),
            score=likeness,
            grounds=why.get(petition.id, ((), ""))[0],
            summary=why.get(petition.id, ((), ""))[1],
        )
        for likeness, petition, text in best
    ]


def _outcomes(
    session: Session, petitions: list[Petition], language: str
) -> dict[UUID, tuple[tuple[str, ...], str]]:
    """Grounds of the refused ones and the answer's summary of the examined ones."""
    found: dict[UUID, tuple[tuple[str, ...], str]] = {}
    refused = [each.id for each in petitions if each.state == State.REFUSED]
    examined = [each.id for each in petitions if each.state == State.EXAMINED]
    if refused:
        rows = select(Decision).where(Decision.petition_id.in_(refused)).order_by(Decision.number)
        for decision in session.scalars(rows):
            found[decision.petition_id] = (tuple(map(str, decision.grounds)), "")
    if examined:
        answers = select(Outcome).where(Outcome.petition_id.in_(examined)).order_by(Outcome.at)
        for outcome in session.scalars(answers):
            texts = outcome.summaries
            found[outcome.petition_id] = (
                (),
                str(texts.get(language) or next(iter(texts.values()), "")),
            )
    return found
