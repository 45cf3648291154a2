"""Signing, withdrawing and starting a petition with the keyboard alone: the focus is seen all the way."""

from __future__ import annotations

import secrets

import pytest

from tests.browser.keys import Keyboard
from tests.browser.people import Person, somebody
from tests.browser.signatories import Petition, sees

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(200)]


@pytest.fixture
def person(browser, demo_site):
    with somebody(browser, demo_site.address, scripts=True) as found:
        yield found


def log_in(keys: Keyboard, name: str, age: str = "30") -> None:
    """The demonstration's own login, by keyboard as well."""
    keys.person.page.locator("input[name=name]").focus()  # many people to choose from come first
    keys.person.page.keyboard.insert_text(name)
    keys.choose("Age", age)
    keys.choose("", "Valmont")
    keys.enter("Continue as this person")


def focused_on_the_summary(person: Person) -> bool:
    return bool(person.page.evaluate("document.activeElement.classList.contains('errors')"))


def test_somebody_signs_and_withdraws_without_a_mouse(person: Person, demo_site) -> None:
    name, petition = f"Keys {secrets.token_hex(6)}", Petition.open_in(demo_site, "valmont")
    keys, before = Keyboard(person), petition.signed
    person.open("/en/")
    keys.enter("Petitions", "a")
    person.open(f"/en/petitions/{petition.ref}")
    keys.enter("Sign this petition")
    log_in(keys, name)
    keys.enter("Sign", "button")  # the declaration was forgotten
    sees(person, "Please check what you entered")
    assert focused_on_the_summary(person)
    keys.tick("I ")
    keys.enter("Sign", "button")
    sees(person, "Your signature is recorded")
    assert petition.signed == before + 1
    person.open(f"/en/petitions/{petition.ref}")
    keys.enter("Withdraw your signature")
    log_in(keys, name)
    keys.enter("Withdraw", "button")
    sees(person, "Your signature is withdrawn")
    assert petition.signed == before
    assert keys.faults == []


def test_somebody_starts_a_petition_without_a_mouse(person: Person) -> None:
    keys, title = Keyboard(person), f"A bench at the {secrets.token_hex(4)} bus stop"
    person.open("/en/start?assembly=valmont")
    keys.enter("Prove who you are")
    log_in(keys, "Author with a keyboard", "44")
    keys.enter("Continue", "button")
    assert focused_on_the_summary(person)
    keys.write("Title", title)
    keys.enter("Continue", "button")
    sees(person, "Step 2 of 5")
    if person.page.locator("main textarea").count():
        keys.go_to("", "textarea")
        person.page.keyboard.insert_text("Mine is about this one stop.")
    keys.enter("Continue", "button")
    sees(person, "Step 3 of 5")
    for words in ("We ask the council for a bench.", "People wait there for half an hour."):
        keys.go_to("", "textarea")
        person.page.keyboard.insert_text(words)
    keys.enter("Continue", "button")
    if "These are hints" in person.text:
        keys.enter("Continue", "button")
    sees(person, "Step 4 of 5")
    keys.write("Public name", "Camille Roche")
    keys.write("E-mail", "camille@example.org")
    keys.enter("Continue", "button")
    sees(person, "Step 5 of 5")
    keys.enter("Send", "button")
    sees(person, "Your petition is sent")
    assert keys.faults == []
