"""The cases are made once per run, and each judge sees all of them once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from petitions.platform.database import create_engine
from tests.conftest import _one_at_a_time, _report_missing_part
from tests.interop.logs import BATCHES, ENGINE, SIZES, countersign, engine_log, pure_log
from tests.interop.tampering import TAMPERINGS, cases_of
from tests.interop.verdicts import JUDGES, JudgeMissingError, Verdict


@pytest.fixture(scope="session")
def cases(sqlite_template: Path) -> Path:
    """A folder of cases: `of 300`, `of the engine`, `of the engine, origin altered` …"""
    with _one_at_a_time("interop-cases") as run:
        folder = run / "interop"
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _make(folder, sqlite_template)
            (folder / "complete").touch()
    return folder


def _make(folder: Path, template: Path) -> None:
    for size in SIZES:
        pure_log(folder / f"of {size}", size)
    pure_log(folder / BATCHES, 300, step=7)
    countersign(pure_log(folder / "countersigned", 20))
    database = folder / "town.sqlite"
    database.write_bytes(template.read_bytes())
    engine = create_engine(f"sqlite:///{database}")
    engine_log(folder / ENGINE, folder / "town", engine)
    engine.dispose()
    for clean in (BATCHES, ENGINE):
        for name in cases_of(clean):
            TAMPERINGS[name].make(folder / clean, folder / f"{clean}, {name}")


@pytest.fixture(scope="session")
def verdict_of(cases: Path) -> Callable[[str, str], Verdict]:
    """(judge, case) → its verdict."""
    heard: dict[str, dict[str, Verdict]] = {}

    def verdict(judge: str, case: str) -> Verdict:
        if judge not in heard:
            heard[judge] = _heard(judge, cases)
        return heard[judge][case]

    return verdict


def _heard(judge: str, cases: Path) -> dict[str, Verdict]:
    with _one_at_a_time(f"interop-{judge}"):
        kept = cases / f"{judge}.json"
        if not kept.exists():
            found = sorted(each.parent for each in cases.glob("*/proofs.json"))
            try:
                said = JUDGES[judge](found)
            except JudgeMissingError as missing:
                sentence = str(missing)
            else:
                sentence = ""
                kept.write_text(json.dumps({name: asdict(each) for name, each in said.items()}))
    if not kept.exists():
        _report_missing_part(sentence)
    return {name: Verdict(**each) for name, each in json.loads(kept.read_text()).items()}
