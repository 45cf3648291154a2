"""The search index follows the texts in the same transaction, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petitions.domain.lifecycle import Action
from petitions.domain.words import Words
from petitions.services import texts
from petitions.storage import reading, search_rebuilding
from petitions.storage.search_reading import Results, search
from petitions.storage.tables import Petition, PetitionText, SearchText, SearchWord
from petitions.storage.word_forms import formed
from tests.house import Precinct, a_draft, a_filed_petition

REASONS = {"fr": "Hors de notre compétence.", "en": "Not our matter."}


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
    kept = precinct.publish(title="Des bancs au marché")
    gone = precinct.publish(title="Des fontaines calomnieuses au marché")
    assert knows(precinct, "calomnieuses")
    with precinct.session() as session:
        petition = session.get_one(Petition, gone)
        petition.previous_state, petition.state = petition.state, "hidden"
    assert (stems(precinct, gone), knows(precinct, "calomnieuses")) == ([], False)
    assert knows(precinct, "marche")
    assert stems(precinct, kept) != []


def test_a_rewritten_text_is_found_by_its_new_words_only(precinct: Precinct) -> None:
    petition = precinct.publish(title="Des bancs au marché")
    other = precinct.file(title="Une patinoire en hiver")
    with precinct.session() as session:
        text = session.get_one(PetitionText, (other, "fr"))
        words = Words.of("Une piscine en été", text.request, text.reasons)
        texts.write(session, session.get_one(Petition, other), "fr", words, "author")
    assert (knows(precinct, "patinoire"), knows(precinct, "piscine")) == (False, True)
    assert stems(precinct, petition) != []


def test_a_transaction_that_fails_leaves_the_index_as_it_was(precinct: Precinct) -> None:
    with pytest.raises(RuntimeError), precinct.session() as session:
        found = a_filed_petition(
            session, precinct.house, precinct.clock.at, title="Un planétarium"
        ).id
        raise RuntimeError
    assert (stems(precinct, found), knows(precinct, "planetarium")) == ([], False)


def test_the_check_finds_what_the_rebuild_mends(precinct: Precinct) -> None:
    petition = precinct.publish(title="Des bancs au marché")
    with precinct.session() as session:
        assert search_rebuilding.faults(session) == []
        session.execute(update(SearchText).values(title="patinoir"))
        assert "indexed with other words" in search_rebuilding.faults(session)[0]
        session.execute(delete(SearchText))
        assert "1 texts are not in the search index" in search_rebuilding.faults(session)[0]
    with precinct.sessions() as session:
        assert search_rebuilding.rebuild(session, session.commit) == 1
        assert search_rebuilding.faults(session) == []
    assert stems(precinct, petition) == ["banc march"]
    assert titles(look(precinct, "bancs")) == ["Des bancs au marché"]


def test_words_are_counted_and_forgotten_by_a_recount(precinct: Precinct) -> None:
    for number in range(3):
        precinct.publish(title=f"Des bancs au marché {number}")
    with precinct.session() as session:
        session.add(SearchWord(language="fr", word="fantome", form="fantom", documents=1))
        session.flush()
        search_rebuilding.recount(session)
        found = {row.word: row.documents for row in session.scalars(select(SearchWord))}
    assert (found["bancs"], found[""], "fantome" in found) == (3, 3, False)


def test_accents_endings_and_beginnings_of_words_are_found(precinct: Precinct) -> None:
    precinct.publish(title="Ouvrir la bibliothèque le dimanche")
    precinct.publish(title="Des repas bio à la cantine")
    for typed in (
        "bibliotheques",
        "BIBLIOTHÈQUE dimanche",
        "bibli",
        "cantin dimanche bibliothèque",
    ):
        expected = [] if "cantin" in typed else ["Ouvrir la bibliothèque le dimanche"]
        assert titles(look(precinct, typed)) == expected, typed


def test_words_in_quotation_marks_must_stand_together(precinct: Precinct) -> None:
    precinct.publish(title="Ouvrir le jardin public la nuit")
    precinct.publish(title="Un éclairage public au jardin")
    assert titles(look(precinct, "«jardin public»")) == ["Ouvrir le jardin public la nuit"]
    assert len(look(precinct, "jardin public").rows) == 2


def test_a_slip_of_the_keyboard_is_answered_with_what_was_meant(precinct: Precinct) -> None:
    precinct.publish(title="Ouvrir la bibliothèque le dimanche")
    found = look(precinct, "bibliotehque")
    assert (found.total, found.suggestion) == (0, "bibliotheque")
    assert look(precinct, "xylophone").suggestion == ""


def test_what_is_not_public_is_neither_found_nor_suggested(precinct: Precinct) -> None:
    precinct.file(title="Une accusation contre le trésorier")
    assert (look(precinct, "trésorier").total, look(precinct, "tresoreir").suggestion) == (0, "")


def test_a_facet_counts_what_choosing_it_would_show(precinct: Precinct) -> None:
    precinct.publish(title="Des bancs au marché")
    refused = precinct.file(title="Des bancs au parc")
    precinct.decide(refused, Action.REFUSE, grounds=("outside-competence",), texts=REASONS)
    found = look(precinct, "bancs", state="refused")
    assert (found.total, found.facets["state"]) == (1, {"published": 1, "refused": 1})


def test_the_best_match_has_the_rare_word_in_its_title(precinct: Precinct) -> None:
    first = precinct.publish(title="Des lanternes sur les bancs du marché")
    precinct.publish(title="Des bancs au marché")
    found = look(precinct, "lanternes bancs", sort="relevance")
    assert [row.petition.id for row in found.rows] == [first]


def test_signs_of_query_languages_are_only_letters(
    precinct_with: Callable[..., Precinct],
) -> None:
    precinct = precinct_with({})
    precinct.publish()
    for typed in ('"', "a' OR 1=1 --", "bancs*", "NEAR(a b)", "bancs & | !", "'\\' :* <->", "%_"):
        assert look(precinct, typed).total in {0, 1}, typed


def test_an_author_who_gives_a_language_up_takes_its_words_along(precinct: Precinct) -> None:
    petition = precinct.file(title="Des bancs au marché")
    with precinct.session() as session:
        found = session.get_one(Petition, petition)
        texts.write(session, found, "en", Words.of("Benches", "Ask.", "Why."), "author")
        assert len(stems_of(session, petition)) == 2
        session.delete(session.get_one(PetitionText, (petition, "en")))
        session.flush()
        assert len(stems_of(session, petition)) == 1
    assert not knows(precinct, "benches")


def stems_of(session: Session, petition: UUID) -> list[str]:
    found = select(SearchText.title).where(SearchText.petition_id == petition)
    return list(session.scalars(found))
