"""Settings of the demonstration: written once into its folder, with secrets of its own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path

from petitions.demo.stories.story import (
    COMMONS,
    DEPUTIES,
    FRENCH_SPEAKERS,
    REGION,
    SENATE,
    TOWN,
)

TEMPLATE = """\
# Written by `petitions demo`. For the demonstration only: letters go to a folder and people log in
# at an invented identity provider. A real deployment starts from config.example.toml.
environment = "demo"

[site]
base_url = "http://{host}:{port}"
deployment = "demo.petitions.example"
name.en = "Demonstration Parliament"
name.fr = "Parlement de démonstration"
name.nl = "Demonstratieparlement"
name.de = "Demonstrationsparlament"
languages = ["en", "fr", "nl", "de"]
default_language = "en"
contact = "petitions@parliament.example"

{looks}[web]
host = "{host}"
port = {port}
workers = 2
threads = 8
secret_file = "{folder}/secrets/web.secret"

[database]
uri = "sqlite:///{folder}/petitions.sqlite"

[keys]
directory = "{folder}/keys"
runtime_directory = "{folder}/run"
secrets_directory = "{folder}/secrets"

[log]
directory = "{folder}/log"
anchor = "{folder}/anchor.txt"
batch_min = 10
batch_max_wait = 2
tick = 1.0

[mail]
transport = "folder"
sender = "Petitions <petitions@parliament.example>"
folder = "{folder}/mailbox"

[share]
directory = "{folder}/share"

[rulebooks]
assemblies = {assemblies}

[identity.providers.demo]
issuer = "http://{host}:{provider_port}/citizens"
client = {{ id = "petitions", auth = "client_secret_post", secret_file = "citizens.secret" }}
request = {{ acr_values = ["eidas1"], pkce = "off" }}
answer = {{ algs = ["ES256"], userinfo = "jwt" }}
person = {{ namespace = "demo-citizens", key = "sub", pattern = "[0-9a-f]{{64}}v1", one_per = "person" }}
# Worth "low" in earnest. Here it stands for whatever the several rulebooks ask: nobody is real.
assurance = {{ eidas1 = "substantial" }}
page = {{ label = "DemoConnect", logout = "id_token_hint" }}
[identity.providers.demo.attributes]
birthdate = {{ scope = "birthdate", from = "userinfo" }}
resident_of = {{ scope = "residence", claim = "residence", from = "userinfo" }}
citizen_of = {{ scope = "nationality", claim = "nationality", from = "userinfo" }}

[identity.providers.staff]
issuer = "http://{host}:{provider_port}/staff"
client = {{ id = "office", auth = "client_secret_basic", secret_file = "staff.secret" }}
request = {{ acr_values = ["mfa"], pkce = "S256" }}
answer = {{ algs = ["ES256"], userinfo = "json" }}
person = {{ namespace = "demo-staff", key = "sub", one_per = "person" }}
assurance = {{ mfa = "high" }}
page = {{ label = "Demonstration staff login", logout = "id_token_hint" }}

[identity.realms.franceconnect]
providers = ["demo"]
attributes = ["birthdate"]
declared = ["citizen_of", "resident_of"]
proves = {{ in_register = "rnipp", natural_person = true }}

[identity.realms.town]
providers = ["demo"]
attributes = ["birthdate", "resident_of"]

{elsewhere}[identity.staff]
providers = ["staff"]
assurance = "high"
[identity.staff.roles]
claim = "groups"
[identity.staff.roles.map]
petitions-clerk = "clerk"
petitions-second-reader = "second_reader"
petitions-committee = "committee"
petitions-administrator = "administrator"
petitions-auditor = "auditor"
petitions-communication = "communication"
petitions-integrity = "integrity"
"""
ELSEWHERE = """[identity.realms.csam]
providers = ["demo"]
attributes = ["birthdate", "resident_of"]

# Its parliament takes an e-mail address for a person; here everybody logs in at the one provider.
[identity.realms.email-address]
providers = ["demo"]
attributes = ["resident_of", "citizen_of"]

"""
CITIZENS_SECRET, STAFF_SECRET, WEB_SECRET = "citizens.secret", "staff.secret", "web.secret"


LOOKS = {
    SENATE: "chamber",
    TOWN: "town",
    REGION: "region",
    FRENCH_SPEAKERS: "community",
    DEPUTIES: "assembly",
    COMMONS: "commons",
}
"""Assembly of the demonstration → the theme it wears."""


def _looks(served: Iterable[str]) -> str:
    return "".join(
        f'[site.assemblies.{each}]\ntheme = "{LOOKS[each]}"\nlanguages = ["en", "fr", "nl", "de"]\n\n'
        for each in served
        if each in LOOKS
    )


def _private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")


def write_settings(
    folder: Path,
    host: str,
    port: int,
    provider_port: int,
    assemblies: Iterable[str] = (SENATE, TOWN),
    *,
    dressed: bool = False,
) -> Path:
    """Create the folder's secrets (once) and its config.toml (each time: ports may change).

    `assemblies`: those the site serves; the first one stands where a page names none.
    `dressed`: each wears its own theme.
    """
    served = list(assemblies)
    kept = folder / "secrets"
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (CITIZENS_SECRET, STAFF_SECRET, WEB_SECRET):
        if not (kept / name).exists():
            _private(kept / name, secrets.token_urlsafe(48))
    config = folder / "config.toml"
    config.write_text(
        TEMPLATE.format(
            folder=folder,
            host=host,
            port=port,
            provider_port=provider_port,
            assemblies=json.dumps(served),
            elsewhere=ELSEWHERE if set(served) - {SENATE, TOWN} else "",
            looks=_looks(served) if dressed else "",
        ),
        encoding="utf-8",
    )
    return config
