"""The queue narrowed, counted by age, kept as one's own views; what a bulk act does when others act too."""

from __future__ import annotations

from datetime import UTC

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from admissibility import storage, turning
from admissibility.narrowing import Narrowing, offered
from admissibility.services import batches, saved_views, sifting
from admissibility.services.batches import Handed
from admissibility.storage import View
from admissibility.suspicion import DUPLICATE
from petitions.domain.errors import InvalidError, NotFoundError
from petitions.storage.tables import CaseMark
from tests.admissibility.test_queue import multiply
from tests.web.office_house import START, Office, make_office

TODAY = START.date()
LIBRARY = "Ouvrir la bibliothèque municipale le dimanche après-midi"


@pytest.fixture
def office(engine: Engine) -> Office:
    return make_office(engine)


def sift(office: Office) -> int:
    with office.session() as session:
        return sifting.sift(session, office.house)


def refs(office: Office, view: View = View.ALL, **narrowing: str) -> list[str]:
    with office.session() as session:
        asked = Narrowing(**narrowing).conditions(office.clock.at.date(), UTC)
        today = office.clock.at.date()
        return [
            row.ref for row in storage.queue(session, view, "petit", today, narrowed=asked).rows
        ]


def test_two_petitions_that_are_alike_are_both_possible_duplicates(office: Office) -> None:
    first = office.file_petition(LIBRARY)
    assert sift(office) == 1
    assert refs(office, View.DUPLICATES) == []
    second = office.file_petition(f"{LIBRARY} aussi")
    office.file_petition(
        "Des repas bio à la cantine des écoles",
        "Que la moitié des repas servis aux enfants vienne de fermes sans pesticides.",
        "Les parents le demandent depuis des années, et la région aide les communes.",
    )
    assert sift(office) == 2
    assert sorted(refs(office, View.DUPLICATES)) == sorted([first, second])
    assert first in refs(office, ground="duplicate") or second in refs(office, ground="duplicate")


def test_a_case_is_read_once_and_again_when_its_petition_changed(office: Office) -> None:
    ref = office.file_petition(LIBRARY, "Écrire à voisin@example.org pour en savoir plus.")
    assert (sift(office), sift(office)) == (1, 0)
    assert refs(office, ground="privacy") == [ref]
    with office.session() as session:
        office.petition(session, ref).version += 1
    assert sift(office) == 1
    with office.session() as session:
        codes = set(session.scalars(select(CaseMark.code)))
    assert "email_address" in codes
    assert DUPLICATE not in codes


def test_marks_hold_no_passage_of_the_text(office: Office) -> None:
    office.file_petition(LIBRARY, "Écrire à voisin@example.org ou au 01 42 34 20 00.")
    sift(office)
    with office.session() as session:
        facts = str([row.facts for row in session.scalars(select(CaseMark))])
    assert "voisin" not in facts
    assert "42 34" not in facts


def test_filters_find_by_language_kind_stage_age_and_person(office: Office) -> None:
    ref = office.file_petition(LIBRARY)
    office.clock.forward(days=5)
    english = office.file_petition("Open the library on Sundays", language="en")
    assert refs(office, language="en") == [english]
    assert refs(office, age="2") == [english]
    assert refs(office, age="6") == [ref]
    assert refs(office, age="older") == refs(office, age="nonsense") == []
    assert refs(office, kind="town/petition") == [ref, english]
    assert refs(office, kind="town/other") == []
    with office.session() as session:
        batches.take(session, office.house, {ref: ""}, office.actor("petit"), office.clock.at)
    assert refs(office, assignee="petit") == [ref]
    with office.session() as session:
        found = offered(session)
    assert found.languages == ("en", "fr")
    assert [kind for kind, _stage in found.kinds] == ["town"]


