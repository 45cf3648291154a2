"""Two tabs on one draft of a procedure that asks for choices, files, answers and a second addressee."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.storage.tables import Annex, Petition
from tests.filing.asking_town import a_pdf, build_asking
from tests.filing.test_pages import written
from tests.web.posted_form import form_at, forms_of
from tests.web.site import Site


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    made = build_asking(tmp_path, sqlite_uri)
    yield made
    made.close()


def chosen(site: Site) -> dict[str, object]:
    with site.session() as session:
        return dict(session.scalars(select(Petition)).one().choices)


def test_choices_made_in_two_tabs_are_shown_side_by_side_in_words(site: Site) -> None:
    author = site.author()
    draft = written(author)
    first, second = (form_at(author, f"{draft}/choices") for _ in range(2))
    answers = {"choice-effect": "hearing", "choice-window": "P2M"}
    assert first.send(author, **answers).location == f"{draft}/files"
    assert first.send(author, **answers).location == f"{draft}/files", "a double click"
    late = second.send(author, **{**answers, "choice-window": "P3M"})
    assert late.status_code == 409
    assert forms_of(late.text)[0]["choice-window"] == "P3M"
    assert re.search(r"<blockquote[^>]*>P2M</blockquote>", late.text)
    assert "choice-effect-twice" not in late.text, "the same in both"
    assert chosen(site)["window"] == "P2M"
    assert forms_of(late.text)[0].send(author).location == f"{draft}/files"
    assert chosen(site) == {"effect": "hearing", "window": "P3M"}


def test_answers_that_only_these_rules_ask_are_kept_apart_too(site: Site) -> None:
    author = site.author()
    draft = written(author)
    first, second = (form_at(author, f"{draft}/you") for _ in range(2))
    given = {
        "name": "Claire Lefort", "email": "claire@example.org", "residence": "Valmont",
        "birth_date": "1990-02-03",
    }  # fmt: skip
    assert first.send(author, **given).status_code == 303
    late = second.send(author, **{**given, "residence": "Bellerive"})
    assert late.status_code == 409
    both = forms_of(late.text)[0]
    assert both["residence"] == "Bellerive"
    assert "Valmont" in late.text
    assert both.send(author).status_code == 303
    assert form_at(author, f"{draft}/you")["residence"] == "Bellerive"


def test_whom_else_it_asks_is_changed_on_the_first_page_and_never_unseen(site: Site) -> None:
    author = site.author()
    draft = written(author)
    first, second = (form_at(author, f"{draft}/title") for _ in range(2))
    assert first["also"] == "bellerive"
    assert first.send(author, also=[]).status_code == 303
    late = second.send(author, title="Un tram")
    assert late.status_code == 409
    assert "Changed only elsewhere" in late.text
    assert forms_of(late.text)[0].send(author).location == f"{draft}/similar"
    now = form_at(author, f"{draft}/title")
    assert now["title"] == "Un tram"
    assert "also" not in now.fields, "taken out in the other tab, and nobody put it back"


def test_an_old_page_takes_away_the_file_it_showed_and_no_other(site: Site) -> None:
    author = site.author()
    draft = written(author)
    path = f"{draft}/files"

    def add(name: str, pages: int) -> None:
        sent = {"file": (BytesIO(a_pdf(pages)), name)}
        csrf = form_at(author, path)["csrf_token"]
        assert author.post(path, data={"csrf_token": csrf, **sent}).status_code == 303

    add("plan.pdf", 1)
    old = form_at(author, path, "/remove")
    assert form_at(author, path, "/remove").send(author).status_code == 303
    add("other.pdf", 2)
    assert old.action == form_at(author, path, "/remove").action, "numbers are given anew"
    assert old.send(author).status_code == 409
    with site.session() as session:
        assert session.scalars(select(Annex.name)).all() == ["other.pdf"]
