"""The audit trail: read it, filter it by petition, recompute its chain."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from petitions.services.audit import broken_links
from petitions.storage.tables import Audit, Petition
from petitions.web.access import needs
from petitions.web.staff_desk import desk, office, page
from petitions.web.staff_trail import entries

PAGE = 50
# Up to here the chain is recomputed on every visit; beyond, when somebody asks (a second per 50,000).
AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Chain:
    """`broken`: first entry at which the chain does not hold, 0 if it holds."""

    broken: int
    length: int
    head: str


def verify(session: Session) -> Chain:
    """Recompute every hash. The head lets two people compare what they saw."""
    last = session.execute(
        select(Audit.seq, Audit.hash).order_by(Audit.seq.desc()).limit(1)
    ).one_or_none()
    return Chain(
        broken=next(broken_links(session), 0),
        length=last.seq if last else 0,
        head=last.hash.hex() if last else "",
    )


@office.get("/audit")
@needs("read_audit")
def audit_trail() -> Response:
    ref, before = request.args.get("ref", "").strip()[:20], request.args.get("before", "")
    with desk() as at:
        petition = _petition(at.session, ref)
        found = _rows(at.session, ref, petition, before, scoped=at.assemblies is not None)
        shown = found[:PAGE]
        length = at.session.scalar(select(func.count()).select_from(Audit)) or 0
        asked = request.args.get("verify") == "1"
        older = {"ref": ref, "before": str(shown[-1].seq)} if len(found) > PAGE else {}
        return page(
            at,
            "office/audit.html",
            section="audit",
            chain=verify(at.session) if asked or length <= AT_ONCE else None,
            rows=entries(at.session, shown),
            ref=ref,
            unknown=bool(ref) and petition is None,
            first_href=_address({"ref": ref}) if before else "",
            next_href=_address(older) if older else "",
        )


def _petition(session: Session, ref: str) -> UUID | None:
    if not ref:
        return None
    return session.scalars(select(Petition.id).where(Petition.reference == ref)).one_or_none()


def _rows(
    session: Session, ref: str, petition: UUID | None, before: str, *, scoped: bool
) -> list[Audit]:
    """One page and one row more, newest first; nothing for a reference nobody has. `scoped`: rows
    about petitions of other desks are left out, the chain is computed over all.
    """
    if ref and petition is None:
        return []
    rows = select(Audit).order_by(Audit.seq.desc()).limit(PAGE + 1)
    if scoped:
        rows = rows.where(
            or_(Audit.petition_id.is_(None), Audit.petition_id.in_(select(Petition.id)))
        )
    if petition is not None:
        rows = rows.where(Audit.petition_id == petition)
    if before.isascii() and before.isdigit():
        rows = rows.where(Audit.seq < int(before[:15]))
    return list(session.scalars(rows))


def _address(args: dict[str, str]) -> str:
    kept = {name: value for name, value in args.items() if value}
    return f"/office/audit?{urlencode(kept)}" if kept else "/office/audit"
