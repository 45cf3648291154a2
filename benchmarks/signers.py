"""Confirm requests of many people, each with a pass of its own, made without a login."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from itsdangerous import URLSafeTimedSerializer

from benchmarks.ground import Ground
from benchmarks.load import request
from identity.daily_keys import DailyKeys
from identity.passes import Ask, IdentityBorder, new_pass
from identity.tokens import SigningKey
from petitions import border


def confirm_requests(
    base: Ground, petition: UUID, ref: str, number: int, person: bytes | None = None
) -> list[bytes]:
    """`number` POSTs of the confirm page by as many people, or all by one `person` (32 bytes)."""
    from pathlib import Path

    now = datetime.now(UTC)
    runtime = Path(base.settings.keys.runtime_directory)
    own = DailyKeys(runtime, "petitions")
    people = border.identity_keys(base.settings)
    sealer = IdentityBorder(
        ask_signers=[],
        sign_pass=SigningKey(lambda m: people.sign("pass-sign", m), people.public("pass-sign")),
        pass_public=own.pass_public,
    )
    secret = (base.folder / "secrets" / "web.secret").read_text().strip()
    signer = URLSafeTimedSerializer(secret)
    path = f"/en/petitions/{ref}/sign/confirm"
    found = []
    for _ in range(number):
        rid = secrets.token_bytes(16)
        ask = Ask(
            context=petition.bytes, purpose="sign", kid="p1", realm="town", assurance="low",
            on=now.date(), return_to=path, lang="en", rid=rid,
        )  # fmt: skip
        u = person or secrets.token_bytes(32)
        token = sealer.seal_pass(new_pass(ask, now, u=u, assurance="low"), now)
        step = json.dumps({"rid": rid.hex(), "purpose": "sign"}).encode()
        cookies = f"signing={own.seal_state(now, step, b'signing-step')}; pass={token}"
        form = {
            "csrf_token": signer.dumps(rid.hex(), salt="sign-form"),
            "draw": own.seal_state(now, secrets.token_bytes(32), b"draw" + rid),
            "declare": "y",
        }
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        found.append(request("POST", path, headers, urlencode(form).encode()))
    return found
