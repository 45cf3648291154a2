"""The whole life of a petition, lived in a browser, with scripts and without."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.browser import by_post
from tests.browser.people import Person, somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
THRESHOLD = 25


@pytest.fixture(params=[False, True], ids=["without scripts", "with scripts"])
def scripts(request) -> bool:
    return request.param


def _file_a_petition(author: Person, title: str) -> str:
    author.open("/en/start?assembly=valmont")
    assert "What it can lead to" in author.text
    author.open("/en/start/login?assembly=valmont&back=/en/start/new")
    author.become(f"Author of {title}", age=40)
    author.page.locator("main input[type=text]").first.fill(title)
    english = author.page.get_by_label("English", exact=True)
    if english.count():
        english.check()
    author.page.locator("main form button[type=submit]").first.click()
    assert "Step 2 of 5" in author.text
    difference = author.page.locator("main textarea")
    if difference.count():
        difference.first.fill("Mine asks for something else: it is about one place and one hour.")
    author.page.locator("main form button[type=submit]").first.click()
    author.page.locator("textarea[name=request]").fill(
        "We ask the town council to decide this in spring."
    )
    author.page.locator("textarea[name=reasons]").fill(
        "It is cheap, it is near, and everybody gains."
    )
    author.page.locator("main form button[type=submit]").first.click()
    if "These are hints" in author.text:  # they never block
        author.page.locator("main form button[type=submit]").first.click()
    author.page.locator("input[name=name]").fill("Camille Roche")
    author.page.locator("input[name=email]").fill("camille@example.org")
    author.page.locator("main form button[type=submit]").first.click()
    assert title in author.text  # the preview shows what will be published
    author.page.locator("main form button[type=submit]").last.click()
    assert "It will be answered by" in author.text
    found = re.search(r"20\d\d-\d{4}", author.text)
    assert found
    return found.group()


def _admit(clerk: Person, ref: str) -> None:
    clerk.open("/office/queue")
    clerk.become_staff("Ana Petit")
    assert "oldest deadline first" in clerk.text
    clerk.open(f"/office/queue?q={ref}")
    assert ref in clerk.text
    clerk.open(f"/office/cases/{ref}")
    clerk.press("Take it")
    for line in clerk.page.locator("input[type=radio][value=clear]").all():
        line.check()
    clerk.page.locator("#d-accept").check()
    clerk.press("Preview the letter")
    assert "Nothing has been sent yet" in clerk.text
    clerk.press("Decide and send")
    assert f"{ref}: The decision was recorded" in clerk.text


def _to_confirm(person: Person, ref: str, name: str, age: int = 30, place: str = "valmont") -> None:
    person.open(f"/en/petitions/{ref}")
    person.page.locator("a[href$='/sign']").first.click()
    person.become(name, age, place)


def _sign(person: Person, ref: str, name: str) -> None:
    _to_confirm(person, ref, name)
    person.page.locator("#declare").check()
    person.page.get_by_role("button", name="Sign", exact=True).click()


def _count(person: Person, ref: str) -> int:
    person.open(f"/en/petitions/{ref}")
    found = re.search(r"([\d,]+)\s+verified signature", person.text)
    assert found, person.text
    return int(found.group(1).replace(",", ""))


def _wait_for_count(person: Person, ref: str, wanted: int) -> None:
    until = time.monotonic() + 90
    while (seen := _count(person, ref)) != wanted:
        assert time.monotonic() < until, f"the count stayed at {seen}"
        time.sleep(0.3)


def test_a_petition_lives_from_the_first_title_to_the_answer(browser, demo_site, scripts) -> None:
    def person():
        return somebody(browser, demo_site.address, scripts=scripts)

    with person() as author, person() as clerk, person() as reader:
        title = f"Open the school yard on Sundays {'with' if scripts else 'without'} a script"
        ref = _file_a_petition(author, title)
        reader.open(f"/en/petitions/{ref}")
        assert title not in reader.text  # nothing unchecked under the parliament's name
        _admit(clerk, ref)
        author.open("/en/mine")
        assert "Open for signatures" in author.text

        with person() as child:
            _to_confirm(child, ref, "A child", age=14)
            assert "an age of at least 16" in child.text
            assert "Nothing was recorded" in child.text
        with person() as stranger:
            _to_confirm(stranger, ref, "A stranger", place="DE")
            assert "Nothing was recorded" in stranger.text
        with person() as hesitant:
            _to_confirm(hesitant, ref, "Signatory 0")
            hesitant.page.get_by_role("button", name="Sign", exact=True).click()
            assert "Tick the declaration" in hesitant.text
        with person() as first:
            _sign(first, ref, "Signatory 0")
            assert "Your signature is recorded" in first.text
            first.page.get_by_text("How the receipt works").click()
            code = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
            first.page.get_by_text(code).first.wait_for()
            names = {cookie["name"] for cookie in first.page.context.cookies()}
            assert not names & {"pass", "signing", "outcome", "form"}
            first.page.reload()  # shared or reloaded, the address shows the petition
            assert "Your signature is recorded" not in first.text
            assert not first.console
            assert not first.foreign
        with person() as again:
            _sign(again, ref, "Signatory 0")
            assert "already signed" in again.text
        _wait_for_count(reader, ref, 1)
        for number in range(1, THRESHOLD):
            thanks = by_post.sign(demo_site.address, ref, f"Signatory {number}")
            assert "Your signature is recorded" in thanks
        _wait_for_count(reader, ref, THRESHOLD)
        _wait_for_words(reader, ref, "Threshold reached")
        assert reader.text.count("25 signatures reached") == 1
        assert "Answer of the town council" in reader.text

        _examine(browser, demo_site.address, scripts, ref)
        _wait_for_words(reader, ref, "The council opens the yard")
        assert "Examined" in reader.text or "Adopted" in reader.text
        for step in ("Found admissible and published", "25 signatures reached", "Submitted"):
            assert step in reader.text
        assert reader.page.context.cookies() == []
        for subject in ("has been received", "has been admitted", "has been examined"):
            _wait_for_letter(demo_site.mailbox, f"Your petition {ref} {subject}")


def _wait_for_letter(mailbox: Path, subject: str) -> None:
    until = time.monotonic() + 60
    while not any(subject in path.read_text() for path in mailbox.glob("*.eml")):
        assert time.monotonic() < until, f"no letter: {subject}"
        time.sleep(0.5)


def _wait_for_words(person: Person, ref: str, words: str) -> None:
    until = time.monotonic() + 90
    while True:
        person.open(f"/en/petitions/{ref}")
        if words in person.text:
            return
        assert time.monotonic() < until, person.text
        time.sleep(0.3)


def _examine(browser, address: str, scripts: bool, ref: str) -> None:
    with somebody(browser, address, scripts=scripts) as staff:
        staff.open("/office/duties")
        staff.become_staff("Inès Laurent")
        assert ref in staff.text
        staff.open(f"/office/files/{ref}")
        staff.page.get_by_label("Adopted", exact=True).check()
        staff.page.get_by_label(re.compile("Summary, in English")).fill(
            "The council opens the yard every Sunday from May."
        )
        staff.page.get_by_label(re.compile("Full answer, in English")).fill(
            "The council voted on the budget for two caretakers. The yard opens at ten."
        )
        staff.press("Preview the public page")
        assert "The council opens the yard" in staff.text
        staff.page.locator("main form button[type=submit]").first.click()
        staff.open(f"/office/files/{ref}")
        assert "Examined" in staff.text


def test_the_same_petition_can_be_read_and_signed_in_french(browser, demo_site) -> None:
    with somebody(browser, demo_site.address, scripts=False, locale="fr-FR") as citoyen:
        citoyen.open("/")
        assert citoyen.page.url.endswith("/fr/")
        citoyen.open("/fr/petitions")
        assert "signature" in citoyen.text
        citoyen.open("/fr/start")
        assert citoyen.page.locator("html").get_attribute("lang") == "fr"
