"""Who draws the random value of a receipt, and what the signer is given afterwards.

Rules of this module:
- a browser that runs scripts draws it, keeps it in its tab and sends the commitment: 64 hexadecimal
  digits in the field `c`; this server then never sees the value;
- an empty field means that no script ran: the value sealed into the form when it was shown is used,
  shown once and forgotten;
- anything else in the field is refused, and the form is shown again with what was entered.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from petitions.domain.errors import InvalidError, PassRefusedError
from petitions.ledger.commitments import commitment
from petitions.ledger.entries import Sign, leaf_hash, write
from petitions.ledger.notes import sign_note, split_note
from petitions.ledger.promise import parse_promise, promise_body, promise_name, promised_by
from petitions.ledger.receipt import receipt_file, short_code
from petitions.services.cooling_off import counts_from
from petitions.services.salts import SigningKeys
from petitions.services.signing import Act, Signed
from petitions.storage.tables import LogState, PetitionSigning
from petitions.web.edge import engine
from petitions.web.pages_signing import Draw, ReceiptBox
from petitions.web.receipts import qr_code
from petitions.web.signing_steps import Step

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The commitment, and the value behind it where this server drew it."""

    c: bytes
    r: bytes | None = field(repr=False)


def drawn_value(step: Step, origin: str, petition_id: UUID) -> Drawn:
    """From the form. InvalidError for a commitment of another shape, PassRefusedError for a form
    that is not this step's.
    """
    sent = request.form.get("c", "")
    if sent:
        if not _HEX.fullmatch(sent):
            raise InvalidError("commitment_malformed")
        return Drawn(bytes.fromhex(sent), None)
    r = engine().seal.open(engine().clock(), request.form.get("draw", ""), b"draw" + step.rid)
    if r is None:
        raise PassRefusedError("form_too_old")
    return Drawn(commitment(origin, petition_id, r), r)


def origin_of(session: Session, petition_id: UUID) -> str:
    """Name of the petition's log: a commitment is made for one log."""
    return session.scalars(
        select(LogState.origin)
        .join(PetitionSigning, PetitionSigning.log_id == LogState.log_id)
        .where(PetitionSigning.petition_id == petition_id)
    ).one()


def draw_here(step: Step, origin: str, petition_id: UUID, *, again: bool = False) -> Draw:
    """For the form. The browser sees a hash of the step, not what its cookie holds."""
    mark = hashlib.sha256(b"petition/draw-step/v1" + step.rid).hexdigest()[:32]
    return Draw(str(petition_id), origin, mark, again)


def promised(
    keys: SigningKeys, act: Act, drawn: Drawn, found: Signed, at: datetime
) -> dict[str, Any]:
    """What the next page shows once. Without `r`, the browser completes the receipt."""
    the, origin, key = engine(), keys.origin, keys.promise_key
    leaf = leaf_hash(write(act.petition_id, Sign(act.commitment)))
    note = sign_note(
        promise_body(
            origin,
            act.petition_id,
            leaf,
            found.log_size,
            promised_by(counts_from(keys.terms, at) or at),
        ),
        promise_name(origin),
        lambda message: the.house.keys.sign(key, message),
        the.house.keys.public(key),
    )
    content = {"c": act.commitment.hex(), "promise": note}
    return content if drawn.r is None else {**content, "r": b64encode(drawn.r).decode()}


def receipt_box(petition_id: UUID, content: Mapping[str, str], lang: str) -> ReceiptBox:
    note = content["promise"]
    promise = parse_promise(split_note(note)[0])
    address = f"/{lang}/receipt"
    box = ReceiptBox(
        short_code=short_code(bytes.fromhex(content["c"])),
        download_href="",
        check_href=address,
        check_address=engine().settings.site.base_url + address,
        promised_by=datetime.fromtimestamp(promise.by, UTC),
    )
    if "r" not in content:
        return replace(
            box, promise=note, promise_href=_link(note), petition=str(petition_id),
            origin=promise.origin, c=content["c"],
        )  # fmt: skip
    text = receipt_file(petition_id, b64decode(content["r"]), note)
    return replace(box, download_href=_link(text), text=text, qr=qr_code(text))


def _link(text: str) -> str:
    return f"data:text/plain;base64,{b64encode(text.encode()).decode()}"
