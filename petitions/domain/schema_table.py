"""Typed reading of one table: each method returns its type and notes what is wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from petitions.domain.periods import DATE_PERIOD_RULE, PERIOD_RULE, Period, PeriodUnit
from petitions.domain.predicates import ANYONE, Predicate, read_predicate
from petitions.domain.schema import ABSENT, Path, Reading, Written, plain, written_items

Word = TypeVar("Word", bound=StrEnum)

ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", re.ASCII)
ID_RULE = "must be an id of small letters, digits, '-' and '_'"
_SHARE = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,8})", re.ASCII)
INTEGER_MAX = 10**12


class Table:
    """A cursor on one written table. What is not a table reads as an empty one."""

    def __init__(self, reading: Reading, written: Written) -> None:
        self.reading = reading
        self.path = written.path
        self.written = written
        self.entries: dict[str, Written] = written.value if isinstance(written.value, dict) else {}

    def has(self, key: str) -> bool:
        return key in self.entries

    def at(self, key: str) -> Path:
        """Where the key was written, or would have been."""
        return self.entries[key].path if key in self.entries else (*self.path, key)

    def refuse(self, key: str, rule: str) -> None:
        """Refuse the value of a key, whatever it is."""
        self.reading.refuse(self.at(key), rule, self.raw(key))

    def raw(self, key: str) -> object:
        return plain(self.entries[key]) if key in self.entries else ABSENT

    def table(self, key: str) -> Table:
        """The table under a key; an empty one where it is absent."""
        return Table(self.reading, self.entries.get(key) or Written(self.at(key), {}))

    def tables(self, key: str) -> list[Table]:
        return [Table(self.reading, each) for each in written_items(self.entries.get(key))]

    def keys(self, key: str) -> list[str]:
        return list(self.table(key).entries)

    def text(self, key: str) -> str | None:
        value = self.raw(key)
        if value is ABSENT or (isinstance(value, str) and value.strip()):
            return value if isinstance(value, str) else None
        self.refuse(key, "must be a text")
        return None

    def required_text(self, key: str, default: str = "") -> str:
        if not self.has(key):
            self.refuse(key, "must be a text")
        return self.text(key) or default

    def identifier(self, key: str) -> str:
        """A required id; the empty text stands for a refused one."""
        value = self.raw(key)
        if isinstance(value, str) and ID.fullmatch(value):
            return value
        self.refuse(key, ID_RULE)
        return ""

    def integer(self, key: str, minimum: int = 1, maximum: int | None = None) -> int | None:
        value = self.raw(key)
        if value is ABSENT:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(key, f"must be an integer >= {minimum}")
            return None
        if value < minimum:
            self.refuse(key, f"must be >= {minimum}")
            return None
        if value > (maximum or INTEGER_MAX):
            self.refuse(key, f"must be <= {maximum or INTEGER_MAX}")
            return None
        return value

    def signed_integer(self, key: str) -> int | None:
        value = self.raw(key)
        if value is ABSENT:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 3660:
            self.refuse(key, "must be a number of days")
            return None
        return value

    def number(self, key: str, default: int, minimum: int = 1) -> int:
        found = self.integer(key, minimum)
        return default if found is None else found

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.raw(key)
        if isinstance(value, bool):
            return value
        if value is not ABSENT:
            self.refuse(key, "must be true or false")
        return default

    def word(self, key: str, vocabulary: type[Word], default: Word) -> Word:
        value = self.raw(key)
        if value is ABSENT:
            return default
        if isinstance(value, str) and value in list(vocabulary):
            return vocabulary(value)
        self.refuse(key, "must be one of " + ", ".join(vocabulary))
        return default

    def words(
        self, key: str, vocabulary: type[Word], default: tuple[Word, ...]
    ) -> tuple[Word, ...]:
        if not self.has(key):
            return default
        rule = "must be one of " + ", ".join(vocabulary)
        known = list(vocabulary)
        found = self.listed(key, lambda value: value in known, rule)
        return tuple(vocabulary(each) for each in found)

    def listed(
        self, key: str, fits: Callable[[object], bool], rule: str, *, none_ok: bool = False
    ) -> tuple[str, ...]:
        """The distinct texts of a list that fit; each misfit is refused at its position."""
        written = self.entries.get(key)
        if written is None:
            return ()
        if not isinstance(written.value, list):
            self.refuse(key, "must be a list")
            return ()
        found: list[str] = []
        for each in written_items(written):
            if not isinstance(each.value, str) or not fits(each.value):
                self.reading.refuse(each.path, rule, plain(each))
            elif each.value in found:
                self.reading.refuse(each.path, "must be named once", each.value)
            else:
                found.append(each.value)
        if written.value == [] and not none_ok:
            self.refuse(key, "must have at least one entry")
        return tuple(found)

    def ids(
        self, key: str, default: tuple[str, ...] = (), *, none_ok: bool = True
    ) -> tuple[str, ...]:
        if not self.has(key):
            return default
        return self.listed(
            key,
            lambda value: isinstance(value, str) and ID.fullmatch(value) is not None,
            ID_RULE,
            none_ok=none_ok,
        )

    def one_of(self, key: str, known: Sequence[str], default: str) -> str:
        """A word of an open vocabulary, such as the ids declared in another file."""
        value = self.raw(key)
        if value is ABSENT:
            return default
        if isinstance(value, str) and value in known:
            return value
        self.refuse(key, f"must be one of {list(known)}")
        return default

    def period(self, key: str, *, counted: bool = False) -> Period | None:
        """A length of at least one day; `counted` also takes working and sitting days."""
        value = self.raw(key)
        if value is ABSENT:
            return None
        period = self._parsed(value, Period.parse)
        if period is None or not (counted or period.in_calendar_days):
            self.refuse(key, PERIOD_RULE if counted else DATE_PERIOD_RULE)
            return None
        if period.empty:
            self.refuse(key, "must be at least one day")
            return None
        if period.unit is PeriodUnit.SITTING:
            self.reading.sitting[self.at(key)] = str(period)
        return period

    def required_period(self, key: str, default: str = "P1D", *, counted: bool = False) -> Period:
        if not self.has(key):
            self.refuse(key, PERIOD_RULE if counted else DATE_PERIOD_RULE)
        return self.period(key, counted=counted) or Period.parse(default)

    def default_period(self, key: str, default: str, *, counted: bool = False) -> Period:
        return self.period(key, counted=counted) or Period.parse(default)

    def signed_period(self, key: str) -> Period | None:
        value = self.raw(key)
        if value is ABSENT:
            return None
        period = self._parsed(value, Period.parse_signed)
        if period is None:
            self.refuse(key, "must be a signed date period such as '-P60D' or 'P0D'")
        return period

    def _parsed(self, value: object, parse: Callable[[str], Period]) -> Period | None:
        if not isinstance(value, str):
            return None
        try:
            return parse(value)
        except ValueError:
            return None

    def share(self, key: str, maximum: Fraction | None = Fraction(1)) -> Fraction | None:
        """A share "a/b": a float would lose a signature somewhere."""
        value = self.raw(key)
        if value is ABSENT:
            return None
        match = _SHARE.fullmatch(value) if isinstance(value, str) else None
        share = Fraction(int(match[1]), int(match[2])) if match else None
        if share is None or (maximum is not None and share > maximum):
            self.refuse(key, "must be a share such as '1/100'")
            return None
        return share

    def day(self, key: str) -> date | None:
        value = self.raw(key)
        # A TOML date-time is a date too; only a bare local date is meant.
        if type(value) is date:
            return value
        self.refuse(key, "must be a date such as 2026-01-15")
        return None

    def predicate(self, key: str, default: Predicate = ANYONE) -> Predicate:
        if not self.has(key):
            return default
        written = self.entries[key]
        return read_predicate(plain(written), written.path, self.reading.refuse_with)
