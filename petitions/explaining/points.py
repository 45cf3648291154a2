"""What an explanation is made of: sentences, each with what stands below it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A sentence; `below` are its details; `reference` is the rule it rests on."""

    text: str
    below: tuple[str, ...] = ()
    reference: str = ""
