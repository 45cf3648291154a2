"""What a login by e-mail refuses, each with a page that leads on, and nothing recorded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from petitions.storage import tables as t
from tests.identity.email_town import ANNA, ROOM, EmailTown, Mail, open_email_town
from tests.web.town import Browser, form_of

BEA = "bea@example.org"


@pytest.fixture(scope="module")
def whole_town(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[EmailTown]:
    folder = tmp_path_factory.mktemp("town")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "away.txt").write_text("mailinator.com\n")
    shutil.copyfile(sqlite_template, folder / "town.sqlite")
    uri = f"sqlite:///{folder / 'town.sqlite'}"
    with open_email_town(folder, uri, 'disposable_file = "away.txt"\n') as found:
        yield found


@dataclass
class Quiet:
    """What was there before a test began."""

    town: EmailTown
    acts: tuple[int, int, int]
    mails: int
    spent: int

    def new_mails(self) -> list[Mail]:
        return self.town.mails()[self.mails :]

    def new_spent(self) -> int:
        return self.town.count(t.SpentState) - self.spent


@pytest.fixture
def town(whole_town: EmailTown) -> EmailTown:
    """An hour after the test before: nobody's messages are used up."""
    whole_town.site.later(minutes=61)
    return whole_town


@pytest.fixture
def before(town: EmailTown) -> Quiet:
    return Quiet(town, town.acts(), len(town.mails()), town.count(t.SpentState))


@pytest.fixture
def both(tmp_path: Path, database_uri: str) -> Iterator[EmailTown]:
    with open_email_town(tmp_path, database_uri) as found:
        yield found


@pytest.fixture
def start(town: EmailTown) -> str:
    return f"/en/petitions/{town.publish()}/sign"


def wrong(code: str) -> str:
    return ("2" if code[0] != "2" else "3") + code[1:]


def copy_of(browser: Browser) -> Browser:
    return browser.twin()


def assert_nothing(browser: Browser, before: Quiet) -> None:
    assert before.town.acts() == before.acts
    assert not {name for name in browser.cookies() if name.startswith("pass")}


NO_ADDRESS = {
    "": "Please type your e-mail address.",
    "anna": "does not look like an e-mail address",
    '"anna"@example.org': "does not look like an e-mail address",
    "anna@example.org\r\nBcc: bea@example.org": "does not look like an e-mail address",
    "anna@example.org\nSubject: x": "does not look like an e-mail address",
    "anna@example.org%0d%0aBcc:x@y.example": "does not look like an e-mail address",
    "anna@sub.Mailinator.com": "throw-away",
    "a" * 400_000: "does not look like an e-mail address",
    "<script>alert(1)</script>@example.org": "does not look like an e-mail address",
}


def test_what_is_no_address_comes_back_with_the_field_and_no_message(
    town: EmailTown, start: str, before: Quiet
) -> None:
    browser = town.browser()
    page = town.begin(browser, start)
    for typed, words in NO_ADDRESS.items():
        page = town.ask(browser, page, typed)
        assert (page.status_code, words in page.text) == (422, True), typed[:40]
        assert 'href="#address"' in page.text
        assert "<script" not in page.text
        assert len(page.text) < 20_000
    assert before.new_mails() == []
    assert town.ask(browser, page, ANNA).status_code == 303
    assert [mail.message["To"] for mail in before.new_mails()] == [ANNA]
    assert before.new_mails()[0].message.keys().count("To") == 1
    assert_nothing(browser, before)


