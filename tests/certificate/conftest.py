"""Closed and sealed petitions to certify."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.house import Precinct, a_precinct


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    """On either database; batches of one and no wait."""
    return a_precinct(tmp_path, engine, batch_min=1)
