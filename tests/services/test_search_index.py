"""The search index follows the texts in the same transaction, on both databases."""

from __future__ import annotations

from itertools import count
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.services import texts
from petitions.storage import reading, search_rebuilding
from petitions.storage.search_reading import Results, by_assembly, search
from petitions.storage.tables import (
    Addressee,
    Petition,
    PetitionClock,
    PetitionText,
    SearchText,
    SearchWord,
)
from petitions.storage.word_forms import formed
from tests.house import Precinct, a_draft, a_filed_petition, a_precinct

REASONS = {"fr": "Hors de notre compétence.", "en": "Not our matter."}
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def precinct(lasting_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Precinct:
    """One for all: each test has words of its own. With a petition that others are made after."""
    made = a_precinct(tmp_path_factory.mktemp("precinct"), lasting_engine, batch_min=1)
    made.publish(title="Un modèle")
    return made


def put(precinct: Precinct, title: str) -> UUID:
    """A published petition with this title, as the model has it; its request says nothing."""
    with precinct.session() as session:
        model = session.scalars(
            select(Petition).where(Petition.published_at.is_not(None)).limit(1)
        ).one()
        columns = {c.key: getattr(model, c.key) for c in Petition.__table__.columns}
        key, number = uuid4(), next(_NUMBERS)
        session.add(
            Petition(
                **{**columns, "id": key, "reference": f"1999-{number:05d}", "state": "published"}
            )
        )
        session.flush()
        session.add(PetitionText(petition_id=key, language="fr", title=title, request="Nous."))
    return key


def stems(precinct: Precinct, petition: UUID) -> list[str]:
    with precinct.session() as session:
        found = select(SearchText.title).where(SearchText.petition_id == petition)
        return list(session.scalars(found))


def knows(precinct: Precinct, word: str) -> bool:
    with precinct.session() as session:
        return (
            session.scalars(select(SearchWord).where(SearchWord.word == word)).first() is not None
        )


def look(precinct: Precinct, words: str, **more: str) -> Results:
    with precinct.session() as session:
        asked = reading.Question(assemblies=("valmont",), shown_in="fr", words=words, **more)
        return search(session, asked, offset=0, limit=10)


def titles(found: Results) -> list[str]:
    return [row.text.title for row in found.rows]


def test_a_draft_is_in_no_index_and_a_sent_petition_is(precinct: Precinct) -> None:
    with precinct.session() as session:
        draft = a_draft(session, precinct.house, precinct.clock.at).id
    assert stems(precinct, draft) == []
    assert stems(precinct, precinct.file()) == [
        formed("Des bancs sur la place du marché", "", "", "fr").title
    ]


def test_a_taken_down_text_leaves_with_the_words_that_only_it_had(precinct: Precinct) -> None:
    kept = put(precinct, "Des fontaines au belvédère")
    gone = put(precinct, "Des fontaines calomnieuses au belvédère")
    assert knows(precinct, "calomnieuses")
    with precinct.session() as session:
        petition = session.get_one(Petition, gone)
        petition.previous_state, petition.state = petition.state, "hidden"
    assert (stems(precinct, gone), knows(precinct, "calomnieuses")) == ([], False)
    assert knows(precinct, "belvedere")
    assert stems(precinct, kept) != []


def test_a_rewritten_text_is_found_by_its_new_words_only(precinct: Precinct) -> None:
    other = precinct.file(title="Une patinoire en hiver")
    with precinct.session() as session:
        text = session.get_one(PetitionText, (other, "fr"))
        words = Words.of("Une piscine en été", text.request, text.reasons)
        texts.write(session, session.get_one(Petition, other), "fr", words, "author")
    assert (knows(precinct, "patinoire"), knows(precinct, "piscine")) == (False, True)


def test_a_transaction_that_fails_leaves_the_index_as_it_was(precinct: Precinct) -> None:
    with pytest.raises(RuntimeError), precinct.session() as session:
        found = a_filed_petition(
            session, precinct.house, precinct.clock.at, title="Un planétarium"
        ).id
        raise RuntimeError
    assert (stems(precinct, found), knows(precinct, "planetarium")) == ([], False)


def test_the_check_finds_what_the_rebuild_mends(precinct: Precinct) -> None:
    petition = put(precinct, "Des ruches sur les toits")
    with precinct.session() as session:
        there = search_rebuilding.texts_in(session)
        assert search_rebuilding.faults(session) == []
        session.execute(update(SearchText).values(title="patinoir"))
        assert "indexed with other words" in search_rebuilding.faults(session)[0]
        session.execute(delete(SearchText))
        expected = f"{there} texts are not in the search index"
        assert expected in search_rebuilding.faults(session)[0]
    with precinct.sessions() as session:
        assert search_rebuilding.rebuild(session, session.commit) == there
        assert search_rebuilding.faults(session) == []
    assert stems(precinct, petition) == ["ruch toit"]
    assert titles(look(precinct, "ruches")) == ["Des ruches sur les toits"]


def test_words_are_counted_and_forgotten_by_a_recount(precinct: Precinct) -> None:
    for number in range(3):
        put(precinct, f"Des volières {number}")
    with precinct.session() as session:
        session.add(SearchWord(language="fr", word="fantome", form="fantom", documents=1))
        session.flush()
        search_rebuilding.recount(session)
        found = {
            row.word: row.documents
            for row in session.scalars(select(SearchWord).where(SearchWord.language == "fr"))
        }
        french = select(SearchText.doc).where(SearchText.language == "fr")
        assert (found["volieres"], "fantome" in found) == (3, False)
        assert found[""] == len(session.scalars(french).all())


def test_accents_endings_and_beginnings_of_words_are_found(precinct: Precinct) -> None:
    put(precinct, "Ouvrir la bibliothèque le dimanche")
    put(precinct, "Des repas bio à la cantine")
    for typed in (
        "bibliotheques",
        "BIBLIOTHÈQUE dimanche",
        "bibli",
        "cantin dimanche bibliothèque",
    ):
        expected = [] if "cantin" in typed else ["Ouvrir la bibliothèque le dimanche"]
        assert titles(look(precinct, typed)) == expected, typed


def test_words_in_quotation_marks_must_stand_together(precinct: Precinct) -> None:
    put(precinct, "Ouvrir le jardin public la nuit")
    put(precinct, "Un éclairage public au jardin")
    assert titles(look(precinct, "«jardin public»")) == ["Ouvrir le jardin public la nuit"]
    assert len(look(precinct, "jardin public").rows) == 2


def test_a_longer_phrase_is_not_made_of_its_pairs(precinct: Precinct) -> None:
    put(precinct, "Une navette fluviale rapide")
    put(precinct, "Navette fluviale et liaison fluviale rapide")
    found = look(precinct, "«navette fluviale rapide»")
    assert titles(found) == ["Une navette fluviale rapide"]
    assert (found.total, look(precinct, "«fluviale rapide»").total) == (1, 2)
    assert look(precinct, "«navette fluviale» rapide").total == 2
    assert look(precinct, "«navette» rapide").total == 2


def test_words_of_two_parts_of_a_text_do_not_stand_together(precinct: Precinct) -> None:
    petition = precinct.file(title="Rallumer le phare")
    with precinct.session() as session:
        text = session.get_one(PetitionText, (petition, "fr"))
        words = Words.of("Rallumer le phare", "Breton est ce phare.", text.reasons)
        texts.write(session, session.get_one(Petition, petition), "fr", words, "author")
        session.get_one(Petition, petition).state = "refused"
    assert look(precinct, "phare breton").total == 1
    assert look(precinct, "«phare breton»").total == 0


def test_what_lists_leave_out_is_not_found_until_they_show_it(precinct: Precinct) -> None:
    petition = put(precinct, "Des cabanes dans les platanes")
    for unlisted in (True, False):
        with precinct.session() as session:
            session.merge(PetitionClock(petition_id=petition, unlisted=unlisted))
        found = look(precinct, "cabanes platanes")
        shown = 0 if unlisted else 1
        assert (found.total, len(found.rows), found.facets["state"]) == (
            shown, shown, {"published": 1} if shown else {},
        )  # fmt: skip
        with precinct.session() as session:
            assert search_rebuilding.faults(session) == []


def test_a_petition_to_two_assemblies_is_counted_for_each_and_once_for_both(
    precinct: Precinct,
) -> None:
    put(precinct, "Un appontement de bois")
    both = put(precinct, "Un appontement de pierre")
    asking = {("valmont",): 2, ("rochebrune",): 0, ("rochebrune", "valmont"): 2}
    for joint in (False, True):
        with precinct.session() as session:
            if joint:
                session.add(Addressee(petition_id=both, assembly="rochebrune"))
                session.flush()
                asking["rochebrune",] = 1
            for assemblies, number in asking.items():
                asked = reading.Question(assemblies, "fr", words="appontements", sort="relevance")
                found = search(session, asked, offset=0, limit=9)
                assert (len(found.rows), found.total) == (number, number), assemblies
                assert sum(found.facets["state"].values()) == number
            asked = reading.Question(("valmont",), "fr", words="appontements", sort="relevance")
            counted = by_assembly(session, asked, ("rochebrune", "valmont"))
            assert counted == {"rochebrune": int(joint), "valmont": 2}


def test_a_slip_of_the_keyboard_is_answered_with_what_was_meant(precinct: Precinct) -> None:
    put(precinct, "Rouvrir la laiterie")
    found = look(precinct, "laitreie")
    assert (found.total, found.suggestion) == (0, "laiterie")
    assert look(precinct, "xylophone").suggestion == ""


def test_what_is_not_public_is_neither_found_nor_suggested(precinct: Precinct) -> None:
    precinct.file(title="Une accusation contre le trésorier")
    assert (look(precinct, "trésorier").total, look(precinct, "tresoreir").suggestion) == (0, "")


def test_a_facet_counts_what_choosing_it_would_show(precinct: Precinct) -> None:
    put(precinct, "Un tremplin au lac")
    refused = precinct.file(title="Un tremplin au parc")
    precinct.decide(refused, Action.REFUSE, grounds=("outside-competence",), texts=REASONS)
    found = look(precinct, "tremplin", state="refused")
    assert (found.total, found.facets["state"]) == (1, {"published": 1, "refused": 1})


def test_the_best_match_has_the_rare_word_in_its_title(precinct: Precinct) -> None:
    first = put(precinct, "Des lanternes sur les pontons du canal")
    put(precinct, "Des pontons au canal")
    found = look(precinct, "lanternes pontons", sort="relevance")
    assert [row.petition.id for row in found.rows] == [first]


def test_signs_of_query_languages_are_only_letters(precinct: Precinct) -> None:
    every = look(precinct, "").total
    for typed in ('"', "a' OR 1=1 --", "bancs*", "NEAR(a b)", "bancs & | !", "'\\' :* <->", "%_"):
        assert look(precinct, typed).total < every, typed


def test_an_author_who_gives_a_language_up_takes_its_words_along(precinct: Precinct) -> None:
    petition = precinct.file(title="Une volée de marches")
    with precinct.session() as session:
        found = session.get_one(Petition, petition)
        texts.write(session, found, "en", Words.of("Staircases", "Ask.", "Why."), "author")
        assert len(stems_of(session, petition)) == 2
        session.delete(session.get_one(PetitionText, (petition, "en")))
        session.flush()
        assert len(stems_of(session, petition)) == 1
    assert not knows(precinct, "staircases")


def stems_of(session: Session, petition: UUID) -> list[str]:
    found = select(SearchText.title).where(SearchText.petition_id == petition)
    return list(session.scalars(found))
