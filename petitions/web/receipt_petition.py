"""The petition that a receipt names, by its title: where everybody may read it, and nowhere else.

Only where this server does the check: it has the receipt before it anyway. A browser that checks alone
knows the petition's number in the log; to learn the title it would have to ask, and the question would
tell this site for which petition somebody here holds a receipt.
"""

from __future__ import annotations

from uuid import UUID

from petitions.ledger.receipt_check import Finding, Outcome
from petitions.services.hiding import is_out_of_sight
from petitions.storage import reading as stored
from petitions.storage.tables import Petition
from petitions.web import public_pages
from petitions.web.edge import engine, reading
from petitions.web.pages import PetitionLink
from petitions.web.petition_ends import petition_link
from petitions.web.public_room import is_private


def named_by(outcome: Outcome) -> PetitionLink | None:
    """None where the receipt names none of this site, or one whose title is not public (any more)."""
    named = [each.facts["petition"] for each in outcome.found if each.finding is Finding.BELONGS]
    if not named:
        return None
    with reading() as session:
        petition = session.get(Petition, UUID(str(named[0])))
        if petition is None or petition.reference is None or petition.published_at is None:
            return None
        served = public_pages.assemblies(engine())
        found = stored.public_petition(session, served, petition.reference)
        if found is None or is_private(found) or is_out_of_sight(found):
            return None
        return petition_link(session, found)
