"""The cases: for each condition of `tests.identity.checklist` one wrong answer or more.

Each is refused for its own reason, not by the accident of another rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc.jwk import OctKey
from werkzeug.wrappers import Response

from tests.identity.checklist import ENCRYPTED_ONLY
from tests.identity.lies import (
    bad_time,
    callback,
    changed_text,
    claims,
    compressed,
    critical,
    damaged_token,
    damaged_userinfo,
    half_hash_of,
    header,
    key_in_header,
    keyed_with_public_key,
    keyed_with_secret,
    listed_keys,
    metadata,
    metadata_response,
    not_encrypted,
    not_signed,
    own_key_in_header,
    raw_payload,
    sealed_by,
    sealed_text,
    signed_by,
    times,
    token_response,
    told,
    two_keys,
    unnamed_key_among_two,
    user,
    user_response,
    user_times,
    weak_keys,
)
from tests.identity.lying_provider import ABSENT, as_json, unsigned

JSON: Final = "application/json"


@dataclass(frozen=True)
class Case:
    """One wrong answer. `record`: what is changed in the provider's record beforehand.

    `cold`: nothing of the provider is known when the answer comes, as after a restart. `only`: the
    profile the case is for, where it is not for all.
    """

    number: int
    name: str
    lie: Any
    reason: str
    cause: str = "not_verified"
    record: dict[str, Any] = field(default_factory=dict)
    cold: bool = False
    only: str | None = None

    def fits(self, profile: str) -> bool:
        wanted = "encrypted" if self.number in ENCRYPTED_ONLY else self.only
        return wanted in (None, profile)

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


def _cases(number: int, reason: str, **lies: Any) -> Iterable[Case]:
    return (Case(number, name.replace("_", " "), lie, reason) for name, lie in lies.items())


THE_28: Final = (
    Case(1, "the issuer is another", claims(iss="https://other.example"), "issuer"),
    Case(1, "the issuer has a slash more", lambda p: claims(iss=f"{p.issuer}/")(p), "issuer"),
    Case(1, "no issuer", claims(iss=ABSENT), "issuer"),
    Case(2, "the audience is another client", claims(aud="other"), "audience"),
    Case(3, "the audience leaves us out", claims(aud=["other"], azp="petitions"), "audience"),
    Case(4, "the audience is an empty list", claims(aud=[]), "audience"),
    Case(4, "no audience", claims(aud=ABSENT), "audience"),
    Case(5, "another nonce", claims(nonce="f" * 64), "nonce"),
    Case(6, "no nonce", claims(nonce=ABSENT), "nonce"),
    Case(7, "nonces unsupported", claims(nonce=ABSENT, nonce_supported=False), "nonce"),
    Case(8, "expired", times(iat=-400, exp=-340), "expired"),
    Case(9, "issued in the future", times(iat=4000, exp=4060), "iat_ahead"),
    Case(10, "no subject", claims(sub=ABSENT), "subject"),
    Case(11, "an empty subject", claims(sub=""), "subject"),
    Case(12, "the bytes are damaged", damaged_token, "signature_wrong"),
    Case(13, "a foreign key under a known kid", signed_by("provider-1"), "signature_wrong"),
    Case(14, "a foreign key under an unknown kid", signed_by("nobody-knows"), "key_unknown"),
    Case(15, "the key comes inside the header", key_in_header, "header_not_plain"),
    Case(15, "our provider's own key inside the header", own_key_in_header, "header_not_plain"),
    Case(15, "an address of keys", header(jku="https://evil.example/k"), "header_not_plain"),
    Case(16, "not signed", not_signed, "algorithm_not_pinned"),
    Case(17, "keyed by the public key", keyed_with_public_key, "algorithm_not_pinned"),
    Case(18, "keyed with the client secret", keyed_with_secret, "algorithm_not_pinned"),
    Case(19, "an acr outside the set", claims(acr="eidas0"), "assurance_outside_the_set"),
    Case(19, "an acr that only begins so", claims(acr="eidas1x"), "assurance_outside_the_set"),
    Case(19, "a list of acr", claims(acr=["eidas1"]), "assurance_outside_the_set"),
    Case(20, "no acr", claims(acr=ABSENT), "assurance_outside_the_set"),
    Case(21, "at_hash does not fit", claims(at_hash="A" * 22), "at_hash"),
    Case(21, "at_hash is no text", claims(at_hash=7), "at_hash"),
    Case(22, "no id_token", told(id_token=ABSENT), "id_token_absent"),
    Case(22, "an id_token that is an object", told(id_token={"sub": "alice"}), "id_token_absent"),
    Case(23, "500", token_response(Response("", 500)), "provider_does_not_answer", "no_answer"),
    Case(24, "another person", user(sub="mallory"), "userinfo_of_another_person"),
    Case(24, "userinfo without a subject", user(sub=ABSENT), "subject"),
    Case(25, "damaged", damaged_userinfo, "signature_wrong", only="plain"),
    Case(25, "damaged", damaged_userinfo, "signature_wrong", only="pushed"),
    Case(25, "damaged", damaged_userinfo, "does_not_decrypt", only="encrypted"),
    Case(26, "plain userinfo", user_response(as_json({"sub": "alice"})), "userinfo_not_signed"),
    Case(27, "another", callback(iss="https://other.example"), "callback_of_another_issuer"),
    Case(28, "the state is unknown", callback(state="0" * 64), "state_unknown", "other_browser"),
    Case(28, "no state at all", callback(state=ABSENT), "state_unknown", "other_browser"),
)
ADDRESSES: Final = (
    ("jwks_uri", "http://192.0.2.1/jwks"),
    ("token_endpoint", "http://login.provider.example/api/v2/token"),
    ("authorization_endpoint", "javascript:alert()"),
    ("userinfo_endpoint", "ftp://127.0.0.1/userinfo"),
)
METADATA: Final = (
    Case(29, "another", metadata(issuer="https://x.example"), "metadata_of_another_issuer"),
    Case(29, "no issuer", metadata(issuer=ABSENT), "metadata_of_another_issuer"),
    *(
        Case(30, f"{name} is {url}", metadata(**{name: url}), "metadata_endpoint_not_https")
        for name, url in ADDRESSES
    ),
    *(
        Case(31, f"{name} elsewhere", metadata(**{name: "https://evil.example/x"}), reason)
        for name in ("token_endpoint", "jwks_uri", "userinfo_endpoint", "authorization_endpoint",
                     "end_session_endpoint", "pushed_authorization_request_endpoint")
        for reason in ["metadata_endpoint_on_a_foreign_host"]
    ),
    Case(0, "an endpoint is missing", metadata(token_endpoint=ABSENT), "metadata_incomplete"),
    Case(0, "an endpoint is a list", metadata(userinfo_endpoint=["a"]), "metadata_endpoint"),
    Case(58, "metadata in HTML", metadata_response(Response("<p>")), "metadata_not_json"),
    Case(0, "metadata are a list", metadata_response(as_json([])), "metadata_not_json"),
    Case(61, "metadata", metadata_response(Response("a" * 300_000, mimetype=JSON)), "body_too_long"),
    Case(59, "metadata", metadata_response(Response("", 302, {"Location": "/"})),
         "back_channel_redirect"),
)  # fmt: skip
KEYS: Final = (
    Case(54, "no kid", unnamed_key_among_two, "key_unknown", cold=True),
    Case(55, "its only key", two_keys(use="enc"), "key_unknown", cold=True),
    Case(56, "its only key", two_keys(alg="ES384"), "key_unknown", cold=True),
    Case(0, "one kid twice", two_keys(count=2), "key_unknown", cold=True),
    Case(0, "no key is left", listed_keys([]), "keys_missing", cold=True),
    Case(0, "keys that are a text", listed_keys("none"), "keys_malformed", cold=True),
    Case(61, "keys", listed_keys([], padding="a" * 263_000), "body_too_long", cold=True),
    Case(0, "a shared secret", listed_keys([OctKey.generate_key(256, {"kid": "provider-1"}).as_dict()]),
         "keys_missing", cold=True),
    Case(0, "an RSA key of 1024 bits", weak_keys, "keys_missing", cold=True,
         record={"answer": {"algs": ("RS256",)}}),
    Case(58, "keys in HTML", lambda p: setattr(p.lies, "keys_response", Response("<p>")),
         "metadata_not_json", cold=True),
)  # fmt: skip
BEYOND: Final = (
    *METADATA,
    Case(32, "absent", callback(iss=ABSENT), "callback_issuer_absent"),
    Case(32, "where the record requires it", callback(iss=ABSENT), "callback_issuer_absent",
         record={"answer": {"iss_parameter": "required"}}),
    *_cases(33, "parameter_twice", code=callback(code=["a", "b"]), iss=callback(iss=["a", "b"])),
    Case(34, "both", callback(error="access_denied"), "neither_code_nor_error_alone"),
    Case(34, "neither", callback(code=ABSENT), "neither_code_nor_error_alone"),
    Case(0, "a parameter is too long", callback(code="c" * 2100), "callback_too_long"),
    Case(39, "two", claims(aud=["petitions", "other"]), "authorized_party_absent"),
    Case(40, "another client", claims(azp="other"), "authorized_party"),
    Case(40, "with several", claims(aud=["petitions", "other"], azp="other"), "authorized_party"),
    Case(0, "the audience is no text", claims(aud=[1, "petitions"]), "audience"),
    Case(41, "no exp", claims(exp=ABSENT), "exp_absent"),
    Case(42, "no iat", claims(iat=ABSENT), "iat_absent"),
    Case(43, "exp", claims(exp=True), "exp_no_time"),
    Case(43, "iat", claims(iat=True), "iat_no_time"),
    Case(0, "exp is a text", claims(exp="9999999999"), "exp_no_time"),
    *_cases(44, "token_damaged", exp_1e400=bad_time("exp", "1e400"),
            exp_infinity=bad_time("exp", "Infinity"), iat_nan=bad_time("iat", "NaN")),
    Case(45, "an hour", times(nbf=4000), "nbf_ahead"),
    Case(0, "nbf is no number", claims(nbf="soon"), "nbf_no_time"),
    Case(46, "a day", times(exp=100_000), "lives_too_long"),
    Case(46, "exp before iat", times(iat=20, exp=10), "lives_too_long"),
    Case(47, "256 characters", claims(sub="a" * 256), "subject"),
    Case(0, "a subject that is a number", claims(sub=7), "subject"),
    Case(0, "a subject outside ASCII", claims(sub="élise"), "subject"),
    Case(48, "off", claims(), "person_key_off_pattern", "key_changed",
         record={"person": {"pattern": "[0-9a-f]{64}v1"}}),
    Case(49, "absent", claims(), "person_key_missing", record={"person": {"key": "number"}}),
    Case(49, "no text", claims(number=85073003328), "person_key_missing",
         record={"person": {"key": "number"}}),
    Case(0, "a name is repeated", changed_text('{"iss"', '{"sub": "mallory", "iss"'), "token_damaged"),
    *_cases(0, "token_damaged", no_object=raw_payload(b"[1, 2]"), no_JSON=raw_payload(b"sub=a"),
            nested_without_end=raw_payload(b'{"a":' * 5000)),
    Case(50, "a plain token", not_encrypted, "not_encrypted"),
    *_cases(51, "encryption_not_pinned", wrapped_key=sealed_by(alg="ECDH-ES+A128KW"),
            cipher=sealed_by(enc="A128GCM"), cbc=sealed_by(enc="A128CBC-HS256"),
            RSA1_5=sealed_by(alg="RSA1_5"), direct=sealed_by(alg="dir")),
    Case(52, "JSON", sealed_text('{"sub": "alice"}'), "not_signed"),
    Case(52, "encrypted twice", sealed_text("a.b.c.d.e"), "not_signed"),
    Case(0, "compressed", compressed, "header_not_plain", only="encrypted"),
    Case(0, "encrypted where it was not asked", sealed_text("a.b.c.d.e"), "not_signed", only="plain"),
    Case(53, "b64", critical, "header_not_plain"),
    Case(53, "kid", header(crit=["kid"]), "header_not_plain"),
    *KEYS,
    Case(0, "an access token for an id_token", header(typ="at+jwt"), "token_of_another_kind"),
    Case(0, "a logout token for an id_token", header(typ="logout+jwt"), "token_of_another_kind"),
    *_cases(57, "token_not_bearer", mac=told(token_type="mac"), absent=told(token_type=ABSENT)),
    Case(0, "no access token", told(access_token=ABSENT), "access_token_absent"),
    Case(0, "the id_token is no token", told(id_token="alice"), "not_signed", only="plain"),
    Case(58, "tokens", token_response(Response("<p>", mimetype="text/html")), "token_answer_not_json"),
    Case(58, "userinfo", user_response(Response("<p>", mimetype="text/html")), "userinfo_not_signed"),
    Case(0, "empty", token_response(Response("", mimetype=JSON)), "token_answer_damaged"),
    Case(0, "repeats", token_response(Response('{"token_type":"Bearer","token_type":"Bearer"}',
                                               mimetype=JSON)), "token_answer_damaged"),
    Case(59, "tokens", token_response(Response("", 302, {"Location": "/token"})),
         "back_channel_redirect"),
    Case(59, "userinfo", user_response(Response("", 307, {"Location": "/userinfo"})),
         "back_channel_redirect"),
    Case(60, "tokens", told(padding="a" * 65_000), "body_too_long"),
    Case(60, "tokens of 10 MB", token_response(Response("a" * 10_000_000, mimetype=JSON)),
         "body_too_long"),
    Case(60, "userinfo", user_response(Response("a" * 66_000, mimetype="application/jwt")),
         "body_too_long"),
    Case(62, "another", user(iss="https://other.example"), "userinfo_issuer"),
    Case(63, "another", user(aud="other"), "audience"),
    Case(63, "nobody", user(aud=[]), "audience"),
    Case(64, "long ago", user_times(exp=-4000), "expired"),
    Case(64, "at a boolean", user(exp=True), "exp_no_time"),
    Case(0, "userinfo is refused", user_response(as_json({}, 401)), "userinfo_refused"),
    Case(0, "userinfo is not signed", user_response(Response(unsigned({}, {"sub": "alice-at-lying"}),
         mimetype="application/jwt")), "algorithm_not_pinned", only="plain"),
    Case(65, "absent", claims(auth_time=ABSENT), "auth_time_absent", record={"max_age": 300}),
    Case(65, "a boolean", claims(auth_time=True), "auth_time_absent", record={"max_age": 300}),
    Case(65, "old", claims(auth_time=1), "auth_time_too_old", record={"max_age": 300}),
    Case(65, "ahead", times(auth_time=9999), "auth_time_too_old", record={"max_age": 300}),
    *(Case(66, str(amr), claims(amr=amr), "authentication_method", record={"amr": ("mfa",)})
      for amr in (["pwd"], "mfa", [], ABSENT)),
    *(Case(67, str(vot), claims(vot=vot, acr=ABSENT), "assurance_outside_the_set",
           record={"assurance": {"vot:Cl.Cm": "low"}}) for vot in ("Cl", "Cl.Cm.P2", ABSENT)),
    Case(68, "absent", claims(at_hash=ABSENT), "at_hash_absent",
         record={"answer": {"at_hash": "required"}}),
    Case(69, "of SHA-384", half_hash_of("sha384"), "at_hash"),
)  # fmt: skip
CASES: Final = (*THE_28, *BEYOND)
