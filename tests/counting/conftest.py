"""Deployments under the procedures of real parliaments, on either database."""

from __future__ import annotations

from tests.filing.conftest import parliament

__all__ = ["parliament"]
