"""The home page: what waits for an answer first, then what moves, was answered, or soon ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.vocabulary import CountShown
from petitions.services import milestone_effects
from petitions.storage import home_rows, reading
from petitions.storage.reading import Question, Row
from petitions.storage.search_reading import by_topic
from petitions.storage.tables import Petition
from petitions.web import rule_words
from petitions.web.edge import Engine
from petitions.web.pages import Link, PetitionCard
from petitions.web.pages_home import HomePage, SiteFigures, TopicLink
from petitions.web.public_pages import Asked, assemblies, cards, question, today, topics
from petitions.web.topic_words import foremost

ON_HOME = 3
CANDIDATES = 60
"""So many petitions are looked at to find those near a level."""
CLOSING = timedelta(days=14)
WEEK = timedelta(days=7)
NEAR = 0.75
"""Share of the next level from which a petition is near it."""


def home_page(session: Session, engine: Engine) -> HomePage:
    numbers = reading.figures(session, question(engine))

    def some(
        state: State | None, sort: str, *more: ColumnElement[bool]
    ) -> tuple[PetitionCard, ...]:
        wanted = replace(question(engine), state=state or "", sort=sort)
        return cards(session, engine, reading.listed(session, wanted, ON_HOME, *more))

    return HomePage(
        figures=SiteFigures(
            numbers.open, numbers.signatures, numbers.examined, numbers.median_days
        ),
        assemblies=_doors(engine),
        featured=some(
            None, "newest", milestone_effects.featured(), Petition.state.in_(SIGNING_STATES)
        ),
        reached=some(State.THRESHOLD_REACHED, "updated"),
        answered=some(State.EXAMINED, "updated"),
        most_signed=_this_week(session, engine) or some(State.PUBLISHED, "most_signed"),
        near=_near(session, engine),
        newest=some(State.PUBLISHED, "newest"),
        topics=_topics(session, engine),
    )


def _topics(session: Session, engine: Engine) -> tuple[TopicLink, ...]:
    """Those that some petition has, in the order of the assembly's list."""
    named = topics(engine, Asked())
    numbers = by_topic(session, question(engine), engine.list_numbers) if named else {}
    return tuple(
        TopicLink(Asked(topic=topic).href(), named[topic], numbers[topic])
        for topic in foremost(named, numbers)
    )


def _doors(engine: Engine) -> tuple[Link, ...]:
    """The assemblies of the site, where there are several: each leads to its own petitions."""
    served = assemblies(engine)
    if len(served) < 2:
        return ()
    library = engine.house.library
    return tuple(
        Link(Asked(assembly=each).href(), rule_words.assembly_words(library, each))
        for each in served
    )


def _open(engine: Engine, sort: str) -> Question:
    return replace(question(engine), state=State.PUBLISHED, sort=sort)


def _this_week(session: Session, engine: Engine) -> tuple[PetitionCard, ...]:
    """Most signed in seven days, of those whose rules show the count as it is."""
    gained = home_rows.gained(session, today(engine) - WEEK, CANDIDATES)
    wanted = Petition.id.in_(list(gained))
    rows = [
        row
        for row in reading.listed(session, _open(engine, "newest"), CANDIDATES, wanted)
        if engine.house.kind(session, row.petition).publicity.count is CountShown.LIVE
    ]
    first = sorted(rows, key=lambda row: -gained[row.petition.id])[:ON_HOME]
    return _with_week(cards(session, engine, first), first, gained)


def _with_week(
    shown: tuple[PetitionCard, ...], rows: list[Row], gained: Mapping[UUID, int]
) -> tuple[PetitionCard, ...]:
    return tuple(
        replace(card, week=gained[row.petition.id]) for card, row in zip(shown, rows, strict=True)
    )


def _near(session: Session, engine: Engine) -> tuple[PetitionCard, ...]:
    """A little short of the next level, or about to close; the one with the least time first."""
    soon = engine.clock() + CLOSING
    closing = reading.listed(
        session,
        _open(engine, "closing"),
        ON_HOME,
        Petition.closes_at.is_not(None),
        Petition.closes_at <= soon,
        Petition.signing_ended_at.is_(None),
    )
    many = reading.listed(session, _open(engine, "most_signed"), CANDIDATES)
    almost = [
        card
        for card in cards(session, engine, many)
        if card.count is not None and card.threshold and card.count >= NEAR * card.threshold
    ]
    almost.sort(key=lambda card: -(card.count or 0) / (card.threshold or 1))
    found = {card.ref: card for card in (*cards(session, engine, closing), *almost[:ON_HOME])}
    return tuple(found.values())[: 2 * ON_HOME]
