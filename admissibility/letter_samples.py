"""Sample facts for every letter: what the desk previews, and `petitions doctor` tries. Pure."""

from __future__ import annotations

from collections.abc import Mapping

SAMPLE: Mapping[str, object] = {
    "site": "Conseil municipal de Valmont",
    "assembly": "",
    "addressed": "Ville de Valmont",
    "reference": "2026-0142",
    "title": "Des bancs sur la place du marché",
    "author_link": "https://petitions.example.org/fr/mine/1",
    "contact": "petitions@example.org",
    "link": "https://petitions.example.org/fr/petitions/2026-0142",
    "decide_by": "2026-12-01",
    "sponsors_needed": 0,
    "outcome": "accept",
    "terms": "",
    "last_day": "2027-05-01",
    "points": ["Raccourcir le titre.", "Retirer le numéro de téléphone."],
    "proposed": False,
    "due": "2026-12-20",
    "returns_left": 1,
    "grounds": [
        {"title": "Cas individuel", "article": "Art. 4", "appeal": "Un recours est possible."}
    ],
    "reasons": "Elle concerne une seule personne.",
    "count": 12345,
    "threshold": 10000,
    "duties": [{"title": "Réponse", "body": "Conseil municipal", "due": "2027-01-01"}],
    "body": "Commission des pétitions",
    "summary": "La commission approuve la demande.",
    "cause": "lapse",
    "legal_basis": "Ordonnance 7/2026",
    "asked_by": "court",
    "target_reference": "2026-0099",
    "target_title": "Des bancs dans toute la ville",
}

_IN: Mapping[str, Mapping[str, object]] = {
    "en": {
        "addressed": "Town of Valmont",
        "title": "Benches on the market square",
        "outcome": "Adopted",
        "points": ["Shorten the title.", "Take out the telephone number."],
        "grounds": [{"title": "Individual case", "article": "Art. 4", "appeal": "You may appeal."}],
        "reasons": "It concerns one person only.",
        "duties": [{"title": "Answer", "body": "Town council", "due": "2027-01-01"}],
        "body": "Petitions committee",
        "summary": "The committee approves the request.",
        "legal_basis": "Order 7/2026",
        "target_title": "Benches in the whole town",
    },
    "fr": {"outcome": "Demande adoptée"},
    "nl": {
        "addressed": "Stad Valmont",
        "title": "Banken op het marktplein",
        "outcome": "Aangenomen",
        "points": ["De titel inkorten.", "Het telefoonnummer weglaten."],
        "grounds": [
            {"title": "Individueel geval", "article": "Art. 4", "appeal": "Beroep is mogelijk."}
        ],
        "reasons": "Zij betreft slechts één persoon.",
        "duties": [{"title": "Antwoord", "body": "Gemeenteraad", "due": "2027-01-01"}],
        "body": "Petitiecommissie",
        "summary": "De commissie keurt de vraag goed.",
        "legal_basis": "Beschikking 7/2026",
        "target_title": "Banken in de hele stad",
    },
    "de": {
        "addressed": "Stadt Valmont",
        "title": "Bänke auf dem Marktplatz",
        "outcome": "Angenommen",
        "points": ["Den Titel kürzen.", "Die Telefonnummer streichen."],
        "grounds": [
            {"title": "Einzelfall", "article": "Art. 4", "appeal": "Widerspruch ist möglich."}
        ],
        "reasons": "Sie betrifft nur eine einzelne Person.",
        "duties": [{"title": "Antwort", "body": "Stadtrat", "due": "2027-01-01"}],
        "body": "Petitionsausschuss",
        "summary": "Der Ausschuss stimmt dem Begehren zu.",
        "legal_basis": "Beschluss 7/2026",
        "target_title": "Bänke in der ganzen Stadt",
    },
}
_OF: Mapping[str, Mapping[str, object]] = {
    "sponsors_wanted": {"sponsors_needed": 5},
    "closed_below": {"count": 812},
}
"""By letter: facts without which it is never sent."""
_REASONS: Mapping[str, Mapping[str, str]] = {
    "restored": {
        "en": "The complaint about the text was withdrawn.",
        "fr": "La plainte contre le texte a été retirée.",
        "nl": "De klacht over de tekst is ingetrokken.",
        "de": "Die Beschwerde über den Text wurde zurückgezogen.",
    },
    "reopened": {
        "en": "You showed that it concerns the whole quarter.",
        "fr": "Vous avez montré qu’elle concerne tout le quartier.",
        "nl": "U hebt aangetoond dat zij de hele wijk betreft.",
        "de": "Sie haben gezeigt, dass sie das ganze Viertel betrifft.",
    },
    "merge_asked": {
        "en": "Both petitions ask for benches in public places.",
        "fr": "Les deux pétitions demandent des bancs dans l’espace public.",
        "nl": "Beide petities vragen banken op openbare plaatsen.",
        "de": "Beide Petitionen wünschen Bänke an öffentlichen Orten.",
    },
}
"""By letter and language: a reason that fits what happened."""


def sample_of(code: str, language: str) -> dict[str, object]:
    """The sample facts of one letter, in words of its own language where we have them."""
    found = {**SAMPLE, **_IN.get(language, {}), **_OF.get(code, {})}
    if language in _REASONS.get(code, {}):
        found["reasons"] = _REASONS[code][language]
    if language in _IN:
        for link in ("author_link", "link"):
            found[link] = str(found[link]).replace("/fr/", f"/{language}/")
    return found
