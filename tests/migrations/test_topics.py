"""Step 0012 with followers in place: a topic may be followed above it, and nobody does below."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from petitions.platform import migrations
from petitions.storage.tables import Follower, Subscription

OpenEngine = Callable[..., Engine]
DAY = date(2026, 11, 22)


def follower(number: int) -> dict[str, Any]:
    mark = bytes([number]) * 32
    return {"id": UUID(int=number), "mark": mark, "sealed": b"s", "language": "fr",
            "asked_on": DAY, "asked_times": 1, "bounced": 0}  # fmt: skip


def wish(number: int, scope: str, target: str) -> dict[str, Any]:
    return {"id": uuid4(), "follower_id": UUID(int=number), "scope": scope, "target": target,
            "rhythm": "weekly", "asked_on": DAY, "confirmed_on": DAY}  # fmt: skip


def followed(engine: Engine) -> tuple[list[int], list[str]]:
    with engine.connect() as connection:
        people = connection.execute(select(Follower.id).order_by(Follower.id)).scalars()
        scopes = connection.execute(select(Subscription.scope).order_by(Subscription.scope))
        return [each.int for each in people], list(scopes.scalars())


def test_the_way_down_lets_go_of_topics_and_of_who_followed_nothing_else(
    database_uri: str, open_engine: OpenEngine
) -> None:
    engine = open_engine(database_uri)
    with engine.begin() as connection:
        connection.execute(Follower.__table__.insert(), [follower(1), follower(2)])
        connection.execute(
            Subscription.__table__.insert(),
            [
                wish(1, "topic", "valmont/parks"),
                wish(2, "topic", "valmont/parks"),
                wish(2, "all", ""),
            ],
        )
    engine.dispose()
    migrations.downgrade(database_uri, "0011")
    engine = open_engine(database_uri)
    assert followed(engine) == ([2], ["all"])
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(Subscription.__table__.insert(), wish(2, "topic", "valmont/parks"))
    engine.dispose()
    migrations.upgrade(database_uri)
    engine = open_engine(database_uri)
    with engine.begin() as connection:
        connection.execute(Subscription.__table__.insert(), wish(2, "topic", "valmont/parks"))
    assert followed(engine) == ([2], ["all", "topic"])
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(Subscription.__table__.insert(), wish(2, "mood", "valmont/parks"))
