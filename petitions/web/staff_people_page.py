"""What the pages about people show: frozen page objects in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.staffing import Change, RolesFrom, Standing, confirming_objection, objection
from petitions.platform.i18n import _
from petitions.services.staff_rights import administrators, known_roles, standing
from petitions.storage import staff_rows
from petitions.storage.tables import Staff, StaffProposal, StaffRole, StaffWaiting, WebSession
from petitions.web import staff_people_words as words
from petitions.web import staff_words
from petitions.web.edge import engine
from petitions.web.sessions import ends_at, is_open, session_name, token_hash
from petitions.web.staff_desk import Desk


@dataclass(frozen=True, slots=True)
class RoleLine:
    """`since` and `by` are unknown of roles from before they were written down."""

    words: str
    since: date | None
    by: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    actor: str
    name: str
    roles: tuple[RoleLine, ...]
    disabled: bool
    last_login: datetime
    open_sessions: int
    is_reader: bool


@dataclass(frozen=True, slots=True)
class WaitingRow:
    actor: str
    name: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """`why_not`: why the reader may not confirm it, empty where they may."""

    id: UUID
    title: str
    reason: str
    by: str
    at: datetime
    until: datetime
    own: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: UUID
    text: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """`name` names the row without leading to it."""

    name: str
    opened: datetime | None
    seen: datetime
    ends: datetime
    this_one: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    people: tuple[PersonRow, ...]
    waiting: tuple[WaitingRow, ...]
    proposals: tuple[ProposalRow, ...]
    notices: tuple[NoticeRow, ...]
    at_the_desk: bool
    lone: bool
    """The reader is the only administrator: nobody can confirm anything."""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`changes`: what may be proposed, as (value of the form, sentence)."""

    actor: str
    name: str
    row: PersonRow | None
    changes: tuple[tuple[str, str], ...]
    may_disable_now: bool
    sessions: tuple[SessionRow, ...]
    proposals: tuple[ProposalRow, ...]


def people_page(at: Desk) -> PeoplePage:
    names = names_of(at)
    rows = tuple(_person(at, each, names) for each in staff_rows.people(at.session))
    return PeoplePage(
        people=rows,
        waiting=tuple(
            WaitingRow(each.actor, each.name, each.asked_on)
            for each in staff_rows.waiting(at.session)
        ),
        proposals=_proposals(at, names),
        notices=tuple(
            NoticeRow(
                each.id,
                _(
                    "%(by)s switched off the access of %(name)s at once.",
                    by=names.get(each.by, each.by),
                    name=names.get(each.about, each.about),
                ),
                each.reason,
                each.at,
            )
            for each in staff_rows.notices(at.session, at.staff.actor)
        ),
        at_the_desk=engine().roles_from is RolesFrom.DESK,
        lone=administrators(at.session) == [at.staff.actor],
    )


def person_page(at: Desk, actor: str) -> PersonPage:
    """One person, and what may be proposed of them. NotFoundError where nobody has this code."""
    found = standing(at.session, actor)
    names = names_of(at)
    row = at.session.get(Staff, actor)
    return PersonPage(
        actor=actor,
        name=names[actor],
        row=_person(at, row, names) if row else None,
        changes=tuple(_changes(found, names[actor])),
        may_disable_now=not objection(Change.DISABLE, None, found)
        and bool(found.roles)
        and actor != at.staff.actor,
        sessions=sessions_of(at, actor),
        proposals=tuple(each for each in _proposals(at, names, actor)),
    )


def names_of(at: Desk) -> dict[str, str]:
    rows: list[Staff | StaffWaiting] = [
        *staff_rows.waiting(at.session),
        *staff_rows.people(at.session),
    ]
    return {each.actor: each.name for each in rows}


def sessions_of(at: Desk, actor: str) -> tuple[SessionRow, ...]:
    own = token_hash("staff")
    return tuple(
        SessionRow(
            session_name(row.token_hash), row.opened_at, row.seen_at, ends_at(row),
            row.token_hash == own,
        )
        for row in staff_rows.sessions(at.session, actor)
        if is_open(row, at.at)
    )  # fmt: skip


def find_session(at: Desk, actor: str, name: str) -> WebSession | None:
    """The row a page named, among those of this person."""
    rows = staff_rows.sessions(at.session, actor)
    return next((row for row in rows if session_name(row.token_hash) == name), None)


def _changes(of: Standing, name: str) -> list[tuple[str, str]]:
    at_the_desk = engine().roles_from is RolesFrom.DESK
    listed: list[tuple[Change, Role | None]] = [
        (change, role)
        for change in (Change.GIVE, Change.REMOVE)
        for role in Role
        if role in STAFF_ROLES and at_the_desk
    ]
    if of.roles or of.disabled:
        listed += [(Change.DISABLE, None), (Change.ENABLE, None)]
    return [
        (f"{change}:{role or ''}", words.change(change, name, role))
        for change, role in listed
        if not objection(change, role, of)
    ]


def _person(at: Desk, row: Staff, names: Mapping[str, str]) -> PersonRow:
    given = staff_rows.roles_given(at.session)
    open_now = Counter(
        each.subject for each in staff_rows.sessions(at.session) if is_open(each, at.at)
    )
    held = known_roles(row.roles)
    return PersonRow(
        actor=row.actor,
        name=row.name,
        roles=tuple(
            _role(role, given.get((row.actor, role)), names) for role in Role if role in held
        ),
        disabled=row.disabled,
        last_login=row.last_login,
        open_sessions=open_now[row.actor],
        is_reader=row.actor == at.staff.actor,
    )


def _role(role: Role, given: StaffRole | None, names: Mapping[str, str]) -> RoleLine:
    title = _(staff_words.ROLES[role])
    if given is None:
        return RoleLine(title, None, "")
    return RoleLine(title, given.since, words.giver(given.given_by, names))


def _proposals(
    at: Desk, names: Mapping[str, str], about: str | None = None
) -> tuple[ProposalRow, ...]:
    return tuple(
        _proposal(at, row, names)
        for row in staff_rows.open_proposals(at.session, at.at)
        if about in {None, row.subject}
    )


def _proposal(at: Desk, row: StaffProposal, names: Mapping[str, str]) -> ProposalRow:
    change = Change(row.change)
    why_not = confirming_objection(
        change, by=at.staff.actor, proposed_by=row.proposed_by, subject=row.subject
    )
    return ProposalRow(
        id=row.id,
        title=words.change(change, names.get(row.subject, row.subject), row.role),
        reason=row.reason,
        by=names.get(row.proposed_by, row.proposed_by),
        at=row.proposed_at,
        until=row.expires_at,
        own=row.proposed_by == at.staff.actor,
        why_not=words.refusal(why_not) if why_not else "",
    )
