"""Similar petitions: candidates from the search index, likeness computed here, equal on both engines.

What a clerk found to be about the same subject counts: a petition that was refused as a duplicate speaks
for the one it duplicates. Somebody who writes the fourth petition against sky lanterns is shown the one
that can be signed, not the three that were refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from admissibility.checks.likeness import Comparison, Likeness, Neighbour, Stems, asked, rarity
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.storage.search_near import NEAR, Among, Near, chosen, counted, near
from petitions.storage.tables import (
    Decision,
    Outcome,
    Petition,
    PetitionText,
    SameSubject,
    SearchText,
)

LEAST = 0.28
"""Below this likeness two texts share a word and nothing more."""
LEAST_TITLE = 0.34
"""The same where there is a title alone: fewer words, more chance."""
_TITLE, _REQUEST, _REASONS = 1.0, 0.6, 0.3
"""How much a word tells of a petition's subject, by where it stands."""
_FEW = 500
"""On a young site every word is rare or common by chance: it is weighed as if it had so many texts."""
_REFUSED = 0.7
"""A refused petition comes after one that can be signed or was answered, unless much more alike."""
_VOICE, _VOICES = 0.02, 5
"""What each petition refused as a duplicate adds to the one it duplicates, and how many are heard."""
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
    shared: tuple[str, ...] = ()
    """Words of the text asked about that it has too, the telling ones first."""
    duplicates: int = 0
    """Petitions alike that a clerk found to be about the subject of this one."""

    @property
    def open(self) -> bool:
        return self.state in SIGNING_STATES


def neighbours(found: Iterable[SimilarPetition]) -> tuple[Neighbour, ...]:
    """What the signals need of similar petitions."""
    return tuple(Neighbour(each.ref, each.open, each.score) for each in found)


@dataclass(frozen=True, slots=True)
class _Scored:
    petition_id: UUID
    state: str
    reference: str
    likeness: Likeness
    duplicates: int = 0


def similar(
    session: Session,
    title: str,
    request: str,
    language: str,
    limit: int = 5,
    exclude: Collection[UUID] = (),
    *,
    reasons: str = "",
    states: Collection[State] = PUBLIC_STATES,
    private_kinds: Collection[tuple[str, str]] = (),
) -> list[SimilarPetition]:
    """The petitions most like a text, best first; never fails on a text without words.

    `language`: the text's; petitions are compared in that language only. `private_kinds`: pairs
    (rulebook, kind) whose petitions have no page and must not show up for the public.
    """
    among = Among(language=language, states=states, exclude=exclude, private_kinds=private_kinds)
    one, found = _compared(session, title, f"{request}\n{reasons}", request, among)
    least = LEAST if one.one.stems.body else LEAST_TITLE
    alike = [each for each in found if each.likeness.score >= least]
    return _ranked(session, _voiced(session, one, alike, among), language, limit)


def _compared(
    session: Session, title: str, body: str, request: str, among: Among
) -> tuple[Comparison, list[_Scored]]:
    """The text asked about, and each candidate with its likeness."""
    one = asked(title, body, among.language)
    asked_for = frozenset(asked(request, "", among.language).stems.title)
    numbers = counted(session, one.stems.all, among.language)
    texts = max(numbers.texts, _FEW)
    rare = {stem: rarity(texts, numbers.having.get(stem, 0)) for stem in one.stems.all}
    weighed = Comparison(replace(one, rarity=rare))
    titles = frozenset(one.stems.title)
    weights = {
        stem: worth * (_TITLE if stem in titles else _REQUEST if stem in asked_for else _REASONS)
        for stem, worth in rare.items()
    }
    wanted = {stem: weights[stem] for stem in chosen(weights, numbers)}
    return weighed, [_scored(weighed, each) for each in near(session, wanted, among)]


def _scored(one: Comparison, other: Near) -> _Scored:
    stems = Stems(tuple(other.title.split()), tuple(f"{other.request} {other.reasons}".split()))
    return _Scored(other.petition_id, other.state, other.reference or "", one.to(stems))


