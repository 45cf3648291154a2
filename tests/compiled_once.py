"""What a test's own site compiles anew and would get the same each time: done once in a process.

A site per test is what keeps tests apart; SQL, templates and addresses of a site are the same in the
next one. Compiling them was a third of the time of all tests that have a database or a page. Nothing
here holds a row, a setting or an answer; a server that a test starts is a process without any of this.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

import jinja2
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

STATEMENTS = 4_000
"""SQL of so many is kept: both engines' together are about half of that."""


def install() -> None:
    """From now on, for every site that this process makes."""
    _share_statements()
    _share_templates()
    _wait_with_addresses()


def _share_statements() -> None:
    """SQLAlchemy keeps SQL with the engine, and that of written rows with the mapper, by dialect."""
    kept: LRUCache[Any, Any] = LRUCache(STATEMENTS)
    engine: Any = Engine
    # no wrapped __init__: SQLAlchemy reads the names of its parameters
    engine._compiled_cache = property(lambda _self: kept, lambda _self, _own: None)
    for each in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        dialect: Any = each
        dialect.__eq__ = lambda one, other: one is other or _dialect(one) == _dialect(other)
        dialect.__hash__ = lambda one: hash(type(one))


def _dialect(dialect: Any) -> tuple[Any, ...]:
    """What decides the SQL; some of it the server tells at the first connection."""
    return (
        type(dialect),
        dialect.paramstyle,
        dialect.max_identifier_length,
        getattr(dialect, "server_version_info", None),
        getattr(dialect, "_backslash_escapes", None),
    )


class _Templates(BytecodeCache):
    """Code of templates by their text, their place and whatever else decides how they are compiled."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Any, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get(_template(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.kept[_template(bucket)] = bucket.code


def _template(bucket: Bucket) -> tuple[Any, ...]:
    made = bucket.environment
    return (
        *(bucket.key, bucket.checksum, type(made), made.undefined, made.finalize),
        *(getattr(made.autoescape, "__qualname__", made.autoescape), made.is_async, made.optimized),
        *(made.trim_blocks, made.lstrip_blocks, made.keep_trailing_newline, made.newline_sequence),
        *(tuple(sorted(made.extensions)), made.policies["ext.i18n.trimmed"]),
    )


def _share_templates() -> None:
    shared = _Templates()
    plain = jinja2.Environment.__init__

    def make(self: jinja2.Environment, *arguments: Any, **named: Any) -> None:
        plain(self, *arguments, **named)
        self.bytecode_cache = self.bytecode_cache or shared

    environment: Any = jinja2.Environment
    environment.__init__ = make


def _wait_with_addresses() -> None:
    """The code that writes a route's addresses is made when the first one is written, not before."""
    plain: Any = Rule._compile_builder

    def later(self: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        def build(rule: Any, /, **values: Any) -> Any:
            made = plain(rule, append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", made)
            return made(**values)

        return build

    rule: Any = Rule
    rule._compile_builder = later
