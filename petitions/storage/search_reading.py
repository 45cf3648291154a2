"""Lists and searches: one page of petitions, how many there are, and how many of each sort.

Words are looked up in the search index, in every language of the site: a reader may ask in another
language than the petition's. Where little is found and a word is nobody's, the nearest word of the
petitions themselves is offered. Nothing that a reader may not find can be offered: a suggestion counts
only where it finds more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage import reading
from petitions.storage.kept_numbers import Kept
from petitions.storage.list_numbers import numbers_of_list
from petitions.storage.list_order import Beside
from petitions.storage.list_rows import page_of
from petitions.storage.reading import Question, Row
from petitions.storage.search_match import by_index, meets
from petitions.storage.search_near import counted
from petitions.storage.search_open import assemblies_of, numbers_of, open_texts
from petitions.storage.search_words import Wanted, alternatives, slip, understood
from petitions.storage.tables import Petition, SearchText, SearchWord, Track
from petitions.storage.word_forms import form

LANGUAGES = ("en", "fr", "nl", "de")
"""Languages whose stems a word is always tried in, besides the reader's."""
FEW = 3
"""Below so many hits a slip of the keyboard is looked for."""
FEW_TRACKS = 5000
_COMPLETED, _NEAR = 30, 4000
_BEGUN = (
    select(SearchWord.form)
    .where(
        SearchWord.language.in_(bindparam("languages", expanding=True)),
        SearchWord.word.like(bindparam("begun")),
    )
    .order_by(SearchWord.documents.desc(), SearchWord.form)
    .limit(_COMPLETED)
)
"""Words with a beginning, of letters and digits alone: an index finds them."""


