"""Mails to followers over a real mail server: once each, in order, whatever the server or a crash does."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from petitions.domain.following import Happening, Rhythm, Scope
from petitions.domain.lifecycle import Action, Facts
from petitions.services import following, moves, spreading
from petitions.services.follow_keys import Link, follow_keys
from petitions.services.ports import SYSTEM
from petitions.storage import tables as t
from tests.follow.people import (
    a_post,
    a_quiet_petition,
    address_of,
    follow,
    happens,
    standings,
    work,
)
from tests.follow.postbox import loopback_certificate, open_postbox
from tests.house import KilledError, Precinct, a_precinct


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    return a_precinct(tmp_path, engine, batch_min=1)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_one_happening_is_one_mail_for_each_whatever_they_follow(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    for number in range(3):
        follow(precinct, number, petition)
    follow(precinct, 0, scope=Scope.ALL)
    follow(precinct, 4, scope=Scope.SUBJECT, target="bancs")
    follow(precinct, 5, scope=Scope.SUBJECT, target="piscine")
    follow(precinct, 6, scope=Scope.ASSEMBLY, target="valmont")
    follow(precinct, 7, scope=Scope.ASSEMBLY, target="senat")
    happens(precinct, petition, Happening.PUBLISHED, "one")
    happens(precinct, petition, Happening.PUBLISHED, "one")
    with open_postbox() as box:
        work(a_post(precinct, box.port, piece=2))
        work(a_post(precinct, box.port, piece=2))
    assert Counter(box.recipients) == Counter(address_of(n) for n in (0, 1, 2, 4, 6))
    ids = {mail["Message-ID"] for mail in box.mails}
    assert len(ids) == 5
    first = box.mails[0]
    assert first["From"] == "News <news@news.example.org>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Precedence"] is None
    assert {part.get_content_type() for part in first.iter_parts()} == {"text/plain", "text/html"}
    reasons = {mail["To"]: text_of(mail) for mail in box.mails}
    assert "asked to follow the petition" in reasons[address_of(0)]
    assert "follow petitions on\n“bancs”" in reasons[address_of(4)].replace(" “", "\n“")


@pytest.mark.parametrize("moment", ["in_piece", "after_piece", "before_words", "after_words"])
def test_a_post_that_is_killed_anywhere_sends_nothing_twice(
    precinct: Precinct, moment: str
) -> None:
    petition = a_quiet_petition(precinct)
    for number in range(12):
        follow(precinct, number, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    passed = []

    def kill(step: str) -> None:
        passed.append(step)
        if step == moment and passed.count(moment) % 3 == 2:
            raise KilledError

    with open_postbox() as box:
        for _life in range(12):
            post = a_post(precinct, box.port, between=kill, piece=3)
            try:
                work(post)
            except KilledError:
                precinct.clock.forward(minutes=11)  # what it held is free again after ten minutes
                continue
            break
        else:
            raise AssertionError("it never came through")
    assert passed.count(moment) > 2
    assert max(Counter(box.recipients).values()) == 1
    found = standings(precinct)
    assert found.get("sent", 0) + found.get("unsure", 0) == 12
    if moment in {"in_piece", "after_piece"}:
        assert len(box.recipients) == found["sent"] == 12
    if moment == "after_words":
        assert len(box.recipients) == 12


def test_two_posts_at_once_share_the_mails_and_send_none_twice(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    for number in range(8):
        follow(precinct, number, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    with open_postbox() as box:
        other = a_post(precinct, box.port)

        def meanwhile(step: str) -> None:
            if step == "before_words":
                other.turn()

        work(a_post(precinct, box.port, between=meanwhile, piece=3))
        work(other)
    assert Counter(box.recipients) == Counter(address_of(n) for n in range(8))


def test_a_server_that_says_later_is_asked_again_later(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    for number in range(3):
        follow(precinct, number, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    with open_postbox() as box:
        box.to_recipient = lambda to: "451 4.7.1 greylisted" if box.asked.count(to) == 1 else ""
        post = a_post(precinct, box.port)
        work(post)
        assert box.recipients == []
        assert standings(precinct) == {"waiting": 3}
        work(post)
        assert len(box.asked) == 3, "not before its time"
        precinct.clock.forward(minutes=5)
        work(post)
    assert sorted(box.recipients) == [address_of(n) for n in range(3)]


def test_a_mailbox_that_does_not_exist_is_written_to_once(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    gone, full, spam = (follow(precinct, number, petition) for number in range(3))
    answers = {
        address_of(0): "550 5.1.1 no such user here",
        address_of(1): "552 5.2.2 mailbox full",
        address_of(2): "550 5.7.1 rejected by policy",
    }
    happens(precinct, petition, Happening.RESTORED, "one")
    with open_postbox() as box:
        box.to_recipient = lambda to: answers[to]
        work(a_post(precinct, box.port))
        assert standings(precinct) == {"given_up": 3}
        answers = dict.fromkeys(answers, "")
        happens(precinct, petition, Happening.RESTORED, "two")
        work(a_post(precinct, box.port))
    assert sorted(box.recipients) == [address_of(1), address_of(2)]
    assert {gone, full, spam} >= {gone}
    with precinct.session() as session:
        (row,) = session.scalars(select(t.MailSuppression))
        assert row.mark == follow_keys(precinct.house).mark(address_of(0))
        assert row.why == "bounce"


def test_a_line_that_breaks_loses_nothing_and_the_server_is_given_a_rest(
    precinct: Precinct,
) -> None:
    petition = a_quiet_petition(precinct)
    for number in range(4):
        follow(precinct, number, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    with open_postbox() as box:
        box.hang_up = lambda _to: "yes" if len(box.recipients) == 2 and len(box.asked) == 3 else ""
        post = a_post(precinct, box.port)
        work(post)
        assert len(box.recipients) == 2
        assert not post.turn(), "it rests"
        precinct.clock.forward(seconds=31)
        work(post)
    assert Counter(box.recipients) == Counter(address_of(n) for n in range(4))


def test_no_server_at_all_costs_no_mail_an_attempt(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    follow(precinct, 0, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    with open_postbox() as box:
        closed = box.port
    post = a_post(precinct, closed)
    for _try in range(15):
        post.turn()
        precinct.clock.forward(minutes=15)
    with precinct.session() as session:
        (row,) = session.scalars(select(t.FollowMail))
        assert (row.standing, row.attempts) == ("waiting", 0)
    with open_postbox() as box:
        work(a_post(precinct, box.port))
    assert box.recipients == [address_of(0)]


def test_mails_go_encrypted_where_the_settings_say_so(precinct: Precinct, tmp_path: Path) -> None:
    petition = a_quiet_petition(precinct)
    follow(precinct, 0, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    server, client = loopback_certificate(tmp_path)
    with open_postbox(server) as box:
        work(a_post(precinct, box.port, context=client))
    assert (box.recipients, box.tls) == ([address_of(0)], [True])


def test_the_pace_of_the_settings_is_kept_and_confirmations_go_first(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    for number in range(30):
        follow(precinct, number, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    with open_postbox() as box:
        post = a_post(precinct, box.port, per_minute=60)
        post.turn()
        assert len(box.mails) == 10
        with precinct.session() as session:
            wish = following.Wish(
                address="new@example.org", scope=Scope.ALL, target="", rhythm=Rhythm.AT_ONCE,
                language="fr",
            )  # fmt: skip
            following.ask(session, precinct.house, wish, precinct.clock.at)
        precinct.clock.forward(seconds=5)
        post.turn()
        assert len(box.mails) == 15
        assert box.recipients[10] == "new@example.org"
        assert "Confirmez" in box.mails[10]["Subject"]
        assert box.mails[10]["List-Unsubscribe"] is None
        precinct.clock.forward(hours=3)
        post.turn()
        assert len(box.mails) == 25, "what was not used is not saved up"


def test_happenings_are_told_in_their_order(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    follow(precinct, 0, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    precinct.clock.forward(seconds=1)
    happens(precinct, petition, Happening.LAPSED, "two")
    with open_postbox() as box:
        work(a_post(precinct, box.port))
    assert [mail["Subject"].split(":")[0] for mail in box.mails] == ["Shown again", "Lapsed"]


def test_whoever_stops_meanwhile_gets_nothing_more(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    follow(precinct, 0, petition)
    follow(precinct, 1, petition)
    happens(precinct, petition, Happening.RESTORED, "one")
    with precinct.session() as session:
        spreading.spread(session, spreading.unspread(session)[0], precinct.clock.at)
        wish = session.scalars(select(t.Subscription)).first()
        assert wish is not None
        token = follow_keys(precinct.house).link(Link.STOP, wish.id)
        following.stop(session, precinct.house, token)
        following.stop(session, precinct.house, token)
    with open_postbox() as box:
        work(a_post(precinct, box.port))
    assert len(box.recipients) == 1


def test_what_was_taken_down_is_told_once_and_without_its_title(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    follow(precinct, 0, petition)
    happens(precinct, petition, Happening.PUBLISHED, "one")
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        title = session.get_one(t.PetitionText, (found.id, found.language)).title
        facts = Facts(second_person=True, reasons_given=True)
        from tests.house import SECOND_READER

        moves.move(session, found, Action.TAKE_DOWN, SECOND_READER, facts, at=precinct.clock.at)
    with open_postbox() as box:
        work(a_post(precinct, box.port))
    (mail,) = box.mails
    assert "is no longer shown" in mail["Subject"]
    assert title not in mail.as_string() + text_of(mail)
    assert "last mail" in text_of(mail)
    assert SYSTEM.code not in text_of(mail)


def test_the_weekly_mail_tells_a_week_once(precinct: Precinct) -> None:
    petition = a_quiet_petition(precinct)
    other = a_quiet_petition(precinct, title="Un marché couvert")
    follow(precinct, 0, petition, rhythm=Rhythm.WEEKLY, language="fr")
    follow(precinct, 0, other, rhythm=Rhythm.WEEKLY)
    follow(precinct, 1, other, rhythm=Rhythm.WEEKLY)
    precinct.clock.at = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
    with open_postbox() as box:
        post = a_post(precinct, box.port)
        work(post)  # Monday the 9th: nothing happened, nothing is sent
        assert box.mails == []
        precinct.clock.forward(days=1)
        happens(precinct, petition, Happening.RESTORED, "one")
        happens(precinct, petition, Happening.LAPSED, "two")
        work(post)
        assert box.mails == []
        precinct.clock.at = datetime(2026, 3, 16, 6, 1, tzinfo=UTC)
        work(post)
        work(post)
        (mail,) = box.mails
        assert mail["To"] == address_of(0)
        assert mail["Content-Language"] == "fr"
        assert "2 nouvelles" in text_of(mail)
        assert mail["List-Id"] == "<weekly.followers.petitions.example.org>"
        precinct.clock.forward(days=7)
        work(post)
    assert len(box.mails) == 1
