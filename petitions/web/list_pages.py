"""The list and its search as a page: what was found, how to narrow it, what was perhaps meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from petitions.platform.i18n import _, current_locale
from petitions.storage import reading
from petitions.storage.list_order import KEYED
from petitions.storage.reading import Row
from petitions.storage.search_reading import Results, by_assembly, by_body, search
from petitions.web import rule_words
from petitions.web.edge import Engine
from petitions.web.pages import STATE_WORDS, Facet, FacetValue, ListPage
from petitions.web.public_pages import (
    PER_PAGE,
    SORT_WORDS,
    Asked,
    assemblies,
    bodies,
    cards,
    question,
    topics,
)
from petitions.web.topic_words import foremost
from petitions.web.topics_named import topics_named


def list_page(session: Session, engine: Engine, asked: Asked) -> ListPage:
    offset = (asked.page - 1) * PER_PAGE
    found = search(
        session, question(engine, asked), offset=offset, limit=PER_PAGE + 1, beside=asked.beside,
        kept=engine.list_numbers,
    )  # fmt: skip
    back = asked.beside is not None and asked.beside.back and asked.sort in KEYED
    more = len(found.rows) > PER_PAGE
    rows = found.rows[-PER_PAGE:] if back else found.rows[:PER_PAGE]
    kept = {
        "state": asked.state,
        "language": asked.language,
        "assembly": asked.assembly,
        "kind": asked.kind,
        "body": asked.body if asked.body in bodies(engine, asked) else "",
        "topic": asked.topic if asked.topic in topics(engine, asked) else "",
    }
    filtered = bool(asked.words or any(kept.values()))
    if asked.sort != asked.first_sort:
        kept["sort"] = asked.sort
    return ListPage(
        cards=cards(session, engine, rows),
        total=found.total,
        query=asked.words,
        sort=asked.sort,
        sorts=tuple(
            FacetValue(_(word), 0, asked.href(sort=key), asked.sort == key)
            for key, word in SORT_WORDS.items()
            if found.total and (asked.words or key != "relevance")
        ),
        facets=(
            *_by_topic(engine, asked, found),
            *_facets(engine, asked, found),
            *_by_body(session, engine, asked, found.total),
            *_by_assembly(session, engine, asked),
        ),
        kept=tuple((name, value) for name, value in kept.items() if value),
        active=_active(engine, asked),
        clear_href=Asked().href() if filtered else "",
        next_href=_turned(asked, rows, 1) if more or back else "",
        previous_href=_turned(asked, rows, -1) if asked.page > 1 else "",
        suggestion=found.suggestion,
        suggestion_href=asked.href(q=found.suggestion) if found.suggestion else "",
        unnarrowed=0 if found.total else found.unnarrowed,
        unnarrowed_href=asked.href(state="", language="", kind="", topic=""),
        topic_query=urlencode({key: kept[key] for key in ("topic", "assembly") if kept[key]}),
        topic_name=topics(engine, asked).get(asked.topic, ""),
        topics_named=topics_named(session, engine, asked) if asked.words else (),
    )


def _active(engine: Engine, asked: Asked) -> tuple[FacetValue, ...]:
    """What narrows the list, in words; each leads to the list without it."""
    lang, library = current_locale().lang, engine.house.library
    words: Mapping[str, Callable[[str], str]] = {
        "state": _state_word,
        "language": current_locale().language,
        "kind": lambda kind: _kind_word(engine, kind),
        "body": lambda body: library.assembly(question(engine, asked).assemblies[0]).body(
            body, lang
        ),
        "assembly": lambda each: rule_words.assembly_words(library, each),
        "topic": lambda topic: topics(engine, asked)[topic],
    }
    known = {
        "body": bodies(engine, asked),
        "assembly": assemblies(engine),
        "topic": topics(engine, asked),
    }
    found = [
        FacetValue(word(value), 0, asked.href(**{name: ""}), chosen=True)
        for name, word in words.items()
        if (value := getattr(asked, name)) and value in known.get(name, (value,))
    ]
    if asked.words:
        found.insert(0, FacetValue(asked.words, 0, asked.href(q=""), chosen=True))
    return tuple(found)


def _turned(asked: Asked, rows: Sequence[Row], by: int) -> str:
    """The next page or the one before: beside the last or first petition of this one."""
    page = asked.page + by
    if asked.sort not in KEYED or not rows or page <= 1:
        return asked.href(page=page if page > 1 else "")
    beside = {"after": rows[-1]} if by > 0 else {"before": rows[0]}
    return asked.href(
        page=page, **{key: row.petition.reference or "" for key, row in beside.items()}
    )


def _by_body(session: Session, engine: Engine, asked: Asked, hits: int) -> tuple[Facet, ...]:
    named = bodies(engine, asked)
    if not named:
        return ()
    numbers = by_body(session, question(engine, asked), engine.list_numbers, hits)
    served = engine.house.library.assembly(question(engine, asked).assemblies[0])
    found = {body: number for body, number in numbers.items() if body in named}
    facet = _facet(
        asked, "body", _("Committee or office"), found, _most_first(found),
        lambda body: served.body(body, current_locale().lang),
    )  # fmt: skip
    return (facet,) if len(found) > 1 or asked.body in found else ()


def _by_topic(engine: Engine, asked: Asked, found: Results) -> tuple[Facet, ...]:
    """In the order of the assembly's list; a topic that it does not have any more is not offered."""
    named, numbers = topics(engine, asked), found.facets["topic"]
    there = foremost(named, numbers, asked.topic)
    facet = _facet(asked, "topic", _("Topic"), numbers, there, lambda topic: named[topic])
    return (facet,) if facet.values else ()


