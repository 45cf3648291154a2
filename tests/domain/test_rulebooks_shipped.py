"""Every rulebook we ship is read whole, and says what its parliament's procedure says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from petitions.domain.collecting import AreaMinimum, ChoiceThreshold, FixedThreshold
from petitions.domain.periods import Period
from petitions.domain.predicates import AgeByArea
from petitions.domain.rulebook import (
    RulebookErrors,
    canonical,
    digest_of,
    load_rulebook,
    rulebook_from_canonical,
)
from petitions.domain.rulebook_files import InForce, load_directory
from petitions.domain.wording import NO_WORDING

RULEBOOKS = Path(__file__).parents[2] / "petitions" / "rulebooks"
NAMES = sorted(file.stem for file in RULEBOOKS.glob("*.toml") if "." not in file.stem)


def test_twelve_parliaments_and_the_demo_town_are_on_the_shelf():
    assert len(NAMES) == 13


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_rulebook_is_read_without_an_error(name, book):
    assert book(name).id == name


@pytest.mark.parametrize("name", NAMES)
def test_a_pinned_copy_reads_back_as_the_same_rulebook(name, book, context):
    original = book(name)
    again = rulebook_from_canonical(original.canonical, context)
    assert again == original
    assert again.digest == digest_of(original.canonical)


def test_a_pinned_copy_outlives_the_files_it_named(book, context):
    original = book("fr-senat")
    senate = replace(context.assemblies["senat"], bodies={})
    poorer = replace(context, assemblies={"senat": senate}, areas={}, wording=NO_WORDING, realms={})
    assert rulebook_from_canonical(original.canonical, poorer) == original
    with pytest.raises(RulebookErrors):
        book("fr-senat", within=poorer)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_has_a_stage_before_publication(name, book):
    for kind in book(name).kinds.values():
        assert kind.admissibility.at("filing") + kind.admissibility.at("publication")


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_with_milestones_has_one_decisive_milestone(name, book):
    for kind in book(name).kinds.values():
        assert sum(milestone.decisive for milestone in kind.milestones) == bool(kind.milestones)


def test_the_canonical_form_ignores_layout_but_not_content():
    one = canonical({"b": [1, date(2026, 1, 2)], "a": {"y": "é", "x": True}})
    assert one == '{"a":{"x":true,"y":"é"},"b":[1,"2026-01-02"]}'.encode()
    assert one == canonical({"a": {"x": True, "y": "é"}, "b": [1, date(2026, 1, 2)]})
    assert one != canonical({"a": {"x": True, "y": "é"}, "b": [1, date(2026, 1, 3)]})


def test_a_float_has_no_canonical_form():
    with pytest.raises(TypeError):
        canonical({"share": 0.1})


def test_inline_tables_and_headed_tables_have_the_same_digest(book, text_of, context):
    headed = book("town")
    inline = text_of("town").replace(
        '[filing]\nauthor = { resident_of = "valmont", age_min = 16 }',
        '[filing.author]\nresident_of = "valmont"\nage_min = 16\n\n[filing]',
    )
    # TOML forbids declaring [filing] after a key of it was opened by assignment, not after a header.
    assert load_rulebook(inline, name="town.toml", context=context).digest == headed.digest


def test_a_comment_changes_no_digest_and_a_threshold_does(book):
    assert book("town", ("[signing]", "# a note\n[signing]")).digest == book("town").digest
    changed = book("town", ("threshold = 25", "threshold = 26"))
    assert changed.digest != book("town").digest


def test_the_senate_has_two_kinds_that_differ_in_one_ground(book):
    kinds = book("fr-senat").kinds
    text, control = kinds["text"], kinds["control"]
    added = set(control.admissibility.grounds.public) - set(text.admissibility.grounds.public)
    assert added == {"act-under-1-year"}
    assert text.signing == control.signing
    assert text.decisive.threshold == FixedThreshold(number=100_000)
    assert [stage.id for stage in text.admissibility.at("milestone:conference")] == ["substance"]


def test_the_senate_lets_a_young_person_sign_but_not_file(kind):
    senate = kind("fr-senat")
    assert senate.filing.author.age_min == 18
    assert senate.signing.who.to_data() == {"in_register": "rnipp"}


def test_the_town_asks_twenty_five_signatures_in_two_months(kind):
    town = kind("town")
    assert town.signing.window.length == Period.parse("P2M")
    assert town.decisive.threshold == FixedThreshold(number=25)
    assert town.decisive.force == "must"
    assert town.after.duties[0].length == Period.parse("P3M")
    assert town.admissibility.stages[0].within == Period.parse("10 working")


def test_a_private_german_petition_collects_no_signatures(book):
    private = book("de-bundestag").kinds["private"]
    assert private.visibility == "private"
    assert not private.signable
    assert private.signing.window.length is None
    assert private.milestones == ()


def test_the_brussels_suggestion_keeps_what_it_does_not_override(book):
    suggestion = book("brussels").kinds["suggestion"]
    assert suggestion.signing.window.mode == "open"
    assert suggestion.filing.form.fields == ("name", "residence", "birth_date")
    assert suggestion.admissibility.grounds.public == ("human-rights", "outside-competence")
    assert suggestion.milestones[0].panel == {"prb": (15, 45), "pfb": (12, 36)}


def test_barcelona_takes_its_threshold_from_the_choice_of_the_author(kind):
    threshold = kind("barcelona").milestones[0].threshold
    assert isinstance(threshold, ChoiceThreshold)
    assert threshold.values["hearing"] == 7000


def test_the_european_minimum_age_follows_the_member_state(kind):
    eci = kind("eu-eci")
    assert eci.signing.who.age_min == AgeByArea("eu-27", "sign_age")
    assert eci.milestones[0].quorum.minimum == AreaMinimum(column="seats", times=720)
    assert eci.filing.author.to_data() == {
        "age_min": {"areas": "eu-27", "column": "vote_age"},
        "citizen_of": "EU",
        "not": {"office": "mep"},
    }


def test_the_official_languages_of_the_union_are_twenty_four(book):
    assert len(book("eu-eci").languages.accepted) == 24


def test_a_swiss_referendum_needs_no_committee_and_knows_another_route(book):
    kinds = book("ch-federal").kinds
    assert kinds["referendum"].sponsors == ()
    assert kinds["initiative"].sponsors[0].minimum == 7
    assert kinds["referendum"].milestones[0].alternative.declarations == 8


def test_canadian_supporters_count_and_the_member_does_not(book):
    supporters, member = book("ca-house-of-commons").kinds["electronic"].sponsors
    assert supporters.in_total == "all"
    assert member.in_total == "none"
    assert member.attempts == 5
    assert book("ca-house-of-commons").kinds["paper"].signing.window.mode == "prior"


def test_money_is_kept_in_cents(kind):
    assert kind("eu-eci").extras.disclose_over.cents == 50_000
    assert kind("barcelona").extras.reimburse.cents == 100


def test_sponsors_are_by_default_those_who_may_sign(kind):
    uk = kind("uk-parliament")
    assert uk.sponsors[0].who == uk.signing.who


def test_a_choice_may_switch_signing_off(book):
    changed = book(
        "barcelona",
        (
            '{ id = "agenda_item" }',
            '{ id = "agenda_item", set = { signing = { window = { mode = "none" } } } }',
        ),
    ).default_kind
    assert not changed.chosen({"effect": "agenda_item"}).signable
    assert changed.chosen({"effect": "hearing"}).signable
    with pytest.raises(KeyError):
        changed.chosen({"effect": "referendum"})


def test_shares_are_exact_fractions(kind):
    changed = kind("ch-federal", "initiative", ('channels = ["paper"]', 'online_cap = "1/2"'))
    assert changed.signing.online_cap == Fraction(1, 2)


def test_the_whole_shelf_is_complete_and_the_demo_cites_a_rule_for_each_ground():
    library = load_directory(RULEBOOKS)
    assert set(library.rulebooks) == set(NAMES)
    for name in ("fr-senat", "town"):
        rulebook = library.rulebook(name, date(2026, 1, 1))
        for kind in rulebook.kinds.values():
            for code in kind.admissibility.grounds.every:
                for language in ("fr", "en"):
                    words = library.wording(code, language, noun="grounds", rulebook=rulebook.id)
                    assert words.text
                    assert words.reference


@pytest.mark.parametrize(
    ("name", "on", "version", "threshold", "length", "handover"),
    [
        ("senedd", date(2020, 12, 31), 1, 50, None, None),
        ("senedd", date(2021, 1, 1), 2, 250, None, None),
        ("de-bundestag", date(2024, 6, 30), 1, 50_000, "P28D", None),
        ("de-bundestag", date(2024, 7, 1), 2, 30_000, "P42D", None),
        ("brussels", date(2020, 12, 31), 1, 5_000, None, None),
        ("brussels", date(2021, 1, 1), 2, 1_000, None, None),
        ("fi-national", date(2019, 12, 31), 1, 50_000, "P6M", "P6M"),
        ("fi-national", date(2020, 1, 1), 2, 50_000, "P6M", "P12M"),
    ],
)
def test_an_earlier_version_holds_until_the_next_one_starts(
    name, on, version, threshold, length, handover
):
    found = load_directory(RULEBOOKS).rulebook(name, on)
    kind = found.default_kind
    assert (found.version, kind.decisive.threshold.number) == (version, threshold)
    assert kind.signing.window.length == (Period.parse(length) if length else None)
    within = kind.after.handover.within if kind.after.handover else None
    assert within == (Period.parse(handover) if handover else None)


def test_every_assembly_on_the_shelf_has_a_calendar_that_says_how_far_it_goes(context):
    for assembly in context.assemblies.values():
        assert assembly.calendar.covers_until >= date(2028, 12, 31)
        assert date(2026, 1, 1) in assembly.calendar.holidays
        assert {"en", "fr"} <= {*assembly.site_languages}


def test_the_wording_of_a_rulebook_prevails_over_the_common_one():
    library = load_directory(RULEBOOKS)
    common = library.wording("grounds:outside-competence", "en")
    town = library.wording("grounds:outside-competence", "en", rulebook="town")
    assert common.title == "Outside the assembly's powers"
    assert town.title == "Outside the town's powers"
    assert library.wording("town_clerk", "fr", rulebook="town").title.startswith("Secrétariat")
    with pytest.raises(KeyError):
        library.wording("no-such-code", "en")


def copied(tmp_path: Path) -> Path:
    for file in RULEBOOKS.rglob("*.toml"):
        target = tmp_path / file.relative_to(RULEBOOKS)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_the_version_in_force_is_that_of_the_day(tmp_path):
    shelf = copied(tmp_path)
    text = (shelf / "town.toml").read_text(encoding="utf-8")
    later = text.replace("version = 1", "version = 2").replace("2025-01-01", "2026-07-01")
    (shelf / "town.1.toml").write_text(text, encoding="utf-8")
    (shelf / "town.toml").write_text(later, encoding="utf-8")
    library = load_directory(shelf)
    assert library.rulebook("town", date(2026, 6, 30)).version == 1
    assert library.rulebook("town", date(2026, 7, 1)).version == 2
    assert library.version("town", 1).valid_from == date(2025, 1, 1)
    with pytest.raises(KeyError):
        library.rulebook("town", date(2024, 12, 31))
    with pytest.raises(KeyError):
        library.version("town", 3)


def test_the_errors_of_every_file_are_reported_at_once(tmp_path):
    shelf = copied(tmp_path)
    for name, old, new in (
        ("town.toml", "threshold = 25", "threshold = 0"),
        ("fr-senat.toml", "threshold = 100000", "threshold = 100000.0"),
        ("assemblies/valmont.toml", 'zone = "Europe/Paris"', 'zome = "Europe/Paris"'),
        ("wording/en.toml", "[grounds.privacy]", "[grounds.private]"),
    ):
        text = (shelf / name).read_text(encoding="utf-8")
        assert old in text
        (shelf / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        load_directory(shelf)
    lines = str(refused.value).splitlines()
    assert "assemblies/valmont.toml: zome is not a known key, did you mean 'zone'?" in lines
    assert "town.toml: milestones[0].threshold must be >= 1, got 0" in lines
    assert (
        "fr-senat.toml: milestones[0].threshold must be an integer >= 1 or a table, got 100000.0"
        in lines
    )


def test_a_ground_without_wording_is_refused(tmp_path):
    shelf = copied(tmp_path)
    text = (shelf / "town.toml").read_text(encoding="utf-8")
    (shelf / "town.toml").write_text(
        text.replace('"offensive", "privacy"', '"x", "privacy"'), encoding="utf-8"
    )
    with pytest.raises(RulebookErrors) as refused:
        load_directory(shelf)
    assert [str(error) for error in refused.value.errors] == [
        (
            "town.toml: admissibility.grounds.hidden[1] 'x' has no wording in 'fr':"
            " write [grounds.x] in wording/town.fr.toml"
        ),
        (
            "town.toml: admissibility.grounds.hidden[1] 'x' has no wording in 'en':"
            " write [grounds.x] in wording/town.en.toml"
        ),
    ]


def test_a_version_in_force_cannot_change_its_content(tmp_path):
    stored = {"town": InForce(1, date(2025, 1, 1), b"another digest")}
    with pytest.raises(RulebookErrors) as refused:
        load_directory(copied(tmp_path), in_force=stored)
    assert str(refused.value) == (
        "town.toml: rulebook.version 1 is in force with other content, must be > 1, got 1"
    )


def test_a_version_in_force_may_stay_as_it_is(tmp_path):
    digest = load_directory(RULEBOOKS).version("town", 1).digest
    stored = {"town": InForce(1, date(2025, 1, 1), digest)}
    assert load_directory(copied(tmp_path), in_force=stored).version("town", 1).digest == digest


def test_a_new_version_starts_later_than_the_one_in_force(tmp_path):
    shelf = copied(tmp_path)
    text = (shelf / "town.toml").read_text(encoding="utf-8")
    later = text.replace("version = 1", "version = 3").replace("2025-01-01", "2024-01-01")
    (shelf / "town.toml").write_text(later, encoding="utf-8")
    stored = {"town": InForce(2, date(2024, 7, 1), b"")}
    with pytest.raises(RulebookErrors) as refused:
        load_directory(shelf, in_force=stored)
    assert str(refused.value) == (
        "town.toml: rulebook.valid_from must be later than 2024-07-01 of version 2, got 2024-01-01"
    )
