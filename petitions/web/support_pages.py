"""What somebody sees who was invited: before the login neither title nor text, after it both."""

from __future__ import annotations

from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.calendar import local_day
from petitions.domain.errors import ConflictError
from petitions.domain.sponsors import Invited, Progress
from petitions.platform.i18n import current_locale
from petitions.services import gathering, held, invitations
from petitions.services.filing import text_of
from petitions.storage.tables import GatheringStage, Invitation, Petition
from petitions.web.edge import Proof, engine
from petitions.web.pages_sponsors import SupportConfirm, SupportPage
from petitions.web.rule_words import who
from petitions.web.sponsor_pages import (
    by_desk_here,
    declaration,
    signing_areas,
    spread_places,
    words_of,
)


def body_name(petition: Petition) -> str:
    """Whose rules these are; said as the one who has not checked anything."""
    return engine().house.library.assembly(petition.assembly).name(current_locale().lang)


def invitation_page(
    session: Session, petition: Petition, row: Invitation, href: str
) -> SupportPage:
    the = engine()
    kind = the.house.kind(session, petition)
    stage = rules.stage_of(kind, row.stage)
    book, shelf = the.house.rulebook(session, petition), the.house.shelf(session, petition)
    title, text = words_of(shelf, "sponsors", stage.id, book.id)
    cause = closed_because(session, petition, row)
    by_desk = by_desk_here(session, petition, stage)
    may_leave = invitations.joinable(petition) and not by_desk
    return SupportPage(
        body=body_name(petition),
        stage=title,
        stage_text=text,
        role=words_of(shelf, "roles", row.role, book.id)[0] if row.role else "",
        until=local_day(row.expires_at, book.zone),
        login_href="" if cause or by_desk else f"{href}/login",
        leave_href=f"{href}/login?act=leave" if may_leave else "",
        decline_action="" if cause or row.shared else f"{href}/decline",
        by_desk=by_desk,
        cause=cause,
        identity=the.border.identity_label(book.realm),
        who=who(stage.who, shelf),
        signs=counts_as_signature(session, petition, row),
        contact=the.settings.site.contact,
    )


def closed_because(session: Session, petition: Petition, row: Invitation) -> str:
    """Why nobody can join by this link: over, full, taken, early; "" while one can."""
    stage = session.get(GatheringStage, (petition.id, row.stage))
    if stage is None or not invitations.joinable(petition):
        return "over"
    if row.standing == Invited.CONFIRMED:
        return "used"
    if not invitations.is_open(row, engine().clock()):
        return "link"
    if stage.progress not in {Progress.OPEN, Progress.MET}:
        return "early"
    asked = rules.stage_of(engine().house.kind(session, petition), row.stage)
    there = gathering.backers(session, petition.id, row.stage)
    return "full" if rules.places_left(asked, there) == 0 else ""


def counts_as_signature(session: Session, petition: Petition, row: Invitation) -> bool:
    """What the person is told before they decide. A cap may be reached in between: the thanks say."""
    stage = rules.stage_of(engine().house.kind(session, petition), row.stage)
    if isinstance(stage.in_total, int):
        return held.held(session, petition.id) < stage.in_total
    return rules.may_be_signature(stage)


def confirm_page(
    session: Session,
    petition: Petition,
    row: Invitation,
    proof: Proof,
    action: str,
    *,
    leaving: bool,
) -> SupportConfirm:
    """Raises ConflictError where nothing can be done by this link any more."""
    if not invitations.joinable(petition):
        raise ConflictError("sponsors_over")
    the = engine()
    kind = the.house.kind(session, petition)
    stage = rules.stage_of(kind, row.stage)
    text = text_of(session, petition)
    shelf = the.house.shelf(session, petition)
    title = words_of(shelf, "sponsors", stage.id, petition.rulebook_id)[0]
    role = words_of(shelf, "roles", row.role, petition.rulebook_id)[0]
    signs = counts_as_signature(session, petition, row)
    return SupportConfirm(
        body=body_name(petition),
        title=text.title,
        request=text.request,
        reasons=text.reasons,
        language=petition.language,
        stage=title,
        role=role if row.role else "",
        action=action,
        declaration=declaration(shelf, proof, title),
        signs=signs,
        leaving=leaving,
        areas=() if leaving else signing_areas(shelf, kind, signs=signs),
        places=() if leaving else spread_places(shelf, stage, proof),
    )
