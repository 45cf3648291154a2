"""What public pages and authors read. No query here writes, locks or names a signatory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from statistics import median
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from petitions.domain.lifecycle import END_STATES, State
from petitions.domain.text import folded
from petitions.platform.spoken import told_in
from petitions.storage.filing_rows import addressed_to
from petitions.storage.list_order import in_order, keys
from petitions.storage.public_steps import STEPS
from petitions.storage.tables import (
    Audit,
    DailyCount,
    Decision,
    Outcome,
    Petition,
    PetitionClock,
    PetitionText,
    PublicCount,
    Review,
    Track,
)

ALWAYS_LISTED = (
    State.PUBLISHED,
    State.THRESHOLD_REACHED,
    State.EXAMINED,
    State.CLOSED_BELOW,
    State.REFUSED,
)
ONCE_PUBLISHED = (State.WITHDRAWN, State.LAPSED, State.MERGED, State.ARCHIVED)
"""Public only where the petition was published before."""
LISTED_STATES = (*ALWAYS_LISTED, *ONCE_PUBLISHED)
PAGED_STATES = (*LISTED_STATES, State.HIDDEN)
KEPT_WITHOUT_PUBLICATION = (State.REFUSED, State.HIDDEN)
"""Archived from these, an address goes on answering as it did, though nothing was ever published."""
SORTS = ("newest", "most_signed", "week", "closing", "updated")
_SEARCH_WORDS = 8

Shape = TypeVarTuple("Shape")


@dataclass(frozen=True, slots=True)
class Row:
    """A petition of a list with the text shown and its public count."""

    petition: Petition
    text: PetitionText
    count: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader looks for. `language` filters; `shown_in` picks the text of each line."""

    assemblies: tuple[str, ...]
    shown_in: str
    words: str = ""
    state: str = ""
    language: str = ""
    kind: str = ""
    sort: str = "newest"
    private_kinds: tuple[tuple[str, str], ...] = ()
    body: str = ""
    """A body that has, or had, something to do about it in public."""
    since: date | None = None
    """The day after which signatures count for the order "week"."""
    quiet_kinds: tuple[tuple[str, str], ...] = ()
    """Pairs (rulebook, kind) whose count is not public as it is."""
    matched: Any = None
    """The words as a condition, looked up in the index (`search_reading.matched`)."""
    found: Any = None
    """The same as a condition on the indexed texts; None where the words are a number."""
    worth: tuple[tuple[str, float], ...] = ()
    """Stems and what each is worth in a title, where the words decide the order."""
    one_word: bool = False
    """There is nothing but one word to look for."""
    phrased: bool = False
    """Some words must stand together."""
    topic: str = ""
    few_duties: bool = False
    """Bodies have so few that their petitions are looked up one by one (PostgreSQL)."""


def public_petition(
    session: Session, assemblies: Collection[str], reference: str
) -> Petition | None:
    """The petition behind a public address, in a state that has a page; else None."""
    petition = session.scalars(
        select(Petition).where(Petition.reference == reference, addressed_to(assemblies))
    ).one_or_none()
    if petition is None or petition.state not in PAGED_STATES:
        return None
    if petition.state == State.ARCHIVED and petition.previous_state in KEPT_WITHOUT_PUBLICATION:
        return petition
    if petition.state in ONCE_PUBLISHED and petition.published_at is None:
        return None
    return petition


def texts_of(session: Session, petition_id: UUID) -> dict[str, PetitionText]:
    rows = session.scalars(select(PetitionText).where(PetitionText.petition_id == petition_id))
    return {row.language: row for row in rows}


def text_shown(texts: Mapping[str, PetitionText], wanted: str, original: str) -> PetitionText:
    return texts.get(wanted) or texts[original]


def public_count(session: Session, petition_id: UUID) -> PublicCount | None:
    return session.get(PublicCount, petition_id)


def daily_counts(session: Session, petition_id: UUID) -> list[tuple[date, int]]:
    """(day, valid signatures at its end), days ascending."""
    rows = session.execute(
        select(DailyCount.day, DailyCount.valid)
        .where(DailyCount.petition_id == petition_id)
        .order_by(DailyCount.day)
    )
    return [(day, valid) for day, valid in rows]


def tracks_of(session: Session, petition_id: UUID) -> list[Track]:
    """Public duties, the one due first in front; those without a date last."""
    return list(
        session.scalars(
            select(Track)
            .where(Track.petition_id == petition_id, Track.internal.is_(False))
            .order_by(Track.due_on.is_(None), Track.due_on, Track.code)
        )
    )


