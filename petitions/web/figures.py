"""The site in figures: how the institution deals with petitions, counted from its own decisions.

Counted anew every ten minutes at most: the same for everybody, and heavy on a large site.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app, render_template

from petitions.domain.lifecycle import State
from petitions.platform.i18n import N_, _
from petitions.storage.site_figures import SiteNumbers, site_numbers
from petitions.web import public_pages, rule_words
from petitions.web.access import everybody
from petitions.web.edge import engine, reading
from petitions.web.face import frame
from petitions.web.pages import STATE_WORDS
from petitions.web.public import page
from petitions.web.public_room import open_data

blueprint = Blueprint("figures", __name__)
EXTENSION = "petitions.figures"
KEPT = timedelta(minutes=10)
NOT_SHOWN = N_("Not shown: refused with its text kept back, or taken off the site")


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """`grounds` holds (name, how often); `at` is when it was counted.

    `standing`: (state in words, petitions never published, published).
    """

    numbers: SiteNumbers
    standing: tuple[tuple[str, int, int], ...]
    grounds: tuple[tuple[str, int], ...]
    at: datetime
    licence: str


def numbers() -> tuple[SiteNumbers, datetime]:
    """Of the assemblies of this answer, and when they were counted."""
    the = engine()
    kept = current_app.extensions.setdefault(EXTENSION, {})
    key, now = public_pages.assemblies(the), the.clock()
    found = kept.get(key)
    if found is None or not found[1] <= now < found[1] + KEPT:
        with reading() as session:
            asking = public_pages.question(the)
            found = (site_numbers(session, asking, public_pages.today(the)), now)
        kept[key] = found
    return found  # type: ignore[no-any-return]


@blueprint.get("/<lang>/figures")
@page
def figures_page(lang: str) -> str:
    del lang
    told, at = numbers()
    library = engine().house.library
    shown = FiguresPage(
        told,
        tuple((_(_words(each.state)), each.unpublished, each.published) for each in told.standing),
        tuple(
            (rule_words.words_for(library, "grounds", code).title, number)
            for code, number in told.by_ground.items()
        ),
        at,
        engine().settings.data.licence,
    )
    return render_template("data/figures.html", page=shown, frame=frame("data"))


@blueprint.get("/data/figures.csv")
@everybody
def figures_csv() -> Response:
    """figure,detail,value: totals, then by year of sending, then refusals by ground (RFC 4180)."""
    told, _at = numbers()
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(("figure", "detail", "value"))
    lines.writerows(rows(told))
    return open_data(
        Response(out.getvalue(), content_type="text/csv; charset=utf-8; header=present")
    )


def _words(state: State) -> str:
    return NOT_SHOWN if state is State.HIDDEN else STATE_WORDS[state][0]


TOTALS = (
    "being_checked", "checks_late", "median_check", "median_answer", "median_outcome", "duties_late",
    "late_days", "done_in_time", "done_late", "closed_below", "merged", "withdrawn_by_author",
    "taken_down", "restored", "signatures", "signatures_withdrawn", "signatures_invalid", "sealed",
)  # fmt: skip
BY_YEAR = ("submitted", "published", "refused", "examined")


def rows(told: SiteNumbers) -> Iterator[tuple[str, str, int | str]]:
    """(figure, detail, value); a value that is not known is empty."""
    for name in BY_YEAR:
        yield name, "", told.total(name)
    for name in TOTALS:
        value = getattr(told, name)
        yield name, "", "" if value is None else value
    for year in told.years:
        for name in (*BY_YEAR, "median_check"):
            value = getattr(year, name)
            yield name, str(year.year), "" if value is None else value
    for each in told.standing:
        yield "standing_unpublished", each.state, each.unpublished
        yield "standing_published", each.state, each.published
    for ground, number in told.by_ground.items():
        yield "refused_by_ground", ground, number
