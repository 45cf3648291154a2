"""Starts the three providers that nobody here wrote. The first two have Authlib inside, as we do, and
would repeat its misreadings; the third is written in Perl.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.outside.forms import Form
from tests.outside.people import Person
from tests.outside.provider import (
    ATTRIBUTES,
    BY_POST,
    CLIENT,
    CLIENT_ASKING,
    Outside,
    ProviderMissingError,
    Witnessed,
    free_port,
    running,
    write_settings,
)

HERE = Path(__file__).parent
ENVIRONMENT = Path(f"{sys.prefix}-outside")


def record(issuer: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "client": BY_POST,
        "person": {"namespace": f"outside-{name}", "one_per": "person"},
        "attributes": ATTRIBUTES,
        "assurance": {"*": "low"},
        **more,
    }


@contextlib.contextmanager
def mock(folder: Path, sites: Sequence[str]) -> Iterator[Outside]:
    """PyPI `oidc-provider-mock`: no password, no acr, no rules about clients; a smoke test."""
    port, name = free_port(), "mock"
    rooms = Witnessed(port)
    issuer = f"http://localhost:{port}"

    def entries(form: Form, person: Person, agrees: bool) -> Mapping[str, str]:
        return {"sub": person.name} if agrees else {"action": "deny"}

    settings = write_settings(folder, port, sites, name)
    with running([sys.executable, str(HERE / "mock_house.py"), str(settings)], folder, port):
        yield Outside(
            name,
            issuer,
            record(
                issuer,
                name,
                answer={"algs": ["RS256"], "userinfo": "json"},
                page={"label": "The mock", "logout": "id_token_hint"},
            ),
            entries,
            rooms.seen,
            rooms.turn_keys,
            rooms.unsigned,
        )


@contextlib.contextmanager
def canaille(folder: Path, sites: Sequence[str]) -> Iterator[Outside]:
    """PyPI `canaille`: accounts with passwords, consent, ES256, `iss` in the callback, logout."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / ".installed-outside").exists():
        raise ProviderMissingError(
            "logins at Canaille, a provider of others; run scripts/prepare outside"
        )
    port, name = free_port(), "canaille"
    rooms = Witnessed(port)
    issuer = f"http://localhost:{port}"

    def entries(form: Form, person: Person, agrees: bool) -> Mapping[str, str]:
        if "login" in form.fields:
            return {"login": person.name}
        if "password" in form.fields:
            return {"password": person.password}
        return {"answer": "accept" if agrees else "deny"}

    clients = {CLIENT: "ES256", CLIENT_ASKING: "ES256"}
    settings = write_settings(folder, port, sites, name, clients=clients, asking=CLIENT_ASKING)
    with running([str(python), str(HERE / "canaille_house.py"), str(settings)], folder, port):
        yield Outside(
            name,
            issuer,
            record(
                issuer,
                name,
                request={"prompt": "login"},
                answer={"algs": ["ES256"], "userinfo": "json"},
                page={"label": "Canaille", "logout": "id_token_hint"},
            ),
            entries,
            rooms.seen,
            rooms.turn_keys,
            rooms.unsigned,
            end_session={"answer": "logout"},
            # its question about consent and prompt=login together have no end
            declining={"request": {}, "client": {**BY_POST, "id": CLIENT_ASKING}},
        )
