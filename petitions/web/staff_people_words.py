"""The sentences of the pages about people, by code."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.lifecycle import Role
from petitions.domain.staffing import COMMAND_LINE, FROM_CLAIM, Change
from petitions.platform.i18n import N_, _
from petitions.web import staff_words

CHANGES: Mapping[Change, str] = {
    Change.GIVE: N_("Give %(name)s the role: %(role)s"),
    Change.REMOVE: N_("Take from %(name)s the role: %(role)s"),
    Change.DISABLE: N_("Switch off the access of %(name)s"),
    Change.ENABLE: N_("Switch the access of %(name)s on again"),
}
REFUSALS: Mapping[str, str] = {
    "has_role": N_("This person has that role already."),
    "lacks_role": N_("This person does not have that role."),
    "disabled_already": N_("This person’s access is switched off already."),
    "not_disabled": N_("This person’s access is not switched off."),
    "has_no_rights": N_("This person has no role, so there is nothing to switch off."),
    "last_administrator": N_("Nobody else is an administrator: the office would have none."),
    "own_proposal": N_("You proposed this yourself: another administrator must confirm it."),
    "own_rights": N_("This is about yourself: another administrator must do it."),
    "proposed_already": N_("The same is proposed already and waits for a second administrator."),
    "proposal_settled": N_("This proposal is settled already."),
    "proposal_expired": N_("This proposal has expired. Propose it again if it is still wanted."),
    "proposer_gone": N_("Whoever proposed this is an administrator no more: it counts for nothing."),
    "roles_come_from_the_claim": N_(
        "Roles come from your house’s directory and cannot be changed here."
    ),
    "wrong_role": N_("You are no longer an administrator."),
    "code_unknown": N_("This code is not known, was used, or is older than an hour."),
    "enough_administrators": N_(
        "There are two administrators already; they name further ones under People."
    ),
    "reason_missing": N_("Say why: at most 500 characters."),
    "not_found": N_("This is no longer there."),
}  # fmt: skip
DONE: Mapping[str, str] = {
    "proposed": N_("Proposed. Another administrator must confirm it within seven days."),
    "confirmed": N_("Confirmed: it holds from now on."),
    "refused": N_("The proposal was refused. Nothing changed."),
    "withdrawn": N_("The proposal was taken back. Nothing changed."),
    "disabled": N_("The access is switched off, and open sessions have ended."),
    "ended": N_("The session has ended."),
    "seen": N_("Marked as read."),
}
GIVERS: Mapping[str, str] = {
    FROM_CLAIM: N_("your house’s directory"),
    COMMAND_LINE: N_("the command line of the server"),
}


def change(value: Change, name: str, role: str | None) -> str:
    words = _(staff_words.ROLES[Role(role)]) if role else ""
    return _(CHANGES[value], name=name, role=words)


def refusal(code: str) -> str:
    return _(REFUSALS.get(code, REFUSALS["not_found"]))


def giver(by: str, names: Mapping[str, str]) -> str:
    """Who gave a role: a person by name, or where else it came from."""
    return _(GIVERS[by]) if by in GIVERS else names.get(by, by)
