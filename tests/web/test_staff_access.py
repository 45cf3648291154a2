"""Who may enter, and what a page may never do: declared for each route, tried for each role."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from uuid import UUID

import pytest

from petitions.domain.lifecycle import Role
from petitions.domain.permissions import MATRIX, Permission, may
from petitions.web.access import MARK
from tests.web.office_house import PEOPLE, Office, make_office

REF = "2026-0001"
NOBODY = "0" * 32
"""What stands in an address where a route asks for a code that nothing here has."""
NOT_THERE = {
    "/office/people/person",
    "/office/kept",
    f"/office/files/{REF}/removals",
    f"/office/files/{REF}/integrity",
    f"/office/cases/{REF}/annexes/1",
}
"""Pages of a person, of a kept form, of a published petition: there is none of these here."""
NOT_YET_THEIRS = {
    f"/office/cases/{REF}/{each}" for each in ("decision", "second-reading", "change")
}
"""The committee decides the checks after the threshold; this petition is before publication."""
OWN = {"/office/queue/views", "/office/language", "/office/sign-out", "/office/calendar"}
"""Forms about the reader's own session, language and calendar address."""


@pytest.fixture
def office(open_engine, database_uri) -> Office:
    made = make_office(open_engine(database_uri))
    made.file_petition("Ouvrir la bibliothèque le dimanche")
    return made


def routes(office: Office) -> list[tuple[str, str, str]]:
    """(method, address, permission) of every route of the office."""
    found = []
    for rule in office.app.url_map.iter_rules():
        if not rule.endpoint.startswith("office."):
            continue
        access = getattr(office.app.view_functions[rule.endpoint], MARK, "")
        path = rule.rule.replace("<ref>", REF).replace("<language>", "fr")
        path = re.sub(r"<uuid:\w+>", str(UUID(int=0)), re.sub(r"<int:\w+>", "1", path))
        path = re.sub(r"<\w+>", NOBODY, path)
        method = "POST" if "POST" in rule.methods else "GET"
        found.append((method, path, access))
    return found


def test_every_route_of_the_office_declares_what_it_needs(office: Office) -> None:
    listed = routes(office)
    assert len(listed) >= 18
    for method, path, access in listed:
        assert access.startswith("staff:"), f"{method} {path}"


def test_nothing_is_shown_or_done_without_a_session(office: Office) -> None:
    client = office.app.test_client()
    office.app.config["WTF_CSRF_ENABLED"] = False
    for method, path, _access in routes(office):
        answer = client.open(path, method=method)
        assert answer.status_code == 303, path
        assert answer.location.startswith("/office/sign-in"), path


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_a_role_enters_exactly_where_the_matrix_lets_it(office: Office, who: str) -> None:
    office.app.config["WTF_CSRF_ENABLED"] = False
    client, roles = office.sign_in(who), [Role(role) for role in PEOPLE[who][1]]
    for method, path, access in routes(office):
        allowed = may(roles, Permission(access.removeprefix("staff:")))
        status = client.open(path, method=method).status_code
        if path in NOT_YET_THEIRS and roles == [Role.COMMITTEE]:
            allowed = False
        assert (status != 403) is allowed, f"{method} {path}: {status}"
        assert status < 500, f"{method} {path}"


def test_an_auditor_sees_no_form_that_changes_anything(office: Office) -> None:
    client = office.sign_in("voss")
    for path in (
        "/office/queue",
        f"/office/cases/{REF}",
        f"/office/files/{REF}",
        "/office/duties",
        "/office/audit",
    ):
        actions = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', client.get(path).text)
        assert set(actions) <= OWN, path


@pytest.mark.parametrize("who", ["petit", "adams", "lund", "voss"])
def test_no_page_offers_a_form_its_reader_may_not_send(office: Office, who: str) -> None:
    client = office.sign_in(who)
    office.app.config["WTF_CSRF_ENABLED"] = False
    for path in ("/office/queue", f"/office/cases/{REF}", f"/office/files/{REF}", "/office/duties"):
        page = client.get(path).text
        offered = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page) + re.findall(
            r'formaction="([^"]+)"', page
        )
        for action in set(offered) - {"/office/sign-out"}:
            assert client.post(action).status_code != 403, f"{path} offers {action}"


def test_a_form_without_its_token_is_refused(office: Office) -> None:
    client = office.sign_in("petit")
    client.get("/office/queue")
    for method, path, _access in routes(office):
        if method == "POST":
            assert client.post(path, data=office.decision_form(REF, "accept")).status_code == 400, (
                path
            )
    assert office.state(REF) == "in_admissibility"


def test_reading_a_page_of_the_office_changes_nothing(office: Office) -> None:
    before = office.versions(REF)
    for method, path, access in routes(office):
        if method == "GET" and path not in NOT_THERE and NOBODY not in path:
            roles = MATRIX[Permission(access.removeprefix("staff:"))]
            who = next(each for each, (_name, held) in PEOPLE.items() if roles & set(held))
            assert office.sign_in(who).get(path).status_code in {200, 303}, path
    assert office.versions(REF) == before


class _Page(HTMLParser):
    """Collects what a strict policy or a screen reader would stumble over."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[tuple[str, bool]] = []
        self.inline: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "label":
            self.labelled.add(given.get("for") or "")
        if tag in {"input", "textarea", "select"} and given.get("type") not in {"hidden", "submit"}:
            self.inputs.append((given.get("id") or "", "aria-label" in given))
        foreign = tag == "script" and not (given.get("src") or "").startswith("/static/")
        if (
            tag == "style"
            or foreign
            or any(name == "style" or name.startswith("on") for name in given)
        ):
            self.inline.append(tag)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(tag)


@pytest.mark.parametrize(
    "path",
    [
        "/office/queue",
        f"/office/cases/{REF}",
        f"/office/files/{REF}",
        "/office/duties",
        "/office/audit",
        f"/office/cases/{REF}/history",
    ],
)
def test_a_page_is_labelled_has_one_title_and_nothing_inline(office: Office, path: str) -> None:
    answer = office.sign_in("petit").get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    page = _Page()
    page.feed(answer.text)
    assert page.inline == []
    assert page.headings.count("h1") == 1
    assert len(page.ids) == len(set(page.ids))
    for field, named in page.inputs:
        assert named or field in page.labelled, field
