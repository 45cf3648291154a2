"""The search index follows the texts: in the same transaction, whoever writes them.

A listener on every session (`search_tables`) looks at what was flushed. A text that was written, a
petition whose state changed: its rows are made again before the transaction can end. What is hidden,
erased or taken back before publication is out of the index, and its words out of the vocabulary, when
that transaction commits. Statements that go round the session (bulk inserts) are followed by `rebuild`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    column,
    delete,
    func,
    insert,
    inspect,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.platform.database import is_sqlite
from petitions.storage.reading import ALWAYS_LISTED, ONCE_PUBLISHED
from petitions.storage.search_match import having
from petitions.storage.tables import (
    Petition,
    PetitionClock,
    PetitionText,
    SearchText,
    SearchWord,
)
from petitions.storage.word_forms import Formed, formed

SENT_STATES = (State.GATHERING_SPONSORS, State.IN_ADMISSIBILITY, State.RETURNED)
"""Not public yet, and compared with by clerks: two drafts of one campaign often arrive together."""
_TEXT = ("title", "request", "reasons")
_CASE = (
    "state", "previous_state", "reference", "assembly", "rulebook_id", "kind", "language",
    "published_at", "submitted_at", "closes_at", "state_since", "topic",
)  # fmt: skip
Case: TypeAlias = Mapping[str, Any]
"""What stands beside the stems of a text: column of `search_text` → value."""
_RARE = 50
"""A stem that more texts had when they were counted is still in one: nobody looks it up."""


def is_public() -> ColumnElement[bool]:
    """Petitions that a reader may find (private kinds are the question's matter)."""
    return or_(
        Petition.state.in_(ALWAYS_LISTED),
        and_(
            Petition.state.in_(ONCE_PUBLISHED),
            Petition.published_at.is_not(None),
            func.coalesce(Petition.previous_state, "") != State.HIDDEN,
        ),
        and_(Petition.state == State.ARCHIVED, Petition.previous_state == State.REFUSED),
    )


def is_indexed() -> ColumnElement[bool]:
    """Petitions whose texts belong into the index: sent, and not out of sight."""
    return and_(Petition.reference.is_not(None), or_(Petition.state.in_(SENT_STATES), is_public()))


def case_columns() -> dict[str, ColumnElement[Any]]:
    """What `search_text` keeps of a petition, by column."""
    return {
        "shown": case((and_(is_public(), ~_unlisted()), True), else_=False),
        "assembly": _of(Petition.assembly),
        "rulebook_id": _of(Petition.rulebook_id),
        "kind": _of(Petition.kind),
        "state": _of(Petition.state),
        "original": _of(Petition.language),
        "newest": func.coalesce(Petition.published_at, Petition.submitted_at),
        "closes_at": _of(Petition.closes_at),
        "state_since": _of(Petition.state_since),
        "topic": _of(Petition.topic),
    }


def _unlisted() -> ColumnElement[bool]:
    """On no list: signed by too few yet, or too slowly."""
    return (
        select(PetitionClock.petition_id)
        .where(PetitionClock.petition_id == Petition.id, PetitionClock.unlisted.is_(True))
        .exists()
    )


def _of(column: Any) -> ColumnElement[Any]:
    found: ColumnElement[Any] = column
    return found


def follow(session: Session, changed: Iterable[object]) -> None:
    """After a flush: what these objects changed, changed in the index as well."""
    petitions = {found for each in changed if (found := _changed(each)) is not None}
    if petitions:
        refresh(session, sorted(petitions))


def take_leave(session: Session, deleted: Iterable[object]) -> None:
    """Before a flush: a text that goes takes its words with it while they can still be read."""
    gone = [each for each in deleted if isinstance(each, PetitionText)]
    with session.no_autoflush:
        for text in gone:
            _leave(session, text.petition_id, text.language)


def _changed(each: object) -> UUID | None:
    """The petition whose rows in the index this object's change concerns."""
    if isinstance(each, PetitionText):
        return each.petition_id if _differs(each, _TEXT) else None
    if isinstance(each, Petition):
        return each.id if _differs(each, _CASE) else None
    if isinstance(each, PetitionClock):
        return each.petition_id if _differs(each, ("unlisted",)) else None
    return None


def _differs(each: object, attributes: Iterable[str]) -> bool:
    state = inspect(each)
    assert state is not None
    return any(state.attrs[name].history.has_changes() for name in attributes)


def refresh(session: Session, petitions: Iterable[UUID], *, words_too: bool = False) -> None:
    """Bring the rows of these petitions up to what their texts and states are now.

    `words_too`: also enter the words of texts that are in already.
    """
    wanted = list(petitions)
    texts, cases = _formed(session, wanted)
    rows = session.execute(
        select(*SearchText.__table__.c).where(SearchText.petition_id.in_(wanted))
    ).all()
    known = {(row.petition_id, row.language): (row.title, row.request, row.reasons) for row in rows}
    moved = {row.petition_id for row in rows if _elsewhere(row, cases.get(row.petition_id, {}))}
    for key in sorted(known.keys() - texts.keys()):
        _leave(session, *key)
    entering = []
    for key, made in sorted(texts.items()):
        old = known.get(key)
        if old == (made.title, made.request, made.reasons):
            continue
        if old is not None:
            _leave(session, *key)
        entering.append((*key, made))
    _enter(session, entering, cases)
    for petition in sorted(moved):
        _file(session, petition, cases[petition])
    learnt = texts if words_too else {(key, lang): made for key, lang, made in entering}
    _learn(session, {(key[1], w): form for key, made in learnt.items() for w, form in made.words})


def _elsewhere(row: Any, found: Case) -> bool:
    return any(getattr(row, name) != value for name, value in found.items())


def _formed(
    session: Session, petitions: list[UUID]
) -> tuple[dict[tuple[UUID, str], Formed], dict[UUID, Case]]:
    texts: dict[tuple[UUID, str], Formed] = {}
    cases: dict[UUID, Case] = {}
    for row in session.execute(_texts().where(PetitionText.petition_id.in_(petitions))):
        key, language, title, request, reasons = row[:5]
        texts[key, language] = formed(title, request, reasons, language)
        several = key in cases
        cases[key] = {**dict(zip(case_columns(), row[5:], strict=True)), "several": several}
    return texts, cases


def _texts() -> Any:
    return (
        select(
            *(PetitionText.__table__.c[name] for name in ("petition_id", "language", *_TEXT)),
            *case_columns().values(),
        )
        .join(Petition, Petition.id == PetitionText.petition_id)
        .where(is_indexed())
    )


def _file(session: Session, petition: UUID, found: Case) -> None:
    """The words stay; where the petition stands is another matter now."""
    session.connection().execute(
        update(SearchText).where(SearchText.petition_id == petition).values(**found)
    )


def _enter(
    session: Session, rows: Iterable[tuple[UUID, str, Formed]], cases: Mapping[UUID, Case]
) -> None:
    listed = [
        {
            "petition_id": key,
            "language": language,
            "title": made.title,
            "request": made.request,
            "reasons": made.reasons,
            **cases[key],
        }
        for key, language, made in rows
    ]
    if listed:
        session.connection().execute(insert(SearchText), listed)


def _learn(session: Session, words: Mapping[tuple[str, str], str]) -> None:
    """Add the words that are new. In alphabetical order: two who file at once never wait in a ring."""
    if not words:
        return
    rows = [(language, word, form) for (language, word), form in sorted(words.items())]
    if is_sqlite(session):
        names = ("language", "word", "form")
        session.connection().execute(
            sqlite_insert(SearchWord).on_conflict_do_nothing(),
            [{**dict(zip(names, row, strict=True)), "documents": 1} for row in rows],
        )
        return
    columns = [cast(list(each), ARRAY(Text)) for each in zip(*rows, strict=True)]
    listed = (
        func.unnest(*columns)
        .table_valued(*(column(name, Text) for name in ("language", "word", "form")))
        .render_derived(name="listed")
    )
    session.connection().execute(
        postgresql_insert(SearchWord)
        .from_select(["language", "word", "form", "documents"], select(*listed.c, literal(1)))
        .on_conflict_do_nothing()
    )


def _parts(listed: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(listed), 500):
        yield listed[start : start + 500]


def _leave(session: Session, petition: UUID, language: str) -> None:
    """Take a text out, and every word of it that no other text has the stem of."""
    connection = session.connection()
    row = connection.execute(
        delete(SearchText)
        .where(SearchText.petition_id == petition, SearchText.language == language)
        .returning(SearchText.title, SearchText.request, SearchText.reasons)
    ).one_or_none()
    if row is None:
        return
    stems = sorted({stem for part in row for stem in part.split()})
    for part in _parts(stems):
        rare = connection.scalars(
            select(SearchWord.form)
            .where(
                SearchWord.language == language,
                SearchWord.form.in_(part),
                SearchWord.documents <= _RARE,
            )
            .distinct()
        ).all()
        lost = [
            stem
            for stem in sorted(rare)
            if connection.execute(having(session, stem).limit(1)).first() is None
        ]
        if lost:
            connection.execute(
                delete(SearchWord).where(SearchWord.language == language, SearchWord.form.in_(lost))
            )
