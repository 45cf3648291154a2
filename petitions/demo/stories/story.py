"""What a story of the demonstration is made of: invented petitions, decisions and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SENATE, TOWN = "senat", "valmont"
RULEBOOKS: Mapping[str, str] = {SENATE: "fr-senat", TOWN: "town"}


@dataclass(frozen=True, slots=True)
class Wording:
    """A petition in one language."""

    title: str
    request: str = ""
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One invented petition.

    `citizen`: a person of the demonstration's identity provider who can log in as its author; empty
    for authors nobody can log in as. `translation` is in the assembly's other language.
    """

    key: str
    assembly: str
    text: Wording
    author: str
    language: str = "fr"
    kind: str = ""
    translation: Wording | None = None
    citizen: str = ""
    difference: str = ""

    @property
    def email(self) -> str:
        """An address under a domain that can belong to nobody (RFC 2606)."""
        return f"{self.key}@example.org"

    @property
    def other_language(self) -> str:
        return "en" if self.language == "fr" else "fr"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assembly answered, by language."""

    code: str
    summaries: Mapping[str, str]
    texts: Mapping[str, str]
    links: tuple[str, ...] = ()
    reason: str = ""
