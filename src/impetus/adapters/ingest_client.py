"""A sender: declares a source and sends readings to an ingest over HTTP, patiently.

A lost connection, a timeout and 503 are waited out and the same batch is sent again; ingest knows a batch that comes twice,
so nothing is doubled. Every other refusal raises in the family its status names.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from impetus.adapters.arrow import encode
from impetus.core.errors import Malformed, NotNow, Refused, TheirFault, TooLarge, Unauthenticated, Unknown
from impetus.core.observation import Batch

ARROW: Final = "application/vnd.apache.arrow.stream"
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 15.0
ANSWER_WITHIN_S: Final = 30.0
TAKEN: Final = frozenset({200, 201, 207})
ALL_REFUSED: Final = 422
NOT_NOW: Final = 503
_FAMILIES: Final[Mapping[int, type[TheirFault]]] = {400: Malformed, 404: Unknown, 413: TooLarge}


@dataclass(slots=True, kw_only=True)
class IngestClient:
    """One source's way to an ingest. `patience_s` is how long it waits in one go before it gives up with `NotNow`."""

    url: str
    token: str
    patience_s: float = 300.0
    on_wait: Callable[[str, float], None] = lambda _reason, _seconds: None
    sleep: Callable[[float], None] = time.sleep
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Open the connection pool; proxies of the environment are not used: readings go where the URL says."""
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=ANSWER_WITHIN_S,
            trust_env=False,
        )

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def datastreams(self) -> dict[str, int]:
        """Return the source's datastreams by key."""
        return _by_key(self._asked("GET", "/api/v1/datastreams"))

    def declare(self, declaration: Mapping[str, object]) -> dict[str, int]:
        """Declare and return the numbers by key; `Refused` when the token may not."""
        return _by_key(self._asked("POST", "/api/v1/sources", json=declaration))

    def send(self, batch: Batch) -> dict[str, int]:
        """Send a batch and return its counts per rule; readings that are refused are counts, not errors."""
        answer = self._patiently("POST", "/api/v1/observations", content=encode(batch), headers={"Content-Type": ARROW})
        document = _document(answer)
        if answer.status_code == ALL_REFUSED and "receipt" in document:
            document = document["receipt"]
        elif answer.status_code not in TAKEN:
            raise _error(answer.status_code, document)
        return {str(rule): int(number) for rule, number in document["counts"].items()}

    def _asked(self, method: str, path: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own options
        answer = self._patiently(method, path, **options)
        document = _document(answer)
        if answer.status_code not in TAKEN:
            raise _error(answer.status_code, document)
        return document

    def _patiently(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        """Ask until there is an answer other than "not now", or patience ends."""
        waited_s, wait_s = 0.0, FIRST_WAIT_S
        while True:
            try:
                answer = self._client.request(method, path, **options)
            except httpx.TransportError as error:
                reason, pause_s = f"no answer from {self.url}: {error}", wait_s
            else:
                if answer.status_code != NOT_NOW:
                    return answer
                reason = str(_document(answer).get("detail", "not now"))
                pause_s = max(wait_s, _retry_after(answer))
            if waited_s + pause_s > self.patience_s:
                raise NotNow(
                    reason, retry_after_s=pause_s, value=f"waited {waited_s:g} s", limit=f"{self.patience_s:g} s"
                )
            self.on_wait(reason, pause_s)
            self.sleep(pause_s)
            waited_s, wait_s = waited_s + pause_s, min(LONGEST_WAIT_S, 2 * wait_s)


def _retry_after(answer: httpx.Response) -> float:
    """Return the seconds the other side asks to wait, 0 when it says nothing readable."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdigit() else 0.0


def _document(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; an answer that has none is described."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": f"answer {answer.status_code} without a document"}


def _by_key(document: Mapping[str, Any]) -> dict[str, int]:
    return {str(each["key"]): int(each["id"]) for each in document["datastreams"]}


def _error(status: int, document: Mapping[str, Any]) -> Exception:
    """Return the error an answer stands for."""
    detail, remedy = str(document.get("detail", f"status {status}")), str(document.get("remedy", ""))
    facts = {"value": document.get("value"), "limit": document.get("limit"), "remedy": remedy}
    if status in {401, 403}:
        family = Unauthenticated if status == Unauthenticated.status else Refused
        return family(detail, rule=str(document.get("rule", "")), source=str(document.get("source", "")), **facts)  # type: ignore[arg-type]  # remedy is text, value and limit anything
    return _FAMILIES.get(status, TheirFault)(detail, **facts)  # type: ignore[arg-type]  # as above
