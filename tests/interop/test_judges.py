"""Software that is not ours accepts what our log publishes, and refuses what was tampered with.

Go: golang.org/x/mod/sumdb (note, tlog). Node: @sigstore/verify. Python: pymerkle.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from petitions.ledger.tiles import files_between
from tests.interop.logs import BATCHES, ENGINE, SIZES
from tests.interop.tampering import TAMPERINGS, cases_of
from tests.interop.verdicts import JUDGES, JudgeMissingError, Verdict, by_go, by_node
from tests.services.published import PublishedLog

Verdicts = Callable[[str, str], Verdict]
CLEAN = [*(f"of {size}" for size in SIZES), BATCHES, ENGINE, "countersigned"]
REFUSALS = [
    (judge, clean, name)
    for clean in (BATCHES, ENGINE)
    for name in cases_of(clean)
    for judge in TAMPERINGS[name].refused
]


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("case", CLEAN)
def test_every_judge_accepts_every_leaf_and_every_earlier_checkpoint(
    judge: str, case: str, cases: Path, verdict_of: Verdicts
) -> None:
    leaves = PublishedLog(cases / case / "log").size()
    earlier = len(json.loads((cases / case / "earlier.json").read_text()))
    if case == f"of {leaves}":
        assert earlier == leaves - 1, "every size the log ever had"
    assert verdict_of(judge, case) == Verdict("", "", leaves, earlier)


@pytest.mark.parametrize(("judge", "clean", "name"), REFUSALS)
def test_a_judge_refuses_what_was_tampered_with_where_it_was(
    judge: str, clean: str, name: str, verdict_of: Verdicts
) -> None:
    found = verdict_of(judge, f"{clean}, {name}")
    assert found.stage == TAMPERINGS[name].refused[judge], found.why


def test_every_tampering_is_refused_by_somebody_who_checks_signatures_or_history() -> None:
    assert all("go" in tampering.refused for tampering in TAMPERINGS.values())


def test_the_log_of_the_engine_is_no_toy(cases: Path) -> None:
    """Several kinds of entries, several petitions, a checkpoint for each batch."""
    place = cases / ENGINE
    published = PublishedLog(place / "log")
    kinds = {entry[1] for entry in published.entries()}
    assert {0x01, 0x03, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38, 0x7F} <= kinds
    assert len(json.loads((place / "earlier.json").read_text())) > 6
    assert published.size() > 45


def test_the_clean_logs_cover_the_borders_of_a_tile(cases: Path) -> None:
    widths = {
        size: {(file.level, file.n): file.width for file in files_between(0, size)}
        for size in SIZES
    }
    assert (widths[255][0, 0], widths[256][0, 0], widths[257][0, 1]) == (255, 256, 1)
    assert (1, 0) not in widths[255]
    assert widths[256][1, 0] == 1


@pytest.mark.parametrize(("run", "packages"), [(by_go, "golang-go"), (by_node, "nodejs")])
def test_a_judge_that_is_not_there_is_named(
    run: Callable[[list[Path]], object],
    packages: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.interop.verdicts.PREPARED", tmp_path)
    with pytest.raises(JudgeMissingError, match=f"{packages}.*scripts/prepare interop"):
        run([])
