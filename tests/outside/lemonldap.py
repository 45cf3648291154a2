"""LemonLDAP::NG 2 from Debian, which French ministries run: not Python, not Authlib.

acr by level, signed userinfo without `iss` and `aud`, `sub` not pairwise, an issuer that ends in a
slash; it lists the algorithm `none`, and uses it for a client that is registered so.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.outside.forms import Form
from tests.outside.people import PEOPLE, Person
from tests.outside.provider import (
    ATTRIBUTES,
    BY_POST,
    CLIENT,
    CLIENT_ASKING,
    CLIENT_UNSIGNED,
    SECRET,
    Outside,
    ProviderMissingError,
    free_port,
    running,
)

NAME = "lemonldap"
PACKAGES = (
    "liblemonldap-ng-portal-perl starman libstring-random-perl libio-string-perl"
    " libgd-securityimage-perl libgd-perl perlmagick"
)
MISSING = f"logins at LemonLDAP::NG, a provider of others; install Debian's {PACKAGES}"
PORTAL = "/usr/share/lemonldap-ng/portal"
MODULES = ("Lemonldap::NG::Portal::Main", "IO::String", "String::Random", "Plack::Builder")
PSGI = Path(__file__).with_name("lemonldap.psgi")


def entries(form: Form, person: Person, agrees: bool) -> Mapping[str, str]:
    if "user" in form.fields:
        return {"user": person.name, "password": person.name}
    return {"confirm": "1" if agrees else "-1"}


@contextlib.contextmanager
def lemonldap(folder: Path, sites: Sequence[str]) -> Iterator[Outside]:
    """The portal on a port of the loopback; ProviderMissingError where Debian's packages are not."""
    _check_installed()
    house = _House(folder, free_port(), sites)
    with house:
        issuer = f"http://localhost:{house.port}/"
        yield Outside(
            NAME,
            issuer,
            {
                "issuer": issuer,
                "client": BY_POST,
                "request": {"acr_values": ["eidas1"], "prompt": "login"},
                "answer": {"algs": ["RS256"], "userinfo": "jwt"},
                "person": {"namespace": f"outside-{NAME}", "one_per": "person"},
                "attributes": ATTRIBUTES,
                "assurance": {"eidas1": "low", "eidas2": "substantial"},
                "page": {"label": "LemonLDAP", "logout": "id_token_hint"},
            },
            entries,
            house.seen,
            house.turn_keys,
            lambda: {"client": {**BY_POST, "id": CLIENT_UNSIGNED}},
            declining={"client": {**BY_POST, "id": CLIENT_ASKING}},
        )


def _check_installed() -> None:
    perl, starman = shutil.which("perl"), shutil.which("starman")
    if perl is None or starman is None or not Path(PORTAL).is_dir():
        raise ProviderMissingError(MISSING)
    loaded = subprocess.run(
        [perl, *(f"-M{module}" for module in MODULES), "-e", "1"], capture_output=True, check=False
    )
    if loaded.returncode != 0:
        raise ProviderMissingError(MISSING)


