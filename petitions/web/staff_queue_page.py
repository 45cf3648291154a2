"""The page of the queue put together: rows, figures, views, what it can be narrowed to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select

from admissibility import narrowing, storage
from admissibility.checks import powers
from admissibility.checks.signal import Signal
from admissibility.narrowing import Narrowing
from admissibility.services import saved_views, sifting
from admissibility.storage import Figures, Page, QueueRow, View
from petitions.domain.errors import NotFoundError
from petitions.domain.lifecycle import Role
from petitions.domain.permissions import Permission, may
from petitions.platform.i18n import _, current_locale, ngettext
from petitions.storage.search_match import by_index
from petitions.storage.tables import SavedView, Staff
from petitions.web import rule_words, staff_assemblies, topic_words
from petitions.web.edge import engine
from petitions.web.staff_desk import Desk
from petitions.web.staff_forms import Form

SHOWN_SIGNALS = 3
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The list an address or a form asks for."""

    view: View
    text: str
    after: str
    assembly: str
    narrowing: Narrowing

    def kept(self) -> dict[str, str]:
        """What makes the list, without the place in it: for links, forms and saved views."""
        named = {"v": str(self.view), "q": self.text, "assembly": self.assembly}
        return {key: value for key, value in named.items() if value} | self.narrowing.asked()

    def address(self, path: str, **more: str) -> str:
        return f"{path}?{urlencode(self.kept() | {k: v for k, v in more.items() if v})}"

    @property
    def narrowed(self) -> bool:
        return bool(self.text or self.assembly or self.narrowing.asked())


@dataclass(frozen=True, slots=True)
class OwnView:
    id: UUID
    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    page: Page
    figures: Figures
    ages: tuple[tuple[str, str, int], ...]
    """(address, words, count)."""
    signals: Mapping[UUID, tuple[Signal, ...]]
    colleagues: Choices
    assemblies: Choices
    addressed: Mapping[UUID, str]
    views: tuple[OwnView, ...]
    filters: tuple[tuple[str, str, str, Choices], ...]
    """(field, label, value, choices) of each filter that has a choice to offer."""
    first_href: str
    next_href: str
    topics: Mapping[UUID, str]
    """By petition, what it is about."""


def asked_here(args: Form) -> Asked:
    """Raises NotFoundError for a view that does not exist."""
    view = None
    with suppress(ValueError):
        view = View(args.get("v", "all"))
    if view is None:
        raise NotFoundError("view")
    fields = {name: args.get(name, "") for name in Narrowing.__slots__}
    return Asked(
        view,
        args.get("q", "").strip()[:100],
        args.get("after", ""),
        args.get("assembly", "")[:60],
        Narrowing.of(fields),
    )


def queue_page(at: Desk, asked: Asked) -> QueuePage:
    """Raises ValueError for a broken key or an assembly that is not offered."""
    zone, session = current_locale().zone, at.session
    assembly = staff_assemblies.asked_for(at, asked.assembly)
    figures = storage.figures(session, at.staff.actor, at.today, assembly, zone)
    people = colleagues(at)
    filters = _filters(at, asked.narrowing, people)
    by_index(session)  # after what reads all open checks: a page of them is the first of an index
    found = storage.queue(
        session, asked.view, at.staff.actor, at.today, text=asked.text, after=asked.after,
        assembly=assembly, narrowed=asked.narrowing.conditions(at.today, zone),
    )  # fmt: skip
    return QueuePage(
        page=found,
        figures=figures,
        ages=_ages(figures, assembly),
        signals=_signals(at, found.rows),
        colleagues=people,
        assemblies=staff_assemblies.offered(at),
        addressed=staff_assemblies.addressed(at, [row.petition_id for row in found.rows]),
        views=tuple(_own(row, asked) for row in saved_views.views_of(session, at.staff.actor)),
        filters=filters,
        first_href=asked.address("/office/queue") if asked.after else "",
        next_href=asked.address("/office/queue", after=found.after) if found.after else "",
        topics=topics_of(at, found.rows),
    )


