"""Forms of person keys: one spelling, right check digits, or no login."""

from __future__ import annotations

from typing import Any

import pytest

from identity.errors import PersonKeyRefused
from identity.person_keys import person_key
from identity.records import PersonRecord


def record(**changed: Any) -> PersonRecord:
    return PersonRecord(namespace="n", one_per="person", **changed)


@pytest.mark.parametrize("text", ["abc", "ABC", "a b", "é", "e\u0301"])
def test_an_exact_key_is_never_folded(text: str) -> None:
    assert person_key(text, record()) == text


@pytest.mark.parametrize("claim", [None, "", 7, True, ["a"], {"a": 1}])
def test_a_claim_that_is_no_text_is_no_key(claim: Any) -> None:
    with pytest.raises(PersonKeyRefused, match="person_key_missing"):
        person_key(claim, record())


@pytest.mark.parametrize("claim", ["a" * 256, "a\n", "a\x00b"])
def test_a_key_that_is_too_long_or_unprintable_is_refused(claim: str) -> None:
    with pytest.raises(PersonKeyRefused):
        person_key(claim, record())


@pytest.mark.parametrize("text", ["85073003328", "85.07.30-033.28", "85 07 30 033 28"])
def test_a_belgian_number_has_one_spelling(text: str) -> None:
    assert person_key(text, record(form="be-number")) == "85073003328"


def test_a_belgian_number_of_this_century_has_its_own_sum() -> None:
    body = "100101001"
    check = 97 - int(f"2{body}") % 97
    assert person_key(f"{body}{check:02}", record(form="be-number")) == f"{body}{check:02}"


@pytest.mark.parametrize(
    "text", ["85073003329", "8507300332", "850730033288", "8507300332x", "٨٥٠٧٣٠٠٣٣٢٨"]
)
def test_a_wrong_belgian_number_is_refused(text: str) -> None:
    with pytest.raises(PersonKeyRefused, match="person_key_off_form") as caught:
        person_key(text, record(form="be-number"))
    assert text not in str(caught.value)


@pytest.mark.parametrize("text", ["RSSMRA85T10A562S", "rssmra85t10a562s", "TINIT-RSSMRA85T10A562S"])
def test_an_italian_fiscal_number_has_one_spelling(text: str) -> None:
    assert person_key(text, record(form="it-fiscal")) == "RSSMRA85T10A562S"


@pytest.mark.parametrize("text", ["RSSMRA85T10A562T", "RSSMRA85T10A562", "RSSMRA85Z10A562S", ""])
def test_a_wrong_italian_fiscal_number_is_refused(text: str) -> None:
    with pytest.raises(PersonKeyRefused):
        person_key(text, record(form="it-fiscal"))


def test_a_pattern_must_fit_the_whole_key() -> None:
    franceconnect = record(pattern="[0-9a-f]{64}v1")
    assert person_key("a" * 64 + "v1", franceconnect)
    for text in ("a" * 64 + "v12", "x" + "a" * 64 + "v1", "a" * 64 + "v1\n"):
        with pytest.raises(PersonKeyRefused):
            person_key(text, franceconnect)
