"""A petition for programs that read petition.parliament.uk: `/petitions/<number>.json` and its counters.

Which milestone plays "response" and which "debate" follows from what the rules let it trigger; where
they know neither, null stands there. Figures by area are those of the published map.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session

from petitions.domain import uk_shape
from petitions.domain.lifecycle import SIGNING_STATES
from petitions.domain.steps import StepStatus
from petitions.domain.text import folded
from petitions.domain.uk_shape import Said, UkPetition
from petitions.platform.i18n import speaking
from petitions.services import topics
from petitions.services.hiding import is_out_of_sight
from petitions.services.steps import Recorded, steps_of
from petitions.services.texts import signed_language
from petitions.storage import paper_rows
from petitions.storage import reading as stored
from petitions.storage.tables import Petition
from petitions.web import open_sets, petition_view, public_pages, rule_words, topic_words
from petitions.web.access import everybody
from petitions.web.edge import engine, reading
from petitions.web.face import the_face
from petitions.web.petition_file import File, open_file
from petitions.web.public_room import is_private

blueprint = Blueprint("uk", __name__)
RESPONSE, DEBATE = "reply", "debate"
"""Effects of milestones, and kinds of steps, that play these parts."""
SINGLE = "public, max-age=60, stale-while-revalidate=120, stale-if-error=300"
COUNT = "public, max-age=30, stale-while-revalidate=60, stale-if-error=150"


@blueprint.get("/petitions/<number>.json")
@everybody
def single(number: str) -> Response:
    with reading() as session:
        found, status = _found(session, number)
        if found is None:
            return _refused(status)
        shown = uk_petition(session, open_file(session, engine(), found))
    address = f"{engine().settings.site.base_url}{request.path}"
    return _answer(uk_shape.single(shown, address), SINGLE)


@blueprint.get("/petitions/<number>/count.json")
@everybody
def count(number: str) -> Response:
    with reading() as session:
        found, status = _found(session, number)
        if found is None:
            return _refused(status)
        file = open_file(session, engine(), found)
        shown = uk_petition(session, file)
    return _answer(uk_shape.counters(shown, file.zone), COUNT)


@blueprint.get("/topics.json")
@everybody
def listed_topics() -> Response:
    """By code, in the order of their names; those of every assembly that is shown."""
    with speaking(the_face(current_app).catalogues.default):
        named = topic_words.offered(engine().house.library, public_pages.assemblies(engine()))
    found = sorted(named.items(), key=lambda each: folded(each[1]))
    return _answer({code: {"code": code, "name": name} for code, name in found}, SINGLE)


def _found(session: Session, number: str) -> tuple[Petition | None, int]:
    """The petition, or the status that says why there is none."""
    reference = uk_shape.reference_of(number)
    if reference is None:
        return None, HTTPStatus.NOT_FOUND
    served = public_pages.assemblies(engine())
    found = stored.public_petition(session, served, reference)
    if found is None or is_private(found) or uk_shape.number_of(reference) is None:
        return None, HTTPStatus.NOT_FOUND
    if is_out_of_sight(found):
        return None, HTTPStatus.GONE if found.published_at else HTTPStatus.NOT_FOUND
    return found, HTTPStatus.OK


def _refused(status: int) -> Response:
    body = {"status": int(status), "error": HTTPStatus(status).phrase}
    answer = Response(json.dumps(body), status=status, mimetype="application/json")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _answer(content: object, caching: str) -> Response:
    body = json.dumps(content, ensure_ascii=False)
    answer = Response(body, content_type="application/json; charset=utf-8")
    answer.headers["Cache-Control"] = caching
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Allow-Methods"] = "GET"
    answer.headers["Access-Control-Allow-Headers"] = (
        "Origin, X-Requested-With, Content-Type, Accept"
    )
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


def uk_petition(session: Session, file: File) -> UkPetition:
    petition = file.petition
    text = file.texts.get(signed_language(file.book, petition)) or file.texts[petition.language]
    shown, count = open_sets.counted(session, file)
    recorded = steps_of(session, petition.id) if petition.published_at else []
    changed = [petition.state_since, *([count.at] if count and petition.published_at else [])]
    state = _state(file)
    debated = [each for each in recorded if each.step.kind == DEBATE]
    return UkPetition(
        id=uk_shape.number_of(petition.reference or "") or 0,
        action=text.title,
        background=text.summary or text.request,
        additional_details=text.request if text.summary else text.reasons,
        state=state,
        signature_count=shown if petition.published_at else 0,
        closing_date=petition.last_day,
        created_at=_midnight(file.day(petition.submitted_at) or file.today),
        updated_at=max(changed),
        rejected_at=_rejected_at(session, file) if state == "rejected" else None,
        opened_at=petition.published_at,
        closed_at=_closed_at(file) if state == "closed" else None,
        moderation_threshold_reached_at=_moved(file, "complete"),
        response_threshold_reached_at=_reached(file, RESPONSE),
        debate_threshold_reached_at=_reached(file, DEBATE),
        response=next(
            (_said(file, e) for e in recorded if e.step.kind == RESPONSE and _held(e)), None
        ),
        scheduled=_scheduled(file, debated),
        debate=next((_said(file, each) for each in debated if _held(each)), None),
        creator_name=petition_view.public_author(file) or None,
        rejection=_rejection(session, file) if state == "rejected" else None,
        areas=_areas(session, file),
        topics=tuple(filter(None, (topics.topic_of(engine().house, petition),))),
        business=[
            _said(file, each)
            for each in recorded
            if each.step.kind not in {RESPONSE, DEBATE} and _held(each)
        ],
    )


def _state(file: File) -> str:
    """Open while it can be signed; what was refused is rejected; everything else is closed."""
    if file.petition.published_at is None:
        return "rejected"
    ended = file.petition.closes_at is not None and file.at >= file.petition.closes_at
    going = file.state in SIGNING_STATES and file.petition.signing_ended_at is None
    return "open" if going and not ended else "closed"


def _midnight(day: date) -> datetime:
    """The pages tell the day on which an author sent a petition, and not the minute."""
    return datetime.combine(day, time(), UTC)


def _closed_at(file: File) -> datetime | None:
    closes = file.petition.closes_at
    ended = stored.ended(file.petition)
    if closes is not None and (ended is None or ended >= closes):
        return closes - timedelta(milliseconds=1)
    return ended


def _moved(file: File, action: str) -> datetime | None:
    return next((step.legal_instant for step in file.steps if step.action == action), None)


def _reached(file: File, effect: str) -> datetime | None:
    playing = {each.id for each in file.kind.milestones if each.effect == effect}
    return min((each.at for each in file.met if each.milestone in playing), default=None)


def _held(each: Recorded) -> bool:
    return each.now.status is StepStatus.HELD


def _said(file: File, each: Recorded) -> Said:
    library, step = file.library, each.step
    text = file.told(each.changes[-1].texts if each.changes else step.texts)
    told = [step.recorded_at, *(change.recorded_at for change in each.changes)]
    links = [*step.links, *(link for change in each.changes for link in change.links)]
    return Said(
        on=each.now.day,
        at=told[0] if not step.planned else told[-1],
        text=text,
        title=rule_words.words_for(library, "steps", step.kind, file.book.id).title,
        summary=text.split("\n", 1)[0][:500],
        link=str(links[0][0]) if links else None,
        updated=told[-1],
    )


def _scheduled(file: File, debated: list[Recorded]) -> tuple[date, date] | None:
    planned = [each for each in debated if each.step.planned and not _cancelled(each)]
    if not planned:
        return None
    decided = file.day(planned[0].step.recorded_at)
    return (decided, planned[0].now.day) if decided else None


def _cancelled(each: Recorded) -> bool:
    return each.now.status is StepStatus.CANCELLED


def _rejected_at(session: Session, file: File) -> datetime | None:
    return next(
        (d.at for d in stored.decisions_of(session, file.petition.id) if d.outcome == "refuse"),
        None,
    )


def _rejection(session: Session, file: File) -> tuple[str, str | None] | None:
    refused = [d for d in stored.decisions_of(session, file.petition.id) if d.outcome == "refuse"]
    if not refused:
        return None
    texts = refused[0].texts
    details = texts.get(file.petition.language) or next(iter(texts.values()), None)
    return str(next(iter(refused[0].grounds), "")), str(details) if details else None


def _areas(session: Session, file: File) -> list[tuple[str, str, int]]:
    found, areas = paper_rows.shown_map(session, file.petition.id), file.kind.signing.areas
    if found is None or areas is None:
        return []
    names = file.library.areas(areas.file).names
    return [(names.get(code, code), code, int(n)) for code, n in found.figures.items() if n]
