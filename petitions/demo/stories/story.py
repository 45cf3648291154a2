"""What a story of the demonstration is made of: invented petitions, decisions and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SENATE, TOWN = "senat", "valmont"
REGION, FRENCH_SPEAKERS = "prb", "pfb"
DEPUTIES, COMMONS = "assemblee-nationale", "uk-commons"
RULEBOOKS: Mapping[str, str] = {
    SENATE: "fr-senat",
    TOWN: "town",
    REGION: "brussels",
    FRENCH_SPEAKERS: "brussels",
    DEPUTIES: "fr-assemblee-nationale",
    COMMONS: "uk-parliament",
}
"""The assemblies of the demonstration, and the rules each works under."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A petition in one language."""

    title: str
    request: str = ""
    reasons: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One invented petition.

    `citizen`: a person of the demonstration's identity provider who can log in as its author; empty
    for authors nobody can log in as. `translation` is in `translated_into`, by default the site's other
    language. `also`: further assemblies it is addressed to. `answers`: what the form asks beyond name
    and address.
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
    translated_into: str = ""
    also: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    topic: str = ""

    @property
    def email(self) -> str:
        """An address under a domain that can belong to nobody (RFC 2606)."""
        return f"{self.key}@example.org"

    @property
    def other_language(self) -> str:
        return self.translated_into or ("en" if self.language == "fr" else "fr")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assembly answered, by language."""

    code: str
    summaries: Mapping[str, str]
    texts: Mapping[str, str]
    links: tuple[str, ...] = ()
    reason: str = ""
