"""E-mail addresses: what is one, what is refused, and which spellings are one mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.providers.email.address import (
    Address,
    AddressRefused,
    Folding,
    ascii_domain,
    counted,
    is_under,
    read_address,
)

KEEP = Folding()


def one(typed: str, folding: Folding = KEEP) -> str:
    return counted(read_address(typed), folding)


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("anna@example.org", "anna@example.org"),
        ("  anna@example.org\N{NO-BREAK SPACE}", "anna@example.org"),
        ("Anna.Muster+post@Example.ORG", "Anna.Muster+post@example.org"),
        ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
        ("anna@köln.example", "anna@xn--kln-sna.example"),
        ("anna@ko\u0308ln.example", "anna@xn--kln-sna.example"),
        ("anna@KÖLN.example", "anna@xn--kln-sna.example"),
        ("anna@例え.テスト", "anna@xn--r8jz45g.xn--zckzah"),
        ("anna@例え。テスト", "anna@xn--r8jz45g.xn--zckzah"),
        ("rene\u0301@example.org", "rené@example.org"),
        ("παππάς@example.org", "παππάς@example.org"),
        (f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
        ("a@b-c.de", "a@b-c.de"),
        ("a@1und1.de", "a@1und1.de"),
    ],
)
def test_an_address_is_sent_to_as_its_host_wants_it(typed: str, sent_to: str) -> None:
    assert read_address(typed).text == sent_to


@pytest.mark.parametrize(
    "typed",
    [
        "anna", "anna@", "@example.org", "anna@@example.org", "anna@b@example.org", "a b@example.org",
        "anna@example", "anna@example.", "anna@.example.org", "anna@example..org", ".a@example.org",
        "a.@example.org", "a..b@example.org", "anna@-example.org", "anna@example-.org",
        "anna@exa_mple.org", "anna@[192.0.2.1]", "anna@192.0.2.1", "anna@[IPv6:2001:db8::1]",
        "anna@example.123", '"anna"@example.org', '"a\\"b"@example.org', "anna(note)@example.org",
        "anna@example.org(note)", "Anna <anna@example.org>", "<anna@example.org>",
        "anna@example.org,bea@example.org", "anna@example.org;bea@example.org",
        "@a.example:anna@example.org", "anna@example.org\r\nBcc: bea@example.org",
        "anna\r\n@example.org", "anna\n@example.org", "anna@example.org\n", "\tanna@example.org",
        "anna\x00@example.org", "anna@exa\x00mple.org", "anna\x7f@example.org",
        "anna\u200b@example.org", "anna\u202e@example.org", "anna\ufeff@example.org",
        "anna\u2028@example.org", "an\u00adna@example.org", "anna\ue000@example.org",
        "anna\ud800@example.org", "anna\ufffd@example.org", "a\u3000b@example.org",
        "anna＠example.org", "anna@xn--zzzzzzzzz.example", "anna@exa mple.org", "anna@%41.example",
        f"{'a' * 65}@example.org", f"{'é' * 33}@example.org", f"a@{'b' * 64}.org",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.org", "a@" + "b.c" * 200,
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_and_not_quoted(typed: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        read_address(typed)
    assert str(refused.value) == refused.value.reason == "malformed"


@pytest.mark.parametrize("typed", ["", " ", "\N{NO-BREAK SPACE} "])
def test_nothing_typed_is_told_apart_from_something_wrong(typed: str) -> None:
    with pytest.raises(AddressRefused, match="missing"):
        read_address(typed)


@pytest.mark.parametrize(
    "spelling",
    ["Anna@Köln.example", "ANNA@KÖLN.EXAMPLE", "anna@xn--kln-sna.example", "anna@XN--KLN-SNA.example",
     " anna@ko\u0308ln.example"],
)  # fmt: skip
def test_every_spelling_of_one_address_counts_as_one(spelling: str) -> None:
    assert one(spelling) == "anna@xn--kln-sna.example"


def test_case_and_composition_of_the_local_part_are_one() -> None:
    assert one("RENÉ@example.org") == one("rene\u0301@example.org") == "rené@example.org"
    assert one("renee@example.org") != one("renée@example.org")


def test_nothing_else_is_folded_unless_it_is_set() -> None:
    plain = {one(each) for each in ("a.nna@gmail.com", "anna@gmail.com", "anna+x@gmail.com",
                                    "anna@googlemail.com")}  # fmt: skip
    assert len(plain) == 4
    plus = Folding(drop_plus=True)
    assert one("anna+x+y@gmail.com", plus) == one("anna@gmail.com", plus) == "anna@gmail.com"
    assert one("a.nna@gmail.com", plus) != one("anna@gmail.com", plus)
    assert one("+x@gmail.com", plus) == "+x@gmail.com"  # never everybody's empty mailbox
    whole = Folding(
        drop_plus=True, drop_dots=frozenset({"gmail.com"}),
        same_domains={"googlemail.com": "gmail.com"},
    )  # fmt: skip
    assert one("A.n.na+x@googlemail.com", whole) == one("anna@gmail.com", whole)
    assert one("a.nna@example.org", whole) != one("anna@example.org", whole)


def test_a_domain_is_listed_with_everything_below_it() -> None:
    listed = frozenset({"mailinator.com"})
    assert is_under("mailinator.com", listed)
    assert is_under("a.b.mailinator.com", listed)
    assert not is_under("notmailinator.com", listed)
    assert not is_under("com", frozenset({"com"}))


def test_an_address_does_not_show_itself_in_a_report() -> None:
    assert "anna" not in repr(read_address("anna@example.org"))


@given(st.text(max_size=80), st.text(max_size=40))
def test_whatever_is_typed_is_refused_or_one_line_without_a_blank(local: str, domain: str) -> None:
    for typed in (f"{local}@{domain}", f"{local}@example.org", f"anna@{domain}"):
        try:
            found = read_address(typed)
        except AddressRefused:
            continue
        assert found.text.isprintable()
        assert not any(sign.isspace() or sign in '<>()[]\\,;:"' for sign in found.text)
        assert len(found.text.encode()) <= 254
        assert read_address(found.text) == found  # its own spelling is stable
        key = counted(found, KEEP)
        assert counted(read_address(key), KEEP) == key


@given(st.emails())
def test_an_ordinary_address_is_taken_or_has_a_form_that_we_exclude(address: str) -> None:
    local, _, domain = address.partition("@")
    try:
        found = read_address(address)
    except AddressRefused:
        labels = domain.lower().split(".")
        assert labels[-1].isdigit() or any("--" in label[:4] for label in labels)
    else:
        assert found == Address(local, ascii_domain(domain))
