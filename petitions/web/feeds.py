"""Atom feeds (RFC 4287): the site, a list as it was filtered, one petition, one body.

Rules of this module:
- a feed says what the pages say: petitions in a public state, steps of the public timeline;
- an entry's id is a `tag:` of this deployment: it survives a new address of the site;
- feeds are public pages: cached alike, no cookie, no token.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, render_template, request
from sqlalchemy import ColumnElement, select

from petitions.domain.atom import MEDIA_TYPE, Entry, Feed, feed_file, tag
from petitions.domain.lifecycle import State
from petitions.platform.i18n import _, current_locale, text_for
from petitions.services.hiding import is_out_of_sight
from petitions.storage import reading as stored
from petitions.storage.reading import Row
from petitions.storage.search_reading import search
from petitions.storage.tables import Petition, Track
from petitions.web import public_pages, scope
from petitions.web.access import everybody
from petitions.web.edge import engine, reading
from petitions.web.face import frame, the_face
from petitions.web.pages import STATE_WORDS
from petitions.web.pages_data import FeedLink, FeedsPage
from petitions.web.petition_file import open_file
from petitions.web.public import PAGE, page
from petitions.web.public_room import found_page
from petitions.web.told_steps import Told, told

blueprint = Blueprint("feeds", __name__)
MOST = 50
SUMMARY_MAX = 500


@blueprint.get("/<lang>/feed.atom")
@everybody
def site_feed(lang: str) -> Response:
    """Every petition when something has become of it: a new entry for each state."""
    del lang
    with reading() as session:
        asking = public_pages.question(engine(), public_pages.Asked(sort="updated"))
        rows = stored.listed(session, asking, MOST)
        made = _list_feed(rows, _site_name(), "site", scope.href("/"))
    return _answer(made)


@blueprint.get("/<lang>/petitions.atom")
@everybody
def list_feed(lang: str) -> Response:
    """The list with the filters of its address; its order is that of the list."""
    del lang
    asked = public_pages.Asked.of(request.args)
    with reading() as session:
        found = search(
            session,
            public_pages.question(engine(), asked),
            offset=(asked.page - 1) * MOST,
            limit=MOST,
        )
        query = asked.href().partition("?")[2]
        title = _("All petitions")
        if query:
            title = _("Petitions of a search")
        topics = public_pages.topics(engine(), asked)
        if asked.topic in topics and query == f"topic={asked.topic}":
            title = topics[asked.topic]
        if asked.words:
            title = _("Petitions about “%(query)s”", query=asked.words)
        more = ""
        if asked.page * MOST < found.total:
            again = asked.href(page=asked.page + 1).partition("?")[2]
            more = f"{_base()}{request.path}?{again}"
        made = _list_feed(
            found.rows, f"{title} – {_site_name()}", f"list?{query}", asked.href(), more, query
        )
    return _answer(made)


@blueprint.get("/<lang>/bodies/<assembly>/<body>.atom")
@everybody
def body_feed(lang: str, assembly: str, body: str) -> Response:
    """Petitions on which a committee or another body has something to do, or had."""
    del lang
    if assembly not in public_pages.assemblies(engine()):
        abort(404)
    served = engine().house.library.assembly(assembly)
    if body not in served.bodies:
        abort(404)
    with reading() as session:
        asking = public_pages.question(
            engine(), public_pages.Asked(assembly=assembly, sort="updated")
        )
        rows = stored.listed(session, asking, MOST, _owed_by(body))
        name = served.body(body, current_locale().lang)
        title = f"{name} – {served.name(current_locale().lang)}"
        href = public_pages.Asked(assembly=assembly).href()
        made = _list_feed(rows, title, f"body/{assembly}/{body}", href)
    return _answer(made)


def _owed_by(body: str) -> ColumnElement[bool]:
    owed = select(Track.petition_id).where(Track.body == body, Track.internal.is_(False))
    return Petition.id.in_(owed)


@blueprint.get("/<lang>/petitions/<ref>/feed.atom")
@everybody
def petition_feed(lang: str, ref: str) -> Response:
    """The timeline of one petition; 410 once it is out of sight."""
    with reading() as session:
        found = found_page(stored.public_petition(session, public_pages.assemblies(engine()), ref))
        if is_out_of_sight(found):
            abort(410)
        file = open_file(session, engine(), found)
        steps = told(session, engine(), file)
        made = Feed(
            id=_tag(f"petition/{ref}/{lang}"),
            title=file.text.title,
            href=f"{_base()}{file.href}",
            self_href=f"{_base()}{request.path}",
            author=_site_name(),
            lang=lang,
            updated=steps[0].at if steps else found.state_since,
            rights=engine().settings.data.licence,
            entries=tuple(_step(found, each, file.href) for each in steps[:MOST]),
        )
    return _answer(made)


def _step(petition: Petition, each: Told, href: str) -> Entry:
    body = f"{each.body}. " if each.body else ""
    return Entry(
        id=_tag(f"petition/{petition.reference}/{each.key}"),
        title=each.title,
        href=f"{_base()}{href}#progress",
        updated=each.at,
        published=each.at,
        summary=_short(f"{body}{each.text}".strip()),
    )


@blueprint.get("/<lang>/feeds")
@page
def feeds_page(lang: str) -> str:
    """Where one can listen: feeds and calendars (RFC 5545), with what each tells."""
    del lang
    shown = FeedsPage(
        site=f"{scope.href('')}/feed.atom", lists=tuple(_lists()), bodies=tuple(_bodies())
    )
    return render_template("data/feeds.html", page=shown, frame=frame("data"))


def _lists() -> list[FeedLink]:
    lang = current_locale().lang
    states = (State.PUBLISHED, State.THRESHOLD_REACHED, State.EXAMINED, State.REFUSED)
    found = [FeedLink(f"/{lang}/petitions.atom", _("New petitions"))]
    found += [
        FeedLink(f"/{lang}/petitions.atom?state={state}", _(STATE_WORDS[state][0]))
        for state in states
    ]
    named = public_pages.topics(engine(), public_pages.Asked())
    found += [FeedLink(f"/{lang}/petitions.atom?topic={id_}", word) for id_, word in named.items()]
    served = public_pages.assemblies(engine())
    if len(served) > 1:
        library = engine().house.library
        found += [
            FeedLink(f"/{lang}/petitions.atom?assembly={each}", library.assembly(each).name(lang))
            for each in served
        ]
    return found


def _bodies() -> list[FeedLink]:
    lang, found = current_locale().lang, []
    for each in public_pages.assemblies(engine()):
        assembly = engine().house.library.assembly(each)
        several = f" – {assembly.name(lang)}" if len(public_pages.assemblies(engine())) > 1 else ""
        found += [
            FeedLink(f"/{lang}/bodies/{each}/{body}.atom", f"{assembly.body(body, lang)}{several}")
            for body in assembly.bodies
        ]
    return found


def _list_feed(
    rows: Sequence[Row], title: str, what: str, href: str, more: str = "", query: str = ""
) -> Feed:
    """`query`: what of the address filters the list; anything else is not repeated."""
    lang = current_locale().lang
    entries = tuple(_petition(row) for row in rows)
    return Feed(
        id=_tag(f"{what}/{lang}"),
        title=title,
        href=f"{_base()}{href}",
        self_href=f"{_base()}{request.path}{'?' * bool(query)}{query}",
        author=_site_name(),
        lang=lang,
        updated=max((entry.updated for entry in entries), default=datetime(2026, 1, 1, tzinfo=UTC)),
        rights=engine().settings.data.licence,
        next_href=more,
        entries=entries,
    )


def _petition(row: Row) -> Entry:
    """One petition in its state: a reader learns of it again with each new state.

    No author: a feed reader would keep the name beyond the day until which the rules show it.
    """
    petition, lang = row.petition, current_locale().lang
    word = _(STATE_WORDS[State(petition.state)][0])
    return Entry(
        id=_tag(f"petition/{petition.reference}/{petition.state}"),
        title=row.text.title,
        href=f"{_base()}/{lang}/petitions/{petition.reference}",
        updated=petition.state_since,
        published=petition.published_at or petition.submitted_at,
        summary=_short(row.text.request),
        lang=row.text.language,
        category=(petition.state, word),
    )


def _short(text: str) -> str:
    return text if len(text) <= SUMMARY_MAX else text[:SUMMARY_MAX].rsplit(maxsplit=1)[0] + " …"


def _tag(what: str) -> str:
    return tag(urlsplit(f"//{engine().settings.site.deployment}").hostname or "petitions", what)


def _base() -> str:
    return engine().settings.site.base_url


def _site_name() -> str:
    return text_for(the_face(current_app).names, current_locale().lang)


def _answer(feed: Feed) -> Response:
    answer = Response(feed_file(feed), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    answer.headers["Cache-Control"] = PAGE
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
