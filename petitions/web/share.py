"""To hand on: poster and form to print, PDF, picture, embedded counter, oEmbed.

Rules of this module:
- all of it is public and made from what the page says; a petition out of sight has none of it;
- the counter is the only page that other sites may frame: no script, no cookie, no third party;
- what needs an extra that is missing is not linked, and its address answers 404.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, abort, current_app, render_template, request
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.platform.headers import CSP
from petitions.platform.i18n import speaking
from petitions.services.hiding import is_out_of_sight
from petitions.sharing import card, paper
from petitions.sharing.facts import ShareFacts
from petitions.sharing.paper import Paper
from petitions.storage import reading as stored
from petitions.storage.tables import Petition
from petitions.web import public_pages
from petitions.web.access import REFERENCE, everybody
from petitions.web.edge import engine, reading
from petitions.web.face import the_face
from petitions.web.petition_file import open_file
from petitions.web.petition_view import sign_card
from petitions.web.public import PAGE, page
from petitions.web.public_room import found_page
from petitions.web.share_room import (
    EMBED_SIZE,
    css_of,
    embed_code,
    facts_of,
    look_of,
    pdf_href,
    shelf,
)

blueprint = Blueprint("share", __name__)
FRAMED = CSP.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
    "form-action 'self'", "form-action 'none'"
)
SLOW = "public, max-age=3600"


@contextmanager
def _shown(ref: str) -> Iterator[tuple[Session, Petition]]:
    """A petition with a page that is in sight and was published: 404 or 410 for others."""
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        if is_out_of_sight(found):
            abort(410)
        if found.published_at is None:
            abort(404)
        yield session, found


def _printed(which: Paper, ref: str) -> str:
    with _shown(ref) as (session, found):
        facts = facts_of(session, found)
    if which is Paper.FORM and not (facts.on_paper and facts.open):
        abort(404)
    return render_template(
        f"share/{which}.html", page=facts, pdf_href=pdf_href(facts, which), **paper.drawn(facts)
    )


@blueprint.get("/<lang>/petitions/<ref>/poster")
@page
def poster(lang: str, ref: str) -> str:
    del lang
    return _printed(Paper.POSTER, ref)


@blueprint.get("/<lang>/petitions/<ref>/form")
@page
def form(lang: str, ref: str) -> str:
    """A collection form, where signatures may be given on paper and still are."""
    del lang
    return _printed(Paper.FORM, ref)


@blueprint.get("/<lang>/petitions/<ref>/poster.pdf", defaults={"which": "poster"})
@blueprint.get("/<lang>/petitions/<ref>/form.pdf", defaults={"which": "form"})
@everybody
def paper_pdf(lang: str, ref: str, which: str) -> Response:
    """As the worker made it; 404 until then, and the page to print is always there."""
    with _shown(ref) as (session, found):
        facts = facts_of(session, found)
    digest = paper.digest(Paper(which), facts, css_of(facts.assembly_id))
    made = shelf().find(ref, lang, which, digest, "pdf")
    if made is None:
        abort(404)
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{which}-{ref}-{lang}.pdf"'
    return _kept(answer, SLOW)


@blueprint.get("/<lang>/petitions/<ref>/card.png")
@everybody
def card_png(lang: str, ref: str) -> Response:
    """The picture beside a link, drawn when it is first asked for; the count is that of yesterday."""
    with _shown(ref) as (session, found):
        facts = facts_of(session, found)
    the = engine()
    look = look_of(facts.assembly_id)
    digest = card.digest(facts, look)
    drawn = shelf().find(ref, lang, "card", digest, "png")
    if drawn is None:
        drawn = card.draw(facts, look, tuple(the.settings.share.fonts))
        if drawn is None:
            abort(404)
        shelf().keep(ref, lang, "card", digest, "png", drawn)
    return _kept(Response(drawn, mimetype="image/png"), SLOW)


@blueprint.get("/<lang>/petitions/<ref>/embed")
@page
def embed(lang: str, ref: str) -> str:
    """The counter for other sites."""
    del lang
    with _shown(ref) as (session, found):
        file = open_file(session, engine(), found)
        counter = sign_card(session, engine(), file)
        facts = facts_of(session, found)
    return render_template("share/embed.html", page=facts, card=counter)


@blueprint.after_request
def may_be_framed(answer: Response) -> Response:
    if request.endpoint == "share.embed" and answer.status_code in {200, 304}:
        answer.headers["Content-Security-Policy"] = FRAMED
    return answer


@blueprint.get("/oembed")
@everybody
def oembed() -> Response:
    """OEmbed 1.0, type rich: an address of a petition in, the frame of its counter out."""
    wanted = request.args.get("format", "json")
    if wanted not in {"json", "xml"}:
        return _bare(501)
    place = _petition_address(request.args.get("url", ""))
    if place is None:
        return _bare(404)
    lang, ref = place
    with speaking(the_face(current_app).catalogues.locale(lang)), reading() as session:
        found = stored.public_petition(session, public_pages.assemblies(engine()), ref)
        if found is None or found.state == State.HIDDEN or found.published_at is None:
            return _bare(404)
        found_page(found)
        if is_out_of_sight(found):
            return _bare(404)
        facts = facts_of(session, found)
        told = _rich(facts, lang)
    if wanted == "xml":
        root = ET.Element("oembed")
        for key, value in told.items():
            ET.SubElement(root, key).text = str(value)
        content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        answer = Response(content, content_type="text/xml; charset=utf-8")
    else:
        answer = Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return _kept(answer, PAGE)


def _petition_address(url: str) -> tuple[str, str] | None:
    """(language, reference) of an address of this site: a petition's page or its short form."""
    base = engine().settings.site.base_url
    if not url.startswith(f"{base}/") or len(url) > 300:
        return None
    languages = the_face(current_app).catalogues.languages
    parts = url.removeprefix(f"{base}/").partition("?")[0].partition("#")[0].rstrip("/").split("/")
    if len(parts) == 2 and parts[0] == "p":
        parts = [languages[0], "petitions", parts[1]]
    if len(parts) < 3 or parts[0] not in languages or parts[1] != "petitions":
        return None
    return (parts[0], parts[2]) if REFERENCE.fullmatch(parts[2]) else None


def _rich(facts: ShareFacts, lang: str) -> dict[str, object]:
    site = engine().settings.site
    width = min(EMBED_SIZE[0], _number("maxwidth", EMBED_SIZE[0]))
    height = min(EMBED_SIZE[1], _number("maxheight", EMBED_SIZE[1]))
    told: dict[str, object] = {
        "type": "rich",
        "version": "1.0",
        "title": facts.title,
        "provider_name": facts.site,
        "provider_url": f"{site.base_url}/{lang}/",
        "cache_age": 3600,
        "html": embed_code(facts, width, height),
        "width": width,
        "height": height,
    }
    if card.available():
        told |= {
            "thumbnail_url": f"{site.base_url}/{lang}/petitions/{facts.ref}/card.png",
            "thumbnail_width": card.SIZE[0],
            "thumbnail_height": card.SIZE[1],
        }
    return told


def _number(name: str, otherwise: int) -> int:
    given = request.args.get(name, "")
    return (
        max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 6 else otherwise
    )


def _bare(status: int) -> Response:
    answer = Response("", status=status, mimetype="text/plain")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _kept(answer: Response, caching: str) -> Response:
    answer.headers["Cache-Control"] = caching
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
