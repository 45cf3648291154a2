"""The pages of sponsors made from rows: stages, invitations, numbers. No name, because none is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.calendar import days_left, local_day
from petitions.domain.filing import SponsorStage
from petitions.domain.lifecycle import State
from petitions.domain.predicates import Predicate
from petitions.domain.reading_order import as_listed
from petitions.domain.rulebook import Kind
from petitions.domain.rulebook_files import Library
from petitions.domain.sponsors import Invited, Progress, Standing
from petitions.domain.vocabulary import AreaSource
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import gathering, held, invitations
from petitions.services.filing import text_of
from petitions.services.ports import House
from petitions.storage.tables import GatheringStage, Invitation, Petition, Sponsor
from petitions.web.edge import Proof, engine
from petitions.web.pages_sponsors import InvitationLine, Options, SponsorsPage, StageBox
from petitions.web.rule_words import who

STANDINGS: Mapping[str, str] = {
    Invited.INVITED: N_("Waiting"),
    Invited.CONFIRMED: N_("Confirmed"),
    Invited.REFUSED: N_("Declined"),
    Invited.REVOKED: N_("Taken back"),
    Invited.LEFT: N_("Stepped back"),
    Invited.EXPIRED: N_("Ran out"),
}


def words_of(library: Library, noun: str, code: str, rulebook: str) -> tuple[str, str]:
    """(title, text) of a stage or role; its code where a rulebook of an older site has no words."""
    try:
        found = library.told(code, current_locale().lang, noun=noun, rulebook=rulebook)
    except KeyError:
        return code, ""
    return found.title, found.text


def mine_href(petition: Petition) -> str:
    return f"/{current_locale().lang}/mine/{petition.id}"


def sponsors_href(petition: Petition) -> str:
    return f"{mine_href(petition)}/sponsors"


def sponsors_page(
    session: Session, petition: Petition, *, token: str = "", number: int = 0
) -> SponsorsPage:
    """The author's page; `token` is the secret of a link just made."""
    the = engine()
    title = text_of(session, petition).title
    link = f"{the.settings.site.base_url}/{petition.language}/support/{token}" if token else ""
    return SponsorsPage(
        href=sponsors_href(petition),
        mine_href=mine_href(petition),
        title=title,
        ref=petition.reference or "",
        gathering=petition.state == State.GATHERING_SPONSORS,
        held=held.held(session, petition.id),
        stages=stage_boxes(session, the.house, petition, the.clock()),
        link=link,
        mail_href=_mail(link) if link else "",
        number=number,
    )


def _mail(link: str) -> str:
    """A letter in the author's own mail program: no address of a third person ever reaches us."""
    words = {"subject": _("Will you support a petition?"), "body": link}
    return "mailto:?" + urlencode(words, quote_via=quote)


def stage_boxes(
    session: Session, house: House, petition: Petition, at: datetime
) -> tuple[StageBox, ...]:
    """Every stage in its order; empty where the petition needs no sponsors."""
    kind = house.kind(session, petition)
    every = invitations.invitations(session, petition.id)
    boxes = []
    for row in gathering.stages(session, petition.id):
        links = [each for each in every if each.stage == row.stage]
        boxes.append(_box(session, house, petition, kind, row, links, at))
    return tuple(boxes)


