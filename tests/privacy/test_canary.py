"""A person's planted values, through a whole life of a petition: nothing of them stays anywhere."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from petitions.platform.logs import install_logging
from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from tests.conftest import RUN_VARIABLE
from tests.privacy.canaries import Canary, Leak, dumped, files_under, forms, search
from tests.privacy.planted import (
    MAIL,
    NAME,
    Trace,
    Watched,
    live,
    log_in,
    plant,
    sign,
)
from tests.web.test_reading_writes_nothing import ALL_GROUPS, address
from tests.web.town import Town, form_of, open_town

SEALED = {
    "pass", "signing", "outcome", "login-step", "leave", "left", "newcomer", "support", "proving",
}  # fmt: skip
"""Cookies of ours that hold something of a login or of a signature: encrypted, every one."""
SIGNED = {"ask", "form"}
"""Readable on purpose: the request to the identity zone, and the anti-forgery session."""
RANDOM = {"author", "staff", "kept"}


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


@contextlib.contextmanager
def production_log(capsys: pytest.CaptureFixture[str], trace: Trace) -> Iterator[None]:
    """The log as the server writes it, on its standard output; the root's handlers come back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    capsys.readouterr()
    install_logging()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        said = capsys.readouterr()
        trace.log = said.out + said.err


def provoke_errors(town: Town, trace: Trace, ref: str) -> None:
    """Refusals and faults on every route, and at every step of a login."""
    for lie in (
        lambda p: p.lies.id_claims.update(nonce="x"),
        lambda p: p.lies.user_claims.update(sub="e" * 64 + "v1"),
        lambda p: p.lies.user_claims.update(birthdate="2015-07-17"),
        lambda p: p.lies.callback.update(error="access_denied", error_description=f"{NAME} {MAIL}"),
        lambda p: p.lies.id_claims.update(sub=f"{MAIL}"),
        lambda p: setattr(p.lies, "text", lambda text: text[:-4]),
    ):
        browser = Watched(town, trace)
        url = browser.leave(f"/fr/petitions/{ref}/sign")
        lie(town.citizens)
        answer = browser.get(town.citizens.log_in(url))
        assert answer.status_code >= 400
        town.citizens.lies = type(town.citizens.lies)()
    draft = "0" * 8 + "-0000-0000-0000-" + "0" * 12
    busy = Watched(town, trace)
    log_in(busy, "/fr/start/login?assembly=valmont")
    busy.get("/fr/start/back")
    busy.log_in_staff(ALL_GROUPS)
    log_in(busy, f"/fr/petitions/{ref}/sign")
    for rule in town.site.app.url_map.iter_rules():
        path = address(rule, ref, draft)
        for method in sorted((rule.methods or set()) & {"GET", "POST"} | {"DELETE"}):
            if rule.endpoint.endswith("sign_out"):
                continue
            trace.answered(busy.client.open(path, method=method, data={"x": "\x00"}))
            trace.answered(busy.client.open(f"{path}?code=a&state=b&iss=c&ref=%00", method=method))


def faults_inside(town: Town, trace: Trace, ref: str) -> None:
    """The database fails under a signature and under a callback: tracebacks hold values."""
    signing, coming_back = Watched(town, trace), Watched(town, trace)
    log_in(signing, f"/fr/petitions/{ref}/sign")
    path = f"/fr/petitions/{ref}/sign/confirm"
    form = {**form_of(signing.get(path).text, path), "declare": "y"}
    back = town.citizens.log_in(coming_back.leave(f"/fr/petitions/{ref}/sign"))

    def fail(*_told: Any) -> None:
        raise RuntimeError(f"planted: {NAME} {MAIL}")

    the = town.site.app.extensions[EXTENSION]
    engines = [each.kw["bind"] for each in (the.sessions, the.quick_sessions) if each is not None]
    for engine in engines:
        event.listen(engine, "checkout", fail)
    try:
        for answer in (signing.post(path, form), coming_back.get(back)):
            assert answer.status_code == 500
    finally:
        for engine in engines:
            event.remove(engine, "checkout", fail)


def places_of(town: Town, trace: Trace) -> dict[str, bytes]:
    """Everything there is: files, tables, pages, the log; cookies as they are and decoded."""
    found = files_under(town.folder) | dumped(town.site.sessions.kw["bind"]) | trace.pages
    found["log"] = trace.log.encode()
    server_log = Path(os.environ[RUN_VARIABLE]) / "postgres" / "log"
    if server_log.exists():
        found["log of the server"] = server_log.read_bytes()
    for number, (name, value) in enumerate(trace.cookies):
        found[f"cookie {number} {name}"] = value.encode() + b"\n" + b"\n".join(_decoded(value))
    return found