@dataclass(frozen=True, slots=True)
class Results:
    """`facets`: name → value → number of petitions that choosing it would show."""

    rows: tuple[Row, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    suggestion: str = ""
    """Other words that find more."""
    unnarrowed: int = 0
    """Petitions there would be without the filters that have figures."""


def search(
    session: Session,
    question: Question,
    *,
    offset: int,
    limit: int,
    beside: Beside | None = None,
    kept: Kept | None = None,
) -> Results:
    """`limit` petitions from a place on. `kept`: where the figures of great lists are kept a while."""
    by_index(session)
    asked = matched(session, question)
    if question.body and asked.found is None:
        asked = replace(asked, few_duties=_few_duties(session))
    kept = kept or Kept()
    numbers = kept.numbers(("sorts", *_key(question)), lambda: _numbers(session, asked))
    total = sum(numbers.values()) if not _filters(asked) else _total(numbers, asked)
    rows = page_of(session, asked, offset=offset, limit=limit, beside=beside, hits=total)
    suggestion = ""
    if question.words and total < FEW:
        suggestion = _suggestion(session, question, total)
    return Results(tuple(rows), total, _facets(numbers, asked), suggestion, sum(numbers.values()))


def _key(question: Question) -> tuple[object, ...]:
    """What the figures of a question depend on, before any filter of `_NAMES`."""
    tongue = question.shown_in if question.words else ""
    return (question.assemblies, tongue, question.words, question.body)


def by_body(
    session: Session, question: Question, kept: Kept | None = None, hits: int | None = None
) -> dict[str, int]:
    """Body → how many petitions of a question it has, or had, something to do about. `hits`: how many
    the question has: few have a body, and all are looked at.
    """

    def counted_now() -> Counter[str]:
        every = matched(session, replace(question, body="", sort="newest"))
        by_index(session)
        rows = session.execute(
            select(Track.body, func.count(Track.petition_id.distinct()))
            .where(reading.of_body(), _asked_about(session, every))
            .group_by(Track.body)
        )
        return Counter({str(body): number for body, number in rows})

    filters = tuple(sorted(_filters(question).items()))
    key = ("bodies", *_key(replace(question, body="")), filters)
    return dict((kept or Kept()).numbers(key, counted_now, hits))


def by_topic(session: Session, question: Question, kept: Kept | None = None) -> dict[str, int]:
    """Topic → how many petitions a list has of it: the figures of the list itself."""
    asked = matched(session, question)
    key = ("sorts", *_key(question))
    numbers = (kept or Kept()).numbers(key, lambda: _numbers(session, asked))
    return _facets(numbers, asked)["topic"]


def by_assembly(
    session: Session, question: Question, served: Sequence[str], kept: Kept | None = None
) -> dict[str, int]:
    """Assembly → how many petitions of a question ask it."""

    def counted_now() -> Counter[str]:
        every = matched(session, replace(question, assemblies=tuple(served)))
        if every.found is not None:
            return assemblies_of(session, every)
        return Counter({each: _how_many(session, every, each) for each in served})

    filters = tuple(sorted(_filters(question).items()))
    key = ("assemblies", *_key(replace(question, assemblies=tuple(served))), filters)
    return dict((kept or Kept()).numbers(key, counted_now))


def _how_many(session: Session, every: Question, assembly: str) -> int:
    asked = replace(every, assemblies=(assembly,))
    if asked.matched is None and not asked.body:
        return _total(numbers_of_list(session, asked), asked)
    return reading.how_many(session, asked)


def _asked_about(session: Session, every: Question) -> ColumnElement[bool]:
    """Tracks of these petitions. Of a whole list PostgreSQL looks a few tracks up one by one: it would
    rather read all petitions. Those that have a phrase are found first: whether a text has it is not
    soon seen. OFFSET 0 keeps it at that.
    """
    petitions = _petitions(every)
    if every.phrased and not is_sqlite(session):
        petitions = petitions.offset(0)
    if every.found is not None or not _few_duties(session):
        return Track.petition_id.in_(petitions)
    return petitions.where(Petition.id == Track.petition_id).offset(0).correlate(Track).exists()


def _few_duties(session: Session) -> bool:
    """Whether what bodies have to do about petitions is looked up one by one."""
    if is_sqlite(session):
        return False
    many = select(Track.code).where(reading.of_body()).limit(FEW_TRACKS + 1).subquery()
    return (session.scalar(select(func.count()).select_from(many)) or 0) <= FEW_TRACKS


def _petitions(question: Question) -> Select[Any]:
    if question.found is not None:
        return open_texts(question)
    conditions = reading.conditions_of(question).values()
    return reading.open_to(select(Petition.id), question).where(*conditions)


def matched(session: Session, question: Question) -> Question:
    """The question with its words looked up; the same where there are none."""
    wanted = understood(question.words, question.shown_in)
    if not wanted:  # signs without a word are found nowhere
        return replace(question, matched=false()) if question.words else question
    texts = _texts(session, wanted, _languages(question))
    meant = _petitions_of(texts, question.words)
    if _names_one(session, question.words):
        return replace(question, matched=meant)
    worth = _worth(session, wanted, question) if question.sort == "relevance" else ()
    return replace(
        question, matched=meant, found=texts, worth=worth,
        one_word=len(wanted.words) == 1 and not wanted.phrases, phrased=bool(wanted.phrases),
    )  # fmt: skip


def saying(session: Session, typed: str) -> ColumnElement[bool]:
    """Petitions that have these words, whatever the language of who asks: the desk's search."""
    wanted = understood(typed, *LANGUAGES)
    return _petitions_of(_texts(session, wanted, LANGUAGES), typed) if wanted else false()


def _is_number(typed: str) -> bool:
    """Perhaps a petition's, or a part of it."""
    number = typed.strip()
    return any(letter.isdigit() for letter in number) and " " not in number


def _names_one(session: Session, typed: str) -> bool:
    """It is the number of a petition, or a part of one: what has it is found beside what says it."""
    if not _is_number(typed):
        return False
    numbered = Petition.reference.contains(typed.strip(), autoescape=True)
    return session.scalars(select(Petition.id).where(numbered).limit(1)).first() is not None


def _petitions_of(texts: ColumnElement[bool], typed: str) -> ColumnElement[bool]:
    found = select(SearchText.petition_id).where(texts)
    if _is_number(typed):
        numbered = Petition.reference.contains(typed.strip(), autoescape=True)
        return or_(Petition.id.in_(found), numbered)
    return Petition.id.in_(found)


def _languages(question: Question) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in (question.shown_in, *LANGUAGES) if each))


