"""An answer as its readers see it, in each language: the one recorded, or one that is only proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from petitions.web import rule_words
from petitions.web.document_links import document
from petitions.web.pages import Answer
from petitions.web.petition_file import File


class Answering(Protocol):
    """What stands in an answer. Texts by language; links as "https://… name"."""

    @property
    def code(self) -> str: ...
    @property
    def decided_on(self) -> date: ...
    @property
    def summaries(self) -> Mapping[str, Any]: ...
    @property
    def texts(self) -> Mapping[str, Any]: ...
    @property
    def links(self) -> Sequence[Any]: ...


def answer_shown(file: File, answer: Answering, body: str | None) -> Answer:
    """In the language being spoken; what was not written in it, in the first it was written in."""
    library = file.library
    return Answer(
        on=answer.decided_on,
        body=rule_words.body_words(library, file.petition.assembly, body),
        outcome=rule_words.words_for(library, "outcomes", answer.code, file.book.id).title,
        summary=file.told(answer.summaries),
        text=file.told(answer.texts),
        links=tuple(document(str(link)) for link in answer.links),
    )
