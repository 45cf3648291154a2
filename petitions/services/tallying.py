"""The tally of one petition, from the rows: online, on paper, by area, by class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Session

from petitions.domain.channels import certified_online
from petitions.domain.counting import Place, Received
from petitions.domain.counting import tally as counted_up
from petitions.domain.milestones import Tally, Target
from petitions.domain.rulebook import Kind
from petitions.ledger.batch import Count
from petitions.storage import paper_rows as rows

NOTHING_FRESH: Mapping[tuple[str, str], Place] = MappingProxyType({})


def tally_of(
    session: Session,
    kind: Kind,
    petition: UUID,
    count: Count,
    fresh: Mapping[tuple[str, str], Place] = NOTHING_FRESH,
    entering: Collection[bytes] = (),
) -> Tally:
    """Areas, classes and certificates are looked up only where the rulebook asks for them.

    `fresh` and `entering`: what the batch that is being made adds, areas and certificates.
    """
    signing = kind.signing
    places: dict[tuple[str, str], Place] = {}
    if signing.areas is not None or signing.classes:
        places = rows.places(session, petition)
        for key, more in fresh.items():
            had = places.get(key, Place())
            places[key] = Place(had.signed + more.signed, had.withdrawn + more.withdrawn)
    with_papers = certified(kind)
    return counted_up(
        signing,
        Received(
            collected=count.collected,
            withdrawn=count.withdrawn,
            invalid=count.invalid,
            places=places,
            lines=rows.lines_by_area(session, petition) if with_papers else {},
            certificates=rows.in_force(session, petition, entering) if with_papers else (),
        ),
    )


def certified(kind: Kind) -> bool:
    """Whether a certificate or a declaration can ever count for petitions of this kind."""
    signing = kind.signing
    return (
        certified_online(signing)
        or any(str(channel) != "online" for channel in signing.channels)
        or any(each.alternative is not None for each in kind.milestones)
    )


def number(tally: Tally, count: Count, target: Target, *, raw: bool) -> int:
    """What a MILESTONE entry says: everything that counts, whoever it came from."""
    if raw:
        return count.valid + tally.paper
    online = tally.verified - tally.paper
    if target.online_cap is not None:
        online = min(online, target.online_cap)
    return online + tally.paper
