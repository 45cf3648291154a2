"""What signs nothing: passes and forms that do not belong, petitions that are not open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from itsdangerous.timed import TimestampSigner

from tests.web.town import AMINA, BASTIEN, Browser, Town, form_of, open_town

NOTHING = (0, 0, 0)


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def room(ref: str) -> str:
    return f"/en/petitions/{ref}/sign/confirm"


def give(browser: Browser, name: str, value: str, path: str) -> None:
    browser.client.set_cookie(name, value, path=path)


def passed(browser: Browser) -> str:
    return browser.cookies()["pass"]


def altered(token: str, part: int) -> str:
    """One letter of one part of the pass is another one."""
    parts = token.split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    return ".".join(parts)


def assert_told(
    town: Town, answer: object, ref: str, *, acts: tuple[int, int, int] = NOTHING
) -> None:
    """A page with a way on; nothing stored, and the pass not spent."""
    assert answer.status_code == 400, answer.text[-400:]  # type: ignore[attr-defined]
    page = answer.text  # type: ignore[attr-defined]
    assert f'href="/en/petitions/{ref}/sign"' in page
    assert f'href="/en/petitions/{ref}"' in page
    assert "give this reference" in page
    assert answer.headers["Cache-Control"] == "no-store"  # type: ignore[attr-defined]
    assert town.acts() == acts


@pytest.mark.parametrize("part", [0, 2, 3, 4])
def test_an_altered_pass_opens_neither_the_page_nor_the_act(town: Town, part: int) -> None:
    ref, browser = town.publish(), town.browser()
    form = browser.confirm(ref)
    damaged = browser.twin()
    give(damaged, "pass", altered(passed(browser), part), room(ref))
    assert_told(town, damaged.get(room(ref)), ref)
    give(damaged, "pass", altered(passed(browser), part), room(ref))
    assert_told(town, damaged.post(room(ref), form), ref)
    assert browser.post(room(ref), form).status_code == 303, "the true pass is still good"


def test_a_pass_of_another_petition_signs_nothing(town: Town) -> None:
    one, other = town.publish(), town.publish("Des bancs sur la place")
    browser = town.browser()
    browser.confirm(one)
    of_one = passed(browser)
    form = browser.confirm(other)
    give(browser, "pass", of_one, room(other))
    assert_told(town, browser.post(room(other), form), other)


def test_a_pass_given_to_another_browser_signs_nothing(town: Town) -> None:
    ref, victim, thief = town.publish(), town.browser(), town.browser()
    victim.confirm(ref)
    form = thief.confirm(ref, BASTIEN)
    give(thief, "pass", passed(victim), room(ref))
    assert_told(town, thief.get(room(ref)), ref)
    give(thief, "pass", passed(victim), room(ref))
    assert_told(town, thief.post(room(ref), form), ref)


def test_a_pass_for_a_withdrawal_does_not_sign(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.log_in(f"/en/petitions/{ref}/sign/withdraw")
    to_withdraw = passed(browser)
    give(browser, "pass", to_withdraw, room(ref))
    assert_told(town, browser.get(room(ref)), ref)
    form = town.browser().confirm(ref)
    give(browser, "pass", to_withdraw, room(ref))
    assert_told(town, browser.post(room(ref), form), ref)


def test_a_pass_for_a_signature_does_not_withdraw(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    town.browser().sign(ref)
    form = browser.confirm(ref)
    path = f"/en/petitions/{ref}/sign/withdraw/confirm"
    give(browser, "pass", passed(browser), path)
    for answer in (browser.get(path), browser.post(path, form)):
        assert answer.status_code == 400
        again = f"/en/petitions/{ref}/sign/withdraw"
        assert f'href="{again}"' in answer.text, (
            "the way on leads to the withdrawal, not to signing"
        )
    assert town.acts() == (1, 1, 1)


def test_a_pass_is_too_old_after_eleven_minutes(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form = browser.confirm(ref)
    twin = browser.twin()
    town.site.later(minutes=11)
    for answer in (browser.get(room(ref)), twin.post(room(ref), form)):
        assert_told(town, answer, ref)
        assert "That took too long" in answer.text


def test_a_callback_address_serves_once(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    back = town.citizens.log_in(browser.leave(f"/en/petitions/{ref}/sign"))
    twin = browser.twin()
    assert browser.get(back).status_code == 303
    answer = twin.get(back)
    assert (answer.status_code, "This answer was used before" in answer.text) == (400, True)
    assert "pass" not in twin.cookies()


def test_the_answer_of_a_login_in_another_browser_opens_nothing(town: Town) -> None:
    ref, browser, other = town.publish(), town.browser(), town.browser()
    back = town.citizens.log_in(browser.leave(f"/en/petitions/{ref}/sign"))
    answer = other.get(back)
    assert (answer.status_code, "another browser" in answer.text) == (400, True)
    assert "pass" not in other.cookies()


def _absent(form: dict[str, str], _other: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if name != "csrf_token"}


def _foreign(form: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    return {**form, "csrf_token": other["csrf_token"]}


def _forged(form: dict[str, str], _other: dict[str, str]) -> dict[str, str]:
    return {**form, "csrf_token": form["csrf_token"][:-2] + "xx"}


@pytest.mark.parametrize("change", [_absent, _foreign, _forged])
def test_a_form_without_the_token_of_this_browser_is_refused(
    town: Town, change: Callable[..., dict[str, str]]
) -> None:
    ref, browser = town.publish(), town.browser()
    form, other = browser.confirm(ref), town.browser().confirm(ref, BASTIEN)
    twin = browser.twin()
    assert_told(town, twin.post(room(ref), change(form, other)), ref)
    assert browser.post(room(ref), form).status_code == 303, "its pass was not spent"


def test_a_form_that_was_open_for_too_long_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, browser = town.publish(), town.browser()
    now = TimestampSigner.get_timestamp
    with monkeypatch.context() as earlier:
        earlier.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) - 21 * 60)
        form = browser.confirm(ref)
    answer = browser.post(room(ref), form)
    assert_told(town, answer, ref)
    assert "That took too long" in answer.text


def test_a_drawn_value_of_another_step_is_refused(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, other = browser.confirm(ref), town.browser().confirm(ref, BASTIEN)
    assert_told(town, browser.twin().post(room(ref), {**form, "draw": other["draw"]}), ref)
    assert_told(town, browser.twin().post(room(ref), {**form, "draw": ""}), ref)


def test_a_form_without_its_tick_comes_back_with_what_was_entered(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form = browser.confirm(ref)
    answer = browser.post(room(ref), {**form, "declare": ""})
    assert answer.status_code == 422
    assert "Tick the declaration to sign." in answer.text
    assert 'href="#declare"' in answer.text, "the summary leads to the field"
    kept = form_of(answer.text, room(ref))
    assert kept["draw"] == form["draw"], "the same form, hence the same receipt"
    assert answer.headers["Cache-Control"] == "no-store"
    assert town.acts() == NOTHING
    done = browser.post(room(ref), {**kept, "declare": "y"})
    assert done.headers["Location"].endswith("/sign/done")


def test_a_petition_closed_between_login_and_form_says_so(town: Town) -> None:
    ref, early, late = town.publish(), town.browser(), town.browser()
    form = late.confirm(ref)
    early.log_in(f"/en/petitions/{ref}/sign", BASTIEN)
    town.end_signing(ref)
    for answer in (early.get(room(ref)), late.post(room(ref), form)):
        assert (answer.status_code, "Signing is closed." in answer.text) == (409, True)
        assert f'href="/en/petitions/{ref}"' in answer.text
    assert town.browser().get(f"/en/petitions/{ref}/sign").status_code == 409
    assert town.acts() == NOTHING


def test_a_closed_petition_says_that_signatures_can_no_longer_be_withdrawn(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    town.browser().sign(ref)
    path = f"/en/petitions/{ref}/sign/withdraw"
    browser.log_in(path)
    form = form_of(browser.get(f"{path}/confirm").text, f"{path}/confirm")
    town.end_signing(ref)
    page = town.browser().get(path)
    assert (page.status_code, "can no longer be withdrawn" in page.text) == (200, True)
    assert browser.post(f"{path}/confirm", form).status_code == 409
    assert town.acts() == (1, 1, 1)


def test_while_signing_is_suspended_withdrawing_is_said_to_wait_not_to_be_over(town: Town) -> None:
    ref = town.publish()
    town.browser().sign(ref)
    town.pause_signing(ref)
    page = town.browser().get(f"/en/petitions/{ref}/sign/withdraw")
    assert (page.status_code, "cannot be withdrawn now" in page.text) == (200, True)
    assert "no longer be withdrawn" not in page.text
    assert town.acts() == (1, 1, 1)


def test_an_unknown_petition_has_no_signing_room(town: Town) -> None:
    browser = town.browser()
    browser.confirm(town.publish())
    for path in ("sign", "sign/withdraw"):
        assert browser.get(f"/en/petitions/2026-9999/{path}").status_code == 404
    for path in ("sign/confirm", "sign/withdraw/confirm"):
        # the missing step is told first: an address is no oracle
        assert browser.get(f"/en/petitions/2026-9999/{path}").status_code == 400
    assert town.acts() == NOTHING


def test_a_removed_petition_is_gone_at_each_step(town: Town) -> None:
    ref, browser, other = town.publish(), town.browser(), town.browser()
    form = browser.confirm(ref)
    other.log_in(f"/en/petitions/{ref}/sign", BASTIEN)
    town.hide(ref)
    assert other.get(room(ref)).status_code == 410
    assert browser.post(room(ref), form).status_code in {409, 410}
    assert town.browser().get(f"/en/petitions/{ref}/sign").status_code == 410
    assert town.acts() == NOTHING


def test_a_browser_that_guesses_starts_no_login(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    rooms = [f"/en/petitions/{ref}/sign", f"/en/petitions/{ref}/sign/withdraw"]
    for room_ in [*rooms, "/en/start/login", "/office/sign-in"]:
        for header in ({"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}):
            assert browser.get(room_, headers=header).status_code == 403, room_
    assert browser.cookies() == {}


def test_a_language_that_the_site_does_not_speak_has_no_rooms(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    for lang in ("de", "xx", "%E2%82%AC", "..", "en%20", "a;b", "EN"):
        for path in (f"petitions/{ref}/sign", f"petitions/{ref}/sign/withdraw", "start/login"):
            assert browser.get(f"/{lang}/{path}").status_code == 404, lang
    assert browser.cookies() == {}


def test_a_login_of_one_person_never_shows_what_another_did(town: Town) -> None:
    """Before the login, pages are the same whether or not somebody has signed."""
    ref = town.publish()
    before = town.browser().get(f"/en/petitions/{ref}/sign")
    town.browser().sign(ref, AMINA)
    after = town.browser().get(f"/en/petitions/{ref}/sign")
    assert (before.status_code, before.text) == (after.status_code, after.text)
    stranger = town.browser()
    for page in ("done", "already"):
        answer = stranger.get(f"/en/petitions/{ref}/sign/{page}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/en/petitions/{ref}")
