"""The top of an author's page: one sentence, what is theirs to do and by when, what comes next."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from petitions.domain.lifecycle import Action
from petitions.services.tracks import open_duties
from petitions.web.author_summary import SENTENCES, State
from tests.house import changed_library
from tests.web.site import TAG, Site, build
from tests.web.town import close_site

ANSWER = '[[after.duties]]\nid = "council_answer"\n'
REPORT = '[[after.duties]]\nid = "report"\nstart = "published"\nlength = "P1M"\non = "author"\n\n'


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    (tmp_path / "edited").mkdir()
    changed_library(tmp_path / "edited", "town", {ANSWER: REPORT + ANSWER}, ("duties.report",))
    found = build(tmp_path, sqlite_uri, rulebooks=tmp_path / "edited" / "rulebooks")
    yield found
    close_site(found)


def page_of(site: Site, ref: str) -> str:
    with site.session() as session:
        petition = site.petition(session, ref).id
    answer = site.author(TAG).get(f"/en/mine/{petition}")
    assert answer.status_code == 200
    return html.unescape(answer.text).partition("What has happened, and what comes next")[0]


def test_every_state_has_its_sentence() -> None:
    assert set(SENTENCES) == set(State)


def test_while_it_is_checked_the_author_need_not_do_anything(site: Site) -> None:
    page = page_of(site, site.file(tag=TAG))
    assert "It is being checked against the rules for petitions." in page
    assert "You need not do anything now." in page
    assert "Next: The petition is checked against the rules, by" in " ".join(page.split())


def test_a_correction_is_the_authors_with_its_last_day(site: Site) -> None:
    ref = site.file(tag=TAG)
    site.decide(ref, Action.RETURN, text="Raccourcir le titre.")
    page = page_of(site, ref)
    assert "It was returned to you for correction." in page
    assert "Correct the text, or answer" in page
    assert "days left" in page
    assert "You need not do anything now." not in page


def test_a_duty_of_the_author_stands_on_top_and_on_the_public_timeline(site: Site) -> None:
    ref = site.file(tag=TAG)
    site.decide(ref, Action.ACCEPT)
    with site.session() as session:
        petition = site.petition(session, ref)
        open_duties(session, site.house, petition, "published", at=site.at)
    page = page_of(site, ref)
    assert "It is public and can be signed." in page
    assert "Test: last day" in " ".join(page.split())
    assert "Test." in page, "what to do, from the rulebook's words"
    shown = html.unescape(site.visitor().get(f"/en/petitions/{ref}").text)
    assert "The author: Test" in shown
    site.at += timedelta(days=40)
    assert "days late" in page_of(site, ref)
