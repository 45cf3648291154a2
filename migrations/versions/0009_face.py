"""The public face: pages that a parliament writes, figures, shares."""

import sqlalchemy as sa
from alembic import op

from petitions.platform.database import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _content() -> None:
    """Pages that a parliament writes at its desk."""
    op.create_table(
        "content_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly", sa.String(60), nullable=False),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(60), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_content_text_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_text")),
        sa.UniqueConstraint(
            "assembly", "page", "language", "number", name=op.f("uq_content_text_version")
        ),
    )


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
    op.add_column(
        "search_text",
        sa.Column("shown", sa.Boolean(), nullable=False, server_default="0"),
    )
    for name in ("newest", "closes_at", "state_since"):
        op.add_column("search_text", sa.Column(name, UTCDateTime(), nullable=True))
    _stems_only("OF title, request, reasons ")
    given = ", ".join(
        f"{name} = (SELECT {value} FROM petition p WHERE p.id = search_text.petition_id)"
        for name, value in BESIDE.items()
    )
    op.execute(f"UPDATE search_text SET {given}")


def _stems_only(columns: str) -> None:
    """SQLite's word lists follow the stems: another state of a petition leaves them alone."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER tr_search_text_changed")
        op.execute(
            f"CREATE TRIGGER tr_search_text_changed AFTER UPDATE {columns}ON search_text "
            f"BEGIN {OLD} {NEW} END"
        )


def _orders() -> None:
    """The orders of lists, and what moved in a week, each by an index."""
    op.create_index(
        "ix_petition_newest",
        "petition",
        [sa.text("coalesce(published_at, submitted_at) DESC"), "id"],
    )
    op.create_index("ix_petition_updated", "petition", [sa.text("state_since DESC"), "id"])
    op.create_index("ix_daily_count_day", "daily_count", ["day", "petition_id"])
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
    _content()
    _beside_the_words()
    _orders()


def downgrade() -> None:
    op.drop_index("ix_search_word_beginning", table_name="search_word")
    op.drop_index("ix_petition_clock_unlisted", table_name="petition_clock")
    op.drop_index("ix_daily_count_day", table_name="daily_count")
    op.drop_index("ix_petition_updated", table_name="petition")
    op.drop_index("ix_petition_newest", table_name="petition")
    _stems_only("")
    for name in BESIDE:
        op.drop_column("search_text", name)
    op.drop_table("content_text")
