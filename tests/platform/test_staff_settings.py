"""Where the roles of staff come from, as the settings say it and the start reads it."""

from __future__ import annotations

import pytest

from identity.records import RolesRecord, StaffRecord
from identity.settings import IdentitySettings
from petitions.domain.errors import ConfigurationError
from petitions.domain.lifecycle import STAFF_ROLES
from petitions.domain.staffing import RolesFrom
from petitions.staff_border import login_to_leave, roles_from


def settings(staff: StaffRecord | None) -> IdentitySettings:
    return IdentitySettings({}, {}, staff, "https://petitions.example.org", "test")


def with_map(**groups: str) -> IdentitySettings:
    return settings(StaffRecord(providers=("x",), roles=RolesRecord(claim="groups", map=groups)))


def test_every_role_of_the_desk_can_be_given_by_a_claim() -> None:
    every = {f"group-{role}": str(role) for role in STAFF_ROLES}
    assert roles_from(with_map(**every)) is RolesFrom.CLAIM


@pytest.mark.parametrize("role", ["clark", "system", "author", "", "Clerk"])
def test_a_group_that_gives_no_role_of_ours_stops_the_start(role: str) -> None:
    with pytest.raises(ConfigurationError, match=r"identity\.staff\.roles\.map\.wrong: .* no role"):
        roles_from(with_map(right="clerk", wrong=role))


def test_the_desk_gives_roles_only_where_the_settings_say_so() -> None:
    desk = StaffRecord(providers=("x",), roles_from="desk")
    assert roles_from(settings(desk)) is RolesFrom.DESK
    assert roles_from(settings(None)) is RolesFrom.CLAIM
    assert login_to_leave(settings(None)) == ""
