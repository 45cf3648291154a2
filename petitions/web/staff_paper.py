"""Paper and certificates at the desk: sheets, what authorities certify, the end of verification."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.counting import Paper
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.domain.removals import parse_leaves
from petitions.platform.i18n import _
from petitions.services import certificates, corrections, moves, sheets, verification
from petitions.services.certificate_rules import Numbers, Wanted
from petitions.services.decisions import required_languages
from petitions.services.ports import Actor
from petitions.services.sheets import Lines
from petitions.storage.tables import Certificate, CountCorrection, Petition
from petitions.web.access import needs
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Message
from petitions.web.staff_paper_page import paper_page
from petitions.web.staff_paper_words import DONE, conflict, fault

_NUMBERS = ("raw", "examined", "valid", "invalid", "duplicate")
_MOST_DIGITS = 9
Do = Callable[[Desk, Petition, Actor], str]


@office.get("/files/<ref>/paper")
@needs("read_office")
def show_paper(ref: str) -> Response:
    with desk() as at:
        return _page(at, ref)


@office.post("/files/<ref>/paper/sheets")
@needs("count_paper")
def record_sheets(ref: str) -> Response:
    """Number new sheets, or say what happened to those that are named."""

    def do(at: Desk, petition: Petition, actor: Actor) -> str:
        step = request.form.get("step", "")
        if step == "create":
            area = request.form.get("area", "")[:40]
            sheets.create(at.session, at.house, petition, _number("number"), area, actor, at.at)
            return "sheets"
        numbers = _sheet_numbers()
        if step == "issue":
            sheets.issue(at.session, petition, numbers, actor, at.at)
        elif step == "return":
            lines = _number("lines")
            sheets.take_back(at.session, at.house, petition, numbers, lines, actor, at.at)
        elif step == "check":
            found = Lines(
                _number("lines"), _number("invalid", 0), _number("duplicate", 0),
                _number("elsewhere", 0),
            )  # fmt: skip
            sheets.check(at.session, at.house, petition, numbers, found, actor, at.at)
        else:
            raise InvalidError(fields={"step": ("required", {})})
        return "sheets"

    return _act(ref, do)


@office.post("/files/<ref>/paper/certificates")
@needs("count_paper")
def enter_certificate(ref: str) -> Response:
    def do(at: Desk, petition: Petition, actor: Actor) -> str:
        certificates.propose(at.session, at.house, petition, _wanted(), actor, at.at)
        return "proposed"

    return _act(ref, do)


def _wanted() -> Wanted:
    try:
        about = Paper(request.form.get("about", ""))
    except ValueError:
        raise InvalidError(fields={"about": ("required", {})}) from None
    try:
        issued = date.fromisoformat(request.form.get("issued_on", ""))
    except ValueError:
        raise InvalidError(fields={"issued_on": ("required", {})}) from None
    named = _sheet_numbers() if request.form.get("sheets", "").strip() else ()
    given = {name: _number(name, 0) for name in _NUMBERS}
    sampled = request.form.get("sampled") == "y"
    if not sampled:
        given["raw"] = given["examined"]
    counts = about is not Paper.DECLARATION and not named
    return Wanted(
        about=about,
        authority=request.form.get("authority", ""),
        document=request.form.get("document", ""),
        issued_on=issued,
        area=request.form.get("area", "")[:40],
        numbers=Numbers(**given) if counts else Numbers(),
        sampled=sampled and counts,
        sheets=named,
    )


@office.post("/certificates/<certificate_id>/confirm")
@needs("count_paper", fresh=True)
def confirm_certificate(certificate_id: str) -> Response:
    def do(at: Desk, _petition: Petition, actor: Actor) -> str:
        certificates.confirm(at.session, at.house, UUID(certificate_id), actor, at.at)
        return "confirmed"

    return _act(_ref_of(Certificate, certificate_id), do)


@office.post("/certificates/<certificate_id>/call-off")
@needs("count_paper")
def call_off_certificate(certificate_id: str) -> Response:
    def do(at: Desk, _petition: Petition, actor: Actor) -> str:
        certificates.call_off(at.session, UUID(certificate_id), actor, at.at)
        return "called_off"

    return _act(_ref_of(Certificate, certificate_id), do)


@office.post("/files/<ref>/paper/verification")
@needs("count_paper")
def record_verification(ref: str) -> Response:
    """The organisers' own number; the samples concluded; nothing left to verify."""

    def do(at: Desk, petition: Petition, actor: Actor) -> str:
        step = request.form.get("step", "")
        if step == "declare":
            lines = _number("declared")
            verification.declare_lines(at.session, at.house, petition, lines, actor, at.at)
            return "declared"
        if step == "samples":
            told = certificates.conclude_samples(at.session, at.house, petition, actor, at.at)
            return f"samples_{told}"
        if step == "close":
            verification.close(at.session, at.house, petition, actor, at.at)
            return "closed"
        raise InvalidError(fields={"step": ("required", {})})

    return _act(ref, do)


