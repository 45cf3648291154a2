"""What the tables themselves could tell: who and when never stand in one row, nor in one order."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Date, DateTime, LargeBinary, MetaData, Table, text

from petitions.platform.database import UTCDateTime
from petitions.services.salts import unwrap
from petitions.storage.tables import Base
from petitions.web.edge import EXTENSION
from petitions.web.open_petitions import sign_once
from tests.house import an_act
from tests.web.town import Town, open_town

OF_A_PERSON = {
    "signature": {"tag", "link"},
    "sponsor": {"tag"},
    "petition": {"author_tag"},
    "web_session": {"subject"},
}
"""Columns computed from an identity, directly or by way of u."""
ALLOWED = {
    "petition": "an author is named to the office, and filing is a dated act of procedure",
    "web_session": "gone within hours; the author's pseudonym is of no petition, staff have names",
}
"""Tables that hold such a column beside an instant, each with the reason."""


def instants(table: Table) -> set[str]:
    """Columns that hold a time finer than a day."""
    return {
        column.name
        for column in table.columns
        if isinstance(column.type, DateTime | UTCDateTime) and not isinstance(column.type, Date)
    }


def who_beside_when(tables: MetaData) -> set[str]:
    words = {"tag", "link", "author_tag", "u", "sub", "pseudonym", "holder"}
    found = set()
    for table in tables.tables.values():
        named = {column.name for column in table.columns} & (
            words | OF_A_PERSON.get(table.name, set())
        )
        if named and instants(table):
            found.add(table.name)
    return found


def test_no_table_holds_who_beside_when_except_where_the_design_says_so() -> None:
    assert who_beside_when(Base.metadata) == set(ALLOWED)
    for table, columns in OF_A_PERSON.items():
        assert columns <= {column.name for column in Base.metadata.tables[table].columns}


def test_a_table_that_would_hold_who_beside_when_is_found() -> None:
    tables = MetaData()
    Table("carnet", tables, Column("tag", LargeBinary), Column("signed_at", UTCDateTime))
    Table("days", tables, Column("tag", LargeBinary), Column("day", Date))
    assert who_beside_when(tables) == {"carnet"}


def test_a_signature_has_no_time_no_place_and_no_number() -> None:
    names = {column.name for column in Base.metadata.tables["signature"].columns}
    assert names == {"petition_id", "tag", "standing", "link", "cycles", "settled"}


def test_no_column_is_made_for_what_a_provider_tells() -> None:
    """Names stand in two places only: what authors typed, and those of staff who sign decisions."""
    telling = {"birthdate", "birth_date", "email", "ip", "address", "user_agent", "sub", "phone"}
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in telling or column.name.endswith(("_email", "_ip", "_address"))
    }
    assert found == {"petition.author_email"}


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


def test_after_settling_the_rows_lie_in_the_order_of_their_tags(town: Town) -> None:
    ref = town.publish()
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
        keys = unwrap(session, town.site.house, petition)
    the = town.site.app.extensions[EXTENSION]
    people = list(range(24))
    secrets.SystemRandom().shuffle(people)
    for person in people:
        sign_once(the, keys, an_act(town.site.house, petition, person, town.site.at))
    on_disk = {
        "postgresql": "SELECT tag, xmin::text FROM signature ORDER BY ctid",
        "sqlite": "SELECT tag, 0 FROM signature",
    }
    with town.site.session() as session:
        query = on_disk[session.get_bind().dialect.name]
        arrived = [bytes(row[0]) for row in session.execute(text(query))]
    town.integrate()
    with town.site.session() as session:
        rows = session.execute(text(query)).all()
        assert (
            session.execute(text("SELECT count(*) FROM signature WHERE NOT settled")).scalar() == 0
        )
    settled = [bytes(row[0]) for row in rows]
    assert settled == sorted(settled)
    assert len(settled) == 24
    assert len({row[1] for row in rows}) == 1, "one transaction moved them all"
    if session.get_bind().dialect.name == "postgresql":
        assert arrived != sorted(arrived), "before, they lay as they had come"
