"""What sharing needs of one petition: its facts, the files that are made, the code to embed it."""

from __future__ import annotations

from pathlib import Path

from flask import current_app, render_template
from sqlalchemy.orm import Session

from petitions.platform.i18n import current_locale, text_for
from petitions.sharing import card, paper
from petitions.sharing.facts import ShareFacts, share_facts
from petitions.sharing.paper import Paper
from petitions.sharing.shelf import ShareShelf
from petitions.storage.tables import Petition
from petitions.web.edge import engine
from petitions.web.face import the_face

EMBED_SIZE = (420, 250)
"""Of the counter, in CSS pixels."""


def facts_of(session: Session, petition: Petition) -> ShareFacts:
    the, face = engine(), the_face(current_app)
    return share_facts(
        session, the.house, petition,
        site=text_for(face.names, current_locale().lang),
        base_url=the.settings.site.base_url, at=the.clock(),
    )  # fmt: skip


def shelf() -> ShareShelf:
    folder = engine().settings.share.directory
    return ShareShelf(Path(folder) if folder else None)


def css_of(assembly: str) -> str:
    return paper.style_for(assembly, the_face(current_app).themes)


def pdf_href(facts: ShareFacts, which: Paper) -> str:
    """The address of a PDF that is made; "" before."""
    lang, digest = current_locale().lang, paper.digest(which, facts, css_of(facts.assembly_id))
    made = shelf().has(facts.ref, lang, which, digest, "pdf")
    return f"/{lang}/petitions/{facts.ref}/{which}.pdf" if made else ""


def look_of(assembly: str) -> card.Colours:
    themes = the_face(current_app).themes
    return card.colours(
        (themes.get(f"{assembly}.theme.css") or themes.get("theme.css", b"")).decode()
    )


def embed_code(facts: ShareFacts, width: int = EMBED_SIZE[0], height: int = EMBED_SIZE[1]) -> str:
    """One line that authors paste elsewhere: a frame, no script."""
    return render_template("share/embed_code.html", page=facts, width=width, height=height).strip()
