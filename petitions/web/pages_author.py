"""What authors see: the start of a petition, its drafts and their own space.

As in `petitions.web.pages`: facts in the reader's language; the templates write the sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from petitions.domain.lifecycle import State
from petitions.explaining.explanation import KindExplained
from petitions.storage.start_rows import SoFar
from petitions.web.charts import Chart
from petitions.web.pages import (
    FacetValue,
    Ground,
    Level,
    Link,
    PetitionLink,
    Refusal,
    TimelineEntry,
)
from petitions.web.pages_data import Share
from petitions.web.pages_drafts import DraftLine
from petitions.web.pages_standing import PhaseShown
from petitions.web.pages_summary import Summary
from petitions.web.pages_together import Discussed, Joint, PaperCard
from petitions.web.pages_wording import WordingOffer


@dataclass(frozen=True, slots=True)
class Limits:
    """The form's limits as the rulebook sets them. `unit`: chars or words."""

    title_max: int
    text_max: int
    unit: str = "chars"
    links: str = "any"
    languages: tuple[tuple[str, str], ...] = ()
    summary_max: int = 0


@dataclass(frozen=True, slots=True)
class KindOffered:
    """A kind of petition to choose, with what it means."""

    id: str
    label: str
    text: str
    href: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class TextIn:
    """A further language of the text: written already, or still to come."""

    language: str
    name: str
    href: str
    state: str
    """whole, begun, owed, desk (the assembly translates it) or open."""


@dataclass(frozen=True, slots=True)
class AnnexLine:
    """A file that comes with a petition. `remove_action` is empty where it may not be taken away."""

    number: int
    name: str
    size: int
    pages: int
    href: str
    remove_action: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class OptionShown:
    value: str
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """One choice as its form shows it. `options` empty: typed (a length between two others)."""

    name: str
    label: str
    options: tuple[OptionShown, ...] = ()
    hint: str = ""
    chosen: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A line of the check page: what was asked, what was said, where to change it."""

    label: str
    value: str
    href: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class NewRules:
    """The rules changed since the draft was begun: which hold now, and what that changes."""

    version: str
    since: date
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """One kind of petition in words: made from its rulebook, never written by hand."""

    kind: str
    """In words; on a page that tells the course alone, several kinds that share it."""
    author_who: str
    signer_who: str
    levels: tuple[Level, ...]
    grounds: tuple[Ground, ...]
    limits: Limits
    check_within: str = ""
    """Time the institution gives itself to check, in words: 15 days."""
    checked_by: str = ""
    open_for: str = ""
    """How long signing stays open, in words; empty where it has no fixed end."""
    sponsors_needed: int = 0
    withdrawal: str = "close"
    """never, close or handover."""
    author_public: str = "name"
    """name, while_open or hidden."""
    uniqueness_by: str = ""
    """Names of the identity services."""
    retention: tuple[tuple[str, str, str], ...] = ()
    """(kind of data, start event, length in words)."""
    rulebook: str = ""
    """Id and version: fr-senat 1."""
    after_body: str = ""
    assembly: str = ""
    hides: bool = False
    """Some grounds keep title and text from the public."""


@dataclass(frozen=True, slots=True)
class StartPage:
    """Before starting: what a petition leads to, the rules, what becomes public."""

    procedure: Procedure | None = None
    """None until one of several assemblies is chosen."""
    login_href: str = ""
    assemblies: tuple[FacetValue, ...] = ()
    """Where the site serves several: each leads to its own start page."""
    back: bool = False
    """The choice leads to a login, and from there back to what was asked for."""
    closed_reason: str = ""
    """Set while no new petition is accepted."""
    kinds: tuple[KindOffered, ...] = ()
    excluded: tuple[Ground, ...] = ()
    """Matters that no petition is for, told before one writes."""
    so_far: SoFar | None = None
    """What became of earlier ones."""
    drafts: tuple[DraftLine, ...] = ()
    """Begun by whoever is logged in, and not sent."""
    known: bool = False
    """Logged in already as somebody who may start one: `login_href` leads to the form."""


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step of the form. `number` of `of`; the form itself is handed to the template beside it."""

    number: int
    action: str
    back_href: str = ""
    limits: Limits | None = None
    text_language: str = ""
    of: int = 5
    hints: tuple[str, ...] = ()
    """Sentences about what the text shows: they never block."""
    kinds: tuple[KindOffered, ...] = ()
    proved: tuple[str, ...] = ()
    excluded: tuple[Ground, ...] = ()
    texts: tuple[TextIn, ...] = ()
    remove_action: str = ""
    """Takes away the text in a further language."""
    drafts: tuple[DraftLine, ...] = ()
    """Begun earlier and not sent: offered before a new one is begun."""
    foreign: bool = False
    """The reader's language is none of those in which a petition may be written."""
    shown: str = ""
    """The mark of what the form shows as stored (`petitions.web.author_changed`)."""


