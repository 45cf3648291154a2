"""When a checklist carries a decision, and when it does not."""

from __future__ import annotations

import pytest

from admissibility.criteria import Checklist, Draft, Finding, Ground, Verdict, gaps, points
from petitions.domain.lifecycle import Action

GROUNDS = (Ground("a", "Alpha"), Ground("b", "Beta"), Ground("h", "Hidden", hidden=True))


def checklist(**verdicts: str) -> Checklist:
    return Checklist.of(GROUNDS, [Finding(code, Verdict(v)) for code, v in verdicts.items()])


def codes(
    decision: Action,
    listed: Checklist,
    texts: dict[str, str] | None = None,
    required: tuple[str, ...] = ("fr",),
) -> list[tuple[str, str]]:
    return [(g.code, g.field) for g in gaps(Draft(decision, listed, texts or {}), required)]


CLEAR = {"a": "clear", "b": "clear", "h": "clear"}


def test_a_petition_is_admitted_when_every_ground_was_looked_at_and_none_applies() -> None:
    assert codes(Action.ACCEPT, checklist(**CLEAR)) == []


def test_silence_about_a_ground_is_not_a_finding() -> None:
    assert codes(Action.ACCEPT, checklist(a="clear", h="clear")) == [("ground_left", "finding-b")]


def test_a_petition_to_which_a_ground_applies_is_not_admitted() -> None:
    assert codes(Action.ACCEPT, checklist(**{**CLEAR, "b": "applies"})) == [
        ("ground_applies", "finding-b")
    ]


def test_a_refusal_needs_a_ground_and_reasons_in_each_required_language() -> None:
    assert codes(Action.REFUSE, checklist(), {"fr": "Parce que."}, ("fr", "nl")) == [
        ("no_ground", "finding-a"),
        ("no_reasons", "text-nl"),
    ]


def test_a_refusal_needs_no_word_on_the_other_grounds() -> None:
    assert codes(Action.REFUSE, checklist(b="applies"), {"fr": "Parce que."}) == []


def test_reasons_of_blanks_are_no_reasons() -> None:
    assert codes(Action.REFUSE, checklist(a="applies"), {"fr": " \n\t"}) == [
        ("no_reasons", "text-fr")
    ]


def test_a_return_needs_points_and_no_finding() -> None:
    assert codes(Action.RETURN, checklist()) == [("no_points", "text-fr")]
    assert codes(Action.RETURN, checklist(), {"fr": "Raccourcir le titre."}) == []


@pytest.mark.parametrize("decision", [Action.ACCEPT_IN_PART, Action.ACCEPT_WITH_CONDITIONS])
def test_an_admission_with_terms_must_say_them(decision: Action) -> None:
    assert codes(decision, checklist(**CLEAR)) == [("no_terms", "text-fr")]


def test_nothing_is_admitted_before_its_text_exists_in_the_required_languages() -> None:
    draft = Draft(Action.ACCEPT, checklist(**CLEAR), {})
    assert [g.code for g in gaps(draft, ("fr", "nl"), written=["fr"])] == ["no_translation"]


def test_a_finding_on_a_ground_the_rulebook_does_not_know_founds_nothing() -> None:
    listed = Checklist.of(GROUNDS, [Finding("invented", Verdict.APPLIES)])
    assert listed.applying == ()


def test_only_a_refusal_hides_and_only_on_a_hidden_ground() -> None:
    listed = checklist(h="applies")
    assert Draft(Action.REFUSE, listed, {}).hides
    assert not Draft(Action.RETURN, listed, {}).hides
    assert not Draft(Action.REFUSE, checklist(a="applies"), {}).hides
    assert Draft(Action.RETURN, listed, {}).grounds == ()


def test_points_are_one_per_line_without_their_dashes() -> None:
    assert points("- Shorten it.\n\n  • Remove the name. \n") == ("Shorten it.", "Remove the name.")
