"""Acts about people in the audit trail: whom, which role, proposed by whom, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.staffing import Change
from petitions.platform.i18n import N_, _
from petitions.web import staff_people_words, staff_words

STAFFING = frozenset(
    {
        "staff_proposed", "staff_proposal_refused", "staff_proposal_withdrawn", "role_given",
        "role_removed", "staff_disabled", "staff_enabled", "staff_invited", "sessions_ended",
    }
)  # fmt: skip
CAUSES = {
    "provider": N_("The login of the house said that the person has logged out there."),
    "administrator": N_("By an administrator."),
}


def staffing_text(detail: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One line each; a part that the act does not have is left out."""
    who = str(detail.get("to", ""))
    name, lines = names.get(who, who), []
    if detail.get("change") in set(map(str, Change)):
        change = Change(str(detail["change"]))
        lines.append(staff_people_words.change(change, name, detail.get("role")))
    elif name:
        lines.append(name)
    given = [role for role in detail.get("roles", []) if role in set(map(str, STAFF_ROLES))]
    if given:
        lines.append(staff_words.roles(frozenset(Role(role) for role in given)))
    if detail.get("by"):
        lines.append(_("Proposed by %(name)s.", name=names.get(str(detail["by"]), detail["by"])))
    if detail.get("urgent"):
        lines.append(_("At once, by one person; the other administrators were told."))
    if detail.get("cause") in CAUSES:
        lines.append(_(CAUSES[str(detail["cause"])]))
    if detail.get("why"):
        lines.append(str(detail["why"]))
    return "\n".join(lines)
