"""Receipts over HTTP: who draws the random value, what the signer is given, and the check without
scripts, which answers in the browser's own words and keeps nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
import segno
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from petitions.ledger.commitments import commitment
from petitions.ledger.entries import EntryType, Sign
from petitions.ledger.receipt import receipt_file, short_code
from petitions.ledger.receipt_check import MAX_TEXT, Finding
from petitions.storage import tables as t
from petitions.web.receipt_words import SENTENCES, VERDICTS
from petitions.web.receipts import QUIET
from tests.privacy.canaries import Canary, files_under, search
from tests.web.town import Browser, Town, town_of_a_module
from verifier import petition_verify

BAD = ["0" * 63, "0" * 65, "g" * 64, "A" * 64, "0" * 63 + "é", b64encode(bytes(32)).decode(), " "]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    with town_of_a_module(tmp_path_factory, "receipts", sqlite_template) as found:
        yield found


@pytest.fixture
def ref(town: Town) -> str:
    return town.publish(f"Un bus toutes les {secrets.randbelow(10**9)} minutes")


@pytest.fixture
def browser(town: Town) -> Browser:
    return town.browser()


def person() -> str:
    return f"signer {secrets.token_hex(8)}"


def room(ref: str) -> str:
    return f"/en/petitions/{ref}/sign"


def box(page: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {"declare": "y"} | {name: unescape(value) for name, value in found}


def begin(browser: Browser, ref: str, who: str = "") -> TestResponse:
    """The confirm page of somebody who just logged in."""
    browser.log_in(room(ref), who or person())
    return browser.get(f"{room(ref)}/confirm")


def send(browser: Browser, ref: str, page: str, **more: str) -> TestResponse:
    return browser.post(f"{room(ref)}/confirm", fields(page) | more)


def drawn_here(browser: Browser, ref: str, r: bytes) -> str:
    """As the script does: r stays here, the form carries its commitment. The signed page."""
    page = begin(browser, ref).text
    c = commitment(box(page, "origin"), UUID(box(page, "petition")), r)
    assert send(browser, ref, page, c=c.hex()).headers["Location"].endswith("/done")
    return browser.get(f"{room(ref)}/done").text


def signed(browser: Browser, ref: str, r: bytes) -> str:
    """The receipt, completed as the browser completes it."""
    page = drawn_here(browser, ref, r)
    return receipt_file(UUID(box(page, "petition")), r, box(page, "promise"))


def asked(town: Town, text: str, lang: str = "en") -> TestResponse:
    return town.browser().post(f"/{lang}/receipt", {"text": text})


def result(answer: TestResponse) -> str:
    """What is shown, without the sentences that the script would choose from."""
    found = re.search(r'<section id="result".*?</section>', answer.text, re.DOTALL)
    assert found
    return unescape(found[0])


def words(finding: Finding) -> str:
    """Its sentence as far as the first fact."""
    return SENTENCES[finding].partition("%(")[0].strip()


def proof_of(answer: TestResponse) -> str:
    file = re.search(r'id="proof-file" href="data:text/plain;base64,([^"]+)"', answer.text)
    assert file, result(answer)
    return b64decode(file[1]).decode()


def signatures(town: Town, ref: str) -> int:
    with town.site.session() as session:
        petition = town.site.petition(session, ref).id
    return town.count(t.Signature, t.Signature.petition_id == petition)


# --- who draws ---------------------------------------------------------------------------------


def test_a_value_drawn_in_the_browser_is_nowhere_on_the_server(
    town: Town, browser: Browser, ref: str, caplog: pytest.LogCaptureFixture
) -> None:
    r = secrets.token_bytes(32)
    page = drawn_here(browser, ref, r)
    assert 'id="receipt-file" href=""' in page, "the browser completes it"
    c = bytes.fromhex(box(page, "c"))
    assert short_code(c) in page
    town.integrate()
    assert c in [e.fields.c for e in town.entries(EntryType.SIGN) if isinstance(e.fields, Sign)]
    places = files_under(town.folder) | {
        "page": page.encode(), "cookies": repr(browser.cookies()).encode(),
        "log": caplog.text.encode(),
    }  # fmt: skip
    assert not search(places, [Canary("r", r)])
    assert search(places, [Canary("c", c)]), "the search finds what is there"


def test_without_scripts_the_server_draws_and_both_pages_say_that_it_is_weaker(
    browser: Browser, ref: str
) -> None:
    confirm = begin(browser, ref)
    assert "that is weaker, because the server knew it" in confirm.text
    assert fields(confirm.text)["c"] == ""
    send(browser, ref, confirm.text)
    page = browser.get(f"{room(ref)}/done")
    assert "That is weaker than a value drawn in your browser" in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_a_commitment_of_another_shape_is_refused_and_nothing_is_lost(
    town: Town, browser: Browser, ref: str
) -> None:
    page = begin(browser, ref)
    for sent in BAD:
        page = send(browser, ref, page.text, c=sent)
        assert page.status_code == 422, sent
        assert "commitment for the receipt could not be used" in page.text
        assert " data-again" in page.text, "the browser draws another value"
        assert fields(page.text)["c"] == ""
    assert signatures(town, ref) == 0
    done = send(browser, ref, page.text, c=secrets.token_hex(32))
    assert done.headers["Location"].endswith("/done"), "the pass was not spent"


@pytest.mark.parametrize("logged", [False, True], ids=["waiting", "in the log"])
def test_the_commitment_of_somebody_else_signs_nothing(
    town: Town, browser: Browser, ref: str, logged: bool
) -> None:
    theirs = box(drawn_here(town.browser(), ref, secrets.token_bytes(32)), "c")
    if logged:
        town.integrate()
    refused = send(browser, ref, begin(browser, ref).text, c=theirs)
    assert (refused.status_code, " data-again" in refused.text) == (422, True)
    assert signatures(town, ref) == 1
    done = send(browser, ref, refused.text, c=secrets.token_hex(32))
    assert done.headers["Location"].endswith("/done")
    assert signatures(town, ref) == 2


def test_the_same_commitment_sent_twice_is_one_signature_with_one_receipt(
    town: Town, browser: Browser, ref: str
) -> None:
    page, c = begin(browser, ref).text, secrets.token_hex(32)
    twin = browser.twin()
    for each in (browser, twin):
        assert send(each, ref, page, c=c).headers["Location"].endswith("/done")
        assert box(each.get(f"{room(ref)}/done").text, "c") == c
    assert signatures(town, ref) == 1


def test_every_page_of_one_login_has_one_mark_and_the_next_login_another(
    browser: Browser, ref: str
) -> None:
    marks = []
    for _ in range(2):
        first, again = begin(browser, ref), browser.get(f"{room(ref)}/confirm")
        assert box(first.text, "step") == box(again.text, "step")
        marks.append(box(first.text, "step"))
    assert marks[0] != marks[1], "nobody at this tab sends the value of the person before"


# --- pages -------------------------------------------------------------------------------------


def test_scripts_run_on_the_pages_of_receipts_and_on_no_other(browser: Browser, ref: str) -> None:
    policy = begin(browser, ref).headers["Content-Security-Policy"]
    assert policy.endswith("; script-src 'self'")
    policy = browser.get("/en/receipt").headers["Content-Security-Policy"]
    assert policy.endswith("; script-src 'self'; connect-src 'self'")
    for path in (f"/en/petitions/{ref}", "/en/", "/en/verify", "/en/log"):
        answer = browser.get(path)
        assert "script-src" not in answer.headers["Content-Security-Policy"], path
        # data for search engines is a block of JSON, which no browser runs
        assert "<script" not in answer.text.replace('<script type="application/ld+json"', ""), path


def test_the_confirm_page_stays_small_and_its_scripts_are_named_by_their_hash(
    browser: Browser, ref: str
) -> None:
    page = begin(browser, ref)
    scripts = re.findall(r'<script src="([^"]+)" integrity="sha256-([^"]+)" defer>', page.text)
    size = len(page.data)
    for path, integrity in scripts:
        script = browser.get(path)
        digest = hashlib.sha256(script.data).digest()
        assert path.split(".")[1] == digest.hex()[:12]
        assert b64decode(integrity) == digest
        assert script.mimetype in {"text/javascript", "application/javascript"}
        assert "immutable" in script.headers["Cache-Control"]
        size += len(script.data)
    assert len(scripts) == page.text.count("<script") == 2
    assert size < 15_000, "page and scripts, not even packed"


def test_the_signed_page_gives_file_picture_code_and_address(browser: Browser, ref: str) -> None:
    send(browser, ref, begin(browser, ref).text)
    page = browser.get(f"{room(ref)}/done").text
    file = re.search(r'href="data:text/plain;base64,([^"]+)" download="receipt-', page)
    assert file
    assert "http://127.0.0.1:8000/en/receipt" in page
    picture = page.partition('id="receipt-qr"')[2].partition("</svg>")[0]
    assert "style" not in picture
    code = segno.make(b64decode(file[1]), error="l", mode="byte", mask=0, boost_error=False)
    drawn = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", picture)}
    wanted = {
        (x + QUIET, y + QUIET)
        for y, row in enumerate(code.matrix)
        for x, dark in enumerate(row)
        if dark
    }
    assert drawn == wanted


# --- the check by this server -----------------------------------------------------------------


def test_a_receipt_waits_for_its_batch_and_then_becomes_a_proof(
    town: Town, browser: Browser, ref: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = signed(browser, ref, secrets.token_bytes(32))
    assert words(Finding.NOT_YET) in result(asked(town, receipt))
    assert VERDICTS["waiting"] in result(asked(town, receipt))
    town.integrate()
    answer = asked(town, receipt)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    steps = (
        Finding.VALUE_FITS, Finding.CHECKPOINT_SIGNED, Finding.PROMISE_SIGNED, Finding.FOUND,
        Finding.PROOF_LEADS,
    )  # fmt: skip
    assert [each for each in steps if words(each) not in result(answer)] == []
    assert VERDICTS["proved"] in result(answer)
    proof = proof_of(answer)
    assert proof_of(asked(town, proof)) == proof
    assert "Prouvé" in result(asked(town, proof, "fr"))
    for name, text in (("receipt.txt", receipt), ("receipt.tlog-proof", proof)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        log = str(town.folder / "log" / "2026")
        code = petition_verify.main(["receipt", str(tmp_path / name), log])
        told = capsys.readouterr().out
        assert (code, "V-601 good" in told) == (0, True), told


def test_a_file_is_read_as_its_text_is(town: Town, browser: Browser, ref: str) -> None:
    receipt = signed(browser, ref, secrets.token_bytes(32))
    town.integrate()
    file = (BytesIO(receipt.replace("\n", "\r\n").encode()), "receipt.txt")
    answer = browser.client.post("/en/receipt", data={"file": file, "text": ""})
    assert VERDICTS["proved"] in result(answer)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", Finding.EMPTY),
        ("x" * (MAX_TEXT + 1), Finding.TOO_LARGE),
        ("hello", Finding.NOT_A_RECEIPT),
        ("petition-receipt/v1\nextra AAAA\n\nx\n\n— y AAAAAAAA\n", Finding.NOT_A_RECEIPT),
        ("c2sp.org/tlog-proof@v1\nindex 0\n\nx\n0\nAAAA\n\n— y AAAAAAAA\n", Finding.NOT_A_RECEIPT),
        ("\x00\ufffd<script>", Finding.NOT_A_RECEIPT),
    ],
)
def test_what_is_no_receipt_is_answered_with_a_clear_sentence(
    town: Town, text: str, finding: Finding
) -> None:
    answer = asked(town, text)
    assert answer.status_code == 422
    assert words(finding) in result(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script>" not in answer.text


def test_the_answer_of_the_server_comes_to_the_verdict(
    town: Town, browser: Browser, ref: str
) -> None:
    assert 'action="/en/receipt#verdict"' in browser.get("/en/receipt").text
    receipt = signed(browser, ref, secrets.token_bytes(32))
    town.integrate()
    assert '<h2 id="verdict" tabindex="-1">Proved' in result(asked(town, receipt))
    assert "autofocus" not in asked(town, receipt).text, "it would compete with the address"


def test_nothing_given_is_a_fault_of_the_form(town: Town) -> None:
    answer = asked(town, " \n")
    assert answer.status_code == 422
    assert '<section id="result" class="errors"' in answer.text
    assert VERDICTS["empty"] in result(answer)
    assert VERDICTS["open"] not in result(answer)
    assert "<title>Error:" in answer.text
    assert answer.text.count('aria-invalid="true"') == 2


def test_what_is_wrong_is_said_before_what_fits(town: Town, browser: Browser, ref: str) -> None:
    receipt = signed(browser, ref, secrets.token_bytes(32))
    other = signed(town.browser(), ref, secrets.token_bytes(32))
    mixed = "\n".join([*receipt.split("\n")[:2], *other.split("\n")[2:]])
    shown = result(asked(town, mixed))
    first, then = (
        shown.index(words(Finding.VALUE_WRONG)),
        shown.index("Fingerprint of what was given"),
    )
    assert first < then


def test_the_command_of_the_answer_fits_the_file(town: Town, browser: Browser, ref: str) -> None:
    receipt = signed(browser, ref, secrets.token_bytes(32))
    assert "in place of “receipt.txt”" in unescape(browser.get("/en/receipt").text)
    assert f" receipt receipt-{ref}.txt http" in asked(town, receipt).text
    assert f"in place of “receipt-{ref}.txt”." in unescape(asked(town, receipt).text)
    file = (BytesIO(receipt.encode()), "my receipt.txt")
    answer = browser.client.post("/en/receipt", data={"file": file, "text": ""})
    assert " receipt 'my receipt.txt' http" in unescape(answer.text)
    assert '<p id="file-name" hidden>' in answer.text


def test_a_promise_that_was_not_kept_is_called_broken(
    town: Town, browser: Browser, ref: str
) -> None:
    receipt = signed(browser, ref, secrets.token_bytes(32))
    with town.site.session() as session:  # as a dishonest operator would
        petition = town.site.petition(session, ref).id
        mine = select(t.Petition.id).where(t.Petition.id == petition).scalar_subquery()
        session.execute(delete(t.PendingEntry).where(t.PendingEntry.petition_id == mine))
    town.integrate()
    assert words(Finding.NOT_YET) in result(asked(town, receipt))
    town.site.later(hours=26)
    answer = asked(town, receipt)
    assert words(Finding.BROKEN) in result(answer)
    assert VERDICTS["wrong"] in result(answer)


def test_the_answer_tells_nothing_of_a_withdrawal_and_nothing_is_kept_of_it(
    town: Town, browser: Browser, ref: str, caplog: pytest.LogCaptureFixture
) -> None:
    r, who = secrets.token_bytes(32), person()
    page = begin(browser, ref, who).text
    c = commitment(box(page, "origin"), UUID(box(page, "petition")), r)
    send(browser, ref, page, c=c.hex())
    done = browser.get(f"{room(ref)}/done").text
    receipt = receipt_file(UUID(box(done, "petition")), r, box(done, "promise"))
    town.integrate()
    proof = proof_of(asked(town, receipt))
    before = result(asked(town, proof))
    assert "is withdrawn" in browser.withdraw(ref, who).text
    town.integrate()
    assert result(asked(town, proof)) == before
    assert VERDICTS["proved"] in result(asked(town, receipt))
    places = files_under(town.folder) | {"log": caplog.text.encode()}
    assert not search(places, [Canary("r", r)])
