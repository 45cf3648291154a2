"""A demonstration parliament, seeded small, for the tests of its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from petitions import border
from petitions.app import build_house, shelf
from petitions.demo.seed import seed
from petitions.demo.stories.story import RULEBOOKS
from petitions.platform.config import Settings, settings_from
from petitions.services.log_publishing import Shelf
from petitions.services.ports import House

AUTUMN = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
"""A Sunday: clerks are at home, citizens are not."""
WINTER = datetime(2027, 2, 3, 6, 10, tzinfo=UTC)
"""The history crosses a new year: two logs."""


@dataclass
class Parliament:
    engine: Engine
    house: House
    shelf: Shelf
    today: datetime
    progress: list[tuple[float, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session


def tag_of(assembly: str, name: str) -> bytes:
    return f"{assembly}/{name}".encode().ljust(32, b".")


def settings_in(folder: Path, uri: str) -> Settings:
    raw: dict[str, Any] = {
        "environment": "test",
        "site": {
            "base_url": "http://localhost:8000",
            "deployment": "demo.example",
            "name": {"en": "Petitions", "fr": "Pétitions"},
        },
        "database": {"uri": uri},
        "keys": {"directory": str(folder / "keys"), "runtime_directory": str(folder / "run")},
        "log": {
            "directory": str(folder / "log"),
            "anchor": str(folder / "anchor"),
            "batch_max_wait": 5,
        },
        "mail": {
            "transport": "folder",
            "sender": "petitions@example.org",
            "folder": str(folder / "mailbox"),
        },
        "rulebooks": {"assemblies": list(RULEBOOKS)},
        "identity": {},
    }
    return settings_from(raw)


def play(engine: Engine, uri: str, folder: Path, today: datetime, **more: Any) -> Parliament:
    settings = settings_in(folder, uri)
    border.make_keys(settings)
    found = Parliament(engine, build_house(settings, with_log=True), shelf(settings), today)
    sessions: Callable[[], Session] = sessionmaker(engine)

    def author_of(assembly: str, name: str) -> bytes:
        found.asked.append((assembly, name))
        return tag_of(assembly, name)

    seed(
        sessions,
        found.house,
        found.shelf,
        today=today,
        progress=lambda fraction, sentence: found.progress.append((fraction, sentence)),
        scale=0.004,
        author_of=author_of,
        **more,
    )
    return found
