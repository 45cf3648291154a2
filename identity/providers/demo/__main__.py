"""`python -m identity.providers.demo`: the demonstration provider in its own process."""

import argparse
import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from .app import run
from .settings import PROFILES, DemoSettings, UnsafeStart


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 ended by its operator, 2 refused to start."""
    try:
        run(_settings(_parser().parse_args(arguments)))
    except (UnsafeStart, OSError, ValueError) as refused:
        print(f"refused to start: {refused}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m identity.providers.demo",
        description="An identity provider of invented people, for demonstrations only.",
    )
    add = parser.add_argument
    add("--site", default="http://127.0.0.1:8000", help="address of the petition site")
    add("--host", default="127.0.0.1", help="address to bind")
    add("--port", type=int, default=8001)
    add("--base", default="", help="own address as browsers see it, if not http://HOST:PORT")
    add("--lan", action="store_true", help="allow other machines to reach this provider")
    add("--profile", choices=sorted(PROFILES), default="strict", help="conduct towards citizens")
    add("--client-secret", type=Path, required=True, help="file: secret of client `petitions`")
    add("--staff-secret", type=Path, required=True, help="file: secret of client `office`")
    add("--client-keys", type=Path, help="file: public JWK set of `petitions`")
    add(
        "--citizens-callback",
        default=DemoSettings.__dataclass_fields__["citizens_callback"].default,
    )
    add("--staff-callback", default=DemoSettings.__dataclass_fields__["staff_callback"].default)
    add("--today", type=date.fromisoformat, help="day on which ages are counted")
    return parser


def _settings(given: argparse.Namespace) -> DemoSettings:
    return DemoSettings(
        site=given.site,
        citizens_secret=_secret(given.client_secret),
        staff_secret=_secret(given.staff_secret),
        host=given.host,
        port=given.port,
        base=given.base,
        lan=given.lan,
        profile=PROFILES[given.profile],
        client_keys=_key_set(given.client_keys),
        citizens_callback=given.citizens_callback,
        staff_callback=given.staff_callback,
        today=given.today,
    )


def _secret(path: Path) -> str:
    return path.read_text("utf-8").strip()


def _key_set(path: Path | None) -> Mapping[str, object] | None:
    if path is None:
        return None
    keys = json.loads(path.read_text("utf-8"))
    if not isinstance(keys, dict) or not isinstance(keys.get("keys"), list):
        raise UnsafeStart(f"{path} is not a JWK set")
    return keys


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
