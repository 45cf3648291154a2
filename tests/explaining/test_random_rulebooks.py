"""Random valid rulebooks: each is explained and played without an error, naming all that is owed."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from petitions.domain.arrivals import Arrival
from petitions.domain.lifecycle import State
from petitions.domain.rulebook import canonical, rulebook_from_canonical
from petitions.domain.rulebook_files import Library, load_directory, with_rulebook
from petitions.domain.simulated import Given, Happening, What
from petitions.domain.simulation import play
from petitions.explaining.explanation import explain
from petitions.explaining.playing import LANGUAGES
from petitions.explaining.text import explanation_text
from petitions.explaining.timeline_words import timeline_text
from petitions.explaining.words import Told
from petitions.platform.i18n import load_catalogues, speaking
from tests.domain.clauses import PARIS, local
from tests.web.extraction import ROOT

PERIODS = st.sampled_from(["P1D", "P14D", "P42D", "P1M", "P6M", "P1Y"])
COUNTED = st.one_of(PERIODS, st.sampled_from(["10 working", "5 working"]))
CONDITIONS = st.sampled_from(
    [{}, {"age_min": 16}, {"citizen_of": "FR"}, {"any": [{"resident_of": "FR"}, {"office": "mp"}]}]
)
START = local("2026-03-02T09:00", PARIS)


@cache
def shelf() -> Library:
    return load_directory(ROOT / "petitions" / "rulebooks")


def optional(draw: Any, table: dict[str, Any], key: str, values: st.SearchStrategy[Any]) -> None:
    if draw(st.booleans()):
        table[key] = draw(values)


@st.composite
def windows(draw: Any) -> dict[str, Any]:
    mode = draw(st.sampled_from(["fixed", "range", "list", "open", "none"]))
    window: dict[str, Any] = {"mode": mode}
    if mode == "fixed":
        window["length"] = draw(PERIODS)
    if mode == "range":
        window["max"] = draw(PERIODS)
    if mode == "list":
        window["choices"] = draw(st.lists(PERIODS, min_size=1, max_size=3, unique=True))
    if mode != "none":
        optional(draw, window, "first_day", st.sampled_from(["next", "event"]))
        optional(draw, window, "start", st.sampled_from(["publication", "submission", "chosen"]))
    return window


@st.composite
def milestones(draw: Any) -> list[dict[str, Any]]:
    numbers = draw(
        st.lists(st.one_of(st.integers(1, 8), st.integers(1, 5_000)), max_size=3, unique=True)
    )
    found = []
    for at, number in enumerate(sorted(numbers)):
        one = {"id": f"step-{at}", "threshold": number, "effect": "reply", "body": "town_council",
               "decisive": at == 0}  # fmt: skip
        optional(draw, one, "force", st.sampled_from(["must", "should", "may"]))
        optional(draw, one, "evaluate", st.sampled_from(["live", "close"]))
        optional(draw, one, "counts", st.sampled_from(["all", "grown"]))
        optional(draw, one, "replaces", st.booleans())
        found.append(one)
    return found


@st.composite
def duties(draw: Any, milestone_ids: list[str]) -> list[dict[str, Any]]:
    found = []
    for at in range(draw(st.integers(0, 3))):
        events = ["submitted", "published", "closed", "final"]
        events += [f"milestone:{each}" for each in milestone_ids]
        one = {"id": f"owed-{at}", "start": draw(st.sampled_from(events)), "body": "town_council"}
        optional(draw, one, "length", COUNTED)
        optional(draw, one, "stops", st.just(["recess"]))
        optional(draw, one, "roll", st.just("next_working"))
        if milestone_ids:
            optional(draw, one, "for", st.sampled_from(milestone_ids))
        found.append(one)
    return found


@st.composite
def rulebooks(draw: Any) -> dict[str, Any]:
    """The source of a rulebook of the town: valid, and otherwise as it comes."""
    numbers = draw(milestones())
    stage = {"id": "check", "body": "town_clerk"}
    optional(draw, stage, "within", COUNTED)
    optional(draw, stage, "outcomes", st.sampled_from([["accept", "refuse"], ["accept", "return"]]))
    signing = {
        "who": draw(CONDITIONS),
        "window": draw(windows()),
        "classes": {"grown": {"age_min": 18}},
    }
    optional(
        draw,
        signing,
        "attrition",
        st.just([{"within": "P1M", "at_least": 10, "else": "may_close"}]),
    )
    optional(draw, signing, "confirm_hours", st.integers(1, 48))
    book: dict[str, Any] = {
        "rulebook": {
            "id": "random", "version": 1, "valid_from": "2020-01-01", "assemblies": ["valmont"],
            "zone": PARIS, "realm": "town",
        },
        "filing": {"author": draw(CONDITIONS)},
        "admissibility": {"stages": [stage]},
        "signing": signing,
        "milestones": numbers,
        "after": {
            "entry": "milestone" if numbers else "publication", "body": "town_council",
            "duties": draw(duties([each["id"] for each in numbers])),
        },
    }  # fmt: skip
    optional(draw, book, "sponsors", st.just([{"id": "supporters", "min": 5, "in_total": "all"}]))
    event = st.sampled_from(["pause", "close", "lapse"])
    optional(
        draw, book, "calendar", event.map(lambda effect: [{"event": "outage", "effect": effect}])
    )
    return book


def read(source: dict[str, Any]) -> Any:
    return rulebook_from_canonical(canonical(source), shelf().context)


@settings(max_examples=60, deadline=None)
@given(source=rulebooks(), language=st.sampled_from(LANGUAGES), signatures=st.integers(0, 6_000))
def test_a_random_valid_rulebook_is_explained_and_played(source, language, signatures):
    book = read(source)
    library = with_rulebook(shelf(), book)
    kind = book.default_kind
    with speaking(load_catalogues((language,)).default):
        text = explanation_text(explain(library, book))
        for each in (*kind.milestones, *kind.after.duties):
            assert each.id.replace("-", " ") in text, each.id
        arrivals = (Arrival(START + timedelta(days=2), signatures),) if signatures else ()
        happenings = (
            Happening("chosen", START),
            Happening("event:outage", START + timedelta(days=1)),
        )
        timeline = play(kind, Given(
            zone=PARIS, published_at=START, submitted_at=START, arrivals=arrivals,
            happenings=happenings, length=_length(kind), calendar=shelf().assembly("valmont").calendar,
        ))  # fmt: skip
        played = timeline_text(Told(library, book, kind, "valmont"), timeline)
    assert "%(" not in text + played
    reached = [step.code for step in timeline.steps if step.what is What.MILESTONE]
    assert len(reached) == len(set(reached)), "a milestone is reached once"
    states = [step.state for step in timeline.steps if step.what is What.STATE]
    assert states[-1] is timeline.state
    assert timeline.count + timeline.refused == signatures
    if timeline.state is State.THRESHOLD_REACHED:
        assert kind.decisive.id in reached
    assert [step.at for step in timeline.steps] == sorted(step.at for step in timeline.steps)


def _length(kind: Any) -> Any:
    window = kind.signing.window
    return window.choices[0] if window.choices else window.maximum
