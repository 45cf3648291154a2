"""`petitions seal`: what may be sealed, what sealing would do, the ceremony itself, its record.

Without `--for-good` nothing is changed. The ceremony is carried out by the worker; this command orders
it, lends a hand (two workers at once are safe) and waits. Killed at any point, it is run again, or the
worker goes on alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from petitions.app import create_worker
from petitions.domain.errors import ConfigurationError
from petitions.domain.lifecycle import Role
from petitions.domain.sealing import Obstacle, SealStep
from petitions.platform.config import Settings, database_uri
from petitions.platform.database import create_engine, read_only
from petitions.platform.i18n import load_catalogues, speaking
from petitions.services import sealing
from petitions.services.ports import Actor, House
from petitions.services.sealing_plan import Plan, candidates, plan
from petitions.services.sealing_report import report
from petitions.storage.tables import Petition, PetitionSigning, Sealing
from petitions.worker import Worker

TOLD = {
    Obstacle.NEVER_OPENED: "it never collected signatures: there is nothing to seal",
    Obstacle.STILL_SIGNING: "signing has not ended",
    Obstacle.OBJECTIONS: "objections can be made until {until}",
    Obstacle.DECISIONS_OPEN: "an invalidation that was decided is not in the log yet",
    Obstacle.WITHDRAWALS_OPEN: "signatures can be withdrawn until it is handed over, and it was not",
    Obstacle.PLACE_ABSENT: "a place that holds its key is not in the settings: put it back, or say what "
    "became of it with `petitions log give-up-replica`",
    Obstacle.ORDERED: "its sealing was ordered and is under way; run the command again to watch it",
    Obstacle.SEALED: "it is sealed; --report prints the record",
}
STEPS = {
    SealStep.CLOSED: "ordered, signing is closed",
    SealStep.COUNTED: "the last batch and the final count are public",
    SealStep.LOGGED: "the final numbers are sealed in the log",
    SealStep.ERASED: "the rows of the signatures and the salt are deleted",
    SealStep.KEY_DESTROYED: "the key is destroyed at every replica",
    SealStep.STATED: "the statements of destruction are public",
    SealStep.SEALED: "sealed",
}
PAUSE = 2.0


@dataclass(frozen=True)
class Desk:
    """What each form of the command needs."""

    settings: Settings
    sessions: Callable[[], Session]
    worker: Worker
    clock: Callable[[], datetime]
    say: Callable[[str], Any] = click.echo
    wait: Callable[[float], Any] = time.sleep

    @property
    def house(self) -> House:
        return self.worker.house


@contextmanager
def opened(settings: Settings) -> Iterator[Desk]:
    database = create_engine(database_uri(settings), pool_size=2, statement_timeout_ms=600_000)
    sessions = sessionmaker(database, expire_on_commit=False)
    try:
        yield Desk(settings, sessions, create_worker(settings, sessions), lambda: datetime.now(UTC))
    finally:
        database.dispose()


def list_all(desk: Desk, *, due_only: bool) -> int:
    """One line per petition; exit status 2 where a term of retention is over."""
    today, late, shown = desk.clock().date(), 0, 0
    with desk.sessions() as session:
        read_only(session)
        for petition in candidates(session):
            found = plan(session, desk.house, petition, desk.clock())
            over = found.erase_by is not None and found.erase_by < today
            late += over
            if over or not due_only:
                shown += 1
                desk.say(_line(found, over=over))
    if not shown:
        desk.say("Nothing waits to be sealed.")
    return 2 if late else 0


def _line(found: Plan, *, over: bool) -> str:
    until = f"must be gone by {found.erase_by}" if found.erase_by else "no clock runs yet"
    mark = "OVERDUE " if over else ""
    ready = "; ".join(_told(each, found.objections_until) for each in found.obstacles) or "ready"
    return f"{found.reference}  {mark}{until}; {ready}"


def _told(obstacle: Obstacle, until: date | None) -> str:
    return TOLD[obstacle].format(until=until)


def find(session: Session, reference: str) -> Petition:
    petition = session.scalars(
        select(Petition).where(Petition.reference == reference)
    ).one_or_none()
    if petition is None:
        raise ConfigurationError(f"there is no petition {reference}")
    return petition


def dry_run(desk: Desk, reference: str) -> bool:
    """Say everything that would happen; True where nothing is in the way."""
    with desk.sessions() as session:
        read_only(session)
        found = plan(session, desk.house, find(session, reference), desk.clock())
    say = desk.say
    say(f"Petition {found.reference}: {found.title}")
    say(
        f"Collected {found.collected}, withdrawn {found.withdrawn}, invalid {found.invalid}, "
        f"valid {found.collected - found.withdrawn - found.invalid}."
    )
    if found.erase_by:
        say(f"The rules let its signatures be kept until {found.erase_by} at the latest.")
    if found.obstacles:
        say("It cannot be sealed now:")
        for each in found.obstacles:
            say(f"  - {_told(each, found.objections_until)}")
        return False
    say("Sealing it would, in this order:")
    say(
        f"  1. take {found.pending} waiting entries into the last batch and publish the final count"
    )
    say("  2. write the final numbers into the public log (SEAL)")
    say(f"  3. delete {found.rows} rows of signatures and withdrawals, and the petition's salt")
    say(f"  4. wait a minute, then destroy the key {found.key} at: {', '.join(found.replicas)}")
    say("  5. publish the signed statements of destruction (DESTROYED)")
    say(f"  6. {_pepper(desk, found)}")
    say("This cannot be undone. Nothing has been changed so far.")
    return True


def _pepper(desk: Desk, found: Plan) -> str:
    if found.pepper_shared:
        return f"keep the pepper {found.kid}: {found.pepper_shared} unsealed petitions need it"
    if found.kid == desk.house.policy.kid:
        return f"keep the pepper {found.kid}: new petitions take it (keys.pepper names it)"
    return f"destroy the pepper {found.kid}: no other petition needs it"


def under_way(desk: Desk, reference: str) -> bool:
    """Whether this petition's sealing was ordered before: then it is only watched."""
    with desk.sessions() as session:
        return session.get(Sealing, find(session, reference).id) is not None


