"""From checklist to decision: save findings, propose, confirm or send back, decide.

The version of the check and of the petition on the form must be the current ones: a decision on a
text that changed meanwhile, or after a colleague's decision, is a conflict and is never sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from admissibility.cases import Case, grounds
from admissibility.criteria import Checklist, Draft, Finding, Gap, Verdict, gaps, points
from admissibility.review import (
    Step,
    confirmation_refusal,
    options,
    second_person_needed,
)
from admissibility.services.holding import (
    NOTE_MAX,
    hold,
    let_go,
    open_case,
    refuse_unless_free,
)
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.domain.filing import Stage
from petitions.domain.lifecycle import Action, Role
from petitions.domain.text import Limits, normalised, problem
from petitions.domain.words import Words
from petitions.services import change_requests, decisions
from petitions.services.audit import record
from petitions.services.ports import Actor, House
from petitions.storage.tables import CaseNote, Decision, PetitionText, Review
from petitions.storage.tables import Finding as FindingRow

TEXT_MAX = 20_000
Roles = frozenset[Role]


class GapsError(InvalidError):
    """The decision lacks something; `gaps` says what and where."""

    code = "decision_incomplete"

    def __init__(self, found: tuple[Gap, ...]) -> None:
        super().__init__("decision_incomplete")
        self.gaps = found


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions a form was made from."""

    review: int
    petition: int


@dataclass(frozen=True, slots=True)
class Written:
    """What a clerk filled in, not yet judged. `decision` None: none chosen."""

    findings: Mapping[str, Verdict]
    decision: Action | None
    texts: Mapping[str, str]
    proposed: Mapping[str, Words] = field(default_factory=dict)
    """Wording for the author that goes with a return, by language."""

    @classmethod
    def of(
        cls, findings: Mapping[str, Verdict], decision: Action | None, texts: Mapping[str, str]
    ) -> Written:
        kept = {language: normalised(text) for language, text in texts.items()}
        return cls(findings, decision, {code: text for code, text in kept.items() if text})

    @property
    def sent(self) -> Mapping[str, str]:
        """The texts as they go out: a plain admission has none, points are one per line."""
        if self.decision is Action.ACCEPT:
            return {}
        if self.decision is Action.RETURN:
            return {code: "\n".join(points(text)) for code, text in self.texts.items()}
        return self.texts


@dataclass(frozen=True, slots=True)
class Done:
    """What pressing the button did."""

    step: Step
    decision: Decision | None = None


def current(
    session: Session, house: House, reference: str, seen: Seen, actor: Actor, at: datetime
) -> tuple[Case, Review]:
    """The case, locked, if it is still as the form showed it and nobody else holds it."""
    case, review = open_case(session, house, reference)
    refuse_unless_free(case, actor, at)
    if review.version != seen.review or case.petition.version != seen.petition:
        raise ConflictError("changed_meanwhile", reference=reference)
    return case, review


def save_findings(
    session: Session,
    house: House,
    reference: str,
    seen: Seen,
    findings: Mapping[str, Verdict],
    actor: Actor,
    at: datetime,
) -> None:
    """Keep the checklist as filled in so far; the clerk goes on holding the case."""
    case, review = current(session, house, reference, seen, actor, at)
    if case.proposal is not None:
        raise ConflictError("changed_meanwhile", reference=reference)
    if _store(session, case, review, findings, actor, at):
        review.version += 1
        record(
            session,
            actor,
            "checklist",
            at=at,
            petition=case.petition,
            detail={"findings": {code: str(findings[code]) for code in sorted(findings)}},
        )
    hold(review, actor, at)


def _store(
    session: Session,
    case: Case,
    review: Review,
    findings: Mapping[str, Verdict],
    actor: Actor,
    at: datetime,
) -> bool:
    """Write what differs; True if anything did."""
    known = set(case.kind.admissibility.checklist(case.stage))
    rows = {
        row.ground: row
        for row in session.scalars(select(FindingRow).where(FindingRow.review_id == review.id))
    }
    changed = False
    for code in known:
        verdict = findings.get(code, Verdict.OPEN)
        row = rows.get(code)
        met = verdict is Verdict.APPLIES
        if verdict is Verdict.OPEN:
            if row is not None:
                session.execute(
                    delete(FindingRow).where(
                        FindingRow.review_id == review.id, FindingRow.ground == code
                    )
                )
                changed = True
        elif row is None:
            session.add(
                FindingRow(
                    review_id=review.id, ground=code, met=met, note="", actor=actor.code, at=at
                )
            )
            changed = True
        elif row.met != met:
            row.met, row.actor, row.at = met, actor.code, at
            changed = True
    session.flush()
    return changed


def draft_of(session: Session, house: House, case: Case, written: Written, language: str) -> Draft:
    """What was filled in, judged against the rulebook's grounds (titles in `language`).

    Raises GapsError with everything the decision lacks.
    """
    if written.decision is None:
        raise GapsError((Gap("no_decision", "decision"),))
    shelf = house.shelf(session, case.petition)
    worded = grounds(shelf, case.kind, case.petition.rulebook_id, language, case.stage)
    findings = (Finding(code, verdict) for code, verdict in written.findings.items())
    draft = Draft(written.decision, Checklist.of(worded, findings), written.sent)
    have = session.scalars(
        select(PetitionText.language).where(PetitionText.petition_id == case.petition.id)
    ).all()
    needed = decisions.required_languages(house, session, case.petition)
    too_long = tuple(
        Gap("text_too_long", f"text-{code}", code)
        for code, text in written.texts.items()
        if problem(text, Limits(TEXT_MAX))
    )
    found = gaps(draft, needed, have) + too_long + _unworded(session, house, case, draft)
    if found:
        raise GapsError(found)
    if draft.decision is Action.RETURN:
        change_requests.check(session, house, case.petition, written.proposed)
    return draft


