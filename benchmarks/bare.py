"""The ceilings: hello world, and one INSERT, in Flask on the same server as the product."""

from __future__ import annotations

import os
import secrets
import threading
from uuid import UUID

import psycopg
from flask import Flask

app = Flask("bare")
_own = threading.local()
PETITION = UUID("00112233-4455-6677-8899-aabbccddeeff")


def connection() -> psycopg.Connection:
    """One kept connection per thread: what a pool gives, without the pool's locks."""
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["BENCH_LIBPQ"], autocommit=True)
    found: psycopg.Connection = _own.connection
    return found


@app.get("/hello")
def hello() -> str:
    return "hello world"


@app.post("/insert")
def insert() -> str:
    connection().execute(
        "INSERT INTO bare_signature (petition_id, tag) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (PETITION, secrets.token_bytes(32)),
        prepare=True,
    )
    return "ok"
