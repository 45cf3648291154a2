"""Steps of the institution on the public timeline: announced, held, cancelled, mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.rulebook_files import Library
from petitions.domain.steps import ChangeKind, StepStatus
from petitions.platform.i18n import _, current_locale
from petitions.services.steps import Recorded, steps_of
from petitions.storage.tables import StepChange
from petitions.web import rule_words
from petitions.web.document_links import document_link
from petitions.web.pages import Link, TimelineChange, TimelineEntry

if TYPE_CHECKING:
    from petitions.web.petition_file import File


def entries(
    session: Session, library: Library, file: File
) -> tuple[list[TimelineEntry], list[TimelineEntry]]:
    """(planned, the next one first; held or cancelled)."""
    if file.petition.published_at is None:
        return [], []
    planned: list[TimelineEntry] = []
    told: list[TimelineEntry] = []
    for recorded in steps_of(session, file.petition.id):
        entry = step_entry(library, file, recorded)
        (planned if recorded.now.status is StepStatus.PLANNED else told).append(entry)
    planned.sort(key=lambda entry: entry.due or file.today)
    return planned, told


def step_entry(library: Library, file: File, recorded: Recorded) -> TimelineEntry:
    step, now = recorded.step, recorded.now
    title = rule_words.words_for(library, "steps", step.kind, file.book.id).title
    is_planned = now.status is StepStatus.PLANNED
    on = now.day
    if now.status is StepStatus.CANCELLED:
        title = _("Cancelled: %(step)s", step=title)
        on = local_day(recorded.changes[-1].recorded_at, file.zone)
    return TimelineEntry(
        title=title,
        on=None if is_planned else on,
        due=now.day if is_planned else None,
        planned=is_planned,
        text=file.told(step.texts),
        body=rule_words.body_words(library, file.petition.assembly, step.body),
        links=links_of(step.links),
        at_time=now.at_time,
        place=now.place,
        changes=tuple(_change(file, change) for change in recorded.changes),
    )


def _change(file: File, change: StepChange) -> TimelineChange:
    day = current_locale().date(change.on_day) if change.on_day else ""
    titles = {
        ChangeKind.ERRATUM: _("Erratum"),
        ChangeKind.RESCHEDULED: _("New date: %(day)s", day=day),
        ChangeKind.CANCELLED: _("Cancelled"),
        ChangeKind.HELD: _("It took place"),
    }
    return TimelineChange(
        title=titles[ChangeKind(change.kind)],
        on=local_day(change.recorded_at, file.zone),
        text=file.told(change.texts),
        links=links_of(change.links),
    )


def links_of(links: list[list[str]]) -> tuple[Link, ...]:
    return tuple(document_link(str(href), str(name)) for href, name in links)
