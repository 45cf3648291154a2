"""Letters: complete in both languages, safe in their headers, never sent in another language."""

from __future__ import annotations

import itertools

import pytest

from admissibility.letters import CODES, FACTS, languages, render
from petitions.domain.errors import InvalidError

EVERY = {
    "site": "Example Parliament",
    "reference": "2026-0142",
    "title": "Ban single-use vapes",
    "author_link": "https://p.example/en/mine/1",
    "contact": "petitions@parliament.example",
    "decide_by": "2026-12-01",
    "sponsors_needed": 0,
    "outcome": "accept",
    "terms": "",
    "link": "https://p.example/en/petitions/2026-0142",
    "last_day": "2027-05-01",
    "points": ["Shorten the title.", "Remove the telephone number."],
    "proposed": False,
    "due": "2026-12-20",
    "returns_left": 1,
    "grounds": [
        {"title": "Individual case", "article": "Art. 4", "appeal": "You may ask for a review."}
    ],
    "reasons": "It concerns one person.",
    "count": 123456,
    "threshold": 100000,
    "duties": [{"title": "Reply", "body": "Government", "due": "2027-01-01"}],
    "body": "Petitions Committee",
    "summary": "The committee agrees.",
    "cause": "lapse",
    "legal_basis": "Order 7/2026",
    "asked_by": "court",
    "target_reference": "2026-0099",
    "target_title": "Ban vapes that are thrown away",
}


TO_BODIES = frozenset({"body_informed"})


@pytest.mark.parametrize(("code", "lang"), list(itertools.product(CODES, ["en", "fr", "nl", "de"])))
def test_every_letter_exists_and_names_the_petition(code: str, lang: str) -> None:
    letter = render(code, lang, EVERY)
    assert "2026-0142" in letter.subject
    own_page = str(EVERY["author_link"]) in letter.text
    assert own_page is (code not in TO_BODIES), "the author's own page is for the author alone"
    for named in ("Ban single-use vapes", "2026-0142", EVERY["contact"]):
        assert str(named) in letter.text
    assert "{" not in letter.text
    assert "\n\n\n" not in letter.text


@pytest.mark.parametrize("code", CODES)
def test_a_letter_names_every_fact_it_was_promised(code: str) -> None:
    for fact in FACTS[code]:
        with pytest.raises(InvalidError, match="letter_facts"):
            render(code, "en", {name: value for name, value in EVERY.items() if name != fact})


def test_a_letter_without_a_text_in_the_language_is_refused() -> None:
    with pytest.raises(InvalidError, match="letter_missing"):
        render("refused", "cy", EVERY)
    assert languages("refused") == ("de", "en", "fr", "nl")


def test_the_last_day_is_written_in_words_and_said_to_be_inside() -> None:
    assert "up to and including 1 May 2027" in render("admitted", "en", EVERY).text
    assert "jusqu’au 1er mai 2027 inclus" in render("admitted", "fr", EVERY).text


def test_what_a_citizen_wrote_cannot_add_a_header_or_a_line_to_the_subject() -> None:
    letter = render("admitted", "en", {**EVERY, "reference": "2026-0142\nBcc: all@example.org"})
    assert "\n" not in letter.subject
    titled = render("admitted", "en", {**EVERY, "title": "One\n\n\n\nTwo"})
    assert "Petition: One Two" in titled.text


def test_blank_lines_in_reasons_do_not_push_our_words_off_the_page() -> None:
    letter = render("refused", "en", {**EVERY, "reasons": "One.\n\n\n\n\n\n \n\nTwo."})
    assert "One.\n\nTwo." in letter.text


def test_a_refusal_is_not_called_a_closing_and_a_closing_no_refusal() -> None:
    assert "refused" in render("refused", "en", EVERY).text
    closed = render("closed_below", "en", EVERY).text
    assert "closed below the threshold; it has not been refused" in closed
    assert "123,456" in closed


def test_a_hidden_petition_is_never_linked() -> None:
    for lang in ("en", "fr"):
        assert str(EVERY["link"]) not in render("hidden", lang, EVERY).text


def test_an_appeal_note_shared_by_two_grounds_is_written_once() -> None:
    ground = EVERY["grounds"][0]  # type: ignore[index]
    text = render("refused", "en", {**EVERY, "grounds": [ground, ground]}).text
    assert text.count("You may ask for a review.") == 1


def test_the_last_correction_is_announced_as_the_last() -> None:
    assert "last correction" in render("returned", "en", {**EVERY, "returns_left": 0}).text
    assert "last correction" not in render("returned", "en", EVERY).text


@pytest.mark.parametrize(
    "cause",
    [
        "sponsors_missed",
        "correction_missed",
        "lapse",
        "start_missed",
        "submission_missed",
        "handover_missed",
        "other",
    ],
)
def test_each_cause_of_lapsing_has_its_own_sentence(cause: str) -> None:
    text = render("lapsed", "en", {**EVERY, "cause": cause}).text
    assert "This is not a refusal." in text
