"""The sentences of the signals that point at people, at powers, and at what stands around a petition."""

from __future__ import annotations

from collections.abc import Mapping

from petitions.platform.i18n import N_

MORE_SIGNALS: Mapping[str, tuple[str, str]] = {
    "national_number": (
        N_("Identity number"),
        N_(
            "What looks like a national identity number would be published: %(names)s. Where such "
            "numbers have check digits, they are right."
        ),
    ),
    "postal_address": (
        N_("Postal address"),
        N_("The text would publish what looks like a street address."),
    ),
    "private_person": (
        N_("Named person"),
        N_(
            "People are named who do not seem to hold an office: %(places)s. Look whether the text "
            "needs their names; titles and capitals can mislead."
        ),
    ),
    "insult": (
        N_("Rude words"),
        N_("Words stand in the text that many readers take as an insult. They may be a quotation."),
    ),
    "styled_letters": (
        N_("Styled letters"),
        N_(
            "Letters are written with look-alike signs (bold, circled, full-width): search and "
            "screen readers cannot read them."
        ),
    ),
    "heaped_marks": (
        N_("Heaped accents"),
        N_("Letters carry heaps of accents that cover the lines around them."),
    ),
    "foreign_alphabet_words": (
        N_("Words in look-alike letters"),
        N_(
            "Whole words are written in the letters of another alphabet that look Latin: search "
            "cannot find them."
        ),
    ),
    "outside_powers": (
        N_("Another body’s business? %(matter)s"),
        N_("Words of the text point at a matter that is decided elsewhere. Ask: %(body)s."),
    ),
    "cool_down": (
        N_("May come too early: %(ref)s"),
        N_(
            "Petition %(ref)s is alike. If it is about the same subject, the rules accept no new one "
            "through %(day)s."
        ),
    ),
    "bars_while_open": (
        N_("May be barred by %(ref)s"),
        N_(
            "Petition %(ref)s is alike and open. If it is about the same subject, the rules accept no "
            "second one."
        ),
    ),
    "refused_before": (
        N_("Alike and refused: %(petitions)s"),
        N_("Petitions that are alike were refused, %(ref)s among them. See on which grounds."),
    ),
    "same_author": (
        N_("Same author: %(petitions)s more"),
        N_(
            "Other petitions of the same author: %(petitions)s; being checked just now: %(waiting)s."
        ),
    ),
}
