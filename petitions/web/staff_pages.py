"""What the pages of one case and of one file show: frozen page objects in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from admissibility.checks.passages import Run
from admissibility.checks.signal import Signal
from admissibility.criteria import Ground, Verdict
from admissibility.differences import Piece
from admissibility.letters import Letter
from admissibility.review import Option, Standing
from admissibility.signals import Fellow
from admissibility.similar import SimilarPetition
from petitions.domain.words import Words
from petitions.storage.tables import CaseNote
from petitions.web.pages import TimelineEntry
from petitions.web.pages_signing import FieldFault
from petitions.web.pages_sponsors import StageBox
from petitions.web.staff_trail import TrailEntry


@dataclass(frozen=True, slots=True)
class Message:
    """A line above the page after something was done. `tone`: ok, warn or bad."""

    text: str
    tone: str = "ok"


@dataclass(frozen=True, slots=True)
class DecisionCard:
    title: str
    at: datetime
    name: str
    second: str
    grounds: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ProposalCard:
    decision: str
    name: str
    at: datetime
    grounds: tuple[str, ...]
    letter: Letter | None


@dataclass(frozen=True, slots=True)
class DraftNote:
    """A line about a draft: whose ("" is mine), of when, and whether the case moved on since."""

    actor: str
    name: str
    at: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that is no longer what it was. `lang`: language of the pieces."""

    label: str
    lang: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Reworded:
    """What an author answered to the last return: in words, in the text, and to the office."""

    status: str
    at: datetime | None
    answer: str
    changes: tuple[Changed, ...]
    against_proposal: tuple[Changed, ...]
    """Where the author wrote something else than was proposed."""


@dataclass(frozen=True, slots=True)
class TopicField:
    """`stored`: what the petition has, also where the list does not have it any more."""

    stored: str
    word: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case. `holder` is "me", "other" or empty."""

    ref: str
    title: str
    language: str
    state_word: str
    state_tone: str
    standing: Standing
    open: bool
    version: int
    petition_version: int
    title_runs: tuple[Run, ...]
    request_runs: tuple[Run, ...]
    reasons_runs: tuple[Run, ...]
    difference: str
    author: str
    submitted: datetime | None
    rules: str
    body: str
    due_on: date | None
    days_left: int | None
    provisional: bool
    returned_until: date | None
    correction_due: date | None
    assigned_name: str
    returns_used: int
    returns_max: int
    four_eyes: bool
    holder: str
    holder_name: str
    held_since: datetime | None
    grounds: tuple[Ground, ...]
    options: tuple[Option, ...]
    text_languages: tuple[str, ...]
    signals: tuple[Signal, ...]
    similar: tuple[SimilarPetition, ...]
    notes: tuple[CaseNote, ...]
    history: tuple[TrailEntry, ...]
    history_more: bool
    decisions: tuple[DecisionCard, ...]
    proposal: ProposalCard | None
    confirm_refusal: str
    ground_titles: Callable[[Iterable[str]], list[str]]
    sponsors: tuple[StageBox, ...] = ()
    sponsors_held: int = 0
    asks: str = ""
    """The assemblies it is addressed to; empty on a site with one."""
    untranslated: tuple[str, ...] = ()
    """Languages in which the rules want it before it is published, and in which it is not written."""
    drafts: tuple[DraftNote, ...] = ()
    moved_on: tuple[Changed, ...] = ()
    """What changed since this person's draft was made."""
    reworded: Reworded | None = None
    """What the author answered to the last return."""
    wording_barred: str = ""
    """Why no wording may be proposed to the author, in words; "" where it may."""
    fellows: tuple[Fellow, ...] = ()
    topic: TopicField | None = None

    @property
    def marked(self) -> frozenset[int]:
        """Numbers of the signals that have a passage in the text."""
        runs = (*self.title_runs, *self.request_runs, *self.reasons_runs)
        return frozenset(number for run in runs for number in run.first[:1])


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """What the clerk typed, kept over errors and the preview."""

    findings: Mapping[str, Verdict]
    decision: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    new_note: str = ""
    proposed: Mapping[str, Words] = field(default_factory=dict)
    """Wording for the author that goes with a return, by language."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What sending the decision would do."""

    state: str
    hides: bool
    second_person: bool
    grounds: tuple[str, ...]
    public_texts: tuple[tuple[str, str], ...]
    shown: bool = True
    """There will be a public page of the petition."""


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty of one petition. `days_left` negative when late."""

    ref: str
    title: str
    language: str
    duty: str
    code: str
    body: str
    force: str
    due_on: date | None
    days_left: int | None
    provisional: bool
    internal: bool
    state_word: str
    state_tone: str
    decided_at: datetime | None = None
    late: bool = False
    text: str = ""
    not_before: date | None = None
    declined: bool = False
    must: bool = False
    extensions_left: int = 0
    panel: tuple[int, int] | None = None
    """Members and people drawn by lot, where the rules set up a committee of both."""
    carer: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """Something a person must look at. `answers`: (value, label) of its buttons."""

    id: str
    ref: str
    title: str
    language: str
    name: str
    explained: str
    opened_at: datetime
    answers: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    """Of a public reason; none where no answer ends anything."""
    href: str


@dataclass(frozen=True, slots=True)
class AnswerCard:
    outcome: str
    body: str
    on: date
    texts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class FilePage:
    """A petition as the committee's staff see it."""

    ref: str
    title: str
    language: str
    version: int
    state_word: str
    state_tone: str
    public_href: str
    topic: str
    request: str
    reasons: str
    author: str
    rules: str
    count: int
    published: datetime | None
    last_day: date | None
    levels: tuple[tuple[str, int, date | None], ...]
    tracks: tuple[DutyRow, ...]
    answer: AnswerCard | None
    outcomes: tuple[tuple[str, str, bool], ...]
    body: str
    languages: tuple[str, ...]
    may_examine: bool
    needs_reason: bool
    why_not: str
    today: date
    history: tuple[TrailEntry, ...]
    carer: str = ""
    cared_by_me: bool = False
    steps: tuple[TimelineEntry, ...] = ()
    """Planned ones and the newest."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    outcome: str = ""
    decided_on: str = ""
    summaries: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    links: str = ""
    reason: str = ""
    track: str = ""
    track_texts: Mapping[str, str] = field(default_factory=dict)
    declined: bool = False
    early_reason: str = ""
    extended: str = ""
    """The duty for which more time was asked."""


@dataclass(frozen=True, slots=True)
class FilePreview:
    on: date
    outcome: str
    body: str
    texts: tuple[tuple[str, str, str], ...]
    links: tuple[str, ...]
    before: tuple[TrailEntry, ...]
    state: str
    settles: tuple[str, ...]
    ends_signing: bool


Faults = tuple[FieldFault, ...]
