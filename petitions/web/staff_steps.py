"""The steps of a file: record, plan, move, cancel, correct by an erratum. With a preview before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.errors import NotFoundError
from petitions.domain.lifecycle import State
from petitions.domain.permissions import Permission
from petitions.domain.steps import ChangeKind, StepStatus
from petitions.platform.i18n import N_, _
from petitions.services import steps
from petitions.services.decisions import required_languages
from petitions.services.examination import open_tracks
from petitions.services.steps import NewChange, NewStep, Recorded
from petitions.storage.tables import Petition
from petitions.web import rule_words, step_timeline, timeline
from petitions.web.access import needs
from petitions.web.edge import engine
from petitions.web.pages import TimelineEntry
from petitions.web.petition_file import File, open_file
from petitions.web.staff_acting import acted, links_of, texts_in
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_files_page import body_words, duty_title, examining_body
from petitions.web.staff_forms import day
from petitions.web.staff_pages import Faults, Message

DONE = {
    "recorded": N_("The step was recorded; the public page shows it."),
    "planned": N_("The step is announced on the public page."),
    "changed": N_("The change was recorded beside the step; what was said before stays readable."),
}
CHANGES = {
    ChangeKind.ERRATUM: N_("Correct it by an erratum"),
    ChangeKind.HELD: N_("It took place"),
    ChangeKind.RESCHEDULED: N_("Move it to another day"),
    ChangeKind.CANCELLED: N_("Cancel it"),
}


@dataclass(frozen=True, slots=True)
class StepTyped:
    """The form as it was sent: nothing typed is lost."""

    kind: str = ""
    when: str = "done"
    day: str = ""
    at_time: str = ""
    place: str = ""
    body: str = ""
    track: str = ""
    settles: bool = False
    early_reason: str = ""
    links: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    """Of the step that a change was written for."""
    change: str = ""
    quiet: bool = False
    """Followers get no mail of it."""


@dataclass(frozen=True, slots=True)
class StepRow:
    number: int
    entry: TimelineEntry
    planned: bool
    day: date
    at_time: str
    offers: tuple[tuple[str, str], ...]
    """(value, label) of the changes that can still be made."""


@dataclass(frozen=True, slots=True)
class StepsPage:
    ref: str
    title: str
    language: str
    version: int
    today: date
    may_record: bool
    rows: tuple[StepRow, ...]
    kinds: tuple[tuple[str, str], ...]
    bodies: tuple[tuple[str, str], ...]
    tracks: tuple[tuple[str, str, date | None], ...]
    """(code, title, first day on which it may be settled without a reason)."""
    languages: tuple[str, ...]


@office.get("/files/<ref>/steps")
@needs("read_office")
def show_steps(ref: str) -> Response:
    with desk() as at:
        petition = by_reference(at.session, ref)
        kind = at.house.kind(at.session, petition)
        typed = StepTyped(day=at.today.isoformat(), body=examining_body(kind))
        return _show(at, petition, typed)


@office.post("/files/<ref>/steps")
@needs("record_steps")
def record_step(ref: str) -> Response:
    typed = _typed(_languages(ref))
    do = request.form.get("do", "")

    def record(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.RECORD_STEPS)
        steps.record_step(at.session, at.house, petition, _new(typed), actor, at=at.at)
        if do == "preview":
            raise _LookedAt(_preview(at, petition, typed))
        return "planned" if typed.when == "planned" else "recorded"

    if do == "edit":
        with desk() as at:
            return _show(at, by_reference(at.session, ref), typed)
    return _acted(ref, record, typed)


@office.post("/files/<ref>/steps/<int:number>")
@needs("record_steps")
def change_step(ref: str, number: int) -> Response:
    languages = _languages(ref)
    form = request.form
    typed = StepTyped(
        number=number, change=form.get("change", ""), day=form.get("day", ""),
        at_time=form.get("at_time", ""), place=form.get("place", ""), links=form.get("links", ""),
        texts=texts_in(languages), quiet=bool(form.get("quiet")),
    )  # fmt: skip
    kind = None
    with suppress(ValueError):
        kind = ChangeKind(typed.change)
    if kind is None:
        raise NotFoundError("change")
    wanted = NewChange(
        kind=kind, texts=typed.texts, day=day(typed.day), at_time=typed.at_time.strip(),
        place=typed.place, links=links_of(typed.links), tell=not typed.quiet,
    )  # fmt: skip

    def change(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.RECORD_STEPS)
        steps.change_step(at.session, at.house, petition, number, wanted, actor, at=at.at)
        return "changed"

    return _acted(ref, change, typed, prefix=f"c{number}-{kind}-")


class _LookedAt(Exception):  # noqa: N818 - not an error: it takes the rehearsal back
    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def _acted(
    ref: str, do: Callable[[Desk, Petition], str], typed: StepTyped, prefix: str = ""
) -> Response:
    def show(at: Desk, faults: Faults, status: int) -> Response:
        return _show(at, by_reference(at.session, ref), typed, faults, status)

    def named(name: str) -> str:
        return prefix + name.replace("text_", "text-", 1).replace("reason", "early_reason", 1)

    back = f"/office/files/{ref}/steps"
    try:
        return acted(ref, do, show, back=back, written=typed.texts, field=named)
    except _LookedAt as seen:
        return seen.answer


def _languages(ref: str) -> tuple[str, ...]:
    with desk() as at:
        return required_languages(at.house, at.session, by_reference(at.session, ref))


def _typed(languages: tuple[str, ...]) -> StepTyped:
    form = request.form
    return StepTyped(
        kind=form.get("kind", ""), when=form.get("when", "done"), day=form.get("day", ""),
        at_time=form.get("at_time", "").strip(), place=form.get("place", ""),
        body=form.get("body", ""), track=form.get("track", ""), settles=bool(form.get("settles")),
        early_reason=form.get("early_reason", ""), links=form.get("links", ""),
        texts=texts_in(languages), quiet=bool(form.get("quiet")),
    )  # fmt: skip


def _new(typed: StepTyped) -> NewStep:
    return NewStep(
        kind=typed.kind, planned=typed.when == "planned", day=day(typed.day), texts=typed.texts,
        body=typed.body, at_time=typed.at_time, place=typed.place, links=links_of(typed.links),
        track=typed.track, settles=typed.settles, early_reason=typed.early_reason,
        tell=not typed.quiet,
    )  # fmt: skip


def _show(
    at: Desk, petition: Petition, typed: StepTyped, faults: Faults = (), status: int = 200
) -> Response:
    done = request.args.get("done", "")
    return page(
        at, "office/steps.html", status, section="duties", shown=_shown(at, petition), typed=typed,
        faults=faults, message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip


def _preview(at: Desk, petition: Petition, typed: StepTyped) -> Response:
    file = open_file(at.session, engine(), petition)
    kept = [
        (name, value) for name, value in request.form.items() if name not in {"do", "csrf_token"}
    ]
    return page(
        at, "office/steps_preview.html", section="duties", shown=_shown(at, petition), typed=typed,
        entries=timeline.timeline(at.session, file.library, file), kept=kept,
    )  # fmt: skip


def _shown(at: Desk, petition: Petition) -> StepsPage:
    file = open_file(at.session, engine(), petition)
    library = file.library
    assembly = library.assembly(petition.assembly)
    return StepsPage(
        ref=petition.reference or "",
        title=file.texts[petition.language].title,
        language=petition.language,
        version=petition.version,
        today=file.today,
        may_record=petition.published_at is not None
        and State(petition.state) not in steps.CLOSED_TO_STEPS,
        rows=tuple(_row(file, each) for each in reversed(steps.steps_of(at.session, petition.id))),
        kinds=tuple(
            (code, rule_words.words_for(library, "steps", code, file.book.id).title)
            for code in steps.step_kinds(at.session, at.house, petition)
        ),
        bodies=tuple((body, body_words(at, petition, body)) for body in assembly.bodies),
        tracks=tuple(
            (track.code, duty_title(at, petition, track), track.not_before)
            for track in open_tracks(at.session, petition)
        ),
        languages=required_languages(at.house, at.session, petition),
    )


def _row(file: File, recorded: Recorded) -> StepRow:
    planned = recorded.now.status is StepStatus.PLANNED
    offered = tuple(CHANGES) if planned else (ChangeKind.ERRATUM,)
    return StepRow(
        number=recorded.step.number,
        entry=step_timeline.step_entry(file.library, file, recorded),
        planned=planned,
        day=recorded.now.day,
        at_time=recorded.now.at_time,
        offers=tuple((str(kind), _(CHANGES[kind])) for kind in offered),
    )
