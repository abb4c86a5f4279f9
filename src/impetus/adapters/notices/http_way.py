"""What the channels over HTTP share: one request, bounded in time, and whose fault an answer is.

No redirect is followed: a message with a link that acknowledges goes where it was configured to go and nowhere else.
"""

import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from impetus.core.errors import Misconfigured, NotNow
from impetus.ports.notices import AddressRefused

TIMEOUT_S = 10.0
"""Seconds a server may take for one step. House rule: a try is repeated, a worker that hangs is not."""
RETRY_S = 5.0
LONGEST_RETRY_S = 3600.0
NOT_ALLOWED = frozenset({401, 403})
GONE = frozenset({404, 410})
BUSY = frozenset({408, 425, 429})


def client(ca_file: str = "") -> httpx.Client:
    """Return a client that follows nothing and checks certificates, against this file's authorities when one is named."""
    verify: ssl.SSLContext | bool = True
    if ca_file:
        try:
            verify = ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise Misconfigured(
                f"the authorities in {ca_file} cannot be read", value=ca_file, remedy="name a PEM file"
            ) from error
    return httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, verify=verify)


def host_of(url: str) -> str:
    """Return what of an address may be said: paths and queries may hold secrets."""
    return urlsplit(url).hostname or "nowhere"


def request(
    way: httpx.Client,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    denied: type[Misconfigured] | type[AddressRefused] = Misconfigured,
) -> httpx.Response:
    """Make one request and return a good answer; else `NotNow`, `AddressRefused` or `Misconfigured`, by whose fault it is.

    `denied` is what 403 means: the channel's credentials, or this room only. 401 is always the credentials.
    """
    try:
        answer = way.request(method, url, headers=dict(headers or {}), content=content)
    except httpx.HTTPError as error:
        raise NotNow(
            f"{host_of(url)} does not answer ({type(error).__name__})", retry_after_s=RETRY_S, value=host_of(url)
        ) from error
    if answer.is_success:
        return answer
    raise _error(answer, host_of(url), denied)


def _error(
    answer: httpx.Response, host: str, denied: type[Misconfigured] | type[AddressRefused]
) -> NotNow | Misconfigured | AddressRefused:
    """Return whose fault an answer is; what the server said is not repeated, it may name people."""
    code = answer.status_code
    said = f"{host} answered {code}"
    if code in NOT_ALLOWED:
        kind = Misconfigured if code == httpx.codes.UNAUTHORIZED else denied
        return kind(said, value=code, remedy="renew the channel's secret, or let it into the room")
    if code in GONE:
        return AddressRefused(said, value=code, remedy="give the address anew")
    if code in BUSY or code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return NotNow(said, retry_after_s=_retry_s(answer), value=code)
    if answer.is_redirect:
        return Misconfigured(f"{said}, a redirection", value=code, remedy="configure the address it leads to")
    return AddressRefused(said, value=code, remedy="look at what the server says about it")


def _retry_s(answer: httpx.Response) -> float:
    said = answer.headers.get("retry-after", "")
    return min(float(said), LONGEST_RETRY_S) if said.isdecimal() and len(said) < 10 and int(said) > 0 else RETRY_S  # noqa: PLR2004 - ten digits are no seconds


def knock(url: str) -> None:
    """Return when something listens at the address, else `NotNow`: for servers that cannot be asked anything."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=TIMEOUT_S).close()
    except OSError as error:
        raise NotNow(
            f"{host_of(url)} is out of reach ({type(error).__name__})", retry_after_s=RETRY_S, value=host_of(url)
        ) from error
