"""Yes or no with one reason: ages to the day, missing facts, declarations, and De Morgan."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.eligibility import (
    Attributes,
    PredicateUnknown,
    Verdict,
    classes_that_hold,
    complete_years,
    judge,
    needed_facts,
)

ON = date(2026, 11, 22)
NOBODY = Attributes()


def verdict(who: Any, claims: Attributes = NOBODY, on: date = ON, **more: Any) -> Verdict:
    if "declared" in more:
        more["declared"] = frozenset(more["declared"])
    return judge(who, claims, on=on, **more)


@pytest.mark.parametrize(
    ("birthdate", "on", "years"),
    [
        ("2008-11-22", ON, 18),  # the birthday itself
        ("2008-11-23", ON, 17),  # the day before
        ("2008-02-29", date(2026, 2, 28), 17),  # 29 February: 1 March of other years
        ("2008-02-29", date(2026, 3, 1), 18),
        ("2008-02-29", date(2028, 2, 29), 20),
        ("2008-11-00", ON, 17),  # an unknown day is the last of its month
        ("2008-11-00", date(2026, 11, 30), 18),
        ("2008-02-00", date(2026, 2, 28), 17),
        ("2007-02-00", date(2026, 2, 28), 19),
        ("2008-00-00", date(2026, 12, 30), 17),  # an unknown month is December
        ("2008-00-00", date(2026, 12, 31), 18),
        ("2008", date(2026, 12, 31), 18),
        ("2008-11", date(2026, 11, 30), 18),
        ("2030-01-01", ON, -4),
    ],
)
def test_an_age_is_counted_in_complete_years(birthdate: str, on: date, years: int) -> None:
    assert complete_years(birthdate, on) == years


@pytest.mark.parametrize(
    "text", ["", "0000-01-01", "1990-13-01", "1990-02-30", "1990-00-05", "90-1-1", "1990-1-1", "x"]
)
def test_a_text_that_is_no_date_of_birth_gives_no_age(text: str) -> None:
    assert complete_years(text, ON) is None
    assert verdict({"age_min": 18}, Attributes(birthdate=text)).missing == "age_min"


@given(st.dates(min_value=date(1900, 1, 1)), st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)))  # fmt: skip
def test_unknown_parts_never_make_anybody_older(born: date, on: date) -> None:
    exact = complete_years(born.isoformat(), on)
    month = complete_years(f"{born:%Y-%m}-00", on)
    year = complete_years(f"{born:%Y}", on)
    assert exact is not None
    assert month is not None
    assert year is not None
    assert year <= month <= exact


def test_a_predicate_without_conditions_admits_anyone() -> None:
    assert verdict({}) == Verdict(ok=True)


def test_a_missing_fact_refuses_and_is_named() -> None:
    found = verdict({"age_min": 18})
    assert (found.ok, found.missing, found.failed) == (False, "age_min", None)


def test_several_keys_in_one_table_are_all_required() -> None:
    who = {"resident_of": "BE-BRU", "age_min": 16}
    claims = Attributes(birthdate="2000-01-01", resident_of=frozenset({"BE-WAL"}))
    assert verdict(who, claims).failed == ("resident_of", "BE-BRU")


def test_a_failure_is_told_before_a_missing_fact() -> None:
    who = {"citizen_of": "FR", "age_min": 18}
    assert verdict(who, Attributes(birthdate="2020-01-01")).failed == ("age_min", 18)


def test_one_of_several_is_enough() -> None:
    who = {"any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]}
    claims = Attributes(citizen_of=frozenset({"DE"}), resident_of=frozenset({"FR"}))
    assert verdict(who, claims).ok
    none = Attributes(citizen_of=frozenset({"DE"}), resident_of=frozenset({"DE"}))
    assert verdict(who, none).failed == ("any", who["any"])


def test_one_missing_alternative_does_not_hide_the_other() -> None:
    who = {"any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]}
    assert verdict(who, Attributes(resident_of=frozenset({"FR"}))).ok
    assert verdict(who, Attributes(resident_of=frozenset({"DE"}))).missing == "citizen_of"


def test_a_declared_condition_is_left_to_the_person() -> None:
    who = {"age_min": 18, "any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]}
    found = verdict(who, declared=["age_min", "citizen_of", "resident_of"])
    assert found.ok
    assert found.declare == (
        {"age_min": 18},
        {"any": [{"citizen_of": "FR"}, {"resident_of": "FR"}]},
    )


def test_only_what_is_still_open_is_declared() -> None:
    who = {"any": [{"citizen_of": "FR"}, {"resident_of": "FR", "age_min": 16}]}
    claims = Attributes(citizen_of=frozenset({"DE"}), birthdate="1990-01-01")
    assert verdict(who, claims, declared=["resident_of"]).declare == ({"resident_of": "FR"},)


def test_what_is_proved_is_never_declared() -> None:
    claims = Attributes(birthdate="2020-01-01")
    found = verdict({"age_min": 18}, claims, declared=["age_min"])
    assert (found.ok, found.failed) == (False, ("age_min", 18))
    assert verdict({"age_min": 3}, claims, declared=["age_min"]).declare == ()


def test_a_login_by_itself_can_prove_a_register() -> None:
    who = {"in_register": "rnipp", "natural_person": True}
    proves = {"in_register": ["rnipp"], "natural_person": True}
    assert verdict(who, proves=proves) == Verdict(ok=True)
    assert verdict({"in_register": "other"}, proves=proves).missing == "in_register"
    assert verdict({"natural_person": False}, proves=proves).missing == "natural_person"
    assert verdict({"age_min": 16}, proves={"age_min": 16}).ok
    assert verdict({"age_min": 18}, proves={"age_min": 16}).missing == "age_min"


def test_not_turns_the_answer_and_keeps_a_missing_fact_missing() -> None:
    who = {"not": {"office": "mep"}}
    assert verdict(who, Attributes(office=frozenset())).ok
    assert verdict(who, Attributes(office=frozenset({"mep"}))).failed == (
        "not",
        {"office": "mep"},
    )
    assert verdict(who).missing == "office"
    assert verdict(who, declared=["office"]).declare == ({"not": {"office": "mep"}},)


def test_a_yes_or_no_about_an_age_answers_what_it_can() -> None:
    claims = Attributes(at_least={18: True})
    assert verdict({"age_min": 16}, claims).ok
    assert verdict({"age_min": 18}, claims).ok
    assert verdict({"age_min": 21}, claims).missing == "age_min"
    young = Attributes(at_least={16: False})
    assert verdict({"age_min": 18}, young).failed == ("age_min", 18)
    assert verdict({"age_min": 14}, young).missing == "age_min"


def test_an_age_by_area_is_that_of_a_citizenship() -> None:
    who = {"age_min": {"AT": 16, "DE": 18}}
    born = "2009-01-01"  # 17
    assert verdict(who, Attributes(birthdate=born, citizen_of=frozenset({"AT"}))).ok
    german = Attributes(birthdate=born, citizen_of=frozenset({"DE"}))
    assert verdict(who, german).failed == ("age_min", {"AT": 16, "DE": 18})
    both = Attributes(birthdate=born, citizen_of=frozenset({"AT", "DE"}))
    assert verdict(who, both).ok
    assert verdict(who, Attributes(birthdate=born)).missing == "age_min"


def test_an_unknown_condition_is_refused_not_ignored() -> None:
    for who in ({"height_min": 180}, {"any": [{"x": 1}]}, {"not": {"x": 1}}):
        with pytest.raises(PredicateUnknown):
            verdict(who)


def test_no_alternative_at_all_is_nobody() -> None:
    assert verdict({"any": []}).ok is False
    assert verdict({"all": []}).ok is True
    assert verdict({"not": {}}).ok is False


def test_a_class_is_counted_only_where_it_is_proved() -> None:
    classes = {
        "young": {"age_min": 16},
        "adult": {"age_min": 18},
        "resident": {"resident_of": "BE-BRU"},
        "citizen": {"citizen_of": "BE"},
    }
    claims = Attributes(birthdate="2009-06-01", resident_of=frozenset({"BE-BRU"}))
    found = classes_that_hold(classes, claims, on=ON, declared=frozenset({"citizen_of"}))
    assert found == ("young", "resident")


def test_needed_facts_are_every_leaf() -> None:
    who = {"age_min": 18, "any": [{"citizen_of": "FR"}, {"all": [{"permit": "c"}]}],
           "not": {"office": "mep"}}  # fmt: skip
    assert needed_facts(who) == {"age_min", "citizen_of", "permit", "office"}


_LEAF = st.sampled_from(
    [{"office": "mep"}, {"permit": "c"}, {"citizen_of": "FR"}, {"resident_of": "FR"}]
)
_WHO = st.recursive(
    _LEAF,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=6,
)
_HELD = st.one_of(st.none(), st.just(frozenset()), st.just(frozenset({"mep", "c", "FR"})))


@given(_WHO, _HELD, _HELD, _HELD, _HELD)
def test_a_condition_and_its_opposite_never_both_hold(
    who: Any, a: Any, b: Any, c: Any, d: Any
) -> None:
    claims = Attributes(office=a, permit=b, citizen_of=c, resident_of=d)
    straight, turned = verdict(who, claims), verdict({"not": who}, claims)
    assert not (straight.ok and turned.ok)
    if None not in (a, b, c, d):
        assert straight.ok != turned.ok
    assert (straight.missing is not None) == (turned.missing is not None)


@given(_WHO, _HELD, _HELD)
def test_with_every_fact_known_the_answer_is_that_of_plain_logic(who: Any, a: Any, b: Any) -> None:
    known = frozenset() if a is None else a
    other = frozenset() if b is None else b
    claims = Attributes(office=known, permit=other, citizen_of=known, resident_of=other)

    def plain(node: Any) -> bool:
        ((key, wanted),) = node.items()
        if key == "any":
            return any(plain(each) for each in wanted)
        if key == "all":
            return all(plain(each) for each in wanted)
        if key == "not":
            return not plain(wanted)
        return wanted in getattr(claims, key)

    assert verdict(who, claims).ok == plain(who)
