"""Public notices, whose hash a NOTICE entry carries: what no other entry of the log can say.

    petition-notice/v1
    <origin>
    <petition UUID; zeros where the log as a whole is meant>
    <what>
    <subject>
    <seconds since 1970>

    <words for people, or JSON; may be empty>

Rule: a notice names nobody but those who answer for an act of the institution.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from petitions.ledger.encoding import LedgerError, decimal

HEADING: Final = "petition-notice/v1"


class What(StrEnum):
    PROCEDURE = "procedure"
    """How this petition is judged. Subject: rules hash; words: JSON."""
    TEXT_WITHHELD = "text-withheld"
    """Taken down. Subject: hash of the text that is shown no more."""
    TEXT_RESTORED = "text-restored"
    KEY_PLACES = "key-places"
    """At the seal. Subject: id of the petition's key; words: verifier keys of the places, by line."""
    REPLICA_GIVEN_UP = "replica-given-up"
    """A place that held keys holds none any more. Subject: its verifier key."""
    KEY_CHANGED = "key-changed"
    """Why a signing key of the log was changed. Subject: the new verifier key."""
    RECOVERED = "recovered"
    """An older database was restored. Subject: first entry and size of what was taken in again; words:
    how many acts have lost their rows, so that those persons could act twice."""


@dataclass(frozen=True, slots=True)
class NoticeFile:
    origin: str
    petition: UUID
    what: str
    subject: str
    at: int
    words: str


def notice_file(
    origin: str, petition: UUID, what: What, subject: str, at: int, words: str = ""
) -> bytes:
    """The exact bytes that are published and hashed."""
    if any(c < " " for c in origin + subject) or at < 0:
        raise LedgerError("a line of a notice holds a control character")
    head = [HEADING, origin, str(petition), what, subject, str(at)]
    return ("\n".join(head) + "\n\n" + (f"{words}\n" if words else "")).encode()


def read_notice(raw: bytes) -> NoticeFile:
    """LedgerError unless writing the result gives the same bytes again."""
    try:
        head, blank, words = raw.decode().partition("\n\n")
        lines = head.split("\n")
        if not blank or len(lines) != 6 or lines[0] != HEADING:
            raise LedgerError("not a notice")
        found = NoticeFile(
            lines[1],
            UUID(lines[2]),
            lines[3],
            lines[4],
            decimal(lines[5]),
            words.removesuffix("\n"),
        )
    except ValueError as refused:
        raise LedgerError("not a notice") from refused
    return found
