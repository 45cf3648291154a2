"""What a signer is told between the steps: whether they have signed, whether it counts, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import select

from petitions.border import Gate
from petitions.storage import tables as t
from tests.house import changed_library
from tests.web import sample_journeys
from tests.web.rendering import render, stage
from tests.web.samples import OPEN
from tests.web.town import BASTIEN, Browser, Town, form_of, open_town

THANKED = "Did you see the page that thanks you for signing? Then your signature is recorded"
OF_ELDERS = {
    "[signing]\n": "[signing]\nclasses = { elders = { age_min = 60 } }\n",
    'effect = "agenda_item"\n': 'effect = "agenda_item"\ncounts = "elders"\n',
}


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


@pytest.fixture
def elders(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    """Everybody of the town may sign; only those aged 60 or over count toward the threshold."""
    (tmp_path / "edited").mkdir()
    changed_library(tmp_path / "edited", "town", OF_ELDERS, ("classes.elders",))
    place = tmp_path / "edited" / "rulebooks"
    with open_town(tmp_path, sqlite_uri, rulebooks=place) as found:
        yield found


def forgotten(browser: Browser) -> Browser:
    """As after an hour: this browser has thrown its cookies away."""
    browser.client._cookies = {}
    return browser


def main_button(page: str) -> str:
    (found,) = re.findall(r'<a class="btn" href="([^"]*)"', page)
    return str(found)


def test_a_page_left_open_for_an_hour_says_how_to_know_whether_one_has_signed(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form = browser.confirm(ref)
    path = f"/en/petitions/{ref}/sign/confirm"
    forgotten(browser)
    for answer in (browser.get(path), browser.post(path, form)):
        assert (answer.status_code, THANKED in answer.text) == (400, True)
        assert "you have not signed: start again" in answer.text
        assert "Nothing was recorded" not in answer.text, "of that the server knows nothing"
        assert main_button(answer.text) == f"/en/petitions/{ref}/sign"
        assert f'<a href="/en/petitions/{ref}">Back to the petition</a>' in answer.text
    assert town.acts() == (0, 0, 0)


def test_a_withdrawal_left_open_says_that_the_signature_still_counts(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    page = browser.get(f"/en/petitions/{ref}/sign/withdraw/confirm")
    assert "Your signature is withdrawn”? Then it is withdrawn" in page.text
    assert "your signature still counts: start again to withdraw it" in page.text
    assert THANKED not in page.text
    assert main_button(page.text) == f"/en/petitions/{ref}/sign/withdraw"


def test_a_step_that_is_merely_old_is_known_to_have_recorded_nothing(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    path = f"/en/petitions/{ref}/sign/confirm"
    browser.client.set_cookie("signing", "of-a-key-that-is-gone", path=f"/en/petitions/{ref}/sign")
    page = browser.get(path)
    assert (page.status_code, "Nothing was recorded." in page.text) == (400, True)
    assert THANKED not in page.text


def test_a_confirm_page_loaded_again_leads_to_the_answer_that_was_not_read_yet(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    path = f"/en/petitions/{ref}/sign/confirm"
    browser.post(path, browser.confirm(ref))
    assert browser.get(path).headers["Location"] == f"/en/petitions/{ref}/sign/done"
    assert "Your signature is recorded" in browser.get(f"/en/petitions/{ref}/sign/done").text
    assert THANKED in browser.get(path).text, "shown once, and now nothing is known any more"
    again = town.browser()
    again.sign(ref)
    assert again.get(path).headers["Location"] == f"/en/petitions/{ref}/sign/already"
    assert again.withdraw(ref).status_code == 200
    assert THANKED in again.get(path).text, "what the first answer said is no longer so"


def test_who_never_signed_is_told_so_before_being_asked_to_withdraw(
    tmp_path: Path, database_uri: str
) -> None:
    with open_town(tmp_path, database_uri) as town:
        ref = town.publish()
        path = f"/en/petitions/{ref}/sign/withdraw"
        town.browser().sign(ref)
        town.integrate()
        before = town.acts()
        stranger, signer = town.browser(), town.browser()
        stranger.log_in(path, BASTIEN)
        page = stranger.get(f"{path}/confirm").text
        assert "You have not signed this petition" in page
        assert "Your signature will no longer count" not in page
        assert "<form" not in page.partition("<main")[2].partition("</main")[0]
        signer.log_in(path)
        asked = signer.get(f"{path}/confirm").text
        assert "Your signature will no longer count" in asked
        assert town.acts() == before, "to look changes nothing"
        assert (
            "is withdrawn" in signer.post(f"{path}/confirm", form_of(asked, f"{path}/confirm")).text
        )
        later = town.browser()
        later.log_in(path)
        assert "You have not signed this petition" in later.get(f"{path}/confirm").text


def test_who_does_not_count_toward_the_threshold_is_told_before_signing(elders: Town) -> None:
    ref, young, old = elders.publish(), elders.browser(), elders.browser()
    path, told = (
        f"/en/petitions/{ref}/sign",
        "You may sign, and your signature is counted among all.",
    )
    young.log_in(path)
    page = young.get(f"{path}/confirm").text
    assert told in page
    assert "Toward the 25 only these count: Test." in page
    assert "According to your login you are not one of them." in page
    old.log_in(path, BASTIEN, lie=lambda p: p.lies.user_claims.update(birthdate="1950-01-01"))
    assert told not in old.get(f"{path}/confirm").text
    form = {**form_of(page, f"{path}/confirm"), "declare": "y"}
    assert young.post(f"{path}/confirm", form).headers["Location"].endswith("/done")
    with elders.site.session() as session:
        signs = select(t.PendingEntry.classes).where(t.PendingEntry.type == 16)
        assert list(session.scalars(signs)) == [[]], "of the notice nothing is kept"


def test_a_petition_says_who_may_sign_and_how_many_count_toward_its_threshold(elders: Town) -> None:
    ref = elders.publish()
    for person, born in (("young", "1999-01-01"), ("old", "1950-01-01"), ("older", "1940-01-01")):
        browser = elders.browser()
        path = f"/en/petitions/{ref}/sign"
        browser.log_in(
            path, person, lie=lambda p, day=born: p.lies.user_claims.update(birthdate=day)
        )
        form = form_of(browser.get(f"{path}/confirm").text, f"{path}/confirm")
        assert browser.post(f"{path}/confirm", {**form, "declare": "y"}).status_code == 303
    elders.integrate()
    page = elders.browser().get(f"/en/petitions/{ref}").text
    assert '<strong class="num">2</strong> of them count toward the 25: Test.' in page
    assert "count toward it" not in page, "said once"
    assert "(23 to go)" in page
    assert "Who may sign: resident" in page


def test_where_anybody_may_sign_the_card_says_so(tmp_path: Path, sqlite_uri: str) -> None:
    (tmp_path / "edited").mkdir()
    changes = {'[signing]\nwho = { resident_of = "valmont", age_min = 16 }\n': "[signing]\n"}
    changed_library(tmp_path / "edited", "town", changes)
    place = tmp_path / "edited" / "rulebooks"
    with open_town(tmp_path, sqlite_uri, rulebooks=place) as town:
        assert "Who may sign: anyone." in town.browser().get(f"/en/petitions/{town.publish()}").text


def test_the_words_about_the_proof_come_from_the_providers_and_not_from_the_rules(
    tmp_path: Path, sqlite_uri: str
) -> None:
    (tmp_path / "edited").mkdir()
    changed_library(tmp_path / "edited", "town", {'assurance = "low"': 'assurance = "email"'})
    place = tmp_path / "edited" / "rulebooks"
    with open_town(tmp_path, sqlite_uri, rulebooks=place) as town:
        ref, browser = town.publish(), town.browser()
        card = browser.get(f"/en/petitions/{ref}").text
        assert "e-mail address" not in card.partition('id="sg"')[2].partition("</section>")[0]
        browser.log_in(f"/en/petitions/{ref}/sign")
        assert "Step 2 of 2" in browser.get(f"/en/petitions/{ref}/sign/confirm").text


def test_only_a_realm_of_letterboxes_alone_is_one_by_email() -> None:
    realms = {"post": ("letters",), "both": ("letters", "connect"), "connect": ("connect",)}
    identity = SimpleNamespace(
        realms={name: SimpleNamespace(providers=found) for name, found in realms.items()},
        letterboxes={"letters": object()},
    )
    gate = Gate(cast("Any", None), cast("Any", identity))
    assert [gate.by_email(name) for name in (*realms, "gone")] == [True, False, False, False]
    assert [gate.keeps_login(name) for name in (*realms, "gone")] == [False, True, True, False]


def test_who_may_not_sign_is_told_what_can_be_done_and_a_reload_leads_back(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    start = f"/en/petitions/{ref}/sign"
    url = browser.leave(start)
    town.citizens.lies.user_claims.update(residence="rochebrune")
    back = town.citizens.log_in(url)
    page = browser.get(back)
    assert page.status_code == 403
    assert "rulebook" not in page.text
    assert "told us about you wrong or out of date? Have it corrected there" in page.text
    assert f'href="/en/follow?petition={ref}"' in page.text
    again = browser.get(back)
    assert (again.status_code, "This login is over" in again.text) == (400, True)
    assert main_button(again.text) == start
    assert town.acts() == (0, 0, 0)


@pytest.mark.parametrize("sample", ["chooser to withdraw", "e-mail address to withdraw"])
def test_whoever_withdraws_reads_why_there_is_a_login_first(sample: str) -> None:
    template, page = sample_journeys.TEMPLATES[sample]
    why = "You log in once more so that we can find your signature"
    assert why in render(stage(), template, page)
    to_sign = sample_journeys.TEMPLATES[sample.removesuffix(" to withdraw")]
    assert why not in render(stage(), *to_sign)


def test_a_threshold_that_is_reached_names_the_day_it_was_reached_on() -> None:
    assert OPEN.card is not None
    (level, *_more) = OPEN.card.levels
    told = replace(level, reached=True, reached_on=OPEN.published, to_go=0)
    page = render(
        stage(), "public/petition.html", replace(OPEN, card=replace(OPEN.card, levels=(told,)))
    )
    assert "(reached on <time" in page
