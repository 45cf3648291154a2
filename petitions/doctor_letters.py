"""`petitions doctor` on letters: the texts of assemblies, before one of them is sent."""

from __future__ import annotations

from collections.abc import Iterator

from admissibility import own_letters
from petitions.platform.config import Settings


def letters(settings: Settings) -> Iterator[str]:
    """What is wrong with the texts in `mail.letters`."""
    if settings.mail.letters:
        yield from own_letters.faults(settings.mail.letters, settings.rulebooks.assemblies)
