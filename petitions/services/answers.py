"""An institution's answer as a file: what is published, and what the log's ANSWER entry hashes."""

from __future__ import annotations

import json

from petitions.storage.tables import Outcome, Petition


def answer_file(petition: Petition, outcome: Outcome) -> bytes:
    """The exact bytes whose hash the log's ANSWER entry carries."""
    content = {
        "petition": petition.reference,
        "outcome": outcome.code,
        "body": outcome.body,
        "decided_on": outcome.decided_on.isoformat(),
        "summaries": outcome.summaries,
        "texts": outcome.texts,
        "links": outcome.links,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"
