"""The message that proves an address, and the ports by which it is worded and leaves.

It leaves while the person waits, by no table and no queue: a row would hold the address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from identity.errors import IdentityRefused


class LetterLost(IdentityRefused):
    """The mail server did not take it: not reached, too slow, or refusing us."""


class LetterNotTaken(IdentityRefused):
    """The mail server lives and will not take a letter to this one address."""


class LettersSpent(IdentityRefused):
    """The address had its letters of this hour; `until` is when the next may go."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("letters_to_address")


@dataclass(frozen=True, slots=True)
class Letter:
    """`sender` None is the site's own."""

    address: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    lang: str
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the words of a letter are made from. No petition: mailboxes are shared and read."""

    code: str = field(repr=False)
    link: str = field(repr=False)
    minutes: int
    lang: str


class Post(Protocol):
    """Filled by the composition root."""

    def word(self, told: Told) -> tuple[str, str]:
        """(subject, text) in the reader's language."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand the letter over now. LetterLost, LetterNotTaken."""
        ...
