"""Who may do what at the desk: one matrix, as data. Routes declare one; pages ask `may`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from petitions.domain.lifecycle import STAFF_ROLES, Role


class Permission(StrEnum):
    READ_OFFICE = "read_office"
    TAKE_CASES = "take_cases"
    ASSIGN_CASES = "assign_cases"
    WRITE_NOTES = "write_notes"
    DECIDE_ADMISSIBILITY = "decide_admissibility"
    RECORD_EXAMINATION = "record_examination"
    SETTLE_TASKS = "settle_tasks"
    READ_AUDIT = "read_audit"
    MANAGE_PEOPLE = "manage_people"
    REMOVE_SIGNATURES = "remove_signatures"


_WRITERS = frozenset({Role.CLERK, Role.SECOND_READER})
MATRIX: dict[Permission, frozenset[Role]] = {
    Permission.READ_OFFICE: STAFF_ROLES,
    Permission.TAKE_CASES: _WRITERS,
    Permission.ASSIGN_CASES: _WRITERS | {Role.ADMINISTRATOR},
    Permission.WRITE_NOTES: _WRITERS | {Role.COMMITTEE},
    Permission.DECIDE_ADMISSIBILITY: _WRITERS,
    Permission.RECORD_EXAMINATION: _WRITERS | {Role.COMMITTEE},
    Permission.SETTLE_TASKS: _WRITERS | {Role.COMMITTEE},
    Permission.READ_AUDIT: frozenset(
        {Role.CLERK, Role.SECOND_READER, Role.ADMINISTRATOR, Role.AUDITOR}
    ),
    Permission.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
    Permission.REMOVE_SIGNATURES: _WRITERS | {Role.INTEGRITY},
}


def may(roles: Iterable[Role], permission: Permission) -> bool:
    return not MATRIX[permission].isdisjoint(roles)
