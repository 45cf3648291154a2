"""Figures of the office: what is counted where, what is too little to be shown, nobody ranked."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date

import pytest
from sqlalchemy.engine import Engine

from admissibility.figures import Delays, Figures, Load, Period, figures, rate
from petitions.domain.lifecycle import Action
from petitions.services import decisions
from petitions.services.decisions import Verdict
from petitions.services.reviews import open_reviews
from petitions.storage.tables import Track
from tests.web.office_house import Office, make_office

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def office(engine: Engine) -> Office:
    return make_office(engine)


def decide(office: Office, ref: str, outcome: Action, *grounds: str) -> None:
    with office.session() as session:
        petition = office.lock(session, ref)
        review = open_reviews(session, petition)[0]
        texts = {"fr": "Parce que.", "en": "Because."} if outcome is Action.REFUSE else {}
        decisions.decide(
            session, office.house, petition, review, Verdict(outcome, grounds, texts),
            office.actor("petit"), at=office.clock.at,
        )  # fmt: skip


def of(office: Office, period: Period = YEAR, assembly: str = "") -> Figures:
    with office.session() as session:
        return figures(session, period, office.clock.at.date(), UTC, assembly)


def six_decided(office: Office) -> None:
    """Filed on 2 March; four admitted after 4 days, two refused after 20: too late."""
    listed = [office.file_petition(f"Demande numéro {number} au conseil") for number in range(6)]
    office.clock.forward(days=4)
    for ref in listed[:4]:
        decide(office, ref, Action.ACCEPT)
    office.clock.forward(days=16)
    decide(office, listed[4], Action.REFUSE, "duplicate")
    decide(office, listed[5], Action.REFUSE, "duplicate", "outside-competence")


def test_intake_admission_and_delays_are_those_of_the_cases(office: Office) -> None:
    six_decided(office)
    found = of(office)
    assert (found.filed, found.admitted, found.refused) == (6, 4, 2)
    assert rate(found.admitted, found.refused) == pytest.approx(2 / 3)
    assert (found.delays.decided, found.delays.median, found.delays.ninth) == (6, 4, 20)
    assert found.delays.in_time == 4
    assert [month.filed for month in found.months] == [0, 0, 6] + [0] * 9
    assert found.grounds == (("town", "duplicate", 2), ("town", "outside-competence", 1))
    assert [(each.code, each.filed, each.refused) for each in found.assemblies] == [
        ("valmont", 6, 2)
    ]


def test_figures_of_a_few_cases_are_not_told() -> None:
    assert rate(4, 0) is None
    assert Delays(4, None, None, 4, 4).share is None


def test_a_small_period_shows_no_median_and_another_assembly_nothing(office: Office) -> None:
    six_decided(office)
    late = of(office, Period(date(2026, 3, 20), date(2026, 3, 31)))
    assert late.filed == 0
    assert late.refused == 2
    assert late.delays.median is None
    other = of(office, assembly="senat")
    assert (other.filed, other.refused, other.loads) == (0, 0, ())


def test_the_load_is_that_of_a_desk_and_names_nobody(office: Office) -> None:
    for number in range(9):
        office.file_petition(f"Demande numéro {number} au conseil")
    load = of(office).loads[0]
    assert (load.open, load.assigned, load.overdue) == (9, 0, 0)
    assert load.people == 3  # petit, morel, okafor
    assert load.each == 3.0
    assert "actor" not in {field.name for field in fields(Load)}
    assert Load("valmont", "town_clerk", 9, 0, 0, 2).each is None


def test_duties_are_counted_by_how_they_were_settled(office: Office) -> None:
    refs = [office.file_petition(f"Demande numéro {number} au conseil") for number in range(3)]
    with office.session() as session:
        for number, ref in enumerate(refs):
            petition = office.petition(session, ref)
            session.add(
                Track(
                    petition_id=petition.id, code=f"duty{number}",
                    status="due" if number else "decided", opened_at=office.clock.at,
                    decided_at=None if number else office.clock.at,
                    due_on=date(2026, 2, 1) if number == 1 else date(2026, 12, 1),
                )
            )  # fmt: skip
    found = of(office).answers
    assert (found.due, found.in_time, found.late, found.overdue) == (3, 1, 0, 1)
    assert found.share is None
