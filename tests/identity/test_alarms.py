"""Who is called, and when: the security counter and its lines at CRITICAL."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from identity.alarms import REFUSALS, WINDOW, SecurityWatch
from identity.errors import Cause
from identity.outcomes import Outcome
from tests.identity.conduct import Profile, opened_office, walk
from tests.identity.lies import claims

REFUSED = Outcome(
    reference="00c0ffee",
    step="callback",
    provider="lying",
    realm="citizens",
    cause=Cause.NOT_VERIFIED,
    reason="nonce",
    took="<1s",
)


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock) -> SecurityWatch:
    return SecurityWatch(clock)


def calls(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "identity.alarm" and record.levelno == logging.CRITICAL
    ]


def test_more_than_three_refusals_in_ten_minutes_call(
    watch: SecurityWatch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert (REFUSALS, WINDOW) == (3, 600.0)
    for _ in range(3):
        watch(REFUSED)
        clock.at += 100
    assert calls(caplog) == []
    watch(REFUSED)
    assert len(calls(caplog)) == 1
    assert "more than 3 answers" in calls(caplog)[0]
    assert "provider=lying" in calls(caplog)[0]


def test_refusals_that_are_rare_or_of_several_providers_call_nobody(
    watch: SecurityWatch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(12):
        watch(REFUSED)
        watch(replace(REFUSED, provider=f"other-{number}"))
        clock.at += 201
    assert calls(caplog) == []
    assert watch.counted[Cause.NOT_VERIFIED, "lying"] == 12


def test_a_call_is_repeated_after_ten_minutes_only(
    watch: SecurityWatch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(100):
        watch(REFUSED)
    assert len(calls(caplog)) == 1
    clock.at += 601
    for _ in range(4):
        watch(REFUSED)
    assert len(calls(caplog)) == 2


@pytest.mark.parametrize("cause", [Cause.KEY_CHANGED, Cause.SET_UP])
def test_a_changed_key_or_a_refused_set_up_calls_at_once(
    watch: SecurityWatch, caplog: pytest.LogCaptureFixture, cause: Cause
) -> None:
    watch(replace(REFUSED, cause=cause, reason="person_key_off_pattern"))
    assert len(calls(caplog)) == 1


@pytest.mark.parametrize(
    "cause",
    [None, Cause.CANCELLED, Cause.NO_ANSWER, Cause.NOT_ELIGIBLE, Cause.TOO_LATE, Cause.TOO_MANY],
)
def test_what_people_and_outages_do_calls_nobody(
    watch: SecurityWatch, caplog: pytest.LogCaptureFixture, cause: Cause | None
) -> None:
    for _ in range(50):
        watch(replace(REFUSED, cause=cause))
    assert calls(caplog) == []
    assert watch.counted == {}


def test_every_outcome_has_its_line_whether_or_not_it_calls(
    watch: SecurityWatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="identity")
    watch(replace(REFUSED, cause=None, reason="ok"))
    watch(REFUSED)
    lines = [record.getMessage() for record in caplog.records if record.name == "identity"]
    assert ["cause=ok" in line for line in lines] == [True, False]


def test_a_key_off_its_pattern_is_no_new_person_and_calls(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    person = {"namespace": "fr-test", "one_per": "person", "pattern": "[0-9a-f]{64}v1"}
    with opened_office(Profile("keys", more={"person": person}), tmp_path, https=True) as (
        provider,
        site,
    ):
        site.service.report = SecurityWatch()
        provider.claims["sub"] = "ab" * 32 + "v2"  # its salt was changed
        browser = site.browser()
        answer: Any = walk(site, provider, browser, lie=claims())
        assert answer.status_code == 502
        assert site.last_page()["cause"] == "key_changed"
        (line,) = calls(caplog)
        assert "has the provider changed them?" in line
        assert "abab" not in line


def test_the_service_watches_unless_told_otherwise(tmp_path: Path) -> None:
    from dataclasses import fields

    from identity.service import IdentityService

    (report,) = (each for each in fields(IdentityService) if each.name == "report")
    assert report.default_factory is SecurityWatch
