"""Every route says who may enter, and the house keeps to it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import UUIDConverter

from petitions.domain.lifecycle import STAFF_ROLES, Role
from petitions.domain.permissions import MATRIX, Permission
from petitions.storage import tables as t
from petitions.web.access import MARK
from tests.web.site import Site, build
from tests.web.town import close_site

OPEN_TO_ALL = ("identity.", "assets.")
"""The identity zone has no sessions at all; assets are files."""
KINDS = {"everybody", "signer", "author"} | {f"staff:{permission}" for permission in Permission}


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    found = build(tmp_path, sqlite_uri)
    found.app.config["WTF_CSRF_ENABLED"] = False  # it would answer before the guard does
    yield found
    close_site(found)


def routes(site: Site) -> list[tuple[str, str, str, str]]:
    """(method, address, endpoint, access) of every route of ours."""
    ref = "2026-0001"
    values = {"lang": "en", "ref": ref, "draft": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
              "code": "x", "task_id": "0" * 32, "log_id": 2026, "name": "checkpoint",
              "removal_id": "0" * 32, "motion_id": "0" * 32, "number": 1,
              "certificate_id": "0" * 32}  # fmt: skip
    values["petition_id"] = values["entry"] = values["draft"]
    values |= {"language": "fr", "token": "x" * 43, "id": "town"}
    found = []
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint.startswith(OPEN_TO_ALL):
            continue
        access = getattr(site.app.view_functions[rule.endpoint], MARK, "")
        wants_uuid = {
            name for name, kind in rule._converters.items() if isinstance(kind, UUIDConverter)
        }
        given = {
            name: values["draft"] if name in wants_uuid else values.get(name, "0" * 32)
            for name in rule.arguments
        }
        built = rule.build(given)
        assert built is not None
        found += [
            (method, built[1], rule.endpoint, access)
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"})
        ]
    return found


def staff_browser(site: Site, *roles: Role) -> FlaskClient:
    word = secrets.token_urlsafe(32)
    actor = f"staff-{'-'.join(sorted(roles)) or 'none'}"
    with site.session() as session:
        session.add(
            t.Staff(actor=actor, name="X", roles=list(roles), disabled=False, last_login=site.at)
        )
        session.add(
            t.WebSession(
                token_hash=hashlib.sha256(word.encode()).digest(), audience="staff", subject=actor,
                name="X", roles=list(roles), seen_at=site.at,
                expires_at=site.at + timedelta(hours=8),
            )
        )  # fmt: skip
    client = site.app.test_client()
    client.set_cookie("staff", word)
    return client


def test_every_route_declares_who_may_enter(site: Site) -> None:
    listed = routes(site)
    assert len(listed) > 50
    undeclared = [(path, access) for _m, path, _e, access in listed if access not in KINDS]
    assert undeclared == []


def test_the_declaration_fits_the_address(site: Site) -> None:
    signed_in = {
        "/office/sign-in", "/office/welcome", "/office/sign-out", "/office/signed-out",
        "/office/code",
    }  # fmt: skip
    for _method, path, endpoint, access in routes(site):
        if path.startswith("/office") and path not in signed_in:
            assert access.startswith("staff:"), path
        elif path.startswith(("/en/drafts", "/en/mine")) and not path.endswith("sign-out"):
            assert access == "author", path
        elif "/sign" in path and endpoint.startswith("signing."):
            assert access == "signer", path
        else:
            assert not access.startswith("staff:"), path


def test_whoever_is_not_signed_in_is_sent_to_the_door_of_the_office(site: Site) -> None:
    client = site.visitor()
    for method, path, _endpoint, access in routes(site):
        if access.startswith("staff:"):
            answer = client.open(path, method=method)
            assert answer.status_code == 303, (method, path)
            assert answer.location.startswith("/office/sign-in?back="), (method, path)


def test_whoever_is_no_author_is_sent_to_the_login_of_authors(site: Site) -> None:
    client = site.visitor()
    for method, path, _endpoint, access in routes(site):
        if access == "author":
            answer = client.open(path, method=method)
            assert answer.status_code == 303, (method, path)
            assert answer.location.startswith("/en/start/login?back="), (method, path)


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_a_role_enters_where_the_matrix_says_and_nowhere_else(site: Site, role: Role) -> None:
    client = staff_browser(site, role)
    for method, path, _endpoint, access in routes(site):
        if access.startswith("staff:"):
            granted = role in MATRIX[Permission(access.removeprefix("staff:"))]
            status = client.open(path, method=method).status_code
            assert (status != 403) is granted, (method, path, status)
            assert status < 500, (method, path, status)


def test_a_session_of_one_audience_opens_no_room_of_the_other(site: Site) -> None:
    author = site.author()
    clerk = staff_browser(site, Role.CLERK)
    words = {
        "staff": next(c.value for c in author._cookies.values() if c.key == "author"),
        "author": next(c.value for c in clerk._cookies.values() if c.key == "staff"),
    }
    for audience, path in (("staff", "/office/queue"), ("author", "/en/mine")):
        stranger = site.visitor()
        stranger.set_cookie(audience, words[audience])
        assert stranger.get(path).status_code == 303, audience


@pytest.mark.parametrize("word", ["", "x", "a" * 3000, "\x00", "' OR 1=1 --", "é"])
def test_an_invented_session_opens_nothing(site: Site, word: str) -> None:
    for audience, path in (("staff", "/office/queue"), ("author", "/en/mine")):
        client = site.visitor()
        client.set_cookie(audience, word)
        assert client.get(path).status_code == 303
