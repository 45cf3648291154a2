"""A petition that collected, whose window is over and whose last batch is public."""

from __future__ import annotations

from uuid import UUID

from petitions.storage import tables as t
from tests.house import Precinct


def ended(precinct: Precinct, people: range = range(4), *, withdrawn: bool = True) -> UUID:
    """The first of the people withdrew; the objection term is over too."""
    petition = precinct.publish()
    precinct.sign_many(petition, people)
    if withdrawn:
        precinct.withdraw(petition, people[0])
    with precinct.session() as session:
        closes = session.get_one(t.Petition, petition).closes_at
    assert closes is not None
    precinct.clock.at = max(precinct.clock.at, closes)
    precinct.work()
    precinct.clock.forward(days=31)
    precinct.work()
    return petition


def reference(precinct: Precinct, petition: UUID) -> str:
    with precinct.session() as session:
        return session.get_one(t.Petition, petition).reference or ""
