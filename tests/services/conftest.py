"""A deployment per test, on either database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.house import Precinct, a_precinct, changed_library


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    """Batches of one and no wait: what is signed is in the log after the next turn."""
    return a_precinct(tmp_path, engine, batch_min=1)


@pytest.fixture
def precinct_with(tmp_path: Path, engine: Engine) -> Callable[..., Precinct]:
    """A deployment whose town rulebook was edited: `precinct_with({old: new}, batch_min=…)`."""

    def make(changes: dict[str, str], worded: tuple[str, ...] = (), **settings: Any) -> Precinct:
        library = changed_library(tmp_path, "town", changes, worded)
        return a_precinct(tmp_path, engine, library=library, **({"batch_min": 1} | settings))

    return make
