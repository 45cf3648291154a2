"""Every refusal names file, path as written, rule and value."""

from __future__ import annotations

from dataclasses import replace

import pytest

from petitions.domain.assembly import RealmFacts
from petitions.domain.rulebook import RulebookErrors, load_rulebook

LINES = [
    (
        "brussels",
        (
            'id = "hearing"\nthreshold = 1000',
            'id = "hearing"\nthreshold = 0',
        ),
        "brussels.toml: milestones[0].threshold must be >= 1, got 0",
    ),
    (
        "brussels",
        ('id = "brussels"', 'id = "bxl"'),
        "brussels.toml: rulebook.id must equal the file name 'brussels', got 'bxl'",
    ),
    (
        "brussels",
        (
            "[signing]\n",
            '[signing]\nwindw = { mode = "open" }\n',
        ),
        "brussels.toml: signing.windw is not a known key, did you mean 'window'?",
    ),
    (
        "fr-senat",
        ("threshold = 100000", "threshold = 100000.0"),
        "fr-senat.toml: milestones[0].threshold must be an integer >= 1 or a table, got 100000.0",
    ),
    (
        "fr-senat",
        ('within = "P15D"', 'within = "15 sitting"'),
        (
            "fr-senat.toml: admissibility.stages[0].within counts sitting days, but assembly 'senat'"
            " has no sitting calendar, got '15 sitting'"
        ),
    ),
    (
        "fr-assemblee-nationale",
        ("decisive = true\n", ""),
        "fr-assemblee-nationale.toml: milestones must have exactly one entry with decisive = true, got 0",
    ),
    (
        "uk-parliament",
        ('effect = "close"\nstates = ["published", ', 'effect = "close"\nstates = ["open", '),
        "uk-parliament.toml: calendar[0].states[0] must be a state of the machine, got 'open'",
    ),
    (
        "uk-parliament",
        ("signing.window.first_day", "signing.window.firstday"),
        (
            "uk-parliament.toml: rulebook.confirm[1] must name a key of the schema,"
            " got 'signing.window.firstday'"
        ),
    ),
    (
        "scottish-parliament",
        ('mode = "open"', 'mode = "open", length = "P6M"'),
        "scottish-parliament.toml: signing.window.length must be absent when mode is 'open', got 'P6M'",
    ),
    (
        "eu-eci",
        ('column = "seats"', 'column = "meps"'),
        (
            "eu-eci.toml: milestones[0].quorum.min.column must be a column of 'eu-27'"
            " ['seats', 'vote_age', 'sign_age'], got 'meps'"
        ),
    ),
    (
        "fi-national",
        ("Europe/Helsinki", "EET2"),
        "fi-national.toml: rulebook.zone must be an IANA time zone, got 'EET2'",
    ),
    (
        "ch-federal",
        ("declarations = 8", "declarations = 30"),
        (
            "ch-federal.toml: kinds.referendum.milestones[0].alternative.declarations"
            " must be <= 26 areas of 'ch-cantons', got 30"
        ),
    ),
    (
        "ca-house-of-commons",
        ('choices = ["P30D", "P60D", "P90D", "P120D"]', "choices = []"),
        "ca-house-of-commons.toml: signing.window.choices must have at least one period, got []",
    ),
    (
        "uk-parliament",
        ("title_max = 80", "title_max = 0"),
        "uk-parliament.toml: filing.form.title_max must be >= 1, got 0",
    ),
    (
        "barcelona",
        (
            '[{ id = "agenda_item" }, { id = "hearing" }, { id = "process" }, { id = "norm" }]',
            '[{ id = "norm" }]',
        ),
        "barcelona.toml: filing.choices.effect must have at least two options, got 1",
    ),
    (
        "fr-senat",
        ("age_min = 18", "age_min = 0"),
        "fr-senat.toml: filing.author.age_min must be between 1 and 120, got 0",
    ),
    (
        "town",
        ("[signing]\n", '[signing]\nreference = "x"\n'),
        "town.toml: signing.reference must be 'signing', 'window_end' or 'event:<id>', got 'x'",
    ),
    (
        "uk-parliament",
        ('assurance = "email"', 'assurance = { sign = "x" }'),
        "uk-parliament.toml: rulebook.assurance.sign must be one of email, low, substantial, high, got 'x'",
    ),
    (
        "uk-parliament",
        ("max = 20", "max = 4"),
        "uk-parliament.toml: sponsors[0].max must be >= [0].min 5, got 4",
    ),
    (
        "town",
        (
            'id = "check"\nbody = "town_clerk"\n',
            'id = "check"\nbody = "town_clerk"\nat = "milestone:council"\n',
        ),
        "town.toml: admissibility.stages must have a stage before publication, got none",
    ),
    (
        "fr-senat",
        ('length = "P6M"', 'length = "PT12H"'),
        "fr-senat.toml: signing.window.length must be a date period such as 'P6M' or 'P42D', got 'PT12H'",
    ),
    (
        "barcelona",
        (", norm = 15000", ""),
        "barcelona.toml: milestones[0].threshold.values lacks 'norm' of filing.choices.effect",
    ),
    (
        "eu-eci",
        ("quorum = { k = 7,", "quorum = { k = 28,"),
        "eu-eci.toml: milestones[0].quorum.k must be <= 27 areas of 'eu-27', got 28",
    ),
    (
        "fr-assemblee-nationale",
        ('areas = { file = "fr-departements", source = "declared" }\n', ""),
        "fr-assemblee-nationale.toml: signing.areas needed by milestones[1].quorum, got none",
    ),
    (
        "fr-assemblee-nationale",
        ("at_least = 10000", "at_least = 0"),
        "fr-assemblee-nationale.toml: signing.attrition[0].at_least must be >= 1, got 0",
    ),
    (
        "ca-house-of-commons",
        ('for = "certificate"', 'for = "x"'),
        "ca-house-of-commons.toml: after.duties[0].for must name one of milestones ['certificate'], got 'x'",
    ),
    (
        "senedd",
        ('[signing]\nchannels = ["online", "paper"]', '[signing]\nchannels = ["online", "fax"]'),
        "senedd.toml: signing.channels[1] must be one of online, paper, in_person, got 'fax'",
    ),
    (
        "barcelona",
        ('paper = "certificate"', 'paper = "sample"'),
        "barcelona.toml: signing.verification.sample is needed by paper = 'sample', got none",
    ),
    (
        "town",
        ("[signing]\n", '[signing]\nuniqueness = "group"\n'),
        "town.toml: signing.uniqueness 'group' needs signing.group, got none",
    ),
    (
        "town",
        ('effect = "pause"', 'effect = "stop"'),
        "town.toml: calendar[0].effect must be one of pause, extend, close, lapse, carry_over, refuse_new, got 'stop'",
    ),
    (
        "town",
        ("open_per_author = 2", "open_per_author = 0"),
        "town.toml: filing.limits.open_per_author must be >= 1, got 0",
    ),
    (
        "town",
        ("area_min = 10", "area_min = 0"),
        "town.toml: publicity.area_min must be >= 1, got 0",
    ),
    (
        "town",
        (
            'data = "author"\nstart = "final"\nlength = "P1Y"',
            'data = "author"\nstart = "final"\nlength = "6m"',
        ),
        "town.toml: publicity.retention[1].length must be a date period such as 'P6M' or 'P42D', got '6m'",
    ),
    (
        "uk-parliament",
        ('accepted = ["en"]', 'accepted = ["en"], required = ["cy"]'),
        "uk-parliament.toml: rulebook.languages.required[0] must be one of ['en'], got 'cy'",
    ),
    (
        "ca-house-of-commons",
        ('by = "member", start = "milestone:certificate"', 'by = "member", start = "x"'),
        (
            "ca-house-of-commons.toml: after.handover.start must name an event of this kind,"
            " one of submitted, admitted, published, window_open, closed, verified, final,"
            " milestone:<id>, outcome:<id>, duty:<id>, handover:<ack>, event:<id>, got 'x'"
        ),
    ),
    (
        "scottish-parliament",
        ('entry = "publication"\n', ""),
        "scottish-parliament.toml: after.entry must not be 'milestone' when milestones is empty, got 'milestone'",
    ),
    (
        "town",
        ("[publicity]\n", '[extras]\nfallback_kind = "x"\n\n[publicity]\n'),
        "town.toml: extras.fallback_kind must be a kind without signing, got 'x'",
    ),
    (
        "de-bundestag",
        ("[kinds.public]\n", "[kinds]\npublic = 3\n"),
        "de-bundestag.toml: kinds.public must be a table of known keys, got 3",
    ),
]


