"""What changed at a case since a form was made, or since its author last sent it: shown word by word."""

from __future__ import annotations

from collections.abc import Mapping

from admissibility import cases
from admissibility.cases import Case
from admissibility.criteria import Verdict
from admissibility.differences import Kind, Piece, pieces
from admissibility.services.deciding import Seen
from petitions.domain.rewording import Answered
from petitions.domain.words import Words
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import change_requests, text_versions
from petitions.web import staff_words as words
from petitions.web.staff_desk import Desk
from petitions.web.staff_pages import CaseEntry, Changed, Reworded

PARTS = {
    "title": N_("Title"),
    "summary": N_("Summary"),
    "request": N_("Request"),
    "reasons": N_("Reasons"),
}
ANSWERS: Mapping[str, str] = {
    Answered.ASKED: N_("The author has not answered yet."),
    Answered.ACCEPTED: N_("The author took the proposed wording as it is."),
    Answered.EDITED: N_("The author changed the text."),
    Answered.UNCHANGED: N_("The author left the text as it was."),
}


def texts_changed(old: Mapping[str, Words], new: Mapping[str, Words]) -> tuple[Changed, ...]:
    """Each part of each language that reads differently; a language that came or went, whole."""
    several = len({*old, *new}) > 1
    found = []
    for language in sorted({*old, *new}):
        one, other = old.get(language, Words("")), new.get(language, Words(""))
        for part, name in PARTS.items():
            left, right = str(getattr(one, part)), str(getattr(other, part))
            if left != right:
                label = _(name)
                if several:
                    label = f"{label} ({current_locale().language(language)})"
                found.append(Changed(label, language, pieces(left, right)))
    return tuple(found)


def since(at: Desk, case: Case, seen: Seen, entry: CaseEntry) -> tuple[Changed, ...]:
    """What changed after the versions `seen`: the text, then findings that are not the form's."""
    before = text_versions.as_seen(at.session, case.petition, seen.petition)
    now = text_versions.now(at.session, case.petition)
    found = texts_changed(before, now) if before else ()
    return (*found, *_findings(at, case, entry), *_others_words(case, entry))


def _findings(at: Desk, case: Case, entry: CaseEntry) -> tuple[Changed, ...]:
    lang = current_locale().lang
    shelf = at.house.shelf(at.session, case.petition)
    worded = cases.grounds(shelf, case.kind, case.petition.rulebook_id, lang, case.stage)
    listed = cases.checklist(at.session, case, worded)
    found = []
    for ground in worded:
        mine, recorded = entry.findings.get(ground.code), listed.verdict(ground.code)
        if mine in (None, Verdict.OPEN) or recorded is Verdict.OPEN or mine is recorded:
            continue
        both = (
            Piece(Kind.OUT, words.verdict(mine)), Piece(Kind.IN, words.verdict(recorded)),
        )  # fmt: skip
        found.append(Changed(ground.title, lang, both))
    return tuple(found)


def _others_words(case: Case, entry: CaseEntry) -> tuple[Changed, ...]:
    """Where a colleague has proposed a decision meanwhile: their words against mine."""
    found = []
    for language, text in cases.proposed_texts(case).items():
        mine = entry.texts.get(language, "").strip()
        if mine and mine != text.strip():
            label = _(
                "What the author reads, in %(language)s",
                language=current_locale().language(language),
            )
            found.append(Changed(label, language, pieces(mine, text.strip())))
    return tuple(found)


def reworded(at: Desk, case: Case) -> Reworded | None:
    """The author's answer to the last return; None where the petition was never returned."""
    row = change_requests.latest(at.session, case.petition)
    if row is None:
        return None
    before, proposed = change_requests.before_of(row), change_requests.proposed_of(row)
    now = text_versions.now(at.session, case.petition)
    settled = row.status != Answered.ASKED
    mine = {x: now[x] for x in proposed if x in now}
    return Reworded(
        status=_(ANSWERS[row.status]),
        at=row.answered_at,
        answer=row.answer,
        changes=texts_changed(before, now) if settled else (),
        against_proposal=texts_changed(proposed, mine) if row.status == Answered.EDITED else (),
    )