def _voiced(session: Session, one: Comparison, found: list[_Scored], among: Among) -> list[_Scored]:
    """Petitions that a clerk refused for another's sake give way to that one, and speak for it."""
    scores = {each.petition_id: each for each in found}
    led: dict[UUID, list[_Scored]] = {}
    spoken: set[UUID] = set()
    for duplicate, other in _same_subjects(session, list(scores)):
        if other not in among.exclude:
            led.setdefault(other, []).append(scores[duplicate])
            spoken.add(duplicate)
    unknown = [key for key in led if key not in scores]
    own = {each.petition_id: each for each in _looked_up(session, one, unknown, among)}
    leads = {key: scores.get(key) or own.get(key) for key in led}
    lost = {key for key, lead in leads.items() if lead is None}
    voiced = []
    for key, lead in leads.items():
        if lead is None:
            continue
        best = max((lead, *led[key]), key=lambda each: each.likeness.score)
        alike = replace(lead.likeness, score=best.likeness.score)
        speaking = len({each.petition_id for each in led[key]})
        voiced.append(replace(lead, likeness=alike, duplicates=speaking))
    unheard = {each.petition_id for key in lost for each in led[key]}
    rest = [
        each
        for each in found
        if each.petition_id not in led
        and (each.petition_id not in spoken or each.petition_id in unheard)
    ]
    return voiced + rest


def _same_subjects(session: Session, petitions: list[UUID]) -> list[tuple[UUID, UUID]]:
    """(refused petition, the one it duplicates by a clerk's finding) among these."""
    if not petitions:
        return []
    rows = session.execute(
        select(SameSubject.petition_id, SameSubject.other_id)
        .join(Petition, Petition.id == SameSubject.petition_id)
        .where(
            SameSubject.petition_id.in_(petitions),
            SameSubject.found_by == "clerk",
            Petition.state == State.REFUSED,
        )
        .order_by(SameSubject.at)
    )
    return [(petition, other) for petition, other in rows]


def _looked_up(
    session: Session, one: Comparison, petitions: list[UUID], among: Among
) -> list[_Scored]:
    """Petitions that are spoken for, though no rare word leads to them."""
    if not petitions:
        return []
    statement = (
        select(*NEAR)
        .join(Petition, Petition.id == SearchText.petition_id)
        .where(
            SearchText.petition_id.in_(petitions),
            SearchText.language == among.language,
            Petition.state.in_([str(state) for state in among.states]),
        )
    )
    barred = set(among.private_kinds)
    rows = session.execute(statement.add_columns(Petition.rulebook_id, Petition.kind)).all()
    return [_scored(one, Near(*row[:6])) for row in rows if (row[6], row[7]) not in barred]


def _ranked(
    session: Session, alike: list[_Scored], language: str, limit: int
) -> list[SimilarPetition]:
    """The first ones with what became of them: only their texts are read whole."""

    def place(each: _Scored) -> tuple[float, str]:
        worth = each.likeness.score * (_REFUSED if each.state == State.REFUSED else 1.0)
        worth *= 1 + _VOICE * min(each.duplicates, _VOICES)
        return (-round(worth, 6), each.reference)

    best = sorted(alike, key=place)[:limit]
    rows = session.execute(
        select(Petition, PetitionText)
        .join(PetitionText, PetitionText.petition_id == Petition.id)
        .where(
            Petition.id.in_([each.petition_id for each in best]),
            PetitionText.language == language,
        )
    )
    there = {petition.id: (petition, text) for petition, text in rows}
    why = _outcomes(session, [petition for petition, _text in there.values()], language)
    return [
        _shown(*there[each.petition_id], each, why.get(each.petition_id, ((), "")))
        for each in best
        if each.petition_id in there
    ]


def _shown(
    petition: Petition, text: PetitionText, each: _Scored, why: tuple[tuple[str, ...], str]
) -> SimilarPetition:
    return SimilarPetition(
        ref=petition.reference or "",
        title=text.title,
        request=text.request,
        reasons=text.reasons,
        state=State(petition.state),
        score=each.likeness.score,
        grounds=why[0],
        summary=why[1],
        shared=each.likeness.shared,
        duplicates=each.duplicates,
    )


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
