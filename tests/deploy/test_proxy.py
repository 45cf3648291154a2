"""The shipped proxy keeps signatories out of its logs. The file is read, no proxy runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROXY = (DEPLOY / "nginx" / "petitions.conf").read_text(encoding="utf-8")
PRIVATE = [
    "/identity/start",
    "/identity/go/demo",
    "/identity/callback/franceconnect",
    "/identity/leave",
    "/en/petitions/42/sign",
    "/fr/petitions/E-1042/sign/done",
    "/pt-BR/petitions/42/sign/withdraw",
    "/en/start/login",
    "/en/drafts/42ac/text",
    "/fr/mine/42ac",
    "/fr/follow/confirm/42ac",
    "/en/support/42ac",
    "/office/cases/2026-0042",
]
PUBLIC = ["/", "/en/petitions", "/en/petitions/42", "/en/petitions/42.json", "/p/42", "/robots.txt"]


def block(opening: str) -> str:
    """The text between the braces after `opening`."""
    begin = PROXY.index(opening) + len(opening)
    return PROXY[begin : PROXY.index("}\n", begin)]


def pattern_of(path: str) -> str:
    """What the map of routes makes of an address: the first regular expression that fits."""
    for expression, pattern in re.findall(
        r"^\s+~(\S+)\s+(\S+);", block("map $uri $petitions_route {"), re.MULTILINE
    ):
        if re.search(expression, path):
            return str(pattern)
    return ""


def quiet(path: str) -> bool:
    """Whether the address falls into the location without an error log."""
    expression = re.search(r"location ~ (\S+) \{", PROXY)
    assert expression is not None
    return re.search(expression[1], path) is not None


@pytest.mark.parametrize("path", PRIVATE)
def test_a_step_of_a_signatory_is_logged_as_a_pattern_and_never_as_an_error(path: str) -> None:
    assert "<" in pattern_of(path) or pattern_of(path) == "/identity/start"
    assert "42" not in pattern_of(path)
    assert quiet(path)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_logged_as_itself(path: str) -> None:
    assert pattern_of(path) == ""
    assert not quiet(path)


def test_the_private_log_holds_no_address_no_query_and_no_time_of_day() -> None:
    (line,) = re.findall(r"^log_format petitions_private (.*);$", PROXY, re.MULTILINE)
    used = set(re.findall(r"\$(\w+)", line))
    assert used == {
        "petitions_day",
        "request_method",
        "petitions_route",
        "status",
        "petitions_speed",
    }


def test_the_public_log_holds_no_whole_address_and_no_query() -> None:
    (line,) = re.findall(r"^log_format petitions_public (.*);$", PROXY, re.MULTILINE)
    used = set(re.findall(r"\$(\w+)", line))
    assert not used & {"remote_addr", "request", "request_uri", "args", "http_user_agent"}


def test_login_and_signing_write_no_error_log_and_no_temporary_file() -> None:
    private = block("start|drafts|mine|follow|support)|office/) {\n")
    assert "error_log /dev/null crit;" in private
    assert "proxy_max_temp_file_size 0;" in private
    assert "proxy_cache" not in private


def test_a_client_cannot_choose_the_address_the_engine_sees() -> None:
    assert "proxy_set_header X-Forwarded-For   $remote_addr;" in PROXY
    assert "proxy_add_x_forwarded_for" not in PROXY


@pytest.mark.parametrize(("unit", "process"), [("web", "serve"), ("worker", "worker")])
def test_each_service_keeps_the_one_day_keys_in_memory_when_the_other_restarts(
    unit: str, process: str
) -> None:
    text = (DEPLOY / "systemd" / f"petitions-{unit}.service").read_text(encoding="utf-8")
    assert f"/petitions {process} --config" in text
    for line in ("RuntimeDirectory=petitions", "RuntimeDirectoryPreserve=yes", "LimitCORE=0"):
        assert f"\n{line}\n" in text
