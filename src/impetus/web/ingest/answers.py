"""What a sender is answered: a receipt, or a problem document (RFC 9457) with value, limit and remedy.

The rule of the status: 200 when nothing was refused (duplicates are acknowledged), 207 when some rows were refused and the
rest is durable, 422 when every row was refused. Whatever the status below 500, the batch need not be sent again as it is.
"""

import json
import logging
import uuid
from collections.abc import Mapping
from typing import Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from impetus.core.errors import ImpetusError, NotNow, OurFault, Stopped, TheirFault, Unauthenticated
from impetus.desk.parcel import Receipt

LOGGER = logging.getLogger(__name__)
PROBLEM_JSON: Final = "application/problem+json"
ALL_FINE: Final = 200
SOME_REFUSED: Final = 207
ALL_REFUSED: Final = 422
QUARANTINE: Final = "/sources/quarantine?source="
"""Where refused records can be read: a page of the web process, by people who may."""


def problem(document: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem document as an answer."""
    status = document.get("status", 500)
    return Response(
        json.dumps(dict(document), default=str),  # in ASCII: what it quotes may hold a lone surrogate
        status_code=status if isinstance(status, int) else 500,
        media_type=PROBLEM_JSON,
        headers=dict(headers or {}),
    )


def json_answer(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON document as an answer."""
    return Response(
        orjson.dumps(document), status_code=status, media_type="application/json", headers=dict(headers or {})
    )


def receipt_document(receipt: Receipt) -> dict[str, object]:
    """Return a receipt as a JSON document: counts per rule, the first refusals, and where the rest can be read."""
    document: dict[str, object] = {
        "source": receipt.source,
        "received": receipt.received,
        "accepted": receipt.accepted,
        "refused": receipt.refused,
        "counts": {rule.value: number for rule, number in receipt.counts.items()},
    }
    if receipt.refused:
        document["refusals"] = [
            {"row": refusal.row, "rule": refusal.rule.value, "detail": refusal.detail} for refusal in receipt.refusals
        ]
        document["quarantined"] = receipt.quarantined
        document["quarantine"] = f"{QUARANTINE}{receipt.source}"
    return document


def answer_receipt(receipt: Receipt) -> Response:
    """Answer a batch by the rule of the status."""
    document = receipt_document(receipt)
    if not receipt.refused:
        return json_answer(document, ALL_FINE)
    if receipt.refused < receipt.received:
        return json_answer(document, SOME_REFUSED)
    first = receipt.refusals[0]
    error = TheirFault(
        f"every reading was refused; the first: {first.detail}",
        value=f"{receipt.refused} of {receipt.received} refused",
        limit="the rules of ingest",
        remedy="correct them and send them again; sent as they are they will be refused again",
    )
    return problem({**error.problem(), "status": ALL_REFUSED, "receipt": document})


def answer_error(error: ImpetusError) -> Response:
    """Answer one of our errors; a fault of ours is logged under a number, and the number is shown."""
    headers: dict[str, str] = {}
    if isinstance(error, NotNow):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, Stopped):
        headers["Connection"] = "close"  # RFC 9112, 9.6: what the sender still has on the line is not read
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="impetus ingest"'
    if not isinstance(error, OurFault):
        return problem(error.problem(), headers)
    number = uuid.uuid4().hex[:8]
    LOGGER.error("fault %s: %s", number, error.detail, exc_info=error)
    return problem({**error.problem(), "number": number}, headers)


def install_answers(app: FastAPI) -> None:
    """Give the app its answers to everything that can go wrong."""
    app.add_exception_handler(ImpetusError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


async def _on_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ImpetusError):
        raise error
    return answer_error(error)


async def _on_bug(request: Request, error: Exception) -> Response:
    """Answer what nobody expected; the framework logs it as well."""
    return answer_error(OurFault(f"a bug at {request.method} {request.url.path[:200]}: {type(error).__name__}"))


async def _on_invalid(_request: Request, error: Exception) -> Response:
    """Answer path or query parameters that do not fit."""
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = error.errors()[0] if error.errors() else {}
    said = TheirFault(
        f"{'.'.join(map(str, wrong.get('loc', ())))}: {wrong.get('msg', 'does not fit')}",
        value=wrong.get("input"),
        limit=wrong.get("msg"),
        remedy="correct it; /openapi.json says what is read",
    )
    return problem(said.problem())


async def _on_http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: no such path, wrong method."""
    if not isinstance(error, HTTPException):
        raise error
    missing = error.status_code == 404  # noqa: PLR2004 - the status of "not found"
    return problem(
        {
            "type": "urn:impetus:problem:Http",
            "title": str(error.detail),
            "status": error.status_code,
            "detail": f"there is nothing at {request.url.path[:200]}"
            if missing
            else f"{request.method} {error.detail}",
            "value": request.url.path[:200],
            "limit": "the paths and methods of /openapi.json",
            "remedy": "see /openapi.json for what there is",
        },
        error.headers,
    )
