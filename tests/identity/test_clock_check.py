"""`petitions doctor --ask-providers`: clocks compared before the first login fails."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from identity.providers.clock_check import clock_finding
from tests.identity.conduct import PLAIN, opened_office
from tests.identity.lying_provider import Lies, LyingProvider
from tests.identity.office import Office

NOW = 1_800_000_000.0


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[tuple[LyingProvider, Office]]:
    with opened_office(PLAIN, tmp_path, https=True) as pair:
        yield pair


def found(setting: tuple[LyingProvider, Office], date: str | None, status: int = 200) -> str | None:
    provider, site = setting
    answer = Response("{}", status, mimetype="application/json")
    if date is not None:
        answer.headers["Date"] = date
    provider.lies = Lies(metadata_response=answer)
    return clock_finding(site.settings.providers["lying"], lambda: NOW)


@pytest.mark.parametrize("apart", [-4, 0, 4])
def test_clocks_less_than_five_seconds_apart_are_good(
    setting: tuple[LyingProvider, Office], apart: int
) -> None:
    assert found(setting, formatdate(NOW + apart, usegmt=True)) is None


@pytest.mark.parametrize(("apart", "word"), [(6, "behind"), (-6, "ahead of"), (300, "behind")])
def test_clocks_further_apart_are_told_with_the_limit(
    setting: tuple[LyingProvider, Office], apart: int, word: str
) -> None:
    told = found(setting, formatdate(NOW + apart, usegmt=True))
    assert told is not None
    assert f"seconds {word}" in told
    assert "provider lying" in told
    assert "logins fail beyond 30 seconds" in told


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_a_provider_that_tells_no_time_is_named(
    setting: tuple[LyingProvider, Office], date: str | None
) -> None:
    assert "tells no time" in str(found(setting, date))


def test_a_provider_that_is_silent_is_named(setting: tuple[LyingProvider, Office]) -> None:
    told = found(setting, None, 500)
    assert told == "the provider lying gave no metadata (provider_does_not_answer)"
