"""Refusals and faults as pages, or as problem documents (RFC 9457) for programs that ask for JSON.

Rules of this module:
- one place turns codes into sentences; the core never holds a sentence;
- an error page says what happened, what was recorded, and what to do now;
- nothing of the request (address, form, person) and no exception's text reaches page or log.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from http import HTTPStatus

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from petitions.domain.errors import InvalidError, PetitionError
from petitions.platform.database import translate
from petitions.platform.i18n import N_, _, current_locale, speak
from petitions.web.face import the_face
from petitions.web.pages import Again, ErrorPage
from petitions.web.pages_signing import FieldFault
from petitions.web.sessions import current_staff

LOG = logging.getLogger("petitions.web.errors")
PROBLEM = "application/problem+json"
SHOWN = frozenset({400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503})
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: it is read out aloud

SENTENCES: Mapping[str, str] = {
    "required": N_("Please fill this in."),
    "too_long": N_("This is %(over)s characters too long; at most %(max)s are allowed."),
    "too_long_words": N_("This is %(over)s words too long; at most %(max)s are allowed."),
    "character_refused": N_(
        "Character number %(place)s (%(name)s) cannot be used: it is invisible or changes the "
        "direction of the text. Please type that passage again."
    ),
    "email_malformed": N_("This does not look like an e-mail address. Example: name@example.org"),
    "not_accepted": N_("This choice is not offered."),
    "text_frozen": N_("The text cannot be changed any more: people sign exactly what they read."),
    "open_per_author": N_(
        "The rules allow %(max)s running petitions per person. Your draft is kept."
    ),
    "same_open_same": N_(
        "Petition %(other)s asks for the same and is open; the rules accept no second one. "
        "Your draft is kept."
    ),
    "same_closed_within": N_(
        "Petition %(other)s on the same subject has been closed; the rules accept no new one "
        "through %(through)s. Your draft is kept."
    ),
    "same_decided_within": N_(
        "Petition %(other)s on the same subject has been decided; the rules accept no new one "
        "through %(through)s. Your draft is kept."
    ),
    "same_subject_barred": N_(
        "The rules bar this petition because of %(other)s, on the same subject: it can be refused, or "
        "the finding taken back."
    ),
    "no_such_petition": N_("There is no petition of this assembly with that number."),
    "promoters_must_agree": N_(
        "All who promote this petition must agree first; %(number)s are missing."
    ),
    "not_withdrawable": N_("The petition can no longer be withdrawn."),
    "no_promoters": N_("Nobody else has to agree: you may withdraw it yourself."),
    "text_unchanged": N_("Nothing was changed."),
    "too_many_versions": N_("The text was changed %(max)s times: it can no longer be edited."),
    "number_whole": N_("Write a whole number."),
    "verification_over": N_("Verification is over: nothing can be declared any more."),
    "choice_fixed": N_("What was chosen at filing can no longer be changed."),
    "kind_gone": N_(
        "The rules in force today no longer know this kind of petition. Please start again."
    ),
    "option_gone": N_(
        "The rules in force today no longer offer what you chose. Please start again."
    ),
    "rules_changed": N_(
        "The rules changed while you were writing. Please look at everything again, then send it."
    ),
    "period_malformed": N_("Write a length such as P90D (90 days) or P3M (three months)."),
    "window_not_listed": N_("This length is not offered: choose one of %(allowed)s."),
    "window_out_of_range": N_(
        "The length must be between %(minimum)s and %(maximum)s; this was %(got)s."
    ),
    "link_refused": N_("The rules allow no links in the text."),
    "text_in_language": N_(
        "The text in another language breaks the form: please look at it again."
    ),
    "translated_by_author": N_("Under these rules the author writes every language."),
    "filing_channel": N_("The rules do not let this kind of petition be filed in this way."),
    "day_malformed": N_("Write the day as year-month-day, such as 1990-02-28."),
    "number_malformed": N_("Write whole numbers; the valid ones are not more than those received."),
    "no_prior_signatures": N_("No signatures come with a petition of this kind."),
    "file_too_large": N_("This file is too large; at most %(max)s MB are allowed."),
    "file_too_long": N_("This file has %(pages)s pages; at most %(max)s are allowed."),
    "file_kind": N_("Only PDF, PNG and JPEG files are taken. This one is something else."),
    "file_locked": N_("This PDF is locked. Please add it without a password."),
    "file_active": N_(
        "This PDF holds a program, a form that sends data or another file. Please print it to a "
        "plain PDF and add that one."
    ),
    "file_unreadable": N_("This file is damaged and cannot be read."),
    "too_many_files": N_("At most %(max)s files may be added."),
    "too_many_drafts": N_("You have %(max)s unfinished drafts. Finish or let go of one first."),
    "per_author": N_(
        "The rules allow %(max)s petitions per person in this time. Your draft stays."
    ),
    "changed_meanwhile": N_(
        "The petition changed after your page was loaded, so nothing was recorded. "
        "Please look at it again."
    ),
    "transition_refused": N_("The rules do not allow this step now. Nothing was recorded."),
    "wrong_state": N_("The petition is no longer in the state that this step needs."),
    "wrong_role": N_("Your role does not allow this step."),
    "correction_over": N_("The time for the correction is over."),
    "similar_shown": N_("Please look at the similar petitions first."),
    "before_decisive": N_("The threshold is reached: the petition can no longer be withdrawn."),
    "signing_closed": N_("Signing is closed. Nothing was recorded."),
    "withdrawal_closed": N_("Signatures of this petition can no longer be withdrawn."),
    "opened_before": N_(
        "The public log already holds this petition: it was opened before an older copy of the "
        "database was restored. It cannot be opened again; please have it filed anew."
    ),
    "disk_full": N_(
        "The service has no room left to write. Nothing of your request was recorded. No signature "
        "already given is lost. The operators can see it; please try again later."
    ),
    "not_open_for_signing": N_("This petition is not open for signatures. Nothing was recorded."),
    "signed_and_withdrawn_too_often": N_(
        "You have signed and withdrawn as often as the rules allow. Your last choice stands."
    ),
    "signed_in_group": N_(
        "You have signed a competing petition already, and the rules allow one signature among them. "
        "Nothing was recorded. To sign this one, first withdraw the other signature."
    ),
    "pass_refused": N_("Your login could not be used. Nothing was recorded; please start again."),
    "pass_used": N_("This login was used before. What was done before stays as it is."),
    "declare_missing": N_("Tick the declaration to sign."),
    "area_missing": N_("Choose your area."),
    "postcode_missing": N_("Write your postcode: the rules of this petition need it."),
    "postcode_unknown": N_("This postcode is in no area that we know. Is it written right?"),
    "online_cap_reached": N_("As many signatures as the rules allow have been given online."),
    "not_online": N_("This petition is signed on paper only."),
    "commitment_malformed": N_(
        "Your browser’s commitment for the receipt could not be used; a new one is drawn. "
        "Please sign again."
    ),
    "read_only": N_(
        "Maintenance: this site can be read, but nothing can be signed or sent for the moment. Nothing "
        "was recorded, and no signature already given is lost."
    ),
    "not_found": N_("The address may be mistyped. Petitions keep their address for good."),
    "too_many": N_(
        "There were too many attempts from your connection. Please wait until %(until)s, then try "
        "again."
    ),
    "new_petitions_refused": N_("No new petition can be started for the moment."),
    "author_login_needed": N_("Prove once more who you are, so that the petition can be sent."),
    "declare_support": N_("Tick the declaration to support the petition."),
    "sponsors_over": N_("This petition no longer looks for supporters. Nothing was recorded."),
    "sponsors_full": N_("As many people as the rules allow (%(max)s) have joined already."),
    "sponsor_stage_closed": N_("It is not yet time for this step, or it is over."),
    "sponsor_already": N_("You stand behind this petition already. Everybody counts once."),
    "sponsor_has_signed": N_(
        "Their support is their signature: only they can take it back. You may take back a link that "
        "waits."
    ),
    "sponsor_logs_in": N_("This person answers by logging in; nothing is recorded for them."),
    "invitation_over": N_("This link has been used, declined, taken back, or its time is over."),
    "role_taken": N_("Somebody has this part already."),
    "role_unknown": N_("This part does not exist here."),
    "one_at_a_time": N_(
        "One person is asked at a time: wait for the answer, or take the link back."
    ),
    "attempts_used": N_("You have asked as many people as the rules allow (%(max)s)."),
    "too_many_views": N_("You have %(max)s views already. Delete one first."),
    "too_many_invitations": N_("Too many links: take some of them back first."),
    "no_sponsors_wanted": N_("This petition looks for no supporters."),
    "signing_paused": N_(
        "Signing is suspended for the moment. Nothing was recorded; signatures given stay valid."
    ),
    "form_too_old": N_("The form was open for too long. Nothing was recorded; please try again."),
}
_NUMBERS = frozenset({"over", "max", "place", "pages"})
_DAYS = frozenset({"through"})


def sentence(code: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence for a code in the reader's language; "" where only the status has one."""
    facts = facts or {}
    if code == "too_long" and facts.get("unit") == "words":
        code = "too_long_words"
    message = SENTENCES.get(code)
    if message is None:
        return ""
    shown = {name: _shown(name, value) for name, value in facts.items()}
    # a message without places is not formatted: a percent sign in it would be read as one
    return _(message, **shown) if "%(" in message else _(message)


