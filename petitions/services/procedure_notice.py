"""How one petition is judged, told in its log beside OPEN: kind, choices, what milestones demand.

The rules file says it for every kind and choice; which of them holds for this petition, the figures of
its populations and areas, and the places that hold its key, only this notice says. A later one replaces
the figures of milestones whose snapshot is taken later than admission.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from petitions.domain.collecting import ShareThreshold
from petitions.domain.vocabulary import SnapshotAt
from petitions.ledger.notice import What
from petitions.services import replicas
from petitions.services.notices import tell
from petitions.services.ports import House
from petitions.services.targets import target
from petitions.storage.tables import Petition, PetitionSigning


def tell_procedure(
    session: Session, house: House, petition: Petition, at: datetime
) -> bytes | None:
    """Queue it; the places are announced with it. None where the petition has no log."""
    signing = session.get(PetitionSigning, petition.id)
    if signing is None:
        return None
    key = f"kek/{petition.id}"
    replicas.announce(session, house, signing.log_id, key, at)
    words = json.dumps(
        {
            "assembly": petition.assembly,
            "kind": petition.kind,
            "choices": dict(petition.choices),
            "targets": _targets(session, house, petition),
            "populations": _populations(session, house, petition),
            "places": replicas.present(house, key),
        },
        sort_keys=True, ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    subject = signing.rules_hash.hex()
    return tell(session, signing.log_id, petition.id, What.PROCEDURE, subject, at, words)


def _targets(session: Session, house: House, petition: Petition) -> dict[str, Any]:
    """What each milestone demands, as far as its day has come."""
    kind = house.kind(session, petition)
    return {
        milestone.id: target(house, kind, petition, milestone).to_data()
        for milestone in kind.milestones
        if milestone.id in petition.targets or milestone.snapshot is not SnapshotAt.HANDOVER
    }


def _populations(session: Session, house: House, petition: Petition) -> dict[str, Any]:
    """The figures behind thresholds that are a share, so that anybody can divide again."""
    known, found = house.library.context.populations, {}
    for milestone in house.kind(session, petition).milestones:
        threshold = milestone.threshold
        if isinstance(threshold, ShareThreshold) and threshold.of in known:
            found[threshold.of] = known[threshold.of].value
    return found