def test_a_wrong_code_costs_a_try_and_five_end_the_message(both: EmailTown) -> None:
    before = Quiet(both, both.acts(), 0, 0)
    start, browser = f"/en/petitions/{both.publish()}/sign", both.browser()
    page, mail = both.write(browser, start)
    for left in (4, 3, 2, 1):
        page = both.prove(browser, page, wrong(mail.code))
        assert page.status_code == 422
        assert f"You can try {left} more time" in page.text
    again = browser.get(f"{ROOM}/code?state={form_of(page.text, f'{ROOM}/code')['csrf_token']}")
    assert "You can try 1 more time." in again.text  # a page loaded again does not forget
    kept = copy_of(browser)
    over = both.prove(browser, page, wrong(mail.code))
    assert (over.status_code, "Too many wrong codes" in over.text) == (403, True)
    assert f'href="{start}"' in over.text
    late = both.prove(browser, page, mail.code)
    assert late.status_code == 400
    # nor does the copy of a cookie that still had a try left buy one
    answer = both.prove(kept, page, mail.code)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (
        303, f"{ROOM}/code",
    )  # fmt: skip
    assert_nothing(browser, before)
    assert_nothing(kept, before)


def test_an_old_copy_of_the_cookie_gives_no_more_tries(
    town: EmailTown, start: str, before: Quiet
) -> None:
    browser = town.browser()
    page, mail = town.write(browser, start)
    fresh = browser.cookies()
    for _ in range(5):
        twin = copy_of(browser)
        answer = town.prove(twin, page, wrong(mail.code))
    assert fresh == browser.cookies()
    assert answer.status_code == 303  # only the first of them was looked at
    assert before.new_spent() == 1


def test_what_cannot_be_a_code_costs_no_try(town: EmailTown, start: str, before: Quiet) -> None:
    browser = town.browser()
    page, mail = town.write(browser, start)
    for typed in (
        "",
        "ABC",
        "0000-0000",
        "12345678",
        "\x00" * 8,
        mail.code + "2",
        '"><b>é',
        "2" * 999,
    ):
        page = town.prove(browser, page, typed)
        assert (page.status_code, "8 letters and digits" in page.text) == (422, True)
        assert "<b>" not in page.text
    assert before.new_spent() == 0
    typed = f"  {mail.code.lower().replace('-', ' ')} "
    assert town.prove(browser, page, typed).headers["Location"] == f"{start}/confirm"


def test_a_message_older_than_thirty_minutes_proves_nothing(
    town: EmailTown, start: str, before: Quiet
) -> None:
    for by_link in (True, False):
        browser = town.browser()
        page, mail = town.write(browser, start)
        town.site.later(minutes=30)
        answer = browser.get(mail.link) if by_link else town.prove(browser, page, mail.code)
        assert (answer.status_code, "no longer valid" in answer.text) == (400, True)
        assert f'href="{start}"' in answer.text
        assert_nothing(browser, before)


def test_a_message_that_comes_late_still_leads_to_a_signature_even_over_midnight(
    town: EmailTown, start: str
) -> None:
    town.site.at = (town.site.at + timedelta(days=1)).replace(hour=23, minute=30)
    browser = town.browser()
    page = town.begin(browser, start)
    town.site.later(minutes=19)
    sent = town.ask(browser, page, ANNA)
    town.site.later(minutes=29)
    back = town.prove(browser, browser.get(sent.headers["Location"]), town.mails()[-1].code)
    assert back.headers["Location"] == f"{start}/confirm"
    town.site.later(minutes=9)
    assert town.confirm(browser, start).headers["Location"] == f"{start}/done"


def test_the_first_page_waits_twenty_minutes_as_every_login(
    town: EmailTown, start: str, before: Quiet
) -> None:
    browser = town.browser()
    page = town.begin(browser, start)
    town.site.later(minutes=21)
    answer = town.ask(browser, page, ANNA)
    assert (answer.status_code, "too long" in answer.text) == (400, True)
    assert before.new_mails() == []


def test_the_link_in_another_browser_explains_and_uses_nothing_up(
    town: EmailTown, start: str, before: Quiet
) -> None:
    browser, other = town.browser(), town.browser()
    page, mail = town.write(browser, start.replace("/en/", "/fr/"))
    ref = start.split("/")[3]
    for _ in range(3):  # a mail scanner follows links, too
        answer = other.get(mail.link)
        assert answer.status_code == 200
        assert "Veuillez continuer là où vous avez commencé" in answer.text
        assert ref not in answer.text
        assert other.cookies() == {}
    assert before.new_spent() == 0
    back = town.prove(browser, page, mail.code)
    assert back.headers["Location"] == f"{start.replace('/en/', '/fr/')}/confirm"


