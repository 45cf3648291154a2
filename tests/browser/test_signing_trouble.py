"""Where signing goes wrong, in a browser: each way ends on a page that says what happened and what to do,
in both languages, without a finding of the axe rules, and the person can still sign.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.browser.looking import DISPLAYS, ONE, check
from tests.browser.people import Person, somebody
from tests.browser.signatories import Petition, begin, callback_of, sees, send
from tests.web import sample_journeys
from tests.web.rendering import render, stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
UNREACHED = (
    "other_tab", "already_used", "no_answer", "known_down", "set_up", "not_verified", "too_low",
    "fact_missing", "too_many",
)  # fmt: skip
SAYS = {
    "cancelled": {"en": "You stopped before the end", "fr": "Vous vous êtes arrêté"},
    "elsewhere": {
        "en": "This browser does not expect this answer",
        "fr": "Ce navigateur n’attend pas cette réponse",
    },
    "late": {"en": "That took too long", "fr": "trop de temps"},
    "closed": {"en": "Signing is closed. Nothing was recorded.", "fr": "close"},
    "child": {"en": "an age of at least 16", "fr": "16 ans"},
    "nothing": {"en": "Nothing was recorded", "fr": "Rien n’a été enregistré"},
    "stays": {
        "en": "What was done before stays as it is.",
        "fr": "Ce qui a été fait auparavant reste acquis.",
    },
    "perhaps": {
        "en": "Did you see the page that thanks you for signing?",
        "fr": "Avez-vous vu la page qui vous remercie d’avoir signé",
    },
    "done": {"en": "Your signature is recorded", "fr": "Votre signature est enregistrée"},
    "cancel": {"en": "Cancel", "fr": "Annuler"},
    "all": {"en": "All petitions", "fr": "Toutes les pétitions"},
    "asks": {"en": "Confirm your signature", "fr": "Confirmez votre signature"},
}


@pytest.fixture(params=["en", "fr"])
def lang(request) -> str:
    return request.param


@pytest.fixture
def person(browser, demo_site, lang) -> Iterator[Person]:
    with somebody(browser, demo_site.address, scripts=True, locale=lang) as found:
        yield found


@pytest.fixture
def petition(demo_site) -> Petition:
    return Petition.open_in(demo_site, "senat")


@pytest.fixture
def name() -> str:
    """Of somebody who has signed nothing before."""
    return f"Signer {secrets.token_hex(8)}"


def looks(person: Person, words: str, *displays: str) -> None:
    """A page that says so and has no finding, in these displays."""
    sees(person, words)
    check(person.page, words, displays or ONE)


def signs_after_all(person: Person, petition: Petition, name: str, lang: str) -> None:
    """From the page in trouble, by its link to a new login, to a signature."""
    before = petition.signed
    person.page.locator("main p.acts a[rel=nofollow]").first.click()
    person.become(name)
    send(person)
    sees(person, SAYS["done"][lang])
    assert petition.signed == before + 1


def test_a_cancelled_login_can_be_taken_up_again(person, petition, name, lang) -> None:
    before = petition.signed
    begin(person, petition, lang)
    person.press(SAYS["cancel"][lang])
    looks(person, SAYS["cancelled"][lang])
    sees(person, SAYS["nothing"][lang])
    assert petition.signed == before
    signs_after_all(person, petition, name, lang)


def test_an_answer_in_another_browser_says_where_to_go_and_costs_nothing(
    person, petition, name, lang, browser
) -> None:
    before = petition.signed
    begin(person, petition, lang)
    address = callback_of(person, name)
    with somebody(browser, person.address, scripts=True, locale=lang) as other:
        other.page.goto(address)
        assert other.page.locator("html").get_attribute("lang") == lang  # its reader's, no more
        looks(other, SAYS["elsewhere"][lang])
        assert petition.ref not in other.page.content()  # the address names no petition
        other.page.get_by_role("link", name=SAYS["all"][lang]).first.click()
        other.page.wait_for_url(f"**/{lang}/petitions")
        assert other.page.context.cookies() == []
    person.page.goto(address)  # where it belongs, it is still good
    sees(person, SAYS["asks"][lang])
    person.page.goto(address)  # and once only
    looks(person, SAYS["stays"][lang])
    person.open(f"{petition.room(lang)}/confirm")
    send(person)
    sees(person, SAYS["done"][lang])
    assert petition.signed == before + 1


def test_a_login_that_lapsed_before_the_form_was_sent_is_begun_anew(
    person, petition, name, lang
) -> None:
    before = petition.signed
    begin(person, petition, lang)
    person.become(name)
    person.page.context.clear_cookies(name="pass")  # as the browser does after ten minutes
    send(person)
    looks(person, SAYS["late"][lang])
    sees(person, SAYS["nothing"][lang])
    assert petition.signed == before
    signs_after_all(person, petition, name, lang)


def test_a_form_of_a_browser_that_forgot_everything_claims_nothing(
    person, petition, name, lang
) -> None:
    before = petition.signed
    begin(person, petition, lang)
    person.become(name)
    person.page.context.clear_cookies()
    send(person)
    looks(person, SAYS["perhaps"][lang], *DISPLAYS)  # this template in every display
    assert SAYS["nothing"][lang] not in person.text
    assert petition.signed == before
    signs_after_all(person, petition, name, lang)


def test_a_petition_that_closes_between_login_and_form_says_so(
    person, demo_site, name, lang
) -> None:
    petition = Petition.open_in(demo_site, "senat", skip=1)
    before = petition.signed
    begin(person, petition, lang)
    person.become(name)
    with petition.closed():
        send(person)
        looks(person, SAYS["closed"][lang])
        person.page.locator("main a").first.click()
        person.page.wait_for_url(f"**/{lang}/petitions/{petition.ref}")
    assert petition.signed == before


def test_somebody_too_young_is_told_the_rule_and_can_leave(person, demo_site, name, lang) -> None:
    petition = Petition.open_in(demo_site, "valmont")
    before = petition.signed
    begin(person, petition, lang)
    person.become(name, age=14)
    looks(person, SAYS["child"][lang])
    sees(person, SAYS["nothing"][lang])
    assert petition.signed == before
    person.page.locator("main a[href='/identity/leave']").click()
    person.page.wait_for_url("**/identity/left?*")
    check(person.page, displays=ONE)


def test_the_pages_of_failures_that_no_demonstration_has_are_sound_too(person, lang) -> None:
    app, shown = stage(), {"body": ""}
    person.page.route("**/sample", lambda route: route.fulfill(**shown))
    for cause in UNREACHED:
        shown["body"] = render(app, "identity/failed.html", sample_journeys.FAILED[cause], lang)
        person.open("/sample")
        check(person.page, displays=ONE)
