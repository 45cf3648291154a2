"""The records of docs/providers.md: each loads as it stands, and a whole login is made with it.

The provider at the other end behaves as its own papers say (`tests.identity.real_providers`), under
its real issuer and paths.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import KeySet

from identity.pseudonym import identity_value, stretched_key
from identity.realms import RealmCatalogue
from petitions import border
from petitions.platform.config import settings_from
from tests.identity.conduct import assert_refused, get, leave_for, walk
from tests.identity.lies import by_algorithm
from tests.identity.lying_provider import Lies, public_keys_of
from tests.identity.office import CHEAP, Office, arrive, ask, office, opened
from tests.identity.papers import BLOCKS, FENCE, PAGE, ROOT, SITE, loaded, put_secrets, whole
from tests.identity.real_providers import CONDUCTS, RealProvider
from tests.identity.wire import wired

# What one person's key becomes, where it is not the claim itself.
KEYS = {"itsme": "85073003328", "csam": "85073003328", "spid_cie": "RSSMRA85T10A562S"}
# The realm of each record, and an answer of the provider that is worth less than was asked.
REALMS = {name: name for name in CONDUCTS} | {"csam": "belgium"}
LESS = {
    "franceconnect": {"acr": "eidas0"},
    "franceconnect_plus": {"acr": "eidas1"},
    "itsme": {"acr": "http://itsme.services/v2/claim/acr_basic"},
    "csam": {"acr": "urn:be:fedict:iam:fas:Level100"},
    "one_login": {"vot": "Cl"},
    "spid_cie": {"acr": "https://www.spid.gov.it/SpidL1"},
    "id_porten": {"acr": "idporten-loa-low"},
}


def test_every_record_of_the_page_loads_in_production(tmp_path: Path) -> None:
    found = loaded(tmp_path, whole(), "production")
    assert set(found.providers) == set(CONDUCTS)
    assert found.secure
    for name, provider in found.providers.items():
        assert provider.record.issuer == CONDUCTS[name].issuer
        assert provider.redirect_uri == f"{SITE}/identity/callback/{name}"


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_of_the_page_loads_alone_or_with_the_block_it_builds_on(
    tmp_path: Path, number: int
) -> None:
    told = tomllib.loads(BLOCKS[number])["identity"]
    all_of_it = whole()["providers"]
    providers = dict(told["providers"])
    for record in told["providers"].values():
        if "like" in record:
            providers[record["like"]] = all_of_it[record["like"]]
    for realm in told["realms"].values():
        providers |= {name: all_of_it[name] for name in realm["providers"]}
    table = {"providers": providers, "realms": told["realms"]}
    assert set(loaded(tmp_path, table, "production").realms) == set(told["realms"])


def test_the_engines_own_loader_takes_the_page_in_the_place_of_the_example(tmp_path: Path) -> None:
    raw = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))
    assert raw["environment"] == "production"
    put_secrets(tmp_path, whole())
    raw["identity"], raw["keys"]["secrets_directory"] = whole(), str(tmp_path)
    found = border.load_identity(settings_from(raw, "config.toml"))
    assert set(found.realms) == {*CONDUCTS, "belgium"} - {"csam"}


def test_the_page_says_of_each_provider_what_it_cannot_prove() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    with_records = [part for part in sections if FENCE.search(part)]
    assert len(with_records) == len(CONDUCTS)
    for part in with_records:
        told = "o confirm" in part or "to be confirmed" in part
        assert told or part.startswith("Any other"), part[:40]


@dataclass(frozen=True)
class Place:
    """A site with one record of the page, and the provider it speaks of."""

    name: str
    provider: RealProvider
    site: Office

    def browser(self) -> FlaskClient:
        return self.site.browser()

    def asked(self, **changed: Any) -> Any:
        assurance = next(iter(self.record.assurance.values()))
        realm = REALMS[self.name]
        return ask(self.site.now, realm=realm, assurance=assurance, **changed)

    @property
    def record(self) -> Any:
        return self.site.settings.providers[self.name].record

    def go(self, browser: FlaskClient, asked: Any) -> str:
        """From the chooser's button to the provider; official buttons come after a page."""
        arrive(self.site, browser, asked)
        answer = get(browser, f"/identity/go/{self.name}", SITE)
        assert answer.status_code == 303, self.site.outcomes[-1].reason
        return answer.headers["Location"]

    def log_in(self, browser: FlaskClient, asked: Any, **lies: Any) -> Any:
        self.provider.lies = Lies(**lies)
        return get(browser, self.provider.log_in(self.go(browser, asked)), SITE)


@contextmanager
def place_of(name: str, directory: Path) -> Iterator[Place]:
    table = whole()
    put_secrets(directory, table)
    site = office(table, directory, base_url=SITE)
    held = site.browser()
    keys = public_keys_of(get(held, "/identity/keys.json", SITE).get_json())
    provider = RealProvider(CONDUCTS[name], lambda: keys)
    if provider.encrypted:  # its own key among those that we publish for all
        own = site.settings.providers[name].secrets.decryption
        named = {key.kid for key in own or ()}
        provider.client_keys = KeySet([key for key in keys if key.kid in named])
    provider.clock = site.clock
    with wired(provider):
        yield Place(name, provider, site)


@pytest.fixture(scope="module", params=CONDUCTS)
def place(request: Any, tmp_path_factory: Any) -> Iterator[Place]:
    with place_of(request.param, tmp_path_factory.mktemp("real")) as found:
        yield found


