"""Every acceptance scenario of the twelve procedures is a test that runs through the services."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
NUMBERS = {
    "SEN": 6, "AN": 5, "UK": 7, "SCO": 4, "SND": 4, "BUN": 4, "BXL": 5, "BCN": 4, "ECI": 6, "FIN": 4,
    "CH": 5, "CA": 5,
}  # fmt: skip
SCENARIOS = [f"{name}-{number}" for name, last in NUMBERS.items() for number in range(1, last + 1)]


@pytest.fixture(scope="module")
def told() -> str:
    """What the tests that use a database say; the pure core has tests of its own."""
    files = sorted(TESTS.rglob("test_*.py"))
    return "\n".join(
        file.read_text(encoding="utf-8")
        for file in files
        if file != Path(__file__) and "domain" not in file.parts
    )


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_runs_through_the_services(scenario: str, told: str) -> None:
    """As `test_uk_3_…`, or named in the words of a test."""
    name = scenario.lower().replace("-", "_")
    assert re.search(rf"def test_{name}_|\b{scenario}\b", told), f"no test plays {scenario}"
