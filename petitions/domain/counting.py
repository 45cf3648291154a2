"""From what was received and certified to the tally that milestones are judged by (P7, P8, P11, P12).

Pure. Rules:
- a signature given online counts when it is given, or once an authority has certified it;
- paper counts by certificate only: numbers that organisers declare are shown and never counted;
- of a signature taken away without its area the counts by area still hold it, and the tally says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from petitions.domain.channels import certified_online
from petitions.domain.collecting import Signing
from petitions.domain.milestones import Tally


class Paper(StrEnum):
    """What an authority's document says."""

    ONLINE = "online"
    """So many of the signatures given online were checked, and so many are valid."""
    PAPER = "paper"
    DECLARATION = "declaration"
    """An area asks for the effect by itself: the alternative route, no signatures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """One certificate in force. `examined` lines, of which `valid` count."""

    about: Paper
    area: str = ""
    examined: int = 0
    valid: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Signatures of one area and class: given, and taken back with the area known."""

    signed: int = 0
    withdrawn: int = 0


_NOWHERE: Mapping[tuple[str, str], Place] = MappingProxyType({})
_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What one petition received. `places`: (area, class) → numbers; class "" is everybody.

    `lines`: area → lines on sheets that came back, whether certified or not.
    """

    collected: int
    withdrawn: int
    invalid: int
    places: Mapping[tuple[str, str], Place] = field(default_factory=lambda: _NOWHERE)
    lines: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    certificates: Sequence[Certified] = ()

    @property
    def valid(self) -> int:
        return self.collected - self.withdrawn - self.invalid


def tally(signing: Signing, received: Received) -> Tally:
    """The count of one petition at one instant."""
    by_certificate = certified_online(signing)
    paper = _sums(received, Paper.PAPER)
    raw_paper = _raw_paper(received)
    area, classes, both = _placed(received, withdrawn=True)
    raw_area, raw_classes, raw_both = _placed(received, withdrawn=False)
    unplaced = received.invalid + sum(
        place.withdrawn for (code, group), place in received.places.items() if not (code or group)
    )
    online = received.valid
    if by_certificate:
        area = _sums(received, Paper.ONLINE)
        unplaced = max(0, area.total() - online)
        online = min(online, area.total())
    declared = {each.area for each in _about(received, Paper.DECLARATION)}
    return Tally(
        raw=received.collected + raw_paper.total(),
        verified=online + paper.total(),
        by_area=_without_nowhere(area + paper),
        by_class={group: max(0, n - received.invalid) for group, n in classes.items()},
        raw_by_area=_without_nowhere(raw_area + raw_paper),
        raw_by_class=raw_classes,
        class_by_area=both,
        raw_class_by_area=raw_both,
        declarations=len(declared),
        paper=paper.total(),
        unplaced=unplaced,
    )


def _about(received: Received, about: Paper) -> Iterable[Certified]:
    return (each for each in received.certificates if each.about is about)


def _sums(received: Received, about: Paper) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in _about(received, about):
        found[each.area] += each.valid
    return found


def _raw_paper(received: Received) -> Counter[str]:
    """Lines received by area: those of sheets, or of certificates where these saw more."""
    examined: Counter[str] = Counter()
    for each in _about(received, Paper.PAPER):
        examined[each.area] += each.examined
    return examined | Counter(received.lines)


def _placed(
    received: Received, *, withdrawn: bool
) -> tuple[Counter[str], Counter[str], dict[str, Counter[str]]]:
    """By area, by class, and by area in each class; with or without what was taken back."""
    area: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    both: dict[str, Counter[str]] = defaultdict(Counter)
    for (code, group), place in received.places.items():
        number = place.signed - (place.withdrawn if withdrawn else 0)
        if not group:
            area[code] += number
            continue
        classes[group] += number
        if code:
            both[group][code] += number
    return area, classes, both


def _without_nowhere(areas: Counter[str]) -> Counter[str]:
    return Counter({code: number for code, number in areas.items() if code and number > 0})
