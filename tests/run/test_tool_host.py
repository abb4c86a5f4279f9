"""The host of a sensing tool, over the real bus on a disk and the real store in memory."""
# ruff: noqa: ARG002, ARG003 - the trial tool has the signatures of the contract

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest

from impetus.adapters.arrow import ArrowColumns
from impetus.adapters.envelope import JsonCodec
from impetus.adapters.local_bus import LocalBus
from impetus.core.errors import Misconfigured, NotNow, OurFault, Unknown
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding, Kind
from impetus.core.ids import DatastreamId, DatastreamKey, FindingKey, SourceId, ThingKey, ToolId
from impetus.core.manifest import read_manifest
from impetus.core.observation import Batch, Catalogue, Datastream, Source, batch_of, to_us
from impetus.core.text import Phrase
from impetus.core.tool import SensingTool, Setting
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.run.heartbeat import Heart
from impetus.run.tool_host import MAX_ROWS, Host
from impetus.run.tools import InstalledTool, find_tool, installed, read_tool
from impetus.settings import Settings
from impetus.testing.clock import SettableClock
from impetus.testing.desk import memory_desk
from impetus.testing.journal import MemoryJournal
from impetus.testing.register import MemoryConfiguration, clear
from impetus.testing.signatures import SeededSignatures
from impetus.testing.stops import MemoryStops
from impetus.testing.store import memory_store

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MANIFEST = """
[tool]
id = "trial"
name = "Trial"
summary = "Says every reading above ten."
version = "1"
[senses]
input = "observations"
properties = ["noise"]
[emits]
kinds = ["anomaly"]
[ethics]
purposes = ["public_safety"]
personal_data = []
retention = "observations"
legal_class = "none"
[limits]
findings_per_min = 5
"""


class Trial:
    """Says every reading above ten; obeys orders hidden in the reading, to misbehave on request."""

    def __init__(self) -> None:
        self.seen: list[float] = []
        self.learnt = 0

    @classmethod
    def create(cls, settings: Mapping[str, Setting], catalogue: Catalogue) -> Self:
        """Build one."""
        return cls()

    def learn(self, catalogue: Catalogue) -> None:
        """Count catalogues."""
        self.learnt += 1

    def observe(self, batch: Batch, *, at: datetime) -> Sequence[Finding]:
        """Say what is above ten; 666 raises, 13 changes its input, 99 is of an undeclared kind."""
        self.seen += batch.result.tolist()
        if 666.0 in batch.result:
            raise RuntimeError("poison")
        if 13.0 in batch.result:
            batch.result[:] = 0
        return [_finding(time, value) for time, value in zip(batch.time_us, batch.result, strict=True) if value > 10]

    def tick(self, *, at: datetime) -> Sequence[Finding]:
        """Say nothing."""
        return ()

    def explain(self, finding: Finding) -> Evidence:
        """Explain all but fifty."""
        if finding.score == 0.5:
            raise RuntimeError("no words")
        return Evidence(finding=finding.key, summary=Phrase(template="loud"))


def _finding(time_us: int, value: float) -> Finding:
    return Finding(
        key=FindingKey(f"trial:{time_us}"),
        tool=ToolId("trial"),
        kind=Kind.FAULT if value == 99 else Kind.ANOMALY,
        subject="thing:square/n1",
        headline=Phrase(template="loud"),
        why=Phrase(template="above ten"),
        began=AT,
        noticed=AT,
        score=min(value / 100, 1.0),
    )


class TrialTool(InstalledTool):
    """The trial tool as if installed."""

    __slots__ = ()

    def factory(self) -> type[SensingTool]:
        """Return it."""
        return Trial


USED = {"store", "bus", "clock", "columns", "codec", "journal", "stops", "configuration", "signatures"}
UNUSED = [item.name for item in fields(Desk) if item.name not in USED]
"""What a host must not touch."""


