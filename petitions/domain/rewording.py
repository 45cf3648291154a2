"""Wording that the office proposes to an author before anybody signed, and what came of it. Pure.

Rules of this module:
- the author decides: takes the proposal as it is, writes something else, or leaves the text alone;
- which of the three it was is read from the texts, never from a button;
- silence is the rulebook's to judge: past the last day the petition lapses (transition 10);
- one reminder, a week before the last day, or in the middle of a shorter time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from petitions.domain.words import Words

REMINDED_BEFORE = timedelta(days=7)


class Answered(StrEnum):
    """What became of a request to change a text."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    EDITED = "edited"
    UNCHANGED = "unchanged"


def answered(
    before: Mapping[str, Words], proposed: Mapping[str, Words], now: Mapping[str, Words]
) -> Answered:
    """What an author did, by language: the proposal word for word, nothing, or something else."""
    if proposed and all(now.get(language) == words for language, words in proposed.items()):
        others = {x: words for x, words in now.items() if x not in proposed}
        if all(before.get(language) == words for language, words in others.items()):
            return Answered.ACCEPTED
    return Answered.UNCHANGED if dict(before) == dict(now) else Answered.EDITED


def changed_only(before: Mapping[str, Words], proposed: Mapping[str, Words]) -> dict[str, Words]:
    """The languages in which a proposal says something else than the text does."""
    return {
        language: words for language, words in proposed.items() if before.get(language) != words
    }


def reminder_day(asked: date, due: date) -> date:
    """The local day on which the author is reminded: never on the day of asking."""
    half = due - timedelta(days=(due - asked).days // 2)
    return max(due - REMINDED_BEFORE, half, asked + timedelta(days=1))
