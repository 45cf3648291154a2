"""The border: what one side says, the other hears unchanged, for a while, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwe, jws
from joserfc.jwk import OctKey, OKPKey

from identity.errors import AskRefused, PassRefused
from identity.passes import (
    Ask,
    Beside,
    Pass,
    StaffAsk,
    StaffPass,
    is_own_path,
    new_pass,
    new_staff_pass,
)
from identity.tokens import open_sealed, seal_to, signed
from tests.identity.office import Borders, ask, signer


@pytest.fixture
def borders(tmp_path: Path) -> Borders:
    return Borders(tmp_path)


def a_pass(borders: Borders, **changed: Any) -> Pass:
    asked = ask(borders.now)
    proved = {"u": b"u" * 32, "area": "75", "classes": ("adult",), "assurance": "low"}
    declare = ({"citizen_of": "FR"},)
    return replace(new_pass(asked, borders.now, declare=declare, **proved), **changed)


def a_staff_pass(borders: Borders) -> StaffPass:
    asked = StaffAsk(return_to="/desk", lang="en", rid=b"r" * 16)
    now = borders.now.replace(microsecond=0)
    return new_staff_pass(
        asked, borders.now, key=b"k" * 32, name="Ann", roles=("clerk",), auth_time=now,
        subject_mark=b"m" * 32,
    )  # fmt: skip


def open_it(borders: Borders, token: str, now: datetime | None = None, **changed: Any) -> Pass:
    asked = ask(borders.now)
    fields = {"context": asked.context, "purpose": asked.purpose, "rid": asked.rid, **changed}
    return borders.petitions.open_pass(token, now=now or borders.now, **fields)


def reason_of(borders: Borders, token: str, **changed: Any) -> str:
    with pytest.raises(PassRefused) as caught:
        open_it(borders, token, **changed)
    return caught.value.reason


def test_a_request_arrives_as_it_was_asked(borders: Borders) -> None:
    asked = ask(
        borders.now,
        who={"age_min": 18, "any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]},
        classes={"young": {"age_min": 16}},
        area="fr-departements",
        on=date(2026, 2, 28),
        return_to="/fr/petitions/é".replace("é", "%C3%A9") + "?x=1",
    )
    token = borders.petitions.seal_ask(asked, borders.now)
    assert borders.identity.open_ask(token, borders.now) == asked
    assert borders.identity.open_request(token, borders.now) == asked
    assert len(token) < 3000


def test_a_pass_arrives_as_it_was_proved_and_names_nobody(borders: Borders) -> None:
    found = a_pass(borders)
    token = borders.identity.seal_pass(found, borders.now)
    assert open_it(borders, token) == found
    assert len(token) < 1300
    assert "u=" not in repr(found)
    assert found.exp - found.iat == timedelta(minutes=10)


def inner_claims(borders: Borders, token: str) -> dict[str, Any]:
    inner = open_sealed(token, lambda day: borders.daily.pass_private(day, borders.now))
    found: dict[str, Any] = json.loads(jws.extract_compact(inner).payload)
    return found


def test_a_pass_holds_no_other_field(borders: Borders) -> None:
    token = borders.identity.seal_pass(a_pass(borders), borders.now)
    assert set(inner_claims(borders, token)) == {
        "iss", "aud", "iat", "exp", "jti", "context", "purpose", "u", "area", "classes",
        "declare", "assurance", "rid", "also",
    }  # fmt: skip


ASK_FIELDS = ["context", "purpose", "kid", "realm", "assurance", "who", "classes", "on", "area",
              "return_to", "lang", "rid", "iss", "aud", "iat", "exp"]  # fmt: skip


@pytest.mark.parametrize("field", ASK_FIELDS)
def test_a_request_with_any_field_changed_is_refused(borders: Borders, field: str) -> None:
    token = borders.petitions.seal_ask(ask(borders.now), borders.now)
    head, payload, signature = token.split(".")
    claims = json.loads(jws.extract_compact(token.encode()).payload)
    value = claims[field]
    claims[field] = (
        value + 1
        if isinstance(value, int)
        else {"changed": {}}
        if isinstance(value, dict)
        else f"{value}x"
    )
    from joserfc.util import json_b64encode

    changed = f"{head}.{json_b64encode(claims).decode()}.{signature}"
    assert payload != changed.split(".")[1]
    with pytest.raises(AskRefused, match="ask_damaged"):
        borders.identity.open_ask(changed, borders.now)


@pytest.mark.parametrize(
    "path",
    ["", "x", "//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "/a b", "/a;b",
     "/" + "a" * 200, "/é", "/a\x00", "javascript:alert(1)", "/\t/evil"],
)  # fmt: skip
def test_a_return_path_to_another_site_is_refused(borders: Borders, path: str) -> None:
    assert is_own_path(path) is False
    with pytest.raises(AskRefused, match="ask_returns_elsewhere"):
        borders.petitions.seal_ask(ask(borders.now, return_to=path), borders.now)
    claims = {**_ask_claims(borders), "return_to": path}
    token = signed(claims, "ask+jwt", signer(borders.petition_keys, "ask-sign"))
    with pytest.raises(AskRefused, match="ask_returns_elsewhere"):
        borders.identity.open_ask(token, borders.now)


@pytest.mark.parametrize(
    "changed",
    [
        {"context": "c2hvcnQ="}, {"rid": ""}, {"purpose": "vote"}, {"assurance": "highest"},
        {"kid": "../x"}, {"realm": ""}, {"lang": "en us"}, {"on": "tomorrow"}, {"on": 7},
        {"who": []}, {"classes": {"a b": {}}}, {"classes": ["a"]}, {"area": "a b"}, {"extra": 1},
        {"return_to": None},
    ],
)  # fmt: skip
def test_a_signed_request_that_is_out_of_shape_is_refused(
    borders: Borders, changed: dict[str, Any]
) -> None:
    claims = {**_ask_claims(borders), **changed}
    token = signed(claims, "ask+jwt", signer(borders.petition_keys, "ask-sign"))
    with pytest.raises(AskRefused):
        borders.identity.open_ask(token, borders.now)


def _ask_claims(borders: Borders) -> dict[str, Any]:
    token = borders.petitions.seal_ask(ask(borders.now), borders.now)
    found: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return found


def test_a_request_lives_twenty_minutes(borders: Borders) -> None:
    token = borders.petitions.seal_ask(ask(borders.now), borders.now)
    open_at = borders.identity.open_ask
    assert open_at(token, borders.now + timedelta(minutes=19, seconds=58))
    with pytest.raises(AskRefused, match="ask_expired"):
        open_at(token, borders.now + timedelta(minutes=20))
    with pytest.raises(AskRefused, match="ask_of_the_future"):
        open_at(token, borders.now - timedelta(minutes=1))


def test_a_pass_opens_in_its_petition_for_its_act_with_its_rid_for_ten_minutes(
    borders: Borders,
) -> None:
    token = borders.identity.seal_pass(a_pass(borders), borders.now)
    assert reason_of(borders, token, context=b"x" * 16) == "pass_of_another_petition"
    assert reason_of(borders, token, purpose="withdraw") == "pass_for_another_purpose"
    assert reason_of(borders, token, rid=b"x" * 16) == "pass_of_another_browser"
    assert reason_of(borders, token, now=borders.now + timedelta(minutes=10)) == "pass_expired"
    assert open_it(borders, token, now=borders.now + timedelta(minutes=9, seconds=58))


def test_a_login_gives_a_value_in_at_most_two_further_contexts_and_each_once(
    borders: Borders,
) -> None:
    second = Beside(context=b"s" * 16, kid="2026")
    asked = ask(borders.now, purpose="sponsor", also=(second,))
    token = borders.petitions.seal_ask(asked, borders.now)
    assert borders.identity.open_ask(token, borders.now) == asked
    refused = [
        ask(borders.now, purpose="sponsor", also=(Beside(context=asked.context, kid="2026"),)),
        ask(borders.now, purpose="sponsor", also=(Beside(context=b"short", kid="2026"),)),
        ask(borders.now, purpose="sponsor", also=(second, second)),
        ask(
            borders.now, purpose="author",
            also=tuple(Beside(context=bytes([n]) * 16, kid="2026") for n in range(3)),
        ),
    ]  # fmt: skip
    for each in refused:
        with pytest.raises(AskRefused, match="ask_malformed"):
            borders.petitions.seal_ask(each, borders.now)


def test_two_passes_of_one_request_have_two_jti(borders: Borders) -> None:
    assert a_pass(borders).jti != a_pass(borders).jti


def resealed(
    borders: Borders, claims: dict[str, Any], typ: str = "pass+jwt", key: Any = None
) -> str:
    """A pass with other claims, rightly signed and sealed by whoever holds the keys."""
    maker = key or signer(borders.identity_keys, "pass-sign")
    return seal_to(signed(claims, typ, maker), *borders.daily.pass_public(borders.now))


def test_a_pass_with_altered_claims_is_refused_each_for_its_reason(borders: Borders) -> None:
    good = inner_claims(borders, borders.identity.seal_pass(a_pass(borders), borders.now))
    at = int(borders.now.timestamp())
    cases: list[tuple[dict[str, Any], str]] = [
        ({"iss": "petitions"}, "pass_of_another_issuer"),
        ({"aud": "identity"}, "pass_for_another_audience"),
        ({"aud": ["petitions"]}, "pass_for_another_audience"),
        ({"exp": True}, "pass_without_times"),
        ({"exp": str(at + 60)}, "pass_without_times"),
        ({"exp": None}, "pass_without_times"),
        ({"iat": None}, "pass_without_times"),
        ({"exp": at - 1}, "pass_expired"),
        ({"iat": at + 600, "exp": at + 700}, "pass_of_the_future"),
        ({"exp": at + 601}, "pass_lives_too_long"),
        ({"u": "c2hvcnQ="}, "pass_malformed"),
        ({"u": None}, "pass_malformed"),
        ({"jti": ""}, "pass_malformed"),
        ({"classes": "adult"}, "pass_malformed"),
        ({"declare": [1]}, "pass_malformed"),
        ({"assurance": "highest"}, "pass_malformed"),
        ({"name": "Alice"}, "pass_malformed"),
        ({"also": ["c2hvcnQ="]}, "pass_malformed"),
        ({"also": [good["u"]] * 3}, "pass_malformed"),
    ]
    assert open_it(borders, resealed(borders, good))
    for changed, reason in cases:
        assert reason_of(borders, resealed(borders, {**good, **changed})) == reason, changed
    for missing in good:
        claims = {name: value for name, value in good.items() if name != missing}
        with_defaults = missing in ("area", "classes", "declare", "also")
        if not with_defaults:
            reason_of(borders, resealed(borders, claims))


@pytest.mark.parametrize("text", ["1e400", "NaN", "Infinity"])
def test_a_pass_whose_end_is_not_finite_is_refused(borders: Borders, text: str) -> None:
    good = inner_claims(borders, borders.identity.seal_pass(a_pass(borders), borders.now))
    good.pop("exp")
    payload = (json.dumps(good)[:-1] + f', "exp": {text}}}').encode()
    assert reason_of(borders, _raw(borders, payload)) == "pass_damaged"


def test_a_pass_that_repeats_a_name_is_refused(borders: Borders) -> None:
    good = inner_claims(borders, borders.identity.seal_pass(a_pass(borders), borders.now))
    payload = ('{"purpose": "author", ' + json.dumps(good)[1:]).encode()
    assert reason_of(borders, _raw(borders, payload)) == "pass_damaged"


def _raw(borders: Borders, payload: bytes, **header: Any) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from identity.tokens import key_name

    store = borders.identity_keys
    secret = store._secret("pass-sign", 3)  # type: ignore[arg-type]
    key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(secret))
    head = {
        "alg": "Ed25519",
        "typ": "pass+jwt",
        "kid": key_name(store.public("pass-sign")),
        **header,
    }
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    inner = jws.serialize_compact(head, payload, key, registry=registry)
    return seal_to(inner, *borders.daily.pass_public(borders.now))


def test_a_header_with_more_than_its_three_names_is_refused(borders: Borders) -> None:
    good = inner_claims(borders, borders.identity.seal_pass(a_pass(borders), borders.now))
    payload = json.dumps(good).encode()
    assert open_it(borders, _raw(borders, payload))
    for more in ({"jwk": {"kty": "OKP"}}, {"x": "y"}, {"cty": "JWT"}):
        assert reason_of(borders, _raw(borders, payload, **more)) == "pass_damaged"


def test_a_pass_by_another_key_is_refused(borders: Borders) -> None:
    good = inner_claims(borders, borders.identity.seal_pass(a_pass(borders), borders.now))
    forged = resealed(borders, good, key=signer(borders.petition_keys, "ask-sign"))
    assert reason_of(borders, forged) == "pass_damaged"


@pytest.mark.parametrize("token", ["", "a.b.c", "a.b.c.d.e", "é", "x" * 9000, "....", "a" * 2000])
def test_a_text_that_is_no_token_is_refused(borders: Borders, token: str) -> None:
    assert reason_of(borders, token) in ("pass_damaged", "pass_too_long")
    with pytest.raises(AskRefused):
        borders.identity.open_ask(token, borders.now)
    with pytest.raises(PassRefused):
        borders.petitions.open_staff_pass(token, rid=b"r" * 16, now=borders.now)


def test_each_damaged_character_of_a_pass_is_refused(borders: Borders) -> None:
    token = borders.identity.seal_pass(a_pass(borders), borders.now)
    for place in range(0, len(token), 37):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(PassRefused):
            open_it(borders, token[:place] + other + token[place + 1 :])


def test_a_pass_that_is_signed_but_not_sealed_is_refused(borders: Borders) -> None:
    good = inner_claims(borders, borders.identity.seal_pass(a_pass(borders), borders.now))
    bare = signed(good, "pass+jwt", signer(borders.identity_keys, "pass-sign"))
    assert reason_of(borders, bare) == "pass_damaged"


def test_a_pass_sealed_by_another_algorithm_is_refused(borders: Borders) -> None:
    token = borders.identity.seal_pass(a_pass(borders), borders.now)
    inner = open_sealed(token, lambda day: borders.daily.pass_private(day, borders.now))
    key = OctKey.generate_key(256)
    head = {"alg": "dir", "enc": "A256GCM", "cty": "JWT", "kid": borders.now.date().isoformat()}
    other = jwe.encrypt_compact(head, inner, key, algorithms=["dir", "A256GCM"])
    assert reason_of(borders, other) == "pass_damaged"


def test_a_pass_to_the_key_of_a_past_day_is_refused(borders: Borders) -> None:
    token = borders.identity.seal_pass(a_pass(borders), borders.now)
    later = borders.now + timedelta(days=2)
    assert reason_of(borders, token, now=later) == "pass_key_is_gone"


def test_no_kind_of_token_is_taken_for_another(borders: Borders) -> None:
    asked = borders.petitions.seal_ask(ask(borders.now), borders.now)
    staff_asked = borders.petitions.seal_staff_ask(
        StaffAsk(return_to="/desk", lang="en", rid=b"r" * 16), borders.now
    )
    with pytest.raises(AskRefused, match="ask_of_another_kind"):
        borders.identity.open_ask(staff_asked, borders.now)
    with pytest.raises(AskRefused, match="ask_of_another_kind"):
        borders.identity.open_staff_ask(asked, borders.now)
    assert isinstance(borders.identity.open_request(asked, borders.now), Ask)
    assert isinstance(borders.identity.open_request(staff_asked, borders.now), StaffAsk)


def test_a_staff_pass_signs_nothing_and_a_citizens_pass_opens_no_office(borders: Borders) -> None:
    staff = borders.identity.seal_staff_pass(a_staff_pass(borders), borders.now)
    citizen = borders.identity.seal_pass(a_pass(borders), borders.now)
    assert reason_of(borders, staff) == "pass_of_another_kind"
    with pytest.raises(PassRefused, match="pass_of_another_kind"):
        borders.petitions.open_staff_pass(citizen, rid=ask(borders.now).rid, now=borders.now)


def test_a_staff_pass_arrives_as_it_was_made(borders: Borders) -> None:
    found = a_staff_pass(borders)
    token = borders.identity.seal_staff_pass(found, borders.now)
    open_staff = borders.petitions.open_staff_pass
    assert open_staff(token, rid=found.rid, now=borders.now) == found
    with pytest.raises(PassRefused, match="pass_of_another_browser"):
        open_staff(token, rid=b"x" * 16, now=borders.now)
    with pytest.raises(PassRefused, match="pass_expired"):
        open_staff(token, rid=found.rid, now=borders.now + timedelta(minutes=10))


def test_identity_imports_no_petition_code() -> None:
    import ast

    import identity

    root = Path(str(identity.__file__)).parent
    imported = set()
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(str(node.module).partition(".")[0])
    assert "joserfc" in imported  # the walk sees imports
    assert not imported & {"petitions", "admissibility", "sqlalchemy", "tests"}
