"""Login requests of those who stand behind a petition: sponsors, and the author who sends it.

Rules of this module:
- one login gives one value per context: for the sponsors' code, and, where the act may count as a
  signature, for the signature's code in the petition's own context;
- what is asked of the person is judged at the login and dropped there: here arrive area and labels;
- an age that differs by area is asked as a table of ages, since the identity zone has no area files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from petitions.domain import sponsors as rules
from petitions.domain.calendar import local_day
from petitions.domain.errors import ConflictError, InvalidError
from petitions.domain.filing import SponsorStage
from petitions.domain.lifecycle import State
from petitions.domain.predicates import Predicate
from petitions.domain.rulebook import Kind, Rulebook
from petitions.domain.rulebook_files import Library
from petitions.domain.vocabulary import AreaSource
from petitions.services import choosing
from petitions.services.sponsor_keys import sponsor_context
from petitions.storage.tables import Gathering, Petition
from petitions.web.asking import authors_of
from petitions.web.author_steps import draft_href
from petitions.web.conditions import as_asked
from petitions.web.edge import LoginRequest, engine

EXEMPT = "unless."
"""Label of a class that frees the author from a stage, before the stage's id."""


def both(one: Predicate, other: Predicate) -> Predicate:
    """What two conditions ask together, written once where they are the same."""
    if one == other or other.anyone:
        return one
    return other if one.anyone else Predicate(all=(one, other))


def claimed_area(kind: Kind, *, signs: bool) -> str | None:
    """The table of areas that a login is to place the person in; None where they choose, or none."""
    areas = kind.signing.areas
    if signs and areas is not None and areas.source in {AreaSource.CLAIM, AreaSource.CITIZENSHIP}:
        return areas.file
    spread = next((stage.spread for stage in kind.sponsors if stage.spread), None)
    return spread.areas if spread is not None else None


def stage_request(
    session: Session,
    petition: Petition,
    stage: SponsorStage,
    *,
    leaving: bool,
    return_to: str,
    lang: str,
    rid: bytes,
) -> LoginRequest:
    """A sponsor's login. Who steps back need not meet the conditions any more."""
    the = engine()
    opened = session.get(Gathering, petition.id)
    if opened is None:
        raise ConflictError("sponsors_over")
    rulebook, kind = the.house.rulebook(session, petition), the.house.kind(session, petition)
    signs, shelf = rules.may_be_signature(stage), the.house.shelf(session, petition)
    who = both(stage.who, kind.signing.who) if signs else stage.who
    return LoginRequest(
        context=sponsor_context(petition.id).bytes,
        purpose="sponsor",
        kid=opened.kid,
        realm=opened.realm,
        assurance=str(rulebook.assurance.withdraw if leaving else rulebook.assurance.sponsor),
        on=local_day(the.clock(), rulebook.zone),
        return_to=return_to,
        lang=lang,
        rid=rid,
        who={} if leaving else as_asked(who, shelf),
        classes=_classes(kind, shelf) if signs and not leaving else {},
        area=claimed_area(kind, signs=signs),
        also=((petition.id.bytes, opened.kid),) if signs else (),
    )


def founder_request(
    petition: Petition, *, return_to: str, lang: str, rid: bytes, kid: str
) -> LoginRequest:
    """The author's login when sending: the same person as in their own space, and two codes more."""
    the = engine()
    assembly = the.house.library.assembly(petition.assembly)
    today = local_day(the.clock(), assembly.zone)
    rulebook = the.house.library.rulebook(petition.rulebook_id, today)
    kind = choosing.kind_under(rulebook, petition)
    known, signs = authors_of(petition.assembly), kind.signing.author_signs
    who = both(kind.filing.author, kind.signing.who) if signs else kind.filing.author
    exempt = {
        f"{EXEMPT}{stage.id}": as_asked(stage.unless, the.house.library)
        for stage in kind.sponsors
        if stage.unless is not None
    }
    own = ((petition.id.bytes, kid),) if signs else ()
    return LoginRequest(
        context=known.context.bytes,
        purpose="author",
        kid=known.kid,
        realm=rulebook.realm,
        assurance=str(rulebook.assurance.file),
        on=today,
        return_to=return_to,
        lang=lang,
        rid=rid,
        who=as_asked(who, the.house.library),
        classes={**exempt, **(_classes(kind, the.house.library) if signs else {})},
        area=claimed_area(kind, signs=signs),
        also=((sponsor_context(petition.id).bytes, kid), *own),
    )


def prove_link(petition: Petition, current: Rulebook) -> str:
    """Where a draft is sent by way of a login; "" where sending needs none. `current`: in force."""
    try:
        kind = choosing.kind_under(current, petition)
    except InvalidError:  # said on the same page: the rules changed under the draft
        return ""
    if petition.state != State.DRAFT or not rules.asks_author(kind):
        return ""
    return (
        f"{draft_href(petition, 'prove')}/login?rules={current.version}&version={petition.version}"
    )


def _classes(kind: Kind, library: Library) -> dict[str, Mapping[str, Any]]:
    return {name: as_asked(each, library) for name, each in kind.signing.classes.items()}
