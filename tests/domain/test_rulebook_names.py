"""Every name, word and number in a rulebook is checked where it stands."""

from __future__ import annotations

import pytest

MORE = [
    (
        "fr-senat",
        ('stops = ["recess"]', 'stops = "recess"'),
        "admissibility.stages[0].stops must be a list, got 'recess'",
    ),
    (
        "fr-senat",
        ('body = "services"', 'body = "service"'),
        (
            "admissibility.stages[0].body must be a body of assembly 'senat'"
            " ['conference_of_presidents', 'services'], got 'service'"
        ),
    ),
    (
        "fr-senat",
        ('stops = ["recess"]', 'stops = ["holiday"]'),
        "admissibility.stages[0].stops[0] must be an event",
    ),
    (
        "fr-senat",
        ('at = "milestone:conference"', 'at = "milestone:x"'),
        "admissibility.stages[1].at must name one of milestones ['conference'], got 'x'",
    ),
    (
        "fr-senat",
        ('at = "milestone:conference"', 'at = "later"'),
        "admissibility.stages[1].at must be 'filing', 'publication' or 'milestone:<id>', got 'later'",
    ),
    (
        "fr-senat",
        ('assemblies = ["senat"]', 'assemblies = ["sénat"]'),
        "rulebook.assemblies[0] must be one of",
    ),
    (
        "fr-senat",
        ('accepted = ["fr"]', 'accepted = ["en"]'),
        "rulebook.languages.accepted[0] must be one of the assembly's languages ['fr'], got 'en'",
    ),
    (
        "fr-senat",
        ("valid_from = 2020-01-01", 'valid_from = "2020-01-01"'),
        "rulebook.valid_from must be a date such as 2026-01-15, got '2020-01-01'",
    ),
    (
        "fr-senat",
        ("valid_from = 2020-01-01", "valid_from = 2020-01-01T00:00:00"),
        "rulebook.valid_from must be a date such as 2026-01-15",
    ),
    (
        "fr-senat",
        ("version = 1", "version = true"),
        "rulebook.version must be an integer >= 1, got true",
    ),
    (
        "fr-senat",
        ('effect = "presiding_body"', 'effect = "party"'),
        "milestones[0].effect must be one of notify",
    ),
    ("fr-senat", ("early = true", 'early = "yes"'), "after.early must be true or false, got 'yes'"),
    (
        "fr-senat",
        ('"no_action"]', '"no_action"]\nends_signing = ["x"]'),
        "after.ends_signing[0] must be one of after.outcomes",
    ),
    (
        "fr-senat",
        ('more = ["act-under-1-year"]', 'more = ["privacy"]'),
        "kinds.control.admissibility.grounds.more[0] must be named once, got 'privacy'",
    ),
    (
        "fr-senat",
        ('resident_of = "FR" }]', 'resident_off = "FR" }]'),
        "filing.author.any[1].resident_off is not a known key, did you mean 'resident_of'?",
    ),
    (
        "fr-senat",
        ("any = [{", "all = [], any = [{"),
        "filing.author.all must be a list of at least one condition, got []",
    ),
    (
        "town",
        (
            "[[milestones]]",
            '[[milestones]]\nid = "council"\nthreshold = 9\neffect = "notify"\n\n[[milestones]]',
        ),
        "milestones[1].id must be named once in milestones, got 'council'",
    ),
    (
        "town",
        ('data = "signatures"\nstart = "final"', 'data = "signatures"\nstart = "outcome:adopted"'),
        "publicity.retention must have a clock for signatures that starts whatever happens",
    ),
    (
        "town",
        ('shown_at_filing = ["outside-competence"', 'shown_at_filing = ["outside"'),
        "admissibility.grounds.shown_at_filing[0] must be one of",
    ),
    (
        "town",
        ('within = "10 working"', 'within = "ten working"'),
        "admissibility.stages[0].within must be a period such as 'P6M', 'P42D', '10 working' or '15 sitting', got 'ten working'",
    ),
    (
        "town",
        ('length = "P2M"', 'length = "10 working"'),
        "signing.window.length must be a date period such as 'P6M' or 'P42D', got '10 working'",
    ),
    (
        "town",
        ('length = "P2M"', 'length = "P0D"'),
        "signing.window.length must be at least one day, got 'P0D'",
    ),
    (
        "town",
        ('window = { length = "P2M" }', "window = { }"),
        "signing.window.length must be a date period such as 'P6M' or 'P42D', got none",
    ),
    (
        "town",
        ('window = { length = "P2M" }', 'window = { mode = "rolling" }'),
        "signing.window.statement_age must be a date period",
    ),
    (
        "town",
        ('window = { length = "P2M" }', 'window = { mode = "range" }'),
        "signing.window.max must be a date period",
    ),
    (
        "town",
        ('window = { length = "P2M" }', 'window = { mode = "open", start = "noon" }'),
        "signing.window.start must be one of publication",
    ),
    (
        "town",
        ('window = { length = "P2M" }', 'window = { length = "P2M", chosen_within = "P1M" }'),
        "signing.window.chosen_within must be absent when start is 'publication', got 'P1M'",
    ),
    (
        "town",
        ("[signing]\n", '[signing]\nreference = "event:storm"\n'),
        "signing.reference must name an event of the assembly",
    ),
    (
        "town",
        ("threshold = 25", 'threshold = { share = "1/100" }'),
        "milestones[0].threshold.of must be a text, got none",
    ),
    (
        "town",
        ("threshold = 25", 'threshold = { share = "1/100", of = "valmont" }'),
        "milestones[0].threshold.of must be one of the populations [], got 'valmont'",
    ),
    (
        "town",
        ("threshold = 25", 'threshold = { share = 0.01, of = "valmont" }'),
        "milestones[0].threshold.share must be a share such as '1/100', got 0.01",
    ),
    (
        "town",
        ("threshold = 25", 'threshold = { by_choice = "x", values = { a = 1 } }'),
        "milestones[0].threshold.by_choice must name one of filing.choices [], got 'x'",
    ),
    (
        "town",
        ("threshold = 25", 'threshold = { by_area = "population" }'),
        "signing.areas needed by milestones[0].threshold.by_area, got none",
    ),
    (
        "town",
        ("threshold = 25", "threshold = { }"),
        "milestones[0].threshold must have exactly one of share, by_choice, by_area, got []",
    ),
    (
        "town",
        ('effect = "agenda_item"', 'effect = "choice:x"'),
        "milestones[0].effect must name one of filing.choices [], got 'choice:x'",
    ),
    (
        "town",
        (
            'body = "town_council"\ndecisive',
            'panel = { other = [1, 2] }\nbody = "town_council"\ndecisive',
        ),
        "milestones[0].panel.other must be one of rulebook.assemblies ['valmont'], got 'other'",
    ),
    (
        "town",
        (
            'body = "town_council"\ndecisive',
            'panel = { valmont = [1] }\nbody = "town_council"\ndecisive',
        ),
        "milestones[0].panel.valmont must be [members, drawn], got [1]",
    ),
    (
        "town",
        ('open_same = "warn"', 'open_same = "forbid"'),
        "filing.limits.open_same must be one of warn, refuse, allow, got 'forbid'",
    ),
    (
        "town",
        ('decided_within = "P1Y"', 'decided_within = "P1Y"\ndecided_outcomes = ["x"]'),
        "filing.limits.decided_outcomes[0] must be one of after.outcomes",
    ),
    (
        "fr-assemblee-nationale",
        ('file = "fr-departements"', 'file = "departements"'),
        "signing.areas.file must be one of the area files",
    ),
    (
        "fr-assemblee-nationale",
        ("quorum = { k = 30, min = 1 }", "quorum = { fixed = { 75 = 10, 99 = 1 } }"),
        "milestones[1].quorum.fixed.99 must be an area of 'fr-departements', got '99'",
    ),
    (
        "uk-parliament",
        ('data = "signatures"', 'data = "votes"'),
        "publicity.retention[0].data must be one of",
    ),
    (
        "eu-eci",
        (
            'disclose_over = { amount = 500, currency = "EUR" }',
            'disclose_over = { amount = 500, currency = "€" }',
        ),
        "extras.disclose_over.currency must be an ISO 4217 code such as 'EUR', got '€'",
    ),
    (
        "fi-national",
        ('handover = { by = "author"', 'handover = { by = "king"'),
        (
            "after.handover.by must be a body of assembly 'eduskunta'"
            " ['eduskunta', 'ministry_of_justice', 'population_register'], got 'king'"
        ),
    ),
    ("fi-national", ("min = 5\n", "min = 5\nin_total = 0\n"), "TOML"),
]


@pytest.mark.parametrize(
    ("name", "change", "line"), MORE[:-1], ids=[line[2][:70] for line in MORE[:-1]]
)
def test_every_name_a_rulebook_uses_must_exist(name, change, line, refusals):
    lines = refusals(name, change)
    assert any(each.startswith(f"{name}.toml: {line}") for each in lines), lines


def test_a_key_written_twice_is_no_toml(refusals):
    name, change, line = MORE[-1]
    assert line in refusals(name, change)[0]


def test_predicates_travel_as_they_were_written(kind):
    author = kind("fr-senat").filing.author
    assert author.to_data() == {
        "age_min": 18,
        "natural_person": True,
        "any": [{"citizen_of": "FR"}, {"resident_of": "FR"}],
    }
    assert type(author).from_toml(author.to_data()) == author
    with pytest.raises(ValueError, match="age_min must be between 1 and 120"):
        type(author).from_toml({"age_min": 121})
    assert kind("de-bundestag", "public").signing.who.anyone
