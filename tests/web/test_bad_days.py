"""Bad days: a locked, full or absent database, and requests that nobody means well with."""

from __future__ import annotations

import io
import logging
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from werkzeug.routing import Rule

from petitions.app import MAX_BODY
from petitions.ledger.entries import EntryType
from petitions.storage import tables as t
from tests.web.test_logins import log_in_author
from tests.web.test_reading_writes_nothing import ALL_GROUPS, address
from tests.web.town import Browser, Town, open_town


@pytest.fixture
def town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


@pytest.fixture
def postgres_town(tmp_path: Path, postgresql_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, postgresql_uri) as found:
        yield found


def database_file(town: Town) -> str:
    return str(town.site.sessions.kw["bind"].url.database)


@contextmanager
def pragma_on_each_connection(town: Town, statement: str) -> Iterator[None]:
    """Said whenever a request takes a connection."""

    def say(connection: Any, *_rest: Any) -> None:
        connection.execute(statement)

    engine = town.site.sessions.kw["bind"]
    event.listen(engine, "checkout", say)
    try:
        yield
    finally:
        event.remove(engine, "checkout", say)


@contextmanager
def locked(town: Town) -> Iterator[None]:
    """Another program writes and does not end; nobody here waits long for it."""
    with pragma_on_each_connection(town, "PRAGMA busy_timeout = 30"):
        other = sqlite3.connect(database_file(town), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.rollback()
            other.close()


def assert_unavailable(answer: Any, lang: str) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert f'<html lang="{lang}"' in answer.text
    words = {"en": "No signature already given is lost", "fr": "Aucune signature déjà donnée"}[lang]
    assert words in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_locked_database_says_come_back_and_leaves_no_half_signature(
    town: Town, lang: str
) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref, lang=lang), f"/{lang}/petitions/{ref}/sign/confirm"
    with locked(town):
        assert_unavailable(browser.post(path, form), lang)
        assert browser.get(f"/{lang}/petitions/{ref}").status_code == 200, "reading goes on"
    assert town.acts() == (0, 0, 0)
    done = browser.post(path, form)
    assert done.headers["Location"].endswith("/sign/done"), "the same form signs afterwards"
    assert town.acts() == (1, 1, 1)


