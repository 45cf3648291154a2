"""Poster and collection form: pages to print, and tagged PDFs (ISO 14289-1, PDF/UA).

The same template makes the web page and the PDF. Nothing is fetched while a PDF is made: every address
but `data:` is refused. WeasyPrint is imported where it is used: the rest works without it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import segno

import petitions
from petitions.domain.errors import ConfigurationError
from petitions.platform.paper_templates import templates_of
from petitions.sharing.facts import BOXES, ShareFacts

MISSING = (
    "share: posters as PDF need the extra [pdf] (pip install 'petition-engine[pdf]') and the system "
    "library Pango (on Debian or Ubuntu: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
)
LINES = 8
"""Signatures on one collection form."""
_EDITION = 2
"""Grows when the look of the papers changes: those on the disk are then made anew."""


class Paper(StrEnum):
    POSTER = "poster"
    FORM = "form"


def qr(address: str) -> str:
    """The address as an SVG in a `data:` address: error level M, two modules of white around it."""
    return segno.make(address, error="m").svg_data_uri(border=2, dark="#000", light="#fff")


def html(paper: Paper, facts: ShareFacts, *, css: str) -> str:
    """The page with its style inside, for the PDF."""
    template = templates_of("share").get_template(f"{paper}.html")
    return template.render(page=facts, css=css, **drawn(facts))


def drawn(facts: ShareFacts) -> dict[str, object]:
    """What the templates need besides the facts."""
    return {"qr": qr(facts.address), "boxes": [BOXES[each] for each in facts.boxes], "lines": LINES}


def available() -> bool:
    return find_spec("weasyprint") is not None


def digest(paper: Paper, facts: ShareFacts, css: str) -> str:
    """Changes with whatever the paper says; counts of the day stand on pictures only."""
    said = (
        paper, _EDITION, facts.ref, facts.title, facts.request, facts.full_request, facts.assembly,
        facts.site, facts.address, facts.closes, facts.open, facts.boxes, facts.one_per_person, css,
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def make_pdf(paper: Paper, facts: ShareFacts, *, css: str) -> bytes:
    """In the language being spoken. ConfigurationError where the extra or Pango is missing."""
    try:
        from weasyprint import HTML, URLFetcher
    except (ImportError, OSError):  # OSError: Pango itself is not there
        raise ConfigurationError(MISSING) from None
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of rules meant for screens
    fetcher = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    made: bytes = HTML(string=html(paper, facts, css=css), url_fetcher=fetcher).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=digest(paper, facts, css).encode()
    )
    return made


def style_for(assembly: str, themes: Mapping[str, bytes]) -> str:
    """The papers' style in the colours of an assembly, or of the site, where they have a theme."""
    return style() + (themes.get(f"{assembly}.theme.css") or themes.get("theme.css", b"")).decode()


@cache
def style() -> str:
    """The stylesheet of the papers, with the site's own tokens."""
    folder = Path(petitions.__file__).resolve().parent / "static"
    return (folder / "poster.css").read_text(encoding="utf-8")
