"""Where a petition stands in its procedure: the phases of its rulebook, and how each stands today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from petitions.domain.calendar import days_left, local_day
from petitions.domain.lifecycle import END_STATES, SIGNING_STATES, State
from petitions.domain.phases import Part, Phase, Standing, lies_in, phases
from petitions.domain.vocabulary import Entry
from petitions.platform.i18n import N_, _, current_locale
from petitions.storage import reading
from petitions.storage.tables import Track
from petitions.web import rule_words
from petitions.web.pages import STATE_WORDS
from petitions.web.pages_standing import PhaseShown
from petitions.web.petition_file import File

_TITLES: Mapping[Part, str] = {
    Part.SPONSORS: N_("First supporters"),
    Part.CHECK: N_("Check against the rules"),
    Part.SIGNING: N_("Signatures"),
    Part.VERIFICATION: N_("Verification of signatures"),
    Part.HANDOVER: N_("Handing over"),
}
_ENDED_EARLY = END_STATES - {State.EXAMINED, State.ARCHIVED}


@dataclass(frozen=True, slots=True)
class _Stand:
    """What is looked up once: the state it is or was last in, the clock, the duties."""

    file: File
    state: State
    stood: State
    signing: bool
    """People can sign today, or could until it stopped."""
    tracks: list[Track]
    bodies: Mapping[str, date]
    """Those whose decision is recorded, with its day."""
    met: frozenset[str]
    """Milestones reached."""

    @property
    def is_over(self) -> bool:
        return self.state in _ENDED_EARLY


def phases_shown(session: Session, file: File) -> tuple[PhaseShown, ...]:
    """The bar of a petition's page; nothing of a petition that is out of sight."""
    if file.state is State.HIDDEN:
        return ()
    stand = _stand(session, file)
    found = phases(file.kind)
    if file.state is State.DRAFT:  # only its author sees it: nothing of the procedure has begun
        draft = PhaseShown(Standing.NOW, _("Draft"))
        return (draft, *(_shown(session, stand, phase, 1) for phase in found))
    at = _place(stand, found)
    return tuple(_shown(session, stand, phase, index - at) for index, phase in enumerate(found))


def _stand(session: Session, file: File) -> _Stand:
    petition, state = file.petition, file.state
    if state is State.ARCHIVED and petition.previous_state:
        state = State(petition.previous_state)
    moved = next((step for step in file.steps if step.to_state == state), None)
    stood = State(moved.from_state) if moved and moved.from_state else state
    over = petition.closes_at is not None and file.at >= petition.closes_at
    return _Stand(
        file=file,
        state=state,
        stood=stood if state in _ENDED_EARLY else state,
        signing=state in SIGNING_STATES and petition.signing_ended_at is None and not over,
        tracks=reading.tracks_of(session, petition.id),
        bodies={each.body: each.decided_on for each in reading.outcomes_of(session, petition.id)},
        met=frozenset(each.milestone for each in file.met),
    )


def _place(stand: _Stand, found: tuple[Phase, ...]) -> int:
    """Number of the phase in which it is, or was when it ended."""
    part = lies_in(stand.stood)
    if stand.stood is State.RETURNED and stand.file.petition.published_at is not None:
        part = Part.BODY
    parts = [phase.part for phase in found]
    if part not in parts:
        return parts.index(Part.BODY) if stand.file.petition.published_at is not None else 0
    place = parts.index(part)
    ended = part is Part.SIGNING and not stand.signing and not stand.is_over
    waits = stand.file.petition.closes_at is not None or stand.file.petition.signing_ended_at
    return place + 1 if ended and waits else place


def _shown(session: Session, stand: _Stand, phase: Phase, steps: int) -> PhaseShown:
    """`steps`: how far behind (over 0) or before (under 0) the petition's place the phase lies."""
    standing = _standing(stand, phase, steps)
    if phase.part is Part.BODY:
        title = rule_words.first_upper(_acting(stand.file, phase))
    else:
        title = _(_TITLES[phase.part])
    note, late = _note(session, stand, phase, standing)
    return PhaseShown(standing, title, note, late)


def _acting(file: File, phase: Phase) -> str:
    library, assembly = file.library, file.petition.assembly
    if phase.body:
        return rule_words.body_words(library, assembly, phase.body)
    return rule_words.the_assembly(library, assembly)


