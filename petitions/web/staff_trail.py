"""The audit trail in sentences: what was done, by whom, with the words that belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Action, Role
from petitions.platform.i18n import N_, _, current_locale
from petitions.storage.tables import Audit, Petition, Staff
from petitions.web import staff_words as words
from petitions.web.edge import engine
from petitions.web.staff_filing_words import FILING_ACTS, filing_text
from petitions.web.staff_paper_words import PAPER_ACTS, paper_text
from petitions.web.staff_people_trail import STAFFING, staffing_text
from petitions.web.topic_words import changed

ACTS: Mapping[str, str] = {
    Action.CREATE: N_("Draft started"),
    Action.SUBMIT: N_("Petition filed"),
    Action.COMPLETE: N_("First supporters complete"),
    Action.SPONSORS_MISSED: N_("Too few first supporters in time"),
    Action.ACCEPT: N_("Admitted"),
    Action.ACCEPT_IN_PART: N_("Admitted in part"),
    Action.ACCEPT_WITH_CONDITIONS: N_("Admitted with conditions"),
    Action.RETURN: N_("Returned for correction"),
    Action.RESUBMIT: N_("Corrected and sent again"),
    Action.CORRECTION_MISSED: N_("No correction in time"),
    Action.REFUSE: N_("Refused"),
    Action.REOPEN: N_("Opened again"),
    Action.REACH: N_("Threshold reached"),
    Action.CLOSE: N_("Closed under the threshold"),
    Action.ATTRITION: N_("Closed: too few signatures at an intermediate date"),
    Action.CORRECT_COUNT: N_("Final count corrected"),
    Action.TAKE_DOWN: N_("Taken down"),
    Action.RESTORE: N_("Restored"),
    Action.WITHDRAW: N_("Withdrawn by its author"),
    Action.MERGE: N_("Merged with another petition"),
    Action.LAPSE: N_("Lapsed"),
    Action.START_MISSED: N_("No first day chosen in time"),
    Action.SUBMISSION_MISSED: N_("Sheets not handed in in time"),
    Action.HANDOVER_MISSED: N_("Not handed over in time"),
    Action.EXAMINE: N_("Examined"),
    Action.ARCHIVE: N_("Archived"),
    "assign": N_("Assigned"),
    "take_over": N_("Case taken over"),
    "note": N_("Note added"),
    "topic": N_("Topic set"),
    "checklist": N_("Checklist saved"),
    "propose": N_("Decision proposed to a second reader"),
    "confirm": N_("Second reader confirmed"),
    "correction_reminded": N_("Author reminded of the correction"),
    "send_back": N_("Second reader sent it back"),
    "track_decided": N_("Duty settled"),
    "task_settled": N_("Task settled"),
    "overdue": N_("Duty overdue"),
    "window_ended": N_("Last day for signing over"),
    "milestone_reached": N_("Threshold reached"),
    "signed_in": N_("Signed in to the office"),
    "start_chosen": N_("First day of signing chosen"),
    "start_gazette": N_("Day of the gazette recorded"),
    "window_moved": N_("Last day for signing moved"),
    "window_extended": N_("Window for signing extended"),
    "handover": N_("Acknowledgement of the hand-over recorded"),
    "given_in": N_("Statements and sheets given in for verification"),
    "silence": N_("Silence decided, as the rules say"),
    "unlisted": N_("Taken out of lists: too few signatures"),
    "listed": N_("Listed from here on"),
    "body_informed": N_("Body informed that a threshold was reached"),
    "author_erased": N_("Name and address of the author erased"),
    "text_edited": N_("Text edited by its author, before signing opened"),
    "withdrawal_asked": N_("Author asks the promoters to agree to a withdrawal"),
    "withdrawal_called_off": N_("Author no longer asks for a withdrawal"),
    "data_erased": N_("Erased, because a clock of the rules ran out"),
    "calendar_proposed": N_("Entry for the calendar proposed"),
    "calendar_entered": N_("Entry of the calendar in force"),
    "calendar_ended": N_("End of a calendar event recorded"),
    "calendar_called_off": N_("Entry for the calendar called off"),
    "calendar_close": N_("Signing closed by an event of the calendar"),
    "calendar_extend": N_("Window extended by an event of the calendar"),
    "staff_proposed": N_("Change of rights proposed"),
    "staff_proposal_refused": N_("Proposed change of rights refused"),
    "staff_proposal_withdrawn": N_("Proposed change of rights taken back"),
    "role_given": N_("Role given"),
    "role_removed": N_("Role taken away"),
    "staff_disabled": N_("Access switched off"),
    "staff_enabled": N_("Access switched on again"),
    "staff_invited": N_("One-time code made on the server"),
    "sessions_ended": N_("Sessions ended"),
    "log_key_ordered": N_("New signing key ordered for a log"),
    "replica_given_up": N_("A place of keys given up in public"),
    "seal_ordered": N_("Sealing ordered"),
    "rulebook_activated": N_("Version of the rulebook put into force"),
    "content_saved": N_("Text of a page of the site written"),
    "content_published": N_("Text of a page of the site published"),
    "step_recorded": N_("Step recorded"),
    "step_planned": N_("Step announced"),
    "step_corrected": N_("Erratum to a step"),
    "step_rescheduled": N_("Step moved to another day"),
    "step_cancelled": N_("Step cancelled"),
    "step_held": N_("Planned step took place"),
    "duty_extended": N_("Duty extended"),
    "motion_proposed": N_("Proposed to a second person"),
    "answer_proposed": N_("Answer proposed to a second person"),
    "answer_sent_back": N_("Proposed answer sent back"),
    "motion_called_off": N_("Proposal called off"),
    "message_proposed": N_("Message to followers written"),
    "message_sent": N_("Message to followers sent"),
    "message_called_off": N_("Message to followers called off"),
    "merge_asked": N_("Author asked to agree to a merger"),
    "merge_accepted": N_("Author agreed to the merger"),
    "merge_refused": N_("Author refused the merger"),
    "merge_called_off": N_("Proposal to merge taken back"),
    "merge_received": N_("Another petition was merged into this one"),
    "file_taken": N_("File taken into care"),
    "file_left": N_("File no longer in care"),
    "removal_proposed": N_("Proposed to declare signatures invalid"),
    "removal_confirmed": N_("Decided to declare signatures invalid"),
    "removal_called_off": N_("Called off: signatures are not declared invalid"),
    "removal_carried_out": N_("Signatures declared invalid"),
    "same_subject": N_("Found to be about the same subject as another petition"),
    "other_subject": N_("Finding taken back: not the same subject"),
    "translated": N_("Written in a further language"),
    "readdressed": N_("Addressed to other assemblies"),
    "prior_counted": N_("Signatures that came with it counted"),
    "entered": N_("Entered for its author"),
    "desks_changed": N_("Desks of a person changed"),
    "sponsor_invited": N_("Link for a supporter made"),
    "sponsor_revoked": N_("Link for a supporter taken back"),
    "sponsor_removed": N_("Author parted from a supporter"),
    "sponsor_recorded": N_("Support of an office holder recorded"),
    "sponsor_declined": N_("Refusal of an office holder recorded"),
    "sponsor_silent": N_("No answer of the person asked in time"),
    "sponsor_stage_met": N_("Enough supporters of one kind"),
    "sponsors_not_carried": N_("Supporters’ signatures not counted: the text was corrected"),
    "letter_returned": N_("Letter to the author came back"),
    "signing_suspended": N_("Signing suspended"),
    "suspension_confirmed": N_("Suspension of signing confirmed"),
    "signing_resumed": N_("Signing goes on"),
    "sealed": N_("Sealed: the key to its signatures was destroyed"),
    **PAPER_ACTS,
}


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One act, in the reader's language. `legal`: when it holds in law, if that differs."""

    seq: int
    at: datetime
    title: str
    who: str
    role: str
    text: str = ""
    moved: str = ""
    ref: str = ""
    legal: datetime | None = None
    hash: str = ""


