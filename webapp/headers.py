"""Owns the security headers of every response; it knows nothing of what a page shows."""

from flask import Flask, Response, g, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

ONE_YEAR_SECONDS = 31_536_000


def install(app: Flask, *, https: bool) -> None:
    """Add the headers to every response of `app`; with `https` also the one that keeps browsers on TLS."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR_SECONDS}; includeSubDomains")
        if request.endpoint != "static":
            # Pages show what one person may see: no cache, not even the browser's own, keeps them after sign-out.
            response.headers.setdefault("Cache-Control", "no-store")
            response.headers["X-Correlation-Id"] = g.get("correlation_id", "-")
        return response
