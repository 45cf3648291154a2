"""When things happened to the petitions to the further assemblies, in days before today.

Few of each: they show what is different in these procedures, beside the Senate and the town.
"""

from __future__ import annotations

from petitions.demo.acts import Act, Admit, Back, Draft, Gathering, Life, Note, Submit, Take
from petitions.demo.curves import Peak, Shape
from petitions.demo.dates import Dates, Moments, in_order
from petitions.demo.staff import CLERK, SECOND
from petitions.demo.stories import brussels, commons, deputies
from petitions.demo.stories import letters_of_clerks as words
from petitions.demo.stories.story import Story

RESIDENTS = 0.72
"""Share of the signatories of a Brussels petition who live there and are sixteen: only they count."""
LINES = {
    "13": 204, "15": 14, "23": 12, "25": 54, "29": 91, "31": 140, "33": 163, "35": 108, "38": 126,
    "44": 144, "46": 17, "54": 73, "58": 20, "59": 26, "63": 66, "64": 69, "65": 23, "67": 114,
    "69": 88, "75": 61, "81": 39, "86": 44, "87": 37,
}  # fmt: skip
"""Departments whose people sign for night trains, and in what proportion: seven short of thirty."""
CONSTITUENCIES = {
    "E14000530": 5, "E14000554": 8, "E14000619": 9, "E14000623": 12, "E14000639": 14, "E14000665": 6,
    "E14000746": 11, "E14000757": 5, "E14000798": 4, "E14000799": 9, "E14000837": 13, "E14000848": 7,
    "E14000877": 10, "E14000895": 6, "E14000919": 24, "E14000952": 4, "E14000990": 5, "E14000993": 8,
    "E14001031": 9, "N06000009": 5, "N06000018": 6, "S14000005": 9, "S14000013": 7, "S14000020": 8,
    "S14000029": 12, "S14000030": 19, "S14000037": 5, "S14000046": 6, "S14000051": 7, "S14000054": 9,
    "S14000055": 13, "W07000061": 8, "W07000064": 12, "W07000068": 10,
}  # fmt: skip
"""Constituencies whose people sign for the lending of tools, and in what proportion."""
SUPPORTERS = ("E14000919", "S14000030", "E14000639")
"""Constituencies of the sponsors."""


def lives(dates: Dates) -> list[Life]:
    return [*_brussels(dates), *_deputies(dates), *_commons(dates)]


def _filed(dates: Dates, story: Story, filed: int, *more: tuple[int, str, Act]) -> Moments:
    """Begun and sent on one evening; then acts on working days of the story's assembly."""
    acts: Moments = [(dates.ago(filed, "18:10"), Draft()), (dates.ago(filed, "18:50"), Submit())]
    acts += [(dates.working(story.assembly, days, clock), act) for days, clock, act in more]
    return acts


def _admitted(
    dates: Dates, story: Story, filed: int, published: int, clerk: str, gathering: Gathering
) -> Life:
    acts = _filed(
        dates, story, filed, (filed - 2, "09:40", Take(clerk)), (published, "11:15", Admit(clerk))
    )
    return Life(story, in_order(acts), gathering)


def _brussels(dates: Dates) -> list[Life]:
    counted = {"resident16": RESIDENTS}
    metro = Gathering(1_284, Shape(peaks=(Peak(15, 20, 3),)), withdrawn=1, classes=counted)
    water = Gathering(46, Shape(launch=6), classes=counted)
    note = (2, "15:10", Note(SECOND, words.CRECHES_NOTE))
    creches = _filed(dates, brussels.CRECHES, 6, (4, "10:05", Take(SECOND)), note)
    return [
        _admitted(dates, brussels.NIGHT_BUSES, 71, 60, SECOND, metro),
        _admitted(dates, brussels.FOUNTAINS, 34, 25, SECOND, water),
        Life(brussels.CRECHES, in_order(creches)),
    ]


def _deputies(dates: Dates) -> list[Life]:
    shape = Shape(launch=5, peaks=(Peak(11, 25, 3), Peak(48, 12, 4)))
    trains = Gathering(8_640, shape, withdrawn=2, areas=LINES, least=540)
    return [
        _admitted(dates, deputies.NIGHT_TRAINS, 97, 88, CLERK, trains),
        Life(deputies.SOUND, in_order(_filed(dates, deputies.SOUND, 3))),
    ]


def _commons(dates: Dates) -> list[Life]:
    """One found its five supporters and was published; one still looks for two of them."""
    tools = commons.TOOLS
    acts = _filed(dates, tools, 58, (47, "10:30", Take(CLERK)), (45, "14:20", Admit(CLERK)))
    backed = (dates.ago(54, "20:05"), Back(5, SUPPORTERS))
    ferries = _filed(dates, commons.FERRIES, 8)
    shape = Shape(launch=6, peaks=(Peak(20, 16, 3),))
    gathering = Gathering(4_130, shape, areas=CONSTITUENCIES)
    return [
        Life(tools, in_order(sorted([*acts, backed], key=lambda moment: moment[0])), gathering),
        Life(commons.FERRIES, in_order([*ferries, (dates.ago(5, "19:30"), Back(3, SUPPORTERS))])),
    ]
