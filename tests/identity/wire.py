"""https without a socket: our client's requests go straight to providers of the tests.

The records under test can then keep their real issuers, hosts and paths.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse
from werkzeug.test import Client

from identity.providers.back_channel import BoundSession
from tests.identity.lying_provider import LyingProvider


class Wire(BaseAdapter):
    """Carries each request to the provider that lives on its host; other hosts do not exist."""

    def __init__(self, providers: dict[str, LyingProvider]) -> None:
        super().__init__()
        self.providers = providers

    def send(self, request: requests.PreparedRequest, **_bounds: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(str(request.url))
        provider = self.providers.get(parts.netloc)
        if provider is None or parts.scheme != "https":
            raise requests.ConnectionError(f"there is no {parts.scheme}://{parts.netloc}")
        answer = Client(provider).open(
            parts.path,
            method=request.method,
            base_url=f"https://{parts.netloc}",
            query_string=parts.query,
            data=request.body,
            headers=list(request.headers.items()),
        )
        raw = HTTPResponse(
            body=io.BytesIO(answer.get_data()),
            status=answer.status_code,
            headers=list(answer.headers.items()),
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def wired(*providers: LyingProvider) -> Iterator[None]:
    """Until the block ends, the hosts of these providers' endpoints are theirs."""
    hosts = {urlsplit(each.at(name)).netloc: each for each in providers for name in each.places}
    wire, before = Wire(hosts), BoundSession.get_adapter

    def adapter(session: BoundSession, url: str) -> BaseAdapter:
        found: BaseAdapter = wire if urlsplit(url).netloc in hosts else before(session, url)
        return found

    with patch.object(BoundSession, "get_adapter", adapter):
        yield
