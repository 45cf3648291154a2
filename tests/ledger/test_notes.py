from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from petitions.ledger import notes
from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import NoteRefusedError
from tests.ledger.memory import LOG_KEY, LOG_PUBLIC, ORIGIN

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER = OTHER_KEY.public_key().public_bytes_raw()
VKEY = notes.vkey(ORIGIN, LOG_PUBLIC)
BODY = "one\ntwo\n"
NOTE = notes.sign_note(BODY, ORIGIN, LOG_KEY.sign, LOG_PUBLIC)


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_ed25519_of_rfc_8032(secret: str, public: str, message: str, signature: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert key.public_key().public_bytes_raw().hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    verifier.verify(bytes.fromhex(signature), bytes.fromhex(message))
    with pytest.raises(InvalidSignature):
        verifier.verify(bytes.fromhex(signature), bytes.fromhex(message) + b"x")


def test_the_example_of_the_specification_opens() -> None:
    assert notes.open_note(EXAMPLE, [EXAMPLE_VKEY]) == "This is an example message.\n"


def test_the_verifier_key_of_the_specification_is_read_and_written() -> None:
    name, kid, public = notes.parse_vkey(EXAMPLE_VKEY)
    assert (name, kid.hex()) == ("example.com/foo", "530d903a")
    assert notes.vkey(name, public) == EXAMPLE_VKEY


def test_vector_of_the_log_key() -> None:
    expected = "petitions.example.org/2026+c2233a02+AU/QmczUfXiT3+nsJEFOyw2bVCAjKq0w2RxGW+M8vmXE"
    assert expected == VKEY
    assert notes.key_id(ORIGIN, LOG_PUBLIC).hex() == "c2233a02"


def test_a_key_id_depends_on_name_type_and_key() -> None:
    found = {
        notes.key_id(ORIGIN, LOG_PUBLIC),
        notes.key_id(ORIGIN + "x", LOG_PUBLIC),
        notes.key_id(ORIGIN, LOG_PUBLIC, 4),
        notes.key_id(ORIGIN, OTHER),
    }
    assert len(found) == 4


def test_a_signed_note_opens_to_its_text() -> None:
    assert NOTE.startswith("one\ntwo\n\n— petitions.example.org/2026 ")
    assert NOTE.endswith("\n")
    assert notes.open_note(NOTE, [VKEY]) == BODY


def test_a_text_with_empty_lines_is_divided_at_the_last_one() -> None:
    body = "one\n\n\n— two x\n\n"
    note = notes.sign_note(body, ORIGIN, LOG_KEY.sign, LOG_PUBLIC)
    assert notes.open_note(note, [VKEY]) == body


def test_two_keys_may_sign_one_note_during_a_rotation() -> None:
    both = NOTE + notes.signature_line(BODY, ORIGIN, OTHER_KEY.sign, OTHER)
    for known in ([VKEY], [notes.vkey(ORIGIN, OTHER)], [VKEY, notes.vkey(ORIGIN, OTHER)]):
        assert notes.open_note(both, known) == BODY


def test_a_signature_by_an_unknown_key_is_ignored_but_does_not_vouch() -> None:
    with pytest.raises(NoteRefusedError, match="no signature by a known key"):
        notes.open_note(NOTE, [notes.vkey(ORIGIN, OTHER)])
    with pytest.raises(NoteRefusedError, match="no signature by a known key"):
        notes.open_note(NOTE, [])


def test_the_same_key_id_under_another_name_is_unknown() -> None:
    renamed = NOTE.replace("— petitions.example.org/2026 ", "— petitions.example.org/2025 ")
    with pytest.raises(NoteRefusedError, match="no signature by a known key"):
        notes.open_note(renamed, [VKEY])


def test_a_bad_signature_by_a_known_key_rejects_the_note_even_beside_a_good_one() -> None:
    wrong = notes.signature_line("other\n", ORIGIN, OTHER_KEY.sign, OTHER)
    assert notes.open_note(NOTE + wrong, [VKEY]) == BODY
    with pytest.raises(NoteRefusedError, match="bad signature"):
        notes.open_note(NOTE + wrong, [VKEY, notes.vkey(ORIGIN, OTHER)])


@pytest.mark.parametrize("text", ["one\ntwo \n", "One\ntwo\n", "one\ntwo\n\n"])
def test_a_changed_text_rejects_the_note(text: str) -> None:
    with pytest.raises(NoteRefusedError, match="bad signature"):
        notes.open_note(text + NOTE.removeprefix(BODY), [VKEY])


@pytest.mark.parametrize("at", range(8, 88, 5))
def test_each_changed_letter_of_a_signature_rejects_the_note(at: int) -> None:
    start = NOTE.rindex(" ") + 1 + at
    letter = "A" if NOTE[start] != "A" else "B"
    with pytest.raises(NoteRefusedError):
        notes.open_note(NOTE[:start] + letter + NOTE[start + 1 :], [VKEY])


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "\n",
        BODY,
        NOTE.removesuffix("\n"),
        NOTE + "\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("one", "o\tne"),
        NOTE.replace("one", "o\0ne"),
        NOTE.replace("one", "o\ud800ne"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—\u00a0"),
        NOTE.replace("— ", " — "),
        NOTE.replace("— petitions.example.org/2026 ", "— "),
        NOTE.replace("— petitions.example.org/2026 ", "—  "),
        NOTE.replace(".org/2026 ", ".org+2026 "),
        NOTE.replace(".org/2026 ", ".org\u2003/2026 "),
        NOTE.replace(".org/2026 ", ".org/2026  "),
        NOTE.removesuffix("\n") + " \n",
        NOTE.replace("— petitions", "petitions"),
        NOTE + "— other AAAA\n",
        NOTE + "— other AAAAAAA=\u00e9\n",
        NOTE + "— other !!!!!!!!\n",
        NOTE + "not a signature\n",
        NOTE + "— o AAAAAAAA\n" * 100,
    ],
)
def test_a_malformed_note_is_refused_although_its_signature_may_be_good(malformed: str) -> None:
    with pytest.raises(NoteRefusedError):
        notes.open_note(malformed, [VKEY])


