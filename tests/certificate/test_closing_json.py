"""What the certificate says: the numbers of the log, provable, and nothing of a person."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from petitions.certificate.document import REASONS, closing_json
from petitions.domain.errors import ConflictError
from petitions.domain.removals import RemovalReason
from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.entries import EntryType, leaf_hash, parse
from petitions.ledger.notes import open_note, split_note
from petitions.ledger.tree import verify_inclusion
from petitions.services import moves, removals
from petitions.services.closing_facts import closing_facts
from petitions.services.removals import Wanted
from petitions.services.witnessing import NOBODY
from petitions.storage import tables as t
from tests.certificate.conftest import Filed
from tests.house import (
    CLERK,
    MAIL,
    OTHER_CLERK,
    TITLE,
    Precinct,
    a_precinct,
    changed_library,
)
from tests.services.test_sealing import ended, order, work_until_sealed


def certificate_of(precinct: Precinct, petition: UUID, enough: Any = NOBODY.enough) -> bytes:
    with precinct.session() as session:
        found = session.get_one(t.Petition, petition)
        return closing_json(closing_facts(session, precinct.house, found, enough))


def proven(content: dict[str, Any], entry: dict[str, Any]) -> Any:
    """The fields of an entry whose proof leads to the root of the certificate's checkpoint."""
    raw, log = bytes.fromhex(entry["entry"]), content["log"]
    steps = [bytes.fromhex(step) for step in entry["proof"]]
    root = bytes.fromhex(log["root"])
    assert verify_inclusion(leaf_hash(raw), entry["index"], log["size"], steps, root)
    assert str(parse(raw).petition) == content["petition"]["uuid"]
    return parse(raw).fields


def test_a_closed_petition_has_a_certificate_of_its_last_count(
    precinct_on_either: Precinct,
) -> None:
    precinct = precinct_on_either
    petition = ended(precinct)
    raw = certificate_of(precinct, petition)
    content = json.loads(raw)
    assert raw == json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode() + b"\n"
    assert content["format"] == "petition-closing/v1"
    assert (content["status"], content["seal"]) == ("closed", None)
    numbers = content["numbers"]
    assert numbers == {
        "collected": 4, "withdrawn": 1, "invalid": 0, "invalid_by_reason": {}, "valid": 3,
        "on_paper": 0, "certified_online": None,
    }  # fmt: skip
    count = proven(content, content["count"])
    assert (count.collected, count.withdrawn, count.valid) == (4, 1, 3)
    assert proven(content, content["close"]).reason == 0
    signed = parse_checkpoint(split_note(content["log"]["checkpoint"])[0])
    assert (signed.origin, signed.size, signed.root.hex()) == (
        content["log"]["origin"], content["log"]["size"], content["log"]["root"],
    )  # fmt: skip


def test_the_text_and_the_rules_are_those_that_the_log_opened_with(precinct: Precinct) -> None:
    petition = ended(precinct)
    content = json.loads(certificate_of(precinct, petition))
    (opening,) = precinct.entries(EntryType.OPEN)
    text = content["text"]
    published = f"{text['title']}\n\n{text['request']}\n\n{text['reasons']}\n".encode()
    assert hashlib.sha256(published).hexdigest() == text["sha256"]
    assert text["sha256"] == opening.fields.text_hash.hex()
    assert content["rules"]["sha256"] == opening.fields.rules_hash.hex()
    assert (content["rules"]["id"], text["title"]) == ("town", TITLE)
    dates = content["dates"]
    assert dates["opened"] < dates["closed"]
    assert dates["last_day"] < dates["objections_until"]


def test_a_sealed_petition_proves_its_seal_and_every_statement(
    precinct_on_either: Precinct,
) -> None:
    precinct = precinct_on_either
    petition = ended(precinct)
    before = certificate_of(precinct, petition)
    order(precinct, petition)
    precinct.work()
    assert certificate_of(precinct, petition) == before, "half a ceremony changes nothing"
    work_until_sealed(precinct)
    content = json.loads(certificate_of(precinct, petition))
    assert content["status"] == "sealed"
    seal = content["seal"]
    fields = proven(content, seal)
    assert (fields.collected, fields.valid) == (4, 3)
    assert (fields.size, fields.root.hex()) == (seal["size"], seal["root"])
    destroyed = precinct.entries(EntryType.DESTROYED)
    assert len(seal["statements"]) == len(destroyed) > 0
    for each in seal["statements"]:
        told = proven(content, each["destroyed"])
        body = open_note(each["statement"], [each["vkey"]])
        assert f"kek/{petition}" in body
        assert hashlib.sha256(each["statement"].encode()).digest() == told.statement_hash
        assert told.replica == each["number"]
    assert json.loads(before)["numbers"] == content["numbers"]


def test_a_certificate_does_not_change_while_the_log_grows(precinct: Precinct) -> None:
    petition = ended(precinct)
    before = certificate_of(precinct, petition)
    other = precinct.publish()
    precinct.sign_many(other, range(20, 24))
    precinct.work()
    assert certificate_of(precinct, petition) == before


