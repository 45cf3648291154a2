"""Acting on a file: on the petition as the form showed it, every word kept where it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, request

from admissibility.cases import by_reference
from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.platform.i18n import N_, _, current_locale
from petitions.services import moves
from petitions.storage.tables import Petition
from petitions.web.errors import SENTENCES, sentence
from petitions.web.pages_signing import FieldFault
from petitions.web.staff_conflict import conflict_page
from petitions.web.staff_desk import Desk, desk, sent_on
from petitions.web.staff_forms import version
from petitions.web.staff_pages import Faults

FAULTS: Mapping[str, str] = {
    "in_the_past": N_("This day is over. What is planned has a day that comes."),
    "in_the_future": N_("This day has not come yet. Plan the step instead."),
    "time_malformed": N_("Write the time with hours and minutes, such as 14:30."),
    "link_malformed": N_("Each line begins with an address that starts with https://"),
    "too_early": N_("The rules want this later: say why it is settled already."),
    "must_be_done": N_("The rules oblige the body to do this: it cannot be declined."),
    "no_such_petition": N_("There is no petition with this number."),
    "same_petition": N_("A petition cannot be merged into itself."),
    "target_not_open": N_("The other petition is not open for signatures."),
    "another_kind": N_("The other petition is of another kind, or belongs to another assembly."),
    "too_many_feeds": N_("You have %(max)s calendar addresses. Take one back first."),
    "outcome_required": N_("Choose an outcome."),
}
REFUSALS: Mapping[str, str] = {
    "no_extension": N_("The rules give no (more) time for this duty, or its last day is over."),
    "step_not_planned": N_("This step is not planned any more: it was held or cancelled."),
    "answer_proposed": N_("An answer waits for a second person already."),
    "motion_open": N_("Something is proposed for this petition already: settle it first."),
    "message_open": N_("A message to followers waits for a second person already."),
    "merge_open": N_("The author has been asked already, and has not answered yet."),
    "second_person_needed": N_("Another person than the one who proposed it must confirm it."),
    "guard_taken_down": N_("It was not taken down: there is nothing to restore."),
    "guard_published_before": N_("It was published before: it cannot be checked anew."),
    "no_check_to_reopen": N_("No refused check was found for this petition."),
    "not_open_for_signing": N_("The petition is not open for signatures."),
    "suspended_already": N_("Signing is suspended already."),
    "not_yours": N_("A colleague looks after this file meanwhile."),
    "wrong_state": N_("The petition is not at a step where this can be done."),
}
Show = Callable[[Desk, Faults, int], Response]


def acted(
    ref: str,
    do: Callable[[Desk, Petition], str],
    show: Show,
    *,
    back: str,
    written: Mapping[str, str] | None = None,
    field: Callable[[str], str] = lambda name: name.replace("text_", "text-", 1),
) -> Response:
    """Do it on the locked petition; else the page again (422, 403, 409) with all that was typed.

    `field` turns a service's name of a field into the id of the page's. `back`: the page to go to.
    """
    try:
        with desk(write=True) as at:
            found = by_reference(at.session, ref)
            done = do(at, moves.lock(at.session, found.id, version(request.form)))
    except InvalidError as error:
        with desk() as at:
            return show(at, field_faults(error, field), 422)
    except (ConflictError, ForbiddenError) as error:
        if error.code in REFUSALS:
            with desk() as at:
                fault = FieldFault("main", _(REFUSALS[error.code]))
                return show(at, (fault,), error.status)
        if isinstance(error, ForbiddenError):
            raise
        with desk() as at:
            return conflict_page(at, ref, error, back=back, written=written)
    return sent_on(f"{back}?done={done}")


def field_faults(error: InvalidError, field: Callable[[str], str]) -> Faults:
    if not error.fields:
        return (FieldFault("main", fault_sentence(error.code, error.facts)),)
    return tuple(
        FieldFault(field(name), fault_sentence(code, facts))
        for name, (code, facts) in error.fields.items()
    )


def fault_sentence(code: str, facts: Mapping[str, object]) -> str:
    if code in FAULTS:
        shown = {
            name: current_locale().number(value) if isinstance(value, int) else value
            for name, value in facts.items()
        }
        return _(FAULTS[code], **shown) if shown else _(FAULTS[code])
    if code in SENTENCES:
        return sentence(code, facts)
    return _("Please check this entry.")


def links_of(text: str) -> tuple[tuple[str, str], ...]:
    """One document per line: its address, then, if wanted, its name."""
    found = []
    for line in text.splitlines():
        href, _space, name = line.strip().partition(" ")
        if href:
            found.append((href, name.strip()))
    return tuple(found)


def texts_in(languages: tuple[str, ...], prefix: str = "text-") -> dict[str, str]:
    return {language: request.form.get(f"{prefix}{language}", "") for language in languages}
