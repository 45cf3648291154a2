"""The part of `petitions doctor` that looks at the days of the assemblies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from petitions.app import rulebook_library
from petitions.finding import Advice
from petitions.platform.config import Settings
from petitions.public_holidays import covered


def calendar(settings: Settings) -> Iterator[str]:
    """Which years are known: beyond them, dates in working days are shown as provisional."""
    library = rulebook_library(settings)
    served = tuple(settings.rulebooks.assemblies)
    today = datetime.now(UTC).date()
    for each in covered(library, served):
        first, last = each.years
        yield Advice(
            f"{each.assembly}: public holidays of {each.place} from {first} to {last} "
            f"({each.library}); {_until(each.own_until, today)}"
        )
    for assembly in served:
        known = library.assembly(assembly)
        until = known.calendar.covers_until
        if known.public_holidays is None:
            yield Advice(f"{assembly}: holidays from its own file; {_until(until, today)}")


def _until(until: date | None, today: date) -> str:
    if until is None or until == date.min:
        return "its calendar does not say how far it goes: such dates stay provisional"
    if until < today:
        return f"its calendar ended on {until}: dates in working days are provisional"
    return f"its calendar is known until {until}"
