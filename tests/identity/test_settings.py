"""The `[identity]` table: what each refusal names, and the shipped examples of real providers."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from identity.errors import SettingsRefused
from identity.realms import RealmCatalogue
from identity.settings import IdentitySettings, load
from tests.identity.conduct import write_keys

SITE = "https://petitions.example.org"
TABLE = tomllib.loads("""
[providers.france]
issuer  = "https://oidc.franceconnect.gouv.fr/api/v2"
client  = { id = "us", auth = "client_secret_post", secret_file = "fc.secret" }
request = { acr_values = ["eidas1"], pkce = "off" }
allowed_parameters = ["response_type", "client_id", "redirect_uri", "scope", "acr_values", "state", "nonce", "claims", "prompt", "idp_hint", "ui_locales"]
answer  = { algs = ["ES256"], userinfo = "jwt" }
person  = { namespace = "fr-franceconnect", key = "sub", pattern = "[0-9a-f]{64}v1", one_per = "person" }
assurance  = { eidas1 = "low" }
attributes = { birthdate = { scope = "birthdate", from = "userinfo" } }
page    = { label = "FranceConnect", button = "official", logout = "id_token_hint" }
[providers.france_plus]
like    = "france"
issuer  = "https://auth.franceconnect.gouv.fr/api/v2"
request = { acr_values = ["eidas2"], pkce = "off" }
answer  = { algs = ["ES256"], userinfo = "jwt", encrypted = { alg = ["ECDH-ES"], enc = ["A256GCM"], key_files = ["enc-ec.jwk"] } }
person  = { namespace = "fr-franceconnect-plus", key = "sub", one_per = "person" }
assurance = { eidas2 = "substantial", eidas3 = "high" }
[providers.itsme]
issuer  = "https://idp.prd.itsme.services/v2"
client  = { id = "us", auth = "private_key_jwt", alg = "ES256", key_file = "sign.jwk", audience = "token_endpoint" }
request = { scopes = ["openid", "eid"], acr_values = ["http://itsme.services/v2/claim/acr_advanced"], prompt = "login" }
answer  = { algs = ["RS256"], userinfo = "jwt" }
person  = { namespace = "be-national-number", key = "http://itsme.services/v2/claim/BENationalNumber", from = "userinfo", form = "be-number", stretch = true, one_per = "person" }
assurance = { "http://itsme.services/v2/claim/acr_advanced" = "high" }
attributes = { age_18 = { claim = "age_gte_18" } }
[providers.csam]
like    = "itsme"
issuer  = "https://idp.iamfas.belgium.be/fas/oauth2"
[providers.generic]
issuer  = "https://login.example.org"
client  = { id = "us", auth = "client_secret_basic", secret_env = "LOGIN_SECRET" }
answer  = { algs = ["ES256", "RS256"] }
person  = { namespace = "example-login", key = "sub", one_per = "account" }
assurance = { "*" = "low" }
[realms.france]
providers = ["france"]
attributes = ["birthdate"]
declared = ["citizen_of", "resident_of"]
proves = { in_register = ["rnipp"] }
[realms.belgium]
providers = ["itsme", "csam"]
attributes = ["age_18"]
[realms.any]
providers = ["generic"]
declared = ["age_min"]
""")
ENVIRON = {"LOGIN_SECRET": "a secret in the environment"}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write_keys(tmp_path)
    secret = tmp_path / "fc.secret"
    secret.write_text("a secret in a file\n")
    secret.chmod(0o600)
    return tmp_path


def load_it(
    directory: Path, raw: dict[str, Any] | None = None, environment: str = "production", **more: Any
) -> IdentitySettings:
    environ = more.pop("environ", ENVIRON)
    base_url = more.pop("base_url", SITE)
    return load(
        raw or TABLE,
        environment=environment,
        base_url=base_url,
        secrets_directory=directory,
        environ=environ,
    )


def changed(path: str, value: Any) -> dict[str, Any]:
    """The table with one value changed; `...` removes it."""
    raw = copy.deepcopy(TABLE)
    *steps, last = path.split("/")
    here: Any = raw
    for step in steps:
        here = here.setdefault(step, {})
    if value is ...:
        here.pop(last)
    else:
        here[last] = value
    return raw


def test_the_examples_of_real_providers_load(directory: Path) -> None:
    found = load_it(directory)
    assert set(found.providers) == {"france", "france_plus", "itsme", "csam", "generic"}
    france = found.providers["france"]
    assert france.secrets.secret == "a secret in a file"
    assert france.record.request.scopes == ("openid",)
    assert france.redirect_uri == f"{SITE}/identity/callback/france"
    assert found.providers["generic"].secrets.secret == ENVIRON["LOGIN_SECRET"]
    assert found.providers["generic"].record.request.pkce == "S256"
    assert "secret" not in repr(france.secrets)


def test_like_takes_every_key_not_given_and_replaces_whole_tables(directory: Path) -> None:
    plus = load_it(directory).providers["france_plus"].record
    assert plus.client.id == "us"
    assert plus.page.button == "official"
    assert plus.person.pattern is None
    assert plus.assurance == {"eidas2": "substantial", "eidas3": "high"}


REFUSED = [
    ("providers/france/sikrit", 1, "identity.providers.france", "unknown field"),
    ("providers/france/client/secret_fil", "x", "identity.providers.france.client", "unknown field"),
    ("providers/france/issuer", "http://oidc.example.org", "france.issuer", "https"),
    ("providers/france/issuer", "https://localhost/x", "france.issuer", "loopback"),
    ("providers/france/issuer", "https://127.0.0.1/x", "france.issuer", "loopback"),
    ("providers/france/issuer", "https://u:p@oidc.example.org", "france.issuer", "password"),
    ("providers/france/issuer", "https://oidc.example.org/?a=b", "france.issuer", "query"),
    ("providers/france/answer/algs", ["none"], "france.answer.algs", "asymmetric"),
    ("providers/france/answer/algs", ["ES256", "HS256"], "france.answer.algs", "asymmetric"),
    ("providers/france/answer/algs", [], "france.answer.algs", "one algorithm"),
    ("providers/france/client/auth", "none", "france.client.auth", "Invalid enum value"),
    ("providers/france/client/secret_file", ..., "france.client", "secret_file and secret_env"),
    ("providers/france/client/secret_file", "missing", "client.secret_file", "cannot be read"),
    ("providers/france/client/ttl", 3600, "france.client.ttl", "300"),
    ("providers/itsme/client/key_file", ..., "itsme.client.key_file", "private_key_jwt"),
    ("providers/itsme/client/alg", "RS256", "itsme.client.alg", "fits the key"),
    ("providers/itsme/client/alg", "HS256", "itsme.client.alg", "asymmetric"),
    ("providers/france/assurance", ..., "identity.providers.france", "assurance"),
    ("providers/france/assurance", {}, "france.assurance", "knowingly"),
    ("providers/france/assurance", {"*": "low", "eidas1": "low"}, "france.assurance", "alone"),
    ("providers/france/assurance", {"eidas2": "low"}, "france.assurance", "eidas1"),
    ("providers/france/assurance", {"eidas1": "top"}, "france.assurance", "Invalid enum value"),
    ("providers/france/request/pkce", "S256", "allowed_parameters", "code_challenge"),
    ("providers/france/max_age", 60, "allowed_parameters", "max_age"),
    ("providers/france/request/scopes", ["email"], "request.scopes", "openid"),
    ("providers/france/person/namespace", "demo-x", "person.namespace", "demonstrations"),
    ("providers/france/person/namespace", "https://x", "person.namespace", "plain"),
    ("providers/france/person/pattern", "[", "person.pattern", "regular expression"),
    ("providers/france/person/form", "x", "person.form", "be-number"),
    ("providers/france/person/one_per", "passport", "person.one_per", "Invalid enum value"),
    ("providers/itsme/person/stretch", False, "itsme.person.stretch", "enumerated"),
    ("providers/itsme/answer/userinfo", "none", "itsme.person.from", "userinfo"),
    ("providers/france/attributes/height", {}, "attributes.height", "no condition"),
    ("providers/france_plus/like", "nobody", "france_plus.like", "must name a provider"),
    ("providers/france/like", "france_plus", "like", "back to itself"),
    ("providers/France", {}, "providers.France", "lower case"),
    ("providers/france/metadata", {"issuer": "https://x.example"}, "metadata.issuer", "equal"),
    ("providers/france/timeouts", {"connect": 99.0}, "france.timeouts", "at most"),
    ("providers/france/skew", 500, "france.skew", "120"),
    ("realms/france/providers", [], "realms.france.providers", "one provider or more"),
    ("realms/france/providers", ["x"], "realms.france.providers", "no provider 'x'"),
    ("realms/france/providers", ["france", "france_plus"], "providers", "namespace"),
    ("realms/france/providers", ["france", "itsme"], "providers", "namespace"),
    ("realms/france/attributes", ["citizen_of"], "france.attributes", "does not give"),
    ("realms/france/declared", ["age_min"], "france.declared", "never declared"),
    ("realms/france/declared", ["in_register"], "france.declared", "never declared"),
    ("realms/france/declared", ["height"], "france.declared", "no condition"),
    ("staff", {"providers": ["generic"]}, "staff.providers", "shares a namespace"),
    ("users", {}, "identity.users", "no such setting"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "where", "why"), REFUSED, ids=[f"{one[0]}={one[1]}" for one in REFUSED]
)
def test_what_cannot_be_safe_stops_the_start(
    directory: Path, path: str, value: Any, where: str, why: str
) -> None:
    with pytest.raises(SettingsRefused) as caught:
        load_it(directory, changed(path, value))
    assert where in caught.value.path
    assert why in str(caught.value)
    assert "a secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("alg", "enc", "where"),
    [(["RSA1_5"], ["A256GCM"], "encrypted.alg"), (["dir"], ["A256GCM"], "encrypted.alg"),
     ([], ["A256GCM"], "encrypted.alg"), (["ECDH-ES"], ["A192CBC"], "encrypted.enc")],
)  # fmt: skip
def test_weak_encryption_is_refused(directory: Path, alg: Any, enc: Any, where: str) -> None:
    encrypted = {"alg": alg, "enc": enc, "key_files": ["enc-ec.jwk"]}
    with pytest.raises(SettingsRefused, match=where):
        load_it(directory, changed("providers/france_plus/answer/encrypted", encrypted))


def test_two_providers_with_sub_in_one_realm_are_refused(directory: Path) -> None:
    """sub is pairwise or local: with two issuers one human would have two keys."""
    raw = changed("providers/other", {"like": "france", "issuer": "https://x.example"})
    raw["realms"]["france"]["providers"] = ["france", "other"]
    with pytest.raises(SettingsRefused, match="never one key"):
        load_it(directory, raw)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_readable_by_others_is_refused(directory: Path, mode: int) -> None:
    (directory / "fc.secret").chmod(mode)
    with pytest.raises(SettingsRefused, match="owner only"):
        load_it(directory)


def test_a_key_readable_by_others_or_public_or_symmetric_is_refused(directory: Path) -> None:
    file = directory / "sign.jwk"
    file.chmod(0o644)
    with pytest.raises(SettingsRefused, match="owner only"):
        load_it(directory)
    file.chmod(0o600)
    for key in (
        ECKey.generate_key("P-256").as_dict(private=False),
        OctKey.generate_key(256).as_dict(),
    ):
        file.write_text(json.dumps(key))
        with pytest.raises(SettingsRefused, match="private JWK"):
            load_it(directory)
    file.write_text("not a key")
    with pytest.raises(SettingsRefused, match="private JWK"):
        load_it(directory)


def test_a_secret_inside_the_table_is_for_tests_and_demonstrations(directory: Path) -> None:
    raw = changed("providers/generic/client", {
        "id": "us", "auth": "client_secret_basic", "secret": "a secret in the table",
    })  # fmt: skip
    with pytest.raises(SettingsRefused, match="in a file"):
        load_it(directory, raw)
    assert load_it(directory, raw, environment="demo").providers["generic"].secrets.secret


def test_an_absent_or_short_secret_of_the_environment_is_refused(directory: Path) -> None:
    for environ in ({}, {"LOGIN_SECRET": "short"}):
        with pytest.raises(SettingsRefused, match="secret_env"):
            load_it(directory, environ=environ)


@pytest.mark.parametrize("environment", ["demo", "test"])
def test_http_is_for_loopback_outside_production(directory: Path, environment: str) -> None:
    near = changed("providers/generic/issuer", "http://127.0.0.1:8001/citizens")
    base_url = "http://localhost:8000"
    found = load_it(directory, near, environment, base_url=base_url)
    assert found.secure is False
    with pytest.raises(SettingsRefused, match="https"):
        load_it(directory, near)
    far = changed("providers/generic/issuer", "http://login.example.org")
    with pytest.raises(SettingsRefused, match="loopback"):
        load_it(directory, far, environment, base_url=base_url)


def test_the_site_itself_is_https_in_production(directory: Path) -> None:
    with pytest.raises(SettingsRefused, match="base_url"):
        load_it(directory, base_url="http://localhost:8000")
    with pytest.raises(SettingsRefused, match="base_url"):
        load_it(directory, base_url=f"{SITE}/petitions")
    with pytest.raises(SettingsRefused, match="environment"):
        load_it(directory, environment="staging")
    assert load_it(directory).secure is True


def test_production_refuses_to_start_with_insecure_transport(directory: Path) -> None:
    environ = {**ENVIRON, "AUTHLIB_INSECURE_TRANSPORT": "1"}
    with pytest.raises(SettingsRefused, match="AUTHLIB_INSECURE_TRANSPORT"):
        load_it(directory, environ=environ)
    assert load_it(directory, environment="test", environ=environ)


def test_a_staff_provider_must_reach_a_second_factor(directory: Path) -> None:
    raw = changed("providers/house", {
        "like": "generic", "person": {"namespace": "house-staff", "one_per": "account"},
    })  # fmt: skip
    raw["staff"] = {"providers": ["house"], "roles_from": "desk"}
    with pytest.raises(SettingsRefused, match="second factor"):
        load_it(directory, raw)
    raw["staff"]["amr"] = ["mfa"]
    assert load_it(directory, raw).staff is not None
    del raw["staff"]["amr"]
    raw["providers"]["house"]["amr"] = ["mfa"]
    assert load_it(directory, raw).staff is not None
    raw["providers"]["house"]["allowed_parameters"] = sorted(
        {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "prompt",
         "acr_values", "code_challenge", "code_challenge_method"}
    )  # fmt: skip
    with pytest.raises(SettingsRefused, match="must allow prompt and max_age"):
        load_it(directory, raw)


@pytest.mark.parametrize(
    ("staff", "sentence"),
    [
        ({"roles_from": "desk", "roles": {"claim": "groups", "map": {}}}, "must be left out"),
        ({"roles_from": "claim"}, "is needed where"),
        ({}, "is needed where"),
        ({"roles_from": "both"}, "both"),
    ],
)
def test_roles_come_from_one_place_and_never_from_two(
    directory: Path, staff: dict[str, Any], sentence: str
) -> None:
    raw = changed("providers/house", {
        "like": "generic", "person": {"namespace": "house-staff", "one_per": "account"},
        "amr": ["mfa"],
    })  # fmt: skip
    raw["staff"] = {"providers": ["house"], **staff}
    with pytest.raises(SettingsRefused, match=sentence):
        load_it(directory, raw)


@pytest.fixture
def catalogue(directory: Path) -> RealmCatalogue:
    return RealmCatalogue(load_it(directory))


def test_a_realm_that_covers_a_rulebook_is_taken(catalogue: RealmCatalogue) -> None:
    who = {"age_min": 18, "any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]}
    catalogue.check("france", predicates=[who, {"in_register": "rnipp"}], assurances=["low"])
    catalogue.check("belgium", predicates=[{"age_min": 18}], assurances=["high"])


@pytest.mark.parametrize(
    ("realm", "more", "why"),
    [
        ("nowhere", {"predicates": []}, "no such realm"),
        ("any", {"predicates": []}, "one key per account"),
        ("france", {"predicates": [{"not": {"office": "mep"}}]}, "proves or declares office"),
        ("france", {"predicates": [], "assurances": ["substantial"]}, "never reaches"),
        (
            "belgium",
            {"predicates": [{"age_min": 18}], "judged_at_login": False},
            "day of the login",
        ),
    ],
)
def test_a_realm_that_cannot_carry_a_rulebook_is_refused(
    catalogue: RealmCatalogue, realm: str, more: Any, why: str
) -> None:
    with pytest.raises(SettingsRefused, match=why):
        catalogue.check(realm, **more)


def test_a_key_per_account_is_taken_where_the_rulebook_says_so(catalogue: RealmCatalogue) -> None:
    catalogue.check("any", predicates=[{"age_min": 18}], uniqueness="account")
    assert catalogue.needs_account_notice("any")
    assert not catalogue.needs_account_notice("france")
    assert set(catalogue.names()) == {"france", "belgium", "any"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("providers/france/issuer", "https://oidc.franceconnect.gouv.fr/api/v3"),
        ("providers/france/person/namespace", "fr-other"),
        ("providers/france/client/id", "another"),
        ("providers/france/person/key", "other"),
        ("realms/france/providers", ["france_plus"]),
    ],
)
def test_the_fingerprint_changes_with_whatever_makes_a_key(
    directory: Path, catalogue: RealmCatalogue, path: str, value: Any
) -> None:
    other = RealmCatalogue(load_it(directory, changed(path, value)))
    assert other.fingerprint("france") != catalogue.fingerprint("france")
    assert other.fingerprint("any") == catalogue.fingerprint("any")


def test_the_fingerprint_keeps_through_changes_that_touch_no_key(
    directory: Path, catalogue: RealmCatalogue
) -> None:
    other = RealmCatalogue(load_it(directory, changed("providers/france/page/label", "FC")))
    assert other.fingerprint("france") == catalogue.fingerprint("france")
    assert len(catalogue.fingerprint("france")) == 64
