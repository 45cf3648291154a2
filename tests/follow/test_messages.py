"""Messages of the office to followers, and the page that shows every mail."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from petitions.domain.errors import ConflictError, ForbiddenError, InvalidError
from petitions.domain.following import Rhythm, Standing
from petitions.domain.lifecycle import Role
from petitions.mail_samples import TITLES, sample
from petitions.platform.i18n import load_catalogues, speaking
from petitions.platform.letterhead import as_html, of_text, plain
from petitions.services import follow_messages as service
from petitions.services.ports import Actor
from petitions.storage import tables as t
from tests.follow.people import a_post, address_of, follow, work
from tests.follow.postbox import open_postbox
from tests.house import Precinct, a_precinct

WRITER = Actor("berger", Role.COMMUNICATION, "P. Berger")
SENDER = Actor("petit", Role.CLERK, "A. Petit")
SUBJECTS = {"fr": "Réunion publique", "en": "Public meeting"}
TEXTS = {"fr": "Le 3 mai à la mairie.", "en": "At the town hall on 3 May."}


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    return a_precinct(tmp_path, engine, batch_min=1)


def test_a_message_needs_two_people_and_reaches_each_follower_in_their_language(
    precinct: Precinct,
) -> None:
    petition = precinct.publish()
    with precinct.session() as session:
        session.query(t.FollowEvent).delete()
    follow(precinct, 0, petition, language="fr")
    follow(precinct, 1, petition, language="en")
    follow(precinct, 2, petition, rhythm=Rhythm.WEEKLY)
    at = precinct.clock.at
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        assert service.followers(session, petition) == service.Followers(2, 1)
        row = service.propose(session, precinct.house, found, SUBJECTS, TEXTS, WRITER, at)
        message = row.id
        with pytest.raises(ConflictError):
            service.propose(session, precinct.house, found, SUBJECTS, TEXTS, WRITER, at)
    with precinct.session() as session, pytest.raises(ForbiddenError):
        service.send(session, message, WRITER, at)
    with open_postbox() as box:
        post = a_post(precinct, box.port)
        with precinct.session() as session:
            row = session.get_one(t.FollowMessage, message)
            service.test_mail(session, precinct.house, row, "en", "berger@example.org", at)
        work(post)
        (tried,) = box.mails
        assert tried["To"] == "berger@example.org"
        assert tried["Subject"] == "Public meeting"
        with precinct.session() as session:
            tests = select(t.FollowMail.sealed).where(t.FollowMail.kind == "test")
            assert session.scalars(tests).one() is None
            service.send(session, message, SENDER, at)
        with precinct.session() as session, pytest.raises(ConflictError):
            service.send(session, message, SENDER, at)
        work(post)
        subjects = {mail["To"]: mail["Subject"] for mail in box.mails[1:]}
    assert subjects == {address_of(0): "Réunion publique", address_of(1): "Public meeting"}
    with precinct.session() as session:
        row = session.get_one(t.FollowMessage, message)
        assert service.standing_of(session, row) == {Standing.SENT: 2}


def test_a_message_without_its_words_is_told_field_by_field(precinct: Precinct) -> None:
    petition = precinct.publish()
    with precinct.session() as session, pytest.raises(InvalidError) as error:
        found = session.get_one(t.Petition, petition)
        at = precinct.clock.at
        service.propose(session, precinct.house, found, {}, TEXTS, WRITER, at)
    assert set(error.value.fields) == {"subject_fr"}


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("code", sorted(TITLES))
def test_every_mail_loads_nothing_and_says_the_same_in_both_forms(code: str, lang: str) -> None:
    with speaking(load_catalogues(("en", "fr")).locale(lang)):
        letter = sample(code, "Petitions", f"https://petitions.example.org/{lang}", "Senate")
    html, text = as_html(letter), plain(letter)
    for loading in ("<img", "<link", "<script", "url(", "@import", "src=", "<iframe", "<form"):
        assert loading not in html
    assert f'<html lang="{lang}" dir="ltr">' in html
    for block in (*letter.blocks, *letter.foot):
        assert not block.href or block.href.startswith("https://petitions.example.org/")
        assert not block.href or (block.href in html and block.href in text)
    assert letter.reason.split()[0] in text
    assert max(len(line) for line in text.splitlines() if "https://" not in line) <= 72


def test_a_letter_written_as_text_keeps_every_word_and_escapes_what_citizens_wrote() -> None:
    text = "Dear <b>Madam</b>,\n\n- one\n- two\n\nhttps://petitions.example.org/a?x=1&y=2.\n"
    letter = of_text("Subject & more", text, site="Site", lang="en")
    html = as_html(letter)
    assert "&lt;b&gt;Madam" in html
    assert html.count("<li") == 2
    assert 'href="https://petitions.example.org/a?x=1&amp;y=2"' in html