@office.post("/files/<ref>/paper/correction")
@needs("decide_admissibility")
def propose_correction(ref: str) -> Response:
    def do(at: Desk, petition: Petition, actor: Actor) -> str:
        languages = required_languages(at.house, at.session, petition)
        texts = {each: request.form.get(f"text-{each}", "").strip() for each in languages}
        corrections.propose(at.session, at.house, petition, texts, actor, at.at)
        return "proposed"

    return _act(ref, do, Permission.DECIDE_ADMISSIBILITY)


@office.post("/corrections/<correction_id>/confirm")
@needs("decide_admissibility", fresh=True)
def confirm_correction(correction_id: str) -> Response:
    def do(at: Desk, _petition: Petition, actor: Actor) -> str:
        corrections.confirm(at.session, at.house, UUID(correction_id), actor, at.at)
        return "corrected"

    ref = _ref_of(CountCorrection, correction_id)
    return _act(ref, do, Permission.DECIDE_ADMISSIBILITY)


@office.post("/corrections/<correction_id>/call-off")
@needs("decide_admissibility")
def call_off_correction(correction_id: str) -> Response:
    def do(at: Desk, _petition: Petition, actor: Actor) -> str:
        corrections.call_off(at.session, UUID(correction_id), actor, at.at)
        return "called_off"

    ref = _ref_of(CountCorrection, correction_id)
    return _act(ref, do, Permission.DECIDE_ADMISSIBILITY)


def _ref_of(table: type[Certificate | CountCorrection], wanted: str) -> str:
    with desk() as at:
        try:
            found: Any = at.session.get(table, UUID(wanted))
            row: Certificate | CountCorrection | None = found
        except ValueError:
            row = None
        if row is None:
            raise NotFoundError("certificate")
        return at.session.get_one(Petition, row.petition_id).reference or ""


def _number(name: str, otherwise: int | None = None) -> int:
    text = request.form.get(name, "").strip()
    if not text and otherwise is not None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise InvalidError(fields={name: ("out_of_range", {})})
    return int(text)


def _sheet_numbers() -> tuple[int, ...]:
    """Such as 1-20, 24: written as entries of the log are."""
    try:
        return parse_leaves(request.form.get("sheets", "")[:2_000])
    except ValueError:
        raise InvalidError(fields={"sheets": ("sheet_not_ready", {})}) from None


def _act(ref: str, do: Do, permission: Permission = Permission.COUNT_PAPER) -> Response:
    """Do it and go on; or say why not on the page, with what was typed."""
    try:
        with desk(write=True) as at:
            petition = moves.lock(at.session, by_reference(at.session, ref).id)
            done = do(at, petition, at.acting(permission))
    except InvalidError as error:
        found = tuple(
            FieldFault(name.replace("text_", "text-"), fault(code))
            for name, (code, _facts) in error.fields.items()
        )
        with desk() as at:
            return _page(at, ref, found, 422)
    except (ConflictError, ForbiddenError) as error:
        with desk() as at:
            return _page(at, ref, (FieldFault("main", conflict(error.code)),), error.status)
    return sent_on(f"/office/files/{ref}/paper?done={done}")


def _page(at: Desk, ref: str, faults: tuple[FieldFault, ...] = (), status: int = 200) -> Response:
    petition = by_reference(at.session, ref)
    done = request.args.get("done", "")
    return page(
        at, "office/paper.html", status, section="duties", shown=paper_page(at, petition),
        typed=request.form, faults=faults,
        message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip
