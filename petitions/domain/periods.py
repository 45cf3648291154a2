"""Legal periods: `P6M`, `10 working`, `15 sitting`. Pure: no clock, no calendar.

A period is a length in the words of a rule of procedure. What day it ends on is the business of
`petitions.domain.calendar`, because that depends on where it starts and on the assembly's calendar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

DATE_PERIOD_RULE = "must be a date period such as 'P6M' or 'P42D'"
PERIOD_RULE = "must be a period such as 'P6M', 'P42D', '10 working' or '15 sitting'"

# The digits are bounded so that no period written in a file can run past the year 9999.
_DATE = re.compile(
    r"(-?)P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?", re.ASCII
)
_COUNTED = re.compile(r"(\d{1,4}) (working|sitting)", re.ASCII)


class PeriodUnit(StrEnum):
    CALENDAR = "calendar"
    WORKING = "working"
    SITTING = "sitting"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time in whole days or months; weeks are 7 days (rulebook rule T2).

    `days` counts working or sitting days when `unit` says so. `negative` is only true of the
    signed periods around a calendar event (`-P60D`).
    """

    years: int = 0
    months: int = 0
    days: int = 0
    unit: PeriodUnit = PeriodUnit.CALENDAR
    negative: bool = False
    text: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read an unsigned period; ValueError carries the rule it breaks."""
        counted = _COUNTED.fullmatch(text)
        if counted:
            return cls(days=int(counted[1]), unit=PeriodUnit(counted[2]), text=text)
        period = cls.parse_signed(text)
        if period.negative:
            raise ValueError(PERIOD_RULE)
        return period

    @classmethod
    def parse_signed(cls, text: str) -> Period:
        """Read a date period that may point back in time (`-P60D`)."""
        match = _DATE.fullmatch(text)
        if match is None:
            raise ValueError(PERIOD_RULE)
        sign, years, months, weeks, days = match.groups(default="0")
        return cls(
            years=int(years),
            months=int(months),
            days=7 * int(weeks) + int(days),
            negative=sign == "-",
            text=text,
        )

    @property
    def in_calendar_days(self) -> bool:
        return self.unit is PeriodUnit.CALENDAR

    @property
    def empty(self) -> bool:
        return not (self.years or self.months or self.days)

    @property
    def whole_months(self) -> int:
        """Years are twelve months (rulebook rule T2)."""
        return 12 * self.years + self.months

    def __str__(self) -> str:
        if self.text:
            return self.text
        if not self.in_calendar_days:
            return f"{self.days} {self.unit}"
        parts = ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
        body = "".join(f"{number}{letter}" for number, letter in parts if number)
        return ("-P" if self.negative else "P") + (body or "0D")