def _decoded(value: str) -> Iterator[bytes]:
    for part in value.split("."):
        with contextlib.suppress(binascii.Error, ValueError):
            yield base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_nothing_of_a_person_stays_anywhere(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    trace = Trace()
    canaries = plant(town, trace)
    with production_log(capsys, trace):
        ref = live(town, trace)
        other = town.publish("Des bancs sur la place du marché")
        faults_inside(town, trace, other)
        provoke_errors(town, trace, other)
        logging.getLogger("petitions.test").info("the log is being read")
    assert [each.name for each in trace.secrets] == ["u to author", "u to sign", "u to withdraw"]
    assert trace.secrets[1].value == trace.secrets[2].value != trace.secrets[0].value
    assert (len(trace.receipts), len(trace.pages) > 200) == (1, True)
    assert "the log is being read" in trace.log
    assert "cause=not_eligible" in trace.log
    assert "RuntimeError" in trace.log
    places = places_of(town, trace)
    assert any(place.endswith("checkpoint") for place in places)
    assert any(place.endswith(".eml") for place in places)
    engine = town.site.sessions.kw["bind"].dialect.name
    kept_by = {
        "sqlite": {"petitions.sqlite", "petitions.sqlite-wal"},
        "postgresql": {"table signature"},
    }
    assert kept_by[engine] <= set(places)
    assert search(places, [*canaries, *trace.secrets, *trace.receipts]) == []
    codes = [body["code"] for body in town.citizens.bodies if "code" in body]
    tokens = [Canary.of("token", word) for word in [*codes, *town.citizens.access]]
    assert len(tokens) > 8
    assert search(places, tokens) == []
    assert_cookies_are_closed(trace)
    assert town.site.state(ref) == "examined"


def assert_cookies_are_closed(trace: Trace) -> None:
    """What holds something of a login opens for nobody without the day's key."""
    known = SEALED | SIGNED | RANDOM
    names = {name for name, _ in trace.cookies}
    assert {name for name in names if not name.startswith("login-")} <= known, names
    assert {"pass", "signing", "ask", "leave", "outcome"} <= names
    for name, value in trace.cookies:
        if name == "pass":
            head = json.loads(next(_decoded(value)))
            assert (len(value.split(".")), head["enc"]) == (5, "A256GCM"), head
        elif name in SEALED or name.startswith("login-"):
            (whole,) = _decoded(value)
            assert not re.search(rb"[A-Za-z0-9_\":{ ]{12}", whole), f"{name} can be read"
        elif name == "ask":
            told = json.loads(list(_decoded(value))[1])
            assert not {"sub", "u", "name", "email"} & set(told)
        elif name == "form":
            assert set(json.loads(next(_decoded(value)))) == {"csrf_token"}


@pytest.mark.parametrize("number", range(0, 60, 7))
def test_a_leak_in_any_form_is_found(number: int) -> None:
    canary = Canary.of("mail", MAIL)
    every = sorted(set(forms(canary.value)))
    assert len(every) > 40
    name, wanted = every[number % len(every)]
    places = {"a": b"nothing", "b": b"before" + wanted + b"after"}
    assert Leak("mail", name, "b") in search(places, [canary])


@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
def test_base64_is_found_wherever_the_value_lies_in_it(before: bytes) -> None:
    u = Canary("u", hashlib.sha256(b"u").digest())
    hidden = base64.b64encode(before + u.value + b"and more")
    assert search({"a": hidden}, [u])


def test_a_leak_planted_in_the_database_is_found(town: Town) -> None:
    trace = Trace()
    canaries, ref = plant(town, trace), town.publish()
    browser = Watched(town, trace)
    sign(browser, ref)
    (u,) = browser.trace.secrets
    assert search(places_of(town, browser.trace), [*canaries, u]) == []
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        petition.difference = hashlib.sha256(MAIL.encode()).hexdigest()
        session.add(
            t.SpentState(state_hash=hashlib.sha256(u.value).digest(), expires_at=town.site.at)
        )
    found = {
        (leak.canary, leak.form.partition(" ")[0])
        for leak in search(places_of(town, browser.trace), [*canaries, u])
    }
    assert found == {("mail", "sha256"), ("u to sign", "sha256")}
