"""The 24 cases in which one human could be two, or be known: each row of the table has its test.

Rows that a test elsewhere holds are listed with it, and that test must exist; the others are here.
Row 22 (signatures on paper) waits for paper itself: rulebooks that ask for it are refused at start.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from petitions.ledger.receipt import parse_receipt
from petitions.storage import tables as t
from petitions.storage.tables import Base
from tests.privacy.canaries import Canary, dumped, files_under, search
from tests.privacy.planted import BIRTH, STEP, Trace, Watched, context_of, plant, value_in
from tests.privacy.planted import log_in as planted_login
from tests.web.town import AMINA, BASTIEN, Town, form_of, key_of, open_town

ROOT = Path(__file__).resolve().parents[2]
HERE = "tests/privacy/test_sybil_and_privacy_table.py"


def _in(path: str, name: str) -> str:
    return f"{path}::{name}"


TABLE: dict[int, tuple[str, ...]] = {
    1: (
        _in(HERE, "test_somebody_whose_identity_changed_can_sign_again_and_two_are_counted"),
        _in("tests/identity/test_records_asked_more.py",
            "test_a_key_off_its_pattern_is_never_a_new_person"),
    ),
    2: (
        _in("tests/identity/test_settings.py",
            "test_two_providers_with_sub_in_one_realm_are_refused"),
        _in("tests/identity/test_realms.py",
            "test_a_realm_in_which_one_human_has_two_keys_is_refused"),
        _in("tests/identity/test_one_human.py", "test_who_comes_by_two_providers_signs_once"),
    ),
    3: (
        _in("tests/identity/test_realms.py",
            "test_a_realm_in_which_one_human_has_two_keys_is_refused"),
        _in("tests/identity/test_realms.py",
            "test_a_realm_under_a_running_petition_may_not_change_in_silence"),
    ),
    4: (
        _in("tests/identity/test_realms.py",
            "test_an_issuer_renamed_is_accepted_by_a_person_who_confirms_the_keys"),
        _in("tests/identity/test_login.py", "test_the_namespace_and_not_the_issuer_decides_u"),
    ),
    5: (
        _in("tests/services/test_pepper_rotation.py",
            "test_after_a_rotation_an_open_petition_still_knows_who_signed"),
    ),
    6: (
        _in(HERE, "test_a_dump_without_keys_tests_nobody_though_all_subjects_are_known"),
        _in("tests/identity/test_pseudonym.py",
            "test_the_designed_cost_is_64_mebibytes_in_three_passes"),
        _in("tests/privacy/test_sealed.py",
            "test_an_old_dump_all_subjects_and_all_keys_find_nobody"),
    ),
    7: (
        _in("tests/privacy/test_nothing_joins.py",
            "test_two_acts_of_one_person_share_no_value_of_eight_bytes_anywhere"),
    ),
    8: (
        _in("tests/identity/test_asking.py",
            "test_only_the_scopes_of_the_realm_are_asked_each_once"),
        _in("tests/identity/test_provider_records.py",
            "test_the_scopes_sent_are_the_realms_and_no_more"),
    ),
    9: (
        _in("tests/identity/test_login_privacy.py",
            "test_two_petitions_differ_at_the_provider_in_random_values_only"),
    ),
    10: (
        _in("tests/browser/test_signing_flow.py",
            "test_two_people_sign_at_one_computer_and_the_provider_learns_no_petition"),
    ),
    11: (
        _in(HERE, "test_no_row_and_no_page_tells_when_somebody_signed"),
    ),
    12: (
        _in("tests/privacy/test_order_on_disk.py",
            "test_two_batches_lie_in_the_order_of_their_codes_each_written_at_once"),
        _in("tests/privacy/test_order_on_disk.py",
            "test_the_pages_of_the_file_hold_no_order_and_nothing_that_was_deleted"),
        _in("tests/platform/test_database_trouble.py",
            "test_a_server_that_would_log_a_signer_is_named"),
    ),
    13: (
        _in("tests/privacy/test_walk.py", "test_no_route_keeps_anything_of_a_person"),
        _in("tests/privacy/test_canary.py", "test_nothing_of_a_person_stays_anywhere"),
        _in("tests/deploy/test_proxy.py",
            "test_the_private_log_holds_no_address_no_query_and_no_time_of_day"),
    ),
    14: (
        _in(HERE, "test_the_token_kept_for_a_logout_is_in_one_sealed_cookie_and_nowhere_else"),
        _in("tests/identity/test_leaving.py",
            "test_after_thirty_minutes_the_hint_is_forgotten"),
    ),
    15: (
        _in(HERE, "test_after_signing_the_browser_keeps_the_way_to_leave_and_nothing_else"),
    ),
    16: (
        _in("tests/identity/test_callback.py",
            "test_an_answer_of_one_provider_is_refused_at_the_door_of_another"),
        _in("tests/identity/test_callback.py", "test_a_state_of_another_browser_is_refused"),
        _in("tests/web/test_signing_refused.py",
            "test_a_pass_given_to_another_browser_signs_nothing"),
    ),
    17: (
        _in("tests/browser/test_signing_flow.py",
            "test_two_people_sign_at_one_computer_and_the_provider_learns_no_petition"),
    ),
    18: (
        _in("tests/services/test_signing_crowd.py",
            "test_one_double_click_with_one_pass_is_one_signature"),
        _in("tests/services/test_signing_crowd.py",
            "test_several_processes_leave_one_signature_of_one_person"),
    ),
    19: (
        _in("tests/web/test_signing_refused.py",
            "test_a_login_of_one_person_never_shows_what_another_did"),
    ),
    20: (
        _in(HERE, "test_a_receipt_holds_nothing_of_the_person_and_nothing_of_the_code"),
    ),
    21: (
        _in(HERE, "test_what_made_somebody_eligible_is_in_no_store"),
        _in("tests/identity/test_login.py",
            "test_an_area_is_a_code_and_the_postcode_is_dropped"),
    ),
    22: (
        _in("tests/counting/test_scenarios_paper.py",
            "test_bcn_4_lines_count_when_a_certificate_says_so"),
        _in("tests/counting/test_certificates.py",
            "test_sheets_are_counted_once_and_only_when_checked"),
    ),
    23: (
        _in("tests/identity/test_passes.py",
            "test_a_pass_with_altered_claims_is_refused_each_for_its_reason"),
        _in("tests/web/test_signing_refused.py",
            "test_an_altered_pass_opens_neither_the_page_nor_the_act"),
        _in("tests/web/test_signing_refused.py",
            "test_a_pass_of_another_petition_signs_nothing"),
        _in("tests/web/test_signing_refused.py", "test_a_pass_for_a_withdrawal_does_not_sign"),
    ),
    24: (
        _in("tests/identity/test_realms.py",
            "test_what_belongs_to_a_demonstration_stops_production"),
        _in("tests/identity/test_passes.py",
            "test_a_staff_pass_signs_nothing_and_a_citizens_pass_opens_no_office"),
        _in("tests/identity/demo/test_start.py", "test_it_never_starts_in_production"),
    ),
}  # fmt: skip


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", range(1, 25))
def test_each_row_is_held_by_tests_that_exist(row: int) -> None:
    assert TABLE[row]
    for named in TABLE[row]:
        path, _, name = named.partition("::")
        assert (ROOT / path).exists(), named
        assert name in names_in(ROOT / path), named


@pytest.fixture
def town(tmp_path: Path, database_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, database_uri) as found:
        yield found


@pytest.fixture
def small_town(tmp_path: Path, sqlite_uri: str) -> Iterator[Town]:
    with open_town(tmp_path, sqlite_uri) as found:
        yield found


# --- 1 · 3 · 6: who is one human -----------------------------------------------------------------


def test_somebody_whose_identity_changed_can_sign_again_and_two_are_counted(
    small_town: Town,
) -> None:
    """The documented rest: a provider that gives one human a new key makes two of them."""
    ref = small_town.publish()
    assert small_town.browser().sign(ref, AMINA).headers["Location"].endswith("/done")
    assert small_town.browser().sign(ref, AMINA).headers["Location"].endswith("/already")
    reborn = f"{AMINA} after a change of civil status"
    assert small_town.browser().sign(ref, reborn).headers["Location"].endswith("/done")
    assert small_town.count(t.Signature) == 2
    assert "gives one human a new key" in (ROOT / "docs" / "threat-model.md").read_text("utf-8")


def test_a_dump_without_keys_tests_nobody_though_all_subjects_are_known(town: Town) -> None:
    """The adversary has every row and every subject, and tries all it has as key and as message."""
    ref = town.publish()
    town.browser().sign(ref, AMINA)
    town.integrate()
    with town.site.session() as session:
        (tag,) = [
            bytes(each) for each in session.execute(text("SELECT tag FROM signature")).scalars()
        ]
        rows = [
            row for table in Base.metadata.sorted_tables for row in session.execute(table.select())
        ]
    held = {_bytes(value) for row in rows for value in row}
    subjects = [key_of(AMINA).encode(), key_of(BASTIEN).encode()]
    with_context = [s + h for s in subjects for h in held if len(h) == 16]
    keys = {h[at : at + 32] for h in held for at in range(0, max(1, len(h) - 31), 4)} | {b""}
    assert len(keys) > 30
    for message in (*subjects, *with_context):
        assert hashlib.sha256(message).digest() != tag
        for key in keys:
            assert hmac.new(key, message, "sha256").digest() != tag


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return getattr(value, "bytes", None) or str(value).encode()


# --- 11: time ------------------------------------------------------------------------------------


def test_no_row_and_no_page_tells_when_somebody_signed(town: Town) -> None:
    """Somebody signs at 12:34:56; afterwards no store and no page holds that minute."""
    ref = town.publish()
    town.integrate()
    town.site.at = datetime(2026, 3, 3, 12, 34, 56, 789012, tzinfo=UTC)
    browser = town.browser()
    assert browser.sign(ref).headers["Location"].endswith("/done")
    pages = [browser.get(f"/en/petitions/{ref}/sign/done").text]
    signed = town.site.at
    with town.site.session() as session:
        instants = [
            value
            for table in Base.metadata.sorted_tables
            for row in session.execute(table.select()).mappings()
            for value in row.values()
            if isinstance(value, datetime)
        ]
    assert not [at for at in instants if abs((at - signed).total_seconds()) < 4 and at.second]
    town.site.later(hours=3)
    town.work()
    again = town.browser()
    assert again.sign(ref).headers["Location"].endswith("/already")
    pages += [again.get(f"/en/petitions/{ref}/sign/already").text]
    pages += [town.browser().get(path).text for path in
              (f"/en/petitions/{ref}", f"/petitions/{ref}/counts.json", f"/petitions/{ref}/counts.csv")]  # fmt: skip
    minute = re.compile(r"12[:.h]34|T1234")
    assert not [page for page in pages if minute.search(page)]
    stores = files_under(town.folder) | dumped(town.site.sessions.kw["bind"])
    seconds = [str(int(signed.timestamp()) + shift) for shift in range(-2, 3)]
    exact = [Canary.of("second", word) for word in ("12:34:5", *seconds)]
    assert [
        leak for leak in search(stores, exact) if "percent" in leak.form or "raw" in leak.form
    ] == []


# --- 14 · 15 · 20 · 21: what stays with whom -----------------------------------------------------


def test_the_token_kept_for_a_logout_is_in_one_sealed_cookie_and_nowhere_else(town: Town) -> None:
    ref, trace = town.publish(), Trace()
    plant(town, trace)
    browser, issued = Watched(town, trace), []

    def issue(asked: dict[str, Any], access: str) -> str:
        issued.append(town.citizens._id_token(asked, access))
        return issued[-1]

    town.citizens.lies.id_token = issue
    planted_login(browser, f"/fr/petitions/{ref}/sign")
    path = f"/fr/petitions/{ref}/sign/confirm"
    form = {**form_of(browser.get(path).text, path), "declare": "y"}
    assert browser.post(path, form).headers["Location"].endswith("/done")
    town.integrate()
    parts = [Canary.of(f"part {n}", part) for n, part in enumerate(issued[0].split(".")) if n]
    stores = files_under(town.folder) | dumped(town.site.sessions.kw["bind"]) | trace.pages
    assert search(stores, parts) == []
    cookies = {name: value.encode() for name, value in browser.cookies().items()}
    assert "leave" in cookies
    assert search(cookies, parts) == []
    leaving = browser.client.get("/identity/leave").headers["Location"]
    assert f"id_token_hint={issued[0]}" in leaving, "only the provider is given it"


def test_after_signing_the_browser_keeps_the_way_to_leave_and_nothing_else(
    small_town: Town,
) -> None:
    ref, browser = small_town.publish(), small_town.browser()
    assert browser.sign(ref).headers["Location"].endswith("/done")
    assert browser.get(f"/en/petitions/{ref}/sign/done").status_code == 200
    assert set(browser.cookies()) == {"leave"}


def test_a_receipt_holds_nothing_of_the_person_and_nothing_of_the_code(town: Town) -> None:
    ref, trace = town.publish(), Trace()
    canaries, browser = plant(town, trace), Watched(town, trace)
    path = f"/fr/petitions/{ref}/sign/confirm"
    planted_login(browser, f"/fr/petitions/{ref}/sign")
    u = value_in(browser, context_of(town, ref), "sign", *STEP)
    form = {**form_of(browser.get(path).text, path), "declare": "y"}
    assert browser.post(path, form).headers["Location"].endswith("/done")
    page = browser.get(f"/fr/petitions/{ref}/sign/done").text
    encoded = re.search(r'data:text/plain;base64,([^"]+)"', page)
    assert encoded
    receipt = base64.b64decode(encoded[1])
    with town.site.session() as session:
        (row,) = session.query(t.Signature).all()
        secrets = [u, Canary("tag", row.tag), Canary("link", row.link or b"")]
    parsed = parse_receipt(receipt.decode())
    places = {"receipt": receipt, "r": parsed.r, "promise": parsed.promise_note.encode()}
    assert search(places, [*canaries, *secrets]) == []


def test_what_made_somebody_eligible_is_in_no_store(town: Town) -> None:
    """Date of birth and residence are judged and dropped; a refused person leaves no row either."""
    ref, trace = town.publish(), Trace()
    plant(town, trace)
    facts = [Canary.of("birth", BIRTH), Canary.of("birth, written", "17 July 1971"),
             Canary.of("day", "19710717"), Canary.of("place", "rochebrune-sur-kanarie")]  # fmt: skip
    browser = Watched(town, trace)
    planted_login(browser, f"/fr/petitions/{ref}/sign")
    town.citizens.user["residence"] = "rochebrune-sur-kanarie"
    refused = Watched(town, trace)
    assert planted_login(refused, f"/fr/petitions/{ref}/sign").status_code == 403
    town.integrate()
    stores = files_under(town.folder) | dumped(town.site.sessions.kw["bind"]) | trace.pages
    assert search(stores, facts) == []
    dates = {column.name for table in Base.metadata.tables.values() for column in table.columns
             if column.type.python_type is date}  # fmt: skip
    assert not {name for name in dates if "birth" in name or "born" in name}
    assert town.acts() == (0, 0, 0)