def test_the_counts_by_age_add_up_to_what_waits(office: Office) -> None:
    for days in (0, 3, 4, 7, 14):
        office.clock.forward(days=days)
        office.file_petition(f"Demande numéro {days} au conseil municipal")
    with office.session() as session:
        figures = storage.figures(session, "petit", office.clock.at.date())
    assert sum(count for *_bucket, count in figures.ages) == figures.views[View.ALL] == 5
    assert [count for *_bucket, count in figures.ages] == [1, 0, 0, 3, 1]


def test_what_a_colleague_took_meanwhile_is_left_to_them(office: Office) -> None:
    mine, theirs = office.file_petition(LIBRARY), office.file_petition("Des repas bio à la cantine")
    shown = {mine: "", theirs: "", "2026-9999": ""}
    with office.session() as session:
        batches.take(session, office.house, {theirs: ""}, office.actor("morel"), office.clock.at)
    with office.session() as session:
        done = batches.take(session, office.house, shown, office.actor("petit"), office.clock.at)
        assert done == Handed(done=1, others=1, ended=1)
        assert office.review(session, theirs).assigned_to == "morel"
        again = batches.take(
            session, office.house, {theirs: "morel"}, office.actor("petit"), office.clock.at
        )
        assert again.done == 1  # seen and meant: the page showed who had it


def test_cases_are_given_to_somebody_who_may_decide_only(office: Office) -> None:
    ref = office.file_petition(LIBRARY)
    with office.session() as session:
        for nobody in ("voss", "unknown"):
            with pytest.raises(InvalidError):
                batches.assign(
                    session, office.house, {ref: ""}, nobody, office.actor("adams"), START
                )


def test_a_view_of_ones_own_is_kept_replaced_and_seen_by_nobody_else(office: Office) -> None:
    with office.session() as session:
        row = saved_views.save(session, "petit", "  My  English ", {"language": "en"}, TODAY)
        assert row.name == "My English"
        saved_views.save(session, "petit", "My English", {"language": "fr"}, TODAY)
        assert [each.asked for each in saved_views.views_of(session, "petit")] == [
            {"language": "fr"}
        ]
        assert saved_views.views_of(session, "morel") == []
        with pytest.raises(NotFoundError):
            saved_views.forget(session, "morel", row.id)
        saved_views.forget(session, "petit", row.id)
        assert saved_views.views_of(session, "petit") == []
        with pytest.raises(InvalidError):
            saved_views.save(session, "petit", "   ", {}, TODAY)


def test_the_next_case_is_the_own_one_with_the_oldest_deadline(office: Office) -> None:
    listed = []
    for number in range(3):
        listed.append(office.file_petition(f"Demande numéro {number} au conseil"))
        office.clock.forward(days=1)
    with office.session() as session:
        batches.take(session, office.house, dict.fromkeys(listed, ""), office.actor("petit"), START)
        office.review(session, listed[1]).proposed = {"decision": "refuse", "by": "petit"}
    with office.session() as session:
        assert turning.next_case(session, "petit", TODAY, leaving=listed[0]) == listed[2]
        assert turning.next_case(session, "morel", TODAY, leaving="") == ""
        assert turning.case_after(session, "petit", TODAY, listed[0]) == listed[1]
        assert turning.case_after(session, "petit", TODAY, listed[2]) == listed[0]


def statements(office: Office, path: str) -> int:
    """SQL statements that one page takes, from a warm process."""
    client = office.sign_in("petit")
    client.get(path)
    ran: list[str] = []
    database = office.sessions().get_bind()
    assert isinstance(database, Engine)

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        ran.append(statement)

    event.listen(database, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(database, "before_cursor_execute", note)
    return len(ran)


@pytest.mark.parametrize("path", ["/office/queue", "/office/figures", "/office/committee"])
def test_a_page_takes_as_many_statements_for_many_rows_as_for_one(
    office: Office, path: str
) -> None:
    multiply(office, 2)
    few = statements(office, path)
    for number in range(40):
        office.file_petition(f"Une autre demande numéro {number} au conseil municipal")
    assert statements(office, path) <= few
