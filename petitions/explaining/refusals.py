"""Why a simulation cannot be played, as sentences: for the command line and the office alike."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.domain.errors import PetitionError
from petitions.domain.lifecycle import State
from petitions.explaining.state_words import state_words
from petitions.platform.i18n import N_, _

_SENTENCES: Mapping[str, str] = {
    "curve_columns": N_(
        "The curve needs a column with times (one of %(times)s) and one with numbers (one of"
        " %(counts)s)."
    ),
    "curve_missing": N_("Choose a file with a signature curve."),
    "curve_empty": N_("The curve holds no signatures."),
    "curve_line": N_(
        "Line %(line)s of the curve cannot be read: write a time such as 2026-01-15 and a whole number."
    ),
    "curve_area": N_("The curve names “%(area)s”, which is no code of the areas “%(table)s”."),
    "curve_too_long": N_("The curve has more than %(max)s lines."),
    "kind_unknown": N_("The rulebook has no kind “%(kind)s”."),
    "happening_malformed": N_("“%(got)s” is no event: write NAME=TIME, or NAME=TIME..TIME."),
    "happening_unknown": N_("“%(got)s” is no event of this procedure. Its events: %(known)s."),
    "happening_refused": N_("“%(event)s” cannot happen in the state “%(state)s”."),
    "time_malformed": N_("“%(got)s” is no time: write 2026-01-15 or 2026-01-15T10:12."),
    "length_malformed": N_("“%(got)s” is no length: write P3M or P60D."),
    "choice_missing": N_("The author’s choice is missing or unknown: %(what)s."),
    "simulation_start": N_(
        "Signing opens with “%(event)s”: say when, as an event of the simulation."
    ),
    "window_not_listed": N_("The time for signing must be one of %(allowed)s; got %(got)s."),
    "window_out_of_range": N_(
        "The time for signing must be between %(minimum)s and %(maximum)s; got %(got)s."
    ),
    "window_length_missing": N_("The time for signing is missing."),
    "transition_refused": N_("The rules do not allow one of these events at that time."),
}


def refusal(error: PetitionError) -> str:
    """The sentence of a refusal; a move the rules do not allow has one for all."""
    sentence = _SENTENCES.get(error.code, _SENTENCES["transition_refused"])
    facts = {key: str(value) for key, value in error.facts.items()}
    if error.code == "happening_refused":
        facts["state"] = state_words(State(facts["state"]))
    return _(sentence, **facts)
