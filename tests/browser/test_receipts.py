"""Receipts in a browser: the random value stays in the tab, and the check needs no server."""

from __future__ import annotations

import secrets
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Request

from petitions.ledger.receipt import parse_receipt
from tests.browser.looking import check as look
from tests.browser.papers import Desk, desk, told_by_the_server
from tests.browser.people import Person, somebody
from tests.browser.signatories import Petition, begin, sees, send
from tests.ledger import changed_keys
from tests.ledger.receipts import cases, paper
from tests.privacy.canaries import Canary, files_under, search
from verifier import petition_verify

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
WITHOUT_ED25519 = """
const verify = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (format, key, algorithm, ...more) => algorithm.name === "Ed25519"
  ? Promise.reject(new DOMException("no", "NotSupportedError")) : verify(format, key, algorithm, ...more);
"""


@pytest.fixture
def tab(browser) -> Iterator[Desk]:
    with desk(browser) as found:
        yield found
        assert [each for each in found.complaints if "404" not in each] == []


def sent(request: Request) -> bytes:
    """Everything of a request that leaves the browser."""
    return f"{request.url} {request.all_headers()}".encode() + (request.post_data_buffer or b"")


# --- the check, in front of a log in memory -----------------------------------------------------


def test_browser_and_server_say_the_same_of_every_receipt(tab) -> None:
    tab.open()
    differing = []
    for name, given, _finding in cases():
        here, there = tab.judge(given), told_by_the_server(given)
        if here != there:
            differing.append((name, here, there))
    assert differing == []
    assert {each.method for each in tab.requests} == {"GET"}
    extra = b64decode(paper().text.split("\n")[1].removeprefix("extra "))
    places = {str(i): sent(each) for i, each in enumerate(tab.requests)}
    assert not search(places, [Canary("r", extra[17:])])


def test_browser_and_server_know_which_key_of_a_log_held_when(tab) -> None:
    tab.logs = changed_keys.LOGS
    tab.open()
    asked = [(name, tab.judge(given), told_by_the_server(given))
             for name, given, _finding in changed_keys.cases()]  # fmt: skip
    assert [each for each in asked if each[1] != each[2]] == []


def test_french_says_it_in_french(tab) -> None:
    tab.open("fr")
    given = paper()
    verdict, lines, _proof = tab.judge(given)
    assert (verdict, lines) == told_by_the_server(given, "fr")[:2]
    assert verdict.startswith("Prouvé")


def test_a_long_log_is_read_from_the_promise_on_and_no_tile_tells_which_entry(tab) -> None:
    given = paper(66_000, 300)
    tab.open()
    assert tab.judge(given) == told_by_the_server(given)
    asked = {each.url.partition("/log/2026/")[2] for each in tab.requests if "/log/" in each.url}
    bundles = {"000", "257", "258", "259.p/1"}
    assert asked == {
        "checkpoint", "tile/1/000", "tile/1/001.p/3", "tile/2/000.p/1", *(f"tile/entries/{name}" for name in bundles)
    }, "no tile of level 0: its number would tell which entry is meant"  # fmt: skip


def test_a_completed_proof_is_checked_without_a_connection(tab, tmp_path: Path) -> None:
    given = paper(300)
    file = tmp_path / "receipt.tlog-proof"
    file.write_text(given.judged().proof)
    tab.open()
    tab.page.context.set_offline(True)
    before = len(tab.requests)
    tab.page.locator("#file").set_input_files(file)
    tab.page.locator("main form button").click()
    tab.page.locator("#result").wait_for()
    assert tab.page.inner_text("#verdict") == told_by_the_server(given)[0]
    assert len(tab.requests) == before, "nothing was even tried"


def test_a_browser_without_ed25519_says_what_it_did_not_check(tab) -> None:
    tab.page.add_init_script(WITHOUT_ED25519)
    tab.open()
    verdict, lines, proof = tab.judge(paper())
    assert verdict == "Not proved"
    assert "The signature of the promise was not checked in this browser." in lines
    assert "The signature of the log’s state was not checked in this browser." in lines
    assert proof == paper().judged().proof, "the rest was checked all the same"


def test_files_that_cannot_be_reached_are_no_fault_of_the_receipt(tab) -> None:
    tab.open()
    tab.page.context.route("**/log/**", lambda route: route.abort())
    verdict, lines, _proof = tab.judge(paper())
    assert (verdict, "could not be read" in lines[0]) == ("Not proved", True)
    tab.complaints.clear()  # Chromium names the failed request


