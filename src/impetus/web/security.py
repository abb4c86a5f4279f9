"""The outer wall of the web process: headers, hosts, sizes, forgery, guessing.

Pure ASGI, so that streams pass untouched. Nothing here knows what a page is about.
"""

import hashlib
import hmac
import ipaddress
import math
from collections import OrderedDict
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from impetus.core.errors import NotNow, Refused
from impetus.ports import Clock
from impetus.settings import Settings

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "media-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
"""No inline script or style, nothing from elsewhere; `data:` and `blob:` pictures are what MapLibre draws icons from."""
HEADERS = {
    "Content-Security-Policy": "; ".join(POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""`same-origin` rather than `no-referrer`: nothing leaves for other sites either way, but under `no-referrer` browsers
send `Origin: null` with our own forms (Fetch standard, 3.2), and the forgery check could not tell them from others'."""
BODY_LIMIT_BYTES = 64 * 1024
"""Largest request body: forms and small JSON only; readings go to the ingest. House rule."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
WILDCARDS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
CSRF_PURPOSE = b"impetus csrf 1"
SIGN_INS_PER_MIN = 10
"""Sign-in attempts per address and minute. OWASP ASVS 5.0, 6.3.1 asks for a limit; the number is a house rule."""
ADDRESSES_WATCHED = 4096


class Wall:
    """Refuse foreign hosts and over-large bodies, and put the security headers on every answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Stand before `app`."""
        self._app = app
        self._hosts = LOOPBACK_NAMES | {settings.host.lower()} | {name.lower() for name in settings.hosts}
        self._any_address = settings.host in WILDCARDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                answer.setdefault("Cache-Control", "no-store")
                if scope.get("scheme") == "https":
                    answer.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        if not self._is_ours(headers.get("host", "")):
            await _refuse(send_guarded, 421, "this name is not served here", "use the address of this installation")
            return
        announced = headers.get("content-length", "0")
        if not announced.isdigit() or int(announced) > BODY_LIMIT_BYTES:
            await _refuse(send_guarded, 413, f"the body is larger than {BODY_LIMIT_BYTES} bytes", "send less at once")
            return
        await self._app(scope, _bounded(receive), send_guarded)

    def _is_ours(self, host: str) -> bool:
        """Say whether the Host header names us: guards against DNS rebinding, which needs a foreign name."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._hosts:
            return True
        if not self._any_address:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _bounded(receive: Receive) -> Receive:
    """Return a receive that ends an unannounced body past the limit with 413; FastAPI lets only this type through."""
    received_bytes = 0

    async def bounded() -> Message:
        nonlocal received_bytes
        message = await receive()
        received_bytes += len(message.get("body", b""))
        if received_bytes > BODY_LIMIT_BYTES:
            raise HTTPException(413, f"the body is larger than {BODY_LIMIT_BYTES} bytes")
        return message

    return bounded


async def _refuse(send: Send, status: int, detail: str, remedy: str) -> None:
    """Send a small problem document from below the app."""
    body = (
        f'{{"type": "urn:impetus:problem:Misdirected", "title": "Refused", "status": {status}, '
        f'"detail": "{detail}", "remedy": "{remedy}"}}'
    ).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def session_cookie(request: Request) -> str:
    """Return the cookie's name: `__Host-` where TLS allows it, which no other site or subdomain can then set."""
    return "__Host-impetus" if request.url.scheme == "https" else "impetus_session"


def visitor_cookie(request: Request) -> str:
    """Return the name of the cookie that binds the sign-in form to one browser."""
    return "__Host-impetus-visitor" if request.url.scheme == "https" else "impetus_visitor"


def csrf_token(request: Request) -> str:
    """Return the forgery token of this browser: derived from its secret cookie, so that nobody else can know it.

    Before signing in it is bound to the visitor cookie; without any cookie it is empty and passes nowhere.
    """
    return csrf_of(request.cookies.get(session_cookie(request)) or request.cookies.get(visitor_cookie(request)) or "")


def csrf_of(secret: str) -> str:
    """Return the token of a cookie's secret, empty for none."""
    return hmac.new(secret.encode(), CSRF_PURPOSE, hashlib.sha256).hexdigest() if secret else ""


async def forgery_guard(request: Request) -> None:
    """Refuse a change that did not come from one of our own pages: token and Origin must both be right.

    Requests with a bearer token carry no cookie's authority and are let through; so are methods that change nothing.
    Runs before every route. Raises `Refused`.
    """
    if request.method in SAFE_METHODS or bearer_of(request) is not None:
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise Refused(
            "this change was sent from another site",
            rule="same-origin",
            value=origin,
            limit=request.headers.get("host", ""),
            remedy="open the page here and try again",
        )
    expected, given = csrf_token(request), await _given_token(request)
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        raise Refused(
            "the form is from another session or has expired",
            rule="form-token",
            remedy="reload the page and try again; nothing was changed",
        )


async def _given_token(request: Request) -> str:
    """Return the token a script sent as a header or a form as a field."""
    header = request.headers.get(CSRF_HEADER)
    if header is not None:
        return header
    if request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        field = (await request.form(max_files=0)).get(CSRF_FIELD)
        return field if isinstance(field, str) else ""
    return ""


def bearer_of(request: Request) -> str | None:
    """Return the bearer token of the Authorization header, None when there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


class TooMany(NotNow):
    """More attempts than allowed in a while."""

    status = 429
    title = "Too many attempts"


class SignInLimit:
    """A bucket of attempts per address; the least recently seen address is forgotten beyond a bound."""

    def __init__(self, clock: Clock, per_min: int = SIGN_INS_PER_MIN) -> None:
        """Allow `per_min` attempts at once, and as many a minute."""
        self._clock = clock
        self._per_min = per_min
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Count one attempt, or raise `TooMany` with the seconds to wait."""
        now = self._clock.monotonic_s()
        left, at = self._buckets.pop(address, (float(self._per_min), now))
        left = min(float(self._per_min), left + (now - at) * self._per_min / 60)
        allowed = left >= 1
        self._buckets[address] = (left - 1 if allowed else left, now)
        while len(self._buckets) > ADDRESSES_WATCHED:
            self._buckets.popitem(last=False)
        if not allowed:
            wait_s = math.ceil((1 - left) * 60 / self._per_min)
            raise TooMany(
                "too many sign-in attempts from this address",
                retry_after_s=wait_s,
                limit=f"{self._per_min} a minute",
            )
