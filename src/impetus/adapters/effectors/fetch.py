"""Gets a feed of warnings: over TLS or from this machine, bounded in size and time, no redirect to anywhere else."""
# ruff: noqa: PLC0415 - the client is loaded with the first feed that is read: most processes read none

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from impetus.adapters.cap.bounds import MOST_BYTES
from impetus.adapters.effectors.devices_file import is_here
from impetus.core.errors import NotNow, TheirFault, TooLarge

if TYPE_CHECKING:
    import httpx

WAIT_S: Final = 10.0
RETRY_S: Final = 60.0
ACCEPT: Final = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml, text/xml"


class HttpFetcher:
    """Fulfils `impetus.ports.city.Fetcher`."""

    def fetch(self, url: str) -> bytes:
        """Return the body; `NotNow` when it cannot be had, `TheirFault` for an address that may not be spoken to."""
        import httpx

        from impetus.adapters.effectors.http import client_for

        try:
            parts = urlsplit(url)
            is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))
        except ValueError:
            is_safe = False
        if not is_safe:
            raise TheirFault(
                f"the address {url[:100]} is not over TLS",
                value=url[:100],
                limit="https",
                remedy="ask for an https one",
            )
        try:
            with client_for(None, WAIT_S) as client, client.stream("GET", url, headers={"accept": ACCEPT}) as answer:
                if not answer.is_success:
                    raise NotNow(f"{parts.hostname} answered {answer.status_code}", retry_after_s=RETRY_S)
                return _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotNow(f"{parts.hostname} cannot be read: {str(error)[:100]}", retry_after_s=RETRY_S) from error


def _bounded(answer: "httpx.Response") -> bytes:
    """Read at most so many bytes, unpacked ones: a small packed body may be a large document."""
    body = bytearray()
    for piece in answer.iter_bytes(65_536):
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge(
                "the feed is too large", value=f"more than {MOST_BYTES}", limit=MOST_BYTES, remedy="name another"
            )
    return bytes(body)
