"""What the routes of the API have in common: ids, entity tags, and their documented refusals."""

from typing import Annotated, Any

from fastapi import Path

from impetus.web.documents import Problem
from impetus.web.problems import PROBLEM_JSON

LARGEST_ID = 2**63 - 1
"""Largest id a 64-bit column holds."""
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
REFUSALS = {
    400: "It cannot be read.",
    401: "Nobody we know asked.",
    403: "Policy says no: the rule, and who may.",
    404: "There is no such thing here, or no longer.",
    409: "Its state does not allow this, or somebody acted before.",
    413: "The body is larger than accepted.",
    422: "A value is outside its limit.",
    429: "Too many at once.",
    503: "Not now: try again after the seconds in Retry-After.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document the refusals of a route; `Any` is what FastAPI takes here."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        status: {"model": Problem, "description": REFUSALS[status], "content": {PROBLEM_JSON: {"schema": schema}}}
        for status in statuses
    }


READ = problems(400, 401, 403, 422, 503)
READ_ONE = problems(400, 401, 403, 404, 422, 503)
ACT = problems(400, 401, 403, 404, 409, 413, 422, 503)


def etag(version: int) -> str:
    """Return the entity tag of a version: `If-Match` with it acts only on what was seen."""
    return f'"{version}"'
