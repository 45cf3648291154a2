"""What the public and signing templates show: frozen page objects, and nothing else reaches them.

Rules of this module:
- a page holds facts (dates, counts, states, texts already in the reader's language); sentences and
  formats are made in the templates, so that every word is in one catalogue;
- nothing here names a signatory; a page made for one person is never a public page;
- a state has one word for the public, in `STATE_WORDS`: "refused" (a rule is not met) is never
  mixed with "closed under the threshold" (too few signatures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.platform.i18n import N_

if TYPE_CHECKING:
    from petitions.web.charts import Chart
    from petitions.web.counted_view import AreaFigures, Counted
    from petitions.web.petition_discussion import Discussion

STATE_WORDS: Mapping[State, tuple[str, str]] = {
    State.DRAFT: (N_("Draft"), "off"),
    State.GATHERING_SPONSORS: (N_("Gathering first supporters"), "info"),
    State.IN_ADMISSIBILITY: (N_("Being checked"), "info"),
    State.RETURNED: (N_("Returned for correction"), "warn"),
    State.PUBLISHED: (N_("Open for signatures"), "ok"),
    State.THRESHOLD_REACHED: (N_("Threshold reached"), "info"),
    State.EXAMINED: (N_("Examined"), "info"),
    State.REFUSED: (N_("Refused"), "bad"),
    State.HIDDEN: (N_("Removed"), "off"),
    State.CLOSED_BELOW: (N_("Closed under the threshold"), "off"),
    State.WITHDRAWN: (N_("Withdrawn by its author"), "off"),
    State.MERGED: (N_("Merged with another petition"), "off"),
    State.LAPSED: (N_("Lapsed"), "off"),
    State.ARCHIVED: (N_("Archived"), "off"),
}
"""State → (word, tone of its tag). The tone is never alone: the tag carries the word."""


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """One milestone as the public reads it: a number and what it triggers."""

    threshold: int
    consequence: str
    limits: str = ""
    """What it does not trigger, where the rules leave the body free."""
    reached_on: date | None = None
    reached: bool = False
    to_go: int = 0
    areas_needed: int = 0
    areas_met: int = 0
    area_minimum: int = 0
    areas_known: bool = True
    """False before the first map: nobody is told how many areas there are so far."""
    area_word: str = ""
    own_minima: bool = False
    """Each area has a minimum of its own."""
    panel: tuple[int, int] | None = None
    """(members, people drawn by lot) of the body that then meets."""
    counted: int | None = None
    """Those that count toward it, where not every signature does."""
    counted_who: str = ""

    @property
    def areas_reached(self) -> bool:
        return self.areas_met >= self.areas_needed


@dataclass(frozen=True, slots=True)
class SignCard:
    """Count, levels and the way to sign. Without `can_sign`, `why_not` names the reason."""

    count: int | None
    """None while the rules keep the count back."""
    levels: tuple[Level, ...] = ()
    bar_max: int = 0
    """The level that changes something; 0 where the rules know no threshold."""
    can_sign: bool = False
    why_not: str = ""
    """closed, ended, not_open, paused, not_online: each has its sentence in the template."""
    paused_why: str = ""
    """The office's reason, where it suspended signing."""
    since: date | None = None
    opens_on: date | None = None
    sign_href: str = ""
    withdraw_href: str = ""
    identity: str = ""
    """Names of the identity services, in words."""
    last_day: int | None = None
    last_week: int | None = None
    final: bool = False
    by_email: bool = False
    per_account: bool = False
    """One signature per account, not per person: the rules accept it, and the page says it."""
    cooling_off: str = ""
    """After which time a signature counts, in words."""
    rivals: tuple[Link, ...] = ()
    """Competing petitions: the rules allow one signature among them all."""
    who: str = ""
    """Who may sign, in words."""

    @property
    def aim(self) -> Level | None:
        """The level that the bar shows, where not every signature counts toward it."""
        aimed = [each for each in self.levels if each.threshold == self.bar_max]
        return next((each for each in aimed if each.counted is not None), None)


@dataclass(frozen=True, slots=True)
class TimelineChange:
    title: str
    on: date
    text: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One step, done or due. `days_left` or `days_late` only on what is due."""

    title: str
    on: date | None = None
    due: date | None = None
    owed_by: str = ""
    """Who has to do it, where it is due."""
    to_act: bool = False
    """`due` is the last day on which people may act, not the day on which something is owed."""
    provisional: bool = False
    days_left: int | None = None
    days_late: int = 0
    text: str = ""
    body: str = ""
    links: tuple[Link, ...] = ()
    planned: bool = False
    """`due` is the day on which it takes place."""
    at_time: str = ""
    place: str = ""
    changes: tuple[TimelineChange, ...] = ()
    """Errata and new dates, oldest first: they stand beside what was said before."""

    @property
    def is_next(self) -> bool:
        return self.on is None


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of refusal as published: the rule's wording and its source."""

    title: str
    text: str = ""
    legal: str = ""
    instead: str = ""
    """What a person can do instead, or against it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    on: date
    body: str
    grounds: tuple[Ground, ...]
    reasons: str = ""
    appeal: str = ""
    duplicate_of: PetitionLink | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of the examination: shown before the text."""

    on: date
    body: str
    outcome: str
    summary: str = ""
    text: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class PetitionLink:
    ref: str
    href: str
    title: str
    state: State
    reason: str = ""
    """Why it is shown: the refusal's ground, the answer's summary."""
    bar: str = ""
    """What the rules say of a second petition on its subject today."""
    assembly: str = ""
    """Whom it is addressed to, where the site serves several."""


