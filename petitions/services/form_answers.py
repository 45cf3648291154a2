"""What the form of a rulebook asks of its author beyond name and address (`filing.form.fields`).

Asked only where the rulebook names the field, never public, kept as long as the author's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import Kind
from petitions.domain.text import Limits, Problem, normalised, problem
from petitions.storage.tables import FilingAnswer, Petition

ASKED_ANYWAY = frozenset({"name", "email"})
DAYS = frozenset({"birth_date"})
"""Fields that are days, written as 1990-02-28."""
ANSWER_MAX = 500
CONTACT = "contact"
"""How a clerk reaches an author who gave no e-mail address."""
YEARS = 130


def fields_of(kind: Kind) -> tuple[str, ...]:
    """The fields this kind asks, in the order of the rulebook."""
    return tuple(each for each in kind.filing.form.fields if each not in ASKED_ANYWAY)


def answers(session: Session, petition: Petition) -> dict[str, str]:
    rows = session.execute(
        select(FilingAnswer.field, FilingAnswer.value).where(
            FilingAnswer.petition_id == petition.id
        )
    )
    return dict(rows.all())


def bad_answers(kind: Kind, given: Mapping[str, str], today: date) -> dict[str, Problem]:
    found: dict[str, Problem] = {}
    for field in fields_of(kind):
        value = normalised(given.get(field, ""))
        bad = problem(value, Limits(ANSWER_MAX))
        if bad is None and field in DAYS:
            bad = _bad_day(value, today)
        if bad is not None:
            found[field] = bad
    return found


def _bad_day(value: str, today: date) -> Problem | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "day_malformed", {}
    if not today.year - YEARS <= day.year or day > today:
        return "day_malformed", {}
    return None


def write(
    session: Session, petition: Petition, kind: Kind, given: Mapping[str, str], today: date
) -> None:
    """Store what was answered; what the rulebook does not ask is not kept. Raises InvalidError."""
    if petition.state not in {State.DRAFT, State.RETURNED}:
        raise InvalidError("text_frozen")
    bad = bad_answers(kind, given, today)
    if bad:
        raise InvalidError(fields=bad)
    wanted = fields_of(kind)
    session.execute(
        delete(FilingAnswer).where(
            FilingAnswer.petition_id == petition.id,
            FilingAnswer.field.not_in([*wanted, CONTACT]),
        )
    )
    for field in wanted:
        put(session, petition, field, given[field])


def put(session: Session, petition: Petition, field: str, value: str) -> None:
    session.merge(FilingAnswer(petition_id=petition.id, field=field, value=normalised(value)))


def missing(session: Session, kind: Kind, petition: Petition) -> dict[str, Problem]:
    have = answers(session, petition)
    return {field: ("required", {}) for field in fields_of(kind) if not have.get(field)}
