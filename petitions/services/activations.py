"""Versions of rulebooks: what is in force, what may be put into force, and by whom.

- A version that a petition is pinned to, or that was put into force, never changes again.
- Whoever puts a version into force acknowledges, by name, each key that is still to be confirmed.
- Where versions must be put into force (a site in production), a version that was not is held back:
  nobody can file under it, and an earlier one goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import ConflictError, InvalidError, NotFoundError
from petitions.domain.rulebook import Rulebook
from petitions.domain.rulebook_files import InForce, Library
from petitions.services.audit import record
from petitions.services.pinning import pin
from petitions.services.ports import Actor
from petitions.storage.tables import RulebookActivation, RulebookVersion

ACTIVATED = "rulebook_activated"


@dataclass(frozen=True, slots=True)
class Standing:
    """One version of the shelf and how it stands. `changed`: its file differs from what is stored."""

    book: Rulebook
    stored: bool
    changed: bool
    activation: RulebookActivation | None

    @property
    def in_force(self) -> bool:
        return self.stored and not self.changed


def standings(session: Session, library: Library, assemblies: Iterable[str]) -> list[Standing]:
    """Every version of the shelf that serves one of the assemblies, newest first within its name."""
    served = set(assemblies)
    stored = _digests(session)
    activations = {(a.id, a.version): a for a in session.scalars(select(RulebookActivation))}
    found = []
    for versions in library.rulebooks.values():
        for book in reversed(versions):
            if served.isdisjoint(book.assemblies):
                continue
            key = (book.id, book.version)
            known = stored.get(key)
            changed = known is not None and known != book.digest
            found.append(Standing(book, known is not None, changed, activations.get(key)))
    return found


def _digests(session: Session) -> dict[tuple[str, int], bytes]:
    columns = select(RulebookVersion.id, RulebookVersion.version, RulebookVersion.digest)
    return {(book, version): digest for book, version, digest in session.execute(columns)}


def stored_versions(session: Session) -> Mapping[str, InForce]:
    """The newest stored version of each rulebook: what no file may change any more."""
    rows = session.execute(
        select(
            RulebookVersion.id,
            RulebookVersion.version,
            RulebookVersion.valid_from,
            RulebookVersion.digest,
        ).order_by(RulebookVersion.version)
    )
    return {book: InForce(version, since, digest) for book, version, since, digest in rows}


def activate(
    session: Session,
    library: Library,
    book_id: str,
    version: int,
    acknowledged: Iterable[str],
    actor: Actor,
    *,
    at: datetime,
) -> RulebookActivation:
    """Put a version into force. InvalidError names the keys that were not acknowledged."""
    book = _book(library, book_id, version)
    given = set(acknowledged)
    missing = [path for path in book.confirm if path not in given]
    if missing:
        raise InvalidError("confirm_missing", paths=", ".join(missing))
    if session.get(RulebookActivation, (book_id, version)) is not None:
        raise ConflictError("activated_already", book=book_id, version=version)
    known = _digests(session).get((book_id, version))
    if known is not None and known != book.digest:
        raise ConflictError("version_changed", book=book_id, version=version)
    pin(session, book, at)
    row = RulebookActivation(
        id=book_id, version=version, digest=book.digest, acknowledged=list(book.confirm),
        actor=actor.code, at=at,
    )  # fmt: skip
    session.add(row)
    detail = {
        "rulebook": f"{book_id} {version}",
        "digest": book.digest.hex(),
        "acknowledged": list(book.confirm),
    }
    record(session, actor, ACTIVATED, at=at, detail=detail)
    session.flush()
    return row


def _book(library: Library, book_id: str, version: int) -> Rulebook:
    try:
        return library.version(book_id, version)
    except KeyError:
        raise NotFoundError("rulebook_version", id=book_id, version=version) from None


def held_back(
    session: Session, library: Library, assemblies: Iterable[str]
) -> tuple[Rulebook, ...]:
    """The versions of these assemblies that nobody has put into force."""
    return tuple(each.book for each in standings(session, library, assemblies) if not each.stored)


def without(library: Library, held: Iterable[Rulebook]) -> Library:
    """The shelf without the versions that are held back."""
    gone = {(book.id, book.version) for book in held}
    kept = {
        name: tuple(book for book in versions if (book.id, book.version) not in gone)
        for name, versions in library.rulebooks.items()
    }
    return replace(
        library, rulebooks=MappingProxyType({n: books for n, books in kept.items() if books})
    )


def nothing_in_force(library: Library, assemblies: Iterable[str], on: date) -> tuple[str, ...]:
    """The assemblies without a single version in force on a day."""
    served = {each for book in library.in_force(on) for each in book.assemblies}
    return tuple(each for each in assemblies if each not in served)