def outcomes_of(session: Session, petition_id: UUID) -> list[Outcome]:
    return list(
        session.scalars(
            select(Outcome).where(Outcome.petition_id == petition_id).order_by(Outcome.at.desc())
        )
    )


def decisions_of(session: Session, petition_id: UUID) -> list[Decision]:
    return list(
        session.scalars(
            select(Decision)
            .where(Decision.petition_id == petition_id)
            .order_by(Decision.number.desc())
        )
    )


def open_review(session: Session, petition_id: UUID) -> Review | None:
    return session.scalars(
        select(Review)
        .where(Review.petition_id == petition_id, Review.closed_at.is_(None))
        .order_by(Review.opened_at)
    ).first()


def steps_of(session: Session, petition_id: UUID) -> list[Audit]:
    """The trail of what readers may know, newest first: moves, milestones, settled duties."""
    return list(
        session.scalars(
            select(Audit)
            .where(Audit.petition_id == petition_id, Audit.action.in_(STEPS))
            .order_by(Audit.seq.desc())
        )
    )


def mine(session: Session, tag: bytes, assembly: str) -> list[Row]:
    """An author's petitions, newest first; drafts included."""
    rows = session.execute(
        select(Petition, PetitionText, PublicCount.valid)
        .join(
            PetitionText,
            and_(
                PetitionText.petition_id == Petition.id, PetitionText.language == Petition.language
            ),
        )
        .outerjoin(PublicCount, PublicCount.petition_id == Petition.id)
        .where(Petition.author_tag == tag, Petition.assembly == assembly)
        .order_by(Petition.created_at.desc())
    )
    return [Row(petition, text, count) for petition, text, count in rows]


def grouped(question: Question, names: Sequence[str]) -> Select[Any]:
    """How many petitions of a question for each combination of these columns."""
    columns = [getattr(Petition, name) for name in names]
    return (
        open_to(select(*columns, func.count()), question)
        .where(*conditions_of(question).values())
        .group_by(*columns)
    )


def how_many(session: Session, question: Question) -> int:
    counted = open_to(select(func.count(Petition.id)), question)
    return session.scalar(counted.where(*conditions_of(question).values())) or 0


def listed(
    session: Session, question: Question, limit: int, *more: ColumnElement[bool]
) -> list[Row]:
    """The first petitions of a question, further conditions allowed: the lists of the home page."""
    statement = with_text(question).where(*conditions_of(question).values(), *more)
    rows = session.execute(in_order(statement, keys(question.sort)).limit(limit))
    return [Row(petition, text, count) for petition, text, count in rows]


def matching(question: Question) -> Select[Petition, PetitionText, int]:
    """Every petition that a list with this question shows, in no order: for bulk data."""
    return with_text(question).where(*conditions_of(question).values())


def with_text(question: Question) -> Select[Petition, PetitionText, int]:
    return _with_text(question.assemblies, question.shown_in, question.private_kinds)


@lru_cache(maxsize=64)
def _with_text(
    assemblies: tuple[str, ...], shown_in: str, private_kinds: tuple[tuple[str, str], ...]
) -> Select[Petition, PetitionText, int]:
    """The same for every page of a list: to write it down takes longer than the server needs."""
    question = Question(assemblies, shown_in, private_kinds=private_kinds)
    other = aliased(PetitionText)
    wanted = select(other.language).where(
        other.petition_id == Petition.id, other.language == question.shown_in
    )
    shown = func.coalesce(wanted.scalar_subquery(), Petition.language)
    statement = (
        select(Petition, PetitionText, PublicCount.valid)
        .select_from(Petition)
        .join(
            PetitionText,
            and_(PetitionText.petition_id == Petition.id, PetitionText.language == shown),
        )
        .outerjoin(PublicCount, PublicCount.petition_id == Petition.id)
    )
    return open_to(statement, question)


def open_to(statement: Select[*Shape], question: Question) -> Select[*Shape]:
    """Only what a reader may find in the lists of these assemblies."""
    statement = statement.where(
        addressed_to(question.assemblies),
        Petition.reference.is_not(None),
        Petition.id.not_in(
            select(PetitionClock.petition_id).where(PetitionClock.unlisted.is_(True))
        ),
        or_(
            Petition.state.in_(ALWAYS_LISTED),
            and_(
                Petition.state.in_(ONCE_PUBLISHED),
                Petition.published_at.is_not(None),
                func.coalesce(Petition.previous_state, "") != State.HIDDEN,
            ),
            and_(Petition.state == State.ARCHIVED, Petition.previous_state == State.REFUSED),
        ),
    )
    for rulebook, kind in question.private_kinds:
        statement = statement.where(~and_(Petition.rulebook_id == rulebook, Petition.kind == kind))
    return statement


