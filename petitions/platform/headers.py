"""Security headers, on every answer. No inline script or style, nothing from elsewhere."""

from __future__ import annotations

from flask import Flask, Response, request

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def install_headers(app: Flask, *, https: bool) -> None:
    @app.after_request
    def secure(answer: Response) -> Response:
        headers = answer.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers["X-Content-Type-Options"] = "nosniff"
        # same-origin, not no-referrer: that would make the Origin of our own POSTs "null"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = _PERMISSIONS
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if answer.status_code >= 400 or request.method not in {"GET", "HEAD"}:
            headers.setdefault("Cache-Control", "no-store")
        return answer
