"""Acceptance scenarios of counting by area and by class: AN, BXL, SEN, UK."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.errors import InvalidError
from petitions.ledger.entries import EntryType, Invalidate
from petitions.services.pending import queue
from petitions.storage import tables as t
from tests.counting.parliaments import publish, reached, shown, state, without_sponsors
from tests.house import Precinct
from tests.services.crowd import seed

Parliament = Callable[..., Precinct]
ASSEMBLY = "fr-assemblee-nationale"
DEPARTMENTS = [f"{n:02}" for n in range(1, 96) if n != 20]


def invalidate(precinct: Precinct, petition: UUID, number: int) -> None:
    """So many leaves of the log are declared invalid: the decision is made and its term over."""
    with precinct.session() as session:
        head = b"\x01\x10" + petition.bytes
        leaves = session.execute(
            select(t.LogEntry.log_id, t.LogEntry.idx).where(
                t.LogEntry.entry.between(head, head + b"\xff" * 33)
            )
        ).all()
        assert len(leaves) >= number
        for log_id, index in leaves[:number]:
            body = Invalidate(index, 3, bytes(32))
            queue(session, log_id, petition, body, due_at=precinct.clock.at)
    precinct.work()


def count_below(precinct: Precinct) -> list[dict[str, object]]:
    with precinct.session() as session:
        tasks = session.scalars(select(t.Task).where(t.Task.kind == "count_below"))
        return [dict(task.facts) for task in tasks]


def test_an_1_the_thirtieth_department_reaches_what_half_a_million_did_not(
    parliament: Parliament,
) -> None:
    precinct = parliament(ASSEMBLY)
    petition = publish(precinct, ASSEMBLY)
    spread = dict.fromkeys(DEPARTMENTS[:28], 1) | {DEPARTMENTS[28]: 499_971}
    seed(precinct, petition, 499_999, areas=spread)
    precinct.sign(petition, 1, area=DEPARTMENTS[0])  # the 500,000th, from one of the 29
    assert state(precinct, petition) == "published"
    assert reached(precinct, petition) == [0]
    precinct.sign(petition, 2, area=DEPARTMENTS[40])
    assert state(precinct, petition) == "threshold_reached"
    hits = precinct.entries(EntryType.MILESTONE)
    assert [(each.fields.rule, each.fields.valid) for each in hits] == [(0, 500_000), (1, 500_001)]


def test_an_1_the_effect_of_being_featured_is_carried_out_at_once(parliament: Parliament) -> None:
    precinct = parliament(ASSEMBLY)
    petition = publish(precinct, ASSEMBLY)
    seed(precinct, petition, 99_999)
    precinct.sign(petition, 1, area="75")
    assert state(precinct, petition) == "published"
    with precinct.session() as session:
        track = session.scalars(select(t.Track)).one()
        assert (track.code, track.effect, track.status) == ("featured", "feature", "decided")


def test_an_2_twenty_nine_small_departments_and_a_large_one_are_thirty(
    parliament: Parliament,
) -> None:
    precinct = parliament(ASSEMBLY)
    petition = publish(precinct, ASSEMBLY)
    spread = dict.fromkeys(DEPARTMENTS[:29], 1) | {"75": 499_970}
    seed(precinct, petition, 499_999, areas=spread)
    precinct.sign(petition, 1, area="75")
    assert state(precinct, petition) == "threshold_reached"


def test_an_2_forty_departments_do_not_make_up_for_one_signature_missing(
    parliament: Parliament,
) -> None:
    precinct = parliament(ASSEMBLY)
    petition = publish(precinct, ASSEMBLY)
    seed(precinct, petition, 499_998, areas=dict.fromkeys(DEPARTMENTS[:40], 12_000))
    precinct.sign(petition, 1, area="75")
    assert state(precinct, petition) == "published"


def test_an_2_a_signature_without_an_area_is_refused(parliament: Parliament) -> None:
    precinct = parliament(ASSEMBLY)
    petition = publish(precinct, ASSEMBLY)
    with pytest.raises(InvalidError) as refused:
        precinct.sign(petition, 1)
    assert refused.value.fields == {"area": ("required", {})}
    with pytest.raises(InvalidError) as unknown:
        precinct.sign(petition, 1, area="99X")
    assert unknown.value.fields["area"][0] == "no_such_area"
    assert precinct.count(t.Signature) == 0


def test_a_withdrawal_that_names_no_area_may_have_come_from_any(parliament: Parliament) -> None:
    precinct = parliament(
        ASSEMBLY, ("threshold = 500000", "threshold = 2"), ("k = 30, min = 1", "k = 2, min = 1")
    )
    petition = publish(precinct, ASSEMBLY)
    precinct.sign(petition, 1, area="75")
    precinct.sign(petition, 2, area="75")
    precinct.work()
    precinct.withdraw(petition, 2)  # the area was declared: nobody knows it any more
    precinct.sign(petition, 3, area="13")
    assert state(precinct, petition) == "published"
    precinct.sign(petition, 4, area="13")  # two in each: wherever it was, one is left
    assert state(precinct, petition) == "threshold_reached"


def test_bxl_1_the_hearing_counts_residents_of_sixteen_and_the_page_both(
    parliament: Parliament,
) -> None:
    precinct = parliament("brussels")
    petition = publish(precinct, "brussels", kind="petition")
    seed(precinct, petition, 1_399, classes={"resident16": 998})
    precinct.sign(petition, 1, classes=("resident16",))
    assert state(precinct, petition) == "published"
    figures = shown(precinct, petition)
    assert (figures.valid, figures.classes) == (1_400, {"resident16": 999})
    precinct.sign(petition, 2)
    assert state(precinct, petition) == "published"
    precinct.sign(petition, 3, classes=("resident16",))
    assert state(precinct, petition) == "threshold_reached"
    assert shown(precinct, petition).classes == {"resident16": 1_000}


def test_sen_4_three_removed_signatures_move_nothing_back(parliament: Parliament) -> None:
    precinct = parliament("fr-senat")
    petition = publish(precinct, "fr-senat")
    seed(precinct, petition, 99_995)
    precinct.sign_many(petition, range(5))
    assert state(precinct, petition) == "threshold_reached"
    invalidate(precinct, petition, 3)
    assert shown(precinct, petition).valid == 99_997
    assert precinct.state(petition) == "threshold_reached"
    assert count_below(precinct) == [{"valid": 99_997, "threshold": 100_000}]
    with precinct.session() as session:
        track = session.scalars(select(t.Track).where(t.Track.code == "conference")).one()
        assert track.status == "due"


def test_uk_5_three_hundred_removed_signatures_move_nothing_back(parliament: Parliament) -> None:
    precinct = parliament(
        "uk-parliament",
        without_sponsors("uk-parliament"),
        ("threshold = 10000\n", "threshold = 30\n"),
    )
    petition = publish(precinct, "uk-parliament")
    precinct.sign_many(petition, range(31))
    assert state(precinct, petition) == "threshold_reached"
    invalidate(precinct, petition, 3)
    assert precinct.state(petition) == "threshold_reached"
    assert [task["threshold"] for task in count_below(precinct)] == [30]
