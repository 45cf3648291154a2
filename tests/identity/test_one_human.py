"""One human, one signature: two providers of one number, other spellings, a renamed issuer, a key
off its form. Through to the tag, which the database takes once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import KeySet
from sqlalchemy import Engine

from identity import service as identity_service
from identity.outcomes import Outcome
from identity.providers.breaker import Bulkhead
from petitions.services.salts import unwrap
from petitions.services.signing import AlreadySigned, Signed, sign
from tests.house import Precinct, a_precinct, an_act
from tests.identity.conduct import assert_refused, get
from tests.identity.lying_provider import Lies, public_keys_of
from tests.identity.office import Office, arrive, ask, office, opened
from tests.identity.papers import SITE, put_secrets, whole
from tests.identity.real_providers import CONDUCTS, RealProvider
from tests.identity.wire import wired

ITSME_NUMBER = "http://itsme.services/v2/claim/BENationalNumber"


@contextmanager
def belgium(folder: Path) -> Iterator[tuple[Office, dict[str, RealProvider]]]:
    """The realm of itsme and CSAM, as on the page."""
    table = whole()
    put_secrets(folder, table)
    site = office(table, folder, base_url=SITE)
    keys = public_keys_of(get(site.browser(), "/identity/keys.json", SITE).get_json())
    # itsme's own realm asks an age by name; the realm of both has it declared
    conducts = {name: replace(CONDUCTS[name], asked={}) for name in ("itsme", "csam")}
    found = {name: RealProvider(conduct, lambda: keys) for name, conduct in conducts.items()}
    own = site.settings.providers["itsme"].secrets.decryption
    named = {key.kid for key in own or ()}
    found["itsme"].client_keys = KeySet([key for key in keys if key.kid in named])
    for provider in found.values():
        provider.clock = site.clock
    with wired(*found.values()):
        yield site, found


def log_in(site: Office, provider: RealProvider, name: str, context: bytes = b"c" * 16) -> Any:
    """A login by this provider in the realm of both; (the answer, the browser, what was asked)."""
    provider.lies = Lies()
    browser, asked = site.browser(), ask(site.now, realm="belgium", context=context)
    arrive(site, browser, asked)
    away = get(browser, f"/identity/go/{name}", SITE)
    assert away.status_code == 303, site.outcomes[-1].reason
    answer = get(browser, provider.log_in(away.headers["Location"]), SITE)
    return answer, browser, asked


def u_by(site: Office, provider: RealProvider, name: str, context: bytes = b"c" * 16) -> bytes:
    answer, browser, asked = log_in(site, provider, name, context)
    assert answer.status_code == 303, site.outcomes[-1].reason
    return opened(site, browser, asked).u


@pytest.fixture(scope="module")
def house(tmp_path_factory: Any) -> Iterator[tuple[Office, dict[str, RealProvider]]]:
    with belgium(tmp_path_factory.mktemp("belgium")) as found:
        yield found


@pytest.fixture
def both(
    house: tuple[Office, dict[str, RealProvider]], monkeypatch: pytest.MonkeyPatch
) -> tuple[Office, dict[str, RealProvider]]:
    """The one site and its two providers, each again as its papers say."""
    site, providers = house
    for provider in providers.values():
        provider.user = dict(provider.conduct.user)
    monkeypatch.setattr(site.service, "bulkhead", Bulkhead(2))
    return house


def test_two_providers_with_one_national_number_give_one_u(
    both: tuple[Office, dict[str, RealProvider]],
) -> None:
    site, providers = both
    assert providers["itsme"].user[ITSME_NUMBER] != providers["csam"].user["egovNRN"]  # spellings
    assert providers["itsme"].claims["sub"] != providers["csam"].claims["sub"]
    values = {name: u_by(site, provider, name) for name, provider in providers.items()}
    assert values["itsme"] == values["csam"]
    assert u_by(site, providers["csam"], "csam", context=b"d" * 16) != values["csam"]


def signed(precinct: Precinct, petition: Any, u: bytes) -> Signed | AlreadySigned:
    at = precinct.clock.at
    act = an_act(precinct.house, petition, 0, at)
    with precinct.session() as session:
        keys = unwrap(session, precinct.house, petition)
        brought = type(act)(
            petition_id=petition,
            u=u,
            jti=act.jti,
            jti_expires=at + timedelta(minutes=10),
            commitment=act.commitment,
        )
        return sign(session, precinct.house, keys, brought, at)


def test_who_comes_by_two_providers_signs_once(
    both: tuple[Office, dict[str, RealProvider]], tmp_path: Path, engine: Engine
) -> None:
    site, providers = both
    precinct = a_precinct(tmp_path / "town", engine)
    petition = precinct.publish()
    first = signed(precinct, petition, u_by(site, providers["itsme"], "itsme"))
    second = signed(precinct, petition, u_by(site, providers["csam"], "csam"))
    assert isinstance(first, Signed)
    assert isinstance(second, AlreadySigned)
    providers["csam"].user["egovNRN"] = "00010100105"  # another human
    assert isinstance(signed(precinct, petition, u_by(site, providers["csam"], "csam")), Signed)


@pytest.mark.parametrize("number", ["85073003329", "8507300332", "85073003328x", "", 85073003328])
def test_a_number_off_its_form_is_never_a_new_person(
    both: tuple[Office, dict[str, RealProvider]], number: Any
) -> None:
    site, providers = both
    providers["csam"].user["egovNRN"] = number
    answer, browser, _ = log_in(site, providers["csam"], "csam")
    missing = number == "" or not isinstance(number, str)
    assert_refused(site, browser, answer, "not_verified" if missing else "key_changed")
    outcome: Outcome = site.outcomes[-1]
    assert outcome.reason == ("person_key_missing" if missing else "person_key_off_form")
    assert outcome.alarm
    assert str(number) == "" or str(number) not in answer.get_data(as_text=True)


def test_no_more_people_are_stretched_at_once_than_the_bulkhead_has_places(
    both: tuple[Office, dict[str, RealProvider]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 MiB each: without the limit a crowd at closing time would take the machine's memory."""
    site, providers = both
    site.service.bulkhead = Bulkhead(1, wait=0.01)
    inside, gate = threading.Event(), threading.Event()
    at_once: list[int] = [0, 0]  # now, most
    before = identity_service.stretched_key

    def slow(*args: Any, **kwargs: Any) -> bytes:
        at_once[0] += 1
        at_once[1] = max(at_once)
        inside.set()
        assert gate.wait(20)
        at_once[0] -= 1
        return before(*args, **kwargs)

    monkeypatch.setattr(identity_service, "stretched_key", slow)
    away = []
    for _ in range(2):
        browser, asked = site.browser(), ask(site.now, realm="belgium")
        arrive(site, browser, asked)
        url = get(browser, "/identity/go/csam", SITE).headers["Location"]
        away.append((browser, providers["csam"].log_in(url)))
    done: list[int] = []
    (first, one), (second, two) = away
    waiting = threading.Thread(target=lambda: done.append(get(first, one, SITE).status_code))
    waiting.start()
    assert inside.wait(20)
    answer = get(second, two, SITE)
    assert (answer.status_code, site.outcomes[-1].reason) == (503, "bulkhead_full")
    gate.set()
    waiting.join(20)
    assert done == [303]
    assert at_once[1] == 1
