"""`petitions mail …`: what comes back, and how the mails to followers stand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from petitions.domain.errors import ConfigurationError
from petitions.domain.following import Silence
from petitions.platform.config import Settings, database_uri, load_settings
from petitions.platform.database import create_engine
from petitions.platform.returned_mail import Report, Returned, read_returned
from petitions.services import letter_fates, suppressing
from petitions.services.follow_keys import follow_keys
from petitions.services.ports import House
from petitions.storage.tables import FollowEvent, FollowMail, MailSuppression

F = TypeVar("F", bound=Callable[..., Any])


def _config(command: F) -> F:
    return click.option(
        "--config", "-c", type=click.Path(path_type=Path), default=Path("config.toml"),
        envvar="PETITIONS_CONFIG", show_default=True, help="The settings file.",
    )(command)  # fmt: skip


@click.group()
def mail() -> None:
    """Mails to followers: what came back, and how they stand."""


@contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    database = create_engine(database_uri(settings), pool_size=1)
    try:
        with sessionmaker(database, expire_on_commit=False)() as session:
            yield session
            session.commit()
    finally:
        database.dispose()


@mail.command()
@_config
def bounce(config: Path) -> None:
    """Read one returned mail from standard input: a delivery report or a complaint.

    For the mail server's pipe. What is no report, or not of this site, is let go without a word to
    the sender; the exit status is 0, so that the server does not return the report in its turn.
    """
    from petitions.app import build_house

    settings = load_settings(config)
    if not settings.mail.bounces:
        raise ConfigurationError("mail.bounces: is not set, so nothing can come back to it")
    house = build_house(settings, with_log=False)
    with _session(settings) as session:
        said = take_back(
            session, house, sys.stdin.buffer.read(), settings.mail.bounces, datetime.now(UTC)
        )
    click.echo(said)


def take_back(session: Session, house: House, raw: bytes, bounces: str, at: datetime) -> str:
    """What was done, in a word: suppressed, counted, returned, ignored, unknown. Nobody is named."""
    returned = read_returned(raw, bounces)
    if returned.report is Report.NOTHING:
        return "ignored"
    proved = (suppressing.by_return_path(house, token) for token in returned.tokens)
    follower = next((each for each in proved if each is not None), None)
    if follower is None:
        return _letter(session, house, returned, at)
    if returned.report is Report.COMPLAINT:
        done = suppressing.suppress(session, follower, Silence.COMPLAINT, at)
        return "suppressed" if done else "ignored"
    for_good = returned.report is Report.NO_MAILBOX
    done = suppressing.came_back(session, follower, at, for_good=for_good)
    return "suppressed" if done else "counted"


def _letter(session: Session, house: House, returned: Returned, at: datetime) -> str:
    """A letter to an author: its case says so, and a clerk is asked to reach the author. A complaint
    changes nothing: the letter arrived, and what the procedure has to say is said.
    """
    keys = follow_keys(house)
    proved = (keys.read_letter_path(token) for token in returned.tokens)
    job = next((each for each in proved if each is not None), None)
    if job is None:
        return "unknown"
    if returned.report is Report.COMPLAINT:
        return "ignored"
    return "returned" if letter_fates.given_back(session, job, at) else "ignored"


@mail.command()
@_config
def status(config: Path) -> None:
    """How many mails to followers wait, left, or were given up."""
    settings = load_settings(config)
    with _session(settings) as session:
        rows = session.execute(
            select(FollowMail.standing, func.count()).group_by(FollowMail.standing)
        ).all()
        events = session.scalar(
            select(func.count()).select_from(FollowEvent).where(FollowEvent.spread_at.is_(None))
        )
        silenced = session.scalar(select(func.count()).select_from(MailSuppression))
    for standing, number in sorted((str(name), int(total)) for name, total in rows):
        click.echo(f"{standing:10}{number}")
    click.echo(f"happenings still to be spread: {events}")
    click.echo(f"suppressed addresses: {silenced}")
