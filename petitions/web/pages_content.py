"""What the pages of explanation show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from petitions.web.pages_author import CourseShown, Procedure

if TYPE_CHECKING:
    from petitions.web.privacy_page import WhatIsKept
    from petitions.web.verifier_file import ToCheck


@dataclass(frozen=True, slots=True)
class Statement:
    """What the accessibility statement says, from the settings, in the reader's language."""

    status: str = "not audited"
    audited_on: date | None = None
    audited_by: str = ""
    compliance: str = ""
    contact: str = ""
    enforcement: str = ""
    enforcement_url: str = ""
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentPage:
    """A page of explanations. `procedures` come from the rulebooks in force."""

    name: str
    procedures: tuple[Procedure, ...] = ()
    assembly: str = ""
    contact_email: str = ""
    contact_address: str = ""
    providers: tuple[str, ...] = ()
    publisher: str = ""
    host: str = ""
    source_url: str = ""
    updated: date | None = None
    kept: WhatIsKept | None = None
    """Of the privacy notice only."""
    courses: tuple[CourseShown, ...] = ()
    """Of "how it works" only: each procedure told in full."""
    is_draft: bool = False
    """It binds in law, and nobody has approved it yet."""
    check: ToCheck | None = None
    """Of "how signatures are verified" only."""
    statement: Statement | None = None
    """Of the accessibility statement only."""
