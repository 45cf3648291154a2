"""The list and its search as a page: what was found, how to narrow it, what was perhaps meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from petitions.platform.i18n import _, current_locale
from petitions.storage import reading
from petitions.storage.search_reading import Results, matched, search
from petitions.web import rule_words
from petitions.web.edge import Engine
from petitions.web.pages import STATE_WORDS, Facet, FacetValue, ListPage
from petitions.web.public_pages import PER_PAGE, SORT_WORDS, Asked, assemblies, cards, question


def list_page(session: Session, engine: Engine, asked: Asked) -> ListPage:
    offset = (asked.page - 1) * PER_PAGE
    found = search(session, question(engine, asked), offset=offset, limit=PER_PAGE)
    kept = {
        "state": asked.state,
        "language": asked.language,
        "assembly": asked.assembly,
        "kind": asked.kind,
    }
    filtered = bool(asked.words or any(kept.values()))
    if asked.sort != asked.first_sort:
        kept["sort"] = asked.sort
    return ListPage(
        cards=cards(session, engine, found.rows),
        total=found.total,
        query=asked.words,
        sort=asked.sort,
        sorts=tuple(
            FacetValue(_(word), 0, asked.href(sort=key), asked.sort == key)
            for key, word in SORT_WORDS.items()
            if asked.words or key != "relevance"
        ),
        facets=_facets(engine, asked, found) + _by_assembly(session, engine, asked),
        kept=tuple((name, value) for name, value in kept.items() if value),
        clear_href=Asked().href() if filtered else "",
        next_href=asked.href(page=asked.page + 1) if offset + PER_PAGE < found.total else "",
        previous_href=asked.href(page=asked.page - 1) if asked.page > 1 else "",
        suggestion=found.suggestion,
        suggestion_href=asked.href(q=found.suggestion) if found.suggestion else "",
    )


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
    everywhere = matched(session, question(engine, replace(asked, assembly="")))
    values = tuple(
        FacetValue(
            engine.house.library.assembly(each).name(current_locale().lang),
            reading.how_many(session, replace(everywhere, assemblies=(each,))),
            asked.href(assembly="" if asked.assembly == each else each),
            asked.assembly == each,
        )
        for each in served
    )
    return (Facet("assembly", _("Assembly"), values, asked.href(assembly="")),)
