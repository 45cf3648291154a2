from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from sqlalchemy import func, select

from petitions.demo.stories.story import RULEBOOKS
from petitions.domain.calendar import local_day
from petitions.domain.lifecycle import State
from petitions.ledger import tree
from petitions.ledger.entries import EntryType, leaf_hash, parse
from petitions.platform.database import create_engine
from petitions.platform.mail import FolderMailer
from petitions.services.addressing import addressees
from petitions.services.audit import broken_links
from petitions.services.letters import Address
from petitions.services.log_publishing import guard_fork
from petitions.storage.tables import (
    AreaTally,
    Audit,
    AuthorContext,
    Checkpoint,
    DailyCount,
    Decision,
    DestructionStatement,
    LogEntry,
    LogState,
    MilestoneReached,
    Outbox,
    Outcome,
    PendingEntry,
    Petition,
    PetitionSigning,
    PetitionText,
    PublicCount,
    Review,
    Sealing,
    Signature,
    Sponsor,
    Track,
)
from tests.demo.parliament import AUTUMN, WINTER, Parliament, play, tag_of
from tests.postgres import PostgresServer

SHOWN = {
    State.DRAFT, State.IN_ADMISSIBILITY, State.RETURNED, State.PUBLISHED, State.THRESHOLD_REACHED,
    State.EXAMINED, State.REFUSED, State.HIDDEN, State.CLOSED_BELOW, State.WITHDRAWN, State.LAPSED,
    State.GATHERING_SPONSORS,
}  # fmt: skip
"""Every state that the petitions of the demonstration show: none was merged into another."""
CONTEXTS = UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def parliament(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parliament]:
    """Seeded once on each engine: the tests below only read."""
    folder = tmp_path_factory.mktemp("parliament")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "db.sqlite")
        uri = f"sqlite:///{folder / 'db.sqlite'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        uri = server.create(template=request.getfixturevalue("postgres_template"))
    engine = create_engine(uri)
    yield play(engine, uri, folder, AUTUMN)
    engine.dispose()
    if request.param == "postgresql":
        server.drop(uri)


def _by_email(parliament: Parliament, key: str) -> Petition:
    with parliament.session() as session:
        return session.scalars(
            select(Petition).where(Petition.author_email == f"{key}@example.org")
        ).one()


def test_every_state_can_be_seen(parliament: Parliament) -> None:
    with parliament.session() as session:
        states = set(session.scalars(select(Petition.state)))
    assert states == {str(state) for state in SHOWN}


def test_every_assembly_has_petitions_and_each_published_one_a_second_language(
    parliament: Parliament,
) -> None:
    with parliament.session() as session:
        per_assembly = dict(
            session.execute(
                select(Petition.assembly, func.count()).group_by(Petition.assembly)
            ).all()
        )
        paged = session.scalars(select(Petition).where(Petition.published_at.is_not(None))).all()
        for petition in paged:
            texts = session.scalars(
                select(PetitionText).where(PetitionText.petition_id == petition.id)
            ).all()
            second = {"fr", "nl"} if petition.assembly in {"prb", "pfb"} else {"fr", "en"}
            assert {text.language for text in texts} == second
            assert [t.language for t in texts if t.authoritative] == [petition.language]
            assert all(text.frozen and text.text_hash for text in texts)
    assert set(per_assembly) == set(RULEBOOKS)
    assert min(per_assembly["senat"], per_assembly["valmont"]) >= 10
    assert {petition.language for petition in paged} == {"fr", "en"}


def test_the_audit_chain_is_unbroken_and_in_the_order_of_time(parliament: Parliament) -> None:
    with parliament.session() as session:
        assert list(broken_links(session)) == []
        instants = list(session.scalars(select(Audit.at).order_by(Audit.seq)))
    assert instants == sorted(instants)
    assert instants[-1] < parliament.today
    assert instants[0] > parliament.today - timedelta(days=280)


