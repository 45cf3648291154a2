"""A wording that the office proposes, as its author's page shows it: against the text as it stands."""

from __future__ import annotations

from sqlalchemy.orm import Session

from admissibility.differences import pieces
from petitions.domain.lifecycle import State
from petitions.domain.rewording import Answered
from petitions.domain.words import Words
from petitions.platform.i18n import _, current_locale
from petitions.services import change_requests, text_versions
from petitions.storage.tables import Petition
from petitions.web.author_steps import mine_href
from petitions.web.pages_wording import ProposedPart, WordingOffer


def _parts(language: str, name: str, now: Words, wanted: Words) -> list[ProposedPart]:
    named = (
        (_("Title"), now.title, wanted.title),
        (_("Summary"), now.summary, wanted.summary),
        (_("Request"), now.request, wanted.request),
        (_("Reasons"), now.reasons, wanted.reasons),
    )
    return [
        ProposedPart(f"{label} ({name})" if name else label, language, pieces(old, new))
        for label, old, new in named
        if old != new
    ]


def wording_offer(session: Session, petition: Petition) -> WordingOffer | None:
    """None where nothing was asked, or it has been answered."""
    row = change_requests.latest(session, petition)
    if petition.state != State.RETURNED or row is None or row.status != Answered.ASKED:
        return None
    now, proposed = text_versions.now(session, petition), change_requests.proposed_of(row)
    found: list[ProposedPart] = []
    for language, words in proposed.items():
        name = current_locale().language(language) if len(proposed) > 1 else ""
        found += _parts(language, name, now.get(language, Words("")), words)
    return WordingOffer(tuple(found), f"{mine_href(petition)}/wording")
