"""What is asked of a provider: exactly what the realm needs, and signed or pushed where it must be."""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jws

from identity.errors import SettingsRefused
from identity.passes import StaffAsk
from identity.record_checks import parameters_sent
from tests.identity.conduct import BY_KEY, PLAIN, Profile, leave_for, opened_office, walk
from tests.identity.lying_provider import LyingProvider
from tests.identity.office import Office, office, opened

BIRTH = {"birthdate": {"claim": "birthdate", "from": "userinfo", "by_name": True}}


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(url.partition("?")[2]).items()}


def inside(url: str) -> dict[str, Any]:
    """What a signed request holds; that its signature is good the provider checks."""
    found = jws.extract_compact(query(url)["request"].encode())
    told: dict[str, Any] = json.loads(found.payload)
    return told


def test_a_claim_is_asked_by_name_where_no_scope_brings_it(tmp_path: Any) -> None:
    profile = Profile("by-name", request={"claims": ["amr"]}, more={"attributes": BIRTH})
    with opened_office(profile, tmp_path, https=True) as (provider, site):
        url = leave_for(site, site.browser())
        assert json.loads(query(url)["claims"]) == {
            "id_token": {"amr": {"essential": True}},
            "userinfo": {"birthdate": {"essential": True}},
        }
        assert query(url)["scope"] == "openid"
        assert walk(site, provider, site.browser()).status_code == 303


def test_a_claim_is_not_asked_where_the_realm_does_not_want_it(tmp_path: Any) -> None:
    profile = Profile("by-name", more={"attributes": BIRTH})
    with opened_office(profile, tmp_path, realm={"attributes": []}, https=True) as (_, site):
        assert "claims" not in query(leave_for(site, site.browser()))


@pytest.mark.parametrize(
    ("wanted", "scope"),
    [
        ([], "openid"),
        (["birthdate"], "openid profile"),
        (["birthdate", "citizen_of"], "openid profile"),
        (["area"], "openid address"),
    ],
)
def test_only_the_scopes_of_the_realm_are_asked_each_once(
    tmp_path: Any, wanted: list[str], scope: str
) -> None:
    attributes = {
        "birthdate": {"scope": "profile", "from": "userinfo"},
        "citizen_of": {"scope": "profile", "claim": "nationalities", "from": "userinfo"},
        "area": {"scope": "address", "claim": "address", "from": "userinfo"},
    }
    profile, realm = Profile("scopes", more={"attributes": attributes}), {"attributes": wanted}
    with opened_office(profile, tmp_path, realm=realm, https=True) as (_, site):
        assert query(leave_for(site, site.browser()))["scope"] == scope


SIGNED = Profile("signed", client=BY_KEY, more={"request_object": True, "max_age": 300})
SIGNED_PUSHED = Profile(
    "signed-pushed", client=BY_KEY, request={"par": True}, more={"request_object": True}
)


def test_a_signed_request_holds_everything_and_shows_little(tmp_path: Any) -> None:
    with opened_office(SIGNED, tmp_path, https=True) as (provider, site):
        url = leave_for(site, site.browser())
        assert set(query(url)) == {"response_type", "client_id", "scope", "request"}
        told = inside(url)
        names = parameters_sent(site.settings.providers["lying"].record) - {"request"}
        assert set(told) == names | {"iss", "aud", "exp", "iat", "nbf", "jti"}
        assert (told["iss"], told["aud"]) == ("petitions", provider.issuer)
        assert told["max_age"] == 300  # a number, as RFC 9101 wants it
        assert len(told["state"]) == len(told["nonce"]) == 64
        assert 0 < told["exp"] - told["iat"] <= 60


def test_a_login_by_a_signed_request_gives_a_pass(tmp_path: Any) -> None:
    values = set()
    for profile in (PLAIN, SIGNED, SIGNED_PUSHED):
        place = tmp_path / profile.name
        place.mkdir()
        with opened_office(profile, place, https=True) as (provider, site):
            browser = site.browser()
            assert walk(site, provider, browser).status_code == 303, site.outcomes[-1].reason
            values.add(opened(site, browser).assurance)
    assert values == {"low"}


