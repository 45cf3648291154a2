"""Our client against the shipped demonstration provider, over real HTTP, in each of its profiles.

It is as strict as the providers a parliament will meet: unknown parameters, short nonces, a code
used late or a wrong level end on its own page, so a good login here says much.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug.serving import make_server

from identity.passes import StaffAsk
from identity.providers.demo import PROFILES, DemoSettings, create_provider
from tests.identity.conduct import get, leave_for, write_keys
from tests.identity.lying_provider import public_keys_of
from tests.identity.office import SITE, Office, ask, office, opened, opened_by_staff

SECRETS = {"citizens": "citizens' secret: & 100%", "staff": "staff's secret: + 100%"}
BY_SECRET = {"id": "petitions", "auth": "client_secret_post", "secret": SECRETS["citizens"]}
BY_KEY = {"id": "petitions", "auth": "private_key_jwt", "alg": "ES256", "key_file": "sign.jwk"}
ENCRYPTED = {"alg": ["ECDH-ES"], "enc": ["A256GCM"], "key_files": ["enc-ec.jwk"]}
CONDUCT: dict[str, dict[str, Any]] = {
    "strict": {
        "client": BY_SECRET,
        "request": {"acr_values": ["eidas1"], "pkce": "off"},
        "assurance": {"eidas1": "low"},
        "allowed_parameters": ["response_type", "client_id", "redirect_uri", "scope", "acr_values",
                               "state", "nonce", "claims", "prompt", "idp_hint", "ui_locales"],
    },
    "plus": {
        "client": BY_KEY,
        "request": {"acr_values": ["eidas2"], "pkce": "off"},
        "answer": {"algs": ["ES256"], "userinfo": "jwt", "encrypted": ENCRYPTED},
        "assurance": {"eidas2": "substantial", "eidas3": "high"},
    },
    "norwegian": {
        "client": BY_KEY,
        "request": {"acr_values": ["idporten-loa-substantial"], "par": True},
        "assurance": {"idporten-loa-substantial": "substantial", "idporten-loa-high": "high"},
    },
}  # fmt: skip


@contextmanager
def demonstration(profile: str, directory: Path) -> Iterator[Office]:
    write_keys(directory)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    person = {"namespace": "demo-citizens", "one_per": "person", "pattern": "[0-9a-f]{64}v1"}
    citizens = {
        "issuer": f"{issuer}/citizens",
        "answer": {"algs": ["ES256"], "userinfo": "jwt"},
        "person": person,
        "attributes": {"birthdate": {"scope": "birthdate", "from": "userinfo"}},
        "page": {"label": "Demonstration", "logout": "id_token_hint"},
        **CONDUCT[profile],
    }
    staff = {
        "issuer": f"{issuer}/staff",
        "client": {"id": "office", "auth": "client_secret_basic", "secret": SECRETS["staff"]},
        "request": {"acr_values": ["mfa"]},
        "answer": {"algs": ["ES256"]},
        "person": {"namespace": "demo-staff", "one_per": "account"},
        "assurance": {"mfa": "substantial"},
    }
    raw = {
        "providers": {"demo": citizens, "staff": staff},
        "realms": {"citizens": {"providers": ["demo"], "attributes": ["birthdate"]}},
        "staff": {
            "providers": ["staff"],
            "scopes": ["profile", "groups"],
            "roles": {"claim": "groups", "map": {"petitions-clerk": "clerk"}},
        },
    }
    site = office(raw, directory)
    keys = site.browser().get("/identity/keys.json").get_json()
    assert profile == "strict" or public_keys_of(keys)
    settings = DemoSettings(
        site=SITE,
        citizens_secret=SECRETS["citizens"],
        staff_secret=SECRETS["staff"],
        port=port,
        profile=PROFILES[profile],
        client_keys=keys,
    )
    server = make_server("127.0.0.1", port, create_provider(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def log_in(url: str, person: str) -> str:
    """Choose a person on the provider's page; where the browser is sent back to."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=5)
        assert page.status_code == 200, page.text[:1000]
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket, page.text[:1000]
        parts = urlsplit(page.url)
        door = f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/login"
        form = {"ticket": ticket[1], "person": person}
        answer = browser.post(door, data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 303, answer.text[:1000]
        return answer.headers["Location"]


@pytest.mark.parametrize("profile", CONDUCT)
def test_a_citizen_logs_in_at_the_demonstration_provider(profile: str, tmp_path: Path) -> None:
    with demonstration(profile, tmp_path) as site:
        values = set()
        for _ in range(2):
            browser, asked = site.browser(), ask(site.now, who={"age_min": 18})
            back = log_in(leave_for(site, browser, asked), "amina haddad")
            answer = get(browser, back)
            assert answer.status_code == 303, (site.outcomes[-1], site.pages[-1])
            values.add(opened(site, browser, asked).u)
        assert len(values) == 1
        away = get(browser, "/identity/leave").headers["Location"]
        left = requests.get(away, allow_redirects=False, timeout=5)
        assert left.status_code in (200, 302, 303), left.text[:500]


def test_a_clerk_logs_in_at_the_demonstration_provider(tmp_path: Path) -> None:
    with demonstration("strict", tmp_path) as site:
        for fresh in (False, True):
            asked = StaffAsk(return_to="/desk", lang="en", rid=b"s" * 16, fresh=fresh)
            browser = site.browser()
            back = log_in(leave_for(site, browser, asked), "ana petit")
            answer = get(browser, back)
            assert answer.status_code == 303, (site.outcomes[-1], site.pages[-1])
            found = opened_by_staff(site, browser, asked)
            assert (found.name, found.roles) == ("Ana Petit", ("clerk",))
            assert len(found.key) == 32
