"""Words that stay true: for any assembly, for names instead of codes, for what a page promises."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import petitions
from petitions.domain.predicates import Predicate
from petitions.domain.rulebook_files import load_directory
from petitions.platform.i18n import load_catalogues, speaking
from petitions.web import rule_words
from petitions.web.pages import TimelineEntry
from petitions.web.public_pages import courses
from tests.web import sample_journeys, samples
from tests.web.extraction import messages, sources
from tests.web.rendering import render, stage

LIBRARY = load_directory(Path(petitions.__file__).parent / "rulebooks")
CATALOGUES = load_catalogues(("en", "fr"))


@pytest.fixture(params=["en", "fr"])
def lang(request):
    with speaking(CATALOGUES.locale(request.param)):
        yield request.param


def _sentences() -> list[str]:
    return [
        part for key in messages(sources()) for part in ((key,) if isinstance(key, str) else key)
    ]


def test_no_sentence_takes_every_assembly_for_a_parliament():
    assert [text for text in _sentences() if "Parliament" in text] == []


def test_a_place_is_named_whether_country_town_or_area(lang):
    area = next(iter(LIBRARY.areas("fr-departements").names))
    named = {code: rule_words.place_words(LIBRARY, code) for code in ("FR", "valmont", area)}
    town = {"en": "Town of Valmont", "fr": "Ville de Valmont"}[lang]
    assert named == {
        "FR": "France",
        "valmont": town,
        area: LIBRARY.areas("fr-departements").names[area],
    }


def test_a_condition_names_the_place_and_the_register(lang):
    who = rule_words.who(Predicate.from_toml({"resident_of": "valmont", "age_min": 16}), LIBRARY)
    assert "Valmont)" in who
    assert "valmont" not in who
    register = rule_words.who(Predicate.from_toml({"in_register": "rnipp"}), LIBRARY)
    assert "(RNIPP)" in register
    assert "rnipp" not in register


def test_the_body_that_owes_an_answer_is_not_named_twice(lang):
    assert (
        rule_words.owed("Town council", "Answer of the town council")
        == "Answer of the town council"
    )
    assert re.fullmatch(r"Bureau\s?: Answer", rule_words.owed("Bureau", "Answer"))
    assert rule_words.owed("", "Answer") == "Answer"


def test_a_level_is_told_in_the_words_of_its_own_rulebook(lang):
    (book,) = LIBRARY.rulebooks["fr-senat"]
    milestone = book.default_kind.milestones[0]
    told = rule_words.consequence(LIBRARY, book.id, "senat", milestone)
    assert told.count("Conf") == 1
    assert {"en": "alone decides", "fr": "décide seule"}[lang] in rule_words.limits_of(
        LIBRARY, book.id, milestone
    )


def test_the_wording_of_rulebooks_is_set_as_in_print(lang):
    for noun, code in (("grounds", "individual-case"), ("grounds", "privacy")):
        text = rule_words.words_for(LIBRARY, noun, code, "town")
        assert not re.search(r"'| [:;?!»]|« ", text.title + text.text + text.reference)


def test_kinds_that_go_the_same_way_are_told_once_and_others_apart():
    one = sample_journeys.PROCEDURE
    twin, other = (
        replace(one, kind="Suggestion"),
        replace(one, kind="Initiative", open_for="2 years"),
    )
    assert [each.kind for each in courses((one, twin, other))] == [
        "Petition / Suggestion", "Initiative"
    ]  # fmt: skip


def test_a_last_day_to_act_is_not_said_to_be_due():
    page = replace(
        samples.OPEN,
        timeline=(
            TimelineEntry("Signing ends", due=date(2026, 7, 14), to_act=True, days_left=9),
            TimelineEntry("The committee answers", due=date(2026, 8, 14), days_left=40),
        ),
    )
    html = render(stage(), "public/petition.html", page)
    assert re.search(r'Last day: <time datetime="2026-07-14">', html)
    assert re.search(r'Due by <time datetime="2026-08-14">', html)


def test_the_steps_of_signing_offer_no_other_language_where_they_would_be_lost():
    app = stage()
    for name in ("confirm", "done", "already", "withdraw confirm"):
        assert 'class="lang"' not in render(app, *sample_journeys.TEMPLATES[name])
    assert 'class="lang"' in render(app, *sample_journeys.TEMPLATES["petition published"])


def test_who_reads_a_translation_is_told_which_text_is_signed():
    page = replace(sample_journeys.CONFIRM, text_language="fr", title_read="A night bus")
    html = render(stage(), "signing/confirm.html", page)
    assert html.index("A night bus") < html.index("You sign the original text:")
    assert "You sign the original text" not in render(
        stage(), *sample_journeys.TEMPLATES["confirm"]
    )
