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
        """A day of publication whose window ends tomorrow, or else as soon as may be (rule T3).

        No window of six months ends on 29, 30 or 31 August of most years: months differ in length.
        """
        days = [self.day - timedelta(days=back) for back in range(400)]
        ends = {last_day_of(day, length): day for day in days}
        tomorrow = self.day + timedelta(days=1)
        return ends.get(tomorrow) or ends[min(end for end in ends if end >= self.day)]

    def filed_to_be_due(self, assembly: str, stage: Stage, days: int) -> date:
        """A day of filing whose check falls due `days` days from today, or (working days, recess)
        as soon after that as may be; before today, where `days` is negative, as late as may be.
        """
        wanted = self.day + timedelta(days=days)
        assert stage.within is not None
        filed: dict[date, date] = {}
        for back in range(220):
            day = self.day - timedelta(days=back)
            calendar = self.calendars[assembly]
            due = deadline(day, stage.within, calendar=calendar, stops=stage.stops).day
            if due is not None:
                filed.setdefault(due, day)
        if days < 0:
            return filed[max(due for due in filed if due <= wanted)]
        return filed[min(due for due in filed if due >= wanted)]


Moments = list[tuple[datetime, Act]]


def in_order(moments: Moments) -> tuple[tuple[datetime, Act], ...]:
    """The acts one after another: where two working days became one, minutes lie between them."""
    found: list[tuple[datetime, Act]] = []
    for at, act in moments:
        earliest = found[-1][0] + _STEP if found else at
        found.append((max(at, earliest), act))
    return tuple(found)
