"""What the templates of feeds, figures, data and sharing read: frozen page objects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedLink:
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class FeedsPage:
    site: str
    lists: tuple[FeedLink, ...]
    bodies: tuple[FeedLink, ...]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    """string, integer, date, datetime, array (Table Schema)."""
    meaning: str


@dataclass(frozen=True, slots=True)
class DataSet:
    name: str
    title: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def csv(self) -> str:
        return f"/data/{self.name}.csv"

    @property
    def jsonl(self) -> str:
        return f"/data/{self.name}.jsonl"

    @property
    def schema(self) -> str:
        return f"/data/{self.name}.schema.json"


@dataclass(frozen=True, slots=True)
class DataPage:
    sets: tuple[DataSet, ...]
    licence: str
    licence_url: str
    contact: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    """(day, what changed), the newest first."""


@dataclass(frozen=True, slots=True)
class Share:
    """Ways to hand a petition on; "" for one that is not there."""

    address: str
    shown: str
    mail: str
    poster: str
    embed: str
    code: str
    feed: str
    poster_pdf: str = ""
    form: str = ""
    form_pdf: str = ""
    picture: str = ""
    qr: str = ""
    """A picture as a `data:` address: only in the author's own room."""
