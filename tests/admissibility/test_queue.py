"""The queue: oldest legal deadline first, page by page, the same on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Engine

from admissibility import storage
from admissibility.services import holding
from admissibility.storage import View
from petitions.storage.tables import Petition, PetitionText, Review
from tests.web.office_house import START, Office, make_office

TODAY = START.date()


@pytest.fixture
def office(engine: Engine) -> Office:
    return make_office(engine)


def multiply(office: Office, count: int) -> None:
    """Copies of one case, with deadlines in disorder; every seventh has none."""
    from uuid import uuid4

    office.file_petition("Ouvrir la bibliothèque le dimanche")
    with office.session() as session:
        petition = session.scalars(select(Petition)).one()
        columns = {c.key: getattr(petition, c.key) for c in Petition.__table__.columns}
        text = session.scalars(select(PetitionText)).one()
        words = {c.key: getattr(text, c.key) for c in PetitionText.__table__.columns}
        petitions, texts, reviews = [], [], []
        for n in range(count):
            key = uuid4()
            petitions.append({**columns, "id": key, "reference": f"2025-{n:05d}"})
            texts.append(
                {**words, "petition_id": key, "title": f"Demande {n}", "folded": f"demande {n}"}
            )
            due = None if n % 7 == 0 else TODAY + timedelta(days=(n * 37) % 90 - 30)
            reviews.append({"id": uuid4(), "petition_id": key, "stage": "check", "body": "town_clerk",
                            "opened_at": START, "due_on": due, "due_provisional": False, "days_stopped": 0,
                            "returns_used": 0, "back_from_author": False, "version": 1})  # fmt: skip
        session.execute(insert(Petition), petitions)
        session.execute(insert(PetitionText), texts)
        session.execute(insert(Review), reviews)


def walk(office: Office, limit: int, text: str = "") -> list[storage.QueueRow]:
    rows, after = [], ""
    with office.session() as session:
        for _page in range(2000):
            page = storage.queue(
                session, View.ALL, "petit", TODAY, text=text, after=after, limit=limit
            )
            rows += page.rows
            after = page.after
            if not after:
                return rows
    raise AssertionError("the pages never end")


def test_pages_show_every_case_once_oldest_deadline_first_undated_last(office: Office) -> None:
    multiply(office, 100)
    rows = walk(office, 7)
    assert len(rows) == len({row.review_id for row in rows}) == 101
    dates = [row.due_on or date.max for row in rows]
    assert dates == sorted(dates)
    assert [row.ref for row in rows] == [row.ref for row in walk(office, 1000)]


def test_a_page_boundary_among_undated_cases_loses_none(office: Office) -> None:
    multiply(office, 30)
    with office.session() as session:
        session.execute(update(Review).values(due_on=None))
    assert len(walk(office, 4)) == 31


def test_days_are_counted_to_the_last_day_inclusive(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    with office.session() as session:
        for shift, left in ((-1, -1), (0, 1), (2, 3), (3, 4)):
            office.review(session, ref).due_on = TODAY + timedelta(days=shift)
            session.flush()
            row = storage.queue(session, View.ALL, "petit", TODAY).rows[0]
            assert row.days_left == left
            late = storage.queue(session, View.OVERDUE, "petit", TODAY).rows
            assert bool(late) is (left < 0)
            assert storage.figures(session, "petit", TODAY).due_soon == int(1 <= left <= 3)


def test_search_finds_by_number_and_by_words_without_accents(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    office.file_petition("Des repas bio à la cantine")
    with office.session() as session:
        for text in (ref, "bibliotheque DIMANCHE", "  Bibliothèque "):
            found = storage.queue(session, View.ALL, "petit", TODAY, text=text).rows
            assert [row.ref for row in found] == [ref]
        assert storage.queue(session, View.ALL, "petit", TODAY, text="%").rows == ()


def test_each_view_counts_what_it_lists(office: Office) -> None:
    multiply(office, 40)
    mine = office.file_petition("Des repas bio à la cantine")
    with office.session() as session:
        holding.take(session, office.house, mine, office.actor("petit"), office.clock.at)
    with office.session() as session:
        figures = storage.figures(session, "petit", TODAY)
        for view in View:
            listed = list(storage.everything(session, view, "petit", TODAY))
            assert figures.views[view] == len(listed), view
        assert figures.views[View.MINE] == 1
        assert figures.median_days is None


def test_a_broken_key_is_refused_and_not_guessed(office: Office) -> None:
    with office.session() as session:
        for after in ("x", "2026-01-01~x", "~", "2026-13-01~" + "0" * 32):
            with pytest.raises(ValueError):
                storage.queue(session, View.ALL, "petit", TODAY, after=after)


@pytest.mark.slow
def test_the_last_of_ten_thousand_cases_is_as_near_as_the_first(open_engine, sqlite_uri) -> None:
    """Pages continue after a key: the database reads one page of the index, not all before it."""
    office = make_office(open_engine(sqlite_uri))
    multiply(office, 10_000)
    with office.session() as session:
        plan = " ".join(
            str(row)
            for row in session.connection().exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT id FROM review WHERE closed_at IS NULL AND due_on IS NOT NULL"
                " AND (due_on > '2026-04-01' OR (due_on = '2026-04-01' AND id > 'x'))"
                " ORDER BY due_on, id LIMIT 26"
            )
        )
        assert "ix_review_queue" in plan
        assert "TEMP B-TREE" not in plan
    assert len(walk(office, 500)) == 10_001
