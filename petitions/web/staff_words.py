"""The sentences of the office, by code: signals, decisions, refusals of the desk, the audit trail.

Each table maps a stable code to a sentence of the source language; it is translated where shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from admissibility.checks.signal import Signal
from admissibility.criteria import Gap, Verdict
from admissibility.review import Standing
from petitions.domain.lifecycle import Action, Role, State
from petitions.platform.i18n import N_, _, current_locale
from petitions.web.pages import STATE_WORDS
from petitions.web.staff_signal_words import MORE_SIGNALS

SIGNALS: Mapping[str, tuple[str, str]] = {
    "title_too_long": (
        N_("Title too long"),
        N_("The title has %(length)s characters; the rules allow %(limit)s."),
    ),
    "title_too_short": (
        N_("Very short title"),
        N_("A title of one or two words rarely says what is asked."),
    ),
    "request_missing": (
        N_("No request"),
        N_("The part that says what should be done is empty."),
    ),
    "text_too_long": (
        N_("Text too long"),
        N_("The text is %(over)s over the limit of %(limit)s that the rules set."),
    ),
    "text_too_short": (
        N_("Very short text"),
        N_("The text has %(words)s words: is it clear what is asked, and why?"),
    ),
    "capitals": (
        N_("Capitals"),
        N_("Several words in a row are in capitals, which readers take for shouting."),
    ),
    "exclamations": (
        N_("Exclamation marks"),
        N_("Rows of exclamation or question marks were found."),
    ),
    "links": (
        N_("Links"),
        N_("Links were found: look where they lead. Nothing was fetched."),
    ),
    "links_not_allowed": (N_("Links not allowed"), N_("The rules allow no links in the text.")),
    "links_not_official": (
        N_("Unofficial links"),
        N_("The rules allow links to official sources only; others were found."),
    ),
    "links_shortened": (
        N_("Shortened links"),
        N_("A shortened link hides its target, which can be changed after publication."),
    ),
    "links_disguised": (
        N_("Disguised links"),
        N_("A link leads to a number or to a name in other letters than it seems."),
    ),
    "email_address": (
        N_("E-mail address"),
        N_("The text would publish an e-mail address."),
    ),
    "phone_number": (
        N_("Telephone number"),
        N_("The text would publish what looks like a telephone number."),
    ),
    "bank_account": (
        N_("Bank account"),
        N_("The text would publish a bank account number; its check digits are right."),
    ),
    "direction_marks": (
        N_("Hidden direction marks"),
        N_("Invisible marks can turn the order of the words round on the screen."),
    ),
    "unseen_characters": (
        N_("Invisible characters"),
        N_("Characters that nobody can see stand between the letters."),
    ),
    "control_characters": (
        N_("Control characters"),
        N_("Characters that belong to no writing were found."),
    ),
    "mixed_alphabets": (
        N_("Mixed alphabets"),
        N_("A word mixes letters of two alphabets that look alike; search cannot find it."),
    ),
    "language_differs": (
        N_("Another language"),
        N_("Filed as %(declared)s, but it reads like %(guessed)s."),
    ),
    "near_identical": (
        N_("Nearly the same: %(ref)s"),
        N_("Petition %(ref)s says almost the same. Compare the two before deciding."),
    ),
    "similar_open": (
        N_("Similar, open: %(petitions)s"),
        N_("Open petitions that are alike: %(petitions)s. Compare the requests."),
    ),
    "similar_closed": (
        N_("Similar, not open: %(petitions)s"),
        N_(
            "Petitions that are alike and cannot be signed now, because they ended or wait: "
            "%(petitions)s. See where they stand."
        ),
    ),
    **MORE_SIGNALS,
}
STANDINGS: Mapping[Standing, str] = {
    Standing.TO_CHECK: N_("To check"),
    Standing.IN_REVIEW: N_("In review"),
    Standing.SECOND_READER: N_("Waits for a second reader"),
    Standing.BACK_FROM_AUTHOR: N_("Back from author"),
    Standing.WITH_AUTHOR: N_("With the author"),
    Standing.DECIDED: N_("Check ended"),
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.OPEN: N_("Not looked at yet"),
    Verdict.CLEAR: N_("Does not apply"),
    Verdict.APPLIES: N_("Applies"),
}
DECISIONS: Mapping[Action, tuple[str, str]] = {
    Action.ACCEPT: (N_("Admit"), N_("The rules are met. The petition goes on to the next step.")),
    Action.ACCEPT_IN_PART: (
        N_("Admit in part"),
        N_("The rules are met in part. Write below which part is admitted."),
    ),
    Action.ACCEPT_WITH_CONDITIONS: (
        N_("Admit with conditions"),
        N_("The rules are met under conditions. Write them below."),
    ),
    Action.RETURN: (
        N_("Return for correction"),
        N_("The author may mend the points you name. The clock stands still meanwhile."),
    ),
    Action.REFUSE: (
        N_("Refuse"),
        N_("At least one ground applies. Your reasons are public, unless the ground hides it."),
    ),
}
DECIDED: Mapping[str, str] = {
    Action.ACCEPT: N_("Admitted"),
    Action.ACCEPT_IN_PART: N_("Admitted in part"),
    Action.ACCEPT_WITH_CONDITIONS: N_("Admitted with conditions"),
    Action.RETURN: N_("Returned for correction"),
    Action.REFUSE: N_("Refused"),
}
REFUSALS: Mapping[str, str] = {
    "no_role": N_("Your role may read cases but not decide them."),
    "wrong_state": N_("The petition is not at a step where this can be decided."),
    "waits_for_second_reader": N_("A proposed decision waits for a second reader."),
    "held_by_other": N_("%(name)s holds this case. Take it over to decide."),
    "returns_used_up": N_("the rules allow no further correction."),
    "own_proposal": N_("You proposed this decision yourself: another person must confirm it."),
    "nothing_proposed": N_("No decision is proposed."),
}
GAPS: Mapping[str, str] = {
    "no_decision": N_("Choose a decision."),
    "ground_left": N_("Say whether this ground applies: %(subject)s"),
    "ground_applies": N_("A petition to which this ground applies cannot be admitted: %(subject)s"),
    "no_ground": N_("A refusal needs at least one ground that applies."),
    "no_points": N_("Name at least one point to correct."),
    "no_reasons": N_("Write the reasons of the refusal in %(language)s."),
    "no_translation": N_("The rules want the petition in %(language)s before it is published."),
    "text_too_long": N_("The text in %(language)s is too long to be sent."),
    "no_terms": N_("Write which part is admitted, or the conditions, in %(language)s."),
    "no_note": N_("Say why you send it back."),
    "no_wording": N_("The rules have no standard text for this ground in %(language)s."),
}
NO_WORDING: Mapping[str, str] = {
    "text_frozen": N_("The text is fixed: no other wording can be proposed any more."),
    "text_supported": N_("People stand behind this text: no other wording can be proposed."),
}
ROLES: Mapping[Role, str] = {
    Role.CLERK: N_("clerk"),
    Role.SECOND_READER: N_("second reader"),
    Role.COMMITTEE: N_("committee"),
    Role.COMMUNICATION: N_("communication"),
    Role.INTEGRITY: N_("integrity"),
    Role.ADMINISTRATOR: N_("administrator"),
    Role.AUDITOR: N_("auditor (reads only)"),
    Role.SYSTEM: N_("the system"),
    Role.AUTHOR: N_("the author"),
}


def _values(facts: Mapping[str, str | int]) -> dict[str, object]:
    locale = current_locale()
    values: dict[str, object] = {
        name: locale.number(value) if isinstance(value, int) else value
        for name, value in facts.items()
    }
    for name in ("declared", "guessed"):
        if name in values:
            values[name] = locale.language(str(values[name]))
    if "day" in values:
        values["day"] = locale.date(date.fromisoformat(str(values["day"])))
    return values


def signal_name(signal: Signal) -> str:
    return _(SIGNALS[signal.code][0], **_values(signal.facts))


def signal_explained(signal: Signal) -> str:
    return _(SIGNALS[signal.code][1], **_values(signal.facts))


def standing(value: Standing) -> str:
    return _(STANDINGS[value])


def verdict(value: str) -> str:
    return _(VERDICTS[Verdict(value)])


def decision(value: str) -> str:
    return _(DECISIONS[Action(value)][0])


def decided(outcome: str) -> str:
    """A decision that was made, or how else a check ended."""
    return _(DECIDED[outcome]) if outcome in DECIDED else outcome


def instant(text: str) -> datetime:
    """An instant kept as text in a proposal."""
    return datetime.fromisoformat(text)


def consequence(value: str) -> str:
    return _(DECISIONS[Action(value)][1])


def refusal(code: str, name: str = "") -> str:
    return _(REFUSALS[code], name=name)


def gap(found: Gap) -> str:
    """The sentence of a gap; where the subject is a language code, its name is written."""
    language = current_locale().language(found.subject) if found.subject else ""
    return _(GAPS[found.code], subject=found.subject, language=language)


def state(value: str) -> str:
    return _(STATE_WORDS[State(value)][0])


def state_tone(value: str) -> str:
    return STATE_WORDS[State(value)][1]


def roles(held: frozenset[Role]) -> str:
    return current_locale().together([_(ROLES[role]) for role in Role if role in held])
