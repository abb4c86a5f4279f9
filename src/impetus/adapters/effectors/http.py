"""A device over HTTP: PUT sets, DELETE takes back, GET says whether it is still set; `{key}` names the effect.

PUT and DELETE mean the same however often they are said (RFC 9110, 9.2.2), so an effect may be tried again. A connection
that cannot be made is `NotNow`: nothing was sent. A connection that breaks afterwards is "not known". Redirects are not
followed: where it goes was declared.
"""

from typing import Final
from urllib.parse import quote

import httpx

from impetus.adapters.effectors.declared import HttpLine
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.effect import Device
from impetus.core.errors import NotNow
from impetus.ports.city import Shown
from impetus.ports.effects import Outcome

ANSWER_S: Final = 5.0
RETRY_S: Final = 5.0
GONE: Final = frozenset({404, 410})
LOWEST_ERROR: Final = 400
LOWEST_THEIR_TROUBLE: Final = 500
UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class HttpLink:
    """Fulfils `impetus.ports.city.DeviceLink`."""

    def __init__(self, device: Device, line: HttpLine) -> None:
        self._device, self._line = device, line

    @property
    def is_repeatable(self) -> bool:
        """Say what was declared of the device."""
        return self._device.is_repeatable

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Set it."""
        said = authorised.what.parameters
        body = {"key": authorised.key, "words": said["command"], "until": said["ends"]}
        return self._outcome(self._send("PUT", authorised.key, body), frozenset())

    def revert(self, authorised: Authorised[Action]) -> Outcome:
        """Take it back; that it is gone already is as good."""
        return self._outcome(self._send("DELETE", authorised.key, None), GONE)

    def shown(self) -> Shown | None:
        """Return None: such a device is asked about one effect only, and `perform` does that by saying it again."""
        return None

    def _outcome(self, answer: httpx.Response | None, welcome: frozenset[int]) -> Outcome:
        """Say what an answer means: theirs to refuse, and when their machine is in trouble nobody knows."""
        if answer is None:
            return Outcome(succeeded=False, receipt=f"{self._device.name} has not answered", is_known=False)
        said = f"{self._device.name} answered {answer.status_code}"
        if answer.is_success or answer.status_code in welcome:
            return Outcome(succeeded=True, receipt=said)
        is_refusal = LOWEST_ERROR <= answer.status_code < LOWEST_THEIR_TROUBLE
        return Outcome(succeeded=False, receipt=said, is_known=is_refusal)

    def _send(self, method: str, key: str, body: dict[str, str] | None) -> httpx.Response | None:
        """Return the answer, None when the line broke after something may have been sent."""
        headers = {"idempotency-key": key}
        if self._line.token:
            headers["authorization"] = f"Bearer {self._line.token}"
        url = self._line.url.replace("{key}", quote(key, safe=""))
        try:
            with client_for(self._line.cafile, ANSWER_S) as client:
                return client.request(method, url, json=body, headers=headers)
        except UNSENT as error:
            raise NotNow(
                f"the line to {self._device.name} is away; nothing was sent ({str(error)[:80]})",
                retry_after_s=RETRY_S,
                value=self._device.id,
                remedy="it is tried again; look at the network",
            ) from error
        except httpx.HTTPError:
            return None


def client_for(cafile: str | None, timeout_s: float) -> httpx.Client:
    """Return a client that follows nothing, trusts the system's authorities or `cafile`, and minds no proxy settings."""
    return httpx.Client(
        timeout=timeout_s, follow_redirects=False, trust_env=False, verify=True if cafile is None else cafile
    )
