"""The life of a petition: states, actions, roles and ONE transition table.

Rules of this module:
- only `advance` decides a move; storage, buttons, permissions, CHECK constraints, the documentation
  and the tests read `TRANSITIONS` and nothing else;
- what the clock can compute (opens on Monday, paused, being verified) is derived, never stored;
- counting never moves a state back: no row leads from `threshold_reached` to `published`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from petitions.domain.errors import ForbiddenError, TransitionRefusedError


class State(StrEnum):
    DRAFT = "draft"
    GATHERING_SPONSORS = "gathering_sponsors"
    IN_ADMISSIBILITY = "in_admissibility"
    RETURNED = "returned"
    PUBLISHED = "published"
    THRESHOLD_REACHED = "threshold_reached"
    EXAMINED = "examined"
    REFUSED = "refused"
    HIDDEN = "hidden"
    CLOSED_BELOW = "closed_below"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    LAPSED = "lapsed"
    ARCHIVED = "archived"


class Action(StrEnum):
    CREATE = "create"
    SUBMIT = "submit"
    COMPLETE = "complete"
    SPONSORS_MISSED = "sponsors_missed"
    ACCEPT = "accept"
    ACCEPT_IN_PART = "accept_in_part"
    ACCEPT_WITH_CONDITIONS = "accept_with_conditions"
    RETURN = "return"
    RESUBMIT = "resubmit"
    CORRECTION_MISSED = "correction_missed"
    REFUSE = "refuse"
    REOPEN = "reopen"
    REACH = "reach"
    CLOSE = "close"
    ATTRITION = "attrition"
    CORRECT_COUNT = "correct_count"
    TAKE_DOWN = "take_down"
    RESTORE = "restore"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    LAPSE = "lapse"
    START_MISSED = "start_missed"
    SUBMISSION_MISSED = "submission_missed"
    HANDOVER_MISSED = "handover_missed"
    EXAMINE = "examine"
    ARCHIVE = "archive"


class Role(StrEnum):
    """Who acts. Staff hold the roles of the desk; `system` is the worker; nobody else exists."""

    AUTHOR = "author"
    CLERK = "clerk"
    SECOND_READER = "second_reader"
    COMMITTEE = "committee"
    COMMUNICATION = "communication"
    INTEGRITY = "integrity"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SYSTEM = "system"


STAFF_ROLES = frozenset(
    {
        Role.CLERK,
        Role.SECOND_READER,
        Role.COMMITTEE,
        Role.COMMUNICATION,
        Role.INTEGRITY,
        Role.ADMINISTRATOR,
        Role.AUDITOR,
    }
)
END_STATES = frozenset(
    {
        State.EXAMINED,
        State.REFUSED,
        State.HIDDEN,
        State.CLOSED_BELOW,
        State.WITHDRAWN,
        State.MERGED,
        State.LAPSED,
        State.ARCHIVED,
    }
)
SIGNING_STATES = frozenset({State.PUBLISHED, State.THRESHOLD_REACHED})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards need to know. The defaults refuse: a fact nobody looked up is a no."""

    author_eligible: bool = False
    new_petitions_refused: bool = False
    form_valid: bool = False
    similar_shown: bool = False
    limits_respected: bool = False
    sponsors_to_come: bool = False
    stage_at_filing: bool = False
    sponsors_met: bool = False
    sponsor_time_over: bool = False
    stages_left: bool = True
    languages_complete: bool = False
    silence: bool = False
    """The body let its time pass, and the rulebook says what that means."""
    second_person_needed: bool = False
    second_person: bool = False
    returns_used: int = 0
    returns_max: int = 0
    points_named: bool = False
    correction_over: bool | None = None
    public_grounds: int = 0
    hidden_ground: bool = False
    reasons_given: bool = False
    milestone_stage_open: bool = False
    has_milestone: bool = False
    decisive_met: bool = False
    window_over: bool = False
    left_to_verify: bool = True
    attrition_missed: bool = False
    before_decisive: bool = False
    target_open: bool = False
    event_lists_state: bool = False
    time_missed: bool = False
    published_before: bool = True
    taken_down: bool = False
    stage_open: bool = True
    tracks_settled: bool = False
    ends_signing: bool = False
    entry_allows: bool = False
    retention_over: bool = False
    tracks_open: bool = True


