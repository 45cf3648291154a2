"""A site with the Assemblée nationale, whose signatures are counted by department, and a town."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from petitions import border
from petitions.app import create_app
from petitions.demo.settings import write_settings
from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.platform.config import Settings, load_settings
from petitions.services import filing
from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from tests.web.site import Site

DEPUTIES = "assemblee-nationale"
TITLE = "Rétablir les trains de nuit entre les villes moyennes"
REQUEST = "Nous demandons à l’Assemblée nationale un réseau de vingt lignes de nuit."
REASONS = (
    "Traverser le pays d’ouest en est demande une journée de train. La nuit, les voies sont libres."
)


@pytest.fixture
def settings(tmp_path: Path, database_uri: str) -> Settings:
    config = write_settings(tmp_path, "127.0.0.1", 8000, 8001, [DEPUTIES, "valmont"])
    text = config.read_text().replace(f"sqlite:///{tmp_path}/petitions.sqlite", database_uri)
    config.write_text(text.replace("[web]", "[web]\npage_cache_seconds = 0", 1))
    return load_settings(config)


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    border.make_keys(settings)
    made = Site(None, None)  # type: ignore[arg-type]
    app = create_app(settings, clock=made.clock, legal_clock=made.clock)
    engine = app.extensions[EXTENSION]
    made.app, made.house, made.sessions = app, engine.house, engine.sessions
    yield made
    made.close()


@pytest.fixture
def trains(site: Site) -> str:
    """A published petition to the deputies; its reference."""
    book = site.house.library.rulebook("fr-assemblee-nationale", site.at.date())
    with site.session() as session:
        petition = filing.start_draft(
            session, book, assembly=DEPUTIES, kind=next(iter(book.kinds)),
            tag=secrets.token_bytes(32), language="fr", title=TITLE, at=site.at,
        )  # fmt: skip
        filing.see_similar(petition, "")
        filing.write_text(session, site.house, petition, Words.of(TITLE, REQUEST, REASONS))
        filing.write_author(petition, "Maxence Duvivier", "maxence@example.org")
        filing.submit(session, site.house, book, petition, site.at)
        ref = petition.reference or ""
    site.decide(ref, Action.ACCEPT)
    return ref


def map_of(site: Site, ref: str, figures: dict[str, int]) -> None:
    """As the worker publishes the figures of a day: whole tens, 0 for too few."""
    with site.session() as session:
        petition = site.petition(session, ref)
        every = dict.fromkeys(site.house.library.areas("fr-departements").names, 0)
        session.add(
            t.AreaMap(
                petition_id=petition.id, day=site.at.date(), figures={**every, **figures}, met={},
                area_min=10, content=b"{}", digest=secrets.token_bytes(32), batch_no=0,
            )
        )  # fmt: skip


def hide(site: Site, ref: str) -> None:
    with site.session() as session:
        site.petition(session, ref).state = "hidden"
