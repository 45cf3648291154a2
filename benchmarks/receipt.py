"""The receipt page (as everybody gets it, and checking without scripts) beside hello world."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from statistics import median
from urllib.parse import urlencode
from uuid import UUID

from benchmarks.ground import Ground, ground, published_petition, serving, turn_log
from benchmarks.load import request, send_all
from petitions.ledger.commitments import commitment
from petitions.ledger.entries import Sign, leaf_hash, write
from petitions.ledger.notes import sign_note
from petitions.ledger.promise import promise_body, promise_name, promised_by
from petitions.ledger.receipt import receipt_file
from petitions.services.salts import unwrap
from petitions.services.signing import Act, Signed, sign

ROUNDS, PER_ROUND, CHECKED, CONNECTIONS, PEOPLE = 5, 6_000, 600, 32, 2_000


def signed_receipt(base: Ground, petition: UUID) -> str:
    """One signature among `PEOPLE` of one batch, with the receipt that its signer would keep."""
    at, keys = datetime.now(UTC), base.house.keys
    with base.sessions.begin() as session:
        secret = unwrap(session, base.house, petition)
        for _person in range(PEOPLE):
            r = secrets.token_bytes(32)
            c = commitment(secret.origin, petition, r)
            act = Act(
                petition_id=petition, u=secrets.token_bytes(32), jti=secrets.token_bytes(16),
                jti_expires=at, commitment=c,
            )  # fmt: skip
            done = sign(session, base.house, secret, act, at)
    assert isinstance(done, Signed)
    leaf = leaf_hash(write(petition, Sign(c)))
    body = promise_body(secret.origin, petition, leaf, done.log_size, promised_by(at))
    key = f"promise/{secret.log_id}"
    note = sign_note(
        body, promise_name(secret.origin), lambda m: keys.sign(key, m), keys.public(key)
    )
    return receipt_file(petition, r, note)


def run() -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"page": [], "check": [], "hello": []}
    with ground() as base:
        petition, _ref = published_petition(base)
        turn_log(base)
        receipt = signed_receipt(base, petition)
        turn_log(base)
        page = request("GET", "/en/receipt", {"Accept-Encoding": "gzip"})
        form = urlencode({"text": receipt}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        check = request("POST", "/en/receipt", kind, form)
        hello = request("GET", "/hello", {})
        with (
            serving(base, "petitions.wsgi:app", 18000),
            serving(base, "benchmarks.bare:app", 18005),
        ):
            send_all(18000, [page] * 300, CONNECTIONS)
            send_all(18000, [check] * 60, CONNECTIONS)
            send_all(18005, [hello] * 300, CONNECTIONS)
            for _ in range(ROUNDS):
                for name, prepared, number in (
                    ("page", page, PER_ROUND),
                    ("check", check, CHECKED),
                ):
                    shown = send_all(18000, [prepared] * number, CONNECTIONS)
                    if set(shown.statuses) != {200}:
                        raise RuntimeError(f"{name}: {shown.statuses}")
                    found[name].append(shown.rate)
                found["hello"].append(send_all(18005, [hello] * PER_ROUND, CONNECTIONS).rate)
    return found


def report(found: dict[str, list[float]]) -> str:
    hello = median(found["hello"])
    return "\n".join(
        f"{text:14}{median(found[name]):10,.0f}/s  ({min(found[name]):,.0f}–{max(found[name]):,.0f})"
        f"  ratio {median(found[name]) / hello:.2f}"
        for name, text in (
            ("page", "receipt page"),
            ("check", "check here"),
            ("hello", "hello world"),
        )
    )
