"""What the home page shows."""

from __future__ import annotations

from dataclasses import dataclass

from petitions.web.pages import Link, PetitionCard


@dataclass(frozen=True, slots=True)
class SiteFigures:
    open: int
    signatures: int
    answered: int
    median_days: int | None = None


@dataclass(frozen=True, slots=True)
class TopicLink:
    href: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class HomePage:
    figures: SiteFigures
    assemblies: tuple[Link, ...] = ()
    """Where the site serves several: each leads to its own petitions."""
    featured: tuple[PetitionCard, ...] = ()
    reached: tuple[PetitionCard, ...] = ()
    most_signed: tuple[PetitionCard, ...] = ()
    answered: tuple[PetitionCard, ...] = ()
    near: tuple[PetitionCard, ...] = ()
    """A little short of a level, or about to close."""
    newest: tuple[PetitionCard, ...] = ()
    topics: tuple[TopicLink, ...] = ()
