"""Towns with one rule more, on either database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.house import Precinct, a_precinct, changed_library
from tests.last_rules.towns import Towns


@pytest.fixture
def town(tmp_path: Path, engine: Engine) -> Towns:
    def make(changes: dict[str, str], worded: tuple[str, ...] = (), **settings: Any) -> Precinct:
        library = changed_library(tmp_path, "town", changes, worded)
        return a_precinct(tmp_path, engine, library=library, **({"batch_min": 1} | settings))

    return make
