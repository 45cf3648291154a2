"""What each milestone demands of one petition, fixed on its day (rulebook P7, snapshot)."""

from __future__ import annotations

from petitions.domain.collecting import Milestone
from petitions.domain.milestones import Target, target_of
from petitions.domain.rulebook import Kind
from petitions.domain.vocabulary import SnapshotAt
from petitions.services.ports import House
from petitions.storage.tables import Petition

AREA = "area"
"""Among the author's choices: the area of the petition, for a threshold by area."""
_BY_THEN = {
    SnapshotAt.SUBMISSION: frozenset({SnapshotAt.SUBMISSION}),
    SnapshotAt.ADMISSION: frozenset({SnapshotAt.SUBMISSION, SnapshotAt.ADMISSION}),
    SnapshotAt.HANDOVER: frozenset(SnapshotAt),
}


def fix_targets(
    house: House, kind: Kind, petition: Petition, at: SnapshotAt = SnapshotAt.ADMISSION
) -> None:
    """Copy thresholds and area minima into the petition: later figures do not reach it.

    What was fixed before stays as it is.
    """
    fresh = {
        milestone.id: _today(house, kind, petition, milestone).to_data()
        for milestone in kind.milestones
        if milestone.snapshot in _BY_THEN[at]
    }
    petition.targets = fresh | petition.targets


def target(house: House, kind: Kind, petition: Petition, milestone: Milestone) -> Target:
    """The fixed target; before its day, what it would be today."""
    stored = petition.targets.get(milestone.id)
    if stored is not None:
        return Target.from_data(stored)
    return _today(house, kind, petition, milestone)


def _today(house: House, kind: Kind, petition: Petition, milestone: Milestone) -> Target:
    context = house.library.context
    file = kind.signing.areas.file if kind.signing.areas else None
    area = petition.choices.get(AREA)
    return target_of(
        milestone,
        populations=context.populations,
        choices=petition.choices,
        areas=context.areas.get(file) if file else None,
        area=str(area) if area else None,
        online_cap=kind.signing.online_cap,
    )