def carry_out(desk: Desk, reference: str, name: str, reason: str) -> None:
    """Order the ceremony unless it was ordered before, and stay until it is over."""
    new = not under_way(desk, reference)
    with desk.sessions() as session:
        identity = find(session, reference).id
        if new:
            actor = Actor("command line", Role.ADMINISTRATOR, name)
            sealing.order(session, desk.house, identity, actor, reason, desk.clock())
        session.commit()
    shown = SealStep.NONE
    while True:
        with desk.sessions() as session:
            step = SealStep(session.get_one(PetitionSigning, identity).seal_step)
        for passed in SealStep:
            if shown < passed <= step:
                desk.say(f"step {int(passed)} of 7: {STEPS[passed]}")
                if passed is SealStep.ERASED and step is SealStep.ERASED:
                    desk.say("waiting a minute until no process remembers the salt …")
        shown = step
        if step is SealStep.SEALED:
            desk.worker.retire_peppers()
            return
        if not desk.worker.turn():
            desk.wait(PAUSE)
        if desk.worker.stopped_logs:
            raise ConfigurationError(
                "seal: the log has stopped (see the line above); the ceremony goes on by itself once "
                "that is mended, nothing of it is lost"
            )


def print_report(desk: Desk, reference: str, lang: str) -> str:
    languages = (lang, *(each for each in ("en", "fr") if each != lang))
    with desk.sessions() as session:
        read_only(session)
        petition = find(session, reference)
        zone = ZoneInfo(desk.house.library.assembly(petition.assembly).zone)
        with speaking(load_catalogues(languages, zone).locale(lang)):
            return report(session, desk.house, petition.id)
