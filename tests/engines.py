"""On which engines a test runs.

What the database itself decides (uniqueness, locks, search, order, privacy on the disk, migrations)
runs on SQLite and on PostgreSQL, always. A page or a rule that only reads and writes rows runs on one
of them, chosen by a checksum of the test's name: half of the tests each, the same half every time.
Tests that share one database go together, by the name of their module: it is filled once.
`pytest --every-engine` runs all on both.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable

import pytest
from _pytest.scope import Scope

ENGINES = ("postgresql", "sqlite")

BOTH = (
    "tests/admissibility/",
    "tests/identity/",
    "tests/migrations/",
    "tests/platform/",
    "tests/privacy/",
    "tests/services/test_crashes",
    "tests/services/test_fork",
    "tests/services/test_log",
    "tests/services/test_outbox",
    "tests/services/test_sealing.py",
    "tests/services/test_search",
    "tests/services/test_signing",
    "tests/services/test_tally",
    "tests/web/test_signing.py",
)
"""Beginnings of paths below which a test always runs on both engines; or the mark `both_engines`."""


def left_out(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Of the tests that would run on both engines and need not, the halves that are left out."""
    same: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        engine = _engine(item)
        if engine and not _both(item):
            same[_without_engine(item, engine)][engine] = item
    return [
        found[other]
        for found in same.values()
        if len(found) == len(ENGINES)
        for other in ENGINES
        if other != ENGINES[zlib.crc32(_decides(found[other]).encode()) % len(ENGINES)]
    ]


def _decides(item: pytest.Item) -> str:
    """The name whose checksum chooses the engine: the test's, or of the module that shares one."""
    call = item.callspec  # type: ignore[attr-defined]
    (fixture,) = (name for name, value in call.params.items() if value in ENGINES)
    if call._arg2scope.get(fixture) is not Scope.Function:
        return item.nodeid.partition("::")[0]
    return _without_engine(item, str(call.params[fixture]))


def _both(item: pytest.Item) -> bool:
    return item.nodeid.startswith(BOTH) or item.get_closest_marker("both_engines") is not None


def _engine(item: pytest.Item) -> str | None:
    call = getattr(item, "callspec", None)
    found = [value for value in call.params.values() if value in ENGINES] if call else []
    return str(found[0]) if len(found) == 1 else None


def _without_engine(item: pytest.Item, engine: str) -> str:
    name, _, cases = item.nodeid.partition("[")
    rest = [case for case in cases.rstrip("]").split("-") if case != engine]
    return f"{name}[{'-'.join(rest)}"
