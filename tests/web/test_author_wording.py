"""The author's page after a return: the office's wording word by word, and three ways to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.services import filing, moves
from petitions.services.decisions import Verdict, decide
from petitions.services.reviews import open_reviews
from petitions.storage.tables import ChangeRequest
from tests.web.site import CLERK, TAG, Site, build, token
from tests.web.town import close_site

TITLE = "Un bus toutes les vingt minutes"
WANTED = "Un bus toutes les vingt minutes le soir"


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    found = build(tmp_path, sqlite_uri)
    yield found
    close_site(found)


@pytest.fixture
def ref(site: Site) -> str:
    """A petition that was returned with another wording for its title."""
    ref = site.file(TITLE, tag=TAG)
    with site.session() as session:
        petition = moves.lock(session, site.petition(session, ref).id)
        words = Words.of(WANTED, filing.text_of(session, petition).request,
                         filing.text_of(session, petition).reasons)  # fmt: skip
        verdict = Verdict(Action.RETURN, (), {"fr": "Dites quand."}, {"fr": words})
        review = open_reviews(session, petition)[0]
        decide(session, site.house, petition, review, verdict, CLERK, at=site.at)
    return ref


def mine(site: Site, ref: str) -> str:
    with site.session() as session:
        return f"/fr/mine/{site.petition(session, ref).id}"


def answer(site: Site, ref: str, do: str, **form: str):
    client, page = site.author(), mine(site, ref)
    version = re.search(r'name="version" value="(\d+)"', client.get(page).text)
    assert version
    data = {"csrf_token": token(client, page), "version": version[1], "do": do, **form}
    return client.post(f"{page}/wording", data=data)


def the_request(site: Site) -> ChangeRequest:
    with site.session() as session:
        return session.scalars(select(ChangeRequest)).one()


def title_of(site: Site, ref: str) -> str:
    with site.session() as session:
        return filing.text_of(session, site.petition(session, ref)).title


def test_the_page_shows_what_would_change(site: Site, ref: str) -> None:
    shown = site.author().get(mine(site, ref)).text
    assert re.search(r"<ins><span[^>]*>[^<]+</span> ?le soir", shown)
    assert "Dites quand." in shown


def test_taking_the_wording_sends_it_in_one_step(site: Site, ref: str) -> None:
    assert answer(site, ref, "accept").status_code == 303
    assert title_of(site, ref) == WANTED
    assert the_request(site).status == "accepted"
    with site.session() as session:
        assert site.petition(session, ref).state == "in_admissibility"


def test_editing_first_leads_to_the_form_with_the_wording_in_it(site: Site, ref: str) -> None:
    reply = answer(site, ref, "edit")
    assert reply.location.endswith("/text")
    assert WANTED in site.author().get(reply.location).text
    assert the_request(site).status == "asked"


def test_leaving_the_text_sends_it_back_as_it_was(site: Site, ref: str) -> None:
    assert answer(site, ref, "leave", answer="Le soir va de soi.").status_code == 303
    assert title_of(site, ref) == TITLE
    assert (the_request(site).status, the_request(site).answer) == (
        "unchanged",
        "Le soir va de soi.",
    )


def test_a_word_to_the_office_that_is_too_long_is_kept_on_the_page(site: Site, ref: str) -> None:
    reply = answer(site, ref, "leave", answer="x" * 1001)
    assert reply.status_code == 422
    assert "x" * 1001 in reply.text
    assert the_request(site).status == "asked"


def test_a_stale_page_and_a_stranger_change_nothing(site: Site, ref: str) -> None:
    client, page = site.author(), mine(site, ref)
    data = {"csrf_token": token(client, page), "version": "1", "do": "accept"}
    assert client.post(f"{page}/wording", data=data).status_code == 409
    other = site.author(b"\x55" * 32)
    csrf = token(other, "/fr/mine") if "csrf_token" in other.get("/fr/mine").text else ""
    data = {"csrf_token": csrf, "version": "1", "do": "accept"}
    assert other.post(f"{page}/wording", data=data).status_code in {400, 404}
    assert title_of(site, ref) == TITLE