def of_body() -> ColumnElement[bool]:
    """Public duties of a body."""
    return and_(Track.body.is_not(None), Track.internal.is_(False))


def conditions_of(question: Question) -> dict[str, ColumnElement[bool]]:
    conditions: dict[str, ColumnElement[bool]] = {}
    words = folded(question.words).split()[:_SEARCH_WORDS]
    if question.matched is not None:
        conditions["words"] = question.matched
    elif words:
        conditions["words"] = and_(
            *(
                or_(
                    PetitionText.folded.contains(word, autoescape=True),
                    Petition.reference.contains(word, autoescape=True),
                )
                for word in words
            )
        )
    if question.state:
        conditions["state"] = Petition.state == question.state
    if question.language:
        conditions["language"] = Petition.language == question.language
    if question.kind:
        conditions["kind"] = Petition.kind == question.kind
    if question.topic:
        conditions["topic"] = Petition.topic == question.topic
    if question.body:
        owed = select(Track.petition_id).where(of_body(), Track.body == question.body)
        conditions["body"] = (
            Petition.id == func.any(func.array(owed.scalar_subquery()))
            if question.few_duties
            else Petition.id.in_(owed)
        )
    return conditions


@dataclass(frozen=True, slots=True)
class Figures:
    open: int
    signatures: int
    examined: int
    median_days: int | None


def figures(session: Session, question: Question) -> Figures:
    """The site in numbers; private kinds left out. Median days from publication to the outcome."""
    states: dict[str, int] = dict(session.execute(grouped(question, ("state",))).all())
    signed = session.scalar(
        select(func.coalesce(func.sum(PublicCount.valid), 0))
        .join(Petition, Petition.id == PublicCount.petition_id)
        .where(addressed_to(question.assemblies), Petition.state != State.HIDDEN)
    )
    ended = session.execute(
        select(Petition.published_at, Petition.state_since).where(
            addressed_to(question.assemblies),
            Petition.state == State.EXAMINED,
            Petition.published_at.is_not(None),
        )
    )
    days = [(until - since).days for since, until in ended if since is not None]
    return Figures(
        open=states.get(State.PUBLISHED, 0) + states.get(State.THRESHOLD_REACHED, 0),
        signatures=int(signed or 0),
        examined=states.get(State.EXAMINED, 0),
        median_days=round(median(days)) if days else None,
    )


def late_days(session: Session, petition_ids: Iterable[UUID], today: date) -> dict[UUID, int]:
    """Days over the earliest overdue public duty, for each petition that has one."""
    ids = list(petition_ids)
    if not ids:
        return {}
    rows = session.execute(
        select(Track.petition_id, func.min(Track.due_on))
        .where(Track.petition_id.in_(ids), Track.status == "overdue", Track.internal.is_(False))
        .group_by(Track.petition_id)
    )
    return {petition_id: (today - due).days for petition_id, due in rows if due is not None}


def lines_of(session: Session, rows: Sequence[Row], lang: str) -> dict[UUID, str]:
    """The quote of the newest answer, for the examined petitions of a list."""
    asked = {
        row.petition.id: row.petition.language
        for row in rows
        if row.petition.state == State.EXAMINED
    }
    if not asked:
        return {}
    found: dict[UUID, str] = {}
    for outcome in session.scalars(
        select(Outcome).where(Outcome.petition_id.in_(asked)).order_by(Outcome.at)
    ):
        own = asked[outcome.petition_id]
        found[outcome.petition_id] = told_in(outcome.summaries, lang, own)
    return found


def grounds_of(session: Session, rows: Sequence[Row]) -> dict[UUID, str]:
    """The first ground named, for the refused petitions of a list."""
    ids = [row.petition.id for row in rows if row.petition.state == State.REFUSED]
    if not ids:
        return {}
    decisions = session.scalars(
        select(Decision)
        .where(Decision.petition_id.in_(ids), Decision.outcome == "refuse")
        .order_by(Decision.number)
    )
    return {each.petition_id: str(each.grounds[0]) for each in decisions if each.grounds}


def ended(petition: Petition) -> datetime | None:
    """When the petition came to its end, UTC; None while it goes on."""
    if petition.signing_ended_at is not None:
        return petition.signing_ended_at
    return petition.state_since if State(petition.state) in END_STATES else None
