"""What an author sees of a wording that the office proposes."""

from __future__ import annotations

from dataclasses import dataclass

from admissibility.differences import Piece


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """One part of the text with what would be taken out and put in."""

    label: str
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class WordingOffer:
    """What the author may answer. `parts` empty: nothing is proposed, or it is the text already."""

    parts: tuple[ProposedPart, ...]
    action: str
