"""Every page a person meets, in the demonstration as it runs: axe finds nothing, nothing overflows."""

from __future__ import annotations

import re

import pytest

from tests.browser.looking import LONGER, ONE, check, faults
from tests.browser.people import Person, somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
STATES = (
    "published", "threshold_reached", "examined", "refused", "closed_below", "withdrawn",
)  # fmt: skip
REAL = (*ONE, *LONGER)
"""For a page as it is with real content: `test_screens` looks at the same state in every display, and
`test_desk_pages` at the queue."""
CONTENT = ("how-it-works", "verify", "privacy", "accessibility", "rules", "contact", "legal")


@pytest.fixture
def person(browser, demo_site):
    with somebody(browser, demo_site.address, scripts=True) as found:
        yield found


def _one(person: Person, state: str, assembly: str = "", lang: str = "en") -> str:
    """The number of a petition in that state, from the public list."""
    person.open(f"/{lang}/petitions?state={state}&assembly={assembly}")
    address = person.page.locator("main .petitions h3 a").first.get_attribute("href")
    return address.rpartition("/")[2]


def _submit(person: Person) -> None:
    person.page.locator("main form button[type=submit]").first.click()


def _to_confirm(person: Person, ref: str, name: str, age: int = 30, place: str = "valmont") -> None:
    person.open(f"/en/petitions/{ref}")
    person.page.locator("a[href$='/sign']").first.click()
    person.become(name, age, place)


def test_the_check_finds_what_is_wrong_with_a_bad_page(person):
    person.page.goto("about:blank")  # where no policy forbids a style
    person.page.set_content(
        "<title>Bad</title><main><h1>Bad</h1><img src='data:,'><input type='text'>"
        "<p style='color:#999;background:#fff'>pale</p><p style='inline-size:60rem'>wide</p></main>"
    )
    found = " ".join(faults(person.page))
    for rule in ("image-alt", "label", "color-contrast", "html-has-lang"):
        assert f"light: {rule}" in found
    assert "dark: color-contrast" in found  # what can differ in the dark is asked there again
    assert "px of sideways scroll" in found


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_home_lists_and_explanations(person, lang):
    for path in ("", "petitions", "petitions?assembly=valmont", "start", *CONTENT, "nothing"):
        person.open(f"/{lang}/{path}")
        check(person.page, displays=REAL)
        assert person.page.locator("html").get_attribute("lang") == lang


@pytest.mark.parametrize("state", STATES)
def test_a_petition_in_each_state(person, state):
    ref = _one(person, state)
    for lang in ("en", "fr"):
        person.open(f"/{lang}/petitions/{ref}")
        check(person.page, displays=("light", "dark", *LONGER) if lang == "en" else LONGER)


def test_the_steps_of_signing_and_withdrawing(person):
    ref = _one(person, "published", "valmont")
    _to_confirm(person, ref, "Ada of the accessibility test")
    check(person.page, "Confirm your signature", REAL)
    _submit(person)
    check(person.page, "Please check what you entered", REAL)
    person.page.locator("#declare").check()
    _submit(person)
    check(person.page, "Your signature is recorded", REAL)
    assert "petition-receipt/v1" in person.text  # folded out: it can be copied
    _to_confirm(person, ref, "Ada of the accessibility test")
    person.page.locator("#declare").check()
    _submit(person)
    check(person.page, "You have already signed this petition", REAL)
    person.page.locator("main a[href$='/withdraw']").click()
    person.become("Ada of the accessibility test")
    check(person.page, "Withdraw your signature?", REAL)
    _submit(person)
    check(person.page, "Your signature is withdrawn", REAL)


def test_the_ways_in_which_signing_fails(person):
    ref = _one(person, "published", "valmont")
    _to_confirm(person, ref, "A child of the accessibility test", age=14)
    check(person.page, "an age of at least 16", REAL)
    _to_confirm(person, ref, "A stranger of the accessibility test", place="DE")
    check(person.page, "residence in: Town of Valmont", REAL)
    assert "Who may sign: resident (Town of Valmont), aged 16 or over." in person.text
    person.open(f"/en/petitions/{ref}/sign/confirm")
    check(person.page, "Nothing was recorded.", REAL)


def test_the_five_steps_of_starting_a_petition_and_the_authors_own_space(person):
    title = "More shade on the square of the accessibility test"
    person.open("/en/start?assembly=valmont")
    person.page.locator("main a.btn").first.click()
    person.become("Author of the accessibility test", age=40)
    check(person.page, "Step 1 of 5", REAL)
    _submit(person)
    check(person.page, "Please check what you entered")
    person.page.locator("main input[type=text]").first.fill(title)
    _submit(person)
    check(person.page, "Step 2 of 5", REAL)
    if (difference := person.page.locator("main textarea")).count():
        difference.first.fill("Mine is about shade.")
    _submit(person)
    check(person.page, "Step 3 of 5", REAL)
    person.page.locator("textarea[name=request]").fill(
        "We ask the council for trees. Call 06 12 34 56 78."
    )
    person.page.locator("textarea[name=reasons]").fill("It is hot there every summer.")
    _submit(person)
    check(person.page, "These are hints")
    _submit(person)
    check(person.page, "Step 4 of 5", REAL)
    person.page.locator("input[name=name]").fill("Camille Roche")
    person.page.locator("input[name=email]").fill("camille@example.org")
    _submit(person)
    check(person.page, "Step 5 of 5", REAL)
    person.page.locator("main form button[type=submit]").last.click()
    check(person.page, "Your petition is sent", REAL)
    person.open("/en/mine")
    check(person.page, title, REAL)
    person.page.get_by_role("link", name=title).click()
    check(person.page, "Your text", REAL)


def test_the_desk_of_a_clerk(person):
    person.open("/office/queue")
    person.become_staff("Ana Petit")
    check(person.page, "oldest deadline first", REAL)
    nobodys = person.page.locator("tbody tr", has_text="Nobody").first.locator("th a")
    case = nobodys.get_attribute("href")
    nobodys.click()
    check(person.page, "Nobody holds this case.")
    person.press("Take it")
    check(person.page, "You hold this case")
    person.press("Decide and send")
    check(person.page, "Choose a decision.")
    for line in person.page.locator("input[type=radio][value=clear]").all():
        line.check()
    person.page.locator("#d-accept").check()
    person.press("Preview the letter")
    check(person.page, "Nothing has been sent yet")
    for path in (f"{case}/history", "/office/audit?verify=1"):
        person.open(path)
        check(person.page)
    person.open("/office/queue?v=overdue")
    check(person.page, displays=REAL)


def test_the_desk_of_the_committee(person):
    person.open("/office/duties")
    person.become_staff("Inès Laurent")
    check(person.page, "Duties by date")
    person.page.locator("tbody th a").first.click()
    check(person.page, "Record the examination")
    address = person.page.url
    person.press("Preview the public page")
    check(person.page, "Nothing was recorded.")
    person.page.goto(address)
    person.page.locator("input[name=outcome]").first.check()
    for field in person.page.locator("#examine ~ form textarea").all():
        if re.match("summary|text", field.get_attribute("name")):
            field.fill("Decided in public.")
    person.press("Preview the public page")
    check(person.page, "Nothing has been recorded yet")
