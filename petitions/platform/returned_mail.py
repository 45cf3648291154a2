"""Reading what a mail system sends back: delivery reports (RFC 3464) and complaints (RFC 5965). Pure.

Rules of this module:
- only what says for whom it is by our own return path is believed, and the proof inside that path is
  checked by the caller: nobody stops somebody else's mails by writing a report;
- an answer on holiday, a delay, a receipt: read and let go;
- no address and no text leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Final

LONGEST: Final = 2_000_000
"""Bytes that are read; reports are small."""
_SAYS_TO_WHOM: Final = (
    "X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To", "Return-Path",
    "Original-Mail-From", "X-Failed-Recipients",
)  # fmt: skip
_NO_MAILBOX = re.compile(r"5\.(?:1\.[0-9]+|2\.1)\b")
_PASSING = re.compile(r"[45]\.[0-9]+\.[0-9]+")


class Report(StrEnum):
    """What a report says of one mail."""

    NO_MAILBOX = "no_mailbox"
    """Nothing will ever arrive there."""
    FAILED = "failed"
    """This mail did not arrive; another might."""
    COMPLAINT = "complaint"
    NOTHING = "nothing"
    """Delayed, delivered, or no report at all."""


@dataclass(frozen=True, slots=True)
class Returned:
    report: Report
    tokens: tuple[str, ...]
    """What stood after the plus of our return path, likeliest first; to be proved."""


def read_returned(raw: bytes, bounces: str) -> Returned:
    """`bounces`: the address of the settings, without token."""
    found = message_from_bytes(raw[:LONGEST], policy=policy.default)
    return Returned(_report(found), tuple(dict.fromkeys(_tokens(found, bounces))))


def _report(found: EmailMessage) -> Report:
    kind = str(found.get_param("report-type", "") or "").lower()
    if found.get_content_type() != "multipart/report":
        return Report.NOTHING
    if kind == "feedback-report":
        return _complaint(found)
    return _delivery(found) if kind == "delivery-status" else Report.NOTHING


def _complaint(found: EmailMessage) -> Report:
    """RFC 5965: abuse and fraud are complaints; not-spam is the opposite of one."""
    for part in found.walk():
        if part.get_content_type() == "message/feedback-report":
            kind = _field(part, "Feedback-Type").lower()
            return Report.COMPLAINT if kind in {"abuse", "fraud", "opt-out"} else Report.NOTHING
    return Report.NOTHING


def _delivery(found: EmailMessage) -> Report:
    """RFC 3464: `Action` says whether it is over, `Status` (RFC 3463) why."""
    worst = Report.NOTHING
    for part in found.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _blocks(part):
            if str(block.get("Action", "")).strip().lower() != "failed":
                continue
            status = str(block.get("Status", "")).strip()
            if _NO_MAILBOX.match(status):
                return Report.NO_MAILBOX
            if _PASSING.match(status):
                worst = Report.FAILED
    return worst


def _blocks(part: EmailMessage) -> Iterator[EmailMessage]:
    """The fields of a report, one block per recipient; parsers give them as messages."""
    content = part.get_payload()
    if isinstance(content, list):
        yield from (each for each in content if isinstance(each, EmailMessage))


def _field(part: EmailMessage, name: str) -> str:
    if part.get(name):
        return str(part[name]).strip()
    for block in _blocks(part):
        if block.get(name):
            return str(block[name]).strip()
    text = part.get_payload(decode=True)
    if isinstance(text, bytes):
        found = re.search(rb"(?im)^" + name.encode() + rb":\s*(\S+)", text)
        return found[1].decode("ascii", "replace") if found else ""
    return ""


def _tokens(found: EmailMessage, bounces: str) -> Iterator[str]:
    """From the report's own head first, then from the mail that it returns."""
    local, _, domain = bounces.rpartition("@")
    wanted = re.compile(
        rf"(?i){re.escape(local)}\+([a-z2-7]{{10,80}})@{re.escape(domain)}(?![a-z0-9.-])"
    )
    for part in (found, *found.walk()):
        for name in _SAYS_TO_WHOM:
            for value in part.get_all(name, []):
                yield from (token.lower() for token in wanted.findall(str(value)))
        if part.get_content_type() in {"text/rfc822-headers", "message/feedback-report"}:
            yield from (token.lower() for token in wanted.findall(_raw(part)))


def _raw(part: EmailMessage) -> str:
    text = part.get_payload(decode=True)
    if isinstance(text, bytes):
        return text.decode("utf-8", "replace")
    return "\n".join(str(block) for block in _blocks(part))