def _box(
    session: Session,
    house: House,
    petition: Petition,
    kind: Kind,
    row: GatheringStage,
    links: list[Invitation],
    at: datetime,
) -> StageBox:
    stage = rules.stage_of(kind, row.stage)
    there = gathering.backers(session, petition.id, row.stage)
    left = rules.places_left(stage, there)
    shelf = house.shelf(session, petition)
    title, text = words_of(shelf, "sponsors", stage.id, petition.rulebook_id)
    today = local_day(at, house.rulebook(session, petition).zone)
    by_desk = by_desk_here(session, petition, stage)
    joinable = invitations.joinable(petition) and row.progress in {Progress.OPEN, Progress.MET}
    open_links = [each for each in links if invitations.is_open(each, at)]
    waiting = stage.attempts > 1 and bool(open_links)
    running = row.progress == Progress.OPEN
    return StageBox(
        id=stage.id,
        title=title,
        text=text,
        progress=row.progress,
        needed=row.needed,
        counted=len(rules.counting(stage, there)),
        places_left=left,
        author_counts=stage.author_counts,
        signs=rules.may_be_signature(stage),
        by_desk=by_desk,
        due=row.due_on if running else None,
        days_left=days_left(row.due_on, today) if running and row.due_on else None,
        attempts=stage.attempts,
        attempts_used=row.attempts_used,
        roles=_roles(shelf, petition, stage, there),
        own_role=_own_role(session, petition, stage),
        areas_missing=rules.areas_missing(stage, there),
        invitations=tuple(_line(house, shelf, petition, stage, each, at) for each in links),
        inviting=joinable and left != 0 and not waiting,
        desk_may_answer=tuple(each.number for each in open_links if by_desk and joinable),
    )


def _roles(
    library: Library, petition: Petition, stage: SponsorStage, there: tuple[rules.Backer, ...]
) -> tuple[tuple[str, str, int], ...]:
    return tuple(
        (role, words_of(library, "roles", role, petition.rulebook_id)[0], missing)
        for role, missing in rules.roles_missing(stage, there).items()
    )


def by_desk_here(session: Session, petition: Petition, stage: SponsorStage) -> bool:
    """Whether a clerk records the answers, because no login of this realm proves the office."""
    the = engine()
    realm = the.house.rulebook(session, petition).realm
    return rules.by_office(stage) and not the.border.judges(realm, stage.who.to_data())


def _own_role(session: Session, petition: Petition, stage: SponsorStage) -> str:
    if not stage.author_counts:
        return ""
    own = session.scalars(
        select(Sponsor.role).where(
            Sponsor.petition_id == petition.id,
            Sponsor.stage == stage.id,
            Sponsor.standing == Standing.AUTHOR,
        )
    ).first()
    return own or ""


def _line(
    house: House,
    shelf: Library,
    petition: Petition,
    stage: SponsorStage,
    row: Invitation,
    at: datetime,
) -> InvitationLine:
    zone = house.library.assembly(petition.assembly).zone
    over = row.standing == Invited.INVITED and not invitations.is_open(row, at)
    standing = Invited.EXPIRED if over else Invited(row.standing)
    removable = standing is Invited.CONFIRMED and not rules.may_be_signature(stage)
    role = words_of(shelf, "roles", row.role, petition.rulebook_id)[0] if row.role else ""
    return InvitationLine(
        number=row.number,
        standing=standing,
        standing_word=_(STANDINGS[standing]),
        shared=row.shared,
        role=role,
        issued_on=row.issued_on,
        until=local_day(row.expires_at, zone),
        revoke=invitations.joinable(petition) and (standing is Invited.INVITED or removable),
    )


def declaration(library: Library, proof: Proof, stage_words: str) -> str:
    """What the tick says: support, and what the login could not prove."""
    if not proof.declare:
        return _("I support this petition (%(stage)s).", stage=stage_words)
    conditions = current_locale().together(
        [who(Predicate.from_toml(each), library) for each in proof.declare]
    )
    return _(
        "I support this petition (%(stage)s). I declare that I am: %(conditions)s.",
        stage=stage_words, conditions=conditions,
    )  # fmt: skip


def signing_areas(library: Library, kind: Kind, *, signs: bool) -> Options:
    """Areas to choose from where a signature needs one that the login does not give."""
    areas = kind.signing.areas
    if not signs or areas is None or areas.source is AreaSource.CLAIM:
        return ()
    return _listed(library, areas.file)


def spread_places(library: Library, stage: SponsorStage | None, proof: Proof) -> Options:
    """Places to choose from where sponsors are spread over areas and the login names none."""
    if stage is None or stage.spread is None or proof.area is not None:
        return ()
    return _listed(library, stage.spread.areas)


def _listed(library: Library, table: str) -> Options:
    names = library.areas(table).names
    return tuple(sorted(names.items(), key=lambda item: as_listed(item[1])))
