"""`petitions doctor`: what would go wrong, found before the first citizen does."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from petitions import (
    border,
    doctor_calendar,
    doctor_certificate,
    doctor_face,
    doctor_language,
    doctor_letters,
    doctor_log,
    doctor_machine,
    doctor_outside,
    doctor_share,
)
from petitions.app import rulebook_library
from petitions.domain.errors import PetitionError
from petitions.finding import Advice, Finding, judged
from petitions.key_border import key_faults, key_notes
from petitions.key_record import contradictions
from petitions.platform import migrations
from petitions.platform.config import Settings, database_uri
from petitions.platform.database import check_server, create_engine, read_only, translate
from petitions.search_command import index_faults
from petitions.services.activations import held_back
from petitions.staff_border import roles_from

__all__ = ["Finding", "examine", "look"]

Check = Callable[[Settings], Iterator[str]]
"""Yields what is wrong, a sentence each with what to do; `Advice` is worth knowing and no fault."""


def examine(settings: Settings, *, ask_providers: bool = True) -> list[Finding]:
    """Every check, whatever the others say. `ask_providers` False: nothing leaves this machine."""
    checks = {**HERE, **OUTSIDE} if ask_providers else HERE
    return [each for subject in checks for each in look(subject, settings)]


def look(subject: str, settings: Settings) -> list[Finding]:
    """The findings of one check."""
    told: list[str] = []
    try:
        told.extend({**HERE, **OUTSIDE}[subject](settings))  # what was found before an error stays
    except PetitionError as error:
        told.append(str(error))
    except SQLAlchemyError as error:
        known = translate(error)
        told.append(
            f"it answers {known.code if known else type(error).__name__}: check database.uri, and "
            "whether the server runs"
        )
    return judged(subject, told)


def _rulebooks(settings: Settings) -> Iterator[str]:
    """Readable, and in production put into force: `serve` would refuse to start otherwise."""
    library = rulebook_library(settings)
    if settings.environment != "production":
        return
    database = create_engine(database_uri(settings), pool_size=1)
    try:
        with sessionmaker(database)() as session:
            waiting = held_back(read_only(session), library, settings.rulebooks.assemblies)
    except SQLAlchemyError:
        return  # what is wrong with the database is said on its own line
    finally:
        database.dispose()
    for book in waiting:
        yield Advice(
            f"{book.id} {book.version} is not in force: `petitions rulebook activate {book.id} "
            f"{book.version}` puts it there"
        )


def _identity(settings: Settings) -> Iterator[str]:
    identity = border.load_identity(settings)
    border.check_realms(identity, rulebook_library(settings), settings.rulebooks.assemblies)
    roles_from(identity)  # says what is wrong with the map of roles
    if identity.staff is None:
        yield "[identity.staff] is missing: nobody can log in at the desk"


def _keys(settings: Settings) -> Iterator[str]:
    faults = key_faults(settings)
    yield from faults
    missing = [] if faults else border.missing_keys(settings)
    if missing:
        yield f"{', '.join(missing)} missing; run `petitions keys init`"
    if not faults and not missing:
        yield from contradictions(settings)
        yield from map(Advice, key_notes(settings))
    runtime = Path(settings.keys.runtime_directory)
    if settings.environment == "production" and not _in_memory(runtime):
        yield f"keys.runtime_directory {runtime} is not memory-backed (tmpfs): yesterday's keys stay"


def _in_memory(place: Path) -> bool:
    """Whether the path lies on tmpfs, as far as the system tells."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return True
    mounts = {line.split(" ")[1]: line.split(" ")[2] for line in lines}
    resolved = place.resolve()
    best = max(
        (m for m in mounts if resolved == Path(m) or Path(m) in resolved.parents),
        key=len,
        default="/",
    )
    return mounts.get(best) in {"tmpfs", "ramfs"}


def _database(settings: Settings) -> Iterator[str]:
    uri = database_uri(settings)
    yield from migrations.check(uri)
    engine = create_engine(uri)
    try:
        yield from check_server(engine)
        yield from index_faults(uri)
    finally:
        engine.dispose()
    if settings.environment == "production" and uri.startswith("sqlite"):
        yield "SQLite is for demonstrations and small town halls; production wants PostgreSQL"


def _folders(settings: Settings) -> Iterator[str]:
    for path, name in (
        (settings.log.directory, "log.directory"),
        (str(Path(settings.log.anchor).parent), "log.anchor"),
    ):
        place = Path(path)
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            yield f"{name}: cannot write to {place}: {error.strerror}"


def _environment(settings: Settings) -> Iterator[str]:
    if settings.environment == "production" and os.environ.get("AUTHLIB_INSECURE_TRANSPORT"):
        yield "AUTHLIB_INSECURE_TRANSPORT is set: logins could run without https"


HERE: dict[str, Check] = {
    "rulebooks": _rulebooks,
    "identity": _identity,
    "keys": _keys,
    "secrets": doctor_machine.secrets,
    "database": _database,
    "folders": _folders,
    "log": doctor_log.log,
    "disk": doctor_machine.disk,
    "limits": doctor_machine.limits,
    "certificate": doctor_certificate.certificate,
    "calendar": doctor_calendar.calendar,
    "themes": doctor_face.themes,
    "pages": doctor_face.pages,
    "share": doctor_share.share,
    "maps": doctor_share.maps,
    "environment": _environment,
    "letters": doctor_letters.letters,
    "languages": doctor_language.language,
}
OUTSIDE: dict[str, Check] = {"providers": doctor_outside.providers, "mail": doctor_outside.mail}
