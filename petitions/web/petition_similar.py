"""Similar petitions as links: on a petition's page, and before somebody writes a second one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import State
from petitions.platform.i18n import current_locale
from petitions.services.hiding import references_out_of_sight
from petitions.storage.tables import Petition
from petitions.web import rule_words
from petitions.web.edge import Engine
from petitions.web.pages import PetitionLink, PetitionPage
from petitions.web.public_pages import assembly_named

SHOWN = 5
BESIDE_A_PAGE = 3
KEPT = 2000
LIFE = 600.0
"""Seconds: a published text never changes, its neighbours slowly do."""


def find(
    session: Session,
    engine: Engine,
    title: str,
    request: str,
    language: str,
    exclude: Sequence[UUID],
    limit: int = SHOWN,
) -> tuple[PetitionLink, ...]:
    """The likest public petitions, best first, each with why it is worth reading."""
    lang = current_locale().lang
    alike = engine.similar(session, title, request, language, limit, exclude)
    sent_to = dict(
        session.execute(
            select(Petition.reference, Petition.assembly).where(
                Petition.reference.in_([each.ref for each in alike])
            )
        ).all()
    )
    return tuple(
        PetitionLink(
            ref=each.ref,
            href=f"/{lang}/petitions/{each.ref}",
            title=each.title,
            state=State(each.state),
            reason=each.summary or _first_ground(engine, tuple(each.grounds)),
            assembly=assembly_named(engine, sent_to[each.ref]) if each.ref in sent_to else "",
        )
        for each in alike
    )


def _first_ground(engine: Engine, codes: tuple[str, ...]) -> str:
    if not codes:
        return ""
    return rule_words.words_for(engine.house.library, "grounds", codes[0]).title


def similar_links(
    session: Session, engine: Engine, petition: Petition, page: PetitionPage
) -> PetitionPage:
    key, now = (petition.id, current_locale().lang), monotonic()
    kept = engine.likeness.get(key)
    if kept is None or now >= kept[0]:
        found = find(
            session,
            engine,
            page.title,
            page.request,
            page.text_language,
            (petition.id,),
            BESIDE_A_PAGE,
        )
        if len(engine.likeness) >= KEPT:
            engine.likeness.clear()
        kept = engine.likeness[key] = (now + LIFE, found)
    gone = references_out_of_sight(session, [link.ref for link in kept[1]])
    return replace(page, similar=tuple(link for link in kept[1] if link.ref not in gone))
