"""Sponsors and co-initiators: when a stage is met, who still fits in, what an act counts for. Pure.

A stage runs to its minimum, more may join up to its maximum until publication. Who sponsors is never
named here: a stage is judged from roles and areas alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from petitions.domain.assembly import Population
from petitions.domain.filing import SponsorStage
from petitions.domain.milestones import share_of
from petitions.domain.predicates import Predicate
from petitions.domain.procedure import Kind


class Standing(StrEnum):
    """How somebody came to stand behind a petition."""

    CONFIRMED = "confirmed"
    """By their own login."""
    AUTHOR = "author"
    OFFICE = "office"
    """A clerk recorded the answer of somebody who holds an office."""


class Invited(StrEnum):
    """What became of an invitation. One that is over by the clock still reads `invited`."""

    INVITED = "invited"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    REVOKED = "revoked"
    LEFT = "left"
    EXPIRED = "expired"


class Progress(StrEnum):
    """Where a stage stands; stages run one after the other."""

    WAITING = "waiting"
    OPEN = "open"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Backer:
    """One person behind a petition, as far as a stage needs to know."""

    standing: Standing
    role: str = ""
    area: str = ""


Backers = Iterable[Backer]


def needed(stage: SponsorStage, populations: Mapping[str, Population]) -> int:
    """The number a stage asks for: fixed when the petition is sent, as every threshold is."""
    if isinstance(stage.minimum, int):
        return stage.minimum
    return share_of(stage.minimum, populations[stage.minimum.of].value)


def counting(stage: SponsorStage, backers: Backers) -> tuple[Backer, ...]:
    """Those who count in this stage: the author only where the rulebook says so."""
    return tuple(
        each for each in backers if stage.author_counts or each.standing is not Standing.AUTHOR
    )


def places_left(stage: SponsorStage, backers: Backers) -> int | None:
    """How many more may join; None without a maximum."""
    if stage.maximum is None:
        return None
    return max(0, stage.maximum - len(counting(stage, backers)))


def roles_missing(stage: SponsorStage, backers: Backers) -> Mapping[str, int]:
    """Per role of the rulebook, how many are still to be found (0: taken)."""
    held = Counter(each.role for each in counting(stage, backers))
    return {role: max(0, number - held[role]) for role, number in stage.roles.items()}


def areas_missing(stage: SponsorStage, backers: Backers) -> int:
    """Areas still missing for the spread; 0 where the rulebook asks for none."""
    if stage.spread is None:
        return 0
    least = stage.spread.minimum
    held = Counter(each.area for each in counting(stage, backers) if each.area)
    return max(0, stage.spread.k - sum(1 for number in held.values() if number >= least))


def met(stage: SponsorStage, wanted: int, backers: Backers) -> bool:
    """Whether number, roles and spread are all there. `wanted`: the number fixed at filing."""
    found = tuple(backers)
    return (
        len(counting(stage, found)) >= wanted
        and not any(roles_missing(stage, found).values())
        and areas_missing(stage, found) == 0
    )


def is_signature(stage: SponsorStage, carried: int) -> bool:
    """Whether the next act of this stage counts as a signature. `carried`: acts that do already."""
    if isinstance(stage.in_total, int):
        return carried < stage.in_total
    return stage.in_total == "all"


def may_be_signature(stage: SponsorStage) -> bool:
    """Whether any act of this stage can count as one: such a login proves both conditions."""
    return stage.in_total != "none"


def by_office(stage: SponsorStage) -> bool:
    """Whether only holders of an office may sponsor: where no login proves it, the desk records it."""
    return _asks_office(stage.who)


def _asks_office(predicate: Predicate) -> bool:
    """An office that somebody must hold; one that nobody may hold is for the login to judge."""
    branches = (*predicate.any, *predicate.all)
    return predicate.office is not None or any(_asks_office(each) for each in branches)


def asks_author(kind: Kind) -> bool:
    """Whether sending needs a login of its own: the author counts, signs, or is kept from both."""
    return bool(kind.sponsors) or kind.signing.author_signs


def stage_of(kind: Kind, stage_id: str) -> SponsorStage:
    """KeyError where the rulebook knows no such stage."""
    for stage in kind.sponsors:
        if stage.id == stage_id:
            return stage
    raise KeyError(stage_id)
