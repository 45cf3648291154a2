"""The days of the demonstration, counted back from today so that it never looks old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from petitions.demo.acts import Act
from petitions.domain.calendar import AssemblyCalendar, deadline, last_day_of, local_day
from petitions.domain.filing import Stage
from petitions.domain.periods import Period

_MARGIN = timedelta(minutes=40)
_STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Dates:
    """`today` is the instant (UTC) at which the demonstration opens: nothing happens after it."""

    today: datetime
    zone: str
    calendars: Mapping[str, AssemblyCalendar]

    @property
    def day(self) -> date:
        return local_day(self.today, self.zone)

    def at(self, day: date, clock: str) -> datetime:
        """A local time of day as an instant, but never one that is still to come."""
        wall = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(self.zone))
        return min(wall.astimezone(UTC), self.today - _MARGIN)

    def ago(self, days: int, clock: str = "10:00") -> datetime:
        return self.at(self.day - timedelta(days=days), clock)

    def working(self, assembly: str, days: int, clock: str = "10:00") -> datetime:
        """As `ago`, moved on to a working day of the assembly (or back, at the very end)."""
        calendar = self.calendars[assembly]
        wanted = self.day - timedelta(days=days)
        day = wanted
        while not calendar.working(day) and day < self.day:
            day += timedelta(days=1)
        while not calendar.working(day):
            day -= timedelta(days=1)
        return self.at(day, clock)

    def ends_soon(self, length: Period) -> date:
        """A day of publication whose window ends tomorrow, or else today (rules T2 to T4)."""
        starts = {
            last_day_of(day, length): day
            for day in (self.day - timedelta(days=back) for back in range(400))
        }
        tomorrow = self.day + timedelta(days=1)
        return starts[tomorrow] if tomorrow in starts else starts[self.day]

    def filed_for_due(self, assembly: str, stage: Stage, due_in: int) -> date:
        """The latest day of filing whose check falls due `due_in` days from today, or before that.

        Where the clock stands still (recess), the day the check would be due may be far off: then
        the answer is the day of filing that comes nearest before it.
        """
        wanted = self.day + timedelta(days=due_in)
        assert stage.within is not None
        for back in range(220):
            day = self.day - timedelta(days=back)
            calendar = self.calendars[assembly]
            found = deadline(day, stage.within, calendar=calendar, stops=stage.stops).day
            if found is not None and found <= wanted:
                return day
        raise ValueError("no day of filing")


Moments = list[tuple[datetime, Act]]


def in_order(moments: Moments) -> tuple[tuple[datetime, Act], ...]:
    """The acts one after another: where two working days became one, minutes lie between them."""
    found: list[tuple[datetime, Act]] = []
    for at, act in moments:
        earliest = found[-1][0] + _STEP if found else at
        found.append((max(at, earliest), act))
    return tuple(found)
