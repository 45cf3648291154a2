"""`closing.json`: the closing certificate for programs. Standard library only, so the web may serve it.

Canonical: keys sorted, UTF-8, one space of indentation, one line end at the end, no floating-point
number; the same facts give the same bytes. Hashes, entries and proofs are lower-case hexadecimal, times
are UTC (RFC 3339); notes stand word for word.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from petitions.services.closing_facts import ClosingFacts, Placed, Sealed

FORMAT = "petition-closing/v1"
NAME = "closing.json"
REASONS = {
    1: "identity_revoked",
    2: "not_eligible",
    3: "fraud",
    4: "two_realms",
    5: "court_order",
    6: "incident",
}
"""As INVALIDATE entries carry them: a document may not change its words with a version of ours."""


def closing_json(facts: ClosingFacts) -> bytes:
    """The document's bytes: what is published, and what is attached to the PDF."""
    content = {
        "format": FORMAT,
        "status": "sealed" if facts.sealed else "closed",
        "petition": {
            "uuid": str(facts.petition),
            "reference": facts.reference,
            "assembly": facts.assembly,
            "kind": facts.kind,
            "author": facts.author or None,
        },
        "text": {
            "language": facts.language,
            "title": facts.title,
            "request": facts.request,
            "reasons": facts.reasons,
            "sha256": facts.text_hash.hex(),
        },
        "rules": {
            "id": facts.rulebook,
            "version": facts.rulebook_version,
            "sha256": facts.rules_hash.hex(),
        },
        "dates": {
            "opened": _instant(facts.opened),
            "closed": _instant(facts.closed),
            "last_day": facts.last_day.isoformat() if facts.last_day else None,
            "objections_until": facts.objections_until.isoformat(),
            "time_zone": facts.zone,
        },
        "numbers": _numbers(facts),
        "milestones": [
            {
                "id": each.id,
                "threshold": each.threshold,
                "valid": each.valid,
                "batch": each.batch,
                "at": _instant(each.at),
            }
            for each in facts.milestones
        ],
        "log": {
            "origin": facts.origin,
            "size": facts.size,
            "root": facts.root.hex(),
            "checkpoint": facts.note,
            "quorum_reached": facts.vouched_for,
        },
        "count": _entry(facts.count),
        "close": _entry(facts.close),
        "papers": [
            {
                "about": each.about,
                "examined": each.examined,
                "counted": each.counted,
                "sha256": each.evidence_hash.hex(),
                **_entry(each.placed),
            }
            for each in facts.certificates
        ],
        "seal": _seal(facts.sealed) if facts.sealed else None,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"


def _numbers(facts: ClosingFacts) -> dict[str, Any]:
    return {
        "collected": facts.collected,
        "withdrawn": facts.withdrawn,
        "invalid": facts.invalid,
        "invalid_by_reason": {REASONS[code]: number for code, number in facts.invalid_by_reason},
        "valid": facts.valid,
        "on_paper": facts.on_paper,
        "certified_online": facts.certified_online,
    }


def _entry(placed: Placed) -> dict[str, Any]:
    return {
        "index": placed.index,
        "entry": placed.entry.hex(),
        "proof": [step.hex() for step in placed.proof],
        "batch": placed.batch,
        "at": _instant(placed.at),
    }


def _seal(sealed: Sealed) -> dict[str, Any]:
    return {
        **_entry(sealed.placed),
        "ordered_at": _instant(sealed.ordered_at),
        "sealed_at": _instant(sealed.sealed_at),
        "size": sealed.size,
        "root": sealed.root.hex(),
        "statements": [
            {
                "replica": each.replica,
                "number": each.number,
                "vkey": each.vkey,
                "statement": each.statement.decode(),
                "sha256": hashlib.sha256(each.statement).hexdigest(),
                "destroyed": _entry(each.placed),
            }
            for each in sealed.statements
        ],
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
