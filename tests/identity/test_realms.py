"""Realms: one human, one key. Every refusal has its sentence, for the records of the page itself."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from identity.errors import SettingsRefused
from identity.realms import RealmCatalogue
from identity.settings import IdentitySettings
from petitions import border
from petitions.domain.errors import ConfigurationError
from petitions.services.realms import accept_realm
from tests.house import Precinct, a_precinct
from tests.identity.papers import loaded, whole


def changed(*edits: tuple[str, Any]) -> dict[str, Any]:
    """The page's table with values changed at paths; a dict is put in whole."""
    table = whole()
    for path, value in edits:
        *steps, last = path.split("/")
        here = table
        for step in steps:
            here = here.setdefault(step, {})
        here[last] = value
    return table


def refusal(folder: Path, table: dict[str, Any], environment: str = "production") -> str:
    with pytest.raises(SettingsRefused) as refused:
        loaded(folder, table, environment)
    return str(refused.value)


BELGIUM = "identity.realms.belgium.providers: "
CSAM = whole()["providers"]["csam"]["person"]
FRANCE = whole()["providers"]["franceconnect"]


def csam(**person: Any) -> tuple[str, Any]:
    return "providers/csam/person", {**CSAM, **person}


def twin(issuer: str, **person: Any) -> tuple[str, Any]:
    told = {**FRANCE, "issuer": issuer, "person": {**FRANCE["person"], **person}}
    return "providers/twin", told


def realm(*names: str) -> tuple[str, Any]:
    return "realms/two", {"providers": list(names)}


TWO = "identity.realms.two.providers: "
POINT_1 = {
    "another namespace": (
        [csam(namespace="be-other")],
        BELGIUM + "two providers differ in person.namespace",
    ),
    "another form": (
        [csam(form="it-fiscal")],
        BELGIUM + "two providers differ in person.form",
    ),
    "another kind of key": (
        [csam(form="exact", key="sub", stretch=False)],
        BELGIUM + "two providers differ in person.form",
    ),
    "one stretched and one not": (
        [
            ("providers/one", {**FRANCE, "person": {**FRANCE["person"], "stretch": True}}),
            realm("franceconnect", "one"),
        ],
        TWO + "two providers differ in person.stretch",
    ),
    "one key per person and one per account": (
        [csam(one_per="account")],
        BELGIUM + "two providers differ in person.one_per",
    ),
    "FranceConnect and FranceConnect+": (
        [realm("franceconnect", "franceconnect_plus")],
        TWO + "two providers differ in person.namespace",
    ),
    "FranceConnect and itsme": (
        [realm("franceconnect", "itsme")],
        TWO + "two providers differ in person.namespace",
    ),
    "sub of two issuers under one namespace": (
        [twin("https://second.example.org"), realm("franceconnect", "twin")],
        TWO + "sub of two issuers is never one key",
    ),
    "sub of one and a claim of the other": (
        [twin("https://second.example.org", key="pid"), realm("franceconnect", "twin")],
        TWO + "sub of two issuers is never one key",
    ),
    "one claim without a common spelling": (
        [
            ("providers/franceconnect", {**FRANCE, "person": {**FRANCE["person"], "key": "pid"}}),
            twin("https://second.example.org", key="pid", pattern="[0-9]+"),
            realm("franceconnect", "twin"),
        ],
        TWO + "two issuers need a form other than exact, or one same pattern",
    ),
    "the same provider twice": (
        [realm("itsme", "itsme")],
        TWO + "must name one provider or more, each once",
    ),
}


@pytest.mark.parametrize("name", POINT_1)
def test_a_realm_in_which_one_human_has_two_keys_is_refused(tmp_path: Path, name: str) -> None:
    edits, sentence = POINT_1[name]
    assert refusal(tmp_path, changed(*edits)) == sentence


def test_two_providers_of_one_national_number_make_one_realm(tmp_path: Path) -> None:
    assert loaded(tmp_path, whole(), "production").realms["belgium"].providers == ("itsme", "csam")


