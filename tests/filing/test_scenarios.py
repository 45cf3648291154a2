"""The acceptance scenarios about filing, as a clerk of each parliament would tell them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from petitions.domain.errors import InvalidError, TransitionRefusedError
from petitions.domain.lifecycle import Action
from petitions.domain.vocabulary import FilingChannel
from petitions.domain.words import Words
from petitions.ledger.entries import EntryType
from petitions.services import (
    choosing,
    examination,
    filing,
    moves,
    prior,
    same_subject,
    texts,
)
from petitions.services.examination import Examination
from petitions.services.targets import target
from petitions.storage.tables import Petition, PetitionSigning, PriorCount
from tests.domain.clauses import local
from tests.filing.parliaments import TEXTS, draft, send
from tests.house import CLERK, COMMITTEE, Precinct, decide

PARIS, LONDON, BRUSSELS, MADRID, BERLIN, TORONTO = (
    "Europe/Paris", "Europe/London", "Europe/Brussels", "Europe/Madrid", "Europe/Berlin",
    "America/Toronto",
)  # fmt: skip
Parliament = Callable[..., Precinct]
NO_MEMBER = (
    (
        'sponsors = [{ id = "member", min = 1, max = 1, within = "P30D", attempts = 5, '
        'in_total = "none", who = { office = "mp" } }]'
    ),
    "sponsors = []",
)
CARRIED = ('by = "member"', 'by = "author"')
NO_SUPPORTERS = ('[[sponsors]]\nid = "supporters"\nmin = 2\nin_total = "all"\n', "")


def published(precinct: Precinct, rulebook: str, **more: Any) -> UUID:
    with precinct.session() as session:
        petition = send(precinct, session, draft(precinct, session, rulebook, **more))
        decide(session, precinct.house, petition, Action.ACCEPT, precinct.clock.at)
        return petition.id


def examined(
    precinct: Precinct, petition: UUID, code: str, on: date, texts: dict[str, str]
) -> None:
    with precinct.session() as session:
        found = Examination(
            code=code, decided_on=on, summaries=dict(texts), texts=texts, reason="Urgent."
        )
        locked = moves.lock(session, petition)
        examination.examine(session, precinct.house, locked, found, COMMITTEE, at=precinct.clock.at)


def same_as(precinct: Precinct, rulebook: str, other: UUID, **more: Any) -> UUID:
    """A draft that a clerk finds to be about the same subject."""
    with precinct.session() as session:
        petition = draft(precinct, session, rulebook, **more)
        earlier = session.get_one(Petition, other)
        same_subject.find(session, petition, earlier, CLERK, at=precinct.clock.at, note="Idem.")
        return petition.id


def sent(precinct: Precinct, petition: UUID) -> str:
    with precinct.session() as session:
        return send(precinct, session, session.get_one(Petition, petition)).state


def test_sen_6_the_same_subject_is_barred_through_the_last_day_of_two_years(
    parliament_on_either: Parliament,
) -> None:
    senate = parliament_on_either("fr-senat")
    senate.clock.at = local("2025-03-10T11:00", PARIS)
    first = published(senate, "fr-senat")
    examined(senate, first, "no_action", date(2025, 3, 10), {"fr": "Non."})
    senate.clock.at = local("2027-03-10T23:30", PARIS)
    second = same_as(senate, "fr-senat", first)
    with pytest.raises(InvalidError) as refused:
        sent(senate, second)
    assert refused.value.code == "same_decided_within"
    assert refused.value.facts["through"] == "2027-03-10"
    assert senate.state(second) == "draft"
    senate.clock.at = local("2027-03-11T00:00", PARIS)
    assert sent(senate, second) == "in_admissibility"


def test_sco_2_a_third_open_petition_waits_until_one_is_examined(
    parliament_on_either: Parliament,
) -> None:
    holyrood = parliament_on_either("scottish-parliament")
    author = b"\x05" * 32
    first = published(holyrood, "scottish-parliament", tag=author, language="en")
    published(holyrood, "scottish-parliament", tag=author, language="en")
    with holyrood.session() as session:
        third = draft(holyrood, session, "scottish-parliament", tag=author, language="en").id
    with pytest.raises(InvalidError) as refused:
        sent(holyrood, third)
    assert (refused.value.code, refused.value.facts["max"]) == ("open_per_author", 2)
    examined(holyrood, first, "examined", holyrood.clock.at.date(), {"en": "Considered."})
    assert sent(holyrood, third) == "in_admissibility"


def test_sco_3_a_closed_subject_is_barred_through_the_end_of_february(
    parliament: Parliament,
) -> None:
    holyrood = parliament("scottish-parliament")
    holyrood.clock.at = local("2026-02-28T12:00", LONDON)
    first = published(holyrood, "scottish-parliament", language="en")
    examined(holyrood, first, "examined", date(2026, 2, 28), {"en": "Closed."})
    holyrood.clock.at = local("2027-02-28T23:59", LONDON)
    second = same_as(holyrood, "scottish-parliament", first, language="en")
    with pytest.raises(InvalidError, match="same_closed_within"):
        sent(holyrood, second)
    holyrood.clock.at = local("2027-03-01T00:00", LONDON)
    assert sent(holyrood, second) == "in_admissibility"


def test_an_open_petition_on_the_same_subject_refuses_a_second_one(parliament: Parliament) -> None:
    holyrood = parliament("scottish-parliament")
    first = published(holyrood, "scottish-parliament", language="en")
    second = same_as(holyrood, "scottish-parliament", first, language="en")
    with pytest.raises(InvalidError, match="same_open_same"):
        sent(holyrood, second)


def test_snd_1_the_version_is_chosen_by_the_day_of_submission(parliament: Parliament) -> None:
    senedd = parliament("senedd")
    wanted = {}
    for day in ("2020-12-31T23:30", "2021-01-01T00:10"):
        senedd.clock.at = local(day, LONDON)
        with senedd.session() as session:
            petition = draft(
                senedd, session, "senedd", language="en", choices={"channel": "online"}
            )
            send(senedd, session, petition)
            kind = senedd.house.kind(session, petition)
            wanted[petition.rulebook_version] = kind.milestones[0].threshold
    assert {version: each.number for version, each in wanted.items()} == {1: 50, 2: 250}


def test_bun_2_a_petition_keeps_the_version_of_its_submission(parliament: Parliament) -> None:
    bundestag = parliament("de-bundestag")
    bundestag.clock.at = local("2024-06-28T10:00", BERLIN)
    with bundestag.session() as session:
        old = send(bundestag, session, draft(bundestag, session, "de-bundestag")).id
    bundestag.clock.at = local("2024-07-03T10:00", BERLIN)
    bundestag.decide(old, Action.ACCEPT)
    with bundestag.session() as session:
        petition = session.get_one(Petition, old)
        assert (petition.rulebook_version, petition.last_day) == (1, date(2024, 7, 31))
        assert petition.targets["hearing"]["threshold"] == 50_000
        later = send(bundestag, session, draft(bundestag, session, "de-bundestag"))
        assert later.rulebook_version == 2


def test_bun_4_a_private_petition_is_admitted_and_examined_but_never_signed(
    parliament: Parliament,
) -> None:
    bundestag = parliament("de-bundestag")
    petition = published(bundestag, "de-bundestag", kind="private")
    assert bundestag.state(petition) == "published"
    assert bundestag.count(PetitionSigning) == 0
    with pytest.raises(Exception, match="not_open_for_signing"):
        bundestag.sign(petition, 1)
    examined(bundestag, petition, "examined", bundestag.clock.at.date(), {"de": "Erledigt."})
    assert bundestag.state(petition) == "examined"


def test_bcn_1_the_choice_made_at_filing_decides_the_number_and_stays(
    parliament: Parliament,
) -> None:
    council = parliament("barcelona")
    numbers = {}
    for effect in ("hearing", "process"):
        with council.session() as session:
            chosen = {"effect": effect, "window": "P3M"}
            petition = draft(council, session, "barcelona", choices=chosen)
            send(council, session, petition)
            kind = council.house.kind(session, petition)
            numbers[effect] = target(council.house, kind, petition, kind.milestones[0]).threshold
            with pytest.raises(InvalidError, match="choice_fixed"):
                choosing.choose(
                    session, council.house, petition, {"effect": "norm"}, council.clock.at.date()
                )
            assert petition.choices == chosen
    assert numbers == {"hearing": 7000, "process": 9000}


def test_an_option_that_does_not_exist_and_none_at_all_are_refused(parliament: Parliament) -> None:
    council = parliament("barcelona")
    with council.session() as session:
        petition = draft(council, session, "barcelona", choices={"effect": "norm", "window": "P2M"})
        for answers, code in (({"effect": "gold"}, "not_accepted"), ({}, "required")):
            with pytest.raises(InvalidError) as refused:
                choosing.choose(session, council.house, petition, answers, council.clock.at.date())
            assert refused.value.fields["effect"][0] == code
        with pytest.raises(InvalidError) as too_long:
            choosing.choose(
                session, council.house, petition, {"effect": "norm", "window": "P5M"},
                council.clock.at.date(),
            )  # fmt: skip
        assert too_long.value.fields["window"][0] == "window_out_of_range"
        petition.choices = {}
        with pytest.raises(InvalidError) as unanswered:
            send(council, session, petition)
        assert set(unanswered.value.fields) == {"effect", "window"}


@pytest.mark.parametrize(("valid", "state"), [(24, "closed_below"), (25, "threshold_reached")])
def test_ca_5_signatures_that_came_with_the_paper_are_counted_on_admission(
    parliament_on_either: Parliament, valid: int, state: str
) -> None:
    ottawa = parliament_on_either("ca-house-of-commons", NO_MEMBER, CARRIED)
    with ottawa.session() as session:
        petition = a_paper_petition(ottawa, session)
        send(ottawa, session, petition)
        prior.certify(session, ottawa.house, petition, 30, valid, CLERK, at=ottawa.clock.at)
        decide(session, ottawa.house, petition, Action.ACCEPT, ottawa.clock.at)
        assert petition.state == state
        assert session.get_one(PriorCount, petition.id).collected == 30


def a_paper_petition(ottawa: Precinct, session: Any, words: Any = None) -> Petition:
    book = ottawa.house.library.rulebook("ca-house-of-commons", ottawa.clock.at.date())
    text = words or TEXTS["en"]
    petition = filing.start_draft(
        session, book, assembly="ca-commons", kind="paper", tag=b"\x01" * 32, language="en",
        title=text.title, at=ottawa.clock.at, channel=FilingChannel.PAPER,
    )  # fmt: skip
    filing.see_similar(petition, "")
    filing.write_text(session, ottawa.house, petition, text)
    filing.write_author(petition, "A. Roy", "")
    texts.write(session, petition, "fr", TEXTS["fr"], "assembly")
    return petition


@pytest.mark.parametrize("text", ["One " * 251, "See https://example.org for more."])
def test_ca_5_a_text_that_is_too_long_or_holds_a_link_is_refused(
    parliament: Parliament, text: str
) -> None:
    ottawa = parliament("ca-house-of-commons", NO_MEMBER, CARRIED)
    with ottawa.session() as session, pytest.raises(InvalidError) as refused:
        a_paper_petition(ottawa, session, Words.of("A bench", text, ""))
    assert refused.value.fields["request"][0] in {"too_long", "link_refused"}


def test_snd_4_no_admission_before_the_welsh_text_is_there(
    parliament_on_either: Parliament,
) -> None:
    senedd = parliament_on_either("senedd", NO_SUPPORTERS)
    with senedd.session() as session:
        petition = draft(senedd, session, "senedd", language="en", choices={"channel": "online"})
        found = send(senedd, session, petition).id
    with pytest.raises(TransitionRefusedError, match="guard_languages_complete"):
        senedd.decide(found, Action.ACCEPT)
    with senedd.session() as session:
        petition = moves.lock(session, found)
        texts.translate(
            session, senedd.house, petition, "cy", TEXTS["cy"], CLERK, at=senedd.clock.at
        )
    senedd.decide(found, Action.ACCEPT)
    with senedd.session() as session:
        written = texts.texts_of(session, session.get_one(Petition, found))
    assert all(text.frozen and text.authoritative for text in written.values())
    assert written["en"].bound == [f"text cy {(written['cy'].text_hash or b'').hex()}"]
    assert hashlib.sha256(texts.text_file(written["en"])).digest() == written["en"].text_hash
    assert [entry.fields.text_hash for entry in pending_openings(senedd, found)] == [
        written["en"].text_hash
    ]


def test_snd_4_a_window_longer_than_six_months_is_refused(parliament: Parliament) -> None:
    senedd = parliament("senedd", NO_SUPPORTERS)
    with senedd.session() as session, pytest.raises(InvalidError) as refused:
        draft(
            senedd, session, "senedd", language="en",
            choices={"channel": "online", "window": "P7M"},
        )  # fmt: skip
    assert refused.value.fields["window"] == (
        "window_out_of_range", {"minimum": "P1D", "maximum": "P6M", "got": "P7M"},
    )  # fmt: skip


def pending_openings(precinct: Precinct, petition: UUID) -> list[Any]:
    precinct.work()
    return [each for each in precinct.entries(EntryType.OPEN) if each.petition == petition]


def test_bxl_5_a_decision_needs_its_reasons_in_both_languages(
    parliament_on_either: Parliament,
) -> None:
    brussels = parliament_on_either("brussels")
    brussels.clock.at = local("2026-03-02T10:00", BRUSSELS)
    with brussels.session() as session:
        petition = send(brussels, session, draft(brussels, session, "brussels", kind="suggestion"))
        texts.translate(
            session, brussels.house, petition, "nl", TEXTS["nl"], CLERK, at=brussels.clock.at
        )
        decide(session, brussels.house, petition, Action.ACCEPT, brussels.clock.at)
        petition.state = "threshold_reached"  # the thousandth resident signed
        suggestion = petition.id
    brussels.clock.at = local("2026-03-10T10:00", BRUSSELS)
    day = date(2026, 3, 10)
    with pytest.raises(InvalidError) as refused:
        examined(brussels, suggestion, "refused_with_reasons", day, {"fr": "Non."})
    assert "text_nl" in refused.value.fields
    both = {"fr": "Non.", "nl": "Neen."}
    examined(brussels, suggestion, "refused_with_reasons", day, both)
    assert brussels.state(suggestion) == "examined"
    brussels.clock.at = local("2027-03-10T10:00", BRUSSELS)
    again = same_as(brussels, "brussels", suggestion, kind="suggestion")
    with pytest.raises(InvalidError, match="same_decided_within"):
        sent(brussels, again)
    brussels.clock.at = local("2027-03-11T00:00", BRUSSELS)
    assert sent(brussels, again) == "in_admissibility"


def test_what_the_rules_barred_on_the_day_of_filing_cannot_be_admitted(
    parliament: Parliament,
) -> None:
    holyrood = parliament("scottish-parliament")
    first = published(holyrood, "scottish-parliament", language="en")
    with holyrood.session() as session:
        petition = draft(holyrood, session, "scottish-parliament", language="en")
        second = send(holyrood, session, petition).id
    with holyrood.session() as session:
        locked, other = moves.lock(session, second), session.get_one(Petition, first)
        same_subject.find(session, locked, other, CLERK, at=holyrood.clock.at)
    with pytest.raises(TransitionRefusedError, match="same_subject_barred"):
        holyrood.decide(second, Action.ACCEPT)
    with holyrood.session() as session:
        locked, other = moves.lock(session, second), session.get_one(Petition, first)
        same_subject.retract(session, locked, other, CLERK, at=holyrood.clock.at)
    holyrood.decide(second, Action.ACCEPT)
    assert holyrood.state(second) == "published"


def test_a_translation_after_publication_has_a_hash_of_its_own(parliament: Parliament) -> None:
    scotland = parliament(
        "scottish-parliament", ("authoritative", 'translated_by = "assembly", authoritative')
    )
    petition = published(scotland, "scottish-parliament", language="en")
    gaelic = Words.of("Being", "Tha sinn ag iarraidh being.", "Tha daoine sgìth.")
    with scotland.session() as session:
        locked = moves.lock(session, petition)
        original = texts.signed_text(session, scotland.house, locked)
        before = original.text_hash
        text = texts.translate(
            session, scotland.house, locked, "gd", gaelic, CLERK, at=scotland.clock.at
        )
        assert text.frozen
        assert not text.authoritative
        assert text.text_hash != before
        assert texts.signed_text(session, scotland.house, locked).text_hash == before
        with pytest.raises(InvalidError, match="text_frozen"):
            texts.translate(
                session, scotland.house, locked, "gd", gaelic, CLERK, at=scotland.clock.at
            )