def _unworded(session: Session, house: House, case: Case, draft: Draft) -> tuple[Gap, ...]:
    """Grounds of a refusal that have no words in the author's language: no letter could name them."""
    shelf, petition = house.shelf(session, case.petition), case.petition
    missing = []
    for code in draft.grounds:
        try:
            shelf.wording(code, petition.language, noun="grounds", rulebook=petition.rulebook_id)
        except KeyError:
            missing.append(Gap("no_wording", f"finding-{code}", petition.language))
    return tuple(missing)


def _allowed(case: Case, decision: Action, actor: Actor, roles: Roles, at: datetime) -> Stage:
    """The stage, if this person may decide so now; else ForbiddenError or ConflictError."""
    offered = {each.decision: each for each in options(case.situation(actor.code, roles, at))}
    option = offered.get(decision)
    if option is None or case.stage is None:
        raise InvalidError("outcome_unknown", outcome=str(decision))
    if option.refusal == "no_role":
        raise ForbiddenError("wrong_role", action=str(decision))
    if option.refusal:
        raise ConflictError(option.refusal)
    return case.stage


def decide(
    session: Session,
    house: House,
    reference: str,
    seen: Seen,
    written: Written,
    actor: Actor,
    roles: Roles,
    at: datetime,
    language: str,
) -> Done:
    """Decide and send, or propose to a second reader where the rules want two people.

    Raises GapsError (something is missing), ConflictError (stale, held, proposed already) or
    ForbiddenError (role).
    """
    case, review = current(session, house, reference, seen, actor, at)
    if written.decision is not None:
        _allowed(case, written.decision, actor, roles, at)
    draft = draft_of(session, house, case, written, language)
    stage = _allowed(case, draft.decision, actor, roles, at)
    _store(session, case, review, written.findings, actor, at)
    let_go(review)
    if review.assigned_to is None:
        review.assigned_to, review.assigned_name = actor.code, actor.name
    if second_person_needed(stage, draft.decision, hides=draft.hides):
        review.proposed = _proposal(draft, actor, at)
        review.version += 1
        detail = {"decision": str(draft.decision), "grounds": list(draft.grounds)}
        record(session, actor, "propose", at=at, petition=case.petition, detail=detail)
        session.flush()
        return Done(Step.PROPOSE)
    verdict = decisions.Verdict(draft.decision, draft.grounds, draft.texts, written.proposed)
    made = decisions.decide(session, house, case.petition, review, verdict, actor, at=at)
    return Done(Step.DECIDE, made)


def _proposal(draft: Draft, actor: Actor, at: datetime) -> dict[str, object]:
    return {
        "decision": str(draft.decision),
        "grounds": list(draft.grounds),
        "texts": dict(draft.texts),
        "by": actor.code,
        "name": actor.name,
        "role": str(actor.role),
        "at": at.isoformat(),
    }


def _second_reading(
    session: Session,
    house: House,
    reference: str,
    seen: Seen,
    actor: Actor,
    roles: Roles,
    at: datetime,
) -> tuple[Case, Review, dict[str, Any]]:
    """The case and its proposal, if this person may act on it."""
    case, review = current(session, house, reference, seen, actor, at)
    refusal = confirmation_refusal(case.situation(actor.code, roles, at))
    if refusal == "nothing_proposed" or review.proposed is None:
        raise ConflictError("nothing_proposed", reference=reference)
    if refusal:
        raise ForbiddenError(refusal)
    return case, review, dict(review.proposed)


def confirm(
    session: Session,
    house: House,
    reference: str,
    seen: Seen,
    actor: Actor,
    roles: Roles,
    at: datetime,
) -> Done:
    """The second reader sends the proposed decision as it was written: nobody edits it here."""
    case, review, proposed = _second_reading(session, house, reference, seen, actor, roles, at)
    first = Actor(proposed["by"], Role(proposed["role"]), proposed["name"])
    verdict = decisions.Verdict(
        Action(proposed["decision"]), tuple(proposed["grounds"]), dict(proposed["texts"])
    )
    review.proposed = None
    let_go(review)
    detail = {"decision": proposed["decision"], "by": first.code}
    record(session, actor, "confirm", at=at, petition=case.petition, detail=detail)
    made = decisions.decide(
        session, house, case.petition, review, verdict, first, at=at, second=actor
    )
    return Done(Step.CONFIRM, made)


def send_back(
    session: Session,
    house: House,
    reference: str,
    seen: Seen,
    note: str,
    actor: Actor,
    roles: Roles,
    at: datetime,
) -> None:
    """The second reader disagrees: the case goes back to the first with a note."""
    case, review, proposed = _second_reading(session, house, reference, seen, actor, roles, at)
    words = normalised(note)
    if problem(words, Limits(NOTE_MAX)):
        raise GapsError((Gap("no_note", "note"),))
    review.proposed = None
    review.assigned_to, review.assigned_name = proposed["by"], proposed["name"]
    review.version += 1
    session.add(
        CaseNote(
            id=uuid4(),
            petition_id=case.petition.id,
            at=at,
            actor=actor.code,
            actor_name=actor.name,
            text=words,
        )
    )
    record(
        session, actor, "send_back", at=at, petition=case.petition, detail={"to": proposed["by"]}
    )
