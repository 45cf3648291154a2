"""A client as the library's own guide writes it: what it takes for a login, without our rules.

Its behaviour in the conditions of `tests.identity.checklist` is recorded there, so that an upgrade
of Authlib that begins to refuse, or to accept, one of them is noticed.
"""

from __future__ import annotations

from typing import Any

from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, jsonify, redirect

from tests.identity.lying_provider import Lies, LyingProvider

SITE = "http://127.0.0.1:8000"
ACCEPTED = "accepted"


def plain_client(provider: LyingProvider) -> Flask:
    app = Flask("plain")
    app.testing, app.secret_key = True, "a key of the tests"
    oauth = OAuth(app)
    client = oauth.register(
        "lying",
        client_id=provider.client_id,
        client_secret=provider.secret,
        server_metadata_url=provider.at("metadata"),
        client_kwargs={
            "scope": "openid",
            "token_endpoint_auth_method": "client_secret_post",
            "code_challenge_method": "S256",
        },
    )

    @app.get("/go")
    def go() -> Any:
        answer: Response = client.authorize_redirect(f"{SITE}/back")
        return answer

    @app.get("/back")
    def back() -> Any:
        token = client.authorize_access_token()
        return jsonify(sub=client.userinfo(token=token)["sub"])

    @app.get("/")
    def home() -> Any:
        return redirect("/go")

    return app


def plain_login(provider: LyingProvider, lie: Any, *, token_life: int = 3600) -> str:
    """`accepted`, or the name of the error with which the library refuses."""
    provider.lies = Lies()
    provider.lies.token_answer["expires_in"] = token_life
    browser = plain_client(provider).test_client()
    away = browser.get("/go", base_url=SITE).headers["Location"]
    if lie is not None:
        lie(provider)
    back = provider.log_in(away)
    try:
        answer = browser.get(back.removeprefix(SITE), base_url=SITE)
    except Exception as error:
        return type(error).__name__
    assert answer.status_code == 200
    return ACCEPTED
