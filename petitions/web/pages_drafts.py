"""What the pages say of a draft that was begun and not sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from admissibility.differences import Piece


@dataclass(frozen=True, slots=True)
class DraftLine:
    """`href`: the page on which it goes on; `kept_until`: the day on which it is deleted unsent."""

    title: str
    language: str
    href: str
    begun: date
    kept_until: date


@dataclass(frozen=True, slots=True)
class TypedTooLate:
    """A form that came after the login had ended. `fields`: all of it, to be sent again to `action`;
    `shown`: the texts among them, to be read and copied; `with_files`: what cannot be kept.
    """

    action: str
    login_href: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    shown: tuple[str, ...] = field(repr=False)
    with_files: bool = False


@dataclass(frozen=True, slots=True)
class FieldTwice:
    """A field that was typed one way and is stored another. `rows`: lines to type in; 0 = chosen."""

    name: str
    label: str
    mine: str = field(repr=False)
    stored: str = field(repr=False)
    language: str = ""
    rows: int = 0
    pieces: tuple[Piece, ...] = ()
    """From what was typed to what is stored; empty for short texts."""


@dataclass(frozen=True, slots=True)
class DraftChanged:
    """A form that was made before the draft changed elsewhere. `action`: takes it again, and shows
    what is stored to who only looks; `fields`: all of it but what can be typed anew on the page.
    """

    action: str
    opened: datetime | None
    """When the page of the form was made."""
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    shown: str
    twice: tuple[FieldTwice, ...]
    there: tuple[FieldTwice, ...] = ()
    """Changed elsewhere alone: they stay as they are stored."""
    language: str = ""
    """The language that the petition is in now, where the form was made for another one."""