Guard = Callable[[Facts], str | None]
"""Returns None when the move may be made, else the code of what is missing."""


def _need(**wanted: bool) -> Guard:
    def guard(facts: Facts) -> str | None:
        for name, value in wanted.items():
            if getattr(facts, name) is not value:
                return name
        return None

    return guard


def _all(*guards: Guard) -> Guard:
    def guard(facts: Facts) -> str | None:
        return next((code for g in guards if (code := g(facts)) is not None), None)

    return guard


def _second_person(facts: Facts) -> str | None:
    return "second_person" if facts.second_person_needed and not facts.second_person else None


def _returns_left(facts: Facts) -> str | None:
    return None if facts.returns_used < facts.returns_max else "returns_left"


def _public_ground(facts: Facts) -> str | None:
    return None if facts.public_grounds >= 1 else "public_ground"


def _window_over_or_ends_signing(facts: Facts) -> str | None:
    return None if facts.window_over or facts.ends_signing else "window_over"


def _free(_facts: Facts) -> str | None:
    return None


_SUBMIT = _need(
    form_valid=True, similar_shown=True, limits_respected=True, new_petitions_refused=False
)
_EXAMINE = _all(_need(stage_open=False, tracks_settled=True, reasons_given=True))
_CLERKS = frozenset({Role.CLERK, Role.SECOND_READER})
_FOR_BODY = frozenset({Role.CLERK, Role.SECOND_READER, Role.COMMITTEE})
_SYSTEM = frozenset({Role.SYSTEM})
_AUTHOR = frozenset({Role.AUTHOR})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `target` None means the state the petition came from."""

    number: int
    sources: tuple[State, ...]
    target: State | None
    actions: tuple[Action, ...]
    roles: frozenset[Role]
    guard: Guard
    when: str
    notifies: tuple[str, ...]
    second_person: bool = False


S, A = State, Action
TRANSITIONS: tuple[Transition, ...] = (
    Transition(1, (), S.DRAFT, (A.CREATE,), _AUTHOR,
               _need(author_eligible=True, new_petitions_refused=False),
               "the author meets the conditions of filing; no event refuses new petitions", ("author",)),
    Transition(2, (S.DRAFT,), S.GATHERING_SPONSORS, (A.SUBMIT,), _AUTHOR,
               _all(_SUBMIT, _need(sponsors_to_come=True, stage_at_filing=False)),
               "form valid, similar petitions shown, limits respected; sponsors come first", ("author",)),
    Transition(3, (S.DRAFT,), S.IN_ADMISSIBILITY, (A.SUBMIT,), _AUTHOR, _SUBMIT,
               "as 2, where no sponsors come first", ("author", "clerks")),
    Transition(4, (S.GATHERING_SPONSORS,), S.IN_ADMISSIBILITY, (A.COMPLETE,), _SYSTEM,
               _need(sponsors_met=True, stages_left=True),
               "every sponsor stage is met and a check remains", ("author", "clerks")),
    Transition(4, (S.GATHERING_SPONSORS,), S.PUBLISHED, (A.COMPLETE,), _SYSTEM,
               _need(sponsors_met=True, stages_left=False),
               "every sponsor stage is met and no check remains", ("author", "clerks")),
    Transition(5, (S.GATHERING_SPONSORS,), S.LAPSED, (A.SPONSORS_MISSED,), _SYSTEM,
               _need(sponsor_time_over=True), "the time for sponsors is over, attempts used up",
               ("author", "sponsors")),
    Transition(6, (S.IN_ADMISSIBILITY,), S.GATHERING_SPONSORS, (A.ACCEPT,), _CLERKS,
               _all(_need(stages_left=False, sponsors_to_come=True, stage_at_filing=True), _second_person),
               "the last check at filing is decided and sponsors are still to come", ("author",)),
    Transition(6, (S.IN_ADMISSIBILITY,), S.GATHERING_SPONSORS, (A.ACCEPT,), _SYSTEM,
               _need(silence=True, stages_left=False, sponsors_to_come=True, stage_at_filing=True),
               "as 6, where the rulebook takes silence for acceptance", ("author",)),
    Transition(7, (S.IN_ADMISSIBILITY,), S.PUBLISHED,
               (A.ACCEPT, A.ACCEPT_IN_PART, A.ACCEPT_WITH_CONDITIONS), _CLERKS,
               _all(_need(stages_left=False, languages_complete=True, sponsors_to_come=False),
                    _second_person),
               "every check before publication is decided; all required languages are present",
               ("author", "sponsors")),
    Transition(7, (S.IN_ADMISSIBILITY,), S.PUBLISHED, (A.ACCEPT,), _SYSTEM,
               _need(silence=True, stages_left=False, languages_complete=True, sponsors_to_come=False),
               "as 7, where the rulebook takes silence for acceptance", ("author", "sponsors")),
    Transition(8, (S.IN_ADMISSIBILITY, S.THRESHOLD_REACHED), S.RETURNED, (A.RETURN,), _CLERKS,
               _all(_returns_left, _need(points_named=True)),
               "fewer returns than the rulebook allows; the points are named", ("author",)),
    Transition(9, (S.RETURNED,), None, (A.RESUBMIT,), _AUTHOR,
               _need(correction_over=False, form_valid=True),
               "inside the time for correction; after publication the signed text never changes",
               ("clerks",)),
    Transition(10, (S.RETURNED,), S.LAPSED, (A.CORRECTION_MISSED,), _SYSTEM,
               _need(correction_over=True), "the time for correction is over", ("author",)),
    Transition(12, (S.IN_ADMISSIBILITY,), S.HIDDEN, (A.REFUSE,), _CLERKS,
               _all(_need(hidden_ground=True, reasons_given=True), _second_person),
               "as 11, and a ground hides title and text", ("author",)),
    Transition(11, (S.IN_ADMISSIBILITY,), S.REFUSED, (A.REFUSE,), _CLERKS,
               _all(_public_ground, _need(reasons_given=True, hidden_ground=False), _second_person),
               "at least one public ground, with reasons in every required language",
               ("author", "sponsors")),
    Transition(11, (S.IN_ADMISSIBILITY,), S.REFUSED, (A.REFUSE,), _SYSTEM, _need(silence=True),
               "as 11, where the rulebook takes silence for refusal", ("author", "sponsors")),
    Transition(13, (S.THRESHOLD_REACHED,), S.REFUSED, (A.REFUSE,), _FOR_BODY,
               _all(_need(milestone_stage_open=True, reasons_given=True), _public_ground, _second_person),
               "a check after the milestone is open", ("author", "followers")),
    Transition(13, (S.THRESHOLD_REACHED,), S.REFUSED, (A.REFUSE,), _SYSTEM,
               _need(silence=True, milestone_stage_open=True),
               "as 13, where the rulebook takes silence for refusal", ("author", "followers")),
    Transition(14, (S.REFUSED, S.HIDDEN), S.IN_ADMISSIBILITY, (A.REOPEN,), _CLERKS,
               _need(second_person=True, reasons_given=True, published_before=False),
               "appeal upheld or error; never published before", ("author",), second_person=True),
    Transition(15, (S.PUBLISHED,), S.THRESHOLD_REACHED, (A.REACH,), _SYSTEM, _need(decisive_met=True),
               "the decisive milestone is met", ("author", "followers", "body")),
    Transition(16, (S.PUBLISHED,), S.CLOSED_BELOW, (A.CLOSE,), _SYSTEM,
               _need(has_milestone=True, window_over=True, left_to_verify=False, decisive_met=False),
               "the window is over, nothing is left to verify, the decisive milestone is not met",
               ("author", "followers")),
    Transition(17, (S.PUBLISHED,), S.CLOSED_BELOW, (A.ATTRITION,), _SYSTEM | _CLERKS,
               _need(attrition_missed=True), "too few signatures when an intermediate time is over",
               ("author", "followers")),
    Transition(18, (S.CLOSED_BELOW,), S.THRESHOLD_REACHED, (A.CORRECT_COUNT,), _CLERKS,
               _need(second_person=True, reasons_given=True, decisive_met=True),
               "an upheld complaint or late certificate changes the final count upwards",
               ("author", "followers"), second_person=True),
    Transition(19, (S.PUBLISHED, S.THRESHOLD_REACHED, S.CLOSED_BELOW, S.EXAMINED, S.REFUSED), S.HIDDEN,
               (A.TAKE_DOWN,), _CLERKS, _need(second_person=True, reasons_given=True),
               "hidden ground or court order", ("author",), second_person=True),
    Transition(20, (S.HIDDEN,), None, (A.RESTORE,), _CLERKS,
               _need(second_person=True, reasons_given=True, taken_down=True), "taken down by 19",
               ("author", "followers"), second_person=True),
    Transition(21, (S.DRAFT, S.GATHERING_SPONSORS, S.IN_ADMISSIBILITY, S.RETURNED, S.PUBLISHED),
               S.WITHDRAWN, (A.WITHDRAW,), _AUTHOR, _need(before_decisive=True),
               "before the decisive milestone", ("sponsors", "followers")),
    Transition(22, (S.IN_ADMISSIBILITY, S.PUBLISHED), S.MERGED, (A.MERGE,), _CLERKS,
               _need(target_open=True), "the target is published, same kind and assembly",
               ("author", "followers")),
    Transition(23, (S.GATHERING_SPONSORS, S.IN_ADMISSIBILITY, S.RETURNED, S.PUBLISHED,
                    S.THRESHOLD_REACHED), S.LAPSED, (A.LAPSE,), _SYSTEM,
               _need(event_lists_state=True), "a calendar event makes petitions in this state lapse",
               ("author", "followers")),
    Transition(24, (S.PUBLISHED,), S.LAPSED, (A.START_MISSED, A.SUBMISSION_MISSED), _SYSTEM,
               _need(time_missed=True), "no start day chosen, or sheets not given in, in time",
               ("author", "followers")),
    Transition(25, (S.THRESHOLD_REACHED,), S.LAPSED, (A.HANDOVER_MISSED,), _SYSTEM,
               _need(time_missed=True), "the author's hand-over was not acknowledged in time",
               ("author", "followers", "body")),
    Transition(26, (S.THRESHOLD_REACHED,), S.EXAMINED, (A.EXAMINE,), _FOR_BODY,
               _all(_window_over_or_ends_signing, _EXAMINE),
               "window over, or the outcome ends signing; no check open; the decision settles every "
               "open track", ("author", "followers")),
    Transition(27, (S.PUBLISHED, S.CLOSED_BELOW), S.EXAMINED, (A.EXAMINE,), _FOR_BODY,
               _all(_need(entry_allows=True), _EXAMINE),
               "the rulebook lets the body examine without the milestone", ("author", "followers")),
    Transition(28, (S.EXAMINED, S.REFUSED, S.HIDDEN, S.CLOSED_BELOW, S.WITHDRAWN, S.MERGED, S.LAPSED),
               S.ARCHIVED, (A.ARCHIVE,), _SYSTEM, _need(tracks_open=False, retention_over=True),
               "no open track, every retention clock run out", ()),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that may be made, and the state it leads to."""

    transition: Transition
    source: State | None
    target: State
    action: Action


