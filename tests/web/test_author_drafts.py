"""Drafts that an author comes back to: offered, gone on with, deleted, and never lost with a login."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from petitions.domain.lifecycle import State
from petitions.storage.tables import Petition, PetitionText, WebSession
from tests.web.posted_form import form_at
from tests.web.site import REASONS, REQUEST, TAG, Site, build, token

TITLE = "Un bus toutes les vingt minutes"


@pytest.fixture
def site(tmp_path: Path, database_uri: str) -> Iterator[Site]:
    made = build(tmp_path, database_uri)
    yield made
    made.close()


def send(client, path, page="", **form):
    """Post a form with the token of the page it stands on."""
    return client.post(path, data={"csrf_token": token(client, page or path), **form})


def start(client, title=TITLE):
    """A new draft; the address that its pages begin with."""
    answer = send(client, "/en/start/new", title=title, language="fr", kind="petition")
    return answer.location.rsplit("/", 1)[0]


def own_page(client):
    return re.search(r'href="(/en/mine/[0-9a-f-]{36})"', client.get("/en/mine").text)[1]


def version(client, path):
    return re.search(r'name="version" value="(\d+)"', client.get(path).text)[1]


def rows(site, table):
    with site.session() as session:
        return session.scalar(select(func.count()).select_from(table))


def log_out(site):
    """As time does it: the session's row is gone, the browser still shows its form."""
    with site.session() as session:
        session.execute(delete(WebSession))


def test_a_draft_is_offered_before_a_new_one_is_begun(site):
    author = site.author()
    draft = start(author)
    for path in ("/en/start?assembly=valmont", "/en/start/new"):
        html = author.get(path).text
        assert "You have begun a petition already" in html, path
        assert f'href="{draft}/similar"' in html, path
    assert "Begin a new one" in author.get("/en/start?assembly=valmont").text


def test_a_draft_goes_on_where_it_was_left(site):
    author = site.author()
    draft = start(author)
    send(author, f"{draft}/similar", difference="La nôtre vise le soir.")
    assert f'href="{draft}/text"' in author.get("/en/start/new").text
    send(author, f"{draft}/text", title=TITLE, request=REQUEST, reasons=REASONS, seen="y")
    assert f'href="{draft}/you"' in author.get("/en/start/new").text
    send(author, f"{draft}/you", name="Claire Lefort", email="claire@example.org")
    assert f'href="{draft}/check"' in author.get("/en/start/new").text


def test_drafts_are_shown_to_nobody_but_their_author_at_their_assembly(site):
    start(site.author())
    strangers = (site.visitor(), site.author(b"\x09" * 32))
    for client in strangers:
        assert TITLE not in client.get("/en/start?assembly=valmont").text
    elsewhere = site.author(TAG, assembly="senat").get("/en/start?assembly=senat").text
    assert TITLE not in elsewhere


def test_who_is_logged_in_starts_without_a_second_login(site):
    there = site.author().get("/en/start?assembly=valmont").text.partition("<main")[2]
    assert 'href="/en/start/new?kind=petition"' in there
    assert "/start/login" not in there
    other = site.author().get("/en/start?assembly=senat").text
    assert "/en/start/login?assembly=senat" in other


def test_a_draft_is_in_no_phase_of_the_procedure_and_is_deleted_not_withdrawn(site):
    author = site.author()
    start(author)
    html = author.get(own_page(author)).text
    now = re.search(r'<li class="now"[^>]*>(.*?)</li>', html, re.DOTALL)[1]
    assert ">Draft<" in now
    assert html.count('<li class="coming"') == 3
    assert "Delete this draft for good" in html
    assert "Withdraw this petition" not in html


def test_a_deleted_draft_leaves_no_word_of_its_text(site):
    author = site.author()
    start(author)
    mine = own_page(author)
    answer = send(author, f"{mine}/delete", mine, version=version(author, mine))
    assert answer.location == "/en/mine?deleted=draft"
    assert "The draft is deleted." in author.get(answer.location).text
    assert (rows(site, Petition), rows(site, PetitionText)) == (0, 0)
    assert author.get(mine).status_code == 404


def test_only_a_draft_can_be_deleted_and_only_by_its_author(site):
    ref = site.publish(tag=TAG)
    author = site.author()
    mine = own_page(author)
    form = {"version": version(author, mine)}
    assert send(author, f"{mine}/delete", mine, **form).status_code == 409
    assert site.state(ref) == State.PUBLISHED
    start(author, "Un second texte")
    with site.session() as session:
        draft = session.scalars(select(Petition).where(Petition.state == State.DRAFT)).one()
    stranger = site.author(b"\x09" * 32)
    path = f"/en/mine/{draft.id}/delete"
    assert send(stranger, path, "/en/start/new", version="1").status_code == 404
    assert rows(site, Petition) == 2


def test_a_text_sent_after_the_login_has_ended_comes_back_whole_and_is_sent_again(site):
    author = site.author()
    draft = start(author)
    csrf = token(author, f"{draft}/text")
    form = {"title": TITLE, "request": REQUEST, "reasons": f"\n{REASONS}", "seen": "y"}
    log_out(site)
    late = author.post(f"{draft}/text", data={"csrf_token": csrf, **form})
    assert late.status_code == 403
    assert "nothing is lost" in late.text
    assert "/en/start/login?back=%2Fen%2Fmine&amp;assembly=valmont" in late.text
    assert late.headers["Cache-Control"] == "no-store"
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', late.text)
    typed = {name: unescape(text) for name, text in kept if name != "csrf_token"}
    assert typed == form
    again = site.author()  # the same person, logged in again
    action = re.search(r'<form method="post" action="([^"]+)"', late.text)[1]
    sent = send(again, action, f"{draft}/text", **typed)
    assert sent.location == f"{draft}/you"


def test_a_form_without_typed_words_leads_to_the_login_as_before(site):
    author = site.author()
    start(author)
    mine = own_page(author)
    csrf, number = token(author, mine), version(author, mine)
    log_out(site)
    answer = author.post(f"{mine}/delete", data={"csrf_token": csrf, "version": number})
    assert answer.location.startswith("/en/start/login")
    again = site.author()
    marked = form_at(again, start(again, "Un second") + "/similar")
    log_out(site)
    assert marked.send(again).location.startswith("/en/start/login"), "a mark is not typed"
    assert rows(site, Petition) == 2


def test_a_reader_of_another_language_is_told_in_which_to_write(site):
    told = "No other language is accepted here"
    assert told not in site.author().get("/en/start/new").text
    page = site.author(assembly="senat").get("/en/start/new").text
    assert "Language of the text: French." in page
    assert told in page
