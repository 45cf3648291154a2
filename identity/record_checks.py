"""What a settings record must never say. Each refusal: the path, and what was expected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from identity.eligibility import LEAVES
from identity.errors import SettingsRefused
from identity.person_keys import ENUMERABLE, FORMS
from identity.providers.email.record import EmailRecord
from identity.records import ProviderRecord, RealmRecord, StaffRecord

SIGNATURES: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"}
)
# RSA1_5 stays off: its padding answers an attacker's questions (Bleichenbacher, 1998).
KEY_AGREEMENTS: Final = frozenset(
    {"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW", "RSA-OAEP", "RSA-OAEP-256"}
)
CONTENT_CIPHERS: Final = frozenset({"A128GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512"})
AGE_CLAIM: Final = re.compile(r"age_(\d{1,3})")
ATTRIBUTES: Final = (LEAVES - {"age_min"}) | {"birthdate", "area"}
ANY_ACR: Final = "*"
# Named in the standards, asked for by some provider, and not carried out here: a sentence each, so
# that nobody believes a protection is on.
NOT_CARRIED_OUT: Final[Mapping[str, str]] = {
    "dpop": "is not carried out by this version: our access token is used once, for userinfo, "
    "within the seconds of one callback; leave the key out, and take a provider that does not "
    "insist on sender-constrained tokens (RFC 9449)",
}
AnyRecord = ProviderRecord | EmailRecord
_NAMESPACE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_provider(path: str, record: ProviderRecord, *, environment: str, base_url: str) -> None:
    """Refuse whatever one record can get wrong by itself."""
    _check_issuer(f"{path}.issuer", record.issuer, environment, base_url)
    _check_answer(f"{path}.answer", record)
    _check_person(f"{path}.person", record, environment)
    _check_assurance(f"{path}.assurance", record)
    _check_attributes(f"{path}.attributes", record)
    _check_parameters(f"{path}.allowed_parameters", record)
    if record.client.alg is not None and record.client.alg not in SIGNATURES:
        raise SettingsRefused(f"{path}.client.alg", "must be an asymmetric signature algorithm")
    if not 10 <= record.client.ttl <= 300:
        raise SettingsRefused(f"{path}.client.ttl", "must be between 10 and 300 seconds")
    if "openid" not in record.request.scopes:
        raise SettingsRefused(f"{path}.request.scopes", "must hold openid")
    if not 0 <= record.skew <= 120:
        raise SettingsRefused(f"{path}.skew", "must be between 0 and 120 seconds")
    if not 1 <= record.max_life <= 86400:
        raise SettingsRefused(f"{path}.max_life", "must be between 1 and 86400 seconds")
    if record.max_age is not None and record.max_age < 0:
        raise SettingsRefused(f"{path}.max_age", "must be 0 seconds or more")
    _check_request_object(f"{path}.request_object", record)
    limits = record.timeouts
    if not (0 < limits.connect <= 10 and 0 < limits.read <= 30 and 0 < limits.whole <= 30):
        raise SettingsRefused(f"{path}.timeouts", "must be positive, at most 10, 30 and 30 seconds")
    if record.metadata is not None and record.metadata.get("issuer") != record.issuer:
        raise SettingsRefused(f"{path}.metadata.issuer", "must equal the record's issuer")
    if not record.user_agent.isprintable() or not record.user_agent:
        raise SettingsRefused(f"{path}.user_agent", "must be printable")


def check_namespace(path: str, namespace: str, environment: str) -> None:
    if not _NAMESPACE.fullmatch(namespace):
        raise SettingsRefused(path, "must be a plain lower-case name")
    if environment == "production" and namespace.startswith("demo-"):
        raise SettingsRefused(path, "demo- is for demonstrations")


def check_realm(path: str, realm: RealmRecord, providers: Mapping[str, AnyRecord]) -> None:
    """One human, one key: refuse a realm in which a person could have two."""
    _check_named(f"{path}.providers", realm.providers, providers)
    records = [providers[name] for name in realm.providers]
    _check_address(path, realm, records)
    openid = [record for record in records if isinstance(record, ProviderRecord)]
    for other in openid[1:]:
        _check_same_key(f"{path}.providers", openid[0], other)
    for key in (*realm.declared, *realm.proves):
        if key not in LEAVES:
            raise SettingsRefused(f"{path}.declared", f"{key!r} is no condition of a rulebook")
    for name, record in zip(realm.providers, records, strict=True):
        for wanted in realm.attributes:
            if wanted not in record.attributes:
                raise SettingsRefused(f"{path}.attributes", f"{name} does not give {wanted!r}")
    proved = {condition_of(name) for name in realm.attributes} | set(realm.proves)
    for key in realm.declared:
        if key in proved:
            raise SettingsRefused(f"{path}.declared", f"{key!r} is proved, so never declared")


def check_staff(
    path: str,
    staff: StaffRecord,
    providers: Mapping[str, AnyRecord],
    realms: Mapping[str, RealmRecord],
) -> None:
    """Staff providers have name spaces of their own, and reach the level that is asked."""
    _check_named(f"{path}.providers", staff.providers, providers)
    of_citizens = {
        providers[name].person.namespace for realm in realms.values() for name in realm.providers
    }
    spaces = [providers[name].person.namespace for name in staff.providers]
    if len(set(spaces)) != len(spaces):
        # an equal sub at two issuers would be one clerk, whoever chose it
        raise SettingsRefused(f"{path}.providers", "two providers share a namespace")
    for name in staff.providers:
        record = providers[name]
        if not isinstance(record, ProviderRecord):
            raise SettingsRefused(f"{path}.providers", f"{name}: an address opens no desk")
        if record.person.namespace in of_citizens:
            raise SettingsRefused(f"{path}.providers", f"{name} shares a namespace with a realm")
        by_method = record.amr or staff.amr
        if staff.assurance not in record.assurance.values() and not by_method:
            raise SettingsRefused(f"{path}.assurance", f"{name} reaches no second factor")
        allowed = record.allowed_parameters
        if allowed is not None and not {"prompt", "max_age"} <= set(allowed):
            # sealing, key and role actions ask for a login made now
            raise SettingsRefused(f"{path}.providers", f"{name} must allow prompt and max_age")
        needs = {staff.name_source} | ({staff.roles.source} if staff.roles else set())
        if "userinfo" in needs and record.answer.userinfo == "none":
            raise SettingsRefused(f"{path}", f"{name} has no userinfo")
    if staff.roles_from == "desk" and staff.roles is not None:
        # two sources would let what one took away live on in the other
        raise SettingsRefused(f"{path}.roles", 'must be left out where roles_from is "desk"')
    if staff.roles_from == "claim" and staff.roles is None:
        raise SettingsRefused(f"{path}.roles", 'is needed where roles_from is "claim"')


def condition_of(attribute: str) -> str:
    """The rulebook condition that an attribute answers."""
    if attribute == "birthdate" or AGE_CLAIM.fullmatch(attribute):
        return "age_min"
    return attribute


def _check_issuer(path: str, issuer: str, environment: str, base_url: str) -> None:
    parts = urlsplit(issuer)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment:
        raise SettingsRefused(path, "must be an https URL without query")
    if parts.username is not None:
        raise SettingsRefused(path, "must not hold a name or password")
    near = is_loopback(host)
    if environment == "production" and (parts.scheme == "http" or near):
        raise SettingsRefused(path, "must be https and not on loopback in production")
    # A demonstration on a local network has its provider on the site's own host.
    same_host = environment == "demo" and host == urlsplit(base_url).hostname
    if parts.scheme == "http" and not (near or same_host):
        raise SettingsRefused(path, "may be http on loopback only")


def _check_request_object(path: str, record: ProviderRecord) -> None:
    """RFC 9101: signed by the same key as our assertions, so there must be one."""
    if record.request_object and (record.client.key_file is None or record.client.alg is None):
        raise SettingsRefused(path, "needs client.key_file and client.alg")


def _check_answer(path: str, record: ProviderRecord) -> None:
    answer = record.answer
    for alg in answer.algs:
        if alg not in SIGNATURES:
            raise SettingsRefused(f"{path}.algs", f"{alg!r} is no asymmetric signature algorithm")
    if not answer.algs:
        raise SettingsRefused(f"{path}.algs", "must name one algorithm or more")
    if answer.encrypted is None:
        return
    for name, given, known in (
        ("alg", answer.encrypted.alg, KEY_AGREEMENTS),
        ("enc", answer.encrypted.enc, CONTENT_CIPHERS),
    ):
        if not given or not known.issuperset(given):
            expected = f"must be of {', '.join(sorted(known))}"
            raise SettingsRefused(f"{path}.encrypted.{name}", expected)


def _check_person(path: str, record: ProviderRecord, environment: str) -> None:
    person = record.person
    check_namespace(f"{path}.namespace", person.namespace, environment)
    if person.form not in FORMS:
        raise SettingsRefused(f"{path}.form", f"must be one of {', '.join(sorted(FORMS))}")
    if person.form in ENUMERABLE and not person.stretch:
        raise SettingsRefused(f"{path}.stretch", "must be true: these numbers can be enumerated")
    if person.source == "userinfo" and record.answer.userinfo == "none":
        raise SettingsRefused(f"{path}.from", "needs answer.userinfo")
    if not person.key:
        raise SettingsRefused(f"{path}.key", "must name a claim")
    if person.pattern is not None:
        try:
            re.compile(person.pattern)
        except re.error as error:
            raise SettingsRefused(f"{path}.pattern", "must be a regular expression") from error


def _check_assurance(path: str, record: ProviderRecord) -> None:
    if not record.assurance:
        raise SettingsRefused(path, 'must name each accepted acr, or "*" knowingly')
    if ANY_ACR in record.assurance and len(record.assurance) > 1:
        raise SettingsRefused(path, '"*" stands alone')
    vot = {f"vot:{value}" for value in record.request.vtr}
    for value in {*record.request.acr_values, *vot}:
        if ANY_ACR not in record.assurance and value not in record.assurance:
            raise SettingsRefused(path, f"must say what {value!r} is worth, since it is asked")


def _check_attributes(path: str, record: ProviderRecord) -> None:
    for name, attribute in record.attributes.items():
        if name not in ATTRIBUTES and not AGE_CLAIM.fullmatch(name):
            raise SettingsRefused(f"{path}.{name}", "answers no condition of a rulebook")
        if attribute.source == "userinfo" and record.answer.userinfo == "none":
            raise SettingsRefused(f"{path}.{name}.from", "needs answer.userinfo")
        if attribute.scope is not None and (not attribute.scope or " " in attribute.scope):
            raise SettingsRefused(f"{path}.{name}.scope", "must be one scope, without a space")


def parameters_sent(record: ProviderRecord) -> frozenset[str]:
    """Names of the parameters of our authorization request, wherever they travel."""
    asked = record.request
    optional = {
        "acr_values": bool(asked.acr_values),
        "vtr": bool(asked.vtr),
        "prompt": asked.prompt is not None,
        "max_age": record.max_age is not None,
        "claims": bool(asked.claims) or any(each.by_name for each in record.attributes.values()),
        "code_challenge": asked.pkce == "S256",
        "code_challenge_method": asked.pkce == "S256",
        "request": record.request_object,
    }
    always = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce"}
    return frozenset(always | {name for name, sent in optional.items() if sent})


def _check_parameters(path: str, record: ProviderRecord) -> None:
    if record.allowed_parameters is None:
        return
    for name in sorted(parameters_sent(record) - set(record.allowed_parameters)):
        raise SettingsRefused(path, f"we would send {name}, which is not in the list")


def _check_named(path: str, names: tuple[str, ...], providers: Mapping[str, AnyRecord]) -> None:
    if not names or len(set(names)) != len(names):
        raise SettingsRefused(path, "must name one provider or more, each once")
    for name in names:
        if name not in providers:
            raise SettingsRefused(path, f"there is no provider {name!r}")


def _check_address(path: str, realm: RealmRecord, records: Sequence[AnyRecord]) -> None:
    """An address is one key and no other login's, and it proves no condition of a rulebook."""
    if not any(isinstance(record, EmailRecord) for record in records):
        return
    if len(records) > 1:
        raise SettingsRefused(f"{path}.providers", "an e-mail provider stands alone in its realm")
    if realm.proves:
        raise SettingsRefused(f"{path}.proves", "an address proves no condition: use declared")


def _check_same_key(path: str, first: ProviderRecord, other: ProviderRecord) -> None:
    """Two providers of a realm must give one human one key, or everybody has two signatures."""
    for what, one, two in (
        ("namespace", first.person.namespace, other.person.namespace),
        ("form", first.person.form, other.person.form),
        ("stretch", first.person.stretch, other.person.stretch),
        ("one_per", first.person.one_per, other.person.one_per),
    ):
        if one != two:
            raise SettingsRefused(path, f"two providers differ in person.{what}")
    keys = {first.person.key, other.person.key}
    if "sub" in keys and (len(keys) > 1 or first.issuer != other.issuer):
        # sub is pairwise or local to its issuer (OpenID Connect Core, 8): never one key of two.
        raise SettingsRefused(path, "sub of two issuers is never one key")
    same_spelling = (
        first.person.pattern is not None and first.person.pattern == other.person.pattern
    )
    if first.issuer != other.issuer and first.person.form == "exact" and not same_spelling:
        # 85.07.30-033.28 and 85073003328 would be two persons.
        raise SettingsRefused(path, "two issuers need a form other than exact, or one same pattern")
