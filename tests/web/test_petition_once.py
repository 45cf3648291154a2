"""A petition's page says each thing once: who counts, a stage of supporters; many areas stay folded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask

from petitions.web import timeline
from petitions.web.counted_view import AreaFigures, Counted
from petitions.web.document_links import document
from petitions.web.pages import AreaCount
from tests.web.rendering import render, stage
from tests.web.samples import OPEN

MET = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def app() -> Flask:
    return stage()


def test_a_class_that_the_card_names_is_not_named_below_it(app: Flask) -> None:
    card = OPEN.card
    assert card is not None
    level = replace(card.levels[0], counted=999, counted_who="resident in Brussels")
    told = replace(OPEN, card=replace(card, levels=(level,)))
    page = render(app, "public/petition.html", told)
    assert page.count("resident in Brussels") == 1
    assert "213 on paper" in page
    only_classes = replace(told, counted=Counted(classes=cast("Any", OPEN.counted).classes))
    assert 'id="counted"' not in render(app, "public/petition.html", only_classes)


def test_a_hundred_areas_are_folded_behind_a_sentence(app: Flask) -> None:
    many = tuple(AreaCount(f"Area {n}", 1000 - n) for n in range(101))
    figures = AreaFigures(many, "departments", date(2026, 5, 23))
    page = render(app, "public/petition.html", replace(OPEN, figures=figures))
    folded = page.partition('<details class="areas">')[2].partition("</details>")[0]
    assert "101 departments" in folded
    assert "most from Area 0, Area 1 and Area 2" in folded
    assert folded.count('<th scope="row">') == 101, "all of them, in the table that folds"
    few = render(
        app, "public/petition.html", replace(OPEN, figures=replace(figures, areas=many[:5]))
    )
    assert '<details class="areas">' not in few


def step(action: str, at: datetime = MET) -> Any:
    return SimpleNamespace(action=action, legal_instant=at)


def test_the_last_stage_of_supporters_is_told_once() -> None:
    earlier = datetime(2026, 3, 1, tzinfo=UTC)
    steps = [
        step("submit", earlier), step("sponsor_stage_met", earlier), step("sponsor_stage_met"),
        step("complete"),
    ]  # fmt: skip
    told = timeline._told(cast("Any", SimpleNamespace(steps=steps)))
    assert [(each.action, each.legal_instant) for each in told] == [
        ("submit", earlier), ("sponsor_stage_met", earlier), ("complete", MET),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("https://a.example/r/12.pdf Rapport", "Rapport (PDF)"),
        ("https://a.example/r/12.PDF", "12.PDF (PDF)"),
        ("https://a.example/seance.mp4 La séance", "La séance (video)"),
        ("https://a.example/debat", "a.example/debat"),
        ("https://a.example/debat Le débat", "Le débat (a.example)"),
    ],
)
def test_a_document_is_named_with_what_opens(line: str, text: str) -> None:
    found = document(line)
    assert (found.href, found.text) == (line.split()[0], text)
