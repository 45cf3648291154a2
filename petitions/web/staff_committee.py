"""A body's own files by the next due date, and the fact sheet of one file, to read or to print."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request

from admissibility.cases import by_reference
from admissibility.files import files
from admissibility.storage import days_to
from petitions.domain.errors import NotFoundError
from petitions.services import suspended_times
from petitions.web import staff_assemblies, staff_duty_filters
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.petition_view import petition_page
from petitions.web.staff_case_page import public_author
from petitions.web.staff_desk import desk, office, page


@office.get("/committee")
@needs("read_office")
def my_committee() -> Response:
    with desk() as at:
        try:
            narrowed = staff_duty_filters.filters(at)
            found = files(at.session, narrowed.chosen, request.args.get("after", "")[:60])
        except ValueError:
            raise NotFoundError("page") from None
        query = dict(narrowed.query)
        after = {**query, "after": found.after} if found.after else {}
        return page(
            at, "office/committee.html", section="committee", narrowed=narrowed,
            rows=[(row, days_to(row.due_on, at.today) if row.due_on else None) for row in found.rows],
            next_href=f"/office/committee?{urlencode(after)}" if after else "",
            several=bool(staff_assemblies.offered(at)),
            name_of=lambda assembly: staff_assemblies.name_of(at, assembly),
        )  # fmt: skip


@office.get("/files/<ref>/sheet")
@needs("read_office")
def fact_sheet(ref: str) -> Response:
    """Text, counts, curve, places, events and links on one page without controls."""
    with desk() as at:
        petition = by_reference(at.session, ref)
        kind = at.house.kind(at.session, petition)
        rulebook = at.house.rulebook(at.session, petition)
        return page(
            at, "office/sheet.html", section="duties",
            file=petition_page(at.session, engine(), petition),
            author=public_author(kind, petition), rules=f"{rulebook.id} {rulebook.version}",
            suspended=suspended_times.standing(at.session, petition.id, at.at),
            address=engine().settings.site.base_url, printed=at.at,
        )  # fmt: skip
