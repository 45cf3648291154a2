"""The times of one petition at the desk: its window, what comes by itself, the hand-over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.errors import InvalidError, PetitionError
from petitions.domain.permissions import Permission
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import clocks, handover, starting, windows
from petitions.services.decisions import required_languages
from petitions.services.handover import Standing
from petitions.storage import reading, time_rows
from petitions.storage.tables import Petition, PetitionSigning
from petitions.web import staff_words as words
from petitions.web import time_words
from petitions.web.access import needs
from petitions.web.staff_acting import acted, texts_in
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_pages import Faults, Message

DONE = {
    "started": N_("Recorded. The window is laid out from that day."),
    "acknowledged": N_("Recorded. The clocks that start with it have started."),
    "given_in": N_("Recorded."),
    "extended": N_("Extended. The notice is public."),
}
_Do = Callable[[Desk, Petition], str]


@dataclass(frozen=True, slots=True)
class TimePage:
    ref: str
    title: str
    language: str
    version: int
    state_word: str
    state_tone: str
    opens: str
    last_day: date | None
    paused: bool
    awaits: str
    last_start: date | None
    coming: tuple[tuple[str, str], ...]
    """(instant, what happens) of what the calendar does by itself, the next one first."""
    extensions: tuple[tuple[int, str, date], ...]
    extensions_left: int
    length: str
    given_in_due: date | None
    handover: Standing | None
    acks: tuple[tuple[str, date], ...]
    following: str
    following_name: str
    may_acknowledge: bool
    certificate: str
    languages: tuple[str, ...]
    today: date


@office.get("/files/<ref>/time")
@needs("read_office")
def show_time(ref: str) -> Response:
    with desk() as at:
        return _show(at, ref)


@office.post("/files/<ref>/first-day")
@needs("keep_times")
def record_first_day(ref: str) -> Response:
    def do(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.KEEP_TIMES)
        starting.name_first_day(at.session, at.house, petition, _day("day"), actor, at=at.at)
        return "started"

    return _acted(ref, do, "first")


@office.post("/files/<ref>/handover")
@needs("keep_times")
def record_acknowledgement(ref: str) -> Response:
    def do(at: Desk, petition: Petition) -> str:
        ack, actor = request.form.get("ack", ""), at.acting(Permission.KEEP_TIMES)
        handover.acknowledge(at.session, at.house, petition, ack, _day("day"), actor, at=at.at)
        return "acknowledged"

    return _acted(ref, do, "ack")


@office.post("/files/<ref>/given-in")
@needs("keep_times")
def record_given_in(ref: str) -> Response:
    def do(at: Desk, petition: Petition) -> str:
        actor = at.acting(Permission.KEEP_TIMES)
        handover.give_in(at.session, at.house, petition, _day("day"), actor, at=at.at)
        return "given_in"

    return _acted(ref, do, "given")


@office.post("/files/<ref>/window-extension")
@needs("keep_times")
def record_extension(ref: str) -> Response:
    def do(at: Desk, petition: Petition) -> str:
        languages = required_languages(at.house, at.session, petition)
        starting.extend_window(
            at.session, at.house, petition, texts_in(languages), _day("decided_on"),
            at.acting(Permission.KEEP_TIMES), at=at.at,
        )  # fmt: skip
        return "extended"

    return _acted(ref, do, "longer")


def _day(name: str) -> date:
    with suppress(ValueError):
        return date.fromisoformat(request.form.get(name, ""))
    raise InvalidError(fields={name: ("required", {})})


def _acted(ref: str, do: _Do, prefix: str) -> Response:
    """`prefix` tells the forms of the page apart: two of them ask for a day."""

    def told(at: Desk, petition: Petition) -> str:
        try:
            return do(at, petition)
        except InvalidError as error:
            raise _ToldError(time_words.faults(error, f"{prefix}-")) from None

    try:
        return acted(
            ref, told, lambda at, faults, status: _show(at, ref, faults, status, prefix),
            back=f"/office/files/{ref}/time",
        )  # fmt: skip
    except _ToldError as refused:
        with desk() as at:
            return _show(at, ref, refused.faults, 422, prefix)


class _ToldError(PetitionError):
    """The service's refusal, already in the words of time."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("invalid")
        self.faults = faults


def _show(at: Desk, ref: str, faults: Faults = (), status: int = 200, form: str = "") -> Response:
    petition, done = by_reference(at.session, ref), request.args.get("done", "")
    typed: Mapping[str, str] = request.form if form else {}
    return page(
        at, "office/time.html", status, section="duties", shown=_shown(at, petition), typed=typed,
        form=form, faults=faults, message=Message(_(DONE[done])) if done in DONE else None,
    )  # fmt: skip


def _shown(at: Desk, petition: Petition) -> TimePage:
    session, house = at.session, at.house
    zone = house.rulebook(session, petition).zone
    found = handover.standing(session, house, petition)
    extension = house.kind(session, petition).signing.window.extension
    signing = session.get(PetitionSigning, petition.id)
    actor = at.acting(Permission.READ_OFFICE)
    opened = windows.opened(petition)
    return TimePage(
        ref=petition.reference or "",
        title=reading.texts_of(session, petition.id)[petition.language].title,
        language=petition.language,
        version=petition.version,
        state_word=words.state(petition.state),
        state_tone=words.state_tone(petition.state),
        opens=_local(petition.opens_at, zone) if opened and petition.opens_at else "",
        last_day=petition.last_day,
        paused=windows.paused_now(petition, signing, at.at),
        awaits=starting.awaits_start(session, house, petition),
        last_start=starting.last_start_day(session, house, petition),
        coming=tuple(
            (_local(timer.due_at, zone), time_words.timer(timer.code))
            for timer in time_rows.timers_of(session, petition.id)
        ),
        extensions=tuple(
            (each.number, each.length, each.decided_on)
            for each in time_rows.extensions_of(session, petition.id)
        ),
        extensions_left=starting.extensions_left(session, house, petition, at.at),
        length=str(extension.length) if extension else "",
        given_in_due=clocks.submission_due(session, house, petition),
        handover=found,
        acks=tuple((time_words.ack(ack), day) for ack, day in found.given) if found else (),
        following=found.following if found else "",
        following_name=time_words.ack(found.following) if found and found.following else "",
        may_acknowledge=found is not None and handover.may_acknowledge(found, petition, actor.role),
        certificate=f"/petitions/{petition.reference}/closing.json",
        languages=required_languages(house, session, petition),
        today=at.at.astimezone(ZoneInfo(zone)).date(),
    )


def _local(instant: datetime, zone: str) -> str:
    moment = instant.astimezone(ZoneInfo(zone))
    return f"{current_locale().date(moment.date())}, {moment:%H:%M}"
