"""Open data row by row: each public petition with its events, counts, areas and decisions.

Rules of this module:
- aggregates only, and nothing that no public page shows: counts follow the petition's own rules, areas
  the published map, and a petition out of sight is absent;
- a row is a plain mapping in the order of its set's columns; programs read CSV, JSON Lines and the API
  from the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import State
from petitions.services import topics
from petitions.services.hiding import is_out_of_sight
from petitions.services.targets import target
from petitions.storage import open_rows, paper_rows, reading
from petitions.storage.reading import Question, Row
from petitions.storage.tables import PublicCount, Sealing
from petitions.web import petition_view, rule_words
from petitions.web.edge import Engine
from petitions.web.petition_file import File, open_file
from petitions.web.told_steps import told

Fields = dict[str, object]
PAGE_SIZE = 200
ADMITTED = frozenset({"accept", "accept_in_part", "accept_with_conditions"})


def every(session: Session, question: Question) -> Iterator[Row]:
    """All petitions that a list shows, by reference; so many are in memory at once."""
    last = ""
    while rows := open_rows.after(session, question, last, PAGE_SIZE):
        yield from (row for row in rows if not is_out_of_sight(row.petition))
        last = rows[-1].petition.reference or ""
        session.expunge_all()


def petition_rows(session: Session, engine: Engine, row: Row) -> Iterator[Fields]:
    petition, file = row.petition, open_file(session, engine, row.petition)
    text = file.texts[petition.language]
    shown, count = counted(session, file)
    decisive = file.kind.decisive if petition.published_at else None
    outcomes = reading.outcomes_of(session, petition.id)
    refused = _decided(session, file)
    sealed = session.get(Sealing, petition.id)
    late = reading.late_days(session, [petition.id], file.today)
    yield {
        "reference": petition.reference,
        "address": f"{engine.settings.site.base_url}/p/{petition.reference}",
        "assembly": petition.assembly,
        "rulebook": petition.rulebook_id,
        "kind": petition.kind,
        "state": petition.state,
        "language": petition.language,
        "title": text.title,
        "request": text.request,
        "reasons": text.reasons,
        "submitted_on": _iso(file.day(petition.submitted_at)),
        "decided_on": _iso(refused),
        "published_on": _iso(file.day(petition.published_at)),
        "closes_on": _iso(petition.last_day),
        "ended_on": _iso(file.day(reading.ended(petition))),
        "signatures": shown,
        "on_paper": count.paper if count and shown == count.valid else None,
        "counted_at": instant(count.at) if count and shown is not None else None,
        "threshold": target(engine.house, file.kind, petition, decisive).threshold
        if decisive
        else None,
        "threshold_reached_on": _iso(_reached(file)),
        "examined_on": _iso(outcomes[0].decided_on if outcomes else None),
        "outcome": outcomes[0].code if outcomes else None,
        "days_overdue": late.get(petition.id, 0),
        "sealed_at": instant(sealed.sealed_at) if sealed and sealed.sealed_at else None,
        "topic": topics.topic_of(engine.house, petition) or None,
    }


def event_rows(session: Session, engine: Engine, row: Row) -> Iterator[Fields]:
    file = open_file(session, engine, row.petition)
    for each in reversed(told(session, engine, file)):
        yield {
            "reference": row.petition.reference,
            "event": each.key,
            "kind": each.kind,
            "on": _iso(each.on),
            "recorded_at": instant(each.at),
            "title": each.title,
            "text": each.text,
            "body": each.body,
            "links": [href for href, _name in each.links],
        }


def count_rows(session: Session, engine: Engine, row: Row) -> Iterator[Fields]:
    """Where the rules show the count as it is; else none, as days would tell what is rounded."""
    file = open_file(session, engine, row.petition)
    shown, count = counted(session, file)
    if count is None or shown != count.valid:
        return
    for day, valid in reading.daily_counts(session, row.petition.id):
        yield {"reference": row.petition.reference, "day": day.isoformat(), "signatures": valid}


def area_rows(session: Session, engine: Engine, row: Row) -> Iterator[Fields]:
    """The newest published map; without a number: fewer than `hidden_under`."""
    file = open_file(session, engine, row.petition)
    found, areas = paper_rows.shown_map(session, row.petition.id), file.kind.signing.areas
    if found is None or areas is None:
        return
    table = file.library.areas(areas.file)
    source = engine.house.library.assembly(row.petition.assembly).maps.get(areas.file)
    column = source.inhabitants if source else ""
    for code, number in sorted(found.figures.items()):
        yield {
            "reference": row.petition.reference,
            "day": found.day.isoformat(),
            "area_set": areas.file,
            "area": code,
            "name": table.names.get(code, code),
            "signatures": int(number) or None,
            "hidden_under": found.area_min,
            "inhabitants": table.values.get(code, {}).get(column) if column else None,
        }


def decision_rows(session: Session, engine: Engine, row: Row) -> Iterator[Fields]:
    """Admitted or refused, with the grounds; the reasons are those of the public page."""
    file = open_file(session, engine, row.petition)
    for each in reversed(reading.decisions_of(session, row.petition.id)):
        if each.outcome != "refuse" and each.outcome not in ADMITTED:
            continue
        on = local_day(each.at, file.zone)
        since = file.day(row.petition.submitted_at)
        grounds = rule_words.grounds(file.library, file.book.id, tuple(map(str, each.grounds)))
        yield {
            "reference": row.petition.reference,
            "stage": each.stage,
            "decided_on": on.isoformat(),
            "body": rule_words.body_words(file.library, row.petition.assembly, each.body),
            "outcome": "refused" if each.outcome == "refuse" else "admitted",
            "grounds": [str(code) for code in each.grounds],
            "rules": [ground.legal for ground in grounds if ground.legal],
            "days": (on - since).days if since else None,
        }


ROWS: dict[str, Callable[[Session, Engine, Row], Iterator[Fields]]] = {
    "petitions": petition_rows,
    "events": event_rows,
    "counts": count_rows,
    "areas": area_rows,
    "decisions": decision_rows,
}


def counted(session: Session, file: File) -> tuple[int | None, PublicCount | None]:
    """(the count as the rules show it, the row behind it); None before publication."""
    if file.petition.published_at is None or not file.kind.signable:
        return None, None
    count = reading.public_count(session, file.petition.id)
    return petition_view.shown_count(file, count.valid if count else 0), count


def _decided(session: Session, file: File) -> date | None:
    found = [
        each.at
        for each in reading.decisions_of(session, file.petition.id)
        if each.outcome == "refuse" or each.outcome in ADMITTED
    ]
    return local_day(found[0], file.zone) if found else None


def _reached(file: File) -> date | None:
    steps = [step for step in file.steps if step.to_state == State.THRESHOLD_REACHED]
    return local_day(steps[-1].legal_instant, file.zone) if steps else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
