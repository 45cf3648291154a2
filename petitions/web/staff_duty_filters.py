"""What the list of duties, and a calendar of them, can be narrowed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import request

from admissibility import duties
from admissibility.duties import DutyFilter, Publicity
from petitions.platform.i18n import _, current_locale
from petitions.services import care
from petitions.web import staff_assemblies
from petitions.web.staff_desk import Desk


@dataclass(frozen=True, slots=True)
class FilterForm:
    """What the list is narrowed to, as the address says it, and what it can be narrowed to."""

    chosen: DutyFilter
    mine: bool
    bodies: tuple[tuple[str, str], ...]
    assemblies: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...]
    """Of the filters alone, for the links to the other views."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    hash: str
    made_on: date
    narrowed: tuple[str, ...]


def filters(at: Desk) -> FilterForm:
    """ValueError for a filter that the page does not offer."""
    args = request.args
    mine, body, assembly = args.get("mine") == "1", args.get("body", ""), args.get("assembly", "")
    shown = args.get("shown", "")
    chosen = DutyFilter(
        body=body[:60],
        assembly=staff_assemblies.asked_for(at, assembly),
        actor=at.staff.actor if mine else "",
        publicity=Publicity(shown) if shown else None,
    )
    pairs = (
        ("body", body),
        ("assembly", assembly),
        ("mine", "1" if mine else ""),
        ("shown", shown),
    )
    return FilterForm(
        chosen=chosen,
        mine=mine,
        bodies=tuple((each, _body(at, each)) for each in duties.bodies(at.session)),
        assemblies=staff_assemblies.offered(at),
        query=tuple((name, value) for name, value in pairs if value),
    )


def _assemblies(at: Desk) -> tuple[tuple[str, str], ...]:
    found = duties.assemblies(at.session)
    return tuple((each, staff_assemblies.name_of(at, each)) for each in found)


def _body(at: Desk, body: str) -> str:
    lang = current_locale().lang
    for each in duties.assemblies(at.session):
        assembly = at.house.library.assembly(each)
        if body in assembly.bodies:
            return assembly.body(body, lang)
    return body


def feed_rows(at: Desk) -> tuple[FeedRow, ...]:
    return tuple(
        FeedRow(
            row.token_hash.hex(),
            row.made_on,
            tuple(
                part
                for part in (
                    _body(at, row.body) if row.body else "",
                    dict(_assemblies(at)).get(row.assembly, row.assembly),
                    _("my files") if row.mine else "",
                )
                if part
            ),
        )
        for row in care.feeds_of(at.session, at.staff.actor)
    )
