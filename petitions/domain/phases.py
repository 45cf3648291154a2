"""The phases of a procedure, as a reader follows them: from supporters to the last body. Pure.

States are the machine's; phases are the public's. One state can lie in several phases (signing goes on
while the government answers), and a phase of a body begins with a number, a day or the end of signing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from petitions.domain.collecting import Milestone
from petitions.domain.lifecycle import State
from petitions.domain.procedure import Kind
from petitions.domain.vocabulary import Channel, Entry, Method, OnWhom


class Part(StrEnum):
    SPONSORS = "sponsors"
    CHECK = "check"
    SIGNING = "signing"
    VERIFICATION = "verification"
    HANDOVER = "handover"
    BODY = "body"


class Standing(StrEnum):
    """How a phase stands for one petition."""

    DONE = "done"
    NOW = "now"
    COMING = "coming"
    STOPPED = "stopped"
    """The petition ended in it."""
    MISSED = "missed"
    """It comes no more."""


@dataclass(frozen=True, slots=True)
class Phase:
    """`body`: who acts in it, an id of the assembly's; `milestones`: the numbers that lead to it."""

    part: Part
    body: str = ""
    milestones: tuple[str, ...] = ()


_LAST_OF: dict[State, Part] = {
    State.DRAFT: Part.SPONSORS,
    State.GATHERING_SPONSORS: Part.SPONSORS,
    State.IN_ADMISSIBILITY: Part.CHECK,
    State.RETURNED: Part.CHECK,
    State.PUBLISHED: Part.SIGNING,
    State.THRESHOLD_REACHED: Part.BODY,
    State.EXAMINED: Part.BODY,
}
"""State → the phase it lies in. The states in which a petition ends lie where it was before."""


def phases(kind: Kind) -> tuple[Phase, ...]:
    """In their order. A kind without signing, supporters or hand-over lacks those phases."""
    found = [*_before_signing(kind)]
    if kind.signable:
        found.append(Phase(Part.SIGNING))
        if _verified_later(kind):
            found.append(Phase(Part.VERIFICATION, kind.signing.verification.by or ""))
    if kind.after.handover is not None:
        found.append(Phase(Part.HANDOVER))
    return (*found, *_bodies(kind))


def lies_in(state: State) -> Part | None:
    return _LAST_OF.get(state)


def _before_signing(kind: Kind) -> Iterator[Phase]:
    first, second = kind.admissibility.at("filing"), kind.admissibility.at("publication")
    supporters = [Phase(Part.SPONSORS)] if kind.sponsors else []
    if first:
        yield Phase(Part.CHECK, first[0].body)
        yield from supporters
        return
    yield from supporters
    if second:
        yield Phase(Part.CHECK, second[0].body)


def _verified_later(kind: Kind) -> bool:
    methods = {
        Channel.ONLINE: kind.signing.verification.online,
        Channel.PAPER: kind.signing.verification.paper,
    }
    used = {methods[each] for each in kind.signing.channels if each in methods}
    return bool(used) and Method.AT_SIGNING not in used


def _bodies(kind: Kind) -> Iterator[Phase]:
    """Those that act, in the order of the rules, each once; without any, "the assembly"."""
    checking = {stage.body for stage in kind.admissibility.at("publication")}
    asked: dict[str, list[str]] = {}
    own = kind.after.body or ""
    if own and kind.after.entry is Entry.PUBLICATION:
        asked[own] = []
    for milestone in kind.milestones:
        body = _body_of(kind, milestone)
        if milestone.decisive or body not in checking:
            asked.setdefault(body, []).append(milestone.id)
    for duty in kind.after.duties:
        if duty.on is OnWhom.INSTITUTION and duty.body:
            asked.setdefault(duty.body, [])
    if own or not asked:
        asked.setdefault(own, [])
    for body, milestones in asked.items():
        yield Phase(Part.BODY, body, tuple(milestones))


def _body_of(kind: Kind, milestone: Milestone) -> str:
    return milestone.body or kind.after.body or ""
