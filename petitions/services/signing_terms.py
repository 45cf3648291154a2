"""What a signature given online needs beyond eligibility: a channel, room under the cap, a place."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from petitions.domain.channels import online
from petitions.domain.errors import InvalidError, SigningClosedError
from petitions.domain.periods import Period
from petitions.domain.rulebook import Kind
from petitions.domain.vocabulary import AreaSource, Withdrawal
from petitions.services.ports import House
from petitions.services.targets import target
from petitions.storage import log_rows
from petitions.storage.tables import Petition

NOT_ONLINE, CAP_REACHED = "not_online", "online_cap_reached"
ASKED = frozenset({AreaSource.DECLARED, AreaSource.POSTCODE})
"""Sources that the confirm page asks for: the login does not say it."""
NO_AREAS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SigningTerms:
    """`refused`: why nobody may sign online. `areas`: the codes there are; "" is one where none is
    needed.
    """

    refused: str = ""
    areas: frozenset[str] = NO_AREAS
    area_needed: bool = False
    cooling_off: Period | None = None
    zone: str = "UTC"
    withdrawal: Withdrawal = Withdrawal.CLOSE

    def check(self, area: str) -> None:
        """SigningClosedError, or InvalidError with the field `area`."""
        if self.refused:
            raise SigningClosedError(self.refused)
        if area and self.areas and area not in self.areas:
            raise InvalidError(fields={"area": ("no_such_area", {"area": area})})
        if not area and self.area_needed:
            raise InvalidError(fields={"area": ("required", {})})


ANYBODY = SigningTerms()
"""No rule beyond eligibility."""


def area_needed(kind: Kind) -> bool:
    """A quorum cannot be counted without: the signature is refused (P8)."""
    areas = kind.signing.areas
    return (
        areas is not None
        and areas.source is not AreaSource.SHEET
        and any(each.quorum is not None for each in kind.milestones)
    )


def terms_of(session: Session, house: House, petition: Petition) -> SigningTerms:
    kind = house.kind(session, petition)
    areas = kind.signing.areas
    return SigningTerms(
        refused=_refused(session, house, kind, petition),
        areas=frozenset(house.shelf(session, petition).areas(areas.file).names)
        if areas
        else NO_AREAS,
        area_needed=area_needed(kind),
        cooling_off=kind.extras.cooling_off,
        zone=house.rulebook(session, petition).zone,
        withdrawal=kind.signing.withdrawal,
    )


def _refused(session: Session, house: House, kind: Kind, petition: Petition) -> str:
    if not online(kind.signing, petition.choices):
        return NOT_ONLINE
    if kind.signing.online_cap is None:
        return ""
    caps = [target(house, kind, petition, each).online_cap or 0 for each in kind.milestones]
    count = log_rows.last_counts(session, [petition.id]).get(petition.id)
    full = count is not None and count.valid >= max(caps, default=0)
    return CAP_REACHED if full else ""