def test_a_link_that_is_used_again_gives_no_second_pass(both: EmailTown) -> None:
    path, browser = f"/en/petitions/{both.publish()}/sign", both.browser()
    _page, mail = both.write(browser, path)
    kept = copy_of(browser)
    assert browser.get(mail.link).headers["Location"] == f"{path}/confirm"
    first = browser.cookies()["pass"]
    # clicked twice: the same way on, with the pass there is
    again = browser.get(mail.link)
    assert again.headers["Location"] == f"{path}/confirm"
    assert browser.cookies()["pass"] == first
    # the copy of the browser from before: the proof is spent
    replayed = kept.get(mail.link)
    assert (replayed.status_code, "used before" in replayed.text) == (400, True)
    assert "Nothing was recorded" not in replayed.text
    assert "pass" not in kept.cookies()
    assert both.confirm(browser, path).headers["Location"] == f"{path}/done"
    both.site.later(minutes=2)
    late = browser.get(mail.link)
    assert (late.status_code, "used before" in late.text) == (400, True)
    assert both.acts() == (1, 1, 1)


def test_the_code_sent_twice_gives_the_same_way_on(town: EmailTown, start: str) -> None:
    browser = town.browser()
    page, mail = town.write(browser, start)
    form = {**form_of(page.text, f"{ROOM}/code"), "code": mail.code}
    assert browser.post(f"{ROOM}/code", form).headers["Location"] == f"{start}/confirm"
    assert browser.post(f"{ROOM}/code", form).headers["Location"] == f"{start}/confirm"
    assert town.confirm(browser, start).headers["Location"] == f"{start}/done"


def test_a_link_that_is_not_whole_says_so(town: EmailTown, start: str, before: Quiet) -> None:
    browser = town.browser()
    _page, mail = town.write(browser, start)
    whole = mail.link
    for damaged in (
        whole[:-3], whole + "A", whole[:40] + "x" * 9, whole.partition("?")[0], whole + "&t=b",
        whole.replace("t=", "t=%00"), whole.replace("t=", "t=%ff"), whole + "A" * 5000,
    ):  # fmt: skip
        answer = browser.get(damaged)
        assert (answer.status_code, "no longer valid" in answer.text) == (400, True), damaged[:99]
    assert_nothing(browser, before)
    assert browser.get(whole).status_code == 303


def test_the_code_of_another_browser_is_wrong_here(
    town: EmailTown, start: str, before: Quiet
) -> None:
    mine, theirs = town.browser(), town.browser()
    page, _mail = town.write(mine, start)
    other_page, other = town.write(theirs, start, BEA)
    assert town.prove(mine, page, other.code).status_code == 422
    # nor does the page of another browser serve with my cookies
    assert town.prove(mine, other_page, other.code).status_code == 400
    assert mine.get(other.link).status_code == 200  # "go on where you began"
    assert_nothing(mine, before)


def test_only_the_newest_message_counts(town: EmailTown, start: str) -> None:
    browser = town.browser()
    page, old = town.write(browser, start)
    again = browser.get(f"{ROOM}?state={form_of(page.text, f'{ROOM}/code')['csrf_token']}")
    assert f'value="{ANNA}"' in again.text
    sent = town.ask(browser, again, BEA)
    page, new = browser.get(sent.headers["Location"]), town.mails()[-1]
    assert new.message["To"] == BEA
    replaced = browser.get(old.link)
    assert (replaced.status_code, "older message" in replaced.text) == (400, True)
    assert town.prove(browser, page, old.code).status_code == 422
    assert town.prove(browser, page, new.code).headers["Location"] == f"{start}/confirm"