def test_a_note_may_bear_many_unknown_signatures() -> None:
    assert notes.open_note(NOTE + "— o AAAAAAAA\n" * 99, [VKEY]) == BODY


@pytest.mark.parametrize("text", ["QUI", "QUI=\n", "QUJ=", "Q U I=", "QUI==", "QU-_", "=", "é==="])
def test_base64_has_one_spelling(text: str) -> None:
    assert notes.from_base64("QUI=") == b"AB"
    with pytest.raises(LedgerError):
        notes.from_base64(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a+530d903a",
        EXAMPLE_VKEY.replace("530d903a", "530d903b"),
        EXAMPLE_VKEY.replace("530d903a", "530D903A"),
        EXAMPLE_VKEY.replace("example.com/foo", "example.com/bar"),
        EXAMPLE_VKEY.replace("example.com/foo", ""),
        EXAMPLE_VKEY.replace("+Aeky", "+Beky"),
        EXAMPLE_VKEY[:-4],
        EXAMPLE_VKEY + "\n",
        "a+530d903a+",
    ],
)
def test_a_malformed_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(LedgerError):
        notes.parse_vkey(text)
    with pytest.raises(LedgerError):
        notes.open_note(NOTE, [VKEY, text])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x1fb"])
def test_a_key_name_has_no_space_and_no_plus(name: str) -> None:
    with pytest.raises(LedgerError):
        notes.vkey(name, LOG_PUBLIC)
    with pytest.raises(LedgerError):
        notes.sign_note(BODY, name, LOG_KEY.sign, LOG_PUBLIC)


@pytest.mark.parametrize("body", ["", "one", "one\r\n", "o\tne\n", "o\ud800ne\n"])
def test_a_text_that_cannot_be_a_note_is_not_signed(body: str) -> None:
    with pytest.raises(LedgerError):
        notes.sign_note(body, ORIGIN, LOG_KEY.sign, LOG_PUBLIC)


def test_a_key_store_that_signs_with_another_key_is_found_out() -> None:
    with pytest.raises(LedgerError, match="not by the named key"):
        notes.sign_note(BODY, ORIGIN, OTHER_KEY.sign, LOG_PUBLIC)
