"""The index made again from the texts, counted, and compared with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage.search_index import case_columns, is_indexed, refresh
from petitions.storage.tables import Petition, PetitionText, SearchText, SearchWord
from petitions.storage.word_forms import formed

SMALL = 2000
"""Texts up to which a word is counted when it is asked for: nothing has to be counted before."""
_AT_ONCE = 500
_SAMPLE = 100


def rebuild(session: Session, commit: Callable[[], None]) -> int:
    """Make the whole index again, batch by batch, while others work; the number of texts in it."""
    indexed = select(SearchText.petition_id)
    last: UUID | None = None
    while True:
        wanted = select(Petition.id).where(is_indexed() | Petition.id.in_(indexed))
        if last is not None:
            wanted = wanted.where(Petition.id > last)
        keys = session.scalars(wanted.order_by(Petition.id).limit(_AT_ONCE)).all()
        if not keys:
            break
        refresh(session, keys, words_too=True)
        commit()
        last = keys[-1]
    recount(session)
    commit()
    return texts_in(session)


def texts_in(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(SearchText)) or 0


def recount(session: Session) -> None:
    """Write down in how many texts each stem stands, and forget words that stand in none."""
    texts: Counter[str] = Counter()
    found: dict[str, Counter[str]] = {}
    for batch in _batches(session):
        for _doc, language, *parts in batch:
            texts[language] += 1
            found.setdefault(language, Counter()).update(
                {stem for part in parts for stem in part.split()}
            )
    for language in session.scalars(select(SearchWord.language).distinct()).all():
        _write(session, language, found.get(language, Counter()))
    session.execute(delete(SearchWord).where(SearchWord.word == ""))
    session.add_all(
        SearchWord(language=language, word="", form="", documents=number)
        for language, number in sorted(texts.items())
    )
    session.flush()


def _write(session: Session, language: str, found: Counter[str]) -> None:
    rows = session.execute(
        select(SearchWord.word, SearchWord.form, SearchWord.documents).where(
            SearchWord.language == language, SearchWord.word != ""
        )
    ).all()
    changed = [
        {"word_is": word, "now": found[form]}
        for word, form, documents in rows
        if found[form] and found[form] != documents
    ]
    own = SearchWord
    if changed:
        session.connection().execute(
            update(own)
            .where(own.language == language, own.word == bindparam("word_is"))
            .values(documents=bindparam("now")),
            changed,
        )
    gone = [word for word, form, _documents in rows if not found[form]]
    for start in range(0, len(gone), _AT_ONCE):
        part = gone[start : start + _AT_ONCE]
        session.connection().execute(
            delete(own).where(own.language == language, own.word.in_(part))
        )


def _batches(session: Session) -> Iterator[Sequence[tuple[int, str, str, str, str]]]:
    last = 0
    while True:
        rows = session.execute(
            select(
                SearchText.doc,
                SearchText.language,
                SearchText.title,
                SearchText.request,
                SearchText.reasons,
            )
            .where(SearchText.doc > last)
            .order_by(SearchText.doc)
            .limit(_AT_ONCE)
        ).all()
        if not rows:
            return
        yield [(row.doc, row.language, row.title, row.request, row.reasons) for row in rows]
        last = rows[-1].doc


def recount_when_due(session: Session) -> bool:
    """Count again once the index has grown or shrunk by a tenth; a small one is never counted."""
    now = texts_in(session)
    if now <= SMALL:
        return False
    counted = session.scalar(select(func.sum(SearchWord.documents)).where(SearchWord.word == ""))
    if counted is not None and abs(now - counted) * 10 <= counted:
        return False
    recount(session)
    return True


def faults(session: Session) -> list[str]:
    """What differs between the texts and the index, one sentence each; empty is good."""
    here = and_(
        SearchText.petition_id == PetitionText.petition_id,
        SearchText.language == PetitionText.language,
    )
    joined = select(func.count()).join(Petition, Petition.id == PetitionText.petition_id)
    missing = session.scalar(
        joined.select_from(PetitionText).where(
            is_indexed(), ~select(SearchText.doc).where(here).exists()
        )
    )
    left = session.scalar(
        select(func.count())
        .select_from(SearchText)
        .join(PetitionText, here)
        .join(Petition, Petition.id == PetitionText.petition_id)
        .where(~is_indexed())
    )
    beside = [getattr(SearchText, name) for name in case_columns()]
    elsewhere = session.scalar(
        select(func.count())
        .select_from(SearchText)
        .join(Petition, Petition.id == SearchText.petition_id)
        .where(
            or_(
                *(
                    kept.is_distinct_from(found)
                    for kept, found in zip(beside, case_columns().values(), strict=True)
                )
            )
        )
    )
    told = []
    if elsewhere and not left:
        told.append(f"{elsewhere} texts are of petitions that stand elsewhere now")
    if missing:
        told.append(f"{missing} texts are not in the search index")
    if left:
        told.append(f"{left} texts are in the search index that do not belong there")
    if (stale := _stale(session)) and not told:
        told.append(f"{stale} of {_SAMPLE} texts looked at are indexed with other words")
    return [f"{each}: run `petitions search rebuild`" for each in told]


def _stale(session: Session) -> int:
    """Among the newest texts, those whose stems are not what the engine would make of them today."""
    rows = session.execute(
        select(PetitionText, SearchText.title, SearchText.request, SearchText.reasons)
        .join(
            SearchText,
            and_(
                SearchText.petition_id == PetitionText.petition_id,
                SearchText.language == PetitionText.language,
            ),
        )
        .order_by(SearchText.doc.desc())
        .limit(_SAMPLE)
    )
    stale = 0
    for text, *indexed in rows:
        made = formed(text.title, text.request, text.reasons, text.language)
        stale += indexed != [made.title, made.request, made.reasons]
    return stale


def optimise(session: Session) -> None:
    """Fresh statistics after a great change, so that the server finds its way."""
    command = "ANALYZE search_text" if not is_sqlite(session) else "PRAGMA optimize"
    session.connection().exec_driver_sql(command)