@dataclass(frozen=True, slots=True)
class SimilarPage:
    step: StepPage
    title: str
    open: tuple[PetitionLink, ...] = ()
    refused: tuple[PetitionLink, ...] = ()
    closed: tuple[PetitionLink, ...] = ()
    same: tuple[OptionShown, ...] = ()
    """Petitions the author may say theirs is the same as; the first option is none of them."""
    chosen: str = ""
    barred: str = ""
    """Why it cannot be sent as the same; "" where nothing stands in the way."""
    must: bool = True
    """The difference must be told."""
    instead: PetitionLink | None = None
    """The open one that the author called the same."""

    @property
    def found(self) -> bool:
        return bool(self.open or self.refused or self.closed)


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything as it will be published, with a way to change each part."""

    step: StepPage
    title: str
    request: str
    reasons: str
    author_name: str
    author_public: str
    email: str
    language: str
    version: int
    title_href: str
    text_href: str
    you_href: str
    difference: str = ""
    difference_href: str = ""
    missing: tuple[Link, ...] = ()
    """What is still missing, each with the page where it is entered."""
    resubmitting: bool = False
    summary: str = ""
    answers: tuple[Answered, ...] = ()
    annexes: tuple[AnnexLine, ...] = ()
    texts: tuple[TextIn, ...] = ()
    barred: str = ""
    new_rules: NewRules | None = None
    rules: int = 0
    """The version of the rules the page was made under: sending under another one shows it again."""
    declarations: tuple[str, ...] = ()
    prove_href: str = ""
    """Where the rules ask for sponsors: sending goes by way of a login."""
    language_href: str = ""
    """Where its language is changed; empty where it is fixed."""


@dataclass(frozen=True, slots=True)
class SentPage:
    ref: str
    title: str
    mine_href: str
    email: str
    decision_by: date | None = None
    provisional: bool = False
    sponsors_needed: int = 0
    sponsors_by: date | None = None
    sponsors_href: str = ""


@dataclass(frozen=True, slots=True)
class MineCard:
    href: str
    title: str
    state: State
    ref: str = ""
    since: date | None = None
    next_line: str = ""
    next_due: date | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class MinePage:
    cards: tuple[MineCard, ...]
    start_href: str
    leave_action: str = ""
    """Takes the POST that ends the author's session."""
    elsewhere: tuple[Link, ...] = ()
    """Other assemblies of the site: each has a login, and a list, of its own."""
    deleted: bool = False
    """A draft has just been deleted."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What the clerk asks to correct, and until when."""

    points: str
    due: date
    days_left: int
    edit_href: str


@dataclass(frozen=True, slots=True)
class MergeOffer:
    """The office proposes to merge; `possible`: the other petition is still open."""

    action: str
    target: PetitionLink
    reasons: str
    possible: bool


@dataclass(frozen=True, slots=True)
class Removal:
    legal_basis: str
    reasons: str


@dataclass(frozen=True, slots=True)
class StartDay:
    """The author chooses the first day of signing: today (`first`) up to `last`, where one is set."""

    action: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class HandoverCard:
    """Where the hand-over of the result stands; `action` is empty where it is not the author's turn."""

    action: str
    ack: str
    name: str
    due: date | None
    given: tuple[tuple[str, date], ...]
    certificate: str


@dataclass(frozen=True, slots=True)
class MinePetitionPage:
    href: str
    title: str
    state: State
    request: str
    reasons: str
    ref: str = ""
    language: str = ""
    phases: tuple[PhaseShown, ...] = ()
    public_href: str = ""
    count: int | None = None
    saved: bool = False
    summary: Summary | None = None
    timeline: tuple[TimelineEntry, ...] = ()
    correction: Correction | None = None
    refusal: Refusal | None = None
    edit_href: str = ""
    """Where the draft goes on; empty once it is sent."""
    delete_action: str = ""
    """Takes the POST that deletes a draft; a petition that was sent is withdrawn instead."""
    withdraw_action: str = ""
    """Empty where the author may no longer withdraw."""
    version: int = 0
    export_href: str = ""
    letters_href: str = ""
    short_url: str = ""
    email: str = ""
    start_day: StartDay | None = None
    handover: HandoverCard | None = None
    sponsors_href: str = ""
    """Empty where the rules ask for none."""
    merging: MergeOffer | None = None
    wording: WordingOffer | None = None
    removal: Removal | None = None
    paper: PaperCard | None = None
    joint: Joint | None = None
    """Where others promote it too: who has agreed to a withdrawal, as numbers."""
    discussed: Discussed | None = None
    share: Share | None = None
    """What helps to make it known, while the page is public."""
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class CourseShown:
    """One procedure told in full from its rulebook, with the drawing of its states."""

    kind: KindExplained
    titles: str
    """Names of all kinds that go this way."""
    drawing: Markup
    lines: tuple[str, ...]
    """The drawing in words."""
