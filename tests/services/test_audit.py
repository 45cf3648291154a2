"""The audit trail: one row per move, chained, and tampering is found."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Action
from petitions.platform.database import is_sqlite
from petitions.services import filing, moves
from petitions.services.audit import GENESIS, broken_links, record
from petitions.services.ports import SYSTEM
from petitions.storage.tables import Audit
from tests.house import Precinct

POINTS = {"fr": "Précisez la place dont il s’agit."}


def a_trail(precinct: Precinct) -> list[tuple[str | None, str | None, str]]:
    """Filed, returned, sent again, admitted, reached: (from, to, action) of each move."""
    found = precinct.file()
    precinct.decide(found, Action.RETURN, texts=POINTS)
    with precinct.session() as session:
        filing.resubmit(session, precinct.house, moves.lock(session, found), precinct.clock.at)
    precinct.decide(found, Action.ACCEPT)
    precinct.sign_many(found, range(25))
    precinct.work()
    with precinct.session() as session:
        rows = session.scalars(select(Audit).where(Audit.to_state.is_not(None)).order_by(Audit.seq))
        return [(row.from_state, row.to_state, row.action) for row in rows]


def broken(precinct: Precinct) -> list[int]:
    with precinct.session() as session:
        return list(broken_links(session))


def without_triggers(session: Session) -> None:
    """As somebody with every right on the database would do first."""
    if is_sqlite(session):
        session.execute(text("DROP TRIGGER tr_audit_update"))
        session.execute(text("DROP TRIGGER tr_audit_delete"))
    else:
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))


def test_every_move_writes_exactly_one_chained_row(precinct: Precinct) -> None:
    assert a_trail(precinct) == [
        (None, "draft", "create"),
        ("draft", "in_admissibility", "submit"),
        ("in_admissibility", "returned", "return"),
        ("returned", "in_admissibility", "resubmit"),
        ("in_admissibility", "published", "accept"),
        ("published", "threshold_reached", "reach"),
    ]
    with precinct.session() as session:
        rows = session.scalars(select(Audit).order_by(Audit.seq)).all()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.previous_hash for row in rows] == [GENESIS, *(row.hash for row in rows[:-1])]
    assert {row.rulebook for row in rows} == {"town 1"}
    assert broken(precinct) == []


TAMPERING = {
    "UPDATE audit SET actor = 'nobody' WHERE seq = 2": 2,
    "UPDATE audit SET to_state = 'refused' WHERE seq = 3": 3,
    "UPDATE audit SET detail = '{}' WHERE seq = 5": 5,
    "UPDATE audit SET role = 'clerk' WHERE seq = 1": 1,
    "UPDATE audit SET rulebook = 'town 2' WHERE seq = 4": 4,
    "UPDATE audit SET at = legal_instant, hash = previous_hash WHERE seq = 6": 6,
    "DELETE FROM audit WHERE seq = 3": 4,
}


def test_a_row_changed_behind_the_triggers_is_found(precinct: Precinct) -> None:
    a_trail(precinct)
    for statement, place in TAMPERING.items():
        with precinct.sessions() as session:
            without_triggers(session)
            session.execute(text(statement))
            assert list(broken_links(session))[:1] == [place], statement
            session.rollback()
    assert broken(precinct) == []


def test_the_database_itself_refuses_to_change_the_trail(precinct: Precinct) -> None:
    precinct.file()
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with precinct.engine.connect() as connection, pytest.raises(DatabaseError):
            connection.execute(text(statement))


def test_a_time_given_in_another_zone_breaks_no_link(precinct: Precinct) -> None:
    """The database answers in UTC; the hash must be over the same words."""
    with precinct.session() as session:
        at = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=ZoneInfo("Europe/Paris"))
        record(session, SYSTEM, "note", at=at, detail={"b": [1, 2], "a": "é"})
        record(session, SYSTEM, "note", at=at)
    assert broken(precinct) == []


def test_a_move_that_is_refused_leaves_no_row(precinct: Precinct) -> None:
    found = precinct.file()
    before = precinct.count(Audit)
    with pytest.raises(Exception, match="guard_points_named"):
        precinct.decide(found, Action.RETURN)
    assert precinct.count(Audit) == before
    assert broken(precinct) == []
