"""The words of paper and certificates at the desk: acts of the trail, kinds of papers, faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from petitions.domain.counting import Paper
from petitions.domain.sampling import Verdict
from petitions.platform.i18n import N_, _, current_locale, ngettext

PAPER_ACTS: Mapping[str, str] = {
    "sheets_created": N_("Sheets numbered"),
    "sheets_issued": N_("Sheets handed out"),
    "sheets_returned": N_("Sheets came back"),
    "sheets_checked": N_("Sheets checked"),
    "certificate_proposed": N_("Certificate entered"),
    "certificate_confirmed": N_("Certificate confirmed: it counts"),
    "certificate_called_off": N_("Certificate taken back before it counted"),
    "samples_concluded": N_("Samples concluded"),
    "paper_declared": N_("Number on paper declared by the organisers"),
    "verification_closed": N_("Nothing is left to verify"),
    "correction_proposed": N_("Correction of the final count proposed"),
    "correction_called_off": N_("Correction of the final count taken back"),
}
ABOUT: Mapping[Paper, str] = {
    Paper.PAPER: N_("Signatures on paper"),
    Paper.ONLINE: N_("Signatures given online"),
    Paper.DECLARATION: N_("Declaration of an area"),
}
SHEET_STATUS: Mapping[str, str] = {
    "created": N_("numbered"),
    "issued": N_("handed out"),
    "returned": N_("came back"),
    "checked": N_("checked"),
    "certified": N_("certified"),
}
CERTIFICATE_STATUS: Mapping[str, str] = {
    "proposed": N_("waits for a second person"),
    "confirmed": N_("counts"),
    "called_off": N_("taken back"),
    "replaced": N_("put aside for a full count"),
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.FAILS: N_("The samples say no: what they stand for is entered, and nothing more."),
    Verdict.PASSES: N_("The samples say yes: what they stand for is entered."),
    Verdict.FULL_COUNT: N_("The samples do not decide: every line must be looked at."),
}
DONE: Mapping[str, str] = {
    "sheets": N_("The sheets are recorded."),
    "proposed": N_("Entered. A second person must confirm it; it does not count yet."),
    "confirmed": N_("Confirmed. It counts from the next batch of the log on."),
    "called_off": N_("Taken back. Nothing was counted."),
    "declared": N_("The declared number is shown as the organisers’ own word."),
    "closed": N_("Closed: what was not certified does not count."),
    "corrected": N_("The final count is corrected. The petition has reached its threshold."),
    **{f"samples_{verdict}": words for verdict, words in VERDICTS.items()},
}
CONFLICTS: Mapping[str, str] = {
    "sealed": N_("This petition is sealed, or its sealing was ordered: its count is final."),
    "second_person_needed": N_("Another person than the one who entered it must confirm it."),
    "changed_meanwhile": N_("A colleague has decided this meanwhile. Look at it again."),
    "not_on_paper": N_("This petition is not signed on paper."),
    "sheets_too_late": N_("The last day for sheets is over: they can no longer be taken in."),
    "still_signing": N_("People are still signing."),
    "certificates_waiting": N_("A certificate still waits for a second person or for its batch."),
    "nothing_to_verify": N_("There is nothing to verify."),
    "no_samples": N_("No confirmed sample waits."),
    "wrong_state": N_("The petition is not at a step where signatures are counted."),
}
_FAULTS: Mapping[str, str] = {
    "required": N_("Fill this in."),
    "no_such_area": N_("The table of areas does not know this one."),
    "out_of_range": N_("The number is too small or too large."),
    "does_not_add_up": N_("Valid, invalid and double must add up to what was looked at."),
    "sheet_not_ready": N_("A sheet that you name is unknown, or not at that step."),
    "sheets_of_another_area": N_("The sheets are not all of this area."),
    "not_asked_for": N_("The rules of this petition know no such certificate."),
    "in_the_future": N_("The day lies in the future."),
    "declared_before": N_("This area has declared itself already."),
    "window_over": N_("The window is over: a declaration came too late."),
    "more_than_received": N_("That is more than was given online."),
    "no_sample_asked": N_("The rules ask for no sample here."),
    "sample_too_small": N_("The sample is smaller than the rules ask."),
    "too_long": N_("This is too long."),
}
ELSE = N_("It could not be done. Look at it again.")


def fault(code: str) -> str:
    return _(_FAULTS.get(code, ELSE))


def conflict(code: str) -> str:
    return _(CONFLICTS.get(code, ELSE))


def paper_text(action: str, detail: Mapping[str, Any]) -> str:
    """The facts that belong to an act of the trail."""
    locale = current_locale()
    if action.startswith("sheets_"):
        number = int(detail.get("sheets", 0))
        span = f"{detail.get('first', '')}–{detail.get('last', '')}"
        return ngettext("%(num)s sheet (%(span)s)", "%(num)s sheets (%(span)s)", number, span=span)
    if action.startswith("certificate_"):
        return _("%(number)s valid", number=locale.number(int(detail.get("valid", 0))))
    if action == "paper_declared":
        return locale.number(int(detail.get("lines", 0)))
    if action == "correction_proposed":
        return _(
            "from %(was)s to %(becomes)s",
            was=locale.number(int(detail.get("was", 0))),
            becomes=locale.number(int(detail.get("becomes", 0))),
        )
    if action == "samples_concluded" and detail.get("verdict"):
        return _(VERDICTS[Verdict(str(detail["verdict"]))])
    return ""
