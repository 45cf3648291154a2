"""Ways through the start flow that are not straight on: back, later, and to somebody else's petition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.posted_form import begun, form_at
from tests.web.site import REASONS, REQUEST, Site, build

TITLE = "Un bus toutes les vingt minutes"


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


@pytest.fixture
def author(site: Site) -> FlaskClient:
    return site.author()


def test_the_way_back_from_the_text_saves_what_was_typed(author):
    draft = begun(author, TITLE)
    form_at(author, f"{draft}/similar").send(author)
    page = author.get(f"{draft}/text").text
    first, *_ = re.findall(r'<button[^>]*form="step"[^>]*>', page)
    assert 'name="back"' not in first, "the Enter key goes on, not back"
    back = form_at(author, f"{draft}/text").send(author, request="Un bus le soir.", back="y")
    assert back.location == f"{draft}/similar"
    assert form_at(author, f"{draft}/text")["request"] == "Un bus le soir."


def test_who_finishes_later_is_told_that_the_draft_is_saved(author):
    draft = begun(author, TITLE)
    left = form_at(author, f"{draft}/text").send(author, request="Un bus le soir.", later="y")
    assert "Your draft is saved." in author.get(left.location).text
    assert "Your draft is saved." not in author.get(left.location.partition("?")[0]).text


def test_who_asks_for_the_same_is_led_to_the_open_petition_first(site, author):
    ref = site.publish(TITLE)
    draft = begun(author, "Un bus toutes les vingt minutes le soir")
    asked = form_at(author, f"{draft}/similar").send(author, same=ref, difference="Le soir.")
    assert (asked.status_code, "Write mine all the same" in asked.text) == (200, True)
    assert re.search(rf'class="btn" href="/en/petitions/{ref}"', asked.text)
    gone_on = form_at(author, f"{draft}/similar").send(author, same=ref, anyway=ref)
    assert gone_on.location == f"{draft}/text"


def test_a_title_changed_beside_the_text_is_compared_again(site, author):
    site.publish(TITLE)
    draft = begun(author, "Des arbres pour la place du marché")
    form_at(author, f"{draft}/similar").send(author)
    text = {"request": REQUEST, "reasons": REASONS, "seen": "y"}
    moved = form_at(author, f"{draft}/text").send(author, title=TITLE, **text)
    assert moved.location == f"{draft}/similar"
    same_again = form_at(author, f"{draft}/text").send(author, **text)
    assert same_again.location != f"{draft}/similar"
