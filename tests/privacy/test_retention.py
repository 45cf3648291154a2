"""The table of what is kept is whole: nothing is stored, set, written or sent that it does not name."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table
from sqlalchemy import inspect as tables_of

from identity import cookies as identity_cookies
from identity import daily_keys, passes
from identity.providers.email.pending import LETTER_LIFE
from petitions import key_border
from petitions.domain import retention as words
from petitions.domain.retention import Ended, Kept, Naming, Place, Whom, columns_missing, length
from petitions.domain.retention_table import TABLE
from petitions.domain.retention_words import BEGIN, END, ENDED, paper_with_table, retention_part
from petitions.services import retention, salts
from petitions.storage import kept_numbers
from petitions.storage import tables as t
from petitions.storage.tables import Base
from petitions.web import asking, page_cache, privacy_page, sessions
from tests.house import Precinct, a_draft, a_precinct
from tests.web.site import Site, build
from tests.web.town import close_site

ROOT = Path(__file__).resolve().parents[2]
PAPER = ROOT / "docs" / "privacy.md"
_LOGGER = re.compile(r'getLogger\("((?:petitions|identity|admissibility)[^"]*)"\)')
OF_OTHERS = {"alembic_version"}
"""Made by the program that moves tables from version to version: one number."""


def columns(metadata: MetaData) -> list[tuple[str, str]]:
    return [(table.name, column.name) for table in metadata.tables.values() for column in table.c]


# --- nothing is missing --------------------------------------------------------------------------


def test_every_column_of_every_table_is_in_the_list_and_no_other() -> None:
    assert columns_missing(TABLE, columns(Base.metadata)) == ([], [])


def test_a_table_and_a_column_that_nobody_listed_are_found() -> None:
    more = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(more)
    Table("carnet", more, Column("sheet", LargeBinary))
    more.tables["signature"].append_column(Column("signed_at", LargeBinary))
    missing, _gone = columns_missing(TABLE, columns(more))
    assert missing == [("carnet", "sheet"), ("signature", "signed_at")]


def test_the_database_has_no_table_beyond_the_models(engine: Engine) -> None:
    """Search tables, triggers' tables and the like would hold copies of what is in the list. FTS5's
    own are named with `search_text`, whose rows they follow by triggers.
    """
    listed = {row.name for row in TABLE if row.place is Place.TABLE}
    found = {
        name for name in tables_of(engine).get_table_names() if not name.startswith("search_fts")
    }
    assert found - OF_OTHERS == listed


def test_every_prefix_of_a_key_is_in_the_list() -> None:
    prefixes = frozenset().union(*key_border.ZONES.values())
    of_a_day = set(re.findall(r"[a-z][a-z-]+[a-z]", daily_keys._DAY.pattern)) - {"key"}
    assert words.names(TABLE, Place.KEY) == prefixes | of_a_day | {"replica"}


def test_every_logger_of_ours_is_in_the_list() -> None:
    sources = [
        p
        for zone in ("petitions", "identity", "admissibility")
        for p in (ROOT / zone).rglob("*.py")
    ]
    found = {name for source in sources for name in _LOGGER.findall(source.read_text("utf-8"))}
    assert len(found) > 3
    assert words.names(TABLE, Place.LOG) == found


def test_every_letter_is_in_the_list() -> None:
    written = {
        path.name.split(".")[0] for path in (ROOT / "templates" / "letters").glob("[a-z]*.txt")
    }
    listed = {part for row in TABLE if row.place is Place.MAIL for part in row.parts}
    assert listed == written


# --- what it says is what happens ----------------------------------------------------------------


@pytest.mark.parametrize("ended", [each for each in Ended if ":" in each])
def test_what_destroys_something_exists(ended: Ended) -> None:
    module, _, place = ended.partition(":")
    found = reduce(getattr, place.split("."), importlib.import_module(module))
    assert callable(found)
    assert any(row.ended is ended for row in TABLE), "nothing is destroyed by it"


def test_each_period_is_the_one_that_the_code_keeps_to() -> None:
    kept = {
        "ask": passes.ASK_LIFE, "pass": passes.PASS_LIFE, "login": identity_cookies.LOGIN_LIFE,
        "leave": identity_cookies.LEAVE_LIFE, "left": identity_cookies.LEAVE_LIFE,
        "signing": timedelta(seconds=asking.STEP_SECONDS), "letter": LETTER_LIFE,
        "outcome": timedelta(seconds=asking.LOGIN_SECONDS),
        "login-step": timedelta(seconds=asking.STEP_SECONDS),
        "author": sessions.AUTHOR_LIFE, "staff": sessions.STAFF_ROW_LIFE,
    }  # fmt: skip
    for name, life in kept.items():
        assert life in [row.life for row in TABLE if (row.place, row.name) == (Place.COOKIE, name)]
    assert timedelta(days=1) + daily_keys.GRACE == words.DAY_KEYS_LIFE
    assert timedelta(days=1) + daily_keys.STATE_GRACE == words.STATE_KEYS_LIFE
    assert timedelta(seconds=salts.LIFE) == words.SALT_IN_MEMORY
    assert timedelta(seconds=page_cache.STALE + 1) == words.PAGE_IN_MEMORY
    assert kept_numbers.OLDEST == words.FIGURES_IN_MEMORY


def test_the_job_that_purges_knows_no_period_of_its_own() -> None:
    tree = ast.parse(inspect.getsource(retention))
    called = {node.func.id for node in ast.walk(tree)
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
    assert "timedelta" not in called
    numbers = [node.value for node in ast.walk(tree)
               if isinstance(node, ast.Constant) and type(node.value) in {int, float}]  # fmt: skip
    assert numbers == []


@pytest.fixture
def precinct(tmp_path: Path, engine: Engine) -> Precinct:
    return a_precinct(tmp_path, engine)


def life_of(table: str) -> timedelta:
    (found,) = {row.life for row in TABLE
                if row.place is Place.TABLE and row.name == table and row.ended is Ended.PURGE
                and row.whom is not Whom.STAFF}  # fmt: skip
    assert found is not None
    return found


def test_what_the_list_says_is_purged_is_there_until_then_and_gone_afterwards(
    precinct: Precinct,
) -> None:
    at = precinct.clock.at
    with precinct.session() as session:
        session.add(t.SpentPass(jti_hash=bytes(32), expires_at=at))
        session.add(t.SpentState(state_hash=bytes(32), expires_at=at))
        session.add(t.WebSession(token_hash=bytes(32), audience="author", subject="ab", seen_at=at,
                                 expires_at=at + life_of("web_session")))  # fmt: skip
        a_draft(session, precinct.house, at)
    for table in (t.SpentPass, t.SpentState, t.WebSession, t.Petition):
        for seconds, left in ((0 if table is not t.Petition else -1, 1), (1, 0)):
            with precinct.session() as session:
                moment = at + life_of(table.__tablename__) + timedelta(seconds=seconds)
                retention.purge(session, moment)
                assert len(session.query(table).all()) == left, (table.__tablename__, seconds)
                session.rollback()


def test_whatever_could_name_a_person_ends_or_says_why_not() -> None:
    """Nothing of a signer may stay for good; of authors and staff, what the procedure needs."""
    stays = [row for row in TABLE if row.ended is Ended.NOTHING and row.naming is not Naming.NOBODY]
    assert {row.whom for row in stays} <= {Whom.AUTHOR, Whom.STAFF, Whom.FOLLOWER}
    # a mail is with the person who asked for it, and nowhere here
    assert {row.place for row in stays if row.whom is Whom.FOLLOWER} == {Place.MAIL}
    assert all(row.why for row in TABLE)
    assert all(row.life for row in TABLE if "{life}" in row.until)


# --- the paper and the page ----------------------------------------------------------------------


def test_the_table_in_the_paper_is_the_table_in_the_code() -> None:
    paper = PAPER.read_text(encoding="utf-8")
    assert paper == paper_with_table(paper), "python scripts/write_retention.py"
    assert all(row.until_words() in paper for row in TABLE)
    assert set(ENDED) == set(Ended)


def test_a_paper_without_its_marks_is_not_written_over() -> None:
    assert paper_with_table(f"a\n{BEGIN}\nold\n{END}\nb\n") == f"a\n{retention_part()}b\n"
    with pytest.raises(ValueError, match="needs the lines"):
        paper_with_table("# Privacy\n")


def told_items() -> set[str]:
    return {row.told for row in TABLE if row.told}


def untold(table: tuple[Kept, ...]) -> list[tuple[str, str]]:
    """Lines of a signer or author that could name somebody, and of which the page is silent."""
    return [
        (row.place, row.name)
        for row in table
        if row.whom in {Whom.SIGNER, Whom.AUTHOR}
        and (row.naming is not Naming.NOBODY or row.place is Place.COOKIE)
        and not row.told
        and row.name != "letters in a folder"
    ]


def test_citizens_are_told_of_every_line_that_could_name_them() -> None:
    assert untold(TABLE) == []
    spoken = [
        *privacy_page.SIGNING, *privacy_page.FILING, *privacy_page.FOLLOWING, *privacy_page.COOKIES
    ]  # fmt: skip
    assert len(spoken) == len(set(spoken))
    assert told_items() == set(spoken)


def test_a_line_that_citizens_are_not_told_of_is_found() -> None:
    secret = Kept(
        Place.TABLE, "carnet", ("sheet",), "", "", "", Ended.NOTHING, Whom.SIGNER, Naming.PERSON
    )
    assert untold((*TABLE, secret)) == [("table", "carnet")]


@pytest.fixture
def site(tmp_path: Path, sqlite_uri: str) -> Iterator[Site]:
    found = build(tmp_path, sqlite_uri)
    yield found
    close_site(found)


def test_the_page_tells_each_period_and_each_end_in_both_languages(site: Site) -> None:
    pages = {lang: site.visitor().get(f"/{lang}/privacy").text for lang in ("en", "fr")}
    for page, told in (
        (pages["en"], ("30 days at most", "1 hour at most", "until the petition is sealed",
                       "1 day and 1 hour at most", "35 days at most", "2 hours at most")),
        (pages["fr"], ("30 jours au plus", "1 heure au plus", "jusqu’au scellement de la pétition",
                       "1 jour et 1 heure au plus", "35 jours au plus", "2 heures au plus")),
    ):  # fmt: skip
        for sentence in told:
            assert sentence in page, sentence
        rows = re.findall(
            r'<tr><th scope="row">(.+?)</th><td[^>]*>(.+?)</td><td[^>]*>(.+?)</td></tr>', page
        )
        assert len(rows) == len(told_items())
    assert not re.search(r"which petition you signed: |until the petition", pages["fr"])


def test_the_page_says_what_sealing_ends_and_what_it_does_not(site: Site) -> None:
    page = site.visitor().get("/en/privacy").text
    for sentence in (
        "nobody can find out whether you signed",
        "Before sealing: somebody who has the database and the keys can test",
        "While you sign: somebody who controls our server",
        "Sealing does not end this.",
        "It does not learn which petition you signed",
        "Public pages set no cookie",
    ):
        assert sentence in page, sentence


def test_a_sentence_of_the_page_is_short(site: Site) -> None:
    """B1: no sentence that one has to read twice. 33 words are the longest, and they are rare."""
    page = site.visitor().get("/en/privacy").text.partition("<main")[2].partition("</main>")[0]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " . ", page))
    lengths = [len(sentence.split()) for sentence in re.split(r"[.:?!;]", text) if sentence.strip()]
    assert max(lengths) <= 33
    assert sum(lengths) / len(lengths) < 12


def test_a_period_is_written_as_people_say_it() -> None:
    assert length(timedelta(days=1, minutes=20)) == "1 day 20 minutes"
    assert length(timedelta(seconds=60)) == "1 minute"
    assert length(timedelta(hours=2)) == "2 hours"
    assert length(None) == ""
