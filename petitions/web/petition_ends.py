"""How a petition that ended is shown: out of sight, merged, archived. What is public, and no more."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Action, State
from petitions.domain.motions import AskedBy
from petitions.domain.rulebook_files import Library
from petitions.platform.i18n import _, current_locale
from petitions.platform.spoken import Spoken
from petitions.services.hiding import is_out_of_sight
from petitions.services.merging import merged_from, merged_into
from petitions.storage import reading
from petitions.storage.tables import Petition
from petitions.web import rule_words
from petitions.web.pages import PetitionLink, PetitionPage
from petitions.web.petition_file import File


def hidden_page(session: Session, library: Library, file: File) -> PetitionPage:
    """Reference, day, category of the ground and its basis in law: neither title nor text."""
    moved = next((step for step in file.steps if step.to_state == State.HIDDEN), None)
    basis, by_court = "", False
    if moved is not None and moved.action == Action.TAKE_DOWN:
        codes = [str(code) for code in moved.detail.get("grounds", ())]
        basis = str(moved.detail.get("legal_basis", ""))
        by_court = moved.reason == AskedBy.COURT
    else:
        decisions = reading.decisions_of(session, file.petition.id)
        codes = [str(code) for code in decisions[0].grounds] if decisions else []
    hidden = [code for code in codes if code in file.kind.admissibility.grounds.hidden]
    words = [rule_words.words_for(library, "grounds", c, file.book.id).title for c in hidden[:1]]
    if not words and by_court:
        words = [_("Order of a court")]
    since = moved.legal_instant if moved is not None else file.petition.state_since
    return PetitionPage(
        ref=file.petition.reference or "",
        href=file.href,
        state=State.HIDDEN,
        title="",
        ended=file.day(since),
        removed_category=words[0] if words else "",
        removed_basis=basis,
    )


def with_ends(session: Session, file: File, page: PetitionPage) -> PetitionPage:
    """Where a merged petition leads, what was merged into this one, what it was before the archive."""
    before = file.petition.previous_state
    archived_from = State(before) if file.state is State.ARCHIVED and before else None
    target = None
    if State.MERGED in (file.state, archived_from):
        target = merged_into(session, file.petition.id)
    sources = merged_from(session, file.petition.id)
    return replace(
        page,
        archived_from=archived_from,
        merged_into=petition_link(session, target) if target is not None else None,
        merged_from=tuple(
            petition_link(session, each) for each in sources if not is_out_of_sight(each)
        ),
        calendar_href=f"{file.href}/calendar.ics",
    )


def petition_link(session: Session, petition: Petition) -> PetitionLink:
    """A link to another petition; of one that is out of sight its number and nothing else."""
    lang = current_locale().lang
    texts = reading.texts_of(session, petition.id)
    shown = reading.text_shown(texts, lang, petition.language)
    return PetitionLink(
        ref=petition.reference or "",
        href=f"/{lang}/petitions/{petition.reference}",
        title=(petition.reference or "")
        if is_out_of_sight(petition)
        else Spoken(shown.title, shown.language),
        state=State(petition.state),
    )
