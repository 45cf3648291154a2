"""What a certificate must say before a second person is asked: channel, area, numbers, sheets, day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from petitions.domain.calendar import local_day
from petitions.domain.channels import certified_online, on_paper
from petitions.domain.counting import Paper
from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Kind
from petitions.domain.rulebook_files import Library
from petitions.domain.sampling import sample_size
from petitions.domain.text import Problem
from petitions.domain.vocabulary import Method
from petitions.services.ports import House
from petitions.services.sheets import COLLECTING, area_problem, needs_area
from petitions.storage import log_rows, paper_rows
from petitions.storage import tables as t

LIVE = ("proposed", "confirmed")
WORDS_MAX = 200
Problems = dict[str, Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """`raw` received; `examined` of them looked at; each of these valid, invalid or a duplicate."""

    raw: int = 0
    examined: int = 0
    valid: int = 0
    invalid: int = 0
    duplicate: int = 0

    @property
    def adds_up(self) -> bool:
        parts = (self.valid, self.invalid, self.duplicate)
        return min(parts) >= 0 and sum(parts) == self.examined <= self.raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A document as a clerk reads it. With `sheets`, the numbers are those found on them."""

    about: Paper
    authority: str
    document: str
    issued_on: date
    area: str = ""
    numbers: Numbers = Numbers()
    sampled: bool = False
    sheets: tuple[int, ...] = ()


def judge(
    session: Session, house: House, petition: t.Petition, wanted: Wanted, at: datetime
) -> Numbers:
    """The numbers that will count, or InvalidError with every field that is wrong."""
    kind = house.kind(session, petition)
    bad: Problems = {}
    if not _asked_for(kind, petition, wanted.about):
        bad["about"] = ("not_asked_for", {})
    elif State(petition.state) not in COLLECTING:
        bad["about"] = ("wrong_state", {})
    for name, text in (("authority", wanted.authority), ("document", wanted.document)):
        if not text.strip():
            bad[name] = ("required", {})
        elif len(text) > WORDS_MAX:
            bad[name] = ("too_long", {"max": WORDS_MAX, "over": len(text) - WORDS_MAX})
    if wanted.issued_on > local_day(at, house.rulebook(session, petition).zone):
        bad["issued_on"] = ("in_the_future", {})
    numbers = _from_sheets(session, petition, wanted, bad) if wanted.sheets else wanted.numbers
    if wanted.about is Paper.DECLARATION:
        _judge_declaration(session, house, petition, kind, wanted, numbers, at, bad)
    else:
        _judge_area(house.shelf(session, petition), kind, wanted, bad)
        _judge_numbers(session, kind, petition, wanted, numbers, bad)
    if bad:
        raise InvalidError(fields=bad)
    return numbers


def _asked_for(kind: Kind, petition: t.Petition, about: Paper) -> bool:
    if about is Paper.PAPER:
        return on_paper(kind.signing, petition.choices)
    if about is Paper.ONLINE:
        return certified_online(kind.signing)
    return any(each.alternative for each in kind.milestones)


def _from_sheets(session: Session, petition: t.Petition, wanted: Wanted, bad: Problems) -> Numbers:
    rows = paper_rows.some_sheets(session, petition.id, wanted.sheets)
    ready = {row.number for row in rows if row.status == "checked"}
    claimed = {
        int(number)
        for each in paper_rows.certificates(session, petition.id)
        if each.status == "proposed"
        for number in each.sheets
    }
    wrong = [n for n in wanted.sheets if n not in ready or n in claimed]
    if wrong:
        bad["sheets"] = ("sheet_not_ready", {"number": wrong[0]})
    elif {row.area for row in rows} != {wanted.area}:
        bad["area"] = ("sheets_of_another_area", {})
    lines = sum(row.lines for row in rows)
    return Numbers(
        raw=lines,
        examined=lines,
        valid=sum(row.valid for row in rows),
        invalid=sum(row.invalid for row in rows),
        duplicate=sum(row.duplicate for row in rows),
    )


def _judge_area(shelf: Library, kind: Kind, wanted: Wanted, bad: Problems) -> None:
    needed = needs_area(kind) or (
        kind.signing.areas is not None and kind.signing.verification.by == "area"
    )
    problem = area_problem(shelf, kind, wanted.area, needed=needed)
    if problem:
        bad.setdefault("area", problem)


def _judge_numbers(
    session: Session,
    kind: Kind,
    petition: t.Petition,
    wanted: Wanted,
    numbers: Numbers,
    bad: Problems,
) -> None:
    rule, methods = kind.signing.verification.sample, kind.signing.verification
    method = methods.online if wanted.about is Paper.ONLINE else methods.paper
    if not numbers.adds_up or numbers.raw < 1:
        bad["numbers"] = ("does_not_add_up", {})
    elif wanted.sampled:
        least = sample_size(rule, numbers.raw) if rule else 0
        if method is not Method.SAMPLE or rule is None:
            bad["numbers"] = ("no_sample_asked", {})
        elif numbers.examined < least:
            bad["numbers"] = ("sample_too_small", {"min": least})
    elif numbers.raw != numbers.examined:
        bad["numbers"] = ("does_not_add_up", {})
    if wanted.about is Paper.ONLINE and "numbers" not in bad:
        received = log_rows.last_counts(session, [petition.id]).get(petition.id)
        known = sum(
            each.raw
            for each in paper_rows.certificates(session, petition.id)
            if each.about == Paper.ONLINE and each.status in LIVE
        )
        if received is None or known + numbers.raw > received.valid:
            number = received.valid if received else 0
            bad["numbers"] = ("more_than_received", {"received": number})


def _judge_declaration(
    session: Session,
    house: House,
    petition: t.Petition,
    kind: Kind,
    wanted: Wanted,
    numbers: Numbers,
    at: datetime,
    bad: Problems,
) -> None:
    """Once per area, of the areas that the milestone names, and before the window closes."""
    routes = [each.alternative for each in kind.milestones if each.alternative]
    declared = {
        each.area
        for each in paper_rows.certificates(session, petition.id)
        if each.about == Paper.DECLARATION and each.status in LIVE
    }
    if not wanted.area:
        bad["area"] = ("required", {})
    elif routes and wanted.area not in house.shelf(session, petition).areas(routes[0].areas):
        bad["area"] = ("no_such_area", {"area": wanted.area})
    elif wanted.area in declared:
        bad["area"] = ("declared_before", {"area": wanted.area})
    if numbers != Numbers() or wanted.sampled:
        bad["numbers"] = ("does_not_add_up", {})
    if petition.closes_at is not None and at >= petition.closes_at:
        bad["about"] = ("window_over", {})
