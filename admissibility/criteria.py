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
    """A decision as a clerk wrote it.

    `texts` by language: the reasons, the points to correct (one per line), or the terms of an
    admission in part or under conditions.
    """

    decision: Action
    checklist: Checklist
    texts: Mapping[str, str]

    @property
    def grounds(self) -> tuple[str, ...]:
        """The grounds the decision rests on; only a refusal rests on any."""
        if self.decision is not Action.REFUSE:
            return ()
        return tuple(ground.code for ground in self.checklist.applying)

    @property
    def hides(self) -> bool:
        return self.decision is Action.REFUSE and self.checklist.hides


_TEXT_GAPS = {
    Action.REFUSE: "no_reasons",
    Action.RETURN: "no_points",
    Action.ACCEPT_IN_PART: "no_terms",
    Action.ACCEPT_WITH_CONDITIONS: "no_terms",
}


def points(text: str) -> tuple[str, ...]:
    """The points to correct: one per line, without the dash or number somebody typed before it."""
    lines = (line.strip().lstrip("-–•*").strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def gaps(
    draft: Draft, required: Iterable[str], written: Iterable[str] | None = None
) -> tuple[Gap, ...]:
    """What the decision lacks, in the order of the form; empty means it may be sent.

    `required`: languages in which the rulebook wants every published text; `written`: languages
    in which the petition itself exists (None: not looked at).
    """
    found: list[Gap] = []
    decision, checklist = draft.decision, draft.checklist
    needed = tuple(required)
    if decision in ADMITTING:
        found += [Gap("ground_left", f"finding-{g.code}", g.title) for g in checklist.left]
        found += [Gap("ground_applies", f"finding-{g.code}", g.title) for g in checklist.applying]
        if written is not None:
            have = set(written)
            found += [
                Gap("no_translation", "decision", code) for code in needed if code not in have
            ]
    if decision is Action.REFUSE and not checklist.applying:
        first = checklist.grounds[0].code if checklist.grounds else ""
        found.append(Gap("no_ground", f"finding-{first}"))
    if decision in _TEXT_GAPS:
        found += [
            Gap(_TEXT_GAPS[decision], f"text-{language}", language)
            for language in needed
            if not draft.texts.get(language, "").strip()
        ]
    return tuple(found)
