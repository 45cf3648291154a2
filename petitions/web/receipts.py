"""Checking a receipt: in the browser alone, or without scripts by this server, in the same words.

Rules of this module:
- a receipt that is posted is read, answered and forgotten: no row, no log line, no cache;
- both ways read the published files of the log, nothing else: what an outsider could not recompute,
  this page does not say; where the server checks, it adds the title that everybody reads;
- scripts run on the pages of receipts only, and only from this site.
"""

from __future__ import annotations

import json
import shlex
from base64 import b64encode
from collections.abc import Sequence

import segno
from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from markupsafe import Markup

from petitions.ledger.receipt_check import MAX_TEXT, Finding, KnownLog, Outcome, check
from petitions.platform.headers import CSP
from petitions.platform.i18n import _, current_locale
from petitions.web.access import everybody
from petitions.web.edge import engine, private
from petitions.web.face import frame, the_face
from petitions.web.known_logs import known_logs, log_files
from petitions.web.pages import PetitionLink
from petitions.web.receipt_petition import named_by
from petitions.web.receipt_words import SENTENCES, TONES, VERDICTS, CheckedReceipt, checked
from petitions.web.verifier_file import to_check

blueprint = Blueprint("receipts", __name__)
PATH = "/<lang>/receipt"
PAGE = "public, max-age=5, s-maxage=60"
QUIET = 4
"""Modules of empty border that a reader of QR codes needs (ISO/IEC 18004)."""
MASK = 0
"""Fixed, so that the browser's code for the same text is the same picture."""


def with_scripts(answer: Response, *, reads_the_log: bool = False) -> Response:
    """Let this page run this site's own script files, and fetch where it reads the log."""
    fetching = "; connect-src 'self'" if reads_the_log else ""
    answer.headers["Content-Security-Policy"] = f"{CSP}; script-src 'self'{fetching}"
    return answer


def qr_code(text: str) -> Markup:
    """Black on white in any theme; attributes only, since the policy allows no inline style."""
    code = segno.make(text.encode(), error="l", mode="byte", mask=MASK, boost_error=False)
    rows = list(code.matrix)
    size = len(rows) + 2 * QUIET
    dots = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return Markup(
        '<svg viewBox="0 0 {0} {0}" aria-hidden="true" focusable="false" '
        'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{0}v{0}H0z"/>'
        '<path fill="#000" d="{1}"/></svg>'
    ).format(size, dots)


def page_facts(known: Sequence[KnownLog], year: int) -> dict[str, object]:
    """What the browser needs to check without asking: keys, sentences, time zone."""
    logs = [
        {
            "id": log.log_id, "origin": log.origin, "vkeys": list(log.vkeys),
            "keys": [[key.role, key.vkey, key.first, key.last] for key in log.history],
        }
        for log in known
    ]  # fmt: skip
    return {
        "logs": json.dumps(logs),
        "sentences": {str(code): _(SENTENCES[code]) for code in SENTENCES},
        "verdicts": [(str(code), _(VERDICTS[code]), TONES[code]) for code in VERDICTS],
        "zone": str(current_locale().zone),
        "longest": MAX_TEXT,
        "year": known[0].log_id if known else year,
        "file": "",
        "stem": "",
    }


def _file_facts(outcome: Outcome, file: str, named: PetitionLink | None) -> dict[str, object]:
    """For the command below the answer: the file that was given, else as it was offered."""
    facts: dict[str, object] = {}
    if file:
        facts = {"file": shlex.quote(file), "stem": file.rpartition(".")[0] or file}
    elif named is not None:
        facts = {"stem": f"{_('receipt')}-{named.ref}"}
    logs = [each.facts["log"] for each in outcome.found if each.finding is Finding.BELONGS]
    return facts | {"year": logs[0]} if logs else facts


def _page(
    result: CheckedReceipt | None,
    status: int = 200,
    named: PetitionLink | None = None,
    file: dict[str, object] | None = None,
) -> Response:
    facts = page_facts(known_logs(), engine().clock().year) | (file or {})
    html = render_template(
        "public/receipt.html", result=result, named=named, check=to_check(), frame=frame("verify"),
        **facts,
    )  # fmt: skip
    return with_scripts(make_response(html, status), reads_the_log=True)


def _check_language(lang: str) -> None:
    if lang not in the_face(current_app).catalogues.locales:
        abort(404)


@blueprint.get(PATH)
@everybody
def check_page(lang: str) -> Response:
    """The same for everybody, and cached: what is checked here never reaches this server."""
    _check_language(lang)
    answer = _page(None)
    answer.headers["Cache-Control"] = PAGE
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]


@blueprint.post(PATH)
@everybody
def check_here(lang: str) -> Response:
    """Without scripts: the server sees the receipt, says so, and keeps nothing."""
    _check_language(lang)
    sent = request.files.get("file")
    raw = sent.stream.read(MAX_TEXT + 1) if sent is not None and sent.filename else b""
    text = raw.decode("utf-8", "replace") if raw else request.form.get("text", "")
    outcome = check(text, known_logs(), log_files(), int(engine().clock().timestamp()))
    status = 200 if len(outcome.found) > 1 else 422
    named = named_by(outcome)
    file = _file_facts(outcome, sent.filename or "" if sent is not None and raw else "", named)
    return private(_page(checked(outcome, _download(outcome)), status, named, file))


def _download(outcome: Outcome) -> str:
    if not outcome.proof:
        return ""
    return f"data:text/plain;base64,{b64encode(outcome.proof.encode()).decode()}"
