"""One petition in the JSON shape of petition.parliament.uk, which many programs read. Pure.

Keys, their order, nulls and styles of time are that site's (alphagov/e-petitions); what stands there is
ours. Times are UTC with three decimals, in the bare counters local with their offset.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_STEP = 100_000
_REFERENCE = re.compile(r"(\d{4})-(\d{4,5})")


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, a debate or other business: what was said, when it was recorded, where to read it."""

    on: date | None
    at: datetime
    text: str
    title: str = ""
    summary: str = ""
    link: str | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UkPetition:
    """`state`: open, closed or rejected. `scheduled`: (day decided, day of the debate)."""

    id: int
    action: str
    background: str | None
    additional_details: str | None
    state: str
    signature_count: int | None
    closing_date: date | None
    created_at: datetime
    updated_at: datetime
    rejected_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    moderation_threshold_reached_at: datetime | None = None
    response_threshold_reached_at: datetime | None = None
    debate_threshold_reached_at: datetime | None = None
    response: Said | None = None
    scheduled: tuple[date, date] | None = None
    debate: Said | None = None
    creator_name: str | None = None
    rejection: tuple[str, str | None] | None = None
    areas: Sequence[tuple[str, str, int]] = ()
    """(name, code, signatures)."""
    business: Sequence[Said] = ()
    topics: Sequence[str] = ()


def number_of(reference: str) -> int | None:
    """2026-0142 → 202600142; None where the number does not fit the shape."""
    found = _REFERENCE.fullmatch(reference)
    return int(found[1]) * _STEP + int(found[2]) if found else None


def reference_of(number: str) -> str | None:
    """The reference behind either form of a number; None for anything else."""
    if _REFERENCE.fullmatch(number):
        return number
    if not (number.isascii() and number.isdigit() and len(number) == 9):
        return None
    year, count = divmod(int(number), _STEP)
    return f"{year:04}-{count:04}"


def instant(at: datetime | None) -> str | None:
    if at is None:
        return None
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"


def local_instant(at: datetime | None, zone: str) -> str | None:
    """2026-06-30T00:00:00.000+01:00."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds") if at else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def single(found: UkPetition, address: str) -> dict[str, object]:
    """The document of one petition; `address` is that of the request."""
    return {
        "links": {"self": address},
        "data": {"type": "petition", "id": found.id, "attributes": attributes(found)},
    }


def attributes(found: UkPetition) -> dict[str, object]:
    told: dict[str, object] = {
        "action": found.action,
        "background": found.background,
        "additional_details": found.additional_details,
        "committee_note": None,
        "state": found.state,
        "signature_count": found.signature_count,
    }
    if found.state == "open":
        told["closing_date"] = _day(found.closing_date)
    told |= {
        "created_at": instant(found.created_at),
        "updated_at": instant(found.updated_at),
        "rejected_at": instant(found.rejected_at),
        "opened_at": instant(found.opened_at),
        "closed_at": instant(found.closed_at),
        "moderation_threshold_reached_at": instant(found.moderation_threshold_reached_at),
        "response_threshold_reached_at": instant(found.response_threshold_reached_at),
        "government_response_at": instant(found.response.at if found.response else None),
        "debate_threshold_reached_at": instant(found.debate_threshold_reached_at),
        "debate_scheduled_on": _day(found.scheduled[0] if found.scheduled else None),
        "scheduled_debate_date": _day(found.scheduled[1] if found.scheduled else None),
        "debate_outcome_at": instant(found.debate.at if found.debate else None),
        "creator_name": found.creator_name if found.state == "open" else None,
        "rejection": {"code": found.rejection[0], "details": found.rejection[1]}
        if found.rejection
        else None,
        "government_response": _response(found.response),
        "debate": _debate(found.debate),
        "departments": [],
        "topics": list(found.topics),
    }
    return told if found.state == "rejected" else {**told, **_signed(found)}


def _response(said: Said | None) -> dict[str, object] | None:
    if said is None:
        return None
    return {
        "responded_on": _day(said.on),
        "summary": said.summary,
        "details": said.text,
        "created_at": instant(said.at),
        "updated_at": instant(said.updated or said.at),
    }


def _debate(said: Said | None) -> dict[str, object] | None:
    if said is None:
        return None
    return {
        "debated_on": _day(said.on),
        "transcript_url": said.link,
        "video_url": None,
        "debate_pack_url": None,
        "public_engagement_url": None,
        "debate_summary_url": None,
        "overview": said.text,
    }


def _signed(found: UkPetition) -> Mapping[str, object]:
    """Areas as published: one that is suppressed is absent, never null or 0."""
    return {
        "signatures_by_country": [],
        "signatures_by_constituency": [
            {"name": name, "ons_code": code, "mp": None, "signature_count": number}
            for name, code, number in sorted(found.areas, key=lambda each: each[1])
        ],
        "signatures_by_region": [],
        "other_parliamentary_business": [
            {
                "subject": each.title,
                "body": each.text,
                "occurred_on": _day(each.on),
                "created_at": instant(each.at),
                "updated_at": instant(each.updated or each.at),
            }
            for each in found.business
        ],
    }


def counters(found: UkPetition, zone: str) -> dict[str, object]:
    """The bare counters, times local."""
    return {
        "signature_count": found.signature_count,
        "response_threshold_reached_at": local_instant(found.response_threshold_reached_at, zone),
        "government_response_at": local_instant(
            found.response.at if found.response else None, zone
        ),
        "debate_threshold_reached_at": local_instant(found.debate_threshold_reached_at, zone),
        "scheduled_debate_date": _day(found.scheduled[1] if found.scheduled else None),
        "debate_outcome_at": local_instant(found.debate.at if found.debate else None, zone),
        "debated": bool(found.debate and found.debate.on),
    }
