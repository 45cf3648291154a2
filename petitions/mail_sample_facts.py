"""Invented facts for the mails that the desk previews, in each language the engine ships.

Written as an office would write them; they are no words of the site, so no catalogue holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """What somebody in one language wrote: an author, a committee, an office."""

    title: str
    request: str
    other_title: str
    """Of the petition that another one was merged into."""
    meaning: str
    """What reaching a level means."""
    step: str
    place: str
    body: str
    step_text: str
    outcome: str
    summary: str
    subject: str
    message: str


INVENTED: Final[Mapping[str, Invented]] = {
    "en": Invented(
        title="A bus every twenty minutes",
        request="We ask the town council for a bus every twenty minutes, every day, also on the "
        "heights of the town.",
        other_title="Buses on Sundays",
        meaning="The committee hears the author.",
        step="Hearing",
        place="Room 3",
        body="Transport committee",
        step_text="The committee hears the author and the transport company.",
        outcome="Recommended",
        summary="Two buses an hour from September, three after the review of next summer.",
        subject="Public meeting",
        message="A public meeting takes place in the town hall.\n\nEverybody may come.",
    ),
    "fr": Invented(
        title="Un bus toutes les vingt minutes",
        request="Nous demandons au conseil municipal un bus toutes les vingt minutes, tous les "
        "jours, y compris sur les hauteurs de la commune.",
        other_title="Des bus le dimanche",
        meaning="La commission entend l’auteur.",
        step="Audition",
        place="Salle 3",
        body="Commission des transports",
        step_text="La commission entend l’auteur et la régie des transports.",
        outcome="Avis favorable",
        summary="Deux bus par heure dès septembre, trois après l’évaluation de l’été prochain.",
        subject="Réunion publique",
        message="Une réunion publique a lieu à la mairie.\n\nL’entrée est libre.",
    ),
    "nl": Invented(
        title="Elke twintig minuten een bus",
        request="Wij vragen de gemeenteraad elke twintig minuten een bus, elke dag, ook in de "
        "hoger gelegen wijken van de gemeente.",
        other_title="Bussen op zondag",
        meaning="De commissie hoort de indiener.",
        step="Hoorzitting",
        place="Zaal 3",
        body="Commissie Vervoer",
        step_text="De commissie hoort de indiener en het vervoerbedrijf.",
        outcome="Gunstig advies",
        summary="Twee bussen per uur vanaf september, drie na de evaluatie van volgende zomer.",
        subject="Openbare bijeenkomst",
        message="In het gemeentehuis is een openbare bijeenkomst.\n\nIedereen is welkom.",
    ),
    "de": Invented(
        title="Alle zwanzig Minuten ein Bus",
        request="Wir bitten den Gemeinderat um einen Bus alle zwanzig Minuten, an jedem Tag, auch "
        "auf den Höhen der Gemeinde.",
        other_title="Busse am Sonntag",
        meaning="Der Ausschuss hört an, wer die Petition eingereicht hat.",
        step="Anhörung",
        place="Saal 3",
        body="Verkehrsausschuss",
        step_text="Der Ausschuss hört die einreichende Person und den Verkehrsbetrieb an.",
        outcome="Befürwortet",
        summary="Zwei Busse in der Stunde ab September, drei nach der Auswertung im Sommer darauf.",
        subject="Öffentliche Versammlung",
        message="Im Rathaus findet eine öffentliche Versammlung statt.\n\nDer Eintritt ist frei.",
    ),
}  # fmt: skip


def invented(language: str) -> Invented:
    """In that language, or in English where nobody wrote samples in it."""
    return INVENTED.get(language, INVENTED["en"])
