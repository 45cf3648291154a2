"""A form whose draft was changed in another tab or on another device: its author sees both and chooses.

Every form of the start flow carries the mark of what it was made from (`petitions.domain.shown`). A page
shown again because something was refused keeps the mark that it came with: nothing was saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Response, request
from wtforms import Field, Form, TextAreaField

from admissibility.differences import pieces
from petitions.domain.shown import Fields, Shown
from petitions.platform.i18n import current_locale
from petitions.services.draft_changes import MANY, DraftChangedError, unless_changed
from petitions.storage.tables import Petition
from petitions.web.author_room import html
from petitions.web.edge import engine
from petitions.web.pages_drafts import DraftChanged, FieldTwice

FIELD = "shown"
"""The hidden field with the mark."""
_CONFLICT = 409
_TALL, _WIDE = 16, 60
"""The most lines of a field, and the characters of one."""
_LONG = 60
"""From so many characters on, the differences are worth showing word by word."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as its page asks it. `options`: what can be chosen, in words; empty where one types."""

    label: str
    options: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0

    def words(self, value: str) -> str:
        if not self.options:
            return value
        chosen = value.split() if value not in self.options else [value]
        return current_locale().together([self.options.get(each, each) for each in chosen])


def mark(fields: Fields) -> str:
    """For the form of a page that shows these fields as they are stored now."""
    return str(Shown.of(int(engine().clock().timestamp()), fields))


def kept_mark() -> str:
    """The mark that a refused form came with; "" where it had none."""
    return str(posted() or "")


def posted() -> Shown | None:
    return Shown.parse(request.form.get(FIELD, ""))


def guarded(petition: Petition, stored: Callable[[], Fields]) -> AbstractContextManager[None]:
    """Around the saving of the form that was posted. Raises DraftChangedError."""
    return unless_changed(petition, posted(), stored)


def asked_of(form: Form) -> dict[str, Asked]:
    return {each.name: _asked(each) for each in form}


def _asked(each: Field) -> Asked:
    choices = getattr(each, "choices", None) or ()
    options = {str(value): str(label) for value, label in choices}
    return Asked(each.label.text, options, 6 if isinstance(each, TextAreaField) else 2)


def changed_page(
    petition: Petition, error: DraftChangedError, asked: Mapping[str, Asked], language: str = ""
) -> Response:
    """409; nothing of the form was saved. `language`: of the text, where not the petition's.

    The form on the page holds what was typed, and of what was changed elsewhere alone what is stored.
    """
    shown, language = posted(), language or petition.language
    compared = error.compared
    twice = tuple(_twice(error, name, asked, language) for name in compared.mine)
    typed_anew = {each.name for each in twice if each.rows}
    made_in = request.form.get("written_in", petition.language)
    page = DraftChanged(
        action=request.path,
        opened=datetime.fromtimestamp(shown.at, UTC) if shown else None,
        fields=(
            *_sent_again({FIELD, "csrf_token", *typed_anew, *compared.there}),
            *_as_stored(error, compared.there),
        ),
        shown=mark(error.before),
        twice=twice,
        there=tuple(_twice(error, name, asked, language) for name in compared.there),
        language="" if "language" in asked or made_in == petition.language else petition.language,
    )
    return html("author/changed.html", _CONFLICT, page=page)


def _sent_again(but: set[str]) -> Iterator[tuple[str, str]]:
    for name, text in request.form.items(multi=True):
        if name not in but:
            yield name, text


def _as_stored(error: DraftChangedError, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        value = error.before.get(name, "")
        for each in value.split() if name in MANY else [value]:
            yield name, each


def _twice(
    error: DraftChangedError, name: str, asked: Mapping[str, Asked], language: str
) -> FieldTwice:
    stored, mine = error.before.get(name, ""), error.after.get(name, "")
    known = asked.get(name, Asked(name))
    typed = bool(known.rows) and not known.options
    return FieldTwice(
        name=name,
        label=known.label,
        mine=request.form.get(name, mine) if typed else known.words(mine),
        stored=known.words(stored),
        language=language if typed else "",
        rows=_rows(known.rows, mine) if typed else 0,
        pieces=pieces(mine, stored) if typed and len(mine) > _LONG else (),
    )


def _rows(least: int, text: str) -> int:
    """Lines that show a text of usual length without scrolling inside its field."""
    return max(least, min(_TALL, len(text) // _WIDE + text.count("\n") + 1))