def test_counts_of_pages_log_and_signatures_are_the_same(parliament: Parliament) -> None:
    with parliament.session() as session:
        shown = session.scalars(select(PublicCount)).all()
        signed = dict(
            session.execute(
                select(Signature.petition_id, func.count())
                .where(Signature.standing == "signed")
                .group_by(Signature.petition_id)
            ).all()
        )
        logged: dict[UUID, int] = {}
        entries: dict[UUID, int] = {}
        for raw in session.scalars(select(LogEntry.entry).order_by(LogEntry.log_id, LogEntry.idx)):
            entry = parse(raw)
            if entry.type is EntryType.COUNT:
                logged[entry.petition] = entry.fields.valid
            step = {EntryType.SIGN: 1, EntryType.WITHDRAW: -1}.get(entry.type, 0)
            entries[entry.petition] = entries.get(entry.petition, 0) + step
    assert sum(count.valid for count in shown) > 1000
    assert sum(count.withdrawn for count in shown) > 10
    with parliament.session() as session:
        sealed = set(session.scalars(select(Sealing.petition_id)))
    assert len(sealed) == 1
    for count in shown:
        assert count.valid == logged[count.petition_id] == entries[count.petition_id]
        assert signed.get(count.petition_id, 0) == (
            0 if count.petition_id in sealed else count.valid
        )


def test_the_sealed_petition_has_lost_its_key_and_told_so(parliament: Parliament) -> None:
    with parliament.session() as session:
        (ceremony,) = session.scalars(select(Sealing)).all()
        signing = session.get_one(PetitionSigning, ceremony.petition_id)
        assert (signing.signing, signing.wrapped_salt) == ("sealed", None)
        statements = session.scalars(select(DestructionStatement)).all()
    assert ceremony.sealed_at is not None
    assert len(statements) >= 1


def test_nothing_waits_for_a_batch_and_every_row_is_settled(parliament: Parliament) -> None:
    with parliament.session() as session:
        assert session.scalar(select(func.count()).select_from(PendingEntry)) == 0
        unsettled = (
            select(Petition.state, func.count())
            .join(Signature, Signature.petition_id == Petition.id)
            .where(Signature.settled.is_(False))
            .group_by(Petition.state)
        )
        waiting = dict(session.execute(unsettled).all())
        assert waiting == {
            State.GATHERING_SPONSORS: 4
        }  # the author and three: held until published


def test_a_petition_may_ask_two_assemblies_and_only_residents_count(parliament: Parliament) -> None:
    petition = _by_email(parliament, "noctis")
    with parliament.session() as session:
        assert addressees(session, petition) == ("prb", "pfb")
        count = session.get_one(PublicCount, petition.id).valid
        classes = session.execute(
            select(AreaTally.counting_class, func.sum(AreaTally.signed))
            .where(AreaTally.petition_id == petition.id)
            .group_by(AreaTally.counting_class)
        ).all()
    assert 0 < dict(classes)["resident16"] < count


def test_a_quorum_of_departments_is_nearly_met(parliament: Parliament) -> None:
    petition = _by_email(parliament, "trains-de-nuit")
    with parliament.session() as session:
        areas = session.scalars(
            select(AreaTally.area)
            .where(AreaTally.petition_id == petition.id, AreaTally.signed > 0)
            .distinct()
        ).all()
    assert len([area for area in areas if area]) == 23


def test_sponsors_become_signatures_once_their_petition_is_published(
    parliament: Parliament,
) -> None:
    published, gathering = _by_email(parliament, "tool-library"), _by_email(parliament, "ferries")
    with parliament.session() as session:
        count = session.get_one(PublicCount, published.id).valid
        backed = [
            session.scalar(select(func.count()).where(Sponsor.petition_id == petition.id))
            for petition in (published, gathering)
        ]
    assert backed == [6, 4], "the author's own code stands with the sponsors'"
    assert count == 20 + 6
    assert gathering.published_at is None


