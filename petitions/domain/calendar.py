"""Legal time: the days a period ends on, and the instants a window opens and closes. Pure.

Instants are UTC, days are local to the rulebook's zone (rulebook rule T1). Every function takes the
instant or the day it judges; nothing here reads a clock. Daylight saving never changes a day count,
because days are counted as dates and only the ends are turned into instants.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from petitions.domain.collecting import Window
from petitions.domain.errors import InvalidError
from petitions.domain.periods import Period, PeriodUnit
from petitions.domain.vocabulary import FirstDay, Roll, WindowMode

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
# A clock in working days never needs more: beyond it the calendar is missing, not the day.
WORKING_DAYS_HORIZON = 20_000


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Days from first to last, both inclusive; no last day means it has not ended yet."""

    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Pause:
    """Instants from start (inclusive) to end (exclusive); no end means it goes on."""

    start: datetime
    end: datetime | None


def _no_events() -> Mapping[str, tuple[DaySpan, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyCalendar:
    """The days of an assembly. `spans`: event (recess, election, …) → the days it covers.

    `sitting_days` is None where the assembly keeps no sitting calendar. Nothing is known after
    `covers_until`.
    """

    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: frozenset[date] = frozenset()
    sitting_days: frozenset[date] | None = None
    spans: Mapping[str, tuple[DaySpan, ...]] = field(default_factory=_no_events)
    covers_until: date | None = None

    def working(self, day: date) -> bool:
        """A working day is neither a weekend day nor a holiday of the assembly (rule T5)."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def sitting(self, day: date) -> bool:
        return self.sitting_days is not None and day in self.sitting_days

    def knows(self, day: date) -> bool:
        return self.covers_until is None or day <= self.covers_until

    def with_events(self, events: Mapping[str, Sequence[DaySpan]]) -> AssemblyCalendar:
        """The calendar with the events that clerks entered."""
        merged = dict(self.spans)
        for event, spans in events.items():
            merged[event] = (*merged.get(event, ()), *spans)
        return replace(self, spans=MappingProxyType(merged))

    def stopped(self, stops: Iterable[str]) -> tuple[DaySpan, ...]:
        """The days on which a clock with these stops stands still."""
        return tuple(span for event in stops for span in self.spans.get(event, ()))


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a clock. Provisional: the calendar ends earlier; never act on it."""

    day: date | None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class SigningWindow:
    """When signing opens and closes, instants in UTC; `closes_at` is the first instant after it.

    Without a last day the window is open-ended, or a pause without an end makes it unknown
    (`provisional`).
    """

    opens_at: datetime
    last_day: date | None
    closes_at: datetime | None
    provisional: bool = False

    def is_open(self, at: datetime) -> bool:
        """A signature counts if its instant is before `closes_at` (rule T4)."""
        return self.opens_at <= at and (self.closes_at is None or at < self.closes_at)

    def has_closed(self, at: datetime) -> bool:
        return self.closes_at is not None and at >= self.closes_at

    def final_at(self, confirm_hours: int) -> datetime | None:
        """From this instant nothing entered in time can still be confirmed."""
        return self.closes_at and self.closes_at + timedelta(hours=confirm_hours)

    def counts(self, entered_at: datetime, confirmed_at: datetime, confirm_hours: int) -> bool:
        """Whether an entry made in time and confirmed within the grace counts (rule T4)."""
        final = self.final_at(confirm_hours)
        return self.is_open(entered_at) and (final is None or confirmed_at < final)


def local_day(at: datetime, zone: str) -> date:
    """The day of an event is its local date (rule T1)."""
    return at.astimezone(ZoneInfo(zone)).date()


def first_instant(day: date, zone: str) -> datetime:
    """The first instant of a local day, in UTC.

    Where the clocks jump over midnight, `fold=0` reads it with the offset before the jump, which is
    the very instant of the jump; where midnight comes twice, it is the first of the two.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


def closes_at(last_day: date, zone: str) -> datetime:
    """The last day is inclusive: it ends at the first instant of the next local day (rule T4)."""
    return first_instant(last_day + ONE_DAY, zone)


overdue_from = closes_at


def days_left(last_day: date, today: date) -> int:
    """Days on which one can still act, today and the last day included; 0 once it is over."""
    return max(0, (last_day - today).days + 1)


def age_on(birth: date, day: date) -> int:
    """Complete years; the birthday qualifies; born on 29 February: from 1 March (rule T10)."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def add(day: date, period: Period) -> date:
    """The day a date period after `day`, the first day not counted (rules T2 and T3)."""
    return _add(day, period)[0]


def _add(day: date, period: Period) -> tuple[date, bool]:
    """The day, and whether the month lacked its number; years, months, then days."""
    if not period.in_calendar_days:
        raise ValueError("working and sitting days need a calendar")
    sign = -1 if period.negative else 1
    months = day.year * 12 + day.month - 1 + sign * period.whole_months
    year, month = divmod(months, 12)
    month_end = month_lengths.monthrange(year, month + 1)[1]
    clamped = day.day > month_end
    moved = date(year, month + 1, min(day.day, month_end))
    return moved + sign * timedelta(days=period.days), clamped


def last_day_of(start: date, length: Period, first_day: FirstDay = FirstDay.NEXT) -> date:
    """The last day of a period from an event (rules T2 and T3).

    "event" counts the day of the event as day 1 and so ends one day earlier, except where the month
    lacks the day: 31 August + P6M ends on 28 February under both settings.
    """
    end, clamped = _add(start, length)
    return end - ONE_DAY if first_day is FirstDay.EVENT and not clamped else end


def bars_through(decided: date, length: Period) -> date:
    """The last barred day after a decision (rule T2): the day after it is free."""
    return add(decided, length)


def longer(one: Period, other: Period, on: date) -> bool:
    """Whether `one` ends later than `other`, both laid out from the day of the check (rule T3)."""
    return add(on, one) > add(on, other)


def paused_days(pauses: Iterable[Pause], zone: str) -> tuple[DaySpan, ...]:
    """The local days touched by a pause: one minute of it stops the whole day (rule T6)."""
    spans = []
    for pause in pauses:
        first = local_day(pause.start, zone)
        if pause.end is None:
            spans.append(DaySpan(first, None))
        elif pause.end > pause.start:
            spans.append(DaySpan(first, local_day(pause.end - timedelta(microseconds=1), zone)))
    return tuple(spans)


def lay_out(first: date, days: int, stopped: Iterable[DaySpan]) -> date | None:
    """The last of `days` days counted from `first`, stopped days left out; None: never ends."""
    end = first + timedelta(days=days - 1)
    counted_to = first - ONE_DAY  # days up to here were judged, so overlapping spans count once
    for span in sorted(stopped, key=lambda span: span.first):
        if span.first > end:
            break
        begin = max(span.first, counted_to + ONE_DAY)
        if span.last is None:
            return None
        if span.last < begin:
            continue
        end += timedelta(days=(span.last - begin).days + 1)
        counted_to = span.last
    return end


def window(
    kind_window: Window,
    *,
    event_at: datetime,
    zone: str,
    pauses: Sequence[Pause] = (),
    choice: Period | None = None,
    extensions: Sequence[Period] = (),
) -> SigningWindow:
    """The signing window from its start event: base period, extensions, then pauses (rule T7).

    `event_at` is the instant of the start event; for a chosen, gazette or calendar start, any
    instant of that day. `choice` is the length the author picked (modes list and range). Without
    signing (modes none and prior) the window counts as closed from the event on.
    """
    start = local_day(event_at, zone)
    by_the_day = kind_window.start not in ("publication", "submission")
    opens_at = first_instant(start, zone) if by_the_day else event_at.astimezone(UTC)
    if kind_window.mode in (WindowMode.NONE, WindowMode.PRIOR):
        return SigningWindow(opens_at, None, opens_at)
    if kind_window.mode in (WindowMode.OPEN, WindowMode.ROLLING):
        return SigningWindow(opens_at, None, None)
    end = last_day_of(start, _length(kind_window, choice, start), kind_window.first_day)
    for extension in extensions:
        end = add(end, extension)
    first = start if kind_window.first_day is FirstDay.EVENT else start + ONE_DAY
    last = lay_out(first, (end - first).days + 1, paused_days(pauses, zone))
    if last is None:
        return SigningWindow(opens_at, None, None, provisional=True)
    return SigningWindow(opens_at, last, closes_at(last, zone))


def _length(kind_window: Window, choice: Period | None, on: date) -> Period:
    if kind_window.mode is WindowMode.FIXED:
        length = kind_window.length
    else:
        length = choice or kind_window.maximum
        check_choice(kind_window, length, on)
    if length is None:
        raise InvalidError("window_length_missing")
    return length


def check_choice(kind_window: Window, choice: Period | None, on: date) -> None:
    """Refuse a window length the author may not pick; InvalidError names what is allowed."""
    if kind_window.mode is WindowMode.LIST and choice not in kind_window.choices:
        allowed = ", ".join(map(str, kind_window.choices))
        raise InvalidError("window_not_listed", allowed=allowed, got=str(choice or "none"))
    if kind_window.mode is WindowMode.RANGE:
        longest = kind_window.maximum
        if (
            choice is None
            or longest is None
            or longer(kind_window.minimum, choice, on)
            or longer(choice, longest, on)
        ):
            raise InvalidError(
                "window_out_of_range",
                minimum=str(kind_window.minimum),
                maximum=str(longest),
                got=str(choice or "none"),
            )


def deadline(
    start_day: date,
    period: Period,
    *,
    calendar: AssemblyCalendar,
    stops: Sequence[str] = (),
    extensions: Sequence[Period] = (),
    roll: Roll = Roll.NONE,
    stopped: Iterable[DaySpan] = (),
) -> Deadline:
    """The last day of a clock that starts on `start_day` (not counted): rules T2, T3, T5 to T7.

    `stops` names events of the calendar; `stopped` gives further days on which the clock stood
    still (a petition returned to its author). Extensions are recorded decisions; they follow the
    base period.
    """
    halts = (*calendar.stopped(stops), *stopped)
    if period.in_calendar_days:
        found = _calendar_deadline(start_day, (period, *extensions), halts)
    else:
        found = _counted_deadline(start_day, period, calendar, halts)
        for extension in extensions:
            if found is not None:
                found = _extended(found, extension, calendar, halts)
    if found is None:
        return Deadline(None, provisional=True)
    if roll is Roll.NEXT_WORKING:
        while not calendar.working(found):
            found += ONE_DAY
    looked_up = bool(stops) or roll is not Roll.NONE or not period.in_calendar_days
    return Deadline(found, provisional=looked_up and not calendar.knows(found))


def _calendar_deadline(
    start: date, lengths: Sequence[Period], halts: Sequence[DaySpan]
) -> date | None:
    end = start
    for length in lengths:
        end = add(end, length)
    # Months first become their number of days, then only the days that are not stopped count (T6).
    return lay_out(start + ONE_DAY, (end - start).days, halts)


def _counted_deadline(
    start: date, period: Period, calendar: AssemblyCalendar, halts: Sequence[DaySpan]
) -> date | None:
    """The n-th working or sitting day after `start`; None where no calendar can tell."""
    counts = calendar.working if period.unit is PeriodUnit.WORKING else calendar.sitting
    last_known = max(calendar.sitting_days or {start})
    day, left = start, period.days
    for _ in range(WORKING_DAYS_HORIZON):
        if left == 0:
            return day
        day += ONE_DAY
        if period.unit is PeriodUnit.SITTING and day > last_known:
            return None
        if counts(day) and not any(span.covers(day) for span in halts):
            left -= 1
    return None


def _extended(
    day: date, extension: Period, calendar: AssemblyCalendar, halts: Sequence[DaySpan]
) -> date | None:
    if extension.in_calendar_days:
        return _calendar_deadline(day, (extension,), halts)
    return _counted_deadline(day, extension, calendar, halts)
