"""What has happened and what comes next: the recorded steps of a petition in words, newest first.

The first item is the next step with its due date; days over it are counted on the reader's day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from petitions.domain.calendar import days_left
from petitions.domain.lifecycle import SIGNING_STATES, State
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import N_, _, current_locale
from petitions.storage import reading
from petitions.storage.tables import Audit, Track
from petitions.web import rule_words, step_timeline, time_words
from petitions.web.pages import TimelineEntry

if TYPE_CHECKING:
    from petitions.web.petition_file import File

TITLES: Mapping[str, str] = {
    "submit": N_("Submitted"),
    "complete": N_("All first supporters found"),
    "sponsors_missed": N_("Too few first supporters in time"),
    "sponsor_stage_met": N_("Enough first supporters of one kind"),
    "sponsor_silent": N_("The person asked to support it did not answer in time"),
    "sponsors_not_carried": N_(
        "The text was corrected after its supporters had read it: they may sign the new one"
    ),
    "accept": N_("Found admissible and published"),
    "accept_in_part": N_("Found admissible in part and published"),
    "accept_with_conditions": N_("Found admissible under conditions and published"),
    "return": N_("Returned to the author for correction"),
    "resubmit": N_("Sent again after correction"),
    "correction_missed": N_("Lapsed: it was not corrected in time"),
    "refuse": N_("Refused"),
    "reopen": N_("Taken up again"),
    "close": N_("Closed under the threshold"),
    "attrition": N_("Closed: too few signatures in the first months"),
    "correct_count": N_("Final count corrected upwards"),
    "take_down": N_("Removed"),
    "restore": N_("Restored"),
    "withdraw": N_("Withdrawn by its author"),
    "merge": N_("Merged with another petition"),
    "merge_received": N_("Another petition was merged into this one"),
    "lapse": N_("Lapsed by an event of the rules"),
    "start_missed": N_("Lapsed: no start day was chosen"),
    "submission_missed": N_("Lapsed: the sheets were not handed in"),
    "handover_missed": N_("Lapsed: it was not handed over in time"),
    "window_ended": N_("Signing ended"),
    "archive": N_("Archived"),
    "text_edited": N_("Text edited by its author, before signing opened"),
    "start_chosen": N_("First day of signing chosen"),
    "start_gazette": N_("Published in the gazette"),
    "window_extended": N_("Window for signing extended"),
    "given_in": N_("Given in for verification"),
    "silence": N_("No decision came in time: silence decided, as the rules say"),
    "calendar_close": N_("Signing closed by an event of parliamentary life"),
    "calendar_extend": N_("Window extended by an event of parliamentary life"),
    "verification_closed": N_("Nothing is left to verify"),
    "removal_confirmed": N_("Decided to declare signatures invalid"),
    "removal_called_off": N_("Called off: signatures are not declared invalid"),
    "removal_carried_out": N_("Signatures declared invalid"),
    "signing_suspended": N_("Signing suspended"),
    "signing_resumed": N_("Signing goes on"),
    "sealed": N_("Sealed: the key to its signatures was destroyed"),
}
_QUIET = frozenset(
    {
        "reach",
        "milestone_reached",
        "examine",
        "track_decided",
        "duty_extended",
        "window_moved",
        "handover",
    }
)
"""Steps whose title names a number, an outcome or a duty: made below."""


@dataclass(frozen=True, slots=True)
class _Reader:
    library: Library
    file: File
    tracks: Mapping[str, Track]
    outcomes: Mapping[str, str]


def timeline(session: Session, library: Library, file: File) -> tuple[TimelineEntry, ...]:
    """The next steps, those due first in front, then what was done, newest first."""
    tracks = reading.tracks_of(session, file.petition.id)
    reader = _Reader(
        library,
        file,
        {track.code: track for track in tracks},
        {
            str(outcome.id): outcome.code
            for outcome in reading.outcomes_of(session, file.petition.id)
        },
    )
    planned, held = step_timeline.entries(session, library, file)
    coming = [*planned, *(_due(reader, track) for track in tracks if track.status != "decided")]
    coming.extend(_next_by_state(session, reader))
    done = [entry for step in _told(file) if (entry := _done(reader, step)) is not None]
    # stable: what the trail told of one day keeps its order
    told = sorted((*held, *done), key=lambda entry: entry.on or file.today, reverse=True)
    return (*coming, *told)


def told_moves(session: Session, file: File) -> dict[int, TimelineEntry]:
    """Number in the trail → what the timeline says of it, of every step that readers are told."""
    library = file.library
    tracks = {track.code: track for track in reading.tracks_of(session, file.petition.id)}
    outcomes = {str(each.id): each.code for each in reading.outcomes_of(session, file.petition.id)}
    reader = _Reader(library, file, tracks, outcomes)
    entries = {step.seq: _done(reader, step) for step in _told(file)}
    return {seq: entry for seq, entry in entries.items() if entry is not None}


def _told(file: File) -> list[Audit]:
    """The steps the public is told, each once: "signing ended" is left out where "closed" says it, the
    last stage of supporters where "all found" does.
    """
    closed = any(step.action == "close" for step in file.steps)
    complete = {step.legal_instant for step in file.steps if step.action == "complete"}

    def said_already(step: Audit) -> bool:
        if step.action == "sponsor_stage_met":
            return step.legal_instant in complete
        return closed and step.action == "window_ended"

    return [step for step in file.steps if not said_already(step)]


def _due(reader: _Reader, track: Track) -> TimelineEntry:
    file = reader.file
    title = _track_title(reader, track)
    body = rule_words.duty_bearer(
        reader.library, file.petition.assembly, file.kind, track.code, track.body
    )
    return TimelineEntry(
        title=rule_words.owed(body, title),
        owed_by=rule_words.first_upper(body),
        due=track.due_on,
        text=_("Not before %(day)s.", day=current_locale().date(track.not_before))
        if track.not_before
        else "",
        provisional=track.provisional,
        days_left=_left(track.due_on, file.today),
        days_late=_late(track.due_on, file.today),
    )


def _left(due: date | None, today: date) -> int | None:
    return days_left(due, today) if due is not None and due >= today else None


def _late(due: date | None, today: date) -> int:
    return max(0, (today - due).days) if due is not None else 0


def _track_title(reader: _Reader, track: Track) -> str:
    book = reader.file.book.id
    duties = {duty.id for duty in reader.file.kind.after.duties}
    if track.code in duties:
        return rule_words.words_for(reader.library, "duties", track.code, book).title
    effect = track.effect or track.code
    return rule_words.words_for(reader.library, "effects", effect, book).title


def _next_by_state(session: Session, reader: _Reader) -> list[TimelineEntry]:
    """What comes next where no duty says it: the check, the correction, the end of signing."""
    file, petition = reader.file, reader.file.petition
    if file.state is State.IN_ADMISSIBILITY:
        review = reading.open_review(session, petition.id)
        due = review.due_on if review else None
        return [
            TimelineEntry(
                _("The petition is checked against the rules"),
                owed_by=rule_words.first_upper(
                    rule_words.body_words(
                        reader.library, petition.assembly, review.body if review else None
                    )
                ),
                due=due,
                provisional=bool(review and review.due_provisional),
                days_left=_left(due, file.today),
                days_late=_late(due, file.today),
            )
        ]
    if file.state is State.RETURNED:
        return [
            TimelineEntry(
                _("The author corrects the petition"),
                due=petition.correction_due,
                to_act=True,
                days_left=_left(petition.correction_due, file.today),
            )
        ]
    if file.state in SIGNING_STATES and petition.last_day and petition.last_day >= file.today:
        return [
            TimelineEntry(
                _("Signing ends"),
                due=petition.last_day,
                to_act=True,
                days_left=_left(petition.last_day, file.today),
            )
        ]
    return []


def _done(reader: _Reader, step: Audit) -> TimelineEntry | None:
    title = _title(reader, step)
    if not title:
        return None
    return TimelineEntry(
        title=title,
        on=reader.file.last_day_of(step.legal_instant),
        text=_public_text(reader.file, step),
    )


def _public_text(file: File, step: Audit) -> str:
    """A text the institution published with the step; reasons of a refusal stand elsewhere."""
    if step.action in {"refuse", "examine", "return"}:
        return ""
    if step.action == "take_down":
        return str(step.detail.get("legal_basis", ""))
    texts = {key: each for key, each in step.public_texts.items() if isinstance(each, str)}
    return file.told(texts)


def _title(reader: _Reader, step: Audit) -> str:
    if step.action in {"accept", "accept_in_part", "accept_with_conditions"}:
        if step.to_state != State.PUBLISHED:
            return _("A stage of the check is passed")
        return _(TITLES[step.action])
    if step.action == "sponsor_stage_met":
        return _stage_met(reader, step)
    if step.action in _QUIET:
        return _SPECIAL[step.action](reader, step)
    return _(TITLES[step.action]) if step.action in TITLES else ""


def _stage_met(reader: _Reader, step: Audit) -> str:
    """Which of several stages is complete: one title for all would seem told twice."""
    code = str(step.detail.get("stage", ""))
    if not code:
        told = TITLES[step.action]
        return _(told)
    words = rule_words.words_for(reader.library, "sponsors", code, reader.file.book.id)
    return _("Enough first supporters: %(stage)s", stage=words.title)


def _milestone(reader: _Reader, step: Audit) -> str:
    threshold = step.detail.get("threshold")
    if not isinstance(threshold, int):
        return _("Threshold reached")
    milestone = reader.file.kind.milestone(str(step.detail.get("milestone", "")))
    reached = current_locale().signatures(threshold)
    if milestone is None:
        return _("%(signatures)s reached", signatures=reached)
    led = rule_words.consequence(
        reader.library, reader.file.book.id, reader.file.petition.assembly, milestone
    )
    return _("%(signatures)s reached: %(consequence)s", signatures=reached, consequence=led)


def _examined(reader: _Reader, step: Audit) -> str:
    code = step.reason or next(iter(reader.outcomes.values()), "")
    if not code:
        return _("Examined")
    words = rule_words.words_for(reader.library, "outcomes", code, reader.file.book.id)
    return _("Examined: %(outcome)s", outcome=words.title)


def _settled(reader: _Reader, step: Audit) -> str:
    track = reader.tracks.get(str(step.detail.get("track", "")))
    if track is None:
        return ""
    title = _track_title(reader, track)
    if track.cause == "declined":
        return _("Will not be done: %(duty)s", duty=title)
    return (
        _("Done after the due date: %(duty)s", duty=title)
        if track.late
        else _("Done: %(duty)s", duty=title)
    )


def _extended(reader: _Reader, step: Audit) -> str:
    track = reader.tracks.get(str(step.detail.get("track", "")))
    day = str(step.detail.get("day", ""))
    if track is None or not day:
        return ""
    return _(
        "More time until %(day)s: %(duty)s",
        day=current_locale().date(date.fromisoformat(day)),
        duty=_track_title(reader, track),
    )


_SPECIAL: Mapping[str, Callable[[_Reader, Audit], str]] = {
    "window_moved": lambda _reader, step: time_words.moved(step.detail),
    "handover": lambda _reader, step: time_words.handed_over(step.reason),
    "duty_extended": _extended,
    "reach": _milestone,
    "milestone_reached": _milestone,
    "examine": _examined,
    "track_decided": _settled,
}
