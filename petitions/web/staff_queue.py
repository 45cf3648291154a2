"""The queue: what waits for a decision, narrowed, taken, given away, downloaded; and one's own views."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from flask import Response, request

from admissibility import storage
from admissibility.services import batches, saved_views
from admissibility.services.batches import Handed
from admissibility.storage import QueueRow
from petitions.domain.errors import InvalidError, NotFoundError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import _, current_locale, ngettext
from petitions.web import staff_assemblies, staff_queue_page
from petitions.web import staff_words as words
from petitions.web.access import needs
from petitions.web.edge import private
from petitions.web.errors import faults_of
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_pages import Message
from petitions.web.staff_queue_page import Asked, asked_here, colleagues

HANDED = ("done", "others", "ended")


@office.get("/queue")
@needs("read_office")
def queue() -> Response:
    asked = asked_here(request.args)
    with desk() as at:
        return _page(at, asked, message=_queue_message())


def _page(
    at: Desk,
    asked: Asked,
    *,
    message: Message | None = None,
    faults: tuple[FieldFault, ...] = (),
    name: str = "",
    status: int = 200,
) -> Response:
    try:
        shown = staff_queue_page.queue_page(at, asked)
    except ValueError:
        raise NotFoundError("page") from None
    return page(
        at, "office/queue.html", status, section="queue", shown=shown, asked=asked,
        message=message, faults=faults, name=name,
    )  # fmt: skip


def _queue_message() -> Message | None:
    """What the last POST did; only numbers travel in the address."""
    counts = [request.args.get(each, "0") for each in HANDED]
    if "done" not in request.args or not all(each.isdecimal() for each in counts):
        return None
    done, others, ended = (int(each[:6]) for each in counts)
    parts = [ngettext("%(num)s case assigned.", "%(num)s cases assigned.", done)]
    if others:
        parts.append(
            ngettext(
                "%(num)s case was left alone: a colleague has taken it meanwhile.",
                "%(num)s cases were left alone: colleagues have taken them meanwhile.",
                others,
            )
        )
    if ended:
        parts.append(
            ngettext(
                "%(num)s case was left alone: its check has ended.",
                "%(num)s cases were left alone: their checks have ended.",
                ended,
            )
        )
    return Message(" ".join(parts), "warn" if others or ended else "ok")


def _shown() -> dict[str, str]:
    """The selected cases, each with who had it when the page was read."""
    chosen = request.form.getlist("case")[: storage.PAGE]
    return {ref: request.form.get(f"had-{ref}", "")[:60] for ref in chosen}


def _after(handed: Handed) -> Response:
    counts = {name: str(getattr(handed, name)) for name in HANDED}
    return sent_on(asked_here(request.form).address("/office/queue", **counts))


@office.post("/queue/take")
@needs("take_cases")
def take_selected() -> Response:
    with desk(write=True) as at:
        actor = at.acting(Permission.TAKE_CASES)
        handed = batches.take(at.session, at.house, _shown(), actor, at.at)
    return _after(handed)


@office.post("/queue/assign")
@needs("assign_cases")
def assign_selected() -> Response:
    to = request.form.get("to", "")
    with desk(write=True) as at:
        if to not in {actor for actor, _name in colleagues(at)}:
            raise InvalidError("not_accepted")
        actor = at.acting(Permission.ASSIGN_CASES)
        handed = batches.assign(at.session, at.house, _shown(), to, actor, at.at)
    return _after(handed)


@office.post("/queue/views")
@needs("read_office")
def save_view() -> Response:
    """Keep what the list is narrowed to under a name of one's own."""
    name, asked = request.form.get("name", ""), asked_here(request.form)
    try:
        with desk(write=True) as at:
            saved_views.save(at.session, at.staff.actor, name, asked.kept(), at.today)
    except InvalidError as error:
        faults = tuple(
            FieldFault("view-name", each.sentence) if each.field == "name" else each
            for each in faults_of(error)
        )
        with desk() as at:
            return _page(at, asked, faults=faults, name=name, status=422)
    return sent_on(asked.address("/office/queue"))


@office.post("/queue/views/<uuid:view_id>/forget")
@needs("read_office")
def forget_view(view_id: UUID) -> Response:
    with desk(write=True) as at:
        saved_views.forget(at.session, at.staff.actor, view_id)
    return sent_on("/office/queue")


@office.get("/queue.csv")
@needs("read_office")
def queue_csv() -> Response:
    """What is shown, whole, as CSV (RFC 4180, UTF-8 with a mark for spreadsheets)."""
    asked = asked_here(request.args)
    with desk() as at:
        try:
            assembly = staff_assemblies.asked_for(at, asked.assembly)
        except ValueError:
            raise NotFoundError("page") from None
        rows = list(
            storage.everything(
                at.session, asked.view, at.staff.actor, at.today, text=asked.text,
                assembly=assembly,
                narrowed=asked.narrowing.conditions(at.today, current_locale().zone),
            )
        )  # fmt: skip
        addressed = staff_assemblies.addressed(at, [r.petition_id for r in rows])
        body = "".join(_csv(rows, addressed, staff_queue_page.topics_of(at, rows)))
        name = f"queue-{asked.view}-{at.today}.csv"
    return as_csv(body, name)


def as_csv(body: str, name: str) -> Response:
    answer = Response(body, content_type="text/csv; charset=utf-8; header=present")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return private(answer)


def _csv(
    rows: Iterable[QueueRow], addressed: Mapping[UUID, str], topics: Mapping[UUID, str]
) -> Iterator[str]:
    """By petition: its assemblies, where the site has several; its topic, where any has one."""
    yield "\ufeff"
    yield csv_line(
        [
            _("Number"),
            _("Petition"),
            _("Language"),
            _("State"),
            _("Decide by"),
            _("Days left"),
            _("Assigned to"),
            *([_("Assembly")] if addressed else []),
            *([_("Topic")] if topics else []),
        ]
    )
    for row in rows:
        yield csv_line(
            [
                row.ref,
                row.title,
                row.language,
                words.standing(row.standing),
                row.due_on.isoformat() if row.due_on else "",
                "" if row.days_left is None else str(row.days_left),
                row.assigned_name or "",
                *([addressed.get(row.petition_id, "")] if addressed else []),
                *([topics.get(row.petition_id, "")] if topics else []),
            ]
        )


def csv_line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_inert(cell) for cell in cells])
    return out.getvalue()


def _inert(cell: str) -> str:
    """A title such as =HYPERLINK(…) must not run in a clerk's spreadsheet; -3 days is a number."""
    harmless = (
        not cell or cell[0] not in "=+-@\t\r" or cell.lstrip("-").replace(".", "", 1).isdigit()
    )
    return cell if harmless else f"'{cell}"