class Stage:
    """A home with a bus, a store with two datastreams, and hosts on request."""

    def __init__(self, home: Path) -> None:
        self.clock = SettableClock(AT)
        self.bus = LocalBus(home / "bus", clock=self.clock, limit_bytes=16 * 2**20)
        self.store = memory_store()
        self.settings = Settings(home=home)
        self.count = 0
        self.declare("noise", "people")
        nothing = object()
        self.desk = Desk(
            store=self.store, bus=self.bus, clock=self.clock, columns=ArrowColumns(), codec=JsonCodec(),
            journal=MemoryJournal(), stops=MemoryStops(),
            configuration=MemoryConfiguration(), signatures=SeededSignatures(),
            **dict.fromkeys(UNUSED, nothing),
        )  # fmt: skip

    def declare(self, *properties: str) -> None:
        """Declare one datastream a property."""
        source = Source(id=SourceId("square"), name="Square", kind="http")
        with self.store.write() as unit:
            unit.sources.declare(source, [_datastream(name) for name in properties])

    def id_of(self, name: str) -> int:
        """Return a datastream's id."""
        with self.store.read() as unit:
            return unit.sources.catalogue().by_key()[DatastreamKey(f"square/n1/{name}")].id

    def send(self, *values: float, name: str = "noise") -> None:
        """Put one message of readings, a second apart, on the bus."""
        times = [to_us(AT) + (self.count + step) * 1_000_000 for step in range(len(values))]
        self.count += len(values)
        batch = batch_of([self.id_of(name)] * len(values), times, values)
        self.bus.publish(OBSERVATIONS, [ArrowColumns().encode(batch)])

    def host(self, *, manifest: str = MANIFEST) -> Host:
        """Start a host."""
        tool = TrialTool(
            id=ToolId("trial"), package="trial", manifest=read_manifest(manifest), manifest_hash=str(hash(manifest))
        )
        clear(replace(memory_desk(AT), store=self.store, configuration=self.desk.configuration), tool)
        return Host(self.desk, tool, self.settings, Heart())

    def told(self) -> list[tuple[Finding, Evidence]]:
        """Return what is on the bus for fusion."""
        return [JsonCodec().decode_finding(message.body) for message in self.bus.read(FINDINGS, 0)]