def test_milestones_are_reached_exactly_once(parliament: Parliament) -> None:
    with parliament.session() as session:
        reached = session.scalars(select(MilestoneReached)).all()
        in_log = [
            parse(raw).petition
            for raw in session.scalars(select(LogEntry.entry))
            if parse(raw).type is EntryType.MILESTONE
        ]
        above = session.scalars(
            select(PublicCount.petition_id)
            .join(Petition, Petition.id == PublicCount.petition_id)
            .where(Petition.assembly == "valmont", PublicCount.valid >= 25)
        ).all()
    assert sorted(in_log) == sorted(hit.petition_id for hit in reached) == sorted(above)
    assert len(set(in_log)) == len(in_log) == 4


def test_one_more_than_two_neighbours_would_move_the_council(parliament: Parliament) -> None:
    petition = _by_email(parliament, "cour")
    with parliament.session() as session:
        count = session.get_one(PublicCount, petition.id).valid
    assert petition.state == State.PUBLISHED
    assert petition.targets["council"]["threshold"] - count in {2, 3}


def test_one_window_ends_within_two_days(parliament: Parliament) -> None:
    with parliament.session() as session:
        soon = session.scalars(
            select(Petition).where(
                Petition.state == State.PUBLISHED,
                Petition.closes_at <= parliament.today + timedelta(days=2),
            )
        ).all()
    assert len(soon) == 1
    assert soon[0].closes_at is not None
    assert soon[0].closes_at > parliament.today


def test_the_council_owes_one_answer_in_time_and_one_that_is_late(parliament: Parliament) -> None:
    with parliament.session() as session:
        open_tracks = session.scalars(select(Track).where(Track.status != "decided")).all()
    today = local_day(parliament.today, "Europe/Paris")
    by_status = {track.status: track.due_on for track in open_tracks}
    assert by_status["due"] is not None
    assert by_status["due"] > today
    assert by_status["overdue"] is not None
    assert by_status["overdue"] < today


def test_the_desk_has_every_kind_of_case(parliament: Parliament) -> None:
    today = local_day(parliament.today, "Europe/Paris")
    with parliament.session() as session:
        cases = session.scalars(
            select(Review)
            .join(Petition, Petition.id == Review.petition_id)
            .where(Review.closed_at.is_(None), Petition.state == State.IN_ADMISSIBILITY)
        ).all()
    due = [case.due_on for case in cases if case.due_on]
    assert any(day < today for day in due)
    assert any(today <= day <= today + timedelta(days=4) for day in due)
    assert any(case.back_from_author for case in cases)
    assert any(case.proposed for case in cases)
    assert {case.assigned_name for case in cases} >= {"Ana Petit", "Jules Morel", None}


def test_answers_and_refusals_are_given_in_both_languages(parliament: Parliament) -> None:
    with parliament.session() as session:
        outcomes = session.scalars(select(Outcome)).all()
        refusals = session.scalars(select(Decision).where(Decision.outcome == "refuse")).all()
    assert {outcome.code for outcome in outcomes} == {"adopted", "declined", "committee_referral"}
    assert all(set(outcome.texts) == {"fr", "en"} for outcome in outcomes)
    assert all(set(refusal.texts) == {"fr", "en"} for refusal in refusals)
    hiding = [refusal for refusal in refusals if refusal.grounds == ["advertising"]]
    assert [bool(refusal.second_actor) for refusal in hiding] == [True]


def test_only_letters_of_the_last_days_wait_and_nothing_else(parliament: Parliament) -> None:
    with parliament.session() as session:
        jobs = session.scalars(select(Outbox)).all()
    waiting = [job for job in jobs if job.done_at is None]
    assert waiting
    assert {job.kind for job in waiting} == {"letter"}
    assert min(job.created_at for job in waiting) >= parliament.today - timedelta(days=3)
    assert all(job.due_at == parliament.today.replace(microsecond=0) for job in waiting)
    recent = parliament.today - timedelta(days=3)
    settled = [job for job in jobs if job.kind == "letter" and job.done_at is not None]
    assert all(job.created_at < recent for job in settled)
    assert all(job.error == "" and job.failed_at is None for job in jobs)


