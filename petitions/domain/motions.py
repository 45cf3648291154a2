"""Acts on a whole petition that one person alone may not do, and proposals to merge. Pure."""

from __future__ import annotations

from enum import StrEnum

from petitions.domain.lifecycle import Action


class Motion(StrEnum):
    """Transitions 19, 20 and 14: each is proposed by one person and carried out by another."""

    TAKE_DOWN = "take_down"
    RESTORE = "restore"
    REOPEN = "reopen"

    @property
    def action(self) -> Action:
        return Action(self.value)


class MotionStatus(StrEnum):
    PROPOSED = "proposed"
    CARRIED_OUT = "carried_out"
    CALLED_OFF = "called_off"


class AskedBy(StrEnum):
    """Who asked for it, as a category: the record names no private person."""

    OFFICE = "office"
    PERSON_CONCERNED = "person_concerned"
    AUTHOR = "author"
    AUTHORITY = "authority"
    COURT = "court"


class MergeStatus(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CALLED_OFF = "called_off"


def grounds_objection(
    motion: Motion, grounds: tuple[str, ...], hidden: tuple[str, ...], asked_by: AskedBy
) -> str:
    """Why these grounds do not carry the motion; "" where they do.

    Taking down needs a ground of the rulebook that hides, or an order of a court (transition 19).
    """
    if any(code not in hidden for code in grounds):
        return "not_accepted"
    if motion is Motion.TAKE_DOWN and not grounds and asked_by is not AskedBy.COURT:
        return "required"
    return ""
