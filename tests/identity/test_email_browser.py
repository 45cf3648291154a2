"""A real Chromium on the way by e-mail: no script, no fault that axe finds, the link in a new tab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.looking import LONGER, ONE, check
from tests.browser.people import somebody
from tests.identity.email_town import ANNA, EmailTown, open_email_town
from tests.web.town import HOST, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
REAL = (*ONE, *LONGER)
"""With real content; `test_screens` looks at each of these pages in every display."""


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[EmailTown]:
    with open_email_town(tmp_path, sqlite_uri) as found:
        yield found


@pytest.mark.parametrize("lang", ["en", pytest.param("fr", marks=pytest.mark.slow)])
def test_every_page_of_a_login_by_e_mail_is_free_of_faults(
    browser: Browser, town: EmailTown, lang: str
) -> None:
    words = {
        "en": ("Your e-mail address", "does not look like", "The message went to", "newest message",
               "go on where you began", "Confirm your signature", "used before"),
        "fr": ("Votre adresse électronique", "ne ressemble pas", "Le message est parti",
               "message le plus récent", "continuer là où", "Confirmez votre signature",
               "a déjà servi"),
    }[lang]  # fmt: skip
    ref = town.publish()
    with (
        served(town.site.app) as port,
        somebody(browser, f"http://{HOST}:{port}", scripts=True) as person,
        somebody(browser, f"http://{HOST}:{port}", scripts=True) as stranger,
    ):
        person.open(f"/{lang}/petitions/{ref}")
        check(person.page, "e-mail" if lang == "en" else "adresse électronique", REAL)
        person.open(f"/{lang}/petitions/{ref}/sign")
        check(person.page, words[0], REAL)
        person.page.locator("#address").fill("nobody")
        person.page.locator("main button[type=submit]").click()
        check(person.page, words[1], REAL)
        person.page.locator("#address").fill(ANNA)
        person.page.locator("main button[type=submit]").click()
        check(person.page, words[2], REAL)
        person.page.locator("#code").fill("2222-2222")
        person.page.locator("main button[type=submit]").click()
        check(person.page, words[3], REAL)
        mail = town.mails()[-1]
        stranger.open(mail.link)
        check(stranger.page, words[4], REAL)
        person.page.locator("#code").fill(mail.code)
        person.page.locator("main button[type=submit]").click()
        check(person.page, words[5], REAL)
        town.site.later(minutes=2)
        person.open(mail.link)
        check(person.page, words[6], REAL)
        assert person.foreign == stranger.foreign == []


def test_a_person_without_scripts_signs_by_the_link_opened_from_the_mail(
    browser: Browser, town: EmailTown
) -> None:
    ref = town.publish()
    with (
        served(town.site.app) as port,
        somebody(browser, f"http://{HOST}:{port}", scripts=False) as person,
    ):
        person.open(f"/en/petitions/{ref}")
        person.page.locator("a[href$='/sign']").first.click()
        person.page.locator("#address").fill(ANNA)
        person.page.locator("#address").press("Enter")
        assert ANNA in person.text
        person.open(town.mails()[-1].link)
        assert person.page.url.endswith(f"/en/petitions/{ref}/sign/confirm")
        person.page.locator("#declare").check()
        person.press("Sign")
        assert "Your signature is recorded" in person.text
        assert person.console == []
        assert town.acts() == (1, 1, 1)
        left = {each["name"] for each in person.page.context.cookies()}
        assert not {name for name in left if name.startswith(("login", "pass", "ask", "signing"))}