def test_three_messages_an_hour_go_to_one_mailbox_whoever_asks(
    town: EmailTown, start: str, before: Quiet
) -> None:
    for address in (ANNA, "Anna.Muster+1@example.org", "anna.muster+2@EXAMPLE.org"):
        town.write(town.browser(), start, address)
    browser = town.browser()
    page = town.ask(browser, town.begin(browser, start), ANNA)
    assert (page.status_code, "Several messages went to this address" in page.text) == (429, True)
    next_one = (town.site.at + timedelta(hours=1)).astimezone(ZoneInfo("Europe/Paris"))
    assert f"{next_one:%H:%M}" in page.text
    assert len(before.new_mails()) == 3
    assert town.ask(browser, page, BEA).status_code == 303  # others are not kept waiting
    town.site.later(minutes=61)
    town.write(town.browser(), start)


def test_a_form_from_elsewhere_or_without_a_login_does_nothing(
    town: EmailTown, start: str, before: Quiet
) -> None:
    browser = town.browser()
    page = town.begin(browser, start)
    stranger = town.browser()
    assert stranger.post(ROOM, {**form_of(page.text, ROOM), "address": ANNA}).status_code == 400
    assert browser.post(ROOM, {"address": ANNA}).status_code == 400
    assert browser.post(ROOM, {"address": ANNA, "csrf_token": "f" * 64}).status_code == 400
    for path in (ROOM, f"{ROOM}/code", f"{ROOM}/link"):
        assert stranger.get(path).status_code == 400
        assert stranger.get(path.replace("/email/email", "/email/nobody")).status_code == 404
        assert stranger.client.head(path).status_code == 405
        assert stranger.client.put(path).status_code == 405
    assert stranger.post(f"{ROOM}/link", {}).status_code == 405
    assert before.new_mails() == []
    prefetch = {"Sec-Purpose": "prefetch;prerender"}
    _page, mail = town.write(browser, start)
    assert browser.get(mail.link, headers=prefetch).status_code == 403
    assert_nothing(browser, before)


def test_a_pass_by_e_mail_serves_one_petition_and_one_act(town: EmailTown, start: str) -> None:
    browser = town.browser()
    town.log_in(browser, start)
    other = f"/en/petitions/{town.publish('Un marché couvert')}/sign"
    assert browser.get(f"{other}/confirm").status_code == 400
    assert browser.get(f"{start}/withdraw/confirm").status_code == 400
    assert town.confirm(browser, start).headers["Location"] == f"{start}/done"


def test_twenty_abandoned_logins_do_not_fill_the_browser(town: EmailTown, start: str) -> None:
    browser = town.browser()
    for number in range(20):
        town.write(browser, start, f"anna{number}@example.org")
    names = [name for name in browser.cookies() if name.startswith(("letter-", "login-"))]
    assert len(names) <= 7
    assert sum(len(browser.cookies()[name]) for name in names) < 8_000


def test_too_many_forms_from_one_network_wait_and_others_do_not(
    tmp_path: Path, sqlite_uri: str
) -> None:
    with open_email_town(tmp_path, sqlite_uri, limits="[limits]\nlogins = 2\n") as town:
        start = f"/en/petitions/{town.publish()}/sign"
        browser, other = town.browser(), town.browser()
        browser.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
        other.client.environ_base["REMOTE_ADDR"] = "203.0.113.10"
        page = town.begin(browser, start)
        statuses = [town.ask(browser, page, f"a{n}@example.org").status_code for n in range(4)]
        assert statuses == [303, 303, 429, 429]
        waiting = town.ask(browser, page, ANNA)
        assert "too many attempts from your connection" in waiting.text
        assert int(waiting.headers["Retry-After"]) > 0
        assert len(town.mails()) == 2
        back = town.log_in(other, start)
        assert back.headers["Location"] == f"{start}/confirm"
        form = browser.get(f"{ROOM}/code?state={form_of(page.text, ROOM)['csrf_token']}")
        codes = [town.prove(browser, form, "2222-2222").status_code for _ in range(3)]
        assert codes == [422, 422, 429]
        code = town.mails()[1].code  # the newest to this browser; the wait uses up no try
        town.site.later(minutes=10)
        assert town.prove(browser, form, code).headers["Location"] == f"{start}/confirm"
