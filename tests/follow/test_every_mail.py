"""Each mail of the engine is shown at the desk, in each language whole, and reads well as plain text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from admissibility import letters
from admissibility.letter_samples import sample_of
from petitions import follow_words, mail_samples
from petitions.domain.following import Happening, MailKind, Scope
from petitions.mail_sample_facts import INVENTED, invented
from petitions.platform.i18n import load_catalogues, speaking
from petitions.platform.letterhead import WIDTH, Letter, as_html, folded, of_text, plain
from petitions.web.login_sample import login_letter

ROOT = Path(__file__).parents[2]
LANGS = ("en", "fr", "nl", "de")
SITE = "Petitions"
BASE = "https://petitions.example.org"
SENDERS = {
    "petitions/follow_mails.py": "followers: mail_samples",
    "petitions/letter_border.py": "login by e-mail: login_sample",
    "petitions/worker.py": "letters to authors and bodies: letter_samples",
}
"""Who composes a mail, and whose words of it the desk previews."""


@pytest.fixture(params=LANGS)
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    with speaking(load_catalogues(LANGS).locale(request.param)):
        yield request.param


def every(lang: str) -> dict[str, Letter]:
    found = {
        code: mail_samples.sample(code, SITE, f"{BASE}/{lang}", "Senate")
        for code in mail_samples.TITLES
    }
    found["login"] = login_letter(SITE, BASE)
    for code in letters.CODES:
        letter = letters.render(code, lang, {**sample_of(code, lang), "site": SITE})
        found[code] = of_text(letter.subject, letter.text, site=SITE, lang=lang)
    return found


def test_nobody_composes_a_mail_whose_words_the_desk_does_not_preview() -> None:
    composing = {
        str(path.relative_to(ROOT))
        for part in ("petitions", "identity", "admissibility")
        for path in (ROOT / part).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Mail"
    }
    assert composing == set(SENDERS)


def test_every_kind_of_mail_and_every_happening_has_its_sample() -> None:
    of_kind = {
        MailKind.CONFIRM: {"confirm"},
        MailKind.KNOWN: {"known"},
        MailKind.WEEKLY: {Happening.WEEK},
        MailKind.TEST: {Happening.MESSAGE},
        MailKind.HAPPENING: set(Happening) - {Happening.WEEK},
    }
    assert set(of_kind) == set(MailKind)
    assert set(mail_samples.TITLES) == {str(code) for codes in of_kind.values() for code in codes}


def test_every_letter_that_has_a_text_is_shown_with_facts_in_its_language(lang: str) -> None:
    written = {path.name.split(".")[0] for path in letters.folder().glob(f"[!_]*.{lang}.txt")}
    assert written == set(letters.CODES)
    for code in letters.CODES:
        facts = sample_of(code, lang)
        assert f"/{lang}/" in str(facts["link"]) and f"/{lang}/" in str(facts["author_link"])


def test_a_subject_is_read_whole_in_a_list_of_mails(lang: str) -> None:
    long = {
        code: letter.subject for code, letter in every(lang).items() if len(letter.subject) >= 70
    }
    assert long == {}


@pytest.mark.parametrize("what", sorted(set(Happening) - {Happening.WEEK, Happening.MESSAGE}))
def test_the_subject_of_a_long_title_is_cut_and_the_mail_says_it_whole(
    lang: str, what: Happening
) -> None:
    news = mail_samples._news(what, "Senate")
    title = "Every " + "very " * 20 + "long title of a petition"
    facts = {
        **news.facts,
        **({"title": "Hearing of everybody " * 4} if news.facts.get("title") else {}),
    }
    to = mail_samples._envelope(SITE, BASE, "")
    letter = follow_words.news_letter(
        replace(news, title=title if news.title else "", facts=facts), to
    )
    assert len(letter.subject) < 75  # the room that a sentence of two titles may take
    if news.title:
        assert "…" in letter.subject
        assert any(block.text == title for block in letter.blocks)


def test_the_plain_form_stands_in_72_columns_with_each_address_in_one_piece(lang: str) -> None:
    assert WIDTH == 72
    for code, letter in every(lang).items():
        text = plain(letter)
        assert max(len(line) for line in text.splitlines() if "://" not in line) <= WIDTH, code
        for block in (*letter.blocks, *letter.foot):
            assert not block.href or block.href in text.splitlines(), code
        assert "\n\n\n" not in text


def test_a_colon_is_put_as_the_language_puts_it(lang: str) -> None:
    text = plain(mail_samples.sample("published", SITE, f"{BASE}/{lang}", "Senate"))
    labels = [line for line in text.splitlines() if line.endswith(":")]
    assert len(labels) == 3
    assert {line.endswith("\u00a0:") for line in labels} == {lang == "fr"}


def test_a_letter_written_in_long_lines_is_folded_and_loses_no_word() -> None:
    long = "We ask you to change the following, because " + "words " * 30
    text = f"{long}\n\n1. {long}\n- {long}\nYour page: {BASE}/{'a' * 80}\n"
    shown = folded(text)
    assert shown.split() == text.split()
    assert max(len(line) for line in shown.splitlines() if "://" not in line) <= WIDTH
    assert f"\n{BASE}/{'a' * 80}\n" in shown
    behind = shown.split("1. ")[1].splitlines()[1]
    assert behind.startswith("   ") and not behind.startswith("    ")


def test_no_mail_holds_an_invented_word_of_another_language(lang: str) -> None:
    own = " ".join(str(getattr(invented(lang), each.name)) for each in fields(invented(lang)))
    shown = " ".join(as_html(mail) + plain(mail) for mail in every(lang).values())
    for other in set(LANGS) - {lang}:
        for each in fields(INVENTED[other]):
            words = str(getattr(INVENTED[other], each.name))
            assert words in own or words not in shown, (other, each.name)


def test_every_mail_says_why_one_gets_it_and_a_series_how_to_stop(lang: str) -> None:
    for code in mail_samples.TITLES:
        letter = mail_samples.sample(code, SITE, f"{BASE}/{lang}", "Senate")
        assert letter.reason, code
        ways = [block.href for block in letter.foot]
        once = code in {"confirm", "known"}
        assert any("/follow/stop/" in way for way in ways) is not once, code
        assert sum(block.form == "button" for block in letter.blocks) == (code != "week"), code


def test_who_is_told_that_a_page_gives_the_reason_is_led_to_it() -> None:
    letter = mail_samples.sample("taken_down", SITE, f"{BASE}/en", "Senate")
    assert any(block.href == f"{BASE}/en/petitions/2026-0142" for block in letter.blocks)
    assert follow_words.reason(Scope.PETITION, "2026-0142") == letter.reason
    assert invented("en").title not in plain(letter) + as_html(letter)