def _shown(name: str, value: object) -> object:
    """A fact as the reader writes it: numbers with their separators, days in words."""
    if name in _NUMBERS and isinstance(value, int):
        return current_locale().number(value)
    if name in _DAYS and isinstance(value, str) and value:
        return current_locale().date(date.fromisoformat(value))
    return value


def faults_of(error: InvalidError) -> tuple[FieldFault, ...]:
    """What was entered wrong, field by field; a refusal without a field stands for itself."""
    if error.fields:
        return tuple(
            FieldFault(name, sentence(code, facts) or _("Please check this entry."))
            for name, (code, facts) in error.fields.items()
        )
    return (FieldFault("main", sentence(error.code, error.facts) or _("Please check your entry.")),)


def new_reference() -> str:
    """Random, so that it names nobody: it ties a page to one line of the log."""
    letters = [secrets.choice(_REFERENCE_ALPHABET) for _place in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def error_page(page: ErrorPage, code: str = "") -> Response:
    """The page or problem document for one refusal; never cached, never indexed."""
    if _wants_problem():
        answer = jsonify(
            {
                "type": f"urn:petitions:error:{code or page.status}",
                "title": HTTPStatus(page.status).phrase,
                "status": page.status,
                **({"detail": page.sentence} if page.sentence else {}),
                **({"code": code} if code else {}),
                **({"reference": page.reference} if page.reference else {}),
            }
        )
        answer.content_type = PROBLEM
    else:
        shown = replace(page, desk=_at_the_desk())
        answer = Response(render_template("errors/error.html", page=shown))
    answer.status_code = page.status
    answer.headers["Cache-Control"] = "no-store"
    if page.wait_seconds:
        answer.headers["Retry-After"] = str(page.wait_seconds)
    return answer


def _wants_problem() -> bool:
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", PROBLEM])
    return best in {"application/json", PROBLEM} and not request.accept_mimetypes.accept_html


def _at_the_desk() -> bool:
    return request.path.startswith("/office/")


def _speak_to_the_desk() -> None:
    """Addresses of the office name no language: the answer is in that of the person's account."""
    if not _at_the_desk():
        return
    staff = None
    with suppress(Exception):  # the page is needed all the more, in whatever language
        staff = current_staff()
    if staff is not None:
        speak(the_face(current_app).catalogues.locale(staff.language))


def _back() -> str:
    """The petition's page, where the address names one: the way out of most refusals."""
    found = re.match(r"/([a-z]{2})/petitions/(\d{4}-\d{4,})(?:/|$)", request.path)
    if found is None or request.path == found[0]:
        return ""
    return f"/{found[1]}/petitions/{found[2]}"


def _refused(error: PetitionError) -> Response:
    _speak_to_the_desk()
    wait = error.facts.get("retry_after")
    if not isinstance(wait, int):
        wait = 30 if error.status == HTTPStatus.SERVICE_UNAVAILABLE else 0
    page = ErrorPage(
        status=error.status if error.status in SHOWN else 400,
        sentence=sentence(error.code, error.facts),
        back_href=_back(),
        category=str(error.facts.get("category", "")),
        wait_seconds=wait,
        reference=_logged(error.code) if error.status >= 500 else "",
        again=_again(error.status),
    )
    return error_page(page, error.code)


def _again(status: int) -> Again | None:
    """The same request once more. Its own anti-forgery token goes along: never a new one.

    Where the fault is ours, a page that was only read is asked for again under the address that the
    browser has; what was sent is not sent twice.
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and request.method in {"GET", "HEAD"}:
        return Again("")
    if status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    if request.method != "POST":
        return Again(request.full_path.rstrip("?"))
    typed = tuple(request.form.items(multi=True))
    return Again(request.path, typed, is_form=True)


def _refused_by_http(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error  # a redirect or an answer made on purpose
    _speak_to_the_desk()
    status = error.code if error.code in SHOWN else (500 if error.code >= 500 else 400)
    answer = error_page(ErrorPage(status=status, back_href=_back()))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _failed(error: Exception) -> Response:
    trouble = translate(error)
    if trouble is not None:
        return _refused(trouble)
    reference = _logged(type(error).__name__, error)
    return error_page(ErrorPage(500, reference=reference, back_href=_back(), again=_again(500)))


def _logged(what: str, error: Exception | None = None) -> str:
    """One line: reference, code, route pattern. The places in our code, without any value."""
    reference = new_reference()
    rule = request.url_rule.rule if request.url_rule else "-"
    LOG.error(
        "error %s %s at %s %s", reference, what, rule, "; ".join(_places(error)), stacklevel=2
    )
    return reference


def _places(error: Exception | None) -> list[str]:
    places = []
    step = error.__traceback__ if error else None
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno}:{code.co_name}")
        step = step.tb_next
    return places[-6:]


def install_errors(app: Flask) -> None:
    app.register_error_handler(PetitionError, _refused)
    app.register_error_handler(HTTPException, _refused_by_http)
    app.register_error_handler(Exception, _failed)
