"""Journeys over the site where a rulebook asks for everything that it may ask at filing."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.services import texts
from petitions.storage.tables import (
    Addressee,
    Annex,
    FilingAnswer,
    Petition,
    PetitionText,
    WebSession,
)
from tests.filing.asking_town import a_pdf, build_asking, fields_of
from tests.web.posted_form import form_at
from tests.web.site import CLERK, REASONS, REQUEST, Site, hidden, token

TITLE = "Un bus toutes les vingt minutes"


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    made = build_asking(tmp_path, sqlite_uri)
    yield made
    made.close()


def send(client: FlaskClient, path: str, /, **form: object):
    return client.post(path, data={**hidden(client, path), **form})


def begin(client: FlaskClient, **form: object) -> str:
    answer = send(
        client, "/en/start/new", **{"title": TITLE, "language": "fr", "kind": "petition"} | form
    )
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[0]


def written(client: FlaskClient) -> str:
    draft = begin(client, also="bellerive")
    assert send(client, f"{draft}/similar").status_code == 303
    answer = send(
        client, f"{draft}/text", title=TITLE, summary="Plus de bus.", request=REQUEST,
        reasons=REASONS, seen="y",
    )  # fmt: skip
    assert answer.location == f"{draft}/choices"
    return draft


def complete(client: FlaskClient) -> str:
    draft = written(client)
    answer = send(
        client, f"{draft}/choices", **{"choice-effect": "hearing", "choice-window": "P2M"}
    )
    assert answer.location == f"{draft}/files"
    answer = send(
        client, f"{draft}/you", name="Claire Lefort", email="claire@example.org",
        residence="Valmont", birth_date="1990-02-03",
    )  # fmt: skip
    assert answer.location == f"{draft}/check"
    return draft


def send_off(client: FlaskClient, draft: str):
    path = f"{draft}/check"
    form = fields_of(client.get(path).text, path)
    return client.post(path, data=form)


def add_file(client: FlaskClient, draft: str, content: bytes, name: str):
    """Encoded by hand: the client would leave a large body in a temporary file of its own."""
    form = {
        "csrf_token": token(client, f"{draft}/files"),
        "file": FileStorage(io.BytesIO(content), name),
    }
    boundary, body = encode_multipart(form)
    return client.post(
        f"{draft}/files", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )


def petition(site: Site) -> Petition:
    with site.session() as session:
        return session.scalars(select(Petition)).one()


def test_the_start_page_tells_kinds_excluded_matters_and_where_to_log_in(site: Site) -> None:
    page = site.visitor().get("/en/start?assembly=valmont&kind=appeal").text
    assert "One person asks the council." in page
    assert "First of all" in page
    assert "Individual case" in page
    assert "/en/start/login?assembly=valmont&amp;kind=appeal" in page
    assert "aged 18 or over" in page


def test_everything_that_was_asked_is_shown_again_and_filed(site: Site) -> None:
    author = site.author()
    draft = complete(author)
    add_file(author, draft, a_pdf(2), "../plan of lines.pdf")
    check = author.get(f"{draft}/check").text
    for told in ("A hearing", "2 months", "Valmont", "1990-02-03", "plan of lines.pdf",
                 "Plus de bus.", "Bellerive"):  # fmt: skip
        assert told in check, told
    assert send_off(author, draft).location == f"{draft}/sent"
    filed = petition(site)
    assert filed.choices == {"effect": "hearing", "window": "P2M"}
    with site.session() as session:
        assert session.scalars(select(Addressee.assembly)).all() == ["bellerive"]
        answers = {each.field: each.value for each in session.scalars(select(FilingAnswer))}
        assert answers == {"residence": "Valmont", "birth_date": "1990-02-03"}
        assert session.scalars(select(Annex.name)).all() == ["plan of lines.pdf"]


def test_what_is_wrong_in_a_choice_is_named_and_what_was_chosen_kept(site: Site) -> None:
    author = site.author()
    draft = written(author)
    answer = send(
        author, f"{draft}/choices", **{"choice-effect": "hearing", "choice-window": "P5M"}
    )
    assert answer.status_code == 422
    assert "must be between P1M and P3M; this was P5M" in answer.text
    assert 'value="P5M"' in answer.text
    assert re.search(r'value="hearing" checked', answer.text)
    empty = send(author, f"{draft}/choices", **{"choice-window": "P2M"})
    assert empty.status_code == 422
    assert petition(site).choices == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"MZ a program", "Only PDF, PNG and JPEG"),
        (a_pdf(3), "This file has 3 pages; at most 2"),
        (a_pdf(1, b"4 0 obj <</S /JavaScript /JS (app.alert(1))>> endobj"), "holds a program"),
        (a_pdf(1, b"trailer <</Encrypt 9 0 R>>"), "locked"),
        (b"\x89PNG\r\n\x1a\n broken", "damaged"),
        (a_pdf(1) + b" " * 1_000_001, "too large"),
    ],
    ids=["program", "pages", "active", "locked", "damaged", "large"],
)
def test_a_file_that_is_refused_says_why_and_is_not_kept(
    site: Site, content: bytes, told: str
) -> None:
    author = site.author()
    draft = written(author)
    answer = add_file(author, draft, content, "annex.pdf")
    assert answer.status_code == 422, answer.text
    assert told in answer.text
    with site.session() as session:
        assert session.scalars(select(Annex)).all() == []


def test_no_other_form_may_carry_as_much_as_a_file(site: Site) -> None:
    author = site.author()
    draft = written(author)
    answer = author.post(f"{draft}/you", data={"name": "x" * 900_000})
    assert answer.status_code == 413


def test_wrong_answers_keep_everything_that_was_typed(site: Site) -> None:
    author = site.author()
    draft = written(author)
    answer = send(
        author,
        f"{draft}/you",
        name="",
        email="claire@",
        residence="Valmont",
        birth_date="03/02/1990",
    )
    assert answer.status_code == 422
    for kept in ("claire@", "Valmont", "03/02/1990", "year-month-day"):
        assert kept in answer.text


def test_a_text_with_a_link_is_refused_where_the_rules_allow_none(site: Site) -> None:
    author = site.author()
    draft = begin(author)
    answer = send(
        author, f"{draft}/text", title=TITLE, request="Voir https://example.org", reasons=REASONS
    )
    assert answer.status_code == 422
    assert "no links" in answer.text
    assert "https://example.org" in answer.text


def test_the_author_may_write_a_further_language_and_take_it_out_again(site: Site) -> None:
    author = site.author()
    draft = written(author)
    assert "the town council translates it" in author.get(f"{draft}/text").text
    path = f"{draft}/text/en"
    answer = send(
        author, path, title="A bus", request="We ask for a bus.", reasons="It is far.", seen="y"
    )
    assert answer.location == f"{draft}/text"
    assert author.get(f"{draft}/text/de").status_code == 404
    form_at(author, path, "remove").send(author)
    with site.session() as session:
        assert session.scalars(select(PetitionText.language)).all() == ["fr"]


def test_another_kind_asks_for_its_own_login(site: Site) -> None:
    with site.session() as session:
        author = site.author()
        row = session.scalars(select(WebSession)).one()
        row.kinds = ["petition"]
    page = author.get("/en/start/new").text
    assert "Appeal: other people may start one" in page
    refused = send(author, "/en/start/new", title=TITLE, language="fr", kind="appeal")
    assert refused.status_code == 422
    away = author.get("/en/start/new?kind=appeal")
    assert away.location == "/en/start/login?assembly=valmont&kind=appeal"


def test_a_stranger_reaches_neither_files_nor_further_texts(site: Site) -> None:
    author = site.author()
    draft = complete(author)
    stranger = site.author(b"\x09" * 32)
    for path in ("files", "files/1", "text/en", "choices", "you"):
        assert stranger.get(f"{draft}/{path}").status_code == 404


def test_saying_that_it_is_the_same_as_an_open_one_stops_the_way(site: Site) -> None:
    first = site.author()
    send_off(first, complete(first))
    translated_and_published(site)
    second = site.author(b"\x0a" * 32)
    draft = begin(second)
    page = second.get(f"{draft}/similar").text
    assert 'value="2026-0001"' in page
    stopped = send(second, f"{draft}/similar", same="2026-0001")
    assert stopped.status_code == 422
    assert "you can sign that one" in stopped.text
    onward = send(second, f"{draft}/similar", same="", difference="La nôtre vise le soir.")
    assert onward.status_code == 303


def translated_and_published(site: Site) -> None:
    with site.session() as session:
        found = session.scalars(select(Petition).where(Petition.reference == "2026-0001")).one()
        words = Words.of("A bus every twenty minutes", "We ask for a bus.", "It is far.")
        texts.translate(session, site.house, found, "en", words, CLERK, at=site.at)
    site.decide("2026-0001", Action.ACCEPT)


def test_the_public_page_marks_the_signed_text_and_serves_what_was_hashed(site: Site) -> None:
    author = site.author()
    draft = complete(author)
    add_file(author, draft, a_pdf(1), "plan.pdf")
    send_off(author, draft)
    visitor = site.visitor()
    assert visitor.get("/petitions/2026-0001/annexes/1").status_code == 404
    translated_and_published(site)
    page = visitor.get("/en/petitions/2026-0001").text
    assert "official translation" in page
    assert "the text that people sign" in page
    assert 'lang="fr"' in page
    text = visitor.get("/petitions/2026-0001/texts/fr.txt")
    assert b"annex 1 " in text.data
    with site.session() as session:
        row = session.get_one(PetitionText, (petition(site).id, "fr"))
        assert hashlib.sha256(text.data).digest() == row.text_hash
    annex = visitor.get("/petitions/2026-0001/annexes/1")
    assert annex.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in annex.headers["Content-Security-Policy"]
    assert annex.headers["X-Content-Type-Options"] == "nosniff"


def test_each_assembly_has_its_own_home_list_and_look(site: Site) -> None:
    first = site.author()
    send_off(first, complete(first))
    translated_and_published(site)
    other = site.author(b"\x0b" * 32, assembly="bellerive")
    visitor = site.visitor()
    home = visitor.get("/en/valmont/").text
    assert "Town of Valmont" in home
    assert "/en/valmont/petitions" in home
    assert "A bus every twenty minutes" in visitor.get("/en/valmont/petitions").text
    there = {"base_url": "http://bellerive.example.org"}
    listed = visitor.get("/en/petitions", **there).text
    assert "A bus every twenty minutes" in listed
    assert "bellerive.theme." in listed
    assert "Town of Bellerive" in listed
    begun = visitor.get("/en/start", **there).text
    assert "/en/start/login?assembly=bellerive" in begun
    away = visitor.get("/en/start/login?assembly=bellerive", **there)
    assert away.status_code == 307
    assert away.location == "http://127.0.0.1:8000/en/start/login?assembly=bellerive"
    assert visitor.get("/en/mine", base_url="http://elsewhere.example").status_code == 400
    assert other.get("/en/mine").status_code == 200


def test_the_rules_changed_while_writing_and_the_page_says_so(site: Site) -> None:
    author = site.author()
    draft = complete(author)
    path = f"{draft}/check"
    form = fields_of(author.get(path).text, path)
    answer = author.post(path, data={**form, "rules": "7"})
    assert answer.status_code == 422
    assert "The rules changed while you were writing" in answer.text
    assert petition(site).state == "draft"
