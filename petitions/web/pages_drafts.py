"""What the pages say of a draft that was begun and not sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DraftLine:
    """`href`: the page on which it goes on; `kept_until`: the day on which it is deleted unsent."""

    title: str
    language: str
    href: str
    begun: date
    kept_until: date
