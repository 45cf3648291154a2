"""People: who may do what at the desk, since when and by whom; and how that is changed by two.

Proposing, confirming, refusing and switching off ask for a login of the last five minutes. Addresses
hold no code of a person but where one is looked at, and no log writes addresses of the desk.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

from flask import Response, request

from petitions.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    PetitionError,
)
from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.permissions import Permission
from petitions.domain.staffing import Change
from petitions.platform.i18n import _
from petitions.services import staffing
from petitions.web import staff_people_words as words
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Message
from petitions.web.staff_people_page import find_session, people_page, person_page, sessions_of

ROOM = "/office/people"


@office.get("/people")
@needs("read_people")
def people() -> Response:
    with desk() as at:
        return _people(at)


@office.get("/people/person")
@needs("read_people")
def person() -> Response:
    with desk() as at:
        return _person(at, request.args.get("who", ""))


def _message() -> Message | None:
    done = request.args.get("done", "")
    return Message(_(words.DONE[done])) if done in words.DONE else None


def _people(at: Desk, fault: str = "", status: int = 200) -> Response:
    return page(
        at, "office/people.html", status, section="people", shown=people_page(at),
        message=_message(), fault=fault,
    )  # fmt: skip


def _person(at: Desk, who: str, faults: tuple[FieldFault, ...] = (), status: int = 200) -> Response:
    return page(
        at, "office/person.html", status, section="people", shown=person_page(at, who),
        typed=request.form, faults=faults, message=_message(),
    )  # fmt: skip


def _act(do: Callable[[Desk], str], who: str = "") -> Response:
    """Do it and go on; or say why not on the page it came from, with what was typed."""
    try:
        with desk(write=True) as at:
            done = do(at)
    except (InvalidError, ConflictError, ForbiddenError) as error:
        return _refused(error, who)
    return sent_on(f"{ROOM}?done={done}")


def _refused(error: PetitionError, who: str) -> Response:
    with desk() as at:
        if not who:
            return _people(at, words.refusal(_why(error)), error.status)
        if isinstance(error, InvalidError):
            return _person(at, who, faults_of(error), error.status)
        fault = FieldFault("main", words.refusal(error.code))
        return _person(at, who, (fault,), error.status)


def _why(error: PetitionError) -> str:
    """On the list there is one field only: the reason of a refusal."""
    return "reason_missing" if isinstance(error, InvalidError) else error.code


@office.post("/people/propose")
@needs("manage_people", fresh=True)
def propose() -> Response:
    who, reason = request.form.get("who", ""), request.form.get("reason", "")
    change, role = _wanted(request.form.get("change", ""))

    def do(at: Desk) -> str:
        if change is None:
            raise InvalidError(fields={"change": ("required", {})})
        actor = at.acting(Permission.MANAGE_PEOPLE)
        staffing.propose(
            at.session, actor, who, change, role, reason,
            source=engine().roles_from, new_id=uuid4(), at=at.at,
        )  # fmt: skip
        return "proposed"

    return _act(do, who)


def _wanted(value: str) -> tuple[Change | None, Role | None]:
    """`give:clerk`, `disable:`; what is not offered counts as not chosen."""
    change, _colon, role = value.partition(":")
    with suppress(ValueError):
        if not role or role in set(map(str, STAFF_ROLES)):
            return Change(change), Role(role) if role else None
    return None, None


@office.post("/people/settle")
@needs("manage_people", fresh=True)
def settle() -> Response:
    """Confirm, or not: refused by another one, taken back by whoever proposed it."""
    wanted, confirmed = _id("proposal"), request.form.get("do") == "confirm"
    reason = request.form.get("reason", "")

    def do(at: Desk) -> str:
        actor = at.acting(Permission.MANAGE_PEOPLE)
        if confirmed:
            staffing.confirm(at.session, actor, wanted, source=engine().roles_from, at=at.at)
            return "confirmed"
        return str(staffing.refuse(at.session, actor, wanted, reason, at=at.at))

    return _act(do)


@office.post("/people/disable")
@needs("manage_people", fresh=True)
def disable_now() -> Response:
    who, reason = request.form.get("who", ""), request.form.get("urgent", "")

    def do(at: Desk) -> str:
        actor = at.acting(Permission.MANAGE_PEOPLE)
        try:
            staffing.disable_now(at.session, actor, who, reason, new_id=uuid4, at=at.at)
        except InvalidError as error:  # the page has two reasons: this is the second one
            raise InvalidError(fields={"urgent": error.fields["reason"]}) from None
        return "disabled"

    return _act(do, who)


@office.post("/people/sessions")
@needs("manage_people")
def end_session_of() -> Response:
    """It takes nothing but an open door away, so it asks for no new login."""
    who, name = request.form.get("who", ""), request.form.get("session", "")

    def do(at: Desk) -> str:
        row = find_session(at, who, name)
        if row is None:
            raise ConflictError("not_found")
        actor = at.acting(Permission.MANAGE_PEOPLE)
        staffing.end_session(at.session, actor, who, row.token_hash, at=at.at)
        return "ended"

    return _act(do, who)


@office.post("/people/seen")
@needs("manage_people")
def notice_seen() -> Response:
    wanted = _id("notice")

    def do(at: Desk) -> str:
        staffing.seen(at.session, at.acting(Permission.MANAGE_PEOPLE), wanted)
        return "seen"

    return _act(do)


def _id(field: str) -> UUID:
    try:
        return UUID(request.form.get(field, ""))
    except ValueError:
        raise NotFoundError(field) from None


@office.get("/sessions")
@needs("read_office")
def own_sessions() -> Response:
    with desk() as at:
        return page(
            at, "office/sessions.html", section="sessions", message=_message(),
            sessions=sessions_of(at, at.staff.actor),
        )  # fmt: skip


@office.post("/sessions/end")
@needs("read_office")
def end_own_session() -> Response:
    """Of the reader's own: one that the page named, or all but this one."""
    name = request.form.get("session", "")
    with desk(write=True) as at:
        actor = at.acting(Permission.READ_OFFICE)
        for row in sessions_of(at, at.staff.actor):
            found = find_session(at, at.staff.actor, row.name)
            if found is not None and not row.this_one and name in {row.name, "others"}:
                staffing.end_session(at.session, actor, at.staff.actor, found.token_hash, at=at.at)
    return sent_on("/office/sessions?done=ended")
