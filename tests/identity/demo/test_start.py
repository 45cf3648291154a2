"""Where the demonstration provider starts, and where it refuses to."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from identity.providers.demo import DemoSettings, UnsafeStart, create_provider, run
from identity.providers.demo.__main__ import main
from identity.providers.demo.app import create_provider as create
from identity.providers.demo.memory import Expiring
from tests.identity.demo import walk
from tests.identity.demo.walk import Walk


def settings(**changes):
    good = {"site": walk.SITE, "citizens_secret": "a", "staff_secret": "b"}
    return DemoSettings(**good | changes)


@pytest.fixture
def secret_files(tmp_path):
    for name in ("citizens", "staff"):
        (tmp_path / name).write_text(f"{name} secret\n")
    return [
        f"--client-secret={tmp_path / 'citizens'}",
        f"--staff-secret={tmp_path / 'staff'}",
    ]


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("word", ["production", "Production", " PRODUCTION "])
def test_it_never_starts_in_production(word, monkeypatch, secret_files, capsys):
    with pytest.raises(UnsafeStart, match="production"):
        create_provider(settings(environment=word))
    monkeypatch.setenv("PETITIONS_ENVIRONMENT", word)
    with pytest.raises(UnsafeStart, match="production"):
        create_provider(settings())
    with pytest.raises(UnsafeStart, match="production"):
        run(settings())
    assert main([*secret_files, "--lan"]) == 2
    assert "production" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", ""])
def test_it_binds_nothing_but_the_loopback_unasked(host, secret_files, capsys):
    with pytest.raises(UnsafeStart, match="loopback"):
        create_provider(settings(host=host, base="http://127.0.0.1:8001"))
    assert main([*secret_files, f"--host={host}"]) == 2
    assert "--lan" in capsys.readouterr().err


@pytest.mark.parametrize(
    "changes", [{"site": "http://192.168.1.4:8000"}, {"base": "http://192.168.1.4:8001"}]
)
def test_a_site_elsewhere_needs_lan(changes):
    with pytest.raises(UnsafeStart, match="--lan"):
        create_provider(settings(**changes))
    assert create_provider(settings(lan=True, host="0.0.0.0", **changes))


@pytest.mark.parametrize("site", ["", "javascript:alert(1)", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_no_web_address_is_refused(site):
    with pytest.raises(UnsafeStart):
        create_provider(settings(site=site))


@pytest.mark.parametrize("missing", ["citizens_secret", "staff_secret"])
def test_an_empty_secret_is_refused(missing):
    with pytest.raises(UnsafeStart, match="secret"):
        create_provider(settings(**{missing: ""}))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_it_starts_on_every_loopback_address(host):
    assert create_provider(settings(host=host))


def test_secrets_do_not_show_in_the_settings_text():
    text = repr(settings(citizens_secret="hidden-one", staff_secret="hidden-two"))
    assert "hidden" not in text


@pytest.mark.parametrize("content", ["[]", '{"keys":3}', "{"])
def test_a_key_file_that_is_no_key_set_is_refused(content, tmp_path, secret_files):
    (tmp_path / "keys.json").write_text(content)
    assert main([*secret_files, f"--client-keys={tmp_path / 'keys.json'}"]) == 2


def test_a_missing_secret_file_is_refused(secret_files):
    assert main([*secret_files, "--client-secret=/nowhere/at/all"]) == 2


def test_a_whole_login_works_against_its_own_process(secret_files, free_port, tmp_path):
    """Real sockets, real process: also that it prints one sentence and logs no request."""
    (tmp_path / "keys.json").write_text(json.dumps(walk.public_keys(walk.SIGNING)))
    command = [sys.executable, "-m", "identity.providers.demo", f"--port={free_port}"]
    command += [*secret_files, f"--client-keys={tmp_path / 'keys.json'}", "--today=2026-03-02"]
    home = Path(__file__).parents[3]
    process = subprocess.Popen(
        command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert process.stdout.readline() == (
            f"Demonstration identity provider: http://127.0.0.1:{free_port}/\n"
        )
        tokens = login_over_http(f"http://127.0.0.1:{free_port}/citizens")
    finally:
        process.terminate()
        out, err = process.communicate(timeout=10)
    assert tokens["token_type"] == "Bearer"
    assert (out, err) == ("", "")


def login_over_http(issuer):
    site = Walk()
    with requests.Session() as browser:
        browser.trust_env = False
        said = browser.get(f"{issuer}/.well-known/openid-configuration", timeout=5).json()
        assert said["issuer"] == issuer
        page = browser.get(said["authorization_endpoint"], params=site.request(), timeout=5)
        form = {"person": "amina haddad", "ticket": page.text.split('name="ticket" value="')[1]}
        form["ticket"] = form["ticket"].split('"')[0]
        back = browser.post(f"{issuer}/login", data=form, timeout=5, allow_redirects=False)
        code = back.headers["Location"].split("code=")[1].split("&")[0]
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": walk.CALLBACKS["citizens"],
            "client_id": "petitions",
            "client_secret": "citizens secret",
        }
        return browser.post(said["token_endpoint"], data=asked, timeout=5).json()


@pytest.fixture
def publishing_site(free_port):
    """A petition site that publishes whatever `answers` says, on a real port."""
    answers = {"body": b"", "status": 200}

    def site(environ, start_response):
        assert environ["PATH_INFO"] == "/identity/keys.json"
        body = Response(answers["body"], answers["status"], mimetype="application/json")
        return body(environ, start_response)

    server = make_server("127.0.0.1", free_port, site)
    server.log = lambda *_: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{free_port}", answers
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_keys_of_a_client_are_read_from_its_site_when_none_were_given(publishing_site):
    address, answers = publishing_site
    site = Walk("plus")
    site.app = create(settings(site=address, profile=site.settings.profile), clock=site.clock)
    walk_to = address + "/identity/callback/demo"

    def answered():
        site.browser, site.server = site.app.test_client(), site.app.test_client()
        code = site.code(site.authorize(redirect_uri=walk_to))
        return site.token(code, client_secret="a", redirect_uri=walk_to)

    answers["body"] = json.dumps(walk.public_keys(walk.SIGNING, walk.SEALING)).encode()
    assert answered().status_code == 200
    for body, status in ((b"{", 200), (b"[]", 200), (b"{}", 200), (answers["body"], 500)):
        answers.update(body=body, status=status)
        assert answered().json == {"error": "server_error"}


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first():
    kept = Expiring(60, capacity=3)
    names = [kept.issue(number, float(number)) for number in range(5)]
    assert [kept.read(name, 5.0) for name in names] == [None, None, 2, 3, 4]


def test_of_many_who_take_one_value_at_once_one_gets_it():
    kept = Expiring(60)
    name = kept.issue("the only one", 0.0)
    start, taken = threading.Barrier(8), []

    def take():
        start.wait()
        taken.append(kept.take(name, 1.0))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count("the only one") == 1
