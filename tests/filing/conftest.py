"""Deployments under the procedures of real parliaments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.filing.parliaments import library_with
from tests.house import Precinct, a_precinct


def _maker(folder: Path, engine: Engine) -> Callable[..., Precinct]:
    def make(name: str, *changes: tuple[str, str]) -> Precinct:
        return a_precinct(folder, engine, library=library_with(name, *changes), batch_min=1)

    return make


@pytest.fixture
def parliament(
    tmp_path: Path, open_engine: Callable[[str], Engine], sqlite_uri: str
) -> Callable[..., Precinct]:
    """`parliament("senedd", ("old", "new"), …)`: a deployment with that rulebook, perhaps edited."""
    return _maker(tmp_path, open_engine(sqlite_uri))


@pytest.fixture
def parliament_on_either(tmp_path: Path, engine: Engine) -> Callable[..., Precinct]:
    """As `parliament`, on each database."""
    return _maker(tmp_path, engine)