@dataclass(frozen=True, slots=True)
class AreaCount:
    """`count` None: fewer than the smallest figure that may be shown."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class TopicShown:
    """What it is about: `href` leads to the petitions of the same topic."""

    href: str
    name: str


@dataclass(frozen=True, slots=True)
class PetitionPage:
    """One petition, in whatever state; parts that do not apply are empty."""

    ref: str
    href: str
    state: State
    title: str
    request: str = ""
    reasons: str = ""
    author: str = ""
    kind: str = ""
    assembly: str = ""
    """Named where the site serves several."""
    published: date | None = None
    submitted: date | None = None
    closes: date | None = None
    closing: str = ""
    """Day and time of the end of signing, in the assembly's zone: 17 December 2026 at 23:59."""
    days_left: int | None = None
    ended: date | None = None
    card: SignCard | None = None
    answer: Answer | None = None
    refusal: Refusal | None = None
    removed_category: str = ""
    removed_basis: str = ""
    """The law or order it rests on, as the office wrote it."""
    merged_into: PetitionLink | None = None
    archived_from: State | None = None
    timeline: tuple[TimelineEntry, ...] = ()
    phases: tuple[Any, ...] = ()
    """Where it stands in its procedure (`phase_bar.PhaseShown`)."""
    chart: Chart | None = None
    figures: AreaFigures | None = None
    counted: Counted | None = None
    merged_from: tuple[PetitionLink, ...] = ()
    similar: tuple[PetitionLink, ...] = ()
    topic: TopicShown | None = None
    calendar_href: str = ""
    """Its public dates for a calendar program (RFC 5545)."""
    text_language: str = ""
    languages: tuple[Link, ...] = ()
    discussion: Discussion | None = None
    """The author edits, or edited, the text in public before signing."""
    text_hash: str = ""
    summary: str = ""
    texts: tuple[Any, ...] = ()
    """Its languages (`petition_texts.TextShown`), the one that is signed first."""
    annexes: tuple[Any, ...] = ()
    declarations: tuple[str, ...] = ()
    """What the rules say of money around it."""
    short_url: str = ""
    feed_href: str = ""
    licence: str = "CC0 1.0"
    decision_by: date | None = None
    for_author: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in SIGNING_STATES and self.card is not None and self.card.can_sign


@dataclass(frozen=True, slots=True)
class PetitionCard:
    """One line of a list."""

    ref: str
    href: str
    title: str
    state: State
    count: int | None = None
    threshold: int | None = None
    """Next level, while signing is open."""
    closes: date | None = None
    days_left: int | None = None
    published: date | None = None
    line: str = ""
    """Quote of the answer, ground of the refusal, next step."""
    language: str = ""
    days_late: int = 0
    late_who: str = ""
    assembly: str = ""
    featured: bool = False
    """A level that was reached puts it in front of the others."""
    week: int | None = None
    """Signatures of the last seven days, where that is why it is shown."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    label: str
    count: int
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    label: str
    values: tuple[FacetValue, ...]
    all_href: str


@dataclass(frozen=True, slots=True)
class ListPage:
    cards: tuple[PetitionCard, ...]
    total: int
    query: str = ""
    sort: str = "newest"
    sorts: tuple[FacetValue, ...] = ()
    facets: tuple[Facet, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    """Filters in force, carried by the search form as hidden fields."""
    active: tuple[FacetValue, ...] = ()
    """The same in words, each with the list without it."""
    clear_href: str = ""
    next_href: str = ""
    previous_href: str = ""
    start_href: str = ""
    feed_href: str = ""
    csv_href: str = ""
    json_href: str = ""
    suggestion: str = ""
    """Other words that find more, and where they lead."""
    suggestion_href: str = ""
    unnarrowed: int = 0
    """Petitions without the filters, where with them there are none, and where those are listed."""
    unnarrowed_href: str = ""
    topic_name: str = ""
    """Of the one that narrows the list; `topic_query`: by which the form to follow it is opened."""
    topic_query: str = ""
    topics_named: tuple[FacetValue, ...] = ()
    """Topics that are called what was typed."""


@dataclass(frozen=True, slots=True)
class Again:
    """What was asked, to be asked once more: an address, or a form with all that was typed."""

    href: str
    fields: tuple[tuple[str, str], ...] = ()
    is_form: bool = False


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """`reference` ties the page to one line of the log; nothing of the person is in it."""

    status: int
    sentence: str = ""
    back_href: str = ""
    reference: str = ""
    category: str = ""
    wait_seconds: int = 0
    again: Again | None = None
    desk: bool = False
    """It happened in the office, and wears its frame."""
