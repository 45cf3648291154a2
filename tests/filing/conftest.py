"""Deployments under the procedures of real parliaments, on either database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.filing.parliaments import library_with
from tests.house import Precinct, a_precinct


@pytest.fixture
def parliament(tmp_path: Path, engine: Engine) -> Callable[..., Precinct]:
    """`parliament("senedd", ("old", "new"), …)`: a deployment with that rulebook, perhaps edited."""

    def make(name: str, *changes: tuple[str, str]) -> Precinct:
        return a_precinct(tmp_path, engine, library=library_with(name, *changes), batch_min=1)

    return make
