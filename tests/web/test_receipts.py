"""Receipts over HTTP: who draws the random value, what the signer is given, and the check without
scripts, which answers in the browser's own words and keeps nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
import segno
from werkzeug.test import TestResponse

from petitions.ledger.commitments import commitment
from petitions.ledger.entries import EntryType, Sign
from petitions.ledger.receipt import parse_tlog_proof, receipt_file, short_code, tlog_proof
from petitions.ledger.receipt_check import MAX_TEXT, Finding
from petitions.web.receipt_words import SENTENCES, VERDICTS
from petitions.web.receipts import QUIET
from tests.privacy.canaries import Canary, search
from tests.web.town import BASTIEN, Browser, Town, form_of, open_town
from verifier import petition_verify

ORIGIN = "127.0.0.1/2026"
BAD = ["0" * 63, "0" * 65, "g" * 64, "A" * 64, "00" * 31 + "é0", b64encode(bytes(32)).decode(), " "]


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


def box(page: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def drawn_here(browser: Browser, ref: str, r: bytes, **more: str) -> TestResponse:
    """As the browser's script does: r stays here, the form carries its commitment."""
    path = f"/en/petitions/{ref}/sign/confirm"
    form = browser.confirm(ref)
    page = browser.get(path).text
    from uuid import UUID

    c = commitment(box(page, "origin"), UUID(box(page, "petition")), r)
    return browser.post(path, {**form, "c": c.hex(), **more})


def signed(town: Town) -> tuple[str, str]:
    """A signature whose value the browser drew; the petition's number and the whole receipt."""
    ref, browser, r = town.publish(), town.browser(), secrets.token_bytes(32)
    assert drawn_here(browser, ref, r).headers["Location"].endswith("/done")
    page = browser.get(f"/en/petitions/{ref}/sign/done").text
    from uuid import UUID

    return ref, receipt_file(UUID(box(page, "petition")), r, box(page, "promise"))


def asked(town: Town, text: str, lang: str = "en") -> TestResponse:
    return town.browser().post(f"/{lang}/receipt", {"text": text})


def words(finding: Finding) -> str:
    """The part of the sentence before its first fact."""
    return SENTENCES[finding].partition("%(")[0].strip()


def visible(answer: TestResponse) -> str:
    """The result, without the sentences that the script would choose from."""
    found = re.search(r'<section id="result".*?</section>', answer.text, re.DOTALL)
    assert found
    return unescape(found[0])


# --- who draws ---------------------------------------------------------------------------------


def test_a_value_drawn_in_the_browser_never_reaches_the_server(town: Town) -> None:
    ref, browser, r = town.publish(), town.browser(), secrets.token_bytes(32)
    drawn_here(browser, ref, r)
    page = browser.get(f"/en/petitions/{ref}/sign/done")
    assert 'id="receipt-file" href=""' in page.text, "the browser completes it"
    assert "has not sent it" in page.text
    c = bytes.fromhex(box(page.text, "c"))
    assert short_code(c) in page.text
    town.integrate()
    (entry,) = town.entries(EntryType.SIGN)
    assert entry.fields == Sign(c)
    places = {str(p): p.read_bytes() for p in town.folder.rglob("*") if p.is_file()}
    places["page"] = page.data
    places["cookies"] = repr(browser.cookies()).encode()
    canary = [Canary("r", r)]
    assert not search(places, canary)
    assert search({**places, "planted": b"x" + b64encode(r)}, canary), "the search finds one"


