"""What the page that checks receipts says: one sentence for each finding, one for each verdict.

The browser gets the same sentences with the page and fills in the same facts, so that a check without
scripts ends in the same words. No sentence speaks of the present state of a signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from petitions.ledger.receipt_check import WRONG, Fact, Finding, Found, Outcome, Verdict
from petitions.platform.i18n import N_, _, current_locale

SENTENCES: Mapping[Finding, str] = {
    Finding.EMPTY: N_("Nothing was given, so nothing was checked."),
    Finding.TOO_LARGE: N_("This is too long for a receipt. Nothing was checked."),
    Finding.NOT_A_RECEIPT: N_(
        "This is not a receipt, or a part of it is missing. A receipt begins with "
        "“petition-receipt/v1” or “c2sp.org/tlog-proof@v1”; it must be there to its last line, with no "
        "letter changed. Its fingerprint alone is not enough."
    ),
    Finding.OTHER_LOG: N_("This receipt belongs to the log “%(origin)s”, which is not of this site."),
    Finding.BELONGS: N_(
        "Petition %(petition)s. Fingerprint of what was given: %(code)s; compare it with the one that "
        "the page after signing showed."
    ),
    Finding.VALUE_FITS: N_(
        "The random value in the receipt gives the entry that the log promised to contain."
    ),
    Finding.VALUE_WRONG: N_(
        "The random value in the receipt does not give the entry that was promised: the file was "
        "altered, or put together from two."
    ),
    Finding.PROMISE_SIGNED: N_(
        "The promise is signed with the key that the log announced for its promises."
    ),
    Finding.PROMISE_FORGED: N_(
        "The promise is not signed with the key that this log announced: this site did not give it, "
        "or the file was altered."
    ),
    Finding.PROMISE_UNCHECKED: N_("The signature of the promise was not checked in this browser."),
    Finding.CHECKPOINT_SIGNED: N_(
        "The state of the log with %(size)s entries is signed with the log’s key."
    ),
    Finding.CHECKPOINT_FORGED: N_("The state of the log is not signed with the log’s key."),
    Finding.CHECKPOINT_UNCHECKED: N_(
        "The signature of the log’s state was not checked in this browser."
    ),
    Finding.LOG_UNREADABLE: N_(
        "The files of the log could not be read. That says nothing about your receipt: try again "
        "later."
    ),
    Finding.LOG_DISAGREES: N_(
        "The files of the log do not agree with its signed state. Keep your receipt and tell the "
        "petitions office."
    ),
    Finding.NOT_YET: N_(
        "The entry is not in the log yet. The log promised it by %(by)s: come back then with the "
        "same receipt."
    ),
    Finding.BROKEN: N_(
        "The log promised the entry by %(by)s and does not contain it. Keep this receipt: the signed "
        "promise in it is evidence. Tell the petitions office."
    ),
    Finding.FOUND: N_(
        "The entry is in the log: number %(index)s, in the batch of %(at)s, within the promised time "
        "(%(by)s)."
    ),
    Finding.LATE: N_(
        "The entry is in the log, number %(index)s, but in the batch of %(at)s: it was promised by "
        "%(by)s."
    ),
    Finding.PROOF_LEADS: N_(
        "Entry number %(index)s belongs to the state of the log with %(size)s entries: the proof "
        "leads to its fingerprint."
    ),
    Finding.PROOF_WRONG: N_(
        "The proof does not lead from the random value to the signed state of the log: the file was "
        "altered."
    ),
}  # fmt: skip
VERDICTS: Mapping[Verdict, str] = {
    Verdict.PROVED: N_("Proved: the entry of this receipt is in the log"),
    Verdict.WAITING: N_("Not yet in the log, and there is still time"),
    Verdict.WRONG: N_("Something is wrong"),
    Verdict.OPEN: N_("Not proved"),
    Verdict.EMPTY: N_("Choose a file or paste the receipt first"),
}
TONES: Mapping[Verdict, str] = {
    Verdict.PROVED: "notice ok", Verdict.WAITING: "notice calm", Verdict.WRONG: "notice bad",
    Verdict.OPEN: "notice warn", Verdict.EMPTY: "errors",
}  # fmt: skip
"""How the box of the answer looks; what was not given is a fault of the form."""
MOMENTS = frozenset({"at", "by"})
LAST_STEPS = frozenset({
    Finding.NOT_YET, Finding.LOG_UNREADABLE, Finding.PROMISE_UNCHECKED, Finding.CHECKPOINT_UNCHECKED,
})  # fmt: skip
"""Why nothing is proved although nothing is wrong. Such a line, or a wrong one, stands first."""


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """The result as the page shows it. `proof_href` downloads the completed proof."""

    verdict: str
    tone: str
    lines: tuple[tuple[str, bool], ...]
    """(sentence, whether it names something wrong)"""
    proof: str = ""
    proof_href: str = ""
    empty: bool = False
    """Nothing was given: the fields say so."""


def sentence_of(found: Found) -> str:
    facts = {name: in_words(name, value) for name, value in found.facts.items()}
    return _(SENTENCES[found.finding], **facts)


def in_words(name: str, value: Fact) -> str:
    if isinstance(value, str):
        return value
    locale = current_locale()
    if name in MOMENTS:
        return locale.datetime(datetime.fromtimestamp(value, UTC))
    return locale.number(value)


def checked(outcome: Outcome, proof_href: str) -> CheckedReceipt:
    verdict = outcome.verdict
    decisive = WRONG | LAST_STEPS
    found = sorted(outcome.found, key=lambda each: each.finding not in decisive)
    return CheckedReceipt(
        verdict=_(VERDICTS[verdict]),
        tone=TONES[verdict],
        lines=tuple((sentence_of(each), each.finding in WRONG) for each in found),
        proof=outcome.proof,
        proof_href=proof_href,
        empty=verdict is Verdict.EMPTY,
    )
