"""What each milestone demands of one petition, fixed when it is admitted (rulebook P7, snapshot)."""

from __future__ import annotations

from petitions.domain.collecting import Milestone
from petitions.domain.milestones import Target, target_of
from petitions.domain.rulebook import Kind
from petitions.services.ports import House
from petitions.storage.tables import Petition


def fix_targets(house: House, kind: Kind, petition: Petition) -> None:
    """Copy thresholds and area minima into the petition: later figures do not reach it."""
    context = house.library.context
    file = kind.signing.areas.file if kind.signing.areas else None
    petition.targets = {
        milestone.id: target_of(
            milestone,
            populations=context.populations,
            choices=petition.choices,
            areas=context.areas.get(file) if file else None,
        ).to_data()
        for milestone in kind.milestones
    }


def target(house: House, kind: Kind, petition: Petition, milestone: Milestone) -> Target:
    """The fixed target; before admission, what it would be today."""
    stored = petition.targets.get(milestone.id)
    if stored is not None:
        return Target.from_data(stored)
    context = house.library.context
    file = kind.signing.areas.file if kind.signing.areas else None
    return target_of(
        milestone,
        populations=context.populations,
        choices=petition.choices,
        areas=context.areas.get(file) if file else None,
    )
