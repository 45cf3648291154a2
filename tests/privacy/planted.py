"""A planted person, and a whole life of a petition in which this person takes part.

The person files, signs and withdraws through the real pages; every answer is kept for the search.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from petitions.ledger.receipt import parse_receipt
from petitions.services.salts import unwrap
from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from petitions.web.open_petitions import sign_once
from tests.house import an_act
from tests.privacy.canaries import Canary
from tests.web.site import token
from tests.web.town import AMINA, Browser, Town, form_of, key_of

NAME, GIVEN, MAIL = "Zephyrine Quartzkanarie", "Zephyrine", "zephyrine.q7x@post.example"
BIRTH, ADDRESS, AHEAD = "1971-07-17", "203.0.113.177", "198.51.100.223"
STAFF_SUB = "staff-sub-Kanarie-4711"
AGENT = "Kanarienvogel/9.31 (planted; rv:77)"
STEP = ("signing", b"signing-step")


@dataclass
class Trace:
    """What the site answered, set and logged during the life."""

    pages: dict[str, bytes] = field(default_factory=dict)
    heads: dict[str, bytes] = field(default_factory=dict)
    """Headers of each answer, the way to the provider among them; no cookies."""
    cookies: dict[tuple[str, str], None] = field(default_factory=dict)
    log: str = ""
    sub: str = ""
    secrets: list[Canary] = field(default_factory=list)
    receipts: list[Canary] = field(default_factory=list)

    def answered(self, answer: Any) -> None:
        number = len(self.pages)
        where = f"page {number}: {answer.request.method} {answer.request.path}"
        headers = "\n".join(f"{n}: {v}" for n, v in answer.headers if n != "Set-Cookie")
        if answer.headers.get("Location", "").startswith("http"):
            # the provider's own token goes back to the provider at its logout (OpenID Connect)
            headers = re.sub(r"id_token_hint=[^&\s]*", "id_token_hint=", headers)
        self.heads[where] = headers.encode()
        self.pages[where] = headers.encode() + b"\n" + answer.get_data()
        for line in answer.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if value:
                self.cookies[name, value] = None


class Watched(Browser):
    """A browser of the planted person: its address and name of program go with every request."""

    trace: Trace

    def __init__(self, town: Town, trace: Trace) -> None:
        super().__init__(town, town.site.visitor())
        self.trace = trace
        self.client.environ_base |= {
            "REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": AGENT, "HTTP_X_FORWARDED_FOR": AHEAD,
            "HTTP_X_REAL_IP": AHEAD, "HTTP_FORWARDED": f"for={AHEAD}",
        }  # fmt: skip

    def get(self, path: str, **more: Any) -> Any:
        answer = super().get(path, **more)
        self.trace.answered(answer)
        return answer

    def post(self, path: str, form: Any, **more: Any) -> Any:
        answer = super().post(path, form, **more)
        self.trace.answered(answer)
        return answer


def plant(town: Town, trace: Trace) -> list[Canary]:
    """What the provider knows of the person; our side may use some of it, and keep none."""
    trace.sub = sub = secrets.token_hex(32) + "v1"
    town.citizens.claims |= {"sub": sub, "name": NAME, "email": MAIL, "given_name": GIVEN}
    town.citizens.user |= {"birthdate": BIRTH, "name": NAME, "email": MAIL, "given_name": GIVEN}
    town.citizens.user |= {
        "phone_number": "+33 6 99 88 77 66",
        "address": {"street": "11 rue du Canari"},
    }
    texts = {"sub": sub, "name": NAME, "given name": GIVEN, "mail": MAIL, "birth": BIRTH, "address": ADDRESS,
             "forwarded": AHEAD, "agent": AGENT, "phone": "+33 6 99 88 77 66", "street": "11 rue du Canari"}  # fmt: skip
    texts |= {"sub of another": key_of(AMINA), "sub of staff": STAFF_SUB}
    return [Canary.of(name, text) for name, text in texts.items()]


def log_in(browser: Watched, start: str) -> Any:
    """As the planted person."""
    browser.town.citizens.claims["sub"] = browser.trace.sub
    return browser.get(browser.town.citizens.log_in(browser.leave(start)))


def context_of(town: Town, ref: str) -> UUID:
    with town.site.session() as session:
        return town.site.petition(session, ref).id


def value_in(browser: Watched, context: UUID, purpose: str, cookie: str, use: bytes) -> Canary:
    """u of the pass that this browser carries, opened as the petition side opens it."""
    the = browser.town.site.app.extensions[EXTENSION]
    at, held = browser.town.site.at, browser.cookies()
    step = json.loads(the.seal.open(at, held[cookie], use))
    proof = the.border.open_pass(
        held["pass"],
        context=context.bytes,
        purpose=purpose,
        rid=bytes.fromhex(step["rid"]),
        now=at,
    )
    return Canary(f"u to {purpose}", proof.u)


def sign(browser: Watched, ref: str) -> None:
    path = f"/fr/petitions/{ref}/sign/confirm"
    log_in(browser, f"/fr/petitions/{ref}/sign")
    browser.trace.secrets.append(value_in(browser, context_of(browser.town, ref), "sign", *STEP))
    form = {**form_of(browser.get(path).text, path), "declare": "y"}
    assert browser.post(path, {**form, "declare": ""}).status_code == 422
    assert browser.post(path, form).headers["Location"].endswith("/done")
    done = Browser.get(browser, f"/fr/petitions/{ref}/sign/done")  # shows r, to this person alone
    receipt = re.search(r'data:text/plain;base64,([^"]+)"', done.text)
    assert receipt
    browser.trace.receipts.append(
        Canary("r", parse_receipt(base64.b64decode(receipt[1]).decode()).r)
    )


def withdraw(browser: Watched, ref: str) -> None:
    path = f"/fr/petitions/{ref}/sign/withdraw"
    log_in(browser, path)
    browser.trace.secrets.append(
        value_in(browser, context_of(browser.town, ref), "withdraw", *STEP)
    )
    page = browser.get(f"{path}/confirm")
    assert browser.post(f"{path}/confirm", form_of(page.text, f"{path}/confirm")).status_code == 200


def file_as_author(browser: Watched) -> str:
    """The whole journey of an author, who types another name than the provider knows."""
    log_in(browser, "/fr/start/login?assembly=valmont")
    with browser.town.site.session() as session:
        context = session.get_one(t.AuthorContext, "valmont").context
    browser.trace.secrets.append(value_in(browser, context, "author", "login-step", b"login-step"))
    assert browser.get("/fr/start/back").status_code == 303
    step = browser.post(
        "/fr/start/new",
        {"csrf_token": token(browser.client, "/fr/start/new"), "kind": "petition", "language": "fr",
         "title": "Une école de musique ouverte le soir"},
    )  # fmt: skip
    draft = step.headers["Location"].rpartition("/")[0]
    csrf = {"csrf_token": token(browser.client, f"{draft}/similar")}
    browser.post(f"{draft}/similar", {**csrf, "difference": "Elle parle des soirées."})
    words = {"title": "Une école de musique ouverte le soir", "seen": "y",
             "request": "Nous demandons que l’école de musique ouvre le soir.",
             "reasons": "Beaucoup de parents travaillent jusqu’à dix-huit heures."}  # fmt: skip
    browser.post(f"{draft}/text", {**csrf, **words})
    browser.post(f"{draft}/you", {**csrf, "name": "Collectif du soir", "email": "soir@example.org"})
    page = browser.get(f"{draft}/check").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version, page[-1500:]
    sent = browser.post(f"{draft}/check", {**csrf, "version": version[1]})
    assert sent.headers["Location"].endswith("/sent"), sent.text[-800:]
    reference = re.search(r"2026-\d{4}", browser.get(sent.headers["Location"]).text)
    assert reference
    return reference[0]


def live(town: Town, trace: Trace) -> str:
    """File, admit, sign by two people, withdraw, reach the milestone, examine."""
    author = Watched(town, trace)
    ref = file_as_author(author)
    office = Watched(town, trace)
    assert office.log_in_staff(sub=STAFF_SUB).status_code == 303
    office.get("/office/queue")
    town.site.decide(
        ref, __import__("petitions.domain.lifecycle", fromlist=["Action"]).Action.ACCEPT
    )
    planted = Watched(town, trace)
    sign(planted, ref)
    town.browser().sign(ref)
    town.integrate()
    withdraw(Watched(town, trace), ref)
    town.integrate()
    with town.site.session() as session:
        petition = town.site.petition(session, ref)
        keys = unwrap(session, town.site.house, petition.id)
    the = town.site.app.extensions[EXTENSION]
    for person in range(26):
        sign_once(the, keys, an_act(town.site.house, petition.id, person, town.site.at))
    town.integrate()
    assert town.site.state(ref) == "threshold_reached"
    town.site.examine(ref, "Adopté.")
    town.integrate()
    return ref
