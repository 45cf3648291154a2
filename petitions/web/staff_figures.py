"""Figures of the office: what came in, what was decided, how long it took, what was answered in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, request

from admissibility.figures import Answers, Delays, Figures, Group, Period, figures, rate
from petitions.domain.errors import NotFoundError
from petitions.platform.i18n import _, current_locale
from petitions.web import rule_words, staff_assemblies
from petitions.web.access import needs
from petitions.web.bars import Bars, draw
from petitions.web.edge import engine
from petitions.web.staff_desk import Desk, desk, office, page
from petitions.web.staff_forms import day
from petitions.web.staff_queue import as_csv, csv_line

LONGEST = timedelta(days=366 * 10)
NONE = "–"


class Share(float):
    """A part of the whole, 0 to 1: a percentage on the page."""


class Days(int):
    """A length of time: in words on the page, a number in the file."""


Cell = str | int | float | Share | Days | date | None
Row = tuple[Cell, ...]


def shown(cell: Cell) -> str:
    """A cell as people read it; a date stands for its month."""
    locale = current_locale()
    match cell:
        case None:
            return NONE
        case date():
            return locale.month(cell)
        case Share():
            return locale.percent(cell)
        case Days():
            return locale.days(cell)
        case int() | float():
            return locale.number(cell)
    return cell


def plain(cell: Cell) -> str:
    """A cell as programs read it."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%Y-%m}"
    return f"{cell:.4f}" if isinstance(cell, Share) else str(cell)


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: the first cell names the row. `drawn`: the last series of months, where there is one."""

    id: str
    title: str
    explained: str
    heads: Row
    rows: tuple[Row, ...]
    drawn: Bars | None = None
    told: str = ""
    """What the drawing shows, in a sentence."""


def _asked(at: Desk) -> tuple[Period, str]:
    """The period and assembly of the address; by default the twelve months up to today."""
    last = day(request.args.get("to", "")) or at.today
    first = day(request.args.get("from", "")) or (last - timedelta(days=334)).replace(day=1)
    if first > last or last - first > LONGEST:
        first = last.replace(day=1)
    assembly = ""
    with suppress(ValueError):
        assembly = staff_assemblies.asked_for(at, request.args.get("assembly", "")[:60])
    return Period(first, last), assembly


def _found(at: Desk) -> tuple[Figures, str]:
    period, assembly = _asked(at)
    if request.args.get("assembly") and not assembly:
        raise NotFoundError("page")
    return figures(at.session, period, at.today, current_locale().zone, assembly), assembly


@office.get("/figures")
@needs("read_office")
def show_figures() -> Response:
    with desk() as at:
        found, assembly = _found(at)
        return page(
            at, "office/figures.html", section="figures", period=found.period, assembly=assembly,
            assemblies=staff_assemblies.offered(at), tiles=_tiles(found), shown=shown,
            tables=list(_tables(at, found)), query=request.query_string.decode("ascii", "ignore"),
        )  # fmt: skip


@office.get("/figures.csv")
@needs("read_office")
def figures_csv() -> Response:
    """Every table of the page, one after another, under its title."""
    with desk() as at:
        found, _assembly = _found(at)
        lines = ["\ufeff"]
        for table in _tables(at, found):
            lines.append(csv_line([table.title]))
            lines.append(csv_line([plain(head) for head in table.heads]))
            lines += [csv_line([plain(cell) for cell in row]) for row in table.rows]
            lines.append(csv_line([]))
        name = f"figures-{found.period.first}-{found.period.last}.csv"
    return as_csv("".join(lines), name)


def _tiles(found: Figures) -> list[tuple[str, Cell]]:
    return [
        (_("Petitions filed"), found.filed),
        (_("Petitions admitted"), found.admitted),
        (_("Petitions refused"), found.refused),
        (_("Admission rate"), _share(rate(found.admitted, found.refused))),
        (_("Median time to decision"), _days(found.delays.median)),
        (_("Decided in time"), _share(found.delays.share)),
        (_("Answered in time"), _share(found.answers.share)),
    ]


def _share(value: float | None) -> Share | None:
    return None if value is None else Share(value)


def _days(value: int | None) -> Days | None:
    return None if value is None else Days(value)


def _tables(at: Desk, found: Figures) -> Iterator[Table]:
    yield _intake(found)
    yield _delays(found)
    yield _grounds(at, found)
    yield from _groups(at, found)
    yield _answered(found.answers)
    yield _load(at, found)


def _intake(found: Figures) -> Table:
    rows = tuple(
        (month.first, month.filed, month.admitted, month.refused,
         _share(rate(month.admitted, month.refused)))
        for month in found.months
    )  # fmt: skip
    drawn = [(f"{m.first:%m/%y}", float(m.filed), shown(m.filed)) for m in found.months]
    return Table(
        "intake",
        _("Petitions filed and decided, by month"),
        _(
            "Filed: sent by their authors in that month. Admitted: published in that month. Refused: "
            "refused before publication in that month. The admission rate is the share of admissions "
            "in both; a petition is often decided in a later month than it was filed in."
        ),
        (_("Month"), _("Petitions filed"), _("Petitions admitted"), _("Petitions refused"),
         _("Admission rate")),
        rows,
        draw(_("Petitions filed, by month"), drawn),
        _("Petitions filed by month: %(total)s in all. The same figures are in the table below.",
          total=shown(found.filed)),
    )  # fmt: skip


def _delay_cells(delays: Delays) -> Row:
    return (
        delays.decided, _days(delays.median), _days(delays.ninth),
        delays.dated, _share(delays.share),
    )  # fmt: skip


def _delays(found: Figures) -> Table:
    rows = tuple((m.first, *_delay_cells(m.delays)) for m in found.months)
    drawn = [
        (f"{m.first:%m/%y}", None if m.delays.median is None else float(m.delays.median),
         shown(_days(m.delays.median)))
        for m in found.months
    ]  # fmt: skip
    return Table(
        "delays",
        _("How long checks take, by month of the decision"),
        _(
            "Days from the opening of a check to its end; the days on which the author was correcting "
            "are left out. Half of the checks took no longer than the median, nine in ten no longer "
            "than the ninth decile. In time: ended on the last legal day or before, of those that "
            "have one. Figures of fewer than five checks are not shown."
        ),
        (_("Month"), _("Checks ended"), _("Median"), _("Ninth decile"), _("With a deadline"),
         _("In time")),
        (*rows, (_("Whole period"), *_delay_cells(found.delays))),
        draw(_("Median days of a check, by month"), drawn),
        _("Median days of a check by month; over the whole period %(median)s. The same figures are "
          "in the table below.", median=shown(_days(found.delays.median))),
    )  # fmt: skip


def _grounds(at: Desk, found: Figures) -> Table:
    refused = found.refused
    rows = tuple(
        (rule_words.words_for(at.house.library, "grounds", code, book).title, count,
         _share(count / refused if refused else None))
        for book, code, count in found.grounds
    )  # fmt: skip
    return Table(
        "grounds",
        _("Grounds of refusal"),
        _("A refusal may name several grounds: the shares can add up to more than the whole."),
        (_("Ground"), _("Refusals that name it"), _("Share of refusals")),
        rows,
    )


def _groups(at: Desk, found: Figures) -> Iterator[Table]:
    heads = (
        _("Petitions filed"), _("Petitions admitted"), _("Petitions refused"), _("Admission rate"),
    )  # fmt: skip
    if len(found.assemblies) > 1:
        rows = tuple(
            (staff_assemblies.name_of(at, each.code), *_group(each)) for each in found.assemblies
        )
        yield Table("assemblies", _("By assembly"), "", (_("Assembly"), *heads), rows)
    if len(found.kinds) > 1:
        rows = tuple(
            (title, *_group(each))
            for title, each in zip(_kinds(at, found.kinds), found.kinds, strict=True)
        )
        yield Table("kinds", _("By kind of petition"), "", (_("Kind of petition"), *heads), rows)
    if found.subjects:
        rows = tuple((_option(at, each), *_group(each)) for each in found.subjects)
        told = _("What authors chose at filing where the rules let them: a subject, a committee.")
        yield Table("subjects", _("By subject"), told, (_("Chosen"), *heads), rows)


def _kinds(at: Desk, kinds: Sequence[Group]) -> list[str]:
    """Their titles; where two are called the same, with the assemblies that know them."""
    library, served = at.house.library, engine().settings.rulebooks.assemblies
    titles = [
        rule_words.words_for(library, "kinds", each.code, each.rulebook).title for each in kinds
    ]
    told = []
    for title, each in zip(titles, kinds, strict=True):
        books = library.rulebooks.get(each.rulebook, ())
        known = [one for one in (books[-1].assemblies if books else ()) if one in served]
        names = ", ".join(staff_assemblies.name_of(at, one) for one in known) or each.rulebook
        told.append(f"{title} ({names})" if titles.count(title) > 1 else title)
    return told


def _option(at: Desk, each: Group) -> str:
    choice, _slash, option = each.code.partition("/")
    library, book = at.house.library, each.rulebook
    return (
        f"{rule_words.words_for(library, 'choices', choice, book).title}: "
        f"{rule_words.words_for(library, 'choices', option, book).title}"
    )


def _group(each: Group) -> Row:
    return (
        each.filed, each.admitted, each.refused,
        _share(rate(each.admitted, each.refused)),
    )  # fmt: skip


def _answered(answers: Answers) -> Table:
    waiting = answers.due - answers.in_time - answers.late - answers.overdue
    return Table(
        "answers",
        _("What the institution owed"),
        _(
            "Duties with a last day in the period: answers, debates, steps that the rules oblige or "
            "expect. The share in time leaves out what is not due yet; it needs five duties."
        ),
        (_("Duties"), _("How many")),
        (
            (_("Settled in time"), answers.in_time),
            (_("Settled late"), answers.late),
            (_("Overdue"), answers.overdue),
            (_("Not due yet"), waiting),
            (_("Share in time"), _share(answers.share)),
        ),
    )


def _load(at: Desk, found: Figures) -> Table:
    rows = tuple(
        (
            staff_assemblies.name_of(at, each.assembly), _body(at, each.assembly, each.body),
            each.open, each.overdue, each.assigned,
            None if each.each is None else round(each.each, 1),
        )
        for each in found.loads
    )  # fmt: skip
    return Table(
        "load",
        _("What is open now, by desk"),
        _(
            "Checks that wait today. The average is per person who may take them there, and only for "
            "a desk of three and more: these figures measure the load of a desk, never a person."
        ),
        (_("Assembly"), _("Body"), _("Open"), _("Overdue"), _("Assigned"), _("Open per person")),
        rows,
    )


def _body(at: Desk, assembly: str, body: str) -> str:
    try:
        return at.house.library.assembly(assembly).body(body, current_locale().lang)
    except KeyError:
        return body
