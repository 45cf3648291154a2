"""Each signal on texts that should and should not raise it. The numbers are invented, their keys right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admissibility import checks
from admissibility.checks import bank_account, language
from admissibility.checks.check_digits import nir
from admissibility.checks.passages import marked
from admissibility.checks.signal import FormRules, Part, PetitionText, Severity, Signal, Span
from petitions.domain.vocabulary import Links, Unit

RULES = FormRules(title_max=40, text_max=400, links=Links.OFFICIAL, official_hosts=("gov.example",))
CALM = (
    "We ask the council to open the public library on Sunday afternoons, because many families "
    "work all week and cannot come on any other day of the week."
)


def found(
    title: str = "Open the library on Sundays",
    request: str = CALM,
    reasons: str = "",
    rules: FormRules = RULES,
    lang: str = "en",
) -> set[str]:
    return {s.code for s in checks.examine(PetitionText(title, request, reasons, lang), rules)}


def signal(code: str, request: str, rules: FormRules = RULES) -> Signal:
    listed = checks.examine(PetitionText("Open the library on Sundays", request, "", "en"), rules)
    return next(s for s in listed if s.code == code)


def test_a_calm_petition_raises_no_signal() -> None:
    assert found() == set()


def test_a_title_over_the_limit_says_by_how_much() -> None:
    text = PetitionText("x" * 38 + " is too long", CALM, "", "en")
    raised = next(s for s in checks.examine(text, RULES) if s.code == "title_too_long")
    assert raised.facts == {"length": 50, "limit": 40, "over": 10}


def test_composed_and_decomposed_letters_count_the_same() -> None:
    assert "title_too_long" not in found(title="e\u0301" * 40)


def test_words_are_counted_where_the_rulebook_counts_words() -> None:
    rules = FormRules(text_max=20, unit=Unit.WORDS)
    assert "text_too_long" in found(request="word " * 21, rules=rules)
    assert "text_too_long" not in found(request="word " * 20, rules=rules)


def test_a_line_end_counts_one_whatever_the_browser_sends() -> None:
    rules = FormRules(text_max=61, unit=Unit.CHARS)
    assert "text_too_long" not in found(request="a" * 30 + "\r\n" + "b" * 30, rules=rules)


def test_very_short_texts_and_missing_requests_are_pointed_at() -> None:
    assert found(title="Library", request="") == {
        "title_too_short",
        "request_missing",
        "text_too_short",
    }


def test_shouting_is_seen_and_abbreviations_are_left_in_peace() -> None:
    assert "capitals" in found(title="STOP THE NOISE RIGHT NOW")
    assert "capitals" not in found(title="NHS and SNCF and VAT on EU trains")
    assert "exclamations" in found(title="Open the library now!!!")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("see https://press.example/a", "links_not_official"),
        ("see https://bit.ly/abc", "links_shortened"),
        ("see http://192.0.2.7/a", "links_disguised"),
        ("see https://xn--e1afmkfd.example/", "links_disguised"),
        ("see https://[broken", "links_disguised"),
    ],
)
def test_links_are_judged_by_where_they_lead(text: str, code: str) -> None:
    assert code in found(request=f"{CALM} {text}")


def test_official_links_are_only_noted_and_forbidden_ones_named() -> None:
    text = f"{CALM} See https://www.gov.example/law."
    assert found(request=text) == {"links"}
    assert "links_not_allowed" in found(request=text, rules=FormRules(links=Links.NONE))
    assert "links_not_official" in found(request=f"{CALM} https://notgov.example/")


def test_the_stop_after_a_link_is_not_part_of_it() -> None:
    text = "Look at https://www.gov.example/law."
    span = signal("links", text).spans[0]
    assert text[span.start : span.end] == "https://www.gov.example/law"


@pytest.mark.parametrize(
    "text", ["06 12 34 56 78", "+33 6 12 34 56 78", "020 7946 0958", "+32 (0)2 549 62 11"]
)
def test_telephone_numbers_are_seen_in_the_ways_people_write_them(text: str) -> None:
    assert "phone_number" in found(request=f"{CALM} Call {text}.")


@pytest.mark.parametrize(
    "text", ["01.02.2026 to 01.03.2026", "2026-0142", "1 000 000 euros", "Article L2121-29"]
)
def test_dates_references_and_sums_are_not_telephone_numbers(text: str) -> None:
    assert "phone_number" not in found(request=f"{CALM} See {text}.")


def test_an_e_mail_address_is_seen_and_a_handle_is_not() -> None:
    assert "email_address" in found(request=f"{CALM} Write to j.doe@example.org now.")
    assert "email_address" not in found(request=f"{CALM} Ask @council on Sunday.")


@pytest.mark.parametrize(
    "iban", ["FR76 3000 6000 0112 3456 7890 189", "DE89370400440532013000", "BE68 5390 0754 7034"]
)
def test_an_iban_counts_if_its_check_digits_agree(iban: str) -> None:
    assert "bank_account" in found(request=f"{CALM} Pay {iban}, please.")
    wrong = iban[:-1] + ("0" if iban[-1] != "0" else "1")
    assert "bank_account" not in found(request=f"{CALM} Pay {wrong}, please.")


def test_an_iban_inside_a_longer_row_of_letters_is_none() -> None:
    assert "bank_account" not in found(request=f"{CALM} XDE89370400440532013000Y")


@given(st.text(alphabet="0123456789ABCDEF", max_size=40))
def test_checking_an_iban_never_fails(text: str) -> None:
    assert bank_account.valid_iban(text) in {True, False}


def test_corsican_numbers_read_2a_as_19_and_2b_as_18() -> None:
    for letters, digits in (("2A", "19"), ("2B", "18")):
        key = 97 - int(f"18505{digits}006084") % 97
        assert nir(f"18505{letters}006084{key:02d}")


def test_hidden_characters_are_named_by_what_they_do() -> None:
    assert "direction_marks" in found(title="Open \u202ethe library on Sundays")
    assert "unseen_characters" in found(title="Open the li\u200bbrary on Sundays")
    assert "control_characters" in found(title="Open the library \x07 on Sundays")
    assert "mixed_alphabets" in found(title="Open the libr\u0430ry on Sundays")


def test_a_joiner_in_persian_and_in_emoji_is_ordinary_writing() -> None:
    assert found(title="می\u200cخواهیم کتابخانه باز باشد") == set()
    assert "unseen_characters" not in found(title="Families \U0001f468\u200d\U0001f469 on Sundays")


def test_a_text_in_another_language_than_declared_is_pointed_at() -> None:
    french = "Nous demandons que la bibliothèque soit ouverte le dimanche pour les familles qui ne peuvent pas venir dans la semaine et qui travaillent avec des horaires décalés."
    assert "language_differs" in found(title="La bibliothèque", request=french, lang="en")
    assert "language_differs" not in found(title="La bibliothèque", request=french, lang="fr")
    assert language.guess("too short") is None


def test_serious_signals_come_first() -> None:
    listed = checks.examine(
        PetitionText("STOP THE NOISE RIGHT NOW!!!", f"{CALM} DE89370400440532013000", "", "en"),
        RULES,
    )
    assert listed[0].severity is Severity.SERIOUS
    assert listed[-1].severity is Severity.NOTICE


def test_no_signal_repeats_what_it_found() -> None:
    """A number found in a text must not be copied into facts, which are shown, stored and logged."""
    text = f"{CALM} 06 12 34 56 78 j.doe@example.org DE89370400440532013000"
    for raised in checks.examine(PetitionText("Open the library", text, "", "en"), RULES):
        assert not any(
            "06 12" in str(v) or "@" in str(v) or "DE89" in str(v) for v in raised.facts.values()
        )


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_makes_a_check_fail_and_spans_stay_inside(title: str, request: str) -> None:
    text = PetitionText(title, request, "", "fr")
    parts = {Part.TITLE: title, Part.REQUEST: request}
    for raised in checks.examine(text, RULES):
        for span in raised.spans:
            assert 0 <= span.start <= span.end <= len(parts[span.part])


@given(
    st.text(max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=5)
)
def test_marking_passages_loses_and_adds_nothing(text: str, places: list[tuple[int, int]]) -> None:
    spans = tuple(Span(Part.REQUEST, *place) for place in places)
    runs = list(marked(text, Part.REQUEST, [Signal("x", Severity.NOTICE, {}, spans)]))
    assert "".join(run.text for run in runs) == text


def test_overlapping_signals_are_both_named_on_the_passage() -> None:
    one = Signal("one", Severity.NOTICE, {}, (Span(Part.TITLE, 0, 4),))
    two = Signal("two", Severity.NOTICE, {}, (Span(Part.TITLE, 2, 6),))
    runs = [(run.text, run.codes) for run in marked("abcdefgh", Part.TITLE, [one, two])]
    assert runs == [("ab", ("one",)), ("cd", ("one", "two")), ("ef", ("two",)), ("gh", ())]
