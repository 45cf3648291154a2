"""From one case to the next: a clerk who decides a hundred goes back to the list for none of them."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from admissibility import storage
from admissibility.storage import View
from petitions.storage.tables import Petition, Review


def next_case(session: Session, actor: str, today: date, *, leaving: str) -> str:
    """The reference of the person's own open case with the oldest deadline, but for `leaving` and
    for what waits for somebody else; "" where there is none.
    """
    rows = storage.queue(
        session, View.MINE, actor, today, limit=1,
        narrowed=(Review.proposed.is_(None), Petition.reference != leaving),
    ).rows  # fmt: skip
    return rows[0].ref if rows else ""


def case_after(session: Session, actor: str, today: date, reference: str) -> str:
    """The own case that follows one in the list; after the last one, the first."""
    mine = storage.queue(
        session, View.MINE, actor, today, limit=1, narrowed=(Petition.reference == reference,)
    ).rows
    after = storage.key_of(mine[0]) if mine else ""
    found = (
        storage.queue(session, View.MINE, actor, today, limit=1, after=after).rows
        or storage.queue(session, View.MINE, actor, today, limit=1).rows
    )
    return found[0].ref if found else ""
