"""Filters of the queue: what somebody asked for, as conditions of one statement. Reads nothing itself.

Every field is a code that the queue offered or nothing; an unknown one finds nothing, never everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, false, select
from sqlalchemy.orm import Session

from admissibility.suspicion import GROUND
from petitions.storage.tables import CaseMark, Petition, Review

NAME_MAX = 60
NONE = "-"


class Age(StrEnum):
    """Days since the check was opened, the day of opening not counted."""

    DAYS_2 = "2"
    DAYS_6 = "6"
    DAYS_13 = "13"
    DAYS_27 = "27"
    OLDER = "older"


AGES: tuple[tuple[Age, int, int | None], ...] = (
    (Age.DAYS_2, 0, 2),
    (Age.DAYS_6, 3, 6),
    (Age.DAYS_13, 7, 13),
    (Age.DAYS_27, 14, 27),
    (Age.OLDER, 28, None),
)
"""(bucket, from, to) in days, both ends inside."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list is narrowed to; empty fields narrow nothing."""

    kind: str = ""
    """"rulebook/kind"."""
    stage: str = ""
    ground: str = ""
    language: str = ""
    age: str = ""
    assignee: str = ""
    topic: str = ""
    """Or `NONE`: those that have none."""

    @classmethod
    def of(cls, args: Mapping[str, object]) -> Narrowing:
        """From an address or a saved view; whatever else stands there is left alone."""
        return cls(
            **{
                each.name: str(args.get(each.name) or "").strip()[: 2 * NAME_MAX]
                for each in fields(cls)
            }
        )

    def asked(self) -> dict[str, str]:
        """The fields that narrow, for an address."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    def conditions(self, today: date, zone: tzinfo) -> tuple[ColumnElement[bool], ...]:
        """For a statement over Review and Petition."""
        found: list[ColumnElement[bool]] = []
        if self.kind:
            rulebook, _, kind = self.kind.partition("/")
            found += [Petition.rulebook_id == rulebook, Petition.kind == kind]
        if self.stage:
            found.append(Review.stage == self.stage)
        if self.language:
            found.append(Petition.language == self.language)
        if self.assignee:
            found.append(Review.assigned_to == self.assignee)
        if self.topic:
            wanted = Petition.topic == self.topic
            found.append(Petition.topic.is_(None) if self.topic == NONE else wanted)
        if self.ground:
            found.append(marked(GROUND + self.ground))
        if self.age:
            found.append(_aged(self.age, today, zone))
        return tuple(found)


def marked(*codes: str) -> ColumnElement[bool]:
    """Checks that carry one of these marks."""
    return exists().where(CaseMark.review_id == Review.id, CaseMark.code.in_(codes))


def _aged(age: str, today: date, zone: tzinfo) -> ColumnElement[bool]:
    for bucket, least, most in AGES:
        if bucket == age:
            return of_age(least, most, today, zone)
    return false()


def of_age(least: int, most: int | None, today: date, zone: tzinfo) -> ColumnElement[bool]:
    """Opened from `most` to `least` local days before today, both inside."""
    until = Review.opened_at < _midnight(today - timedelta(days=least - 1), zone)
    if most is None:
        return until
    return until & (Review.opened_at >= _midnight(today - timedelta(days=most), zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Offered:
    """What the open checks can be narrowed to: codes, each once."""

    kinds: tuple[tuple[str, str], ...]
    """(rulebook, kind)."""
    stages: tuple[tuple[str, str], ...]
    """(rulebook, stage)."""
    languages: tuple[str, ...]
    grounds: tuple[tuple[str, str], ...]
    """(rulebook, ground)."""
    topics: frozenset[str] = frozenset()
    """`NONE` among them where a petition has none."""


def offered(session: Session) -> Offered:
    """Five values of the open checks in two statements."""
    rows = session.execute(
        select(Petition.rulebook_id, Petition.kind, Review.stage, Petition.language, Petition.topic)
        .join(Review, Review.petition_id == Petition.id)
        .where(Review.closed_at.is_(None))
        .distinct()
    ).all()
    grounds = session.execute(
        select(Petition.rulebook_id, CaseMark.code)
        .select_from(CaseMark)
        .join(Review, Review.id == CaseMark.review_id)
        .join(Petition, Petition.id == Review.petition_id)
        .where(Review.closed_at.is_(None), CaseMark.code.like(f"{GROUND}%"))
        .distinct()
    ).all()
    return Offered(
        kinds=tuple(sorted({(book, kind) for book, kind, *_others in rows})),
        stages=tuple(sorted({(book, stage) for book, _kind, stage, *_others in rows})),
        languages=tuple(sorted({language for *_others, language, _topic in rows})),
        grounds=tuple(sorted({(book, code.removeprefix(GROUND)) for book, code in grounds})),
        topics=frozenset(topic or NONE for *_others, topic in rows),
    )
