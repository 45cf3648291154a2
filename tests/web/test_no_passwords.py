"""There is no password in the engine, for anybody: no field, no route, no header that takes one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.web.desk_town import as_on_the_first_day, lasting_town
from tests.web.test_logins import log_in_author
from tests.web.test_reading_writes_nothing import ALL_GROUPS
from tests.web.town import Town

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("petitions", "identity", "admissibility")
SECRET = re.compile(r"passw|passphrase|\bpin\b|mot de passe|passkey|totp", re.IGNORECASE)


class _Fields(HTMLParser):
    """The fields a person could type something into, by what the page says of them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "textarea", "select", "button"}:
            self.found.append({name: value or "" for name, value in attrs})


def taking_a_password(page: str) -> list[dict[str, str]]:
    reader = _Fields()
    reader.feed(page)
    return [
        field
        for field in reader.found
        if field.get("type", "").lower() == "password"
        or any(SECRET.search(field.get(name, "")) for name in ("name", "id", "autocomplete"))
    ]


def names_read_from_requests(source: str) -> Iterator[str]:
    """The words by which code takes something out of a form, a query or a header."""
    for node in ast.walk(ast.parse(source)):
        read: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            read = node.args[0] if "request" in ast.unparse(node.func) else None
        elif isinstance(node, ast.Subscript) and "request" in ast.unparse(node.value):
            read = node.slice
        if isinstance(read, ast.Constant) and isinstance(read.value, str):
            yield read.value


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    with lasting_town(tmp_path_factory.mktemp("town"), sqlite_template, "claim") as found:
        yield as_on_the_first_day(found)


def test_no_template_has_a_field_for_a_password() -> None:
    templates = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "identity").rglob("templates/**/*.html"),
    ]
    assert len(templates) > 40
    assert [str(each) for each in templates if taking_a_password(each.read_text())] == []


def test_no_code_reads_a_password_from_a_request() -> None:
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    read = {name for path in sources for name in names_read_from_requests(path.read_text("utf-8"))}
    assert {"code", "back", "reason"} <= read
    assert sorted(name for name in read if SECRET.search(name)) == []


def test_no_page_that_can_be_reached_asks_for_a_password(town: Town) -> None:
    ref, browser = town.publish(), town.browser()
    log_in_author(browser)
    browser.log_in_staff(ALL_GROUPS)
    known, seen = {"lang": "en", "ref": ref, "provider": "demo", "name": "site.css"}, 0
    for rule in town.site.app.url_map.iter_rules():
        assert not SECRET.search(rule.rule)
        if "GET" not in (rule.methods or set()):
            continue
        values = {name: known.get(name, "1") for name in rule.arguments}
        _domain, path = rule.build(values) or ("", "")
        page = browser.twin().get(path)
        if page.mimetype == "text/html":
            seen += page.status_code == 200
            assert taking_a_password(page.text) == [], rule.rule
    assert seen > 20


@pytest.mark.parametrize("path", ["/office/queue", "/office/people", "/en/mine"])
def test_a_name_and_password_in_a_header_open_nothing(town: Town, path: str) -> None:
    answer = town.site.visitor().get(path, auth=("administrator", "petitions"))
    assert answer.status_code == 303
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(
    "field",
    [
        '<input type="password" name="x">',
        '<input type="PASSWORD">',
        '<input name="user_password">',
        '<input type="text" autocomplete="current-password">',
        '<input id="pin">',
    ],
)
def test_the_search_knows_a_field_for_a_password_when_it_sees_one(field: str) -> None:
    assert taking_a_password(f"<form>{field}</form>")
    assert list(names_read_from_requests("request.form.get('password')")) == ["password"]
    assert list(names_read_from_requests("request.form['pin']")) == ["pin"]
