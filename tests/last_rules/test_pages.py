"""The last rules over the real site: what an author, a promoter and a reader see and do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from petitions.services import milestone_effects
from petitions.storage.tables import Track
from tests.house import changed_library
from tests.last_rules.towns import SIGNING
from tests.web.posted_form import form_at, forms_of
from tests.web.site import TAG
from tests.web.test_sponsors import a_link, confirm, send, sent
from tests.web.town import ADDRESS, BASTIEN, Browser, Town, form_of, open_town

PROMOTERS = (
    '[[sponsors]]\nid = "supporters"\nmin = 2\nauthor_counts = true\nin_total = "none"\n\n'
    "[signing]\nauthor_signs = true\n"
)


def a_town(folder: Path, uri: str, changes: dict[str, str]) -> Iterator[Town]:
    changed_library(folder, "town", changes)
    with open_town(folder, uri, rulebooks=folder / "rulebooks") as found:
        yield found


@pytest.fixture
def promoted(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    yield from a_town(tmp_path, database_uri, {"[signing]\n": PROMOTERS})


@pytest.fixture
def open_to_edits(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    changes = {
        SIGNING: (
            'channels = ["online", "paper"]\n'
            'window = { length = "P2M", start = "chosen", chosen_within = "P1M" }\n'
            'verification = { paper = "certificate", by = "town_clerk" }'
        ),
        "[publicity]\n": '[extras]\nauthor_edits = true\ncooling_off = "P3D"\n\n[publicity]\n',
    }
    yield from a_town(tmp_path, sqlite_uri, changes)


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, page[-2000:]
    return found[1]


def together(author: Browser, mine: str, do: str = "ask") -> str:
    answer = send(
        author, mine, f"{mine}/withdraw-together", version=version(author.get(mine).text), do=do
    )
    return str(answer.text)


def agreed(visitor: Browser, link: str, person: str) -> str:
    back = visitor.log_in(f"{link}/login", person)
    assert back.headers["Location"] == "/en/support/agree", back.text[-800:]
    page = visitor.get("/en/support/agree").text
    assert "I agree: withdraw it" in page
    answer = visitor.post("/en/support/agree", form_of(page, "/en/support/agree"))
    return str(answer.location)


def test_everybody_who_promotes_a_petition_agrees_to_its_withdrawal(promoted: Town) -> None:
    author = promoted.browser()
    sponsors = sent(promoted, author)
    confirm(promoted.browser(), a_link(author, sponsors), BASTIEN)
    mine = sponsors.removesuffix("/sponsors")
    shown = author.get(mine).text
    assert "Agreed so far: 0 of 1" in shown
    assert "Withdraw this petition for good" not in shown
    page = together(author, mine)
    found = re.search(r'<p class="code">([^<]+/support/withdrawal/[^<]+)</p>', page)
    assert found, page[-2000:]
    link = unescape(found[1]).removeprefix(ADDRESS).replace("/fr/", "/en/", 1)
    assert found[1] not in author.get(mine).text, "shown once"
    before = promoted.browser().get(link).text
    assert "All of you must agree" in before
    assert "Un bus" not in before, "no title before the login"
    assert agreed(promoted.browser(), link, "somebody-else").endswith("what=nothing")
    assert agreed(promoted.browser(), link, BASTIEN).endswith("what=withdrawn")
    assert "has ended" in promoted.browser().get("/en/support/thanks?what=withdrawn").text
    assert "Withdrawn" in author.get(mine).text


def test_a_link_that_is_called_off_leads_nowhere(promoted: Town) -> None:
    author = promoted.browser()
    sponsors = sent(promoted, author)
    confirm(promoted.browser(), a_link(author, sponsors), BASTIEN)
    mine = sponsors.removesuffix("/sponsors")
    page = together(author, mine)
    link = unescape(re.findall(r"/support/withdrawal/[^<]+", page)[0])
    assert promoted.browser().get(f"/en{link}").status_code == 200
    together(author, mine, "call_off")
    assert promoted.browser().get(f"/en{link}").status_code == 404
    assert promoted.browser().get(f"/en{link}/login").status_code == 404


def mine_of(town: Town, ref: str) -> str:
    with town.site.session() as session:
        return f"/en/mine/{town.site.petition(session, ref).id}"


def test_the_author_edits_a_public_text_and_readers_see_both_versions(
    open_to_edits: Town,
) -> None:
    site = open_to_edits.site
    ref = site.publish("Un bus de nuit", tag=TAG)
    author = Browser(open_to_edits, site.author(TAG))
    mine = mine_of(open_to_edits, ref)
    seen = form_at(author.client, f"{mine}/text")["shown"]
    form = {"title": "Deux bus de nuit", "request": "Deux bus.", "reasons": "La nuit est longue."}
    stale = send(author, f"{mine}/text", shown="", **form)
    assert stale.status_code == 409
    assert forms_of(stale.text)[0]["title"] == "Deux bus de nuit", "kept, to be sent again"
    empty = send(author, f"{mine}/text", shown=seen, title="", request="", reasons="")
    assert empty.status_code == 422
    done = send(author, f"{mine}/text", shown=seen, **form)
    assert done.status_code == 303, done.text[-1500:]
    shown = open_to_edits.browser().get(f"/en/petitions/{ref}").text
    assert "Deux bus de nuit" in shown
    assert "Version 2 of the text" in shown
    assert "<h3>Un bus de nuit</h3>" in shown
    assert "its author may still change it" in shown
    assert "A signature counts after" not in shown, "nobody can sign yet"


def test_the_author_declares_paper_in_their_own_space(open_to_edits: Town) -> None:
    site = open_to_edits.site
    ref = site.publish("Un bus de nuit", tag=TAG)
    author = Browser(open_to_edits, site.author(TAG))
    mine = mine_of(open_to_edits, ref)

    def declare(number: str) -> object:
        page = author.get(mine).text
        return send(author, mine, f"{mine}/paper", version=version(page), declared=number)

    assert declare("many").status_code == 422  # type: ignore[attr-defined]
    assert declare("1 250").status_code == 303  # type: ignore[attr-defined]
    assert "By your own word, you have 1,250 on paper" in author.get(mine).text
    assert "1,250" in open_to_edits.browser().get(f"/en/petitions/{ref}").text
    other = Browser(open_to_edits, site.author(b"\x09" * 32))
    assert other.get(mine).status_code == 404


def test_what_a_milestone_features_stands_first_on_the_home_page(open_to_edits: Town) -> None:
    site = open_to_edits.site
    ref = site.publish("Un bus de nuit")
    with site.session() as session:
        petition = site.petition(session, ref)
        session.add(
            Track(
                petition_id=petition.id, code="first", effect=milestone_effects.FEATURE,
                force="may", status="decided", opened_at=site.at, decided_at=site.at, provisional=False,
                internal=False, late=False, cause="", texts={},
            )
        )  # fmt: skip
    page = open_to_edits.browser().get("/en/").text
    assert '<h2 id="featured">Featured</h2>' in page
    listed = open_to_edits.browser().get("/en/petitions").text
    assert '<span class="tag">Featured</span>' in listed


@pytest.fixture
def thoughtful(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    changes = {"[publicity]\n": '[extras]\ncooling_off = "P3D"\n\n[publicity]\n'}
    yield from a_town(tmp_path, sqlite_uri, changes)


def test_the_page_says_from_which_day_a_signature_counts(thoughtful: Town) -> None:
    ref = thoughtful.publish()
    assert (
        "A signature counts after 3 days." in thoughtful.browser().get(f"/en/petitions/{ref}").text
    )
    browser = thoughtful.browser()
    answer = browser.sign(ref)
    page = browser.get(answer.location).text if answer.status_code == 303 else answer.text
    assert "It counts from 6 March 2026 on." in page, page[-3000:]
    assert "within 24 hours of the day from which it counts" in page
