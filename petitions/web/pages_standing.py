"""What the bar of phases shows."""

from __future__ import annotations

from dataclasses import dataclass

from petitions.domain.phases import Standing


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """One phase as the reader sees it; `note`: its day, its time left, or what leads to it."""

    standing: Standing
    title: str
    note: str = ""
    is_late: bool = False
