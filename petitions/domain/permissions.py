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
    READ_PEOPLE = "read_people"
    MANAGE_PEOPLE = "manage_people"
    ACTIVATE_RULEBOOKS = "activate_rulebooks"
    REMOVE_SIGNATURES = "remove_signatures"
    COUNT_PAPER = "count_paper"
    ENTER_PETITIONS = "enter_petitions"
    TRANSLATE = "translate"
    DECIDE_CHECKS = "decide_checks"
    RECORD_STEPS = "record_steps"
    KEEP_FILES = "keep_files"
    TAKE_DOWN = "take_down"
    MERGE_PETITIONS = "merge_petitions"
    KEEP_CALENDAR = "keep_calendar"
    KEEP_TIMES = "keep_times"
    READ_LETTERS = "read_letters"
    WRITE_TO_FOLLOWERS = "write_to_followers"
    READ_INTEGRITY = "read_integrity"
    SUSPEND_SIGNING = "suspend_signing"
    READ_CONTENT = "read_content"
    WRITE_CONTENT = "write_content"
    SET_TOPICS = "set_topics"


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
    Permission.READ_PEOPLE: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
    Permission.ACTIVATE_RULEBOOKS: frozenset({Role.ADMINISTRATOR}),
    Permission.REMOVE_SIGNATURES: _WRITERS | {Role.INTEGRITY},
    Permission.COUNT_PAPER: _WRITERS | {Role.INTEGRITY},
    Permission.ENTER_PETITIONS: _WRITERS,
    Permission.TRANSLATE: _WRITERS | {Role.COMMUNICATION},
    Permission.DECIDE_CHECKS: _WRITERS | {Role.COMMITTEE},
    Permission.RECORD_STEPS: _WRITERS | {Role.COMMITTEE},
    Permission.KEEP_FILES: _WRITERS | {Role.COMMITTEE, Role.COMMUNICATION},
    Permission.TAKE_DOWN: _WRITERS,
    Permission.MERGE_PETITIONS: _WRITERS,
    Permission.KEEP_CALENDAR: _WRITERS | {Role.ADMINISTRATOR},
    Permission.KEEP_TIMES: _WRITERS | {Role.COMMITTEE},
    Permission.WRITE_TO_FOLLOWERS: _WRITERS | {Role.COMMUNICATION},
    Permission.READ_LETTERS: _WRITERS | {Role.COMMUNICATION, Role.ADMINISTRATOR, Role.AUDITOR},
    Permission.READ_INTEGRITY: _WRITERS | {Role.INTEGRITY, Role.ADMINISTRATOR, Role.AUDITOR},
    Permission.SUSPEND_SIGNING: _WRITERS | {Role.INTEGRITY},
    Permission.READ_CONTENT: frozenset({Role.COMMUNICATION, Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.WRITE_CONTENT: frozenset({Role.COMMUNICATION, Role.ADMINISTRATOR}),
    Permission.SET_TOPICS: _WRITERS | {Role.COMMITTEE, Role.COMMUNICATION},
}


def may(roles: Iterable[Role], permission: Permission) -> bool:
    return not MATRIX[permission].isdisjoint(roles)
