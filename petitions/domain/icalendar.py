"""Due dates and planned steps as iCalendar (RFC 5545). Pure: the instant of writing is handed in.

Whole days without a time zone (VALUE=DATE), since what is due is due on a local day of the assembly;
a date that may still move is TENTATIVE, a cancelled step stays with STATUS:CANCELLED, so that a
calendar program takes it out. Lines end with CRLF and are folded at 75 octets (section 3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_OCTETS = 75
_SEPARATE = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One day. `uid` is the same in every answer; `changed` and `sequence` grow with each change."""

    uid: str
    day: date
    summary: str
    changed: datetime
    description: str = ""
    url: str = ""
    location: str = ""
    sequence: int = 0
    tentative: bool = False
    cancelled: bool = False


def calendar_file(name: str, product: str, events: Iterable[Event], *, at: datetime) -> bytes:
    """The whole file. `product`: who wrote it (PRODID); `at`: when, UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{text(product)}//petitions//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]
    for event in events:
        lines += _event(event, at)
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) for line in lines)


def _event(event: Event, at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(event.uid)}"
    yield f"DTSTAMP:{instant(at)}"
    yield f"LAST-MODIFIED:{instant(event.changed)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{text(event.description)}"
    if event.location:
        yield f"LOCATION:{text(event.location)}"
    if event.url:
        yield f"URL:{event.url}"
    yield f"STATUS:{_status(event)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _status(event: Event) -> str:
    if event.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if event.tentative else "CONFIRMED"


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def text(value: str) -> str:
    """A TEXT value (section 3.3.11): line ends escaped, no other control character."""
    joined = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in joined if each == "\n" or each >= " ")
    return kept.translate(_SEPARATE)


def fold(line: str) -> bytes:
    """The line in octets with CRLF; a character of several octets is never cut in two."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > _OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    pieces.append(piece)
    return b"\r\n".join(pieces) + b"\r\n"
