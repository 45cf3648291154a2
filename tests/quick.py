"""What `make quick` leaves out: it is run after every change, and takes less than a minute.

A test that opens a migrated database, a token of keys or a provider of others takes a second; a
thousand of them are no quick look. They bear the mark `slow` without writing it; so do the files below.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.engines import ENGINES

NEEDS = {
    *("sqlite_template", "postgres_server", "database_uri", "bare_database_uri"),
    *("engine", "lasting_engine", "token_folder", "outside_sites", "outside", "browser"),
}
"""Fixtures that take their time, however a test comes to them."""

LONG = (
    "tests/admissibility/test_readings.py",
    "tests/demo/",
    "tests/face/test_links.py",
    "tests/face/test_words.py",
    "tests/identity/test_breaker.py",
    "tests/identity/test_login_privacy.py",
    "tests/identity/test_provider_records.py",
    "tests/identity/test_realms.py",
    "tests/identity/test_single_changes.py",
    "tests/platform/test_limits.py",
    "tests/privacy/",
    "tests/servers/",
    "tests/verifier/test_alone.py",
    "tests/verifier/test_any_bytes.py",
    "tests/verifier/test_live_site.py",
    "tests/web/test_no_passwords.py",
    "tests/web/test_page_cache.py",
    "tests/web/test_pages_words.py",
)
"""Beginnings of paths of tests that start programs, wait for clocks or read the whole project."""


def mark_slow(items: Iterable[pytest.Item]) -> None:
    for item in items:
        needed = NEEDS.intersection(getattr(item, "fixturenames", ()))
        if needed or item.nodeid.startswith(LONG) or _on_an_engine(item):
            item.add_marker(pytest.mark.slow)


def _on_an_engine(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and any(value in ENGINES for value in call.params.values())
