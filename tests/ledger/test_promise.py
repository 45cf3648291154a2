from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import NoteRefusedError, open_note, sign_note, vkey
from petitions.ledger.promise import (
    Promise,
    parse_promise,
    promise_body,
    promise_name,
    promised_by,
)
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, ORIGIN, P

LEAF = bytes(range(32))
BODY = (
    "petition-promise/v1\npetitions.example.org/2026\n00112233-4455-6677-8899-aabbccddeeff\n"
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nfrom 7 by 1798765200\n"
)


def test_a_promise_is_five_lines() -> None:
    assert promise_body(ORIGIN, P, LEAF, 7, 1798765200) == BODY
    assert parse_promise(BODY) == Promise(ORIGIN, P, LEAF, 7, 1798765200)


def test_a_promise_is_signed_under_a_name_of_its_own() -> None:
    note = sign_note(BODY, promise_name(ORIGIN), LOG_KEY.sign, LOG_PUBLIC)
    assert "\n— petitions.example.org/2026/promise " in note
    assert open_note(note, [vkey(promise_name(ORIGIN), LOG_PUBLIC)]) == BODY
    with pytest.raises(NoteRefusedError):
        open_note(note, [vkey(ORIGIN, LOG_PUBLIC)])


@pytest.mark.parametrize(
    ("at", "by"),
    [
        (datetime(2026, 5, 3, 12, 0, tzinfo=UTC), datetime(2026, 5, 4, 12, 0, tzinfo=UTC)),
        (datetime(2026, 5, 3, 12, 0, 0, 1, tzinfo=UTC), datetime(2026, 5, 4, 13, 0, tzinfo=UTC)),
        (datetime(2026, 5, 3, 12, 59, 59, tzinfo=UTC), datetime(2026, 5, 4, 13, 0, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), datetime(2027, 1, 2, 0, 0, tzinfo=UTC)),
    ],
)
def test_a_promise_is_due_24_hours_later_at_the_next_full_hour(at: datetime, by: datetime) -> None:
    assert promised_by(at) == int(by.timestamp())
    assert promised_by(at.astimezone(timezone(timedelta(hours=2)))) == int(by.timestamp())


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_the_due_time_is_a_full_hour_and_less_than_25_hours_away(at: datetime) -> None:
    away = promised_by(at) - at.timestamp()
    assert promised_by(at) % 3600 == 0
    assert 24 * 3600 <= away < 25 * 3600


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(LedgerError):
        promised_by(datetime(2026, 5, 3))


@pytest.mark.parametrize(
    "text",
    [
        "",
        BODY.removesuffix("\n"),
        BODY + "\n",
        BODY + "more\n",
        BODY.replace("/v1", "/v2"),
        BODY.replace("petitions.example.org/2026", ""),
        BODY.replace("petitions.example.org/2026", "a b"),
        BODY.replace("aabbccddeeff", "AABBCCDDEEFF"),
        BODY.replace("00112233-", "00112233"),
        BODY.replace("00112233-", "{0112233-"),
        BODY.replace("00112233-4455", "not a uuid"),
        BODY.replace("Hh8=", "Hh9="),
        BODY.replace("Hh8=", "Hg=="),
        BODY.replace("from 7", "from 07"),
        BODY.replace("from 7 by", "from 7  by"),
        BODY.replace("from 7 by 1798765200", "from 7"),
        BODY.replace("from", "From"),
        BODY.replace("by", "before"),
        BODY.replace("1798765200", "1798765200 "),
        BODY.replace("1798765200", "-1"),
        BODY.replace("\n", "\r\n"),
    ],
)
def test_any_other_text_is_no_promise(text: str) -> None:
    with pytest.raises(LedgerError):
        parse_promise(text)


def test_a_promise_that_could_not_be_read_is_not_written() -> None:
    for origin, leaf, first in (
        ("", LEAF, 7),
        ("a\nb", LEAF, 7),
        (ORIGIN, b"", 7),
        (ORIGIN, LEAF, -1),
    ):
        with pytest.raises(LedgerError):
            promise_body(origin, P, leaf, first, 0)
