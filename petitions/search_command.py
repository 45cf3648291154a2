"""`petitions search`: the index of texts, made again and compared."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import inspect
from sqlalchemy.orm import sessionmaker

from petitions.platform.config import database_uri, load_settings
from petitions.platform.database import create_engine, read_only
from petitions.storage import search_rebuilding
from petitions.storage.tables import SearchText

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    envvar="PETITIONS_CONFIG",
)


@click.group()
def search() -> None:
    """The index behind search and similar petitions."""


@search.command()
@config_option
def rebuild(config: Path) -> None:
    """Make the index again from the texts, while the site runs; can be run at any time."""
    engine = create_engine(database_uri(load_settings(config)), statement_timeout_ms=600_000)
    try:
        with sessionmaker(engine)() as session:
            texts = search_rebuilding.rebuild(session, session.commit)
            search_rebuilding.optimise(session)
            session.commit()
    finally:
        engine.dispose()
    click.echo(f"search: {texts} texts indexed")


def index_faults(uri: str) -> list[str]:
    """What differs between the texts and the index; nothing where there is no index yet."""
    engine = create_engine(uri, pool_size=1)
    try:
        if not inspect(engine).has_table(SearchText.__tablename__):
            return []
        with sessionmaker(engine)() as session:
            return search_rebuilding.faults(read_only(session))
    finally:
        engine.dispose()
