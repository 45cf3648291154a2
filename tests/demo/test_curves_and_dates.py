from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

import petitions
from petitions.demo import lives_senate, lives_town
from petitions.demo.acts import Life, Submit
from petitions.demo.curves import QUIET, Peak, Shape, spread
from petitions.demo.dates import Dates
from petitions.demo.stories.story import RULEBOOKS, SENATE, TOWN
from petitions.domain.calendar import deadline, last_day_of
from petitions.domain.filing import Stage
from petitions.domain.rulebook_files import Library, load_directory
from petitions.domain.text import text_problems

MONDAY = date(2026, 3, 2)
TODAYS = [
    datetime(2026, 1, 1, 0, 20, tzinfo=UTC) + timedelta(days=3 * n, hours=n % 24)
    for n in range(245)
]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_directory(Path(petitions.__file__).parent / "rulebooks")


def _dates(library: Library, today: datetime) -> Dates:
    calendars = {each: library.assembly(each).calendar for each in (SENATE, TOWN)}
    return Dates(today, "Europe/Paris", calendars)


def _stage(library: Library, assembly: str) -> Stage:
    book = library.rulebook(RULEBOOKS[assembly], MONDAY)
    return book.default_kind.admissibility.at("publication")[0]


def _lives(library: Library, dates: Dates) -> list[Life]:
    return [
        *lives_senate.lives(dates, _stage(library, SENATE)),
        *lives_town.lives(dates, _stage(library, TOWN)),
    ]


@given(
    total=st.integers(0, 200_000),
    days=st.integers(1, 190),
    peak=st.integers(0, 200),
    share=st.floats(0, 1),
)
def test_the_days_of_a_curve_add_up_to_its_total(
    total: int, days: int, peak: int, share: float
) -> None:
    shape = Shape(peaks=(Peak(peak, 30),))
    last = MONDAY + timedelta(days=days)
    found = spread(total, MONDAY, days, shape, "key", share_of_last=share, last_day=last)
    assert len(found) == days
    assert sum(found) == total
    assert min(found) >= 0


def test_a_report_in_the_press_makes_the_busiest_days() -> None:
    found = spread(100_000, MONDAY, 180, Shape(peaks=(Peak(60, 60, 4),)), "key")
    assert found.index(max(found)) in {60, 61}
    assert sum(found[60:75]) > sum(found[:60])
    assert found[59] < found[60] / 2


def test_fewer_people_sign_at_weekends() -> None:
    found = spread(100_000, MONDAY, 140, QUIET, "key")[28:]
    weekend = mean(n for age, n in enumerate(found) if age % 7 in {5, 6})
    working = mean(n for age, n in enumerate(found) if age % 7 not in {5, 6})
    assert weekend < 0.85 * working


def test_a_curve_is_the_same_at_every_run_and_another_for_another_petition() -> None:
    assert spread(5000, MONDAY, 90, QUIET, "one") == spread(5000, MONDAY, 90, QUIET, "one")
    assert spread(5000, MONDAY, 90, QUIET, "one") != spread(5000, MONDAY, 90, QUIET, "two")


def test_on_any_day_all_acts_lie_in_the_past_and_in_order(library: Library) -> None:
    for today in TODAYS:
        dates = _dates(library, today)
        for life in _lives(library, dates):
            instants = [at for at, _ in life.acts]
            assert instants == sorted(set(instants)), (today, life.story.key)
            assert instants[-1] < today - timedelta(minutes=2), (today, life.story.key)
            assert instants[0] > today - timedelta(days=300), (today, life.story.key)


def test_on_any_day_one_window_is_about_to_end(library: Library) -> None:
    for today in TODAYS:
        dates = _dates(library, today)
        opened = dates.ends_soon(lives_senate.WINDOW)
        left = (last_day_of(opened, lives_senate.WINDOW) - dates.day).days
        late_august = (today.month, today.day) in {(8, 29), (8, 30)}
        assert left in ({2, 3} if late_august else {0, 1}), today


def test_on_any_day_one_check_is_late_and_one_is_due_soon(library: Library) -> None:
    stage = _stage(library, TOWN)
    assert stage.within is not None
    for today in TODAYS:
        dates = _dates(library, today)
        filed = {
            life.story.key: at
            for life in _lives(library, dates)
            for at, act in life.acts
            if isinstance(act, Submit)
        }
        due = {
            key: deadline(filed[key].date(), stage.within, calendar=dates.calendars[TOWN]).day
            for key in ("jeunes", "signs")
        }
        assert due["jeunes"] is not None
        assert due["signs"] is not None
        assert due["jeunes"] < dates.day, today
        assert 2 <= (due["signs"] - dates.day).days <= 5, today  # holidays between


def test_clerks_act_on_working_days(library: Library) -> None:
    dates = _dates(library, datetime(2026, 4, 6, 9, 0, tzinfo=UTC))  # Easter Monday
    found = [dates.working(TOWN, days).date() for days in range(120)]
    assert all(dates.calendars[TOWN].working(day) for day in found)


def test_every_story_keeps_to_the_form_of_its_rulebook(library: Library) -> None:
    lives = _lives(library, _dates(library, TODAYS[0]))
    assert len({life.story.key for life in lives}) == len(lives) == 31
    for life in lives:
        story = life.story
        book = library.rulebook(RULEBOOKS[story.assembly], MONDAY)
        form = book.kinds[story.kind or book.default_kind.id].filing.form
        filed = any(isinstance(act, Submit) for _, act in life.acts)
        for text in (story.text, story.translation):
            if text is not None and filed:
                problems = text_problems(form, text.title, text.request, text.reasons)
                assert problems == {}, story.key