def _facets(engine: Engine, asked: Asked, found: Results) -> tuple[Facet, ...]:
    states = found.facets["state"]
    facets = [
        _facet(asked, "state", _("State"), states, _order(states), _state_word),
        _facet(
            asked,
            "language",
            _("Language"),
            found.facets["language"],
            _most_first(found.facets["language"]),
            current_locale().language,
        ),
        _facet(
            asked,
            "kind",
            _("Procedure"),
            found.facets["kind"],
            _most_first(found.facets["kind"]),
            lambda kind: _kind_word(engine, kind),
        ),
    ]
    several = {"language", "kind"}
    return tuple(
        each
        for each in facets
        if len(each.values) > (1 if each.name in several and not getattr(asked, each.name) else 0)
    )


def _facet(
    asked: Asked,
    name: str,
    label: str,
    numbers: Mapping[str, int],
    ordered: Iterable[str],
    word: Callable[[str], str],
) -> Facet:
    chosen = getattr(asked, name)
    values = tuple(
        FacetValue(
            word(value),
            numbers[value],
            asked.href(**{name: "" if chosen == value else value}),
            chosen == value,
        )
        for value in ordered
    )
    return Facet(name, label, values, asked.href(**{name: ""}))


def _order(numbers: Mapping[str, int]) -> list[str]:
    return [state for state in reading.LISTED_STATES if numbers.get(state)]


def _most_first(numbers: Mapping[str, int]) -> list[str]:
    return sorted(numbers, key=lambda value: (-numbers[value], value))


def _state_word(state: str) -> str:
    return _(next(words[0] for known, words in STATE_WORDS.items() if known == state))


def _kind_word(engine: Engine, kind: str) -> str:
    """The name of a kind, from a rulebook that the site's assemblies use and that has it."""
    library = engine.house.library
    for versions in library.rulebooks.values():
        for book in versions:
            if kind in book.kinds and set(book.assemblies).intersection(assemblies(engine)):
                return rule_words.words_for(library, "kinds", kind, book.id).title
    return kind


def _by_assembly(session: Session, engine: Engine, asked: Asked) -> tuple[Facet, ...]:
    served = assemblies(engine)
    if len(served) < 2:
        return ()
    everywhere = question(engine, replace(asked, assembly=""))
    numbers = by_assembly(session, everywhere, served, engine.list_numbers)
    library = engine.house.library
    facet = _facet(
        asked, "assembly", _("Assembly"), numbers,
        [each for each in served if numbers[each] or each == asked.assembly],
        lambda each: rule_words.assembly_words(library, each),
    )  # fmt: skip
    return (facet,) if facet.values else ()