def _ages(figures: Figures, assembly: str) -> tuple[tuple[str, str, int], ...]:
    found = []
    for bucket, least, most, count in figures.ages:
        query = urlencode(
            {"v": "all", "age": bucket} | ({"assembly": assembly} if assembly else {})
        )
        found.append((f"/office/queue?{query}", age_words(least, most), count))
    return tuple(found)


def age_words(least: int, most: int | None) -> str:
    number = current_locale().number
    if most is None:
        return _("%(days)s days and more", days=number(least))
    if least == 0:
        return ngettext("Up to %(num)s day", "Up to %(num)s days", most)
    return _("%(least)s to %(most)s days", least=number(least), most=number(most))


def _own(row: SavedView, asked: Asked) -> OwnView:
    kept = {str(key): str(value) for key, value in row.asked.items()}
    return OwnView(row.id, row.name, f"/office/queue?{urlencode(kept)}", kept == asked.kept())


def _signals(at: Desk, rows: tuple[QueueRow, ...]) -> dict[UUID, tuple[Signal, ...]]:
    """The loudest signals of each row; a case that the worker has not read yet is absent."""
    kept = sifting.marks_of(at.session, [row.review_id for row in rows])
    known, lang = at.house.library.context.powers.values(), current_locale().lang
    return {
        review: tuple(powers.retold(each, known, lang) for each in found[:SHOWN_SIGNALS])
        for review, found in kept.items()
    }


def colleagues(at: Desk) -> Choices:
    """Those a case may be given to, by name."""
    listed = at.session.scalars(
        select(Staff).where(Staff.disabled.is_(False)).order_by(Staff.name, Staff.actor)
    )
    return tuple(
        (each.actor, each.name)
        for each in listed
        if may([Role(role) for role in each.roles], Permission.TAKE_CASES)
    )


def _filters(
    at: Desk, chosen: Narrowing, people: Choices
) -> tuple[tuple[str, str, str, Choices], ...]:
    offered = narrowing.offered(at.session)
    library = at.house.library

    def worded(noun: str, pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
        return {code: rule_words.words_for(library, noun, code, book).title for book, code in pairs}

    kinds = {
        f"{book}/{kind}": rule_words.words_for(library, "kinds", kind, book).title
        for book, kind in offered.kinds
    }
    ages = tuple((str(bucket), age_words(least, most)) for bucket, least, most in narrowing.AGES)
    languages = {code: current_locale().language(code) for code in offered.languages}
    listed = (
        ("kind", _("Kind of petition"), _several(kinds)),
        ("stage", _("Step of the check"), _several(worded("stages", offered.stages))),
        (
            "ground",
            _("Ground a signal points at"),
            tuple(worded("grounds", offered.grounds).items()),
        ),
        ("language", _("Language"), _several(languages)),
        ("topic", _("Topic"), _topics(at, offered.topics)),
        ("age", _("Waiting for"), ages),
        ("assignee", _("Assigned to"), people),
    )
    return tuple(
        (field, label, getattr(chosen, field), choices)
        for field, label, choices in listed
        if choices or getattr(chosen, field)
    )


def topics_of(at: Desk, rows: Iterable[QueueRow]) -> dict[UUID, str]:
    """Petition → the name of its topic, in the words of its own assembly."""
    library = at.house.library
    return {
        row.petition_id: name
        for row in rows
        if (name := topic_words.topic_words(library.assembly(row.assembly), row.topic))
    }


def _topics(at: Desk, found: frozenset[str]) -> Choices:
    """In the order of the lists, then those without; nothing where no assembly has a list."""
    named = topic_words.offered(at.house.library, engine().settings.rulebooks.assemblies)
    choices = {topic: word for topic, word in named.items() if topic in found}
    if choices and narrowing.NONE in found:
        choices[narrowing.NONE] = _("none")
    return _several(choices)


def _several(choices: Mapping[str, str]) -> Choices:
    """One value alone narrows nothing."""
    return tuple(choices.items()) if len(choices) > 1 else ()
