"""The stand-alone witness and the engine's collector: the two sides of one protocol, by other hands."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from petitions.domain.errors import ConfigurationError
from petitions.ledger import tree
from petitions.ledger.checkpoint import parse_checkpoint
from petitions.ledger.cosignatures import (
    Witness,
    parse_witness_vkey,
    request_body,
    vouching,
)
from petitions.ledger.encoding import LedgerError
from petitions.ledger.notes import split_note
from petitions.platform.config import WitnessRecord
from petitions.services.witnessing import Collector, Panel, panel_of
from petitions.storage import log_rows
from petitions.storage import tables as t
from tests.house import Precinct, a_precinct

FILE = Path(__file__).parents[2] / "verifier" / "petition_witness.py"
NAME = "witness.example.org"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """The file itself, as somebody who downloaded it has it."""
    spec = importlib.util.spec_from_file_location("petition_witness", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["petition_witness"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def precinct(tmp_path: Path, engine: Any) -> Precinct:
    return a_precinct(tmp_path, engine, batch_min=1)


@pytest.fixture
def petition(precinct: Precinct) -> UUID:
    found = precinct.publish()
    precinct.sign_many(found, range(3))
    precinct.work()
    return found


def published(precinct: Precinct, name: str = "checkpoint") -> str:
    return (precinct.folder / "log" / "2026" / name).read_text(encoding="utf-8")


def log_key(precinct: Precinct) -> str:
    return published(precinct, "policy").splitlines()[0].split(" ")[1]


@pytest.fixture
def witness(program: ModuleType, precinct: Precinct, petition: UUID, tmp_path: Path) -> Any:
    return a_witness(program, tmp_path, log_key(precinct))


def a_witness(program: ModuleType, folder: Path, *vkeys: str, url: str = "") -> Any:
    key = folder / "witness.key"
    if not key.exists():
        program.keygen(NAME, key)
    logs = "".join(
        f"[[log]]\nvkey = {json.dumps(each)}\n" + (f"url = {json.dumps(url)}\n" if url else "")
        for each in vkeys
    )
    config = folder / "witness.toml"
    config.write_text(
        f'name = "{NAME}"\nkey_file = "witness.key"\nstate = "witness.sqlite"\n{logs}'
    )
    return program.Witness(config)


def request(precinct: Precinct, old: int, note: str | None = None) -> bytes:
    """As the engine would send it for its newest checkpoint."""
    note = note or published(precinct)
    size = parse_checkpoint(split_note(note)[0]).size
    with precinct.session() as session:
        proof = tree.consistency_proof(old, size, log_rows.DatabaseTiles(session, 2026))
    return request_body(old, proof, note)


def size_of(note: str) -> int:
    return parse_checkpoint(split_note(note)[0]).size


def panel(witness: Any, *, quorum: int = 1, **more: Any) -> Panel:
    record = WitnessRecord(name="Ombudsman", url="https://w.example", vkeys=witness.vkeys())
    return panel_of([record], quorum, more.get("wait", 600))


def test_a_cosignature_is_accepted_by_the_engine_in_both_algorithms(
    precinct: Precinct, witness: Any
) -> None:
    lines = witness.add_checkpoint(request(precinct, 0), 1_800_000_000)
    assert lines.count("\u2014 ") == 2
    note = published(precinct)
    for vkey in witness.vkeys():
        known = Witness("w", "", (parse_witness_vkey(vkey),))
        assert vouching(note, lines, [known]) == ("w",)
        assert vouching(note, lines.replace("A", "B"), [known]) == ()
    other = Witness("w", "", (parse_witness_vkey(witness.vkeys()[0]),))
    assert vouching(note.replace("\n4\n", "\n5\n"), lines, [other]) in {(), ("w",)}


def test_growth_is_cosigned_and_a_rollback_or_fork_is_not(
    program: ModuleType, precinct: Precinct, petition: UUID, witness: Any
) -> None:
    first = published(precinct)
    witness.add_checkpoint(request(precinct, 0), 1)
    precinct.sign(petition, 7)
    precinct.work()
    old = size_of(first)
    assert witness.add_checkpoint(request(precinct, old), 2)
    assert witness.add_checkpoint(request(precinct, size_of(published(precinct))), 3), "again"
    for body, status in (
        (request_body(0, [], first), 409),
        (request(precinct, old), 409),
        (request_body(size_of(first), [], first), 409),
    ):
        with pytest.raises(program.Refused) as refused:
            witness.add_checkpoint(body, 4)
        assert refused.value.status == status
        assert refused.value.mime == "text/x.tlog.size"
        assert refused.value.body == f"{size_of(published(precinct))}\n"


def test_each_malformed_or_foreign_request_has_its_status(
    program: ModuleType, precinct: Precinct, witness: Any
) -> None:
    note, good = published(precinct), request(precinct, 0)
    foreign = note.replace("petitions.example.org/2026", "other.example.org/2026")
    unsigned = note.replace("\u2014 petitions", "\u2014 petition")
    place = note.index("\n", note.index("\u2014 ")) - 6  # in the first signature
    damaged = note[:place] + ("A" if note[place] != "A" else "B") + note[place + 1 :]
    for body, status in (
        (good.replace(b"old 0", b"old 00"), 400),
        (good.replace(b"old 0", b"old 999999"), 400),
        (b"old 0\n" + b"A" * 44 + b"\n" * 70 + note.encode(), 400),
        (b"\xff" + good, 400),
        (b"old 0\n\nnothing", 400),
        (request_body(0, [], foreign), 404),
        (request_body(0, [], unsigned), 403),
        (request_body(0, [], damaged), 403),
        (request_body(0, [b"x" * 32], note), 422),
    ):
        with pytest.raises(program.Refused) as refused:
            witness.add_checkpoint(body, 1)
        assert refused.value.status == status, body[:40]
    assert witness.state.newest("petitions.example.org/2026") is None


def test_a_wrong_consistency_proof_is_refused_at_every_size(program: ModuleType) -> None:
    leaves = [hashlib.sha256(bytes((n,))).digest() for n in range(40)]
    held: dict[tuple[int, int], bytes] = {}

    class Source:
        def tile(self, level: int, n: int) -> bytes | None:
            return held.get((level, n))

    roots = {0: hashlib.sha256(b"").digest()}
    for size, leaf in enumerate(leaves, 1):
        appended = tree.append(size - 1, [leaf], Source())
        held.update(appended.tiles)
        roots[size] = appended.root
    for new in range(1, 40):
        for old in range(new + 1):
            cut = [
                leaf_proof for leaf_proof in tree.consistency_proof(old, new, _upto(leaves, new))
            ]
            assert program.consistent(old, roots[old], new, roots[new], cut), (old, new)
            for place in range(len(cut)):
                bad = [*cut]
                bad[place] = b"x" * 32
                assert not program.consistent(old, roots[old], new, roots[new], bad)
            if old not in {0, new}:
                assert not program.consistent(old, b"y" * 32, new, roots[new], cut)
                assert not program.consistent(old, roots[old], new, b"y" * 32, cut)
                assert not program.consistent(old, roots[old], new, roots[new], cut[:-1])


def _upto(leaves: list[bytes], size: int) -> Any:
    held: dict[tuple[int, int], bytes] = {}

    class Source:
        def tile(self, level: int, n: int) -> bytes | None:
            return held.get((level, n))

    held.update(tree.append(0, leaves[:size], Source()).tiles)
    return Source()


def test_a_witness_that_follows_by_itself_reads_the_tiles(
    program: ModuleType, precinct: Precinct, petition: UUID, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    place = precinct.folder / "log" / "2026"
    follower = a_witness(program, tmp_path, log_key(precinct), url="https://log.example")

    def read(url: str) -> bytes:
        return (place / url.removeprefix("https://log.example/")).read_bytes()

    assert program.follow(follower, read) == 0
    for person in range(10, 16):
        precinct.sign(petition, person)
        precinct.work()
    first = published(precinct)
    assert program.follow(follower, read) == 0
    assert follower.state.newest("petitions.example.org/2026")[0] == size_of(first)
    (place / "checkpoint").write_text(first)
    follower.state.advance("petitions.example.org/2026", lambda size, root: (size + 5, root, "x"))
    assert program.follow(follower, read) == 1
    assert "turned back" in capsys.readouterr().out


def test_the_engine_collects_publishes_and_names_its_witness(
    precinct: Precinct, petition: UUID, witness: Any
) -> None:
    asked: list[str] = []

    def ask(address: str, body: bytes) -> tuple[int, bytes]:
        asked.append(address)
        return _over_the_wire(witness, body, precinct)

    worker = precinct.worker()
    worker.witnesses = Collector(precinct.sessions, panel(witness), ask)
    precinct.sign(petition, 20)
    _turn(worker)
    assert set(asked) == {"https://w.example/add-checkpoint"}
    assert published(precinct).count("\u2014 witness.example.org ") == 2
    assert vouching(published(precinct), published(precinct), worker.witnesses.panel.listed)
    policy = published(precinct, "policy")
    assert "quorum enough" in policy
    assert "# w1: Ombudsman" in policy
    precinct.sign(petition, 21)
    _turn(worker)
    assert published(precinct).count("\u2014 witness.example.org ") == 2
    assert published(precinct) == published(precinct, "checkpoint-latest")


def test_without_a_quorum_the_files_wait_and_the_counts_wait_ten_minutes(
    precinct: Precinct, petition: UUID, witness: Any
) -> None:
    answers: list[Callable[[bytes], tuple[int, bytes]]] = []

    def ask(_address: str, body: bytes) -> tuple[int, bytes]:
        if not answers:
            raise OSError("nobody there")
        return answers[0](body)

    worker = precinct.worker()
    worker.witnesses = Collector(precinct.sessions, panel(witness), ask)
    before = published(precinct)
    precinct.sign(petition, 30)
    _turn(worker)
    assert _shown(precinct, petition) == 3
    precinct.clock.forward(minutes=11)
    _turn(worker)
    assert _shown(precinct, petition) == 4, (
        "signing and counting never depend on a witness for long"
    )
    assert published(precinct) == before
    assert size_of(published(precinct, "checkpoint-latest")) > size_of(before)
    answers.append(lambda body: _over_the_wire(witness, body, precinct))
    precinct.clock.forward(minutes=1)
    _turn(worker)
    assert size_of(published(precinct)) > size_of(before)
    assert json.loads(published(precinct, "counts.json"))["size"] == size_of(published(precinct))


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (200, b""), (200, b"\xe2\x80\x94 witness.example.org AAAA\n"), (409, b"x"), (302, b"")],
)  # fmt: skip
def test_an_answer_that_proves_nothing_is_worth_nothing(
    precinct: Precinct, petition: UUID, witness: Any, answer: tuple[int, bytes]
) -> None:
    collector = Collector(precinct.sessions, panel(witness), lambda _a, _b: answer)
    assert collector.collect(2026, precinct.clock.at) is False
    with precinct.session() as session:
        assert session.query(t.Checkpoint).filter(t.Checkpoint.cosignatures != "").count() == 0


def _over_the_wire(witness: Any, body: bytes, precinct: Precinct) -> tuple[int, bytes]:
    refused = sys.modules["petition_witness"].Refused
    try:
        lines = witness.add_checkpoint(body, int(precinct.clock.at.timestamp()))
    except refused as no:
        return no.status, no.body.encode()
    return 200, lines.encode()


def _turn(worker: Any) -> None:
    for _ in range(20):
        if not worker.turn():
            return


def _shown(precinct: Precinct, petition: UUID) -> int:
    with precinct.session() as session:
        return session.get_one(t.PublicCount, petition).valid


def test_settings_that_no_witness_could_meet_are_refused(witness: Any) -> None:
    record = WitnessRecord(name="A", url="https://a", vkeys=witness.vkeys()[:1])
    for records, quorum, words in (
        ([record], 2, "log.quorum is 2, but 1 witnesses"),
        ([record, record], 1, "two witnesses have one name"),
        ([WitnessRecord(name="A", url="u", vkeys=["x"])], 0, r"log.witnesses\[0\].vkeys"),
        ([WitnessRecord(name="A", url="u", vkeys=[])], 0, "at least one key"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            panel_of(records, quorum, 600)
    with pytest.raises(LedgerError):
        parse_witness_vkey(
            "petitions.example.org/2026+c2233a02+AU/QmczUfXiT3+nsJEFOyw2bVCAjKq0w2RxGW+M8vmXE"
        )


def test_the_witness_imports_nothing_of_the_engine_and_speaks_its_help(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(FILE), "--help"], capture_output=True, text=True, cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "keygen" in done.stdout
    source = FILE.read_text(encoding="utf-8")
    assert "import petitions" not in source
    assert "from petitions" not in source
    made = [sys.executable, "-I", str(FILE), "keygen", NAME, "w.key"]
    assert subprocess.run(made, capture_output=True, cwd=tmp_path, check=False).returncode == 0
    again = subprocess.run(made, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (again.returncode, "never overwritten" in again.stderr) == (2, True)
    assert (tmp_path / "w.key").stat().st_mode & 0o077 == 0
