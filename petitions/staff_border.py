"""Staff at the border of the two zones: where their roles come from, and what a provider may end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from identity.providers.logout import LogoutOrder
from identity.settings import IdentitySettings
from petitions.domain.errors import ConfigurationError
from petitions.domain.lifecycle import STAFF_ROLES
from petitions.domain.staffing import RolesFrom
from petitions.services.staff_logins import end_by_provider


def roles_from(identity: IdentitySettings) -> RolesFrom:
    """From a claim or from the desk. ConfigurationError where the map names no role of ours: whoever
    holds that group would stand before a closed door, and nobody would know why.
    """
    staff = identity.staff
    if staff is None:
        return RolesFrom.CLAIM
    known = {str(role) for role in STAFF_ROLES}
    for group, role in (staff.roles.map if staff.roles else {}).items():
        if role not in known:
            raise ConfigurationError(
                f"identity.staff.roles.map.{group}: '{role}' is no role; it must be one of "
                f"{', '.join(sorted(known))}"
            )
    return RolesFrom(staff.roles_from)


def login_to_leave(identity: IdentitySettings) -> str:
    """Names of the staff's logins that can be left from our side (RP-initiated logout)."""
    names = identity.staff.providers if identity.staff else ()
    listed = [identity.providers[name] for name in names]
    return " / ".join(each.label for each in listed if each.record.page.logout != "none")


def session_ender(
    sessions: Callable[[], Session], clock: Callable[[], datetime]
) -> Callable[[LogoutOrder], bool]:
    """What the identity zone calls when a provider says that somebody has logged out there."""

    def end(order: LogoutOrder) -> bool:
        with sessions() as session:
            new = end_by_provider(
                session,
                jti_hash=order.jti_hash,
                expires=order.expires,
                subject_mark=order.subject_mark,
                session_mark=order.session_mark,
                at=clock(),
            )
            session.commit()
            return new

    return end
