"""The area of a signature on the confirm page: picked from a list, or found by a postcode.

A postcode is turned into an area here and dropped: it goes into no row, cookie, address or log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from petitions.domain.postcodes import Postcodes
from petitions.domain.reading_order import as_listed
from petitions.domain.rulebook import Kind
from petitions.domain.rulebook_files import Library
from petitions.domain.vocabulary import AreaSource
from petitions.platform.i18n import _
from petitions.services.salts import AskedArea
from petitions.services.signing_terms import ASKED, area_needed
from petitions.web.edge import Engine


@dataclass(frozen=True, slots=True)
class AreaQuestion:
    areas: tuple[tuple[str, str], ...] = ()
    by_postcode: bool = False
    reason: str = ""
    optional: bool = False


def areas_to_choose(engine: Engine, shelf: Library, kind: Kind) -> AreaQuestion:
    """What the form asks; nothing where the login tells it, or no rule wants it."""
    areas = kind.signing.areas
    if areas is None or areas.source not in ASKED:
        return AreaQuestion()
    table = shelf.areas(areas.file)
    needed = area_needed(kind)
    return AreaQuestion(
        areas=tuple(sorted(table.names.items(), key=lambda item: as_listed(item[1]))),
        by_postcode=areas.source is AreaSource.POSTCODE and areas.file in engine.postcodes,
        reason=_("The rules of this petition count signatures by area.") if needed else "",
        optional=not needed,
    )


def entered_area(
    asked: AskedArea, form: Mapping[str, str], tables: Mapping[str, Postcodes]
) -> tuple[str, str]:
    """(area, "") or ("", code of what is wrong). An area that no rule needs may be left out."""
    if asked.by_postcode and asked.file in tables:
        written = form.get("area", "").strip()
        if not written:
            return "", "postcode_missing" if asked.needed else ""
        found = tables[asked.file].area(written)
        return (found, "") if found else ("", "postcode_unknown")
    area = form.get("area", "")
    if area in asked.codes:
        return area, ""
    return "", "" if not area and not asked.needed else "area_missing"
