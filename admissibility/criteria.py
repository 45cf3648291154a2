"""Grounds of refusal, findings on them, and when a checklist carries a decision. Pure.

Rules of this module:
- a ground is the rulebook's, worded in the reader's language; nobody adds one at the desk;
- a finding says that a ground applies or does not; silence is a third value, never a no;
- admitting needs every ground looked at and none applying; refusing needs one that applies and
  reasons in each language the rulebook requires; returning needs the points named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from petitions.domain.lifecycle import Action

ADMITTING = frozenset({Action.ACCEPT, Action.ACCEPT_IN_PART, Action.ACCEPT_WITH_CONDITIONS})
# The part left out, or the condition, is what the author and the public must be able to read.
NEEDS_TERMS = frozenset({Action.ACCEPT_IN_PART, Action.ACCEPT_WITH_CONDITIONS})


class Verdict(StrEnum):
    OPEN = "open"
    CLEAR = "clear"
    APPLIES = "applies"


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground of refusal of the rulebook. `hidden`: refusing on it keeps title and text back."""

    code: str
    title: str
    article: str = ""
    guidance: str = ""
    appeal: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    ground: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a decision still lacks; `field` is where on the form it is put right."""

    code: str
    field: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """The grounds of a rulebook with what was found on each."""

    grounds: tuple[Ground, ...]
    findings: Mapping[str, Verdict]

    @classmethod
    def of(cls, grounds: Iterable[Ground], findings: Iterable[Finding]) -> Checklist:
        """Findings on grounds the rulebook does not know are dropped: they can found nothing."""
        known = tuple(grounds)
        codes = {ground.code for ground in known}
        return cls(known, {f.ground: f.verdict for f in findings if f.ground in codes})

    def verdict(self, code: str) -> Verdict:
        return self.findings.get(code, Verdict.OPEN)

    def with_verdict(self, verdict: Verdict) -> tuple[Ground, ...]:
        """The grounds that stand at a verdict, in the rulebook's order."""
        return tuple(ground for ground in self.grounds if self.verdict(ground.code) is verdict)

    @property
    def applying(self) -> tuple[Ground, ...]:
        return self.with_verdict(Verdict.APPLIES)

    @property
    def left(self) -> tuple[Ground, ...]:
        return self.with_verdict(Verdict.OPEN)

    @property
    def hides(self) -> bool:
        """True if refusing now would keep the petition from the public."""
        return any(ground.hidden for ground in self.applying)


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision as a clerk wrote it. `reasons` by language; `points` one per line of the form."""

    decision: Action
    checklist: Checklist
    reasons: Mapping[str, str]
    points: tuple[str, ...] = ()


def gaps(draft: Draft, required: Iterable[str]) -> tuple[Gap, ...]:
    """What the decision lacks, in the order of the form; empty means it may be sent.

    `required` are the languages in which reasons must exist before anything is published.
    """
    found: list[Gap] = []
    decision, checklist = draft.decision, draft.checklist
    if decision in ADMITTING:
        found += [Gap("ground_left", f"finding-{g.code}", g.title) for g in checklist.left]
        found += [Gap("ground_applies", f"finding-{g.code}", g.title) for g in checklist.applying]
    if decision is Action.REFUSE and not checklist.applying:
        found.append(Gap("no_ground", f"finding-{_first(checklist)}"))
    if decision is Action.RETURN and not any(point.strip() for point in draft.points):
        found.append(Gap("no_points", "points"))
    if decision is Action.REFUSE or decision in NEEDS_TERMS:
        code = "no_reasons" if decision is Action.REFUSE else "no_terms"
        found += [
            Gap(code, f"reasons-{language}", language)
            for language in required
            if not draft.reasons.get(language, "").strip()
        ]
    return tuple(found)


def _first(checklist: Checklist) -> str:
    return checklist.grounds[0].code if checklist.grounds else ""
