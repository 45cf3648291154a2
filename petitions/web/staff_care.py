"""Who looks after a file; more time for a duty; the addresses from which calendars read due dates."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from admissibility import duties
from admissibility.cases import by_reference
from petitions.domain.errors import InvalidError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import current_locale
from petitions.services import care, extensions
from petitions.services.decisions import required_languages
from petitions.storage.tables import Petition
from petitions.web import staff_files
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.staff_acting import acted, texts_in
from petitions.web.staff_assemblies import offered
from petitions.web.staff_desk import Desk, desk, office, page, sent_on
from petitions.web.staff_duty_filters import feed_rows
from petitions.web.staff_pages import Faults, FileEntry


@office.post("/files/<ref>/care")
@needs("keep_files")
def take_file(ref: str) -> Response:
    def take(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.KEEP_FILES)
        if request.form.get("do") == "leave":
            care.leave(at.session, petition, actor, at.at)
            return "left"
        care.take(at.session, petition, actor, at.at)
        return "taken"

    return _on_file(ref, take)


@office.post("/files/<ref>/tracks/<code>/extension")
@needs("record_steps")
def extend_duty(ref: str, code: str) -> Response:
    with desk() as at:
        languages = required_languages(at.house, at.session, by_reference(at.session, ref))
    texts = texts_in(languages)

    def extend(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.RECORD_STEPS)
        extensions.extend_duty(at.session, at.house, petition, code, texts, actor, at=at.at)
        return "extended"

    entry = FileEntry(extended=code, track_texts=texts)
    return _on_file(ref, extend, entry, lambda name: name.replace("text_", f"extend-{code}-", 1))


def _on_file(
    ref: str,
    do: Callable[[Desk, Petition], str],
    entry: FileEntry | None = None,
    field: Callable[[str], str] = str,
) -> Response:
    kept = entry or FileEntry()

    def show(at: Desk, faults: Faults, status: int) -> Response:
        return staff_files.show_entry(at, by_reference(at.session, ref), kept, faults, status)

    back = f"/office/files/{ref}"
    return acted(ref, do, show, back=back, written=kept.track_texts, field=field)


@office.post("/calendar")
@needs("read_office")
def make_calendar() -> Response:
    """A new secret address, shown once on this answer."""
    form = request.form
    with desk(write=True) as at:
        body, assembly = form.get("body", ""), form.get("assembly", "")
        known = (*duties.bodies(at.session), "")
        if body not in known or (assembly and assembly not in dict(offered(at))):
            raise InvalidError("not_accepted")
        actor = at.acting(Permission.READ_OFFICE)
        try:
            token = care.make_feed(
                at.session, actor, current_locale().lang, day=at.today, body=body,
                assembly=assembly, mine=form.get("mine") == "1",
            )  # fmt: skip
        except InvalidError:
            return sent_on("/office/duties?done=too_many_feeds")
        at.session.flush()
        base = engine().settings.site.base_url
        return page(
            at, "office/calendar.html", section="duties",
            address=f"{base}/calendar/{token}.ics", feeds=feed_rows(at),
        )  # fmt: skip


@office.post("/calendar/<code>/revoke")
@needs("read_office")
def revoke_calendar(code: str) -> Response:
    with desk(write=True) as at:
        care.revoke_feed(at.session, at.staff.actor, code)
    return sent_on("/office/duties?done=revoked")
