"""Every signal of one case together: of its text, of its language, of what stands around it.

The pure checks see a text; here is what they cannot see: the petitions that are alike and what the
rules say of them, the other petitions of the same author, the language the worker read, and the
assembly's own catalogue of matters that are not its business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from admissibility import checks, readings
from admissibility.cases import Case
from admissibility.checks import likeness, powers, precedents
from admissibility.checks.precedents import Precedent, SameHand
from admissibility.checks.signal import FormRules, PetitionText, Severity, Signal
from admissibility.similar import SimilarPetition, neighbours
from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import State
from petitions.domain.powers import NO_POWERS, Powers
from petitions.domain.procedure import Kind
from petitions.domain.repetition import bar
from petitions.services import same_subject
from petitions.services.ports import House
from petitions.storage.tables import Petition
from petitions.storage.tables import PetitionText as Written

FELLOWS_SHOWN = 8
_NEVER_SENT = (str(State.DRAFT), str(State.ARCHIVED))
_WAITING = (str(State.IN_ADMISSIBILITY), str(State.RETURNED), str(State.GATHERING_SPONSORS))
_LOUD = {severity: place for place, severity in enumerate(Severity)}


def form_rules(kind: Kind) -> FormRules:
    form = kind.filing.form
    return FormRules(
        title_max=form.title_max, text_max=form.text_max, unit=form.unit, links=form.links
    )


def text_of(case: Case) -> PetitionText:
    text = case.text
    return PetitionText(text.title, text.request, text.reasons, text.language)


def signals_of(
    session: Session, house: House, case: Case, alike: Sequence[SimilarPetition], language: str
) -> tuple[Signal, ...]:
    """The most serious first. `language`: that of the person who reads them."""
    text, petition = text_of(case), case.petition
    guessed = readings.guess_of(session, petition, case.text)
    found = [
        *checks.examine(text, form_rules(case.kind), guessed),
        *powers.signals(text, powers_of(house, petition), language),
        *likeness.signals(text, neighbours(alike)),
        *precedents.signals(_precedents(session, house, case, alike)),
        *precedents.same_hand(same_hand(session, petition)),
    ]
    return tuple(sorted(found, key=lambda signal: _LOUD[signal.severity]))


def powers_of(house: House, petition: Petition) -> Powers:
    """The catalogue of its rulebook as the files say it today: it decides nothing, so none is kept."""
    return house.library.context.powers.get(petition.rulebook_id, NO_POWERS)


def _precedents(
    session: Session, house: House, case: Case, alike: Sequence[SimilarPetition]
) -> list[Precedent]:
    """What each petition that is alike would bar on the day this one was filed."""
    by_ref = {each.ref: each for each in alike if each.score >= likeness.ALIKE}
    petition, limits = case.petition, case.kind.filing.limits
    zone = house.rulebook(session, petition).zone
    on = local_day(petition.submitted_at or petition.created_at, zone)
    rows = session.scalars(select(Petition).where(Petition.reference.in_(list(by_ref))))
    found = []
    for other in rows:
        barred = None
        if other.assembly == petition.assembly:
            barred = bar(limits, same_subject.earlier(session, other, zone), on)
        found.append(
            Precedent(
                other.reference or "",
                by_ref[other.reference or ""].score,
                refused=other.state == State.REFUSED,
                bars=barred is not None,
                through=barred.through if barred else None,
            )
        )
    return found


def same_hand(session: Session, petition: Petition) -> SameHand:
    """By the mark that stands for an author at one assembly: it names nobody."""
    rows = session.execute(
        select(Petition.state, func.count())
        .where(
            Petition.author_tag == petition.author_tag,
            Petition.assembly == petition.assembly,
            Petition.id != petition.id,
            Petition.state.not_in(_NEVER_SENT),
        )
        .group_by(Petition.state)
    ).all()
    counts: dict[str, int] = dict(rows)
    return SameHand(sum(counts.values()), sum(counts.get(state, 0) for state in _WAITING))


@dataclass(frozen=True, slots=True)
class Fellow:
    """Another petition of the same author, who is named nowhere."""

    ref: str
    title: str
    language: str
    state: str


def fellows(session: Session, petition: Petition) -> tuple[Fellow, ...]:
    """The newest other petitions of the same author at the same assembly."""
    rows = session.execute(
        select(Petition.reference, Written.title, Written.language, Petition.state)
        .join(
            Written,
            (Written.petition_id == Petition.id) & (Written.language == Petition.language),
        )
        .where(
            Petition.author_tag == petition.author_tag,
            Petition.assembly == petition.assembly,
            Petition.id != petition.id,
            Petition.state.not_in(_NEVER_SENT),
        )
        .order_by(Petition.submitted_at.desc(), Petition.id)
        .limit(FELLOWS_SHOWN)
    )
    return tuple(Fellow(ref or "", title, lang, state) for ref, title, lang, state in rows)