@dataclass
class _House:
    """A folder with settings, sessions and keys, and the process over it."""

    folder: Path
    port: int
    sites: Sequence[str]
    _running: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> None:
        for name in ("conf", "sessions/lock", "kept/lock", "cache"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_ini()
        self._start()

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def seen(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self.folder / "seen").read_text().splitlines()]

    def turn_keys(self) -> None:
        """New keys are read at the start; sessions are files and outlive it."""
        self._running.close()
        self._start()

    def _start(self) -> None:
        told = json.dumps(self._settings(), indent=1)
        (self.folder / "conf" / "lmConf-1.json").write_text(told, encoding="utf-8")
        shutil.rmtree(self.folder / "cache")
        (self.folder / "cache").mkdir()
        people = {
            each.name: {"uid": each.name, "cn": each.name, "mail": "", "birthdate": each.born,
                        "locality": each.place}
            for each in PEOPLE
        }  # fmt: skip
        command = ["starman", "--workers", "2", "--listen", f"127.0.0.1:{self.port}", str(PSGI)]
        environment = {
            **os.environ,
            "LLNG_DEFAULTCONFFILE": str(self.folder / "lemonldap-ng.ini"),
            "PEOPLE": json.dumps(people),
            "SEEN": str(self.folder / "seen"),
            "PORTAL": f"{PORTAL}/htdocs",
        }
        self._running.enter_context(running(command, self.folder, self.port, env=environment))

    def _write_ini(self) -> None:
        cache = (
            "{'namespace' => 'conf', 'default_expires_in' => 600, 'cache_depth' => 3,"
            f" 'cache_root' => '{self.folder}/cache'}}"
        )
        (self.folder / "lemonldap-ng.ini").write_text(
            "[all]\nlogLevel = warn\n"
            f"[configuration]\ntype = File\ndirName = {self.folder}/conf\n"
            f"localStorage = Cache::FileCache\nlocalStorageOptions = {cache}\n"
            f"[portal]\nstaticPrefix = /static\ntemplateDir = {PORTAL}/templates\n"
            "languages = en, fr\n",
            encoding="utf-8",
        )

    def _settings(self) -> dict[str, Any]:
        private, public = _new_key()
        vars_of_people = {"birthdate": "birthdate", "locality": "locality"}
        clients = {
            "plain": (CLIENT, "RS256"),
            "asking": (CLIENT_ASKING, "RS256"),
            "unsigned": (CLIENT_UNSIGNED, "none"),
        }
        return {
            "cfgNum": 1, "cfgVersion": "2.16.1", "cfgAuthor": "tests", "cfgDate": 1,
            "portal": f"http://localhost:{self.port}/", "domain": "localhost",
            "cookieName": "lemonldap", "securedCookie": 0, "key": "of the tests only",
            "locationRules": {"localhost": {"default": "accept"}}, "groups": {},
            "authentication": "Demo", "userDB": "Same", "passwordDB": "Null",
            "registerDB": "Null", "demoExportedVars": {"uid": "uid", **vars_of_people},
            "macros": {"_whatToTrace": "$_user"}, "whatToTrace": "_whatToTrace",
            "globalStorage": "Apache::Session::File",
            "globalStorageOptions": self._store("sessions"),
            "persistentStorage": "Apache::Session::File",
            "persistentStorageOptions": self._store("kept"),
            "localSessionStorage": "Cache::FileCache",
            "localSessionStorageOptions": {
                "cache_depth": 3, "cache_root": f"{self.folder}/cache",
                "default_expires_in": 600, "namespace": "sessions",
            },
            "issuerDBOpenIDConnectActivation": 1, "issuerDBOpenIDConnectPath": "^/oauth2/",
            "issuerDBOpenIDConnectRule": 1, "oidcServiceAllowAuthorizationCodeFlow": 1,
            "oidcServiceMetaDataAuthnContext": {"eidas1": 1, "eidas2": 2, "eidas3": 3},
            "oidcServicePrivateKeySig": private, "oidcServicePublicKeySig": public,
            "oidcServiceKeyIdSig": os.urandom(4).hex(),
            "oidcRPMetaDataOptions": {
                name: self._client(*client) for name, client in clients.items()
            },
            "oidcRPMetaDataExportedVars": dict.fromkeys(clients, vars_of_people),
            "oidcRPMetaDataOptionsExtraClaims": {},
        }  # fmt: skip

    def _client(self, client_id: str, alg: str) -> dict[str, Any]:
        back = " ".join(f"{site}/identity/callback/{NAME}" for site in self.sites)
        left = " ".join(f"{site}/identity/left" for site in self.sites)
        return {
            "oidcRPMetaDataOptionsClientID": client_id,
            "oidcRPMetaDataOptionsClientSecret": SECRET,
            "oidcRPMetaDataOptionsDisplayName": "Petitions",
            "oidcRPMetaDataOptionsIDTokenSignAlg": alg,
            "oidcRPMetaDataOptionsUserInfoSignAlg": "RS256",
            "oidcRPMetaDataOptionsRedirectUris": back,
            "oidcRPMetaDataOptionsPostLogoutRedirectUris": left,
            # after this question its end of session forgets where to send people
            "oidcRPMetaDataOptionsBypassConsent": int(client_id != CLIENT_ASKING),
            "oidcRPMetaDataOptionsLogoutBypassConfirm": 1,
            "oidcRPMetaDataOptionsIDTokenExpiration": 3600,
        }

    def _store(self, name: str) -> dict[str, str]:
        return {
            "Directory": f"{self.folder}/{name}",
            "LockDirectory": f"{self.folder}/{name}/lock",
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
        }


def _new_key() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