def _datastream(name: str) -> Datastream:
    return Datastream(
        id=DatastreamId(0),
        key=DatastreamKey(f"square/n1/{name}"),
        source=SourceId("square"),
        thing=ThingKey("square/n1"),
        thing_name="N1",
        simulated=True,
        observed_property=name,
        unit="dB",
    )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a fresh stage."""
    return Stage(tmp_path)


def test_readings_become_findings_with_their_evidence(stage: Stage) -> None:
    """What the tool says is on the bus with its explanation after one turn."""
    host = stage.host()
    stage.send(5, 12)
    host.turn()
    [(finding, evidence)] = stage.told()
    assert finding.score == 0.12
    assert evidence.summary.say() == "loud"


def test_only_properties_of_the_manifest_reach_the_tool(stage: Stage) -> None:
    """A property the manifest does not name is kept from the tool."""
    host = stage.host()
    stage.send(12, name="people")
    stage.send(1)
    host.turn()
    assert host.tool.seen == [1.0]


def test_a_killed_host_resumes_from_its_snapshot_and_says_nothing_twice(stage: Stage) -> None:
    """After a kill the messages since the snapshot are read again and give the same keys."""
    first = stage.host()
    stage.send(12)
    first.turn()
    first.save()
    stage.send(13.5)
    first.turn()
    second = stage.host()
    second.turn()
    assert second.tool.seen == [12.0, 13.5]
    keys = [finding.key for finding, _ in stage.told()]
    assert len(keys) == 3
    assert len(set(keys)) == 2


def test_a_snapshot_that_cannot_be_read_is_set_aside(stage: Stage) -> None:
    """A damaged snapshot costs the learning, not the service, and is kept for a look."""
    host = stage.host()
    stage.send(12)
    host.turn()
    host.save()
    file = host.directory / "snapshot"
    file.write_bytes(file.read_bytes()[:-5])
    fresh = stage.host()
    assert "set aside" in fresh.tally.note()
    assert (host.directory / "snapshot.set-aside").exists()
    stage.send(14)
    fresh.turn()
    assert fresh.tool.seen == [14.0]


def test_a_snapshot_of_another_manifest_is_set_aside(stage: Stage) -> None:
    """A tool that changed does not inherit a state it may not understand."""
    host = stage.host()
    host.save()
    other = stage.host(manifest=MANIFEST.replace('version = "1"', 'version = "2"'))
    assert "version is '1', not '2'" in other.tally.note()


def test_an_undeclared_kind_never_reaches_the_bus(stage: Stage) -> None:
    """A finding the manifest does not allow is counted instead of published."""
    host = stage.host()
    stage.send(99)
    host.turn()
    assert stage.told() == []
    assert host.tally.note() == "1 findings against the manifest"


def test_findings_over_the_limit_are_counted(stage: Stage) -> None:
    """Five a minute are let through, the sixth is counted, and a minute later they may speak again."""
    host = stage.host()
    stage.send(*[20.0 + step for step in range(6)])
    host.turn()
    assert len(stage.told()) == 5
    assert host.tally.limited == 1
    stage.clock.advance(61)
    stage.send(20)
    host.turn()
    assert len(stage.told()) == 6


def test_a_finding_whose_explanation_fails_is_still_published(stage: Stage) -> None:
    """The operator is told, and told that the tool could not say why."""
    host = stage.host()
    stage.send(50)
    host.turn()
    [(_, evidence)] = stage.told()
    assert evidence.summary.say().startswith("explanation failed: RuntimeError")
    assert host.tally.unexplained == 1


@pytest.mark.parametrize("poison", [666.0, 13.0])
def test_a_batch_on_which_a_tool_raises_is_not_given_to_it_again(stage: Stage, poison: float) -> None:
    """Raising, or writing into read-only columns, ends the process; its successor goes on behind the batch."""
    host = stage.host()
    stage.send(1)
    host.turn()
    host.save()
    stage.send(poison)
    with pytest.raises(OurFault, match="raised on 1 readings"):
        host.turn()
    successor = stage.host()
    stage.send(2)
    successor.turn()
    assert successor.tool.seen == [1.0, 2.0]
    assert successor.tally.dropped == 1


def test_an_unreadable_message_costs_only_itself(stage: Stage) -> None:
    """Bytes that are no columns are counted, and the next message is read."""
    host = stage.host()
    stage.bus.publish(OBSERVATIONS, [b"nonsense"])
    stage.send(12)
    host.turn()
    assert len(stage.told()) == 1
    assert host.tally.unreadable == 1


def test_a_new_datastream_is_learnt_before_its_readings_are_seen(stage: Stage) -> None:
    """When the catalogue's version rises the tool learns it, and readings of the new datastream pass."""
    host = stage.host()
    before = host.tool.learnt
    stage.declare("noise", "people", "wind")
    stage.send(12)
    host.turn()
    assert host.tool.learnt == before + 1
    assert len(host.wanted) == host.catalogue.highest_id() + 1


class FullBus:
    """The real bus, whose disk is full for findings the first times."""

    def __init__(self, bus: LocalBus, times: int) -> None:
        self.bus, self.times = bus, times

    def publish(self, topic: str, bodies: Sequence[bytes]) -> int:
        """Refuse findings a few times."""
        if topic == FINDINGS and self.times:
            self.times -= 1
            raise NotNow("the disk is full", retry_after_s=0.01)
        return self.bus.publish(topic, bodies)

    def __getattr__(self, name: str) -> object:
        return getattr(self.bus, name)


def test_findings_wait_while_the_bus_is_full(stage: Stage) -> None:
    """A full disk delays a finding; it does not lose it."""
    host = stage.host()
    host.desk = host.guard.desk = _with_bus(stage.desk, FullBus(stage.bus, 2))
    stage.send(12)
    host.turn()
    assert len(stage.told()) == 1
    assert host.tally.note() == ""


