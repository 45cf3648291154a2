"""`petitions term-end`: what a dissolution or the end of a legislature would do. Changes nothing.

Carrying it out takes two people, at the desk: an entry of the calendar, and its confirmation.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import sessionmaker

from petitions.app import create_worker
from petitions.domain.errors import ConfigurationError
from petitions.platform.config import database_uri, load_settings
from petitions.platform.database import create_engine, read_only
from petitions.services.term_end import TermEnd, dry_run

TOLD = {
    "lapsed": "told by letter that it has lapsed",
    "closed_below": "told by letter once the last signatures are counted",
    "": "receives no letter",
}


@click.command("term-end")
@click.option("--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
              envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.")  # fmt: skip
@click.option("--assembly", required=True, help="Id of the assembly, as in its file.")
@click.option("--event", default="end_of_legislature", show_default=True)
@click.option("--at", "moment", required=True, help="Local time of the assembly: 2029-03-30T00:01")
def term_end(config: Path, assembly: str, event: str, moment: str) -> None:
    """Say what an event would do to each running petition, and what its author would be told."""
    settings = load_settings(config)
    if assembly not in settings.rulebooks.assemblies:
        raise ConfigurationError(f"--assembly: this site does not serve {assembly!r}")
    database = create_engine(database_uri(settings), pool_size=1)
    try:
        sessions = sessionmaker(database, expire_on_commit=False)
        house = create_worker(settings, sessions).house
        found = house.library.assembly(assembly)
        if event not in found.events:
            raise ConfigurationError(f"--event: must be one of {', '.join(found.events)}")
        with sessions() as session:
            at = _instant(moment, found.zone)
            plan = dry_run(read_only(session), house, assembly, event, at)
    finally:
        database.dispose()
    for line in lines(plan):
        click.echo(line)


def _instant(text: str, zone: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError("--at: must be a time such as 2029-03-30T00:01") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def lines(plan: TermEnd) -> list[str]:
    """One line per petition, then the sums; nothing was changed."""
    found = [
        f"{line.reference}  {line.state}  {line.count}  {line.fate}  author {TOLD[line.letter]}"
        for line in plan.lines
    ]
    sums = ", ".join(f"{number} {fate}" for fate, number in plan.totals.items())
    found.append(f"{plan.event} at {plan.at.isoformat()}: {sums or 'no running petition'}")
    if plan.drafts:
        found.append(f"{plan.drafts} drafts not sent stay as they are")
    found.append("nothing was changed: two people enter the event at the desk, under Calendar")
    return found
