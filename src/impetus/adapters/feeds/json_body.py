"""A body of JSON, read fast and laxly: NaN and Infinity are what they mean."""

import json

import orjson

from impetus.core.errors import Malformed


def parse_json(body: bytes) -> object:
    """Parse JSON, NaN and Infinity as what they mean; `Malformed` otherwise."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as strict:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Malformed(
                f"the body is not JSON: {strict}", limit="RFC 8259", remedy="look at the address"
            ) from strict
