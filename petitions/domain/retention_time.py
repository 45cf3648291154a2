"""What is kept of calendars and clocks, column by column. Pure."""

from __future__ import annotations

from petitions.domain.retention import Ended, Kept, Naming, Place, Whom

_ALWAYS = "always: it is public, or proves what is public"
_DATABASE = "as long as the database"


def _rows(name: str, columns: str, what: str, why: str, until: str = _DATABASE) -> Kept:
    return Kept(Place.TABLE, name, tuple(columns.split()), what, why, until, Ended.NOTHING)


def _case(name: str, columns: str, what: str, why: str) -> Kept:
    return Kept(
        Place.TABLE, name, tuple(columns.split()), what, why, _DATABASE, Ended.OFFICE,
        whom=Whom.STAFF, naming=Naming.PERSON,
    )  # fmt: skip


TIME: tuple[Kept, ...] = (
    _case("calendar_entry",
          "id assembly what event starts_at ends_at days covers_until note status recorded_at "
          "recorded_by confirmed_at confirmed_by corrects cancels settled_at",
          "the calendar of an assembly as staff keep it: events, sitting days, corrections",
          "last days and terms follow from it"),
    _case("recorded_event", "petition_id event day at recorded_at actor",
          "first day of signing, steps of the hand-over, as the author or staff reported them",
          "terms start with them"),
    _case("window_extension", "petition_id number length body cause texts decided_on at actor",
          "decisions that extend a window, with their public notice", "the procedure"),
    _rows("calendar_seen", "assembly digest", "hash of an assembly's calendar file",
          "dates are laid out again when it changes"),
    _rows("applied_effect", "petition_id entry_id effect at length",
          "what an event of the calendar did to a petition", "it is done once", _ALWAYS),
    _rows("petition_clock", "petition_id stale unlisted",
          "whether the dates of a petition must be laid out again, and whether lists show it",
          "the worker goes on"),
    _rows("timer", "petition_id code due_at done_at",
          "what the calendar does to a petition by itself, and when", "it is done once"),
    _rows("petition_signing", "shut_from shut_until",
          "when signing is suspended: before the first day, in a pause",
          "nobody signs outside the window"),
)  # fmt: skip
