"""The closing certificate as the public pages hand it out."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.certificate.document import closing_json
from petitions.domain.errors import ConflictError
from petitions.services.closing_facts import Refusal, closing_facts
from petitions.services.witnessing import panel_of
from petitions.storage.tables import Petition
from petitions.web.edge import engine


def closing_paper(session: Session, petition: Petition) -> bytes | None:
    """closing.json; None while signing goes on or its last batch is not public."""
    log = engine().settings.log
    panel = panel_of(log.witnesses, log.quorum, log.witness_wait)
    try:
        return closing_json(closing_facts(session, engine().house, petition, panel.enough))
    except ConflictError as refused:
        if refused.code not in set(Refusal):
            raise
        return None