@pytest.mark.parametrize(("name", "change", "line"), LINES, ids=[line[2][:70] for line in LINES])
def test_a_faulty_rulebook_is_refused_with_one_line_per_error(name, change, line, refusals):
    assert line in refusals(name, change)


@pytest.mark.parametrize(("name", "change", "line"), LINES, ids=[line[2][:70] for line in LINES])
def test_one_fault_is_reported_once_however_many_kinds_share_it(name, change, line, refusals):
    lines = refusals(name, change)
    assert len(lines) == len(set(lines))


def test_a_counting_class_that_does_not_exist_is_refused_once_per_place(refusals):
    lines = refusals("brussels", ('counts = "resident16"', 'counts = "resident18"'))
    assert lines == [
        (
            "brussels.toml: milestones[0].counts must be 'all' or one of signing.classes"
            " ['resident16'], got 'resident18'"
        )
    ]


def test_errors_come_in_the_order_of_the_file(refusals):
    lines = refusals(
        "town",
        ('zone = "Europe/Paris"', 'zone = "Mars"'),
        ("title_max = 120", "title_max = 0"),
        ("threshold = 25", "threshold = 0"),
        ('event = "outage"', 'event = "storm"'),
        ("area_min = 10", "area_min = 0"),
    )
    assert [line.split(" ")[1] for line in lines] == [
        "rulebook.zone",
        "filing.form.title_max",
        "milestones[0].threshold",
        "calendar[0].event",
        "publicity.area_min",
    ]


