"""Two people at one case: the second is told who did what, and keeps every word he wrote."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request
from sqlalchemy import select

from admissibility.cases import by_reference, case_of
from petitions.domain.errors import ConflictError
from petitions.domain.lifecycle import Action, State
from petitions.platform.i18n import _, current_locale
from petitions.storage.tables import Audit, Petition
from petitions.web import staff_words as words
from petitions.web.staff_changes import since
from petitions.web.staff_desk import Desk, page
from petitions.web.staff_forms import seen
from petitions.web.staff_pages import CaseEntry, Changed
from petitions.web.staff_trail import entries

# What explains a stale form, the latest first; notes and assignments change nothing on it.
_TELLING = (*map(str, Action), "propose", "confirm", "send_back", "take_over", "checklist",
    "step_recorded", "step_planned", "step_corrected", "step_rescheduled", "step_cancelled",
    "step_held", "track_decided", "duty_extended", "motion_proposed", "motion_called_off",
    "merge_asked", "merge_refused", "merge_called_off",
)  # fmt: skip


def conflict_page(
    at: Desk,
    ref: str,
    error: ConflictError,
    entry: CaseEntry | None = None,
    back: str = "",
    written: Mapping[str, str] | None = None,
) -> Response:
    """409; nothing of the late form was recorded. `written`: texts by language, to be copied."""
    petition = by_reference(at.session, ref)
    changes: tuple[Changed, ...] = ()
    if entry is not None:
        changes = since(at, case_of(at.session, at.house, petition), seen(request.form), entry)
    return page(
        at,
        "office/conflict.html",
        409,
        section="queue",
        case_ref=ref,
        happened=_happened(at, petition, error),
        changes=changes,
        drafted=entry is not None and bool(entry.findings),
        kept=_kept(entry, petition) if entry else _written(written or {}),
        back_href=back or f"/office/cases/{ref}",
    )


def _happened(at: Desk, petition: Petition, error: ConflictError) -> str:
    if error.code == "held_by_other":
        since = error.facts.get("since")
        return _(
            "%(name)s holds this case since %(since)s. Take it over if you must decide now.",
            name=error.facts.get("name", ""),
            since=current_locale().datetime(since) if since else "",  # type: ignore[arg-type]
        )
    if petition.state == State.WITHDRAWN:
        return _("Its author has withdrawn the petition meanwhile: there is nothing to decide.")
    row = at.session.scalars(
        select(Audit)
        .where(Audit.petition_id == petition.id, Audit.action.in_(_TELLING))
        .order_by(Audit.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return _("The case is no longer as your page showed it.")
    last = entries(at.session, [row])[0]
    return _(
        "%(act)s, by %(name)s, on %(when)s.",
        act=last.title,
        name=last.who,
        when=current_locale().datetime(last.at),
    )


def _written(texts: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    locale = current_locale()
    return [
        (
            f"kept-{language}",
            _("What you wrote, in %(language)s", language=locale.language(language)),
            language,
            text,
        )
        for language, text in texts.items()
        if text.strip()
    ]


def _kept(entry: CaseEntry, petition: Petition) -> list[tuple[str, str, str, str]]:
    """(id, label, language, text) of everything typed."""
    found = []
    if entry.decision:
        found.append(
            ("kept-decision", _("Decision"), current_locale().lang, words.decision(entry.decision))
        )
    for language, text in entry.texts.items():
        if text.strip():
            label = _(
                "What the author reads, in %(language)s",
                language=current_locale().language(language),
            )
            found.append((f"kept-{language}", label, language, text))
    if entry.note.strip():
        found.append(("kept-note", _("Note to the first reader"), petition.language, entry.note))
    return found
