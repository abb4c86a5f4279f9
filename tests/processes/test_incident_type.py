"""Incident types: what a text says, what is wrong with it and on which line, and which alert speaks for which."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.samples import an_alert
from impetus.adapters.process_texts import ProcessFiles, read_fields, write_fields
from impetus.core.finding import Kind, Severity
from impetus.core.ids import ToolId
from impetus.core.text import Phrase
from impetus.processes.incident_type import (
    ICONS,
    PRIORITIES,
    SHAPES,
    SOUNDS,
    STARTS,
    IncidentType,
    Trigger,
    property_of,
    read_type,
    suggest,
    values_of,
)

TEXTS = ProcessFiles()
SLUGS = TEXTS.shipped_slugs("type")
SHIPPED = {slug: read_type(read_fields(TEXTS.shipped("type", slug) or "")) for slug in SLUGS}
ISSUE = {
    "firearm_seen",
    "crowd_crush_risk",
    "unattended_object",
    "abnormal_air_load",
    "camera_network_intrusion",
    "sensor_silent",
    "threat_post",
    "traffic_standstill",
    "public_disturbance",
    "missing_child",
    "severe_weather",
    "tool_failure",
}
GOOD = """type: drill
title: Drill
icon: other
shape: circle
colour: minor
sound: none
priority: low
triggers:
  - property: smoke
    severity: moderate
recipients: [operator]
playbook: drill
start: when opened
"""
CROWD = an_alert(
    kind=Kind.ANOMALY,
    tools=(ToolId("urban_anomaly"),),
    severity=Severity.MODERATE,
    headline=Phrase(template="{property} far above normal", values={"property": "People density"}),
)


def test_the_twelve_types_are_there_without_fault_each_with_its_playbook() -> None:
    """What the platform brings is complete: type, playbook of the same name, roles that exist."""
    assert set(SLUGS) == ISSUE == set(TEXTS.shipped_slugs("playbook"))
    for slug, (type_, faults) in SHIPPED.items():
        assert faults == (), slug
        assert (type_.slug, type_.playbook) == (slug, slug)
        assert type_.summary
        assert type_.objective
        assert "operator" in type_.recipients or slug == "threat_post"


def test_high_priorities_are_few() -> None:
    """Four of twelve: what is always loud is heard by nobody (EEMUA 191)."""
    assert sum(type_.priority == "high" for type_, _ in SHIPPED.values()) == 4
    assert all((type_.sound == "urgent") == (type_.colour in {"severe", "extreme"}) for type_, _ in SHIPPED.values())


@pytest.mark.parametrize("slug", SLUGS)
def test_a_type_is_written_as_it_was_read(slug: str) -> None:
    """Nothing is lost on the way through the text."""
    type_, _ = SHIPPED[slug]
    assert read_type(read_fields(write_fields(values_of(type_)))) == (type_, ())


@pytest.mark.parametrize(
    ("change", "line", "rule"),
    [
        (("icon: other", "icon: skull"), 3, "icon"),
        (("shape: circle", "shape: blob"), 4, "shape"),
        (("colour: minor", "colour: pink"), 5, "colour"),
        (("colour: minor", "colour: severe"), 5, "colour"),
        (("sound: none", "sound: siren"), 6, "sound"),
        (("priority: low", "priority: 1"), 7, "priority"),
        (("type: drill", "type: My Drill"), 1, "slug"),
        (("title: Drill", "title: ''"), 2, "words"),
        (("title: Drill", "title: [a, b]"), 2, "words"),
        (("title: Drill", f"title: {'x' * 81}"), 2, "too-long"),
        (("title: Drill\n", ""), 1, "missing"),
        (("title: Drill", "tittle: Drill"), 2, "field"),
        (("sound: none", "icon: bag"), 6, "field"),
        (("property: smoke", "smell: smoke"), 8, "triggers"),
        (("property: smoke", "kind: weather"), 8, "triggers"),
        (("property: smoke\n    severity: moderate", "severity: severe"), 8, "triggers"),
        (("severity: moderate", "severity: awful"), 8, "triggers"),
        (("property: smoke\n    severity: moderate", "smoke"), 8, "triggers"),
        (("[operator]", "[fireman]"), 11, "recipients"),
        (("[operator]", "[operator, operator]"), 11, "recipients"),
        (("[operator]", "operator"), 11, "recipients"),
        (("[operator]", "[platform]"), 11, "recipients"),
        (("playbook: drill\n", ""), 12, "start"),
        (("start: when opened", "start: sometimes"), 13, "start"),
        (("playbook: drill", "playbook: Drill it"), 12, "slug"),
        (("start: when opened", "retention: for ever"), 13, "retention"),
    ],
)
def test_each_fault_is_named_with_its_line(change: tuple[str, str], line: int, rule: str) -> None:
    """One change of a sound type makes a fault that says where to look and what would mend it."""
    assert read_type(read_fields(GOOD))[1] == ()
    assert change[0] in GOOD
    _, faults = read_type(read_fields(GOOD.replace(*change, 1)))
    assert (line, rule) in [(fault.line, fault.rule) for fault in faults]
    assert all(fault.says and fault.remedy for fault in faults)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("- a\n- b\n", 1),
        ("type: x\ntitle: [", 2),
        ("type: &a x\ntitle: *a\n", 1),
        ("a" * 300_000, 1),
        ("type: x\ntriggers:\n  - a: {b: c}\n", 2),
        ("type: !!python/object:os.system x\n", 1),
    ],
)
def test_what_is_no_text_of_ours_is_a_fault_and_never_a_crash(text: str, line: int) -> None:
    """No YAML, aliases that unfold, things in things: each said on its line."""
    _, faults = read_type(read_fields(text))
    assert line in [fault.line for fault in faults]


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_raising(text: str) -> None:
    """Whatever is typed gives a type as far as it goes and faults on lines there are."""
    _, faults = read_type(read_fields(text))
    assert faults
    assert all(1 <= fault.line <= text.count("\n") + 2 for fault in faults)


WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9 ,.]{0,38}[a-z]", fullmatch=True)
TRIGGERS = st.builds(
    Trigger,
    kind=st.sampled_from(["", *Kind]).map(str),
    property=st.just("smoke"),
    severity=st.sampled_from(["", *Severity]).map(str),
)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_a_type_says_it_is_written_and_read_the_same(data: st.DataObject) -> None:
    """Every field, with words as people write them, colons and quotes of YAML's own taken care of."""
    shape = data.draw(st.sampled_from(sorted(SHAPES)))
    type_ = IncidentType(
        slug="some_type",
        title=data.draw(WORDS),
        summary=data.draw(WORDS),
        icon=data.draw(st.sampled_from(ICONS)),
        shape=shape,
        colour=SHAPES[shape],
        sound=data.draw(st.sampled_from(SOUNDS)),
        priority=data.draw(st.sampled_from(PRIORITIES)),
        triggers=data.draw(st.lists(TRIGGERS, max_size=4).map(tuple)),
        recipients=data.draw(st.sampled_from([(), ("operator",), ("operator", "dpo")])),
        playbook="drill",
        start=data.draw(st.sampled_from(STARTS)),
    )
    again, faults = read_type(read_fields(write_fields(values_of(type_))))
    said = replace(type_, title=" ".join(type_.title.split()), summary=" ".join(type_.summary.split()))
    assert (again, faults) == (said, ())