def test_an_error_in_an_override_is_reported_where_it_was_written(refusals):
    lines = refusals(
        "brussels",
        ('"first_meeting", start = "outcome:granted"', '"first_meeting", start = "outcome:grant"'),
    )
    assert lines == [
        (
            "brussels.toml: kinds.suggestion.after.duties[0].start must name an event of this kind,"
            " did you mean 'outcome:granted'?, got 'outcome:grant'"
        )
    ]


def test_an_error_in_an_option_of_a_choice_is_reported_at_the_option(refusals):
    option = '{ id = "norm", set = { signing = { window = { length = "P3M", mode = "open" } } } }'
    assert refusals("barcelona", ('{ id = "norm" }', option)) == [
        (
            "barcelona.toml: filing.choices.effect[3].set.signing.window.length"
            " must be absent when mode is 'open', got 'P3M'"
        )
    ]


def test_what_the_sitting_calendar_knows_may_be_counted(refusals, with_sitting_days):
    change = ('within = "P15D"', 'within = "15 sitting"')
    assert refusals("fr-senat", change, within=with_sitting_days) == []


def test_a_realm_without_a_common_person_key_is_refused(refusals, context):
    two = replace(context, realms={"franceconnect": RealmFacts(issuers=2, common_identifier=False)})
    assert refusals("fr-assemblee-nationale", within=two) == [
        (
            "fr-assemblee-nationale.toml: rulebook.realm must map its issuers to one person key,"
            " got 'franceconnect' with 2 issuers and no common identifier"
        )
    ]


def test_a_realm_with_a_common_person_key_is_accepted(refusals, context):
    good = replace(context, realms={"franceconnect": RealmFacts(issuers=2, common_identifier=True)})
    assert refusals("fr-assemblee-nationale", within=good) == []
    none = replace(context, realms={})
    assert refusals("fr-senat", within=none) == [
        "fr-senat.toml: rulebook.realm must be one of [], got 'franceconnect'"
    ]


def test_text_that_is_not_toml_is_refused_with_the_place(context):
    with pytest.raises(RulebookErrors, match=r"x\.toml: file must be TOML: .*line 1"):
        load_rulebook("rulebook = = 3", name="x.toml", context=context)


def test_an_empty_file_is_refused_without_a_crash(context):
    with pytest.raises(RulebookErrors) as refused:
        load_rulebook("", name="x.toml", context=context)
    paths = {error.path for error in refused.value.errors}
    assert {"rulebook.id", "rulebook.version", "rulebook.zone", "signing.window.length"} <= paths


@pytest.mark.parametrize("value", ["3", "'text'", "[]", "[[]]", "[1]", "true", "1.5", "2020-01-01"])
@pytest.mark.parametrize(
    "key",
    [
        "rulebook",
        "kinds",
        "filing",
        "sponsors",
        "admissibility",
        "signing",
        "milestones",
        "after",
        "calendar",
        "publicity",
        "extras",
    ],
)
def test_a_part_of_the_wrong_type_is_refused_without_a_crash(key, value, context):
    with pytest.raises(RulebookErrors):
        load_rulebook(f"{key} = {value}", name="x.toml", context=context)