def test_no_snapshot_is_written_while_findings_wait(stage: Stage) -> None:
    """A host told to stop in front of a full disk leaves the old snapshot, so that the finding is made again."""
    host = stage.host()
    host.desk = host.guard.desk = _with_bus(stage.desk, FullBus(stage.bus, 10**9))
    stage.send(12)
    host.heart.stopping.set()
    host.turn()
    host.save()
    assert not (host.directory / "snapshot").exists()
    again = stage.host()
    again.turn()
    assert len(stage.told()) == 1


def _with_bus(desk: Desk, bus: FullBus) -> Desk:
    return replace(desk, bus=bus)


def test_what_the_bus_dropped_before_it_was_read_is_counted(stage: Stage, tmp_path: Path) -> None:
    """A host that lagged past the bound goes on after the gap and says how much it missed."""
    small = LocalBus(tmp_path / "small", clock=stage.clock, limit_bytes=64 * 1024)
    stage.bus, stage.desk = small, _with_bus(stage.desk, small)
    host = stage.host()
    for _ in range(200):
        stage.send(*range(9))
    host.turn()
    assert host.tally.dropped > 0
    assert "messages lost" in host.tally.note()
    assert host.tool.seen


def test_a_host_ahead_of_a_bus_that_was_lost_goes_back_to_its_beginning(stage: Stage, tmp_path: Path) -> None:
    """When the bus was replaced by an empty one, the host reads what comes instead of waiting for its old position."""
    host = stage.host()
    stage.send(1, 2)
    host.turn()
    stage.bus = LocalBus(tmp_path / "new", clock=stage.clock, limit_bytes=16 * 2**20)
    host.desk = stage.desk = _with_bus(stage.desk, stage.bus)
    host.turn()
    stage.send(3)
    host.turn()
    assert host.tool.seen == [1.0, 2.0, 3.0]


def test_a_large_message_reaches_the_tool_in_slices(stage: Stage) -> None:
    """However large a message is, the tool is handed few enough readings to stop soon, and all of them."""
    host = stage.host()
    sizes: list[int] = []
    observe = host.tool.observe
    host.tool.observe = lambda batch, at: (sizes.append(len(batch)), observe(batch, at=at))[1]
    stage.send(*[1.0] * (MAX_ROWS + 7))
    host.turn()
    assert sizes == [MAX_ROWS, 7]


def test_a_message_half_taken_in_at_the_end_is_taken_in_again(stage: Stage) -> None:
    """A host stopped within a message leaves no snapshot that would count its first half twice."""
    host = stage.host()
    observe = host.tool.observe
    host.tool.observe = lambda batch, at: (host.heart.stopping.set(), observe(batch, at=at))[1]
    stage.send(*[1.0] * (MAX_ROWS + 7))
    host.turn()
    host.save()
    assert not (host.directory / "snapshot").exists()
    successor = stage.host()
    successor.turn()
    assert len(successor.tool.seen) == MAX_ROWS + 7


def test_running_stops_when_asked_and_leaves_a_snapshot(stage: Stage) -> None:
    """A host whose heart is told to stop returns at once and has written where it stood."""
    host = stage.host()
    host.heart.stopping.set()
    host.run()
    head = json.loads((host.directory / "snapshot").read_bytes().partition(b"\n")[0])
    assert head["tool"] == "trial"


def test_built_in_tools_are_found_by_entry_points() -> None:
    """The built-in detector is found as any third party's would be."""
    assert installed()[ToolId("urban_anomaly")].manifest is not None
    assert find_tool("urban_anomaly").factory().__name__ == "Tool"


def test_a_broken_tool_is_an_entry_with_its_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without a manifest is reported and cannot be made; nothing else suffers."""
    (tmp_path / "broken_tool_package").mkdir()
    (tmp_path / "broken_tool_package" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    broken = read_tool("broken", "broken_tool_package")
    assert "manifest.toml" in broken.fault
    with pytest.raises(Misconfigured, match="broken"):
        broken.factory()
    assert read_tool("absent", "no_such_package_at_all").fault


def test_an_unknown_tool_is_named_with_those_there_are() -> None:
    """Asking for a tool that is not installed says which are."""
    with pytest.raises(Unknown) as raised:
        find_tool("sorcery")
    assert "urban_anomaly" in str(raised.value.limit)
