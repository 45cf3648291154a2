"""The office: queue, cases, duties, files, audit trail. Every route declares what it needs.

A view parses, loads, authorises, calls one service, commits and answers. After a POST that
succeeded the browser is sent on, so that reloading repeats nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request
from sqlalchemy import select

from admissibility import checks, storage
from admissibility.checks.signal import PetitionText, Signal
from admissibility.services import holding
from admissibility.storage import QueueRow, View
from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission, may
from petitions.platform.i18n import _, ngettext
from petitions.storage.tables import Petition, Staff
from petitions.web import (
    staff_assemblies,
    staff_audit,
    staff_care,
    staff_case,
    staff_days,
    staff_desks,
    staff_entering,
    staff_filed,
    staff_files,
    staff_kept,
    staff_languages,
    staff_merging,
    staff_motions,
    staff_paper,
    staff_people,
    staff_removals,
    staff_rulebooks,
    staff_sponsors,
    staff_steps,
    staff_term_end,
    staff_time,
)
from petitions.web import staff_words as words
from petitions.web.access import needs
from petitions.web.edge import private
from petitions.web.staff_case_page import form_rules
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_forms import QueueQuery
from petitions.web.staff_pages import Message

SHOWN_SIGNALS = 3
__all__ = [
    "office",
    "staff_audit",
    "staff_care",
    "staff_case",
    "staff_days",
    "staff_desks",
    "staff_entering",
    "staff_filed",
    "staff_files",
    "staff_kept",
    "staff_languages",
    "staff_merging",
    "staff_motions",
    "staff_paper",
    "staff_people",
    "staff_removals",
    "staff_rulebooks",
    "staff_sponsors",
    "staff_steps",
    "staff_term_end",
    "staff_time",
]


def _view(name: str) -> View:
    with suppress(ValueError):
        return View(name)
    raise NotFoundError("view")


def _address(path: str, **args: str) -> str:
    return f"{path}?{urlencode({key: value for key, value in args.items() if value})}"


@office.get("/")
@needs("read_office")
def front() -> Response:
    return sent_on("/office/queue")


@office.get("/queue")
@needs("read_office")
def queue() -> Response:
    asked = QueueQuery.of(request.args)
    view = _view(asked.view)
    with desk() as at:
        try:
            assembly = staff_assemblies.asked_for(at, asked.assembly)
            found = storage.queue(
                at.session, view, at.staff.actor, at.today, text=asked.text, after=asked.after,
                assembly=assembly,
            )  # fmt: skip
        except ValueError:
            raise NotFoundError("page") from None
        return page(
            at,
            "office/queue.html",
            section="queue",
            page=found,
            figures=storage.figures(at.session, at.staff.actor, at.today, assembly),
            assemblies=staff_assemblies.offered(at),
            assembly=assembly,
            addressed=staff_assemblies.addressed(at, [row.petition_id for row in found.rows]),
            view=view,
            text=asked.text,
            signals=_signals(at, found.rows),
            colleagues=_colleagues(at),
            message=_queue_message(),
            first_href=_address("/office/queue", v=view, q=asked.text, assembly=assembly)
            if asked.after
            else "",
            next_href=_address(
                "/office/queue", v=view, q=asked.text, assembly=assembly, after=found.after
            )
            if found.after
            else "",
        )


def _signals(at: Desk, rows: tuple[QueueRow, ...]) -> dict[object, tuple[Signal, ...]]:
    """The loudest signals of each row of the page; likeness is looked up on the case itself."""
    found: dict[object, tuple[Signal, ...]] = {}
    for row in rows:
        kind = at.house.kind(at.session, at.session.get_one(Petition, row.petition_id))
        text = PetitionText(row.title, row.request, row.reasons, row.language)
        found[row.review_id] = checks.examine(text, form_rules(kind))[:SHOWN_SIGNALS]
    return found


def _colleagues(at: Desk) -> list[tuple[str, str]]:
    """Those a case may be given to, by name."""
    listed = at.session.scalars(
        select(Staff).where(Staff.disabled.is_(False)).order_by(Staff.name, Staff.actor)
    )
    return [
        (each.actor, each.name)
        for each in listed
        if may([Role(role) for role in each.roles], Permission.TAKE_CASES)
    ]


def _queue_message() -> Message | None:
    """What the last POST did; only numbers travel in the address."""
    done, left = request.args.get("done", ""), request.args.get("left", "0")
    if not (done.isdigit() and left.isdigit()):
        return None
    count, others = int(done[:6]), int(left[:6])
    text = ngettext("%(num)s case assigned.", "%(num)s cases assigned.", count)
    if others:
        text += " " + ngettext(
            "%(num)s case was left alone: a colleague holds it, or its check has ended.",
            "%(num)s cases were left alone: colleagues hold them, or their check has ended.",
            others,
        )
    return Message(text, "warn" if others else "ok")


def _after_assigning(done: int, left: int) -> Response:
    view = _view(request.form.get("v", "all"))
    assembly = request.form.get("assembly", "")[:60]
    return sent_on(
        _address("/office/queue", v=view, assembly=assembly, done=str(done), left=str(left))
    )


def _chosen() -> list[str]:
    return request.form.getlist("case")[: storage.PAGE]


@office.post("/queue/take")
@needs("take_cases")
def take_selected() -> Response:
    with desk(write=True) as at:
        actor = at.acting(Permission.TAKE_CASES)
        done, left = holding.take_many(at.session, at.house, _chosen(), actor, at.at)
    return _after_assigning(done, left)


@office.post("/queue/assign")
@needs("assign_cases")
def assign_selected() -> Response:
    to = request.form.get("to", "")
    with desk(write=True) as at:
        if to not in {actor for actor, _name in _colleagues(at)}:
            raise InvalidError("not_accepted")
        actor = at.acting(Permission.ASSIGN_CASES)
        done, left = holding.assign(at.session, at.house, _chosen(), to, actor, at.at)
    return _after_assigning(done, left)


@office.get("/queue.csv")
@needs("read_office")
def queue_csv() -> Response:
    """The whole view as CSV (RFC 4180, UTF-8 with a mark for spreadsheets)."""
    asked = QueueQuery.of(request.args)
    view = _view(asked.view)
    with desk() as at:
        try:
            assembly = staff_assemblies.asked_for(at, asked.assembly)
        except ValueError:
            raise NotFoundError("page") from None
        rows = list(
            storage.everything(
                at.session, view, at.staff.actor, at.today, text=asked.text, assembly=assembly
            )
        )
        body = "".join(_csv(rows, staff_assemblies.addressed(at, [r.petition_id for r in rows])))
        name = f"queue-{view}-{at.today}.csv"
    answer = Response(body, content_type="text/csv; charset=utf-8; header=present")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return private(answer)


def _csv(rows: Iterable[QueueRow], addressed: Mapping[UUID, str]) -> Iterator[str]:
    """`addressed`: the assemblies of each petition, where the site has several."""
    yield "\ufeff"
    yield _line(
        [
            _("Number"),
            _("Petition"),
            _("Language"),
            _("State"),
            _("Decide by"),
            _("Days left"),
            _("Assigned to"),
            *([_("Assembly")] if addressed else []),
        ]
    )
    for row in rows:
        yield _line(
            [
                row.ref,
                row.title,
                row.language,
                words.standing(row.standing),
                row.due_on.isoformat() if row.due_on else "",
                "" if row.days_left is None else str(row.days_left),
                row.assigned_name or "",
                *([addressed.get(row.petition_id, "")] if addressed else []),
            ]
        )


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_inert(cell) for cell in cells])
    return out.getvalue()


def _inert(cell: str) -> str:
    """A title such as =HYPERLINK(…) must not run in a clerk's spreadsheet; -3 days is a number."""
    harmless = cell[:1] not in "=+-@\t\r" or cell.lstrip("-").isdigit()
    return cell if harmless else f"'{cell}"
