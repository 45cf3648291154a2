"""What an author or translator wrote, normalised. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from petitions.domain.text import normalised


@dataclass(frozen=True, slots=True)
class Words:
    """The text of a petition in one language."""

    title: str
    request: str = ""
    reasons: str = ""
    summary: str = ""

    @classmethod
    def of(cls, title: str, request: str = "", reasons: str = "", summary: str = "") -> Words:
        one_line = normalised(title).replace("\n", " ")
        return cls(one_line, normalised(request), normalised(reasons), normalised(summary))
