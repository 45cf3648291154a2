"""Clocks of erasure of every class of data, and a petition that was taken down while people signed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from petitions.domain.errors import SigningClosedError
from petitions.domain.lifecycle import Action
from petitions.domain.motions import Motion
from petitions.services import sealing_plan
from petitions.storage import tables as t
from tests.last_rules.towns import LOW, Towns, look, row, to, trail, withdraw
from tests.services.after_publication import published
from tests.sponsoring import file_under


def clock(data: str, start: str, length: str) -> dict[str, str]:
    return {
        '[[publicity.retention]]\ndata = "author"\n': (
            f'[[publicity.retention]]\ndata = "{data}"\nstart = "{start}"\nlength = "{length}"\n\n'
            '[[publicity.retention]]\ndata = "author"\n'
        )
    }


PROMOTERS = {
    "[[admissibility.stages]]\n": (
        '[[sponsors]]\nid = "supporters"\nmin = 2\n\n[[admissibility.stages]]\n'
    )
}


def test_what_is_kept_of_sponsors_goes_when_its_clock_has_run_out(town: Towns) -> None:
    at = town({**PROMOTERS, **clock("sponsors", "published", "P1M")}, ("sponsors.supporters",))
    circle = file_under(at, "town")
    circle.join("supporters", 1, 2)
    at.decide(circle.petition, Action.ACCEPT)
    to(at, "2026-04-02T23:59")
    at.work()
    assert at.count(t.Sponsor) == 3
    to(at, "2026-04-03T00:00")
    at.work()
    assert at.count(t.Sponsor) == at.count(t.Gathering) == 0
    assert at.sign(circle.petition, 8), "the petition goes on"
    (told,) = trail(at, circle.petition, "data_erased")
    assert (told.reason, told.legal_instant) == ("sponsors", at.clock.at)


@pytest.mark.both_engines
@pytest.mark.parametrize("freeze", ["publication", "submission"])
def test_the_text_of_a_petition_that_never_was_public_goes(town: Towns, freeze: str) -> None:
    fixed = {"[publicity]\n": f'[publicity]\nfreeze = "{freeze}"\n'}
    at = town({**clock("drafts", "final", "P1M"), **fixed})
    petition, public = at.file(), at.publish()
    for each in (petition, public):
        withdraw(at, each)
    to(at, "2026-04-03T00:00")
    at.work()
    text = row(at, t.PetitionText, (petition, "fr"))
    assert (text.title, text.request, text.reasons) == (look(at, petition).reference, "", "")
    assert row(at, t.PetitionText, (public, "fr")).request != "", "people signed that one"
    assert len(trail(at, petition, "data_erased")) == 1
    at.work()
    assert len(trail(at, petition, "data_erased")) == 1


def test_files_and_letters_go_and_what_was_bound_stays_bound(town: Towns) -> None:
    at = town({**clock("files", "final", "P1M")})
    petition = at.publish()
    with at.session() as session:
        session.add(
            t.Annex(id=UUID(int=5), petition_id=petition, number=1, name="plan.pdf",
                    media_type="application/pdf", pages=1, size=4, digest=b"d" * 32,
                    content=b"%PDF", added_at=at.clock.at)
        )  # fmt: skip
    withdraw(at, petition)
    to(at, "2026-04-03T00:00")
    at.work()
    with at.session() as session:
        found = session.scalars(select(t.Annex)).one()
        assert (found.content, found.size, found.digest) == (b"", 0, b"d" * 32)


def test_that_letters_went_out_is_forgotten_in_time(town: Towns) -> None:
    at = town(clock("correspondence", "final", "P1M"))
    petition = at.publish()
    withdraw(at, petition)
    at.work()
    letters = t.Outbox.key.startswith(f"letter:{petition}:")
    assert at.count(t.Outbox, letters) > 0
    to(at, "2026-04-03T00:00")
    at.work()
    assert at.count(t.Outbox, letters) == 0


def test_answers_about_the_author_go_with_their_name(town: Towns) -> None:
    at = town({'links = "official" }': 'links = "official", fields = ["birth_date"] }'})
    petition = at.publish()
    assert at.count(t.FilingAnswer) == 1
    withdraw(at, petition)
    to(at, "2027-03-03T00:00")
    at.work()
    assert (look(at, petition).author_name, at.count(t.FilingAnswer)) == ("", 0)


def test_signing_of_a_hidden_petition_ends_by_itself_and_it_can_be_sealed(town: Towns) -> None:
    at = town(LOW)
    file = published(at)
    at.sign(file.id, 1)
    file.do(Motion.TAKE_DOWN)
    to(at, "2026-06-01T09:00")
    at.work()
    assert row(at, t.PetitionSigning, file.id).signing == "open", "the days would be given back"
    to(at, "2026-08-03T09:00")  # six months after it was hidden, less the term for objections
    at.work()
    signing = row(at, t.PetitionSigning, file.id)
    assert signing.signing == "closed"
    ended = look(at, file.id).signing_ended_at
    assert ended is not None
    assert at.clock.at - ended < timedelta(days=2)
    at.clock.forward(days=32)
    with at.session() as session:
        plan = sealing_plan.plan(session, at.house, look(at, file.id), at.clock.at)
    assert plan.obstacles == ()
    assert plan.collected == 1


def test_a_petition_restored_after_that_goes_on_as_one_whose_window_ended(town: Towns) -> None:
    at = town(LOW)
    file = published(at)
    at.sign(file.id, 1)
    file.do(Motion.TAKE_DOWN)
    to(at, "2026-08-10T09:00")
    at.work()
    file.do(Motion.RESTORE)
    at.work()
    assert file.state == "closed_below"
    with pytest.raises(SigningClosedError):
        at.sign(file.id, 2)
