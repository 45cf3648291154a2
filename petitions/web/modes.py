"""The mode of the site: what the assembly's calendar says of these weeks, in one sentence each.

Normal is the mode without a sentence. An end of a term is announced sixty days ahead; while it lasts,
the banner says since when, and whether new petitions can be started.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app

from petitions.domain.calendar import local_day
from petitions.domain.occurrences import Occurrence, refused_because
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import calendars
from petitions.web.edge import EXTENSION as ENGINE
from petitions.web.edge import engine, reading

EXTENSION = "petitions.modes"
FRESH = timedelta(seconds=30)
AHEAD = timedelta(days=60)
AHEAD_WORDS: Mapping[str, str] = {
    "dissolution": N_("%(who)s: dissolution on %(date)s."),
    "end_of_legislature": N_("%(who)s: the term ends on %(date)s."),
    "election": N_("%(who)s: elections on %(date)s."),
    "standstill": N_("%(who)s: from %(date)s all time limits stand still."),
}
"""Event → what is said before it begins; the others are not announced."""
NOW_WORDS: Mapping[str, str] = {
    "dissolution": N_("%(who)s: dissolved since %(date)s."),
    "end_of_legislature": N_("%(who)s: the term ended on %(date)s."),
    "standstill": N_("%(who)s: all time limits have stood still since %(date)s."),
    "outage": N_(
        "Parts of this site have not worked since %(date)s. The days lost are given back."
    ),
    "no_committee": N_(
        "%(who)s: no committee for petitions since %(date)s. What you send is kept, and checked "
        "once the committee is formed."
    ),
}
"""Event → what is said while it lasts. A recess changes nothing for readers."""
_WITHOUT_END = timedelta(days=120)
"""An event entered without its end is told for so long."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of one assembly, and whether new petitions are refused because of it today."""

    event: Occurrence
    bars: bool


@dataclass
class Modes:
    """The events of each assembly, looked up at most twice a minute."""

    _found: Mapping[str, tuple[Happening, ...]] = field(default_factory=dict)
    _known_at: datetime | None = None

    def of(self, assembly: str) -> tuple[Happening, ...]:
        now = engine().clock()
        if self._known_at is None or not (self._known_at <= now < self._known_at + FRESH):
            # an error page must not fail for its banner, whatever is wrong: what was known stays
            with suppress(Exception):
                self._found = _look(now)
            self._known_at = now
        return self._found.get(assembly, ())


def _look(now: datetime) -> dict[str, tuple[Happening, ...]]:
    the, found = engine(), {}
    with reading() as session:
        for assembly in the.settings.rulebooks.assemblies:
            events = calendars.occurrences(session, assembly)
            zone = the.house.library.assembly(assembly).zone
            books = the.house.library.in_force(local_day(now, zone))
            kinds = [
                kind
                for book in books
                if assembly in book.assemblies
                for kind in book.kinds.values()
            ]
            day = local_day(now, zone)
            found[assembly] = tuple(
                Happening(each, any(refused_because(k, (each,), day, zone) for k in kinds))
                for each in events
            )
    return found


def sentences(assemblies: tuple[str, ...]) -> tuple[str, ...]:
    """The banner of these assemblies, in the reader's language; () in the normal mode."""
    app = current_app
    if ENGINE not in app.extensions:
        return ()
    modes = app.extensions.setdefault(EXTENSION, Modes())
    now, found = engine().clock(), []
    for assembly in assemblies:
        own = engine().house.library.assembly(assembly)
        for each in modes.of(assembly):
            words = _words(each.event, now)
            if not words:
                continue
            day = current_locale().date(local_day(each.event.start, own.zone))
            told = _(words, who=own.name(current_locale().lang), date=day)
            told = told[:1].upper() + told[1:]
            if each.bars:
                told += " " + _("New petitions cannot be started meanwhile.")
            found.append(told)
    return tuple(dict.fromkeys(found))


def _words(event: Occurrence, now: datetime) -> str:
    if now < event.start:
        return AHEAD_WORDS.get(event.event, "") if event.start - now <= AHEAD else ""
    ends = event.end or event.start + _WITHOUT_END
    return NOW_WORDS.get(event.event, "") if now < ends else ""
