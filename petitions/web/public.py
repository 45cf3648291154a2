"""Public pages: read by everybody, the same for everybody, kept by every cache on the way.

Rules of this module:
- no view looks at a cookie, a session or a header of the person; only `/` and `/p/<ref>` look at the
  wanted language, and their answers are private;
- each answer has an ETag made of its bytes, so that whatever changes the page changes the tag;
- the pages carry no anti-forgery token: nothing here changes anything.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import wraps
from http import HTTPStatus

from flask import Flask, Response, abort, current_app, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from petitions.domain.lifecycle import State
from petitions.platform.config import Settings
from petitions.services import contents
from petitions.services.hiding import is_out_of_sight
from petitions.storage import reading as stored
from petitions.storage.tables import Petition
from petitions.web import (
    counted_view,
    list_pages,
    log_pages,
    petition_papers,
    petition_view,
    public_pages,
)
from petitions.web import home as home_lists
from petitions.web.access import everybody
from petitions.web.closing import closing_paper
from petitions.web.edge import engine, reading
from petitions.web.face import frame, the_face
from petitions.web.page_heads import home_head, list_link, petition_head
from petitions.web.pages import PetitionPage
from petitions.web.petition_file import open_file
from petitions.web.petition_similar import similar_links
from petitions.web.public_room import found_page, open_data, public, saved_as
from petitions.web.scope import wear
from petitions.web.verifier_file import to_check

# A shared cache may keep a page for a minute. A browser asks again after five seconds (304, no page is
# made): somebody who has just signed must not be shown the count of before for minutes.
PAGE = "public, max-age=5, s-maxage=60"
CONTENT = contents.ENGINE_PAGES
__all__ = ["petition_papers", "public"]


Maker = Callable[..., tuple[str, int] | str]


def page(view: Maker) -> Callable[..., AnyResponse]:
    """A cached public page: the view returns its HTML, or HTML and status."""

    @wraps(view)
    def answered(**values: str) -> AnyResponse:
        if values.get("lang") not in the_face(current_app).catalogues.locales:
            abort(404)
        made = view(**values)
        html, status = made if isinstance(made, tuple) else (made, 200)
        answer = Response(html, status=status, mimetype="text/html")
        answer.headers["Cache-Control"] = PAGE
        if status != HTTPStatus.OK:
            return answer
        answer.add_etag()
        return answer.make_conditional(request)

    return everybody(answered)


@public.get("/")
@everybody
def front() -> AnyResponse:
    return _in_wanted_language("/")


@public.get("/p/<ref>")
@everybody
def short(ref: str) -> AnyResponse:
    return _in_wanted_language(f"/petitions/{ref}")


def _in_wanted_language(path: str) -> AnyResponse:
    wanted = [lang for lang, _quality in request.accept_languages]
    locale = the_face(current_app).catalogues.best(wanted)
    answer = redirect(f"/{locale.lang}{path}", 302)
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["Vary"] = "Accept-Language"
    return answer


@public.get("/<lang>/")
@page
def home(lang: str) -> str:
    del lang
    with reading() as session:
        shown = home_lists.home_page(session, engine())
    return render_template("public/home.html", page=shown, frame=frame("home"), head=home_head())


@public.get("/<lang>/petitions")
@page
def petitions(lang: str) -> str:
    del lang
    asked = public_pages.Asked.of(request.args)
    if asked.assembly in public_pages.assemblies(engine()):
        wear(asked.assembly)
    with reading() as session:
        shown = list_pages.list_page(session, engine(), asked)
    feed, table, data = list_link(asked)
    shown = replace(shown, feed_href=feed, csv_href=table, json_href=data)
    noindex = bool(asked.words) or asked.page > 1
    return render_template(
        "public/list.html", page=shown, frame=frame("petitions", noindex=noindex)
    )


def install_places(app: Flask, settings: Settings) -> None:
    """Home and list of each assembly that has a path of its own (`site.assemblies.<id>.path`)."""
    for assembly, own in settings.site.assemblies.items():
        if not own.path:
            continue
        for rule, view in (
            (f"/<lang>/{own.path}/", home),
            (f"/<lang>/{own.path}/petitions", petitions),
        ):
            name = f"public.{view.__name__}_of_{own.path.replace('-', '_')}"
            app.add_url_rule(rule, name, view, defaults={"place": assembly}, methods=["GET"])


@public.get("/<lang>/petitions/<ref>")
@page
def petition(lang: str, ref: str) -> tuple[str, int]:
    del lang
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        shown = petition_view.petition_page(session, engine(), found)
        shown = _shared(shown)
        if shown.state is not State.HIDDEN:
            shown = similar_links(session, engine(), found, shown)
        head = petition_head(session, found, shown)
    hidden = shown.state is State.HIDDEN
    where = frame("petitions", noindex=hidden or shown.state is State.REFUSED)
    html = render_template("public/petition.html", page=shown, frame=where, head=head)
    return html, 410 if hidden else 200


@public.get("/<lang>/petitions/<ref>/count")
@page
def count_of_petition(lang: str, ref: str) -> str:
    """How this number is made up: batches, withdrawals, invalidations with their reasons."""
    del lang
    asked = request.args.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else None
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        if is_out_of_sight(found):
            abort(404)
        file = open_file(session, engine(), found)
        count = stored.public_count(session, found.id)
        valid = count.valid if count else 0
        live = petition_view.shown_count(file, valid) == valid
        certified = live and closing_paper(session, found) is not None
        shown = log_pages.count_page(session, file, shown=live, before=before, certified=certified)
        if shown is not None and live:
            shown = replace(
                shown,
                figures=counted_view.area_figures(session, file),
                counted=counted_view.counted(session, engine(), file),
            )
    if shown is None:
        abort(404)
    where = frame("petitions", noindex=before is not None)
    return render_template("public/count.html", page=shown, check=to_check(), frame=where)


@public.get("/<lang>/log")
@page
def log_status(lang: str) -> str:
    del lang
    with reading() as session:
        shown = log_pages.log_page(session)
    return render_template("public/log.html", logs=shown, check=to_check(), frame=frame("verify"))


def _shared(shown: PetitionPage) -> PetitionPage:
    address = engine().settings.site.base_url.partition("://")[2]
    return replace(shown, short_url=f"{address}/p/{shown.ref}")


@public.get("/petitions/<ref>/counts.csv")
@everybody
def counts_csv(ref: str) -> Response:
    """day,verified: the count at the end of each day with batches (RFC 4180)."""
    days, _total, _at = _counts(ref)
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(("day", "verified"))
    lines.writerows((day.isoformat(), valid) for day, valid in days)
    table = Response(out.getvalue(), content_type="text/csv; charset=utf-8; header=present")
    return open_data(saved_as(table, f"{ref}-counts.csv"))


@public.get("/petitions/<ref>/counts.json")
@everybody
def counts_json(ref: str) -> Response:
    days, total, at = _counts(ref)
    content = {
        "reference": ref,
        "verified": total,
        "counted_at": at,
        "days": [{"day": day.isoformat(), "verified": valid} for day, valid in days],
        "licence": engine().settings.data.licence,
    }
    return open_data(Response(json.dumps(content), mimetype="application/json"))


@public.get("/petitions/<ref>/closing.json")
@everybody
def closing_of_petition(ref: str) -> Response:
    """The closing certificate for programs; 404 until the last batch is public."""
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        if is_out_of_sight(found) or not _counted_exactly(session, found):
            abort(404)
        paper = closing_paper(session, found)
    if paper is None:
        abort(404)
    return open_data(Response(paper, mimetype="application/json"))


def _counted_exactly(session: Session, found: Petition) -> bool:
    """Whether the rules show the public the count as it is, not rounded and not later."""
    count = stored.public_count(session, found.id)
    valid = count.valid if count else 0
    return petition_view.shown_count(open_file(session, engine(), found), valid) == valid


def _counts(ref: str) -> tuple[list[tuple[date, int]], int | None, str | None]:
    """Days with their totals, the newest total and when it was counted, as the rules show them."""
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        if is_out_of_sight(found) or found.published_at is None:
            abort(404)
        count = stored.public_count(session, found.id)
        file = open_file(session, engine(), found)
        shown = petition_view.shown_count(file, count.valid if count else 0)
        live = count is not None and shown == count.valid
        days = stored.daily_counts(session, found.id) if live else []
        at = count.at.isoformat() if count and shown is not None else None
    return days, shown, at


@public.get("/robots.txt")
@everybody
def robots() -> Response:
    """Pages may be kept; what starts a login or shows a person's state may not be asked for."""
    lines = ["User-agent: *"]
    for lang in the_face(current_app).catalogues.languages:
        lines += [f"Disallow: /{lang}/{path}" for path in ("start/", "drafts/", "mine")]
        lines.append(f"Disallow: /{lang}/petitions/*/sign")
        lines.append(f"Disallow: /{lang}/petitions/*/withdraw")
    lines += ["Disallow: /identity/", "Disallow: /office/", ""]
    lines += [f"Sitemap: {engine().settings.site.base_url}/sitemap.xml", ""]
    answer = Response("\n".join(lines), mimetype="text/plain")
    answer.headers["Cache-Control"] = PAGE
    return answer
