"""The sitemap (sitemaps.org, protocol 0.9): pages that search engines may keep, and when they changed.

An index names parts of so many petitions; each address stands there in every language of the site.
Refused petitions are no part of it: their pages ask not to be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, abort, current_app, request

from petitions.domain.lifecycle import State
from petitions.storage import open_rows
from petitions.web import public_pages
from petitions.web.access import everybody
from petitions.web.edge import engine, reading
from petitions.web.face import the_face
from petitions.web.public import CONTENT, PAGE

blueprint = Blueprint("sitemap", __name__)
PART = 5000
"""Petitions in one part: the protocol allows 50,000 addresses and 50 MB."""
_NS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_PAGES = ("", "petitions", *CONTENT, "log", "figures", "data", "data/api", "feeds")


@blueprint.get("/sitemap.xml")
@everybody
def sitemap() -> Response:
    """The index: pages of the site first, then petitions in the order of their references."""
    with reading() as session:
        asking = public_pages.question(engine())
        parts = open_rows.sitemap_parts(session, asking, PART)
    root = ET.Element("sitemapindex", {"xmlns": _NS})
    for number, changed in enumerate([None, *parts]):
        part = ET.SubElement(root, "sitemap")
        ET.SubElement(part, "loc").text = f"{_base()}/sitemap-{number}.xml"
        if changed is not None:
            ET.SubElement(part, "lastmod").text = changed.isoformat()
    return _answer(root)


@blueprint.get("/sitemap-<int:number>.xml")
@everybody
def sitemap_part(number: int) -> Response:
    if number == 0:
        return _answer(_urls((path, None) for path in _PAGES))
    with reading() as session:
        asking = public_pages.question(engine())
        rows = open_rows.sitemap_rows(session, asking, PART, number - 1)
    if not rows:
        abort(404)
    shown = ((f"petitions/{ref}", day) for ref, state, day in rows if state != State.REFUSED)
    return _answer(_urls(shown))


def _urls(paths: Iterable[tuple[str, date | None]]) -> ET.Element:
    root = ET.Element("urlset", {"xmlns": _NS, "xmlns:xhtml": _XHTML})
    languages = the_face(current_app).catalogues.languages
    for path, changed in paths:
        for lang in languages:
            url = ET.SubElement(root, "url")
            ET.SubElement(url, "loc").text = f"{_base()}/{lang}/{path}"
            if changed is not None:
                ET.SubElement(url, "lastmod").text = changed.isoformat()
            for other in _alternates(languages, path):
                ET.SubElement(url, "xhtml:link", other)
    return root


def _alternates(languages: Iterable[str], path: str) -> Iterator[dict[str, str]]:
    for lang in languages:
        yield {"rel": "alternate", "hreflang": lang, "href": f"{_base()}/{lang}/{path}"}


def _base() -> str:
    return engine().settings.site.base_url


def _answer(root: ET.Element) -> Response:
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    answer = Response(content, content_type="application/xml; charset=utf-8")
    answer.headers["Cache-Control"] = PAGE
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
