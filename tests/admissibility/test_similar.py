"""Similar petitions on both databases: the same hits, in the same order."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from admissibility.similar import DESK_STATES, SimilarPetition, neighbours, similar
from petitions.domain.lifecycle import State
from tests.web.office_house import Office, make_office

LIBRARY = (
    "Ouvrir la bibliothèque le dimanche",
    "Nous demandons l’ouverture de la bibliothèque municipale le dimanche.",
)


@pytest.fixture
def office(engine: Engine) -> Office:
    return make_office(engine)


def refs(found: list[SimilarPetition]) -> list[str]:
    return [each.ref for each in found]


def look(office: Office, title: str, request: str = "", **more: object) -> list[SimilarPetition]:
    with office.session() as session:
        return similar(session, title, request, "fr", 5, states=DESK_STATES, **more)  # type: ignore[arg-type]


def test_the_same_demand_in_other_words_comes_first(office: Office) -> None:
    same = office.file_petition(*LIBRARY)
    office.file_petition("Planter des arbres devant la bibliothèque", "Nous demandons des arbres.")
    office.file_petition("Des repas bio à la cantine", "Nous demandons des repas bio.")
    found = look(
        office, "La bibliotheque ouverte le dimanche", "Que la bibliothèque ouvre le dimanche."
    )
    assert refs(found)[0] == same
    assert found[0].score > 0.6
    assert all("cantine" not in each.title for each in found)


def test_the_public_sees_no_petition_that_is_not_public(office: Office) -> None:
    office.file_petition(*LIBRARY)
    with office.session() as session:
        assert similar(session, *LIBRARY, "fr", 5, ()) == []


def test_a_petition_is_not_similar_to_itself(office: Office) -> None:
    ref = office.file_petition(*LIBRARY)
    with office.session() as session:
        own = office.petition(session, ref).id
        assert similar(session, *LIBRARY, "fr", 5, [own], states=DESK_STATES) == []


def test_petitions_of_another_language_are_not_compared(office: Office) -> None:
    office.file_petition(*LIBRARY)
    with office.session() as session:
        assert similar(session, *LIBRARY, "en", 5, states=DESK_STATES) == []


def test_a_private_kind_is_never_shown(office: Office) -> None:
    office.file_petition(*LIBRARY)
    assert refs(look(office, *LIBRARY, private_kinds=[("town", "petition")])) == []
    assert len(look(office, *LIBRARY, private_kinds=[("town", "other")])) == 1


def test_signs_of_search_languages_are_only_letters(office: Office) -> None:
    office.file_petition(*LIBRARY)
    for title in ("100%_dimanche", "'; DROP TABLE petition --", "\\", "%%%", "_", ""):
        assert isinstance(look(office, title), list)


def test_a_refused_petition_comes_with_its_grounds(office: Office) -> None:
    ref = office.file_petition(*LIBRARY)
    clerk = office.sign_in("petit")
    form = office.decision_form(
        ref, "refuse", applies="decided-before", **{"text-fr": "Déjà décidé."}
    )
    page = f"/office/cases/{ref}"
    assert office.post(clerk, f"{page}/decision", page, do="decide", **form).status_code == 303
    found = look(office, *LIBRARY)[0]
    assert (found.state, found.grounds, found.open) == (State.REFUSED, ("decided-before",), False)
    assert neighbours([found])[0].ref == ref


def test_no_more_than_asked_for_are_returned(office: Office) -> None:
    for hour in range(7):
        office.file_petition(f"{LIBRARY[0]} dès {hour + 8} heures", LIBRARY[1])
    assert len(look(office, *LIBRARY)) == 5
