"""At the start of a site: which versions of the shelf people may file under."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.errors import ConfigurationError
from petitions.platform.config import Settings
from petitions.platform.database import read_only
from petitions.services import activations
from petitions.services.ports import House


def with_versions_in_force(
    house: House, settings: Settings, sessions: Callable[[], Session], now: datetime
) -> House:
    """ConfigurationError where a file changed under a version that is in force, or none is left.

    In production a version waits until an administrator has put it into force; demonstrations and
    tests take every version of their shelf.
    """
    served = settings.rulebooks.assemblies
    with sessions() as session:
        found = activations.standings(read_only(session), house.library, served)
    changed = [each.book for each in found if each.changed]
    if changed:
        book = changed[0]
        raise ConfigurationError(
            f"rulebooks: version {book.version} of {book.id} is in force with other content; put the "
            "file back, or give the change a higher version and a later valid_from"
        )
    if settings.environment != "production":
        return house
    held = [each.book for each in found if not each.stored]
    library = activations.without(house.library, held)
    zone = house.library.assembly(served[0]).zone
    for assembly in activations.nothing_in_force(library, served, local_day(now, zone)):
        names = ", ".join(f"{b.id} {b.version}" for b in held if assembly in b.assemblies) or "none"
        raise ConfigurationError(
            f"rulebooks: no version is in force for {assembly} (waiting: {names}); an administrator "
            "runs `petitions rulebook activate NAME VERSION`"
        )
    return replace(house, library=library)
