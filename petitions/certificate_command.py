"""`petitions certificate`: the closing certificate of one petition, as JSON and as a sealed PDF."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from petitions.app import build_house
from petitions.certificate.document import closing_json
from petitions.certificate.seal import SealKey, read_key, seal_pdf
from petitions.certificate.sheet import make_pdf
from petitions.domain.errors import ConfigurationError, ConflictError
from petitions.domain.lifecycle import State
from petitions.domain.vocabulary import Visibility
from petitions.platform.config import Certificate, Settings, database_uri, read_secret
from petitions.platform.database import create_engine, read_only
from petitions.platform.i18n import _, load_catalogues, speaking
from petitions.services.closing_facts import ClosingFacts, Refusal, closing_facts
from petitions.services.log_publishing import write_file
from petitions.services.ports import House
from petitions.services.witnessing import panel_of
from petitions.storage.tables import Petition

TOLD: Mapping[str, str] = {
    Refusal.NEVER_OPENED: "it never collected signatures: there is nothing to certify",
    Refusal.STILL_SIGNING: "signing has not ended",
    Refusal.NOT_PUBLIC: "its last batch is not public yet; let the worker publish it first",
}
VARIABLE = "PETITIONS_SEAL_PASSWORD"


def certify(
    settings: Settings, reference: str, *, pdf: Path | None, document: Path | None, lang: str
) -> list[Path]:
    """Write what was asked for (both beside each other where nothing was); the paths written."""
    if lang not in settings.site.languages:
        raise ConfigurationError(f"certificate: --lang must be one of {settings.site.languages}")
    if pdf is None and document is None:
        pdf, document = Path(f"closing-{reference}.pdf"), Path(f"closing-{reference}.json")
    database = create_engine(database_uri(settings), pool_size=1, statement_timeout_ms=600_000)
    try:
        house = build_house(settings, with_log=False)
        with sessionmaker(database)() as session:
            read_only(session)
            facts, address = read(session, house, settings, reference)
    finally:
        database.dispose()
    written = []
    content = closing_json(facts)
    if pdf is not None:
        made = sealed_pdf(settings, house, facts, content, address, lang, datetime.now(UTC))
        write_file(pdf.absolute(), made)
        written.append(pdf)
    if document is not None:
        write_file(document.absolute(), content)
        written.append(document)
    return written


def read(
    session: Session, house: House, settings: Settings, reference: str
) -> tuple[ClosingFacts, str]:
    """The facts, and the public address of the petition ("" where it has no page)."""
    petition = session.scalars(
        select(Petition).where(Petition.reference == reference)
    ).one_or_none()
    if petition is None:
        raise ConfigurationError(f"there is no petition {reference}")
    log = settings.log
    panel = panel_of(log.witnesses, log.quorum, log.witness_wait)
    try:
        facts = closing_facts(session, house, petition, panel.enough)
    except ConflictError as refused:
        raise ConfigurationError(
            f"certificate: petition {reference} has none: {TOLD[refused.code]}"
        ) from None
    private = house.kind(session, petition).visibility is Visibility.PRIVATE
    shown = not private and petition.state != State.HIDDEN
    return facts, f"{settings.site.base_url}/p/{reference}" if shown else ""


def sealed_pdf(
    settings: Settings,
    house: House,
    facts: ClosingFacts,
    content: bytes,
    address: str,
    lang: str,
    at: datetime,
) -> bytes:
    """The PDF in this language; with the organisation's seal where a key is configured."""
    key = seal_key(settings.certificate)
    others = tuple(each for each in settings.site.languages if each != lang)
    catalogues = load_catalogues((lang, *others), ZoneInfo(facts.zone))
    with speaking(catalogues.locale(lang)):
        plain = make_pdf(
            facts, content, house.library, address=address, sealed_by_key=key is not None, at=at
        )
        reason = _("Closing certificate of petition %(ref)s", ref=facts.reference)
    if key is None:
        return plain
    return seal_pdf(plain, key, tsa_url=settings.certificate.tsa_url, at=at, reason=reason)


def seal_key(named: Certificate, environ: Mapping[str, str] = os.environ) -> SealKey | None:
    """None where no key is configured."""
    if not named.key_file:
        return None
    password = ""
    if named.password_file or environ.get(VARIABLE):
        password = read_secret(
            named.password_file, VARIABLE, "certificate.password_file", environ, least=1
        )
    chain = Path(named.chain_file) if named.chain_file else None
    return read_key(Path(named.key_file), chain, password)