def test_a_locked_database_at_the_end_of_a_login_costs_nothing_but_time(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    back = town.citizens.log_in(browser.leave(f"/en/petitions/{ref}/sign"))
    with locked(town):
        assert_unavailable(browser.get(back), "en")
    assert town.browser().sign(ref).status_code == 303


def test_a_full_disk_is_a_page_and_no_half_signature(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    with sqlite3.connect(database_file(town), isolation_level=None) as filling:
        filling.execute("VACUUM")  # no free page is left inside the file
        pages = filling.execute("PRAGMA page_count").fetchone()[0]
        filling.execute(f"PRAGMA max_page_count = {pages}")
        row = "INSERT INTO signature VALUES (randomblob(16), randomblob(32), 'signed', randomblob(60), 0, 0)"
        with pytest.raises(sqlite3.OperationalError, match="full"):
            for _ in range(1000):
                filling.execute(row)
    filling.close()
    filled = town.count(t.Signature)
    with pragma_on_each_connection(town, f"PRAGMA max_page_count = {pages}"):
        refused = browser.post(path, form)
        assert_unavailable(refused, "en")
        assert "no room left to write" in refused.text
        assert browser.get(f"/en/petitions/{ref}").status_code == 200, "reading goes on"
    assert (town.count(t.Signature), town.acts()[1:]) == (filled, (0, 0))
    with pragma_on_each_connection(town, "PRAGMA max_page_count = 1000000"):
        assert browser.post(path, form).headers["Location"].endswith("/sign/done")
    assert town.count(t.PendingEntry, t.PendingEntry.type == int(EntryType.SIGN)) == 1


def cut_every_connection(town: Town) -> None:
    uri = town.site.sessions.kw["bind"].url.difference_update_query(["options"])
    libpq = uri.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(libpq, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [uri.database],
        )


def test_a_signature_survives_that_every_connection_was_cut(postgres_town: Town) -> None:
    ref, browser = postgres_town.publish(), postgres_town.browser()
    other = postgres_town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    other.sign(ref, "bastien leroy")  # its connections are in the pool now
    cut_every_connection(postgres_town)
    assert browser.post(path, form).headers["Location"].endswith("/sign/done")
    postgres_town.site.sessions.kw["bind"].dispose()  # the connections by which the test looks
    assert postgres_town.count(t.Signature) == 2


def test_after_every_connection_was_cut_the_next_reader_is_answered(postgres_town: Town) -> None:
    ref, reader = postgres_town.publish(), postgres_town.browser()
    for _ in range(3):
        assert reader.get(f"/en/petitions/{ref}").status_code == 200
        cut_every_connection(postgres_town)
        first = reader.get(f"/fr/petitions/{ref}")
        if first.status_code != 200:
            assert_unavailable(first, "fr")
        assert reader.get(f"/en/petitions/{ref}").status_code == 200


# -- requests that nobody means well with -----------------------------------------------------------

BIDI, INVISIBLE = "a\u202eb", "a\u200bb"
VALUES = (
    "\x00", "a\x00b", BIDI, INVISIBLE, "%00", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "../../etc/passwd", "\r\nX: y",
    "9" * 40, "-1", "1e9", "NaN", "a" * 5000, "\ufeff", "\uffff", "٣",
)  # fmt: skip
RAW = ("%ff%fe", "%c0%80", "%ed%a0%80", "%f4%90%80%80", "%", "%zz", "%00", "%0d%0a")
FIELDS = ("q", "page", "state", "language", "assembly", "sort", "back", "view", "csrf_token", "draw",
          "declare", "area", "title", "request", "reasons", "kind", "name", "email", "difference",
          "version", "decision", "text", "note", "to", "case", "code", "iss", "error")  # fmt: skip


class _Text(logging.Handler):
    """Everything that was logged, as text, with whatever a formatter would add."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Iterator[list[str]]:
    text, root = _Text(), logging.getLogger()
    level = root.level
    root.addHandler(text)
    root.setLevel(logging.INFO)
    try:
        yield text.lines
    finally:
        root.removeHandler(text)
        root.setLevel(level)


def assert_bearable(answer: Any, what: str) -> None:
    assert answer.status_code < 500, (
        what,
        answer.status_code,
        answer.get_data().decode(errors="replace")[:300],
    )
    assert "Traceback" not in answer.get_data().decode(errors="replace"), what
    assert "sqlalchemy" not in answer.get_data().decode(errors="replace").lower(), what


@pytest.fixture(params=["sqlite", "postgresql"])
def busy(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Town, Browser, str, str]]:
    """Somebody logged in as everything, with a draft, in the middle of signing."""
    with open_town(tmp_path, request.getfixturevalue(f"{request.param}_uri")) as town:
        town.site.app.config["WTF_CSRF_ENABLED"] = False  # it would stop everything at the door
        ref, browser = town.publish(), town.browser()
        form = {"kind": "petition", "title": "Un marché couvert", "language": "fr"}
        log_in_author(browser)
        browser.post("/en/start/new", form)
        with town.site.session() as session:
            draft = str(session.query(t.Petition.id).filter(t.Petition.state == "draft").scalar())
        browser.log_in_staff(ALL_GROUPS)
        browser.confirm(ref)
        yield town, browser, ref, draft


def rotating(values: Sequence[str], start: int, number: int = 4) -> list[str]:
    """Each route meets some of the values, each value several routes: all with all takes minutes."""
    return [values[(start * number + step) % len(values)] for step in range(number)]


def test_no_odd_query_is_a_fault_of_ours(busy: tuple[Town, Browser, str, str]) -> None:
    town, browser, ref, draft = busy
    asked = 0
    with logged() as lines:
        for turn, rule in enumerate(readable(town)):
            path = address(rule, ref, draft)
            for number, value in enumerate(rotating(VALUES, turn)):
                fields = {
                    FIELDS[(turn + number + step) % len(FIELDS)]: value for step in (0, 9, 18)
                }
                answer = browser.twin().client.get(path, query_string={**fields, "q": value})
                assert_bearable(answer, f"{path} {fields!r}")
            for raw in rotating(RAW, turn, 2):
                answer = browser.twin().client.get(f"{path}?q={raw}&page={raw}&{raw}={raw}")
                assert_bearable(answer, f"{path} {raw}")
                asked += 1
        for value in VALUES:  # where words are searched in the database, all of them
            for path in ("/en/petitions", "/office/queue", "/office/queue.csv", "/office/audit"):
                fields = {"q": value, "page": value, "state": value, "view": value, "text": value}
                answer = browser.twin().client.get(path, query_string=fields)
                assert_bearable(answer, f"{path} {value!r}")
    assert asked > 80
    assert_names_no_value(lines)


def readable(town: Town) -> list[Rule]:
    return [rule for rule in town.site.app.url_map.iter_rules() if "GET" in (rule.methods or ())]


def test_no_odd_address_is_a_fault_of_ours(busy: tuple[Town, Browser, str, str]) -> None:
    town, browser, _ref, _draft = busy
    odd = (*RAW, "a" * 3000, "%E2%80%AE", "%2e%2e%2f", "..%5c", "2026-0001%00", "\u00e9")
    with logged() as lines:
        for turn, rule in enumerate(r for r in town.site.app.url_map.iter_rules() if r.arguments):
            for raw in rotating(odd, turn, 5):
                path = re.sub(r"<[^>]+>", raw, rule.rule.replace("<lang>", "en"))
                for method in sorted((rule.methods or set()) & {"GET", "POST"} | {"PUT"}):
                    answer = browser.twin().client.open(path, method=method)
                    assert_bearable(answer, f"{method} {path}")
        for raw in odd:  # where an address reaches the database or a header, all of them
            for path in (f"/p/{raw}", f"/{raw}/", f"/en/petitions/{raw}", f"/office/cases/{raw}",
                         f"/en/petitions/{raw}/sign", f"/petitions/{raw}/counts.json"):  # fmt: skip
                assert_bearable(browser.twin().client.get(path), path)
    assert_names_no_value(lines)


def test_no_odd_form_is_a_fault_of_ours(busy: tuple[Town, Browser, str, str]) -> None:
    town, browser, ref, draft = busy
    posts = [rule for rule in town.site.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    with logged() as lines:
        for turn, rule in enumerate(posts):
            if rule.endpoint.endswith("sign_out"):
                continue
            path = address(rule, ref, draft)
            for value in ("\x00", *rotating(VALUES, turn, 6)):
                answer = browser.twin().client.post(path, data=dict.fromkeys(FIELDS, value))
                assert_bearable(answer, f"{path} {value!r}")
            for raw in rotating(RAW, turn, 4):
                body = "&".join(f"{name}={raw}" for name in FIELDS) + f"&{raw}={raw}"
                answer = browser.twin().client.post(
                    path, data=body, content_type="application/x-www-form-urlencoded"
                )
                assert_bearable(answer, f"{path} {raw}")
    assert_names_no_value(lines)


def assert_names_no_value(lines: list[str]) -> None:
    whole = "\n".join(lines)
    assert "Traceback" not in whole
    for value in ("OR 1=1", "alert(1)", "7*7", "passwd", "a" * 100, BIDI, "2026-0001"):
        assert value not in whole, value


def test_a_form_that_is_too_long_is_told_so_and_not_read(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    answer = browser.twin().client.post(path, data={**form, "area": "x" * (MAX_BODY + 1)})
    assert (answer.status_code, "This is too large" in answer.text) == (413, True)
    assert town.acts() == (0, 0, 0)
    many = {f"f{number}": "x" for number in range(5000)}
    assert_bearable(browser.twin().client.post(path, data={**form, **many}), "many fields")
    other = town.browser()
    log_in_author(other)
    answer = other.post("/en/start/new", {"title": "x" * (MAX_BODY + 1)})
    assert answer.status_code == 413


def test_absurd_headers_are_no_fault_of_ours(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    form, path = browser.confirm(ref), f"/en/petitions/{ref}/sign/confirm"
    for headers in (
        {"Content-Length": "99999999999999"}, {"Content-Length": "-5"}, {"Content-Length": "abc"},
        {"Content-Type": "multipart/form-data"}, {"Content-Type": "multipart/form-data; boundary="},
        {"Content-Type": "application/json"}, {"Content-Type": "\xff"}, {"Transfer-Encoding": "odd"},
        {"Cookie": "=; ;;==;" + "a" * 9000}, {"Accept": "*/*;q=nan"}, {"Accept-Language": ";;q=,"},
        {"If-None-Match": '"' * 500}, {"Range": "bytes=9-1"}, {"Host": "evil.example:99999"},
        {"X-Forwarded-For": "x" * 5000}, {"X-Forwarded-Proto": "gopher"}, {"Referer": "\xff"},
    ):  # fmt: skip
        for method, where in (("POST", path), ("GET", f"/en/petitions/{ref}"), ("GET", "/"),
                              ("GET", path), ("GET", "/identity/callback/demo")):  # fmt: skip
            environ = {_variable(name): value for name, value in headers.items()}
            answer = browser.twin().client.open(
                where, method=method, environ_overrides=environ, input_stream=io.BytesIO(b"a=b")
            )
            assert_bearable(answer, f"{method} {where} {headers}")
    assert town.acts() == (0, 0, 0)
    assert browser.post(path, form).headers["Location"].endswith("/sign/done")


def _variable(name: str) -> str:
    plain = name.upper().replace("-", "_")
    return plain if plain in {"CONTENT_LENGTH", "CONTENT_TYPE"} else f"HTTP_{plain}"