def entries(session: Session, rows: Iterable[Audit]) -> tuple[TrailEntry, ...]:
    """The rows in sentences; people, petitions and the like are looked up once."""
    listed = list(rows)
    names = _names(session, listed)
    references = _references(session, listed)
    return tuple(_entry(row, names, references) for row in listed)


def _names(session: Session, rows: list[Audit]) -> dict[str, str]:
    codes = {row.actor for row in rows}
    for row in rows:
        codes |= {str(row.detail[key]) for key in ("to", "from", "by") if row.detail.get(key)}
    found = select(Staff.actor, Staff.name).where(Staff.actor.in_(codes))
    return dict(session.execute(found).all())


def _references(session: Session, rows: list[Audit]) -> dict[UUID, str]:
    ids = {row.petition_id for row in rows if row.petition_id}
    found = select(Petition.id, Petition.reference).where(Petition.id.in_(ids))
    return {petition: reference or "" for petition, reference in session.execute(found)}


def _entry(row: Audit, names: Mapping[str, str], references: Mapping[UUID, str]) -> TrailEntry:
    role = Role(row.role)
    moved = ""
    if row.to_state and row.from_state and row.to_state != row.from_state:
        moved = f"{words.state(row.from_state)} → {words.state(row.to_state)}"
    who = names.get(row.actor) or _(words.ROLES[role])
    return TrailEntry(
        seq=row.seq,
        at=row.at,
        title=_(ACTS[row.action]) if row.action in ACTS else row.action,
        who=who,
        role="" if who == _(words.ROLES[role]) else _(words.ROLES[role]),
        text=_text(row, names),
        moved=moved,
        ref=references.get(row.petition_id, "") if row.petition_id else "",
        legal=row.legal_instant if row.legal_instant != row.at else None,
        hash=row.hash.hex()[:12],
    )


def _text(row: Audit, names: Mapping[str, str]) -> str:
    """The words that belong to an act: to whom, why, what."""
    detail = row.detail
    if row.action in {"assign", "send_back"}:
        return _("to %(name)s", name=names.get(str(detail.get("to")), str(detail.get("to", ""))))
    if row.action in STAFFING:
        return staffing_text(detail, names)
    if row.action == "take_over":
        return str(detail.get("why", ""))
    if row.action in FILING_ACTS:
        return filing_text(row.action, detail)
    if row.action == "topic":
        site = engine().settings.rulebooks.assemblies
        known = engine().house.library
        return changed(known, site, str(detail.get("was", "")), str(detail.get("topic", "")))
    if row.action in PAPER_ACTS:
        return paper_text(row.action, detail)
    if row.action in {"propose", "confirm"} and detail.get("decision"):
        return words.decision(str(detail["decision"]))
    if row.action == "checklist":
        findings = detail.get("findings") or {}
        applying = sum(value == "applies" for value in dict(findings).values())
        locale = current_locale()
        return _("Grounds marked as applying: %(count)s", count=locale.number(applying))
    texts = row.public_texts
    lang = current_locale().lang
    return str(texts.get(lang) or next(iter(texts.values()), "")) if texts else ""
