"""What machines read in the head of a page: schema.org, OpenGraph, feeds, the frame for other sites.

Rules of this module:
- JSON-LD is a block of data: the security policy lets it through, and nothing in it runs;
- counts are those of the last whole day, so that a page kept by a search engine tells no moment;
- no author's name: a copy elsewhere would outlive the day until which the rules show it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from flask import current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.platform.i18n import _, current_locale, text_for
from petitions.sharing import card, paper
from petitions.sharing.facts import ShareFacts
from petitions.sharing.paper import Paper
from petitions.storage.tables import Petition
from petitions.web import public_pages, scope
from petitions.web.edge import engine
from petitions.web.face import the_face
from petitions.web.pages import STATE_WORDS, PetitionPage
from petitions.web.pages_data import Share
from petitions.web.share_room import embed_code, facts_of, pdf_href

_OUTSIDE_HTML = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class Head:
    """`og` holds (property, content); `links` (rel, type, title, address)."""

    json_ld: Markup
    og: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str, str, str], ...] = ()
    default: str = ""
    """Address that sends everybody to their own language (hreflang x-default)."""
    share: Share | None = None


def data_block(content: object) -> Markup:
    """JSON that can stand inside `<script type="application/ld+json">`, whatever it holds."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).translate(_OUTSIDE_HTML)
    return Markup(text)  # noqa: S704 - no character of HTML is left in it


def petition_head(session: Session, petition: Petition, page: PetitionPage) -> Head | None:
    """None for what is out of sight, refused or not published: such a page is not to be handed on."""
    if petition.published_at is None or page.state in (State.HIDDEN, State.REFUSED):
        return None
    if page.archived_from in (State.HIDDEN, State.REFUSED):
        return None
    facts = facts_of(session, petition)
    address = f"{_base()}{page.href}"
    embeddable = quote(address, safe="")
    return Head(
        json_ld=data_block(_petition_data(facts, page, address)),
        og=_open_graph(facts, address),
        links=(
            ("alternate", "application/atom+xml", _("Timeline of this petition"),
             f"{page.href}/feed.atom"),
            ("alternate", "application/json+oembed", facts.title, f"/oembed?url={embeddable}"),
            ("alternate", "text/xml+oembed", facts.title, f"/oembed?format=xml&url={embeddable}"),
        ),
        default=f"{_base()}/p/{facts.ref}",
        share=share_of(facts, page.href),
    )  # fmt: skip


def share_kit(session: Session, petition: Petition, page: PetitionPage) -> Share | None:
    """For the author: the same ways to hand it on, with the QR code itself."""
    if petition.published_at is None or page.state in (State.HIDDEN, State.REFUSED):
        return None
    facts = facts_of(session, petition)
    return replace(share_of(facts, page.href), qr=paper.qr(facts.address))


def share_of(facts: ShareFacts, href: str) -> Share:
    text = f"{facts.title}\n{facts.address}"
    return Share(
        address=facts.address,
        shown=facts.shown_address,
        mail=f"mailto:?subject={quote(facts.title)}&body={quote(text)}",
        poster=f"{href}/poster",
        poster_pdf=pdf_href(facts, Paper.POSTER),
        form=f"{href}/form" if facts.on_paper and facts.open else "",
        form_pdf=pdf_href(facts, Paper.FORM) if facts.on_paper and facts.open else "",
        picture=f"{href}/card.png" if card.available() else "",
        embed=f"{href}/embed",
        code=embed_code(facts),
        feed=f"{href}/feed.atom",
    )


def _petition_data(facts: ShareFacts, page: PetitionPage, address: str) -> Mapping[str, object]:
    told: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "@id": address,
        "url": address,
        "identifier": facts.ref,
        "name": facts.title,
        "abstract": facts.request,
        "inLanguage": facts.lang,
        "genre": page.kind or _("Petition"),
        "creativeWorkStatus": _(STATE_WORDS[facts.state][0]),
        "publisher": {"@type": "GovernmentOrganization", "name": facts.assembly},
        "isAccessibleForFree": True,
        "license": engine().settings.data.licence_url or engine().settings.data.licence,
    }
    if page.topic:
        told["about"] = {"@type": "Thing", "name": page.topic.name}
        told["keywords"] = page.topic.name
    if page.published:
        told["datePublished"] = page.published.isoformat()
    if facts.closes:
        told["expires"] = facts.closes.isoformat()
    if facts.count is not None:
        told["interactionStatistic"] = {
            "@type": "InteractionCounter",
            "interactionType": {"@type": "EndorseAction"},
            "userInteractionCount": facts.count,
        }
    if facts.open:
        told["potentialAction"] = {"@type": "EndorseAction", "target": address}
    return told


def _open_graph(facts: ShareFacts, address: str) -> tuple[tuple[str, str], ...]:
    locale = current_locale()
    begun = ""
    if facts.count is not None and facts.counted_on is not None:
        begun = _(
            "%(signatures)s, counted through %(day)s.",
            signatures=locale.signatures(facts.count),
            day=locale.date(facts.counted_on),
        )
    told = [
        ("og:type", "article"),
        ("og:title", facts.title),
        ("og:url", address),
        ("og:site_name", facts.site),
        ("og:locale", locale.lang),
        ("og:description", f"{begun} {_short(facts.request)}".strip()),
    ]
    if not card.available():
        return (*told, ("twitter:card", "summary"))
    told += [
        ("og:image", f"{address}/card.png"),
        ("og:image:type", "image/png"),
        ("og:image:width", str(card.SIZE[0])),
        ("og:image:height", str(card.SIZE[1])),
        ("og:image:alt", f"{facts.title}. {begun}".strip()),
        ("twitter:card", "summary_large_image"),
    ]
    return tuple(told)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _DESCRIPTION else flat[:_DESCRIPTION].rsplit(" ", 1)[0] + " …"


def home_head() -> Head:
    """The site itself, with its search."""
    lang, face = current_locale().lang, the_face(current_app)
    home, library = f"{_base()}{scope.href('/')}", engine().house.library
    bodies = [library.assembly(each).name(lang) for each in public_pages.assemblies(engine())]
    lists = f"{_base()}{scope.href('/petitions')}"
    name = text_for(face.names, lang)
    return Head(
        json_ld=data_block(
            {
                "@context": "https://schema.org",
                "@type": "WebSite",
                "@id": home,
                "url": home,
                "name": name,
                "inLanguage": lang,
                "publisher": [{"@type": "GovernmentOrganization", "name": each} for each in bodies],
                "potentialAction": {
                    "@type": "SearchAction",
                    "target": f"{lists}?q={{words}}",
                    "query-input": "required name=words",
                },
            }
        ),
        og=(("og:type", "website"), ("og:title", name), ("og:url", home), ("og:locale", lang)),
        links=(("alternate", "application/atom+xml", name, f"{scope.href('')}/feed.atom"),),
        default=f"{_base()}/" if not scope.current() else "",
    )


def list_link(asked: public_pages.Asked) -> tuple[str, str, str]:
    """(feed, table as CSV, JSON) of this very list."""
    query = asked.href().partition("?")[2]
    tail = f"?{query}" if query else ""
    atom, table, data = (f"{scope.href('/petitions')}.{form}" for form in ("atom", "csv", "json"))
    return f"{atom}{tail}", f"{table}{tail}", f"{data}{tail}"


def _base() -> str:
    return engine().settings.site.base_url
