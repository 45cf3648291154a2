"""Due dates for calendar programs (RFC 5545): public ones per petition, all of them by a secret address.

Rules of this module:
- the public calendar says what the page says: no internal duty, nothing of a petition out of sight;
- the secret address opens nothing else, is kept as a hash, and ends with its owner's access;
- a calendar program asks again and again: the answer has an ETag, and is private for the secret one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissibility import duties
from admissibility.duties import DutyFilter, DutyView
from petitions.domain.icalendar import Event, calendar_file
from petitions.domain.lifecycle import State
from petitions.domain.steps import StepStatus
from petitions.domain.vocabulary import Visibility
from petitions.platform.i18n import _, current_locale, speaking
from petitions.services import care, desks
from petitions.services.hiding import is_out_of_sight
from petitions.services.steps import Recorded, steps_of
from petitions.storage import reading as stored
from petitions.storage.tables import Petition, Track
from petitions.web import public_pages, rule_words
from petitions.web.access import everybody
from petitions.web.edge import engine, private, reading
from petitions.web.face import the_face
from petitions.web.petition_file import open_file

blueprint = Blueprint("due_dates", __name__)
PUBLIC = "public, max-age=3600"
FEED_MAX = 500
"""Duties in one calendar, the ones due first: more than a body can look at."""


@blueprint.get("/<lang>/petitions/<ref>/calendar.ics")
@everybody
def public_calendar(lang: str, ref: str) -> Response:
    face = the_face(current_app)
    if lang not in face.catalogues.locales:
        abort(404)
    with reading() as session, speaking(face.catalogues.locale(lang)):
        petition = stored.public_petition(session, public_pages.assemblies(engine()), ref)
        if petition is None:
            abort(404)
        if is_out_of_sight(petition):
            abort(410)
        if engine().house.kind(session, petition).visibility is Visibility.PRIVATE:
            abort(404)
        title = open_file(session, engine(), petition).text.title
        events = list(_of_petition(session, petition))
    return _answer(title, events, PUBLIC)


@blueprint.get("/calendar/<code>.ics")
@everybody
def staff_calendar(code: str) -> Response:
    """Everything owed, for whoever has the secret: internal duties too."""
    face = the_face(current_app)
    with reading() as session:
        feed = care.feed_of(session, code)
        if feed is None:
            abort(404)
        with speaking(face.catalogues.locale(feed.language)):
            narrowed = DutyFilter(
                body=feed.body, assembly=feed.assembly, actor=feed.actor if feed.mine else ""
            )
            own = desks.desks_of(session, feed.actor)
            if own is not None:
                desks.restrict(session, own)
            today = engine().clock().date()
            owed, _rest = duties.duties(
                session, DutyView.OPEN, today, limit=FEED_MAX, filters=narrowed
            )
            events = [
                e
                for each in owed
                for e in _duty(session, each.petition, each.track, each.text.title)
            ]
            for petition in dict.fromkeys(each.petition for each in owed):
                if not is_out_of_sight(petition):
                    events += _planned(session, petition)
            return private(_answer(_("Duties"), events, "no-store"))


def _answer(name: str, events: list[Event], cache: str) -> Response:
    # the newest change, so that the same dates give the same bytes and the same ETag
    at: datetime = max((event.changed for event in events), default=engine().clock())
    site = the_face(current_app).names.get(current_locale().lang, "petitions")
    answer = Response(calendar_file(name, site, events, at=at), mimetype="text/calendar")
    answer.headers["Cache-Control"] = cache
    answer.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer.headers["Access-Control-Allow-Origin"] = "*" if cache == PUBLIC else "null"
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


def _of_petition(session: Session, petition: Petition) -> Iterator[Event]:
    """Public duties that are open, planned and cancelled steps, the last day for signing."""
    title = open_file(session, engine(), petition).text.title
    tracks = session.scalars(
        select(Track)
        .where(
            Track.petition_id == petition.id,
            Track.internal.is_(False),
            Track.status != "decided",
        )
        .order_by(Track.due_on, Track.code)
    )
    for track in tracks:
        yield from _duty(session, petition, track, title)
    yield from _planned(session, petition)
    running = State(petition.state) in (State.PUBLISHED, State.THRESHOLD_REACHED)
    if petition.last_day is not None and running and petition.signing_ended_at is None:
        yield Event(
            uid=_uid(petition, "window"),
            day=petition.last_day,
            summary=_("Last day for signing: %(title)s", title=title),
            changed=petition.state_since,
            url=_page(petition),
            sequence=petition.version,
        )


def _duty(session: Session, petition: Petition, track: Track, title: str) -> Iterator[Event]:
    if track.due_on is None:
        return
    library = engine().house.shelf(session, petition)
    words = rule_words.words_for(library, "duties", track.code, petition.rulebook_id)
    if track.effect and words.title == track.code.replace("_", " ").replace("-", " "):
        words = rule_words.words_for(library, "effects", track.effect, petition.rulebook_id)
    body = rule_words.body_words(library, petition.assembly, track.body)
    shown = petition.reference or "" if is_out_of_sight(petition) else title
    late = _("Overdue") if track.status == "overdue" else ""
    yield Event(
        uid=_uid(petition, f"duty-{track.code}"),
        day=track.due_on,
        summary=_("Due: %(duty)s – %(title)s", duty=words.title, title=shown),
        description="\n".join(part for part in (petition.reference or "", body, late) if part),
        changed=max(track.opened_at, petition.state_since),
        url=_page(petition),
        sequence=petition.version,
        tentative=track.provisional,
    )


def _planned(session: Session, petition: Petition) -> Iterator[Event]:
    for recorded in steps_of(session, petition.id):
        if recorded.step.planned and recorded.now.status is not StepStatus.HELD:
            yield _step(session, petition, recorded)


def _step(session: Session, petition: Petition, recorded: Recorded) -> Event:
    file = open_file(session, engine(), petition)
    library, step, now = file.library, recorded.step, recorded.now
    kind = rule_words.words_for(library, "steps", step.kind, file.book.id).title
    told = [change.recorded_at for change in recorded.changes]
    parts = (petition.reference or "", now.at_time, file.told(step.texts))
    return Event(
        uid=_uid(petition, f"step-{step.number}"),
        day=now.day,
        summary=_("%(step)s – %(title)s", step=kind, title=file.text.title),
        description="\n".join(part for part in parts if part),
        location=now.place,
        changed=max([step.recorded_at, *told]),
        url=_page(petition),
        sequence=len(recorded.changes),
        cancelled=now.status is StepStatus.CANCELLED,
    )


def _uid(petition: Petition, what: str) -> str:
    host = engine().settings.site.base_url.partition("://")[2]
    return f"{petition.reference}-{what}@{host}"


def _page(petition: Petition) -> str:
    base = engine().settings.site.base_url
    return f"{base}/{current_locale().lang}/petitions/{petition.reference}"