def test_invalid_signatures_are_told_by_reason(precinct: Precinct) -> None:
    petition = ended(precinct, withdrawn=False)  # nobody can tell which leaf was withdrawn
    signed = [
        index
        for index, entry in enumerate(precinct.entries())
        if entry.type is EntryType.SIGN and entry.petition == petition
    ]
    remove(precinct, petition, signed[:2])
    content = json.loads(certificate_of(precinct, petition))
    assert content["numbers"]["invalid"] == 2
    assert content["numbers"]["invalid_by_reason"] == {"fraud": 2}
    assert content["numbers"]["valid"] == 2
    assert set(REASONS) == set(RemovalReason)
    assert set(REASONS.values()) == {reason.name.lower() for reason in RemovalReason}


def remove(precinct: Precinct, petition: UUID, leaves: list[int]) -> None:
    """Two clerks declare them invalid; the term passes."""
    wanted = Wanted(RemovalReason.FRAUD, {"fr": "Achetées.", "en": "Bought."}, leaves)
    with precinct.session() as session:
        locked = moves.lock(session, petition)
        removal = removals.propose(
            session, precinct.house, locked, wanted, CLERK, precinct.clock.at
        ).id
    with precinct.session() as session:
        removals.confirm(session, precinct.house, removal, OTHER_CLERK, precinct.clock.at)
    precinct.clock.forward(days=20)
    precinct.work()


def test_milestones_are_told_with_the_time_of_their_batch(filed: Filed) -> None:
    content = json.loads(closing_json(filed.closed))
    reached = filed.precinct.entries(EntryType.MILESTONE)
    assert [each["threshold"] for each in content["milestones"]] == [
        entry.fields.threshold for entry in reached
    ]
    assert reached
    with filed.precinct.session() as session:
        for each in content["milestones"]:
            batch = session.get_one(t.LogBatch, (2026, each["batch"]))
            assert each["at"] == batch.at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("when", ["never_opened", "still_signing", "not_public"])
def test_a_certificate_is_refused_until_the_last_batch_is_public(
    precinct: Precinct, when: str
) -> None:
    petition = precinct.file() if when == "never_opened" else precinct.publish()
    if when == "not_public":
        precinct.sign(petition, 1)
        precinct.work()
        with precinct.session() as session:
            session.execute(update(t.PetitionSigning).values(signing="closed"))
            session.execute(update(t.Petition).values(signing_ended_at=precinct.clock.at))
    with pytest.raises(ConflictError) as refused:
        certificate_of(precinct, petition)
    assert refused.value.code == f"closing_{when}"


def test_a_count_that_waits_for_its_witnesses_refuses_the_certificate(precinct: Precinct) -> None:
    petition = ended(precinct)
    with precinct.session() as session:
        state = session.get_one(t.LogState, 2026)
        newest = session.scalars(
            select(func.max(t.PetitionCount.batch_no)).where(
                t.PetitionCount.petition_id == petition
            )
        ).one()
        state.settled_batch = state.published_batch = newest - 1
    with pytest.raises(ConflictError, match="closing_not_public"):
        certificate_of(precinct, petition)


def test_the_checkpoint_is_the_first_one_that_witnesses_confirmed(precinct: Precinct) -> None:
    petition = ended(precinct)
    first = json.loads(certificate_of(precinct, petition))["log"]
    assert first["quorum_reached"] is True, "no witness is asked for"
    other = precinct.publish()
    precinct.sign_many(other, range(20, 24))
    precinct.work()
    alone = json.loads(certificate_of(precinct, petition, lambda _note, _lines: False))["log"]
    assert (alone["size"], alone["quorum_reached"]) == (first["size"], False)
    with precinct.session() as session:
        newest = session.get_one(t.LogState, 2026).size
    confirmed = certificate_of(precinct, petition, lambda note, _lines: f"\n{newest}\n" in note)
    content = json.loads(confirmed)
    assert (content["log"]["size"], content["log"]["quorum_reached"]) == (newest, True)
    proven(content, content["count"])


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('author = "while_open"', None),
        ('author = "name"', "Claire Lefort"),
        ('author = "name"\nauthor_hidden_after = "P3Y"', None),
    ],
)
def test_the_author_is_named_only_where_the_name_stays_public(
    tmp_path: Path, sqlite_uri: str, open_engine: Any, rule: str, told: str | None
) -> None:
    library = changed_library(tmp_path, "town", {'author = "while_open"': rule})
    precinct = a_precinct(tmp_path, open_engine(sqlite_uri), library=library, batch_min=1)
    petition = ended(precinct, range(2))
    raw = certificate_of(precinct, petition).decode()
    assert json.loads(raw)["petition"]["author"] == told
    assert MAIL not in raw
    with precinct.session() as session:
        assert session.get_one(t.Petition, petition).author_tag.hex() not in raw


def test_a_late_withdrawal_makes_no_difference_before_its_batch(precinct: Precinct) -> None:
    """Whoever asks every second must not learn when somebody acted."""
    petition = ended(precinct)
    before = certificate_of(precinct, petition)
    precinct.clock.at += timedelta(minutes=1)
    with precinct.session() as session:
        session.add(
            t.PendingEntry(
                log_id=2026, petition_id=petition, type=int(EntryType.WITHDRAW), body=b"w" * 32,
                secret=b"s" * 32, due_at=precinct.clock.at,
            )
        )  # fmt: skip
    assert certificate_of(precinct, petition) == before