def rows(state: State | None, action: Action) -> Iterator[Transition]:
    for row in TRANSITIONS:
        if action in row.actions and (state in row.sources or (state is None and not row.sources)):
            yield row


def actions_of(state: State, role: Role) -> tuple[Action, ...]:
    """The actions a role may try in a state: what a page offers as buttons."""
    found = {
        action
        for row in TRANSITIONS
        if state in row.sources and role in row.roles
        for action in row.actions
    }
    return tuple(a for a in Action if a in found)


def advance(
    state: State | None,
    action: Action,
    role: Role,
    facts: Facts,
    *,
    previous: State | None = None,
) -> Move:
    """Decide a move, or refuse it with the code of what is missing.

    Raises TransitionRefusedError (wrong state or guard) or ForbiddenError (wrong role).
    The first row whose guard passes wins; the order of the table is part of the rule.
    """
    candidates = list(rows(state, action))
    if not candidates:
        raise TransitionRefusedError("wrong_state", state=state or "", action=action)
    allowed = [row for row in candidates if role in row.roles]
    if not allowed:
        raise ForbiddenError("wrong_role", role=role, action=action)
    missing = ""
    for row in allowed:
        refusal = row.guard(facts)
        if refusal is None:
            target = row.target or previous
            if target is None:
                raise TransitionRefusedError("no_previous_state", action=action)
            return Move(row, state, target, action)
        missing = refusal
    raise TransitionRefusedError(f"guard_{missing}", state=state or "", action=action)