def _texts(session: Session, wanted: Wanted, languages: Sequence[str]) -> ColumnElement[bool]:
    """A condition on `search_text`."""
    completed: Sequence[str] = ()
    if wanted.unfinished:
        begun = {"languages": list(languages), "begun": f"{wanted.unfinished}%"}
        completed = session.scalars(_BEGUN, begun).all()
    parts = alternatives(wanted, languages, completed)
    # quotation marks around nothing but small words: no text can be told by them
    return meets(session, parts) if parts else SearchText.doc < 0


def _worth(session: Session, wanted: Wanted, question: Question) -> tuple[tuple[str, float], ...]:
    """Stem, or beginning of a word, → what it is worth in a title: the rarer, the more."""
    stems = {found for word in wanted.words if (found := form(word, question.shown_in))}
    if not stems:
        return ()
    numbers = counted(session, stems, question.shown_in)
    worth = {stem: 1.0 / (1 + numbers.having.get(stem, 0)) for stem in stems}
    if wanted.unfinished:  # perhaps all of the word, perhaps its beginning
        whole = worth.get(form(wanted.unfinished, question.shown_in), 1.0)
        worth[f"{wanted.unfinished}*"] = whole / 2
    return tuple(sorted(worth.items()))


_NAMES = ("state", "language", "kind", "topic")


def _filters(question: Question) -> dict[str, str]:
    return {name: chosen for name in _NAMES if (chosen := getattr(question, name))}


def _numbers(session: Session, question: Question) -> Counter[tuple[str, ...]]:
    """How many petitions of each (state, language, kind, topic), every filter but the words left out."""
    bare = replace(question, state="", language="", kind="", topic="")
    if bare.found is not None:
        return numbers_of(session, bare)
    if bare.matched is None and not bare.body:
        return numbers_of_list(session, bare)
    return Counter(
        {
            tuple(each or "" for each in row[:4]): row[4]
            for row in session.execute(reading.grouped(bare, _NAMES))
        }
    )


def _total(numbers: Counter[tuple[str, ...]], question: Question) -> int:
    filters = _filters(question)
    return sum(n for values, n in numbers.items() if _fits(values, filters))


def _fits(values: tuple[str, ...], filters: Mapping[str, str]) -> bool:
    return all(values[_NAMES.index(name)] == chosen for name, chosen in filters.items())


def _facets(numbers: Counter[tuple[str, ...]], question: Question) -> dict[str, dict[str, int]]:
    """A facet counts what choosing it would show: its own filter is left out of its figures."""
    found: dict[str, dict[str, int]] = {}
    for place, name in enumerate(_NAMES):
        others = {key: value for key, value in _filters(question).items() if key != name}
        facet: Counter[str] = Counter()
        for values, number in numbers.items():
            if not others or _fits(values, others):
                facet[values[place]] += number
        found[name] = {value: number for value, number in facet.items() if value}
    return found


def _suggestion(session: Session, question: Question, total: int) -> str:
    """The words with each unknown one replaced by the nearest known, if that finds more."""
    wanted = understood(question.words, question.shown_in)
    languages = _languages(question)
    meant = {word: _meant(session, word, languages) for word in wanted.words}
    if not any(meant.values()):
        return ""
    said = [meant[word] or word for word in wanted.words] + [f"“{p}”" for p in wanted.phrases]
    other = replace(question, words=" ".join(said))
    more = page_of(session, matched(session, other), offset=0, limit=total + 1)
    return other.words if len(more) > total else ""


def _meant(session: Session, word: str, languages: Sequence[str]) -> str:
    if len(word) < 4 or word.isdigit():
        return ""
    here = SearchWord.language.in_(languages)
    if session.scalars(select(SearchWord.word).where(here, SearchWord.word == word)).first():
        return ""
    rows = session.execute(
        select(SearchWord.word, SearchWord.documents)
        .where(
            here,
            SearchWord.word.startswith(word[0], autoescape=True),
            func.length(SearchWord.word).between(len(word) - 2, len(word) + 2),
        )
        .order_by(SearchWord.documents.desc(), SearchWord.word)
        .limit(_NEAR)
    )
    return slip(word, [(known, texts) for known, texts in rows])
