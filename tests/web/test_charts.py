"""The curve: what it shows, and the same figures as a table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.web import charts

FIRST = date(2026, 1, 14)


def days(*totals):
    return [(FIRST + timedelta(days=place), total) for place, total in enumerate(totals)]


def test_less_than_two_days_make_no_curve():
    assert charts.draw([]) is None
    assert charts.draw(days(5)) is None


def test_the_curve_runs_from_the_first_day_to_the_last():
    chart = charts.draw(days(0, 50, 100))
    assert chart is not None
    assert chart.path == "M0.0 100.00 L500.0 50.00 L1000.0 0.00"
    assert (chart.first, chart.last) == (FIRST, FIRST + timedelta(days=2))


def test_a_milestone_stands_at_its_day_and_at_the_count_of_that_day():
    chart = charts.draw(days(0, 50, 100), [(FIRST + timedelta(days=1), 40)])
    assert chart is not None
    mark = chart.marks[0]
    assert (mark.number, mark.x, mark.y, mark.threshold) == (1, "50.00%", "46.00%", 40)


def test_a_milestone_outside_of_the_curve_is_not_drawn():
    chart = charts.draw(days(0, 50), [(FIRST - timedelta(days=1), 40)])
    assert chart is not None
    assert chart.marks == ()


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 2), (1, 2), (7, 10), (21, 50), (25, 50), (99, 100), (48_213, 50_000)]
)
def test_the_scale_ends_at_an_even_round_number(largest, top):
    chart = charts.draw(days(0, largest))
    assert chart is not None
    assert [tick.value for tick in chart.ticks] == [0, top // 2, top]


def test_a_long_curve_is_told_by_month_and_a_short_one_by_day():
    short = charts.draw(days(*range(10)))
    long = charts.draw(days(*range(100)))
    assert short is not None
    assert long is not None
    assert not short.by_month
    assert long.by_month
    assert [row.until.month for row in long.rows] == [1, 2, 3, 4]


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=200))
def test_the_table_adds_up_to_the_curve_whatever_its_length(gains):
    totals, counted = [], 0
    for gain in gains:
        counted += gain
        totals.append(counted)
    chart = charts.draw(days(*totals))
    assert chart is not None
    assert sum(row.new for row in chart.rows) == chart.total == counted
    assert chart.rows[-1].total == counted
    assert len(chart.rows) <= 24
