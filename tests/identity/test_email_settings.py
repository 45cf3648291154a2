"""The record of an e-mail provider: what loads, what is refused, what a realm of it may say."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from identity.errors import SettingsRefused
from identity.realms import RealmCatalogue
from identity.settings import IdentitySettings, load

ROOT = Path(__file__).resolve().parents[2]
TABLE = tomllib.loads("""
[providers.email]
kind = "email"
namespace = "town-email"
[providers.login]
issuer = "https://login.example.org"
client = { id = "us", auth = "client_secret_basic", secret_env = "LOGIN_SECRET" }
answer = { algs = ["ES256"] }
person = { namespace = "example-login", key = "sub", one_per = "account" }
assurance = { mfa = "substantial" }
request = { acr_values = ["mfa"] }
[realms.email-address]
providers = ["email"]
declared = ["resident_of", "age_min"]
""")


def loaded(
    directory: Path, raw: dict[str, Any], environment: str = "production"
) -> IdentitySettings:
    return load(
        raw, environment=environment, base_url="https://petitions.example.org",
        secrets_directory=directory, environ={"LOGIN_SECRET": "a secret of the environment"},
    )  # fmt: skip


def changed(**more: Any) -> dict[str, Any]:
    """The table with keys of the e-mail record changed; `...` takes one away."""
    raw = copy.deepcopy(TABLE)
    record = {**raw["providers"]["email"], **more}
    raw["providers"]["email"] = {key: value for key, value in record.items() if value is not ...}
    return raw


def refusal(directory: Path, raw: dict[str, Any], environment: str = "production") -> str:
    with pytest.raises(SettingsRefused) as refused:
        loaded(directory, raw, environment)
    return str(refused.value)


def catalogue(directory: Path, **more: Any) -> RealmCatalogue:
    return RealmCatalogue(loaded(directory, changed(**more)))


def test_a_record_of_two_lines_is_enough(tmp_path: Path) -> None:
    found = loaded(tmp_path, TABLE)
    assert set(found.providers) == {"login"}
    record = found.letterboxes["email"].record
    assert found.way("email").record is record
    assert (record.person.one_per, record.person.stretch) == ("account", True)
    assert (record.aliases, record.letters_per_hour) == ("keep", 3)
    assert record.assurance == {"email": "email"}
    with pytest.raises(KeyError):
        found.way("nobody")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"namespace": ...}, "namespace"),
        ({"namespace": "Town E-mail"}, "identity.providers.email.namespace: must be a plain"),
        ({"namespace": "demo-email"}, "namespace: demo- is for demonstrations"),
        ({"assurance": "low"}, "identity.providers.email.assurance"),
        ({"assurance": {"*": "high"}}, "identity.providers.email.assurance"),
        ({"aliases": "fold_all"}, "identity.providers.email.aliases"),
        ({"letters_per_hour": 0}, "letters_per_hour: must be between 1 and 20"),
        ({"letters_per_hour": 21}, "letters_per_hour: must be between 1 and 20"),
        ({"label": "a\nb"}, "label: must be printable"),
        ({"sender": "nobody"}, "sender: must be an address"),
        ({"sender": "A <a@example.org>\r\nBcc: b@example.org"}, "sender: must be an address"),
        ({"drop_dots": ["gmail"]}, "drop_dots: 'gmail' is no domain"),
        ({"same_domains": {"a b": "gmail.com"}}, "same_domains: 'a b' is no domain"),
        (
            {"same_domains": {"a.example": "b.example", "b.example": "c.example"}},
            "same_domains: b.example stands on both sides",
        ),
        ({"disposable_file": "nothing.txt"}, "disposable_file: cannot be read"),
        ({"issuer": "https://x.example"}, "identity.providers.email: "),
        ({"kind": "pigeon"}, "identity.providers.email"),
    ],
)
def test_a_record_that_cannot_be_meant_is_refused(
    tmp_path: Path, more: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(tmp_path, changed(**more))


def test_a_list_of_throw_away_domains_is_read_and_each_line_is_checked(tmp_path: Path) -> None:
    (tmp_path / "away.txt").write_text(
        "# from a public list\nmailinator.com\nKÖLN.example # why\n\n"
    )
    found = loaded(tmp_path, changed(disposable_file="away.txt")).letterboxes["email"]
    assert found.disposable == {"mailinator.com", "xn--kln-sna.example"}
    (tmp_path / "away.txt").write_text("no domain\n")
    assert "'no domain' is no domain" in refusal(tmp_path, changed(disposable_file="away.txt"))


def realm(**more: Any) -> dict[str, Any]:
    raw = copy.deepcopy(TABLE)
    raw["realms"]["email-address"] |= more
    return raw


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"providers": ["email", "login"]}, "an e-mail provider stands alone in its realm"),
        ({"providers": ["login", "email"]}, "an e-mail provider stands alone in its realm"),
        ({"proves": {"natural_person": True}}, "an address proves no condition"),
        ({"attributes": ["birthdate"]}, "email does not give 'birthdate'"),
        ({"declared": ["colour"]}, "'colour' is no condition"),
    ],
)
def test_a_realm_by_address_holds_nothing_but_the_address(
    tmp_path: Path, more: dict[str, Any], sentence: str
) -> None:
    assert sentence in refusal(tmp_path, realm(**more))


def test_two_e_mail_providers_in_one_realm_are_refused_as_well(tmp_path: Path) -> None:
    raw = realm(providers=["email", "other"])
    raw["providers"]["other"] = {"kind": "email", "namespace": "town-email"}
    assert "stands alone in its realm" in refusal(tmp_path, raw)


def test_no_address_opens_the_desk(tmp_path: Path) -> None:
    raw = {**copy.deepcopy(TABLE), "staff": {"providers": ["email"], "assurance": "email",
           "roles": {"claim": "groups", "map": {"a": "clerk"}}}}  # fmt: skip
    raw["realms"] = {}
    assert "email: an address opens no desk" in refusal(tmp_path, raw)


def test_a_record_may_take_what_it_does_not_say_from_another(tmp_path: Path) -> None:
    raw = changed(aliases="drop_plus")
    raw["providers"]["second"] = {"like": "email", "namespace": "second-email"}
    second = loaded(tmp_path, raw).letterboxes["second"].record
    assert (second.aliases, second.namespace) == ("drop_plus", "second-email")


def test_a_rulebook_must_accept_one_signature_per_account(tmp_path: Path) -> None:
    who = [{"resident_of": "valmont", "age_min": 16}]
    found = catalogue(tmp_path)
    found.check("email-address", predicates=who, assurances=["email"], uniqueness="account")
    assert found.needs_account_notice("email-address")
    with pytest.raises(SettingsRefused, match="email gives one key per account"):
        found.check("email-address", predicates=who, assurances=["email"], uniqueness="petition")
    with pytest.raises(SettingsRefused, match="email never reaches the level low"):
        found.check("email-address", predicates=who, assurances=["low"], uniqueness="account")
    with pytest.raises(SettingsRefused, match="nothing proves or declares in_register"):
        found.check("email-address", predicates=[{"in_register": "r"}], uniqueness="account")


@pytest.mark.parametrize(
    "more",
    [
        {"namespace": "other-email"},
        {"aliases": "drop_plus"},
        {"drop_dots": ["gmail.com"]},
        {"same_domains": {"googlemail.com": "gmail.com"}},
    ],
)
def test_whatever_joins_or_parts_addresses_changes_the_fingerprint(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    before = catalogue(tmp_path).fingerprint("email-address")
    assert catalogue(tmp_path, **more).fingerprint("email-address") != before


def test_what_does_not_touch_keys_leaves_the_fingerprint(tmp_path: Path) -> None:
    before = catalogue(tmp_path).fingerprint("email-address")
    same = {"label": "mail", "letters_per_hour": 5, "sender": "Petitions <p@example.org>"}
    assert catalogue(tmp_path, **same).fingerprint("email-address") == before


def test_the_example_in_the_paper_loads_as_it_stands(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "providers-email.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    settings, book = (tomllib.loads(block) for block in blocks[:2])
    (tmp_path / "disposable-domains.txt").write_text("mailinator.com\n")
    found = loaded(tmp_path, settings["identity"])
    realm_name = book["rulebook"]["realm"]
    assert found.realms[realm_name].providers == ("email",)
    RealmCatalogue(found).check(
        realm_name,
        predicates=[book["signing"]["who"]],
        assurances=[book["rulebook"]["assurance"]],
        uniqueness=book["signing"]["uniqueness"],
    )
    record = found.letterboxes["email"].record
    for field in record.__struct_fields__:
        name = {"level": "assurance"}.get(field, field)
        assert f"`{name}`" in text, name
