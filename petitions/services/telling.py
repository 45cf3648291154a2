"""Telling followers: something public happened to a petition, and it becomes one mail for each.

Here one row is written in the transaction of the happening itself, whatever the number of followers;
the list of mails is written later, in pieces (`petitions.services.spreading`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from petitions.domain.following import Happening, told_of
from petitions.domain.lifecycle import Action, State
from petitions.storage.insertion import insert_once
from petitions.storage.tables import Audit, FollowEvent, Petition

_NAMES = UUID("b0d5a3f4-2a2f-4ab0-8d3f-3b4f9e1f6c55")


def tell_followers(
    session: Session,
    petition: Petition,
    event: Happening,
    at: datetime,
    *,
    key: str,
    facts: Mapping[str, Any] | None = None,
) -> bool:
    """Note it once under `key`, such as "step:3"; False where it is noted already, or nobody may know.

    `at`: when it became public, UTC. `facts`: where the rest stands, never a text.
    """
    if petition.published_at is None:
        return False
    return insert_once(
        session, FollowEvent, id=uuid5(_NAMES, f"{petition.id}:{key}"), petition_id=petition.id,
        what=str(event), at=at, facts=dict(facts or {}), part=0, mails=0,
    )  # fmt: skip


def tell_of_move(
    session: Session, petition: Petition, action: Action, target: State, row: Audit
) -> None:
    """What a move of the state tells followers, if anything; `row` is its line in the audit trail."""
    event = told_of(action, target)
    if event is not None:
        tell_followers(
            session, petition, event, row.at, key=f"audit:{row.seq}", facts={"audit": row.seq}
        )
