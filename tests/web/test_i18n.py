"""Languages: nothing visible escapes the catalogues, and French is complete."""

from __future__ import annotations

import datetime as dt
import re
from gettext import NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages import pofile

from petitions.platform.i18n import (
    TRANSLATIONS,
    Locale,
    current_locale,
    load_catalogues,
    read_catalogue,
    speak,
    speaking,
    text_for,
)
from tests.web.extraction import TEMPLATES, messages, sources, unmarked

CATALOGUES = load_catalogues(("en", "fr"), ZoneInfo("Europe/Paris"))
BELGIAN = load_catalogues(("nl", "de"), ZoneInfo("Europe/Brussels"))
EN, FR = CATALOGUES.locale("en"), CATALOGUES.locale("fr")
PLACES = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def used():
    return messages(sources())


TRANSLATED = ("de", "fr", "nl")


@pytest.mark.parametrize("lang", TRANSLATED)
def test_every_sentence_is_translated_into_each_language(used, lang):
    known = {m.id: m for m in read_catalogue(lang) if m.id}
    missing = [
        (key, sorted(files))
        for key, files in used.items()
        if key not in known
        or not all([known[key].string] if isinstance(key, str) else known[key].string)
    ]
    assert missing == []


@pytest.mark.parametrize("lang", TRANSLATED)
def test_no_sentence_of_a_catalogue_is_fuzzy_or_left_over(lang, used):
    for path in sorted((TRANSLATIONS / lang).glob("*.po")):
        with path.open("rb") as file:
            catalogue = pofile.read_po(file, locale=lang)
        assert [m.id for m in catalogue if m.id and m.fuzzy] == []
        if path.stem in {"public", "signing", "author"}:  # all their sentences stand in pages
            assert [m.id for m in catalogue if m.id and m.id not in used] == []
        assert dict(catalogue.obsolete) == {}


@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_translation_has_the_same_places_as_its_source(lang):
    for message in read_catalogue(lang):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, tuple) else (message.id,)
        target = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACES.findall(" ".join(source)))
        for text in target:
            assert set(PLACES.findall(text)) == wanted, message.id


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: str(p.relative_to(TEMPLATES))
)
def test_no_visible_text_of_a_template_escapes_gettext(path: Path):
    assert unmarked(path.read_text()) == []


def test_the_search_for_unmarked_text_finds_some():
    assert unmarked('<p>{{ _("Sign") }} Hello</p>') == ["Hello"]
    assert unmarked('<input aria-label="Name">') == ["Name"]
    assert unmarked("<p>{{ page.title }} · {# note #}{% if x %}CSV{% endif %}</p>") == []


def test_a_sentence_translated_twice_differently_is_refused(tmp_path):
    folder = tmp_path / "fr"
    folder.mkdir()
    for name, text in (("a", "Signer"), ("b", "Soutenir")):
        (folder / f"{name}.po").write_text(
            f'msgid ""\nmsgstr ""\n\nmsgid "Sign"\nmsgstr "{text}"\n'
        )
    with pytest.raises(ValueError, match="translated twice"):
        read_catalogue("fr", tmp_path)


def test_dates_are_written_as_parliaments_write_them():
    assert EN.date(dt.date(2026, 1, 14)) == "14 January 2026"
    assert FR.date(dt.date(2026, 1, 14)) == "14 janvier 2026"
    assert FR.date(dt.date(2026, 5, 1)) == "1er mai 2026"
    assert FR.date(dt.date(2026, 5, 11)) == "11 mai 2026"
    assert EN.date(None) == ""


def test_dates_numbers_and_plurals_are_dutch_and_german_too():
    nl, de = BELGIAN.locale("nl"), BELGIAN.locale("de")
    assert nl.date(dt.date(2026, 1, 14)) == "14 januari 2026"
    assert de.date(dt.date(2026, 1, 14)) == "14. Januar 2026"
    assert (nl.number(48_213), de.number(48_213)) == ("48.213", "48.213")
    assert (nl.days_left(1), nl.days_left(2)) == ("laatste dag", "nog 2 dagen")
    assert (de.days_left(1), de.days_left(2)) == ("letzter Tag", "noch 2 Tage")


def test_an_instant_is_shown_on_its_local_day():
    late = dt.datetime(2026, 6, 30, 22, 30, tzinfo=dt.UTC)
    assert EN.date(late) == "1 July 2026"
    assert EN.iso(late) == "2026-07-01"
    assert EN.datetime(late) == "1 July 2026 at 00:30"
    assert FR.datetime(late) == "1er juillet 2026 à 00:30"


def test_numbers_follow_the_language():
    assert EN.number(48_213) == "48,213"
    assert FR.number(48_213) == "48\u202f213"


def test_delays_have_their_plural():
    assert EN.days_left(1) == "last day"
    assert EN.days_left(2) == "2 days left"
    assert FR.days_left(12) == "encore 12 jours"
    assert EN.days_late(1) == "1 day late"
    assert FR.days_late(12) == "12 jours de retard"
    assert FR.signatures(0) == "0 signature"
    assert EN.signatures(0) == "0 signatures"


def test_a_text_falls_back_to_english_then_to_any():
    assert text_for({"fr": "Sénat", "en": "Senate"}, "fr") == "Sénat"
    assert text_for({"nl": "Senaat", "en": "Senate"}, "fr") == "Senate"
    assert text_for({"nl": "Senaat"}, "fr") == "Senaat"
    assert text_for({}, "fr") == ""


def test_the_wanted_language_is_found_under_its_region():
    assert CATALOGUES.best(["nl", "fr-CH", "en"]).lang == "fr"
    assert CATALOGUES.best(["xx"]).lang == "en"
    assert CATALOGUES.locale("xx") is EN


def test_a_part_in_another_language_does_not_change_the_rest():
    speak(EN)
    with speaking(FR):
        assert current_locale().gettext("Sign") == "Signer"
    assert current_locale() is EN


def test_a_right_to_left_language_says_so():
    assert Locale("ar", NullTranslations()).dir == "rtl"
    assert EN.dir == "ltr"
