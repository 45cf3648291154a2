"""A rulebook in plain words, in four languages, with the diagram of its states."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from babel.messages import pofile

from petitions.domain.course import course
from petitions.domain.rulebook_files import load_directory
from petitions.explaining.diagram import diagram
from petitions.explaining.explanation import Part, explain, explain_kind
from petitions.explaining.playing import LANGUAGES
from petitions.explaining.state_words import edge_words, state_words
from petitions.explaining.text import course_lines, explanation_text
from petitions.explaining.words import Told
from petitions.platform.i18n import TRANSLATIONS, load_catalogues, read_catalogue, speaking
from tests.web.extraction import ROOT, messages

LIBRARY = load_directory(ROOT / "petitions" / "rulebooks")
BOOKS = [book for books in LIBRARY.rulebooks.values() for book in books]
LOCALES = {lang: load_catalogues((lang,)).default for lang in LANGUAGES}
PLACES = re.compile(r"%\((\w+)\)s")
SVG = "{http://www.w3.org/2000/svg}"


def told(book, language):
    with speaking(LOCALES[language]):
        return explain(LIBRARY, book)


def whole_text(book, language):
    with speaking(LOCALES[language]):
        return explanation_text(explain(LIBRARY, book))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("book", BOOKS, ids=lambda book: f"{book.id}-{book.version}")
def test_every_shipped_rulebook_is_explained_with_each_milestone_duty_and_stage(book, language):
    text = whole_text(book, language)
    assert "%(" not in text
    for kind in book.kinds.values():
        codes = [("milestones", each.id) for each in kind.milestones]
        codes += [("duties", each.id) for each in kind.after.duties]
        codes += [("stages", each.id) for each in kind.admissibility.stages]
        for noun, code in codes:
            titles = []
            for lang in (language, "en"):
                try:
                    titles.append(LIBRARY.wording(code, lang, noun=noun, rulebook=book.id).title)
                except KeyError:
                    continue
            assert any(title.replace("'", "’") in text for title in titles), (noun, code)
    assert all(path in text for path in book.confirm)


def test_the_town_is_told_as_its_rules_are_written():
    (kind,) = told(LIBRARY.rulebooks["town"][-1], "en").kinds
    parts = {section.part: section.points for section in kind.sections}
    assert parts[Part.FILING][0].text == (
        "Who may start one: resident (Town of Valmont), aged 16 or over."
    )
    check = parts[Part.CHECKS][0]
    assert check.text == "Check by the town clerk: decided by Town clerk within 10 working days."
    assert "Returned at most 2 times; the author then has 14 days each time." in check.below
    assert [point.text for point in parts[Part.MILESTONES]] == [
        "25 signatures: On the agenda of the town council."
    ]
    assert parts[Part.AFTER][0].text == (
        "Answer of the town council within 3 months of the step “On the agenda of the town council”."
    )
    assert parts[Part.CALENDAR][0].text == (
        "An outage of the site: the days it covers are added to the time for signing."
    )


@pytest.mark.parametrize(
    ("book", "language", "sentence"),
    [
        ("uk-parliament", "en", "One signature per account or e-mail address."),
        ("uk-parliament", "nl", "Eén handtekening per account of e-mailadres."),
        ("eu-eci", "en", "And in at least 7 areas the minimum of each (720 × “seats”)."),
        ("eu-eci", "de", "Und in mindestens 7 Gebieten die jeweilige Mindestzahl (720 × „seats“)."),
        ("ch-federal", "en", "Or, without that number: declarations of 8 areas."),
        ("brussels", "nl", "Alleen deze tellen: inwoners van het Brussels Hoofdstedelijk Gewest van 16 jaar of ouder."),
        ("brussels", "fr", "Parlement francophone bruxellois\u00a0: 12 membres et 36 personnes tirées au sort."),
        ("fi-national", "en", "With fewer than 50 signatures after 1 month it closes."),
        ("ca-house-of-commons", "fr", "Après un silence ou un refus, une autre personne est sollicitée, jusqu’à 5 fois."),
        ("de-bundestag", "de", "Sie wird nie veröffentlicht: Sie hat keine Seite und niemand sonst unterschreibt sie."),
        ("scottish-parliament", "en", "After one about the same subject has closed: not for 1 year."),
        ("barcelona", "en", "Item on the agenda 3,750"),
        ("uk-parliament", "en", "The language in which it is written: English."),
        ("de-bundestag", "de", "Zum Einreichen online braucht es eine bestätigte E-Mail-Adresse."),
        ("senedd", "fr", "Aucun texte n’est publié avant d’exister dans ces langues\u00a0: gallois et anglais."),
    ],
)  # fmt: skip
def test_what_is_particular_to_a_procedure_is_said(book, language, sentence):
    assert sentence in whole_text(LIBRARY.rulebooks[book][-1], language)


def test_a_kind_that_goes_on_as_another_below_its_number_says_so():
    book = LIBRARY.rulebooks["brussels"][-1]
    kind, other = next(iter(book.kinds.values())), list(book.kinds)[-1]
    changed = replace(kind, extras=replace(kind.extras, fallback_kind=other))
    with speaking(LOCALES["en"]):
        told = Told(LIBRARY, book, changed, book.assemblies[0])
        points = [point.text for section in explain_kind(told).sections for point in section.points]
    title = LIBRARY.wording(other, "en", noun="kinds", rulebook="brussels").title
    assert f"Closed under the threshold, it goes on as: {title}." in points


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_every_sentence_of_an_explanation_is_translated(language):
    used = messages(iter(sorted((ROOT / "petitions" / "explaining").glob("*.py"))))
    known = {m.id: m for m in read_catalogue(language) if m.id}
    wanted = [*used, ("%(num)s signature", "%(num)s signatures")]
    assert [key for key in wanted if key not in known or not known[key].string] == []


@pytest.mark.parametrize("language", ["nl", "de"])
def test_a_translation_keeps_the_places_of_its_source(language):
    with (TRANSLATIONS / language / "rulebook.po").open("rb") as file:
        catalogue = pofile.read_po(file, locale=language)
    for message in catalogue:
        if message.id:
            source = message.id if isinstance(message.id, tuple) else (message.id,)
            target = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = set(PLACES.findall(" ".join(source)))
            assert all(set(PLACES.findall(text)) == wanted for text in target), message.id


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: f"{book.id}-{book.version}")
def test_the_drawing_shows_every_state_and_says_every_move_in_its_description(book):
    for kind in book.kinds.values():
        found = course(kind)
        drawing = ET.fromstring(diagram(found, "A & B", name="one"))
        assert drawing.get("role") == "img"
        assert drawing.find(f"{SVG}title").text == "A & B"
        assert drawing.get("aria-labelledby") == "one-title one-desc"
        described = drawing.find(f"{SVG}desc").text
        assert all(line in described for line in course_lines(found))
        words = " ".join(each.text or "" for each in drawing.iter(f"{SVG}text"))
        for state in found.states:
            assert all(word in words for word in state_words(state).split())


def test_a_move_that_several_states_share_is_said_once():
    found = course(LIBRARY.rulebooks["town"][-1].default_kind)
    with speaking(LOCALES["en"]):
        lines = course_lines(found)
        assert len(lines) == len(set(lines)) < len(found.edges)
        assert edge_words(found.edges[0]) == "Draft → Being checked: the author sends it"
        withdrawn = [line for line in lines if "withdraws it" in line]
    who = "Draft, Being checked, Returned for correction or Published"
    why = "the author withdraws it, before the decisive number"
    assert withdrawn == [f"{who} → Withdrawn by its author: {why}"]


def test_the_states_of_the_town_are_drawn_as_they_were():
    """A change of the drawing is a change of this file: `golden/town.svg`."""
    drawn = diagram(course(LIBRARY.rulebooks["town"][-1].default_kind), "Town") + "\n"
    golden = Path(__file__).parent / "golden" / "town.svg"
    assert drawn == golden.read_text(encoding="utf-8")