def test_one_claim_with_one_pattern_makes_one_realm(tmp_path: Path) -> None:
    person = {**FRANCE["person"], "key": "pid"}
    table = changed(
        ("providers/franceconnect", {**FRANCE, "person": person}),
        ("providers/twin", {**FRANCE, "issuer": "https://second.example.org", "person": person}),
        realm("franceconnect", "twin"),
    )
    assert "two" in loaded(tmp_path, table, "production").realms


@pytest.mark.parametrize("per", ["account", "card"])
def test_a_key_per_account_or_card_wants_a_rulebook_that_says_so(tmp_path: Path, per: str) -> None:
    person = {**FRANCE["person"], "one_per": per}
    table = changed(("providers/franceconnect", {**FRANCE, "person": person}))
    catalogue = RealmCatalogue(loaded(tmp_path, table, "production"))
    with pytest.raises(SettingsRefused) as refused:
        catalogue.check("franceconnect", predicates=[])
    assert str(refused.value) == (
        f"identity.realms.franceconnect: franceconnect gives one key per {per}"
    )
    catalogue.check("franceconnect", predicates=[], uniqueness="account")
    assert catalogue.needs_account_notice("franceconnect")


ADULT = {"age_min": 18}
POINT_3: dict[str, tuple[str, dict[str, Any], str]] = {
    "nothing covers a condition": (
        "franceconnect",
        {"predicates": [{"office": "deputy"}]},
        "nothing proves or declares office",
    ),
    "a condition inside an alternative": (
        "franceconnect",
        {"predicates": [{"any": [{"citizen_of": "FR"}, {"permit": "c"}]}]},
        "nothing proves or declares permit",
    ),
    "a level that no provider reaches": (
        "franceconnect",
        {"predicates": [ADULT], "assurances": ["low", "substantial"]},
        "franceconnect never reaches the level substantial",
    ),
    "yes or no about an age on another day": (
        "itsme",
        {"predicates": [ADULT], "judged_at_login": False},
        "age_18 speaks of the day of the login only",
    ),
    "a realm that does not exist": ("nowhere", {"predicates": []}, "there is no such realm"),
}


@pytest.mark.parametrize("name", POINT_3)
def test_a_rulebook_that_its_realm_cannot_carry_is_refused(tmp_path: Path, name: str) -> None:
    which, wanted, sentence = POINT_3[name]
    catalogue = RealmCatalogue(loaded(tmp_path, whole(), "production"))
    with pytest.raises(SettingsRefused) as refused:
        catalogue.check(which, **wanted)
    assert str(refused.value) == f"identity.realms.{which}: {sentence}"


def test_an_age_by_yes_or_no_carries_a_rule_judged_at_the_login(tmp_path: Path) -> None:
    RealmCatalogue(loaded(tmp_path, whole(), "production")).check("itsme", predicates=[ADULT])


POINT_5: dict[str, tuple[tuple[str, Any], str]] = {
    "http": (
        ("providers/generic/issuer", "http://login.example.org"),
        "generic.issuer: must be https and not on loopback in production",
    ),
    "loopback": (
        ("providers/generic/issuer", "https://127.0.0.1:8001/citizens"),
        "generic.issuer: must be https and not on loopback in production",
    ),
    "a name of loopback": (
        ("providers/generic/issuer", "https://localhost/citizens"),
        "generic.issuer: must be https and not on loopback in production",
    ),
    "a demonstration's namespace": (
        ("providers/generic/person/namespace", "demo-citizens"),
        "generic.person.namespace: demo- is for demonstrations",
    ),
    "none": (
        ("providers/generic/answer/algs", ["ES256", "none"]),
        "generic.answer.algs: 'none' is no asymmetric signature algorithm",
    ),
    "HS256": (
        ("providers/generic/answer/algs", ["HS256"]),
        "generic.answer.algs: 'HS256' is no asymmetric signature algorithm",
    ),
    "a parameter off the list": (
        ("providers/franceconnect/request/pkce", "S256"),
        "franceconnect.allowed_parameters: we would send code_challenge, which is not in the list",
    ),
    "a parameter off the list, by a fact": (
        ("providers/generic/allowed_parameters", ["client_id"]),
        "generic.allowed_parameters: we would send code_challenge, which is not in the list",
    ),
    "DPoP": (("providers/generic/dpop", True), "generic.dpop: is not carried out by this version"),
}


