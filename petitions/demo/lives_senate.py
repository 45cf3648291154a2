"""When things happened to the petitions to the Senate, in days before today."""

from __future__ import annotations

from petitions.demo.acts import (
    Act,
    Admit,
    Check,
    Confirm,
    Draft,
    Examine,
    Gathering,
    Life,
    Note,
    Refuse,
    Return,
    Submit,
    Take,
)
from petitions.demo.curves import Peak, Shape
from petitions.demo.dates import Dates, Moments, in_order
from petitions.demo.staff import CLERK, COMMITTEE, SECOND
from petitions.demo.stories import letters_of_clerks as words
from petitions.demo.stories import senate_others as others
from petitions.demo.stories import senate_signed as signed
from petitions.demo.stories.story import SENATE, Story
from petitions.domain.filing import Stage
from petitions.domain.periods import Period

WINDOW = Period.parse("P6M")


def lives(dates: Dates, stage: Stage) -> list[Life]:
    return [*_signed(dates), *_ended(dates), *_at_the_desk(dates, stage), *_amina(dates)]


def _published(
    dates: Dates, story: Story, filed: int, published: int, gathering: Gathering, *more: Act
) -> Life:
    acts: Moments = [
        (dates.ago(filed + 2, "19:10"), Draft()),
        (dates.ago(filed, "18:25"), Submit()),
        (dates.working(SENATE, filed - 2, "09:20"), Take(CLERK)),
        (dates.working(SENATE, published, "11:05"), Admit(CLERK)),
    ]
    acts += [(dates.working(SENATE, 14, "16:00"), act) for act in more]
    return Life(story, in_order(acts), gathering)


def _signed(dates: Dates) -> list[Life]:
    doctor = Shape(peaks=(Peak(19, 26, 3), Peak(61, 60, 4), Peak(88, 45, 3), Peak(117, 15, 5)))
    first_aid = Shape(peaks=(Peak(33, 70, 4), Peak(95, 25, 3)))
    counter = Shape(tail=0.7, peaks=(Peak(12, 18, 4), Peak(57, 50, 3)))
    repair = Shape(launch=6, peaks=(Peak(7, 30, 2), Peak(30, 12, 4)))
    return [
        _published(
            dates, signed.DOCTOR, 164, 151, Gathering(105_340, doctor, withdrawn=9)
        ),
        _published(
            dates,
            signed.FIRST_AID,
            238,
            229,
            Gathering(61_270, first_aid, withdrawn=5),
            Examine(COMMITTEE, words.FIRST_AID_ANSWER),
        ),
        _published(dates, signed.COUNTER, 103, 92, Gathering(12_480, counter, withdrawn=4)),
        _published(dates, signed.REPAIR, 58, 47, Gathering(18_020, repair, withdrawn=2)),
        _published(
            dates, signed.TRAVEL, 81, 70, Gathering(4_312, Shape(peaks=(Peak(24, 20, 3),)))
        ),
        _published(dates, others.HEDGES, 128, 116, Gathering(912, Shape(launch=8))),
        _published(dates, others.STATIONS, 19, 9, Gathering(37, Shape(launch=6))),
    ]  # fmt: skip


def _ended(dates: Dates) -> list[Life]:
    opened = dates.ends_soon(WINDOW)
    days = (dates.day - opened).days
    ending = in_order(
        [
            (dates.ago(days + 13, "21:05"), Draft()),
            (dates.ago(days + 11, "17:45"), Submit()),
            (dates.working(SENATE, days + 8, "10:10"), Take(CLERK)),
            (dates.at(opened, "10:30"), Admit(CLERK)),
        ]
    )
    shape = Shape(peaks=(Peak(40, 22, 3), Peak(133, 9, 4)))
    refused = in_order(
        [
            (dates.ago(76, "12:15"), Draft()),
            (dates.ago(75, "12:40"), Submit()),
            (dates.working(SENATE, 71, "09:50"), Take(CLERK)),
            (
                dates.working(SENATE, 68, "15:20"),
                Refuse(CLERK, ("outside-competence",), words.BOWLS_REASONS),
            ),
        ]
    )
    hidden = in_order(
        [
            (dates.ago(47, "11:02"), Draft()),
            (dates.ago(47, "11:20"), Submit()),
            (dates.working(SENATE, 44, "09:30"), Take(CLERK)),
            (
                dates.working(SENATE, 43, "10:45"),
                Refuse(CLERK, ("advertising",), words.FILTER_REASONS),
            ),
            (dates.working(SENATE, 40, "14:30"), Confirm(SECOND)),
        ]
    )
    return [
        Life(others.APPRENTICES, ending, Gathering(2_648, shape)),
        _published(
            dates, others.BOTTLES, 262, 250, Gathering(7_846, Shape(peaks=(Peak(21, 24, 4),)))
        ),
        Life(others.BOWLS, refused),
        Life(others.FILTER, hidden),
    ]


def _at_the_desk(dates: Dates, stage: Stage) -> list[Life]:
    filed = dates.filed_to_be_due(SENATE, stage, 4)
    days = (dates.day - filed).days
    acts: Moments = [
        (dates.ago(days + 1, "20:15"), Draft()),
        (dates.at(filed, "08:50"), Submit()),
        (dates.working(SENATE, days - 3, "11:30"), Take(CLERK)),
        (dates.working(SENATE, days - 3, "11:55"), Check(CLERK, 4)),
        (dates.working(SENATE, days - 5, "14:10"), Note(CLERK, words.WATER_NOTE)),
    ]
    return [Life(others.WATER, in_order(acts))]


def _amina(dates: Dates) -> list[Life]:
    carers: Moments = [(dates.ago(1, "19:20"), Draft()), (dates.ago(0, "07:40"), Submit())]
    delays: Moments = [
        (dates.ago(18, "20:30"), Draft()),
        (dates.ago(17, "21:10"), Submit()),
        (dates.working(SENATE, 13, "09:40"), Take(CLERK)),
        (dates.working(SENATE, 11, "16:15"), Return(CLERK, words.DELAYS_POINTS)),
    ]
    begun: Moments = [(dates.ago(2, "22:05"), Draft(whole=False))]
    return [
        Life(others.CARERS, in_order(carers)),
        Life(others.DELAYS, in_order(delays)),
        Life(others.SCHOOL_START, in_order(begun)),
    ]