def test_a_whole_login_is_made_with_the_record(place: Place) -> None:
    browser, asked = place.browser(), place.asked()
    answer = place.log_in(browser, asked)
    assert answer.status_code == 303, place.site.outcomes[-1].reason

    def prf(message: bytes) -> bytes:
        return place.site.borders.identity_keys.prf("pepper/2026a", message)

    person = place.record.person
    key = KEYS.get(place.name, place.provider.claims.get("sub", "")).encode()
    if person.stretch:
        key = stretched_key(prf, realm=asked.realm, key=key, cost=CHEAP)
    assert opened(place.site, browser, asked).u == identity_value(
        prf,
        deployment="petitions.example.org",
        realm=asked.realm,
        context=asked.context,
        namespace=person.namespace,
        key=key,
    )


def test_two_petitions_differ_at_the_provider_in_random_values_only(place: Place) -> None:
    sent = []
    for number in (1, 2):
        asked = place.asked(context=bytes([number]) * 16, return_to=f"/en/petitions/{number}")
        place.log_in(place.browser(), asked)
        sent.append(dict(place.provider.asked[-1]))
    for each in sent:
        each.pop("client_assertion", None)  # a new jti with each pushed request
    differing = {name for name in sent[0] if sent[0][name] != sent[1].get(name)}
    challenge = {"code_challenge"} if place.record.request.pkce == "S256" else set()
    assert differing == {"state", "nonce"} | challenge
    assert sent[0].keys() == sent[1].keys()
    assert len(sent[0]["state"]) == len(sent[0]["nonce"]) == 64


def test_the_scopes_sent_are_the_realms_and_no_more(place: Place) -> None:
    place.log_in(place.browser(), place.asked())
    realm = place.site.settings.realms[REALMS[place.name]]
    brought = {place.record.attributes[name].scope for name in realm.attributes} - {None}
    sent = place.provider.asked[-1]["scope"].split()
    assert len(set(sent)) == len(sent)
    assert set(sent) == {*place.record.request.scopes, *brought}


def test_a_lower_level_than_the_record_takes_is_refused(place: Place) -> None:
    if place.name not in LESS:
        assert list(place.record.assurance) == ["*"]
        return
    browser = place.browser()
    answer = place.log_in(browser, place.asked(), id_claims=dict(LESS[place.name]))
    assert_refused(place.site, browser, answer, "not_verified")
    assert place.site.outcomes[-1].reason == "assurance_outside_the_set"


def test_an_answer_by_another_algorithm_is_refused(place: Place) -> None:
    place.provider.lies = Lies()
    browser, asked = place.browser(), place.asked()
    url = place.go(browser, asked)
    other = "PS256" if place.provider.alg.startswith("RS") else "RS512"
    by_algorithm(other)(place.provider)
    answer = get(browser, place.provider.log_in(url), SITE)
    assert answer.status_code == 502
    assert place.site.outcomes[-1].reason == "algorithm_not_pinned"


def test_logging_out_there_takes_the_three_parameters(place: Place) -> None:
    browser, asked = place.browser(), place.asked()
    place.log_in(browser, asked)
    away = get(browser, "/identity/leave", SITE).headers["Location"]
    if place.record.page.logout == "none" or "end_session_endpoint" not in place.provider.places:
        assert urlsplit(away).path == "/identity/left"
        return
    assert away.startswith(place.provider.at("end_session_endpoint") + "?")
    sent = {name: values[0] for name, values in parse_qs(urlsplit(away).query).items()}
    assert set(sent) == {"id_token_hint", "state", "post_logout_redirect_uri"}
    assert sent["post_logout_redirect_uri"] == f"{SITE}/identity/left"
    assert sent["id_token_hint"].count(".") == 2
    back = get(browser, f"/identity/left?state={sent['state']}", SITE)
    assert back.status_code == 200
    assert place.site.last_page()["confirmed"] is True


def test_the_realms_of_the_page_carry_what_they_are_meant_for(tmp_path: Path) -> None:
    catalogue = RealmCatalogue(loaded(tmp_path, whole(), "production"))
    adult = [{"age_min": 18}]
    for realm in ("franceconnect", "franceconnect_plus", "belgium", "spid_cie", "id_porten"):
        catalogue.check(realm, predicates=adult, assurances=["low"])
    for realm in ("one_login", "generic"):
        catalogue.check(realm, predicates=adult, uniqueness="account")
        assert catalogue.needs_account_notice(realm)


def test_franceconnects_anonymous_page_stands_for_scope_openid_alone(tmp_path: Path) -> None:
    """A realm without attributes asks for nothing beyond the person's key."""
    table = whole()
    table["realms"]["franceconnect"] |= {"attributes": []}
    put_secrets(tmp_path, table)
    site = office(table, tmp_path, base_url=SITE)
    provider = RealProvider(CONDUCTS["franceconnect"], lambda: public_keys_of({"keys": []}))
    provider.clock = site.clock
    with wired(provider):
        found = Place("franceconnect", provider, site)
        assert found.log_in(found.browser(), found.asked()).status_code == 303
    assert provider.asked[-1]["scope"] == "openid"
    assert not any(call.endswith("/userinfo") for call in provider.calls)


def test_the_walk_of_other_tests_takes_https_sites_too(tmp_path: Path) -> None:
    with place_of("generic", tmp_path) as found:
        browser, asked = found.browser(), found.asked()
        assert leave_for(found.site, browser, asked).startswith(
            "https://login.example.org/authorize?"
        )
        assert walk(found.site, found.provider, browser, asked).status_code == 303
