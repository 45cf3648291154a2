"""Similar petitions and search: what is indexed of each text."""

import sqlalchemy as sa
from alembic import op

from petitions.storage.word_forms import formed

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DOC = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# What was sent and is not out of sight; `archived` where it was public before.
INDEXED = (
    "p.reference IS NOT NULL AND (p.state IN ('gathering_sponsors', 'in_admissibility', 'returned', "
    "'published', 'threshold_reached', 'examined', 'closed_below', 'refused') "
    "OR (p.state IN ('withdrawn', 'lapsed', 'merged', 'archived') AND p.published_at IS NOT NULL "
    "AND coalesce(p.previous_state, '') <> 'hidden') "
    "OR (p.state = 'archived' AND p.previous_state = 'refused'))"
)
# external content: FTS5 keeps its inverted lists, `search_text` keeps the words
FTS = """
CREATE VIRTUAL TABLE search_fts USING fts5(
    title, request, reasons, content='search_text', content_rowid='doc', prefix='2 3',
    tokenize='unicode61 remove_diacritics 0')
"""
NEW = "INSERT INTO search_fts(rowid, title, request, reasons) VALUES (NEW.doc, NEW.title, NEW.request, NEW.reasons);"
OLD = "INSERT INTO search_fts(search_fts, rowid, title, request, reasons) VALUES ('delete', OLD.doc, OLD.title, OLD.request, OLD.reasons);"


def upgrade() -> None:
    op.create_table(
        "search_text",
        sa.Column("doc", DOC, autoincrement=True, nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id", "language"],
            ["petition_text.petition_id", "petition_text.language"],
            name=op.f("fk_search_text_petition_id_language"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("doc", name=op.f("pk_search_text")),
        sa.UniqueConstraint(
            "petition_id", "language", name=op.f("uq_search_text_petition_id_language")
        ),
    )
    op.create_table(
        "search_word",
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("language", "word", name=op.f("pk_search_word")),
    )
    op.create_index("ix_search_word_language_form", "search_word", ["language", "form"])
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
        _fill(op.get_bind())
    else:  # an index over rows that are there is made many times faster than row by row
        _fill(op.get_bind())
        _postgresql()


def _sqlite() -> None:
    op.execute(FTS)
    op.execute(f"CREATE TRIGGER tr_search_text_new AFTER INSERT ON search_text BEGIN {NEW} END")
    op.execute(f"CREATE TRIGGER tr_search_text_old AFTER DELETE ON search_text BEGIN {OLD} END")
    op.execute(
        f"CREATE TRIGGER tr_search_text_changed AFTER UPDATE ON search_text BEGIN {OLD} {NEW} END"
    )


def _postgresql() -> None:
    # 'simple' only cuts at spaces: the stems are ours. Little is left pending, since a search reads it.
    op.execute(
        "ALTER TABLE search_text "
        "ADD COLUMN title_vector tsvector NOT NULL "
        "GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, title)) STORED, "
        "ADD COLUMN whole_vector tsvector NOT NULL GENERATED ALWAYS AS "
        "(to_tsvector('simple'::regconfig, title || ' ' || request || ' ' || reasons)) STORED"
    )
    for part in ("title", "whole"):
        op.execute(
            f"CREATE INDEX ix_search_text_{part} ON search_text "
            f"USING gin ({part}_vector) WITH (gin_pending_list_limit = 256)"
        )


def _fill(connection: sa.Connection) -> None:
    """The texts that are there already. `petitions search rebuild` does the same at any time."""
    texts = connection.execute(
        sa.text(
            "SELECT t.petition_id, t.language, t.title, t.request, t.reasons FROM petition_text t "
            f"JOIN petition p ON p.id = t.petition_id WHERE {INDEXED} ORDER BY t.petition_id, t.language"
        ).columns(petition_id=sa.Uuid())
    ).all()
    words: dict[tuple[str, str], str] = {}
    rows = []
    for key, language, *parts in texts:
        made = formed(*parts, language)
        rows.append(
            {
                "petition_id": key,
                "language": language,
                "title": made.title,
                "request": made.request,
                "reasons": made.reasons,
            }
        )
        words.update({(language, word): form for word, form in made.words})
    if not rows:
        return
    table = sa.table(
        "search_text",
        sa.column("petition_id", sa.Uuid()),
        *map(sa.column, ("language", "title", "request", "reasons")),
    )
    connection.execute(table.insert(), rows)
    listed = sa.table("search_word", *map(sa.column, ("language", "word", "form", "documents")))
    connection.execute(
        listed.insert(),
        [
            {"language": language, "word": word, "form": form, "documents": 1}
            for (language, word), form in sorted(words.items())
        ],
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("new", "old", "changed"):
            op.execute(f"DROP TRIGGER tr_search_text_{name}")
        op.execute("DROP TABLE search_fts")
    op.drop_table("search_word")
    op.drop_table("search_text")