def test_the_picture_of_a_receipt_is_a_qr_code_of_its_text(tab) -> None:
    """An independent encoder draws the same, where the text leaves no room for filling."""
    tab.open()
    script = Path(__file__).parents[2] / "petitions" / "static" / "receipt-qr.js"
    tab.page.evaluate(f"{script.read_text()}; globalThis.drawQr = receiptQr.matrix;")
    for length in (271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858, 929, 1091, 1273):
        text = secrets.token_hex(length)[:length]
        drawn = tab.page.evaluate("text => drawQr(text).map(row => row.map(Number))", text)
        code = segno.make(text, error="l", mode="byte", mask=0, boost_error=False)
        assert drawn == [list(row) for row in code.matrix], length
    assert tab.page.evaluate("drawQr('x'.repeat(1274))") is None


@pytest.mark.parametrize("lang", ["fr", "de"])
def test_on_a_narrow_screen_the_verdict_is_in_view_and_has_the_focus(browser, lang: str) -> None:
    with desk(browser, viewport={"width": 360, "height": 640}) as tab:
        tab.open(lang)
        for given in (paper(), replace(paper(), text=""), replace(paper(), text="hello")):
            tab.judge(given)
            assert tab.page.evaluate("document.activeElement.id") == "verdict"
            box = tab.page.locator("#verdict").bounding_box()
            assert box
            assert 0 <= box["y"]
            assert box["y"] + box["height"] <= 640


def test_without_a_receipt_the_fields_say_what_is_missing_until_it_is_there(tab) -> None:
    tab.open()
    verdict, _lines, _proof = tab.judge(replace(paper(), text=""))
    assert verdict == "Choose a file or paste the receipt first"
    assert tab.page.locator("#file").get_attribute("aria-invalid") == "true"
    assert tab.page.locator("#text-error").is_visible()
    tab.judge(paper())
    assert tab.page.locator("#file").get_attribute("aria-invalid") is None
    assert tab.page.locator("#text-error").is_hidden()


def test_what_is_wrong_stands_first(tab) -> None:
    tab.open()
    _verdict, lines, _proof = tab.judge(
        next(each for name, each, _ in cases() if name == "altered r")
    )
    assert lines[0].startswith("The random value in the receipt does not give")
    assert lines[1].startswith("Petition ")


def test_the_command_names_the_file_that_was_checked(tab, tmp_path: Path) -> None:
    file = tmp_path / "receipt-2026-0006 (1).txt"
    file.write_text(paper().text)
    tab.open()
    command = tab.page.locator("#by-program pre")
    tab.judge(paper())
    assert " receipt receipt.txt http" in command.inner_text()
    assert tab.page.locator("#file-name").is_visible()
    for path, shown in ((file, "'receipt-2026-0006 (1).txt'"), ([], "receipt.txt")):
        tab.page.locator("#file").set_input_files(path)
        tab.page.locator("main form button").click()
        tab.page.wait_for_function(
            "words => document.querySelector('#by-program pre').textContent.includes(words)",
            arg=f" receipt {shown} http",
        )
        assert command.inner_text().endswith("/log/2026")
        assert tab.page.locator("#file-name").is_visible() is (not path)


def test_the_page_has_no_fault_before_and_after_a_check(browser) -> None:
    with desk(browser, bypass_csp=True) as tab:
        tab.open()
        look(tab.page, "The check runs in this browser alone.", displays=("light", "320 px"))
        tab.judge(paper())
        look(tab.page, "Download the proof")
        tab.judge(replace(paper(), text="hello"))
        look(tab.page, "Not proved", displays=("dark",))


# --- a whole signature, in the demonstration ----------------------------------------------------


@pytest.fixture
def petition(demo_site) -> Petition:
    return Petition.open_in(demo_site, "senat")


def name() -> str:
    return f"Signer {secrets.token_hex(8)}"


def download(person: Person, selector: str, folder: Path) -> Path:
    with person.page.expect_download() as found:
        person.page.locator(selector).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def has_drawn(person: Person) -> None:
    """Wait until the page shows it: the sentence is there, hidden, before the value is."""
    person.page.get_by_text("This browser has drawn it and does not send it").wait_for(
        state="visible"
    )


def kept(person: Person) -> str:
    return str(person.page.evaluate("JSON.stringify({...sessionStorage})"))


