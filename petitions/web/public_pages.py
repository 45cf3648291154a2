"""Home, lists and content pages of the database as page objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from petitions.domain.assembly import Assembly
from petitions.domain.calendar import days_left, local_day
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.procedure import Kind
from petitions.domain.rulebook import Rulebook
from petitions.domain.vocabulary import CountShown, Visibility
from petitions.platform.i18n import N_, current_locale, text_for
from petitions.platform.site_settings import Accessibility
from petitions.services import milestone_effects
from petitions.storage import reading
from petitions.storage.list_order import Beside
from petitions.storage.overdue_reading import longest_overdue
from petitions.storage.reading import Question, Row
from petitions.storage.tables import Petition, Track
from petitions.web import rule_words, scope, topic_words
from petitions.web.courses import courses_in_full
from petitions.web.edge import Engine
from petitions.web.pages import (
    PetitionCard,
)
from petitions.web.pages_author import Procedure
from petitions.web.pages_content import ContentPage, Statement
from petitions.web.privacy_page import what_is_kept
from petitions.web.verifier_file import to_check

PER_PAGE = 20
PAGES_MAX = 500
WEEK = timedelta(days=7)
SORT_WORDS: Mapping[str, str] = {
    "relevance": N_("Best match"),
    "newest": N_("Newest"),
    "most_signed": N_("Most signed"),
    "week": N_("Most signed in 7 days"),
    "closing": N_("Closing soon"),
    "updated": N_("Recently updated"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a list address, cleaned: what is not understood is left out, never an error."""

    words: str = ""
    state: str = ""
    language: str = ""
    assembly: str = ""
    sort: str = "newest"
    page: int = 1
    kind: str = ""
    body: str = ""
    topic: str = ""
    beside: Beside | None = None

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Asked:
        page = args.get("page", "1")[:5]
        state, typed = args.get("state", ""), args.get("q", "").strip()
        sorts = [each for each in SORT_WORDS if typed or each != "relevance"]
        sort = args.get("sort", sorts[0])
        language = args.get("language", "")
        return cls(
            words=" ".join("".join(c for c in args.get("q", "") if c.isprintable()).split())[:200],
            state=state if state in set(reading.LISTED_STATES) else "",
            language=language if language.isascii() and len(language) <= 12 else "",
            assembly=args.get("assembly", "")[:60],
            sort=sort if sort in sorts else sorts[0],
            page=min(max(int(page), 1), PAGES_MAX) if page.isascii() and page.isdigit() else 1,
            kind=args.get("kind", "")[:60],
            body=args.get("body", "")[:60],
            topic=args.get("topic", "")[:60],
            beside=_beside(args),
        )

    @property
    def first_sort(self) -> str:
        """The order that an address without one has."""
        return "relevance" if self.words else "newest"

    def href(self, **changed: object) -> str:
        """The same list with something changed; a change goes back to the first page."""
        wanted = {
            "q": self.words,
            "state": self.state,
            "language": self.language,
            "assembly": self.assembly,
            "kind": self.kind,
            "body": self.body,
            "topic": self.topic,
            "sort": self.sort if self.sort != self.first_sort else "",
            **{key: str(value) for key, value in changed.items()},
        }
        query = urlencode({key: value for key, value in wanted.items() if value})
        address = scope.href("/petitions")
        return f"{address}?{query}" if query else address


def _beside(args: Mapping[str, str]) -> Beside | None:
    """After which petition this page goes on, or before which it ends."""
    for name in ("after", "before"):
        reference = args.get(name, "")[:20]
        if reference.isascii() and reference.isprintable() and reference:
            return Beside(reference, back=name == "before")
    return None


def assemblies(engine: Engine) -> tuple[str, ...]:
    """Those whose petitions this answer may show: all, or the one of the host or path asked for."""
    every = tuple(engine.settings.rulebooks.assemblies)
    return (scope.current(),) if scope.current() in every else every


def site_assembly(engine: Engine) -> Assembly:
    return engine.house.library.assembly(assemblies(engine)[0])


