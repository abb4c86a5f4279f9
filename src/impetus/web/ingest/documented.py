"""What OpenAPI says of bodies that are read raw, and of the answers."""

from typing import Any, Final

from impetus.core.board import Rule
from impetus.web.ingest.wire import ARROW, JSON, MAX_ROWS

Fragment = dict[str, Any]
"""A piece of an OpenAPI document; `Any` because that is what the framework's own signature says."""
Responses = dict[int | str, Fragment]

_TIME: Final[Fragment] = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "integer", "description": "microseconds since 1970"}]
}
_DATASTREAM: Final[Fragment] = {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}
_RESULT: Final[Fragment] = {"type": ["number", "null"]}
_READING: Final[Fragment] = {
    "type": "object",
    "required": ["datastream", "time", "result"],
    "additionalProperties": False,
    "properties": {"datastream": _DATASTREAM, "time": _TIME, "result": _RESULT},
}


def _list(items: Fragment) -> Fragment:
    return {"type": "array", "items": items, "maxItems": MAX_ROWS}


_ROWS: Final[Fragment] = {
    "type": "object",
    "required": ["observations"],
    "additionalProperties": False,
    "properties": {"observations": _list(_READING)},
}
_COLUMNS: Final[Fragment] = {
    "type": "object",
    "required": ["datastream", "time", "result"],
    "additionalProperties": False,
    "properties": {"datastream": _list(_DATASTREAM), "time": _list(_TIME), "result": _list(_RESULT)},
}
OBSERVATIONS: Final[Fragment] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"oneOf": [_ROWS, _COLUMNS]}},
            ARROW: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
SOURCES: Final[Fragment] = {
    "requestBody": {
        "required": True,
        "content": {JSON: {"schema": {"type": "object"}}, "application/toml": {"schema": {"type": "string"}}},
    }
}
_RECEIPT: Final[Fragment] = {
    "type": "object",
    "required": ["source", "received", "accepted", "refused", "counts"],
    "properties": {
        "source": {"type": "string"},
        "received": {"type": "integer"},
        "accepted": {"type": "integer"},
        "refused": {"type": "integer"},
        "counts": {"type": "object", "propertyNames": {"enum": [rule.value for rule in Rule]}},
        "refusals": {"type": "array", "items": {"type": "object"}},
        "quarantined": {"type": "integer"},
        "quarantine": {"type": "string"},
    },
}
_PROBLEM: Final[Fragment] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "value": {"type": "string"},
        "limit": {"type": "string"},
        "remedy": {"type": "string"},
    },
}


def _problem(sentence: str) -> Fragment:
    return {"description": sentence, "content": {"application/problem+json": {"schema": _PROBLEM}}}


def _receipt(sentence: str) -> Fragment:
    return {"description": sentence, "content": {JSON: {"schema": _RECEIPT}}}


ERRORS: Final[Responses] = {
    400: _problem("The body or a parameter cannot be read."),
    401: _problem("No token, or an unknown one."),
    403: _problem("The token may not do this."),
    404: _problem("There is no such thing, or the source is not declared."),
    409: _problem("A datastream or reading stands against it."),
    413: _problem("The body is too large."),
    415: _problem("The media type is not read here."),
    422: _problem("What came is refused."),
    501: _problem("This part of the standard is not offered."),
    503: _problem("Not now: see Retry-After. Nothing was taken."),
}
RECEIPTS: Final[Responses] = {
    200: _receipt("Everything is durable or was known already."),
    207: _receipt("Some rows were refused, the rest is durable."),
    **ERRORS,
}
NGSI: Final[Fragment] = {
    "requestBody": {
        "required": True,
        "content": {
            media: {"schema": {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}}
            for media in (JSON, "application/ld+json", "application/geo+json")
        },
    }
}
STA_OBSERVATION: Final[Fragment] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["result"],
                    "properties": {
                        "phenomenonTime": {"type": "string"},
                        "result": _RESULT,
                        "Datastream": {"type": "object", "properties": {"@iot.id": _DATASTREAM}},
                    },
                }
            }
        },
    }
}
STA_DATA_ARRAY: Final[Fragment] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": _list(
                    {
                        "type": "object",
                        "required": ["Datastream", "components", "dataArray"],
                        "properties": {
                            "Datastream": {"type": "object", "properties": {"@iot.id": _DATASTREAM}},
                            "components": {"type": "array", "items": {"type": "string"}},
                            "dataArray": _list({"type": "array"}),
                        },
                    }
                )
            }
        },
    }
}