def test_the_value_drawn_in_the_browser_proves_the_signature_and_never_leaves_it(
    browser, demo_site, petition, tmp_path: Path
) -> None:
    with somebody(browser, demo_site.address, scripts=True) as person:
        requests: list[Request] = []
        person.page.context.on("request", lambda each: requests.append(each))  # noqa: PLW0108
        begin(person, petition)
        person.become(name())
        has_drawn(person)
        first = kept(person)
        person.page.reload()
        has_drawn(person)
        assert kept(person) == first, "a reload sends the same commitment"
        send(person)
        person.page.locator("#receipt-file").wait_for()
        assert "it is in the file and nowhere else" in (
            person.page.locator("p[data-state=complete]").text_content() or ""
        )
        person.page.wait_for_function("Object.keys(sessionStorage).length === 0")
        receipt = download(person, "#receipt-file", tmp_path)
        text = receipt.read_text(encoding="utf-8")
        assert person.page.locator("#receipt-text").text_content() == text
        assert person.page.locator("#receipt-qr svg path").count() == 2
        proof = proved(person, receipt, tmp_path)
        r = parse_receipt(text).r
        places = {f"{i} {each.url}": sent(each) for i, each in enumerate(requests)}
        places |= files_under(demo_site.folder)
        places["cookies"] = repr(person.page.context.cookies()).encode()
        assert not search(places, [Canary("r", r)])
        assert (person.console, person.foreign) == ([], [])
    for file in (receipt, proof):
        log = demo_site.folder / "log"
        newest = max(log.iterdir(), key=lambda each: each.name)
        assert petition_verify.main(["receipt", str(file), str(newest)]) == 0


def proved(person: Person, receipt: Path, folder: Path) -> Path:
    """Check it on the page, until its batch is there (the demonstration makes one in seconds)."""
    person.page.locator("a[href$='/receipt']").click()
    for _ in range(120):
        person.page.locator("#file").set_input_files(receipt)
        person.page.locator("main form button").click()
        person.page.locator("#result").wait_for()
        verdict = person.page.inner_text("#verdict")
        if not verdict.startswith("Not yet"):
            break
        person.page.wait_for_timeout(500)
    assert verdict == "Proved: the entry of this receipt is in the log"
    return download(person, "#proof-file", folder)


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "scripts blocked"])
def test_where_the_script_does_not_run_the_server_draws_and_says_so(
    browser, demo_site, petition, tmp_path: Path, scripts: bool
) -> None:
    before = petition.signed
    with somebody(browser, demo_site.address, scripts=scripts) as person:
        if scripts:
            person.page.context.route("**/*.js", lambda route: route.abort())
        begin(person, petition)
        person.become(name())
        sees(person, "that is weaker, because the server knew it")
        send(person)
        sees(person, "That is weaker than a value drawn in your browser")
        receipt = download(person, "#receipt-file", tmp_path)
        assert parse_receipt(receipt.read_text(encoding="utf-8")).r
        assert petition.signed == before + 1
        person.page.locator("a[href$='/receipt']").click()
        sees(person, "JavaScript is not running")
        person.page.locator("#file").set_input_files(receipt)
        person.page.locator("main form button").click()
        sees(person, "The random value in the receipt gives the entry")


def test_the_next_person_at_the_same_tab_draws_another_value(browser, demo_site, petition) -> None:
    values = []
    with somebody(browser, demo_site.address, scripts=True) as person:
        for _ in range(2):
            begin(person, petition)
            person.become(name())
            has_drawn(person)
            values.append(kept(person))
            person.page.context.clear_cookies()
    assert values[0] != values[1]


def test_the_signed_page_without_its_script_offers_the_promise(
    browser, demo_site, petition, tmp_path: Path
) -> None:
    with somebody(browser, demo_site.address, scripts=True, bypass_csp=True) as person:
        person.page.context.route("**/receipt-done*.js", lambda route: route.abort())
        begin(person, petition)
        person.become(name())
        has_drawn(person)
        look(person.page, "Confirm your signature", displays=("light", "320 px"))
        send(person)
        sees(person, "there is only the promise")
        look(person.page, "Your signature is recorded", displays=("light", "dark", "320 px"))
        promise = download(person, "[data-state=incomplete] a", tmp_path)
        assert promise.read_text(encoding="utf-8").startswith("petition-promise/v1\n")
