"""Where signatures come from, as a picture and a table: the published map of the day, and no more.

Rules of this module:
- figures come from `counted_view.area_figures` alone: one map a day, whole tens, none before 500;
- positions and paths are attributes and colours are classes, since the policy forbids inline style;
- the picture is never alone: its classes are told in words, and every figure stands in a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from petitions.domain.assembly import AreaTable, MapSource
from petitions.domain.outlines import Outlines
from petitions.domain.rate_classes import borders, class_of, rate
from petitions.domain.reading_order import as_listed
from petitions.storage import paper_rows
from petitions.web import counted_view
from petitions.web.edge import Engine
from petitions.web.petition_file import File


@dataclass(frozen=True, slots=True)
class Area:
    """`count` None: fewer than the smallest figure told. `rate`: per 10,000 inhabitants."""

    code: str
    name: str
    count: int | None
    inhabitants: int | None = None
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    path: str
    area: Area


@dataclass(frozen=True, slots=True)
class MapClass:
    """Class 0 holds areas under the smallest figure. `low` and `high` are values of its areas."""

    number: int
    low: float
    high: float
    shapes: tuple[Shape, ...]
    areas: int
    """How many belong to it, those without an outline as well."""


@dataclass(frozen=True, slots=True)
class AreaMap:
    width: int
    height: int
    classes: tuple[MapClass, ...]
    by_rate: bool
    most: Area
    """The area with the highest value."""
    source: str
    off_map: tuple[Area, ...] = ()
    """Areas that have a figure and no outline."""


@dataclass(frozen=True, slots=True)
class AreasPage:
    """Every figure by area of one petition on one day."""

    ref: str
    href: str
    title: str
    lang: str
    word: str
    day: date | None
    hidden_under: int
    areas: tuple[Area, ...] = ()
    picture: AreaMap | None = None
    inhabitants_of: str = ""
    """Source of the inhabitants."""
    licence: str = ""
    share: int | None = None
    share_of: str = ""

    @property
    def by_rate(self) -> bool:
        return any(area.inhabitants for area in self.areas)


def areas_page(session: Session, engine: Engine, file: File, licence: str) -> AreasPage:
    """Without areas in the rules: no word, no areas. Before the first map: a word and no areas."""
    figures = counted_view.area_figures(session, file)
    page = AreasPage(
        ref=file.petition.reference or "", href=file.href, title=file.text.title,
        lang=file.text.language, word=figures.word, day=figures.day,
        hidden_under=figures.hidden_under, licence=licence, share=figures.share,
        share_of=figures.share_of,
    )  # fmt: skip
    found = paper_rows.shown_map(session, file.petition.id)
    signing = file.kind.signing.areas
    if found is None or signing is None:
        return page
    table = file.library.areas(signing.file)
    source = engine.house.library.assembly(file.petition.assembly).maps.get(signing.file)
    areas = _areas(table, found.figures, source)
    outlines = engine.outlines.get((file.petition.assembly, signing.file))
    return AreasPage(
        ref=page.ref, href=page.href, title=page.title, lang=page.lang, word=page.word,
        day=page.day, hidden_under=page.hidden_under, licence=licence, share=page.share,
        share_of=page.share_of, areas=areas,
        picture=_picture(areas, outlines, source.source) if outlines and source else None,
        inhabitants_of=table.source if source and source.inhabitants else "",
    )  # fmt: skip


def _areas(
    table: AreaTable, figures: Mapping[str, int], source: MapSource | None
) -> tuple[Area, ...]:
    column = source.inhabitants if source else ""
    found = []
    for code, number in figures.items():
        people = table.values.get(code, {}).get(column) if column else None
        told = int(number) or None
        found.append(
            Area(
                code,
                table.names.get(code, code),
                told,
                people,
                rate(told, people) if told and people else None,
            )
        )
    return tuple(sorted(found, key=lambda area: (-(area.count or 0), as_listed(area.name))))


def _picture(areas: Sequence[Area], outlines: Outlines, source: str) -> AreaMap | None:
    """None where no area has a figure yet: an empty country tells nothing."""
    told = [area for area in areas if area.count]
    if not told:
        return None
    by_rate = all(area.rate is not None for area in told)
    value = {area.code: (area.rate if by_rate else area.count) or 0.0 for area in told}
    lower = borders(value.values())
    members: dict[int, list[Area]] = {0: [area for area in areas if not area.count]}
    for area in told:
        members.setdefault(class_of(value[area.code], lower) + 1, []).append(area)
    classes = tuple(
        MapClass(
            number,
            min((value[area.code] for area in found), default=0.0) if number else 0.0,
            max((value[area.code] for area in found), default=0.0) if number else 0.0,
            tuple(Shape(outlines.paths[a.code], a) for a in found if a.code in outlines.paths),
            len(found),
        )
        for number, found in sorted(members.items())
        if found
    )
    return AreaMap(
        outlines.width, outlines.height, classes, by_rate,
        max(told, key=lambda area: value[area.code]), source,
        tuple(area for area in areas if area.code not in outlines.paths),
    )  # fmt: skip