@pytest.mark.parametrize("name", POINT_5)
def test_what_belongs_to_a_demonstration_stops_production(tmp_path: Path, name: str) -> None:
    edit, sentence = POINT_5[name]
    assert refusal(tmp_path, changed(edit)).startswith(f"identity.providers.{sentence}")


def test_a_secret_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    table = whole()
    loaded(tmp_path, table, "production")
    (tmp_path / "franceconnect.secret").chmod(0o644)
    with pytest.raises(SettingsRefused) as refused:
        again(tmp_path, table)
    assert str(refused.value) == (
        "identity.providers.franceconnect.client.secret_file: the file franceconnect.secret must be "
        "readable by its owner only"
    )


def again(folder: Path, table: dict[str, Any]) -> IdentitySettings:
    """Without making the files anew."""
    from identity.settings import load
    from tests.identity.papers import SITE

    return load(
        table, environment="production", base_url=SITE, secrets_directory=folder, environ={}
    )


# --- point 4: a realm that changes while petitions are running ------------------------------------


def town_realm(folder: Path, **changes: Any) -> IdentitySettings:
    """The town's rulebook over FranceConnect's record, with some values changed."""
    folder.mkdir(exist_ok=True)
    record = copy.deepcopy(FRANCE)
    for path, value in changes.items():
        if path == "person":
            record["person"] |= value
        elif path == "client":
            record["client"] |= value
        else:
            record[path] = value
    table = {
        "providers": {"franceconnect": record},
        "realms": {"town": {"providers": ["franceconnect"], "attributes": ["birthdate"]}},
    }
    return loaded(folder, table, "production")


@pytest.fixture
def running(tmp_path: Path, engine: Engine) -> Precinct:
    """A town with one petition that was opened under the record as it stands."""
    precinct = a_precinct(tmp_path / "town", engine)
    opened_with = border.realm_fingerprint(town_realm(tmp_path / "secrets"))
    precinct.house = replace(precinct.house, realm_fingerprint=opened_with)
    precinct.publish()
    return precinct


CHANGES: dict[str, dict[str, Any]] = {
    "an issuer renamed": {"issuer": "https://oidc.franceconnect.gouv.fr/api/v3"},
    "a namespace": {"person": {"namespace": "fr-other"}},
    "a key": {"person": {"key": "other"}},
    "a form": {"person": {"form": "it-fiscal", "stretch": True}},
    "an entity": {"client": {"id": "another-entity"}},
}


def start(settings: IdentitySettings, precinct: Precinct) -> None:
    border.check_running(settings, precinct.sessions)


def accept(settings: IdentitySettings, session: Session) -> int:
    return accept_realm(session, "town", border.realm_fingerprint(settings)("town"))


def test_a_realm_under_a_running_petition_may_not_change_in_silence(
    running: Precinct, tmp_path: Path
) -> None:
    start(town_realm(tmp_path / "secrets"), running)
    page = {**FRANCE["page"], "label": "FC"}
    start(town_realm(tmp_path / "secrets", page=page, skew=10), running)  # touches no key
    with pytest.raises(ConfigurationError, match="town"):  # the realm is gone
        start(loaded(tmp_path, whole(), "production"), running)
    for name, changes in CHANGES.items():
        with pytest.raises(ConfigurationError, match=r"identity\.realms\.town: .*sign again"):
            start(town_realm(tmp_path / "secrets", **changes), running)
            pytest.fail(name)


def test_an_issuer_renamed_is_accepted_by_a_person_who_confirms_the_keys(
    running: Precinct, tmp_path: Path
) -> None:
    renamed = town_realm(tmp_path / "secrets", **CHANGES["an issuer renamed"])
    with running.session() as session:
        assert accept(renamed, session) == 1
    start(renamed, running)
    with pytest.raises(ConfigurationError):
        start(town_realm(tmp_path / "secrets"), running)  # the old name is now the change
