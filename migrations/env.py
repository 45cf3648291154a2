"""Run by alembic for each command; `petitions.platform.migrations` hands it an open connection."""

from alembic import context
from sqlalchemy import Connection

from petitions.storage.tables import Base

BY_HAND = {
    "column": frozenset({"title_vector", "whole_vector", "sort_class", "blank"}),
    "index": frozenset(
        {
            "ix_search_text_title",
            "ix_search_text_whole",
            "ix_petition_newest",
            "ix_petition_closing",
            "ix_petition_updated",
            "ix_petition_listed",
            "ix_search_text_newest",
            "ix_search_text_closing",
            "ix_search_text_updated",
            "ix_search_text_pairs",
        }
    ),
}
"""PostgreSQL's full-text columns and indexes: the database makes them, SQLite has its own way. The
orders of great lists are indexes there as well; SQLite sorts its smaller ones."""
SEARCH_TABLES = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"


def search_tables(connection: Connection) -> tuple[str, ...]:
    """SQLite's full-text tables: made by hand in a migration, no model describes them."""
    if connection.dialect.name != "sqlite":
        return ()
    return tuple(connection.exec_driver_sql(SEARCH_TABLES).scalars())


def run() -> None:
    connection: Connection = context.config.attributes["connection"]
    virtual = search_tables(connection)

    def described_by_models(name: str | None, kind: str, _parents: object) -> bool:
        if name in BY_HAND.get(kind, ()):
            return False
        # FTS5 keeps its rows in tables named after it: x_data, x_idx, …
        return not (
            kind == "table"
            and name is not None
            and any(name == table or name.startswith(f"{table}_") for table in virtual)
        )

    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=described_by_models,
        render_as_batch=sqlite,
        # on SQLite the caller holds one transaction around all migrations
        transactional_ddl=True,
        transaction_per_migration=not sqlite,
    )
    with context.begin_transaction():
        context.run_migrations()
    if not sqlite:
        connection.commit()


run()