def today(engine: Engine) -> date:
    return local_day(engine.clock(), site_assembly(engine).zone)


def private_kinds(engine: Engine) -> tuple[tuple[str, str], ...]:
    """(rulebook, kind) of all petitions without a page, in any version."""
    found = {
        (book.id, kind.id)
        for versions in engine.house.library.rulebooks.values()
        for book in versions
        for kind in book.kinds.values()
        if kind.visibility is Visibility.PRIVATE
    }
    return tuple(sorted(found))


def rulebooks_in_force(engine: Engine) -> tuple[Rulebook, ...]:
    """What one can file under today, at the assemblies of this site."""
    served = set(assemblies(engine))
    books = engine.house.library.in_force(today(engine))
    return tuple(book for book in books if served.intersection(book.assemblies))


def question(engine: Engine, asked: Asked | None = None) -> Question:
    asked = asked or Asked()
    served = assemblies(engine)
    return Question(
        assemblies=(asked.assembly,) if asked.assembly in served else served,
        shown_in=current_locale().lang,
        words=asked.words,
        state=asked.state,
        language=asked.language,
        kind=asked.kind,
        sort=asked.sort,
        private_kinds=private_kinds(engine),
        body=asked.body if asked.body in bodies(engine, asked) else "",
        topic=asked.topic if asked.topic in topics(engine, asked) else "",
        since=today(engine) - WEEK if asked.sort == "week" else None,
        quiet_kinds=_quiet_kinds(engine) if asked.sort == "week" else (),
    )


def bodies(engine: Engine, asked: Asked) -> Mapping[str, Mapping[str, str]]:
    """Bodies by which a list can be narrowed: those of its only assembly."""
    served = assemblies(engine)
    asking = (asked.assembly,) if asked.assembly in served else served
    return engine.house.library.assembly(asking[0]).bodies if len(asking) == 1 else {}


def topics(engine: Engine, asked: Asked) -> Mapping[str, str]:
    """Topics by which a list can be narrowed, in the order of their lists: id → name."""
    served = assemblies(engine)
    asking = (asked.assembly,) if asked.assembly in served else served
    return topic_words.offered(engine.house.library, asking)


def _quiet_kinds(engine: Engine) -> tuple[tuple[str, str], ...]:
    """(rulebook, kind) whose count the public is shown rounded, late or not at all."""
    found = {
        (book.id, kind.id)
        for versions in engine.house.library.rulebooks.values()
        for book in versions
        for kind in book.kinds.values()
        if kind.publicity.count is not CountShown.LIVE
    }
    return tuple(sorted(found))


def cards(session: Session, engine: Engine, rows: Sequence[Row]) -> tuple[PetitionCard, ...]:
    day = today(engine)
    late = reading.late_days(session, [row.petition.id for row in rows], day)
    overdue = longest_overdue(session, late)
    quotes = reading.lines_of(session, rows, current_locale().lang)
    grounds = reading.grounds_of(session, rows)
    in_front = milestone_effects.featured_among(session, [row.petition.id for row in rows])
    found = []
    for row in rows:
        petition, shown = row.petition, _count_of(session, engine, row)
        state, ground = State(petition.state), grounds.get(petition.id)
        signing = state in SIGNING_STATES and petition.signing_ended_at is None
        words = (
            rule_words.words_for(
                engine.house.shelf(session, petition), "grounds", ground, petition.rulebook_id
            ).title
            if ground
            else ""
        )
        found.append(
            PetitionCard(
                ref=petition.reference or "",
                href=f"/{current_locale().lang}/petitions/{petition.reference}",
                title=row.text.title,
                state=state,
                count=shown if petition.published_at is not None else None,
                threshold=_next_threshold(engine.house.kind(session, petition), petition, shown)
                if signing
                else None,
                closes=petition.last_day if signing else None,
                days_left=days_left(petition.last_day, day)
                if petition.last_day and signing
                else None,
                line=words or quotes.get(petition.id, ""),
                language=row.text.language,
                days_late=late.get(petition.id, 0),
                late_who=_late(session, engine, petition, overdue.get(petition.id)),
                assembly=assembly_named(engine, petition.assembly),
                featured=petition.id in in_front,
            )
        )
    return tuple(found)


