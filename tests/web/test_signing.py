"""Login → confirm → sign → done, and back again, over HTTP, on both databases."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.ledger.commitments import commitment
from petitions.ledger.entries import EntryType, Sign, VKey, leaf_hash, write
from petitions.ledger.notes import open_note
from petitions.ledger.promise import parse_promise
from petitions.ledger.receipt import Receipt, parse_receipt, short_code
from petitions.storage import tables as t
from tests.web.town import AMINA, BASTIEN, Browser, Town, form_of, open_town


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


def receipt_of(page: str) -> Receipt:
    found = re.search(r'href="data:text/plain;base64,([^"]+)" download', page)
    assert found, page[-1500:]
    return parse_receipt(b64decode(found[1]).decode())


def commitment_of(town: Town, receipt: Receipt) -> bytes:
    with town.site.session() as session:
        origin = session.scalars(select(t.LogState.origin)).one()
    return commitment(origin, receipt.petition, receipt.r)


def standing(town: Town) -> list[str]:
    with town.site.session() as session:
        return list(session.scalars(select(t.Signature.standing)))


def public_count(browser: Browser, ref: str) -> int:
    answer = browser.get(f"/petitions/{ref}/counts.json")
    return int(answer.get_json()["verified"])


def test_one_login_gives_one_signature_and_a_receipt_that_proves_itself(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    answer = browser.sign(ref)
    done = f"/en/petitions/{ref}/sign/done"
    assert (answer.status_code, answer.headers["Location"]) == (303, done)
    assert town.acts() == (1, 1, 1)
    page = browser.get(done)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    receipt = receipt_of(page.text)
    c = commitment_of(town, receipt)
    assert short_code(c) in page.text

    town.integrate()
    (signed,) = town.entries(EntryType.SIGN)
    assert signed.fields == Sign(c)
    announced = [e.fields for e in town.entries(EntryType.VKEY)]
    keys = [each.vkey for each in announced if isinstance(each, VKey) and each.role == 2]
    promise = parse_promise(open_note(receipt.promise_note, keys))
    assert promise.leaf == leaf_hash(write(signed.petition, signed.fields))
    assert promise.petition == signed.petition == receipt.petition
    with town.site.session() as session:
        entry = write(signed.petition, signed.fields)
        leaf = session.scalars(select(t.LogEntry).where(t.LogEntry.entry == entry)).one()
        batch = session.get_one(t.LogBatch, (leaf.log_id, leaf.batch_no))
        assert promise.first <= leaf.idx
        assert batch.at.timestamp() <= promise.by
    assert public_count(browser, ref) == 1


def test_after_signing_the_browser_keeps_nothing_but_the_way_out_of_the_provider(
    town: Town,
) -> None:
    ref, browser = town.publish(), town.browser()
    browser.sign(ref)
    browser.get(f"/en/petitions/{ref}/sign/done")
    assert set(browser.cookies()) == {"leave"}
    again = browser.get(f"/en/petitions/{ref}/sign/done")
    assert (again.status_code, again.headers["Location"]) == (303, f"/en/petitions/{ref}")


def test_the_signed_page_says_in_one_sentence_why_it_names_two_times(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.sign(ref)
    page = browser.get(f"/en/petitions/{ref}/sign/done").text
    delay = re.search(r"Your signature joins the public count within ([^.]+)\.", page)
    assert delay
    told = f"As a rule your signature is in the log within {delay[1]}. The promise"
    assert re.search(rf"{told} that the receipt carries is the outer limit.*: \d+ March 2026", page)


def test_a_second_signature_of_one_person_is_told_the_day_of_the_first(town: Town) -> None:
    ref = town.publish()
    town.browser().sign(ref)
    waiting, later = town.browser(), town.browser()
    path = f"/en/petitions/{ref}/sign/already"
    assert waiting.sign(ref).headers["Location"] == path
    page = waiting.get(path)
    assert "You have already signed this petition" in page.text
    assert "You signed on" not in page.text, "no batch yet, so there is no day to tell"
    assert "The day was found" not in page.text
    town.integrate()
    town.site.later(days=3)
    assert later.sign(ref).headers["Location"] == path
    page = later.get(path)
    assert "You signed on 2 March 2026" in page.text
    assert "The day was found with your login just now; nobody else can read it." in page.text
    assert "data:text/plain" not in page.text, "nothing that looks like a second success"
    assert page.headers["Cache-Control"] == "no-store"
    assert (town.count(t.Signature), len(town.entries(EntryType.SIGN))) == (1, 1)
    assert public_count(later, ref) == 1


def test_a_form_that_arrives_twice_gets_the_same_receipt_and_one_row(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form = browser.confirm(ref)
    twin, path = browser.twin(), f"/en/petitions/{ref}/sign/confirm"
    for each in (browser, twin):
        assert each.post(path, form).headers["Location"].endswith("/sign/done")
    receipts = [receipt_of(b.get(f"/en/petitions/{ref}/sign/done").text) for b in (browser, twin)]
    assert commitment_of(town, receipts[0]) == commitment_of(town, receipts[1])
    assert town.acts() == (1, 1, 1)
    town.integrate()
    assert len(town.entries(EntryType.SIGN)) == 1


def test_eight_presses_at_once_leave_one_signature(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    twins = [browser.twin() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda twin: twin.post(path, form), twins))
    assert {answer.headers["Location"] for answer in answers} == {f"/en/petitions/{ref}/sign/done"}
    assert town.acts() == (1, 1, 1)


def test_two_tabs_of_one_login_give_one_signature_and_one_already_signed(town: Town) -> None:
    ref, first = town.publish(), town.browser()
    form, path = first.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    second = first.twin()
    other_form = {**form_of(second.get(path).text, path), "declare": "y"}
    assert other_form["draw"] != form["draw"]
    answers = [first.post(path, form), second.post(path, other_form)]
    ends = [answer.headers["Location"].rpartition("/")[2] for answer in answers]
    assert ends == ["done", "already"]
    assert town.acts() == (1, 1, 1)


def test_of_two_tabs_that_each_began_a_login_only_the_newer_one_signs(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    older = browser.leave(f"/en/petitions/{ref}/sign")
    newer = browser.leave(f"/en/petitions/{ref}/sign")
    path = browser.get(town.citizens.log_in(older)).headers["Location"]
    page = browser.get(path)
    assert (page.status_code, "Nothing was recorded." in page.text) == (400, True)
    assert f'href="/en/petitions/{ref}/sign"' in page.text, "there is a way on"
    browser.get(town.citizens.log_in(newer))
    form = {**form_of(browser.get(path).text, path), "declare": "y"}
    assert browser.post(path, form).headers["Location"].endswith("/sign/done")
    assert town.acts() == (1, 1, 1)


def test_a_form_sent_again_from_the_history_is_told_that_what_was_done_stays(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    browser.get(browser.post(path, form).headers["Location"])  # and the page was read
    page = browser.post(path, form)
    assert page.status_code == 400
    assert "Did you see the page that thanks you for signing? Then" in page.text
    assert "Nothing was recorded" not in page.text
    assert town.acts() == (1, 1, 1)


def test_two_people_give_two_signatures_that_nothing_tells_apart(town: Town) -> None:
    ref = town.publish()
    for person in (AMINA, BASTIEN):
        assert town.browser().sign(ref, person).headers["Location"].endswith("/done")
    town.integrate()
    assert len(town.entries(EntryType.SIGN)) == 2
    assert public_count(town.browser(), ref) == 2


def test_a_withdrawal_takes_the_signature_back_and_one_may_sign_once_more(town: Town) -> None:
    ref = town.publish()
    town.browser().sign(ref)
    town.integrate()
    stranger = town.browser().withdraw(ref, BASTIEN)
    assert (stranger.status_code, "You have not signed" in stranger.text) == (200, True)
    browser = town.browser()
    gone = browser.withdraw(ref)
    assert "Your signature is withdrawn" in gone.text
    assert gone.headers["Cache-Control"] == "no-store"
    assert set(browser.cookies()) == {"leave"}
    assert standing(town) == ["withdrawn"]
    again = town.browser().withdraw(ref)
    assert "You have not signed" in again.text
    town.integrate()
    assert public_count(browser, ref) == 0
    assert len(town.entries(EntryType.WITHDRAW)) == 1

    assert town.browser().sign(ref).headers["Location"].endswith("/done")
    town.integrate()
    assert (standing(town), public_count(browser, ref)) == (["signed"], 1)
    assert town.browser().withdraw(ref).status_code == 200
    last = town.browser().sign(ref)
    assert (last.status_code, "as often as the rules allow" in last.text) == (409, True)


def test_the_second_of_a_double_click_comes_to_the_same_page_after_the_first_was_answered(
    town: Town,
) -> None:
    ref, browser = town.publish(), town.browser()
    path, form = f"/en/petitions/{ref}/sign/confirm", browser.confirm(ref)
    first = browser.post(path, form)
    again = browser.post(path, form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert "Your signature is recorded" in browser.get(again.headers["Location"]).text
    assert browser.post(path, form).status_code == 400, (
        "the page was shown, and shows nothing twice"
    )
    other = {**form, "csrf_token": town.browser().confirm(ref, BASTIEN)["csrf_token"]}
    assert browser.post(path, other).status_code == 400, "somebody else's form tells nothing"
    assert standing(town) == ["signed"]


def test_a_withdrawal_sent_twice_is_one_withdrawal(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.sign(ref)
    path = f"/en/petitions/{ref}/sign/withdraw/confirm"
    browser.log_in(f"/en/petitions/{ref}/sign/withdraw")
    form = form_of(browser.get(path).text, path)
    twin = browser.twin()
    for each in (browser, twin):
        answer = each.post(path, form)
        assert (answer.status_code, "is withdrawn" in answer.text) == (200, True)
    town.integrate()
    assert len(town.entries(EntryType.WITHDRAW)) == 1


def test_a_signing_pass_recorded_before_a_withdrawal_signs_nothing_afterwards(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    recorded = browser.twin()
    browser.post(path, form)
    town.browser().withdraw(ref)
    page = recorded.post(path, {**form_of(recorded.get(path).text, path), "declare": "y"})
    assert page.status_code == 400
    assert "Did you see the page that thanks you for signing? Then" in page.text
    assert standing(town) == ["withdrawn"]


def test_the_pages_speak_the_language_of_the_petition_page_they_came_from(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.sign(ref, lang="fr")
    page = browser.get(f"/fr/petitions/{ref}/sign/done")
    assert '<html lang="fr"' in page.text
    assert "Votre signature est enregistrée" in page.text
    assert receipt_of(page.text).petition


def test_the_last_second_signs_and_the_next_one_does_not(town: Town) -> None:
    ref, early, late = town.publish(), town.browser(), town.browser()
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        closes = session.get_one(t.PetitionSigning, petition.id).closes_at
    town.site.at = closes - timedelta(minutes=5)
    forms = [(early, early.confirm(ref)), (late, late.confirm(ref, BASTIEN))]
    path = f"/en/petitions/{ref}/sign/confirm"
    town.site.at = closes - timedelta(seconds=1)
    assert forms[0][0].post(path, forms[0][1]).status_code == 303
    town.site.at = closes
    assert forms[1][0].post(path, forms[1][1]).status_code == 409
    assert town.acts() == (1, 1, 1)
