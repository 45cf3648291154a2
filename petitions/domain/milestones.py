"""Which milestones a tally reaches. Pure: counting is done elsewhere, here a count is judged.

- What a milestone demands is fixed once (`target_of`) from the populations and areas of that day,
  so that later figures do not reach a running petition.
- A quorum is AND with the total; the alternative route is OR. "More than n" is written n + 1.
- Counting never moves back: these functions say "reached now", and the database keeps it reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType

from petitions.domain.assembly import AreaTable, Population
from petitions.domain.collecting import (
    AreaMinimum,
    AreaThreshold,
    ChoiceThreshold,
    FixedThreshold,
    Milestone,
    Quorum,
    ShareThreshold,
    Threshold,
)
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import Basis, Round

_NO_AREAS: Mapping[str, int] = MappingProxyType({})
_NO_CLASSES: Mapping[str, Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The count of one petition at one instant.

    `by_area` and `by_class` are verified counts; `raw_by_area` and `raw_by_class` those received.
    `class_by_area` gives, per counting class, the verified count of each area. `declarations`
    counts areas that declared themselves (the alternative route). `paper`: the part of `verified`
    that was certified on paper. `unplaced`: signatures taken away of which nobody knows the area;
    the counts by area still hold them.
    """

    raw: int
    verified: int
    by_area: Mapping[str, int] = field(default_factory=lambda: _NO_AREAS)
    by_class: Mapping[str, int] = field(default_factory=lambda: _NO_AREAS)
    raw_by_area: Mapping[str, int] = field(default_factory=lambda: _NO_AREAS)
    raw_by_class: Mapping[str, int] = field(default_factory=lambda: _NO_AREAS)
    class_by_area: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: _NO_CLASSES)
    raw_class_by_area: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: _NO_CLASSES)
    declarations: int = 0
    paper: int = 0
    unplaced: int = 0

    def total(self, milestone: Milestone) -> int:
        """The count a milestone looks at: its basis and its class."""
        raw = milestone.basis is Basis.RAW
        if milestone.counts != "all":
            return (self.raw_by_class if raw else self.by_class).get(milestone.counts, 0)
        return self.raw if raw else self.verified

    def areas(self, milestone: Milestone) -> Mapping[str, int]:
        """The count per area, with the milestone's basis and class."""
        raw = milestone.basis is Basis.RAW
        if milestone.counts != "all":
            classes = self.raw_class_by_area if raw else self.class_by_area
            return classes.get(milestone.counts, _NO_AREAS)
        return self.raw_by_area if raw else self.by_area


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a milestone demands of one petition, fixed at its snapshot.

    `minimum` holds for every area, unless `minima` names one per area. `fixed` areas must each
    reach their own minimum besides. Of signatures given online, no more than `online_cap` count.
    """

    threshold: int
    k: int = 0
    minimum: int = 1
    minima: Mapping[str, int] = field(default_factory=lambda: _NO_AREAS)
    fixed: Mapping[str, int] = field(default_factory=lambda: _NO_AREAS)
    online_cap: int | None = None

    def to_data(self) -> dict[str, object]:
        """The target as JSON-able values, to be stored with the petition."""
        capped = {} if self.online_cap is None else {"online_cap": self.online_cap}
        return capped | {
            "threshold": self.threshold,
            "k": self.k,
            "minimum": self.minimum,
            "minima": dict(self.minima),
            "fixed": dict(self.fixed),
        }

    @classmethod
    def from_data(cls, stored: Mapping[str, object]) -> Target:
        """Read a stored target back; ValueError if it was damaged."""
        return cls(
            threshold=_number(stored["threshold"]),
            k=_number(stored["k"]),
            minimum=_number(stored["minimum"]),
            minima=_numbers(stored["minima"]),
            fixed=_numbers(stored["fixed"]),
            online_cap=_number(stored["online_cap"]) if "online_cap" in stored else None,
        )


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a stored target holds whole numbers only")  # noqa: TRY004 - stored value
    return value


def _numbers(value: object) -> Mapping[str, int]:
    if not isinstance(value, Mapping):
        raise ValueError("a stored target holds tables of areas")  # noqa: TRY004 - stored value
    return MappingProxyType({str(area): _number(each) for area, each in value.items()})


def resolve_threshold(
    threshold: Threshold,
    populations: Mapping[str, Population],
    choices: Mapping[str, str],
    *,
    areas: AreaTable | None = None,
    area: str | None = None,
) -> int:
    """The number a threshold means for one petition.

    `choices`: what the author chose. `area`: the area of the petition, for a threshold by area.
    KeyError where the choice, population or area is missing: then there is no threshold.
    """
    if isinstance(threshold, FixedThreshold):
        return threshold.number
    if isinstance(threshold, ShareThreshold):
        return share_of(threshold, populations[threshold.of].value)
    if isinstance(threshold, ChoiceThreshold):
        return threshold.values[choices[threshold.by_choice]]
    return _at_area(threshold, areas, area)


def _at_area(threshold: AreaThreshold, areas: AreaTable | None, area: str | None) -> int:
    if areas is None or area is None:
        raise KeyError(threshold.by_area)
    return max(1, areas.values[area][threshold.by_area])


def share_of(threshold: ShareThreshold, population: int) -> int:
    """A share of a population: rounded first, then floor and ceiling; never below 1."""
    exact = threshold.share * population
    number = _rounded(exact, threshold.rounding)
    if threshold.floor is not None:
        number = max(number, threshold.floor)
    if threshold.ceiling is not None:
        number = min(number, threshold.ceiling)
    return max(number, 1)


def _rounded(exact: Fraction, how: Round) -> int:
    below = exact.numerator // exact.denominator
    rest = exact - below
    if how is Round.UP:
        return below + (rest > 0)
    if how is Round.NEAREST:
        return below + (rest >= Fraction(1, 2))
    return below


def target_of(
    milestone: Milestone,
    *,
    populations: Mapping[str, Population],
    choices: Mapping[str, str],
    areas: AreaTable | None = None,
    area: str | None = None,
    online_cap: Fraction | None = None,
) -> Target:
    """Fix what a milestone demands, with the figures of its snapshot day.

    `online_cap`: the share of the threshold that may be given online (P11).
    """
    threshold = resolve_threshold(milestone.threshold, populations, choices, areas=areas, area=area)
    cap = None if online_cap is None else int(online_cap * threshold)
    return replace(_quorum_target(milestone.quorum, threshold, areas), online_cap=cap)


def _quorum_target(quorum: Quorum | None, threshold: int, areas: AreaTable | None) -> Target:
    if quorum is None:
        return Target(threshold=threshold)
    if isinstance(quorum.minimum, AreaMinimum):
        if areas is None:
            raise KeyError(quorum.minimum.column)
        column, times = quorum.minimum.column, quorum.minimum.times
        minima = {code: max(1, row[column] * times) for code, row in areas.values.items()}
        return Target(
            threshold=threshold,
            k=quorum.k,
            minima=MappingProxyType(minima),
            fixed=quorum.fixed,
        )
    return Target(threshold=threshold, k=quorum.k, minimum=quorum.minimum, fixed=quorum.fixed)


def reached(milestone: Milestone, tally: Tally, target: Target) -> bool:
    """Whether the tally meets the milestone, by signatures or by the alternative route."""
    return by_alternative(milestone, tally) or (
        counted(milestone, tally, target) >= target.threshold
        and quorum_met(milestone, tally, target)
    )


def counted(milestone: Milestone, tally: Tally, target: Target) -> int:
    """The count that is compared with the threshold: what was given online counts up to the cap."""
    total = tally.total(milestone)
    if target.online_cap is None:
        return total
    paper = min(tally.paper, total)
    return min(total - paper, target.online_cap) + paper


def by_alternative(milestone: Milestone, tally: Tally) -> bool:
    """Whether enough areas declared themselves, whatever the count of signatures."""
    route = milestone.alternative
    return route is not None and tally.declarations >= route.declarations


def quorum_met(milestone: Milestone, tally: Tally, target: Target) -> bool:
    """At least k areas at their minimum, and every fixed area at its own, in the worst case."""
    counts, doubt = tally.areas(milestone), _doubt(milestone, tally)
    return areas_reached(counts, target, doubt) >= target.k and all(
        counts.get(area, 0) - doubt >= least for area, least in target.fixed.items()
    )


def _doubt(milestone: Milestone, tally: Tally) -> int:
    return 0 if milestone.basis is Basis.RAW else tally.unplaced


def areas_met(milestone: Milestone, tally: Tally, target: Target) -> int:
    """How many areas are at their minimum, wherever what was taken away belonged."""
    return areas_reached(tally.areas(milestone), target, _doubt(milestone, tally))


def areas_reached(counts: Mapping[str, int], target: Target, unplaced: int = 0) -> int:
    """How many areas are at or over their minimum.

    `unplaced` signatures were taken away and their area is unknown: the worst case places them where
    they bring the most areas below, each of them once.
    """
    least = target.minima or dict.fromkeys(counts, target.minimum)
    spare = sorted(
        counts.get(area, 0) - minimum + 1
        for area, minimum in least.items()
        if counts.get(area, 0) >= minimum
    )
    lost = 0
    for needed in spare:
        unplaced -= needed
        if unplaced < 0:
            break
        lost += 1
    return len(spare) - lost


def newly_reached(
    kind: Kind, tally: Tally, targets: Mapping[str, Target], already: frozenset[str]
) -> tuple[Milestone, ...]:
    """The milestones reached by this tally and by none before, in the order of the rulebook."""
    return tuple(
        milestone
        for milestone in kind.milestones
        if milestone.id not in already and reached(milestone, tally, targets[milestone.id])
    )


def fallen_below(
    kind: Kind, tally: Tally, targets: Mapping[str, Target], already: frozenset[str]
) -> tuple[Milestone, ...]:
    """Milestones once reached whose count has since fallen below: each opens a clerk's task."""
    return tuple(
        milestone
        for milestone in kind.milestones
        if milestone.id in already and not reached(milestone, tally, targets[milestone.id])
    )
