"""A planted address through every step and every fault: it stays in its message, nowhere else."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import event

from petitions.web.edge import EXTENSION
from tests.identity.email_town import ROOM, EmailTown, open_email_town
from tests.privacy.canaries import Canary, search
from tests.privacy.planted import ADDRESS, AGENT, STEP, Trace, Watched, context_of, value_in
from tests.privacy.test_canary import _decoded, places_of, production_log
from tests.web.town import form_of

TYPED, COUNTED = "Zéphyrine.Q7x+Kanarie@Köln-Kanarie.example", "zéphyrine.q7x+kanarie@xn--kln-kanarie-rfb.example"  # fmt: skip
CANARIES = [
    Canary.of("as typed", TYPED),
    Canary.of("as counted", COUNTED),
    Canary.of("as sent", "Zéphyrine.Q7x+Kanarie@xn--kln-kanarie-rfb.example"),
    Canary.of("local part", "Zéphyrine.Q7x"),
    Canary.of("local part, small", "zéphyrine.q7x"),
    Canary.of("domain", "xn--kln-kanarie-rfb"),
    Canary.of("computer", ADDRESS),
    Canary.of("program", AGENT),
]


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[EmailTown]:
    with open_email_town(tmp_path, database_uri) as found:
        yield found


@pytest.fixture
def light(tmp_path: Path, sqlite_uri: str) -> Iterator[EmailTown]:
    """Where the database has no part in what is asked."""
    with open_email_town(tmp_path, sqlite_uri) as found:
        yield found


def fail(*_told: Any) -> None:
    raise RuntimeError(f"planted: {TYPED}")


def sign_through_every_step(town: EmailTown, ref: str, trace: Trace) -> list[Canary]:
    """Wrong entries, a wrong code, the link elsewhere and too late, then a signature; the secrets."""
    path, browser = f"/fr/petitions/{ref}/sign", Watched(town, trace)
    page = town.ask(browser, town.begin(browser, path), f"<{TYPED}>")
    assert page.status_code == 422
    sent = town.ask(browser, page, TYPED)
    page, mail = browser.get(sent.headers["Location"]), town.mails()[-1]
    assert town.prove(browser, page, "2222-2222").status_code == 422
    assert Watched(town, trace).get(mail.link).status_code == 200
    assert town.prove(browser, page, mail.code).status_code == 303
    secrets = [value_in(browser, context_of(town, ref), "sign", *STEP)]
    assert town.confirm(browser, path).headers["Location"] == f"{path}/done"
    browser.get(f"{path}/done")
    assert browser.get(mail.link).status_code == 303
    town.site.later(minutes=40)
    assert browser.get(mail.link).status_code == 400
    token = parse_qs(urlsplit(mail.link).query)["t"][0]
    return [*secrets, Canary.of("link", token), Canary.of("code", mail.code.replace("-", ""))]


def fail_inside(town: EmailTown, ref: str, trace: Trace) -> None:
    """The database fails under the code: tracebacks hold values."""
    browser = Watched(town, trace)
    page = town.begin(browser, f"/fr/petitions/{ref}/sign")
    page = browser.get(town.ask(browser, page, TYPED).headers["Location"])
    form = {**form_of(page.text, f"{ROOM}/code"), "code": town.mails()[-1].code}
    the = town.site.app.extensions[EXTENSION]
    engines = [each.kw["bind"] for each in (the.sessions, the.quick_sessions) if each is not None]
    for engine in engines:
        event.listen(engine, "checkout", fail)
    try:
        assert browser.post(f"{ROOM}/code", form).status_code == 500
    finally:
        for engine in engines:
            event.remove(engine, "checkout", fail)


def test_an_address_is_in_its_message_and_on_its_typers_page_and_nowhere_else(
    town: EmailTown, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = Trace()
    with production_log(capsys, trace):
        ref = town.publish()
        secrets = sign_through_every_step(town, ref, trace)
        town.integrate()
        fail_inside(town, ref, trace)
        logging.getLogger("petitions.test").info("the log is being read")
    places = places_of(town, trace)
    letters = {name for name in places if name.endswith(".eml") and "mailbox" in name}
    # every request of these tests comes without an address in its line: only answers hold pages
    own = {name for name in places if name.endswith((f"POST {ROOM}", f"GET {ROOM}/code",
                                                     f"POST {ROOM}/code"))}  # fmt: skip
    assert (len(letters) >= 2, len(own) >= 4) == (True, True)
    elsewhere = {name: held for name, held in places.items() if name not in letters | own}
    assert search(elsewhere, [*CANARIES, *secrets]) == []
    assert search({name: places[name] for name in own}, CANARIES[:1])  # it is shown to its typer
    assert "the log is being read" in trace.log
    assert "RuntimeError" in trace.log
    assert "reason=link_elsewhere" in trace.log
    assert town.acts()[0] == 1


def test_the_cookies_of_a_login_by_e_mail_open_for_nobody_without_the_days_key(
    light: EmailTown,
) -> None:
    trace = Trace()
    browser = Watched(light, trace)
    light.log_in(browser, f"/en/petitions/{light.publish()}/sign", TYPED)
    assert {name.partition("-")[0] for name, _ in trace.cookies} == {
        "ask", "signing", "login", "letter", "pass",
    }  # fmt: skip
    for name, value in trace.cookies:
        if name.partition("-")[0] in {"login", "letter", "signing"}:
            (whole,) = _decoded(value)
            assert not re.search(rb"[A-Za-z0-9_\":{ ]{12}", whole), f"{name} can be read"


def test_before_the_proof_no_page_depends_on_whether_an_address_signed(light: EmailTown) -> None:
    ref = light.publish()
    light.sign(ref, "anna@example.org")
    shown = []
    for address in ("anna@example.org", "bert@example.org"):
        browser = light.browser()
        page, mail = light.write(browser, f"/en/petitions/{ref}/sign", address)
        wrong = light.prove(browser, page, "2222-2222")
        texts = []
        for each in (page.text, wrong.text, mail.text):
            for gone in (address, mail.code, form_of(page.text, f"{ROOM}/code")["csrf_token"],
                         parse_qs(urlsplit(mail.link).query)["t"][0]):  # fmt: skip
                each = each.replace(gone, "…")  # noqa: PLW2901
            texts.append(each)
        shown.append((page.status_code, wrong.status_code, sorted(browser.cookies()), texts))
    first, second = shown
    assert first[:2] == second[:2]
    assert first[3] == second[3]
    assert [name.partition("-")[0] for name in first[2]] == [
        name.partition("-")[0] for name in second[2]
    ]


def test_two_petitions_leave_nothing_that_joins_their_signatures(light: EmailTown) -> None:
    trace, found = Trace(), []
    for title in ("Un bus toutes les vingt minutes", "Un marché couvert"):
        ref = light.publish(title)
        browser = Watched(light, trace)
        light.log_in(browser, f"/fr/petitions/{ref}/sign", TYPED)
        found.append(value_in(browser, context_of(light, ref), "sign", *STEP).value)
    assert len(set(found)) == 2
