"""What the pages say of a draft that was begun and not sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


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
