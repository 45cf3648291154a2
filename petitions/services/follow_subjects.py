"""Subjects that people follow in their own words ("bus", "school meals"), matched to petitions.

A petition is on a subject if each of its words begins a word of the title or the request, whatever
capitals and accents: the words are those by which the list is searched.
"""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.following import Scope
from petitions.domain.text import folded
from petitions.storage.tables import Petition, PetitionText, Subscription

SUBJECT_MAX: Final = 60
WORDS_MAX: Final = 6
LEAST: Final = 3
"""Letters of a word: shorter ones would begin half of a dictionary."""
_WORD = re.compile(r"\w+")


def read_subject(typed: str) -> str:
    """The subject as it is kept and shown; "" where there is nothing to look for."""
    words = _WORD.findall(typed.lower())
    if not words or len(words) > WORDS_MAX or not any(len(word) >= LEAST for word in words):
        return ""
    kept = " ".join(words)
    return kept if len(kept) <= SUBJECT_MAX else ""


def is_about(subject: str, words: frozenset[str]) -> bool:
    """`words`: those of a text, folded. Short words of the subject are not looked for."""
    wanted = [word for word in _WORD.findall(folded(subject)) if len(word) >= LEAST]
    return bool(wanted) and all(
        any(word.startswith(each) for word in words) for each in wanted
    )  # fmt: skip


def subjects_of(session: Session, petition: Petition) -> list[str]:
    """Of all subjects that somebody follows, those that this petition is on, in any of its languages."""
    followed = session.scalars(
        select(Subscription.target)
        .where(Subscription.scope == Scope.SUBJECT, Subscription.confirmed_on.is_not(None))
        .distinct()
    ).all()
    if not followed:
        return []
    texts = session.scalars(
        select(PetitionText).where(PetitionText.petition_id == petition.id)
    ).all()
    words = frozenset(
        word for text in texts for word in _WORD.findall(folded(f"{text.title} {text.request}"))
    )
    return sorted(each for each in followed if is_about(each, words))
