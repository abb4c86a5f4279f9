"""What a host of a tool does by the clock: ticks, beats and snapshots, each when it is time and not before."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from impetus.core.finding import Finding
from impetus.core.observation import Batch, batch_of, to_us
from impetus.run.snapshot import FILE
from impetus.run.tool_host import SNAPSHOT_S, Host
from run.test_tool_host import AT, Stage


@dataclass
class ListeningHeart:
    """A heart whose beats a test can read."""

    stopping: threading.Event = field(default_factory=threading.Event)
    beats: list[dict[str, object]] = field(default_factory=list)

    def beat(self, **said: object) -> None:
        """Keep what was said."""
        self.beats.append(said)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a fresh stage."""
    return Stage(tmp_path)


def listened(stage: Stage) -> tuple[Host, ListeningHeart]:
    """Return a host and its heart."""
    host, heart = stage.host(), ListeningHeart()
    host.heart = heart  # type: ignore[assignment]  # it beats like one
    return host, heart


def test_a_beat_says_how_many_readings_a_second(stage: Stage) -> None:
    """Ten readings in two seconds are five a second; the count begins anew with each beat."""
    host, heart = listened(stage)
    stage.send(*[1.0] * 10)
    stage.clock.advance(2)
    host.turn()
    stage.clock.advance(2)
    host.turn()
    assert [beat["rate_per_s"] for beat in heart.beats] == [5.0, 0.0]


def test_no_beat_comes_before_its_second(stage: Stage) -> None:
    """A turn may be short; the board is told once a second."""
    host, heart = listened(stage)
    for _ in range(5):
        stage.clock.advance(0.3)
        host.turn()
    assert len(heart.beats) == 1


def test_a_beat_says_how_far_behind_the_tool_is(stage: Stage) -> None:
    """Messages on the bus that were not yet read."""
    host, heart = listened(stage)
    for _ in range(3):
        stage.send(1.0)
    host.beat()
    host.turn()
    host.beat()
    assert [beat["lag"] for beat in heart.beats] == [3, 0]


def test_a_beat_says_what_was_lost_and_why(stage: Stage) -> None:
    """A message that cannot be read and a kind that was not declared: two things lost, in words."""
    host, heart = listened(stage)
    stage.bus.publish("observations", [b"nonsense"])
    stage.send(99.0)
    host.turn()
    host.beat()
    assert heart.beats[-1]["dropped"] == 2
    assert heart.beats[-1]["note"] == "1 messages unreadable; 1 findings against the manifest"


def test_a_tool_is_told_that_time_passes(stage: Stage) -> None:
    """Once a second, with the time of the wall clock, whether readings come or not."""
    host, _ = listened(stage)
    told: list[datetime] = []

    def tick(*, at: datetime) -> Sequence[Finding]:
        told.append(at)
        return ()

    host.tool.tick = tick  # type: ignore[method-assign]  # the trial tool of this test
    for _ in range(4):
        stage.clock.advance(0.5)
        host.turn()
    assert [(at - AT).total_seconds() for at in told] == [1.0, 2.0]


def test_what_a_tick_says_is_published(stage: Stage) -> None:
    """Silence can be a finding too."""
    host, _ = listened(stage)
    loud = host.tool.observe
    host.tool.tick = lambda *, at: loud(one_loud(), at=at)  # type: ignore[method-assign]  # as above
    stage.clock.advance(1)
    host.turn()
    assert len(stage.told()) == 1


def one_loud() -> Batch:
    """Return one reading on which the trial tool says something."""
    return batch_of([1], [to_us(AT)], [50.5])


def test_a_snapshot_is_written_every_ten_seconds(stage: Stage) -> None:
    """Not at each turn: it costs a disk, and ten seconds of readings are soon read again."""
    host, _ = listened(stage)
    stage.send(1.0)
    host.turn()
    assert not (host.directory / FILE).exists()
    stage.clock.advance(SNAPSHOT_S)
    host.turn()
    assert (host.directory / FILE).exists()


def test_a_resumed_host_still_knows_what_was_lost(stage: Stage) -> None:
    """The count of lost messages is part of the snapshot: a restart does not wipe the slate."""
    host, _ = listened(stage)
    host.tally.dropped = 4
    host.save()
    assert stage.host().tally.note() == "4 messages lost"


def test_a_resumed_tool_learns_what_was_declared_meanwhile(stage: Stage) -> None:
    """Its snapshot is of an older catalogue: it is told the new one before it hears anything."""
    host, _ = listened(stage)
    host.save()
    stage.declare("noise", "people", "wind")
    resumed = stage.host()
    assert resumed.tool.learnt == host.tool.learnt + 1  # type: ignore[attr-defined]  # the trial tool counts
    assert resumed.stamp.catalogue_version == resumed.catalogue.version


def test_a_resumed_tool_is_not_told_what_it_knows(stage: Stage) -> None:
    """The same catalogue again is no news."""
    host, _ = listened(stage)
    host.save()
    assert stage.host().tool.learnt == host.tool.learnt  # type: ignore[attr-defined]  # as above


def test_a_new_tool_hears_everything_that_is_still_on_the_bus(stage: Stage) -> None:
    """What was sent before it was installed is there to learn from."""
    stage.send(1.0, 2.0)
    host, _ = listened(stage)
    host.turn()
    assert host.tool.seen == [1.0, 2.0]  # type: ignore[attr-defined]  # the trial tool keeps what it saw
