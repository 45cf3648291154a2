"""Rights of staff: what may change them, for how long each step holds, and what forbids it.

The two-person rule: one administrator proposes, another one confirms. Taking rights away may wait for
nobody, so an urgent disabling needs one person only, and the others are told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from petitions.domain.lifecycle import STAFF_ROLES, Role

PROPOSAL_LIFE = timedelta(days=7)
CODE_LIFE = timedelta(hours=1)
WAITING_LIFE = timedelta(days=30)
"""How long somebody who has no role yet is remembered by name."""
SETTLED_LIFE = timedelta(days=90)
"""How long proposals that are over, and notices nobody read, are shown; the audit trail keeps them."""
NEWCOMER_LIFE = timedelta(minutes=15)
"""How long somebody without a role, just logged in, may type in a one-time code."""
KEPT_FORM_LIFE = timedelta(hours=1)
FRESH_FOR = timedelta(minutes=5)
"""How old a login may be for sealing, key and role actions."""
CLOCKS_DIFFER = timedelta(seconds=30)
REASON_MAX = 500
ENOUGH_ADMINISTRATORS = 2
"""With fewer, the two-person rule cannot work: the command line may name one."""
COMMAND_LINE, FROM_CLAIM = "command line", "claim"


class RolesFrom(StrEnum):
    """Where roles come from; never from both, or what one takes away lives on in the other."""

    CLAIM = "claim"
    DESK = "desk"


class Change(StrEnum):
    GIVE = "give"
    REMOVE = "remove"
    DISABLE = "disable"
    ENABLE = "enable"


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


WITH_ROLE = frozenset({Change.GIVE, Change.REMOVE})
WIDENING = frozenset({Change.GIVE, Change.ENABLE})


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person may do here now. `others`: administrators besides them who may act."""

    roles: frozenset[Role] = field(default_factory=frozenset)
    disabled: bool = False
    others: int = 0

    @property
    def administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.roles and not self.disabled


def objection(change: Change, role: Role | None, of: Standing) -> str:
    """Why this change cannot be made of somebody who stands like this; empty if it can."""
    if (role is not None) is not (change in WITH_ROLE) or (role and role not in STAFF_ROLES):
        return "no_such_role"
    if change is Change.GIVE and role in of.roles:
        return "has_role"
    if change is Change.REMOVE and role not in of.roles:
        return "lacks_role"
    if change is Change.DISABLE and of.disabled:
        return "disabled_already"
    if change is Change.ENABLE and not of.disabled:
        return "not_disabled"
    ends = change is Change.DISABLE or (change is Change.REMOVE and role is Role.ADMINISTRATOR)
    if ends and of.administrator and not of.others:
        return "last_administrator"
    return ""


def confirming_objection(change: Change, *, by: str, proposed_by: str, subject: str) -> str:
    """Why this person may not confirm: nobody confirms their own, nor their own gain."""
    if by == proposed_by:
        return "own_proposal"
    if change in WIDENING and by == subject:
        return "own_rights"
    return ""


def is_fresh(auth_time: datetime | None, at: datetime) -> bool:
    """Whether the person typed something at the provider in the last five minutes. A provider that
    did not say when (None), or names a time to come, proved nothing.
    """
    if auth_time is None:
        return False
    return -CLOCKS_DIFFER <= at - auth_time <= FRESH_FOR
