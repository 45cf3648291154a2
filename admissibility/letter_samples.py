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
