"""The states a procedure knows: what the rulebook leaves out is not in its diagram."""

from __future__ import annotations

import pytest

from petitions.domain.course import course
from petitions.domain.lifecycle import TRANSITIONS, State


def pairs(kind):
    return {(edge.source, edge.target) for edge in course(kind).edges}


def test_a_procedure_without_sponsors_knows_no_gathering(kind):
    assert State.GATHERING_SPONSORS not in course(kind("town")).states
    assert course(kind("uk-parliament")).main[1] is State.GATHERING_SPONSORS


def test_a_procedure_without_numbers_never_closes_below_one(kind):
    scottish = course(kind("scottish-parliament"))
    assert State.CLOSED_BELOW not in scottish.states
    assert State.THRESHOLD_REACHED not in scottish.states
    assert (State.PUBLISHED, State.EXAMINED) in pairs(kind("scottish-parliament"))


def test_an_open_window_closes_only_where_an_event_may_close_it(kind):
    assert (State.PUBLISHED, State.CLOSED_BELOW) in pairs(kind("uk-parliament"))
    french = course(kind("fr-assemblee-nationale"))
    ways = {e.number for e in french.edges if e.target is State.CLOSED_BELOW}
    assert ways == {17}


def test_only_a_kind_that_returns_petitions_has_a_state_for_it(kind):
    assert State.RETURNED in course(kind("town")).states
    assert State.RETURNED not in course(kind("uk-parliament")).states


def test_a_missed_hand_over_is_an_end_where_it_has_a_time(kind):
    assert (State.THRESHOLD_REACHED, State.LAPSED) in pairs(kind("fi-national"))
    assert (State.THRESHOLD_REACHED, State.LAPSED) not in pairs(kind("eu-eci"))


def test_the_end_of_the_legislature_reaches_the_states_it_lists(kind):
    lapsing = {
        edge.source for edge in course(kind("fr-assemblee-nationale")).edges if edge.number == 23
    }
    assert lapsing == {
        State.IN_ADMISSIBILITY, State.RETURNED, State.PUBLISHED, State.THRESHOLD_REACHED,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["brussels", "ch-federal", "ca-house-of-commons", "de-bundestag"])
def test_every_edge_is_a_row_of_the_table_and_starts_where_one_can_be(name, book):
    rows = {(r.number, s) for r in TRANSITIONS for s in r.sources}
    for each in book(name).kinds.values():
        found = course(each)
        assert {(e.number, e.source) for e in found.edges} <= rows
        assert {e.source for e in found.edges} | {e.target for e in found.edges} == set(
            found.states
        )
        assert len(found.edges) == len(set(found.edges))
