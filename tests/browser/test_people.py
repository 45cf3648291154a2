"""Administrators at work in a real browser: proposals, a fresh login in the middle of a form, goodbye."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.browser.conftest import DemoSite
from tests.browser.looking import check
from tests.browser.people import Person, somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
REASON = "She works for another house from next month on."


def as_long_ago(site: DemoSite, column: str, who: str) -> None:
    """The person's login, or last click, was years ago."""
    with closing(sqlite3.connect(site.folder / "petitions.sqlite", timeout=20)) as database:
        database.execute(
            f"UPDATE web_session SET {column} = '2020-01-01 00:00:00.000000' WHERE name = ?",
            (who,),
        )
        database.commit()


def open_person(person: Person, name: str) -> None:
    person.open("/office/people")
    person.page.get_by_role("link", name=name).first.click()


def test_a_proposal_goes_through_a_fresh_login_and_comes_to_the_other_one(
    browser, demo_site: DemoSite
) -> None:
    """One of them has no scripts: nothing needs one."""
    with (
        somebody(browser, demo_site.address, scripts=False) as marc,
        somebody(browser, demo_site.address, scripts=True) as nora,
        somebody(browser, demo_site.address, scripts=True) as lena,
    ):
        lena.open("/office/audit")
        lena.become_staff("Lena Vogt")
        nora.open("/office/people")
        nora.become_staff("Nora Klein")
        check(nora.page, "People and their roles")
        marc.open("/office/people")
        marc.become_staff("Marc Olivier")
        open_person(marc, "Lena Vogt")
        marc.page.locator("#reason").fill(REASON)
        as_long_ago(demo_site, "auth_time", "Marc Olivier")
        marc.press("Propose it")
        assert "A new login is needed" in marc.text
        marc.page.get_by_role("link", name="Log in", exact=True).click()
        marc.become_staff("Marc Olivier")
        assert REASON in marc.page.locator("textarea").first.input_value()
        marc.press("Send it now")
        assert "Proposed." in marc.text
        nora.open("/office/people")
        check(nora.page, REASON)
        nora.page.locator("input[name=reason]").first.fill("Not before the last day.")
        nora.press("Refuse the proposal")
        check(nora.page, "The proposal was refused")
        open_person(nora, "Lena Vogt")
        check(nora.page, "Urgent: switch off now")
        lena.open("/office/audit")
        check(lena.page, "Proposed change of rights refused")
        assert marc.foreign == nora.foreign == []


def test_a_session_that_ran_out_gives_the_text_back_and_a_goodbye_is_whole(
    browser, demo_site: DemoSite
) -> None:
    with somebody(browser, demo_site.address, scripts=True) as marc:
        marc.open("/office/sessions")
        marc.become_staff("Marc Olivier")
        check(marc.page, "this one")
        open_person(marc, "Inès Laurent")
        marc.page.locator("#reason").fill(REASON)
        as_long_ago(demo_site, "seen_at", "Marc Olivier")
        marc.press("Propose it")
        check(marc.page, "Your session has ended")
        marc.page.get_by_role("link", name="Log in", exact=True).click()
        marc.become_staff("Marc Olivier")
        check(marc.page, "What you sent was kept")
        marc.press("Let it go")
        marc.press("Sign out")
        check(marc.page, "You are signed out")
        marc.page.get_by_role("link", name="Leave").click()
        check(marc.page)
        assert marc.console == []
