"""GET and HEAD change nothing: every route is asked, while every statement is watched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import has_request_context, request
from sqlalchemy import event, select
from werkzeug.routing import Rule

from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from tests.web.test_logins import log_in_author
from tests.web.town import Browser, Town, open_town

WRITES = re.compile(
    r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE)\b|.*\bsign_petition\(", re.IGNORECASE
)
END_OF_A_LOGIN = {"identity.callback", "logins.staff_welcome", "logins.author_back"}
"""Each consumes its own login and nothing else."""
START_OF_A_LOGIN = {"logins.author_start"}
"""The first login at an assembly draws the context in which its authors are known."""
IDLE_CLOCK = re.compile(r"UPDATE web_session SET seen_at=")
ALL_GROUPS = tuple(
    f"petitions-{role}" for role in ("clerk", "second-reader", "committee", "administrator", "auditor")
)  # fmt: skip


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


@contextmanager
def watched(town: Town) -> Iterator[list[tuple[str, str, str]]]:
    """(method, endpoint, statement) of whatever writes while a request is being answered."""
    found: list[tuple[str, str, str]] = []
    quick = town.site.app.extensions[EXTENSION].quick_sessions
    engines = [each.kw["bind"] for each in (town.site.sessions, quick) if each is not None]

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if has_request_context() and WRITES.match(statement):
            found.append((request.method, str(request.endpoint), " ".join(statement.split())))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", look)


def allowed(endpoint: str, statement: str) -> bool:
    if endpoint in END_OF_A_LOGIN:
        return True
    if endpoint in START_OF_A_LOGIN:
        return statement.startswith("INSERT INTO author_context")
    return endpoint.startswith("office.") and bool(IDLE_CLOCK.match(statement))


def draft_of(town: Town, browser: Browser) -> str:
    """The id of a draft of the author logged in here."""
    from tests.web.site import token

    form = {"csrf_token": token(browser.client, "/en/start/new"), "kind": "petition"}
    browser.post("/en/start/new", {**form, "title": "Un marché couvert", "language": "fr"})
    with town.site.session() as session:
        drafts = select(t.Petition.id).where(t.Petition.state == "draft")
        return str(session.scalars(drafts).one())


def address(rule: Rule, ref: str, draft: str) -> str:
    values = {"lang": "en", "ref": ref, "draft": draft, "petition_id": draft, "name": "site.css",
              "provider": "demo", "code": "council", "task_id": "0" * 32,
              "log_id": 2026, "language": "fr", "number": 1, "entry": draft, "actor": "petit",
              "stage": "check", "rulebook_id": "town"}  # fmt: skip
    built = rule.build({name: values.get(name, "0" * 32) for name in rule.arguments})
    assert built is not None
    return str(built[1])


def a_busy_browser(town: Town, ref: str) -> tuple[Browser, str]:
    """Logged in as author and as staff, in the middle of signing and of withdrawing."""
    browser = town.browser()
    log_in_author(browser)
    draft = draft_of(town, browser)
    browser.log_in_staff(ALL_GROUPS)
    browser.log_in(f"/en/petitions/{ref}/sign/withdraw")
    browser.confirm(ref)
    return browser, draft


def test_no_address_that_is_read_changes_anything(town: Town) -> None:
    ref = town.publish()
    town.browser().sign(ref, "bastien leroy")
    town.integrate()
    browser, draft = a_busy_browser(town, ref)
    rules = [rule for rule in town.site.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    assert len(rules) > 40
    town.site.later(minutes=2)
    before, seen = town.acts(), {}
    with watched(town) as written:
        for method in ("HEAD", "GET"):
            for rule in rules:
                if rule.endpoint in {"logins.staff_welcome", "logins.author_back"}:
                    continue  # they end a login, below
                path = address(rule, ref, draft)
                answer = browser.twin().client.open(path, method=method)
                assert answer.status_code < 500, path
                seen[rule.endpoint] = answer.status_code
    wrong = [each for each in written if not allowed(each[1], each[2])]
    assert wrong == []
    assert town.acts() == before
    # the walk went into the rooms, not only to their doors
    for endpoint in ("signing.confirm", "author.mine", "author.text", "office.queue",
                     "office.show_file", "office.audit_trail", "public.petition"):  # fmt: skip
        assert seen[endpoint] == 200, endpoint
    assert ("GET", "office.queue") in {(method, endpoint) for method, endpoint, _ in written}


def test_the_end_of_a_login_writes_its_own_rows_only(town: Town) -> None:
    browser = town.browser()
    with watched(town) as written:
        log_in_author(browser)
        browser.log_in_staff()
    table = re.compile(r"(?:INSERT INTO|DELETE FROM|UPDATE) (\w+)")
    tables = set()
    for _method, endpoint, statement in written:
        found = table.match(statement)
        assert found, statement
        tables.add((endpoint, found[1]))
    assert tables == {
        ("logins.author_start", "author_context"),
        ("identity.callback", "spent_state"),
        ("logins.author_back", "spent_pass"), ("logins.author_back", "web_session"),
        ("logins.staff_welcome", "spent_pass"), ("logins.staff_welcome", "staff"),
        ("logins.staff_welcome", "audit"), ("logins.staff_welcome", "web_session"),
        ("logins.staff_welcome", "staff_role"),
    }  # fmt: skip


def test_a_head_never_ends_a_login(town: Town) -> None:
    """Scanners and previews ask with HEAD: it must not use up what a person needs."""
    browser = town.browser()
    back = town.citizens.log_in(browser.leave("/en/start/login?assembly=valmont"))
    path = back.removeprefix("http://127.0.0.1:8000")
    assert browser.client.head(path).status_code == 405
    assert town.count(t.SpentState) == 0
    assert browser.get(path).headers["Location"] == "/en/start/back"
    assert browser.client.head("/en/start/back").status_code == 405
    assert town.count(t.WebSession) == 0
    assert browser.get("/en/start/back").headers["Location"] == "/en/start/new"
    assert town.count(t.WebSession) == 1


def test_the_watch_sees_a_reading_page_that_writes(town: Town) -> None:
    with watched(town) as written, town.site.app.test_request_context("/en/"):
        with town.site.session() as session:
            session.add(t.SpentState(state_hash=bytes(32), expires_at=town.site.at))
    assert [statement.split()[0] for *_rest, statement in written] == ["INSERT"]