def _late(session: Session, engine: Engine, petition: Petition, track: Track | None) -> str:
    if track is None:
        return ""
    shelf, kind = engine.house.shelf(session, petition), engine.house.kind(session, petition)
    return rule_words.first_upper(
        rule_words.duty_bearer(shelf, petition.assembly, kind, track.code, track.body)
    )


def assembly_named(engine: Engine, assembly: str) -> str:
    """The assembly's name, where the site serves several."""
    if len(assemblies(engine)) < 2:
        return ""
    return rule_words.assembly_words(engine.house.library, assembly)


def _count_of(session: Session, engine: Engine, row: Row) -> int | None:
    """The count as the petition's rules let it be shown."""
    rule = engine.house.kind(session, row.petition).publicity.count
    if row.count is None or rule is CountShown.LIVE:
        return row.count
    if rule is CountShown.ROUNDED:
        return row.count - row.count % 100
    if rule is CountShown.COMMITTEE:
        return row.count if row.petition.state in (State.EXAMINED, State.ARCHIVED) else None
    return row.count if reading.ended(row.petition) is not None else None


def _next_threshold(kind: Kind, petition: Petition, count: int | None) -> int | None:
    """The smallest level above the count, from what was fixed when the petition was admitted. None
    where not every signature counts toward it: a list does not know how many do.
    """
    if count is None or any(each.counts != "all" for each in kind.milestones):
        return None
    wanted = [
        target["threshold"]
        for target in petition.targets.values()
        if isinstance(target, dict) and target["threshold"] > count
    ]
    return min(wanted, default=None)


def procedures(engine: Engine) -> tuple[Procedure, ...]:
    """Every kind one can file today, in words."""
    served = assemblies(engine)
    return tuple(
        rule_words.procedure(
            engine.house.library, book, kind, each, (engine.border.identity_label(book.realm),)
        )
        for each in served
        for book in rulebooks_in_force(engine)
        if each in book.assemblies
        for kind in book.kinds.values()
    )


def courses(found: tuple[Procedure, ...]) -> tuple[Procedure, ...]:
    """Kinds of one assembly that go the same way, told once: their names together."""
    kinds: dict[Procedure, list[str]] = {}
    for each in found:
        kinds.setdefault(replace(each, kind="", grounds=()), []).append(each.kind)
    return tuple(replace(course, kind=" / ".join(names)) for course, names in kinds.items())


def statement(found: Accessibility, lang: str) -> Statement:
    return Statement(
        status=found.status,
        audited_on=date.fromisoformat(found.audited_on) if found.audited_on else None,
        audited_by=found.audited_by,
        compliance=found.compliance,
        contact=found.contact,
        enforcement=text_for(found.enforcement, lang),
        enforcement_url=found.enforcement_url,
        exceptions=tuple(found.exceptions.get(lang, ())),
    )


def content_page(engine: Engine, name: str) -> ContentPage:
    site = engine.settings.site
    lang = current_locale().lang
    names = [engine.house.library.assembly(each).name(lang) for each in assemblies(engine)]
    found = procedures(engine)
    labels = {engine.border.identity_label(book.realm) for book in rulebooks_in_force(engine)}
    mail = site.contact if "@" in site.contact and "\n" not in site.contact else ""
    return ContentPage(
        name=name,
        publisher=text_for(site.publisher, lang),
        host=site.hosting,
        statement=statement(site.accessibility, lang) if name == "accessibility" else None,
        procedures=found if name == "rules" else courses(found),
        assembly=current_locale().together(names),
        contact_email=mail,
        contact_address="" if mail else site.contact,
        providers=tuple(sorted(label for label in labels if label)),
        source_url=site.source_url,
        kept=what_is_kept() if name == "privacy" else None,
        check=to_check() if name == "verify" else None,
        courses=courses_in_full(
            engine.house.library, rulebooks_in_force(engine), assemblies(engine)
        )
        if name == "how-it-works"
        else (),
    )