def test_a_citizen_who_can_log_in_finds_their_petitions(parliament: Parliament) -> None:
    with parliament.session() as session:
        found = {
            assembly: sorted(
                session.scalars(
                    select(Petition.state).where(
                        Petition.author_tag == tag_of(assembly, "Amina Haddad")
                    )
                )
            )
            for assembly in ("senat", "valmont")
        }
        others = session.scalar(select(func.count(func.distinct(Petition.author_tag))))
    assert found == {"senat": ["draft", "in_admissibility", "returned"], "valmont": ["published"]}
    citizens = {"Amina Haddad", "Ingrid Peeters", "Moira Campbell"}
    assert {name for _, name in parliament.asked} == citizens
    assert others == 36


def test_the_published_log_is_the_one_in_the_database(parliament: Parliament) -> None:
    with parliament.session() as session:
        state = session.scalars(select(LogState)).one()
        leaves = [
            leaf_hash(raw) for raw in session.scalars(select(LogEntry.entry).order_by(LogEntry.idx))
        ]
        guard_fork(session, parliament.shelf, state.log_id)
        newest = session.get_one(Checkpoint, (state.log_id, state.size))
    assert state.published_batch == state.batch_no
    assert tree.root_of(leaves) == state.root
    place = parliament.shelf.of(state.log_id)
    assert (place / "checkpoint").read_text() == newest.note
    counts = json.loads((place / "counts.json").read_bytes())
    assert counts["size"] == state.size == len(leaves)


def test_every_day_with_signatures_has_its_figure(parliament: Parliament) -> None:
    petition = _by_email(parliament, "fontaine")
    with parliament.session() as session:
        days = session.execute(
            select(DailyCount.day, DailyCount.valid)
            .where(DailyCount.petition_id == petition.id)
            .order_by(DailyCount.day)
        ).all()
    totals = [valid for _, valid in days]
    assert totals == sorted(totals)
    assert totals[-1] == 34
    assert len(days) > 15  # weekly publication must not swallow the days between


def test_progress_tells_more_and_more_and_ends_at_one(parliament: Parliament) -> None:
    fractions = [fraction for fraction, _ in parliament.progress]
    assert len(fractions) > 200
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_a_history_over_new_year_has_a_log_for_each_year(sqlite_uri: str, tmp_path: Path) -> None:
    engine = create_engine(sqlite_uri)
    mailbox = tmp_path / "mailbox"
    parliament = play(
        engine,
        sqlite_uri,
        tmp_path,
        WINTER,
        context_of=lambda assembly: uuid5(CONTEXTS, assembly),
        mailer=FolderMailer(mailbox, "petitions@example.org"),
        address=Address(
            {"en": "Petitions", "fr": "Pétitions"}, "http://localhost", "x@example.org"
        ),
    )
    with parliament.session() as session:
        logs = session.scalars(select(LogState).order_by(LogState.log_id)).all()
        states = set(session.scalars(select(Petition.state)))
        waiting = session.scalar(select(func.count()).where(Outbox.done_at.is_(None)))
        contexts = {row.assembly: row.context for row in session.scalars(select(AuthorContext))}
        kept = session.scalar(select(func.count()).where(Outbox.created_at >= _since(WINTER)))
        assert list(broken_links(session)) == []
    engine.dispose()
    assert [log.log_id for log in logs] == [2026, 2027]
    assert all(log.published_batch == log.batch_no > 5 for log in logs)
    assert states == {str(state) for state in SHOWN}
    assert waiting == 0
    assert contexts == {each: uuid5(CONTEXTS, each) for each in RULEBOOKS}
    assert len(list(mailbox.glob("*.eml"))) == kept > 0


def _since(today: datetime) -> datetime:
    return today - timedelta(days=3)
