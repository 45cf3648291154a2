"""Our own keys at a provider: shown before they are used, changed without a login lost."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from identity.errors import SettingsRefused
from tests.identity.conduct import (
    BY_KEY,
    BY_POST,
    PLAIN,
    Profile,
    get,
    opened_office,
    walk,
    write_keys,
)
from tests.identity.lying_provider import ABSENT, LyingProvider, public_keys_of, weak_key
from tests.identity.office import Office, office
from tests.identity.wire import wired

OLD, NEW = ({name: ECKey.generate_key("P-256", {"kid": f"{age}-{name}"}) for name in ("sign", "enc")}
            for age in ("old", "new"))  # fmt: skip


def put(folder: Path, name: str, key: Any, **changed: Any) -> str:
    file = folder / name
    file.write_text(json.dumps({**key.as_dict(private=True), **changed}))
    file.chmod(0o600)
    return name


@contextmanager
def site_with(
    folder: Path, client: Any = None, key_files: Any = None
) -> Iterator[tuple[LyingProvider, Office]]:
    profile = Profile("keys", client={**BY_KEY, **(client or {})})
    if key_files is not None:
        profile = replace(profile, encryption=("ECDH-ES", "x"))
    record = profile.record("https://keys.provider.example")
    if key_files is not None:
        record["answer"]["encrypted"]["key_files"] = key_files
    provider = LyingProvider(encrypted=key_files is not None)
    provider.user, provider.issuer = {"birthdate": "1990-02-03"}, record["issuer"]
    raw = {
        "providers": {"lying": record},
        "realms": {"citizens": {"providers": ["lying"], "attributes": ["birthdate"]}},
    }
    with wired(provider):
        site = office_in(folder, raw)
        provider.clock = site.clock
        provider.client_keys = published(site)
        yield provider, site


def office_in(folder: Path, raw: dict[str, Any]) -> Office:
    """A site of its own, with the secrets of this folder."""
    return office(raw, folder / secrets.token_hex(4), secrets_directory=folder)


def published(site: Office) -> KeySet:
    return public_keys_of(get(site.browser(), "/identity/keys.json").get_json())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_keys(tmp_path)
    for age, keys in (("old", OLD), ("new", NEW)):
        for name, key in keys.items():
            put(tmp_path, f"{age}-{name}.jwk", key)
    return tmp_path


def test_a_signing_key_changes_in_three_steps_and_no_login_is_lost(folder: Path) -> None:
    """At each step the provider still has the keys that it read before the restart."""
    steps = [
        ({"key_file": "old-sign.jwk"}, "old-sign"),
        ({"key_file": "old-sign.jwk", "also_publish": ["new-sign.jwk"]}, "old-sign"),
        ({"key_file": "new-sign.jwk", "also_publish": ["old-sign.jwk"]}, "new-sign"),
        ({"key_file": "new-sign.jwk"}, "new-sign"),
    ]
    kept: KeySet | None = None
    for client, signs in steps:
        with site_with(folder, client) as (provider, site):
            fresh = provider.client_keys
            for keys in (kept, fresh):
                provider.client_keys = keys or fresh
                assert walk(site, provider, site.browser()).status_code == 303
            assert {told["kid"] for told in provider.assertions} == {signs}
            kept = fresh


def test_a_key_used_on_the_day_it_is_first_shown_would_lose_logins(folder: Path) -> None:
    with site_with(folder, {"key_file": "old-sign.jwk"}) as (provider, _):
        kept = provider.client_keys
    with site_with(folder, {"key_file": "new-sign.jwk"}) as (provider, site):
        provider.client_keys = kept
        assert walk(site, provider, site.browser()).status_code == 502
        assert site.outcomes[-1].reason == "token_request_refused"
        assert site.outcomes[-1].cause == "set_up"


def test_each_assertion_has_a_jti_of_its_own_and_a_short_life(folder: Path) -> None:
    with site_with(folder, {"ttl": 120, "audience": "token_endpoint"}) as (provider, site):
        for _ in range(3):
            walk(site, provider, site.browser())
        assert len({told["jti"] for told in provider.assertions}) == 3
        assert {told["exp"] - told["iat"] for told in provider.assertions} == {120}
        assert {told["aud"] for told in provider.assertions} == {provider.at("token_endpoint")}
    with site_with(folder) as (provider, site):
        walk(site, provider, site.browser())
        assert provider.assertions[0]["aud"] == provider.issuer
        assert provider.assertions[0]["exp"] - provider.assertions[0]["iat"] == 60


@pytest.mark.parametrize("to", ["old-enc", "new-enc"])
@pytest.mark.parametrize("named", [True, False])
def test_while_decryption_keys_change_both_open_what_comes(
    folder: Path, to: str, named: bool
) -> None:
    with site_with(folder, key_files=["new-enc.jwk", "old-enc.jwk"]) as (provider, site):
        shown = [key.kid for key in published(site) if key.get("use") == "enc"]
        assert shown == ["new-enc", "old-enc"]  # the newer is the first a provider sees
        provider.client_keys = KeySet(
            [key for key in published(site) if key.kid == to or key.get("use") == "sig"]
        )

        def lie(_provider: LyingProvider) -> None:
            if not named:
                provider.lies.sealing["kid"] = ABSENT

        assert walk(site, provider, site.browser(), lie=lie).status_code == 303


def test_a_decryption_key_that_was_taken_out_opens_nothing(folder: Path) -> None:
    with site_with(folder, key_files=["new-enc.jwk"]) as (provider, site):
        old = ECKey.import_key({**OLD["enc"].as_dict(private=False), "use": "enc"})
        provider.client_keys = KeySet([old, *(k for k in published(site) if k.get("use") == "sig")])
        assert walk(site, provider, site.browser()).status_code == 502
        assert site.outcomes[-1].reason == "does_not_decrypt"


def test_a_provider_may_encrypt_to_a_key_made_for_its_neighbour(folder: Path) -> None:
    """All keys stand at one address, and a provider takes the first that suits it."""
    with site_with(folder, key_files=["new-enc.jwk"]) as (provider, _):
        raw: Any = {"providers": {}, "realms": {}}
        record = Profile("a", client=BY_KEY, encryption=("ECDH-ES", "new-enc.jwk")).record
        raw["providers"]["lying"] = record(provider.issuer)
        other = Profile("b", client=BY_KEY, encryption=("ECDH-ES", "old-enc.jwk")).record
        raw["providers"]["neighbour"] = other("https://neighbour.example")
        raw["realms"]["citizens"] = {"providers": ["lying"], "attributes": ["birthdate"]}
        site = office_in(folder, raw)
        every = published(site)
        assert {key.kid for key in every if key.get("use") == "enc"} == {"new-enc", "old-enc"}
        for kid in ("old-enc", "new-enc"):
            provider.client_keys = KeySet(
                [key for key in every if key.kid == kid or key.get("use") == "sig"]
            )
            assert walk(site, provider, site.browser()).status_code == 303


def test_what_is_published_holds_names_uses_and_algorithms_and_nothing_private(
    folder: Path,
) -> None:
    with site_with(folder, {"also_publish": ["new-sign.jwk"]}, ["new-enc.jwk"]) as (_, site):
        answer = get(site.browser(), "/identity/keys.json")
        listed = {key["kid"]: key for key in answer.get_json()["keys"]}
        assert set(listed) == {"own-sign", "new-sign", "new-enc"}
        assert {kid: (key["use"], key["alg"]) for kid, key in listed.items()} == {
            "own-sign": ("sig", "ES256"),
            "new-sign": ("sig", "ES256"),
            "new-enc": ("enc", "ECDH-ES"),
        }
        assert not any({"d", "p", "q", "k"} & key.keys() for key in listed.values())
        assert answer.headers["Cache-Control"] == "public, max-age=300"


def refusal(folder: Path, client: Any = None, key_files: Any = None) -> str:
    with (
        pytest.raises(SettingsRefused) as refused,
        site_with(folder, client, key_files),
    ):
        pytest.fail("the settings were taken")
    return str(refused.value)


def test_two_keys_with_one_name_are_refused(folder: Path) -> None:
    put(folder, "twin.jwk", NEW["sign"], kid="own-sign")
    assert "share the name 'own-sign'" in refusal(folder, {"also_publish": ["twin.jwk"]})


def test_a_key_that_would_both_sign_and_open_is_refused(folder: Path) -> None:
    client = {"key_file": "new-sign.jwk"}
    assert "two uses share the name" in refusal(folder, client, ["new-sign.jwk"])


def test_keys_that_cannot_do_their_work_are_refused(folder: Path) -> None:
    put(folder, "short.jwk", RSAKey.generate_key(2048, {"kid": "rsa"}))
    put(folder, "curve.jwk", ECKey.generate_key("P-384", {"kid": "p384"}))
    put(folder, "edwards.jwk", OKPKey.generate_key("Ed25519", {"kid": "ed"}))
    put(folder, "marked.jwk", NEW["sign"], use="enc")
    fits = "an algorithm that fits the key"
    for file in ("short.jwk", "curve.jwk", "edwards.jwk", "marked.jwk"):
        assert fits in refusal(folder, {"key_file": file})
        assert fits in refusal(folder, {"also_publish": [file]})
    put(folder, "marked.jwk", NEW["enc"], use="sig")
    for file in ("short.jwk", "edwards.jwk", "marked.jwk"):
        assert "must fit one of answer.encrypted.alg" in refusal(folder, None, [file])
    assert "must name one key or more" in refusal(folder, None, [])


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_short_rsa_key_of_ours_is_refused(folder: Path) -> None:
    put(folder, "short.jwk", weak_key("short"))
    client = {"key_file": "short.jwk", "alg": "RS256"}
    assert "must have 2048 bits or more" in refusal(folder, client)


def test_keys_shown_without_one_that_signs_are_refused(folder: Path) -> None:
    client = {**BY_POST, "alg": "ES256", "also_publish": ["new-sign.jwk"]}
    raw = {"providers": {"lying": {**PLAIN.record("https://x.example"), "client": client}}}
    with pytest.raises(SettingsRefused, match=r"also_publish: needs client\.key_file"):
        office_in(folder, raw)


def test_a_secret_may_prove_us_while_a_key_signs_our_requests(folder: Path) -> None:
    client = {**BY_POST, "key_file": "new-sign.jwk", "alg": "ES256"}
    profile = Profile("both", client=client, more={"request_object": True})
    with opened_office(profile, folder, https=True) as (provider, site):
        assert walk(site, provider, site.browser()).status_code == 303
        assert "request" in provider.asked[-1]
        assert provider.bodies[-1]["client_secret"] == BY_POST["secret"]
