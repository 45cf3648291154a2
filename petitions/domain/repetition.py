"""Repetition: what an earlier petition on the same subject bars, and through which day (P15). Pure.

That two petitions are about the same subject is somebody's finding; what follows from it is computed
here. A bar includes its last day (rule T2): closed on 28 February 2026 + P1Y bars through
28 February 2027.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from petitions.domain.calendar import bars_through
from petitions.domain.filing import Limits
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.vocabulary import OpenSame

CLOSED = frozenset({State.CLOSED_BELOW, State.EXAMINED})
"""Ended by its procedure. What was refused, withdrawn, merged or lapsed was not dealt with."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A petition found to be on the same subject. Days are local to the rulebook's zone.

    `closed_on`: the day it came to its end; `decided_on` and `outcome`: of its examination.
    """

    state: State
    closed_on: date | None = None
    decided_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """Why a second petition is not accepted. `through` None: as long as the other is open."""

    rule: str
    through: date | None = None


def bar(limits: Limits, earlier: Earlier, on: date) -> Bar | None:
    """What bars filing on a day; of several bars the one that lasts longest."""
    if earlier.state in SIGNING_STATES:
        return Bar("open_same") if limits.open_same is OpenSame.REFUSE else None
    found = [each for each in _lasting(limits, earlier) if each.through and on <= each.through]
    return max(found, key=lambda each: each.through or on, default=None)


def _lasting(limits: Limits, earlier: Earlier) -> tuple[Bar, ...]:
    bars = []
    if limits.closed_within and earlier.closed_on and earlier.state in CLOSED:
        through = bars_through(earlier.closed_on, limits.closed_within)
        bars.append(Bar("closed_within", through))
    counts = not limits.decided_outcomes or earlier.outcome in limits.decided_outcomes
    if limits.decided_within and earlier.decided_on and counts:
        through = bars_through(earlier.decided_on, limits.decided_within)
        bars.append(Bar("decided_within", through))
    return tuple(bars)
