"""A source area on the wire: it comes back as it went, a dot does not get in, and nothing crooked does."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.envelope import decode_evidence, encode_evidence
from impetus.core.errors import TheirFault
from impetus.core.evidence import Evidence
from impetus.core.ids import FindingKey, ThingKey
from impetus.core.place import Point
from impetus.core.source_area import AreaKind, SamplerUsed, SourceArea, Wind
from impetus.core.text import Phrase

RING = (Point(lon=10.7, lat=59.9), Point(lon=10.72, lat=59.9), Point(lon=10.71, lat=59.91))
AREA = SourceArea(
    kind=AreaKind.REGION,
    coverage=0.9,
    rings=(RING,),
    wind=Wind(from_deg=225.0, speed_mps=4.0, spread_deg=9.5),
    samplers=tuple(
        SamplerUsed(thing=ThingKey(f"air/s{each}"), name="", point=RING[each], measured=900.0, expected=210.0)
        for each in range(3)
    ),
    samples=36,
    is_open=True,
)
SHOWN = Evidence(finding=FindingKey("air"), summary=Phrase(template="more than usual"), area=AREA)


def test_an_area_comes_back_as_it_went() -> None:
    """Corners, wind, samplers and what is claimed."""
    assert decode_evidence(encode_evidence(SHOWN)).area == AREA


def test_evidence_without_an_area_reads_as_it_always_did() -> None:
    """The field is left out, so that what was written before is the same bytes."""
    plain = Evidence(finding=FindingKey("air"), summary=Phrase(template="more than usual"))
    assert b'"area"' not in encode_evidence(plain)
    assert decode_evidence(encode_evidence(plain)).area is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rings", 0, "corners"), [10.7, 59.9, 10.7, 59.9, 10.7, 59.9]),
        (("rings", 0, "corners"), [10.7, 59.9, 10.8]),
        (("rings", 0, "corners"), [10.7, 99.0] * 3),
        (("rings",), []),
        (("coverage",), 1.0),
        (("samplers",), []),
        (("samples",), 0),
        (("wind", "from_deg"), 400.0),
        (("kind",), "dot"),
        (("who",), "somebody"),
    ],
)
def test_what_is_no_area_is_refused_by_name(path: tuple[str | int, ...], value: object) -> None:
    """A dot, half a corner, a place off the globe, certainty, no sampler, an unknown field."""
    document: Any = json.loads(encode_evidence(SHOWN))
    at = document["area"]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(TheirFault, match="area"):
        decode_evidence(json.dumps(document).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(-400, 400) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*"ab", "corners"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(
    name=st.sampled_from(["kind", "coverage", "rings", "wind", "samplers", "samples", "is_open"]),
    value=JSON,
)
def test_whatever_stands_in_a_field_is_read_or_refused(name: str, value: object) -> None:
    """Never another error."""
    document: Any = json.loads(encode_evidence(SHOWN))
    document["area"][name] = value
    try:
        decode_evidence(json.dumps(document).encode())
    except TheirFault as refused:
        assert "area" in refused.detail  # noqa: PT017 - both outcomes are right; a refusal must say where
