"""What the pages of following show. Nothing here says whether anybody signed anything."""

from __future__ import annotations

from dataclasses import dataclass

from petitions.domain.following import Rhythm
from petitions.web.pages_signing import FieldFault


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be followed. `value`: what the form sends, such as "petition 2026-00001"."""

    value: str
    label: str
    text: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowForm:
    """The form on a page of its own. `fixed`: the petition it was opened for, if any."""

    choices: tuple[Choice, ...]
    chosen: str
    rhythm: Rhythm
    email: str = ""
    faults: tuple[FieldFault, ...] = ()
    topics: tuple[Choice, ...] = ()
    """Of the assemblies' lists, for those who came for nothing in particular."""

    @property
    def wrong(self) -> dict[str, str]:
        return {"what": "", "email": ""} | {each.field: each.sentence for each in self.faults}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAsked:
    """The same page whatever the address did before (C18)."""

    email: str
    choice: Choice
    rhythm: Rhythm
    sender: str
    back_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowConfirm:
    """The page behind the mail's link. `name` "": nothing is kept of it any more."""

    action: str
    choice: Choice | None
    sent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDone:
    choice: Choice | None
    sent: str
    already: bool
    manage_href: str
    back_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowStop:
    action: str
    stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    id: str
    choice: Choice
    rhythm: Rhythm
    confirmed: bool
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowMine:
    """One follower's own page, by private link (C20)."""

    action: str
    email: str
    language: str
    languages: tuple[tuple[str, str], ...]
    wishes: tuple[Wished, ...]
    silence: str = ""
    """bounce or complaint: why nothing more is sent."""
    silent_since: object = None
    saved: bool = False
