"""Texts that share rare words with another: the candidates for likeness, from the index.

The rarest stems of a text are looked up until together they stand in so many texts that more would cost
time and tell little. Each text found weighs as much as the stems it shares; in the title they count
twice. Both databases run the same statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.storage.search_match import having, sharing
from petitions.storage.search_rebuilding import SMALL
from petitions.storage.tables import Petition, SearchText, SearchWord

BUDGET = 6_000
"""Texts looked up for all stems together."""
STEMS = 16
FIRST, MORE = 300, 3000
"""Texts that are looked at closely; the second where the first were nearly all left out."""


@dataclass(frozen=True, slots=True)
class Near:
    """A text that shares rare words: its petition and its stems, apart by spaces."""

    petition_id: UUID
    title: str
    request: str
    reasons: str
    state: str
    reference: str | None


NEAR = (
    SearchText.petition_id, SearchText.title, SearchText.request, SearchText.reasons,
    Petition.state, Petition.reference,
)  # fmt: skip
"""Columns of a `Near`, in its order."""


_FIRST_TEXTS = select(func.count()).select_from(select(SearchText.doc).limit(SMALL + 1).subquery())
_KNOWN = (
    select(SearchWord.form, func.max(SearchWord.documents))
    .where(
        SearchWord.language == bindparam("language"),
        SearchWord.form.in_(bindparam("forms", expanding=True)),
    )
    .group_by(SearchWord.form)
)
"""Written down once: to put such a statement together takes longer than the server needs for it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """In how many of all texts each stem stands."""

    texts: int
    having: Mapping[str, int]


def counted(session: Session, stems: Collection[str], language: str) -> Counted:
    """Small sites are counted now, others as they were counted last."""
    wanted = {"language": language, "forms": ["", *sorted(set(stems))]}
    found: dict[str, int] = dict(session.execute(_KNOWN, wanted).all())
    texts = found.pop("", 0)
    if texts <= SMALL and (few := session.scalar(_FIRST_TEXTS) or 0) <= SMALL:
        return Counted(few, _count(session, sorted(set(stems))))
    texts = texts or session.scalar(select(func.count()).select_from(SearchText)) or 0
    return Counted(texts, found)


def _count(session: Session, stems: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(stems), 50):
        each = [
            select(literal(stem).label("stem"), func.count().label("n")).select_from(
                having(session, stem).subquery()
            )
            for stem in stems[start : start + 50]
        ]
        found.update(dict(session.execute(union_all(*each)).all()))
    return {stem: number for stem, number in found.items() if number}


def chosen(weights: Mapping[str, float], numbers: Counted) -> list[str]:
    """The stems to look up: those that tell most, as far as the budget goes."""
    ordered = sorted(
        (stem for stem in weights if numbers.having.get(stem)),
        key=lambda stem: (-weights[stem], stem),
    )
    wanted: list[str] = []
    spent = 0
    for stem in ordered:
        cost = numbers.having[stem]
        if wanted and spent + cost > BUDGET:
            continue
        wanted.append(stem)
        spent += cost
        if len(wanted) == STEMS:
            break
    return wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Which petitions may come out. `private_kinds`: pairs (rulebook, kind) without a page."""

    language: str
    states: Collection[State]
    exclude: Collection[UUID] = ()
    private_kinds: Collection[tuple[str, str]] = ()


def near(session: Session, stems: Mapping[str, float], among: Among) -> list[Near]:
    """The texts that share most with these stems (stem → weight), the nearest first."""
    if not stems:
        return []
    for limit in (FIRST, MORE):
        best = _best(session, stems, limit)
        rows = session.execute(_allowed(best, among)).all()
        if len(rows) >= FIRST // 4 or limit == MORE:
            break
        if session.scalar(select(func.count()).select_from(best.subquery())) != limit:
            break  # there are no more
    return [Near(*row) for row in rows[:FIRST]]


def _best(session: Session, stems: Mapping[str, float], limit: int) -> Select[int, int]:
    every = sharing(session, stems).subquery()
    return (
        select(every.c.doc, every.c.weight)
        .order_by(every.c.weight.desc(), every.c.doc)
        .limit(limit)
    )


def _allowed(best: Select[int, int], among: Among) -> Select[UUID, str, str, str, str, str | None]:
    found = best.subquery()
    statement = (
        select(*NEAR)
        .join(found, found.c.doc == SearchText.doc)
        .join(Petition, Petition.id == SearchText.petition_id)
        .where(
            SearchText.language == among.language,
            Petition.state.in_([str(state) for state in among.states]),
        )
        .order_by(found.c.weight.desc(), SearchText.doc)
    )
    if among.exclude:
        statement = statement.where(Petition.id.not_in(list(among.exclude)))
    for rulebook, kind in among.private_kinds:
        statement = statement.where(~and_(Petition.rulebook_id == rulebook, Petition.kind == kind))
    return statement
