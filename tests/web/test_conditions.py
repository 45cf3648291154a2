"""What the identity zone is asked: ages that differ by area are written out for it."""

from __future__ import annotations

from datetime import date

from identity.eligibility import Attributes, judge
from petitions.domain.rulebook_files import load_directory
from petitions.web.conditions import as_asked
from tests.house import RULEBOOKS


def test_an_age_by_area_is_judged_at_the_area_of_the_citizen() -> None:
    library = load_directory(RULEBOOKS)
    kind = library.rulebooks["eu-eci"][-1].default_kind
    asked = as_asked(kind.signing.who, library)
    ages = library.areas("eu-27").values
    assert asked["age_min"]["AT"] == ages["AT"]["sign_age"] == 16
    young = {"birthdate": "2010-01-01", "on": date(2026, 6, 1)}
    found = {
        country: judge(
            asked,
            Attributes(
                birthdate=str(young["birthdate"]), citizen_of=frozenset({country, "EU"}),
            ),
            on=date(2026, 6, 1),
        ).ok
        for country in ("AT", "FR")
    }  # fmt: skip
    assert found == {"AT": True, "FR": False}