def test_without_scripts_the_server_draws_and_both_pages_say_that_it_is_weaker(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form = browser.confirm(ref)
    path = f"/en/petitions/{ref}/sign/confirm"
    confirm = browser.get(path).text
    assert "that is weaker, because the server knew it" in confirm
    assert form["c"] == ""
    browser.post(path, form)
    page = browser.get(f"/en/petitions/{ref}/sign/done")
    assert "That is weaker than a value drawn in your browser" in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("sent", BAD)
def test_a_commitment_of_another_shape_is_refused_and_nothing_is_lost(
    town: Town, sent: str
) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    answer = browser.post(path, {**form, "c": sent})
    assert answer.status_code == 422
    assert "commitment for the receipt could not be used" in unescape(answer.text)
    assert "data-again" in answer.text, "the browser draws another value"
    assert town.acts() == (0, 0, 0)
    kept = {**form_of(answer.text.replace(" data-again", ""), path), "declare": "y"} if False else (
        hidden_fields(answer.text)
    )
    assert kept["c"] == ""
    done = browser.post(path, {**kept, "declare": "y"})
    assert done.headers["Location"].endswith("/done"), "the pass was not spent"


def hidden_fields(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in fields}


def test_a_commitment_of_somebody_else_is_refused_and_another_one_signs(town: Town) -> None:
    ref, r = town.publish(), secrets.token_bytes(32)
    drawn_here(town.browser(), ref, r)
    thief = town.browser()
    path = f"/en/petitions/{ref}/sign/confirm"
    for integrated in (False, True):
        if integrated:
            town.integrate()
        form = thief.confirm(ref, BASTIEN)
        (c,) = stored_commitments(town)
        answer = thief.post(path, {**form, "c": c})
        assert (answer.status_code, "data-again" in answer.text) == (422, True)
        assert len(stored_commitments(town)) == 1
    own = {**hidden_fields(answer.text), "c": secrets.token_hex(32), "declare": "y"}
    assert thief.post(path, own).headers["Location"].endswith("/done")


def stored_commitments(town: Town) -> list[str]:
    from sqlalchemy import select

    from petitions.storage import tables as t

    with town.site.session() as session:
        waiting = session.scalars(
            select(t.PendingEntry.body).where(t.PendingEntry.type == int(EntryType.SIGN))
        ).all()
    logged = [e.fields.c for e in town.entries(EntryType.SIGN) if isinstance(e.fields, Sign)]
    return [c.hex() for c in (*waiting, *logged)]


def test_the_same_commitment_sent_twice_is_one_signature_with_one_receipt(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    form["c"] = secrets.token_hex(32)
    twin = browser.twin()
    pages = []
    for each in (browser, twin):
        assert each.post(path, form).headers["Location"].endswith("/done")
        pages.append(each.get(f"/en/petitions/{ref}/sign/done").text)
    assert [box(page, "c") for page in pages] == [form["c"]] * 2
    assert town.acts() == (1, 1, 1)


def test_every_page_of_one_login_has_one_mark_and_the_next_login_another(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    path = f"/en/petitions/{ref}/sign/confirm"
    marks = []
    for _ in range(2):
        browser.confirm(ref)
        pages = [browser.get(path).text for _ in range(2)]
        marks.append({box(page, "step") for page in pages})
    assert [len(mark) for mark in marks] == [1, 1]
    assert marks[0] != marks[1], "nobody sends the value of the person before"


# --- pages -------------------------------------------------------------------------------------


def test_scripts_run_on_the_pages_of_receipts_and_on_no_other(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.confirm(ref)
    confirm = browser.get(f"/en/petitions/{ref}/sign/confirm")
    assert "; script-src 'self'" in confirm.headers["Content-Security-Policy"]
    assert "connect-src" not in confirm.headers["Content-Security-Policy"]
    check = browser.get("/en/receipt")
    assert "; script-src 'self'; connect-src 'self'" in check.headers["Content-Security-Policy"]
    for path in (f"/en/petitions/{ref}", "/en/", "/en/verify", "/en/log", "/en/petitions"):
        answer = browser.get(path)
        assert "script-src" not in answer.headers["Content-Security-Policy"], path
        assert "<script" not in answer.text, path


def test_a_script_has_its_hash_in_its_name_and_its_integrity_on_the_page(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.confirm(ref)
    confirm = browser.get(f"/en/petitions/{ref}/sign/confirm")
    scripts = re.findall(r'<script src="([^"]+)" integrity="sha256-([^"]+)" defer>', confirm.text)
    assert [path.split("/")[2].split(".")[0] for path, _ in scripts] == ["receipt-bytes", "draw"]
    size = len(confirm.data)
    for path, integrity in scripts:
        script = browser.get(path)
        digest = hashlib.sha256(script.data).digest()
        assert digest.hex().startswith(path.split(".")[1])
        assert b64decode(integrity) == digest
        assert script.mimetype == "text/javascript"
        assert "immutable" in script.headers["Cache-Control"]
        size += len(script.data)
    assert size < 15_000, "page and scripts, not even packed"
    assert len(scripts) + len(re.findall(r'<link rel="(?:stylesheet|icon)"', confirm.text)) < 6


def test_the_signed_page_gives_file_code_and_address(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    browser.sign(ref)
    page = browser.get(f"/en/petitions/{ref}/sign/done").text
    file = re.search(r'href="data:text/plain;base64,([^"]+)" download="receipt-', page)
    assert file
    text = b64decode(file[1]).decode()
    assert "http://127.0.0.1:8000/en/receipt" in page
    picture = re.search(r"<svg viewBox.*?</svg>", page.split('id="receipt-qr"')[1], re.DOTALL)
    assert picture
    assert "style" not in picture[0]
    assert dots(picture[0]) == [list(row) for row in segno.make(
        text.encode(), error="l", mode="byte", mask=0, boost_error=False).matrix]  # fmt: skip


def dots(picture: str) -> list[list[int]]:
    """The modules of a code as drawn, without its quiet border."""
    found = re.search(r'viewBox="0 0 (\d+) ', picture)
    assert found
    size = int(found[1]) - 2 * QUIET
    rows = [[0] * size for _ in range(size)]
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", picture):
        rows[int(y) - QUIET][int(x) - QUIET] = 1
    return rows


# --- the check by this server -----------------------------------------------------------------


def test_a_receipt_waits_for_its_batch_and_then_becomes_a_proof(town: Town) -> None:
    _, receipt = signed(town)
    early = asked(town, receipt)
    assert words(Finding.NOT_YET) in visible(early)
    assert VERDICTS["waiting"] in visible(early)
    town.integrate()
    answer = asked(town, receipt)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    for finding in (
        Finding.VALUE_FITS, Finding.CHECKPOINT_SIGNED, Finding.PROMISE_SIGNED, Finding.FOUND,
        Finding.PROOF_LEADS,
    ):  # fmt: skip
        assert words(finding) in visible(answer), finding
    assert VERDICTS["proved"] in visible(answer)
    proof = proof_of(answer)
    again = asked(town, proof)
    assert VERDICTS["proved"] in visible(again)
    assert proof_of(again) == proof
    for answer in (asked(town, receipt, "fr"), asked(town, proof, "fr")):
        assert "Prouvé" in visible(answer)


def proof_of(answer: TestResponse) -> str:
    file = re.search(r'id="proof-file" href="data:text/plain;base64,([^"]+)"', answer.text)
    assert file, visible(answer)
    return b64decode(file[1]).decode()


def test_the_program_of_the_auditors_reads_the_receipt_and_the_proof(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, receipt = signed(town)
    town.integrate()
    for name, text in (("r.txt", receipt), ("p.tlog-proof", proof_of(asked(town, receipt)))):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        code = petition_verify.main(["receipt", str(file), str(town.folder / "log" / "2026")])
        told = capsys.readouterr().out
        assert code == 0, told
        assert re.search(r"V-601\s+ok", told), told


def test_a_file_is_read_as_the_text_is(town: Town) -> None:
    _, receipt = signed(town)
    town.integrate()
    crlf = receipt.replace("\n", "\r\n").encode()
    answer = town.browser().client.post(
        "/en/receipt", data={"file": (BytesIO(crlf), "receipt.txt"), "text": ""}
    )
    assert VERDICTS["proved"] in visible(answer)
    assert VERDICTS["proved"] in visible(asked(town, receipt.rstrip("\n"))), "as pasted"


def altered(receipt: str, line: int, letter: int) -> str:
    lines = receipt.split("\n")
    old = lines[line][letter]
    lines[line] = lines[line][:letter] + ("B" if old != "B" else "C") + lines[line][letter + 1 :]
    return "\n".join(lines)


def test_an_altered_receipt_is_told_what_is_wrong(town: Town) -> None:
    _, receipt = signed(town)
    town.integrate()
    proof = proof_of(asked(town, receipt))
    cases = {
        Finding.VALUE_WRONG: altered(receipt, 1, 50),
        Finding.PROMISE_FORGED: altered(receipt, -2, -20),
        Finding.PROOF_WRONG: altered(proof, 3, 5),
        Finding.CHECKPOINT_FORGED: altered(proof, -2, -20),
        Finding.OTHER_LOG: receipt.replace("/2026\n", "/1999\n"),
    }
    for finding, text in cases.items():
        answer = asked(town, text)
        assert words(finding) in visible(answer), (finding, visible(answer))
        assert VERDICTS["proved"] not in visible(answer)
        assert 'id="proof" hidden' in answer.text


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("", Finding.EMPTY),
        (" \n ", Finding.EMPTY),
        ("x" * (MAX_TEXT + 1), Finding.TOO_LARGE),
        ("hello", Finding.NOT_A_RECEIPT),
        ("petition-receipt/v1\n", Finding.NOT_A_RECEIPT),
        ("petition-receipt/v1\nextra AAAA\n\nx\n\n— y AAAAAAAA\n", Finding.NOT_A_RECEIPT),
        ("c2sp.org/tlog-proof@v1\nindex 0\n\nx\n0\nAAAA\n\n— y AAAAAAAA\n", Finding.NOT_A_RECEIPT),
        ("\x00\ufffd", Finding.NOT_A_RECEIPT),
    ],
)
def test_what_is_no_receipt_is_answered_with_a_clear_sentence(
    town: Town, text: str, finding: Finding
) -> None:
    answer = asked(town, text)
    assert answer.status_code == 422
    assert words(finding) in visible(answer)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_promise_that_was_not_kept_is_called_broken(town: Town) -> None:
    _, receipt = signed(town)
    from sqlalchemy import delete

    from petitions.storage import tables as t

    with town.site.session() as session:  # as a dishonest operator would
        session.execute(
            delete(t.PendingEntry).where(t.PendingEntry.type == int(EntryType.SIGN))
        )
    town.integrate()
    assert words(Finding.NOT_YET) in visible(asked(town, receipt))
    town.site.later(hours=26)
    assert words(Finding.BROKEN) in visible(asked(town, receipt)), "the log stands still"
    town.publish("Une fontaine sur la place")
    town.integrate()
    answer = asked(town, receipt)
    assert words(Finding.BROKEN) in visible(answer)
    assert VERDICTS["wrong"] in visible(answer)


def test_the_answer_is_the_same_after_a_withdrawal(town: Town) -> None:
    ref, receipt = signed(town)
    town.integrate()
    before = asked(town, receipt)
    town.browser().withdraw(ref)
    town.integrate()
    assert VERDICTS["proved"] in visible(asked(town, receipt))
    old = proof_of(before)
    assert visible(asked(town, old)) == visible(asked(town, old))
    assert "withdraw" not in visible(asked(town, receipt)).lower()


def test_a_receipt_that_was_checked_lies_nowhere(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    _, receipt = signed(town)
    town.integrate()
    extra = b64decode(receipt.split("\n")[1].removeprefix("extra "))
    asked(town, receipt)
    town.browser().get("/en/receipt")
    places = {str(p): p.read_bytes() for p in town.folder.rglob("*") if p.is_file()}
    places["log"] = caplog.text.encode()
    assert not search(places, [Canary("r", extra[17:])])


def test_a_petition_of_a_long_log_is_proved_through_upper_tiles(town: Town) -> None:
    """The proof of an entry beyond the first bundle agrees with the tree's own."""
    from sqlalchemy import select

    from petitions.ledger import tree
    from petitions.storage import log_rows
    from petitions.storage import tables as t

    _, receipt = signed(town)
    for _ in range(100):
        town.site.later(hours=25)
        town.work()
    del tree, log_rows, select, t
    assert parse_tlog_proof(proof_of(asked(town, receipt))).index >= 0
    assert tlog_proof
    assert timedelta
