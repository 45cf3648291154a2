"""When things happened to the petitions to the town of Valmont, in days before today."""

from __future__ import annotations

from petitions.demo.acts import (
    Admit,
    Check,
    Draft,
    Examine,
    Gathering,
    Life,
    Note,
    Refuse,
    Resubmit,
    Return,
    Seal,
    Submit,
    Take,
    Withdraw,
)
from petitions.demo.curves import Peak, Shape
from petitions.demo.dates import Dates, Moments, in_order
from petitions.demo.staff import CLERK, COMMITTEE, SECOND
from petitions.demo.stories import letters_of_clerks as words
from petitions.demo.stories import town_decided as decided
from petitions.demo.stories import town_open as opened
from petitions.demo.stories.story import TOWN, Story
from petitions.domain.filing import Stage

EARLY = Shape(launch=10, tail=0.2)
"""Most neighbours sign in the first days."""


def lives(dates: Dates, stage: Stage) -> list[Life]:
    return [*_decided(dates), *_signing(dates), *_with_author(dates), *_at_the_desk(dates, stage)]


def _filed(dates: Dates, filed: int, clock: str = "18:40") -> Moments:
    return [(dates.ago(filed, "18:05"), Draft()), (dates.ago(filed, clock), Submit())]


def _published(dates: Dates, filed: int, published: int) -> Moments:
    return [
        *_filed(dates, filed),
        (dates.working(TOWN, filed - 2, "09:15"), Take(CLERK)),
        (dates.working(TOWN, published, "10:20"), Admit(CLERK)),
    ]


def _life(story: Story, moments: Moments, gathering: Gathering | None = None) -> Life:
    return Life(story, in_order(moments), gathering)


def _decided(dates: Dates) -> list[Life]:
    fare = [
        *_filed(dates, 66),
        (dates.working(TOWN, 63, "09:30"), Take(SECOND)),
        (
            dates.working(TOWN, 60, "11:40"),
            Refuse(SECOND, ("outside-competence",), words.REGIONAL_FARE_REASONS),
        ),
    ]
    lights = [
        *_published(dates, 178, 170),
        (dates.working(TOWN, 92, "17:30"), Examine(COMMITTEE, decided.LIGHTS_ANSWER)),
    ]
    parking = [
        *_published(dates, 129, 120),
        (dates.working(TOWN, 37, "17:30"), Examine(COMMITTEE, decided.PARKING_ANSWER)),
    ]
    hives = [
        *_published(dates, 113, 104),
        (dates.working(TOWN, 5, "11:00"), Seal(SECOND, words.HIVES_SEALED)),
    ]
    market = [*_published(dates, 94, 86), (dates.ago(71, "20:00"), Withdraw())]
    return [
        _life(decided.LIGHTS, lights, Gathering(88, EARLY)),
        _life(decided.PARKING, parking, Gathering(41, EARLY)),
        _life(decided.FOUNTAIN, _published(dates, 199, 190), Gathering(34, EARLY)),
        _life(decided.HIVES, hives, Gathering(14, EARLY)),
        _life(decided.MARKET, market, Gathering(6, EARLY, until=72)),
        _life(decided.REGIONAL_FARE, fare),
    ]


def _signing(dates: Dates) -> list[Life]:
    lane = Gathering(61, Shape(launch=4, peaks=(Peak(9, 8, 3),)), withdrawn=1)
    return [
        _life(decided.LANE, _published(dates, 51, 41), lane),
        _life(opened.PLAYGROUND, _published(dates, 33, 24), Gathering(23)),
        _life(opened.GARDEN, _published(dates, 21, 13), Gathering(12, EARLY)),
        _life(opened.LIBRARY, _published(dates, 45, 36), Gathering(17)),
    ]


def _with_author(dates: Dates) -> list[Life]:
    """Returned and not corrected in time; returned, corrected and back at the desk."""
    improve = [
        *_filed(dates, 64),
        (dates.working(TOWN, 61, "10:00"), Take(CLERK)),
        (dates.working(TOWN, 57, "10:30"), Return(CLERK, words.IMPROVE_POINTS)),
    ]
    benches = [
        *_filed(dates, 20),
        (dates.working(TOWN, 18, "09:10"), Take(SECOND)),
        (dates.working(TOWN, 14, "09:45"), Return(SECOND, words.BENCHES_POINTS)),
        (dates.ago(2, "16:20"), Resubmit(opened.BENCHES_CORRECTED)),
    ]
    return [_life(opened.IMPROVE, improve), _life(opened.BENCHES, benches)]


def _at_the_desk(dates: Dates, stage: Stage) -> list[Life]:
    late = (dates.day - dates.filed_to_be_due(TOWN, stage, -3)).days
    soon = (dates.day - dates.filed_to_be_due(TOWN, stage, 2)).days
    return [
        _life(
            opened.YOUTH,
            [
                *_filed(dates, late),
                (dates.working(TOWN, late - 4, "15:00"), Note(CLERK, words.YOUTH_NOTE)),
            ],
        ),
        _life(
            opened.SIGNPOSTS,
            [
                *_filed(dates, soon, "18:30"),
                (dates.working(TOWN, soon - 4, "09:05"), Take(CLERK)),
                (dates.working(TOWN, soon - 4, "09:25"), Check(CLERK, 6)),
            ],
        ),
        _life(
            opened.NEIGHBOUR,
            [
                *_filed(dates, 9),
                (dates.working(TOWN, 7, "10:00"), Take(CLERK)),
                (dates.working(TOWN, 7, "10:15"), Note(CLERK, words.NEIGHBOUR_NOTE)),
                (
                    dates.working(TOWN, 7, "10:30"),
                    Refuse(CLERK, ("privacy",), words.NEIGHBOUR_REASONS),
                ),
            ],
        ),
        _life(opened.BIKE_LANE, _filed(dates, 1, "22:15")),
    ]
