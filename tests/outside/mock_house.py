"""oidc-provider-mock as a program of the tests: `python mock_house.py SETTINGS.json`.

A process of its own: its code needs warnings and environment variables that ours must not have.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from witness import Witness, serve

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # its server side insists on https

import oidc_provider_mock


def build(told: dict[str, Any]) -> Any:
    people = [
        oidc_provider_mock.User(
            sub=name, claims={"birthdate": born, "address": {"locality": place}}
        )
        for name, born, place in told["people"]
    ]
    return oidc_provider_mock.app(require_nonce=True, issue_refresh_token=False, user_claims=people)


def main(settings: str) -> None:
    told = json.loads(Path(settings).read_text(encoding="utf-8"))
    # each instance draws a key of its own
    serve(Witness(build(told), lambda: build(told)), told["port"])


if __name__ == "__main__":
    main(sys.argv[1])
