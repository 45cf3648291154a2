"""Searches that thousands of petitions answer, and the orders of great lists, each by an index."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# what lists and searches ask of a petition, beside the stems of its texts
BESIDE = {
    "shown": "(p.state IN ('published', 'threshold_reached', 'examined', 'closed_below', 'refused') "
    "OR (p.state IN ('withdrawn', 'lapsed', 'merged', 'archived') AND p.published_at IS NOT NULL "
    "AND coalesce(p.previous_state, '') <> 'hidden') "
    "OR (p.state = 'archived' AND coalesce(p.previous_state, '') = 'refused'))",
    "assembly": "p.assembly",
    "rulebook_id": "p.rulebook_id",
    "kind": "p.kind",
    "state": "p.state",
    "original": "p.language",
    "newest": "coalesce(p.published_at, p.submitted_at)",
    "closes_at": "p.closes_at",
    "state_since": "p.state_since",
}
OLD = "INSERT INTO search_fts(search_fts, rowid, title, request, reasons) VALUES ('delete', OLD.doc, OLD.title, OLD.request, OLD.reasons);"
NEW = "INSERT INTO search_fts(rowid, title, request, reasons) VALUES (NEW.doc, NEW.title, NEW.request, NEW.reasons);"


def _beside_the_words() -> None:
    """A search that thousands of petitions answer reads one table then, not three."""
    for name, width in (("assembly", 60), ("rulebook_id", 60), ("kind", 60), ("state", 20), ("original", 12)):
        op.add_column(
            "search_text", sa.Column(name, sa.String(width), nullable=False, server_default="")
        )
    for name in ("shown", "several"):
        op.add_column(
            "search_text", sa.Column(name, sa.Boolean(), nullable=False, server_default="0")
        )
    for name in ("newest", "closes_at", "state_since"):
        op.add_column("search_text", sa.Column(name, UTCDateTime(), nullable=True))
    _stems_only("OF title, request, reasons ")
    given = ", ".join(
        f"{name} = (SELECT {value} FROM petition p WHERE p.id = search_text.petition_id)"
        for name, value in BESIDE.items()
    )
    several = "(SELECT count(*) > 1 FROM search_text o WHERE o.petition_id = search_text.petition_id)"
    op.execute(f"UPDATE search_text SET {given}, several = {several}")


def _stems_only(columns: str) -> None:
    """SQLite's word lists follow the stems: another state of a petition leaves them alone."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER tr_search_text_changed")
        op.execute(
            f"CREATE TRIGGER tr_search_text_changed AFTER UPDATE {columns}ON search_text "
            f"BEGIN {OLD} {NEW} END"
        )


NEWEST = "coalesce(published_at, submitted_at) DESC, id"


def _orders() -> None:
    """The orders of lists, and what moved in a week, each by an index."""
    if op.get_bind().dialect.name == "postgresql":  # by what columns make: no model says such a thing
        op.execute(f"CREATE INDEX ix_petition_newest ON petition ({NEWEST})")
        op.execute("CREATE INDEX ix_petition_updated ON petition (state_since DESC, id)")
        op.execute(
            "CREATE INDEX ix_petition_closing ON petition "
            f"((state <> 'published'), (closes_at IS NULL), closes_at, {NEWEST})"
        )
    op.create_index(
        "ix_daily_count_day", "daily_count", ["day", "petition_id"], postgresql_include=["valid"]
    )
    op.create_index(
        "ix_petition_clock_unlisted",
        "petition_clock",
        ["petition_id"],
        postgresql_where=sa.text("unlisted IS true"),
        sqlite_where=sa.text("unlisted IS 1"),
    )
    op.create_index(  # PostgreSQL: LIKE 'abc%' in whatever collation
        "ix_search_word_beginning",
        "search_word",
        ["word"],
        postgresql_ops={"word": "varchar_pattern_ops"},
    )


def upgrade() -> None:
    _beside_the_words()
    _orders()


def downgrade() -> None:
    op.drop_index("ix_search_word_beginning", table_name="search_word")
    op.drop_index("ix_petition_clock_unlisted", table_name="petition_clock")
    op.drop_index("ix_daily_count_day", table_name="daily_count")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_petition_closing", table_name="petition")
        op.drop_index("ix_petition_updated", table_name="petition")
        op.drop_index("ix_petition_newest", table_name="petition")
    _stems_only("")
    for name in (*BESIDE, "several"):
        op.drop_column("search_text", name)
