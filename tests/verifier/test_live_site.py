"""A log over HTTP: nothing is fetched twice, nothing leads elsewhere, nothing is endless."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.verifier import town as place
from tests.verifier.maker import hash_of
from tests.verifier.site import Asked, Served, serving
from tests.verifier.test_checks import states
from tests.verifier.test_receipts import batch_of
from tests.verifier.town import PARK, promise, receipt
from verifier import petition_verify
from verifier.petition_verify import MANNERS, main


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MANNERS, "pauses", (0.01,))
    monkeypatch.setattr(MANNERS, "timeout", 5.0)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    place.the_town().publish(tmp_path / "published")
    with serving(tmp_path / "published") as served:
        yield served


def files_in(folder: Path) -> set[str]:
    return {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()}


def test_a_live_site_is_good_and_its_mirror_is_a_copy_that_verifies(
    site: Served, tmp_path: Path, capsys: Any
) -> None:
    mirror = tmp_path / "mirror"
    code, found = states(capsys, "log", site.address, "--mirror", mirror)
    assert code == 0
    assert set(found.values()) == {"good", "not applicable"}
    assert files_in(mirror) == files_in(site.folder) | {"seen"}
    assert len(site.connections) <= MANNERS.connections + 1
    assert states(capsys, "log", mirror)[1]["V-205"] == "good"


def test_a_second_run_fetches_partial_files_only(site: Served, tmp_path: Path, capsys: Any) -> None:
    words = ["log", site.address, "--mirror", tmp_path / "mirror"]
    assert states(capsys, *words)[0] == 0
    first = site.tiles()
    site.asked.clear()
    code, found = states(capsys, *words)
    assert (code, found["V-205"]) == (0, "good")
    assert set(site.tiles()) == {path for path in first if ".p/" in path}
    assert not [path for path in site.asked if path.startswith("texts/") and "404" in path]


def test_a_run_that_was_cut_off_goes_on_where_it_ended(
    site: Served, tmp_path: Path, capsys: Any
) -> None:
    left, lock = [5], threading.Lock()

    def dies(asked: Asked, path: str) -> bool:
        with lock:
            left[0] -= path.startswith("tile/")
            if left[0] >= 0:
                return False
        asked.close_connection = True
        return True

    site.trick = dies
    words = ["log", site.address, "--mirror", str(tmp_path / "mirror")]
    assert main(words) == 2
    assert "out of reach" in capsys.readouterr().err
    kept = {path for path in files_in(tmp_path / "mirror") if ".p/" not in path}
    assert kept
    assert not (tmp_path / "mirror" / "checkpoint").exists(), "written last"
    site.trick = lambda _asked, _path: False
    site.asked.clear()
    assert main(words) == 0
    assert set(site.asked) & kept == set()


def test_a_grown_log_is_fetched_where_it_grew(tmp_path: Path, capsys: Any) -> None:
    early, late = place.the_town(), place.the_town()
    early.plans = dict(list(early.plans.items())[:5])
    early.publish(tmp_path / "published")
    with serving(tmp_path / "published") as site:
        words = ["log", site.address, "--mirror", tmp_path / "mirror"]
        assert states(capsys, *words)[1]["V-204"] == "good"
        late.publish(site.folder)
        site.asked.clear()
        code, found = states(capsys, *words)
    assert (code, found["V-205"]) == (0, "good")
    assert "tile/entries/000" not in site.asked


@pytest.mark.parametrize(
    "where",
    ["http://localhost:{port}/log/policy", "https://127.0.0.1:{port}/log/policy",
     "file:///etc/passwd", "http://127.0.0.1:1/log/policy", "http://[", ""],
)  # fmt: skip
def test_a_redirect_to_another_place_is_refused(where: str, site: Served, capsys: Any) -> None:
    def away(asked: Asked, path: str) -> bool:
        if path == "policy":
            asked.tell(302, Location=where.format(port=site.port))
        return path == "policy"

    site.trick = away
    assert main(["log", site.address]) == 2
    assert "redirects to another place: refused" in capsys.readouterr().err


def test_a_redirect_at_home_is_followed_but_not_in_circles(site: Served, capsys: Any) -> None:
    def inside(asked: Asked, path: str) -> bool:
        if path == "policy":
            asked.tell(301, Location="/log/elsewhere")
        if path == "elsewhere":
            asked.tell(200, (site.folder / "policy").read_bytes())
        return path in {"policy", "elsewhere"}

    site.trick = inside
    assert main(["log", site.address]) == 0

    def around(asked: Asked, path: str) -> bool:
        asked.tell(302, Location=f"/log/{path}")
        return True

    site.trick = around
    assert main(["log", site.address]) == 2
    assert "in circles" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/000", "counts.json"])
def test_an_endless_file_is_cut_off(
    path: str, site: Served, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(petition_verify.LIMITS, "tile", 1 << 15)
    monkeypatch.setitem(petition_verify.LIMITS, "counts.json", 1 << 15)
    sent = [0]

    def endless(asked: Asked, asked_for: str) -> bool:
        if asked_for != path:
            return False
        asked.send_response(200)
        asked.end_headers()
        asked.close_connection = True
        while True:  # until the visitor hangs up
            sent[0] += asked.wfile.write(bytes(1 << 12))

    site.trick = endless
    assert main(["log", site.address, "--mirror", str(tmp_path / "mirror")]) in {1, 2}
    told = capsys.readouterr()
    assert "is larger than" in told.out + told.err
    assert sent[0] < 1 << 27
    assert sum(f.stat().st_size for f in (tmp_path / "mirror").rglob("*") if f.is_file()) < 1 << 20


def test_more_than_was_allowed_is_not_downloaded(site: Served, capsys: Any) -> None:
    assert main(["log", site.address, "--max-gb", "0"]) == 2
    assert "--max-gb" in capsys.readouterr().err


def test_a_site_that_stumbles_is_asked_again(site: Served, capsys: Any) -> None:
    stumbled = set[str]()

    def stumbles(asked: Asked, path: str) -> bool:
        if path in stumbled or not path.startswith("tile/"):
            return False
        stumbled.add(path)
        asked.tell(503)
        return True

    site.trick = stumbles
    assert main(["log", site.address]) == 0
    assert "Nothing is wrong." in capsys.readouterr().out


def test_a_busy_site_is_left_alone_for_as_long_as_it_asks(
    site: Served, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(petition_verify.time, "sleep", slept.append)
    asked_to_wait = iter(["7", "999999", "soon"])

    def busy(asked: Asked, path: str) -> bool:
        after = next(asked_to_wait, None) if path == "policy" else None
        if after:
            asked.tell(429, Retry_After=after)
        return after is not None

    site.trick = busy
    monkeypatch.setattr(MANNERS, "pauses", (0.01, 0.01, 0.01))
    assert main(["log", site.address]) == 0
    assert slept == [7.0, 60.0, 0.01]
    capsys.readouterr()


def test_a_body_shorter_than_announced_is_not_believed(
    site: Served, tmp_path: Path, capsys: Any
) -> None:
    def short(asked: Asked, path: str) -> bool:
        if path != "tile/0/000":
            return False
        asked.send_response(200)
        asked.send_header("Content-Length", "8192")
        asked.end_headers()
        asked.wfile.write(bytes(4096))
        asked.close_connection = True
        return True

    site.trick = short
    assert main(["log", site.address, "--mirror", str(tmp_path / "mirror")]) == 2
    assert not (tmp_path / "mirror/tile/0/000").exists()
    assert "out of reach" in capsys.readouterr().err


def test_an_encoding_nobody_asked_for_is_refused(site: Served, capsys: Any) -> None:
    def zipped(asked: Asked, path: str) -> bool:
        if path == "policy":
            asked.tell(200, b"x", Content_Encoding="gzip")
        return path == "policy"

    site.trick = zipped
    assert main(["log", site.address]) == 2
    assert "encoding" in capsys.readouterr().err


def test_a_checkpoint_of_astronomic_size_ends_soon(tmp_path: Path, capsys: Any) -> None:
    town = place.the_town()
    town.publish(tmp_path / "published")
    town.log.roots[2**60] = bytes(32)
    note = town.log.checkpoint([place.NEW_LOG], 2**60)
    (tmp_path / "published" / "checkpoint").write_text(note)
    with serving(tmp_path / "published") as site:
        code, found = states(capsys, "log", site.address)
        assert code == 1
        assert found["V-201"] == "WRONG"
        assert len(site.asked) < 200
    assert states(capsys, "log", tmp_path / "published")[0] == 1


def test_a_site_in_the_middle_of_publishing_is_read_again(site: Served, capsys: Any) -> None:
    """counts.json is written before the checkpoint that it belongs to."""
    newer = (site.folder / "counts.json").read_bytes().replace(b'"size": ', b'"size": 1')
    told = [0]

    def ahead(asked: Asked, path: str) -> bool:
        if path != "counts.json" or told[0]:
            return False
        told[0] += 1
        asked.tell(200, newer)
        return True

    site.trick = ahead
    assert main(["log", site.address]) == 0
    assert site.asked.count("counts.json") == 2
    capsys.readouterr()


def test_a_mirror_of_one_log_is_not_mixed_with_another(
    site: Served, tmp_path: Path, capsys: Any
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    other = place.the_town()
    other.origin = "petitions.example.org/2025"
    other.build()
    (mirror / "checkpoint").write_text(other.checkpoint())
    assert main(["log", site.address, "--mirror", str(mirror)]) == 2
    assert "another log" in capsys.readouterr().err


def test_a_link_in_the_mirror_does_not_lead_out_of_it(
    site: Served, tmp_path: Path, capsys: Any
) -> None:
    mirror, outside = tmp_path / "mirror", tmp_path / "outside"
    outside.mkdir()
    mirror.mkdir()
    (mirror / "texts").symlink_to(outside)
    assert main(["log", site.address, "--mirror", str(mirror)]) == 2
    assert "leads out" in capsys.readouterr().err
    assert files_in(outside) == set()


def test_a_receipt_is_looked_up_without_telling_the_site_which(
    site: Served, tmp_path: Path, capsys: Any
) -> None:
    town = place.the_town()
    log = town.build()
    first, at = batch_of(log, 530)
    file = tmp_path / "receipt"
    file.write_bytes(receipt(PARK, 530, promise(PARK, 530, first, at)))
    code, found = states(capsys, "receipt", file, site.address)
    assert (code, found["V-601"], found["V-603"]) == (0, "good", "good")
    bundles = {path for path in files_in(site.folder) if path.startswith("tile/entries/")}
    assert set(site.tiles()) == bundles
    assert hash_of(b"\x00" + place.sign(PARK, 530)).hex() not in str(site.asked)


@pytest.mark.parametrize(
    ("address", "why"),
    [("ftp://example.org/log", "https://"), ("file:///etc", "https://"),
     ("http://user:word@127.0.0.1/log", "no user name"), ("http://127.0.0.1:99999/", "port"),
     ("http://127.0.0.1/log?year=2026", "no question mark"), ("no-such-folder", "no folder")],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_refused(address: str, why: str, capsys: Any) -> None:
    assert main(["log", address]) == 2
    assert why in capsys.readouterr().err


def test_a_site_out_of_reach_is_no_verdict_on_the_log(site: Served, capsys: Any) -> None:
    gone = site.address.replace(str(site.port), "1")
    assert main(["log", gone]) == 2
    assert "out of reach" in capsys.readouterr().err
    assert main(["log", f"{site.address}/no-such-year"]) == 2
    assert "no file `checkpoint`" in capsys.readouterr().err