def test_an_alert_of_a_crowd_speaks_for_a_crowd_crush() -> None:
    """The property its headline names is the one sources use; what asks for most decides."""
    assert property_of(CROWD) == "people_density"
    found = suggest([type_ for type_, _ in SHIPPED.values()], CROWD)
    assert found is not None
    assert found.slug == "crowd_crush_risk"


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"severity": Severity.MINOR}, None),
        ({"kind": Kind.FAULT}, "sensor_silent"),
        ({"kind": Kind.SILENCE}, "sensor_silent"),
        ({"kind": Kind.PLATFORM}, "tool_failure"),
        ({"tools": (ToolId("firearm"),), "headline": Phrase(template="x")}, "firearm_seen"),
        ({"tools": (ToolId("social_media"),), "headline": Phrase(template="x")}, "threat_post"),
        ({"headline": Phrase(template="x", values={"property": "Airborne bacteria"})}, "abnormal_air_load"),
        ({"headline": Phrase(template="x", values={"property": "Failed logins"})}, "camera_network_intrusion"),
        ({"headline": Phrase(template="x", values={"property": "Tram delay"})}, "traffic_standstill"),
        ({"headline": Phrase(template="x", values={"property": "Moon phase"})}, None),
    ],
)
def test_each_alert_speaks_for_its_type_or_for_none(changes: dict[str, object], slug: str | None) -> None:
    """Hand-made alerts, one of each sort; what nothing asks for suggests nothing."""
    found = suggest([type_ for type_, _ in SHIPPED.values()], replace(CROWD, **changes))  # type: ignore[arg-type]  # a test names the field it means
    assert (found.slug if found else None) == slug


def test_of_two_that_fit_the_one_that_asks_for_more_is_suggested() -> None:
    """Then the higher priority, then the alphabet: the same alert always suggests the same."""

    def one(slug: str, priority: str, trigger: Trigger) -> IncidentType:
        return IncidentType(slug=slug, title=slug, priority=priority, triggers=(trigger,))

    broad = one("broad", "high", Trigger(kind="anomaly"))
    narrow = one("narrow", "low", Trigger(kind="anomaly", property="people_density"))
    twin = one("also", "low", Trigger(kind="anomaly", property="people_density"))
    assert suggest([broad, narrow], CROWD) == narrow
    assert suggest([narrow, twin], CROWD) == twin
    assert suggest([], CROWD) is None