def _standing(stand: _Stand, phase: Phase, steps: int) -> Standing:
    if phase.part is Part.BODY:
        return _of_body(stand, phase)
    if phase.part is Part.SIGNING and stand.signing:
        return Standing.NOW
    if phase.part is Part.HANDOVER and steps <= 0 and not stand.is_over:
        handed = any(step.action == "handover" for step in stand.file.steps)
        return Standing.DONE if handed else Standing.NOW
    if steps < 0:
        return Standing.DONE
    if steps == 0:
        return Standing.STOPPED if stand.is_over else Standing.NOW
    return Standing.MISSED if stand.is_over else Standing.COMING


def _of_body(stand: _Stand, phase: Phase) -> Standing:
    tracks = _tracks_of(stand, phase)
    if any(track.status != "decided" for track in tracks) and not stand.is_over:
        return Standing.NOW
    if tracks or phase.body in stand.bodies:
        return Standing.DONE
    if stand.is_over:
        stopped = stand.stood is State.THRESHOLD_REACHED and _is_decisive(stand, phase)
        return Standing.STOPPED if stopped else Standing.MISSED
    if stand.state is State.EXAMINED:
        return Standing.DONE if _is_decisive(stand, phase) else Standing.MISSED
    return Standing.NOW if _has_begun(stand, phase) else Standing.COMING


def _has_begun(stand: _Stand, phase: Phase) -> bool:
    after = stand.file.kind.after
    if stand.met.intersection(phase.milestones):
        return True
    if stand.state is State.THRESHOLD_REACHED:
        return _is_decisive(stand, phase)
    if stand.state is not State.PUBLISHED or phase.body != (after.body or ""):
        return False
    return after.entry is Entry.PUBLICATION or (after.entry is Entry.CLOSING and not stand.signing)


def _is_decisive(stand: _Stand, phase: Phase) -> bool:
    """Whether the body is the one that the deciding number, or the rules, turn to."""
    decisive = stand.file.kind.decisive
    if decisive is not None:
        return decisive.id in phase.milestones
    return phase.body == (stand.file.kind.after.body or "")


def _tracks_of(stand: _Stand, phase: Phase) -> list[Track]:
    return [
        track
        for track in stand.tracks
        if track.body == phase.body or (track.milestone in phase.milestones)
    ]


def _note(session: Session, stand: _Stand, phase: Phase, standing: Standing) -> tuple[str, bool]:
    """(a few words, whether they tell of a delay)."""
    file = stand.file
    if standing is Standing.STOPPED:
        return _(STATE_WORDS[stand.state][0]), False
    if standing is Standing.DONE:
        return current_locale().date(_done_on(stand, phase)), False
    if standing is Standing.COMING:
        return _led_to(stand, phase), False
    if standing is Standing.MISSED:
        return "", False
    if phase.part is Part.CHECK:
        if file.state is State.RETURNED:
            return _(STATE_WORDS[State.RETURNED][0]), False
        review = reading.open_review(session, file.petition.id)
        return _time(review.due_on if review else None, file.today)
    if phase.part is Part.SIGNING:
        return _time(file.petition.last_day, file.today)
    due = [each.due_on for each in _tracks_of(stand, phase) if each.status != "decided"]
    return _time(min((day for day in due if day), default=None), file.today)


def _time(due: date | None, today: date) -> tuple[str, bool]:
    if due is None:
        return "", False
    if due < today:
        return current_locale().days_late((today - due).days), True
    return current_locale().days_left(days_left(due, today)), False


def _done_on(stand: _Stand, phase: Phase) -> date | None:
    """The day on which a phase ended, where one is on record."""
    file = stand.file
    if phase.part is Part.CHECK:
        return file.day(file.petition.published_at)
    if phase.part is Part.SIGNING:
        ended = reading.ended(file.petition)
        return file.petition.last_day or (file.last_day_of(ended) if ended else None)
    if phase.part is Part.BODY:
        decided = [each.decided_at for each in _tracks_of(stand, phase) if each.decided_at]
        return local_day(max(decided), file.zone) if decided else stand.bodies.get(phase.body)
    return None


def _led_to(stand: _Stand, phase: Phase) -> str:
    """From which number on a body acts, as it was fixed for this petition."""
    targets = [stand.file.petition.targets.get(each) for each in phase.milestones]
    numbers = [int(each["threshold"]) for each in targets if isinstance(each, dict)]
    if not numbers:
        return ""
    return _("from %(signatures)s", signatures=current_locale().signatures(min(numbers)))
