"""The first page of a draft, come back to: title and language can be changed until it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from petitions.domain.lifecycle import Action
from petitions.services import texts
from petitions.storage.tables import Petition
from tests.web.posted_form import begun, form_at, forms_of
from tests.web.site import REASONS, REQUEST, TAG, Site, build

TITLE = "Un bus toutes les vingt minutes"
ENGLISH = {"title": "A bus", "request": "A bus.", "reasons": "We wait for it.", "seen": "y"}


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


@pytest.fixture
def author(site: Site) -> FlaskClient:
    return site.author()


@pytest.fixture
def draft(author: FlaskClient) -> str:
    """Whole, in French, only not sent."""
    here = begun(author, TITLE)
    form_at(author, f"{here}/similar").send(author)
    form_at(author, f"{here}/text").send(author, request=REQUEST, reasons=REASONS, seen="y")
    form_at(author, f"{here}/you").send(author, name="Claire", email="claire@example.org")
    return here


def in_the_database(site: Site) -> tuple[str, bool, dict[str, tuple[str, str, bool]]]:
    """Language, whether what is similar was looked at, and (title, reasons, main) by language."""
    with site.session() as session:
        petition = session.scalars(select(Petition)).one()
        found = {
            language: (text.title, text.reasons, text.authoritative)
            for language, text in texts.texts_of(session, petition).items()
        }
        return petition.language, petition.similar_shown, found


def test_the_way_back_from_what_is_similar_leads_to_the_title(author, draft):
    page = author.get(f"{draft}/similar").text
    assert f'<a class="back" href="{draft}/title">' in page
    form = form_at(author, f"{draft}/title")
    assert (form["title"], form["language"]) == (TITLE, "fr")
    assert "kind" not in form.fields, "its kind stays"
    assert "it counts as written in that language" in author.get(f"{draft}/title").text


def test_the_check_page_leads_to_the_language(author, draft):
    page = author.get(f"{draft}/check").text
    assert f'<dd>French</dd><dd><a href="{draft}/title#language">Change' in page
    title = author.get(f"{draft}/title").text
    assert re.search(r'<select id="language" name="language"', title), "what the link points at"


def test_a_title_page_sent_as_it_was_changes_nothing_and_goes_on(site, author, draft):
    before = in_the_database(site)
    assert form_at(author, f"{draft}/title").send(author).location == f"{draft}/check"
    assert in_the_database(site) == before


def test_a_new_title_is_compared_with_what_exists(site, author, draft):
    answer = form_at(author, f"{draft}/title").send(author, title="  Un tram  ")
    assert answer.location == f"{draft}/similar"
    assert in_the_database(site) == ("fr", True, {"fr": ("Un tram", REASONS, True)})


def test_a_language_chosen_anew_keeps_what_was_typed_and_looks_again(site, author, draft):
    answer = form_at(author, f"{draft}/title").send(author, language="en")
    assert answer.location == f"{draft}/similar"
    assert in_the_database(site) == ("en", False, {"en": (TITLE, REASONS, True)})
    assert "A look at similar petitions" in author.get(f"{draft}/check").text
    assert REASONS in unescape(author.get(f"{draft}/text").text)
    assert form_at(author, f"{draft}/similar").send(author).location == f"{draft}/text"
    check = form_at(author, f"{draft}/check")
    assert check.send(author).location == f"{draft}/sent"


def test_a_text_in_the_new_language_becomes_the_main_one_and_the_other_stays(site, author, draft):
    form_at(author, f"{draft}/text/en").send(author, **ENGLISH)
    page = author.get(f"{draft}/title").text
    assert "You also have a text in another language (English)" in page
    form = form_at(author, f"{draft}/title")
    for _click in range(2):
        answer = form.send(author, title="Un tram", language="en")
        assert answer.status_code == 303
    expected = {"fr": ("Un tram", REASONS, False), "en": ("A bus", "We wait for it.", True)}
    assert in_the_database(site) == ("en", False, expected)
    form_at(author, f"{draft}/title").send(author, language="fr")
    back = {"fr": ("Un tram", REASONS, True), "en": ("A bus", "We wait for it.", False)}
    assert in_the_database(site) == ("fr", False, back)


def test_a_text_typed_in_a_tab_of_the_old_language_never_lands_in_the_new_one(site, author, draft):
    form_at(author, f"{draft}/text/en").send(author, **ENGLISH)
    old = form_at(author, f"{draft}/text")
    form_at(author, f"{draft}/title").send(author, language="en")
    late = old.send(author, reasons="Le soir.")
    assert late.location == f"{draft}/text/fr", "where it stands now"
    assert in_the_database(site)[2] == {
        "fr": (TITLE, "Le soir.", False), "en": ("A bus", "We wait for it.", True),
    }  # fmt: skip


def test_a_language_changed_in_another_tab_is_not_changed_back_unseen(site, author, draft):
    old = form_at(author, f"{draft}/title")
    form_at(author, f"{draft}/title").send(author, language="en")
    late = old.send(author, title="Un tram")
    assert late.status_code == 409
    told = late.text.partition("Changed only elsewhere")[2]
    assert "<dt>Language of the petition</dt><dd><p>English</p></dd>" in told
    assert in_the_database(site) == ("en", False, {"en": (TITLE, REASONS, True)})
    assert forms_of(late.text)[0].send(author).location == f"{draft}/similar"
    assert in_the_database(site) == ("en", False, {"en": ("Un tram", REASONS, True)})


def test_a_form_of_the_old_language_says_which_language_it_is_now(site, author, draft):
    old = form_at(author, f"{draft}/text")
    form_at(author, f"{draft}/title").send(author, language="en")
    form_at(author, f"{draft}/text").send(author, reasons="We wait for it.", seen="y")
    late = old.send(author, reasons="Le soir.")
    assert late.status_code == 409
    assert "The language of the petition is now: English." in late.text
    assert in_the_database(site)[2] == {"en": (TITLE, "We wait for it.", True)}


@pytest.mark.parametrize(
    ("field", "value"), [("language", "xx"), ("language", ""), ("title", " "), ("title", "x" * 121)]
)
def test_what_the_rules_do_not_accept_is_refused_beside_its_field(
    site, author, draft, field, value
):
    before = in_the_database(site)
    answer = form_at(author, f"{draft}/title").send(author, **{field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert in_the_database(site) == before


def test_one_language_is_no_choice_and_needs_no_link(site):
    author = site.author(assembly="senat")
    begun = form_at(author, "/en/start/new").send(author, title=TITLE)
    here = begun.location.rsplit("/", 1)[0]
    assert "<select" not in author.get(f"{here}/title").text
    assert "title#language" not in author.get(f"{here}/check").text


def test_once_it_is_sent_neither_title_page_nor_link_is_there(site):
    ref = site.file(tag=TAG)
    site.decide(ref, Action.RETURN, text="Dites quelles lignes de bus.")
    author = site.author()
    with site.session() as session:
        draft = f"/en/drafts/{site.petition(session, ref).id}"
    assert author.get(f"{draft}/title").status_code == 404
    assert "title#language" not in author.get(f"{draft}/check").text
    token = form_at(author, f"{draft}/text")["csrf_token"]
    form = {"csrf_token": token, "title": "Autre", "language": "en"}
    assert author.post(f"{draft}/title", data=form).status_code in {404, 422}
    with site.session() as session:
        assert site.petition(session, ref).language == "fr"
