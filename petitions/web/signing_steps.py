"""What one browser carries between the steps of signing, and what opens each step.

A signatory has no session: a sealed cookie of an hour names the step, the pass proves the
login, and a form belongs to the step that showed it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import request
from itsdangerous import BadSignature

from petitions.domain.errors import PassRefusedError
from petitions.web.asking import LOGIN_SECONDS
from petitions.web.edge import Proof, cookie, engine

STEP_COOKIE = "signing"
_FORM_SALT = "sign-form"


@dataclass(frozen=True, slots=True)
class Step:
    """What this browser carries between the steps: never a value derived from a person."""

    rid: bytes
    purpose: str


def room(lang: str, ref: str) -> str:
    return f"/{lang}/petitions/{ref}/sign"


def step_here() -> Step:
    sealed = cookie(STEP_COOKIE)
    opened = engine().seal.open(engine().clock(), sealed, b"signing-step")
    if opened is None:
        # signing takes this cookie away: one that is merely old stands for a step never finished
        raise PassRefusedError("expired" if sealed else "other_browser")
    found = json.loads(opened)
    return Step(bytes.fromhex(found["rid"]), found["purpose"])


def proof_of(petition_id: UUID, step: Step, purpose: str) -> Proof:
    if step.purpose != purpose:
        raise PassRefusedError("other_purpose")
    token = cookie("pass")
    if not token:
        raise PassRefusedError("missing")
    return engine().border.open_pass(
        token, context=petition_id.bytes, purpose=purpose, rid=step.rid, now=engine().clock()
    )


def form_token(step: Step) -> str:
    """Ties a form to this browser's step: no session is needed against forged posts."""
    return str(engine().signer.dumps(step.rid.hex(), salt=_FORM_SALT))


def step_of_form() -> Step:
    """The step that a form belongs to. Where the step is over, the form was sent before."""
    try:
        given = engine().signer.loads(
            request.form.get("csrf_token", ""), salt=_FORM_SALT, max_age=LOGIN_SECONDS
        )
    except BadSignature:
        # without the step, an old form may be one that was sent in time
        code = "form_too_old" if cookie(STEP_COOKIE) else "pass_used"
        raise PassRefusedError(code) from None
    if not cookie(STEP_COOKIE):
        raise PassRefusedError("pass_used")
    step = step_here()
    if not secrets.compare_digest(str(given), step.rid.hex()):
        raise PassRefusedError("other_tab")  # a login begun later replaced the step of this form
    return step
