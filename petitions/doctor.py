"""`petitions doctor`: what would go wrong, found before the first citizen does."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from petitions import border
from petitions.app import rulebook_library
from petitions.domain.errors import PetitionError
from petitions.key_border import key_faults, key_notes
from petitions.key_record import contradictions
from petitions.platform import migrations
from petitions.platform.config import Settings, database_uri
from petitions.platform.database import check_server, create_engine


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    good: bool
    sentence: str


def examine(settings: Settings, *, ask_providers: bool = False) -> list[Finding]:
    """Every check, whatever the others say; over the network only where that is asked."""
    checks: tuple[tuple[str, Callable[[Settings], Iterator[str]]], ...] = (
        ("rulebooks", _rulebooks),
        ("identity", _identity),
        ("keys", _keys),
        ("database", _database),
        ("folders", _folders),
        ("environment", _environment),
    )
    if ask_providers:
        checks = (*checks, ("clocks", _clocks))
    found: list[Finding] = []
    for subject, check in checks:
        try:
            problems = list(check(settings))
        except PetitionError as error:
            problems = [str(error)]
        if problems:
            found.extend(Finding(subject, False, problem) for problem in problems)
        else:
            found.append(Finding(subject, True, "good"))
            found.extend(_notes(subject, settings))
    return found


def _notes(subject: str, settings: Settings) -> Iterator[Finding]:
    """What is good, and yet the operator should know."""
    if subject == "keys":
        yield from (Finding(subject, True, note) for note in key_notes(settings))


def _rulebooks(settings: Settings) -> Iterator[str]:
    rulebook_library(settings)
    yield from ()


def _identity(settings: Settings) -> Iterator[str]:
    identity = border.load_identity(settings)
    border.check_realms(identity, rulebook_library(settings), settings.rulebooks.assemblies)
    if identity.staff is None:
        yield "[identity.staff] is missing: nobody can log in at the desk"


def _clocks(settings: Settings) -> Iterator[str]:
    from identity.providers.clock_check import clock_finding

    found = map(clock_finding, border.load_identity(settings).providers.values())
    yield from (sentence for sentence in found if sentence)


def _keys(settings: Settings) -> Iterator[str]:
    faults = key_faults(settings)
    yield from faults
    missing = [] if faults else border.missing_keys(settings)
    if missing:
        yield f"{', '.join(missing)} missing; run `petitions keys init`"
    if not faults and not missing:
        yield from contradictions(settings)
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
