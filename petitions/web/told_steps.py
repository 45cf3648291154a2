"""What has happened to petitions, step by step, with a number that stays: for feeds and open data.

Says what the public timeline says and nothing else: an entry is made from the same sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.domain.steps import StepStatus
from petitions.services.steps import steps_of
from petitions.web import step_timeline, timeline
from petitions.web.edge import Engine
from petitions.web.pages import TimelineEntry
from petitions.web.petition_file import File


@dataclass(frozen=True, slots=True)
class Told:
    """`key` is the same in every answer; `at` is when it was recorded, UTC; `on` its local day."""

    key: str
    kind: str
    """move:<action> or step:<kind> for programs."""
    at: datetime
    on: date | None
    title: str
    text: str = ""
    body: str = ""
    links: tuple[tuple[str, str], ...] = ()


def told(session: Session, engine: Engine, file: File) -> list[Told]:
    """The newest first."""
    found = [*_moves(session, file), *_steps(session, engine, file)]
    return sorted(found, key=lambda each: (each.at, each.key), reverse=True)


def _moves(session: Session, file: File) -> Iterator[Told]:
    """Numbered from the oldest: the trail only grows, so a number never goes to another step."""
    entries = timeline.told_moves(session, file)
    for number, step in enumerate(reversed(file.steps), start=1):
        entry = entries.get(step.seq)
        if entry is not None:
            yield _told(f"move-{number}", f"move:{step.action}", step.legal_instant, entry)


def _steps(session: Session, engine: Engine, file: File) -> Iterator[Told]:
    if file.petition.published_at is None:
        return
    for recorded in steps_of(session, file.petition.id):
        entry = step_timeline.step_entry(engine.house.library, file, recorded)
        key, kind = f"step-{recorded.step.number}", f"step:{recorded.step.kind}"
        planned = recorded.now.status is StepStatus.PLANNED
        shown = _told(key, kind, recorded.step.recorded_at, entry)
        yield Told(
            shown.key, f"{shown.kind}:planned" if planned else shown.kind, shown.at,
            entry.due if planned else entry.on, shown.title, shown.text, shown.body, shown.links,
        )  # fmt: skip
        for number, change in enumerate(entry.changes, start=1):
            at = recorded.changes[number - 1].recorded_at
            kind = f"change:{recorded.changes[number - 1].kind}"
            yield Told(
                f"{key}-change-{number}", kind, at, change.on, f"{entry.title}: {change.title}",
                change.text, entry.body, tuple((link.href, link.text) for link in change.links),
            )  # fmt: skip


def _told(key: str, kind: str, at: datetime, entry: TimelineEntry) -> Told:
    links = tuple((link.href, link.text) for link in entry.links)
    return Told(key, kind, at, entry.on, entry.title, entry.text, entry.body, links)