def test_a_signed_request_may_be_pushed(tmp_path: Any) -> None:
    with opened_office(SIGNED_PUSHED, tmp_path, https=True) as (provider, site):
        url = leave_for(site, site.browser())
        assert set(query(url)) == {"client_id", "request_uri"}
        handed = provider.pushed[query(url)["request_uri"]]
        assert {"request", "client_id", "client_assertion"} <= set(handed)
        assert not {"state", "nonce", "redirect_uri", "acr_values"} & set(handed)


def test_two_petitions_signed_requests_differ_in_random_values_only(tmp_path: Any) -> None:
    with opened_office(SIGNED, tmp_path, https=True) as (_, site):
        first, second = (inside(leave_for(site, site.browser())) for _ in range(2))
        times = {"iat", "nbf", "exp"}
        differing = {name for name in first if first[name] != second[name]} - times
        assert differing == {"state", "nonce", "code_challenge", "jti"}


def test_a_signed_request_of_vectors_and_claims_holds_them_as_values(tmp_path: Any) -> None:
    profile = Profile(
        "values",
        client=BY_KEY,
        request={"acr_values": [], "vtr": ["Cl.Cm", "Cl"], "claims": ["amr"]},
        more={"request_object": True, "assurance": {"vot:Cl.Cm": "low", "vot:Cl": "low"}},
    )
    with opened_office(profile, tmp_path, https=True) as (_, site):
        told = inside(leave_for(site, site.browser()))
        assert told["vtr"] == ["Cl.Cm", "Cl"]
        assert told["claims"] == {"id_token": {"amr": {"essential": True}}}


def refusal(directory: Any, **more: Any) -> str:
    record = {**PLAIN.record("https://login.example.org"), **more}
    with pytest.raises(SettingsRefused) as refused:
        office({"providers": {"lying": record}}, directory / secrets.token_hex(4))
    return str(refused.value)


def test_a_signed_request_needs_a_key(tmp_path: Any) -> None:
    told = refusal(tmp_path, request_object=True)
    assert told == "identity.providers.lying.request_object: needs client.key_file and client.alg"


def test_sender_constrained_tokens_are_refused_with_a_sentence_and_never_ignored(
    tmp_path: Any,
) -> None:
    told = refusal(tmp_path, dpop=True)
    assert told.startswith("identity.providers.lying.dpop: is not carried out by this version")
    assert "leave the key out" in told
    assert refusal(tmp_path, dpop=False) == told


@pytest.mark.parametrize("name", ["claims", "request"])
def test_a_parameter_off_the_providers_list_stops_the_start(tmp_path: Any, name: str) -> None:
    record = PLAIN.record("https://login.example.org")
    allowed = sorted(parameters_of(record))
    more: Any = {"allowed_parameters": allowed}
    if name == "claims":
        more["request"] = {**record["request"], "claims": ["amr"]}
    else:
        more |= {"request_object": True, "client": BY_KEY}
    assert f"we would send {name}" in refusal(tmp_path, **more)


def parameters_of(record: dict[str, Any]) -> set[str]:
    names = {"response_type", "client_id", "redirect_uri", "scope", "acr_values", "state", "nonce"}
    return names | {"code_challenge", "code_challenge_method"}


def test_the_staffs_fresh_login_is_asked_inside_a_signed_request_too(tmp_path: Any) -> None:
    also = {"staff": {"like": "lying", "request": {}, "max_age": 900, "attributes": {},
                      "person": {"namespace": "house-staff", "one_per": "person"}}}  # fmt: skip
    staff = {"providers": ["staff"], "roles_from": "desk"}
    with opened_office(SIGNED, tmp_path, also=also, staff=staff, https=True) as pair:
        site: Office = pair[1]
        provider: LyingProvider = pair[0]
        asked = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16, fresh=True)
        told = inside(leave_for(site, site.browser(), asked))
        assert (told["prompt"], told["max_age"]) == ("login", 0)
        assert told["redirect_uri"].endswith("/identity/callback/staff")
        assert told["aud"] == provider.issuer
