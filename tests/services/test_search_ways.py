"""The server's way to a list: by index from the first statement; a body's petitions one by one or not."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from petitions.platform.database import is_sqlite
from petitions.storage import search_reading
from petitions.storage.reading import SORTS, Question
from petitions.storage.search_match import by_index
from petitions.storage.tables import Petition, Track
from tests.house import Precinct, a_precinct

BODY = "bench_committee"


@pytest.fixture(scope="module")
def precinct(lasting_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Precinct:
    return a_precinct(tmp_path_factory.mktemp("ways"), lasting_engine, batch_min=1)


def owe(session: Session, petition: UUID, code: str, body: str, *, internal: bool = False) -> None:
    since = session.get_one(Petition, petition).state_since
    session.add(
        Track(
            petition_id=petition, code=code, body=body, status="due", opened_at=since,
            internal=internal,
        )
    )  # fmt: skip


def test_the_first_statement_of_a_session_already_goes_by_index(precinct: Precinct) -> None:
    with precinct.sessions() as session:
        assert not session.in_transaction()
        by_index(session)
        if is_sqlite(session):  # is asked nothing
            assert not session.in_transaction()
        else:
            assert session.scalar(text("SHOW enable_seqscan")) == "off"
            session.rollback()
            assert session.scalar(text("SHOW enable_seqscan")) == "on"
            by_index(session)
            assert session.scalar(text("SHOW enable_seqscan")) == "off"


def test_the_petitions_of_a_body_are_the_same_whether_it_has_few_or_many(
    precinct: Precinct, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Un kiosque", "Un lavoir", "Une halle", "Un moulin")
    own, twice, hidden, others = (precinct.publish(title=name) for name in names)
    with precinct.session() as session:
        owe(session, own, "examine", BODY)
        owe(session, twice, "examine", BODY)
        owe(session, twice, "answer", BODY)
        owe(session, hidden, "examine", BODY, internal=True)
        owe(session, others, "examine", "another_committee")
        wanted = set(
            session.scalars(select(Petition.reference).where(Petition.id.in_([own, twice])))
        )
    for most, sort in product((search_reading.FEW_TRACKS, -1), SORTS):
        monkeypatch.setattr(search_reading, "FEW_TRACKS", most)
        with precinct.session() as session:
            asked = Question(("valmont",), "fr", sort=sort, body=BODY)
            found = search_reading.search(session, asked, offset=0, limit=10)
        assert {row.petition.reference for row in found.rows} == wanted, (most, sort)
        assert (len(found.rows), found.total) == (2, 2)
        assert found.facets["state"] == {"published": 2}
