"""Canaille as a program of the tests: `.venv-outside/bin/python canaille_house.py SETTINGS.json`.

It runs in the environment of requirements/outside.txt, and so imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from flask import Flask
from joserfc.jwk import ECKey, RSAKey
from witness import Witness, serve


def new_keys() -> list[dict[str, Any]]:
    made = (ECKey.generate_key("P-256", auto_kid=True), RSAKey.generate_key(2048, auto_kid=True))
    return [dict(key.as_dict(private=True)) for key in made]


def build(told: dict[str, Any]) -> Flask:
    app = create_app(
        {
            "SECRET_KEY": "of the tests only",
            "SERVER_NAME": told["issuer"].removeprefix("http://"),
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "FORCE_HTTPS": False, "LANGUAGE": "en"},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": new_keys(), "TRUSTED_DOMAINS": ["petitions.example"]},
        }
    )
    # it keeps no date of birth: the title of a person stands in
    app.config["CANAILLE_OIDC"]["USERINFO_MAPPING"]["BIRTHDATE"] = "{{ user.title }}"
    with app.app_context(), Backend.instance.session():
        fill(told)
    return app


def fill(told: dict[str, Any]) -> None:
    backend = Backend.instance
    for name, born, place in told["people"]:
        person = models.User(
            user_name=name,
            formatted_name=name,
            family_name=name,
            emails=[f"{name}@example.org"],
            title=born,
            locality=place,
            password=told["password"],
        )
        backend.save(person)
    for client_id, alg in told["clients"].items():
        client = models.Client(
            client_id=client_id,
            # who comes from a trusted address is not asked what may be passed on
            client_uri="" if client_id == told["asking"] else "http://petitions.example",
            client_secret=told["secret"],
            client_name="Petitions",
            client_id_issued_at=datetime.now(UTC),
            redirect_uris=[f"{site}{told['callback']}" for site in told["sites"]],
            post_logout_redirect_uris=[f"{site}/identity/left" for site in told["sites"]],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "profile", "address"],
            token_endpoint_auth_method="client_secret_post",
            id_token_signed_response_alg=alg,
        )
        backend.save(client)
        client.audience = [client]
        backend.save(client)


def main(settings: str) -> None:
    told = json.loads(Path(settings).read_text(encoding="utf-8"))
    app = build(told)

    def turn_keys() -> Flask:
        app.config["CANAILLE_OIDC"]["ACTIVE_JWKS"] = new_keys()
        return app

    serve(Witness(app, turn_keys), told["port"])


if __name__ == "__main__":
    main(sys.argv[1])
