"""Closed and sealed petitions to certify."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from petitions.platform.database import create_engine
from petitions.services.closing_facts import ClosingFacts, closing_facts
from petitions.services.witnessing import NOBODY
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct
from tests.services.test_seal_command import reference
from tests.services.test_sealing import ended, order, work_until_sealed


@pytest.fixture(autouse=True)
def _a_loop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """pyHanko runs a loop; a browser test before this one may have left its own in this thread."""
    run = asyncio.run

    def elsewhere(work: Coroutine[Any, Any, Any], **more: Any) -> Any:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(run, work, **more).result()

    monkeypatch.setattr(asyncio, "run", elsewhere)


@pytest.fixture
def precinct(tmp_path: Path, sqlite_uri: str) -> Iterator[Precinct]:
    """Batches of one and no wait."""
    engine = create_engine(sqlite_uri)
    yield a_precinct(tmp_path, engine, batch_min=1)
    engine.dispose()


@pytest.fixture
def precinct_on_either(tmp_path: Path, engine: Engine) -> Precinct:
    """The test runs once on each database."""
    return a_precinct(tmp_path, engine, batch_min=1)


@dataclass(frozen=True)
class Filed:
    """One petition before and after its sealing, and one that still collects. To be read only."""

    precinct: Precinct
    ref: str
    collecting: str
    closed: ClosingFacts
    sealed: ClosingFacts


@pytest.fixture(scope="session")
def filed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filed]:
    folder = tmp_path_factory.mktemp("filed")
    shutil.copyfile(sqlite_template, folder / "petitions.sqlite")
    engine = create_engine(f"sqlite:///{folder / 'petitions.sqlite'}")
    precinct = a_precinct(folder, engine, batch_min=1)
    petition = ended(precinct, range(27))

    def facts() -> ClosingFacts:
        with precinct.session() as session:
            found = session.get_one(t.Petition, petition)
            return closing_facts(session, precinct.house, found, NOBODY.enough)

    closed = facts()
    order(precinct, petition)
    work_until_sealed(precinct)
    collecting = reference(precinct, precinct.publish())
    yield Filed(precinct, reference(precinct, petition), collecting, closed, facts())
    engine.dispose()
