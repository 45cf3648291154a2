"""Words of another language are marked as such on a page, and plain text everywhere else."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from jinja2 import Environment

import petitions
from petitions.domain.rulebook_files import Library, load_directory
from petitions.explaining.words import assembly_words, first_upper, words_for
from petitions.platform import i18n
from petitions.platform.spoken import Spoken, told_in


@pytest.fixture(scope="module")
def library() -> Library:
    return load_directory(Path(petitions.__file__).parent / "rulebooks")


@pytest.fixture
def shown():
    """A piece of template rendered for a Dutch reader."""
    environment = Environment(autoescape=True)
    i18n.install(environment)
    catalogues = i18n.load_catalogues(("en", "nl"))

    def render(template: str, **values: object) -> str:
        with i18n.speaking(catalogues.locale("nl")):
            return environment.from_string(template).render(**values)

    return render


def test_words_of_another_language_carry_their_language(shown) -> None:
    assert shown("{{ x|spoken }}", x=Spoken("Sénat & Cie", "fr")) == (
        '<span lang="fr">Sénat &amp; Cie</span>'
    )


def test_words_of_the_page_and_plain_text_are_only_escaped(shown) -> None:
    assert shown("{{ x|spoken }}", x=Spoken("<Senaat>", "nl")) == "&lt;Senaat&gt;"
    assert shown("{{ x|spoken }}", x="<Senaat>") == "&lt;Senaat&gt;"


def test_paragraphs_of_another_language_are_marked_each(shown) -> None:
    assert shown("{{ x|paragraphs }}", x=Spoken("Un\n\nDeux", "fr")) == (
        '<p lang="fr">Un</p>\n<p lang="fr">Deux</p>'
    )


def test_in_titles_and_attributes_it_is_plain_text(shown) -> None:
    assert shown('<i title="{{ x }}">', x=Spoken("Sénat", "fr")) == '<i title="Sénat">'


def test_a_name_without_a_dutch_form_is_told_in_the_own_language(library: Library) -> None:
    with i18n.speaking(i18n.load_catalogues(("en", "nl")).locale("nl")):
        name = assembly_words(library, "senat")
    assert name == "Sénat"
    assert isinstance(name, Spoken)
    assert name.lang == "fr"


def test_rules_that_were_never_written_in_a_language_are_marked_as_english(
    library: Library,
) -> None:
    with i18n.speaking(i18n.load_catalogues(("en", "nl")).locale("nl")):
        known = words_for(library, "grounds", "duplicate")
        title = first_upper(words_for(library, "kinds", "petition", "scottish-parliament").title)
    assert isinstance(known.title, Spoken)
    assert known.title.lang == "nl"
    assert isinstance(title, Spoken)


def test_the_language_outlives_being_kept_elsewhere() -> None:
    kept = pickle.loads(pickle.dumps(Spoken("Sénat", "fr")))
    assert (kept, kept.lang) == ("Sénat", "fr")


def test_the_first_language_that_there_is_wins() -> None:
    texts = {"de": "Rat", "fr": "Conseil", "en": ""}
    found = told_in(texts, "nl", "en", "fr")
    assert isinstance(found, Spoken)
    assert (found, found.lang) == ("Conseil", "fr")
    assert told_in({}, "nl") == ""


def test_french_sentences_are_set_without_lines_that_begin_with_a_colon() -> None:
    printed = i18n.load_catalogues(("en", "fr")).locale("fr").gettext("%(what)s: %(told)s")
    assert printed == "%(what)s\N{NO-BREAK SPACE}: %(told)s"
    loose = [
        text
        for message in i18n.read_catalogue("fr")
        for text in ([message.string] if isinstance(message.string, str) else message.string or ())
        if message.id and any(mark in text for mark in (" :", " ?", " !", " ;", " »", "« "))
    ]
    assert loose == []
