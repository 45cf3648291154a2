"""Topics whose name was typed into the search box: their petitions may say it in another language."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from sqlalchemy.orm import Session

from petitions.storage.search_reading import search
from petitions.storage.word_forms import words
from petitions.web.edge import Engine
from petitions.web.pages import FacetValue
from petitions.web.public_pages import Asked, question, topics

MOST = 3
SHORTEST = 3
"""Letters of a beginning that is looked for in names."""


def topics_named(session: Session, engine: Engine, asked: Asked) -> tuple[FacetValue, ...]:
    """At most `MOST`, each with its list and number of petitions; none without petitions."""
    if asked.topic:
        return ()
    typed = [word for word in words(asked.words) if len(word) >= SHORTEST]
    held = ((topic, name) for topic, name in topics(engine, asked).items() if _holds(name, typed))
    found = []
    for topic, name in islice(held, MOST):
        whole = replace(asked, words="", topic=topic, sort="newest", page=1, beside=None)
        number = search(
            session, question(engine, whole), offset=0, limit=1, kept=engine.list_numbers
        ).total
        if number:
            found.append(FacetValue(name, number, whole.href()))
    return tuple(found)


def _holds(name: str, typed: list[str]) -> bool:
    """Whether each typed word begins one of the name's."""
    return bool(typed) and all(any(word.startswith(each) for word in words(name)) for each in typed)
