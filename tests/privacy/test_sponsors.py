"""A planted sponsor: nothing of the person, the values of the login or the link stays anywhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from petitions.domain.lifecycle import Action
from petitions.services.sponsor_keys import sponsor_context
from petitions.storage import tables as t
from petitions.web.edge import EXTENSION
from tests.house import changed_library
from tests.privacy.canaries import Canary, search
from tests.privacy.everything import moment, pieces
from tests.privacy.planted import Trace, Watched, log_in, plant
from tests.privacy.test_canary import SEALED, places_of, production_log
from tests.web.test_sponsors import SIGNING, SUPPORTERS, a_link, confirm, reference, sent
from tests.web.town import Town, form_of, open_town

SEALED_BY_US = {"support": b"support-step"}


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    rules = f"{SUPPORTERS}{SIGNING}author_signs = true\n"
    changed_library(tmp_path, "town", {SIGNING: rules})
    with open_town(tmp_path, database_uri, rulebooks=tmp_path / "rulebooks") as found:
        yield found


def values_of(browser: Watched, ref: str) -> list[Canary]:
    """Both values of the pass that this browser carries, opened as the petition side opens it."""
    the = browser.town.site.app.extensions[EXTENSION]
    at, held = browser.town.site.at, browser.cookies()
    step = json.loads(the.seal.open(at, held["support"], SEALED_BY_US["support"]))
    with browser.town.site.session() as session:
        petition = browser.town.site.petition(session, ref).id
    proof = the.border.open_pass(
        held["pass"], context=sponsor_context(petition).bytes, purpose="sponsor",
        rid=bytes.fromhex(step["rid"]), now=at,
    )  # fmt: skip
    return [Canary("u among sponsors", proof.u), Canary("u of the signature", proof.also[0])]


def read_as(value: str) -> list[bytes]:
    """A cookie as it is and decoded."""
    whole = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    return [value.encode(), whole]


def test_nothing_of_a_sponsor_stays_but_two_codes_that_do_not_compare(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = Trace()
    author = town.browser()
    page = sent(town, author)
    ref = reference(author.get(page).text)
    link = a_link(author, page, shared="y")
    canaries = plant(town, trace)
    planted = Watched(town, trace)
    with production_log(capsys, trace):
        planted.get(link)
        log_in(planted, f"{link}/login")
        trace.secrets += values_of(planted, ref)
        form = form_of(planted.get("/en/support/confirm").text, "/en/support/confirm")
        assert planted.post("/en/support/confirm", form).status_code == 422
        answer = planted.post("/en/support/confirm", {**form, "declare": "y"})
        assert answer.location.endswith("what=signed"), answer.text[-800:]
        confirm(town.browser(), link, "chloé")
        town.site.decide(ref, Action.ACCEPT)
        town.integrate()
    one, other = trace.secrets
    assert one.value != other.value
    places = places_of(town, trace)
    assert search(places, [*canaries, one, other]) == []
    secret = Canary.of("link", link.rpartition("/")[2])
    elsewhere = ("page ", "cookie ")
    held = {place: what for place, what in places.items() if not place.startswith(elsewhere)}
    assert search(held | {"log": trace.log.encode()}, [secret]) == []
    cookies = {name for name, _ in trace.cookies}
    assert {"support", "pass", "ask"} <= cookies
    assert "support" in SEALED
    for name, value in trace.cookies:
        if name == "support":
            assert secret.value not in b"".join(read_as(value)), "the link can be read in it"


def test_sponsors_and_signatures_share_no_value_of_eight_bytes(town: Town) -> None:
    author = town.browser()
    page = sent(town, author)
    ref = reference(author.get(page).text)
    link = a_link(author, page, shared="y")
    for person in ("bastien leroy", "chloé"):
        confirm(town.browser(), link, person)
    town.site.decide(ref, Action.ACCEPT)
    town.integrate()
    with town.site.session() as session:
        told = [bytes(tag) for tag in session.scalars(select(t.Sponsor.tag))]
    assert len(told) == 3
    others = [
        value
        for place, values in moment(town).held.items()
        if place[:2] != ("table", "sponsor")
        for value in values
    ]
    assert not pieces(told) & pieces(others)
    assert town.count(t.HeldEntry) == 0
