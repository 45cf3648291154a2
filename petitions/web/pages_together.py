"""Parts of the author's page: a withdrawal with others, a text under discussion, signatures on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Joint:
    """A withdrawal that others must agree to. `promoters`: besides the author."""

    action: str
    promoters: int
    agreed: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Discussed:
    """The text is public and may still be edited, until nobody can sign it any more unchanged."""

    edit_href: str
    until: date | None
    """First day of signing, where it is known."""
    versions: int


@dataclass(frozen=True, slots=True)
class PaperCard:
    """Signatures on paper by the author's own word: shown apart, never counted."""

    action: str
    """Empty where nothing can be said any more."""
    declared: int | None
    declared_on: date | None
    certified: int
    sheets_until: date | None
    """Last day to hand in sheets, where it is known."""
