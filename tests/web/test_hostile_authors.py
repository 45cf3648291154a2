"""The desk as an author would attack it: markup, floods, letters that deceive, a thousand petitions."""

from __future__ import annotations

import gzip
import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from petitions.domain.errors import InvalidError
from petitions.domain.words import Words
from petitions.services import filing
from petitions.storage.tables import Petition, PetitionText, Review
from tests.web.office_house import START, WHY, Office, make_office
from tests.web.site import Site, build, token
from tests.web.test_author import start
from tests.web.town import close_site

EVIL = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7*7 }} <b>gras</b>'


@pytest.fixture
def office(open_engine, sqlite_uri) -> Office:
    return make_office(open_engine(sqlite_uri))


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    found = build(tmp_path, sqlite_uri)
    yield found
    close_site(found)


def by_one_hand(office: Office) -> None:
    """All petitions become those of one author, as the engine's mark has it."""
    with office.session() as session:
        session.execute(update(Petition).values(author_tag=b"\x21" * 32))


def test_markup_is_text_on_every_page_of_the_case(office: Office) -> None:
    one = office.file_petition("Fermer la place <script>alert(1)</script>", EVIL, EVIL + WHY)
    other = office.file_petition("Fermer la place <b>le samedi</b>", EVIL + " bis", WHY)
    with office.session() as session:
        office.lock(session, one).difference = EVIL
    clerk = office.sign_in("petit")
    for path in (
        f"/office/cases/{one}",
        f"/office/cases/{one}/compare/{other}",
        f"/office/cases/{one}/change",
        f"/office/cases/{one}/filing",
    ):
        shown = clerk.get(path).text
        assert "<script>" not in shown, path
        assert "<img src=x" not in shown, path
        assert "{{ 7*7 }}" in html.unescape(shown) or path.endswith("filing"), path


def test_a_change_proposed_in_markup_reaches_the_author_as_text(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    clerk, page = office.sign_in("petit"), f"/office/cases/{ref}/change"
    form = {**office.versions(ref), "text-fr": EVIL, "title-fr": "<b>Ouvrir</b>", "summary-fr": "",
            "request-fr": EVIL, "reasons-fr": WHY}  # fmt: skip
    shown = office.post(clerk, page, page, do="preview", **form).text
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ouvrir \u202ela bibliothèque", "RIGHT-TO-LEFT OVERRIDE"),
        ("Ouvrir la bib\u200bliothèque", "ZERO WIDTH SPACE"),
        ("Ouvrir la\x00 bibliothèque", "U+0000"),
        ("Ouvrir la biblioth" + "e\u0301" + "\u0301" * 40 + "que", "COMBINING ACUTE ACCENT"),
    ],
)
def test_letters_that_deceive_are_refused_by_name_when_they_are_filed(
    office: Office, title: str, name: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        office.file_petition(title)
    assert refused.value.fields["title"][1]["name"] == name


def test_what_older_texts_hide_is_shown_at_the_desk_and_turns_nothing_round(office: Office) -> None:
    ref = office.file_petition("Ouvrir la bibliothèque le dimanche")
    with office.session() as session:
        petition = office.petition(session, ref)
        text = session.get_one(PetitionText, (petition.id, "fr"))
        text.request = "Payer \u202e000 1\u202c euros au \u200bvoisin."
    shown = office.sign_in("petit").get(f"/office/cases/{ref}").text
    case = shown[shown.index('id="text"') : shown.index('id="check"')]
    assert "\u202e" not in case
    assert "⟨U+202E⟩" in case
    assert "⟨U+200B⟩" in case
    assert "Hidden direction marks" in shown


def test_a_copy_with_joiners_between_its_letters_is_found_beside_the_first(office: Office) -> None:
    office.file_petition("Fermer la place du Marché aux voitures le samedi")
    copy = office.file_petition(
        "Fermer la pl\u200dace du Mar\u200dché aux voi\u200dtures le samedi"
    )
    shown = office.sign_in("petit").get(f"/office/cases/{copy}").text
    assert "Invisible characters" in shown
    assert re.search(rf"/office/cases/{copy}/compare/\d{{4}}-\d+", shown)


def test_ten_megabytes_are_turned_away_before_anybody_reads_them(site: Site) -> None:
    author = site.author()
    draft = start(author)
    csrf = token(author, f"{draft}/text")
    begun = time.monotonic()
    data = {"csrf_token": csrf, "title": "Un bus", "request": "x" * 10_000_000, "reasons": "y"}
    assert author.post(f"{draft}/text", data=data).status_code == 413
    assert time.monotonic() - begun < 5
    with site.session() as session:
        assert session.scalar(select(func.max(func.length(PetitionText.request)))) == 0


def test_a_person_files_no_more_than_the_rules_let_them(office: Office) -> None:
    tag, sent, refused = b"\x33" * 32, 0, 0
    book = office.house.library.rulebook("town", START.date())
    for number in range(1000):
        try:
            with office.session() as session:
                petition = filing.start_draft(
                    session, book, assembly="valmont", kind="petition", tag=tag, language="fr",
                    title=f"Demande numéro {number}", at=START,
                )  # fmt: skip
                filing.see_similar(petition, "")
                words = Words.of(f"Demande numéro {number}", "Nous demandons ceci.", WHY)
                filing.write_text(session, office.house, petition, words)
                filing.write_author(petition, "Claire Lefort", "claire@example.org")
                session.commit()
                filing.submit(session, office.house, book, petition, START)
                sent += 1
        except InvalidError as error:
            refused += 1
            assert error.code in {"open_per_author", "too_many_drafts"}
    assert (sent, refused) == (2, 998)
    with office.session() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 2
        kept = session.scalar(select(func.count()).select_from(Petition))
        assert kept == 2 + filing.DRAFTS_MAX


def test_a_flood_by_one_hand_is_named_and_drowns_nobody(office: Office) -> None:
    refs = [office.file_petition(f"Demande numéro {number} au conseil") for number in range(30)]
    by_one_hand(office)
    office.clock.forward(days=1)
    quiet = office.file_petition("Réparer le pont de la rivière")
    clerk = office.sign_in("petit")
    case = clerk.get(f"/office/cases/{refs[0]}")
    assert "Same author: 29 more" in case.text
    listed = case.text[case.text.index('id="fellows"') : case.text.index('id="notes"')]
    assert listed.count("<li>") == 8
    assert len(gzip.compress(case.data)) < 30_000
    assert "Same author" not in clerk.get(f"/office/cases/{quiet}").text
    queue = clerk.get("/office/queue")
    assert queue.status_code == 200
    assert len(gzip.compress(queue.data)) < 60_000
    assert quiet in clerk.get("/office/queue?q=rivi%C3%A8re").text


def test_a_text_of_nothing_but_marks_keeps_the_page_small(office: Office) -> None:
    mails = " ".join(f"voisin{number}@example.org" for number in range(180))
    ref = office.file_petition("Écrire à tous les voisins", mails[:2400], mails[:2500])
    case = office.sign_in("petit").get(f"/office/cases/{ref}")
    assert case.text.count("<mark") <= 60
    assert len(gzip.compress(case.data)) < 30_000
