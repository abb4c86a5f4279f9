"""What the platform says to others is documented: changes with their facts, events of the stream, topics, the envelope."""

import ast
from collections.abc import Iterator

import orjson
import pytest

from desk.samples import CROWD
from impetus.adapters import envelope
from impetus.adapters.envelope import encode_finding
from impetus.core.evidence import Evidence
from impetus.desk import context, follow
from impetus.web import sse
from laws.tree import ROOT, SRC, modules

PAGE = (ROOT / "docs/reference/events.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """Return the rows of the table under a heading, by what their first cell names."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}


CHANGES, STREAM, TOPICS = rows("Changes"), rows("Events of the stream that are no changes"), rows("Topics of the bus")
ENVELOPE = rows("A finding")


PLANTING = SRC / "run" / "planting.py"
"""Plants marks in a scratch copy to prove erasure; what it writes nobody reads."""


def announcements() -> Iterator[tuple[str, set[str]]]:
    """Yield kind and facts of every change our code writes to the outbox; benchmarks are not the product."""
    for module in modules(SRC):
        if module.path.relative_to(SRC).parts[0] == "bench" or module.path == PLANTING:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "unit.outbox.add":
                kind, facts = node.args[1], node.args[3]
                assert isinstance(kind, ast.Constant), module.name
                assert isinstance(facts, ast.Dict), module.name
                yield str(kind.value), {str(key.value) for key in facts.keys if isinstance(key, ast.Constant)}


KINDS = dict(announcements())


def stream_events() -> set[str]:
    """Return the names of events the stream makes up by itself."""
    tree = ast.parse((SRC / "web/sse.py").read_text(encoding="utf-8"))
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "event" and isinstance(node.args[0], ast.Constant)
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_change_is_documented_with_its_facts(kind: str) -> None:
    """A client's author knows what comes without reading our code."""
    row = CHANGES[kind]
    assert sorted(fact for fact in KINDS[kind] if f"`{fact}`" not in row) == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_change_says_who_may_hear_it(kind: str) -> None:
    """The operation of the guard, or nobody."""
    row = CHANGES[kind]
    operation = follow.TOLD_TO.get(kind)
    assert (f"who carries `{operation}`" if operation else "nobody") in row


def test_every_kind_that_is_told_is_announced_somewhere() -> None:
    """A right to hear what nobody says would be a promise broken."""
    assert set(follow.TOLD_TO) <= set(KINDS)


def test_every_event_of_the_stream_is_documented() -> None:
    """Heartbeat, gap and the end of a session."""
    names = stream_events()
    assert names == {"time", "gap", "signed_out"}
    assert set(STREAM) == names


@pytest.mark.parametrize("reason", ["too_old", "too_slow"])
def test_every_reason_of_a_gap_is_documented(reason: str) -> None:
    """And is one that the stream gives."""
    assert f"`{reason}`" in STREAM["gap"]
    assert f'"{reason}"' in (SRC / "web/sse.py").read_text(encoding="utf-8")


def test_a_gap_carries_what_the_page_says() -> None:
    """Reason, where the client was, and where to go on."""
    head, body = sse._gap("too_old", after=3, newest=9).split(b"\nevent: gap\ndata: ")
    facts = orjson.loads(body)
    assert head == b"id: 9"
    assert facts == {"reason": "too_old", "after": 3, "newest": 9}
    assert all(f"`{name}`" in STREAM["gap"] for name in facts)


@pytest.mark.parametrize("topic", [context.OBSERVATIONS, context.FINDINGS])
def test_every_topic_of_the_bus_is_documented(topic: str) -> None:
    """Who writes, who reads, and what a message is."""
    assert len([cell for cell in TOPICS[topic].split("|") if cell.strip()]) == 4


def test_no_other_topic_is_written_to() -> None:
    """Every publish names one of the two constants, so that the page cannot fall behind."""
    topics = {
        ast.unparse(node.args[0])
        for module in modules(SRC)
        if module.path.relative_to(SRC).parts[0] in {"desk", "run", "web", "tools"} and module.path != PLANTING
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("bus.publish")
    }
    assert topics == {"OBSERVATIONS", "FINDINGS"}


def test_the_envelope_on_the_bus_is_the_envelope_on_the_page() -> None:
    """Attribute for attribute, with the values that are the same for every finding."""
    event = orjson.loads(encode_finding(CROWD, Evidence(finding=CROWD.key, summary=CROWD.why)))
    assert set(event) == set(ENVELOPE)
    for name in ("specversion", "type", "datacontenttype"):
        assert f"`{event[name]}`" in ENVELOPE[name]
    assert f"`{envelope.SOURCE_PREFIX}`" in ENVELOPE["source"]
